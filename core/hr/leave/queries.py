"""What there is to know of leave: balances, requests, who is away, and which days are worked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.hr.employment import employment_or_none, rights
from core.hr.leave import errors
from core.hr.leave.rules import HALF, WORKING_WEEKDAYS, Policy
from core.hr.leave.tables import (
    ABSENCE,
    LeaveEntry,
    LeaveEntryKind,
    LeavePolicy,
    LeaveReason,
    LeaveRequest,
    LeaveState,
    LeaveType,
)
from core.hr.tables import Department, Employee
from core.kernel.calendars import special_days
from core.kernel.database import acting
from core.kernel.naming import find_numbered, resolved
from core.parties import Party

AWAY_MAX = 500
WAITING_MAX = 5
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,8})?")


@dataclass(frozen=True)
class AwayView:
    """Somebody who is away, or asked to be; not why."""

    number: str
    employee: str
    name: str
    name_zh: str | None
    department: str
    starts_on: date
    ends_on: date
    days: Decimal
    state: LeaveState


@dataclass(frozen=True)
class BalanceView:
    """What somebody has of a kind of leave on a day."""

    leave: str
    name: str
    name_zh: str
    days: Decimal
    # What is approved for later days, and so not free any more.
    ahead: Decimal


def find_leave_type(session: Session, said: str) -> LeaveType:
    """Return the kind of leave that a code or a name means."""
    among = select(LeaveType.code, LeaveType.name, LeaveType.name_zh)
    code = resolved(session, among, said, errors.UnknownLeaveType)
    return session.scalars(select(LeaveType).where(LeaveType.code == code)).one()


def find_request(session: Session, number: str, *, lock: bool = False) -> LeaveRequest:
    """Return a request with its employee and type, as it is stored now."""
    options = (
        joinedload(LeaveRequest.employee).joinedload(Employee.party),
        joinedload(LeaveRequest.type),
    )
    unknown = errors.UnknownLeaveRequest(number=number)
    return find_numbered(session, LeaveRequest, number, *options, unknown=unknown, locked=lock)


def reason_of(session: Session, request: LeaveRequest) -> str | None:
    """Return why somebody asked, in their own words, to them and to human resources; else None."""
    if not rights.acts_for(acting(session).actor, request.employee):
        return None
    wanted = select(LeaveReason.words).where(LeaveReason.request_id == request.id)
    return session.scalar(wanted)


def usual_type(session: Session) -> str:
    """Return the code of the kind of leave that is meant where none is said: the annual one."""
    paid = select(LeaveType.code).where(
        LeaveType.is_paid, LeaveType.needs_balance, ~LeaveType.is_health
    )
    code = session.scalar(paid.order_by(LeaveType.code != "ANNUAL", LeaveType.code).limit(1))
    if code is None:
        raise errors.UnknownLeaveType(text="ANNUAL")
    return code


def open_request_of(session: Session, employee: Employee | None) -> LeaveRequest:
    """Return the one request of somebody that waits for a decision; refuse none and several."""
    wanted = select(LeaveRequest.number).where(LeaveRequest.state == LeaveState.ASKED)
    if employee is not None:
        wanted = wanted.where(LeaveRequest.employee_id == employee.id)
    numbers = session.scalars(wanted.order_by(LeaveRequest.number).limit(WAITING_MAX)).all()
    if len(numbers) != 1:
        raise errors.NotOneRequest(count=len(numbers), numbers=", ".join(numbers) or "–")
    return find_request(session, numbers[0])


def policy_on(session: Session, employee: Employee, leave: LeaveType, day: date) -> Policy | None:
    """Return the policy for somebody on a day: of their country before that of everywhere."""
    terms = employment_or_none(session, employee.id, day)
    country = terms.country if terms is not None else None
    return policy_among(policies_until(session, day), leave, country, day)


def policies_until(session: Session, day: date) -> Sequence[LeavePolicy]:
    """Return every policy that began by a day: of countries before everywhere, the newest first."""
    wanted = (
        select(LeavePolicy)
        .where(LeavePolicy.valid_from <= day)
        .order_by(LeavePolicy.country.nulls_last(), LeavePolicy.valid_from.desc())
    )
    return session.scalars(wanted).all()


def policy_among(
    policies: Sequence[LeavePolicy], leave: LeaveType, country: str | None, day: date
) -> Policy | None:
    """Return of policies in their order the one that counts in a country on a day."""
    for row in policies:
        fits = row.country is None or row.country == country
        if row.type_id == leave.id and row.valid_from <= day and fits:
            return policy_of(row)
    return None


def policy_of(row: LeavePolicy) -> Policy:
    """Return what a row says."""
    return Policy(
        annual=row.annual_days,
        accrual=row.accrual,
        credited_on=row.credited_on,
        round_to=row.round_to,
        round_way=row.round_way,
        cap=row.cap_days,
        max_carry=row.max_carry,
        carried_months=row.carried_months,
        negative=row.negative_days,
        encash_max=row.encash_max,
    )


def leave_balance(
    session: Session, employee_id: UUID, leave: LeaveType, *, on: date | None = None
) -> Decimal:
    """Return what somebody has of a kind of leave at the end of a day, or after all is taken."""
    wanted = _sum().where(LeaveEntry.employee_id == employee_id, LeaveEntry.type_id == leave.id)
    if on is not None:
        wanted = wanted.where(LeaveEntry.effective_on <= on)
    return session.scalars(wanted).one()


def lowest_balance(
    session: Session, employee_id: UUID, leave: LeaveType, *, since: date
) -> Decimal:
    """Return the lowest that a balance gets on a day or after it: that much is free to take."""
    running = (
        select(
            LeaveEntry.effective_on,
            func.sum(func.sum(LeaveEntry.days))
            .over(order_by=LeaveEntry.effective_on)
            .label("left"),
        )
        .where(LeaveEntry.employee_id == employee_id, LeaveEntry.type_id == leave.id)
        .group_by(LeaveEntry.effective_on)
        .subquery()
    )
    later = session.scalar(select(func.min(running.c.left)).where(running.c.effective_on > since))
    now = leave_balance(session, employee_id, leave, on=since)
    return now if later is None else min(now, later)


def balances(session: Session, employee: Employee, day: date) -> list[BalanceView]:
    """Return what somebody has of each kind of leave that is counted."""
    is_ahead = (LeaveEntry.effective_on > day) & (LeaveEntry.request_id.is_not(None))
    wanted = (
        select(
            LeaveType.code,
            LeaveType.name,
            LeaveType.name_zh,
            _added(LeaveEntry.effective_on <= day),
            _added(is_ahead),
        )
        .join(LeaveEntry, LeaveEntry.type_id == LeaveType.id)
        .where(LeaveEntry.employee_id == employee.id, LeaveType.needs_balance)
        .group_by(LeaveType.id)
        .order_by(LeaveType.code)
    )
    return [BalanceView(*row) for row in session.execute(wanted)]


def taken_between(
    session: Session, employee_id: UUID, leave: LeaveType, first: date, last: date
) -> Decimal:
    """Return the days that were taken or paid out from one day to another, and not given back."""
    used = or_(LeaveEntry.request_id.is_not(None), LeaveEntry.kind == LeaveEntryKind.ENCASHED)
    wanted = _sum().where(
        LeaveEntry.employee_id == employee_id,
        LeaveEntry.type_id == leave.id,
        LeaveEntry.effective_on.between(first, last),
        used,
    )
    return -session.scalars(wanted).one()


def who_is_away(
    session: Session,
    first: date,
    last: date,
    *,
    department: Department | None = None,
    employee_ids: Sequence[UUID] | None = None,
) -> list[AwayView]:
    """Return who is away or asked to be on some of the days, by day; never why."""
    away = ABSENCE.c
    wanted = (
        select(
            away.number,
            Employee.number.label("employee"),
            Party.name,
            Party.name_zh,
            Department.code,
            away.starts_on,
            away.ends_on,
            away.days,
            away.state,
        )
        .select_from(ABSENCE)
        .join(Employee, Employee.id == away.employee_id)
        .join(Party, Party.id == Employee.party_id)
        .join(Department, Department.id == Employee.department_id)
        .where(away.starts_on <= last, away.ends_on >= first)
        .order_by(away.starts_on, Employee.number)
        .limit(AWAY_MAX)
    )
    if department is not None:
        wanted = wanted.where(Employee.department_id == department.id)
    if employee_ids is not None:
        wanted = wanted.where(Employee.id.in_(employee_ids))
    return [
        AwayView(
            number=row.number,
            employee=row.employee,
            name=row.name,
            name_zh=row.name_zh,
            department=row.code,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            days=row.days,
            state=LeaveState(row.state),
        )
        for row in session.execute(wanted)
    ]


def special_weights(session: Session, employee: Employee, day: date) -> dict[date, Decimal]:
    """Return how much of each day unlike others somebody works: those of the region they work in.

    Where they work is a region if it is written as one (DE-BY); otherwise their country counts.
    """
    terms = employment_or_none(session, employee.id, day)
    if terms is None:
        return {}
    place = terms.location or ""
    region = place if _REGION.fullmatch(place) else terms.country
    found = {}
    for each, special in special_days(session, region).items():
        if special.is_half:
            # Half of a day that nobody works is no work.
            if each.isoweekday() in WORKING_WEEKDAYS:
                found[each] = HALF
        else:
            found[each] = Decimal(special.works_as in WORKING_WEEKDAYS)
    return found


def _sum() -> Select[Decimal]:
    return select(func.coalesce(func.sum(LeaveEntry.days), Decimal(0)))


def _added(which: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(LeaveEntry.days).filter(which), Decimal(0))
