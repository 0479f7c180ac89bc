"""The table of how many cases of each area came out, printed after a run of the scenarios."""

from collections import Counter
from collections.abc import Iterator

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add the table of passed cases by area."""
    counts = {
        outcome: Counter(_areas(terminalreporter, outcome))
        for outcome in ("passed", "failed", "skipped")
    }
    areas = sorted(set().union(*counts.values()))
    if not areas:
        return
    terminalreporter.section("scenarios by area")
    for area in areas:
        passed, failed, skipped = (counts[each][area] for each in ("passed", "failed", "skipped"))
        terminalreporter.write_line(
            f"{area:<22}{passed:>4} of {passed + failed + skipped} passed"
            + (f", {failed} failed" if failed else "")
            + (f", {skipped} not built yet" if skipped else "")
        )


def _areas(reporter: pytest.TerminalReporter, outcome: str) -> Iterator[str]:
    for report in reporter.stats.get(outcome, ()):
        yield from (str(name) for key, name in report.user_properties if key == "area")
