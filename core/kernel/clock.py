"""The only place that asks the machine what time it is, and the company what day it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)
_business_date: ContextVar[date | None] = ContextVar("business_date", default=None)


def now() -> datetime:
    """Return the current instant, always in UTC."""
    return _frozen.get() or datetime.now(UTC)


def business_date_override() -> date | None:
    """Return the date a replay runs on, if one is running."""
    return _business_date.get()


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Stop the clock, for tests, replays and dry runs."""
    assert instant.tzinfo is not None, "an instant carries its time zone"
    token = _frozen.set(instant)
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def on_business_date(day: date) -> Iterator[None]:
    """Do business as on another day: history that is imported, and tests.

    It holds for transactions that begin inside the block; ask `company.today` for the date.
    """
    token = _business_date.set(day)
    try:
        yield
    finally:
        _business_date.reset(token)
