"""Goods that come back: the one way in, whether a return was agreed before or not."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core import inventory, invoicing
from core.catalog import ItemKind
from core.inventory import Location, LocationKind, Outgoing, Returning, StockMove
from core.invoicing import Invoice
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.chart import COST_OF_GOODS_SOLD, INVENTORY_ADJUSTMENT
from core.parties import lock_customer
from core.sales import rules
from core.sales.deferring import defer_revenue
from core.sales.delivering import lock_shelves
from core.sales.errors import DeliveryAlreadyReturned, DeliveryIsReturn, UnknownDelivery
from core.sales.events import DeliveryReturned
from core.sales.ordering import find_order, moved, require_own
from core.sales.returning.tables import SalesReturn, SalesReturnLine
from core.sales.tables import Delivery, DeliveryLine, SalesOrder, SalesOrderLine

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Back:
    """So much of what left with a line of a delivery comes back, by a line of a return or none."""

    left: DeliveryLine
    line: SalesOrderLine
    quantity: Decimal
    by: SalesReturnLine | None = None


@dataclass(frozen=True)
class Where:
    """Where goods go that come back: a warehouse, and whether they are thrown away at once."""

    location: Location
    scrapped: bool = False


def return_delivery(
    session: Session, delivery_number: str, *, because: str, never_here: bool = False
) -> Delivery:
    """Take back all that is left of a delivery, at the cost it left at; it is still to go out then.

    What of it was invoiced is credited. What was `never_here` comes onto no shelf of ours, and its
    cost goes back to who sent it.
    """
    order, delivery = delivered_by(session, delivery_number)
    by_id = {line.id: line for line in order.lines}
    back = [
        Back(left, by_id[left.order_line_id], still)
        for left in delivery.lines
        if left.order_line_id is not None and (still := left.quantity - left.returned_quantity)
    ]
    if not back:
        latest = select(Delivery.number).where(Delivery.returns_id == delivery.id)
        by = session.scalars(latest.order_by(Delivery.number.desc()).limit(1)).one()
        raise DeliveryAlreadyReturned(number=delivery.number, by=by)
    where = None if never_here else Where(order.location or inventory.main_location(session))
    returned, _ = bring_back(session, order, delivery, back, where=where, because=because)
    return returned


def delivered_by(session: Session, number: str) -> tuple[SalesOrder, Delivery]:
    """Return a delivery with its lines and its order, both locked with the customer."""
    wanted = (
        select(Delivery.number, SalesOrder.number)
        .outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id)
        .where(Delivery.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownDelivery(number=number)
    if found[1] is None:
        raise DeliveryIsReturn(number=found[0])
    order = find_order(session, found[1])
    # The customer's orders and invoices change together: whoever adds them up waits.
    lock_customer(session, order.customer_id)
    delivery = with_lines(session, found[0])
    require_own(order)
    if delivery.came_back:
        raise DeliveryIsReturn(number=delivery.number)
    return order, delivery


def with_lines(session: Session, number: str) -> Delivery:
    """Return a delivery with its lines as they are now."""
    wanted = (
        select(Delivery)
        .where(Delivery.number == number)
        .options(joinedload(Delivery.lines))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).unique().one()


def bring_back(
    session: Session,
    order: SalesOrder,
    delivery: Delivery,
    back: Sequence[Back],
    *,
    where: Where | None,
    because: str,
    by: SalesReturn | None = None,
    for_good: bool = False,
    credits_now: bool = True,
    fee_percent: Decimal = _ZERO,
) -> tuple[Delivery, list[Invoice]]:
    """Take goods of a delivery back at the cost they left at, and credit what of it is invoiced.

    For good, they are not delivered again; otherwise they are still to go out, and are invoiced
    when they do. They come onto a shelf of ours where one is given.
    """
    lock_shelves(session, [(each.line, each.quantity) for each in back])
    before = order.state
    returned = Delivery(
        number=next_number(session, "DN"),
        order_id=order.id,
        delivered_on=company(session).today,
        returns_id=delivery.id,
        return_id=by.id if by is not None else None,
        lines=[
            DeliveryLine(
                order_line_id=each.line.id,
                return_line_id=each.by.id if each.by is not None else None,
                quantity=each.quantity,
                cost_minor=rules.part_of_cost(
                    each.left.cost_minor,
                    whole=each.left.quantity,
                    gone=each.left.returned_quantity,
                    quantity=each.quantity,
                ),
            )
            for each in back
        ],
    )
    session.add(returned)
    for each in back:
        each.left.returned_quantity += each.quantity
        if for_good:
            each.line.returned_quantity += each.quantity
        else:
            each.line.delivered_quantity -= each.quantity
    taken_back = uncharge([each.line for each in back]) if credits_now else {}
    order.state = rules.state_after(order.lines)
    session.flush()
    memo = because or f"{order.number} {order.customer.name}"
    if where is not None:
        _put_back(session, order, delivery, returned, back, where=where, memo=memo)
    notes = credit(session, order, taken_back, because=because, fee_percent=fee_percent)
    fact = DeliveryReturned(
        number=order.number,
        delivery=delivery.number,
        returned_by=returned.number,
        customer=order.customer.name,
        lines=moved([(each.line, each.quantity) for each in back]),
        credit_notes=tuple(note.number for note in notes),
        before=before,
        after=order.state,
        because=because,
        whole=all(line.returned_quantity == line.quantity for line in delivery.lines),
    )
    events.record(session, fact)
    session.flush()
    defer_revenue(session, order)
    return returned, notes


def _put_back(
    session: Session,
    order: SalesOrder,
    delivery: Delivery,
    returned: Delivery,
    back: Sequence[Back],
    *,
    where: Where,
    memo: str,
) -> None:
    """Put what came back of a delivery on a shelf, at what it is worth now."""
    left_with = _moves_by_line(session, order, delivery)
    currency = company(session).currency
    goods = [
        Returning(
            each.line.item,
            each.quantity,
            Money(line.cost_minor, currency),
            left_with.get(each.left.id),
        )
        for each, line in zip(back, returned.lines, strict=True)
    ]
    moves = put_away(
        session,
        goods,
        where=where,
        origin=returned.number,
        memo=memo,
        undoes=delivery.number,
    )
    stocked = [
        line
        for each, line in zip(back, returned.lines, strict=True)
        if each.line.item.kind is ItemKind.STOCKED
    ]
    for line, move in zip(stocked, moves, strict=True):
        # With what later cost has added to it.
        line.cost_minor = move.value_minor


def _moves_by_line(
    session: Session, order: SalesOrder, delivery: Delivery
) -> dict[uuid.UUID, StockMove]:
    """Return with which move each line of a delivery left: they left in their positions' order."""
    by_id = {line.id: line for line in order.lines}
    lines = sorted(
        ((by_id[each.order_line_id], each) for each in delivery.lines if each.order_line_id),
        key=lambda pair: pair[0].position,
    )
    moves = inventory.moves_of_lines(
        session, delivery.number, [(line.item_id, each.quantity) for line, each in lines]
    )
    return {each.id: move for (_, each), move in zip(lines, moves, strict=True) if move is not None}


def put_away(
    session: Session,
    goods: Sequence[Returning],
    *,
    where: Where,
    origin: str,
    memo: str,
    undoes: str | None = None,
) -> list[StockMove]:
    """Bring goods into a warehouse at what they are worth, and take out what is thrown away.

    `undoes` is the delivery that they left with: their lots come back.
    """
    stocked = [each for each in goods if each.item.kind is ItemKind.STOCKED]
    if not stocked:
        return []
    moves = inventory.return_goods(
        session,
        stocked,
        location=where.location,
        from_kind=LocationKind.CUSTOMER,
        against=COST_OF_GOODS_SOLD,
        origin=origin,
        memo=memo,
        undoes=undoes,
    )
    if where.scrapped:
        inventory.issue_goods(
            session,
            # These very goods, and not others of the item that may lie there.
            [
                Outgoing(each.item, each.quantity, lots=inventory.lots_of_move(session, move))
                for each, move in zip(stocked, moves, strict=True)
            ],
            location=where.location,
            origin=origin,
            memo=memo,
            to_kind=LocationKind.ADJUSTMENT,
            debit_to=INVENTORY_ADJUSTMENT,
        )
    return moves


def uncharge(lines: Sequence[SalesOrderLine]) -> dict[SalesOrderLine, Decimal]:
    """Count as invoiced no more than may be, and return how much of each line that takes back."""
    taken_back: dict[SalesOrderLine, Decimal] = {}
    for line in lines:
        if much := rules.to_take_back(line):
            line.invoiced_quantity -= much
            taken_back[line] = taken_back.get(line, _ZERO) + much
    return taken_back


def credit(
    session: Session,
    order: SalesOrder,
    taken_back: Mapping[SalesOrderLine, Decimal],
    *,
    because: str,
    fee_percent: Decimal = _ZERO,
) -> list[Invoice]:
    """Credit quantities of order lines, and keep so many percent of them."""
    if not taken_back:
        return []
    return invoicing.credit_order_lines(
        session,
        order.number,
        {line.id: much for line, much in taken_back.items()},
        party=order.customer,
        because=because,
        fee_percent=fee_percent,
    )
