"""Questions about people at work."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.hr.tables import Department, Employee
from core.parties import Party

LISTED_MAX = 500


@dataclass(frozen=True)
class EmployeeView:
    """Somebody who works or worked here, as colleagues may know."""

    number: str
    name: str
    name_zh: str | None
    department: str
    department_zh: str
    job_title: str
    hired_on: date
    left_on: date | None
    email: str | None
    phone: str | None


def list_employees(
    session: Session,
    *,
    department_id: uuid.UUID | None = None,
    containing: str | None = None,
    with_former: bool = False,
    limit: int = 100,
) -> list[EmployeeView]:
    """Return employees by number; `containing` looks at names and job titles."""
    wanted = (
        select(Employee, Party, Department)
        .join(Party, Party.id == Employee.party_id)
        .join(Department, Department.id == Employee.department_id)
        .order_by(Employee.number)
        .limit(min(limit, LISTED_MAX))
    )
    if department_id is not None:
        wanted = wanted.where(Employee.department_id == department_id)
    if containing:
        part = containing.strip().lower()
        columns = (Party.name, Party.name_zh, Employee.job_title)
        wanted = wanted.where(
            or_(*(func.lower(column).contains(part, autoescape=True) for column in columns))
        )
    if not with_former:
        wanted = wanted.where(Employee.left_on.is_(None))
    return [
        EmployeeView(
            number=employee.number,
            name=party.name,
            name_zh=party.name_zh,
            department=department.name,
            department_zh=department.name_zh,
            job_title=employee.job_title,
            hired_on=employee.hired_on,
            left_on=employee.left_on,
            email=party.email,
            phone=party.phone,
        )
        for employee, party, department in session.execute(wanted)
    ]
