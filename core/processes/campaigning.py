"""Campaigns across rooms: who is in a segment, by what they do, and what came of the mails.

An order counts from the day it was agreed, before tax, in the company's currency; drafts, held and
cancelled orders do not count. An order or opportunity is attributed to one campaign only: the last
(or the first) that wrote to its customer within the campaign's window before it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session, aliased

from core import marketing, support
from core.crm.opportunities import Opportunity
from core.kernel.company import company
from core.kernel.errors import language_called
from core.kernel.money import Money
from core.ledger import currencies
from core.marketing import Campaign, Criteria, Facts, Meant, Segment, SegmentKind, Terms
from core.marketing.rules import (
    WORTH_DAYS,
    Buying,
    Gained,
    Reason,
    Touch,
    Touched,
    attributed,
    percent_of,
    reasons,
    rfm_classes,
)
from core.marketing.tables import CampaignRecipient, SegmentMember
from core.parties import Customer, Party, Territory
from core.parties.contacts import PartyContact, Purpose, consents_now
from core.sales.tables import OrderState, SalesOrder
from core.support import Ticket

NOT_AGREED = (OrderState.DRAFT, OrderState.HELD, OrderState.CANCELLED)
BY_NAME: Reason = ("named", "手工添加")


@dataclass(frozen=True)
class Member:
    """A customer in a segment, and why."""

    party: Party
    because: tuple[Reason, ...]


@dataclass(frozen=True)
class Results:
    """What came of a campaign, counted and in money."""

    campaign: marketing.CampaignView
    by: Touch
    orders: int
    revenue: Money
    opportunities: int
    opportunity_worth: Money

    @property
    def conversion(self) -> Decimal | None:
        """Orders for each hundred mails that arrived."""
        return percent_of(self.orders, self.campaign.delivered)

    @property
    def gain(self) -> Money:
        """Revenue less cost."""
        return self.revenue - self.campaign.cost

    @property
    def return_percent(self) -> Decimal | None:
        """Revenue less cost, as a percentage of the cost."""
        return percent_of(self.gain.minor, self.campaign.cost.minor)


def members_of(session: Session, segment: Segment) -> list[Member]:
    """Return who is in a segment now, by number, each with the reason."""
    if segment.kind is SegmentKind.DYNAMIC:
        return found_by(session, marketing.criteria_of(segment))
    wanted = (
        select(Party)
        .join(SegmentMember, SegmentMember.party_id == Party.id)
        .where(SegmentMember.segment_id == segment.id, Party.merged_into_id.is_(None))
        .order_by(Party.number)
    )
    return [Member(party, (BY_NAME,)) for party in session.scalars(wanted)]


def found_by(session: Session, criteria: Criteria) -> list[Member]:
    """Return the customers that filters find now, by number, each with the reason."""
    today = company(session).today
    wanted = (
        select(Party)
        .join(Customer, Customer.party_id == Party.id)
        .where(Party.merged_into_id.is_(None))
        .order_by(Party.number)
    )
    known, nothing = facts(session), Facts()
    return [
        Member(party, why)
        for party in session.scalars(wanted)
        if (why := reasons(criteria, known.get(party.id, nothing), today)) is not None
    ]


def count_members(session: Session, segments: Sequence[Segment]) -> list[int]:
    """Return how many are in each of some segments now; what is known of all is read once."""
    today = company(session).today
    named = dict(
        session.execute(
            select(SegmentMember.segment_id, func.count())
            .join(Party, Party.id == SegmentMember.party_id)
            .where(
                SegmentMember.segment_id.in_([segment.id for segment in segments]),
                Party.merged_into_id.is_(None),
            )
            .group_by(SegmentMember.segment_id)
        ).all()
    )
    is_any_found = any(segment.kind is SegmentKind.DYNAMIC for segment in segments)
    known = list(facts(session).values()) if is_any_found else []

    def found(criteria: Criteria) -> int:
        return sum(reasons(criteria, each, today) is not None for each in known)

    return [
        found(marketing.criteria_of(segment))
        if segment.kind is SegmentKind.DYNAMIC
        else named.get(segment.id, 0)
        for segment in segments
    ]


def meant_by(session: Session, segment: Segment) -> list[Meant]:
    """Return who is to be written to: the customers of a segment, or the people who work there."""
    members = members_of(session, segment)
    if not segment.contacts:
        return [_meant(one.party, one.party, one.because) for one in members]
    why = {one.party.id: one for one in members}
    person = aliased(Party)
    wanted = (
        select(person, PartyContact.account_id)
        .join(PartyContact, PartyContact.person_id == person.id)
        .where(PartyContact.ended_on.is_(None), person.merged_into_id.is_(None))
        .order_by(person.number, PartyContact.since)
    )
    found: dict[uuid.UUID, Meant] = {}
    for who, account in session.execute(wanted):
        if account in why:
            found.setdefault(who.id, _meant(who, why[account].party, why[account].because))
    return list(found.values())


def _meant(party: Party, account: Party, because: tuple[Reason, ...]) -> Meant:
    return Meant(
        party_id=party.id,
        account_id=account.id,
        number=party.number,
        name=party.name,
        address=(party.email or "").strip().lower() or None,
        language=language_called(party.language),
        blocked=party.blocked or account.blocked,
        because=because,
    )


def start(
    session: Session, *, template: str, segment: str, terms: Terms, name: str | None = None
) -> Campaign:
    """Find out who is in a segment now, and let a mail go out to those who may be written to."""
    texts = marketing.find_template(session, template)
    chosen = marketing.find_segment(session, segment)
    return marketing.start_campaign(
        session,
        name=name or texts[0].name,
        segment=chosen,
        texts=texts,
        meant=meant_by(session, chosen),
        terms=terms,
    )


def facts(session: Session) -> dict[uuid.UUID, Facts]:
    """Return what is known of each customer now; of those that were merged, as one."""
    buying = _buying(session)
    classes = rfm_classes(buying)
    consents = _consents(session)
    deals = dict(
        session.execute(
            select(Opportunity.party_id, func.count())
            .where(Opportunity.outcome.is_(None))
            .group_by(Opportunity.party_id)
        ).all()
    )
    tickets = dict(
        session.execute(
            select(Ticket.customer_id, func.count())
            .where(Ticket.state.in_(support.TO_DO), Ticket.customer_id.is_not(None))
            .group_by(Ticket.customer_id)
        ).all()
    )
    currency = company(session).currency
    wanted = (
        select(Party.id, Party.country, Customer.customer_group, Territory.code)
        .join(Customer, Customer.party_id == Party.id)
        .outerjoin(Territory, Territory.id == Customer.territory_id)
        .where(Party.merged_into_id.is_(None))
    )
    return {
        party: Facts(
            country=country,
            group=group,
            territory=territory,
            last_ordered_on=buying[party].last_on if party in buying else None,
            orders=buying[party].orders if party in buying else 0,
            worth=Money(buying[party].minor if party in buying else 0, currency),
            rfm=classes.get(party),
            consents=frozenset(consents.get(party, ())),
            opportunities=deals.get(party, 0),
            tickets=tickets.get(party, 0),
        )
        for party, country, group, territory in session.execute(wanted)
    }


def _buying(session: Session) -> dict[uuid.UUID, Buying]:
    today = company(session).today
    since = today - timedelta(days=WORTH_DAYS)
    last = (
        select(SalesOrder.customer_id, func.max(SalesOrder.ordered_on))
        .where(SalesOrder.state.not_in(NOT_AGREED), SalesOrder.ordered_on <= today)
        .group_by(SalesOrder.customer_id)
    )
    found = {who: Buying(day, 0, 0) for who, day in session.execute(last)}
    for one in _orders(session, since=since, until=today):
        known = found[one.account]
        found[one.account] = Buying(known.last_on, known.orders + 1, known.minor + one.minor)
    return found


def _orders(
    session: Session,
    *,
    since: date,
    until: date,
    of: Iterable[uuid.UUID] | None = None,
) -> list[Gained]:
    """Return the orders of a time in the company's currency, at the rate of their day."""
    ours = company(session).currency
    wanted = select(
        SalesOrder.customer_id, SalesOrder.ordered_on, SalesOrder.currency, SalesOrder.net_minor
    ).where(
        SalesOrder.state.not_in(NOT_AGREED),
        SalesOrder.ordered_on.between(since, until),
    )
    if of is not None:
        wanted = wanted.where(SalesOrder.customer_id.in_(list(of)))
    return [
        Gained(
            account=who,
            on=day,
            minor=minor
            if currency == ours
            else currencies.in_base(session, Money(minor, currency), day).minor,
        )
        for who, day, currency, minor in session.execute(wanted).all()
    ]


def _consents(session: Session) -> dict[uuid.UUID, set[Purpose]]:
    """Return what each agreed to that counts now."""
    found: dict[uuid.UUID, set[Purpose]] = {}
    for (who, purpose), given in consents_now(session).items():
        if given:
            found.setdefault(who, set()).add(purpose)
    return found


def results(session: Session, campaign: Campaign, *, by: Touch = Touch.LAST) -> Results:
    """Return what came of a campaign: counted, and the orders that are attributed to it."""
    ours = company(session)
    touches = _touches(session, campaign)
    accounts = {touch.account for touch in touches}
    since = min((touch.on for touch in touches), default=ours.today)
    bought = _orders(session, since=since, until=ours.today, of=accounts)
    deals = [
        Gained(who, day, minor)
        for who, day, minor in session.execute(
            select(Opportunity.party_id, Opportunity.opened_on, Opportunity.base_minor).where(
                Opportunity.party_id.in_(accounts),
                Opportunity.opened_on.between(since, ours.today),
            )
        )
    ]
    orders = attributed(bought, touches, by).get(campaign.id, [])
    opened = attributed(deals, touches, by).get(campaign.id, [])
    return Results(
        campaign=marketing.view_campaign(session, campaign),
        by=by,
        orders=len(orders),
        revenue=Money(sum(one.minor for one in orders), ours.currency),
        opportunities=len(opened),
        opportunity_worth=Money(sum(one.minor for one in opened), ours.currency),
    )


def _touches(session: Session, campaign: Campaign) -> list[Touched]:
    """Return which campaigns wrote when to the customers that this one wrote to."""
    those = select(CampaignRecipient.account_id).where(
        CampaignRecipient.campaign_id == campaign.id, CampaignRecipient.queued_at.is_not(None)
    )
    zone = str(company(session).zone)
    day = cast(func.timezone(zone, CampaignRecipient.queued_at), Date)
    wanted = (
        select(
            CampaignRecipient.campaign_id, CampaignRecipient.account_id, day, Campaign.window_days
        )
        .join(Campaign, Campaign.id == CampaignRecipient.campaign_id)
        .where(CampaignRecipient.account_id.in_(those), CampaignRecipient.queued_at.is_not(None))
        .order_by(CampaignRecipient.queued_at, CampaignRecipient.id)
    )
    return [Touched(*row) for row in session.execute(wanted)]
