"""What one can do with calendars: open one, change its hours, name days unlike others."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.calendars import errors, rules
from core.kernel.calendars.events import CalendarSet, HolidaySet
from core.kernel.calendars.queries import find_row, hours_said
from core.kernel.calendars.rules import Hours
from core.kernel.calendars.tables import BusinessCalendar, Holiday, OpeningHours
from core.kernel.company import company, zone_called

Week = Mapping[int, Sequence[Hours]]

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,8})?")


def open_calendar(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    week: Week,
    time_zone: str | None = None,
    holiday_region: str | None = None,
    is_standard: bool = False,
) -> BusinessCalendar:
    """Make a calendar; the first one is the standard one."""
    code = code.strip().upper()
    calendars = session.scalars(select(BusinessCalendar.code)).all()
    if code in calendars:
        raise errors.CalendarExists(code=code)
    row = BusinessCalendar(
        code=code,
        name=name,
        name_zh=name_zh,
        time_zone=zone_called(time_zone).key if time_zone else company(session).zone.key,
        holiday_region=_region(holiday_region) if holiday_region else None,
        is_standard=False,
        hours=_rows(week),
    )
    session.add(row)
    session.flush()
    if is_standard or not calendars:
        make_standard(session, row)
    _tell(session, row, before="")
    return row


def set_hours(session: Session, code: str, week: Week) -> BusinessCalendar:
    """Give a calendar other hours, on all weekdays: a weekday that is left out is closed."""
    row = find_row(session, code, lock=True)
    before = hours_said(row)
    fresh = _rows(week)
    row.hours.clear()
    session.flush()
    row.hours.extend(fresh)
    session.flush()
    _tell(session, row, before=before)
    return row


def make_standard(session: Session, row: BusinessCalendar) -> None:
    """Let a calendar count wherever no other is named."""
    session.execute(
        update(BusinessCalendar)
        .where(BusinessCalendar.is_standard, BusinessCalendar.id != row.id)
        .values(is_standard=False)
    )
    row.is_standard = True
    session.flush()


def set_holiday(
    session: Session,
    *,
    region: str,
    day: date,
    name: str,
    name_zh: str = "",
    open_from: time | None = None,
    open_until: time | None = None,
    works_as: int | None = None,
) -> Holiday:
    """Say that a day of a region is unlike others: free, half free, or worked as another weekday.

    What was said of the day before counts no more.
    """
    region = _region(region)
    if open_from is not None and open_until is not None and open_from >= open_until:
        raise errors.HalfDayEmpty(open_from=open_from, open_until=open_until)
    if works_as is not None and not 1 <= works_as <= 7:  # noqa: PLR2004
        raise errors.NotAWeekday(weekday=works_as)
    row = _holiday(session, region, day)
    before = "" if row is None else _said(row)
    if row is None:
        row = Holiday(region=region, day=day)
        session.add(row)
    row.name, row.name_zh = name, name_zh or name
    row.open_from, row.open_until, row.works_as = open_from, open_until, works_as
    session.flush()
    events.record(session, HolidaySet(region, day.isoformat(), name, before, _said(row)))
    return row


def call_off_holiday(session: Session, *, region: str, day: date) -> None:
    """Let a day of a region be like others again."""
    region = _region(region)
    row = _holiday(session, region, day)
    if row is None:
        raise errors.NoSuchHoliday(day=day, region=region)
    session.delete(row)
    session.flush()
    events.record(session, HolidaySet(region, day.isoformat(), row.name, _said(row), "like_others"))


def find_holiday(session: Session, *, region: str, day: date) -> Holiday | None:
    """Return what a region itself says of a day, if it says anything."""
    wanted = select(Holiday).where(Holiday.region == _region(region), Holiday.day == day)
    return session.scalar(wanted)


def _holiday(session: Session, region: str, day: date) -> Holiday | None:
    wanted = select(Holiday).where(Holiday.region == region, Holiday.day == day)
    return session.scalar(wanted.with_for_update())


def _rows(week: Week) -> list[OpeningHours]:
    for weekday, hours in week.items():
        if not 1 <= weekday <= 7:  # noqa: PLR2004
            raise errors.NotAWeekday(weekday=weekday)
        # What goes over midnight meets the hours of the next day as well.
        next_day = [Hours(each.opens, each.closes) for each in week.get(weekday % 7 + 1, ())]
        _require_apart(weekday, tuple(hours), tuple(next_day))
    return [
        OpeningHours(weekday=weekday, opens=each.opens, closes=each.closes)
        for weekday, hours in sorted(week.items())
        for each in sorted(hours)
    ]


def _require_apart(weekday: int, hours: tuple[Hours, ...], following: tuple[Hours, ...]) -> None:
    both = rules.overlapping(hours)
    if both is None and hours and following:
        last, first = max(hours, key=lambda each: each.minutes[1]), min(following)
        if last.minutes[1] > first.minutes[0] + 24 * 60:
            both = last, first
    if both is not None:
        first, second = both
        raise errors.HoursOverlap(weekday=weekday, first=_span(first), second=_span(second))


def _span(hours: Hours) -> str:
    return f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"


def _region(text: str) -> str:
    region = text.strip().upper().replace("_", "-")
    if not _REGION.fullmatch(region):
        raise errors.NotARegion(region=text[:40])
    return region


def _said(row: Holiday) -> str:
    if row.works_as is not None:
        return f"works_as_weekday {row.works_as}"
    if row.open_from is None and row.open_until is None:
        return "closed"
    opens, closes = (f"{at:%H:%M}" if at else "" for at in (row.open_from, row.open_until))
    return f"{opens}-{closes}"


def _tell(session: Session, row: BusinessCalendar, *, before: str) -> None:
    events.record(
        session,
        CalendarSet(
            code=row.code,
            called=row.name,
            zone=row.time_zone,
            region=row.holiday_region or "",
            before=before,
            after=hours_said(row),
            is_standard=row.is_standard,
        ),
    )
