"""Tools of drop shipment: a supplier sends to our customer what was sold."""

from decimal import Decimal

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, purchasing, sales
from core.approvals import DutyName
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.processes import drop_shipment
from tools.base import Answer, Arguments, Call, Day, Duty, SupplierRef, Tool, Undoing
from tools.purchasing import CANCEL as CANCEL_PURCHASE
from tools.purchasing import CancelOrder as CancelPurchase
from tools.purchasing import case_of_new_order, case_of_order
from tools.sales import GoodsDelivered, delivered
from tools.trade import (
    BUYERS,
    STOREKEEPERS,
    Because,
    DeliveryRef,
    PurchaseOrderRef,
    SalesOrderRef,
)

TAKE_BACK = "sales.take_back_shipment"
SHIP_AGAIN = ("note that the supplier has shipped instead", "请重新登记供应商已发货")


class OrderFromSupplier(Arguments):
    """Order from a supplier what it sends straight to the customer of a sales order."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    supplier: SupplierRef = Field(description="Number or name of the supplier.")
    expected_on: Day | None = Field(default=None, description="Leave empty for the promised day.")


class OrderedForCustomer(Answer):
    """A purchase order that is shipped to a customer."""

    number: str
    order: str
    supplier: str
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say who sends what to whom."""
        if language == "zh":
            return f"{self.number}：{self.supplier} 将为 {self.order} 直发客户，{self.total}。"
        return (
            f"{self.number}: {self.supplier} ships to the customer of {self.order}, {self.total}."
        )


def pin_order(session: Session, arguments: OrderFromSupplier) -> OrderFromSupplier:
    """Write the order and the supplier as we call them."""
    supplier = parties.find_supplier(session, arguments.supplier)
    number = sales.view_order(session, arguments.order).number
    return arguments.model_copy(update={"order": number, "supplier": supplier.party.number})


def order_from_supplier(session: Session, arguments: OrderFromSupplier) -> OrderedForCustomer:
    """Order it."""
    supplier = parties.find_supplier(session, arguments.supplier)
    purchase = drop_shipment.order_for_customer(
        session, arguments.order, supplier=supplier, expected_on=arguments.expected_on
    )
    return OrderedForCustomer(
        number=purchase.number,
        order=sales.view_order(session, arguments.order).number,
        supplier=supplier.party.name,
        total=Money(purchase.total_minor, purchase.currency),
    )


def undo_order(
    _session: Session, _arguments: OrderFromSupplier, answer: dict[str, object]
) -> Undoing:
    """Cancel the purchase."""
    call = CancelPurchase(order=str(answer["number"]), because="undo")
    return Undoing((Call(CANCEL_PURCHASE, call),))


class SupplierShipped(Arguments):
    """Note that a supplier has sent a drop shipment to our customer: the sale is delivered."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    quantity: Decimal | None = Field(
        default=None, gt=0, description="Leave empty for all of it; only with a single line."
    )


def pin_shipped(session: Session, arguments: SupplierShipped) -> SupplierShipped:
    """Write the order as we call it."""
    number = purchasing.view_order(session, arguments.order).number
    return arguments.model_copy(update={"order": number})


def supplier_shipped(session: Session, arguments: SupplierShipped) -> GoodsDelivered:
    """Deliver the sale."""
    part = None if arguments.quantity is None else {1: arguments.quantity}
    delivery = drop_shipment.supplier_has_shipped(session, arguments.order, quantities=part)
    return delivered(session, delivery.number)


def undo_shipped(
    _session: Session, _arguments: SupplierShipped, answer: dict[str, object]
) -> Undoing:
    """Take it back: neither sold nor bought."""
    call = TakeBackShipment(delivery=str(answer["number"]), because="undo")
    return Undoing((Call(TAKE_BACK, call),))


class TakeBackShipment(Arguments):
    """Take back that a supplier has sent a drop shipment: it was noted wrongly."""

    delivery: DeliveryRef = Field(description="The delivery, such as DN-00042.")
    because: Because = Field(description="Why it was not sent.")


def pin_delivery(session: Session, arguments: TakeBackShipment) -> TakeBackShipment:
    """Write the delivery as we call it."""
    number = sales.view_delivery(session, arguments.delivery).number
    return arguments.model_copy(update={"delivery": number})


def take_back_shipment(session: Session, arguments: TakeBackShipment) -> GoodsDelivered:
    """Take it back, from the sale and from the purchase."""
    returned = drop_shipment.take_back(session, arguments.delivery, because=arguments.because)
    return delivered(session, returned.number)


def undo_take_back(_session: Session, _arguments: TakeBackShipment, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=SHIP_AGAIN)


TOOLS = [
    Tool(
        "sales.order_from_supplier",
        OrderFromSupplier,
        order_from_supplier,
        writes=True,
        title="Order drop shipment",
        title_zh="直发采购",
        roles=BUYERS,
        pin=pin_order,
        undo=undo_order,
        duty=Duty(DutyName.ORDER, case_of_new_order),
    ),
    Tool(
        "sales.supplier_shipped",
        SupplierShipped,
        supplier_shipped,
        writes=True,
        title="Supplier has shipped",
        title_zh="供应商已发货",
        roles=STOREKEEPERS | BUYERS | {Role.SALES},
        pin=pin_shipped,
        undo=undo_shipped,
        duty=Duty(DutyName.RECEIVE, case_of_order),
    ),
    Tool(
        TAKE_BACK,
        TakeBackShipment,
        take_back_shipment,
        writes=True,
        title="Take back drop shipment",
        title_zh="撤回直发发货",
        roles=STOREKEEPERS | BUYERS | {Role.SALES},
        pin=pin_delivery,
        undo=undo_take_back,
    ),
]
