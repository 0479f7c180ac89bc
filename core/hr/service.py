"""What one can do in human resources."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.employment.rules import FULL_TIME, Terms
from core.hr.employment.service import begin_employment, set_pay
from core.hr.employment.tables import Contract, PayPeriod
from core.hr.errors import DepartmentExists, UnknownDepartment
from core.hr.events import DepartmentAdded, EmployeeAdded
from core.hr.tables import Department, Employee
from core.kernel import events
from core.kernel.company import company, today
from core.kernel.money import Money
from core.kernel.naming import resolved
from core.kernel.numbering import next_number
from core.parties import Party, PartyKind, add_party


def add_department(session: Session, *, code: str, name: str, name_zh: str) -> Department:
    """Add a part of the company."""
    if session.scalar(select(Department.id).where(Department.code == code)):
        raise DepartmentExists(department=code)
    department = Department(code=code, name=name, name_zh=name_zh)
    session.add(department)
    events.record(session, DepartmentAdded(code, name))
    session.flush()
    return department


def add_employee(
    session: Session,
    *,
    name: str,
    department: Department,
    job_title: str,
    hired_on: date | None = None,
    name_zh: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    party: Party | None = None,
    manager: Employee | None = None,
    cost_centre: str | None = None,
    contract: Contract = Contract.PERMANENT,
    ends_on: date | None = None,
    hours_share: Decimal = FULL_TIME,
    location: str | None = None,
    country: str | None = None,
    pay: Money | None = None,
    pay_period: PayPeriod = PayPeriod.MONTH,
) -> Employee:
    """Note that somebody works here, from a day on; `party` where we know them already."""
    known = party or add_party(
        session,
        name=name,
        name_zh=name_zh,
        kind=PartyKind.PERSON,
        email=email,
        phone=phone,
    )
    first = hired_on or today(session)
    employee = Employee(
        number=next_number(session, "E"),
        party=known,
        department=department,
        job_title=job_title,
        hired_on=first,
    )
    session.add(employee)
    session.flush()
    terms = Terms(
        job_title=job_title,
        department_id=department.id,
        manager_id=None if manager is None else manager.id,
        cost_centre=cost_centre,
        contract=contract,
        hours_share=hours_share,
        location=location,
        country=country or company(session).country,
    )
    begin_employment(session, employee, terms, starts_on=first, ends_on=ends_on)
    said = (manager and f"↑ {manager.number}", cost_centre, location)
    fact = EmployeeAdded(
        number=employee.number,
        called=known.name,
        department=department.name,
        job_title=job_title,
        hired_on=first.isoformat(),
        terms=" · ".join(each for each in (*said, contract, ends_on and f"→ {ends_on}") if each),
    )
    events.record(session, fact)
    if pay is not None:
        set_pay(session, employee, pay, period=pay_period, starts_on=first)
    session.flush()
    return employee


def find_department(session: Session, text: str) -> Department:
    """Return the department that a code or name means."""
    among = select(Department.code, Department.name, Department.name_zh)
    code = resolved(session, among, text, UnknownDepartment)
    return session.scalars(select(Department).where(Department.code == code)).one()
