"""What people at work give to lists: the employees. Nothing here is paid or private."""

from sqlalchemy import or_

from core.hr.tables import Department, Employee
from core.kernel.identity.roles import STAFF, Role
from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import Names, Said
from core.parties.tables import Party

EMPLOYEES = RecordKind(
    id="employees",
    names=Names(
        "employees", "员工", ("staff", "colleagues", "people at work"), ("同事", "职员", "人员")
    ),
    one=Said("employee", "员工"),
    source=Employee.__table__.join(Party, Party.id == Employee.party_id).join(
        Department, Department.id == Employee.department_id
    ),
    key=Employee.number,
    identity=Employee.id,
    fields=(
        Field("number", Names("number", "工号"), column=Employee.number),
        Field("name", Names("name", "姓名", ("called", "named")), column=Party.name),
        Field("name_zh", Names("Chinese name", "中文姓名"), column=Party.name_zh, shown=False),
        record("department", Names("department", "部门"), Employee.department_id),
        Field(
            "job_title",
            Names("job title", "职位", ("job", "position"), ("岗位",)),
            column=Employee.job_title,
        ),
        Field("email", Names("e-mail", "邮箱", ("email",)), column=Party.email),
        Field("phone", Names("phone", "电话"), column=Party.phone),
        Field(
            "hired_on",
            Names("hired on", "入职日期", ("hired", "joined", "since"), ("入职",)),
            Holds.DATE,
            Employee.hired_on,
            shown=False,
        ),
        Field(
            "left_on",
            Names("left on", "离职日期", ("left", "leave"), ("离职",)),
            Holds.DATE,
            Employee.left_on,
            shown=False,
            ahead=True,
        ),
        flag(
            "here",
            Names("still here", "在职", ("employed", "current"), ("在岗",)),
            or_(Employee.left_on.is_(None), Employee.left_on >= TODAY),
            negative=Names("former", "已离职", ("gone",), ("前",)),
        ),
    ),
    day="hired_on",
    order=(("number", "asc"),),
    roles=STAFF | {Role.EMPLOYEE, Role.WATCHER},
    ref="employee",
)

LISTS = Lists(kinds=(EMPLOYEES,))
