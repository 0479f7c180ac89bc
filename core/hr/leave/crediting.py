"""What comes and goes by itself: accrual, carrying over a year, lapsing, and being paid out."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core import ledger
from core.hr.employment import employments_between, lock_employee, pay_on, rights
from core.hr.employment.rules import yearly
from core.hr.leave import errors, rules
from core.hr.leave.booking import book, entered, require_free
from core.hr.leave.events import LeaveCredited, LeaveEncashed
from core.hr.leave.queries import (
    leave_balance,
    policies_until,
    policy_among,
    policy_on,
    taken_between,
)
from core.hr.leave.rules import Policy
from core.hr.leave.tables import LeaveEntry, LeaveEntryKind, LeavePolicy, LeaveType
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import company, today
from core.kernel.errors import Both
from core.kernel.money import Money, plain
from core.ledger import Line, Side
from core.ledger.chart import SALARIES, SALARIES_PAYABLE

# Days that are worked in a year, where what a day is worth follows from the pay of a year.
WORKING_DAYS_OF_A_YEAR = Decimal(260)


def leave_accrual(session: Session, *, until: date | None = None) -> list[LeaveEntry]:
    """Credit everybody what is due by a day and was not credited yet; once, however often asked."""
    day = until or today(session)
    made = _accrue(session, _entitled(session, day), until=day)
    _tell(session, day, LeaveEntryKind.ACCRUAL, made)
    return made


def accrue(
    session: Session, employee: Employee, leave: LeaveType, *, until: date
) -> list[LeaveEntry]:
    """Credit one employee what is due of one kind in the year of a day, by that day."""
    return _accrue(session, [(employee, leave)], until=until)


def _accrue(
    session: Session, entitled: Sequence[tuple[Employee, LeaveType]], *, until: date
) -> list[LeaveEntry]:
    """Credit what is due to many, with as many questions as for one."""
    people = {employee.id: employee for employee, _ in entitled}
    # Of two that credit the same at once, the second finds it credited.
    locked = select(Employee.id).where(Employee.id.in_(people)).order_by(Employee.id)
    session.execute(locked.with_for_update())
    policies = policies_until(session, until)
    countries = _countries(session, people.values(), until)
    known = _credited(session, people)
    made = []
    for employee, leave in entitled:
        policy = policy_among(policies, leave, countries.get(employee.id), _day_of(employee, until))
        if policy is None:
            continue
        due = rules.credits_due(
            policy, joined=employee.hired_on, left=employee.left_on, year=until.year, until=until
        )
        made += [
            entered(
                session,
                employee,
                leave,
                LeaveEntryKind.ACCRUAL,
                credit.days,
                day=credit.day,
                period=credit.period,
            )
            for credit in due
            if (employee.id, leave.id, credit.period) not in known
        ]
    session.flush()
    return made


def _day_of(employee: Employee, until: date) -> date:
    """Return the day whose policy counts: the last one that somebody is here."""
    return max(employee.hired_on, min(until, _end(employee)))


def _countries(session: Session, people: Collection[Employee], until: date) -> dict[UUID, str]:
    """Return where each of some employees works, on the day whose policy counts for them."""
    days = {employee.id: _day_of(employee, until) for employee in people}
    if not days:
        return {}
    terms = employments_between(session, min(days.values()), max(days.values()), days)
    return {
        each.employee_id: each.country for each in terms if each.holds_on(days[each.employee_id])
    }


def _credited(
    session: Session, employee_ids: Collection[UUID]
) -> set[tuple[UUID, UUID, str | None]]:
    wanted = select(LeaveEntry.employee_id, LeaveEntry.type_id, LeaveEntry.period).where(
        LeaveEntry.employee_id.in_(employee_ids),
        LeaveEntry.kind == LeaveEntryKind.ACCRUAL,
        LeaveEntry.period.is_not(None),
    )
    return {(row[0], row[1], row[2]) for row in session.execute(wanted)}


def leave_carry_forward(session: Session, *, year: int) -> list[LeaveEntry]:
    """Carry over what everybody has left at the end of a year, as far as the policies allow."""
    last = date(year, 12, 31)
    made = [
        entry
        for employee, leave in _entitled(session, last)
        for entry in carry_forward(session, employee, leave, year=year)
    ]
    _tell(session, last, LeaveEntryKind.CARRIED, made)
    return made


def carry_forward(
    session: Session, employee: Employee, leave: LeaveType, *, year: int
) -> list[LeaveEntry]:
    """Carry over what one employee has left of one kind at the end of a year; the rest lapses."""
    last, first = date(year, 12, 31), date(year + 1, 1, 1)
    policy = policy_on(session, employee, leave, last)
    period = str(year)
    if policy is None:
        return []
    # Of two that carry the same year at once, the second finds it carried.
    lock_employee(session, employee.id)
    if period in _periods(session, employee, leave, LeaveEntryKind.CARRIED):
        return []
    unused = leave_balance(session, employee.id, leave, on=last)
    kept = rules.carried(unused, policy)
    made = []
    if unused > kept:
        made.append(
            book(
                session,
                employee,
                leave,
                LeaveEntryKind.EXPIRY,
                kept - unused,
                day=last,
                period=period,
            )
        )
    if kept:
        until = None
        if policy.carried_months is not None and kept > 0:
            until = rules.months_after(first, policy.carried_months)
        out = book(session, employee, leave, LeaveEntryKind.CARRIED, -kept, day=last, period=period)
        come = book(
            session,
            employee,
            leave,
            LeaveEntryKind.CARRIED,
            kept,
            day=first,
            period=f"{period}→{year + 1}",
            expires_on=until,
        )
        made += [out, come]
    return made


def expire_carried(session: Session, *, on: date | None = None) -> list[LeaveEntry]:
    """Let carried days lapse whose time is over and that nobody used; once each."""
    day = on or today(session)
    wanted = (
        select(Employee, LeaveType, LeaveEntry)
        .join(Employee, Employee.id == LeaveEntry.employee_id)
        .join(LeaveType, LeaveType.id == LeaveEntry.type_id)
        .where(LeaveEntry.kind == LeaveEntryKind.CARRIED, LeaveEntry.expires_on < day)
        .order_by(LeaveEntry.effective_on)
    )
    made = []
    for employee, leave, entry in session.execute(wanted).all():
        made += _expire(session, employee, leave, entry)
    _tell(session, day, LeaveEntryKind.EXPIRY, made)
    return made


def _expire(
    session: Session, employee: Employee, leave: LeaveType, carried: LeaveEntry
) -> list[LeaveEntry]:
    assert carried.expires_on is not None, "it was chosen by its last day"
    period = f"carried {carried.period}"
    lock_employee(session, employee.id)
    if period in _periods(session, employee, leave, LeaveEntryKind.EXPIRY):
        return []
    last = carried.expires_on
    used = taken_between(session, employee.id, leave, carried.effective_on, last)
    gone = rules.lapsed(carried.days, used)
    if not gone:
        return []
    return [
        book(
            session,
            employee,
            leave,
            LeaveEntryKind.EXPIRY,
            -gone,
            day=last + timedelta(days=1),
            period=period,
        )
    ]


def encash_leave(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    days: Decimal,
    *,
    per_day: Money | None = None,
    because: str = "",
) -> tuple[LeaveEntry, Money]:
    """Pay out days instead of letting them be taken; what a day is worth follows from the pay."""
    rights.refuse_own_terms(session, employee)
    day = today(session)
    if days <= 0:
        raise errors.DaysNotPositive(days=plain(days))
    policy = policy_on(session, employee, leave, day)
    said = Both(leave.name, leave.name_zh)
    if policy is None:
        raise errors.NoLeavePolicy(leave=said, employee=employee.number, day=day)
    lock_employee(session, employee.id)
    _require_encashable(session, employee, leave, policy, days, day)
    require_free(session, employee, leave, days, day=day)
    mode = company(session).rounding
    if per_day is None:
        pay = pay_on(session, employee.id, day)
        of_day = yearly(pay.amount.amount, pay.period) / WORKING_DAYS_OF_A_YEAR
        amount = Money.rounding(of_day * days, pay.amount.currency, mode)
    else:
        amount = per_day.times(days, mode)
    entry = book(session, employee, leave, LeaveEntryKind.ENCASHED, -days, day=day, note=because)
    fact = LeaveEncashed(
        employee.number,
        employee.party.name,
        leave.code,
        plain(days),
        amount.minor,
        amount.currency,
    )
    events.record(session, fact)
    ledger.post_entry(
        session,
        [
            Line(SALARIES, Side.DEBIT, amount),
            Line(SALARIES_PAYABLE, Side.CREDIT, amount),
        ],
        memo=f"{leave.code} {plain(days)} d {employee.number}",
        origin=employee.number,
    )
    return entry, amount


def _require_encashable(
    session: Session,
    employee: Employee,
    leave: LeaveType,
    policy: Policy,
    days: Decimal,
    day: date,
) -> None:
    wanted = select(func.coalesce(func.sum(-LeaveEntry.days), Decimal(0))).where(
        LeaveEntry.employee_id == employee.id,
        LeaveEntry.type_id == leave.id,
        LeaveEntry.kind == LeaveEntryKind.ENCASHED,
        LeaveEntry.effective_on.between(date(day.year, 1, 1), date(day.year, 12, 31)),
    )
    done: Decimal = session.scalars(wanted).one()
    if done + days > policy.encash_max:
        raise errors.EncashBeyondPolicy(
            leave=Both(leave.name, leave.name_zh),
            most=plain(policy.encash_max),
            done=plain(done),
            days=plain(days),
        )


def _entitled(session: Session, day: date) -> Sequence[tuple[Employee, LeaveType]]:
    here = select(Employee).where(
        Employee.hired_on <= day,
        Employee.left_on.is_(None) | (Employee.left_on >= date(day.year, 1, 1)),
    )
    kinds = select(LeaveType).where(
        LeaveType.needs_balance, LeaveType.id.in_(select(LeavePolicy.type_id))
    )
    employees = session.scalars(here.options(joinedload(Employee.party)).order_by(Employee.number))
    leaves = session.scalars(kinds.order_by(LeaveType.code)).all()
    return [(employee, leave) for employee in employees.all() for leave in leaves]


def _periods(
    session: Session, employee: Employee, leave: LeaveType, kind: LeaveEntryKind
) -> set[str | None]:
    wanted = select(LeaveEntry.period).where(
        LeaveEntry.employee_id == employee.id,
        LeaveEntry.type_id == leave.id,
        LeaveEntry.kind == kind,
        LeaveEntry.period.is_not(None),
    )
    return set(session.scalars(wanted))


def _end(employee: Employee) -> date:
    return employee.left_on or date.max


def _tell(session: Session, day: date, kind: LeaveEntryKind, made: Sequence[LeaveEntry]) -> None:
    total = sum((entry.days for entry in made), Decimal(0))
    fact = LeaveCredited(day.isoformat(), kind, len(made), plain(total))
    events.record(session, fact)
