"""Questions about leads."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.crm.leads import rules
from core.crm.leads.rules import Points
from core.crm.leads.service import OPEN, facts_of, find_lead
from core.crm.leads.tables import Lead, LeadRule, LeadState
from core.crm.opportunities.tables import Opportunity
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Party

LISTED_MAX = 200


@dataclass(frozen=True)
class LeadView:
    """A lead, as people read it, with what its points are for."""

    number: str
    name: str
    contact_name: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    country: str | None
    source: str
    interest: str | None
    budget: Money | None
    state: LeadState
    owner: str | None
    score: int
    opened_on: date
    disqualified_because: str | None
    became: tuple[str, ...] = ()
    points: tuple[Points, ...] = ()


def view_lead(session: Session, text: str) -> LeadView:
    """Return a lead, what its points are for, and what became of it."""
    lead = find_lead(session, text)
    became = []
    for table, key in (
        (Party, lead.party_id), (Party, lead.contact_id), (Opportunity, lead.opportunity_id)
    ):  # fmt: skip
        if key is not None:
            became.append(session.get_one(table, key).number)  # type: ignore[attr-defined]
    points = rules.score(facts_of(session, lead))
    return _view(session, lead, tuple(became), tuple(points))


def list_leads(session: Session, *, unassigned: bool = False, limit: int = 50) -> list[LeadView]:
    """Return the open leads, those with most points first; or those that are nobody's."""
    wanted = (
        select(Lead)
        .where(Lead.state.in_(OPEN))
        .options(joinedload(Lead.owner))
        .order_by(Lead.score.desc(), Lead.number)
        .limit(min(limit, LISTED_MAX))
    )
    if unassigned:
        wanted = wanted.where(Lead.owner_id.is_(None))
    return [_view(session, lead) for lead in session.scalars(wanted)]


def list_lead_rules(session: Session) -> list[LeadRule]:
    """Return the rules in their order, with whom they name."""
    wanted = select(LeadRule).options(joinedload(LeadRule.owner)).order_by(LeadRule.place)
    return list(session.scalars(wanted.limit(LISTED_MAX)))


def _view(
    session: Session, lead: Lead, became: tuple[str, ...] = (), points: tuple[Points, ...] = ()
) -> LeadView:
    currency = company(session).currency
    return LeadView(
        number=lead.number,
        name=lead.name,
        contact_name=lead.contact_name,
        job_title=lead.job_title,
        email=lead.email,
        phone=lead.phone,
        country=lead.country,
        source=lead.source,
        interest=lead.interest,
        budget=None if lead.budget_minor is None else Money(lead.budget_minor, currency),
        state=lead.state,
        owner=lead.owner.login if lead.owner is not None else None,
        score=lead.score,
        opened_on=lead.opened_on,
        disqualified_because=lead.disqualified_because,
        became=became,
        points=points,
    )
