"""What one can do with hours: note them, and take away what was not worked."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import String, Uuid, column, func, select, table
from sqlalchemy.orm import Session, selectinload

from core.kernel import events
from core.kernel.company import company
from core.kernel.money import plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.parties import Party
from core.timesheets.errors import (
    DayTooLong,
    NoHours,
    TimeBilled,
    TimeOverlaps,
    UnknownTime,
    WorkedInFuture,
)
from core.timesheets.events import HoursLogged, HoursRemoved
from core.timesheets.tables import TimeEntry

HOURS_A_DAY = Decimal(24)
_SECONDS_AN_HOUR = 3600
# A room above owns it; here it is only named.
_PROJECT = table("project", column("id", Uuid), column("number", String))


@dataclass(frozen=True)
class OnProject:
    """What hours are worked on, what one of them costs, and what it is billed at, if it is."""

    project_id: uuid.UUID
    project: str
    cost_per_hour: Decimal
    currency: str
    task_id: uuid.UUID | None = None
    task: str = ""
    price_per_hour: Decimal | None = None


def log_hours(
    session: Session,
    who: Party,
    hours: Decimal,
    *,
    worked_on: date | None = None,
    starts_at: datetime | None = None,
    note: str = "",
    work: OnProject | None = None,
) -> TimeEntry:
    """Note that somebody worked; with a beginning, at nothing else at that time."""
    day = require_worked(session, hours, worked_on=worked_on, starts_at=starts_at)
    _one_at_a_time(session, who)
    ends_at = None
    if starts_at is not None:
        ends_at = starts_at + timedelta(seconds=int(hours * _SECONDS_AN_HOUR))
        _refuse_overlap(session, who, starts_at, ends_at)
    together = hours_on(session, who.id, day) + hours
    if together > HOURS_A_DAY:
        raise DayTooLong(who=who.name, day=day, hours=plain(together))
    entry = TimeEntry(
        number=next_number(session, "TE"),
        party_id=who.id,
        worked_on=day,
        starts_at=starts_at,
        ends_at=ends_at,
        hours=hours,
        note=note,
    )
    billed_at = ""
    if work is not None:
        entry.project_id, entry.task_id = work.project_id, work.task_id
        entry.cost_per_hour, entry.price_per_hour = work.cost_per_hour, work.price_per_hour
        if work.price_per_hour is not None:
            billed_at = f"{plain(work.price_per_hour)} {work.currency}/h"
    session.add(entry)
    fact = HoursLogged(
        number=entry.number,
        who=who.name,
        worked_on=day.isoformat(),
        hours=hours,
        note=note,
        project=work.project if work else "",
        task=work.task if work else "",
        billed_at=billed_at,
    )
    events.record(session, fact)
    session.flush()
    return entry


def require_worked(
    session: Session,
    hours: Decimal,
    *,
    worked_on: date | None = None,
    starts_at: datetime | None = None,
) -> date:
    """Return the day that hours were worked on; refuse one that lies ahead, and no hours."""
    ours = company(session)
    day = worked_on or (starts_at.astimezone(ours.zone).date() if starts_at else ours.today)
    if not 0 < hours <= HOURS_A_DAY:
        raise NoHours(hours=plain(hours))
    if day > ours.today:
        raise WorkedInFuture(day=day, today=ours.today)
    return day


def remove_hours(session: Session, number: str, *, because: str) -> TimeEntry:
    """Take hours away that were not worked; what was billed stays."""
    entry = find_hours(session, number)
    if entry.removed_because is not None:
        raise UnknownTime(number=entry.number)
    if entry.invoice_number is not None:
        raise TimeBilled(entries=entry.number, invoice=entry.invoice_number)
    fact = HoursRemoved(
        number=entry.number,
        who=entry.party.name,
        worked_on=entry.worked_on.isoformat(),
        hours=entry.hours,
        because=because,
    )
    entry.removed_because = because
    events.record(session, fact)
    session.flush()
    return entry


def find_hours(session: Session, number: str) -> TimeEntry:
    """Return a time entry and who worked, locked."""
    unknown, person = UnknownTime(number=number), selectinload(TimeEntry.party)
    return find_numbered(session, TimeEntry, number, person, unknown=unknown, locked=True)


def hours_on(session: Session, party_id: uuid.UUID, day: date) -> Decimal:
    """Return the hours that somebody worked on a day."""
    wanted = select(func.coalesce(func.sum(TimeEntry.hours), Decimal(0))).where(
        TimeEntry.party_id == party_id,
        TimeEntry.worked_on == day,
        TimeEntry.removed_because.is_(None),
    )
    return session.scalars(wanted).one()


def _one_at_a_time(session: Session, who: Party) -> None:
    """Let who else notes hours of the same person wait: a day is added up."""
    locked = select(Party.id).where(Party.id == who.id).with_for_update(key_share=True)
    session.scalars(locked).one()


def _refuse_overlap(session: Session, who: Party, start: datetime, end: datetime) -> None:
    found = session.execute(
        select(TimeEntry, _PROJECT.c.number)
        .outerjoin(_PROJECT, _PROJECT.c.id == TimeEntry.project_id)
        .where(
            TimeEntry.party_id == who.id,
            TimeEntry.starts_at < end,
            TimeEntry.ends_at > start,
            TimeEntry.removed_because.is_(None),
        )
        .limit(1)
    ).one_or_none()
    if found is not None:
        other, project = found
        zone = company(session).zone
        assert other.starts_at is not None, "it overlaps, so it has a beginning"
        assert other.ends_at is not None, "and an end"
        raise TimeOverlaps(
            who=who.name,
            what=project or other.note or "-",
            start=other.starts_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            end=other.ends_at.astimezone(zone).strftime("%H:%M"),
            entry=other.number,
        )
