"""Tools of lots: what expires, where a lot came from and who got it, and which may leave."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing, sales
from core.catalog import Tracking
from core.inventory import Lot, LotPart, TraceView
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.semantics import EVERYDAY
from core.kernel.words import word
from core.processes import procure_to_pay
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.purchasing import RETURN, ReturnReceipt
from tools.reservations import freeing
from tools.trade import (
    LEADERS,
    STOREKEEPERS,
    Because,
    PurchaseOrderRef,
    SalesOrderRef,
    part_of,
)

SET_TRACKING, EXPIRY, UNASSIGN = "lots.set_tracking", "lots.change_expiry", "lots.unassign"
HOLD, FREE, ASSIGN, RECEIVE = "lots.hold", "lots.free", "lots.assign", "lots.receive"

LotRef = Annotated[Text, Ref("lot")]


def _lot(session: Session, number: str, item: str | None) -> Lot:
    meant = catalog.find_item(session, item) if item else None
    return inventory.find_lot(session, number, item=meant)


class TraceLot(Arguments):
    """Tell where a lot came from and who got it: the list of a recall."""

    lot: LotRef
    item: ItemRef | None = None


class Traced(Answer):
    """The way of a lot."""

    trace: TraceView
    receivers: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how much came, went and is left, and who got it."""
        trace = self.trace
        came, went = (
            plain(sum((step.quantity for step in steps), Decimal(0)))
            for steps in (trace.came, trace.went)
        )
        who = ", ".join(dict.fromkeys(customer for _, customer in self.receivers))
        left = plain(trace.on_hand)
        if language == "zh":
            said = f"{trace.sku} 批次 {trace.number}：收到 {came}，发出 {went}，现有 {left}"
            return f"{said}；客户：{who}。" if who else f"{said}。"
        said = f"Lot {trace.number} of {trace.sku}: {came} came, {went} left, {left} are here"
        return f"{said}; it went to {who}." if who else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every step."""
        columns = (
            Column("date", "日期", "date"),
            Column("from", "来自"),
            Column("to", "去向"),
            Column("quantity", "数量", "quantity"),
            Column("document", "单据"),
            Column("customer", "客户"),
        )
        customers = dict(self.receivers)
        steps = (*self.trace.came, *self.trace.moved, *self.trace.went)
        rows = tuple(
            (
                step.moved_on,
                step.source,
                step.target,
                step.quantity,
                step.origin,
                customers.get(step.origin, ""),
            )
            for step in sorted(steps, key=lambda step: step.moved_on)
        )
        return Grid(columns, rows)


def trace_lot(session: Session, arguments: TraceLot) -> Traced:
    """Follow it."""
    trace = inventory.trace_lot(session, _lot(session, arguments.lot, arguments.item))
    numbers = [step.origin for step in trace.went if step.target == "CUSTOMERS"]
    receivers = [
        (number, sales.view_delivery(session, number).customer)
        for number in dict.fromkeys(numbers)
        if number.startswith("DN-")
    ]
    return Traced(trace=trace, receivers=receivers)


class HoldLot(Arguments):
    """Hold a lot: nothing of it leaves to customers until it is freed."""

    lot: LotRef
    because: Because
    item: ItemRef | None = None


class FreeLot(Arguments):
    """Free a lot that was held."""

    lot: LotRef
    because: Because
    item: ItemRef | None = None


class LotChanged(Answer):
    """A lot that is held or free."""

    sku: str
    lot: str
    status: str

    def sentence(self, language: Language = "en") -> str:
        """Say how it stands."""
        status = word(self.status, language)
        if language == "zh":
            return f"{self.sku} 批次 {self.lot}：{status}。"
        return f"Lot {self.lot} of {self.sku} is {status}."


def pin_lot(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the lot and its item as we call them."""
    lot = _lot(session, arguments.lot, arguments.item)
    return arguments.model_copy(update={"lot": lot.number, "item": lot.item.sku})


def hold_lot(session: Session, arguments: HoldLot) -> LotChanged:
    """Hold it."""
    lot = _lot(session, arguments.lot, arguments.item)
    inventory.hold_lot(session, lot, because=arguments.because)
    return LotChanged(sku=lot.item.sku, lot=lot.number, status=lot.status)


def free_lot(session: Session, arguments: FreeLot) -> LotChanged:
    """Free it, and promise its goods to who waits for them."""
    lot = _lot(session, arguments.lot, arguments.item)
    inventory.free_lot(session, lot, because=arguments.because)
    inventory.allocate(session, [lot.item_id])
    return LotChanged(sku=lot.item.sku, lot=lot.number, status=lot.status)


def undo_hold(_session: Session, arguments: HoldLot, _answer: object) -> Undoing:
    """Free it again."""
    free = FreeLot(lot=arguments.lot, item=arguments.item, because="undo")
    return Undoing((Call(FREE, free),))


def undo_free(_session: Session, arguments: FreeLot, _answer: object) -> Undoing:
    """Hold it again."""
    hold = HoldLot(lot=arguments.lot, item=arguments.item, because=arguments.because)
    return Undoing((Call(HOLD, hold),))


class SetTracking(Arguments):
    """Have an item kept by lot, by serial number, or by quantity only."""

    item: ItemRef
    tracking: Tracking


class TrackingSet(Answer):
    """How goods of an item are told apart now."""

    sku: str
    tracking: Tracking
    before: Tracking

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        way = word(self.tracking, language)
        return f"{self.sku}：{way}。" if language == "zh" else f"{self.sku} is kept by {way} now."


def set_tracking(session: Session, arguments: SetTracking) -> TrackingSet:
    """Set it."""
    item = catalog.find_item(session, arguments.item)
    before = item.tracking
    inventory.set_tracking(session, item, arguments.tracking)
    return TrackingSet(sku=item.sku, tracking=item.tracking, before=before)


def undo_tracking(_session: Session, arguments: SetTracking, answer: dict[str, Any]) -> Undoing:
    """Keep it as before."""
    back = SetTracking(item=arguments.item, tracking=Tracking(answer["before"]))
    return Undoing((Call(SET_TRACKING, back),))


class ChangeExpiry(Arguments):
    """Correct until which day a lot is good, or extend it after an inspection."""

    lot: LotRef
    because: Because
    expires_on: Day | None = Field(default=None, description="Leave empty where it never expires.")
    item: ItemRef | None = None


class ExpiryChanged(Answer):
    """Until when a lot is good."""

    sku: str
    lot: str
    expires_on: Day | None
    before: Day | None

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if self.expires_on is None:
            if language == "zh":
                return f"{self.sku} 批次 {self.lot} 不设到期日。"
            return f"Lot {self.lot} of {self.sku} does not expire."
        day = self.expires_on.isoformat()
        if language == "zh":
            return f"{self.sku} 批次 {self.lot} 的到期日为 {day}。"
        return f"Lot {self.lot} of {self.sku} is good until {day}."


def change_expiry(session: Session, arguments: ChangeExpiry) -> ExpiryChanged:
    """Correct it; what is fit now is promised to who waits for it."""
    lot = _lot(session, arguments.lot, arguments.item)
    before = lot.expires_on
    inventory.change_expiry(
        session, lot, expires_on=arguments.expires_on, because=arguments.because
    )
    inventory.allocate(session, [lot.item_id])
    return ExpiryChanged(sku=lot.item.sku, lot=lot.number, expires_on=lot.expires_on, before=before)


def undo_expiry(_session: Session, arguments: ChangeExpiry, answer: dict[str, Any]) -> Undoing:
    """Say again what was said before."""
    back = ChangeExpiry(
        lot=arguments.lot, item=arguments.item, expires_on=answer["before"], because="undo"
    )
    return Undoing((Call(EXPIRY, back),))


class AssignLot(Arguments):
    """Send a certain lot with a sales order, instead of the one that expires first."""

    order: SalesOrderRef
    lot: LotRef
    quantity: Count | None = Field(default=None, description="Leave empty for all still to go.")
    because: Words = Field(default="", description="Why, where the lot is held or has expired.")
    item: ItemRef | None = None


class LotAssigned(Answer):
    """A lot that goes with an order."""

    order: str
    sku: str
    lot: str
    quantity: Decimal
    any_lot: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say what goes with it."""
        goods = f"{plain(self.quantity)} × {self.sku}"
        if self.any_lot and language == "zh":
            return f"{self.order}：{goods} 不再指定批次 {self.lot}。"
        if self.any_lot:
            return f"{self.order}: {goods} may leave from any lot again, not only from {self.lot}."
        if language == "zh":
            return f"{self.order}：{goods} 将从批次 {self.lot} 发出。"
        return f"{self.order}: {goods} will leave from lot {self.lot}."


def assign_lot(session: Session, arguments: AssignLot) -> LotAssigned:
    """Mean it for the order."""
    lot = _lot(session, arguments.lot, arguments.item)
    order = sales.find_order(session, arguments.order)
    open_lines = [
        (line, line.quantity - line.delivered_quantity)
        for line in order.lines
        if line.item_id == lot.item_id
    ]
    left = arguments.quantity or sum((rest for _, rest in open_lines), Decimal(0))
    done = Decimal(0)
    for line, rest in open_lines:
        part = min(rest, left - done)
        if part > 0:
            inventory.pick_lot(
                session,
                line.item,
                lot=lot,
                quantity=part,
                line_id=line.id,
                origin=order.number,
                location=inventory.main_location(session),
                because=arguments.because,
            )
            done += part
    return LotAssigned(order=order.number, sku=lot.item.sku, lot=lot.number, quantity=done)


class UnassignLot(Arguments):
    """Let a sales order get goods of any lot again, instead of a certain one."""

    order: SalesOrderRef
    lot: LotRef
    item: ItemRef | None = None


def unassign_lot(session: Session, arguments: UnassignLot) -> LotAssigned:
    """Take it back; where the lot was not fit, the order is served like who waits."""
    lot = _lot(session, arguments.lot, arguments.item)
    order = sales.find_order(session, arguments.order)
    much = inventory.unpick_lot(session, lot, origin=order.number)
    inventory.allocate(session, [lot.item_id])
    return LotAssigned(
        order=order.number, sku=lot.item.sku, lot=lot.number, quantity=much, any_lot=True
    )


def undo_assign(_session: Session, arguments: AssignLot, answer: dict[str, Any]) -> Undoing:
    """Let the order get any lot again."""
    back = UnassignLot(order=answer["order"], lot=arguments.lot, item=arguments.item)
    return Undoing((Call(UNASSIGN, back),))


def undo_unassign(_session: Session, arguments: UnassignLot, answer: dict[str, Any]) -> Undoing:
    """Mean the lot for the order again."""
    back = AssignLot(
        order=answer["order"],
        lot=arguments.lot,
        item=arguments.item,
        quantity=Decimal(answer["quantity"]),
    )
    return Undoing((Call(ASSIGN, back),))


class ReceiveLot(Arguments):
    """Receive goods of a purchase order that are kept by lot or by serial number."""

    order: PurchaseOrderRef
    lot: Text = Field(description="The lot, or serial numbers such as SN001..SN010.")
    quantity: Count | None = Field(default=None, description="Leave empty for all that is missing.")
    expires_on: Day | None = None
    made_on: Day | None = None
    supplier_lot: Text | None = None
    item: ItemRef | None = None


class LotReceived(Answer):
    """Goods of a lot that are on the shelf now."""

    number: str
    order: str
    sku: str
    lot: str
    quantity: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say what came."""
        goods = f"{plain(self.quantity)} × {self.sku}"
        if language == "zh":
            return f"{self.number}：{self.order} 已收 {goods}，批次 {self.lot}。"
        return f"{self.number}: {goods} of lot {self.lot} came for {self.order}."


def receive_lot(session: Session, arguments: ReceiveLot) -> LotReceived:
    """Take them in."""
    view = purchasing.view_order(session, arguments.order)
    sku = arguments.item and catalog.find_item(session, arguments.item).sku
    left = [(line, line.quantity - line.received) for line in view.lines]
    meant = part_of(left, sku=sku, quantity=arguments.quantity) or {
        line.position: rest for line, rest in left if rest
    }
    lots = {position: _parts(arguments, quantity) for position, quantity in meant.items()}
    receipt = procure_to_pay.receive_order(session, view.number, quantities=meant, lots=lots)
    return LotReceived(
        number=receipt.number,
        order=view.number,
        sku=", ".join(line.sku for line in view.lines if line.position in meant),
        lot=arguments.lot,
        quantity=sum(meant.values(), Decimal(0)),
    )


def _parts(arguments: ReceiveLot, quantity: Decimal) -> list[LotPart]:
    numbers = inventory.serials_between(arguments.lot)
    each = quantity if len(numbers) == 1 else Decimal(1)
    return [
        LotPart(number, each, arguments.expires_on, arguments.made_on, arguments.supplier_lot)
        for number in numbers
    ]


def undo_receive(session: Session, _arguments: ReceiveLot, answer: dict[str, Any]) -> Undoing:
    """Send the goods back; who was promised them waits again."""
    goods = purchasing.view_receipt(session, answer["number"]).goods
    back = Call(RETURN, ReturnReceipt(receipt=answer["number"], because="undo"))
    return Undoing((*freeing(session, goods), back))


TOOLS = [
    Tool(
        "lots.trace",
        TraceLot,
        trace_lot,
        writes=False,
        title="Trace a lot",
        title_zh="批次追溯",
        roles=EVERYDAY,
    ),
    Tool(
        HOLD,
        HoldLot,
        hold_lot,
        writes=True,
        title="Hold a lot",
        title_zh="冻结批次",
        roles=STOREKEEPERS,
        pin=pin_lot,
        undo=undo_hold,
    ),
    Tool(
        FREE,
        FreeLot,
        free_lot,
        writes=True,
        title="Free a lot",
        title_zh="解冻批次",
        roles=LEADERS,
        pin=pin_lot,
        undo=undo_free,
    ),
    Tool(
        SET_TRACKING,
        SetTracking,
        set_tracking,
        writes=True,
        title="Set how an item is tracked",
        title_zh="设置批次管理方式",
        roles=LEADERS,
        undo=undo_tracking,
    ),
    Tool(
        EXPIRY,
        ChangeExpiry,
        change_expiry,
        writes=True,
        title="Change expiry date of a lot",
        title_zh="更改批次到期日",
        roles=LEADERS,
        pin=pin_lot,
        undo=undo_expiry,
    ),
    Tool(
        UNASSIGN,
        UnassignLot,
        unassign_lot,
        writes=True,
        title="Take a lot back from an order",
        title_zh="取消指定批次",
        roles=STOREKEEPERS,
        pin=pin_lot,
        undo=undo_unassign,
    ),
    Tool(
        ASSIGN,
        AssignLot,
        assign_lot,
        writes=True,
        title="Assign a lot to an order",
        title_zh="为订单指定批次",
        roles=STOREKEEPERS,
        pin=pin_lot,
        undo=undo_assign,
    ),
    Tool(
        RECEIVE,
        ReceiveLot,
        receive_lot,
        writes=True,
        title="Receive goods by lot",
        title_zh="按批次收货",
        roles=STOREKEEPERS,
        undo=undo_receive,
    ),
]
