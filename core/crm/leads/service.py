"""What one can do with leads: take them in, give them to somebody, turn them into customers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from core import parties
from core.crm.leads import rules
from core.crm.leads.errors import (
    LeadAlreadyThere,
    LeadClosed,
    LeadUnchanged,
    NobodyFits,
    NotAtWork,
    OwnerUnchanged,
    UnknownLead,
    UnknownRule,
)
from core.crm.leads.events import (
    LeadAdded,
    LeadAssigned,
    LeadChanged,
    LeadConverted,
    LeadDisqualified,
    LeadRuleSet,
)
from core.crm.leads.rules import LeadFacts
from core.crm.leads.tables import Lead, LeadRule, LeadState
from core.crm.opportunities.service import Chances, open_opportunity
from core.crm.opportunities.tables import Opportunity
from core.crm.sources import LeadSource
from core.crm.tables import Activity
from core.crm.tasks.tables import Task
from core.kernel import events
from core.kernel.company import company
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.kernel.money import Money
from core.kernel.naming import canonical_number, resolved
from core.kernel.numbering import next_number
from core.parties import Customer, Party, PartyKind
from core.parties.contacts import (
    AddressKind,
    add_contact,
    address_key,
    mail_domain,
    parties_called_by,
    parties_reached_by,
)

OPEN = (LeadState.NEW, LeadState.WORKING)
SELLS = {Role.SALES, Role.MANAGER, Role.ADMIN}


@dataclass(frozen=True)
class LeadDraft:
    """What was told of a lead."""

    name: str
    source: LeadSource = LeadSource.OTHER
    contact_name: str | None = None
    job_title: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    city: str | None = None
    language: str = "en"
    interest: str | None = None
    budget: Money | None = None


@dataclass(frozen=True)
class Converted:
    """What a lead became."""

    lead: Lead
    customer: Customer
    contact: Party | None
    opportunity: Opportunity | None


def add_lead(
    session: Session,
    draft: LeadDraft,
    *,
    owner: Person | None = None,
    is_another: bool = False,
) -> Lead:
    """Take a lead in, count its points, and give it to whom the rules say.

    Who is on record already by mail, phone or name is refused with where, unless it is said to be
    another one.
    """
    if draft.email:
        address_key(AddressKind.EMAIL, draft.email)
    if draft.phone:
        address_key(AddressKind.PHONE, draft.phone)
    if not is_another and (there := _known_already(session, draft)):
        raise LeadAlreadyThere(name=draft.name, there=", ".join(there))
    facts = _facts(session, draft)
    points = rules.score(facts)
    if owner is not None:
        require_seller(owner)
    rule = None if owner is not None else rule_for(session, draft, rules.total(points))
    who = owner or (rule.owner if rule else None)
    lead = Lead(
        number=next_number(session, "LD"),
        name=draft.name,
        contact_name=draft.contact_name,
        job_title=draft.job_title,
        email=draft.email,
        phone=draft.phone,
        country=draft.country,
        city=draft.city,
        language=draft.language,
        source=draft.source,
        interest=draft.interest,
        budget_minor=None if draft.budget is None else draft.budget.minor,
        owner_id=who.id if who else None,
        score=rules.total(points),
        opened_on=company(session).today,
    )
    session.add(lead)
    fact = LeadAdded(
        number=lead.number,
        called=draft.name,
        contact=draft.contact_name or "",
        source=draft.source,
        owner=who.login if who else "",
        score=lead.score,
        reasons=tuple(f"{each.points} {each.because}" for each in points),
    )
    events.record(session, fact)
    session.flush()
    return lead


def change_lead(session: Session, text: str, **said: Any) -> Lead:  # noqa: ANN401
    """Note what else is known of an open lead; its points are counted anew."""
    lead = find_lead(session, text, locked=True)
    require_open(lead)
    told: list[tuple[str, str, str]] = []
    for name, value in said.items():
        before = getattr(lead, name)
        if value is not None and value != before:
            setattr(lead, name, value)
            told.append(_told(session, name, before, value))
    if not told:
        raise LeadUnchanged(number=lead.number)
    points = rules.total(rules.score(facts_of(session, lead)))
    if points != lead.score:
        told.append(("score", str(lead.score), str(points)))
        lead.score = points
    if lead.state is LeadState.NEW:
        lead.state = LeadState.WORKING
    events.record(session, LeadChanged(lead.number, lead.name, tuple(told)))
    session.flush()
    return lead


def _told(session: Session, name: str, before: Any, after: Any) -> tuple[str, str, str]:  # noqa: ANN401
    """Say what changed as people read it; amounts with their currency."""
    if name != "budget_minor":
        return name, str(before or ""), str(after)
    currency = company(session).currency
    return (
        "budget",
        "" if before is None else str(Money(before, currency)),
        str(Money(after, currency)),
    )


def assign_lead(session: Session, text: str, owner: Person | None = None) -> Lead:
    """Give a lead to somebody, or to whom the rules say."""
    lead = find_lead(session, text, locked=True)
    require_open(lead)
    rule = None
    if owner is None:
        rule = rule_of(session, lead)
        if rule is None:
            raise NobodyFits(number=lead.number)
        owner = rule.owner
    require_seller(owner)
    if lead.owner_id == owner.id:
        raise OwnerUnchanged(number=lead.number, owner=owner.login)
    before = lead.owner.login if lead.owner is not None else ""
    lead.owner_id = owner.id
    fact = LeadAssigned(lead.number, lead.name, before, owner.login, rule.place if rule else None)
    events.record(session, fact)
    session.flush()
    session.expire(lead, ["owner"])
    return lead


def convert_lead(
    session: Session,
    text: str,
    *,
    customer: Party | None = None,
    opportunity: str | None = None,
    amount: Money | None = None,
    close_on: date | None = None,
    with_opportunity: bool = True,
) -> Converted:
    """Turn a lead into a customer, a contact and an opportunity; all of them keep where from.

    `customer` says that it is somebody we know already. What was noted and planned for the lead
    belongs to the customer as well from now on.
    """
    lead = find_lead(session, text, locked=True)
    require_open(lead)
    buyer = _customer_of(session, lead, customer)
    contact = _contact_of(session, lead, buyer.party)
    made = None
    if with_opportunity:
        worth = amount or Money(lead.budget_minor or 0, company(session).currency)
        made = open_opportunity(
            session,
            party=buyer.party,
            title=opportunity or lead.interest or lead.name,
            amount=worth,
            said=Chances(
                close_on=close_on,
                owner=lead.owner,
                contact=contact,
                source=lead.source,
            ),
        )
    lead.state, lead.converted_on = LeadState.CONVERTED, company(session).today
    lead.party_id = buyer.party_id
    lead.contact_id = contact.id if contact else None
    lead.opportunity_id = made.id if made else None
    session.flush()
    _carry_over(session, lead)
    fact = LeadConverted(
        number=lead.number,
        called=lead.name,
        party=f"{buyer.party.number} {buyer.party.name}",
        contact=contact.name if contact else "",
        opportunity=made.number if made else "",
    )
    events.record(session, fact)
    session.flush()
    return Converted(lead, buyer, contact, made)


def disqualify_lead(session: Session, text: str, *, because: str) -> Lead:
    """Note that a lead leads nowhere, and why; it stays on record."""
    lead = find_lead(session, text, locked=True)
    require_open(lead)
    lead.state, lead.disqualified_because = LeadState.DISQUALIFIED, because
    events.record(session, LeadDisqualified(lead.number, lead.name, because))
    session.flush()
    return lead


def set_lead_rule(
    session: Session,
    *,
    owner: Person,
    source: LeadSource | None = None,
    country: str | None = None,
    score_min: int | None = None,
    place: int | None = None,
) -> LeadRule:
    """Say who gets which leads, at a place among the rules, or behind the last one."""
    require_seller(owner)
    last = session.scalars(select(func.coalesce(func.max(LeadRule.place), 0))).one()
    at = place or last + 1
    wanted = select(LeadRule).where(LeadRule.place == at).with_for_update()
    rule = session.scalars(wanted).one_or_none() or LeadRule(place=at)
    rule.source, rule.country, rule.score_min = source, country, score_min
    rule.owner_id = owner.id
    session.add(rule)
    terms = (source or "", country or "", f"≥ {score_min}" if score_min is not None else "")
    said = " · ".join(part for part in terms if part) or "*"
    events.record(session, LeadRuleSet(at, said, owner.login))
    session.flush()
    return rule


def remove_lead_rule(session: Session, place: int) -> None:
    """Let a rule say nothing any more."""
    wanted = select(LeadRule).where(LeadRule.place == place).with_for_update()
    rule = session.scalars(wanted).one_or_none()
    if rule is None:
        raise UnknownRule(place=place)
    session.delete(rule)
    events.record(session, LeadRuleSet(place, "", ""))
    session.flush()


def find_lead(session: Session, text: str, *, locked: bool = False) -> Lead:
    """Return the lead that a number or name means; those still open come first."""
    number = canonical_number(text)
    if not session.scalar(select(Lead.id).where(Lead.number == number)):
        among = select(Lead.number, Lead.name, Lead.contact_name)
        try:
            number = resolved(session, among.where(Lead.state.in_(OPEN)), text, UnknownLead)
        except UnknownLead:
            number = resolved(session, among, text, UnknownLead)
    wanted = (
        select(Lead)
        .where(Lead.number == number)
        .options(joinedload(Lead.owner))
        .execution_options(populate_existing=True)
    )
    if locked:
        wanted = wanted.with_for_update(of=Lead)
    return session.scalars(wanted).one()


def rule_of(session: Session, lead: Lead) -> LeadRule | None:
    """Return the first rule that a lead fits, as it is known now."""
    return rule_for(session, _draft_of(session, lead), lead.score)


def rule_for(session: Session, draft: LeadDraft, points: int) -> LeadRule | None:
    """Return the first rule that a lead fits, of those whose people still sell."""
    wanted = (
        select(LeadRule)
        .join(Person, Person.id == LeadRule.owner_id)
        .where(
            Person.active,
            ~Person.is_service,
            Person.roles.overlap([role.value for role in SELLS]),
            or_(LeadRule.source.is_(None), LeadRule.source == draft.source),
            or_(
                LeadRule.country.is_(None),
                func.lower(LeadRule.country) == (draft.country or "").lower(),
            ),
            or_(LeadRule.score_min.is_(None), LeadRule.score_min <= points),
        )
        .options(joinedload(LeadRule.owner, innerjoin=True))
        .order_by(LeadRule.place)
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def _known_already(session: Session, draft: LeadDraft) -> list[str]:
    """Return the leads and parties that are the same by mail, phone or name, and by which."""
    found: dict[str, str] = {}
    same = [func.lower(Lead.name) == draft.name.lower()]
    if draft.email:
        same.append(func.lower(Lead.email) == draft.email.lower())
    wanted = select(Lead.number, Lead.name).where(Lead.state.in_(OPEN), or_(*same))
    found |= dict(session.execute(wanted.order_by(Lead.number).limit(5)).all())
    named = select(Party).where(
        func.lower(Party.name) == draft.name.lower(), Party.merged_into_id.is_(None)
    )
    others = list(session.scalars(named.limit(5)))
    others += parties_reached_by(session, draft.email) if draft.email else []
    others += parties_called_by(session, draft.phone) if draft.phone else []
    for party in others:
        found[party.number] = party.name
    return [f"{number} {name}" for number, name in found.items()]


def facts_of(session: Session, lead: Lead) -> LeadFacts:
    """Return what is known of a lead, as its points are counted by."""
    return _facts(session, _draft_of(session, lead))


def require_open(lead: Lead) -> None:
    """Refuse a lead that is converted or disqualified."""
    if lead.state not in OPEN:
        why = f" ({lead.disqualified_because})" if lead.disqualified_because else ""
        raise LeadClosed(number=lead.number, state=lead.state, what=why)


def require_seller(person: Person) -> None:
    """Refuse somebody who does not sell."""
    if not person.active or person.is_service or not set(person.roles) & SELLS:
        raise NotAtWork(login=person.login)


def _customer_of(session: Session, lead: Lead, customer: Party | None) -> Customer:
    if customer is not None:
        known = session.get(Customer, customer.id, options=[joinedload(Customer.party)])
        return known or parties.make_customer(session, customer)
    return parties.add_customer(
        session,
        name=lead.name,
        email=None if lead.contact_name else lead.email,
        phone=None if lead.contact_name else lead.phone,
        country=lead.country,
        city=lead.city,
        language=lead.language,
    )


def _contact_of(session: Session, lead: Lead, account: Party) -> Party | None:
    if not lead.contact_name:
        return None
    reached = parties_reached_by(session, lead.email) if lead.email else []
    person = next((each for each in reached if each.kind is PartyKind.PERSON), None)
    if person is None:
        person = parties.add_party(
            session,
            name=lead.contact_name,
            kind=PartyKind.PERSON,
            email=lead.email,
            phone=lead.phone,
            country=lead.country,
            language=lead.language,
        )
    if all(each.id != account.id for each in parties.contacts.accounts_of(session, person.id)):
        add_contact(session, account, person, job_title=lead.job_title)
    return person


def _carry_over(session: Session, lead: Lead) -> None:
    noted = session.scalars(select(Activity).where(Activity.lead_id == lead.id)).all()
    planned = session.scalars(select(Task).where(Task.lead_id == lead.id)).all()
    about: list[Activity | Task] = [*noted, *planned]
    for row in about:
        row.party_id = row.party_id or lead.party_id
        row.opportunity_id = row.opportunity_id or lead.opportunity_id
    session.flush()


def _facts(session: Session, draft: LeadDraft) -> LeadFacts:
    domain = mail_domain(draft.email)
    is_known = domain is not None and bool(
        session.scalar(
            select(Party.id)
            .join(Customer, Customer.party_id == Party.id)
            .where(func.lower(Party.email).endswith(f"@{domain}", autoescape=True))
            .limit(1)
        )
    )
    return LeadFacts(
        contact_name=draft.contact_name,
        job_title=draft.job_title,
        email=draft.email,
        phone=draft.phone,
        country=draft.country,
        source=draft.source,
        interest=draft.interest,
        budget_minor=None if draft.budget is None else draft.budget.minor,
        is_known=is_known,
    )


def _draft_of(session: Session, lead: Lead) -> LeadDraft:
    currency = company(session).currency
    return LeadDraft(
        name=lead.name,
        source=lead.source,
        contact_name=lead.contact_name,
        job_title=lead.job_title,
        email=lead.email,
        phone=lead.phone,
        country=lead.country,
        interest=lead.interest,
        budget=None if lead.budget_minor is None else Money(lead.budget_minor, currency),
    )
