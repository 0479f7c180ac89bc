"""What a stretch of time means for an argument: a day, a month, a year, or where both ends are."""

from datetime import date
from typing import Any

from agents.interpreter.times import TimeSpan
from core.reporting.query import AsOf, Compare, Period, resolve

# What begins with a day, and the argument that says where it ends.
ENDS = {"starts_on": "ends_on", "since": "until"}
# What is known by its year: "the budget 2027", "next year's budget".
YEARS = frozenset({"fiscal_year", "budget"})
YEAR_NUMBERS = range(1990, 2101)
LAST_MONTH = 11
# Days that lie ahead; every other day that an action names has been.
AHEAD = frozenset(
    {"held_on", "expected_on", "promised_on", "due_on", "valid_from", "needed_on", "starts_on",
     "ends_on", "reverse_on", "due_by", "held_until", "pay_on", "valid_until", "answer_by",
     "confirmed_on", "requested_on", "expires_on", "close_on", "remind_on", "left_on"}
)  # fmt: skip


def edge_for(slot: str, time: TimeSpan, today: date) -> date | None:
    """Return the day that a longer stretch means for an argument: where it starts, or ends."""
    if slot in {"valid_from", "since", "starts_on"}:
        return resolve((slot in AHEAD and time.ahead) or time.period, today).start
    if slot in {"until", "as_of", "ends_on", "through", "due_by", "held_until"}:
        span = resolve((slot in AHEAD and time.ahead) or time.period, today)
        return span.full_end or span.end
    if slot == "posted_on":
        # "The rent for March" is posted when March is over, or else today.
        span = resolve(time.period, today)
        last = span.full_end or span.end
        return min(last, today) if last is not None else None
    return None


def period_name(time: TimeSpan, today: date) -> str | None:
    """Return the fiscal period that a stretch of time is, where it is one month."""
    span = resolve(time.period, today).whole
    if isinstance(time.period, AsOf) or span.start is None or span.end is None:
        return None
    same = (span.start.year, span.start.month) == (span.end.year, span.end.month)
    return (
        f"{span.start:%Y-%m}" if same and span.start.day == 1 and span.end != span.start else None
    )


def year_name(time: TimeSpan, today: date) -> str | None:
    """Return the year in which a stretch of twelve months begins."""
    span = resolve(time.period, today).whole
    if isinstance(time.period, AsOf) or span.start is None or span.end is None:
        return None
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    return str(span.start.year) if span.start.day == 1 and months == LAST_MONTH else None


def written_of(part: Period | Compare) -> dict[str, Any]:
    """Return a period or a comparison as plain values."""
    written: dict[str, Any] = part.model_dump(mode="json", exclude_defaults=True)
    if not isinstance(part, Compare):
        written["kind"] = part.kind
    elif part.period is not None:
        written["period"] = written_of(part.period)
    return written
