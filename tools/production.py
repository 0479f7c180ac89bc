"""Tools of work orders: make something, let it go, report it, finish, close and cancel it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.inventory import LotPart
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.manufacturing import find_work_centre, orders
from core.manufacturing.orders import Output, WorkOrderState
from core.processes import plan_to_produce
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Level,
    Ref,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.boms import MAKERS
from tools.references import AccountRef
from tools.trade import READERS, STOREKEEPERS, Because, LocationRef, SalesOrderRef, sees_costs

MAKE, RELEASE, CANCEL = "manufacturing.make", "manufacturing.release", "manufacturing.cancel"
UNRELEASE, CHANGE = "manufacturing.take_back_release", "manufacturing.change_order"
UNWORK = "manufacturing.take_back_work"
AT_WORK = MAKERS | STOREKEEPERS
# A watcher may propose them.
SUGGESTED = MAKERS | {Role.WATCHER}
PLANNERS = MAKERS | {Role.SALES, Role.BUYER, Role.WATCHER}
CANCEL_INSTEAD = (
    "cancel the work order instead: what it took and brought goes back",
    "请改为取消工单：领用与产出将一并退回",
)
STAYS = ("make it anew instead", "请重新下达生产工单")
WorkOrderRef = Annotated[Text, Ref("work_order")]
WorkCentreRef = Annotated[Text, Ref("work_centre")]
_NUMBER = Field(description="The work order, such as WO-00042.")


class WorkOrderSaid(Answer):
    """A work order as it stands."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    state: WorkOrderState
    quantity: Decimal
    good: Decimal
    scrapped: Decimal
    rework: Decimal
    starts_on: date
    due_on: date
    made_for: str | None
    components: list[tuple[str, str, Decimal, Decimal]]
    operations: list[tuple[int, str, str, Decimal, Decimal]]
    in_progress: str | None
    before: dict[str, str] = Field(default_factory=dict)

    def sentence(self, language: Language = "en") -> str:
        """Say what is made, how far it is, and by when."""
        state, zh = word(self.state, language), language == "zh"
        name = (zh and self.name_zh) or self.name
        said = [f"{plain(self.good)} / {plain(self.quantity)}"]
        for amount, key in ((self.scrapped, "scrapped_quantity"), (self.rework, "rework_quantity")):
            if amount:
                said.append(f"{word(key, language)} {plain(amount)}")
        done = ("，" if zh else ", ").join(said)
        if zh:
            tail = f"，在制 {self.in_progress}" if self.in_progress else ""
            return f"{self.number}：{self.sku} {name}，{state}，{done}，{self.due_on} 到期{tail}。"
        tail = f", {self.in_progress} in progress" if self.in_progress else ""
        return f"{self.number}: {self.sku} {name}, {state}, {done}, due {self.due_on}{tail}."

    def grid(self) -> Grid:
        """Return one row for every component, and one for every operation."""
        columns = (
            Column("component or operation", "组件或工序"),
            Column("name", "名称"),
            Column("planned", "计划", "quantity"),
            Column("done", "已完成", "quantity"),
        )
        steps = [
            (f"{place} {name}", centre, planned, done)
            for place, name, centre, planned, done in self.operations
        ]
        return Grid(columns, (*self.components, *steps))


def shown(session: Session, number: str, **more: Any) -> WorkOrderSaid:  # noqa: ANN401
    """Return a work order as it stands; what it cost only to who may see costs."""
    session.flush()
    view = orders.view_work_order(session, number)
    return WorkOrderSaid(
        number=view.number,
        sku=view.sku,
        name=view.name,
        name_zh=view.name_zh,
        state=view.state,
        quantity=view.quantity,
        good=view.good,
        scrapped=view.scrapped,
        rework=view.rework,
        starts_on=view.starts_on,
        due_on=view.due_on,
        made_for=view.made_for,
        components=[(each.sku, each.name, each.quantity, each.issued) for each in view.components],
        operations=[
            (
                each.position,
                each.name,
                each.work_centre,
                each.planned_minutes,
                each.reported_minutes,
            )
            for each in view.operations
        ],
        in_progress=str(view.in_progress) if sees_costs(session) else None,
        **more,
    )


class MakeItem(Arguments):
    """Make a quantity of an item: write a work order for it, to stock or for a sales order."""

    item: ItemRef = Field(description="SKU or name of the item that is made.")
    quantity: Count
    due_on: Day | None = Field(default=None, description="Leave empty for as soon as possible.")
    sales_order: SalesOrderRef | None = Field(
        default=None, description="The sales order that it is made for; it gets what is made."
    )
    alternative: Text | None = Field(
        default=None, description="The name of another way to make it than the usual one."
    )
    location: LocationRef | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )


def make(session: Session, arguments: MakeItem) -> WorkOrderSaid:
    """Write it."""
    item = catalog.find_item(session, arguments.item)
    place = arguments.location and inventory.find_location(session, arguments.location)
    order = plan_to_produce.make(
        session,
        item,
        arguments.quantity,
        due_on=arguments.due_on,
        for_order=arguments.sales_order,
        alternative=arguments.alternative or "",
        location=place or None,
    )
    return shown(session, order.number)


def pin_make(session: Session, arguments: MakeItem) -> MakeItem:
    """Write the item by its SKU, and the day that it can be there."""
    item = catalog.find_item(session, arguments.item)
    due = arguments.due_on or plan_to_produce.soonest(
        session, item, arguments.quantity, alternative=arguments.alternative or ""
    )
    return arguments.model_copy(update={"item": item.sku, "due_on": due})


def undo_make(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Cancel it."""
    call = CancelWorkOrder(work_order=answer["number"], because="undo")
    return Undoing((Call(CANCEL, call),))


class WorkOrderOnly(Arguments):
    """Name a work order."""

    work_order: WorkOrderRef = _NUMBER


class ReleaseWorkOrder(WorkOrderOnly):
    """Release a work order: it may be begun, and what it takes is promised to it."""


class TakeBackRelease(WorkOrderOnly):
    """Take a released work order back that nothing was reported of: nothing is promised to it."""


class StartWorkOrder(WorkOrderOnly):
    """Start a work order: what is picked for it leaves the shelves."""


class CloseWorkOrder(WorkOrderOnly):
    """Close a finished work order: what is left in progress becomes a variance."""


class ShowWorkOrder(WorkOrderOnly):
    """Show a work order: how far it is, what it takes, and what is in progress."""


class TakeBackWork(WorkOrderOnly):
    """Take back the last work or cost that was reported of a work order."""


def release(session: Session, arguments: ReleaseWorkOrder) -> WorkOrderSaid:
    """Release it."""
    return shown(session, orders.release(session, arguments.work_order).number)


def undo_release(_session: Session, arguments: ReleaseWorkOrder, _answer: Any) -> Undoing:  # noqa: ANN401
    """Take it back."""
    return Undoing((Call(UNRELEASE, TakeBackRelease(work_order=arguments.work_order)),))


def take_back_release(session: Session, arguments: TakeBackRelease) -> WorkOrderSaid:
    """Take it back."""
    return shown(session, orders.take_back_release(session, arguments.work_order).number)


def undo_take_back(_session: Session, arguments: TakeBackRelease, _answer: Any) -> Undoing:  # noqa: ANN401
    """Release it again."""
    return Undoing((Call(RELEASE, ReleaseWorkOrder(work_order=arguments.work_order)),))


def start(session: Session, arguments: StartWorkOrder) -> WorkOrderSaid:
    """Start it."""
    return shown(session, orders.start(session, arguments.work_order).number)


def close(session: Session, arguments: CloseWorkOrder) -> WorkOrderSaid:
    """Close it."""
    return shown(session, orders.close(session, arguments.work_order).number)


def show(session: Session, arguments: ShowWorkOrder) -> WorkOrderSaid:
    """Show it."""
    return shown(session, arguments.work_order)


class ReportProduction(Arguments):
    """Report what came of a work order: how many are good, scrapped, or have to be reworked."""

    work_order: WorkOrderRef = _NUMBER
    good: Level = Field(default=Decimal(0), description="How many came out good.")
    scrapped: Level = Field(default=Decimal(0), description="How many were scrapped.")
    rework: Level = Field(default=Decimal(0), description="How many have to be reworked.")
    because: Because | None = Field(default=None, description="Why they were scrapped.")
    lots: tuple[Text, ...] = Field(
        default=(),
        max_length=500,
        description="Lot number of what came out, or the serial number of each piece.",
    )


class FinishWorkOrder(ReportProduction):
    """Finish a work order: report the rest of it, all where nothing is said, and end the work."""


def output_of(session: Session, arguments: ReportProduction) -> Output:
    """Return what was reported; a single lot is that of all pieces, more are one for each."""
    order = orders.find_work_order(session, arguments.work_order)
    good, lots = arguments.good, arguments.lots
    each = good / len(lots) if lots else Decimal(0)
    return Output(
        good=good,
        scrapped=arguments.scrapped,
        rework=arguments.rework,
        from_rework=min(order.rework_quantity, max(_beyond(order, good), Decimal(0))),
        reason=arguments.because or ("scrapped" if arguments.scrapped else None),
        lots=tuple(LotPart(lot, each) for lot in lots),
    )


def _beyond(order: orders.WorkOrder, good: Decimal) -> Decimal:
    """Return how many good ones can only come from rework: all others were reported before."""
    begun = order.good_quantity + order.scrapped_quantity + order.rework_quantity
    return good - max(order.begun_quantity - begun, Decimal(0))


def report(session: Session, arguments: ReportProduction) -> WorkOrderSaid:
    """Report it."""
    orders.report(session, arguments.work_order, output_of(session, arguments))
    return shown(session, arguments.work_order)


def finish(session: Session, arguments: FinishWorkOrder) -> WorkOrderSaid:
    """Finish it."""
    if arguments.lots and not arguments.good:
        # Who only says the lots means all the rest that is not said to be otherwise.
        order = orders.find_work_order(session, arguments.work_order)
        rest = orders.rest_of(order) - arguments.scrapped - arguments.rework
        arguments = arguments.model_copy(update={"good": max(rest, Decimal(0))})
    said = arguments.good or arguments.scrapped or arguments.rework
    output = output_of(session, arguments) if said else None
    orders.finish(session, arguments.work_order, output)
    return shown(session, arguments.work_order)


class ReportWork(Arguments):
    """Report how long was worked on a work order, at an operation or a work centre."""

    work_order: WorkOrderRef = _NUMBER
    minutes: Level = Field(default=Decimal(0), description="Minutes of work.")
    cycles: Level = Field(default=Decimal(0), description="Cycles of the machine.")
    work_centre: WorkCentreRef | None = Field(
        default=None, description="Leave empty where the order has one operation."
    )
    operation: Text | None = Field(
        default=None, description="The position or the name of the operation."
    )


def report_work(session: Session, arguments: ReportWork) -> WorkOrderSaid:
    """Report it."""
    centre = arguments.work_centre and find_work_centre(session, arguments.work_centre)
    orders.report_work(
        session,
        arguments.work_order,
        operation=arguments.operation,
        work_centre=centre or None,
        minutes=arguments.minutes,
        cycles=arguments.cycles,
    )
    return shown(session, arguments.work_order)


def undo_work(_session: Session, arguments: ReportWork, _answer: Any) -> Undoing:  # noqa: ANN401
    """Take it back."""
    return Undoing((Call(UNWORK, TakeBackWork(work_order=arguments.work_order)),))


def take_back_work(session: Session, arguments: TakeBackWork) -> WorkOrderSaid:
    """Take it back."""
    orders.take_back_work(session, arguments.work_order)
    return shown(session, arguments.work_order)


class ChargeWorkOrder(Arguments):
    """Charge a cost to a work order that was booked as an expense: work of others, a tool."""

    work_order: WorkOrderRef = _NUMBER
    amount: Amount
    account: AccountRef = Field(description="The account of the expense.")
    because: Because = Field(description="What it was for.")


def charge(session: Session, arguments: ChargeWorkOrder) -> WorkOrderSaid:
    """Charge it."""
    orders.charge(
        session,
        arguments.work_order,
        Money.of(arguments.amount, company(session).currency),
        account=arguments.account,
        because=arguments.because,
    )
    return shown(session, arguments.work_order)


def pin_charge(session: Session, arguments: ChargeWorkOrder) -> ChargeWorkOrder:
    """Write the order by its number, and the account by its code."""
    return arguments.model_copy(
        update={
            "work_order": orders.find_work_order(session, arguments.work_order).number,
            "account": ledger.account_named(session, arguments.account).code,
        }
    )


def undo_charge(_session: Session, arguments: ChargeWorkOrder, _answer: Any) -> Undoing:  # noqa: ANN401
    """Take it back."""
    return Undoing((Call(UNWORK, TakeBackWork(work_order=arguments.work_order)),))


class ChangeWorkOrder(Arguments):
    """Change the quantity of a work order or the day it is due."""

    work_order: WorkOrderRef = _NUMBER
    quantity: Count | None = Field(default=None, description="How many are to be made.")
    due_on: Day | None = Field(default=None, description="The day it is due.")
    starts_on: Day | None = Field(
        default=None, description="Leave empty to move it along with the day it is due."
    )


def change(session: Session, arguments: ChangeWorkOrder) -> WorkOrderSaid:
    """Change it."""
    order = orders.find_work_order(session, arguments.work_order)
    before = {
        "due_on": order.due_on.isoformat(),
        "starts_on": order.starts_on.isoformat(),
        "quantity": plain(order.quantity),
    }
    orders.change_order(
        session,
        order.number,
        quantity=arguments.quantity,
        due_on=arguments.due_on,
        starts_on=arguments.starts_on,
    )
    return shown(session, order.number, before=before)


def undo_change(_session: Session, arguments: ChangeWorkOrder, answer: dict[str, Any]) -> Undoing:
    """Change it back."""
    before = answer["before"]
    moved = arguments.due_on is not None or arguments.starts_on is not None
    call = ChangeWorkOrder(
        work_order=arguments.work_order,
        quantity=None if arguments.quantity is None else Decimal(before["quantity"]),
        due_on=None if arguments.due_on is None else date.fromisoformat(before["due_on"]),
        starts_on=None if not moved else date.fromisoformat(before["starts_on"]),
    )
    return Undoing((Call(CHANGE, call),))


class CancelWorkOrder(Arguments):
    """Cancel a work order: what it took comes back, what came of it goes back."""

    work_order: WorkOrderRef = _NUMBER
    because: Because = Field(default="not needed any more", description="Why it is cancelled.")


def cancel(session: Session, arguments: CancelWorkOrder) -> WorkOrderSaid:
    """Cancel it."""
    done = orders.cancel(session, arguments.work_order, because=arguments.because)
    return shown(session, done.number)


def pin_order(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the work order by its number."""
    number = orders.find_work_order(session, arguments.work_order).number
    return arguments.model_copy(update={"work_order": number})


def _tool(
    name: str,
    arguments: type[Arguments],
    run: Any,  # noqa: ANN401
    title: str,
    title_zh: str,
    undo: Any,  # noqa: ANN401
    *,
    roles: frozenset[Role] = AT_WORK,
) -> Tool:
    return Tool(
        name,
        arguments,
        run,
        writes=True,
        title=title,
        title_zh=title_zh,
        roles=roles,
        pin=pin_order,
        undo=undo,
    )


TOOLS = [
    Tool(
        MAKE,
        MakeItem,
        make,
        writes=True,
        title="Make item",
        title_zh="生产物料",
        roles=PLANNERS,
        pin=pin_make,
        undo=undo_make,
    ),
    _tool(
        RELEASE,
        ReleaseWorkOrder,
        release,
        "Release work order",
        "下达生产工单",
        undo_release,
        roles=SUGGESTED,
    ),
    _tool(
        UNRELEASE,
        TakeBackRelease,
        take_back_release,
        "Take back release",
        "收回生产工单",
        undo_take_back,
        roles=MAKERS,
    ),
    _tool(
        "manufacturing.start",
        StartWorkOrder,
        start,
        "Start work order",
        "生产工单开工",
        never(CANCEL_INSTEAD),
    ),
    _tool(
        "manufacturing.report",
        ReportProduction,
        report,
        "Report production",
        "生产报工",
        never(CANCEL_INSTEAD),
    ),
    _tool(
        "manufacturing.report_work",
        ReportWork,
        report_work,
        "Report work",
        "报告工时",
        undo_work,
    ),
    _tool(
        UNWORK,
        TakeBackWork,
        take_back_work,
        "Take back work",
        "撤回工时",
        never(("report the work anew instead", "请重新报告工时")),
    ),
    Tool(
        "manufacturing.charge",
        ChargeWorkOrder,
        charge,
        writes=True,
        title="Charge work order",
        title_zh="工单计入成本",
        roles=MAKERS | {Role.ACCOUNTANT},
        pin=pin_charge,
        undo=undo_charge,
    ),
    _tool(
        "manufacturing.finish",
        FinishWorkOrder,
        finish,
        "Finish work order",
        "生产工单完工",
        never(CANCEL_INSTEAD),
    ),
    _tool(
        "manufacturing.close",
        CloseWorkOrder,
        close,
        "Close work order",
        "关闭生产工单",
        never(("a closed work order stays closed", "已关闭的生产工单不再打开")),
        roles=MAKERS | {Role.ACCOUNTANT},
    ),
    _tool(
        CHANGE, ChangeWorkOrder, change, "Change work order", "变更生产工单", undo_change,
        roles=SUGGESTED,
    ),
    _tool(
        CANCEL, CancelWorkOrder, cancel, "Cancel work order", "取消生产工单", never(STAYS),
        roles=SUGGESTED,
    ),
    Tool(
        "manufacturing.show_order",
        ShowWorkOrder,
        show,
        writes=False,
        title="Show work order",
        title_zh="查看生产工单",
        roles=READERS,
    ),
]  # fmt: skip
