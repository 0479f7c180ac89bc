"""Tools of purchasing: compare, order, receive, send back, book the bill."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, purchasing
from core.approvals import DutyName
from core.kernel.database import acting
from core.kernel.errors import DomainError, Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.processes import procure_to_pay
from core.purchasing import Match, OrderLineDraft, OrderState, OrderView, Rejected
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Currency,
    Day,
    Duty,
    Grid,
    ItemRef,
    Price,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.invoicing import CreditInvoice
from tools.reservations import freeing
from tools.trade import (
    BOOKKEEPERS,
    BUYERS,
    STOREKEEPERS,
    Because,
    PurchaseOrderRef,
    UnitRef,
    counted,
    in_own_unit,
    part_of,
    require_recent,
    sees_costs,
    with_units,
)

ORDER, CANCEL = "purchasing.order_item", "purchasing.cancel_order"
RETURN = "purchasing.return_receipt"
# Who reads purchase orders; what they cost is for those who may see costs.
READERS = COSTS | {Role.WAREHOUSE, Role.SERVICE}

ORDER_ANEW = ("order it anew instead", "请重新下单")
RECEIVE_AGAIN = ("receive the order again instead", "请改为重新收货")


class OrderItem(Arguments):
    """Order a quantity of an item from a supplier, or from the cheapest one."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    supplier: SupplierRef | None = Field(
        default=None, description="Leave empty for the cheapest supplier."
    )
    unit_price: Price | None = Field(
        default=None, description="Leave empty for the price the supplier offers."
    )
    expected_on: Day | None = Field(
        default=None, description="Leave empty for the supplier's lead time."
    )
    unit: UnitRef | None = Field(
        default=None, description="carton, pallet ...; the price is then for one of these."
    )
    currency: Currency | None = Field(
        default=None, description="Leave empty for what we buy in from the supplier."
    )


class OrderPlaced(Answer):
    """A purchase order that now exists."""

    number: str
    sku: str
    quantity: Decimal
    unit_price: Decimal
    supplier: str
    total: Money
    expected_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what was ordered."""
        goods, price = counted(self.quantity, self.sku), plain(self.unit_price)
        if language == "zh":
            return (
                f"{self.number}：已向 {self.supplier} 订购 {goods}，单价 {price}，"
                f"合计 {self.total}，预计 {self.expected_on} 到货。"
            )
        return (
            f"{self.number}: {goods} from {self.supplier} at {price}, {self.total} in all,"
            f" expected on {self.expected_on}."
        )


def pin_supplier(session: Session, arguments: OrderItem) -> OrderItem:
    """Choose the supplier now, and write item and supplier as we call them.

    The price is left open: where it moves before somebody approves, the effect shows it.
    """
    seller = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    item = purchasing.find_item(session, arguments.item, supplier=seller or None)
    if seller:
        number = seller.party.number
    else:
        much = in_own_unit(session, item, arguments.quantity, arguments.unit)
        number = purchasing.best_offer(session, item, much.quantity).supplier.number
    unit = arguments.unit and catalog.find_unit(session, arguments.unit).code
    return arguments.model_copy(update={"item": item.sku, "supplier": number, "unit": unit})


def order_item(session: Session, arguments: OrderItem) -> OrderPlaced:
    """Place the order."""
    chosen = arguments if arguments.supplier else pin_supplier(session, arguments)
    assert chosen.supplier is not None, "the supplier is chosen by now"
    supplier = parties.find_supplier(session, chosen.supplier)
    item = purchasing.find_item(session, chosen.item, supplier=supplier)
    much = in_own_unit(session, item, chosen.quantity, chosen.unit, chosen.unit_price)
    draft = OrderLineDraft(
        item,
        much.quantity,
        much.unit_price,
        unit_code=much.unit_code,
        unit_quantity=much.unit_quantity,
    )
    order = procure_to_pay.place_order(
        session,
        supplier=supplier,
        lines=[draft],
        expected_on=chosen.expected_on,
        currency=chosen.currency,
    )
    return OrderPlaced(
        number=order.number,
        sku=item.sku,
        quantity=much.quantity,
        unit_price=order.lines[0].unit_price,
        supplier=supplier.party.name,
        total=Money(order.total_minor, order.currency),
        expected_on=order.expected_on,
    )


def undo_order(_session: Session, _arguments: OrderItem, answer: dict[str, Any]) -> Undoing:
    """Cancel the order."""
    return Undoing((Call(CANCEL, CancelOrder(order=answer["number"], because="undo")),))


def case_of_new_order(
    _session: Session, _arguments: OrderItem, answer: dict[str, Any] | None
) -> str | None:
    """Return the order that the case is known by from now on."""
    return None if answer is None else str(answer["number"])


class BilledInOther(DomainError):
    """{number} is in {currency}, and the bill in {said}; have it billed in {currency}."""

    zh = "{number} 以 {currency} 下单，账单却为 {said}；请供应商按 {currency} 开具账单。"


class SayHowMany(DomainError):
    """Say how many were not accepted ({because})."""

    zh = "请说明拒收数量（{because}）。"


class ReceiveOrder(Arguments):
    """Take in the goods of a purchase order that have come: all, a part, or all but some."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all that is missing.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")
    rejected: Count | None = Field(
        default=None, description="How many of what came were not accepted."
    )
    rejected_because: Text | None = Field(default=None, description="Why they were not accepted.")
    location: Annotated[Text, Ref("location")] | None = Field(
        default=None, description="Leave empty for the warehouse of the order."
    )
    received_on: Day | None = Field(
        default=None, description="The day it came, where that is not today."
    )


class GoodsReceived(Answer):
    """Goods that are on the shelf now, or back with the supplier."""

    number: str
    order: str
    supplier: str
    goods: list[tuple[str, Decimal]]
    state: OrderState
    returns: str = ""
    rejected: list[tuple[str, Decimal, str]] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say what came in or went back."""
        between = "、" if language == "zh" else ", "
        goods = between.join(counted(quantity, sku) for sku, quantity in self.goods)
        state = word(self.state, language)
        if self.rejected:
            goods = goods or "0"
            gone = between.join(f"{counted(many, sku)} ({why})" for sku, many, why in self.rejected)
            goods += f"，拒收 {gone}" if language == "zh" else f", not accepted {gone}:"
        if self.returns:
            if language == "zh":
                return f"{self.number}：{goods} 已退回 {self.supplier}；{self.order} {state}。"
            return f"{self.number}: {goods} went back to {self.supplier}; {self.order} is {state}."
        if language == "zh":
            return f"{self.number}：已收 {goods}，来自 {self.supplier}；{self.order} {state}。"
        return f"{self.number}: {goods} came from {self.supplier}; {self.order} is {state}."


def pin_order(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the order, and the item if there is one, as we call them."""
    chosen = {"order": purchasing.view_order(session, arguments.order).number}
    if getattr(arguments, "item", None) is not None:
        chosen["item"] = purchasing.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


def receive_order(session: Session, arguments: ReceiveOrder) -> GoodsReceived:
    """Receive it."""
    require_recent(session, arguments.received_on)
    view = purchasing.view_order(session, arguments.order)
    sku = arguments.item and purchasing.find_item(session, arguments.item).sku
    left = [(line, max(line.quantity - line.received, Decimal(0))) for line in view.lines]
    rejected = {}
    if arguments.rejected is not None:
        language, reason = acting(session).actor.language, arguments.rejected_because
        why = reason or word("not_accepted", language)
        gone = part_of(left, sku=sku, quantity=arguments.rejected) or {}
        rejected = {place: Rejected(quantity, why) for place, quantity in gone.items()}
    elif arguments.rejected_because is not None:
        raise SayHowMany(because=arguments.rejected_because)
    quantities = part_of(left, sku=sku, quantity=arguments.quantity)
    if quantities is not None and arguments.quantity is None:
        # All that is missing of the item, but for what was not accepted.
        quantities = {
            place: quantity - (rejected[place].quantity if place in rejected else 0)
            for place, quantity in quantities.items()
        }
    receipt = procure_to_pay.receive_order(
        session,
        view.number,
        quantities=quantities,
        rejected=rejected,
        location=(
            inventory.find_location(session, arguments.location) if arguments.location else None
        ),
        received_on=arguments.received_on,
    )
    return _received(session, receipt.number)


def undo_receive(session: Session, _arguments: ReceiveOrder, answer: dict[str, Any]) -> Undoing:
    """Send the goods back; who was promised them waits again."""
    call = ReturnReceipt(receipt=answer["number"], because="undo")
    return Undoing((*freeing(session, answer["goods"]), Call(RETURN, call)))


class ReturnReceipt(Arguments):
    """Send back to the supplier what came with a goods receipt: all, or a part."""

    receipt: Annotated[Text, Ref("goods_receipt")] = Field(
        description="The goods receipt, such as GR-00042."
    )
    because: Because = Field(description="Why it goes back.")
    item: ItemRef | None = Field(default=None, description="Leave empty for everything.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")


def return_receipt(session: Session, arguments: ReturnReceipt) -> GoodsReceived:
    """Send it back."""
    quantities = None
    if arguments.item is not None or arguments.quantity is not None:
        receipt = purchasing.view_receipt(session, arguments.receipt)
        came = dict(receipt.goods)
        lines = purchasing.view_order(session, receipt.order).lines
        left = [(line, came[line.sku]) for line in lines if line.sku in came]
        sku = arguments.item and purchasing.find_item(session, arguments.item).sku
        quantities = part_of(left, sku=sku, quantity=arguments.quantity)
    returned = procure_to_pay.return_receipt(
        session, arguments.receipt, because=arguments.because, quantities=quantities
    )
    return _received(session, returned.number)


def undo_return(_session: Session, _arguments: ReturnReceipt, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=RECEIVE_AGAIN)


class BillOrder(Arguments):
    """Book the supplier's bill for what came of a purchase order."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    supplier_reference: Text | None = Field(
        default=None, description="The number that the supplier gave the bill."
    )
    billed_total: Amount | None = Field(
        default=None, description="What the bill says, tax included; empty: as ordered."
    )
    due_on: Day | None = Field(default=None, description="Leave empty for the usual terms.")
    currency: Currency | None = Field(
        default=None, description="What the total is in, where it was said: that of the order."
    )


class OrderBilled(Answer):
    """A supplier's bill that is booked."""

    number: str
    order: str
    supplier: str
    total: Money
    due_on: date
    match: Match = Match.MATCHED
    difference: Money | None = None
    held: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say what is owed, and until when."""
        match = word(self.match, language)
        if language == "zh":
            off = "" if self.difference is None else f"{match} {self.difference}。"
            waits = "付款前须由另一人审批差异。" if self.held else ""
            return (
                f"{self.number}：{self.supplier} 对 {self.order} 的账单 {self.total} 已登记，"
                f"{self.due_on} 到期。{off}{waits}"
            )
        off = "" if self.difference is None else f" There is a {match} of {self.difference}."
        waits = " Somebody else has to approve it before it is paid." if self.held else ""
        return (
            f"{self.number}: {self.total} from {self.supplier} for {self.order},"
            f" due on {self.due_on}.{off}{waits}"
        )


def bill_order(session: Session, arguments: BillOrder) -> OrderBilled:
    """Book it, if order, receipt and bill agree."""
    order = purchasing.find_order(session, arguments.order)
    currency, total = order.currency, arguments.billed_total
    if arguments.currency not in {None, currency}:
        raise BilledInOther(number=order.number, currency=currency, said=arguments.currency)
    bill = procure_to_pay.bill_order(
        session,
        order.number,
        supplier_reference=arguments.supplier_reference,
        billed_total=None if total is None else Money.of(total, currency),
        due_on=arguments.due_on,
    )
    match = purchasing.match_or_none(session, bill)
    assert match is not None, "a bill of an order is matched with it"
    off = match.difference_minor
    return OrderBilled(
        match=match.state,
        difference=Money(off, currency) if off else None,
        held=match.held,
        number=bill.number,
        order=order.number,
        supplier=order.supplier.name,
        total=Money(bill.total_minor, bill.currency),
        due_on=bill.due_on,
    )


def undo_bill(_session: Session, _arguments: BillOrder, answer: dict[str, Any]) -> Undoing:
    """Take the bill back."""
    call = CreditInvoice(number=answer["number"], because="undo")
    return Undoing((Call("invoicing.credit_invoice", call),))


def case_of_order(
    session: Session, arguments: ReceiveOrder | BillOrder, _answer: dict[str, Any] | None
) -> str | None:
    """Return the order that is received or billed."""
    return purchasing.view_order(session, arguments.order).number


class CancelOrder(Arguments):
    """Cancel a purchase order of which nothing has come."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    because: Because = Field(description="Why it is cancelled.")


class OrderCancelled(Answer):
    """A purchase order that will not come."""

    number: str
    supplier: str
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say which order was cancelled."""
        if language == "zh":
            return f"{self.number}（{self.supplier}，{self.total}）已取消。"
        return f"{self.number} with {self.supplier} over {self.total} is cancelled."


def cancel_order(session: Session, arguments: CancelOrder) -> OrderCancelled:
    """Cancel it."""
    order = procure_to_pay.cancel_order(session, arguments.order, because=arguments.because)
    return OrderCancelled(
        number=order.number,
        supplier=order.supplier.name,
        total=Money(order.total_minor, order.currency),
    )


def undo_cancel(_session: Session, _arguments: CancelOrder, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=ORDER_ANEW)


class ShowOrder(Arguments):
    """Show a purchase order: its lines, what has come and what is billed."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")


class OrderLineShown(Answer):
    """A line of a purchase order; its price only for those who may see costs."""

    position: int
    sku: str
    name: str
    quantity: Decimal
    received: Decimal
    billed: Decimal
    due_on: date
    unit_price: Decimal | None
    net: Decimal | None
    ordered_as: str = ""


class OrderSummary(Answer):
    """A purchase order in short; what it comes to only for those who may see costs."""

    number: str
    supplier_number: str
    supplier: str
    supplier_zh: str | None
    state: OrderState
    ordered_on: date
    expected_on: date
    total: Money | None


class OrderShown(Answer):
    """A purchase order with its lines."""

    order: OrderSummary
    lines: list[OrderLineShown]
    receipts: list[str]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say with whom, how far it is, and what it comes to."""
        view, state = self.order, word(self.order.state, language)
        if language == "zh":
            name = view.supplier_zh or view.supplier
            total = f"，{view.total}" if view.total else ""
            return (
                f"{view.number}，{name}，{view.ordered_on} 下单，{state}{total}，"
                f"预计 {view.expected_on} 到货。"
            )
        total = f", {view.total}" if view.total else ""
        return (
            f"{view.number} with {view.supplier} of {view.ordered_on} is {state}{total};"
            f" expected on {view.expected_on}."
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("position", "行号", "number"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("received", "已收", "quantity"),
            Column("billed", "已开票", "quantity"),
            Column("due", "交期", "date"),
            Column("unit price", "单价", self.currency),
            Column("net", "净额", self.currency),
        )
        rows = tuple(
            (
                *(line.position, line.sku, line.name, line.quantity, line.received),
                *(line.billed, line.due_on, line.unit_price, line.net),
            )
            for line in self.lines
        )
        grid = priced(Grid(columns, rows), self.order.total is not None, 2)
        return with_units(grid, [line.ordered_as for line in self.lines], 3)


def show_order(session: Session, arguments: ShowOrder) -> OrderShown:
    """Read the order."""
    view, priced = purchasing.view_order(session, arguments.order), sees_costs(session)
    return OrderShown(
        order=_summary(view, priced=priced),
        lines=[
            OrderLineShown(
                position=line.position,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                received=line.received,
                billed=line.billed,
                due_on=line.due_on,
                unit_price=line.unit_price if priced else None,
                net=line.net_amount if priced else None,
                ordered_as=line.ordered_as,
            )
            for line in view.lines
        ],
        receipts=list(view.receipts),
        currency=view.total.currency,
    )


def _summary(view: OrderView, *, priced: bool) -> OrderSummary:
    return OrderSummary(
        number=view.number,
        supplier_number=view.supplier_number,
        supplier=view.supplier,
        supplier_zh=view.supplier_zh,
        state=view.state,
        ordered_on=view.ordered_on,
        expected_on=view.expected_on,
        total=view.total if priced else None,
    )


def priced(grid: Grid, sees: bool, columns: int) -> Grid:  # noqa: FBT001
    """Leave out the last columns where the asking person may not see costs."""
    if sees:
        return grid
    return Grid(grid.columns[:-columns], tuple(row[:-columns] for row in grid.rows))


def _received(session: Session, number: str) -> GoodsReceived:
    view = purchasing.view_receipt(session, number)
    return GoodsReceived(
        number=view.number,
        order=view.order,
        supplier=view.supplier,
        goods=list(view.goods),
        state=view.state,
        returns=view.returns or "",
        rejected=list(view.rejected),
    )


TOOLS = [
    Tool(
        ORDER,
        OrderItem,
        order_item,
        writes=True,
        title="Order item",
        title_zh="采购下单",
        # A watcher that sees a shortage suggests the order; it never decides.
        roles=BUYERS | {Role.WATCHER},
        pin=pin_supplier,
        undo=undo_order,
        duty=Duty(DutyName.ORDER, case_of_new_order),
    ),
    Tool(
        "purchasing.receive_order",
        ReceiveOrder,
        receive_order,
        writes=True,
        title="Receive order",
        title_zh="采购收货",
        roles=STOREKEEPERS,
        pin=pin_order,
        undo=undo_receive,
        duty=Duty(DutyName.RECEIVE, case_of_order),
    ),
    Tool(
        RETURN,
        ReturnReceipt,
        return_receipt,
        writes=True,
        title="Return receipt",
        title_zh="采购退货",
        roles=STOREKEEPERS | BUYERS | {Role.WATCHER},
        undo=undo_return,
    ),
    Tool(
        "purchasing.bill_order",
        BillOrder,
        bill_order,
        writes=True,
        title="Book bill",
        title_zh="登记账单",
        roles=BOOKKEEPERS,
        pin=pin_order,
        undo=undo_bill,
        duty=Duty(DutyName.BILL, case_of_order),
    ),
    Tool(
        CANCEL,
        CancelOrder,
        cancel_order,
        writes=True,
        title="Cancel purchase order",
        title_zh="取消采购订单",
        roles=BUYERS,
        pin=pin_order,
        undo=undo_cancel,
    ),
    Tool(
        "purchasing.show_order",
        ShowOrder,
        show_order,
        writes=False,
        title="Show purchase order",
        title_zh="查看采购订单",
        roles=READERS,
    ),
]
