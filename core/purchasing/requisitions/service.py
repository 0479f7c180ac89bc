"""What one can do with requisitions: write, approve, order, close."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import catalog
from core.approvals import Proposal
from core.catalog import Item, Trade
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.money import plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.parties import Party, Supplier, find_supplier, require_unblocked
from core.purchasing.offers import best_offer, buying_options
from core.purchasing.ordering import place_order
from core.purchasing.requisitions.errors import (
    EmptyRequisition,
    MoreThanNeeded,
    NeededInThePast,
    NoSuchNeed,
    NotADraft,
    NotApproved,
    NothingLeftToOrder,
    OwnRequisition,
    UnknownRequisition,
)
from core.purchasing.requisitions.events import RequisitionMoved, RequisitionWritten
from core.purchasing.requisitions.tables import (
    CoveredNeed,
    Requisition,
    RequisitionLine,
    RequisitionState,
)
from core.purchasing.rules import OrderLineDraft
from core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

_OPEN = (RequisitionState.DRAFT, RequisitionState.APPROVED)


@dataclass(frozen=True)
class Need:
    """What is needed; from whom, and for the line of which document, where that matters."""

    item: Item
    quantity: Decimal
    supplier: Party | None = None
    pegged_line_id: uuid.UUID | None = None
    pegged_to: str | None = None


def write_requisition(
    session: Session,
    needs: Sequence[Need],
    *,
    needed_on: date,
    because: str,
    needed_for: str | None = None,
) -> Requisition:
    """Write down what somebody needs by a day; it is a wish until it is approved."""
    today = company(session).today
    if not needs:
        raise EmptyRequisition
    if needed_on < today:
        raise NeededInThePast(needed_on=needed_on, today=today)
    catalog.require_tradeable(
        session, [(need.item, need.quantity) for need in needs], trade=Trade.PURCHASE
    )
    for need in needs:
        if need.supplier is not None:
            require_unblocked(need.supplier)
    requisition = Requisition(
        number=next_number(session, "RQ"),
        state=RequisitionState.DRAFT,
        asked_by=_asking(session),
        asked_on=today,
        needed_on=needed_on,
        because=because,
        needed_for=needed_for,
        lines=[
            RequisitionLine(
                position=position,
                item=need.item,
                item_id=need.item.id,
                quantity=need.quantity,
                ordered_quantity=Decimal(0),
                supplier=need.supplier,
                supplier_id=need.supplier.id if need.supplier is not None else None,
                pegged_line_id=need.pegged_line_id,
                pegged_to=need.pegged_to,
            )
            for position, need in enumerate(needs, start=1)
        ],
    )
    session.add(requisition)
    fact = RequisitionWritten(
        number=requisition.number,
        goods=tuple(f"{plain(need.quantity)} × {need.item.sku}" for need in needs),
        needed_on=needed_on.isoformat(),
        needed_in_days=(needed_on - today).days,
        needed_for=needed_for or "",
        because=because,
    )
    events.record(session, fact)
    session.flush()
    return requisition


def _asking(session: Session) -> str:
    """Return who needs it: whoever asked, also where somebody else said yes to that."""
    acts = acting(session)
    if acts.proposal is None:
        return acts.actor.human
    return session.get_one(Proposal, acts.proposal).asked_by_human


def find_requisition(session: Session, number: str, *, lock: bool = True) -> Requisition:
    """Return a requisition with its lines, as it is stored now; locked, so that it is done once."""
    lines = selectinload(Requisition.lines).options(
        selectinload(RequisitionLine.item).selectinload(Item.unit),
        selectinload(RequisitionLine.supplier),
    )
    unknown = UnknownRequisition(number=number)
    return find_numbered(session, Requisition, number, lines, unknown=unknown, locked=lock)


def open_requisitions_for(session: Session, document: str) -> list[str]:
    """Return the numbers of open requisitions that a document alone needs."""
    others = (
        select(RequisitionLine.id)
        .where(
            RequisitionLine.requisition_id == Requisition.id,
            RequisitionLine.pegged_to.is_distinct_from(document),
        )
        .correlate(Requisition)
        .exists()
    )
    wanted = (
        select(Requisition.number)
        .join(RequisitionLine, RequisitionLine.requisition_id == Requisition.id)
        .where(Requisition.state.in_(_OPEN), RequisitionLine.pegged_to == document, ~others)
        .distinct()
        .order_by(Requisition.number)
    )
    return list(session.scalars(wanted))


def approve_requisition(session: Session, number: str) -> Requisition:
    """Agree that what somebody else needs may be bought."""
    requisition = find_requisition(session, number)
    _require_draft(requisition)
    actor = acting(session).actor
    if actor.is_person and actor.human == requisition.asked_by:
        raise OwnRequisition(number=requisition.number, who=requisition.asked_by)
    requisition.approved_by = actor.human
    _move(session, requisition, RequisitionState.APPROVED)
    return requisition


def close_requisition(session: Session, number: str, *, because: str) -> Requisition:
    """Need no more of what is not ordered yet."""
    requisition = find_requisition(session, number)
    if requisition.state not in _OPEN:
        raise NotADraft(number=requisition.number, state=requisition.state)
    _move(session, requisition, RequisitionState.CLOSED, because=because)
    return requisition


def left_to_order(
    requisition: Requisition, quantities: Mapping[int, Decimal] | None = None
) -> list[tuple[RequisitionLine, Decimal]]:
    """Return the lines that are meant, with how much of each: all that is left, or so much."""
    if requisition.state is not RequisitionState.APPROVED:
        if requisition.state is RequisitionState.DRAFT:
            raise NotApproved(number=requisition.number)
        raise NothingLeftToOrder(number=requisition.number)
    left = {line.position: line.quantity - line.ordered_quantity for line in requisition.lines}
    by_position = {line.position: line for line in requisition.lines}
    if quantities is None:
        return [(by_position[place], rest) for place, rest in left.items() if rest]
    for position, quantity in quantities.items():
        if position not in left:
            known = ", ".join(map(str, left))
            raise NoSuchNeed(number=requisition.number, position=position, positions=known)
        if not 0 < quantity <= left[position]:
            raise MoreThanNeeded(
                sku=by_position[position].item.sku,
                number=requisition.number,
                left=plain(left[position]),
                quantity=plain(quantity),
            )
    return [(by_position[place], quantities[place]) for place in sorted(quantities)]


def order_requisition(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    supplier: Supplier | None = None,
) -> list[PurchaseOrder]:
    """Order what is left of a requisition, or a part of it: one order for every supplier.

    Each line goes to the supplier named, to its own, or to the one whose total is least; what is
    bought is rounded up to the minimum and the multiple that they sell by.
    """
    requisition = find_requisition(session, number)
    meant = left_to_order(requisition, quantities)
    if not meant:
        raise NothingLeftToOrder(number=requisition.number)
    drafts: dict[str, list[OrderLineDraft]] = defaultdict(list)
    needs: dict[str, list[tuple[RequisitionLine, Decimal]]] = defaultdict(list)
    for line, quantity in meant:
        theirs = supplier or _preferred(session, line)
        bought, seller = _bought(session, line, quantity, theirs)
        needs[seller].append((line, quantity))
        drafts[seller].append(
            OrderLineDraft(
                line.item,
                bought,
                pegged_line_id=line.pegged_line_id or line.id,
                pegged_to=line.pegged_to or requisition.number,
            )
        )
    orders = [
        place_order(session, supplier=find_supplier(session, seller), lines=lines)
        for seller, lines in drafts.items()
    ]
    covered = [
        (line, quantity, bought)
        for order, theirs in zip(orders, needs.values(), strict=True)
        for (line, quantity), bought in zip(theirs, order.lines, strict=True)
    ]
    note_ordered(session, requisition, covered, by=[order.number for order in orders])
    return orders


def note_ordered(
    session: Session,
    requisition: Requisition,
    ordered: Sequence[tuple[RequisitionLine, Decimal, PurchaseOrderLine]],
    *,
    by: Sequence[str],
) -> None:
    """Note how much of a requisition is ordered by which lines; when all of it is, it is done."""
    for line, quantity, bought in ordered:
        line.ordered_quantity += quantity
        covers = CoveredNeed(
            purchase_line_id=bought.id, requisition_line_id=line.id, quantity=quantity
        )
        session.add(covers)
    is_done = all(line.ordered_quantity == line.quantity for line in requisition.lines)
    after = RequisitionState.ORDERED if is_done else RequisitionState.APPROVED
    goods = [f"{plain(quantity)} × {line.item.sku}" for line, quantity, _ in ordered]
    _move(session, requisition, after, goods=goods, because=", ".join(by))


def reopen(session: Session, order: PurchaseOrder) -> None:
    """Count what a purchase order covered as needed again: the order will not come.

    A requisition that was all ordered is approved then, and can be ordered anew; one that somebody
    closed stays closed.
    """
    wanted = (
        select(CoveredNeed, Requisition.number)
        .join(RequisitionLine, RequisitionLine.id == CoveredNeed.requisition_line_id)
        .join(Requisition, Requisition.id == RequisitionLine.requisition_id)
        .where(CoveredNeed.purchase_line_id.in_([line.id for line in order.lines]))
    )
    covered: dict[str, list[CoveredNeed]] = defaultdict(list)
    for covers, number in session.execute(wanted):
        covered[number].append(covers)
    for number in sorted(covered):
        requisition = find_requisition(session, number)
        by_id = {line.id: line for line in requisition.lines}
        goods = []
        for covers in covered[number]:
            line = by_id[covers.requisition_line_id]
            line.ordered_quantity -= covers.quantity
            goods.append(f"{plain(covers.quantity)} × {line.item.sku}")
            session.delete(covers)
        was_done = requisition.state is RequisitionState.ORDERED
        after = RequisitionState.APPROVED if was_done else requisition.state
        _move(session, requisition, after, goods=goods, because=order.number)


def _bought(
    session: Session, line: RequisitionLine, quantity: Decimal, supplier: Supplier | None
) -> tuple[Decimal, str]:
    """Return how much is bought of a need, and the number of the supplier."""
    options = buying_options(session, line.item, quantity, supplier=supplier)
    usual = [option for option in options if not option.for_price_break]
    if not usual:
        # Which refusal it is, and who else sells it, is known there.
        best = best_offer(session, line.item, quantity, supplier=supplier)
        return quantity, best.supplier.number
    return usual[0].quantity, usual[0].offer.supplier.number


def _preferred(session: Session, line: RequisitionLine) -> Supplier | None:
    return None if line.supplier is None else find_supplier(session, line.supplier.number)


def _require_draft(requisition: Requisition) -> None:
    if requisition.state is not RequisitionState.DRAFT:
        raise NotADraft(number=requisition.number, state=requisition.state)


def _move(
    session: Session,
    requisition: Requisition,
    after: RequisitionState,
    *,
    goods: Sequence[str] | None = None,
    because: str = "",
) -> None:
    before, requisition.state = requisition.state, after
    every = [f"{plain(line.quantity)} × {line.item.sku}" for line in requisition.lines]
    fact = RequisitionMoved(
        number=requisition.number,
        before=before,
        after=after,
        goods=tuple(every if goods is None else goods),
        because=because,
    )
    events.record(session, fact)
    session.flush()
