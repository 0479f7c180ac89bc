"""Calendar arithmetic of reports: buckets, shifted spans, and how a period becomes two dates.

Weeks start on Monday and belong to their Monday. The fiscal year is the calendar year, so a
fiscal month, quarter or year is the calendar's.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from core.kernel.months import add_months as months_on
from core.kernel.months import month_end

Grain = Literal[
    "day", "week", "month", "quarter", "half", "year",
    "fiscal_month", "fiscal_quarter", "fiscal_year",
]  # fmt: skip

MONTHS_OF: dict[Grain, int] = {
    "month": 1,
    "quarter": 3,
    "half": 6,
    "year": 12,
    "fiscal_month": 1,
    "fiscal_quarter": 3,
    "fiscal_year": 12,
}
DAYS_OF: dict[Grain, int] = {"day": 1, "week": 7}

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included; None is open on that side.

    `cut` says that the end is a day at which the period asked for is not over yet.
    """

    start: date | None = None
    end: date | None = None
    cut: bool = False
    # The last day of the period as it was asked for, where `cut` shortened it.
    full_end: date | None = None

    @property
    def whole(self) -> "Span":
        """The span as it was asked for, as if today were behind it."""
        return Span(self.start, self.full_end if self.cut else self.end)


def add_months(day: date, months: int) -> date:
    """Return the same day some months on, kept within the years that reports know."""
    year = (day.year * 12 + day.month - 1 + months) // 12
    if not EARLIEST.year <= year <= LATEST.year:
        return EARLIEST if year < EARLIEST.year else LATEST
    return months_on(day, months)


def add_days(day: date, days: int) -> date:
    """Return the day some days on, kept within the years that reports know."""
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, EARLIEST.toordinal()), LATEST.toordinal()))


def is_month_end(day: date) -> bool:
    """Tell whether a day is the last of its month."""
    return (day + timedelta(days=1)).day == 1


def bucket_start(day: date, grain: Grain) -> date:
    """Return the first day of the bucket that a day lies in."""
    if grain == "day":
        return day
    if grain == "week":
        return add_days(day, -day.weekday())
    months = MONTHS_OF[grain]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_bucket(start: date, grain: Grain, count: int = 1) -> date:
    """Return the first day of the bucket `count` further on."""
    if grain in DAYS_OF:
        return add_days(start, DAYS_OF[grain] * count)
    return add_months(start, MONTHS_OF[grain] * count)


def bucket_end(start: date, grain: Grain) -> date:
    """Return the last day of the bucket that begins on `start`."""
    return add_days(next_bucket(start, grain), -1)


def buckets(span: Span, grain: Grain, limit: int) -> list[date]:
    """Return the first days of the buckets of a bounded span; at most one more than `limit`."""
    assert span.start is not None, "a spine has a beginning"
    assert span.end is not None, "a spine has an end"
    found: list[date] = []
    start = bucket_start(span.start, grain)
    while start <= span.end and len(found) <= limit:
        found.append(start)
        start = next_bucket(start, grain)
    return found


def is_weeks(span: Span) -> bool:
    """Tell whether a span is whole weeks, as it was asked for."""
    whole = span.whole
    if whole.start is None or whole.end is None or whole.start.weekday():
        return False
    months = whole.start.day == 1 and is_month_end(whole.end)
    return not months and ((whole.end - whole.start).days + 1) % 7 == 0


def shift_years(span: Span, years: int) -> Span:
    """Move a span by years; a month's end stays a month's end, also in February.

    Whole weeks move by 52 weeks a year, so that Monday is compared with Monday.
    """
    if is_weeks(span) and span.start and span.end:
        days = DAYS_OF["week"] * 52 * years
        return replace(span, start=add_days(span.start, days), end=add_days(span.end, days))
    start = span.start and add_months(span.start, 12 * years)
    return replace(span, start=start, end=span.end and _shifted_end(span.end, 12 * years))


def shift_back(span: Span) -> Span:
    """Return the span of the same length right before a bounded one.

    Whole months, quarters and years move by months (the month before March is February), also
    when they are cut at today; whatever else moves by its number of days.
    """
    assert span.start is not None, "only a bounded span has one before it"
    assert span.end is not None, "only a bounded span has one before it"
    whole_end = span.whole.end or span.end
    if span.start.day == 1 and is_month_end(whole_end):
        months = (whole_end.year - span.start.year) * 12 + whole_end.month - span.start.month + 1
        end = _shifted_end(span.end, -months) if not span.cut else add_months(span.end, -months)
        return Span(add_months(span.start, -months), end)
    days = (whole_end - span.start).days + 1
    return Span(add_days(span.start, -days), add_days(span.end, -days))


def _shifted_end(end: date, months: int) -> date:
    moved = add_months(end, months)
    if is_month_end(end):
        return month_end(moved)
    return moved
