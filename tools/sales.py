"""Tools of sales: sell, deliver, invoice, take back."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, sales
from core.catalog import Item
from core.kernel import events
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.processes import order_to_cash
from core.sales import (
    DeliveryView,
    InvoicePolicy,
    MilestoneDraft,
    MilestoneWhen,
    OrderLineDraft,
    OrderState,
    OrderTerms,
    OrderView,
    ReturnLineDraft,
)
from core.sales.events import DeliveryReturned
from core.sales.events import OrderInvoiced as InvoicedOrder
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Currency,
    CustomerRef,
    Day,
    Grid,
    ItemRef,
    Percent,
    Price,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.invoicing import CreditInvoice
from tools.missing import Missing, missing_of
from tools.trade import (
    AND_CUSTOMERS,
    BOOKKEEPERS,
    SELLERS,
    STOREKEEPERS,
    Because,
    DeliveryRef,
    LocationRef,
    NotOnThisOrder,
    SalesOrderRef,
    SayWhichItem,
    UnitRef,
    counted,
    in_own_unit,
    own_party,
    part_of,
    require_recent,
    with_units,
)

CANCEL, RETURN = "sales.cancel_order", "sales.return_delivery"

SELL_ANEW = ("enter the order anew instead", "请重新录入订单")
DELIVER_AGAIN = ("deliver the order again instead", "请改为重新发货")


class SoldItem(Arguments):
    """One item of a sales order."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    unit_price: Price | None = Field(
        default=None, description="Leave empty for the customer's price list."
    )
    discount_percent: Percent = Decimal(0)
    unit: UnitRef | None = Field(
        default=None, description="carton, pallet ...; the price is then for one of these."
    )
    drop_shipped: bool = Field(default=False, description="A supplier sends it to the customer.")


class MilestoneStep(Arguments):
    """A part of an order that is invoiced when something has happened."""

    name: Text = Field(description="What it is called.")
    percent: Percent = Field(description="How much of the order.")
    due_when: MilestoneWhen = Field(
        description="on_order, on_delivery, on_day, or reached: when somebody says so."
    )
    due_on: Day | None = Field(default=None, description="The day, of one that is due on a day.")


class SellItem(Arguments):
    """Sell items to a customer: confirm a sales order and reserve the stock for it."""

    customer: CustomerRef = Field(description="Number or name of the customer.")
    lines: tuple[SoldItem, ...] = Field(
        min_length=1, max_length=100, description="What to sell, and how much of it."
    )
    promised_on: Day | None = Field(default=None, description="Leave empty for a week from now.")
    reference: Text | None = Field(default=None, description="The customer's own order number.")
    order_discount_percent: Percent = Field(default=Decimal(0), description="Off all of it.")
    invoice_first: bool = Field(default=False, description="Invoiced at once, and delivered later.")
    invoice_with_delivery: bool = Field(
        default=False, description="Each delivery is invoiced in the same step."
    )
    milestones: tuple[MilestoneStep, ...] = Field(
        default=(), max_length=20, description="Invoiced in these parts; together 100 %."
    )
    ships_complete: bool = Field(
        default=False, description="All of it leaves together, or nothing."
    )
    warehouse: LocationRef | None = Field(
        default=None, description="Where it leaves from; empty for the main warehouse."
    )
    requested_on: Day | None = Field(default=None, description="What the customer asked for.")
    incoterm: Text | None = Field(default=None, description="Such as FCA Hamburg.")
    notes: Words | None = None
    currency: Currency | None = Field(
        default=None, description="Leave empty for what the customer buys in."
    )


class OrderConfirmed(Answer):
    """A sales order that now exists."""

    number: str
    customer: str
    goods: list[tuple[str, Decimal, Decimal]]
    short: list[tuple[str, Decimal]]
    total: Money
    promised_on: date
    on_hold: str = ""
    missing: Missing = Field(default_factory=Missing)

    def sentence(self, language: Language = "en") -> str:
        """Say what was sold, and what is not in stock for it, or that it waits."""
        goods = _listed(
            language, [f"{counted(much, sku)} @ {plain(price)}" for sku, much, price in self.goods]
        )
        short = _listed(language, [counted(much, sku) for sku, much in self.short])
        if language == "zh":
            said = (
                f"{self.number}：{self.customer} 订购 {goods}，合计 {self.total}，"
                f"承诺 {self.promised_on} 交货"
            )
            if self.on_hold:
                return f"{said}；已暂停：{word(self.on_hold, language)}。"
            return f"{said}；缺货：{short}{self.missing.sentence('zh')}。" if short else f"{said}。"
        said = (
            f"{self.number}: {goods} for {self.customer}, {self.total} in all,"
            f" promised for {self.promised_on}"
        )
        if self.on_hold:
            return f"{said}; on hold: {word(self.on_hold, language)}."
        return (
            f"{said}; not in stock yet: {short}{self.missing.sentence()}." if short else f"{said}."
        )


def pin_sale(session: Session, arguments: SellItem) -> SellItem:
    """Write customer and items as we call them.

    Prices are left open: where one moves before somebody approves, the effect shows it.
    """
    customer = parties.find_customer(session, arguments.customer)
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    lines = tuple(
        line.model_copy(
            update={
                "item": item.sku,
                "unit": line.unit and catalog.find_unit(session, line.unit).code,
            }
        )
        for line, item in zip(arguments.lines, items, strict=True)
    )
    return arguments.model_copy(update={"customer": customer.party.number, "lines": lines})


def sell_item(session: Session, arguments: SellItem) -> OrderConfirmed:
    """Confirm the order, within the customer's credit limit."""
    customer = parties.find_customer(session, arguments.customer)
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    order = order_to_cash.confirm_sale(
        session,
        customer=customer,
        lines=[
            _draft(session, item, line) for item, line in zip(items, arguments.lines, strict=True)
        ],
        promised_on=arguments.promised_on,
        reference=arguments.reference,
        terms=_terms(session, arguments),
    )
    view = sales.view_order(session, order.number)
    return OrderConfirmed(
        number=order.number,
        customer=customer.party.name,
        goods=[(line.sku, line.quantity, line.unit_price) for line in view.lines],
        short=[
            (line.sku, line.quantity - line.reserved)
            for line in view.lines
            if line.stocked and line.reserved < line.quantity
        ],
        total=view.total,
        promised_on=view.promised_on,
        on_hold=view.hold_reason or "",
        missing=missing_of(session, order.number),
    )


def _terms(session: Session, arguments: SellItem) -> OrderTerms:
    place = arguments.warehouse and inventory.find_location(session, arguments.warehouse)
    return OrderTerms(
        discount_percent=arguments.order_discount_percent,
        invoice_policy=_policy(arguments),
        milestones=tuple(
            MilestoneDraft(step.name, step.percent, step.due_when, step.due_on)
            for step in arguments.milestones
        ),
        ships_complete=arguments.ships_complete,
        location=place or None,
        requested_on=arguments.requested_on,
        incoterm=arguments.incoterm,
        notes=arguments.notes,
        currency=arguments.currency,
    )


def _policy(arguments: SellItem) -> InvoicePolicy:
    """Return when it is invoiced; milestones that were agreed say it best."""
    if arguments.milestones:
        return InvoicePolicy.MILESTONES
    if arguments.invoice_first:
        return InvoicePolicy.ON_ORDER
    return (
        InvoicePolicy.WITH_DELIVERY
        if arguments.invoice_with_delivery
        else InvoicePolicy.ON_DELIVERY
    )


def _draft(session: Session, item: Item, line: SoldItem) -> OrderLineDraft:
    much = in_own_unit(session, item, line.quantity, line.unit, line.unit_price)
    return OrderLineDraft(
        item,
        much.quantity,
        much.unit_price,
        line.discount_percent,
        line.drop_shipped,
        unit_code=much.unit_code,
        unit_quantity=much.unit_quantity,
    )


def undo_sale(_session: Session, _arguments: SellItem, answer: dict[str, Any]) -> Undoing:
    """Cancel the order."""
    return Undoing((Call(CANCEL, CancelOrder(order=answer["number"], because="undo")),))


class DeliverOrder(Arguments):
    """Send out the goods of a sales order: all that is still to go, a part, or what there is."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all that is missing.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")
    available_only: bool = Field(
        default=False, description="Send what is in stock, and the rest later."
    )
    warehouse: LocationRef | None = Field(
        default=None, description="Where it leaves from; empty for that of the order."
    )
    delivered_on: Day | None = Field(
        default=None, description="The day it left, where that is not today."
    )


class GoodsDelivered(Answer):
    """Goods that have left, or came back."""

    number: str
    order: str
    customer: str
    goods: list[tuple[str, Decimal]]
    state: OrderState | None
    returns: str = ""
    credit_notes: list[str] = Field(default_factory=list)
    invoice: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what left or came back."""
        goods = _listed(language, [counted(quantity, sku) for sku, quantity in self.goods])
        notes, state = (
            _listed(language, self.credit_notes),
            word(self.state or "returned", language),
        )
        if language == "zh":
            said = f"{self.number}：{goods} 已发往 {self.customer}；{self.order} {state}"
            if self.returns:
                said = f"{self.number}：{self.customer} 退回 {goods}；{self.order} {state}"
            said += f"；已开票 {self.invoice}" if self.invoice else ""
            return f"{said}；贷项通知单 {notes}。" if notes else f"{said}。"
        if self.returns:
            said = f"{self.number}: {goods} came back from {self.customer}"
            said += f"; {self.order} is {state}"
            return f"{said}; credited by {notes}." if notes else f"{said}."
        said = f"{self.number}: {goods} left for {self.customer}; {self.order} is {state}"
        return f"{said}; invoiced by {self.invoice}." if self.invoice else f"{said}."


def pin_order(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the order, and the item if there is one, as we call them."""
    chosen = {"order": sales.view_order(session, arguments.order).number}
    if getattr(arguments, "item", None) is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


def deliver_order(session: Session, arguments: DeliverOrder) -> GoodsDelivered:
    """Send it out."""
    require_recent(session, arguments.delivered_on)
    view = sales.view_order(session, arguments.order)
    sku = arguments.item and catalog.find_item(session, arguments.item).sku
    place = arguments.warehouse and inventory.find_location(session, arguments.warehouse)
    left = [(line, line.quantity - line.delivered) for line in view.lines if not line.drop_shipped]
    delivery = order_to_cash.deliver_sale(
        session,
        view.number,
        quantities=part_of(left, sku=sku, quantity=arguments.quantity),
        available_only=arguments.available_only,
        location=place or None,
        delivered_on=arguments.delivered_on,
    )
    return delivered(session, delivery.number).model_copy(
        update={"invoice": invoice_written(session, view.number)}
    )


def invoice_written(session: Session, order: str) -> str:
    """Return the invoice that the step just carried out wrote of an order, if it did."""
    written = [
        fact.invoice
        for fact in events.recorded(session)
        if isinstance(fact, InvoicedOrder) and fact.number == order
    ]
    return written[-1] if written else ""


def undo_deliver(_session: Session, _arguments: DeliverOrder, answer: dict[str, Any]) -> Undoing:
    """Take the goods back."""
    call = ReturnDelivery(delivery=answer["number"], because="undo")
    return Undoing((Call(RETURN, call),))


class ReturnDelivery(Arguments):
    """Take back what left with a delivery, or a part of it; what was invoiced is credited."""

    delivery: DeliveryRef = Field(description="The delivery, such as DN-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all that left.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")
    because: Because = Field(description="Why it comes back.")


def return_delivery(session: Session, arguments: ReturnDelivery) -> GoodsDelivered:
    """Take it back: all of it is still to go out then, a part comes back for good."""
    view = sales.view_delivery(session, arguments.delivery)
    if arguments.item is None and arguments.quantity is None:
        returned = order_to_cash.return_delivery(session, view.number, because=arguments.because)
    else:
        lines = meant_lines(session, view, arguments.item, arguments.quantity)
        given = sales.authorise_return(
            session, delivery=view.number, lines=lines, because=arguments.because
        )
        returned = order_to_cash.receive_return(session, given.number)
    notes = [
        note
        for fact in events.recorded(session)
        if isinstance(fact, DeliveryReturned) and fact.returned_by == returned.number
        for note in fact.credit_notes
    ]
    return delivered(session, returned.number, credit_notes=notes)


def meant_lines(
    session: Session, view: DeliveryView, item: str | None, quantity: Decimal | None
) -> list[ReturnLineDraft]:
    """Return which items of a delivery are meant by an item, a quantity, or both."""
    known = dict(view.goods)
    sku = catalog.find_item(session, item).sku if item is not None else None
    if sku is None and len(known) > 1:
        raise SayWhichItem(items=", ".join(known))
    sku = sku or next(iter(known))
    if sku not in known:
        raise NotOnThisOrder(sku=sku, items=", ".join(known))
    meant = catalog.find_item(session, sku)
    return [ReturnLineDraft(meant, quantity or known[sku])]


def undo_return(_session: Session, _arguments: ReturnDelivery, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=DELIVER_AGAIN)


class InvoiceOrder(Arguments):
    """Invoice what of a sales order was delivered and is not invoiced yet."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    due_on: Day | None = Field(default=None, description="Leave empty for the usual terms.")


class OrderInvoiced(Answer):
    """A customer invoice that is posted."""

    number: str
    order: str
    customer: str
    total: Money
    due_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what the customer owes, and until when."""
        if language == "zh":
            return (
                f"{self.number}：{self.order} 已向 {self.customer} 开票 {self.total}，"
                f"{self.due_on} 到期。"
            )
        return (
            f"{self.number}: {self.total} from {self.customer} for {self.order},"
            f" due on {self.due_on}."
        )


def invoice_order(session: Session, arguments: InvoiceOrder) -> OrderInvoiced:
    """Invoice it."""
    view = sales.view_order(session, arguments.order)
    invoice = order_to_cash.invoice_sale(session, view.number, due_on=arguments.due_on)
    return OrderInvoiced(
        number=invoice.number,
        order=view.number,
        customer=view.customer,
        total=Money(invoice.total_minor, invoice.currency),
        due_on=invoice.due_on,
    )


def undo_invoice(_session: Session, _arguments: InvoiceOrder, answer: dict[str, Any]) -> Undoing:
    """Take the invoice back."""
    call = CreditInvoice(number=answer["number"], because="undo")
    return Undoing((Call("invoicing.credit_invoice", call),))


class CancelOrder(Arguments):
    """Cancel a sales order of which nothing has left; what was reserved for it is free again."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    because: Because = Field(description="Why it is cancelled.")


class OrderCancelled(Answer):
    """A sales order that will not be delivered."""

    number: str
    customer: str
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say which order was cancelled."""
        if language == "zh":
            return f"{self.number}（{self.customer}，{self.total}）已取消。"
        return f"{self.number} of {self.customer} over {self.total} is cancelled."


def cancel_order(session: Session, arguments: CancelOrder) -> OrderCancelled:
    """Cancel it."""
    order = order_to_cash.cancel_sale(session, arguments.order, because=arguments.because)
    return OrderCancelled(
        number=order.number,
        customer=order.customer.name,
        total=Money(order.total_minor, order.currency),
    )


def undo_cancel(_session: Session, _arguments: CancelOrder, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=SELL_ANEW)


class ShowOrder(Arguments):
    """Show a sales order: its lines, what is reserved, delivered and invoiced."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")


class OrderShown(Answer):
    """A sales order with its lines."""

    order: OrderView

    def sentence(self, language: Language = "en") -> str:
        """Say of whom, how far it is, and what it comes to."""
        view, state = self.order, word(self.order.state, language)
        if language == "zh":
            return (
                f"{view.number}，{view.customer_zh or view.customer}，{view.ordered_on} 下单，"
                f"{state}，{view.total}，承诺 {view.promised_on} 交货。"
            )
        return (
            f"{view.number} of {view.customer} from {view.ordered_on} is {state}, {view.total};"
            f" promised for {view.promised_on}."
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        currency = self.order.total.currency
        columns = (
            Column("position", "行号", "number"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("reserved", "已预留", "quantity"),
            Column("delivered", "已发货", "quantity"),
            Column("invoiced", "已开票", "quantity"),
            Column("unit price", "单价", currency),
            Column("discount", "折扣", "percent"),
            Column("net", "净额", currency),
        )
        rows = tuple(
            (
                *(line.position, line.sku, line.name, line.quantity, line.reserved),
                *(line.delivered, line.invoiced, line.unit_price, line.discount_percent),
                line.net_amount,
            )
            for line in self.order.lines
        )
        return with_units(Grid(columns, rows), [line.ordered_as for line in self.order.lines], 3)


def show_order(session: Session, arguments: ShowOrder) -> OrderShown:
    """Read the order; a customer reads the own ones only."""
    own = own_party(session)
    return OrderShown(order=sales.view_order(session, arguments.order, customer_id=own))


def delivered(session: Session, number: str, *, credit_notes: Sequence[str] = ()) -> GoodsDelivered:
    """Say what left with a delivery, or came back."""
    view = sales.view_delivery(session, number)
    return GoodsDelivered(
        number=view.number,
        order=view.order,
        customer=view.customer,
        goods=list(view.goods),
        state=view.state,
        returns=view.returns or "",
        credit_notes=list(credit_notes),
    )


def _listed(language: Language, parts: list[str]) -> str:
    return ("、" if language == "zh" else ", ").join(parts)


TOOLS = [
    Tool(
        "sales.sell_item",
        SellItem,
        sell_item,
        writes=True,
        title="Sell",
        title_zh="销售下单",
        roles=SELLERS,
        pin=pin_sale,
        undo=undo_sale,
    ),
    Tool(
        "sales.deliver_order",
        DeliverOrder,
        deliver_order,
        writes=True,
        title="Deliver order",
        title_zh="销售发货",
        roles=STOREKEEPERS | {Role.SALES},
        pin=pin_order,
        undo=undo_deliver,
    ),
    Tool(
        RETURN,
        ReturnDelivery,
        return_delivery,
        writes=True,
        title="Return delivery",
        title_zh="销售退货",
        roles=STOREKEEPERS | {Role.SALES, Role.SERVICE},
        undo=undo_return,
    ),
    Tool(
        "sales.invoice_order",
        InvoiceOrder,
        invoice_order,
        writes=True,
        title="Invoice order",
        title_zh="销售开票",
        roles=BOOKKEEPERS | {Role.SALES},
        pin=pin_order,
        undo=undo_invoice,
    ),
    Tool(
        CANCEL,
        CancelOrder,
        cancel_order,
        writes=True,
        title="Cancel sales order",
        title_zh="取消销售订单",
        roles=SELLERS | {Role.WATCHER},
        pin=pin_order,
        undo=undo_cancel,
    ),
    Tool(
        "sales.show_order",
        ShowOrder,
        show_order,
        writes=False,
        title="Show sales order",
        title_zh="查看销售订单",
        roles=AND_CUSTOMERS,
    ),
]
