"""Tools of people at work: who is where, and how to reach them."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.hr import EmployeeView
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from tools.base import Answer, Arguments, Column, Grid, Ref, Text, Tool

COLLEAGUES = STAFF | {Role.EMPLOYEE}


class ListEmployees(Arguments):
    """List who works here, by department or by a part of a name or job title."""

    department: Annotated[Text, Ref("department")] | None = None
    containing: Text | None = Field(default=None, description="A part of a name or job title.")
    limit: int = Field(default=100, ge=1, le=500)


class EmployeesListed(Answer):
    """Colleagues."""

    employees: list[EmployeeView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.employees)
        if language == "zh":
            return f"共 {count} 名员工。"
        return f"{count} {'employee' if count == 1 else 'employees'}."

    def grid(self) -> Grid:
        """Return one row for everybody."""
        columns = (
            Column("number", "工号"),
            Column("name", "姓名"),
            Column("中文姓名", "中文姓名"),
            Column("department", "部门"),
            Column("job title", "职位"),
            Column("e-mail", "邮箱"),
            Column("phone", "电话"),
        )
        rows = tuple(
            (
                *(each.number, each.name, each.name_zh, each.department, each.job_title),
                *(each.email, each.phone),
            )
            for each in self.employees
        )
        return Grid(columns, rows)


def list_employees(session: Session, arguments: ListEmployees) -> EmployeesListed:
    """Read who works here now."""
    department = arguments.department and hr.find_department(session, arguments.department)
    return EmployeesListed(
        employees=hr.list_employees(
            session,
            department_id=department.id if department else None,
            containing=arguments.containing,
            limit=arguments.limit,
        )
    )


TOOLS = [
    Tool(
        "people.list_employees",
        ListEmployees,
        list_employees,
        writes=False,
        title="List employees",
        title_zh="员工列表",
        roles=COLLEAGUES,
    ),
]
