"""What the second reader answers about a message, and what the first one made of it, alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.reporting.query import ReportQuery

# What is chosen among: exactly one answer each. "target" is a metric, a tool, or a kind below.
CHOICES = ("kind", "target", "grain", "compare", "direction", "negation", "several")
KINDS = ("report", "list", "define", "why", "forecast", "action")
NONE = "none"


@dataclass(frozen=True)
class Label:
    """What a message asks for, as far as the second reader can tell it."""

    kind: str
    target: str
    by: frozenset[str] = frozenset()
    grain: str = NONE
    compare: str = NONE
    direction: str = NONE
    negation: str = NONE
    several: str = NONE

    def choice(self, name: str) -> str:
        """Return what it says about one thing."""
        return str(getattr(self, name))


def label_of(
    calls: tuple[Mapping[str, Any], ...], *, answer: str, define: str, lists: str, explain: str
) -> Label:
    """Say of calls what the second reader would say of them."""
    first = calls[0]
    tool = str(first["tool"])
    if tool == answer:
        return of_query(ReportQuery.model_validate(first["arguments"]["query"]))
    if tool == define:
        return Label("define", str(first["arguments"]["term"]))
    if tool == lists:
        return Label("list", str(first["arguments"]["query"].get("records", NONE)))
    if tool == explain:
        return Label("why", NONE)
    return Label("action", tool)


def of_query(query: ReportQuery) -> Label:
    """Say of a question about figures what the second reader would say of it."""
    return Label(
        "report",
        query.metrics[0],
        frozenset(query.dimensions),
        (query.grain or NONE).removeprefix("fiscal_"),
        "some" if query.compare is not None else NONE,
        query.order[0].dir if query.order else NONE,
        "some" if any(one.op == "not_in" for one in query.filters) else NONE,
        "some" if len(query.metrics) > 1 else NONE,
    )
