"""Interviews: who talks to whom and when, and what each interviewer thought on their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.hr.employment import rights as people
from core.hr.recruiting import errors, rights
from core.hr.recruiting.events import InterviewSet, ScorecardKept
from core.hr.recruiting.service import find_application, move_application, require_under_way
from core.hr.recruiting.tables import (
    SCORE_MAX,
    SCORE_MIN,
    Advice,
    Application,
    Interview,
    InterviewSeat,
    JobOpening,
    Scorecard,
    Stage,
)
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.database import acting
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.parties import Party

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Opinion:
    """What one interviewer thought."""

    interview: str
    interviewer: str
    score: int
    advice: Advice
    notes: str | None


def set_interview(
    session: Session, number: str, interviewers: Sequence[Employee], *, day: date
) -> Interview:
    """Let some employees talk to somebody who applied; who got that far is in interviews now."""
    application = find_application(session, number, lock=True)
    rights.require_on(session, application.opening)
    require_under_way(application)
    if not interviewers:
        raise errors.NoInterviewer
    seated = {each.id: each for each in interviewers}
    interview = Interview(number=next_number(session, "IV"), application_id=application.id, day=day)
    interview.application = application
    session.add(interview)
    session.flush()
    session.add_all(
        InterviewSeat(interview_id=interview.id, application_id=application.id, interviewer_id=key)
        for key in seated
    )
    fact = InterviewSet(
        interview.number,
        application.number,
        day.isoformat(),
        tuple(sorted(each.party.name for each in seated.values())),
    )
    events.record(session, fact)
    if application.stage in {Stage.APPLIED, Stage.SCREENING}:
        move_application(session, application, Stage.INTERVIEW)
    session.flush()
    return interview


def find_interview(session: Session, number: str) -> Interview:
    """Return an interview with who takes part, as it is stored now."""
    options = (
        joinedload(Interview.application).joinedload(Application.applicant),
        joinedload(Interview.application)
        .joinedload(Application.opening)
        .joinedload(JobOpening.manager),
        selectinload(Interview.seats).joinedload(InterviewSeat.interviewer),
    )
    unknown = errors.UnknownInterview(number=number)
    return find_numbered(session, Interview, number, *options, unknown=unknown)


def write_scorecard(
    session: Session, number: str, *, score: int, advice: Advice, notes: str = ""
) -> Scorecard:
    """Write what one thought of an interview that one took part in, once and for oneself."""
    interview = find_interview(session, number)
    actor = acting(session).actor
    seat = next((s for s in interview.seats if people.is_own(actor, s.interviewer)), None)
    if seat is None:
        raise errors.NotAnInterviewer(interview=interview.number)
    if not SCORE_MIN <= score <= SCORE_MAX:
        raise errors.ScoreOutOfRange(least=SCORE_MIN, most=SCORE_MAX, score=score)
    session.refresh(seat, ["wrote_on"], with_for_update=True)
    if seat.wrote_on is not None:
        raise errors.ScorecardWritten(interview=interview.number)
    day = today(session)
    seat.wrote_on = day
    card = Scorecard(
        interview_id=interview.id,
        application_id=interview.application_id,
        interviewer_id=seat.interviewer_id,
        score=score,
        advice=advice,
        notes=notes or None,
    )
    session.add(card)
    events.record(session, ScorecardKept(interview.number, seat.interviewer.number))
    session.flush()
    return card


def opinions_of(session: Session, application: Application) -> list[Opinion]:
    """Return what interviewers thought, as far as it is for whoever asks to see.

    Who has still to write about an interview sees what nobody else wrote about it.
    """
    actor = acting(session).actor
    seats = session.execute(
        select(InterviewSeat.interview_id, InterviewSeat.wrote_on, Employee)
        .join(Employee, Employee.id == InterviewSeat.interviewer_id)
        .where(InterviewSeat.application_id == application.id)
    ).all()
    mine = {key: wrote_on for key, wrote_on, who in seats if people.is_own(actor, who)}
    whole = rights.works_on(session, application.opening)
    shown = {
        key
        for key, _, _ in seats
        if (key in mine and mine[key] is not None) or (whole and key not in mine)
    }
    wanted = (
        select(Interview.number, Party.name, Scorecard)
        .join(Interview, Interview.id == Scorecard.interview_id)
        .join(Employee, Employee.id == Scorecard.interviewer_id)
        .join(Party, Party.id == Employee.party_id)
        .where(Scorecard.application_id == application.id, Scorecard.interview_id.in_(shown))
        .order_by(Interview.number, Party.name)
    )
    return [
        Opinion(interview, name, card.score, card.advice, card.notes)
        for interview, name, card in session.execute(wanted)
    ]


def mean_score(opinions: Sequence[Opinion]) -> Decimal | None:
    """Return the mean of scores to the hundredth, half up; None where nobody wrote one."""
    if not opinions:
        return None
    total = sum(each.score for each in opinions)
    return (Decimal(total) / len(opinions)).quantize(_CENT, ROUND_HALF_UP)
