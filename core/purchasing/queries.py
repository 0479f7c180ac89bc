"""Questions about purchasing."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, case, func, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from core import invoicing
from core.catalog import Item
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.parties import Party
from core.purchasing.errors import UnknownOrder, UnknownReceipt
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    ReceiptWriteOff,
)

LISTED_MAX = 200
# The states in which something is still to come.
OPEN = (OrderState.PLACED, OrderState.PARTLY_RECEIVED)

# Statements that every order and its bill run are made once.
_COMING = (
    select(
        PurchaseOrderLine.item_id,
        func.sum(
            func.greatest(PurchaseOrderLine.quantity - PurchaseOrderLine.received_quantity, 0)
        ),
    )
    .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
    .where(
        PurchaseOrderLine.item_id.in_(bindparam("items", expanding=True)),
        PurchaseOrder.state.in_(OPEN),
        PurchaseOrder.imported.is_(False),
    )
    .group_by(PurchaseOrderLine.item_id)
)
_CAME = (
    select(
        GoodsReceiptLine.order_line_id,
        total(
            GoodsReceiptLine.value_minor * case((GoodsReceipt.returns_id.is_(None), 1), else_=-1)
        ),
    )
    .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
    .where(GoodsReceiptLine.order_line_id.in_(bindparam("lines", expanding=True)))
    .group_by(GoodsReceiptLine.order_line_id)
)
# What came less what was written off: so much is to be billed, in the books.
_CAME_AND_KEPT = union_all(
    _CAME,
    select(ReceiptWriteOff.order_line_id, -total(ReceiptWriteOff.value_minor))
    .where(ReceiptWriteOff.order_line_id.in_(bindparam("lines", expanding=True)))
    .group_by(ReceiptWriteOff.order_line_id),
)


@dataclass(frozen=True)
class OrderLineView:
    """A line of a purchase order, as people read it."""

    position: int
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    net_amount: Decimal
    due_on: date
    received: Decimal
    billed: Decimal
    rejected: Decimal
    confirmed_on: date | None
    pegged_to: str | None
    unit: str
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
    """A purchase order, as people read it; `lines` and `receipts` are empty in a list."""

    number: str
    supplier_number: str
    supplier: str
    supplier_zh: str | None
    state: OrderState
    ordered_on: date
    expected_on: date
    net: Money
    total: Money
    imported: bool
    version: int
    lines: tuple[OrderLineView, ...] = ()
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReceiptView:
    """A goods receipt, or a return, as people read it; `state` is that of its order."""

    number: str
    order: str
    supplier: str
    received_on: date
    state: OrderState
    goods: tuple[tuple[str, Decimal], ...]
    rejected: tuple[tuple[str, Decimal, str], ...]
    returns: str | None


def on_order(session: Session, item_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Return how much of each item is ordered and still to come; history does not come."""
    wanted = list(item_ids)
    coming: dict[uuid.UUID, Decimal] = dict(session.execute(_COMING, {"items": wanted}).all())
    return {item_id: coming.get(item_id, Decimal(0)) for item_id in wanted}


def list_orders(
    session: Session,
    *,
    states: Sequence[OrderState] = (),
    supplier_id: uuid.UUID | None = None,
    item_id: uuid.UUID | None = None,
    limit: int = 50,
) -> list[OrderView]:
    """Return purchase orders, the newest first, without their lines."""
    wanted = (
        select(PurchaseOrder)
        .options(joinedload(PurchaseOrder.supplier, innerjoin=True))
        .order_by(PurchaseOrder.ordered_on.desc(), PurchaseOrder.number.desc())
        .limit(min(limit, LISTED_MAX))
    )
    if states:
        wanted = wanted.where(PurchaseOrder.state.in_(states))
    if supplier_id is not None:
        wanted = wanted.where(PurchaseOrder.supplier_id == supplier_id)
    if item_id is not None:
        having = select(PurchaseOrderLine.order_id).where(PurchaseOrderLine.item_id == item_id)
        wanted = wanted.where(PurchaseOrder.id.in_(having))
    return [_viewed(order) for order in session.scalars(wanted)]


def view_order(session: Session, number: str) -> OrderView:
    """Return one purchase order with its lines and the receipts that stand."""
    wanted = (
        select(PurchaseOrder)
        .where(PurchaseOrder.number.in_({number, canonical_number(number)}))
        .options(
            joinedload(PurchaseOrder.supplier, innerjoin=True),
            joinedload(PurchaseOrder.lines).joinedload(PurchaseOrderLine.item),
        )
    )
    order = session.scalars(wanted).unique().one_or_none()
    if order is None:
        raise UnknownOrder(number=number)
    lines = tuple(
        OrderLineView(
            position=line.position,
            sku=line.item.sku,
            name=line.item.name,
            name_zh=line.item.name_zh,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            net_amount=line.net_amount,
            due_on=line.due_on,
            received=line.received_quantity,
            billed=line.billed_quantity,
            rejected=line.rejected_quantity,
            confirmed_on=line.confirmed_on,
            pegged_to=line.pegged_to,
            unit=line.item.unit_code,
            unit_code=line.unit_code,
            unit_quantity=line.unit_quantity,
        )
        for line in order.lines
        if line.quantity or line.received_quantity
    )
    return _viewed(order, lines=lines, receipts=standing_receipts(session, order.id))


def view_receipt(session: Session, number: str) -> ReceiptView:
    """Return one goods receipt or return, and how far its order is."""
    returned = aliased(GoodsReceipt)
    wanted = (
        select(GoodsReceipt, PurchaseOrder, Party.name, returned.number)
        .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .outerjoin(returned, returned.id == GoodsReceipt.returns_id)
        .where(GoodsReceipt.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownReceipt(number=number)
    receipt, order, supplier, returns = found
    of_item = (
        select(
            Item.sku,
            func.sum(GoodsReceiptLine.quantity),
            func.sum(GoodsReceiptLine.rejected_quantity),
            func.max(GoodsReceiptLine.rejected_because),
        )
        .join(PurchaseOrderLine, PurchaseOrderLine.id == GoodsReceiptLine.order_line_id)
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .where(GoodsReceiptLine.receipt_id == receipt.id)
        .group_by(Item.sku)
        .order_by(Item.sku)
    )
    lines = session.execute(of_item).all()
    return ReceiptView(
        number=receipt.number,
        order=order.number,
        supplier=supplier,
        received_on=receipt.received_on,
        state=order.state,
        goods=tuple((sku, quantity) for sku, quantity, _, _ in lines if quantity),
        rejected=tuple((sku, gone, why or "") for sku, _, gone, why in lines if gone),
        returns=returns,
    )


def standing_receipts(session: Session, order_id: uuid.UUID) -> tuple[str, ...]:
    """Return the numbers of an order's receipts of which something has not gone back."""
    back = aliased(GoodsReceiptLine)
    gone = select(func.coalesce(func.sum(back.quantity), 0)).where(
        back.returns_line_id == GoodsReceiptLine.id
    )
    wanted = (
        select(GoodsReceipt.number)
        .join(GoodsReceiptLine, GoodsReceiptLine.receipt_id == GoodsReceipt.id)
        .where(
            GoodsReceipt.order_id == order_id,
            GoodsReceipt.returns_id.is_(None),
            GoodsReceiptLine.quantity > gone.correlate(GoodsReceiptLine).scalar_subquery(),
        )
        .distinct()
        .order_by(GoodsReceipt.number)
    )
    return tuple(session.scalars(wanted))


def received_values(session: Session, order_line_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return what came of some order lines is worth, in minor units, less what went back."""
    return dict(session.execute(_CAME, {"lines": list(order_line_ids)}).all())


def owed_values(session: Session, lines: Iterable[PurchaseOrderLine]) -> dict[uuid.UUID, int]:
    """Return what came of some order lines and is neither billed nor written off, in minor units.

    As it is in the books, in the company's currency. Negative, it is what a supplier owes us for
    goods that were billed and went back.
    """
    ids = [line.id for line in lines]
    billed = invoicing.booked_by_order_line(session, ids)
    owed = {id_: -billed.get(id_, 0) for id_ in ids}
    for line_id, minor in session.execute(_CAME_AND_KEPT, {"lines": ids}):
        owed[line_id] += minor
    return owed


def _viewed(
    order: PurchaseOrder,
    *,
    lines: tuple[OrderLineView, ...] = (),
    receipts: tuple[str, ...] = (),
) -> OrderView:
    supplier: Party = order.supplier
    return OrderView(
        number=order.number,
        supplier_number=supplier.number,
        supplier=supplier.name,
        supplier_zh=supplier.name_zh,
        state=order.state,
        ordered_on=order.ordered_on,
        expected_on=order.expected_on,
        net=Money(order.net_minor, order.currency),
        total=Money(order.total_minor, order.currency),
        imported=order.imported,
        version=order.version,
        lines=lines,
        receipts=receipts,
    )
