"""Offers: proposed by one, approved by another, and accepted: then somebody works here."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core.hr.employment import Contract, PayPeriod
from core.hr.employment.rules import FULL_TIME, Terms, require_usable
from core.hr.recruiting import errors, rights
from core.hr.recruiting.events import OfferMoved, OfferProposed
from core.hr.recruiting.service import (
    find_application,
    find_opening,
    move_application,
    move_opening,
    refuse_live_offer,
    require_open,
    require_under_way,
)
from core.hr.recruiting.tables import (
    Application,
    JobOffer,
    JobOpening,
    OfferState,
    OpeningState,
    Stage,
)
from core.hr.service import add_employee
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.database import acting
from core.kernel.money import Money, plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number


def propose_offer(
    session: Session,
    number: str,
    pay: Money,
    *,
    starts_on: date,
    period: PayPeriod = PayPeriod.MONTH,
    contract: Contract = Contract.PERMANENT,
    ends_on: date | None = None,
    hours_share: Decimal = FULL_TIME,
) -> JobOffer:
    """Propose what somebody who applied is to be offered; somebody else approves it."""
    rights.require_office(session)
    application = find_application(session, number, lock=True)
    require_under_way(application)
    require_open(application.opening)
    refuse_live_offer(session, application)
    if pay.minor <= 0:
        raise errors.OfferNotPositive(amount=str(pay))
    if starts_on < today(session):
        raise errors.OfferStartsInPast(day=starts_on)
    terms = Terms(
        application.opening.title,
        application.opening.department_id,
        contract=contract,
        hours_share=hours_share,
    )
    require_usable(terms, starts_on=starts_on, ends_on=ends_on)
    offer = JobOffer(
        number=next_number(session, "OF"),
        application=application,
        application_id=application.id,
        pay_minor=pay.minor,
        currency=pay.currency,
        pay_period=period,
        starts_on=starts_on,
        contract=contract,
        ends_on=ends_on,
        hours_share=hours_share,
        state=OfferState.PROPOSED,
        proposed_by=acting(session).actor.human,
        proposed_on=today(session),
    )
    session.add(offer)
    fact = OfferProposed(
        offer.number, application.number, application.opening.title, terms_said(offer)
    )
    events.record(session, fact)
    if application.stage is not Stage.OFFER:
        move_application(session, application, Stage.OFFER)
    session.flush()
    return offer


def find_offer(session: Session, number: str, *, lock: bool = False) -> JobOffer:
    """Return an offer with who gets it and for what, as it is stored now."""
    application = joinedload(JobOffer.application)
    options = (
        application.joinedload(Application.applicant),
        application.joinedload(Application.opening).joinedload(JobOpening.department),
        application.joinedload(Application.opening)
        .joinedload(JobOpening.manager)
        .joinedload(Employee.party),
    )
    unknown = errors.UnknownOffer(number=number)
    return find_numbered(session, JobOffer, number, *options, unknown=unknown, locked=lock)


def decide_offer(session: Session, number: str, *, approve: bool) -> JobOffer:
    """Approve or refuse an offer that somebody else proposed."""
    rights.require_office(session)
    offer = find_offer(session, number, lock=True)
    _require(offer, OfferState.PROPOSED)
    rights.require_another(session, offer.proposed_by, offer.number)
    offer.decided_by = acting(session).actor.human
    _move(session, offer, OfferState.APPROVED if approve else OfferState.REFUSED)
    return offer


def decline_offer(session: Session, number: str, *, because: str) -> JobOffer:
    """Note that somebody does not want what they are offered; their application ends with it."""
    rights.require_office(session)
    offer = find_offer(session, number, lock=True)
    _require(offer, OfferState.APPROVED)
    day = today(session)
    offer.answered_on = day
    _move(session, offer, OfferState.DECLINED)
    move_application(session, offer.application, Stage.WITHDRAWN, because=because)
    return offer


def accept_offer(session: Session, number: str) -> Employee:
    """Hire who accepts an approved offer, under the terms and for the pay of it.

    The opening is filled with the last of its places.
    """
    rights.require_office(session)
    offer = find_offer(session, number, lock=True)
    _require(offer, OfferState.APPROVED)
    application = offer.application
    require_under_way(application)
    opening = find_opening(session, application.opening.number, lock=True)
    require_open(opening)
    taken = places_taken(session, opening)
    if taken >= opening.headcount:
        raise errors.OpeningFull(opening=opening.number, headcount=opening.headcount)
    applicant, day = application.applicant, today(session)
    assert applicant.name is not None, "nobody is erased whose application is under way"
    employee = add_employee(
        session,
        name=applicant.name,
        email=applicant.email,
        phone=applicant.phone,
        department=opening.department,
        job_title=opening.title,
        hired_on=max(offer.starts_on, day),
        manager=opening.manager,
        contract=offer.contract,
        ends_on=offer.ends_on,
        hours_share=offer.hours_share,
        pay=Money(offer.pay_minor, offer.currency),
        pay_period=offer.pay_period,
    )
    offer.employee_id, offer.answered_on = employee.id, day
    _move(session, offer, OfferState.ACCEPTED)
    move_application(session, application, Stage.HIRED)
    if taken + 1 == opening.headcount:
        opening.closed_on = day
        move_opening(session, opening, OpeningState.FILLED)
    return employee


def places_taken(session: Session, opening: JobOpening) -> int:
    """Return how many places of an opening are taken."""
    wanted = select(func.count()).where(
        Application.opening_id == opening.id, Application.stage == Stage.HIRED
    )
    return session.scalar(wanted) or 0


def terms_said(offer: JobOffer) -> tuple[str, ...]:
    """Return the terms of an offer as a card shows them."""
    until = "" if offer.ends_on is None else f"→ {offer.ends_on}"
    share = "" if offer.hours_share == 1 else f"{plain(100 * offer.hours_share)}%"
    pay = f"{Money(offer.pay_minor, offer.currency)} / {offer.pay_period}"
    said = (pay, offer.starts_on.isoformat(), until, str(offer.contract), share)
    return tuple(each for each in said if each)


def _require(offer: JobOffer, wanted: OfferState) -> None:
    if offer.state is not wanted:
        raise errors.OfferIs(offer=offer.number, state=offer.state, wanted=wanted)


def _move(session: Session, offer: JobOffer, after: OfferState) -> None:
    before, offer.state = offer.state, after
    fact = OfferMoved(
        offer.number,
        offer.application.number,
        offer.application.opening.title,
        terms_said(offer),
        before,
        after,
        offer.pay_minor,
        offer.currency,
    )
    events.record(session, fact)
    session.flush()
