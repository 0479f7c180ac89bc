"""What waits and what left, as people read it: deliveries, backorders, orders on hold."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from core.catalog import Item, ItemKind
from core.inventory import Reservation, ReservationState, stock_levels
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.ledger import at_rate
from core.parties import Customer, Party
from core.sales.errors import UnknownDelivery
from core.sales.queries import LISTED_MAX, OPEN, exposure_of
from core.sales.returning.tables import SalesReturn, SalesReturnLine
from core.sales.tables import (
    Delivery,
    DeliveryLine,
    HoldReason,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)


@dataclass(frozen=True)
class DeliveryView:
    """A delivery, or a return, as people read it; `state` is that of its order.

    Goods that no order is known of have none.
    """

    number: str
    order: str
    customer: str
    delivered_on: date
    state: OrderState | None
    goods: tuple[tuple[str, Decimal], ...]
    returns: str | None


@dataclass(frozen=True)
class BackorderView:
    """A quantity that a customer waits for, because it was not there to be reserved."""

    order: str
    customer: str
    position: int
    sku: str
    name: str
    missing: Decimal
    reserved: Decimal
    # Of the item, in all warehouses, promised to nobody.
    free: Decimal
    ordered_on: date
    promised_on: date
    days_late: int


@dataclass(frozen=True)
class HeldView:
    """An order that waits for somebody to release it, and what the customer would owe us then."""

    number: str
    customer: str
    reason: HoldReason | None
    held_on: date | None
    total: Money
    exposure: Money
    limit: Money | None

    @property
    def fits(self) -> bool:
        """Whether the customer's credit has room for it now."""
        return self.limit is None or not self.limit < self.exposure


def view_delivery(session: Session, number: str) -> DeliveryView:
    """Return one delivery or return, and how far its order is."""
    returned = aliased(Delivery)
    buyer = func.coalesce(SalesOrder.customer_id, SalesReturn.customer_id)
    wanted = (
        select(Delivery, SalesOrder, Party.name, returned.number)
        .outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id)
        .outerjoin(SalesReturn, SalesReturn.id == Delivery.return_id)
        .join(Party, Party.id == buyer)
        .outerjoin(returned, returned.id == Delivery.returns_id)
        .where(Delivery.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownDelivery(number=number)
    delivery, order, customer, returns = found
    goods = (
        select(Item.sku, func.sum(DeliveryLine.quantity))
        .outerjoin(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
        .outerjoin(SalesReturnLine, SalesReturnLine.id == DeliveryLine.return_line_id)
        .join(Item, Item.id == func.coalesce(SalesOrderLine.item_id, SalesReturnLine.item_id))
        .where(DeliveryLine.delivery_id == delivery.id)
        .group_by(Item.sku)
        .order_by(Item.sku)
    )
    return DeliveryView(
        number=delivery.number,
        order="" if order is None else order.number,
        customer=customer,
        delivered_on=delivery.delivered_on,
        state=None if order is None else order.state,
        goods=tuple((sku, quantity) for sku, quantity in session.execute(goods)),
        returns=returns,
    )


def list_backorders(
    session: Session,
    *,
    customer_id: uuid.UUID | None = None,
    item_id: uuid.UUID | None = None,
    limit: int = 100,
) -> list[BackorderView]:
    """Return what is ordered and waits for stock, what was promised first at the top."""
    reserved = (
        select(Reservation.line_id, func.sum(Reservation.quantity).label("quantity"))
        .where(Reservation.state == ReservationState.ACTIVE)
        .group_by(Reservation.line_id)
        .subquery()
    )
    mine = func.coalesce(reserved.c.quantity, 0)
    still = SalesOrderLine.quantity - SalesOrderLine.delivered_quantity
    wanted = (
        select(SalesOrder, SalesOrderLine, Item, Party, still, mine)
        .join(SalesOrderLine, SalesOrderLine.order_id == SalesOrder.id)
        .join(Item, Item.id == SalesOrderLine.item_id)
        .join(Party, Party.id == SalesOrder.customer_id)
        .outerjoin(reserved, reserved.c.line_id == SalesOrderLine.id)
        .where(
            SalesOrder.state.in_(OPEN),
            SalesOrder.imported.is_(False),
            Item.kind == ItemKind.STOCKED,
            SalesOrderLine.drop_shipped.is_(False),
            still > mine,
        )
        .order_by(SalesOrder.promised_on, SalesOrder.number, SalesOrderLine.position)
        .limit(min(limit, LISTED_MAX))
    )
    if customer_id is not None:
        wanted = wanted.where(SalesOrder.customer_id == customer_id)
    if item_id is not None:
        wanted = wanted.where(Item.id == item_id)
    rows, today = session.execute(wanted).all(), company(session).today
    stock = stock_levels(session, {item.id for _, _, item, *_ in rows})
    return [
        BackorderView(
            order=order.number,
            customer=party.name,
            position=line.position,
            sku=item.sku,
            name=item.name,
            missing=left - promised,
            reserved=promised,
            free=stock[item.id].available,
            ordered_on=order.ordered_on,
            promised_on=order.promised_on,
            days_late=max((today - order.promised_on).days, 0),
        )
        for order, line, item, party, left, promised in rows
    ]


def list_held(session: Session, *, number: str | None = None, limit: int = 100) -> list[HeldView]:
    """Return the orders that wait for somebody to release them, the longest wait first.

    With a number, that order alone, if it waits.

    Those whose customer's credit has room for them by now say so.
    """
    wanted = (
        select(SalesOrder, Customer)
        .join(Customer, Customer.party_id == SalesOrder.customer_id)
        .options(joinedload(SalesOrder.customer, innerjoin=True))
        .where(SalesOrder.hold_reason.is_not(None), SalesOrder.state != OrderState.CANCELLED)
        .order_by(SalesOrder.held_on, SalesOrder.number)
        .limit(min(limit, LISTED_MAX))
    )
    if number is not None:
        wanted = wanted.where(SalesOrder.number == number)
    held = []
    for order, buyer in session.execute(wanted):
        limit_minor, exposure = buyer.credit_limit_minor, exposure_of(session, buyer.party_id)
        total, ours = Money(order.total_minor, order.currency), company(session)
        worth = at_rate(total, order.rate, ours)
        after = exposure + worth if order.state is OrderState.HELD else exposure
        held.append(
            HeldView(
                number=order.number,
                customer=order.customer.name,
                reason=order.hold_reason,
                held_on=order.held_on,
                total=total,
                exposure=after,
                limit=None if limit_minor is None else Money(limit_minor, ours.currency),
            )
        )
    return held


def orders_to_invoice(session: Session, customer_id: uuid.UUID) -> list[str]:
    """Return the orders of a customer of which something was delivered and is not invoiced."""
    left = SalesOrderLine.delivered_quantity - SalesOrderLine.returned_quantity
    waiting = select(SalesOrderLine.order_id).where(
        left > SalesOrderLine.invoiced_quantity, SalesOrderLine.invoiced_ahead.is_(False)
    )
    wanted = (
        select(SalesOrder.number)
        .where(
            SalesOrder.customer_id == customer_id,
            SalesOrder.state != OrderState.CANCELLED,
            SalesOrder.imported.is_(False),
            SalesOrder.id.in_(waiting),
        )
        .order_by(SalesOrder.number)
        .limit(LISTED_MAX)
    )
    return list(session.scalars(wanted))
