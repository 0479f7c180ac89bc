"""What recruiting gives to reporting: places to fill, who applies, how long and how well it goes.

Only who recruits for the whole company is shown every application; nobody else gets a part of a
sum.
"""

from sqlalchemy import Integer, case, cast, func, literal, select, union_all

from core.hr.recruiting.tables import (
    RECRUITERS,
    Application,
    JobOffer,
    JobOpening,
    OfferState,
    OpeningState,
    Origin,
    Stage,
)
from core.kernel.semantics import (
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
from core.kernel.words import WORDS

_HANDLES = frozenset({"department"})

_hired = (
    select(func.count())
    .where(Application.opening_id == JobOpening.id, Application.stage == Stage.HIRED)
    .scalar_subquery()
)
_places = union_all(
    select(
        JobOpening.number.label("document"),
        JobOpening.opened_on.label("changed_on"),
        JobOpening.department_id.label("department"),
        JobOpening.headcount.label("places"),
    ).where(JobOpening.opened_on.is_not(None)),
    select(JobOpening.number, Application.ended_on, JobOpening.department_id, literal(-1, Integer))
    .join(JobOpening, JobOpening.id == Application.opening_id)
    .where(Application.stage == Stage.HIRED),
    select(
        JobOpening.number,
        JobOpening.closed_on,
        JobOpening.department_id,
        cast(_hired - JobOpening.headcount, Integer),
    ).where(JobOpening.state == OpeningState.CLOSED),
).subquery("opening_changes")
PLACES = Source(
    id="opening_changes",
    rows=select(_places),
    basis=Said(
        "openings by the days they were opened, filled and closed",
        "按开放、录用与关闭日期的招聘职位",
    ),
    handles=_HANDLES,
    dates=("changed_on",),
    document_kind="job_opening",
)
APPLICATIONS = Source(
    id="applications",
    rows=select(
        Application.number.label("document"),
        Application.applied_on.label("applied_on"),
        JobOpening.department_id.label("department"),
        Application.stage.label("application_stage"),
        Application.origin.label("application_source"),
    ).join(JobOpening, JobOpening.id == Application.opening_id),
    basis=Said("applications by the day they came", "按投递日期的应聘"),
    handles=_HANDLES | {"application_stage", "application_source"},
    dates=("applied_on",),
    document_kind="application",
)
OFFERS = Source(
    id="job_offers",
    rows=select(
        JobOffer.number.label("document"),
        JobOffer.answered_on.label("answered_on"),
        JobOpening.department_id.label("department"),
        Application.origin.label("application_source"),
        (JobOffer.state == OfferState.ACCEPTED).label("is_accepted"),
        cast(JobOffer.answered_on - JobOpening.opened_on, Integer).label("days"),
    )
    .join(Application, Application.id == JobOffer.application_id)
    .join(JobOpening, JobOpening.id == Application.opening_id)
    .where(JobOffer.answered_on.is_not(None)),
    basis=Said("job offers by the day they were answered", "按答复日期的录用通知"),
    handles=_HANDLES | {"application_source"},
    dates=("answered_on",),
    document_kind="job_offer",
)


def _counted(name: str, en: str, zh: str, *, accepted: bool) -> Metric:
    return Metric(
        id=name,
        names=Names(en, zh),
        definition=Said(f"The number of {en} in the period.", f"期间内{zh}数。"),
        unit=Unit.COUNT,
        kind=Kind.FLOW,
        roles=RECRUITERS,
        measure=Measure(
            OFFERS,
            adding=Adding.COUNT,
            where=(lambda rows: rows["is_accepted"]) if accepted else None,
        ),
        inner=True,
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="open_positions",
            names=Names(
                "open positions",
                "空缺职位数",
                ("vacancies", "vacant positions", "positions to fill", "places to fill"),
                ("空缺岗位数", "待招人数", "职位空缺", "招聘缺口"),
            ),
            definition=Said(
                "Places of approved openings that are neither filled nor closed, at the end of the"
                " day.",
                "当日终了已批准招聘职位中尚未录用且未关闭的名额。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            roles=RECRUITERS,
            measure=Measure(PLACES, lambda rows: rows["places"], timing=Timing.UP_TO),
        ),
        Metric(
            id="applications_received",
            names=Names(
                "applications received",
                "收到的应聘数",
                ("job applications", "number of applications", "how many people applied"),
                ("应聘数", "应聘人次", "投递数", "简历数"),
            ),
            definition=Said(
                "Applications that came in the period, by how far they are now.",
                "期间内收到的应聘，按当前阶段。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=RECRUITERS,
            measure=Measure(APPLICATIONS, adding=Adding.COUNT),
        ),
        _counted("job_offers_accepted", "accepted job offers", "已接受的录用通知", accepted=True),
        _counted("job_offers_answered", "answered job offers", "已答复的录用通知", accepted=False),
        Metric(
            id="days_to_hire",
            names=Names("days to hire of all", "录用天数合计"),
            definition=Said(
                "Days from the opening to the accepted offer, added up.",
                "从职位开放到接受录用的天数合计。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=RECRUITERS,
            measure=Measure(
                OFFERS, lambda rows: case((rows["is_accepted"], rows["days"]), else_=0)
            ),
            inner=True,
        ),
        Metric(
            id="time_to_hire",
            names=Names(
                "time to hire",
                "招聘周期",
                ("average time to hire", "days to fill a position", "time to fill"),
                ("平均招聘周期", "平均录用天数", "招聘天数", "平均到岗周期"),
            ),
            definition=Said(
                "The mean of days from the day an opening was approved to the day an offer for it"
                " was accepted, of offers accepted in the period.",
                "期间内接受的录用通知，从职位批准日到接受日的平均天数。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.RATIO,
            roles=RECRUITERS,
            parts=("days_to_hire", "job_offers_accepted"),
            formula=lambda days, hired: days / func.nullif(hired, 0),
            undefined=Said("n/a (nobody was hired)", "不适用（无人录用）"),
            more_is_better=False,
        ),
        Metric(
            id="offer_acceptance",
            names=Names(
                "offer acceptance rate",
                "录用接受率",
                ("offer acceptance", "acceptance rate of job offers", "accepted offers rate"),
                ("录用通知接受率", "接受录用比例", "offer接受率"),
            ),
            definition=Said(
                "Accepted job offers as a percentage of those that were accepted or declined in"
                " the period.",
                "期间内接受的录用通知占已接受与已谢绝合计的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=RECRUITERS,
            parts=("job_offers_accepted", "job_offers_answered"),
            formula=lambda accepted, answered: 100 * accepted / func.nullif(answered, 0),
            undefined=Said("n/a (no offer was answered)", "不适用（无已答复的录用通知）"),
        ),
    ),
    dimensions=(
        Dimension(
            id="application_stage",
            names=Names(
                "application stage",
                "应聘阶段",
                ("stage of application", "hiring stage", "stage of applications"),
                ("招聘阶段", "应聘进度", "应聘环节"),
            ),
            handle="application_stage",
            words={each: WORDS[each] for each in Stage},
            ordered=True,
            roles=RECRUITERS,
        ),
        Dimension(
            id="application_source",
            names=Names(
                "application source",
                "应聘来源",
                ("source of application", "recruiting channel", "source of applications"),
                ("招聘渠道", "应聘渠道", "简历来源"),
            ),
            handle="application_source",
            words={each: WORDS[each] for each in Origin},
            roles=RECRUITERS,
        ),
    ),
)
