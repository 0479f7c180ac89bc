"""What one can do with leave: set it up, ask for it, decide on it, and take it back."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.employment import employment_on, lock_employee, rights
from core.hr.employment.errors import AfterLeaving, BeforeHiring
from core.hr.employment.managing import is_manager_of
from core.hr.leave import errors, rules
from core.hr.leave.booking import book, require_free
from core.hr.leave.events import LeaveAsked, LeaveMoved, LeavePolicySet, LeaveTypeAdded
from core.hr.leave.queries import find_request, special_weights
from core.hr.leave.rules import Policy, Stretch
from core.hr.leave.tables import (
    LeaveEntry,
    LeaveEntryKind,
    LeavePolicy,
    LeaveReason,
    LeaveRequest,
    LeaveState,
    LeaveType,
)
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.database import acting
from core.kernel.identity.acting import SYSTEM
from core.kernel.money import plain
from core.kernel.numbering import next_number

LEAVE_DAYS_MAX = 400


def add_leave_type(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    is_paid: bool = True,
    is_health: bool = False,
    needs_balance: bool = True,
) -> LeaveType:
    """Add a kind of leave."""
    code = code.strip().upper()
    if session.scalar(select(LeaveType.id).where(LeaveType.code == code)):
        raise errors.LeaveTypeExists(code=code)
    leave = LeaveType(
        code=code,
        name=name,
        name_zh=name_zh,
        is_paid=is_paid,
        is_health=is_health,
        needs_balance=needs_balance,
    )
    session.add(leave)
    events.record(session, LeaveTypeAdded(code, name))
    session.flush()
    return leave


def set_leave_policy(
    session: Session,
    leave: LeaveType,
    policy: Policy,
    *,
    valid_from: date,
    country: str | None = None,
) -> LeavePolicy:
    """Say how many days of a kind people get from a day on, in a country or everywhere."""
    wanted = select(LeavePolicy).where(
        LeavePolicy.type_id == leave.id,
        LeavePolicy.country.is_not_distinct_from(country),
        LeavePolicy.valid_from == valid_from,
    )
    row = session.scalar(wanted) or LeavePolicy(
        type_id=leave.id, country=country, valid_from=valid_from
    )
    row.annual_days, row.accrual = policy.annual, policy.accrual
    row.credited_on, row.round_to = policy.credited_on, policy.round_to
    row.round_way, row.cap_days = policy.round_way, policy.cap
    row.max_carry, row.carried_months = policy.max_carry, policy.carried_months
    row.negative_days, row.encash_max = policy.negative, policy.encash_max
    session.add(row)
    said = [f"{plain(policy.annual)} d", policy.accrual, country]
    if policy.max_carry is not None:
        said.append(f"→ {plain(policy.max_carry)} d")
    if policy.negative:
        said.append(f"≥ -{plain(policy.negative)} d")
    terms = " · ".join(each for each in said if each)
    events.record(session, LeavePolicySet(leave.code, valid_from.isoformat(), terms))
    session.flush()
    return row


def request_leave(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    away: Stretch,
    *,
    because: str = "",
) -> LeaveRequest:
    """Ask to be away; days that are not worked anyway do not count."""
    actor = acting(session).actor
    if not rights.acts_for(actor, employee):
        raise errors.NotTheirLeave
    _require_days(session, employee, away)
    lock_employee(session, employee.id)
    _require_no_other(session, employee, away)
    total = sum((weight for _, weight in _days(session, employee, away)), Decimal(0))
    if not total:
        raise errors.NoWorkingDays(starts_on=away.starts_on, ends_on=away.ends_on)
    require_free(session, employee, leave, total, day=away.starts_on)
    request = LeaveRequest(
        number=next_number(session, "LV"),
        employee=employee,
        employee_id=employee.id,
        type=leave,
        type_id=leave.id,
        state=LeaveState.ASKED,
        days=total,
        asked_by=actor.human,
        asked_on=today(session),
        **vars(away),
    )
    session.add(request)
    session.flush()
    if because:
        session.add(LeaveReason(request_id=request.id, employee_id=employee.id, words=because))
    fact = LeaveAsked(
        request.number,
        employee.number,
        employee.party.name,
        leave.code,
        *away.said(),
        plain(total),
    )
    events.record(session, fact)
    session.flush()
    return request


def decide_leave(
    session: Session, number: str, *, approve: bool, because: str = ""
) -> LeaveRequest:
    """Approve or refuse what somebody else asked for; by their manager or human resources."""
    request = find_request(session, number, lock=True)
    _require_deciding(session, request)
    if request.state is not LeaveState.ASKED:
        raise errors.LeaveDecided(number=request.number, state=request.state)
    request.decided_by, request.answer = acting(session).actor.human, because or None
    if approve:
        lock_employee(session, request.employee_id)
        require_free(session, request.employee, request.type, request.days, day=request.starts_on)
        days = _days(session, request.employee, stretch_of(request))
        for day, taken in rules.by_month(days):
            book(
                session,
                request.employee,
                request.type,
                LeaveEntryKind.TAKEN,
                -taken,
                day=day,
                request=request,
            )
    _move(session, request, LeaveState.APPROVED if approve else LeaveState.REFUSED, because)
    return request


def cancel_leave(session: Session, number: str, *, because: str = "") -> LeaveRequest:
    """Call off leave; once it has begun, only human resources can, and the days come back."""
    request = find_request(session, number, lock=True)
    actor = acting(session).actor
    if not rights.acts_for(actor, request.employee):
        raise errors.NotTheirLeave
    if request.state not in {LeaveState.ASKED, LeaveState.APPROVED}:
        raise errors.LeaveDecided(number=request.number, state=request.state)
    if request.starts_on <= today(session) and rights.is_own(actor, request.employee):
        raise errors.LeaveBegan(number=request.number, starts_on=request.starts_on)
    taken = session.scalars(
        select(LeaveEntry).where(
            LeaveEntry.request_id == request.id, LeaveEntry.kind == LeaveEntryKind.TAKEN
        )
    ).all()
    for entry in taken:
        book(
            session,
            request.employee,
            request.type,
            LeaveEntryKind.CORRECTION,
            -entry.days,
            day=entry.effective_on,
            request=request,
            note=because,
        )
    _move(session, request, LeaveState.CANCELLED, because)
    return request


def correct_balance(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    days: Decimal,
    *,
    because: str,
    day: date | None = None,
) -> LeaveEntry:
    """Add days to a balance by hand, or take them off; nobody does so for themselves."""
    rights.refuse_own_terms(session, employee)
    if not days:
        raise errors.DaysNotPositive(days=0)
    on = day or today(session)
    kind = LeaveEntryKind.CORRECTION
    if days < 0:
        lock_employee(session, employee.id)
        require_free(session, employee, leave, -days, day=on)
    return book(session, employee, leave, kind, days, day=on, note=because)


def grant_leave(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    days: Decimal,
    *,
    because: str = "",
    day: date | None = None,
) -> LeaveEntry:
    """Give somebody days beside what the policy credits; nobody gives themselves any."""
    rights.refuse_own_terms(session, employee)
    if days <= 0:
        raise errors.DaysNotPositive(days=plain(days))
    on = day or today(session)
    return book(session, employee, leave, LeaveEntryKind.GRANT, days, day=on, note=because)


def stretch_of(request: LeaveRequest) -> Stretch:
    """Return from when to when somebody asked to be away."""
    return Stretch(request.starts_on, request.ends_on, request.starts_at_noon, request.ends_at_noon)


def _require_days(session: Session, employee: Employee, away: Stretch) -> None:
    if away.ends_on < away.starts_on:
        raise errors.LeaveEndsBeforeStart(starts_on=away.starts_on, ends_on=away.ends_on)
    count = (away.ends_on - away.starts_on).days + 1
    if count > LEAVE_DAYS_MAX:
        raise errors.LeaveTooLong(most=LEAVE_DAYS_MAX, count=count)
    if away.starts_on < employee.hired_on:
        raise BeforeHiring(employee=employee.number, hired_on=employee.hired_on, day=away.starts_on)
    if employee.left_on is not None and away.ends_on > employee.left_on:
        raise AfterLeaving(employee=employee.number, left_on=employee.left_on, day=away.ends_on)
    employment_on(session, employee.id, away.starts_on)


def _require_no_other(session: Session, employee: Employee, away: Stretch) -> None:
    wanted = select(LeaveRequest).where(
        LeaveRequest.employee_id == employee.id,
        LeaveRequest.state.in_((LeaveState.ASKED, LeaveState.APPROVED)),
        LeaveRequest.starts_on <= away.ends_on,
        LeaveRequest.ends_on >= away.starts_on,
    )
    for other in session.scalars(wanted):
        # One that ends at noon leaves the afternoon to the other.
        after = other.ends_on == away.starts_on and other.ends_at_noon and away.starts_at_noon
        before = other.starts_on == away.ends_on and other.starts_at_noon and away.ends_at_noon
        if not after and not before:
            raise errors.LeaveOverlaps(
                employee=employee.number,
                starts_on=other.starts_on,
                ends_on=other.ends_on,
                number=other.number,
            )


def _days(session: Session, employee: Employee, away: Stretch) -> list[tuple[date, Decimal]]:
    return rules.leave_days(away, special_weights(session, employee, away.starts_on))


def _require_deciding(session: Session, request: LeaveRequest) -> None:
    actor = acting(session).actor
    if rights.is_concerned(session, request.employee) or actor.human == request.asked_by:
        if actor.roles & SYSTEM.actor.roles:
            return
        raise errors.OwnLeave(number=request.number, employee=request.employee.number)
    if actor.roles & rights.OFFICERS or is_manager_of(session, actor, request.employee):
        return
    raise errors.NotTheirManager(number=request.number, employee=request.employee.number)


def _move(session: Session, request: LeaveRequest, after: LeaveState, because: str) -> None:
    before, request.state = request.state, after
    fact = LeaveMoved(
        request.number,
        request.employee.number,
        request.employee.party.name,
        f"{request.type.code} · {request.starts_on} – {request.ends_on} · {plain(request.days)} d",
        before,
        after,
        because,
    )
    events.record(session, fact)
    session.flush()
