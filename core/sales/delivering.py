"""Sending out what was ordered: from which warehouse, in parts, and in which order."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing
from core.catalog import ItemKind
from core.inventory import Location, Outgoing
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import plain
from core.kernel.numbering import next_number
from core.sales import rules
from core.sales.deferring import defer_revenue
from core.sales.errors import (
    AdvanceUnpaid,
    NothingAvailable,
    OrderAlreadyDelivered,
    OrderCancelled,
    OrderOnHold,
    ShipsComplete,
)
from core.sales.events import OrderDelivered
from core.sales.ordering import find_order, moved, require_own
from core.sales.queries import reserved_for
from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

_ZERO = Decimal(0)
Leaving = Sequence[tuple[SalesOrderLine, Decimal]]


def deliver_order(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    available_only: bool = False,
    location: Location | None = None,
    delivered_on: date | None = None,
) -> Delivery:
    """Send out what is still to go of an order: all, so much of each position, or what there is.

    What was reserved for the order goes first; what is promised to others stays. It leaves from
    the order's warehouse, unless another is named. On a day in the past it costs what it did then.
    """
    order = find_order(session, number)
    missing = _still_to_go(session, order)
    leaving = rules.chosen(order, missing if quantities is None else quantities)
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in leaving])
    for line, quantity in leaving:
        rules.require_deliverable(order, line, quantity)
    place = location or order.location or inventory.main_location(session)
    # What is read before the number is taken keeps nobody waiting who needs one.
    lock_shelves(session, leaving, place)
    if available_only:
        leaving = _available(session, order, leaving, place)
    if order.ships_complete:
        _require_complete(order, missing, leaving)
    number = next_number(session, "DN")
    goods = [
        Outgoing(line.item, quantity, line.id)
        for line, quantity in leaving
        if line.item.kind is ItemKind.STOCKED
    ]
    memo = f"{order.number} {order.customer.name}"
    issued = iter(
        inventory.issue_goods(
            session, goods, location=place, origin=number, memo=memo, moved_on=delivered_on
        )
        if goods
        else ()
    )
    costs = [
        next(issued).cost.minor if line.item.kind is ItemKind.STOCKED else 0 for line, _ in leaving
    ]
    return write_delivery(session, order, leaving, costs, number=number, delivered_on=delivered_on)


def write_delivery(
    session: Session,
    order: SalesOrder,
    leaving: Leaving,
    costs: Sequence[int],
    *,
    number: str,
    delivered_on: date | None = None,
) -> Delivery:
    """Write down what left of an order, and what each part of it cost in the books."""
    before = order.state
    delivery = Delivery(
        number=number,
        order_id=order.id,
        order=order,
        delivered_on=delivered_on or company(session).today,
        lines=[
            DeliveryLine(order_line_id=line.id, quantity=quantity, cost_minor=cost)
            for (line, quantity), cost in zip(leaving, costs, strict=True)
        ],
    )
    session.add(delivery)
    for line, quantity in leaving:
        line.delivered_quantity += quantity
    order.state = rules.state_after(order.lines)
    fact = OrderDelivered(
        number=order.number,
        delivery=delivery.number,
        customer=order.customer.name,
        lines=moved(leaving),
        before=before,
        after=order.state,
    )
    events.record(session, fact)
    session.flush()
    defer_revenue(session, order, on=delivery.delivered_on)
    return delivery


def require_going_on(session: Session, order: SalesOrder) -> None:
    """Refuse to deliver what is cancelled, held, or to be paid first."""
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if order.hold_reason is not None:
        raise OrderOnHold(number=order.number, reason=order.hold_reason)
    if unpaid := invoicing.unpaid_advances(session, order.number):
        raise AdvanceUnpaid(
            number=order.number,
            advances=", ".join(each.number for each in unpaid),
            open=sum((each.open for each in unpaid[1:]), start=unpaid[0].open),
        )


def _still_to_go(session: Session, order: SalesOrder) -> dict[int, Decimal]:
    """Return what of each position is to leave our warehouse."""
    require_going_on(session, order)
    missing = {
        line.position: left
        for line in order.lines
        if not line.drop_shipped and (left := line.quantity - line.delivered_quantity)
    }
    if not missing:
        raise OrderAlreadyDelivered(number=order.number)
    return missing


def _require_complete(order: SalesOrder, missing: Mapping[int, Decimal], leaving: Leaving) -> None:
    going = {line.position: quantity for line, quantity in leaving}
    stays = {position: left - going.get(position, _ZERO) for position, left in missing.items()}
    by_position = {line.position: line for line in order.lines}
    said = [
        f"{plain(left)} × {by_position[position].item.sku}"
        for position, left in stays.items()
        if left
    ]
    if said:
        raise ShipsComplete(number=order.number, missing=", ".join(said))


def lock_shelves(session: Session, lines: Leaving, place: Location | None = None) -> None:
    """Hold the stock of some lines, so that nobody else promises or moves it meanwhile."""
    stocked = {line.item_id for line, _ in lines if line.item.kind is ItemKind.STOCKED}
    if stocked:
        inventory.lock_items(session, stocked, at=place)


def _available(
    session: Session, order: SalesOrder, wanted: Leaving, place: Location
) -> list[tuple[SalesOrderLine, Decimal]]:
    """Return what can go out now: what is reserved for a line, and then what is free."""
    mine = reserved_for(session, [line.id for line, _ in wanted])
    free = inventory.available_in(session, {line.item_id for line, _ in wanted}, place)
    leaving = []
    for line, quantity in wanted:
        part = quantity
        if line.item.kind is ItemKind.STOCKED:
            reserved = min(mine.get(line.id, _ZERO), quantity)
            more = min(free.get(line.item_id, _ZERO), quantity - reserved)
            free[line.item_id] = free.get(line.item_id, _ZERO) - more
            part = reserved + more
        if part > 0:
            leaving.append((line, part))
    if not leaving:
        missing = ", ".join(f"{plain(quantity)} × {line.item.sku}" for line, quantity in wanted)
        raise NothingAvailable(number=order.number, missing=missing)
    return leaving
