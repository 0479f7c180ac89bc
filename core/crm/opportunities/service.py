"""What one can do with opportunities: open them, move them on, say what they are worth."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog
from core.catalog import Item
from core.catalog.errors import NoPrice
from core.crm.opportunities import rules
from core.crm.opportunities.errors import (
    AmountNegative,
    ClosesInThePast,
    DocumentOfAnother,
    LostWithoutReason,
    NothingChanges,
    OpportunityClosed,
    StageUnchanged,
    UnknownOpportunity,
)
from core.crm.opportunities.events import (
    DocumentLinked,
    OpportunityChanged,
    OpportunityOpened,
    StageMoved,
)
from core.crm.opportunities.pipelines import find_pipeline, find_stage, first_stage
from core.crm.opportunities.tables import (
    ENDS,
    ForecastCategory,
    Opportunity,
    OpportunityDocument,
    OpportunityLine,
    Stage,
    StageChange,
    StageKind,
)
from core.crm.sources import LeadSource
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identifiers import new_id
from core.kernel.identity.tables import Person
from core.kernel.money import Money, plain
from core.kernel.naming import (
    CANDIDATES_MAX,
    AmbiguousName,
    Candidate,
    canonical_number,
    resolved,
)
from core.kernel.numbering import next_number
from core.ledger import currencies
from core.parties import Customer, Party, find_party, require_unblocked

CLOSE_DAYS = 90
SAID = {StageKind.WON.value: Both("won", "赢单"), StageKind.LOST.value: Both("lost", "输单")}


@dataclass(frozen=True)
class LineDraft:
    """An item that somebody may buy; without a price the list price counts."""

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Chances:
    """What may be said of an opportunity besides its amount; what is not said stays."""

    title: str | None = None
    close_on: date | None = None
    probability: Decimal | None = None
    category: ForecastCategory | None = None
    owner: Person | None = None
    contact: Party | None = None
    source: LeadSource | None = None
    notes: str | None = None


def open_opportunity(
    session: Session,
    *,
    party: Party,
    title: str,
    amount: Money | None = None,
    lines: Sequence[LineDraft] = (),
    pipeline: str | None = None,
    stage: str | None = None,
    said: Chances | None = None,
    opened_on: date | None = None,
) -> Opportunity:
    """Note that somebody may buy something; its amount is what is said, or what its items cost."""
    require_unblocked(party)
    said, ours = said or Chances(), company(session)
    way = find_pipeline(session, pipeline)
    session.refresh(way, with_for_update={"read": True})
    first = first_stage(session, way) if stage is None else find_stage(session, way, stage)
    if first.kind in ENDS:
        raise OpportunityClosed(number=title, outcome=SAID[first.kind])
    day = opened_on or ours.today
    close_on = said.close_on or day + timedelta(days=CLOSE_DAYS)
    if close_on < day:
        raise ClosesInThePast(day=close_on, today=day)
    if said.probability is not None:
        rules.require_probability(said.probability)
    rows = _lines(session, party, lines)
    worth = _not_negative(amount or _worth_of(session, rows))
    in_base = _in_base(session, worth)
    opportunity = Opportunity(
        id=new_id(),
        number=next_number(session, "OP"),
        title=title,
        party_id=party.id,
        contact_id=said.contact.id if said.contact else None,
        pipeline_id=way.id,
        stage_id=first.id,
        owner_id=said.owner.id if said.owner else None,
        source=said.source or LeadSource.OTHER,
        currency=worth.currency,
        amount_minor=worth.minor,
        base_minor=in_base.minor,
        close_on=close_on,
        probability=said.probability,
        category=said.category,
        opened_on=day,
        notes=said.notes,
    )
    session.add(opportunity)
    session.flush()
    for row in rows:
        row.opportunity_id = opportunity.id
    session.add_all(rows)
    _note_change(session, opportunity, None, first, day)
    fact = OpportunityOpened(
        number=opportunity.number,
        title=title,
        party=party.name,
        stage=first.name,
        worth=worth,
        close_on=close_on.isoformat(),
        owner=said.owner.login if said.owner else "",
        lines=tuple(_said_line(row, draft) for row, draft in zip(rows, lines, strict=True)),
    )
    events.record(session, fact)
    session.flush()
    return opportunity


def move_stage(
    session: Session,
    number: str,
    stage: str,
    *,
    because: str | None = None,
    moved_on: date | None = None,
) -> Opportunity:
    """Move an opportunity to another stage of its pipeline; what is lost needs a reason.

    A stage that means won or lost closes it; from there any other stage opens it again.
    """
    opportunity = find_opportunity(session, number, locked=True)
    # What its stages mean stays so until we are done: who changes one takes this lock alone.
    session.refresh(opportunity.pipeline, with_for_update={"read": True})
    before = session.get_one(Stage, opportunity.stage_id, populate_existing=True)
    after = find_stage(session, opportunity.pipeline, stage)
    if after.id == before.id:
        raise StageUnchanged(number=opportunity.number, stage=after.name)
    reason = " ".join((because or "").split())
    if after.kind is StageKind.LOST and not reason:
        raise LostWithoutReason(number=opportunity.number)
    day = moved_on or company(session).today
    opportunity.stage_id = after.id
    closes = after.kind in ENDS
    opportunity.outcome = after.kind.value if closes else None
    opportunity.closed_on = day if closes else None
    opportunity.lost_reason = reason if after.kind is StageKind.LOST else None
    session.flush()
    session.expire(opportunity, ["stage"])
    _note_change(session, opportunity, before, after, day)
    fact = StageMoved(
        number=opportunity.number,
        party=opportunity.party.name,
        before=before.name,
        after=after.name,
        outcome=opportunity.outcome or "",
        because=reason,
        worth=Money(opportunity.amount_minor, opportunity.currency),
    )
    events.record(session, fact)
    session.flush()
    return find_opportunity(session, opportunity.number)


def change_opportunity(
    session: Session,
    number: str,
    said: Chances | None = None,
    *,
    amount: Money | None = None,
    lines: Sequence[LineDraft] | None = None,
) -> Opportunity:
    """Say something else of an open opportunity; what is not said stays."""
    opportunity = find_opportunity(session, number, locked=True)
    _require_open(opportunity)
    said = said or Chances()
    told: list[tuple[str, str, str]] = []
    if lines is not None:
        rows = _lines(session, opportunity.party, lines)
        before = ", ".join(_said_line(row) for row in opportunity.lines)
        session.execute(
            delete(OpportunityLine).where(OpportunityLine.opportunity_id == opportunity.id)
        )
        for row in rows:
            row.opportunity_id = opportunity.id
        session.add_all(rows)
        after = ", ".join(_said_line(row, draft) for row, draft in zip(rows, lines, strict=True))
        told.append(("products", before, after))
        amount = amount or _worth_of(session, rows)
    if amount is not None:
        told += _set_amount(session, opportunity, amount)
    told += _set_chances(session, opportunity, said)
    told = [(what, old, new) for what, old, new in told if old != new]
    if not told:
        raise NothingChanges(number=opportunity.number)
    fact = OpportunityChanged(opportunity.number, opportunity.party.name, tuple(told))
    events.record(session, fact)
    session.flush()
    return find_opportunity(session, opportunity.number)


def follow_amount(session: Session, opportunity: Opportunity, amount: Money) -> None:
    """Let an opportunity be worth what was quoted or ordered of it, also where it is closed."""
    told = _set_amount(session, opportunity, amount)
    if told:
        fact = OpportunityChanged(opportunity.number, opportunity.party.name, tuple(told))
        events.record(session, fact)
    session.flush()


def link_document(session: Session, opportunity: Opportunity, number: str) -> None:
    """Note that a quotation or order came of an opportunity; it comes of one only."""
    known = opportunity_of_document(session, number)
    if known is not None:
        if known.id == opportunity.id:
            return
        raise DocumentOfAnother(number=number, opportunity=known.number)
    session.add(OpportunityDocument(document=number, opportunity_id=opportunity.id))
    events.record(session, DocumentLinked(opportunity.number, number))
    session.flush()


def opportunity_of_document(session: Session, number: str) -> Opportunity | None:
    """Return the opportunity that a quotation or order came of, if it came of one."""
    wanted = (
        select(Opportunity.number)
        .join(OpportunityDocument, OpportunityDocument.opportunity_id == Opportunity.id)
        .where(OpportunityDocument.document == number)
    )
    found = session.scalars(wanted).one_or_none()
    return None if found is None else find_opportunity(session, found, locked=True)


def find_opportunity(session: Session, text: str, *, locked: bool = False) -> Opportunity:
    """Return the opportunity that a number or title means, or the only open one of a customer."""
    wanted = (
        select(Opportunity)
        .where(Opportunity.number == _number_of(session, text))
        .options(
            joinedload(Opportunity.party, innerjoin=True),
            joinedload(Opportunity.stage, innerjoin=True),
            joinedload(Opportunity.pipeline, innerjoin=True),
            joinedload(Opportunity.owner),
            selectinload(Opportunity.lines).joinedload(OpportunityLine.item),
        )
        .execution_options(populate_existing=True)
    )
    if locked:
        wanted = wanted.with_for_update(of=Opportunity)
    return session.scalars(wanted).unique().one()


def _number_of(session: Session, text: str) -> str:
    number = canonical_number(text)
    if session.scalar(select(Opportunity.id).where(Opportunity.number == number)):
        return number
    # By its title, or by whose it is: "the Acme deal". Those still open come first.
    opened = select(Opportunity.number, Opportunity.title, Party.name).join(
        Party, Party.id == Opportunity.party_id
    )
    if session.scalar(select(Party.id).where(Party.number == number)):
        return _of_party(session, find_party(session, number), text)
    still = opened.where(Opportunity.outcome.is_(None))
    try:
        return resolved(session, still, text, UnknownOpportunity)
    except UnknownOpportunity:
        return resolved(session, opened, text, UnknownOpportunity)


def _of_party(session: Session, party: Party, text: str) -> str:
    """Return the only open opportunity of a customer, or else its only one at all."""
    every = session.execute(
        select(Opportunity.number, Opportunity.title, Opportunity.outcome)
        .where(Opportunity.party_id == party.id)
        .order_by(Opportunity.outcome.is_not(None), Opportunity.number.desc())
        .limit(CANDIDATES_MAX)
    ).all()
    still = [row for row in every if row.outcome is None] or list(every)
    if not still:
        raise UnknownOpportunity(text=text)
    if len(still) > 1:
        raise AmbiguousName(
            text=party.name, candidates=[Candidate(row.number, row.title) for row in still]
        )
    return str(still[0].number)


def _require_open(opportunity: Opportunity) -> None:
    if opportunity.outcome is not None:
        raise OpportunityClosed(number=opportunity.number, outcome=SAID[opportunity.outcome])


def _set_amount(
    session: Session, opportunity: Opportunity, amount: Money
) -> list[tuple[str, str, str]]:
    before = Money(opportunity.amount_minor, opportunity.currency)
    if before == amount:
        return []
    opportunity.amount_minor, opportunity.currency = _not_negative(amount).minor, amount.currency
    opportunity.base_minor = _in_base(session, amount).minor
    return [("amount", str(before), str(amount))]


def _set_chances(
    session: Session, opportunity: Opportunity, said: Chances
) -> list[tuple[str, str, str]]:
    told: list[tuple[str, str, str]] = []

    def put(name: str, what: str, value: Any, shown: str) -> None:  # noqa: ANN401
        before = getattr(opportunity, name)
        if value is not None and before != value:
            setattr(opportunity, name, value)
            told.append((what, "" if before is None else _shown(session, before), shown))

    if said.probability is not None:
        rules.require_probability(said.probability)
    if said.close_on is not None and said.close_on < company(session).today:
        raise ClosesInThePast(day=said.close_on, today=company(session).today)
    put("title", "title", said.title, said.title or "")
    put("close_on", "close_on", said.close_on, str(said.close_on))
    chance = None if said.probability is None else plain(said.probability)
    put("probability", "probability", said.probability, f"{chance} %")
    put("category", "forecast_category", said.category, said.category or "")
    put("source", "source", said.source, said.source or "")
    put("notes", "note", said.notes, said.notes or "")
    owner = said.owner
    put("owner_id", "owner", owner and owner.id, owner.login if owner else "")
    contact = said.contact
    put("contact_id", "contact", contact and contact.id, contact.name if contact else "")
    return told


def _shown(session: Session, value: object) -> str:
    if isinstance(value, Decimal):
        return f"{plain(value)} %"
    if isinstance(value, uuid.UUID):
        person = session.get(Person, value)
        party = None if person is not None else session.get(Party, value)
        return person.login if person is not None else party.name if party is not None else ""
    return str(value)


def _lines(session: Session, party: Party, lines: Sequence[LineDraft]) -> list[OpportunityLine]:
    """Write down what may be bought, at the prices that the customer pays."""
    if not lines:
        return []
    wanted = [(line.item, line.quantity) for line in lines]
    catalog.require_tradeable(session, wanted)
    buyer = session.get(Customer, party.id)
    code = buyer.price_list_code if buyer is not None else None
    listed = catalog.prices_or_none_of(session, wanted, price_list_code=code)
    rows = []
    for place, (line, usual) in enumerate(zip(lines, listed, strict=True), start=1):
        price = line.unit_price
        if price is None and usual is not None:
            price = usual.unit_price
        if price is None:
            raise NoPrice(sku=line.item.sku, quantity=plain(line.quantity))
        catalog.require_price(line.item, price)
        rows.append(
            OpportunityLine(
                position=place,
                item_id=line.item.id,
                quantity=line.quantity,
                unit_price=price,
                discount_percent=line.discount_percent,
            )
        )
    return rows


def _worth_of(session: Session, rows: Sequence[OpportunityLine]) -> Money:
    currency, mode = company(session).currency, company(session).rounding
    amounts = [
        catalog.net_amount(row.quantity, row.unit_price, row.discount_percent) for row in rows
    ]
    return sum((Money.rounding(amount, currency, mode) for amount in amounts), Money(0, currency))


def _said_line(row: OpportunityLine, draft: LineDraft | None = None) -> str:
    item = row.item if draft is None else draft.item
    off = f" −{plain(row.discount_percent)}%" if row.discount_percent else ""
    return f"{plain(row.quantity)} × {item.sku} @ {plain(row.unit_price)}{off}"


def _in_base(session: Session, amount: Money) -> Money:
    return currencies.in_base(session, amount, company(session).today)


def _not_negative(amount: Money) -> Money:
    if amount.minor < 0:
        raise AmountNegative(amount=amount)
    return amount


def _note_change(
    session: Session, opportunity: Opportunity, before: Stage | None, after: Stage, day: date
) -> None:
    last = select(func.coalesce(func.max(StageChange.position), 0)).where(
        StageChange.opportunity_id == opportunity.id
    )
    session.add(
        StageChange(
            opportunity_id=opportunity.id,
            position=session.scalars(last).one() + 1,
            from_stage_id=before.id if before else None,
            stage_id=after.id,
            moved_on=day,
            by=acting(session).name,
        )
    )
