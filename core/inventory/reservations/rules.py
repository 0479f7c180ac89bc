"""The arithmetic of promises; no database, no clock."""

from datetime import UTC, date, datetime, time, timedelta

from core.inventory.reservations.errors import ExpiresInThePast, PriorityOutOfRange

PRIORITY_MIN, PRIORITY_MAX = 1, 9
USUAL_PRIORITY = 5
# A soft promise yields to a usual hard one unless somebody says otherwise.
SOFT_PRIORITY = 3


def require_priority(priority: int) -> None:
    """Refuse a priority that is none."""
    if not PRIORITY_MIN <= priority <= PRIORITY_MAX:
        raise PriorityOutOfRange(priority=priority, least=PRIORITY_MIN, most=PRIORITY_MAX)


def end_of(day: date) -> datetime:
    """Return the moment at which a promise that holds through a day ends."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def require_ahead(until: date, *, today: date) -> None:
    """Refuse a promise that would be over already."""
    if until < today:
        raise ExpiresInThePast(until=until, today=today)


def last_day(moment: datetime) -> date:
    """Return the last day through which a promise holds that ends at a moment."""
    return (moment - timedelta(microseconds=1)).date()
