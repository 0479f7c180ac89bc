"""Questions about sales."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from sqlalchemy import ARRAY, Numeric, Select, String, bindparam, column, func, select
from sqlalchemy.orm import Session, joinedload

from core import invoicing
from core.catalog import ItemKind
from core.inventory import Reservation, ReservationState
from core.kernel.company import company
from core.kernel.money import Money, digits_of, plain
from core.kernel.naming import canonical_number
from core.ledger import tax
from core.parties import Party
from core.sales.errors import UnknownOrder
from core.sales.tables import (
    Delivery,
    DeliveryLine,
    HoldReason,
    InvoicePolicy,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)

LISTED_MAX = 200
# The states in which something is still to be delivered.
OPEN = (OrderState.CONFIRMED, OrderState.PARTLY_DELIVERED)


@dataclass(frozen=True)
class OrderLineView:
    """A line of a sales order, as people read it."""

    position: int
    sku: str
    name: str
    name_zh: str | None
    stocked: bool
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    net_amount: Decimal
    reserved: Decimal
    delivered: Decimal
    invoiced: Decimal
    returned: Decimal = Decimal(0)
    drop_shipped: bool = False
    unit: str = ""
    unit_code: str | None = None
    unit_quantity: Decimal | None = None

    @property
    def ordered_as(self) -> str:
        """Say how it was ordered where that was another unit: five cartons (60 pieces)."""
        if self.unit_code is None or self.unit_quantity is None:
            return ""
        said = f"{plain(self.unit_quantity)} {self.unit_code}"
        return f"{said} ({plain(self.quantity)} {self.unit})"


@dataclass(frozen=True)
class OrderView:
    """A sales order, as people read it; `lines` and `deliveries` are empty in a list."""

    number: str
    customer_number: str
    customer: str
    customer_zh: str | None
    state: OrderState
    ordered_on: date
    promised_on: date
    net: Money
    total: Money
    channel: str
    reference: str | None
    imported: bool
    lines: tuple[OrderLineView, ...] = ()
    deliveries: tuple[str, ...] = ()
    invoice_policy: InvoicePolicy = InvoicePolicy.ON_DELIVERY
    discount_percent: Decimal = Decimal(0)
    requested_on: date | None = None
    ships_complete: bool = False
    incoterm: str | None = None
    notes: str | None = None
    hold_reason: HoldReason | None = None


# What each tax code adds to a price, and for each unit.
_ADDED = (
    func.unnest(
        bindparam("codes", type_=ARRAY(String)),
        bindparam("factors", type_=ARRAY(Numeric)),
        bindparam("per_units", type_=ARRAY(Numeric)),
    )
    .table_valued("code", column("factor", Numeric), column("per_unit", Numeric))
    .render_derived(name="added")
)


@cache
def _uninvoiced(digits: int) -> Select[Decimal]:
    """Add up the open part of each line and its tax, rounded as an invoice of it alone would be."""
    kept = SalesOrderLine.quantity - SalesOrderLine.returned_quantity
    left = kept - SalesOrderLine.invoiced_quantity
    net = func.round(SalesOrderLine.net_amount * left / SalesOrderLine.quantity, digits)
    of_price, of_units = net * func.coalesce(_ADDED.c.factor, 0), left * _ADDED.c.per_unit
    charged = func.round(of_price + func.coalesce(of_units, 0), digits)
    return (
        select(func.coalesce(func.sum((net + charged) * SalesOrder.rate), 0))
        .select_from(SalesOrder)
        .join(SalesOrderLine, SalesOrderLine.order_id == SalesOrder.id)
        .outerjoin(_ADDED, _ADDED.c.code == SalesOrderLine.tax_code)
        .where(
            SalesOrder.customer_id == bindparam("customer_id"),
            SalesOrder.state.not_in([OrderState.CANCELLED, OrderState.DRAFT, OrderState.HELD]),
            SalesOrder.imported.is_(False),
            left > 0,
        )
    )


def uninvoiced_value(session: Session, customer_id: uuid.UUID) -> Money:
    """Return what a customer will owe us for what is ordered and not invoiced, tax included."""
    ours = company(session)
    wanted = _uninvoiced(digits_of(ours.currency))
    added = tax.added_on_sale(session, ours.today)
    given = {
        "customer_id": customer_id,
        "codes": list(added),
        "factors": [factor for factor, _ in added.values()],
        "per_units": [per_unit for _, per_unit in added.values()],
    }
    value = session.scalars(wanted, given).one()
    return Money.rounding(value, ours.currency, ours.rounding)


def exposure_of(session: Session, customer_id: uuid.UUID) -> Money:
    """Return what a customer owes us, and will owe us by what it ordered beyond its advances.

    Orders are asked first: what is invoiced between the questions is then counted twice rather
    than not at all.
    """
    ordered = uninvoiced_value(session, customer_id)
    return ordered + invoicing.owed_beyond_advances(session, customer_id)


def reserved_for(session: Session, line_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Return how much stock is promised to each order line."""
    rows = (
        select(Reservation.line_id, func.sum(Reservation.quantity))
        .where(
            Reservation.line_id.in_(list(line_ids)),
            Reservation.state == ReservationState.ACTIVE,
        )
        .group_by(Reservation.line_id)
    )
    return dict(session.execute(rows).all())


def list_orders(
    session: Session,
    *,
    states: Sequence[OrderState] = (),
    customer_id: uuid.UUID | None = None,
    item_id: uuid.UUID | None = None,
    limit: int = 50,
) -> list[OrderView]:
    """Return sales orders, the newest first, without their lines."""
    wanted = (
        select(SalesOrder)
        .options(joinedload(SalesOrder.customer, innerjoin=True))
        .order_by(SalesOrder.ordered_on.desc(), SalesOrder.number.desc())
        .limit(min(limit, LISTED_MAX))
    )
    if states:
        wanted = wanted.where(SalesOrder.state.in_(states))
    if customer_id is not None:
        wanted = wanted.where(SalesOrder.customer_id == customer_id)
    if item_id is not None:
        having = select(SalesOrderLine.order_id).where(SalesOrderLine.item_id == item_id)
        wanted = wanted.where(SalesOrder.id.in_(having))
    return [_viewed(order) for order in session.scalars(wanted)]


def view_order(session: Session, number: str, *, customer_id: uuid.UUID | None = None) -> OrderView:
    """Return one sales order with its lines; for a customer, only if it is theirs."""
    wanted = (
        select(SalesOrder)
        .where(SalesOrder.number.in_({number, canonical_number(number)}))
        .options(
            joinedload(SalesOrder.customer, innerjoin=True),
            joinedload(SalesOrder.lines).joinedload(SalesOrderLine.item),
        )
    )
    if customer_id is not None:
        wanted = wanted.where(SalesOrder.customer_id == customer_id)
    order = session.scalars(wanted).unique().one_or_none()
    if order is None:
        raise UnknownOrder(number=number)
    promised = reserved_for(session, [line.id for line in order.lines])
    lines = tuple(
        OrderLineView(
            position=line.position,
            sku=line.item.sku,
            name=line.item.name,
            name_zh=line.item.name_zh,
            stocked=line.item.kind is ItemKind.STOCKED,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            net_amount=line.net_amount,
            reserved=promised.get(line.id, Decimal(0)),
            delivered=line.delivered_quantity,
            invoiced=line.invoiced_quantity,
            returned=line.returned_quantity,
            drop_shipped=line.drop_shipped,
            unit=line.item.unit_code,
            unit_code=line.unit_code,
            unit_quantity=line.unit_quantity,
        )
        for line in order.lines
    )
    return _viewed(order, lines=lines, deliveries=standing_deliveries(session, order.id))


def has_left(session: Session, line_id: uuid.UUID) -> bool:
    """Tell whether anything of an order line ever left, whether it came back or not."""
    wanted = select(DeliveryLine.id).where(DeliveryLine.order_line_id == line_id).limit(1)
    return session.scalar(wanted) is not None


def standing_deliveries(session: Session, order_id: uuid.UUID) -> tuple[str, ...]:
    """Return the numbers of an order's deliveries that did not come back."""
    still_there = select(DeliveryLine.delivery_id).where(
        DeliveryLine.returned_quantity < DeliveryLine.quantity
    )
    wanted = (
        select(Delivery.number)
        .where(
            Delivery.order_id == order_id,
            Delivery.returns_id.is_(None),
            Delivery.id.in_(still_there),
        )
        .order_by(Delivery.number)
    )
    return tuple(session.scalars(wanted))


def _viewed(
    order: SalesOrder,
    *,
    lines: tuple[OrderLineView, ...] = (),
    deliveries: tuple[str, ...] = (),
) -> OrderView:
    customer: Party = order.customer
    return OrderView(
        number=order.number,
        customer_number=customer.number,
        customer=customer.name,
        customer_zh=customer.name_zh,
        state=order.state,
        ordered_on=order.ordered_on,
        promised_on=order.promised_on,
        net=Money(order.net_minor, order.currency),
        total=Money(order.total_minor, order.currency),
        channel=order.channel,
        reference=order.reference,
        imported=order.imported,
        lines=lines,
        deliveries=deliveries,
        invoice_policy=order.invoice_policy,
        discount_percent=order.discount_percent,
        requested_on=order.requested_on,
        ships_complete=order.ships_complete,
        incoterm=order.incoterm,
        notes=order.notes,
        hold_reason=order.hold_reason,
    )
