"""Tools of scheduling: when open work orders are made, and how full the work centres are."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog
from core.kernel.errors import Language
from core.kernel.money import plain
from core.manufacturing import find_work_centre, orders, scheduling
from core.manufacturing.scheduling import Extra, ScheduledOrder
from core.manufacturing.scheduling.errors import NothingToSchedule, TooMuchToSchedule
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Tool,
    Undoing,
)
from tools.boms import MAKERS
from tools.production import WorkCentreRef, WorkOrderRef
from tools.trade import READERS

CARRY_OUT = "scheduling.carry_out"
_LINES_MAX = 300
_HUNDRED, _HOUR = Decimal(100), Decimal(60)


class ShowSchedule(Arguments):
    """Show when each open work order is made, with no work centre doing more than it can."""

    item: ItemRef | None = Field(
        default=None, description="What if so many of this item were made besides?"
    )
    quantity: Count | None = None
    due_on: Day | None = Field(default=None, description="The day on which they are wanted.")


class Scheduled(Answer):
    """When work orders are made."""

    rows: list[tuple[str, str, Decimal, date, date, date, int]]
    # The day on which what was asked about is done, if it was.
    what_if: date | None
    without_routing: list[str]
    beyond: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say how many are late, and when what was asked about is done."""
        late = sum(1 for row in self.rows if row[-1] > 0)
        said = []
        if language == "zh":
            said.append(f"已排程 {len(self.rows)} 张工单，其中 {late} 张延误。")
            if self.what_if is not None:
                said.append(f"所问数量可于 {self.what_if} 完成。")
            if self.beyond:
                said.append(f"展望期内无法完成：{'、'.join(self.beyond)}。")
            if self.without_routing:
                said.append(f"没有工序：{'、'.join(self.without_routing)}。")
            return "".join(said)
        said.append(f"{len(self.rows)} orders are scheduled, {late} of them late.")
        if self.what_if is not None:
            said.append(f"What you ask about is done on {self.what_if}.")
        if self.beyond:
            said.append(f"Not done in the time looked at: {', '.join(self.beyond)}.")
        if self.without_routing:
            said.append(f"Without operations: {', '.join(self.without_routing)}.")
        return " ".join(said)

    def grid(self) -> Grid:
        """Return one row for every order."""
        columns = (
            Column("work order", "生产工单"),
            Column("item", "物料"),
            Column("quantity", "数量", "quantity"),
            Column("start", "开始", "date"),
            Column("end", "结束", "date"),
            Column("due", "到期", "date"),
            Column("days late", "延误天数", "number"),
        )
        return Grid(columns, tuple(self.rows))


def show_schedule(session: Session, arguments: ShowSchedule) -> Scheduled:
    """Make the timetable; nothing is written."""
    extra = []
    if arguments.item is not None:
        item = catalog.find_item(session, arguments.item)
        extra = [Extra(item, arguments.quantity or Decimal(1), arguments.due_on)]
    found = scheduling.schedule(session, extra=extra)
    asked = [each.ends_on for each in found.orders if not each.is_known]
    return Scheduled(
        rows=[_row(each) for each in sorted(found.orders, key=lambda each: each.starts_on)],
        what_if=asked[0] if asked else None,
        without_routing=list(found.without_routing),
        beyond=list(found.beyond),
    )


def _row(each: ScheduledOrder) -> tuple[str, str, Decimal, date, date, date, int]:
    return (
        *(each.number, each.sku, each.quantity, each.starts_on, each.ends_on, each.due_on),
        each.days_late,
    )


class ShowLoad(Arguments):
    """Show the load of the work centres against their capacity, week by week."""

    work_centre: WorkCentreRef | None = Field(default=None, description="Leave empty for all.")


class Loaded(Answer):
    """How full work centres are."""

    rows: list[tuple[str, str, date, Decimal, Decimal, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Name the fullest one."""
        if not self.rows:
            return "没有已排程的工作。" if language == "zh" else "There is nothing to work on."
        code, _, week, load, capacity, percent = max(self.rows, key=lambda row: row[-1])
        if language == "zh":
            return (
                f"负荷最高：{code}，{week} 当周 {plain(load)} / {plain(capacity)} 小时"
                f"（{plain(percent)}%）。"
            )
        return (
            f"The fullest is {code} in the week of {week}: {plain(load)} of {plain(capacity)}"
            f" hours ({plain(percent)} %)."
        )

    def grid(self) -> Grid:
        """Return one row for every work centre and week."""
        columns = (
            Column("work centre", "工作中心"),
            Column("name", "名称"),
            Column("week of", "周", "date"),
            Column("load in hours", "负荷（小时）", "number"),
            Column("capacity in hours", "产能（小时）", "number"),
            Column("%", "%", "number"),
        )
        return Grid(columns, tuple(self.rows))


def show_load(session: Session, arguments: ShowLoad) -> Loaded:
    """Count it."""
    centre = arguments.work_centre and find_work_centre(session, arguments.work_centre)
    return Loaded(
        rows=[
            (
                *(each.code, each.name, each.week, _hours(each.load), _hours(each.capacity)),
                (_HUNDRED * each.load / each.capacity).quantize(Decimal("0.1")),
            )
            for each in scheduling.schedule(session).load
            if each.capacity and (not centre or each.code == centre.code)
        ]
    )


def _hours(minutes: int) -> Decimal:
    return (minutes / _HOUR).quantize(Decimal("0.1"))


class ScheduledDays(Arguments):
    """The days on which an operation is done; both empty for none."""

    position: int = Field(ge=0)
    starts_on: Day | None = None
    ends_on: Day | None = None


class ScheduleLine(Arguments):
    """When the operations of a work order are done."""

    work_order: WorkOrderRef
    steps: tuple[ScheduledDays, ...] = Field(min_length=1, max_length=100)


class CarryOutSchedule(Arguments):
    """Carry out the production schedule: write down when each open work order is made."""

    lines: tuple[ScheduleLine, ...] = Field(
        default=(), max_length=_LINES_MAX, description="Leave empty for the whole schedule."
    )


class ScheduleWritten(Answer):
    """The work orders that were scheduled, and their days before."""

    orders: list[tuple[str, date | None]]
    before: list[dict[str, Any]]

    def sentence(self, language: Language = "en") -> str:
        """Say when each is done."""
        said = [f"{number} → {end}" if end else number for number, end in self.orders]
        if language == "zh":
            return f"已排程：{'、'.join(said)}。"
        return f"Scheduled: {', '.join(said)}."


def pin_schedule(session: Session, arguments: CarryOutSchedule) -> CarryOutSchedule:
    """Write down every order of the schedule as it is now, if it is not written down so already."""
    if arguments.lines:
        return arguments
    lines = tuple(
        ScheduleLine(
            work_order=each.number,
            steps=tuple(
                ScheduledDays(
                    position=step.position, starts_on=step.starts_on, ends_on=step.ends_on
                )
                for step in each.steps
            ),
        )
        for each in scheduling.schedule(session).orders
        if each.is_news
    )
    if not lines:
        raise NothingToSchedule
    if len(lines) > _LINES_MAX:
        raise TooMuchToSchedule(count=len(lines), most=_LINES_MAX)
    return arguments.model_copy(update={"lines": lines})


def carry_out(session: Session, arguments: CarryOutSchedule) -> ScheduleWritten:
    """Write it down."""
    written, before = [], []
    for line in arguments.lines:
        order = orders.find_work_order(session, line.work_order)
        meant = {step.position for step in line.steps}
        kept = [
            {
                "position": step.position,
                "starts_on": step.starts_on.isoformat() if step.starts_on else None,
                "ends_on": step.ends_on.isoformat() if step.ends_on else None,
            }
            for step in order.operations
            if step.position in meant
        ]
        before.append({"work_order": order.number, "steps": kept})
        steps = {
            step.position: (step.starts_on, step.ends_on)
            if step.starts_on is not None and step.ends_on is not None
            else None
            for step in line.steps
        }
        scheduling.write_schedule(session, order.number, steps)
        ends = [days[1] for days in steps.values() if days is not None]
        written.append((order.number, max(ends, default=None)))
    return ScheduleWritten(orders=written, before=before)


def undo_schedule(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Write down the days of before."""
    call = CarryOutSchedule.model_validate({"lines": answer["before"]})
    return Undoing((Call(CARRY_OUT, call),))


TOOLS = [
    Tool(
        "scheduling.show",
        ShowSchedule,
        show_schedule,
        writes=False,
        title="Production schedule",
        title_zh="生产排程",
        roles=READERS,
    ),
    Tool(
        "scheduling.load",
        ShowLoad,
        show_load,
        writes=False,
        title="Load of work centres",
        title_zh="工作中心负荷",
        roles=READERS,
    ),
    Tool(
        CARRY_OUT,
        CarryOutSchedule,
        carry_out,
        writes=True,
        title="Carry out schedule",
        title_zh="执行排程",
        roles=MAKERS,
        pin=pin_schedule,
        undo=undo_schedule,
    ),
]
