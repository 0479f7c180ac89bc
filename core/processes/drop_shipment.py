"""Drop shipment: what a customer ordered goes from the supplier straight to the customer.

Three steps, each one transaction: the sale says which lines are not ours to send, a purchase order
is shipped to the customer, and when the supplier has shipped, the sale is delivered. The goods
never lie on a shelf of ours: what we owe the supplier for them becomes cost of goods sold at once.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import purchasing, sales
from core.kernel.errors import DomainError
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.parties import Supplier
from core.processes.drop_shipment_tables import DirectDelivery, DropShipment
from core.processes.order_to_cash import invoice_with_delivery
from core.purchasing import GoodsReceipt, OrderState, PurchaseOrder, PurchaseOrderLine
from core.sales import Delivery, SalesOrder, SalesOrderLine


class NothingToDropShip(DomainError):
    """No line of {number} is to be sent by a supplier, or all of them are ordered already."""

    zh = "{number} 没有需由供应商直发的行，或均已下单。"


class NotSentBySupplier(DomainError):
    """{number} was not sent by a supplier; return the delivery instead."""

    zh = "{number} 不是供应商直发的发货；请改为登记退货。"


class NoDropShipment(DomainError):
    """{number} is not shipped to a customer of ours; receive it instead."""

    zh = "{number} 不是直发客户的采购订单；请改为收货。"


def order_for_customer(
    session: Session,
    sales_number: str,
    *,
    supplier: Supplier,
    prices: Mapping[int, Decimal] | None = None,
    expected_on: date | None = None,
) -> PurchaseOrder:
    """Order from a supplier what it is to send to the customer of a sale, and is not ordered yet.

    What was ordered and cancelled, or closed short, can be ordered again. Prices are said by the
    position of the sale; what is not said is the supplier's offer.
    """
    order = sales.find_order(session, sales_number)
    sales.require_going_on(session, order)
    missing = _not_ordered(session, order)
    if not missing:
        raise NothingToDropShip(number=order.number)
    said = prices or {}
    drafts = [
        purchasing.OrderLineDraft(line.item, quantity, said.get(line.position))
        for line, quantity in missing
    ]
    purchase = purchasing.place_order(
        session,
        supplier=supplier,
        lines=drafts,
        expected_on=expected_on or order.promised_on,
        ship_to=order.customer,
    )
    session.add_all(
        DropShipment(purchase_line_id=bought.id, sales_line_id=sold.id)
        for bought, (sold, _) in zip(purchase.lines, missing, strict=True)
    )
    session.flush()
    return purchase


def supplier_has_shipped(
    session: Session, purchase_number: str, *, quantities: Mapping[int, Decimal] | None = None
) -> Delivery:
    """Deliver the sale that a purchase was ordered for: all of it, or so much of each position."""
    order = _sale_of(session, purchase_number)
    sales.require_going_on(session, order)
    receipt = purchasing.receive_order(session, purchase_number, quantities=quantities)
    linked = select(DropShipment.purchase_line_id, DropShipment.sales_line_id).where(
        DropShipment.purchase_line_id.in_([line.order_line_id for line in receipt.lines])
    )
    sold_by = dict(session.execute(linked).all())
    by_id = {line.id: line for line in order.lines}
    came = [(by_id[sold_by[line.order_line_id]], line) for line in receipt.lines if line.quantity]
    for line, each in came:
        sales.require_deliverable(order, line, each.quantity)
    delivery = sales.write_delivery(
        session,
        order,
        [(line, each.quantity) for line, each in came],
        [each.value_minor for _, each in came],
        number=next_number(session, "DN"),
    )
    session.add(DirectDelivery(delivery_id=delivery.id, receipt_id=receipt.id))
    session.flush()
    invoice_with_delivery(session, delivery)
    return delivery


def take_back(session: Session, delivery_number: str, *, because: str) -> Delivery:
    """Take back that a supplier has shipped: nothing has left, and nothing is owed for it.

    What of it was invoiced is credited; it is still to be sent. Goods that a customer really sends
    to us are a return instead: they come onto a shelf of ours.
    """
    wanted = (
        select(Delivery.number, GoodsReceipt.number)
        .join(DirectDelivery, DirectDelivery.delivery_id == Delivery.id)
        .join(GoodsReceipt, GoodsReceipt.id == DirectDelivery.receipt_id)
        .where(Delivery.number.in_({delivery_number, canonical_number(delivery_number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotSentBySupplier(number=sales.view_delivery(session, delivery_number).number)
    delivery, receipt = found
    # The sale before the purchase, as when it is shipped.
    taken_back = sales.return_delivery(session, delivery, because=because, never_here=True)
    purchasing.return_receipt(session, receipt, because=because)
    return taken_back


def _not_ordered(session: Session, order: SalesOrder) -> list[tuple[SalesOrderLine, Decimal]]:
    """Return the lines that a supplier is to send, each with how much of it is not ordered."""
    wanted = (
        select(DropShipment.sales_line_id, func.sum(PurchaseOrderLine.quantity))
        .join(PurchaseOrderLine, PurchaseOrderLine.id == DropShipment.purchase_line_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(
            DropShipment.sales_line_id.in_([line.id for line in order.lines]),
            PurchaseOrder.state != OrderState.CANCELLED,
        )
        .group_by(DropShipment.sales_line_id)
    )
    ordered = dict(session.execute(wanted).all())
    return [
        (line, left)
        for line in order.lines
        if line.drop_shipped and (left := line.quantity - ordered.get(line.id, Decimal(0))) > 0
    ]


def _sale_of(session: Session, purchase_number: str) -> SalesOrder:
    """Return the sale behind a purchase, locked before the purchase is."""
    purchase = purchasing.find_order(session, purchase_number, lock=False)
    wanted = (
        select(SalesOrder.number)
        .join(SalesOrderLine, SalesOrderLine.order_id == SalesOrder.id)
        .join(DropShipment, DropShipment.sales_line_id == SalesOrderLine.id)
        .join(PurchaseOrderLine, PurchaseOrderLine.id == DropShipment.purchase_line_id)
        .where(PurchaseOrderLine.order_id == purchase.id)
        .limit(1)
    )
    number = session.scalars(wanted).one_or_none()
    if number is None:
        raise NoDropShipment(number=purchase.number)
    return sales.find_order(session, number)
