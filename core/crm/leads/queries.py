"""Questions about leads."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core.crm.leads import rules
from core.crm.leads.rules import Points
from core.crm.leads.service import OPEN, facts_of, find_lead, rule_of
from core.crm.leads.tables import Lead, LeadRule, LeadState
from core.crm.opportunities.tables import Opportunity
from core.kernel.company import company
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
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


@dataclass(frozen=True)
class Turn:
    """Who should take a lead: by the rule at a place, or because they have the fewest."""

    login: str
    open_leads: int
    place: int | None


def whose_turn(session: Session, number: str) -> Turn | None:
    """Return who should take a lead that is nobody's; None: nobody sells."""
    lead = find_lead(session, number)
    count = (
        select(func.count(Lead.id))
        .where(Lead.owner_id == Person.id, Lead.state.in_(OPEN))
        .correlate(Person)
        .scalar_subquery()
    )
    rule = rule_of(session, lead)
    sellers = select(Person.login, count).where(Person.active, ~Person.is_service)
    if rule is not None:
        sellers = sellers.where(Person.id == rule.owner_id)
    else:
        sellers = sellers.where(Person.roles.contains([Role.SALES.value]))
    found = session.execute(sellers.order_by(count, Person.login).limit(1)).one_or_none()
    return None if found is None else Turn(found[0], found[1], rule.place if rule else None)


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
