"""Tools of the inventory: what there is, where it lies, and when to reorder it."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing
from core.catalog import Item
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
PLANNERS = KEEPERS | {Role.BUYER}

COUNT, TRANSFER = "inventory.count_stock", "inventory.transfer_stock"
SET_RULE, REMOVE_RULE = "inventory.set_reorder_rule", "inventory.remove_reorder_rule"

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


class ListShortages(Arguments):
    """List the items below their reorder point, counting what is on order."""


class Shortages(Answer):
    """Items to reorder, and how much of each."""

    shortages: list[inventory.Shortage]

    def sentence(self, language: Language = "en") -> str:
        """Say how many items are short, and the first of them."""
        count = len(self.shortages)
        if not count:
            return "没有物料低于再订货点。" if language == "zh" else "No item is short."
        first = "; ".join(
            f"{_called(each.sku, each.name, each.name_zh, language)} ({plain(each.missing)})"
            for each in self.shortages[:3]
        )
        if language == "zh":
            return f"{count} 种物料低于再订货点，建议补货：{first}。"
        items = "1 item is" if count == 1 else f"{count} items are"
        return f"{items} short; to reorder: {first}."

    def grid(self) -> Grid:
        """Return one row for every item."""
        columns = (
            Column("item", "物料"),
            Column("name", "名称"),
            Column("available", "可用", "quantity"),
            Column("on order", "在途", "quantity"),
            Column("minimum", "再订货点", "quantity"),
            Column("target", "目标库存", "quantity"),
            Column("to reorder", "建议补货", "quantity"),
        )
        rows = tuple(
            (
                each.sku,
                each.name,
                each.available,
                each.on_order,
                each.minimum,
                each.target,
                each.missing,
            )
            for each in self.shortages
        )
        return Grid(columns, rows)


def list_shortages(session: Session, _arguments: ListShortages) -> Shortages:
    """Read the levels, and what is on order of what is low."""
    low = [each.item_id for each in inventory.list_shortages(session)]
    coming = purchasing.on_order(session, low)
    short = inventory.list_shortages(session, on_order=coming, item_ids=low)
    return Shortages(shortages=short)


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


class SetReorderRule(Arguments):
    """Set the level below which an item is reordered, and the level to fill it up to."""

    item: ItemRef
    minimum: Level = Field(description="Reorder point: below it the item is short.")
    target: Count = Field(description="Level to reorder up to.")


class RemoveReorderRule(Arguments):
    """Remove the reorder rule of an item: nobody is warned any more."""

    item: ItemRef


class RuleChanged(Answer):
    """The reorder rule of an item now and before; None where there is none."""

    sku: str
    name: str
    name_zh: str | None
    minimum: Decimal | None
    target: Decimal | None
    minimum_before: Decimal | None
    target_before: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say the rule."""
        called = _called(self.sku, self.name, self.name_zh, language)
        if self.minimum is None or self.target is None:
            if language == "zh":
                return f"{called} 不再有再订货规则。"
            return f"{called} has no reorder rule any more."
        low, high = plain(self.minimum), plain(self.target)
        if language == "zh":
            return f"{called} 的再订货点为 {low}，目标库存为 {high}。"
        return f"{called} is reordered below {low}, up to {high}."


def pin_item(
    session: Session, arguments: SetReorderRule | RemoveReorderRule
) -> SetReorderRule | RemoveReorderRule:
    """Write the item by its SKU."""
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def _rule_changed(
    item: Item, now: tuple[Decimal, Decimal] | None, before: tuple[Decimal, Decimal] | None
) -> RuleChanged:
    return RuleChanged(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        minimum=now[0] if now else None,
        target=now[1] if now else None,
        minimum_before=before[0] if before else None,
        target_before=before[1] if before else None,
    )


def set_reorder_rule(session: Session, arguments: SetReorderRule) -> RuleChanged:
    """Set it, and remember the one before for the way back."""
    item = catalog.find_item(session, arguments.item)
    before = inventory.reorder_rule_or_none(session, item)
    inventory.set_reorder_rule(session, item, minimum=arguments.minimum, target=arguments.target)
    return _rule_changed(item, (arguments.minimum, arguments.target), before)


def remove_reorder_rule(session: Session, arguments: RemoveReorderRule) -> RuleChanged:
    """Remove it, and remember it for the way back."""
    item = catalog.find_item(session, arguments.item)
    before = inventory.reorder_rule_or_none(session, item)
    inventory.remove_reorder_rule(session, item)
    return _rule_changed(item, None, before)


def undo_rule(
    _session: Session,
    arguments: SetReorderRule | RemoveReorderRule,
    answer: dict[str, object],
) -> Undoing:
    """Set the rule that there was before, or none."""
    before = RuleChanged.model_validate(answer)
    if before.minimum_before is None or before.target_before is None:
        return Undoing((Call(REMOVE_RULE, RemoveReorderRule(item=arguments.item)),))
    rule = SetReorderRule(
        item=arguments.item, minimum=before.minimum_before, target=before.target_before
    )
    return Undoing((Call(SET_RULE, rule),))


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
        "inventory.list_shortages",
        ListShortages,
        list_shortages,
        writes=False,
        title="Shortages",
        title_zh="缺料清单",
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
        SET_RULE,
        SetReorderRule,
        set_reorder_rule,
        writes=True,
        title="Set reorder rule",
        title_zh="设置再订货规则",
        roles=PLANNERS,
        pin=pin_item,
        undo=undo_rule,
    ),
    Tool(
        REMOVE_RULE,
        RemoveReorderRule,
        remove_reorder_rule,
        writes=True,
        title="Remove reorder rule",
        title_zh="取消再订货规则",
        roles=PLANNERS,
        pin=pin_item,
        undo=undo_rule,
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
