"""What one can do with openings and applications: ask, approve, apply, move on, end, erase."""

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from core.hr.recruiting import errors, rights
from core.hr.recruiting.events import (
    ApplicantErased,
    ApplicationMoved,
    Applied,
    OpeningAsked,
    OpeningMoved,
)
from core.hr.recruiting.tables import (
    Applicant,
    Application,
    ApplicationMove,
    JobOffer,
    JobOpening,
    OfferState,
    OpeningState,
    Origin,
    Scorecard,
    Stage,
)
from core.hr.tables import Department, Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number

# So long may somebody who was not taken say that it was unfair; then nothing of them is kept.
KEPT_DAYS = 180
HEADCOUNT_MAX = 1000
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WAY = (Stage.APPLIED, Stage.SCREENING, Stage.INTERVIEW, Stage.OFFER)
# While one of these stands, there is no other.
LIVE = (OfferState.PROPOSED, OfferState.APPROVED, OfferState.ACCEPTED)
ENDED = frozenset({Stage.HIRED, Stage.REJECTED, Stage.WITHDRAWN})
_BY_OFFER = Both(
    "an offer that is proposed or accepted does that", "须通过提出或接受录用通知来完成"
)
_FORWARD = Both("it is there, or was further already", "已处于该阶段或更后阶段")


def ask_for_opening(
    session: Session,
    *,
    title: str,
    department: Department,
    manager: Employee,
    headcount: int = 1,
) -> JobOpening:
    """Ask for a position to be filled; somebody else approves it."""
    if not 1 <= headcount <= HEADCOUNT_MAX:
        raise errors.HeadcountOutOfRange(headcount=headcount)
    opening = JobOpening(
        number=next_number(session, "JO"),
        title=title,
        department=department,
        department_id=department.id,
        manager=manager,
        manager_id=manager.id,
        headcount=headcount,
        state=OpeningState.ASKED,
        asked_by=acting(session).actor.human,
        asked_on=today(session),
    )
    rights.require_on(session, opening)
    session.add(opening)
    fact = OpeningAsked(opening.number, title, department.name, manager.party.name, headcount)
    events.record(session, fact)
    session.flush()
    return opening


def decide_opening(session: Session, number: str, *, approve: bool) -> JobOpening:
    """Approve or refuse a position that somebody else asked for."""
    rights.require_office(session)
    opening = find_opening(session, number, lock=True)
    if opening.state is not OpeningState.ASKED:
        raise errors.OpeningDecided(opening=opening.number, state=opening.state)
    rights.require_another(session, opening.asked_by, opening.number)
    day = today(session)
    opening.decided_by = acting(session).actor.human
    if approve:
        opening.opened_on = day
    move_opening(session, opening, OpeningState.OPEN if approve else OpeningState.REFUSED)
    return opening


def close_opening(session: Session, number: str) -> JobOpening:
    """Look for nobody any more; nobody who applied is forgotten meanwhile."""
    opening = find_opening(session, number, lock=True)
    rights.require_on(session, opening)
    require_open(opening)
    under_way = session.scalar(
        select(func.count()).where(
            Application.opening_id == opening.id, Application.stage.not_in(ENDED)
        )
    )
    if under_way:
        raise errors.OpeningHasApplications(opening=opening.number, count=under_way)
    day = today(session)
    opening.closed_on = day
    move_opening(session, opening, OpeningState.CLOSED)
    return opening


def find_opening(session: Session, number: str, *, lock: bool = False) -> JobOpening:
    """Return an opening with its department and hiring manager, as it is stored now."""
    options = (
        joinedload(JobOpening.department),
        joinedload(JobOpening.manager).joinedload(Employee.party),
    )
    unknown = errors.UnknownOpening(number=number)
    return find_numbered(session, JobOpening, number, *options, unknown=unknown, locked=lock)


def require_open(opening: JobOpening) -> None:
    """Refuse an opening that nobody can apply for now."""
    if opening.state is not OpeningState.OPEN:
        raise errors.OpeningNotOpen(opening=opening.number, state=opening.state)


def move_opening(session: Session, opening: JobOpening, after: OpeningState) -> None:
    """Put an opening into a state, and say so."""
    before, opening.state = opening.state, after
    fact = OpeningMoved(opening.number, opening.title, opening.headcount, before, after)
    events.record(session, fact)
    session.flush()


def apply(
    session: Session,
    opening: JobOpening,
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    origin: Origin = Origin.DIRECT,
    agreed: bool,
) -> Application:
    """Note that somebody applies, who agreed to be kept; who is known by address is known."""
    rights.require_on(session, opening)
    require_open(opening)
    if not agreed:
        raise errors.ConsentNeeded
    day = today(session)
    address = None if email is None else email.strip().lower()
    if address is not None and not _ADDRESS.fullmatch(address):
        raise errors.NotAnAddress(text=email)
    applicant = None if address is None else _of_address(session, address)
    is_new = applicant is None
    if applicant is None:
        applicant = Applicant(
            number=next_number(session, "AC"),
            name=name,
            email=address,
            phone=phone,
            consent_on=day,
            delete_on=day + timedelta(days=KEPT_DAYS),
        )
        session.add(applicant)
        session.flush()
    else:
        _refuse_twice(session, applicant, opening)
        applicant.consent_on = day
        applicant.delete_on = max(applicant.delete_on, day + timedelta(days=KEPT_DAYS))
        applicant.phone = phone or applicant.phone
    application = Application(
        number=next_number(session, "JA"),
        applicant=applicant,
        applicant_id=applicant.id,
        opening=opening,
        opening_id=opening.id,
        origin=origin,
        stage=Stage.APPLIED,
        applied_on=day,
    )
    session.add(application)
    fact = Applied(
        application.number,
        applicant.number,
        is_new,
        opening.number,
        opening.title,
        origin,
        applicant.delete_on.isoformat(),
    )
    events.record(session, fact)
    session.flush()
    return application


def find_application(session: Session, number: str, *, lock: bool = False) -> Application:
    """Return an application with who applied and for what, as it is stored now."""
    options = (
        joinedload(Application.applicant),
        joinedload(Application.opening).joinedload(JobOpening.department),
        joinedload(Application.opening).joinedload(JobOpening.manager).joinedload(Employee.party),
    )
    unknown = errors.UnknownApplication(number=number)
    return find_numbered(session, Application, number, *options, unknown=unknown, locked=lock)


def advance(session: Session, number: str, *, to: Stage) -> Application:
    """Take somebody on to screening or interviews; an offer takes them further."""
    application = find_application(session, number, lock=True)
    rights.require_on(session, application.opening)
    require_under_way(application)
    if to not in {Stage.SCREENING, Stage.INTERVIEW}:
        raise errors.NoSuchMove(
            application=application.number, before=application.stage, after=to, way=_BY_OFFER
        )
    if _WAY.index(to) <= _WAY.index(application.stage):
        raise errors.NoSuchMove(
            application=application.number, before=application.stage, after=to, way=_FORWARD
        )
    move_application(session, application, to)
    return application


def end_application(
    session: Session, number: str, *, because: str, withdrawn: bool = False
) -> Application:
    """Reject somebody with a reason, or note that they withdrew; an offer has to be over."""
    application = find_application(session, number, lock=True)
    rights.require_on(session, application.opening)
    require_under_way(application)
    refuse_live_offer(session, application)
    move_application(
        session, application, Stage.WITHDRAWN if withdrawn else Stage.REJECTED, because=because
    )
    return application


def require_under_way(application: Application) -> None:
    """Refuse an application that has ended."""
    if application.stage in ENDED:
        raise errors.ApplicationEnded(application=application.number, stage=application.stage)


def move_application(
    session: Session, application: Application, after: Stage, *, because: str | None = None
) -> None:
    """Put an application into a stage, note it in its history, and say so."""
    day = today(session)
    before, application.stage = application.stage, after
    if after in ENDED:
        application.ended_on, application.because = day, because
        kept = day + timedelta(days=KEPT_DAYS)
        application.applicant.delete_on = max(application.applicant.delete_on, kept)
    session.add(
        ApplicationMove(
            application_id=application.id,
            before=before,
            after=after,
            moved_on=day,
            moved_by=acting(session).actor.human,
        )
    )
    fact = ApplicationMoved(
        application.number, application.applicant.number, application.opening.title, before, after
    )
    events.record(session, fact)
    session.flush()


def find_applicant(session: Session, number: str, *, lock: bool = False) -> Applicant:
    """Return somebody who applied, as they are stored now."""
    unknown = errors.UnknownApplicant(number=number)
    return find_numbered(session, Applicant, number, unknown=unknown, locked=lock)


def erase_applicant(session: Session, number: str) -> Applicant:
    """Erase what is known of somebody who applied, as they ask for it or as it is due."""
    rights.require_office(session)
    applicant = find_applicant(session, number, lock=True)
    if applicant.erased_on is not None:
        raise errors.AlreadyErased(applicant=applicant.number, day=applicant.erased_on)
    under_way = session.scalar(
        select(Application.number)
        .where(Application.applicant_id == applicant.id, Application.stage.not_in(ENDED))
        .limit(1)
    )
    if under_way is not None:
        raise errors.ApplicationsUnderWay(applicant=applicant.number, application=under_way)
    _erase(session, applicant)
    return applicant


def erase_due_applicants(session: Session) -> Sequence[Applicant]:
    """Erase everybody whose day has come and for whom nothing is under way; return them."""
    rights.require_office(session)
    under_way = select(Application.applicant_id).where(Application.stage.not_in(ENDED))
    wanted = (
        select(Applicant)
        .where(
            Applicant.erased_on.is_(None),
            Applicant.delete_on <= today(session),
            Applicant.id.not_in(under_way),
        )
        .order_by(Applicant.number)
        .with_for_update()
    )
    due = session.scalars(wanted).all()
    for applicant in due:
        _erase(session, applicant)
    return due


def refuse_live_offer(session: Session, application: Application) -> None:
    """Refuse what cannot be done while an offer stands."""
    wanted = select(JobOffer).where(
        JobOffer.application_id == application.id, JobOffer.state.in_(LIVE)
    )
    known = session.scalar(wanted)
    if known is not None:
        raise errors.OfferLive(
            application=application.number, offer=known.number, state=known.state
        )


def _erase(session: Session, applicant: Applicant) -> None:
    day = today(session)
    applicant.name = applicant.email = applicant.phone = None
    applicant.erased_on = day
    theirs = select(Application.id).where(Application.applicant_id == applicant.id)
    said = update(Application).where(Application.id.in_(theirs)).values(because=None)
    written = update(Scorecard).where(Scorecard.application_id.in_(theirs)).values(notes=None)
    for each in (said, written):
        session.execute(each.execution_options(synchronize_session=False))
    due_on = applicant.delete_on.isoformat()
    events.record(session, ApplicantErased(applicant.number, due_on))
    session.flush()


def _of_address(session: Session, address: str) -> Applicant | None:
    return session.scalar(select(Applicant).where(Applicant.email == address).with_for_update())


def _refuse_twice(session: Session, applicant: Applicant, opening: JobOpening) -> None:
    known = session.scalar(
        select(Application.number).where(
            Application.applicant_id == applicant.id, Application.opening_id == opening.id
        )
    )
    if known is not None:
        raise errors.AlreadyApplied(opening=opening.number, application=known)
