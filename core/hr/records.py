"""What people at work give to lists: the employees. Nothing here is paid or private."""

from enum import StrEnum
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import InstrumentedAttribute

from core.hr.expenses.tables import ClaimState, ExpenseClaim
from core.hr.leave.tables import LeaveRequest, LeaveState, LeaveType
from core.hr.tables import Department, Employee
from core.kernel.identity.roles import STAFF, Role
from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import Names, Said
from core.kernel.words import WORDS
from core.parties.tables import Party


def _state(column: InstrumentedAttribute[Any], states: type[StrEnum]) -> Field:
    words = {str(each): WORDS[each] for each in states}
    return Field("state", Names("state", "状态"), Holds.WORD, column, words=words)


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

LEAVE_REQUESTS = RecordKind(
    id="leave_requests",
    names=Names("leave requests", "休假申请", ("requests for leave",), ("请假申请", "请假单")),
    one=Said("leave request", "休假申请"),
    source=LeaveRequest.__table__.join(Employee, Employee.id == LeaveRequest.employee_id)
    .join(Party, Party.id == Employee.party_id)
    .join(LeaveType, LeaveType.id == LeaveRequest.type_id),
    key=LeaveRequest.number,
    identity=LeaveRequest.id,
    fields=(
        Field("number", Names("number", "编号"), column=LeaveRequest.number),
        Field("name", Names("name", "姓名"), column=Party.name),
        Field("leave", Names("kind of leave", "假期类型"), column=LeaveType.name),
        Field("starts_on", Names("from", "自"), Holds.DATE, LeaveRequest.starts_on, ahead=True),
        Field("ends_on", Names("until", "至"), Holds.DATE, LeaveRequest.ends_on, ahead=True),
        Field("days", Names("days", "天数"), Holds.QUANTITY, LeaveRequest.days),
        _state(LeaveRequest.state, LeaveState),
    ),
    day="starts_on",
    order=(("starts_on", "desc"), ("number", "desc")),
    roles=STAFF | {Role.EMPLOYEE},
    ref="leave_request",
)

EXPENSE_CLAIMS = RecordKind(
    id="expense_claims",
    names=Names("expense claims", "费用报销单", ("claims of expenses",), ("报销单", "报销申请")),
    one=Said("expense claim", "费用报销单"),
    source=ExpenseClaim.__table__.join(Employee, Employee.id == ExpenseClaim.employee_id).join(
        Party, Party.id == Employee.party_id
    ),
    key=ExpenseClaim.number,
    identity=ExpenseClaim.id,
    fields=(
        Field("number", Names("number", "编号"), column=ExpenseClaim.number),
        Field("name", Names("name", "姓名"), column=Party.name),
        Field("asked_on", Names("claimed on", "申请日期"), Holds.DATE, ExpenseClaim.asked_on),
        Field("purpose", Names("purpose", "事由"), column=ExpenseClaim.purpose),
        _state(ExpenseClaim.state, ClaimState),
        Field("bill", Names("bill", "账单"), column=ExpenseClaim.bill_number, shown=False),
    ),
    day="asked_on",
    order=(("asked_on", "desc"), ("number", "desc")),
    roles=STAFF | {Role.EMPLOYEE},
    ref="expense_claim",
)

LISTS = Lists(kinds=(EMPLOYEES, LEAVE_REQUESTS, EXPENSE_CLAIMS))
