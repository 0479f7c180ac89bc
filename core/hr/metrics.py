"""What people at work give to reporting: how many there are, who came and left, and who sells."""

from sqlalchemy import Integer, func, literal, select, union_all

from core.hr.employment.tables import PAY_READERS
from core.hr.expenses.tables import ExpenseCategory, ExpenseClaim, ExpenseLine
from core.hr.leave.tables import LeaveEntry, LeaveRequest, LeaveType
from core.hr.tables import Department, Employee
from core.kernel.identity.roles import Role
from core.kernel.semantics import (
    AND_CUSTOMERS,
    PEOPLE,
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.parties.tables import Customer, Party
from core.timesheets.tables import TimeEntry

# The database shows them every row, so that their sums are whole; nobody else gets a part of one.
WHOLE = PAY_READERS

_changes = union_all(
    select(
        Employee.number.label("document"),
        Employee.hired_on.label("changed_on"),
        Employee.department_id.label("department"),
        Employee.job_title.label("job_title"),
        literal(1, Integer).label("change"),
        Employee.id.label("employee"),
    ),
    # The last day at work is still one at work.
    select(
        Employee.number,
        Employee.left_on + 1,
        Employee.department_id,
        Employee.job_title,
        literal(-1, Integer),
        Employee.id,
    ).where(Employee.left_on.is_not(None)),
).subquery("staff_changes")

STAFF_CHANGES = Source(
    id="staff_changes",
    rows=select(_changes),
    basis=Said("employees by the days they came and left", "按入职与离职日期的员工"),
    handles=frozenset({"department", "job_title", "employee"}),
    dates=("changed_on",),
    document_kind="employee",
)

LEAVE_LEDGER = Source(
    id="leave_ledger",
    rows=select(
        LeaveRequest.number.label("document"),
        LeaveEntry.effective_on.label("day"),
        Employee.department_id.label("department"),
        Employee.job_title.label("job_title"),
        Employee.id.label("employee"),
        LeaveType.code.label("leave_type"),
        LeaveEntry.days.label("days"),
        LeaveEntry.request_id.is_not(None).label("is_taken"),
    )
    .join(Employee, Employee.id == LeaveEntry.employee_id)
    .join(LeaveType, LeaveType.id == LeaveEntry.type_id)
    .outerjoin(LeaveRequest, LeaveRequest.id == LeaveEntry.request_id),
    basis=Said("the ledger of leave", "假期台账"),
    handles=frozenset({"department", "job_title", "employee", "leave_type"}),
    dates=("day",),
    document_kind="leave_request",
)
TIMESHEETS = Source(
    id="timesheets",
    rows=select(
        Employee.number.label("document"),
        TimeEntry.worked_on.label("day"),
        Employee.department_id.label("department"),
        Employee.job_title.label("job_title"),
        Employee.id.label("employee"),
        TimeEntry.hours.label("hours"),
        TimeEntry.price_per_hour.is_not(None).label("is_billable"),
    )
    .join(Employee, Employee.party_id == TimeEntry.party_id)
    .where(TimeEntry.removed_because.is_(None)),
    basis=Said("hours by day of work", "按工作日的工时"),
    handles=frozenset({"department", "job_title", "employee"}),
    dates=("day",),
    document_kind="employee",
)
CLAIMS = Source(
    id="expense_lines",
    rows=select(
        ExpenseClaim.number.label("document"),
        ExpenseClaim.decided_on.label("decided_on"),
        ExpenseLine.spent_on.label("spent_on"),
        Employee.department_id.label("department"),
        Employee.job_title.label("job_title"),
        Employee.id.label("employee"),
        ExpenseCategory.id.label("expense_category"),
        ExpenseLine.sanctioned_minor.label("minor"),
    )
    .join(ExpenseClaim, ExpenseClaim.id == ExpenseLine.claim_id)
    .join(Employee, Employee.id == ExpenseClaim.employee_id)
    .join(ExpenseCategory, ExpenseCategory.id == ExpenseLine.category_id)
    .where(ExpenseLine.sanctioned_minor > 0),
    basis=Said("approved lines of expense claims", "已批准的费用报销明细"),
    handles=frozenset({"department", "job_title", "employee", "expense_category"}),
    dates=("decided_on", "spent_on"),
    document_kind="expense_claim",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="leave_taken",
            names=Names(
                "leave taken",
                "已休天数",
                ("days of leave taken", "absence days", "days of absence", "leave days"),
                ("休假天数", "请假天数", "缺勤天数"),
            ),
            definition=Said(
                "Working days of approved leave in the period, less what was called off.",
                "期间内已批准休假的工作日天数，减去已取消的部分。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=WHOLE,
            measure=Measure(
                LEAVE_LEDGER, lambda rows: -rows["days"], where=lambda rows: rows["is_taken"]
            ),
            more_is_better=False,
        ),
        Metric(
            id="leave_left",
            names=Names(
                "leave balance of all",
                "假期余额合计",
                ("leave outstanding", "unused leave", "days of leave outstanding"),
                ("未休假期", "未休天数", "剩余假期合计"),
            ),
            definition=Said(
                "Days of leave that were credited and neither taken nor lapsed nor paid out, at the"
                " end of the day.",
                "当日终了已记入且尚未休、未过期、未折现的假期天数。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            roles=WHOLE,
            measure=Measure(LEAVE_LEDGER, lambda rows: rows["days"], timing=Timing.UP_TO),
        ),
        Metric(
            id="hours_logged",
            names=Names(
                "hours logged",
                "登记工时",
                ("logged hours", "timesheet hours", "hours worked"),
                ("工时合计", "工作小时数", "已登记工时"),
            ),
            definition=Said("Hours on timesheets of the period.", "期间内工时表上登记的小时数。"),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=WHOLE,
            measure=Measure(TIMESHEETS, lambda rows: rows["hours"]),
        ),
        Metric(
            id="hours_billable",
            names=Names(
                "billable hours",
                "可计费工时",
                ("hours billable", "chargeable hours", "hours for customers"),
                ("计费工时", "可开票工时", "对客工时"),
            ),
            definition=Said(
                "Hours on timesheets of the period that are billed by the hour, or will be.",
                "期间内工时表上按小时计费的工时，无论是否已开票。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=WHOLE,
            measure=Measure(
                TIMESHEETS, lambda rows: rows["hours"], where=lambda rows: rows["is_billable"]
            ),
        ),
        Metric(
            id="utilisation",
            names=Names(
                "utilisation",
                "工时利用率",
                ("utilization", "billable share", "utilisation rate", "share of billable hours"),
                ("计费工时占比", "员工利用率", "计费率"),
            ),
            definition=Said(
                "Billable hours of the period as a percentage of all hours on timesheets.",
                "期间内可计费工时占全部登记工时的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=WHOLE,
            parts=("hours_billable", "hours_logged"),
            formula=lambda billable, logged: 100 * billable / func.nullif(logged, 0),
            undefined=Said("n/a (no hours logged)", "不适用（未登记工时）"),
        ),
        Metric(
            id="expenses_approved",
            names=Names(
                "employee expenses",
                "员工费用",
                ("expense claims approved", "reimbursed expenses", "expenses of employees"),
                ("报销费用", "已批准报销", "费用报销金额"),
            ),
            definition=Said(
                "What was approved of expense claims decided in the period, without tax.",
                "期间内审批的费用报销中批准的金额，不含税。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=WHOLE | {Role.ACCOUNTANT},
            measure=Measure(CLAIMS, lambda rows: rows["minor"], minor=True),
            more_is_better=False,
        ),
        Metric(
            id="headcount",
            names=Names(
                "headcount",
                "员工人数",
                ("number of employees", "employees", "staff count", "how many people work here"),
                ("人数", "员工数", "在职人数", "人员数量"),
            ),
            definition=Said(
                "The number of employees at the end of the day; the last day at work counts.",
                "当日终了的在职员工人数；离职当日仍计入。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            roles=PEOPLE,
            measure=Measure(STAFF_CHANGES, lambda rows: rows["change"], timing=Timing.UP_TO),
        ),
        Metric(
            id="hires",
            names=Names(
                "hires",
                "入职人数",
                ("new employees", "people hired", "joiners", "new hires"),
                ("新员工", "新入职", "招聘人数"),
            ),
            definition=Said(
                "The number of employees whose first day lies in the period.",
                "入职日期在期间内的员工人数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=PEOPLE,
            measure=Measure(
                STAFF_CHANGES, adding=Adding.COUNT, where=lambda rows: rows["change"] > 0
            ),
        ),
        Metric(
            id="leavers",
            names=Names(
                "leavers",
                "离职人数",
                ("people who left", "departures", "resignations"),
                ("离职员工", "流失人数", "离开人数"),
            ),
            definition=Said(
                "The number of employees whose first day away lies in the period.",
                "离职次日在期间内的员工人数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=PEOPLE,
            measure=Measure(
                STAFF_CHANGES, adding=Adding.COUNT, where=lambda rows: rows["change"] < 0
            ),
        ),
        Metric(
            id="turnover_rate",
            names=Names(
                "staff turnover",
                "员工流失率",
                ("employee turnover", "turnover rate", "staff turnover rate", "attrition"),
                ("人员流动率", "离职率", "员工流动率"),
            ),
            definition=Said(
                "Leavers in the period as a percentage of the mean of the headcount before and"
                " after it; not"
                " turned into a yearly rate.",
                "期间内离职人数占期初与期末平均人数的百分比；不折算为年率。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=PEOPLE,
            parts=("leavers", "headcount", "hires"),
            # Before the period there were as many as after it, less who came, plus who left.
            formula=lambda leavers, after, hires: (
                100 * leavers / func.nullif(after + (leavers - hires) / 2, 0)
            ),
            undefined=Said("n/a (nobody employed)", "不适用（无员工）"),
            more_is_better=False,
        ),
    ),
    dimensions=(
        Dimension(
            id="leave_type",
            names=Names(
                "kind of leave",
                "假期类型",
                ("leave type", "type of leave", "sort of leave"),
                ("假别", "休假类型", "假期种类"),
            ),
            handle="leave_type",
            keys=select(LeaveType.code.label("key")),
            roles=WHOLE,
        ),
        Dimension(
            id="expense_category",
            names=Names(
                "expense category",
                "费用类别",
                ("category of expense", "kind of expense", "expense type"),
                ("报销类别", "费用种类", "费用类型"),
            ),
            handle="expense_category",
            members=select(
                ExpenseCategory.id,
                ExpenseCategory.code.label("key"),
                ExpenseCategory.name.label("label"),
                ExpenseCategory.name_zh.label("label_zh"),
            ),
            roles=WHOLE | {Role.ACCOUNTANT},
        ),
        Dimension(
            id="department",
            names=Names(
                "department",
                "部门",
                ("team", "division", "unit of the company"),
                ("科室", "所在部门", "团队"),
            ),
            handle="department",
            members=select(
                Department.id,
                Department.code.label("key"),
                Department.name.label("label"),
                Department.name_zh.label("label_zh"),
            ),
            roles=PEOPLE,
        ),
        Dimension(
            id="job_title",
            names=Names(
                "job title",
                "职位",
                ("job", "position", "occupation"),
                ("岗位", "职务", "工种"),
            ),
            handle="job_title",
            keys=select(Employee.job_title.label("key")),
            roles=PEOPLE,
        ),
        Dimension(
            id="salesperson",
            names=Names(
                "salesperson",
                "销售员",
                ("sales rep", "seller", "account manager", "sales representative", "rep"),
                ("销售人员", "业务员", "销售代表", "销售"),
            ),
            handle="salesperson",
            members=select(
                Party.id,
                func.coalesce(Employee.number, Party.number).label("key"),
                Party.name.label("label"),
                Party.name_zh.label("label_zh"),
                Party.number.label("also"),
            )
            .outerjoin(Employee, Employee.party_id == Party.id)
            .where(Employee.id.is_not(None) | Party.id.in_(select(Customer.salesperson_id))),
            roles=AND_CUSTOMERS,
        ),
        Dimension(
            id="employee",
            names=Names(
                "employee",
                "员工",
                ("staff member", "person employed", "worker"),
                ("职员", "雇员", "职工"),
            ),
            handle="employee",
            members=select(
                Employee.id,
                Employee.number.label("key"),
                Party.name.label("label"),
                Party.name_zh.label("label_zh"),
            ).join(Party, Party.id == Employee.party_id),
            parent="department",
            roles=frozenset({Role.ADMIN, Role.MANAGER, Role.HR, Role.AUDITOR, Role.WATCHER}),
        ),
    ),
)
