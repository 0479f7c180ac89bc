"""Tools of purchasing: compare, order, receive, send back, book the bill."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties, purchasing
from core.approvals import DutyName
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.processes import procure_to_pay
from core.purchasing import OrderLineDraft, OrderState, OrderView
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
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
from tools.trade import (
    BOOKKEEPERS,
    BUYERS,
    STOREKEEPERS,
    Because,
    PurchaseOrderRef,
    counted,
    part_of,
    sees_costs,
)

ORDER, CANCEL = "purchasing.order_item", "purchasing.cancel_order"
RETURN = "purchasing.return_receipt"
# Who reads purchase orders; what they cost is for those who may see costs.
READERS = COSTS | {Role.WAREHOUSE, Role.SERVICE}

ORDER_ANEW = ("order it anew instead", "请重新下单")
RECEIVE_AGAIN = ("receive the order again instead", "请改为重新收货")
OFFER_STAYS = ("there was no offer before; note another one", "此前没有报价；请另行登记")


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
    item = catalog.find_item(session, arguments.item)
    if arguments.supplier is None:
        number = purchasing.best_offer(session, item, arguments.quantity).supplier.number
    else:
        number = parties.find_supplier(session, arguments.supplier).party.number
    return arguments.model_copy(update={"item": item.sku, "supplier": number})


def order_item(session: Session, arguments: OrderItem) -> OrderPlaced:
    """Place the order."""
    chosen = arguments if arguments.supplier else pin_supplier(session, arguments)
    assert chosen.supplier is not None, "the supplier is chosen by now"
    item = catalog.find_item(session, chosen.item)
    supplier = parties.find_supplier(session, chosen.supplier)
    draft = OrderLineDraft(item, chosen.quantity, chosen.unit_price)
    order = purchasing.place_order(
        session, supplier=supplier, lines=[draft], expected_on=chosen.expected_on
    )
    return OrderPlaced(
        number=order.number,
        sku=item.sku,
        quantity=chosen.quantity,
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


class ReceiveOrder(Arguments):
    """Take in the goods of a purchase order that have come: all, or a part."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all that is missing.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")


class GoodsReceived(Answer):
    """Goods that are on the shelf now, or back with the supplier."""

    number: str
    order: str
    supplier: str
    goods: list[tuple[str, Decimal]]
    state: OrderState
    returns: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what came in or went back."""
        goods = ("、" if language == "zh" else ", ").join(
            counted(quantity, sku) for sku, quantity in self.goods
        )
        state = word(self.state, language)
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
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


def receive_order(session: Session, arguments: ReceiveOrder) -> GoodsReceived:
    """Receive it."""
    view = purchasing.view_order(session, arguments.order)
    sku = arguments.item and catalog.find_item(session, arguments.item).sku
    left = [(line, line.quantity - line.received) for line in view.lines]
    quantities = part_of(left, sku=sku, quantity=arguments.quantity)
    receipt = procure_to_pay.receive_order(session, view.number, quantities=quantities)
    return _received(session, receipt.number)


def undo_receive(_session: Session, _arguments: ReceiveOrder, answer: dict[str, Any]) -> Undoing:
    """Send the goods back."""
    call = ReturnReceipt(receipt=answer["number"], because="undo")
    return Undoing((Call(RETURN, call),))


class ReturnReceipt(Arguments):
    """Send back to the supplier what came with a goods receipt."""

    receipt: Annotated[Text, Ref("goods_receipt")] = Field(
        description="The goods receipt, such as GR-00042."
    )
    because: Because = Field(description="Why it goes back.")


def return_receipt(session: Session, arguments: ReturnReceipt) -> GoodsReceived:
    """Send it back."""
    returned = purchasing.return_receipt(session, arguments.receipt, because=arguments.because)
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
    accept_difference: bool = Field(
        default=False, description="Accept a bill that differs by more than our tolerance."
    )
    due_on: Day | None = Field(default=None, description="Leave empty for the usual terms.")


class OrderBilled(Answer):
    """A supplier's bill that is booked."""

    number: str
    order: str
    supplier: str
    total: Money
    due_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what is owed, and until when."""
        if language == "zh":
            return (
                f"{self.number}：{self.supplier} 对 {self.order} 的账单 {self.total} 已登记，"
                f"{self.due_on} 到期。"
            )
        return (
            f"{self.number}: {self.total} from {self.supplier} for {self.order},"
            f" due on {self.due_on}."
        )


def bill_order(session: Session, arguments: BillOrder) -> OrderBilled:
    """Book it, if order, receipt and bill agree."""
    order = purchasing.find_order(session, arguments.order)
    currency = company(session).currency
    total = arguments.billed_total
    bill = purchasing.bill_order(
        session,
        order.number,
        supplier_reference=arguments.supplier_reference,
        billed_total=None if total is None else Money.of(total, currency),
        difference_accepted=arguments.accept_difference,
        due_on=arguments.due_on,
    )
    return OrderBilled(
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
    order = purchasing.cancel_order(session, arguments.order, because=arguments.because)
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
        return _priced(Grid(columns, rows), self.order.total is not None, 2)


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
            )
            for line in view.lines
        ],
        receipts=list(view.receipts),
        currency=view.total.currency,
    )


class ListOrders(Arguments):
    """List purchase orders, the newest first: those still open, or in a state, or all."""

    supplier: SupplierRef | None = Field(default=None, description="Only of this supplier.")
    item: ItemRef | None = Field(default=None, description="Only with this item.")
    state: OrderState | None = Field(default=None, description="Leave empty for open ones.")
    all_states: bool = Field(default=False, description="Also received and cancelled ones.")
    limit: int = Field(default=50, ge=1, le=200)


class OrdersListed(Answer):
    """Purchase orders."""

    orders: list[OrderSummary]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.orders)
        if language == "zh":
            return f"共 {count} 张采购订单。"
        return "1 purchase order." if count == 1 else f"{count} purchase orders."

    def grid(self) -> Grid:
        """Return one row for every order."""
        columns = (
            Column("order", "订单"),
            Column("supplier", "供应商"),
            Column("state", "状态"),
            Column("ordered", "下单日", "date"),
            Column("expected", "预计到货", "date"),
            Column("total", "合计", self.currency),
        )
        rows = tuple(
            (
                *(view.number, view.supplier, view.state, view.ordered_on, view.expected_on),
                view.total and view.total.amount,
            )
            for view in self.orders
        )
        return _priced(Grid(columns, rows), any(view.total for view in self.orders), 1)


def list_orders(session: Session, arguments: ListOrders) -> OrdersListed:
    """Read the orders."""
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    item = arguments.item and catalog.find_item(session, arguments.item)
    states: tuple[OrderState, ...] = (OrderState.PLACED, OrderState.PARTLY_RECEIVED)
    if arguments.state is not None:
        states = (arguments.state,)
    orders = purchasing.list_orders(
        session,
        states=() if arguments.all_states else states,
        supplier_id=supplier.party_id if supplier else None,
        item_id=item.id if item else None,
        limit=arguments.limit,
    )
    priced = sees_costs(session)
    return OrdersListed(
        orders=[_summary(view, priced=priced) for view in orders],
        currency=company(session).currency,
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


def _priced(grid: Grid, priced: bool, columns: int) -> Grid:  # noqa: FBT001
    """Leave out the last columns where the asking person may not see costs."""
    if priced:
        return grid
    return Grid(grid.columns[:-columns], tuple(row[:-columns] for row in grid.rows))


class CompareOffers(Arguments):
    """Compare what suppliers ask for an item, the cheapest first."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count | None = Field(default=None, description="Only offers for this quantity.")


class OfferRow(Answer):
    """One offer."""

    supplier_number: str
    supplier: str
    unit_price: Decimal
    minimum_quantity: Decimal
    lead_time_days: int
    blocked: bool


class OffersCompared(Answer):
    """What suppliers ask for an item."""

    sku: str
    offers: list[OfferRow]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say who is the cheapest."""
        open_ones = [offer for offer in self.offers if not offer.blocked]
        if not open_ones:
            return (
                f"没有可用的供应商提供 {self.sku}。"
                if language == "zh"
                else f"Nobody offers {self.sku}."
            )
        best = open_ones[0]
        price = f"{plain(best.unit_price)} {self.currency}"
        least = plain(best.minimum_quantity)
        if language == "zh":
            return (
                f"{self.sku} 共有 {len(self.offers)} 个报价，最低为 {best.supplier}：{price}，"
                f"起订量 {least}，提前期 {best.lead_time_days} 天。"
            )
        return (
            f"{best.supplier} is the cheapest of {len(self.offers)} for {self.sku}: {price},"
            f" from {least} on, in {best.lead_time_days} days."
        )

    def grid(self) -> Grid:
        """Return one row for every offer."""
        columns = (
            Column("supplier", "供应商"),
            Column("name", "名称"),
            Column("unit price", "单价", self.currency),
            Column("minimum quantity", "起订量", "quantity"),
            Column("lead time (days)", "提前期（天）", "number"),
            Column("state", "状态"),
        )
        rows = tuple(
            (
                offer.supplier_number,
                offer.supplier,
                offer.unit_price,
                offer.minimum_quantity,
                offer.lead_time_days,
                "blocked" if offer.blocked else "active",
            )
            for offer in self.offers
        )
        return Grid(columns, rows)


def compare_offers(session: Session, arguments: CompareOffers) -> OffersCompared:
    """Read the offers."""
    item = catalog.find_item(session, arguments.item)
    return OffersCompared(
        sku=item.sku,
        currency=company(session).currency,
        offers=[
            OfferRow(
                supplier_number=offer.supplier.number,
                supplier=offer.supplier.name,
                unit_price=offer.unit_price,
                minimum_quantity=offer.minimum_quantity,
                lead_time_days=offer.lead_time_days,
                blocked=offer.supplier.blocked,
            )
            for offer in purchasing.offers_for(session, item)
            if arguments.quantity is None or offer.minimum_quantity <= arguments.quantity
        ],
    )


class AddOffer(Arguments):
    """Note what a supplier asks for an item; it replaces their offer for the same quantity."""

    item: ItemRef = Field(description="SKU or name of the item.")
    supplier: SupplierRef
    unit_price: Price
    lead_time_days: int = Field(ge=0, le=730, description="Days from order to arrival.")
    minimum_quantity: Count = Decimal(1)


class OfferAdded(Answer):
    """An offer that is on file."""

    sku: str
    supplier: str
    unit_price: Decimal
    currency: str
    before: Decimal | None
    lead_time_days_before: int | None

    def sentence(self, language: Language = "en") -> str:
        """Say who offers what at which price."""
        price = f"{plain(self.unit_price)} {self.currency}"
        if language == "zh":
            return f"{self.supplier} 对 {self.sku} 的报价 {price} 已登记。"
        return f"{self.supplier} offers {self.sku} at {price}."


def pin_offer(session: Session, arguments: AddOffer) -> AddOffer:
    """Write item and supplier as we call them."""
    item = catalog.find_item(session, arguments.item)
    supplier = parties.find_supplier(session, arguments.supplier)
    return arguments.model_copy(update={"item": item.sku, "supplier": supplier.party.number})


def add_offer(session: Session, arguments: AddOffer) -> OfferAdded:
    """Note the offer, and remember the one before for the way back."""
    item = catalog.find_item(session, arguments.item)
    supplier = parties.find_supplier(session, arguments.supplier)
    before = next(
        (
            (offer.unit_price, offer.lead_time_days)
            for offer in purchasing.offers_for(session, item)
            if offer.supplier_id == supplier.party_id
            and offer.minimum_quantity == arguments.minimum_quantity
        ),
        (None, None),
    )
    offer = purchasing.list_offer(
        session,
        item,
        supplier=supplier,
        unit_price=arguments.unit_price,
        lead_time_days=arguments.lead_time_days,
        minimum_quantity=arguments.minimum_quantity,
    )
    return OfferAdded(
        sku=item.sku,
        supplier=supplier.party.name,
        unit_price=offer.unit_price,
        currency=offer.currency,
        before=before[0],
        lead_time_days_before=before[1],
    )


def undo_add_offer(_session: Session, arguments: AddOffer, answer: dict[str, Any]) -> Undoing:
    """Note the offer that there was before."""
    if answer["before"] is None:
        return Undoing(impossible=OFFER_STAYS)
    before = {
        "unit_price": Decimal(answer["before"]),
        "lead_time_days": answer["lead_time_days_before"],
    }
    return Undoing((Call("purchasing.add_offer", arguments.model_copy(update=before)),))


def _received(session: Session, number: str) -> GoodsReceived:
    view = purchasing.view_receipt(session, number)
    return GoodsReceived(
        number=view.number,
        order=view.order,
        supplier=view.supplier,
        goods=list(view.goods),
        state=view.state,
        returns=view.returns or "",
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
        roles=STOREKEEPERS | BUYERS,
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
    Tool(
        "purchasing.list_orders",
        ListOrders,
        list_orders,
        writes=False,
        title="List purchase orders",
        title_zh="采购订单列表",
        roles=READERS,
    ),
    Tool(
        "purchasing.compare_offers",
        CompareOffers,
        compare_offers,
        writes=False,
        title="Compare offers",
        title_zh="比较供应商报价",
        roles=COSTS,
    ),
    Tool(
        "purchasing.add_offer",
        AddOffer,
        add_offer,
        writes=True,
        title="Add offer",
        title_zh="登记供应商报价",
        roles=BUYERS,
        pin=pin_offer,
        undo=undo_add_offer,
    ),
]
