"""Who works here, under which terms and for which pay, on any day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.hr.employment import rights
from core.hr.employment.errors import NoPayOn, NotEmployedOn, UnknownEmployee
from core.hr.employment.tables import Contract, EmployeePay, Employment, PayPeriod
from core.hr.tables import Department, Employee
from core.kernel.money import Money
from core.kernel.naming import resolved
from core.parties import Party


class Pay(NamedTuple):
    """An amount, and what it is for."""

    amount: Money
    period: PayPeriod


@dataclass(frozen=True)
class EmploymentView:
    """The terms somebody works under on a day."""

    employee_id: UUID
    employee: str
    starts_on: date
    ends_on: date | None
    job_title: str
    department_id: UUID
    department: str
    manager_id: UUID | None
    manager: str | None
    cost_centre: str | None
    contract: Contract
    hours_share: Decimal
    location: str | None
    country: str

    def holds_on(self, day: date) -> bool:
        """Tell whether they are in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class PayView:
    """What somebody is paid from a day until a day, or further notice."""

    employee_id: UUID
    starts_on: date
    ends_on: date | None
    pay: Pay


_manager = aliased(Employee)


def _employments() -> Select[Employment, Employee, str, str | None]:
    return (
        select(Employment, Employee, Department.code, _manager.number)
        .join(Employee, Employee.id == Employment.employee_id)
        .join(Department, Department.id == Employment.department_id)
        .outerjoin(_manager, _manager.id == Employment.manager_id)
    )


def on_day(
    table: type[Employment] | type[EmployeePay], day: date | ColumnElement[date]
) -> ColumnElement[bool]:
    """Say that a row is in force on a day."""
    return (table.starts_on <= day) & or_(table.ends_on.is_(None), table.ends_on >= day)


def in_days(
    table: type[Employment] | type[EmployeePay],
    first: date | ColumnElement[date] | InstrumentedAttribute[date],
    last: date | ColumnElement[date],
) -> ColumnElement[bool]:
    """Say that a row is in force on some of the days."""
    return (table.starts_on <= last) & or_(table.ends_on.is_(None), table.ends_on >= first)


def employment_or_none(session: Session, employee_id: UUID, day: date) -> EmploymentView | None:
    """Return the terms somebody works under on a day, or None where they do not work here."""
    return employments_on(session, day, [employee_id]).get(employee_id)


def employment_on(session: Session, employee_id: UUID, day: date) -> EmploymentView:
    """Return the terms somebody works under on a day; refuse where they do not work here."""
    found = employment_or_none(session, employee_id, day)
    if found is None:
        raise NotEmployedOn(employee=session.get_one(Employee, employee_id).number, day=day)
    return found


def employments_on(
    session: Session, day: date, employee_ids: Collection[UUID] | None = None
) -> dict[UUID, EmploymentView]:
    """Return the terms of everybody who works here on a day, or of those of them."""
    wanted = _employments().where(on_day(Employment, day))
    if employee_ids is not None:
        wanted = wanted.where(Employment.employee_id.in_(employee_ids))
    return {row[1].id: _view(*row) for row in session.execute(wanted)}


def employments_between(
    session: Session, first: date, last: date, employee_ids: Collection[UUID] | None = None
) -> Sequence[EmploymentView]:
    """Return all terms in force on any of the days, by number of the employee and by day."""
    wanted = _employments().where(in_days(Employment, first, last))
    if employee_ids is not None:
        wanted = wanted.where(Employment.employee_id.in_(employee_ids))
    wanted = wanted.order_by(Employee.number, Employment.starts_on)
    return [_view(*row) for row in session.execute(wanted)]


def _view(
    row: Employment, employee: Employee, department: str, manager: str | None
) -> EmploymentView:
    return EmploymentView(
        employee_id=employee.id,
        employee=employee.number,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        job_title=row.job_title,
        department_id=row.department_id,
        department=department,
        manager_id=row.manager_id,
        manager=manager,
        cost_centre=row.cost_centre,
        contract=row.contract,
        hours_share=row.hours_share,
        location=row.location,
        country=row.country,
    )


def pay_on(session: Session, employee_id: UUID, day: date) -> Pay:
    """Return what somebody is paid on a day, to who may see it; the trail keeps who looked."""
    employee = session.get_one(Employee, employee_id)
    rights.look_at(session, rights.PAY, [employee])
    wanted = select(EmployeePay).where(
        EmployeePay.employee_id == employee_id, on_day(EmployeePay, day)
    )
    row = session.scalar(wanted)
    if row is None:
        raise NoPayOn(employee=employee.number, day=day)
    return _pay(row)


def pays_between(
    session: Session, first: date, last: date, employees: Sequence[Employee]
) -> Sequence[PayView]:
    """Return what people are paid on any of the days, by employee and day, as with `pay_on`."""
    rights.look_at(session, rights.PAY, employees)
    wanted = (
        select(EmployeePay)
        .where(
            EmployeePay.employee_id.in_([employee.id for employee in employees]),
            in_days(EmployeePay, first, last),
        )
        .order_by(EmployeePay.employee_id, EmployeePay.starts_on)
    )
    return [
        PayView(row.employee_id, row.starts_on, row.ends_on, _pay(row))
        for row in session.scalars(wanted)
    ]


def _pay(row: EmployeePay) -> Pay:
    return Pay(Money(row.amount_minor, row.currency), row.period)


def find_employee(session: Session, said: str, *, lock: bool = False) -> Employee:
    """Return the employee that a number or a name means, with the party."""
    among = select(Employee.number, Party.name, Party.name_zh).join(
        Party, Party.id == Employee.party_id
    )
    return employee_numbered(session, resolved(session, among, said, UnknownEmployee), lock=lock)


def employee_numbered(session: Session, number: str, *, lock: bool = False) -> Employee:
    """Return the employee of a number, with the party, as it is stored now."""
    wanted = _with_party().where(Employee.number == number)
    if lock:
        wanted = wanted.with_for_update(of=Employee)
    return session.scalars(wanted).one()


def lock_employee(session: Session, employee_id: UUID) -> None:
    """Let nobody else change what is kept of an employee until the transaction ends."""
    session.execute(select(Employee.id).where(Employee.id == employee_id).with_for_update())


def employee_of_party(session: Session, party_id: UUID | None) -> Employee | None:
    """Return the employee that a party is, or None."""
    if party_id is None:
        return None
    return session.scalar(_with_party().where(Employee.party_id == party_id))


def department_of_job(session: Session, job_title: str) -> UUID | None:
    """Return the department that everybody of a job works in today, where it is one."""
    wanted = (
        select(Employee.department_id)
        .where(func.lower(Employee.job_title) == job_title.lower(), Employee.left_on.is_(None))
        .distinct()
        .limit(2)
    )
    found = session.scalars(wanted).all()
    return found[0] if len(found) == 1 else None


def _with_party() -> Select[Employee]:
    return select(Employee).options(rights.WITH_PARTY).execution_options(populate_existing=True)
