"""When something is due in a company's time zone, and when a figure is spoken of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.kernel.months import month_end
from core.reporting.saved.asked import Condition
from core.reporting.saved.errors import NeverDue, NotADay
from core.reporting.saved.tables import Every

SATURDAY = 5
DAYS_MAX = 366
_DAYS: dict[Every, int] = {Every.WEEK: 7, Every.MONTH: 31}
Works = Callable[[date], bool]


def _is_weekday(day: date) -> bool:
    return day.weekday() < SATURDAY


@dataclass(frozen=True)
class Cadence:
    """On which days something is due, and at what time of the company's clock.

    `on` is the weekday of a week (Monday is 1) or the day of a month: in a shorter month its last
    day. Working days are those of a calendar, or Monday to Friday where none is given.
    """

    every: Every
    on: int | None = None
    at: time = time(8)

    def __post_init__(self) -> None:
        last = _DAYS.get(self.every)
        if last is not None and not (self.on and 1 <= self.on <= last):
            raise NotADay(every=self.every, first=1, last=last)

    def is_due_on(self, day: date, works: Works = _is_weekday) -> bool:
        """Tell whether it is due on a day; `works` says on which days work is done."""
        if self.every is Every.DAY:
            return True
        if self.every is Every.WORKDAY:
            return works(day)
        if self.every is Every.WEEK:
            return day.isoweekday() == self.on
        if self.every is Every.MONTH:
            return day.day == min(self.on or 1, _month_days(day))
        if self.every is Every.FIRST_WORKDAY:
            return day == _nearest_workday(day.replace(day=1), 1, works)
        return day == _nearest_workday(day.replace(day=_month_days(day)), -1, works)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when it is that time on that day.

    A time that the clock leaps over in spring is as much later as it leaps; of one that comes
    twice in autumn it is the first.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def next_due(
    cadence: Cadence, after: datetime, zone: ZoneInfo, works: Works = _is_weekday
) -> datetime:
    """Return the first instant after another at which something is due."""
    today = after.astimezone(zone).date()
    for later in range(DAYS_MAX):
        day = today + timedelta(days=later)
        if cadence.is_due_on(day, works):
            instant = instant_of(day, cadence.at, zone)
            if instant > after:
                return instant
    # Where nobody ever works, no working day comes.
    raise NeverDue(days=DAYS_MAX)


def due_through(
    cadence: Cadence,
    first: datetime,
    now: datetime,
    zone: ZoneInfo,
    works: Works = _is_weekday,
) -> list[date]:
    """Return the days that have become due from an instant on and by now, oldest first.

    Of a very long time only the last year counts: nobody asks how much more was missed.
    """
    start, end = first.astimezone(zone).date(), now.astimezone(zone).date()
    start = max(start, end - timedelta(days=DAYS_MAX))
    days = (start + timedelta(days=later) for later in range((end - start).days + 1))
    return [
        day
        for day in days
        if cadence.is_due_on(day, works) and first <= instant_of(day, cadence.at, zone) <= now
    ]


def is_met(condition: Condition, figure: Decimal | None) -> bool:
    """Tell whether an alert speaks of a figure; of none there is nothing to say."""
    return figure is not None and condition.holds_for(figure)


def _month_days(day: date) -> int:
    return month_end(day).day


def _nearest_workday(day: date, step: int, works: Works) -> date:
    for _ in range(DAYS_MAX):
        if works(day):
            return day
        day += timedelta(days=step)
    return day
