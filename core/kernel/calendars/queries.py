"""Questions about calendars: the rules of one, ready to count with."""

from collections.abc import Iterable
from datetime import date, time
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.kernel.calendars.errors import UnknownCalendar
from core.kernel.calendars.rules import Calendar, Hours, SpecialDay
from core.kernel.calendars.tables import BusinessCalendar, Holiday, OpeningHours
from core.kernel.company import company

# A century of holidays, and then some.
HOLIDAYS_MAX = 5_000
OFFICE = Hours(time(9), time(17))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def find_calendar(session: Session, code: str | None = None) -> Calendar:
    """Return a calendar ready to count with: the one of a code, or the standard one.

    Where nobody made any, work is done from Monday to Friday, from 9 to 17 of the company's clock.
    """
    if code is None:
        wanted = select(BusinessCalendar).where(BusinessCalendar.is_standard)
        row = session.scalar(wanted.options(selectinload(BusinessCalendar.hours)))
        if row is None:
            return usual_calendar(company(session).zone)
    else:
        row = find_row(session, code)
    return _counting(session, row)


def usual_calendar(zone: ZoneInfo) -> Calendar:
    """Return the hours of an office where nobody said any."""
    week = dict.fromkeys(range(1, 6), (OFFICE,))
    return Calendar(zone=zone, week=week, name="office hours", name_zh="办公时间")


def find_row(session: Session, code: str, *, lock: bool = False) -> BusinessCalendar:
    """Return a calendar's row with its hours."""
    wanted = (
        select(BusinessCalendar)
        .where(BusinessCalendar.code == code.strip().upper())
        .options(selectinload(BusinessCalendar.hours))
    )
    row = session.scalar(wanted.with_for_update() if lock else wanted)
    if row is None:
        known = session.scalars(select(BusinessCalendar.code).order_by(BusinessCalendar.code))
        raise UnknownCalendar(code=code[:40], known=", ".join(known) or "–")
    return row


def list_calendars(session: Session) -> list[Calendar]:
    """Return every calendar, by code."""
    wanted = select(BusinessCalendar).options(selectinload(BusinessCalendar.hours))
    rows = session.scalars(wanted.order_by(BusinessCalendar.code))
    return [_counting(session, row) for row in rows]


def code_of_standard(session: Session) -> str | None:
    """Return the code of the standard calendar, if somebody made one."""
    return session.scalar(select(BusinessCalendar.code).where(BusinessCalendar.is_standard))


def hours_said(row: BusinessCalendar) -> str:
    """Say a calendar's hours: "Mon-Fri 09:00-17:00; Sat 10:00-14:00"."""
    by_day = {
        day: ", ".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in rows)
        for day, rows in _by_weekday(row.hours)
    }
    said = []
    for hours, days in groupby(sorted(by_day), key=lambda day: by_day[day]):
        run = list(days)
        together = len(run) == run[-1] - run[0] + 1 and len(run) > 1
        names = (
            f"{WEEKDAYS[run[0] - 1]}-{WEEKDAYS[run[-1] - 1]}"
            if together
            else ", ".join(WEEKDAYS[day - 1] for day in run)
        )
        said.append(f"{names} {hours}")
    return "; ".join(said)


def special_days(session: Session, region: str | None) -> dict[date, SpecialDay]:
    """Return the days unlike others of a region and of the country it lies in."""
    if region is None:
        return {}
    wanted = (
        select(Holiday)
        .where(Holiday.region.in_({region, region.split("-")[0]}))
        # What the region says of a day counts for more than what the country says.
        .order_by(Holiday.region, Holiday.day)
        .limit(HOLIDAYS_MAX)
    )
    return {
        each.day: SpecialDay(
            each.name, each.name_zh, each.open_from, each.open_until, each.works_as
        )
        for each in session.scalars(wanted)
    }


def _counting(session: Session, row: BusinessCalendar) -> Calendar:
    return Calendar(
        zone=ZoneInfo(row.time_zone),
        week={
            day: tuple(Hours(each.opens, each.closes) for each in rows)
            for day, rows in _by_weekday(row.hours)
        },
        special=special_days(session, row.holiday_region),
        code=row.code,
        name=row.name,
        name_zh=row.name_zh,
    )


def _by_weekday(hours: Iterable[OpeningHours]) -> list[tuple[int, list[OpeningHours]]]:
    ordered = sorted(hours, key=lambda each: (each.weekday, each.opens))
    return [(day, list(rows)) for day, rows in groupby(ordered, key=lambda each: each.weekday)]
