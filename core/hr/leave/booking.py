"""The ledger of leave: one way to add a line to it, and what is free to be taken."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.hr.leave import errors
from core.hr.leave.events import LeaveBooked
from core.hr.leave.queries import lowest_balance, policy_on
from core.hr.leave.tables import LeaveEntry, LeaveEntryKind, LeaveRequest, LeaveType
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.errors import Both
from core.kernel.money import plain


def book(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    kind: LeaveEntryKind,
    days: Decimal,
    *,
    day: date,
    request: LeaveRequest | None = None,
    period: str | None = None,
    expires_on: date | None = None,
    note: str = "",
) -> LeaveEntry:
    """Add a line to the ledger of leave and tell of it."""
    entry = entered(
        session,
        employee,
        leave,
        kind,
        days,
        day=day,
        request=request,
        period=period,
        expires_on=expires_on,
        note=note,
    )
    session.flush()
    return entry


def entered(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    kind: LeaveEntryKind,
    days: Decimal,
    *,
    day: date,
    request: LeaveRequest | None = None,
    period: str | None = None,
    expires_on: date | None = None,
    note: str = "",
) -> LeaveEntry:
    """Do the same for one of many lines, which are written together when the caller flushes."""
    entry = LeaveEntry(
        employee_id=employee.id,
        type_id=leave.id,
        kind=kind,
        days=days,
        effective_on=day,
        expires_on=expires_on,
        period=period,
        request_id=None if request is None else request.id,
        note=note,
    )
    session.add(entry)
    fact = LeaveBooked(employee.number, leave.code, kind, f"{days:+f}", day.isoformat(), note)
    events.record(session, fact)
    return entry


def require_free(
    session: Session, employee: Employee, leave: LeaveType, days: Decimal, *, day: date
) -> None:
    """Refuse more days than are free from a day on, by as much as the policy lets it go below."""
    if not leave.needs_balance:
        return
    policy = policy_on(session, employee, leave, day)
    allowed = policy.negative if policy is not None else Decimal(0)
    free = lowest_balance(session, employee.id, leave, since=day)
    if free - days < -allowed:
        raise errors.LeaveBeyondBalance(
            employee=employee.number,
            balance=plain(free),
            leave=Both(leave.name, leave.name_zh),
            day=day,
            days=plain(days),
        )
