"""Tools of recruiting: openings, who applies, interviews, offers, and hiring.

What these answer is kept with the proposal: people who apply are named there by number only.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.approvals import DutyName
from core.hr import PayPeriod, recruiting
from core.hr.recruiting import Advice, Application, JobOffer, JobOpening, Origin, Stage, rights
from core.hr.recruiting.tables import RECRUITERS
from core.kernel.company import company, today
from core.kernel.errors import BadInput, Language
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.processes import staffing
from core.processes.staffing import WorkflowKind
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Duty,
    FreeText,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
    never,
)
from tools.people import (
    EVERYBODY,
    NOBODY,
    SET_LAST_DAY,
    DepartmentRef,
    EmployeeRef,
    Noted,
    about_nobody,
    employee_of,
)
from tools.trade import Because

OpeningRef = Annotated[Text, Ref("job_opening")]
ApplicationRef = Annotated[Text, Ref("application")]
ApplicantRef = Annotated[Text, Ref("applicant")]
InterviewRef = Annotated[Text, Ref("interview")]
OfferRef = Annotated[Text, Ref("job_offer")]
STAYS = ("what was noted stays on record", "已登记的内容保留")
DECIDE_AGAIN = ("ask for it anew instead", "请改为重新提出")
ERASED = ("what is erased is gone", "已删除的信息无法恢复")


def _opening_said(opening: JobOpening) -> Noted:
    many = f" × {opening.headcount}" if opening.headcount > 1 else ""
    return Noted(
        number=opening.number,
        said=f"{opening.title}{many} in {opening.department.name}, {word(opening.state)}.",
        said_zh=(
            f"{opening.department.name_zh}{opening.title}{many}，{word(opening.state, 'zh')}。"
        ),
    )


def _application_said(application: Application) -> Noted:
    what = f"{application.applicant.number} · {application.opening.title}"
    stage = application.stage
    return Noted(
        number=application.number,
        said=f"{what}, {word(stage)}.",
        said_zh=f"{what}，{word(stage, 'zh')}。",
    )


def _offer_said(offer: JobOffer) -> Noted:
    what = f"{offer.application.number} · {offer.application.opening.title}"
    return Noted(
        number=offer.number,
        said=f"{what} from {offer.starts_on}, {word(offer.state)}.",
        said_zh=f"{what}，自 {offer.starts_on}，{word(offer.state, 'zh')}。",
    )


# Openings.


class AskOpening(Arguments):
    """Ask for a position to be filled: as what, where, by how many; somebody else approves it."""

    title: Annotated[Text, FreeText()] = Field(description="The job, such as buyer.")
    department: DepartmentRef | None = Field(
        default=None, description="Where; the department of the hiring manager if empty."
    )
    manager: EmployeeRef | None = Field(
        default=None, description="The hiring manager; oneself if empty."
    )
    headcount: int = Field(default=1, ge=1, le=1000, description="How many people.")


class OneOpening(Arguments):
    """An opening."""

    opening: OpeningRef = Field(description="The opening, such as JO-00042.")


class ApproveOpening(OneOpening):
    """Approve an opening that somebody else asked for, so that people can apply."""


class RefuseOpening(OneOpening):
    """Refuse an opening that somebody else asked for."""


class CloseOpening(OneOpening):
    """Close an opening: nobody more is looked for."""


def pin_ask(session: Session, arguments: AskOpening) -> AskOpening:
    """Name department and hiring manager as we call them."""
    manager = employee_of(session, arguments.manager)
    if arguments.department is None:
        department = session.get_one(hr.Department, manager.department_id)
    else:
        department = hr.find_department(session, arguments.department)
    chosen = {"manager": manager.number, "department": department.code}
    return arguments.model_copy(update=chosen)


def ask_opening(session: Session, arguments: AskOpening) -> Noted:
    """Ask for it."""
    pinned = pin_ask(session, arguments)
    assert pinned.department is not None, "it was pinned"
    opening = recruiting.ask_for_opening(
        session,
        title=pinned.title,
        department=hr.find_department(session, pinned.department),
        manager=employee_of(session, pinned.manager),
        headcount=pinned.headcount,
    )
    return _opening_said(opening)


def pin_opening(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the opening as we call it."""
    number = recruiting.find_opening(session, arguments.opening).number
    return arguments.model_copy(update={"opening": number})


def approve_opening(session: Session, arguments: ApproveOpening) -> Noted:
    """Approve it."""
    return _opening_said(recruiting.decide_opening(session, arguments.opening, approve=True))


def refuse_opening(session: Session, arguments: RefuseOpening) -> Noted:
    """Refuse it."""
    return _opening_said(recruiting.decide_opening(session, arguments.opening, approve=False))


def close_opening(session: Session, arguments: CloseOpening) -> Noted:
    """Close it."""
    return _opening_said(recruiting.close_opening(session, arguments.opening))


# Applications.


class AddApplication(Arguments):
    """Note that somebody applies for an opening and agreed that we keep what they sent."""

    name: Annotated[Text, FreeText()] = Field(description="Who applies.")
    opening: OpeningRef = Field(description="For which opening, such as JO-00042.")
    email: Annotated[Text, FreeText()] | None = Field(default=None, description="Their address.")
    phone: Annotated[Text, FreeText()] | None = Field(default=None, description="Their phone.")
    origin: Origin = Field(default=Origin.DIRECT, description="How they heard of it.")


class OneApplication(Arguments):
    """An application."""

    application: ApplicationRef = Field(description="The application, such as JA-00042.")


class MoveApplication(OneApplication):
    """Take an application on to screening or to interviews."""

    stage: Stage = Field(description="The next stage: screening or interview.")


class RejectApplication(OneApplication):
    """Reject an application, and say why."""

    because: Because = Field(description="Why it is rejected.")


class WithdrawApplication(OneApplication):
    """Note that an applicant withdraws their application."""

    because: Because = Field(default="withdrawn by the applicant", description="Why.")


def add_application(session: Session, arguments: AddApplication) -> Noted:
    """Note it."""
    opening = recruiting.find_opening(session, arguments.opening)
    application = recruiting.apply(
        session,
        opening,
        name=arguments.name,
        email=arguments.email,
        phone=arguments.phone,
        origin=arguments.origin,
        agreed=True,
    )
    return _application_said(application)


def undo_application(
    _session: Session, _arguments: AddApplication, answer: dict[str, Any]
) -> Undoing:
    """Note that it is withdrawn."""
    back = WithdrawApplication(application=answer["number"], because="undo")
    return Undoing((Call("recruiting.withdraw_application", back),))


def pin_application(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the application as we call it."""
    number = recruiting.find_application(session, arguments.application).number
    return arguments.model_copy(update={"application": number})


def move_application(session: Session, arguments: MoveApplication) -> Noted:
    """Move it."""
    moved = recruiting.advance(session, arguments.application, to=arguments.stage)
    return _application_said(moved)


def reject_application(session: Session, arguments: RejectApplication) -> Noted:
    """Reject it."""
    ended = recruiting.end_application(session, arguments.application, because=arguments.because)
    return _application_said(ended)


def withdraw_application(session: Session, arguments: WithdrawApplication) -> Noted:
    """Note it."""
    ended = recruiting.end_application(
        session, arguments.application, because=arguments.because, withdrawn=True
    )
    return _application_said(ended)


class ShowApplication(OneApplication):
    """Show an application: who, for what, how far, and what interviewers thought of them."""


class ApplicationShown(Answer):
    """An application, and what interviewers thought as far as it is for whoever asks."""

    number: str
    name: str
    title: str
    stage: Stage
    applied_on: date
    mean: Decimal | None
    opinions: list[tuple[str, str, int, Advice, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say who applied for what, how far they are, and the mean score."""
        stage, many = word(self.stage, language), len(self.opinions)
        if language == "zh":
            said = f"{self.number}：{self.name} 应聘 {self.title}，{stage}"
            return f"{said}；{many} 份评分，平均 {plain(self.mean)}。" if self.mean else f"{said}。"
        said = f"{self.number}: {self.name} for {self.title}, {stage}"
        cards = "1 scorecard" if many == 1 else f"{many} scorecards"
        return f"{said}; mean of {cards}: {plain(self.mean)}." if self.mean else f"{said}."

    def grid(self) -> Grid:
        """Return a row for each scorecard."""
        columns = (
            Column("interview", "面试"), Column("interviewer", "面试官"),
            Column("score", "评分", "number"), Column("advice", "建议"), Column("notes", "备注"),
        )  # fmt: skip
        return Grid(columns, tuple(self.opinions))


def show_application(session: Session, arguments: ShowApplication) -> ApplicationShown:
    """Read it, as far as it is for whoever asks to see."""
    application = recruiting.find_application(session, arguments.application)
    rights.require_seen(session, application)
    opinions = recruiting.opinions_of(session, application)
    return ApplicationShown(
        number=application.number,
        name=application.applicant.name or application.applicant.number,
        title=application.opening.title,
        stage=application.stage,
        applied_on=application.applied_on,
        mean=recruiting.mean_score(opinions),
        opinions=[
            (each.interview, each.interviewer, each.score, each.advice, each.notes or "")
            for each in opinions
        ],
    )


# Interviews.


class SetInterview(OneApplication):
    """Set an interview: who talks to somebody who applied, and on which day."""

    interviewer: EmployeeRef = Field(description="Who interviews.")
    held_on: Day | None = Field(default=None, description="When; today if empty.")
    second: EmployeeRef | None = Field(default=None, description="Who else interviews.")


class WriteScorecard(Arguments):
    """Write what one thought of an interview that one took part in: a score and an advice."""

    interview: InterviewRef = Field(description="The interview, such as IV-00042.")
    score: int = Field(ge=1, le=5, description="From 1 to 5.")
    advice: Advice = Field(description="Whether to hire them.")
    notes: Words = Field(default="", description="What one noticed.")


def pin_interview(session: Session, arguments: SetInterview) -> SetInterview:
    """Name who talks to whom, and make the day concrete."""
    chosen: dict[str, object] = {
        "application": recruiting.find_application(session, arguments.application).number,
        "interviewer": hr.find_employee(session, arguments.interviewer).number,
        "held_on": arguments.held_on or today(session),
    }
    if arguments.second is not None:
        chosen["second"] = hr.find_employee(session, arguments.second).number
    return arguments.model_copy(update=chosen)


def set_interview(session: Session, arguments: SetInterview) -> Noted:
    """Set it."""
    named = [each for each in (arguments.interviewer, arguments.second) if each]
    interview = recruiting.set_interview(
        session,
        arguments.application,
        [hr.find_employee(session, each) for each in named],
        day=arguments.held_on or today(session),
    )
    application = interview.application.number
    return Noted(
        number=interview.number,
        said=f"interview of {application} on {interview.day}.",
        said_zh=f"{application} 的面试定于 {interview.day}。",
    )


def write_scorecard(session: Session, arguments: WriteScorecard) -> Noted:
    """Write it."""
    recruiting.write_scorecard(
        session,
        arguments.interview,
        score=arguments.score,
        advice=arguments.advice,
        notes=arguments.notes,
    )
    number = recruiting.find_interview(session, arguments.interview).number
    return Noted(number=number, said="your scorecard is written.", said_zh="您的评分已填写。")


# Offers.


class ProposeOffer(OneApplication):
    """Propose an offer to somebody who applied: pay and first day; somebody else approves it."""

    pay: Amount = Field(description="What they will be paid in a period.")
    pay_period: PayPeriod = Field(default=PayPeriod.MONTH, description="What the pay is for.")
    starts_on: Day | None = Field(default=None, description="Their first day; today if empty.")


class OneOffer(Arguments):
    """An offer."""

    offer: OfferRef = Field(description="The offer, such as OF-00042.")


class ApproveOffer(OneOffer):
    """Approve a job offer that somebody else proposed."""


class RefuseOffer(OneOffer):
    """Refuse a job offer that somebody else proposed."""


class AcceptOffer(OneOffer):
    """Note that an applicant accepts an approved job offer: they are hired under its terms."""


class DeclineOffer(OneOffer):
    """Note that an applicant declines an approved job offer; their application ends."""

    because: Because = Field(default="declined by the applicant", description="Why.")


def pin_propose(session: Session, arguments: ProposeOffer) -> ProposeOffer:
    """Name the application, and make the day concrete."""
    chosen = {
        "application": recruiting.find_application(session, arguments.application).number,
        "starts_on": arguments.starts_on or today(session),
    }
    return arguments.model_copy(update=chosen)


def propose_offer(session: Session, arguments: ProposeOffer) -> Noted:
    """Propose it."""
    offer = recruiting.propose_offer(
        session,
        arguments.application,
        Money.of(arguments.pay, company(session).currency),
        period=arguments.pay_period,
        starts_on=arguments.starts_on or today(session),
    )
    return _offer_said(offer)


def pin_offer(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the offer as we call it."""
    number = recruiting.find_offer(session, arguments.offer).number
    return arguments.model_copy(update={"offer": number})


def case_of_proposal(
    _session: Session, _arguments: ProposeOffer, answer: dict[str, Any] | None
) -> str | None:
    """Return the offer that is proposed, once it has a number."""
    return None if answer is None else f"offer {answer['number']}"


def case_of_offer(session: Session, arguments: ApproveOffer, _answer: dict[str, Any] | None) -> str:
    """Return the offer: who proposed it does not approve it."""
    return f"offer {recruiting.find_offer(session, arguments.offer).number}"


def approve_offer(session: Session, arguments: ApproveOffer) -> Noted:
    """Approve it."""
    return _offer_said(recruiting.decide_offer(session, arguments.offer, approve=True))


def refuse_offer(session: Session, arguments: RefuseOffer) -> Noted:
    """Refuse it."""
    return _offer_said(recruiting.decide_offer(session, arguments.offer, approve=False))


def decline_offer(session: Session, arguments: DeclineOffer) -> Noted:
    """Note it."""
    return _offer_said(
        recruiting.decline_offer(session, arguments.offer, because=arguments.because)
    )


def accept_offer(session: Session, arguments: AcceptOffer) -> Noted:
    """Hire them, and note what has to be done for who comes."""
    person = recruiting.accept_offer(session, arguments.offer)
    staffing.start_workflow(session, person, WorkflowKind.ONBOARDING, day=person.hired_on)
    return Noted(
        number=person.number,
        said=f"hired as {person.job_title} from {person.hired_on} on.",
        said_zh=f"自 {person.hired_on} 起录用为{person.job_title}。",
    )


# Erasing.


class EraseApplicants(Arguments):
    """Erase what is known of an applicant, or of all whose day has come; it cannot be undone."""

    applicant: ApplicantRef | None = Field(
        default=None, description="Such as AC-00042; all that are due if empty."
    )


class Erased(Answer):
    """Who is no longer known."""

    numbers: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say who."""
        said = ", ".join(self.numbers)
        return f"已删除：{said}。" if language == "zh" else f"Erased: {said}."


def erase_applicants(session: Session, arguments: EraseApplicants) -> Erased:
    """Erase them."""
    if arguments.applicant is not None:
        return Erased(numbers=[recruiting.erase_applicant(session, arguments.applicant).number])
    due = recruiting.erase_due_applicants(session)
    if not due:
        raise BadInput(problem="nobody is due to be erased; name an applicant such as AC-00042")
    return Erased(numbers=[each.number for each in due])


_PROPOSING = Duty(DutyName.PROPOSE_OFFER, case_of_proposal)
_APPROVING = Duty(DutyName.APPROVE_OFFER, case_of_offer)

TOOLS = [
    Tool(
        "recruiting.ask_opening", AskOpening, ask_opening, writes=True,
        title="Ask for opening", title_zh="申请招聘职位", roles=EVERYBODY, seen_by=RECRUITERS,
        pin=pin_ask, undo=never(STAYS),
    ),
    Tool(
        "recruiting.approve_opening", ApproveOpening, approve_opening, writes=True,
        title="Approve opening", title_zh="批准招聘职位", roles=RECRUITERS, pin=pin_opening,
        undo=never(DECIDE_AGAIN),
    ),
    Tool(
        "recruiting.refuse_opening", RefuseOpening, refuse_opening, writes=True,
        title="Refuse opening", title_zh="驳回招聘职位", roles=RECRUITERS, pin=pin_opening,
        undo=never(DECIDE_AGAIN),
    ),
    Tool(
        "recruiting.close_opening", CloseOpening, close_opening, writes=True,
        title="Close opening", title_zh="关闭招聘职位", roles=EVERYBODY, seen_by=RECRUITERS,
        pin=pin_opening, undo=never(DECIDE_AGAIN),
    ),
    Tool(
        "recruiting.add_application", AddApplication, add_application, writes=True,
        title="Add application", title_zh="登记应聘", roles=EVERYBODY, seen_by=RECRUITERS,
        private_to=about_nobody, pin=pin_opening, undo=undo_application,
    ),
    Tool(
        "recruiting.move_application", MoveApplication, move_application, writes=True,
        title="Move application on", title_zh="推进应聘", roles=EVERYBODY, seen_by=RECRUITERS,
        pin=pin_application, undo=never(STAYS),
    ),
    Tool(
        "recruiting.reject_application", RejectApplication, reject_application, writes=True,
        title="Reject application", title_zh="淘汰应聘", roles=EVERYBODY, seen_by=RECRUITERS,
        private_to=about_nobody, pin=pin_application, undo=never(STAYS),
    ),
    Tool(
        "recruiting.withdraw_application", WithdrawApplication, withdraw_application,
        writes=True, title="Withdraw application", title_zh="撤回应聘",
        roles=EVERYBODY, seen_by=RECRUITERS, private_to=about_nobody, pin=pin_application,
        undo=never(STAYS),
    ),
    Tool(
        "recruiting.show_application", ShowApplication, show_application, writes=False,
        title="Show application", title_zh="查看应聘", roles=EVERYBODY,
    ),
    Tool(
        "recruiting.set_interview", SetInterview, set_interview, writes=True,
        title="Set interview", title_zh="安排面试", roles=EVERYBODY, seen_by=RECRUITERS,
        pin=pin_interview, undo=never(STAYS),
    ),
    Tool(
        "recruiting.write_scorecard", WriteScorecard, write_scorecard, writes=True,
        title="Write scorecard", title_zh="填写面试评分", roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody,
        undo=never(STAYS),
    ),
    Tool(
        "recruiting.propose_offer", ProposeOffer, propose_offer, writes=True,
        title="Propose offer", title_zh="提出录用通知", roles=RECRUITERS, pin=pin_propose,
        undo=never(STAYS), duty=_PROPOSING,
    ),
    Tool(
        "recruiting.approve_offer", ApproveOffer, approve_offer, writes=True,
        title="Approve offer", title_zh="批准录用通知", roles=RECRUITERS, pin=pin_offer,
        undo=never(DECIDE_AGAIN), duty=_APPROVING, sensitive=True,
    ),
    Tool(
        "recruiting.refuse_offer", RefuseOffer, refuse_offer, writes=True,
        title="Refuse offer", title_zh="驳回录用通知", roles=RECRUITERS, pin=pin_offer,
        undo=never(DECIDE_AGAIN),
    ),
    Tool(
        "recruiting.accept_offer", AcceptOffer, accept_offer, writes=True,
        title="Accept offer", title_zh="接受录用通知", roles=RECRUITERS, pin=pin_offer,
        undo=never(SET_LAST_DAY), sensitive=True,
    ),
    Tool(
        "recruiting.decline_offer", DeclineOffer, decline_offer, writes=True,
        title="Decline offer", title_zh="谢绝录用通知", roles=RECRUITERS,
        private_to=about_nobody, pin=pin_offer, undo=never(STAYS),
    ),
    Tool(
        "recruiting.erase_applicants", EraseApplicants, erase_applicants, writes=True,
        title="Erase applicants", title_zh="删除应聘者信息", roles=RECRUITERS,
        undo=never(ERASED), sensitive=True,
    ),
]  # fmt: skip
