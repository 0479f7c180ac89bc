"""Who works on which opening; the policies of the tables say the same to whoever only reads."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.employment import rights
from core.hr.recruiting import errors
from core.hr.recruiting.tables import RECRUITERS, Application, InterviewSeat, JobOpening
from core.hr.tables import Employee
from core.kernel.database import acting
from core.kernel.identity.acting import SYSTEM

_OFFICE = RECRUITERS | SYSTEM.actor.roles


def is_office(session: Session) -> bool:
    """Tell whether whoever acts recruits for the whole company."""
    return bool(acting(session).actor.roles & _OFFICE)


def require_office(session: Session) -> None:
    """Refuse what is for human resources and the management."""
    if not is_office(session):
        raise errors.OnlyOffice


def works_on(session: Session, opening: JobOpening) -> bool:
    """Tell whether whoever acts recruits for the company, or is the hiring manager."""
    return is_office(session) or rights.is_own(acting(session).actor, opening.manager)


def require_on(session: Session, opening: JobOpening) -> None:
    """Refuse whoever neither recruits for the company nor is the hiring manager."""
    if not works_on(session, opening):
        raise errors.NotTheirOpening(opening=opening.number)


def require_seen(session: Session, application: Application) -> None:
    """Refuse to show an application to who neither works on it nor interviews."""
    if works_on(session, application.opening):
        return
    seats = (
        select(Employee)
        .join(InterviewSeat, InterviewSeat.interviewer_id == Employee.id)
        .where(InterviewSeat.application_id == application.id)
    )
    actor = acting(session).actor
    if not any(rights.is_own(actor, each) for each in session.scalars(seats)):
        raise errors.UnknownApplication(number=application.number)


def require_another(session: Session, first: str, number: str) -> None:
    """Refuse to decide on what one asked for oneself."""
    if acting(session).actor.human == first:
        raise errors.NotTheirsToDecide(number=number)
