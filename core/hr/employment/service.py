"""What one can do with employment: change terms and pay from a day on, add a contract, leave."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from core.hr.employment import errors, rights, rules
from core.hr.employment.events import EmployeeLeft, EmploymentChanged, PaySet
from core.hr.employment.queries import employment_on, in_days, lock_employee, on_day
from core.hr.employment.rules import Terms
from core.hr.employment.tables import EmployeePay, Employment, PayPeriod
from core.hr.tables import Department, Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.money import Money, plain

_DAY = timedelta(days=1)
# From somebody up to whoever is above them on some of the days, while the days still overlap.
_LINE_ABOVE = text(
    """
    WITH RECURSIVE above (employee_id, days, line) AS (
        SELECT CAST(:manager AS uuid), daterange(:first, :last, '[]'),
            ARRAY[CAST(:manager AS uuid)]
        UNION ALL
        SELECT e.manager_id, a.days * daterange(e.starts_on, e.ends_on, '[]'),
            a.line || e.manager_id
        FROM above AS a JOIN employment AS e ON e.employee_id = a.employee_id
            AND a.days && daterange(e.starts_on, e.ends_on, '[]')
        WHERE e.manager_id IS NOT NULL AND NOT e.manager_id = ANY(a.line)
    )
    SELECT line FROM above WHERE employee_id = :employee LIMIT 1
    """
)


def begin_employment(
    session: Session, employee: Employee, terms: Terms, *, starts_on: date, ends_on: date | None
) -> Employment:
    """Let somebody work here under a contract that overlaps none they have."""
    rights.refuse_own_terms(session, employee)
    lock_employee(session, employee.id)
    rules.require_usable(terms, starts_on=starts_on, ends_on=ends_on)
    require_in_service(employee, starts_on)
    wanted = select(Employment).where(
        Employment.employee_id == employee.id,
        in_days(Employment, starts_on, ends_on or date.max),
    )
    if other := session.scalar(wanted.limit(1)):
        raise errors.EmploymentsOverlap(
            employee=employee.number, starts_on=other.starts_on, ends_on=other.ends_on or "…"
        )
    _require_manager(session, employee, terms.manager_id, starts_on, ends_on)
    row = _row(employee, terms, starts_on, ends_on)
    session.add(row)
    session.flush()
    _keep_present(session, employee)
    return row


def add_contract(
    session: Session, employee: Employee, terms: Terms, *, starts_on: date, ends_on: date | None
) -> Employment:
    """Give somebody another contract, before or after those they have."""
    row = begin_employment(session, employee, terms, starts_on=starts_on, ends_on=ends_on)
    _tell(session, employee, "", _said(session, terms), starts_on)
    return row


def change_employment(
    session: Session, employee: Employee, *, starts_on: date, **changes: object
) -> Employment:
    """Change some of the terms from a day on, until they were to change anyway.

    A change for the day that terms began on corrects them.
    """
    rights.refuse_own_terms(session, employee)
    lock_employee(session, employee.id)
    require_in_service(employee, starts_on)
    wanted = select(Employment).where(
        Employment.employee_id == employee.id, on_day(Employment, starts_on)
    )
    old = session.scalar(wanted)
    if old is None:
        raise errors.NotEmployedOn(employee=employee.number, day=starts_on)
    before = terms_of(old)
    after = before.with_changes(**changes)
    rules.require_usable(after, starts_on=starts_on, ends_on=old.ends_on)
    if after.manager_id != before.manager_id:
        _require_manager(session, employee, after.manager_id, starts_on, old.ends_on)
    if old.starts_on == starts_on:
        row = old
        for name, value in vars(after).items():
            setattr(row, name, value)
    else:
        row = _row(employee, after, starts_on, old.ends_on)
        old.ends_on = starts_on - _DAY
        # The one must have ended before the other can begin.
        session.flush()
        session.add(row)
    session.flush()
    _keep_present(session, employee)
    _tell(session, employee, _said(session, before), _said(session, after), starts_on)
    return row


def set_pay(
    session: Session,
    employee: Employee,
    amount: Money,
    *,
    period: PayPeriod = PayPeriod.MONTH,
    starts_on: date,
) -> EmployeePay:
    """Pay somebody an amount from a day on, until the pay was to change anyway."""
    rights.refuse_own_terms(session, employee)
    lock_employee(session, employee.id)
    if amount.minor <= 0:
        raise errors.PayNotPositive(amount=str(amount))
    employment_on(session, employee.id, starts_on)
    wanted = select(EmployeePay).where(EmployeePay.employee_id == employee.id)
    old = session.scalar(wanted.where(on_day(EmployeePay, starts_on)))
    until = old.ends_on if old is not None else _day_before_next(session, employee, starts_on)
    before = "" if old is None else pay_said(Money(old.amount_minor, old.currency), old.period)
    if old is not None and old.starts_on == starts_on:
        row = old
        row.amount_minor, row.currency, row.period = amount.minor, amount.currency, period
    else:
        if old is not None:
            old.ends_on = starts_on - _DAY
            session.flush()
        row = EmployeePay(
            employee_id=employee.id,
            starts_on=starts_on,
            ends_on=until,
            amount_minor=amount.minor,
            currency=amount.currency,
            period=period,
        )
        session.add(row)
    events.record(
        session,
        PaySet(
            employee.number,
            employee.party.name,
            starts_on.isoformat(),
            before,
            pay_said(amount, period),
            amount.minor,
            amount.currency,
        ),
    )
    session.flush()
    return row


def leave_company(
    session: Session, employee: Employee, *, left_on: date, because: str = ""
) -> Employee:
    """Set somebody's last day at work; terms and pay end with it."""
    rights.refuse_own_terms(session, employee)
    lock_employee(session, employee.id)
    if employee.left_on is not None and employee.left_on < today(session):
        raise errors.HasLeft(employee=employee.number, left_on=employee.left_on)
    if left_on < employee.hired_on:
        raise errors.BeforeHiring(employee=employee.number, hired_on=employee.hired_on, day=left_on)
    people = session.scalars(
        select(Employee.number)
        .join(Employment, Employment.employee_id == Employee.id)
        .where(
            Employment.manager_id == employee.id,
            in_days(Employment, left_on + _DAY, date.max),
            Employee.left_on.is_(None) | (Employee.left_on > left_on),
        )
        .distinct()
        .order_by(Employee.number)
    ).all()
    if people:
        raise errors.StillManages(
            employee=employee.number, people=", ".join(people[:5]), day=left_on
        )
    employee.left_on = left_on
    for terms in session.scalars(
        select(Employment).where(Employment.employee_id == employee.id)
    ).all():
        _end(session, terms, left_on)
    for pay in session.scalars(
        select(EmployeePay).where(EmployeePay.employee_id == employee.id)
    ).all():
        _end(session, pay, left_on)
    fact = EmployeeLeft(employee.number, employee.party.name, left_on.isoformat(), because)
    events.record(session, fact)
    session.flush()
    return employee


def terms_differ(session: Session, day: date) -> bool:
    """Tell whether an employee still stands with another department or job than that of the day."""
    joined = select(Employee.id).join(Employment, Employment.employee_id == Employee.id)
    return session.scalar(joined.where(*_differing(day)).limit(1)) is not None


def _differing(day: date) -> tuple[ColumnElement[bool], ...]:
    differs = (Employee.department_id != Employment.department_id) | (
        Employee.job_title != Employment.job_title
    )
    return (on_day(Employment, day), differs)


def keep_present(session: Session, day: date) -> int:
    """Write on each employee the department and job of the day; return how many changed.

    Lists and figures of today read them there; what was agreed ahead of its day comes true by this.
    """
    changed = session.execute(
        select(Employee, Employment)
        .join(Employment, Employment.employee_id == Employee.id)
        .where(*_differing(day))
    ).all()
    for employee, row in changed:
        employee.department_id, employee.job_title = row.department_id, row.job_title
    session.flush()
    return len(changed)


def require_in_service(employee: Employee, day: date) -> None:
    """Refuse a day on which somebody does not work here."""
    if day < employee.hired_on:
        raise errors.BeforeHiring(employee=employee.number, hired_on=employee.hired_on, day=day)
    if employee.left_on is not None and day > employee.left_on:
        raise errors.AfterLeaving(employee=employee.number, left_on=employee.left_on, day=day)


def terms_of(row: Employment) -> Terms:
    """Return the terms that a row says."""
    return Terms(
        job_title=row.job_title,
        department_id=row.department_id,
        manager_id=row.manager_id,
        cost_centre=row.cost_centre,
        contract=row.contract,
        hours_share=row.hours_share,
        location=row.location,
        country=row.country,
    )


def pay_said(amount: Money, period: PayPeriod) -> str:
    """Write an amount of pay: 9,000.00 EUR / month."""
    return f"{amount} / {period}"


def _end(session: Session, row: Employment | EmployeePay, last: date) -> None:
    if row.starts_on > last:
        session.delete(row)
    elif row.ends_on is None or row.ends_on > last:
        row.ends_on = last


def _require_manager(
    session: Session,
    employee: Employee,
    manager_id: UUID | None,
    starts_on: date,
    ends_on: date | None,
) -> None:
    if manager_id is None:
        return
    if manager_id == employee.id:
        raise errors.OwnManager(employee=employee.number)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("managers"))))
    manager = session.get_one(Employee, manager_id)
    if manager.left_on is not None and manager.left_on < starts_on:
        raise errors.ManagerNotHere(manager=manager.number, day=starts_on)
    if manager.hired_on > starts_on:
        raise errors.ManagerNotHere(manager=manager.number, day=starts_on)
    given = {"manager": manager_id, "first": starts_on, "last": ends_on, "employee": employee.id}
    line = session.scalar(_LINE_ABOVE, given)
    if line is not None:
        named = select(Employee.id, Employee.number).where(Employee.id.in_(line))
        numbers = {row.id: row.number for row in session.execute(named)}
        raise errors.ManagersInACircle(
            employee=employee.number,
            manager=manager.number,
            line=" → ".join(numbers[each] for each in line),
        )


def _day_before_next(session: Session, employee: Employee, day: date) -> date | None:
    first = session.scalar(
        select(func.min(EmployeePay.starts_on)).where(
            EmployeePay.employee_id == employee.id, EmployeePay.starts_on > day
        )
    )
    return first and first - _DAY


def _row(employee: Employee, terms: Terms, starts_on: date, ends_on: date | None) -> Employment:
    return Employment(employee_id=employee.id, starts_on=starts_on, ends_on=ends_on, **vars(terms))


def _keep_present(session: Session, employee: Employee) -> None:
    present = session.scalar(
        select(Employment).where(
            Employment.employee_id == employee.id, on_day(Employment, today(session))
        )
    )
    if present is not None:
        employee.department_id, employee.job_title = present.department_id, present.job_title
        session.flush()


def _tell(session: Session, employee: Employee, before: str, after: str, day: date) -> None:
    fact = EmploymentChanged(employee.number, employee.party.name, day.isoformat(), before, after)
    events.record(session, fact)


def _said(session: Session, terms: Terms) -> str:
    manager = terms.manager_id and session.get_one(Employee, terms.manager_id).number
    parts = [
        terms.job_title,
        session.get_one(Department, terms.department_id).code,
        manager and f"↑ {manager}",
        terms.cost_centre,
        terms.contract,
        None if terms.hours_share == Decimal(1) else f"{plain(100 * terms.hours_share)}%",
        terms.location,
        terms.country,
    ]
    return " · ".join(part for part in parts if part)
