"""What recruiting gives to lists: openings, and applications as far as they are one's to see."""

from core.hr.recruiting.tables import (
    RECRUITERS,
    Applicant,
    Application,
    JobOpening,
    OpeningState,
    Origin,
    Stage,
)
from core.kernel.identity.roles import STAFF, Role
from core.kernel.listing import Field, Holds, Lists, RecordKind, record
from core.kernel.semantics import Names, Said
from core.kernel.words import WORDS

_OPENING_STATES = {str(each): WORDS[each] for each in OpeningState} | {
    str(OpeningState.OPEN): ("open", "招聘中")
}

OPENINGS = RecordKind(
    id="job_openings",
    names=Names(
        "job openings", "招聘职位", ("openings", "list of openings"), ("招聘岗位", "招聘职位列表")
    ),
    one=Said("job opening", "招聘职位"),
    source=JobOpening.__table__,
    key=JobOpening.number,
    identity=JobOpening.id,
    fields=(
        Field("number", Names("number", "编号"), column=JobOpening.number),
        Field("title", Names("title", "职位名称"), column=JobOpening.title),
        record("department", Names("department", "部门"), JobOpening.department_id),
        Field("headcount", Names("places", "名额"), Holds.COUNT, JobOpening.headcount),
        Field("state", Names("state", "状态"), Holds.WORD, JobOpening.state, words=_OPENING_STATES),
        Field("opened_on", Names("opened on", "开放日期"), Holds.DATE, JobOpening.opened_on),
        Field(
            "asked_on", Names("asked on", "申请日期"), Holds.DATE, JobOpening.asked_on, shown=False
        ),
    ),
    day="asked_on",
    order=(("number", "desc"),),
    roles=STAFF | {Role.EMPLOYEE},
    ref="job_opening",
)

# The database shows interviewers and hiring managers what is theirs; a list is for who sees all.
APPLICATIONS = RecordKind(
    id="applications",
    names=Names(
        "applications",
        "应聘名单",
        ("job applications", "list of applications"),
        ("应聘列表", "应聘记录"),
    ),
    one=Said("application", "应聘"),
    source=Application.__table__.join(
        Applicant, Applicant.id == Application.applicant_id
    ).join(JobOpening, JobOpening.id == Application.opening_id),
    key=Application.number,
    identity=Application.id,
    fields=(
        Field("number", Names("number", "编号"), column=Application.number),
        Field("name", Names("name", "姓名"), column=Applicant.name),
        Field("title", Names("title", "职位名称"), column=JobOpening.title),
        Field("opening", Names("opening", "招聘职位"), column=JobOpening.number),
        Field(
            "stage", Names("stage", "阶段"), Holds.WORD, Application.stage,
            words={str(each): WORDS[each] for each in Stage},
        ),
        Field(
            "origin", Names("source", "来源"), Holds.WORD, Application.origin,
            words={str(each): WORDS[each] for each in Origin},
        ),
        Field("applied_on", Names("applied on", "投递日期"), Holds.DATE, Application.applied_on),
    ),
    day="applied_on",
    order=(("applied_on", "desc"), ("number", "desc")),
    roles=RECRUITERS,
    ref="application",
)  # fmt: skip

LISTS = Lists(kinds=(OPENINGS, APPLICATIONS))
