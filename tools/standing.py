"""Tools of what the house asks by itself: reports on a schedule, and alerts on a figure."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core.kernel import company as companies
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.semantics import Said
from core.kernel.words import word
from core.notifications import Channel
from core.reporting import ReportQuery, saved
from core.reporting.query import Compare, Number, Relative
from core.reporting.saved import (
    Cadence,
    Condition,
    Every,
    OrderKind,
    OrderState,
    OrderView,
    Question,
)
from tools.base import Answer, Arguments, Call, Column, Grid, Ref, Text, Tool, Undoing
from tools.saved import PEOPLE, ReportName

SCHEDULE, ALERT, LIST = "standing.schedule", "standing.alert", "standing.list"
PAUSE, RESUME, END = "standing.pause", "standing.resume", "standing.end"
SET_ZONE = "standing.set_time_zone"

OrderRef = Annotated[
    Text,
    Ref("standing_order"),
    Field(description="Its number, such as SCH-00001 or ALR-00001."),
]
TimeOfDay = Annotated[
    str,
    Field(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="On the company's clock, such as 08:00.",
    ),
]
Channels = Annotated[
    tuple[Channel, ...],
    Field(default=(Channel.APP,), min_length=1, max_length=len(Channel)),
]


class ScheduleReport(Arguments):
    """Tell you again and again what a report says: every Monday at 8, on the first working day."""

    report: ReportName | None = Field(default=None, description="A saved one; or give a question.")
    query: Question | None = Field(default=None, description="About figures, or for records.")
    every: Every = Every.WEEK
    on_day: int | None = Field(
        default=None,
        ge=1,
        le=31,
        description="Of a week: Monday is 1. Of a month: the day, 31 is the last.",
    )
    at: TimeOfDay = "08:00"
    channels: Channels

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.report is None) == (self.query is None):
            problem = "give either a saved report or a question"
            raise ValueError(problem)
        return self


class AlertOnFigure(Arguments):
    """Tell you when a figure passes a threshold, or changes by so much."""

    query: ReportQuery = Field(description="One figure: one metric, no dimensions.")
    on: Literal["value", "delta", "growth"] = Field(
        default="value", description="The figure, its change, or its change in percent."
    )
    op: Literal["gt", "ge", "lt", "le"] = "gt"
    threshold: Number
    either_way: bool = Field(default=False, description="A change up or down.")
    unit: Annotated[str, Field(max_length=20)] = Field(
        default="", description="What the threshold is said in, such as EUR or %."
    )
    every: Every | None = Field(
        default=None, description="Look then only; if empty, whenever something changed."
    )
    on_day: int | None = Field(default=None, ge=1, le=31)
    at: TimeOfDay = "08:00"
    channels: Channels


class ListOrders(Arguments):
    """List your scheduled reports and alerts."""

    kind: OrderKind | None = None


class PauseOrder(Arguments):
    """Pause a scheduled report or an alert of yours."""

    order: OrderRef


class ResumeOrder(Arguments):
    """Let a paused schedule or alert of yours go on."""

    order: OrderRef


class EndOrder(Arguments):
    """End a scheduled report or an alert of yours."""

    order: OrderRef


class SetTimeZone(Arguments):
    """Say by which time zone's clock the company lives, such as Europe/Berlin."""

    time_zone: Text


class OrderKept(Answer):
    """A schedule or alert, and what became of it."""

    number: str
    kind: OrderKind
    name: tuple[str, str]
    when: tuple[str, str]
    state: OrderState
    before: OrderState | None = None
    next_on: str = ""
    figure: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what is told when, and what comes next."""
        zh = language == "zh"
        name, when = self.name[zh], self.when[zh]
        if self.state is not OrderState.ACTIVE:
            state = word(self.state, language)
            return f"{self.number} {name}：{state}。" if zh else f"{self.number} {name}: {state}."
        if self.kind is OrderKind.ALERT:
            now = (f"目前：{self.figure}。" if zh else f" It is {self.figure} now.") * bool(
                self.figure
            )
            said = (
                f"{self.number}：{name} 时通知您（{when}）。{now}"
                if zh
                else f"{self.number}: you are told when {name} ({when}).{now}"
            )
        else:
            said = (
                f"{self.number}：{when}通知您“{name}”，下一次 {self.next_on}。"
                if zh
                else f"{self.number}: you are told “{name}” {when}, next on {self.next_on}."
            )
        where = "请在应用的“通知”中查看。" if zh else " You find it under Notifications."
        return said + where


class OrderList(Answer):
    """Somebody's schedules and alerts."""

    orders: tuple[OrderView, ...]
    zone: str

    def sentence(self, language: Language = "en") -> str:
        """Name them."""
        zh = language == "zh"
        if not self.orders:
            return (
                "还没有定时报表或提醒。可以说“每周一早上8点给我销售报表”。"
                if zh
                else "There are no schedules or alerts yet. Say, for example, “send me the sales"
                " report every Monday at 8” or “tell me when overdue receivables exceed 50,000”."
            )
        said = [
            f"{each.number} {each.name.in_(language)} ({word(each.state, language)})"
            + (f": {each.paused_because.in_(language)}" if each.paused_because else "")
            for each in self.orders
        ]
        return ("；" if zh else "; ").join(said) + ("。" if zh else ".")

    def grid(self) -> Grid | None:
        """List them with when they are due."""
        return Grid(
            (
                Column("number", "编号"),
                Column("name", "英文名称"),
                Column("Chinese name", "名称"),
                Column("when", "英文时间"),
                Column("Chinese when", "时间"),
                Column("next", "下一次"),
                Column("state", "状态"),
                Column("because", "原因"),
            ),
            tuple(self._row(each) for each in self.orders),
        )

    def _row(self, order: OrderView) -> tuple[Any, ...]:
        when = _when(order, self.zone)
        because = "" if order.paused_because is None else order.paused_because.en
        next_at = "" if order.next_at is None else _local(order.next_at, self.zone)
        name = order.name
        return (
            order.number, name.en, name.zh, when.en, when.zh, next_at, word(order.state), because,
        )  # fmt: skip


class ZoneSet(Answer):
    """The company's time zone, and how many schedules go by it."""

    time_zone: str
    before: str
    planned: int

    def sentence(self, language: Language = "en") -> str:
        """Say the zone."""
        if language == "zh":
            return (
                f"公司时区为 {self.time_zone}（原为 {self.before}），已重排 {self.planned} 个计划。"
            )
        return (
            f"The company's clock is that of {self.time_zone} now (it was {self.before});"
            f" {self.planned} schedules and alerts go by it."
        )


def pin_schedule(session: Session, arguments: ScheduleReport) -> ScheduleReport:
    """Choose the day where none is said, and the days that a question without any is about."""
    pinned: dict[str, Any] = {
        "on_day": _day(arguments.every, arguments.on_day, company(session).today)
    }
    query = arguments.query
    if isinstance(query, ReportQuery) and query.period is None and _flows(query):
        compare = query.compare or Compare(to="prior_period")
        pinned["query"] = query.model_copy(
            update={"period": _LAST[arguments.every], "compare": compare}
        )
    return arguments.model_copy(update=pinned)


def schedule(session: Session, arguments: ScheduleReport) -> OrderKept:
    """Start it."""
    pinned = pin_schedule(session, arguments)
    order = saved.start_schedule(
        session,
        cadence=Cadence(pinned.every, pinned.on_day, time.fromisoformat(pinned.at)),
        query=pinned.query,
        report=pinned.report,
        channels=pinned.channels,
    )
    return _kept(session, saved.view_order(session, order))


def pin_alert(session: Session, arguments: AlertOnFigure) -> AlertOnFigure:
    """Choose what a change is compared with, where the words leave it open."""
    query = arguments.query
    pinned: dict[str, Any] = {}
    if arguments.on != "value" and query.compare is None and query.period is not None:
        pinned["query"] = query.model_copy(update={"compare": Compare(to="prior_period")})
    if arguments.every is not None:
        pinned["on_day"] = _day(arguments.every, arguments.on_day, company(session).today)
    return arguments.model_copy(update=pinned)


def alert(session: Session, arguments: AlertOnFigure) -> OrderKept:
    """Start it, and say what the figure is now."""
    pinned = pin_alert(session, arguments)
    cadence = None
    if pinned.every is not None:
        cadence = Cadence(pinned.every, pinned.on_day, time.fromisoformat(pinned.at))
    condition = Condition(
        on=pinned.on, op=pinned.op, threshold=pinned.threshold, either_way=pinned.either_way
    )
    order = saved.start_alert(
        session,
        query=pinned.query,
        condition=condition,
        unit=pinned.unit,
        cadence=cadence,
        channels=pinned.channels,
    )
    return _kept(session, saved.view_order(session, order))


def list_orders(session: Session, arguments: ListOrders) -> OrderList:
    """Return one's own."""
    orders = saved.list_orders(session, saved.asker(session), kind=arguments.kind)
    return OrderList(orders=tuple(orders), zone=company(session).zone.key)


def pause(session: Session, arguments: PauseOrder) -> OrderKept:
    """Pause it."""
    before = saved.find_order(session, saved.asker(session), arguments.order).state
    order = saved.pause(session, arguments.order)
    return _kept(session, saved.view_order(session, order), before)


def resume(session: Session, arguments: ResumeOrder) -> OrderKept:
    """Let it go on."""
    before = saved.find_order(session, saved.asker(session), arguments.order).state
    order = saved.resume(session, arguments.order)
    return _kept(session, saved.view_order(session, order), before)


def end(session: Session, arguments: EndOrder) -> OrderKept:
    """End it."""
    before = saved.find_order(session, saved.asker(session), arguments.order).state
    order = saved.end(session, arguments.order)
    return _kept(session, saved.view_order(session, order), before)


def set_time_zone(session: Session, arguments: SetTimeZone) -> ZoneSet:
    """Set the company's clock, and plan anew what goes by it."""
    before = company(session).zone.key
    after = companies.set_time_zone(session, arguments.time_zone).zone.key
    return ZoneSet(time_zone=after, before=before, planned=saved.plan_anew(session))


def undo_start(_session: Session, _arguments: Arguments, answer: dict[str, str]) -> Undoing:
    """End it."""
    return Undoing((Call(END, EndOrder(order=answer["number"])),))


def undo_pause(_session: Session, arguments: PauseOrder, _answer: object) -> Undoing:
    """Let it go on."""
    return Undoing((Call(RESUME, ResumeOrder(order=arguments.order)),))


def undo_resume(_session: Session, arguments: ResumeOrder, answer: dict[str, str]) -> Undoing:
    """Bring back the state that it had."""
    if answer["before"] == OrderState.ENDED:
        return Undoing((Call(END, EndOrder(order=arguments.order)),))
    return Undoing((Call(PAUSE, PauseOrder(order=arguments.order)),))


def undo_end(_session: Session, arguments: EndOrder, answer: dict[str, str]) -> Undoing:
    """Let it go on, or wait as before."""
    calls: tuple[Call, ...] = (Call(RESUME, ResumeOrder(order=arguments.order)),)
    if answer["before"] == OrderState.PAUSED:
        calls = (*calls, Call(PAUSE, PauseOrder(order=arguments.order)))
    return Undoing(calls)


def undo_zone(_session: Session, _arguments: SetTimeZone, answer: dict[str, str]) -> Undoing:
    """Go by the clock that it was."""
    return Undoing((Call(SET_ZONE, SetTimeZone(time_zone=answer["before"])),))


# What a question without days is about, when it is asked so often: the last one that is over.
_LAST = {
    Every.DAY: Relative(unit="day", offset=-1),
    Every.WORKDAY: Relative(unit="day", offset=-1),
    Every.WEEK: Relative(unit="week", offset=-1),
    Every.MONTH: Relative(unit="month", offset=-1),
    Every.FIRST_WORKDAY: Relative(unit="month", offset=-1),
    Every.LAST_WORKDAY: Relative(unit="month"),
}


def _flows(query: ReportQuery) -> bool:
    return not all(saved.is_state(metric) for metric in query.metrics)


def _day(every: Every, said: int | None, today: date) -> int | None:
    if every is Every.WEEK:
        return said or today.isoweekday()
    return said or 1 if every is Every.MONTH else None


def _when(order: OrderView, zone: str) -> Said:
    if order.on_change:
        return Said("on every change", "有变化时")
    return saved.cadence_said(order.cadence, zone)


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _kept(session: Session, order: OrderView, before: OrderState | None = None) -> OrderKept:
    zone = company(session).zone.key
    name, when = order.name, _when(order, zone)
    return OrderKept(
        number=order.number,
        kind=order.kind,
        name=(name.en, name.zh),
        when=(when.en, when.zh),
        state=order.state,
        before=before,
        next_on="" if order.next_at is None else _local(order.next_at, zone),
        figure=_figure_now(session, order),
    )


def _figure_now(session: Session, order: OrderView) -> str:
    if order.condition is None or order.state is not OrderState.ACTIVE:
        return ""
    assert isinstance(order.query, ReportQuery), "an alert watches a figure"
    return saved.figure_said(session, order.query, order.condition)


_WHO = frozenset({Role.ADMIN, Role.MANAGER})

TOOLS = (
    Tool(
        name=SCHEDULE,
        arguments=ScheduleReport,
        run=schedule,
        pin=pin_schedule,
        writes=True,
        title="Schedule a report",
        title_zh="定时报表",
        roles=PEOPLE,
        undo=undo_start,
    ),
    Tool(
        name=ALERT,
        arguments=AlertOnFigure,
        run=alert,
        pin=pin_alert,
        writes=True,
        title="Alert on a figure",
        title_zh="指标提醒",
        roles=PEOPLE,
        undo=undo_start,
    ),
    Tool(
        name=LIST,
        arguments=ListOrders,
        run=list_orders,
        writes=False,
        title="List schedules and alerts",
        title_zh="列出定时报表和提醒",
        roles=PEOPLE,
    ),
    Tool(
        name=PAUSE,
        arguments=PauseOrder,
        run=pause,
        writes=True,
        title="Pause a schedule or alert",
        title_zh="暂停定时报表或提醒",
        roles=PEOPLE,
        undo=undo_pause,
    ),
    Tool(
        name=RESUME,
        arguments=ResumeOrder,
        run=resume,
        writes=True,
        title="Resume a schedule or alert",
        title_zh="恢复定时报表或提醒",
        roles=PEOPLE,
        undo=undo_resume,
    ),
    Tool(
        name=END,
        arguments=EndOrder,
        run=end,
        writes=True,
        title="End a schedule or alert",
        title_zh="结束定时报表或提醒",
        roles=PEOPLE,
        undo=undo_end,
    ),
    Tool(
        name=SET_ZONE,
        arguments=SetTimeZone,
        run=set_time_zone,
        writes=True,
        title="Set the company's time zone",
        title_zh="设置公司时区",
        roles=_WHO,
        undo=undo_zone,
    ),
)
