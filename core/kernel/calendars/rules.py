"""Arithmetic of business time: when somewhere is open, and how much open time lies between.

Hours are said as local times of a time zone and are counted as time that passes. A local time is
the first instant at which the clock shows it or a later one: a time that the clock leaps over in
spring is the moment of the leap, and of one that comes twice in autumn it is the first. So hours
that meet still meet, and a night shift is an hour shorter in spring and an hour longer in autumn.
A shift over midnight belongs to the day on which it begins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.kernel.calendars.errors import NeverOpens

DAY = timedelta(days=1)
NOTHING = timedelta(0)
SECOND = timedelta(seconds=1)
MIDNIGHT = time(0)
# Whoever is not open within this time does not open any more.
CLOSED_DAYS_MAX = 366
# How long something may take: ten years of days that are looked at one by one.
SPAN_DAYS_MAX = 3_660
WHOLE, HALF, NONE = Decimal(1), Decimal("0.5"), Decimal(0)


@dataclass(frozen=True, order=True)
class Hours:
    """From one local time to another: to a later one, or on the next day, or around the clock."""

    opens: time
    closes: time

    @property
    def is_over_midnight(self) -> bool:
        """Whether it ends on the next day; midnight itself is the end of its day."""
        return self.closes <= self.opens

    @property
    def minutes(self) -> tuple[int, int]:
        """Begin and end in minutes from the midnight that its day begins with."""
        begin, end = (each.hour * 60 + each.minute for each in (self.opens, self.closes))
        return begin, end + 24 * 60 if self.is_over_midnight else end


@dataclass(frozen=True)
class SpecialDay:
    """A day unlike others: a holiday, a half day, or a day on which another weekday's work is done.

    `open_from` and `open_until` are what is left of a half day; `works_as` is the weekday
    (Monday is 1) whose hours count on it, such as a Saturday that makes up for a bridge day.
    """

    name: str
    name_zh: str
    open_from: time | None = None
    open_until: time | None = None
    works_as: int | None = None

    @property
    def is_half(self) -> bool:
        """Whether a part of the day is worked."""
        return self.open_from is not None or self.open_until is not None

    @property
    def is_holiday(self) -> bool:
        """Whether nobody works."""
        return not self.is_half and self.works_as is None


@dataclass(frozen=True)
class Calendar:
    """When somewhere is open: hours by weekday (Monday is 1), and days unlike others."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Hours, ...]]
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    code: str = ""
    name: str = ""
    name_zh: str = ""

    # --- days

    def hours_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the shifts that begin on a day, from instant to instant, the earliest first."""
        special = self.special.get(day)
        if special is not None and special.is_holiday:
            return ()
        works_as = special.works_as if special is not None else None
        shifts = []
        for hours in self.week.get(works_as or day.isoweekday(), ()):
            end_day = day + DAY if hours.is_over_midnight else day
            begins = datetime.combine(day, hours.opens)
            ends = datetime.combine(end_day, hours.closes)
            if special is not None and special.open_from is not None:
                begins = max(begins, datetime.combine(day, special.open_from))
            if special is not None and special.open_until is not None:
                ends = min(ends, datetime.combine(day, special.open_until))
            start, end = instant_at(begins, self.zone), instant_at(ends, self.zone)
            if begins < ends and start < end:
                shifts.append((start, end))
        return tuple(sorted(shifts))

    def worth(self, day: date) -> Decimal:
        """Return how much of a working day a day is: one, a half, or none."""
        if not self.hours_on(day):
            return NONE
        special = self.special.get(day)
        return HALF if special is not None and special.is_half else WHOLE

    def is_business_day(self, day: date) -> bool:
        """Tell whether work is done on a day, if only on a part of it."""
        return bool(self.hours_on(day))

    def business_days_between(self, first: date, last: date) -> int:
        """Count the business days from the first day up to the last, which is not one of them.

        Backwards the count is below zero: what lies between is the same.
        """
        if last < first:
            return -self.business_days_between(last, first)
        return sum(map(self.is_business_day, _days(first, last)))

    def working_days(self, first: date, last: date) -> Decimal:
        """Add up the days that are worked from the first to the last, both with; halves count."""
        return sum((self.worth(day) for day in _days(first, last + DAY)), NONE)

    def business_day_from(self, day: date) -> date:
        """Return a day itself if work is done on it, or the next one on which it is."""
        for later in range(CLOSED_DAYS_MAX):
            if self.is_business_day(day + later * DAY):
                return day + later * DAY
        raise NeverOpens(calendar=self.name or self.code)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the business day that comes so many business days after a day, or before it."""
        step = DAY if count >= 0 else -DAY
        left, closed = abs(count), 0
        while left:
            day += step
            open_today = self.is_business_day(day)
            left -= open_today
            closed = 0 if open_today else closed + 1
            if closed > CLOSED_DAYS_MAX:
                raise NeverOpens(calendar=self.name or self.code)
        return day

    # --- instants

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is open at an instant."""
        return any(start <= at < end for start, end in self._open_from(at, at + SECOND))

    def next_opening(self, after: datetime) -> datetime:
        """Return an instant itself if it is open then, or when it opens next."""
        for start, _ in self._open_from(after):
            return max(start, after)
        raise NeverOpens(calendar=self.name or self.code)

    def add_time(self, since: datetime, span: timedelta) -> datetime:
        """Return the first instant by which so much open time has passed since another."""
        assert span >= NOTHING, "time goes forward"
        if not span:
            return since
        left = span
        for start, end in self._open_from(since):
            if left <= end - start:
                return start + left
            left -= end - start
        raise NeverOpens(calendar=self.name or self.code)

    def time_between(self, since: datetime, until: datetime) -> timedelta:
        """Return the open time from one instant to another; none if the second is not later."""
        passed = NOTHING
        for start, end in self._open_from(since, until):
            passed += end - start
        return passed

    def _open_from(
        self, since: datetime, until: datetime | None = None
    ) -> Iterator[tuple[datetime, datetime]]:
        """Give what is open after an instant and before another, each moment once."""
        reached = since.astimezone(UTC)
        # A shift that began yesterday may go on, and local days are not those of UTC.
        day = since.astimezone(self.zone).date() - DAY
        looked, closed = 0, 0
        while until is not None or (looked < SPAN_DAYS_MAX and closed <= CLOSED_DAYS_MAX):
            shifts = self.hours_on(day)
            for start, end in shifts:
                begin = max(start, reached)
                stop = end if until is None else min(end, until.astimezone(UTC))
                if begin < stop:
                    yield begin, stop
                    reached = stop
            if until is not None and day > until.astimezone(self.zone).date():
                return
            closed = 0 if shifts else closed + 1
            day, looked = day + DAY, looked + 1


def instant_at(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which a zone's clock shows a local time or a later one."""
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return early
    # The clock leaps over it: the leap lies between what both offsets make of the local time.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), early
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        middle = middle if middle > before else before + SECOND
        if middle.astimezone(zone).replace(tzinfo=None, fold=0) >= local:
            after = middle
        else:
            before = middle
    return after


def overlapping(hours: tuple[Hours, ...]) -> tuple[Hours, Hours] | None:
    """Return two spans of one weekday that overlap, if any do."""
    ordered = sorted(hours, key=lambda each: each.minutes)
    for one, next_one in pairwise(ordered):
        if next_one.minutes[0] < one.minutes[1]:
            return one, next_one
    return None


def _days(first: date, last: date) -> Iterator[date]:
    return (first + later * DAY for later in range((last - first).days))
