"""Tools of work centres and routings: where items are made, how long that takes, what it costs."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import plain
from core.manufacturing import find_work_centre, routings
from core.manufacturing.routings import OperationDraft, WorkCentre
from tools.base import Answer, Arguments, Call, Day, ItemRef, Price, Text, Tool, Undoing, never
from tools.boms import MAKERS, pin_items
from tools.production import WorkCentreRef

CHANGE = "manufacturing.change_work_centre"
DEFINE_ANEW = ("define the routing anew from another day on", "请从其他日期起重新定义工艺路线")
STAYS = ("a work centre stays; change it instead", "工作中心会保留；请改为修改")
Hours = Annotated[Decimal, Field(gt=0, le=24, decimal_places=3)]
Minutes = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=6)]
Efficiency = Annotated[Decimal, Field(gt=0, le=1000, decimal_places=3)]


class AddWorkCentre(Arguments):
    """Open a work centre: a place where items are made, with its rates and hours."""

    code: Text = Field(max_length=20, description="A short code.")
    name: Text
    name_zh: Text | None = None
    labour_rate: Price = Field(default=Decimal(0), description="For an hour of work.")
    overhead_rate: Price = Field(default=Decimal(0), description="For an hour of the place.")
    cycle_rate: Price = Field(default=Decimal(0), description="For one cycle.")
    hours_per_day: Hours = Decimal(8)
    stations: int = Field(default=1, ge=1, le=10_000)
    efficiency_percent: Efficiency = Decimal(100)
    calendar: Text | None = Field(
        default=None, description="Code of the calendar with its shifts, if it has one of its own."
    )


class ChangeWorkCentre(Arguments):
    """Change the rates, hours, stations or efficiency of a work centre."""

    work_centre: WorkCentreRef
    labour_rate: Price | None = Field(default=None, description="For an hour of work.")
    overhead_rate: Price | None = Field(default=None, description="For an hour of the place.")
    cycle_rate: Price | None = Field(default=None, description="For one cycle.")
    hours_per_day: Hours | None = None
    stations: int | None = Field(default=None, ge=1, le=10_000)
    efficiency_percent: Efficiency | None = None
    calendar: Text | None = Field(
        default=None, description="Code of the calendar with its shifts; STANDARD for none."
    )


class WorkCentreSaid(Answer):
    """A work centre."""

    code: str
    name: str
    hours_per_day: Decimal
    stations: int
    before: dict[str, str] = Field(default_factory=dict)

    def sentence(self, language: Language = "en") -> str:
        """Say how much can be done there."""
        hours = plain(self.hours_per_day * self.stations)
        if language == "zh":
            return f"工作中心 {self.code} {self.name}：每天 {hours} 小时。"
        return f"Work centre {self.code} {self.name}: {hours} hours a day."


def add_work_centre(session: Session, arguments: AddWorkCentre) -> WorkCentreSaid:
    """Open it."""
    return _said(routings.open_work_centre(session, **arguments.model_dump()))


def change_work_centre(session: Session, arguments: ChangeWorkCentre) -> WorkCentreSaid:
    """Change it."""
    centre = find_work_centre(session, arguments.work_centre)
    said = arguments.model_dump(exclude={"work_centre"})
    before = routings.change_work_centre(session, centre, **said)
    return _said(centre, before=dict(before))


def undo_change(_session: Session, arguments: ChangeWorkCentre, answer: dict[str, Any]) -> Undoing:
    """Give it the figures of before."""
    before = {
        name: answer["before"].get(name, "0")
        for name in arguments.model_dump(exclude={"work_centre"}, exclude_none=True)
    }
    call = ChangeWorkCentre.model_validate({"work_centre": answer["code"], **before})
    return Undoing((Call(CHANGE, call),))


def pin_centre(session: Session, arguments: ChangeWorkCentre) -> ChangeWorkCentre:
    """Write the work centre by its code."""
    code = find_work_centre(session, arguments.work_centre).code
    return arguments.model_copy(update={"work_centre": code})


def _said(centre: WorkCentre, **more: Any) -> WorkCentreSaid:  # noqa: ANN401
    return WorkCentreSaid(
        code=centre.code,
        name=centre.name,
        hours_per_day=centre.hours_per_day,
        stations=centre.stations,
        **more,
    )


class RoutingStep(Arguments):
    """An operation: where it is done, and how long it takes."""

    work_centre: WorkCentreRef
    name: Text | None = Field(default=None, description="What is done; empty for the place's name.")
    setup_minutes: Minutes = Decimal(0)
    run_minutes: Minutes = Field(default=Decimal(0), description="For one piece.")
    cycles: Minutes = Field(default=Decimal(0), description="Cycles of the machine for one piece.")


class DefineRouting(Arguments):
    """Define a routing: say by which operations an item is made, from a day on."""

    item: ItemRef = Field(description="SKU or name of the item that is made.")
    steps: tuple[RoutingStep, ...] = Field(min_length=1, max_length=50)
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")


class RoutingSaid(Answer):
    """By which operations an item is made."""

    number: str
    sku: str
    steps: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Name the operations."""
        steps = " → ".join(f"{name} @ {centre}" for name, centre in self.steps)
        if language == "zh":
            return f"{self.number} {self.sku} 的工艺路线：{steps}。"
        return f"{self.number}: {self.sku} is made by {steps}."


def define_routing(session: Session, arguments: DefineRouting) -> RoutingSaid:
    """Define it."""
    item = catalog.find_item(session, arguments.item)
    drafts = [
        OperationDraft(
            find_work_centre(session, step.work_centre),
            step.name or "",
            setup_minutes=step.setup_minutes,
            run_minutes=step.run_minutes,
            cycles=step.cycles,
        )
        for step in arguments.steps
    ]
    day = arguments.valid_from or company(session).today
    routing = routings.define_routing(session, item, drafts, valid_from=day)
    return RoutingSaid(
        number=routing.number,
        sku=item.sku,
        steps=[(step.name, step.work_centre.code) for step in routing.operations],
    )


TOOLS = [
    Tool(
        "manufacturing.add_work_centre",
        AddWorkCentre,
        add_work_centre,
        writes=True,
        title="Add work centre",
        title_zh="新增工作中心",
        roles=MAKERS,
        undo=never(STAYS),
    ),
    Tool(
        CHANGE,
        ChangeWorkCentre,
        change_work_centre,
        writes=True,
        title="Change work centre",
        title_zh="修改工作中心",
        roles=MAKERS,
        pin=pin_centre,
        undo=undo_change,
    ),
    Tool(
        "manufacturing.define_routing",
        DefineRouting,
        define_routing,
        writes=True,
        title="Define routing",
        title_zh="定义工艺路线",
        roles=MAKERS,
        pin=pin_items,
        undo=never(DEFINE_ANEW),
    ),
]
