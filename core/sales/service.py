"""What one can do with sales orders: confirm, deliver, take back, cancel."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog, inventory, invoicing
from core.catalog import Item, ItemKind, ItemPrice
from core.catalog.errors import NoPrice
from core.inventory import LocationKind, Outgoing, Request, Returning
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import tax
from core.ledger.chart import COST_OF_GOODS_SOLD
from core.ledger.tax import Charge, Computation
from core.parties import Customer, lock_customer, require_unblocked
from core.sales import rules
from core.sales.errors import (
    AdvanceUnpaid,
    DeliveryAlreadyReturned,
    DeliveryIsReturn,
    GoodsAlreadyLeft,
    NothingAvailable,
    OrderAlreadyDelivered,
    OrderCancelled,
    OrderIsHistory,
    PromisedInThePast,
    UnknownDelivery,
    UnknownOrder,
)
from core.sales.events import (
    DeliveryReturned,
    Exposure,
    MovedLine,
    OrderConfirmed,
    OrderDelivered,
    SoldLine,
)
from core.sales.events import OrderCancelled as OrderWasCancelled
from core.sales.queries import exposure_of, free_at, reserved_for, standing_deliveries
from core.sales.rules import OrderLineDraft
from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

_ZERO = Decimal(0)
# Built once: to build a statement costs more than to run it.
_FOUND = (
    select(SalesOrder)
    .where(SalesOrder.number.in_(bindparam("numbers", expanding=True)))
    .options(
        joinedload(SalesOrder.customer, innerjoin=True),
        selectinload(SalesOrder.lines).joinedload(SalesOrderLine.item).joinedload(Item.unit),
    )
    .execution_options(populate_existing=True)
)
_LOCKED = _FOUND.with_for_update(of=SalesOrder)


def confirm_order(
    session: Session,
    *,
    customer: Customer,
    lines: Sequence[OrderLineDraft],
    promised_on: date | None = None,
    channel: str = "direct",
    reference: str | None = None,
    territory_id: uuid.UUID | None = None,
    salesperson_id: uuid.UUID | None = None,
) -> SalesOrder:
    """Promise to deliver, within the customer's credit limit, and reserve what is available.

    Two orders of one customer wait for each other here: together they stay within the limit.
    """
    rules.require_sellable(lines)
    ours, buyer = company(session), lock_customer(session, customer.party_id)
    require_unblocked(buyer.party)
    if promised_on is not None and promised_on < ours.today:
        raise PromisedInThePast(promised_on=promised_on, today=ours.today)
    wanted = [(line.item, line.quantity) for line in lines]
    catalog.require_tradeable(session, wanted)
    on_list = catalog.prices_or_none_of(session, wanted, price_list_code=buyer.price_list_code)
    written = [
        _line(position, draft, price)
        for position, (draft, price) in enumerate(zip(lines, on_list, strict=True), start=1)
    ]
    taxed = _taxed(session, ours, written)
    total = taxed.total
    exposure = _exposure_with(session, buyer, total)
    rules.require_credit(buyer.party.name, exposure=exposure.after, limit=exposure.limit)
    stocked = [line for line in written if line.item.kind is ItemKind.STOCKED]
    if stocked:
        inventory.lock_items(session, {line.item_id for line in stocked})
    order = SalesOrder(
        number=next_number(session, "SO"),
        customer=buyer.party,
        customer_id=buyer.party_id,
        ordered_on=ours.today,
        promised_on=promised_on or ours.today + timedelta(days=rules.DELIVERY_DAYS),
        currency=ours.currency,
        net_minor=taxed.base.minor,
        tax_minor=taxed.tax.minor,
        total_minor=total.minor,
        territory_id=territory_id or buyer.territory_id,
        salesperson_id=salesperson_id or buyer.salesperson_id,
        channel=channel,
        reference=reference,
        lines=written,
    )
    session.add(order)
    session.flush()
    promised = _reserve(session, order, stocked)
    fact = OrderConfirmed(
        number=order.number,
        customer=buyer.party.name,
        lines=tuple(
            SoldLine(
                sku=line.item.sku,
                called=line.item.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                net=charged.base,
                short=line.quantity - promised[line.id] if line.id in promised else _ZERO,
            )
            for line, charged in zip(written, taxed.lines, strict=True)
        ),
        net=taxed.base,
        total=total,
        exposure=exposure,
        promised_on=order.promised_on.isoformat(),
        promised_in_days=(order.promised_on - ours.today).days,
    )
    events.record(session, fact)
    return order


def find_order(session: Session, number: str, *, lock: bool = True) -> SalesOrder:
    """Return a sales order with its lines, items and customer; locked, so that it is done once.

    What it returns is what is stored now, whatever was read before: the lines are read once the
    order is locked, or they would be those of before the wait.
    """
    wanted = _LOCKED if lock else _FOUND
    known = {"numbers": [number, canonical_number(number)]}
    order = session.scalars(wanted, known).one_or_none()
    if order is None:
        raise UnknownOrder(number=number)
    return order


def require_own(order: SalesOrder) -> None:
    """Refuse to go on with an order that was carried out in another system."""
    if order.imported:
        raise OrderIsHistory(number=order.number)


def deliver_order(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    available_only: bool = False,
) -> Delivery:
    """Send out what is still to go of an order: all, so much of each position, or what there is.

    What was reserved for the order goes first; what is promised to others stays.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    missing = {
        line.position: left
        for line in order.lines
        if (left := line.quantity - line.delivered_quantity)
    }
    if not missing:
        raise OrderAlreadyDelivered(number=order.number)
    if unpaid := invoicing.unpaid_advances(session, order.number):
        raise AdvanceUnpaid(
            number=order.number,
            advances=", ".join(each.number for each in unpaid),
            open=sum((each.open for each in unpaid[1:]), start=unpaid[0].open),
        )
    leaving = rules.chosen(order, missing if quantities is None else quantities)
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in leaving])
    for line, quantity in leaving:
        rules.require_deliverable(order, line, quantity)
    _lock_shelves(session, leaving)
    if available_only:
        leaving = _available(session, order, leaving)
    ours, before = company(session), order.state
    delivery = Delivery(
        number=next_number(session, "DN"), order_id=order.id, delivered_on=ours.today
    )
    goods = [
        Outgoing(line.item, quantity, line.id)
        for line, quantity in leaving
        if line.item.kind is ItemKind.STOCKED
    ]
    issued = iter(
        inventory.issue_goods(
            session,
            goods,
            location=inventory.main_location(session),
            origin=delivery.number,
            memo=f"{order.number} {order.customer.name}",
        )
        if goods
        else ()
    )
    delivery.lines = [
        DeliveryLine(
            order_line_id=line.id,
            quantity=quantity,
            cost_minor=(next(issued).cost.minor if line.item.kind is ItemKind.STOCKED else 0),
        )
        for line, quantity in leaving
    ]
    session.add(delivery)
    for line, quantity in leaving:
        line.delivered_quantity += quantity
    order.state = rules.state_after(order.lines)
    fact = OrderDelivered(
        number=order.number,
        delivery=delivery.number,
        customer=order.customer.name,
        lines=_moved(leaving),
        before=before,
        after=order.state,
    )
    events.record(session, fact)
    session.flush()
    return delivery


def return_delivery(session: Session, delivery_number: str, *, because: str) -> Delivery:
    """Take back what left with a delivery, at the cost it left at; it is still to go out then.

    What of it was invoiced is credited.
    """
    number, order_number = _delivery(session, delivery_number)
    order = find_order(session, order_number)
    # The customer's orders and invoices change together: whoever adds them up waits.
    lock_customer(session, order.customer_id)
    delivery = _with_lines(session, number)
    _require_returnable(session, order, delivery)
    by_id = {line.id: line for line in order.lines}
    back = [(by_id[line.order_line_id], line.quantity) for line in delivery.lines]
    taken_back = {
        line.id: much for line, quantity in back if (much := rules.to_take_back(line, quantity))
    }
    _lock_shelves(session, back)
    ours, before = company(session), order.state
    returned = Delivery(
        number=next_number(session, "DN"),
        order_id=order.id,
        delivered_on=ours.today,
        returns_id=delivery.id,
        lines=[
            DeliveryLine(
                order_line_id=line.order_line_id,
                quantity=line.quantity,
                cost_minor=line.cost_minor,
            )
            for line in delivery.lines
        ],
    )
    session.add(returned)
    for line, quantity in back:
        line.delivered_quantity -= quantity
        line.invoiced_quantity -= taken_back.get(line.id, _ZERO)
    order.state = rules.state_after(order.lines)
    session.flush()
    moves = {(move.item_id, move.quantity): move for move in inventory.moves_of(session, number)}
    goods = [
        Returning(
            line.item,
            quantity,
            Money(each.cost_minor, ours.currency),
            moves.get((line.item_id, quantity)),
        )
        for (line, quantity), each in zip(back, delivery.lines, strict=True)
        if line.item.kind is ItemKind.STOCKED
    ]
    if goods:
        inventory.return_goods(
            session,
            goods,
            location=inventory.main_location(session),
            from_kind=LocationKind.CUSTOMER,
            against=COST_OF_GOODS_SOLD,
            origin=returned.number,
            memo=because or f"{order.number} {order.customer.name}",
        )
    notes = (
        invoicing.credit_order_lines(
            session, order.number, taken_back, party=order.customer, because=because
        )
        if taken_back
        else []
    )
    fact = DeliveryReturned(
        number=order.number,
        delivery=delivery.number,
        returned_by=returned.number,
        customer=order.customer.name,
        lines=_moved(back),
        credit_notes=tuple(note.number for note in notes),
        before=before,
        after=order.state,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    return returned


def cancel_order(session: Session, number: str, *, because: str) -> SalesOrder:
    """Cancel an order of which nothing has left, and give back what was reserved for it."""
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if any(line.delivered_quantity for line in order.lines):
        deliveries = ", ".join(standing_deliveries(session, order.id))
        raise GoodsAlreadyLeft(number=order.number, deliveries=deliveries)
    buyer = lock_customer(session, order.customer_id)
    exposure = _exposure_with(session, buyer, Money(-order.total_minor, order.currency))
    before, order.state = order.state, OrderState.CANCELLED
    session.flush()
    inventory.release(session, [line.id for line in order.lines])
    fact = OrderWasCancelled(
        number=order.number,
        customer=order.customer.name,
        lines=_moved([(line, line.quantity) for line in order.lines]),
        exposure=exposure,
        before=before,
        because=because,
    )
    events.record(session, fact)
    invoicing.take_back_advances(session, order.number, party=order.customer, because=because)
    return order


def _line(position: int, draft: OrderLineDraft, on_list: ItemPrice | None) -> SalesOrderLine:
    price = draft.unit_price
    if price is None:
        if on_list is None:
            raise NoPrice(sku=draft.item.sku, quantity=plain(draft.quantity))
        price = on_list.unit_price
    catalog.require_price(draft.item, price)
    return SalesOrderLine(
        id=new_id(),
        position=position,
        item=draft.item,
        item_id=draft.item.id,
        quantity=draft.quantity,
        list_price=on_list.unit_price if on_list else price,
        unit_price=price,
        discount_percent=draft.discount_percent,
        net_amount=catalog.net_amount(draft.quantity, price, draft.discount_percent),
        tax_code=draft.item.sales_tax_code,
        delivered_quantity=_ZERO,
        invoiced_quantity=_ZERO,
    )


def _taxed(session: Session, ours: Company, lines: Sequence[SalesOrderLine]) -> Computation:
    """Reckon the tax of an order as that of an invoice of today would be."""
    charges = [
        Charge(
            Money.rounding(line.net_amount, ours.currency, ours.rounding),
            line.tax_code,
            line.quantity,
        )
        for line in lines
    ]
    tax.keep_combinations(session, {line.tax_code for line in lines if line.tax_code})
    return tax.compute(session, charges)


def _exposure_with(session: Session, buyer: Customer, more: Money) -> Exposure:
    limit, before = buyer.credit_limit_minor, exposure_of(session, buyer.party_id)
    return Exposure(
        customer=buyer.party.name,
        before=before,
        after=before + more,
        limit=None if limit is None else Money(limit, more.currency),
    )


def _reserve(
    session: Session, order: SalesOrder, stocked: Sequence[SalesOrderLine]
) -> dict[uuid.UUID, Decimal]:
    if not stocked:
        return {}
    requests = [Request(line.item, line.quantity, line.id) for line in stocked]
    main = inventory.main_location(session)
    return inventory.reserve(session, requests, location=main, origin=order.number)


def _lock_shelves(session: Session, lines: Sequence[tuple[SalesOrderLine, Decimal]]) -> None:
    stocked = {line.item_id for line, _ in lines if line.item.kind is ItemKind.STOCKED}
    if stocked:
        inventory.lock_items(session, stocked)


def _available(
    session: Session, order: SalesOrder, wanted: Sequence[tuple[SalesOrderLine, Decimal]]
) -> list[tuple[SalesOrderLine, Decimal]]:
    """Return what can go out now: what is reserved for a line, and then what is free."""
    main = inventory.main_location(session)
    mine = reserved_for(session, [line.id for line, _ in wanted])
    free = free_at(session, {line.item_id for line, _ in wanted}, main.id)
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


def _moved(lines: Sequence[tuple[SalesOrderLine, Decimal]]) -> tuple[MovedLine, ...]:
    return tuple(
        MovedLine(sku=line.item.sku, called=line.item.name, quantity=quantity)
        for line, quantity in lines
    )


def _delivery(session: Session, number: str) -> tuple[str, str]:
    wanted = (
        select(Delivery.number, SalesOrder.number)
        .join(SalesOrder, SalesOrder.id == Delivery.order_id)
        .where(Delivery.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownDelivery(number=number)
    return found


def _with_lines(session: Session, number: str) -> Delivery:
    wanted = (
        select(Delivery)
        .where(Delivery.number == number)
        .options(joinedload(Delivery.lines))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).unique().one()


def _require_returnable(session: Session, order: SalesOrder, delivery: Delivery) -> None:
    require_own(order)
    if delivery.returns_id is not None:
        raise DeliveryIsReturn(number=delivery.number)
    by = session.scalar(select(Delivery.number).where(Delivery.returns_id == delivery.id))
    if by is not None:
        raise DeliveryAlreadyReturned(number=delivery.number, by=by)
