"""What projects give to lists: the projects themselves. Hours and costs are no rows of lists."""

from core.kernel.identity.roles import STAFF, Role
from core.kernel.listing import Field, Holds, Lists, RecordKind, record
from core.kernel.semantics import Names, Said
from core.projects.tables import Project, ProjectState

_SEEN_BY = STAFF | {Role.EMPLOYEE}

PROJECTS = RecordKind(
    id="projects",
    names=Names("projects", "项目", ("project list",), ("项目列表",)),
    one=Said("project", "项目"),
    source=Project.__table__,
    key=Project.number,
    identity=Project.id,
    roles=_SEEN_BY,
    fields=(
        Field("number", Names("number", "编号"), column=Project.number),
        Field("name", Names("name", "名称", ("called", "named")), column=Project.name),
        record("customer", Names("customer", "客户", ("for customer",)), Project.customer_id),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            Project.state,
            words={
                ProjectState.OPEN: ("open", "进行中"),
                ProjectState.CLOSED: ("closed", "已关闭"),
            },
        ),
        Field(
            "starts_on",
            Names("starts on", "开始日期", ("started", "begun")),
            Holds.DATE,
            Project.starts_on,
        ),
        Field(
            "ends_on",
            Names("ends on", "结束日期", ("ending", "to be done by")),
            Holds.DATE,
            Project.ends_on,
            ahead=True,
        ),
    ),
    day="starts_on",
    order=(("number", "asc"),),
    ref="project",
)

LISTS = Lists(kinds=(PROJECTS,))
