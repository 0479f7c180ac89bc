"""Tools of orders on their way: change, hold and release, what waits, invoices by policy."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, sales
from core.kernel import company as companies
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from core.processes import order_to_cash
from core.sales import (
    BackorderView,
    CreditPolicy,
    HeldView,
    LineChange,
    OrderChange,
    OrderLineDraft,
    OrderView,
)
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
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
from tools.sales import OrderInvoiced, OrderShown, pin_order, undo_invoice
from tools.trade import (
    BOOKKEEPERS,
    LEADERS,
    READERS,
    SELLERS,
    Because,
    LocationRef,
    SalesOrderRef,
    counted,
    part_of,
)

HOLD, RELEASE = "sales.hold_order", "sales.release_order"
CHANGE_BACK = ("change the order again instead", "请再次修改订单")
STAYS_REACHED = ("what was reached stays reached; credit its invoice", "里程碑已达成；可冲销其发票")


DEFER_REVENUE = "sales.set_revenue_deferral"


class ChangeOrder(Arguments):
    """Change a confirmed sales order: quantity, price, day, or a line more or less."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    item: ItemRef | None = Field(default=None, description="The line to change, or a new one.")
    quantity: Count | None = Field(default=None, description="The new quantity of the item.")
    unit_price: Price | None = Field(default=None, description="The new price of the item.")
    discount_percent: Percent | None = Field(default=None, description="Off this item.")
    remove: bool = Field(default=False, description="Take the item off the order.")
    order_discount_percent: Percent | None = Field(default=None, description="Off all of it.")
    promised_on: Day | None = Field(default=None, description="The new promised day.")
    ships_complete: bool | None = Field(
        default=None, description="Whether it leaves as a whole only."
    )
    warehouse: LocationRef | None = Field(default=None, description="Where it leaves from.")
    reference: Text | None = Field(default=None, description="The customer's own order number.")
    notes: Words | None = None


def change_order(session: Session, arguments: ChangeOrder) -> OrderShown:
    """Change it."""
    view = sales.view_order(session, arguments.order)
    place = arguments.warehouse and inventory.find_location(session, arguments.warehouse)
    lines, added, removed = _of_item(session, view, arguments)
    change = OrderChange(
        lines=lines,
        added=added,
        removed=removed,
        discount_percent=arguments.order_discount_percent,
        promised_on=arguments.promised_on,
        ships_complete=arguments.ships_complete,
        location=place or None,
        reference=arguments.reference,
        notes=arguments.notes,
    )
    order_to_cash.change_sale(session, view.number, change)
    return OrderShown(order=sales.view_order(session, view.number))


def _of_item(
    session: Session, view: OrderView, arguments: ChangeOrder
) -> tuple[dict[int, LineChange], list[OrderLineDraft], list[int]]:
    """Return what becomes of the line that is meant: changed, added, or taken off."""
    said = (arguments.quantity, arguments.unit_price, arguments.discount_percent)
    if arguments.item is None and not arguments.remove and said == (None, None, None):
        return {}, [], []
    item = catalog.find_item(session, arguments.item) if arguments.item is not None else None
    is_new = item is not None and item.sku not in {line.sku for line in view.lines}
    if is_new and item is not None and arguments.quantity is not None and not arguments.remove:
        percent = arguments.discount_percent or Decimal(0)
        draft = OrderLineDraft(item, arguments.quantity, arguments.unit_price, percent)
        return {}, [draft], []
    left = [(line, line.quantity) for line in view.lines]
    # Where an order has the item twice it is the first line that is meant.
    meant = part_of(left, sku=item.sku if item else None, quantity=Decimal(1)) or {}
    position = min(meant)
    if arguments.remove:
        return {}, [], [position]
    return {position: LineChange(*said)}, [], []


def undo_change(_session: Session, _arguments: ChangeOrder, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=CHANGE_BACK)


class HoldOrder(Arguments):
    """Hold a sales order: nothing of it leaves before somebody releases it."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    because: Because = Field(description="Why it waits.")


class OrderWaits(Answer):
    """A sales order that waits, or goes on."""

    number: str
    customer: str
    state: str
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say how far it is."""
        state = word(self.state, language)
        if language == "zh":
            return f"{self.number}（{self.customer}，{self.total}）：{state}。"
        return f"{self.number} of {self.customer} over {self.total} is {state}."


def _waits(session: Session, number: str) -> OrderWaits:
    view = sales.view_order(session, number)
    state = "on_hold" if view.hold_reason is not None else view.state
    return OrderWaits(number=view.number, customer=view.customer, state=state, total=view.total)


def hold_order(session: Session, arguments: HoldOrder) -> OrderWaits:
    """Hold it."""
    order = sales.hold_order(session, arguments.order, because=arguments.because)
    return _waits(session, order.number)


def undo_hold(_session: Session, arguments: HoldOrder, _answer: object) -> Undoing:
    """Release it."""
    return Undoing((Call(RELEASE, ReleaseOrder(order=arguments.order, because="undo")),))


class ReleaseOrder(Arguments):
    """Release a held sales order, and answer for what the customer will owe us."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    because: Because = Field(description="Why it may go on.")


def release_order(session: Session, arguments: ReleaseOrder) -> OrderWaits:
    """Release it."""
    order = order_to_cash.release_sale(session, arguments.order, because=arguments.because)
    return _waits(session, order.number)


def undo_release(_session: Session, arguments: ReleaseOrder, _answer: object) -> Undoing:
    """Hold it again."""
    return Undoing((Call(HOLD, HoldOrder(order=arguments.order, because="undo")),))


class ListHeld(Arguments):
    """List the sales orders on hold, why they wait, and for which the credit has room by now."""


class HeldListed(Answer):
    """Orders that wait for somebody to release them."""

    held: list[HeldView]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many wait, and which may go on."""
        count, ready = len(self.held), ", ".join(each.number for each in self.held if each.fits)
        if language == "zh":
            return f"共 {count} 张订单暂停{f'；额度已够：{ready}' if ready else ''}。"
        said = "1 order is on hold" if count == 1 else f"{count} orders are on hold"
        return f"{said}; the credit has room for {ready}." if ready else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every order."""
        columns = (
            Column("order", "订单"),
            Column("customer", "客户"),
            Column("reason", "原因"),
            Column("since", "自", "date"),
            Column("total", "合计", self.currency),
            Column("exposure with it", "放行后占用", self.currency),
            Column("limit", "信用额度", self.currency),
        )
        rows = tuple(
            (
                *(each.number, each.customer, each.reason, each.held_on, each.total.amount),
                each.exposure.amount,
                each.limit.amount if each.limit else None,
            )
            for each in self.held
        )
        return Grid(columns, rows)


def list_held(session: Session, _arguments: ListHeld) -> HeldListed:
    """Read them."""
    return HeldListed(held=sales.list_held(session), currency=company(session).currency)


class ListBackorders(Arguments):
    """List what is on backorder: what customers wait for, since when, and how late it is."""

    customer: CustomerRef | None = Field(default=None, description="Only of this customer.")
    item: ItemRef | None = Field(default=None, description="Only this item.")


class BackordersListed(Answer):
    """Quantities that customers wait for."""

    backorders: list[BackorderView]

    def sentence(self, language: Language = "en") -> str:
        """Say how much of what waits."""
        by_sku: dict[str, Decimal] = {}
        for each in self.backorders:
            by_sku[each.sku] = by_sku.get(each.sku, Decimal(0)) + each.missing
        orders = len({each.order for each in self.backorders})
        goods = ", ".join(counted(much, sku) for sku, much in by_sku.items())
        if language == "zh":
            return f"{orders} 张订单缺货：{goods}。" if goods else "没有缺货待发的订单。"
        if not goods:
            return "Nothing is on backorder."
        of_orders = "1 order" if orders == 1 else f"{orders} orders"
        return f"On backorder for {of_orders}: {goods}."

    def grid(self) -> Grid:
        """Return one row for every line that waits."""
        columns = (
            Column("order", "订单"),
            Column("customer", "客户"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("missing", "缺货", "quantity"),
            Column("reserved", "已预留", "quantity"),
            Column("free", "可用", "quantity"),
            Column("ordered", "下单日", "date"),
            Column("promised", "承诺交期", "date"),
            Column("days late", "逾期天数", "number"),
        )
        rows = tuple(
            (
                *(each.order, each.customer, each.sku, each.name, each.missing, each.reserved),
                *(each.free, each.ordered_on, each.promised_on, each.days_late),
            )
            for each in self.backorders
        )
        return Grid(columns, rows)


def list_backorders(session: Session, arguments: ListBackorders) -> BackordersListed:
    """Read them."""
    buyer = arguments.customer and parties.find_customer(session, arguments.customer)
    item = arguments.item and catalog.find_item(session, arguments.item)
    found = sales.list_backorders(
        session,
        customer_id=buyer.party_id if buyer else None,
        item_id=item.id if item else None,
    )
    return BackordersListed(backorders=found)


class SetCreditPolicy(Arguments):
    """Say whether orders beyond a customer's credit are held or refused, and who is overdue."""

    hold: bool = Field(description="Hold them for somebody to release, instead of refusing them.")
    overdue_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        description="Days after its due day that an invoice stops new orders; empty for never.",
    )


class CreditPolicySaid(Answer):
    """What becomes of orders beyond a customer's credit."""

    hold: bool
    overdue_days: int | None

    def sentence(self, language: Language = "en") -> str:
        """Say the policy."""
        days = self.overdue_days
        if language == "zh":
            said = f"超出信用额度的订单将{'暂停待放行' if self.hold else '被拒绝'}"
            return f"{said}；逾期超过 {days} 天亦同。" if days is not None else f"{said}。"
        said = f"Orders beyond a customer's credit are {'held' if self.hold else 'refused'}"
        if days is not None:
            said += f", and so are those of customers more than {days} days overdue"
        return f"{said}."


def set_credit_policy(session: Session, arguments: SetCreditPolicy) -> CreditPolicySaid:
    """Set it."""
    sales.set_policy(session, CreditPolicy(arguments.hold, arguments.overdue_days))
    return CreditPolicySaid(hold=arguments.hold, overdue_days=arguments.overdue_days)


def undo_policy(_session: Session, _arguments: SetCreditPolicy, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("set the policy again instead", "请重新设置该政策"))


Recognised = Literal["at_delivery", "at_invoice"]


class SetRevenueDeferral(Arguments):
    """Say whether what is invoiced before its goods leave is revenue at once, or as they leave."""

    recognised: Recognised = Field(
        default="at_delivery",
        description="At the delivery, and until then on the deferred revenue account; or at once.",
    )


class RevenueDeferralSaid(Answer):
    """When what is invoiced ahead becomes revenue."""

    recognised: Recognised
    before: Recognised

    def sentence(self, language: Language = "en") -> str:
        """Say when."""
        if language == "zh":
            waits = self.recognised == "at_delivery"
            return f"发货前开票的收入{'将递延至发货时确认' if waits else '在开票时确认'}。"
        when = "as the goods leave" if self.recognised == "at_delivery" else "at once"
        return f"What is invoiced before its goods leave becomes revenue {when}."


def set_revenue_deferral(session: Session, arguments: SetRevenueDeferral) -> RevenueDeferralSaid:
    """Set it."""
    before: Recognised = "at_delivery" if company(session).defers_revenue else "at_invoice"
    companies.set_revenue_deferral(session, defers=arguments.recognised == "at_delivery")
    return RevenueDeferralSaid(recognised=arguments.recognised, before=before)


def undo_revenue_deferral(
    _session: Session, _arguments: SetRevenueDeferral, answer: dict[str, Any]
) -> Undoing:
    """Set it back."""
    return Undoing((Call(DEFER_REVENUE, SetRevenueDeferral(recognised=answer["before"])),))


class InvoiceOrders(Arguments):
    """Invoice several sales orders of one customer together, on one invoice."""

    orders: tuple[SalesOrderRef, ...] = Field(
        default=(), max_length=50, description="The orders, such as SO-00042."
    )
    customer: CustomerRef | None = Field(
        default=None, description="Or all that may be invoiced of this customer."
    )
    due_on: Day | None = Field(default=None, description="Leave empty for the usual terms.")


def pin_orders(session: Session, arguments: InvoiceOrders) -> InvoiceOrders:
    """Name the orders that are meant now."""
    numbers = [sales.view_order(session, each).number for each in arguments.orders]
    if not numbers and arguments.customer is not None:
        buyer = parties.find_customer(session, arguments.customer)
        numbers = sales.orders_to_invoice(session, buyer.party_id)
    return arguments.model_copy(update={"orders": tuple(numbers), "customer": None})


def invoice_orders(session: Session, arguments: InvoiceOrders) -> OrderInvoiced:
    """Invoice them."""
    numbers = pin_orders(session, arguments).orders
    invoice = sales.invoice_orders(session, numbers, due_on=arguments.due_on)
    return OrderInvoiced(
        number=invoice.number,
        order=invoice.origin,
        customer=sales.view_order(session, invoice.origin.split(", ")[0]).customer,
        total=Money(invoice.total_minor, invoice.currency),
        due_on=invoice.due_on,
    )


class ReachMilestone(Arguments):
    """Say that a milestone of a sales order is reached, so that its part may be invoiced."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00042.")
    milestone: int = Field(ge=1, le=100, description="Its place among the milestones.")


class MilestoneSaid(Answer):
    """A milestone that is reached."""

    number: str
    milestone: str
    percent: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say what may be invoiced now."""
        percent = f"{self.percent.normalize():f} %"
        if language == "zh":
            return f"{self.number}：里程碑“{self.milestone}”已达成，可开票 {percent}。"
        return f'{self.number}: "{self.milestone}" is reached; {percent} may be invoiced.'


def reach_milestone(session: Session, arguments: ReachMilestone) -> MilestoneSaid:
    """Say so."""
    view = sales.view_order(session, arguments.order)
    milestone = sales.reach_milestone(session, view.number, arguments.milestone)
    return MilestoneSaid(number=view.number, milestone=milestone.name, percent=milestone.percent)


def undo_reach(_session: Session, _arguments: ReachMilestone, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=STAYS_REACHED)


TOOLS = [
    Tool(
        "sales.change_order",
        ChangeOrder,
        change_order,
        writes=True,
        title="Change sales order",
        title_zh="修改销售订单",
        roles=SELLERS,
        pin=pin_order,
        undo=undo_change,
    ),
    Tool(
        HOLD,
        HoldOrder,
        hold_order,
        writes=True,
        title="Hold sales order",
        title_zh="暂停销售订单",
        roles=SELLERS | BOOKKEEPERS,
        pin=pin_order,
        undo=undo_hold,
    ),
    Tool(
        RELEASE,
        ReleaseOrder,
        release_order,
        writes=True,
        title="Release sales order",
        title_zh="放行销售订单",
        roles=BOOKKEEPERS | {Role.WATCHER},
        pin=pin_order,
        undo=undo_release,
    ),
    Tool(
        "sales.list_held",
        ListHeld,
        list_held,
        writes=False,
        title="Orders on hold",
        title_zh="暂停的订单",
        roles=READERS,
    ),
    Tool(
        "sales.list_backorders",
        ListBackorders,
        list_backorders,
        writes=False,
        title="Backorders",
        title_zh="缺货待发",
        roles=READERS,
    ),
    Tool(
        "sales.set_credit_policy",
        SetCreditPolicy,
        set_credit_policy,
        writes=True,
        title="Set credit policy",
        title_zh="设置信用政策",
        roles=LEADERS,
        undo=undo_policy,
    ),
    Tool(
        DEFER_REVENUE,
        SetRevenueDeferral,
        set_revenue_deferral,
        writes=True,
        title="Set revenue deferral",
        title_zh="设置收入递延",
        roles=LEADERS,
        undo=undo_revenue_deferral,
    ),
    Tool(
        "sales.invoice_orders",
        InvoiceOrders,
        invoice_orders,
        writes=True,
        title="Invoice orders together",
        title_zh="合并开票",
        roles=BOOKKEEPERS | {Role.SALES},
        pin=pin_orders,
        undo=undo_invoice,
    ),
    Tool(
        "sales.reach_milestone",
        ReachMilestone,
        reach_milestone,
        writes=True,
        title="Reach milestone",
        title_zh="达成里程碑",
        roles=SELLERS,
        pin=pin_order,
        undo=undo_reach,
    ),
]
