"""Tools of requisitions: say what is needed, approve it, order it, close it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, purchasing
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.words import word
from core.processes import procure_to_pay
from core.purchasing import PurchaseOrder, requisitions
from core.purchasing.requisitions import Need, Requisition, RequisitionState
from tools.base import (
    Answer,
    Arguments,
    Call,
    Count,
    Day,
    ItemRef,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.purchasing import CANCEL, CancelOrder
from tools.trade import BUYERS, STOREKEEPERS, Because, counted

RequisitionRef = Annotated[Text, Ref("requisition")]
CLOSE = "purchasing.close_requisition"
ASK_ANEW = ("write a requisition anew instead", "请重新填写采购申请")
STAYS_APPROVED = ("close the requisition instead", "请改为关闭采购申请")


class WriteRequisition(Arguments):
    """Write a requisition: say how much of an item is needed by a day, for somebody to buy it."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    needed_on: Day = Field(description="The day it is needed.")
    because: Because = Field(default="needed", description="What it is needed for, in words.")
    needed_for: Text | None = Field(
        default=None, description="The cost centre or the order that it is for."
    )
    supplier: SupplierRef | None = Field(default=None, description="Leave empty for the best.")


class RequisitionShown(Answer):
    """A requisition."""

    number: str
    state: RequisitionState
    goods: list[tuple[str, Decimal, Decimal]]
    needed_on: date
    asked_by: str

    def sentence(self, language: Language = "en") -> str:
        """Say what is needed, by when, and how far it is."""
        between = "、" if language == "zh" else ", "
        goods = between.join(counted(quantity, sku) for sku, quantity, _ in self.goods)
        state = word(self.state, language)
        if language == "zh":
            return f"{self.number}：{goods}，{self.needed_on} 前需要，{state}。"
        return f"{self.number}: {goods} by {self.needed_on}, {state}."


class OrdersOfRequisition(Answer):
    """The orders that a requisition became."""

    requisition: str
    orders: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say what was ordered from whom."""
        if language == "zh":
            said = "、".join(f"{number}（{supplier}）" for number, supplier in self.orders)
            return f"{self.requisition} 已下单：{said}。"
        said = ", ".join(f"{number} with {supplier}" for number, supplier in self.orders)
        return f"{self.requisition} is ordered: {said}."


def write_requisition(session: Session, arguments: WriteRequisition) -> RequisitionShown:
    """Write it."""
    item = purchasing.find_item(session, arguments.item)
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    need = Need(item, arguments.quantity, supplier.party if supplier else None)
    written = procure_to_pay.ask_for(
        session,
        [need],
        needed_on=arguments.needed_on,
        because=arguments.because,
        needed_for=arguments.needed_for,
    )
    return _shown(written)


def pin_item(session: Session, arguments: WriteRequisition) -> WriteRequisition:
    """Write item and supplier as we call them."""
    chosen = {"item": purchasing.find_item(session, arguments.item).sku}
    if arguments.supplier is not None:
        chosen["supplier"] = parties.find_supplier(session, arguments.supplier).party.number
    return arguments.model_copy(update=chosen)


def undo_write(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Close it."""
    call = CloseRequisition(requisition=answer["number"], because="undo")
    return Undoing((Call(CLOSE, call),))


class ApproveRequisition(Arguments):
    """Approve a requisition that somebody else wrote, so that it may be ordered."""

    requisition: RequisitionRef = Field(description="The requisition, such as RQ-00042.")


def approve_requisition(session: Session, arguments: ApproveRequisition) -> RequisitionShown:
    """Approve it."""
    return _shown(procure_to_pay.agree_to(session, arguments.requisition))


class OrderRequisition(Arguments):
    """Order what is left of an approved requisition, from the best supplier or a named one."""

    requisition: RequisitionRef = Field(description="The requisition, such as RQ-00042.")
    supplier: SupplierRef | None = Field(
        default=None, description="Leave empty for the one whose total is least."
    )


def order_requisition(session: Session, arguments: OrderRequisition) -> OrdersOfRequisition:
    """Order it."""
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    orders = procure_to_pay.order_needed(session, arguments.requisition, supplier=supplier or None)
    found = requisitions.find_requisition(session, arguments.requisition, lock=False)
    return OrdersOfRequisition(requisition=found.number, orders=numbered(orders))


def numbered(orders: Sequence[PurchaseOrder]) -> list[tuple[str, str]]:
    """Return orders by their number and supplier."""
    return [(order.number, order.supplier.name) for order in orders]


def undo_orders(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Cancel the orders."""
    return Undoing(
        tuple(
            Call(CANCEL, CancelOrder(order=number, because="undo"))
            for number, _ in answer["orders"]
        )
    )


class CloseRequisition(Arguments):
    """Close a requisition: what is not ordered of it is needed no longer."""

    requisition: RequisitionRef = Field(description="The requisition, such as RQ-00042.")
    because: Because = Field(default="not needed any more", description="Why it is closed.")


def close_requisition(session: Session, arguments: CloseRequisition) -> RequisitionShown:
    """Close it."""
    closed = requisitions.close_requisition(
        session, arguments.requisition, because=arguments.because
    )
    return _shown(closed)


def _shown(requisition: Requisition) -> RequisitionShown:
    return RequisitionShown(
        number=requisition.number,
        state=requisition.state,
        goods=[(line.item.sku, line.quantity, line.ordered_quantity) for line in requisition.lines],
        needed_on=requisition.needed_on,
        asked_by=requisition.asked_by,
    )


def pin_requisition(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the requisition, and the supplier if there is one, as we call them."""
    found = requisitions.find_requisition(session, arguments.requisition, lock=False)
    chosen = {"requisition": found.number}
    if getattr(arguments, "supplier", None) is not None:
        chosen["supplier"] = parties.find_supplier(session, arguments.supplier).party.number
    return arguments.model_copy(update=chosen)


TOOLS = [
    Tool(
        "purchasing.write_requisition",
        WriteRequisition,
        write_requisition,
        writes=True,
        title="Write requisition",
        title_zh="填写采购申请",
        roles=BUYERS | STOREKEEPERS | {Role.SALES, Role.WATCHER},
        pin=pin_item,
        undo=undo_write,
    ),
    Tool(
        "purchasing.approve_requisition",
        ApproveRequisition,
        approve_requisition,
        writes=True,
        title="Approve requisition",
        title_zh="批准采购申请",
        roles=BUYERS,
        pin=pin_requisition,
        undo=never(STAYS_APPROVED),
    ),
    Tool(
        "purchasing.order_requisition",
        OrderRequisition,
        order_requisition,
        writes=True,
        title="Order requisition",
        title_zh="采购申请下单",
        roles=BUYERS,
        pin=pin_requisition,
        undo=undo_orders,
    ),
    Tool(
        CLOSE,
        CloseRequisition,
        close_requisition,
        writes=True,
        title="Close requisition",
        title_zh="关闭采购申请",
        roles=BUYERS | STOREKEEPERS | {Role.SALES},
        pin=pin_requisition,
        undo=never(ASK_ANEW),
    ),
]
