"""The stretches of time that a question looks at: its own, and the one it is compared with."""

from dataclasses import dataclass
from datetime import date

from core.reporting.periods import (
    DAYS_OF,
    Grain,
    Span,
    add_days,
    add_months,
    bucket_end,
    bucket_start,
    buckets,
    is_weeks,
    next_bucket,
)
from core.reporting.query import Compare, ReportQuery, resolve, resolve_comparison

BUCKETS_MAX = 1_000
# How many buckets a level is shown at when nobody said how far back.
LOOKED_BACK: dict[Grain, int] = {
    "day": 30,
    "week": 13,
    "month": 12,
    "quarter": 8,
    "half": 6,
    "year": 5,
    "fiscal_month": 12,
    "fiscal_quarter": 8,
    "fiscal_year": 5,
}


@dataclass(frozen=True)
class Bucket:
    """A bucket of time: under which day it is shown, where it begins, and its last day counted."""

    shown: date
    start: date
    as_of: date


@dataclass(frozen=True)
class Window:
    """A span, the day at whose end levels are looked at, and its buckets where they are known."""

    span: Span
    as_of: date
    buckets: tuple[Bucket, ...] | None = None


def windows_of(
    query: ReportQuery, today: date, *, levels: bool, ahead: bool
) -> tuple[Window, Window | None]:
    """Return the window of a question, and the one it is compared with.

    `levels` says that levels are asked for: at a grain they are looked at as far back as is
    usual, unless the question says how far. `ahead` counts days after today as well.
    """
    span = resolve(query.period, today, ahead=ahead)
    if query.grain is not None and levels and span.start is None:
        last = bucket_start(span.end or today, query.grain)
        first = next_bucket(last, query.grain, 1 - LOOKED_BACK[query.grain])
        span = Span(first, span.end)
    now = Window(span, span.end or today, _own_buckets(span, query.grain))
    if query.compare is None:
        return now, None
    other = _compared(query.compare, span, today)
    return now, Window(other, other.end or today, _aligned(query, now, other))


def _compared(compare: Compare, span: Span, today: date) -> Span:
    if span.start is not None or compare.to == "period":
        return resolve_comparison(compare, span, today)
    # The level at the end of a day is compared with that of a month or a year before.
    months = {"prior_period": 1, "prior_year": 12}.get(compare.to, 12 * compare.years)
    return Span(None, add_months(span.end or today, -months))


def _own_buckets(span: Span, grain: Grain | None) -> tuple[Bucket, ...] | None:
    if grain is None or span.start is None or span.end is None:
        return None
    return tuple(
        Bucket(start, start, min(bucket_end(start, grain), span.end))
        for start in buckets(span, grain, BUCKETS_MAX)
    )


def _aligned(query: ReportQuery, now: Window, other: Span) -> tuple[Bucket, ...] | None:
    """Return the buckets of the other span, each shown under the one it is compared with."""
    own = _own_buckets(other, query.grain)
    if own is None or now.buckets is None or query.grain is None or query.compare is None:
        return None
    shown = dict.fromkeys(bucket.start for bucket in now.buckets)
    years = {"prior_year": 1, "same_period_n_years_ago": query.compare.years}.get(query.compare.to)
    if years is None or is_weeks(now.span):
        # The first is compared with the first; what is left over counts in the total only.
        return tuple(
            Bucket(under, bucket.start, bucket.as_of)
            for under, bucket in zip(shown, own, strict=False)
        )
    aligned = []
    for bucket in own:
        if query.grain == "week":
            under = add_days(bucket.start, DAYS_OF["week"] * 52 * years)
        else:
            # The 29th of February is shown under the 28th of a year that has none.
            under = add_months(bucket.start, 12 * years)
        if under in shown:
            aligned.append(Bucket(under, bucket.start, bucket.as_of))
    return tuple(aligned)
