"""What one can do with time: plan shifts, come and go, log hours, and count overtime."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from core import timesheets
from core.hr.employment import employment_on, employments_between, lock_employee, rights
from core.hr.employment.errors import NotEmployedOn
from core.hr.employment.queries import EmploymentView
from core.hr.leave.queries import special_weights
from core.hr.leave.rules import WORKING_WEEKDAYS
from core.hr.tables import Employee
from core.hr.time import errors
from core.hr.time.events import CheckedIn, CheckedOut, ShiftPlanned
from core.hr.time.tables import (
    Attendance,
    DayKind,
    OvertimeRule,
    Shift,
    ShiftPlan,
)
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting
from core.timesheets import TimeEntry

_MINUTES = 60
_RULES = (
    select(OvertimeRule)
    .where(OvertimeRule.valid_from <= bindparam("last"))
    .order_by(OvertimeRule.country.nulls_last(), OvertimeRule.valid_from.desc())
)


@dataclass(frozen=True)
class Overtime:
    """Hours above the usual on a day, and what they are paid at."""

    day: date
    kind: DayKind
    hours: Decimal
    rate_percent: Decimal


def add_shift(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    starts: time,
    ends: time,
    break_minutes: int = 0,
) -> Shift:
    """Add a shift."""
    code = code.strip().upper()
    if session.scalar(select(Shift.id).where(Shift.code == code)):
        raise errors.ShiftExists(code=code)
    shift = Shift(
        code=code, name=name, name_zh=name_zh, starts=starts, ends=ends, break_minutes=break_minutes
    )
    session.add(shift)
    session.flush()
    return shift


def shift_hours(shift: Shift) -> Decimal:
    """Return how long a shift is, over midnight where it ends earlier than it starts."""
    begin = datetime.combine(date.min, shift.starts)
    end = datetime.combine(date.min, shift.ends)
    if end <= begin:
        end += timedelta(days=1)
    minutes = (end - begin).seconds // _MINUTES or 24 * _MINUTES
    return Decimal(minutes - shift.break_minutes) / _MINUTES


def plan_shift(
    session: Session,
    employee: Employee,
    shift: Shift,
    *,
    starts_on: date,
    ends_on: date | None = None,
) -> ShiftPlan:
    """Let somebody work a shift from a day to a day; one shift at a time."""
    employment_on(session, employee.id, starts_on)
    lock_employee(session, employee.id)
    other = session.scalar(
        select(ShiftPlan)
        .where(
            ShiftPlan.employee_id == employee.id,
            ShiftPlan.starts_on <= (ends_on or date.max),
            or_(ShiftPlan.ends_on.is_(None), ShiftPlan.ends_on >= starts_on),
        )
        .limit(1)
    )
    if other is not None:
        raise errors.ShiftsOverlap(
            employee=employee.number, starts_on=other.starts_on, ends_on=other.ends_on or "…"
        )
    plan = ShiftPlan(
        employee_id=employee.id, shift_id=shift.id, starts_on=starts_on, ends_on=ends_on
    )
    session.add(plan)
    days = f"{starts_on} – {ends_on or '…'}"
    events.record(session, ShiftPlanned(employee.number, shift.code, days))
    session.flush()
    return plan


def check_in(session: Session, employee: Employee) -> Attendance:
    """Note that somebody is here from now on; the day is that of the company's clock."""
    require_theirs(session, employee)
    lock_employee(session, employee.id)
    here = _here(session, employee)
    if here is not None:
        zone = company(session).zone
        since = f"{here.in_at.astimezone(zone):%Y-%m-%d %H:%M}"
        raise errors.HereAlready(employee=employee.number, since=since)
    ours = company(session)
    row = Attendance(employee_id=employee.id, day=ours.today, in_at=clock.now())
    session.add(row)
    events.record(session, CheckedIn(employee.number, employee.party.name))
    session.flush()
    return row


def check_out(session: Session, employee: Employee) -> Attendance:
    """Note that somebody goes now."""
    require_theirs(session, employee)
    lock_employee(session, employee.id)
    here = _here(session, employee)
    if here is None:
        raise errors.NotHere(employee=employee.number)
    # Who comes and goes within a tick of the clock was here for one.
    here.out_at = max(clock.now(), here.in_at + timedelta(microseconds=1))
    events.record(session, CheckedOut(employee.number, employee.party.name))
    session.flush()
    return here


def log_hours(
    session: Session,
    employee: Employee,
    hours: Decimal,
    *,
    activity: str,
    day: date | None = None,
    starts_at: datetime | None = None,
) -> TimeEntry:
    """Say how long somebody did what on a day that has been, beside any project."""
    require_theirs(session, employee)
    on = timesheets.require_worked(session, hours, worked_on=day, starts_at=starts_at)
    employment_on(session, employee.id, on)
    return timesheets.log_hours(
        session, employee.party, hours, worked_on=on, starts_at=starts_at, note=activity
    )


def set_overtime_rule(
    session: Session,
    *,
    kind: DayKind,
    daily_hours: Decimal,
    rate_percent: Decimal,
    valid_from: date,
    source: str,
    country: str | None = None,
) -> OvertimeRule:
    """Say above which hours of a kind of day overtime begins, and what it is paid at."""
    rule = OvertimeRule(
        country=country,
        kind=kind,
        valid_from=valid_from,
        daily_hours=daily_hours,
        rate_percent=rate_percent,
        source=source,
    )
    session.add(rule)
    session.flush()
    return rule


def overtime(session: Session, employee: Employee, first: date, last: date) -> list[Overtime]:
    """Return the hours above the usual from one day to another, by the rules of each day."""
    wanted = (
        select(TimeEntry.worked_on, func.sum(TimeEntry.hours))
        .where(
            TimeEntry.party_id == employee.party_id,
            TimeEntry.worked_on.between(first, last),
            TimeEntry.removed_because.is_(None),
        )
        .group_by(TimeEntry.worked_on)
        .order_by(TimeEntry.worked_on)
    )
    worked = session.execute(wanted).all()
    if not worked:
        return []
    special = special_weights(session, employee, last)
    terms = employments_between(session, first, last, [employee.id])
    rules = session.scalars(_RULES, {"last": last}).all()
    found = []
    for day, hours in worked:
        kind = _kind_of(day, special)
        rule = _rule_of(rules, kind, _country_on(employee, terms, day), day)
        if rule is not None and hours > rule.daily_hours:
            over = hours - rule.daily_hours
            found.append(Overtime(day, kind, over, rule.rate_percent))
    return found


def _kind_of(day: date, special: dict[date, Decimal]) -> DayKind:
    usual = day.isoweekday() in WORKING_WEEKDAYS
    if day in special:
        # A free day that would be worked is a holiday; a weekend that is worked is a workday.
        return DayKind.WORKDAY if special[day] else DayKind.HOLIDAY
    return DayKind.WORKDAY if usual else DayKind.REST_DAY


def _country_on(employee: Employee, terms: Sequence[EmploymentView], day: date) -> str:
    for each in terms:
        if each.holds_on(day):
            return each.country
    raise NotEmployedOn(employee=employee.number, day=day)


def _rule_of(
    rules: Sequence[OvertimeRule], kind: DayKind, country: str, day: date
) -> OvertimeRule | None:
    """Return the rule of a day: that of the country before that of everywhere, the newest first."""
    for rule in rules:
        if rule.kind is kind and rule.valid_from <= day and rule.country in {None, country}:
            return rule
    return None


def require_theirs(session: Session, employee: Employee) -> None:
    """Refuse to note the time of somebody else to who is not of human resources."""
    if not rights.acts_for(acting(session).actor, employee):
        raise errors.NotTheirTime


def _here(session: Session, employee: Employee) -> Attendance | None:
    wanted = select(Attendance).where(
        Attendance.employee_id == employee.id, Attendance.out_at.is_(None)
    )
    return session.scalar(wanted)
