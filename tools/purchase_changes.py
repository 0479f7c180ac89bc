"""Tools for orders that stand: change, close, confirm; and for what does not match."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, invoicing, parties, purchasing
from core.approvals import DutyName
from core.kernel.company import company
from core.kernel.errors import DomainError, Language
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.purchasing import (
    DifferenceTo,
    LineChange,
    OrderLineDraft,
    OrderState,
    PurchaseOrder,
    Tolerance,
)
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Column,
    Day,
    Duty,
    Grid,
    ItemRef,
    Level,
    Percent,
    Price,
    Ref,
    SupplierRef,
    Text,
    Tool,
    never,
)
from tools.purchasing import pin_order
from tools.trade import (
    BOOKKEEPERS,
    BUYERS,
    LEADERS,
    Because,
    NotOnThisOrder,
    PurchaseOrderRef,
    SayWhichItem,
)

CHANGE_AGAIN = ("change the order again instead", "请再次更改订单")
ORDER_THE_REST = ("order the rest anew instead", "请对剩余部分重新下单")
CONFIRM_AGAIN = ("confirm another day instead", "请改为确认其他日期")
AGREED = (
    "what somebody agreed to stays agreed; credit the bill instead",
    "审批不可撤回；请改为冲销账单",
)
NOTE_STAYS = ("a credit note stays; book a bill instead", "贷项通知单不可撤销；请改为登记账单")
WRITTEN_OFF = ("what is written off stays written off", "已核销的差额不可恢复")
SET_AGAIN = ("set the tolerance again instead", "请重新设置容差")


class SayWhatChanges(DomainError):
    """Say what changes on {number}: a quantity, a price or a day."""

    zh = "请说明 {number} 要更改什么：数量、价格或日期。"


class ChangeOrder(Arguments):
    """Change a purchase order that stands: the quantity, the price or the day of an item."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    item: ItemRef | None = Field(
        default=None, description="Leave empty where the order has one item."
    )
    quantity: Level | None = Field(
        default=None, description="The new quantity in all; 0 takes the item off."
    )
    unit_price: Price | None = Field(default=None, description="The new price for one unit.")
    due_on: Day | None = Field(default=None, description="The new day it is to come.")
    because: Because = Field(default="agreed with the supplier", description="Why it changes.")


class OrderMoved(Answer):
    """A purchase order that says something else now."""

    number: str
    supplier: str
    state: OrderState
    version: int
    total: Money
    expected_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what the order says now."""
        state = word(self.state, language)
        if language == "zh":
            return (
                f"{self.number}（{self.supplier}）现为第 {self.version} 版，{state}，"
                f"合计 {self.total}，预计 {self.expected_on} 到货。"
            )
        return (
            f"{self.number} with {self.supplier} is at version {self.version}, {state},"
            f" {self.total} in all, expected on {self.expected_on}."
        )


def change_order(session: Session, arguments: ChangeOrder) -> OrderMoved:
    """Change it: the line of the item, or a new line where the order has none of it."""
    view = purchasing.view_order(session, arguments.order)
    change = LineChange(arguments.quantity, arguments.unit_price, arguments.due_on)
    if change == LineChange():
        raise SayWhatChanges(number=view.number)
    skus = list(dict.fromkeys(line.sku for line in view.lines if line.quantity))
    if arguments.item is None and len(skus) > 1:
        raise SayWhichItem(items=", ".join(skus))
    sku = purchasing.find_item(session, arguments.item).sku if arguments.item else skus[0]
    # The last line of an item is the one that is still to come.
    places = [line.position for line in view.lines if line.sku == sku and line.quantity]
    added: list[OrderLineDraft] = []
    if not places:
        if not arguments.quantity:
            raise NotOnThisOrder(sku=sku, items=", ".join(skus))
        item = catalog.find_item(session, sku)
        added = [OrderLineDraft(item, arguments.quantity, arguments.unit_price)]
    order = purchasing.change_order(
        session,
        view.number,
        lines={places[-1]: change} if places else {},
        added=added,
        because=arguments.because,
    )
    return _moved(order)


class CloseOrder(Arguments):
    """Close a purchase order short: what has not come is waited for no longer."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    because: Because = Field(default="the rest is not needed", description="Why it is closed.")


def close_order(session: Session, arguments: CloseOrder) -> OrderMoved:
    """Close it."""
    return _moved(purchasing.close_order(session, arguments.order, because=arguments.because))


class ConfirmOrder(Arguments):
    """Note the day on which a supplier confirms that a purchase order will come."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    confirmed_on: Day = Field(description="The day that the supplier confirms.")


def confirm_order(session: Session, arguments: ConfirmOrder) -> OrderMoved:
    """Note it."""
    return _moved(purchasing.confirm_order(session, arguments.order, on=arguments.confirmed_on))


def _moved(order: PurchaseOrder) -> OrderMoved:
    return OrderMoved(
        number=order.number,
        supplier=order.supplier.name,
        state=order.state,
        version=order.version,
        total=Money(order.total_minor, order.currency),
        expected_on=order.expected_on,
    )


class ApproveDifference(Arguments):
    """Agree to the difference of a supplier's bill that somebody else booked, so it is paid."""

    bill: Annotated[Text, Ref("supplier_bill")] = Field(description="The bill: BILL-00042.")
    because: Because = Field(default="checked with the supplier", description="Why it is right.")


class DifferenceAgreed(Answer):
    """A bill that may be paid now."""

    number: str
    total: Money
    difference: Money

    def sentence(self, language: Language = "en") -> str:
        """Say what was agreed to."""
        if language == "zh":
            return f"{self.number} 的差异 {self.difference} 已审批，{self.total} 可以付款。"
        return f"The difference of {self.difference} on {self.number} is approved: {self.total}."


def approve_difference(session: Session, arguments: ApproveDifference) -> DifferenceAgreed:
    """Agree to it."""
    bill = purchasing.approve_difference(session, arguments.bill, because=arguments.because)
    match = purchasing.match_or_none(session, bill)
    assert match is not None, "a difference is one of a match"
    return DifferenceAgreed(
        number=bill.number,
        total=Money(bill.total_minor, bill.currency),
        difference=Money(match.difference_minor, bill.currency),
    )


def pin_bill(session: Session, arguments: ApproveDifference) -> ApproveDifference:
    """Write the bill by its number."""
    number = invoicing.find_invoice(session, arguments.bill).number
    return arguments.model_copy(update={"bill": number})


class CreditReturn(Arguments):
    """Book the supplier's credit note for goods of an order that were billed and went back."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    supplier_reference: Text | None = Field(
        default=None, description="The number that the supplier gave the credit note."
    )
    credited_total: Amount | None = Field(
        default=None, description="What it says, tax included; empty: what was billed."
    )


class ReturnCredited(Answer):
    """Credit notes of a supplier for goods that went back."""

    order: str
    numbers: list[str]
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say what was credited."""
        notes = ", ".join(self.numbers)
        if language == "zh":
            return f"{notes}：{self.order} 退货贷项 {self.total} 已登记。"
        return f"{notes}: {self.total} credited for what went back of {self.order}."


def credit_return(session: Session, arguments: CreditReturn) -> ReturnCredited:
    """Book it."""
    currency, said = company(session).currency, arguments.credited_total
    notes = purchasing.credit_return(
        session,
        arguments.order,
        supplier_reference=arguments.supplier_reference,
        credited_total=None if said is None else Money.of(said, currency),
    )
    return ReturnCredited(
        order=purchasing.view_order(session, arguments.order).number,
        numbers=[note.number for note in notes],
        total=Money(sum(note.total_minor for note in notes), currency),
    )


def case_of_order(
    session: Session, arguments: CreditReturn, _answer: dict[str, Any] | None
) -> str | None:
    """Return the order that is credited."""
    return purchasing.view_order(session, arguments.order).number


class ListUnbilled(Arguments):
    """List goods that came and are not billed, or were billed and went back, by age."""

    supplier: SupplierRef | None = Field(default=None, description="Only of this supplier.")
    older_than_days: int = Field(default=0, ge=0, le=3650)


class UnbilledRow(Answer):
    """A line that is open."""

    order: str
    supplier: str
    sku: str
    quantity: Decimal
    value: Money
    since: date
    days: int


class UnbilledListed(Answer):
    """What has come and is not billed."""

    rows: list[UnbilledRow]
    total: Money

    def sentence(self, language: Language = "en") -> str:
        """Say how much there is, and how old the oldest is."""
        oldest = max((row.days for row in self.rows), default=0)
        if language == "zh":
            return f"已收货未开账单 {len(self.rows)} 行，共 {self.total}，最早 {oldest} 天。"
        lines = "line" if len(self.rows) == 1 else "lines"
        return (
            f"{len(self.rows)} {lines} received and not billed, {self.total} in all;"
            f" the oldest is {oldest} days old."
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("order", "订单"),
            Column("supplier", "供应商"),
            Column("item", "物料"),
            Column("quantity", "数量", "quantity"),
            Column("value", "金额", self.total.currency),
            Column("since", "起始", "date"),
            Column("days", "天数", "number"),
        )
        rows = tuple(
            (
                *(row.order, row.supplier, row.sku, row.quantity),
                *(row.value.amount, row.since, row.days),
            )
            for row in self.rows
        )
        return Grid(columns, rows)


def list_unbilled(session: Session, arguments: ListUnbilled) -> UnbilledListed:
    """Read them."""
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    rows = purchasing.list_unbilled(
        session,
        supplier_id=supplier.party_id if supplier else None,
        older_than_days=arguments.older_than_days,
    )
    return UnbilledListed(
        rows=[
            UnbilledRow(
                order=each.order,
                supplier=each.supplier,
                sku=each.sku,
                quantity=each.quantity,
                value=each.value,
                since=each.since,
                days=each.days,
            )
            for each in rows
        ],
        total=Money(sum(each.value.minor for each in rows), company(session).currency),
    )


class WriteOffUnbilled(Arguments):
    """Write off what came of a purchase order and will never be billed."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00042.")
    because: Because = Field(description="Why no bill is expected any more.")


class UnbilledWrittenOff(Answer):
    """What is waited for no longer."""

    order: str
    value: Money

    def sentence(self, language: Language = "en") -> str:
        """Say how much was written off."""
        if language == "zh":
            return f"{self.order} 已收货未开账单的 {self.value} 已核销。"
        return f"{self.value} received on {self.order} and not billed is written off."


def write_off_unbilled(session: Session, arguments: WriteOffUnbilled) -> UnbilledWrittenOff:
    """Write it off."""
    value = purchasing.write_off_unbilled(session, arguments.order, because=arguments.because)
    number = purchasing.view_order(session, arguments.order).number
    return UnbilledWrittenOff(order=number, value=value)


class SetTolerance(Arguments):
    """Set how far bills and receipts may be off: in general, of a supplier, or of an item."""

    supplier: SupplierRef | None = Field(default=None, description="Leave empty for everybody.")
    item: ItemRef | None = Field(default=None, description="Leave empty for every item.")
    price_percent: Percent | None = Field(default=None, description="How far a price may be off.")
    price_amount: Amount | None = Field(default=None, description="And by no more than this.")
    billed_percent: Percent | None = Field(
        default=None, description="How much more than came may be billed."
    )
    over_percent: Percent | None = Field(
        default=None, description="How much more than ordered may come."
    )
    under_percent: Percent | None = Field(
        default=None, description="How much less than ordered ends a line."
    )
    difference_to: DifferenceTo | None = Field(
        default=None,
        description="Where the difference of a bill goes: variance (an expense) or stock.",
    )


class ToleranceNoted(Answer):
    """What we let pass now."""

    supplier: str
    sku: str
    price_percent: Decimal
    over_percent: Decimal
    under_percent: Decimal
    billed_percent: Decimal
    difference_to: DifferenceTo = DifferenceTo.VARIANCE

    def sentence(self, language: Language = "en") -> str:
        """Say what passes."""
        whom = " ".join(each for each in (self.supplier, self.sku) if each)
        price, billed, over, under = (
            f"{plain(each)} %"
            for each in (
                self.price_percent,
                self.billed_percent,
                self.over_percent,
                self.under_percent,
            )
        )
        if language == "zh":
            whose = whom or "通用"
            return (
                f"{whose}容差：价格 {price}，多开 {billed}，多收 {over}，少收 {under}；"
                f"差异计入{word(self.difference_to, language)}。"
            )
        whose = whom or "in general"
        return (
            f"Tolerance {whose}: price {price}, billed {billed} more,"
            f" {over} more or {under} less received;"
            f" differences go to {word(self.difference_to, language)}."
        )


def set_tolerance(session: Session, arguments: SetTolerance) -> ToleranceNoted:
    """Set it; what is not said stays as it is."""
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    item = arguments.item and purchasing.find_item(session, arguments.item)
    before = purchasing.said_tolerance(
        session, supplier.party_id if supplier else None, item.id if item else None
    )
    amount = arguments.price_amount

    def kept(said: Decimal | None, was: Decimal) -> Decimal:
        return was if said is None else said

    tolerance = Tolerance(
        price_percent=kept(arguments.price_percent, before.price_percent),
        price_amount=(
            before.price_amount if amount is None else Money.of(amount, company(session).currency)
        ),
        billed_percent=kept(arguments.billed_percent, before.billed_percent),
        over_percent=kept(arguments.over_percent, before.over_percent),
        under_percent=kept(arguments.under_percent, before.under_percent),
        difference_to=arguments.difference_to or before.difference_to,
    )
    purchasing.set_tolerance(
        session,
        tolerance,
        supplier=supplier.party if supplier else None,
        item=item or None,
    )
    return ToleranceNoted(
        supplier=supplier.party.name if supplier else "",
        sku=item.sku if item else "",
        price_percent=tolerance.price_percent,
        over_percent=tolerance.over_percent,
        under_percent=tolerance.under_percent,
        billed_percent=tolerance.billed_percent,
        difference_to=tolerance.difference_to,
    )


def pin_tolerance(session: Session, arguments: SetTolerance) -> SetTolerance:
    """Write supplier and item as we call them."""
    chosen: dict[str, str] = {}
    if arguments.supplier is not None:
        chosen["supplier"] = parties.find_supplier(session, arguments.supplier).party.number
    if arguments.item is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


TOOLS = [
    Tool(
        "purchasing.change_order",
        ChangeOrder,
        change_order,
        writes=True,
        title="Change purchase order",
        title_zh="更改采购订单",
        roles=BUYERS,
        pin=pin_order,
        undo=never(CHANGE_AGAIN),
    ),
    Tool(
        "purchasing.close_order",
        CloseOrder,
        close_order,
        writes=True,
        title="Close purchase order",
        title_zh="关闭采购订单",
        roles=BUYERS,
        pin=pin_order,
        undo=never(ORDER_THE_REST),
    ),
    Tool(
        "purchasing.confirm_order",
        ConfirmOrder,
        confirm_order,
        writes=True,
        title="Confirm purchase order",
        title_zh="确认交期",
        roles=BUYERS,
        pin=pin_order,
        undo=never(CONFIRM_AGAIN),
    ),
    Tool(
        "purchasing.approve_difference",
        ApproveDifference,
        approve_difference,
        writes=True,
        title="Approve difference",
        title_zh="审批差异",
        roles=BOOKKEEPERS | BUYERS,
        pin=pin_bill,
        undo=never(AGREED),
    ),
    Tool(
        "purchasing.credit_return",
        CreditReturn,
        credit_return,
        writes=True,
        title="Book credit for return",
        title_zh="登记退货贷项",
        roles=BOOKKEEPERS,
        pin=pin_order,
        undo=never(NOTE_STAYS),
        duty=Duty(DutyName.BILL, case_of_order),
    ),
    Tool(
        "purchasing.list_unbilled",
        ListUnbilled,
        list_unbilled,
        writes=False,
        title="Received, not billed",
        title_zh="已收货未开账单",
        roles=COSTS,
    ),
    Tool(
        "purchasing.write_off_unbilled",
        WriteOffUnbilled,
        write_off_unbilled,
        writes=True,
        title="Write off unbilled receipts",
        title_zh="核销暂估",
        roles=BOOKKEEPERS,
        pin=pin_order,
        undo=never(WRITTEN_OFF),
    ),
    Tool(
        "purchasing.set_tolerance",
        SetTolerance,
        set_tolerance,
        writes=True,
        title="Set purchasing tolerance",
        title_zh="设置采购容差",
        roles=LEADERS,
        pin=pin_tolerance,
        undo=never(SET_AGAIN),
    ),
]
