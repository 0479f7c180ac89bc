"""Tools of counts: start, enter what was counted, let the books follow; and whose turn it is."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory
from core.approvals import DutyName
from core.catalog import Item, ItemKind
from core.inventory import counting
from core.inventory.counting import (
    CountBasis,
    CountState,
    CountTerms,
    CountView,
    CycleClass,
    DueCount,
    StockCount,
)
from core.inventory.counting.errors import NothingToCount
from core.inventory.locations import MAIN
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.semantics import COSTS, EVERYDAY
from core.kernel.words import word
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Duty,
    Grid,
    ItemRef,
    Level,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.inventory import KEEPERS, LocationRef
from tools.trade import CategoryRef

START, ENTER, CONFIRM, CANCEL = (
    "counting.start", "counting.enter", "counting.confirm", "counting.cancel",
)  # fmt: skip

ITEMS_MAX = 500

CountRef = Annotated[Text, Ref("stock_count")]

# Who may see what the books say while a blind count is going on.
LOOKING_ON = frozenset({Role.MANAGER, Role.ADMIN, Role.AUDITOR})

COUNT_AGAIN = ("count again: the new count corrects the books", "请重新盘点：以新的盘点更正账面")
ENTER_AGAIN = ("enter it again: the last round counts", "请重新录入：以最后一轮为准")
START_ANEW = ("start another count", "请新建盘点单")


class StartCount(Arguments):
    """Start a stock count of a warehouse, a place, a category, a class, or some items."""

    location: LocationRef | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )
    items: tuple[ItemRef, ...] = Field(
        default=(), max_length=ITEMS_MAX, description="Leave empty for all that lies there."
    )
    category: CategoryRef | None = None
    cycle_class: CycleClass | None = Field(
        default=None, description="Those of class A, B or C whose turn it is."
    )
    blind: bool = Field(default=False, description="Who counts is not told what the books say.")
    frozen: bool = Field(default=False, description="Nothing that is counted moves meanwhile.")
    tolerance_percent: Percent | None = Field(
        default=None, description="Larger differences are counted again or accepted by another."
    )
    tolerance_value: Amount | None = None
    books_late: bool = Field(
        default=False,
        description="What is booked until the count is confirmed was there when it was counted.",
    )
    because: Words = ""


class CountShown(Answer):
    """A count, with its lines; what is expected is left out where it must not be seen."""

    number: str
    count: CountView

    def sentence(self, language: Language = "en") -> str:
        """Say how far it is."""
        view = self.count
        state, differing = word(view.state, language), self._differing()
        if language == "zh":
            said = f"{self.number}（{view.location}，{state}）：已盘 {view.counted}/{view.shelves}"
            return said + (f"，差异 {differing} 项。" if differing else "。")
        said = f"{self.number} ({view.location}, {state}): {view.counted} of {view.shelves} counted"
        return said + (f", {differing} differ." if differing else ".")

    def grid(self) -> Grid:
        """Return one row for every shelf."""
        columns = (
            Column("location", "库位"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("expected", "账面", "quantity"),
            Column("counted", "实盘", "quantity"),
            Column("difference", "差异", "quantity"),
            Column("rounds", "盘点轮次", "number"),
        )
        rows = tuple(
            (
                *(line.location, line.sku, line.name, line.expected, line.counted),
                *(line.difference, Decimal(len(line.rounds))),
            )
            for line in self.count.lines
        )
        return Grid(columns, rows)

    def _differing(self) -> int:
        return sum(bool(line.difference) for line in self.count.lines)


def _shown(session: Session, count: StockCount) -> CountShown:
    session.flush()
    view = counting.count_view(session, count)
    if view.blind and view.state is CountState.OPEN:
        roles = acting(session).actor.roles
        if not roles & LOOKING_ON:
            lines = tuple(line.blinded() for line in view.lines)
            view = replace(view, lines=lines)
    return CountShown(number=count.number, count=view)


def _chosen(session: Session, arguments: StartCount) -> list[Item] | None:
    """Return the items that are meant; None for all that lies there."""
    location = inventory.find_location(session, arguments.location or MAIN)
    items = [catalog.find_item(session, each) for each in arguments.items]
    if arguments.category is not None:
        category = catalog.find_category(session, arguments.category)
        found = catalog.list_items(session, category_id=category.id, limit=ITEMS_MAX)
        items += [
            session.get_one(Item, each.item_id) for each in found if each.kind is ItemKind.STOCKED
        ]
    if arguments.cycle_class is not None:
        due = counting.plan_counts(session, location, cycle=arguments.cycle_class)
        items += [session.get_one(Item, each.item_id) for each in due]
    named = arguments.items or arguments.category or arguments.cycle_class
    return list({item.id: item for item in items}.values()) if named else None


def pin_start(session: Session, arguments: StartCount) -> StartCount:
    """Write down which items are meant now, and the location by its code."""
    items = _chosen(session, arguments)
    location = inventory.find_location(session, arguments.location or MAIN).code
    chosen: dict[str, Any] = {"location": location}
    if items is not None:
        chosen |= {"items": tuple(item.sku for item in items), "category": None}
        chosen["cycle_class"] = None
        if not items:
            raise NothingToCount(location=location)
    return arguments.model_copy(update=chosen)


def start_count(session: Session, arguments: StartCount) -> CountShown:
    """Start it."""
    value = arguments.tolerance_value
    count = counting.start_count(
        session,
        location=inventory.find_location(session, arguments.location or MAIN),
        items=_chosen(session, arguments),
        terms=CountTerms(
            frozen=arguments.frozen,
            blind=arguments.blind,
            basis=CountBasis.CONFIRMATION if arguments.books_late else CountBasis.ENTRY,
            tolerance_percent=arguments.tolerance_percent,
            tolerance=None if value is None else Money.of(value, company(session).currency),
        ),
        because=arguments.because,
    )
    return _shown(session, count)


def undo_start(_session: Session, _arguments: StartCount, answer: dict[str, str]) -> Undoing:
    """Cancel it."""
    return Undoing((Call(CANCEL, CancelCount(count=answer["number"], because="undo")),))


class CountedItem(Arguments):
    """How many of an item were counted, and where."""

    item: ItemRef
    quantity: Level
    location: LocationRef | None = Field(
        default=None, description="Only needed where the item is counted in several places."
    )


class EnterCount(Arguments):
    """Enter what was counted of items in a count; entering again is another round."""

    count: CountRef = Field(description="Its number, such as CT-00001.")
    lines: tuple[CountedItem, ...] = Field(min_length=1, max_length=200)


def enter_count(session: Session, arguments: EnterCount) -> CountShown:
    """Enter it."""
    for line in arguments.lines:
        place = inventory.find_location(session, line.location) if line.location else None
        counting.enter_count(
            session,
            arguments.count,
            catalog.find_item(session, line.item),
            counted=line.quantity,
            location=place,
        )
    return _shown(session, counting.find_count(session, arguments.count))


class ConfirmCount(Arguments):
    """Confirm a count: the books follow what was counted."""

    count: CountRef
    accept_differences: bool = Field(
        default=False,
        description="Also those beyond the tolerance; for somebody who has not counted.",
    )


def confirm_count(session: Session, arguments: ConfirmCount) -> CountShown:
    """Let the books follow."""
    count = counting.confirm_count(
        session, arguments.count, accept_differences=arguments.accept_differences
    )
    return _shown(session, count)


class CancelCount(Arguments):
    """Cancel a count: the books stay as they are."""

    count: CountRef
    because: Words = ""


def cancel_count(session: Session, arguments: CancelCount) -> CountShown:
    """Give it up."""
    count = counting.cancel_count(session, arguments.count, because=arguments.because)
    return _shown(session, count)


class ShowCount(Arguments):
    """Show a count: what was counted, and what differs."""

    count: CountRef


def show_count(session: Session, arguments: ShowCount) -> CountShown:
    """Read it."""
    return _shown(session, counting.find_count(session, arguments.count))


class PlanCounts(Arguments):
    """Tell what to count this week, by the yearly value of the items and when each was counted."""

    location: LocationRef | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )
    days: int = Field(default=7, ge=1, le=366)


class CountsDue(Answer):
    """Items whose turn it is, and why."""

    due: list[DueCount]
    days: int
    currency: str
    with_values: bool

    def sentence(self, language: Language = "en") -> str:
        """Say how many, and the first of them."""
        count, first = (
            len(self.due),
            "; ".join(f"{each.sku} ({each.cycle})" for each in self.due[:5]),
        )
        if language == "zh":
            ahead = f"未来 {self.days} 天"
            return f"{ahead}应盘点 {count} 种物料：{first}。" if count else f"{ahead}无需盘点。"
        ahead = f"in the next {self.days} days"
        if not count:
            return f"Nothing has to be counted {ahead}."
        items = "1 item" if count == 1 else f"{count} items"
        return f"{items} to count {ahead}: {first}."

    def grid(self) -> Grid:
        """Return one row for every item."""
        columns = (
            Column("item", "物料"),
            Column("name", "名称"),
            Column("class", "类别"),
            *([Column("value a year", "年出库金额", self.currency)] if self.with_values else []),
            Column("last counted", "上次盘点", "date"),
            Column("due", "应盘日期", "date"),
        )
        rows = tuple(
            (
                *(each.sku, each.name, each.cycle),
                *([Money(each.yearly_minor, self.currency).amount] if self.with_values else []),
                *(each.counted_on, each.due_on),
            )
            for each in self.due
        )
        return Grid(columns, rows)


def plan_counts(session: Session, arguments: PlanCounts) -> CountsDue:
    """Reckon whose turn it is."""
    location = inventory.find_location(session, arguments.location or MAIN)
    return CountsDue(
        due=counting.plan_counts(session, location, days=arguments.days),
        days=arguments.days,
        currency=company(session).currency,
        with_values=bool(acting(session).actor.roles & COSTS),
    )


def case_of_entering(
    _session: Session, arguments: EnterCount, _answer: dict[str, Any] | None
) -> str:
    """Return the count, so that who counted is known."""
    return canonical_number(arguments.count)


def case_of_accepting(
    _session: Session, arguments: ConfirmCount, _answer: dict[str, Any] | None
) -> str | None:
    """Return the count, where differences beyond its tolerance are accepted."""
    return canonical_number(arguments.count) if arguments.accept_differences else None


def cannot_undo_entry(_session: Session, _arguments: EnterCount, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=ENTER_AGAIN)


def cannot_undo_confirmation(
    _session: Session, _arguments: ConfirmCount, _answer: object
) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=COUNT_AGAIN)


def cannot_undo_cancelling(_session: Session, _arguments: CancelCount, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=START_ANEW)


TOOLS = [
    Tool(
        START,
        StartCount,
        start_count,
        writes=True,
        title="Start a count",
        title_zh="新建盘点单",
        roles=KEEPERS,
        pin=pin_start,
        undo=undo_start,
    ),
    Tool(
        ENTER,
        EnterCount,
        enter_count,
        writes=True,
        title="Enter counted quantities",
        title_zh="录入盘点数",
        roles=KEEPERS,
        undo=cannot_undo_entry,
        duty=Duty(DutyName.COUNT, case_of_entering),
    ),
    Tool(
        CONFIRM,
        ConfirmCount,
        confirm_count,
        writes=True,
        title="Confirm a count",
        title_zh="确认盘点",
        roles=KEEPERS,
        undo=cannot_undo_confirmation,
        duty=Duty(DutyName.ACCEPT_COUNT, case_of_accepting),
    ),
    Tool(
        CANCEL,
        CancelCount,
        cancel_count,
        writes=True,
        title="Cancel a count",
        title_zh="取消盘点",
        roles=KEEPERS,
        undo=cannot_undo_cancelling,
    ),
    Tool(
        "counting.show",
        ShowCount,
        show_count,
        writes=False,
        title="Stock count",
        title_zh="盘点单",
        roles=EVERYDAY,
    ),
    Tool(
        "counting.plan",
        PlanCounts,
        plan_counts,
        writes=False,
        title="What to count",
        title_zh="盘点计划",
        roles=EVERYDAY,
    ),
]
