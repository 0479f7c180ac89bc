"""What people at work give to reporting: how many there are, who came and left, and who sells."""

from sqlalchemy import Integer, func, literal, select, union_all

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

SEMANTICS = Semantics(
    metrics=(
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
