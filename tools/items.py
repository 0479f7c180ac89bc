"""Tools of items: their units, their barcodes, whether they are sold and bought."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Trade
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.words import word
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Grid,
    ItemRef,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.trade import BUYERS, READERS, SELLERS, STOREKEEPERS, UnitRef

SET_UNIT, DROP_UNIT = "catalog.set_unit", "catalog.drop_unit"
TRADE_UNIT = "catalog.set_trade_unit"
ADD_BARCODE, REMOVE_BARCODE = "catalog.add_barcode", "catalog.remove_barcode"
BLOCK, RELEASE, REPLACE = "catalog.block_item", "catalog.release_item", "catalog.replace_item"
KEEPERS = BUYERS | SELLERS | STOREKEEPERS
# Digits as they are printed, or any other code: it is nobody's name.
Code = Annotated[Text, Field(max_length=48)]


class SetUnit(Arguments):
    """Say how many of another unit one unit of an item is: "one carton of lamps is 12 pieces"."""

    item: ItemRef = Field(description="SKU or name of the item.")
    unit: UnitRef = Field(description="The larger unit, such as carton.")
    quantity: Count = Field(description="How many of the other unit it holds.")
    of_unit: UnitRef | None = Field(default=None, description="Leave empty for the item's own.")


class UnitSaid(Answer):
    """How much one unit of an item is, or that nobody says so any more."""

    sku: str
    unit: str
    quantity: Decimal | None
    of_unit: str
    before: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say it as an equation."""
        if self.quantity is None:
            if language == "zh":
                return f"{self.sku} 不再使用单位 {self.unit}。"
            return f"{self.sku} is no longer counted in {self.unit}."
        said = f"1 {self.unit} = {plain(self.quantity)} {self.of_unit}"
        return f"{self.sku}：{said}。" if language == "zh" else f"{self.sku}: {said}."


def pin_unit(session: Session, arguments: SetUnit) -> SetUnit:
    """Write item and units as we call them."""
    item = catalog.find_item(session, arguments.item)
    inner = arguments.of_unit and catalog.find_unit(session, arguments.of_unit).code
    return arguments.model_copy(
        update={
            "item": item.sku,
            "unit": catalog.find_unit(session, arguments.unit).code,
            "of_unit": inner or item.unit_code,
        }
    )


def set_unit(session: Session, arguments: SetUnit) -> UnitSaid:
    """Say so."""
    item = catalog.find_item(session, arguments.item)
    inner = arguments.of_unit or item.unit_code
    before = catalog.set_conversion(
        session, unit=arguments.unit, quantity=arguments.quantity, of_unit=inner, item=item
    )
    return UnitSaid(
        sku=item.sku,
        unit=arguments.unit,
        quantity=arguments.quantity,
        of_unit=inner,
        before=before,
    )


def undo_set_unit(_session: Session, arguments: SetUnit, answer: dict[str, Any]) -> Undoing:
    """Say what was said before, or nothing."""
    if answer["before"] is None:
        call = DropUnit(item=arguments.item, unit=arguments.unit)
        return Undoing((Call(DROP_UNIT, call),))
    before = arguments.model_copy(update={"quantity": Decimal(answer["before"])})
    return Undoing((Call(SET_UNIT, before),))


class DropUnit(Arguments):
    """No longer count an item in a unit; what is ordered already stays as it is."""

    item: ItemRef = Field(description="SKU or name of the item.")
    unit: UnitRef


def pin_item_and_unit(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write both as we call them."""
    said = {"item": catalog.find_item(session, arguments.item).sku}
    if getattr(arguments, "unit", None) is not None:
        said["unit"] = catalog.find_unit(session, arguments.unit).code
    return arguments.model_copy(update=said)


def drop_unit(session: Session, arguments: DropUnit) -> UnitSaid:
    """Take it back, and remember it for the way back."""
    item = catalog.find_item(session, arguments.item)
    known = {each.unit: each for each in catalog.conversions_of(session, item) if each.own}
    was = known.get(catalog.find_unit(session, arguments.unit).code)
    catalog.drop_conversion(session, unit=arguments.unit, item=item)
    return UnitSaid(
        sku=item.sku,
        unit=arguments.unit,
        quantity=None,
        of_unit=was.of_unit if was else "",
        before=was.quantity if was else None,
    )


def undo_drop_unit(_session: Session, arguments: DropUnit, answer: dict[str, Any]) -> Undoing:
    """Say it again."""
    again = SetUnit(
        item=arguments.item,
        unit=arguments.unit,
        quantity=Decimal(answer["before"]),
        of_unit=answer["of_unit"],
    )
    return Undoing((Call(SET_UNIT, again),))


class SetTradeUnit(Arguments):
    """Say in which unit an item is usually bought or sold."""

    item: ItemRef = Field(description="SKU or name of the item.")
    unit: UnitRef
    trade: Trade = Field(description="sale or purchase.")


class TradeUnitSaid(Answer):
    """The unit an item is usually traded in, and the one before."""

    sku: str
    trade: Trade
    unit: str
    before: str

    def sentence(self, language: Language = "en") -> str:
        """Say both."""
        way = word(self.trade, language)
        if language == "zh":
            return f"{self.sku} 的{way}单位为 {self.unit}（原为 {self.before}）。"
        return f"{self.sku}: usual unit of {way} is {self.unit}, before {self.before}."


def set_trade_unit(session: Session, arguments: SetTradeUnit) -> TradeUnitSaid:
    """Set it."""
    item = catalog.find_item(session, arguments.item)
    before = catalog.set_trade_unit(session, item, arguments.trade, arguments.unit)
    unit = catalog.find_unit(session, arguments.unit).code
    return TradeUnitSaid(sku=item.sku, trade=arguments.trade, unit=unit, before=before)


def undo_trade_unit(_session: Session, arguments: SetTradeUnit, answer: dict[str, Any]) -> Undoing:
    """Set the one before."""
    return Undoing((Call(TRADE_UNIT, arguments.model_copy(update={"unit": answer["before"]})),))


class ShowUnits(Arguments):
    """Show in which units an item is counted, and its barcodes."""

    item: ItemRef = Field(description="SKU or name of the item.")


class UnitsShown(Answer):
    """The units of an item and what they hold, and its barcodes."""

    sku: str
    name: str
    unit: str
    purchase_unit: str
    sales_unit: str
    held: list[tuple[str, str]]
    barcodes: list[tuple[str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say what each unit holds."""
        units = ", ".join(f"1 {code} = {much} {self.unit}" for code, much in self.held)
        if language == "zh":
            return f"{self.sku} {self.name} 以 {self.unit} 计量。{units or '没有其他单位'}。"
        return f"{self.sku} {self.name} is counted in {self.unit}; {units or 'in no other unit'}."

    def grid(self) -> Grid:
        """Return one row for every unit and barcode."""
        columns = (
            Column("unit", "单位"),
            Column("holds", "折合"),
            Column("barcode", "条码"),
            Column("kind", "类型"),
        )
        held = {self.unit: "1"} | dict(self.held)
        coded = [(unit, held.get(unit, ""), code, kind) for code, kind, unit in self.barcodes]
        seen = {unit for unit, *_ in coded}
        rest = [(unit, much, "", "") for unit, much in held.items() if unit not in seen]
        return Grid(columns, tuple(coded + rest))


def show_units(session: Session, arguments: ShowUnits) -> UnitsShown:
    """Read them."""
    item = catalog.find_item(session, arguments.item)
    known = catalog.conversions_of(session, item)
    own = {each.unit for each in known if each.own}
    units = [code for code in catalog.units_of(item, known) if code in own]
    return UnitsShown(
        sku=item.sku,
        name=item.name,
        unit=item.unit_code,
        purchase_unit=item.purchase_unit_code or item.unit_code,
        sales_unit=item.sales_unit_code or item.unit_code,
        held=[(code, str(catalog.factor_of(session, item, code))) for code in units],
        barcodes=[
            (each.code, each.kind, each.unit_code) for each in catalog.barcodes_of(session, item)
        ],
    )


class AddBarcode(Arguments):
    """Let a scanner find an item, or one unit of it, by a barcode (EAN-13, UPC or Code 128)."""

    item: ItemRef = Field(description="SKU or name of the item.")
    code: Code
    unit: UnitRef | None = Field(default=None, description="Leave empty for the item's own unit.")


class RemoveBarcode(Arguments):
    """Forget a barcode."""

    code: Code


class Scan(Arguments):
    """Say which item a barcode belongs to."""

    code: Code


class BarcodeSaid(Answer):
    """What a barcode stands for, or stood for."""

    code: str
    sku: str
    name: str
    unit: str
    removed: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if language == "zh":
            was = "不再代表" if self.removed else "代表"
            return f"{self.code} {was} 1 {self.unit} {self.sku} {self.name}。"
        stands = "no longer stands for" if self.removed else "is"
        return f"{self.code} {stands} one {self.unit} of {self.sku} {self.name}."


def add_barcode(session: Session, arguments: AddBarcode) -> BarcodeSaid:
    """Add it."""
    item = catalog.find_item(session, arguments.item)
    added = catalog.add_barcode(session, item, arguments.code, unit=arguments.unit)
    return BarcodeSaid(code=added.code, sku=item.sku, name=item.name, unit=added.unit_code)


def undo_add_barcode(_session: Session, _arguments: AddBarcode, answer: dict[str, Any]) -> Undoing:
    """Forget it."""
    return Undoing((Call(REMOVE_BARCODE, RemoveBarcode(code=answer["code"])),))


def remove_barcode(session: Session, arguments: RemoveBarcode) -> BarcodeSaid:
    """Forget it, and remember what it stood for for the way back."""
    was = catalog.remove_barcode(session, arguments.code)
    return BarcodeSaid(
        code=arguments.code,
        sku=was.item.sku,
        name=was.item.name,
        unit=was.unit_code,
        removed=True,
    )


def undo_remove_barcode(
    _session: Session, arguments: RemoveBarcode, answer: dict[str, Any]
) -> Undoing:
    """Add it again."""
    again = AddBarcode(item=answer["sku"], code=arguments.code, unit=answer["unit"])
    return Undoing((Call(ADD_BARCODE, again),))


def scan(session: Session, arguments: Scan) -> BarcodeSaid:
    """Read it."""
    found = catalog.scan(session, arguments.code)
    return BarcodeSaid(
        code=arguments.code, sku=found.item.sku, name=found.item.name, unit=found.unit_code
    )


class BlockItem(Arguments):
    """Stop selling, or stop buying, an item for now; the other way goes on."""

    item: ItemRef = Field(description="SKU or name of the item.")
    trade: Trade = Field(description="sale or purchase.")


class ReleaseItem(Arguments):
    """Sell, or buy, an item again that was blocked."""

    item: ItemRef = Field(description="SKU or name of the item.")
    trade: Trade = Field(description="sale or purchase.")


class ReplaceItem(Arguments):
    """Name the item that takes the place of another one, or none any more."""

    item: ItemRef = Field(description="The item that is replaced.")
    by: Annotated[Text, Ref("item")] | None = Field(
        default=None, description="The item that replaces it; leave empty for none."
    )


class ItemTurned(Answer):
    """What became of an item."""

    sku: str
    name: str
    trade: Trade | None = None
    blocked: bool = False
    by: str | None = None
    before: str | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if self.trade is None:
            if language == "zh":
                return f"{self.sku} 由 {self.by} 替代。" if self.by else f"{self.sku} 无替代物料。"
            replaced = f"replaced by {self.by}" if self.by else "replaced by no other item"
            return f"{self.sku} is {replaced}."
        way = word(self.trade, language)
        if language == "zh":
            return f"{self.sku} {self.name} 已{'禁止' if self.blocked else '恢复'}{way}。"
        return f"{self.sku} {self.name} is {'blocked' if self.blocked else 'released'} for {way}."


def block_item(session: Session, arguments: BlockItem) -> ItemTurned:
    """Stop."""
    item = catalog.find_item(session, arguments.item)
    catalog.block_item(session, item, arguments.trade)
    return ItemTurned(sku=item.sku, name=item.name, trade=arguments.trade, blocked=True)


def release_item(session: Session, arguments: ReleaseItem) -> ItemTurned:
    """Go on."""
    item = catalog.find_item(session, arguments.item)
    catalog.release_item(session, item, arguments.trade)
    return ItemTurned(sku=item.sku, name=item.name, trade=arguments.trade)


def undo_block(_session: Session, arguments: BlockItem, _answer: object) -> Undoing:
    """Go on."""
    return Undoing((Call(RELEASE, ReleaseItem(item=arguments.item, trade=arguments.trade)),))


def undo_release(_session: Session, arguments: ReleaseItem, _answer: object) -> Undoing:
    """Stop again."""
    return Undoing((Call(BLOCK, BlockItem(item=arguments.item, trade=arguments.trade)),))


def pin_replacement(session: Session, arguments: ReplaceItem) -> ReplaceItem:
    """Write both items by their SKU."""
    by = arguments.by and catalog.find_item(session, arguments.by).sku
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku, "by": by})


def replace_item(session: Session, arguments: ReplaceItem) -> ItemTurned:
    """Name it."""
    item = catalog.find_item(session, arguments.item)
    by = catalog.find_item(session, arguments.by) if arguments.by else None
    before = catalog.replace_item(session, item, by)
    return ItemTurned(sku=item.sku, name=item.name, by=by.sku if by else None, before=before)


def undo_replace(_session: Session, arguments: ReplaceItem, answer: dict[str, Any]) -> Undoing:
    """Name the one before."""
    before = ReplaceItem(item=arguments.item, by=answer["before"])
    return Undoing((Call(REPLACE, before),))


TOOLS = [
    Tool(
        SET_UNIT,
        SetUnit,
        set_unit,
        writes=True,
        title="Set unit of item",
        title_zh="设置物料单位",
        roles=KEEPERS,
        pin=pin_unit,
        undo=undo_set_unit,
    ),
    Tool(
        DROP_UNIT,
        DropUnit,
        drop_unit,
        writes=True,
        title="Drop unit of item",
        title_zh="取消物料单位",
        roles=KEEPERS,
        pin=pin_item_and_unit,
        undo=undo_drop_unit,
    ),
    Tool(
        TRADE_UNIT,
        SetTradeUnit,
        set_trade_unit,
        writes=True,
        title="Set purchase or sales unit",
        title_zh="设置采购或销售单位",
        roles=BUYERS | SELLERS,
        pin=pin_item_and_unit,
        undo=undo_trade_unit,
    ),
    Tool(
        "catalog.show_units",
        ShowUnits,
        show_units,
        writes=False,
        title="Show units and barcodes",
        title_zh="查看单位与条码",
        roles=READERS,
    ),
    Tool(
        ADD_BARCODE,
        AddBarcode,
        add_barcode,
        writes=True,
        title="Add barcode",
        title_zh="添加条码",
        roles=KEEPERS,
        pin=pin_item_and_unit,
        undo=undo_add_barcode,
    ),
    Tool(
        REMOVE_BARCODE,
        RemoveBarcode,
        remove_barcode,
        writes=True,
        title="Remove barcode",
        title_zh="删除条码",
        roles=KEEPERS,
        undo=undo_remove_barcode,
    ),
    Tool(
        "catalog.show_barcode",
        Scan,
        scan,
        writes=False,
        title="Scan barcode",
        title_zh="扫描条码",
        roles=READERS,
    ),
    Tool(
        BLOCK,
        BlockItem,
        block_item,
        writes=True,
        title="Block item",
        title_zh="冻结物料",
        roles=BUYERS | SELLERS,
        pin=pin_item_and_unit,
        undo=undo_block,
    ),
    Tool(
        RELEASE,
        ReleaseItem,
        release_item,
        writes=True,
        title="Release item",
        title_zh="放行物料",
        roles=BUYERS | SELLERS,
        pin=pin_item_and_unit,
        undo=undo_release,
    ),
    Tool(
        REPLACE,
        ReplaceItem,
        replace_item,
        writes=True,
        title="Replace item",
        title_zh="替代物料",
        roles=BUYERS | SELLERS,
        pin=pin_replacement,
        undo=undo_replace,
    ),
]
