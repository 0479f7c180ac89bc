"""Tools of the inventory: what there is, and where it lies."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing
from core.inventory import Location, counting
from core.inventory.locations import MAIN
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain
from core.kernel.semantics import COSTS, EVERYDAY
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Grid,
    ItemRef,
    Level,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)

KEEPERS = frozenset({Role.WAREHOUSE, Role.MANAGER, Role.ADMIN})

COUNT, TRANSFER = "inventory.count_stock", "inventory.transfer_stock"

LocationRef = Annotated[Text, Ref("location")]


def _called(sku: str, name: str, name_zh: str | None, language: Language) -> str:
    return f"{sku} {(language == 'zh' and name_zh) or name}"


def _at(session: Session, text: str | None) -> Location:
    return inventory.find_location(session, text or MAIN)


class CheckStock(Arguments):
    """Tell how much of an item is on hand, reserved, available and on order."""

    item: ItemRef


class Place(Answer):
    """What lies in one location."""

    location: str
    name: str
    name_zh: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    purpose: str = "storage"


class StockChecked(Answer):
    """How an item stands; `value` is only for those who may see what things cost."""

    sku: str
    name: str
    name_zh: str | None
    unit: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    on_order: Decimal
    in_transit: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    minimum: Decimal | None
    target: Decimal | None
    value: Decimal | None
    currency: str
    places: list[Place]

    def sentence(self, language: Language = "en") -> str:
        """Say the levels."""
        called = _called(self.sku, self.name, self.name_zh, language)
        levels = (self.on_hand, self.reserved, self.available, self.on_order)
        there, promised, free, coming = map(plain, levels)
        short = self.minimum is not None and self.available + self.on_order < self.minimum
        if language == "zh":
            said = f"{called}：现有 {there}，已预留 {promised}，可用 {free}，在途 {coming}"
            said += f"；其中仓间在途 {plain(self.in_transit)}" if self.in_transit else ""
            said += f"；其中暂扣 {plain(self.held)}" if self.held else ""
            if short and self.minimum is not None:
                said += f"；低于再订货点 {plain(self.minimum)}"
            return f"{said}。"
        said = (
            f"{called}: {there} on hand, {promised} reserved, {free} available, {coming} on order"
        )
        said += f"; {plain(self.in_transit)} of it in transit" if self.in_transit else ""
        said += f"; {plain(self.held)} of it on hold" if self.held else ""
        if short and self.minimum is not None:
            said += f"; below its reorder point of {plain(self.minimum)}"
        return f"{said}."

    def grid(self) -> Grid:
        """Return one row for every location."""
        columns = (
            Column("location", "库位"),
            Column("name", "名称"),
            Column("on hand", "现有", "quantity"),
            Column("reserved", "已预留", "quantity"),
            Column("available", "可用", "quantity"),
        )
        rows = tuple(
            (place.location, place.name, place.on_hand, place.reserved, place.available)
            for place in self.places
        )
        return Grid(columns, rows)


def check_stock(session: Session, arguments: CheckStock) -> StockChecked:
    """Read the levels."""
    item = catalog.find_item(session, arguments.item)
    stock = inventory.stock_of(session, item)
    rule = inventory.reorder_rule_or_none(session, item)
    may_see_costs = bool(acting(session).actor.roles & COSTS)
    return StockChecked(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        unit=item.unit_code,
        on_hand=stock.on_hand,
        reserved=stock.reserved,
        available=stock.available,
        on_order=purchasing.on_order(session, [item.id]).get(item.id, Decimal(0)),
        in_transit=stock.in_transit,
        held=stock.held,
        minimum=rule[0] if rule else None,
        target=rule[1] if rule else None,
        value=stock.value.amount if may_see_costs else None,
        currency=stock.value.currency,
        places=[
            Place(
                location=place.location,
                name=place.location_name,
                name_zh=place.location_name_zh,
                on_hand=place.on_hand,
                reserved=place.reserved,
                available=place.available,
                purpose=place.purpose,
            )
            for place in stock.by_location
        ],
    )


class ShowMoves(Arguments):
    """Show the newest stock moves of an item."""

    item: ItemRef
    location: LocationRef | None = Field(default=None, description="Only moves from or to it.")
    limit: int = Field(default=30, ge=1, le=500)


class Moves(Answer):
    """The newest moves of an item."""

    sku: str
    name: str
    name_zh: str | None
    moves: list[inventory.MoveView]
    currency: str
    with_values: bool

    def sentence(self, language: Language = "en") -> str:
        """Say how many moves are shown."""
        called, count = _called(self.sku, self.name, self.name_zh, language), len(self.moves)
        if language == "zh":
            return f"{called} 最近 {count} 笔库存移动。"
        return f"The newest {count} moves of {called}."

    def grid(self) -> Grid:
        """Return one row for every move."""
        columns = (
            Column("date", "日期", "date"),
            Column("from", "从"),
            Column("to", "到"),
            Column("quantity", "数量", "quantity"),
            Column("document", "单据"),
            *([Column("value", "金额", self.currency)] if self.with_values else []),
        )
        rows = tuple(
            (
                *(move.moved_on, move.source, move.target, move.quantity, move.origin),
                *([move.value.amount] if move.value else []),
            )
            for move in self.moves
        )
        return Grid(columns, rows)


def show_moves(session: Session, arguments: ShowMoves) -> Moves:
    """Read the moves."""
    item = catalog.find_item(session, arguments.item)
    location = _at(session, arguments.location) if arguments.location else None
    moves = inventory.list_moves(session, item, location=location, limit=arguments.limit)
    with_values = bool(acting(session).actor.roles & COSTS)
    return Moves(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        moves=moves if with_values else [move.without_value() for move in moves],
        currency=company(session).currency,
        with_values=with_values,
    )


class CountStock(Arguments):
    """Record a stock count: the books follow what was counted on the shelf."""

    item: ItemRef
    counted: Level = Field(description="How many units lie there.")
    location: LocationRef | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )
    because: Words = Field(default="", description="What explains the difference, if known.")


class StockCounted(Answer):
    """A count, and what it corrected."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    location: str
    before: Decimal
    counted: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say the difference."""
        called = _called(self.sku, self.name, self.name_zh, language)
        before, counted = plain(self.before), plain(self.counted)
        change = self.counted - self.before
        difference = f"{'+' if change > 0 else ''}{plain(change)}"
        if language == "zh":
            return (
                f"{self.number}：{self.location} 的 {called} 由 {before} 调整为 {counted}"
                f"（{difference}）。"
            )
        return (
            f"{self.number}: {called} in {self.location} goes from {before} to {counted}"
            f" ({difference})."
        )


def pin_count(session: Session, arguments: CountStock) -> CountStock:
    """Write the item by its SKU and the location by its code."""
    chosen = {
        "item": catalog.find_item(session, arguments.item).sku,
        "location": _at(session, arguments.location).code,
    }
    return arguments.model_copy(update=chosen)


def count_stock(session: Session, arguments: CountStock) -> StockCounted:
    """Correct the books: a count of one line."""
    item, location = (
        catalog.find_item(session, arguments.item),
        _at(session, arguments.location),
    )
    line = counting.count_at_once(
        session, item, location, counted=arguments.counted, because=arguments.because
    )
    assert line.expected is not None, "a line that was counted was compared"
    return StockCounted(
        number=line.count.number,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        location=location.code,
        before=line.expected,
        counted=arguments.counted,
    )


def undo_count(session: Session, arguments: CountStock, answer: dict[str, str]) -> Undoing:
    """Correct the books back by the same difference, from what lies there by now."""
    item, location = catalog.find_item(session, answer["sku"]), answer["location"]
    places = inventory.stock_of(session, item).by_location
    there = sum((each.on_hand for each in places if each.location == location), Decimal(0))
    difference = Decimal(answer["counted"]) - Decimal(answer["before"])
    back = arguments.model_copy(
        update={
            "item": item.sku,
            "location": location,
            "counted": max(there - difference, Decimal(0)),
            "because": f"undo {answer['number']}",
        }
    )
    return Undoing((Call(COUNT, back),))


class TransferStock(Arguments):
    """Carry a quantity of an item from one warehouse to another."""

    item: ItemRef
    quantity: Count
    target: LocationRef = Field(description="Where to bring it.")
    source: LocationRef | None = Field(
        default=None, description="Where it lies now; leave empty for the main warehouse."
    )


class StockTransferred(Answer):
    """Goods that lie elsewhere now."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    source: str
    target: str

    def sentence(self, language: Language = "en") -> str:
        """Say what was carried where."""
        called = _called(self.sku, self.name, self.name_zh, language)
        quantity = plain(self.quantity)
        if language == "zh":
            return (
                f"{self.number}：{quantity} 件 {called} 已从 {self.source} 调拨到 {self.target}。"
            )
        return f"{self.number}: {quantity} of {called} went from {self.source} to {self.target}."


def pin_transfer(session: Session, arguments: TransferStock) -> TransferStock:
    """Write the item by its SKU and the locations by their codes."""
    chosen = {
        "item": catalog.find_item(session, arguments.item).sku,
        "source": _at(session, arguments.source).code,
        "target": _at(session, arguments.target).code,
    }
    return arguments.model_copy(update=chosen)


def transfer_stock(session: Session, arguments: TransferStock) -> StockTransferred:
    """Carry it."""
    item = catalog.find_item(session, arguments.item)
    source, target = _at(session, arguments.source), _at(session, arguments.target)
    move = inventory.transfer_stock(
        session, item, quantity=arguments.quantity, source=source, target=target
    )
    return StockTransferred(
        number=move.origin,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        quantity=arguments.quantity,
        source=source.code,
        target=target.code,
    )


def undo_transfer(_session: Session, arguments: TransferStock, _answer: object) -> Undoing:
    """Carry it back."""
    back = arguments.model_copy(
        update={"source": arguments.target, "target": arguments.source or MAIN}
    )
    return Undoing((Call(TRANSFER, back),))


TOOLS = [
    Tool(
        "inventory.check_stock",
        CheckStock,
        check_stock,
        writes=False,
        title="Check stock",
        title_zh="查询库存",
        roles=EVERYDAY,
    ),
    Tool(
        "inventory.show_moves",
        ShowMoves,
        show_moves,
        writes=False,
        title="Stock moves",
        title_zh="库存移动",
        roles=EVERYDAY,
    ),
    Tool(
        COUNT,
        CountStock,
        count_stock,
        writes=True,
        title="Count stock",
        title_zh="库存盘点",
        roles=KEEPERS,
        pin=pin_count,
        undo=undo_count,
    ),
    Tool(
        TRANSFER,
        TransferStock,
        transfer_stock,
        writes=True,
        title="Transfer stock",
        title_zh="库存调拨",
        roles=KEEPERS,
        pin=pin_transfer,
        undo=undo_transfer,
    ),
]
