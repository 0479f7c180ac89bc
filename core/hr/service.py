"""What one can do in human resources."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.errors import DepartmentExists, UnknownDepartment
from core.hr.events import DepartmentAdded, EmployeeAdded
from core.hr.tables import Department, Employee
from core.kernel import events
from core.kernel.company import today
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
    employee = Employee(
        number=next_number(session, "E"),
        party=known,
        department=department,
        job_title=job_title,
        hired_on=hired_on or today(session),
    )
    session.add(employee)
    fact = EmployeeAdded(
        number=employee.number,
        called=known.name,
        department=department.name,
        job_title=job_title,
        hired_on=employee.hired_on.isoformat(),
    )
    events.record(session, fact)
    session.flush()
    return employee


def find_department(session: Session, text: str) -> Department:
    """Return the department that a code or name means."""
    among = select(Department.code, Department.name, Department.name_zh)
    code = resolved(session, among, text, UnknownDepartment)
    return session.scalars(select(Department).where(Department.code == code)).one()
