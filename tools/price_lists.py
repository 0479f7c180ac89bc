"""Tools of price lists: add one, say whose it is, and show them; and what items are taxed with."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import pricing
from core.kernel.errors import Language
from core.kernel.money import plain
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Currency,
    Grid,
    ItemRef,
    Text,
    Tool,
    Undoing,
)
from tools.references import TaxRef
from tools.tax import code_of
from tools.trade import (
    BOOKKEEPERS,
    BUYERS,
    LEADERS,
    READERS,
    SELLERS,
    STOREKEEPERS,
    CategoryRef,
    PriceListRef,
)

ASSIGN, MAKE_USUAL = "pricing.assign_list", "pricing.make_list_usual"
SET_MEASURES, SET_TAXES = "catalog.set_measures", "catalog.set_category_taxes"
LIST_STAYS = ("a price list stays; assign it to nobody", "价目表会保留；不分配给任何人即可")

Measure = Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 9, decimal_places=6)]


class AddPriceList(Arguments):
    """Add a list of sales prices, in our currency or another one."""

    code: Annotated[Text, Field(max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    name: Text | None = None
    name_zh: Text | None = None
    currency: Currency | None = None


class AssignList(Arguments):
    """Let the customers of a group buy from a price list who have none of their own."""

    price_list: PriceListRef
    group: Annotated[Text, Field(max_length=60)] | None = Field(
        default=None, description="The customer group; leave empty for none any more."
    )


class MakeUsual(Arguments):
    """Make a price list that of everybody who has no other; STANDARD: the standard prices again."""

    price_list: PriceListRef


class ShowLists(Arguments):
    """Show the price lists and who buys from them."""


class ListRow(Answer):
    """A price list, and who buys from it."""

    code: str
    name: str
    currency: str
    group: str | None
    usual: bool


class ListSaid(Answer):
    """What became of a price list, and how it was."""

    code: str
    group: str | None = None
    usual: bool = False
    before: str | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say who buys from it."""
        if language == "zh":
            return f"价目表 {self.code}{self._now_zh()}。"
        return f"The price list {self.code} {self._now()}."

    def _now(self) -> str:
        if self.usual:
            return "is that of whoever has no other"
        return f"is that of the group {self.group}" if self.group else "is that of no group"

    def _now_zh(self) -> str:
        if self.usual:
            return " 适用于没有其他价目表的客户"
        return f" 适用于客户组 {self.group}" if self.group else " 不属于任何客户组"


class ListsShown(Answer):
    """Price lists."""

    lists: list[ListRow]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.lists)
        if language == "zh":
            return f"共 {count} 张价目表。"
        return f"{count} price {'list' if count == 1 else 'lists'}."

    def grid(self) -> Grid:
        """Return one row for every list."""
        columns = (
            Column("price list", "价目表"),
            Column("name", "名称"),
            Column("currency", "币种"),
            Column("customer group", "客户组"),
            Column("usual", "默认"),
        )
        rows = tuple(
            (each.code, each.name, each.currency, each.group, "*" if each.usual else None)
            for each in self.lists
        )
        return Grid(columns, rows)


def pin_list(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the list by its code."""
    code = catalog.find_price_list(session, arguments.price_list).code
    return arguments.model_copy(update={"price_list": code})


def add_list(session: Session, arguments: AddPriceList) -> ListSaid:
    """Add it; it is nobody's yet."""
    name = arguments.name or arguments.code
    added = catalog.add_price_list(
        session,
        code=arguments.code,
        name=name,
        name_zh=arguments.name_zh or name,
        currency=arguments.currency,
    )
    return ListSaid(code=added.code)


def undo_add_list(_session: Session, _arguments: AddPriceList, _answer: object) -> Undoing:
    """Say why not."""
    return Undoing(impossible=LIST_STAYS)


def assign_list(session: Session, arguments: AssignList) -> ListSaid:
    """Assign it."""
    meant = catalog.find_price_list(session, arguments.price_list)
    before = pricing.assign_to_group(session, meant, arguments.group)
    return ListSaid(code=meant.code, group=arguments.group, before=before)


def undo_assign(_session: Session, arguments: AssignList, answer: dict[str, Any]) -> Undoing:
    """Give it back to the group before."""
    before = AssignList(price_list=arguments.price_list, group=answer["before"])
    return Undoing((Call(ASSIGN, before),))


def make_usual(session: Session, arguments: MakeUsual) -> ListSaid:
    """Make it so."""
    meant = catalog.find_price_list(session, arguments.price_list)
    before = pricing.make_usual(session, None if meant.code == catalog.STANDARD else meant)
    was = before.code if before else catalog.STANDARD
    return ListSaid(code=meant.code, usual=True, before=was)


def undo_make_usual(_session: Session, _arguments: MakeUsual, answer: dict[str, Any]) -> Undoing:
    """Make the one before the usual one."""
    return Undoing((Call(MAKE_USUAL, MakeUsual(price_list=answer["before"])),))


def show_lists(session: Session, _arguments: ShowLists) -> ListsShown:
    """Read them."""
    return ListsShown(
        lists=[
            ListRow(
                code=each.code,
                name=each.name,
                currency=each.currency,
                group=each.customer_group,
                usual=each.usual,
            )
            for each in pricing.price_lists(session)
        ]
    )


class SetMeasures(Arguments):
    """Say how heavy and how large one unit of an item is, for freight."""

    item: ItemRef = Field(description="SKU or name of the item.")
    weight_kg: Measure | None = Field(default=None, description="Kilograms; empty: not known.")
    volume_l: Measure | None = Field(default=None, description="Litres; empty: not known.")


class MeasuresSaid(Answer):
    """How heavy and how large one unit is, and what was said before."""

    sku: str
    unit: str
    weight_kg: Decimal | None
    volume_l: Decimal | None
    before: tuple[Decimal | None, Decimal | None]

    def sentence(self, language: Language = "en") -> str:
        """Say both."""
        said = [
            f"{plain(much)} {unit}"
            for much, unit in ((self.weight_kg, "kg"), (self.volume_l, "l"))
            if much is not None
        ]
        if language == "zh":
            return f"{self.sku} 每 {self.unit}：{'，'.join(said) or '未知'}。"
        return f"{self.sku}: {' and '.join(said) or 'nothing known'} for one {self.unit}."


def pin_measures(session: Session, arguments: SetMeasures) -> SetMeasures:
    """Write the item by its SKU; the measure that is not said stays as it is."""
    item = catalog.find_item(session, arguments.item)
    said: dict[str, Any] = {"item": item.sku}
    if arguments.weight_kg is None and arguments.volume_l is not None:
        said["weight_kg"] = item.weight_kg
    if arguments.volume_l is None and arguments.weight_kg is not None:
        said["volume_l"] = item.volume_l
    return arguments.model_copy(update=said)


def set_measures(session: Session, arguments: SetMeasures) -> MeasuresSaid:
    """Set them."""
    item = catalog.find_item(session, arguments.item)
    before = catalog.set_measures(
        session, item, weight_kg=arguments.weight_kg, volume_l=arguments.volume_l
    )
    return MeasuresSaid(
        sku=item.sku,
        unit=item.unit_code,
        weight_kg=item.weight_kg,
        volume_l=item.volume_l,
        before=before,
    )


def undo_measures(_session: Session, arguments: SetMeasures, answer: dict[str, Any]) -> Undoing:
    """Set those before."""
    weight, volume = (None if each is None else Decimal(each) for each in answer["before"])
    before = SetMeasures(item=arguments.item, weight_kg=weight, volume_l=volume)
    return Undoing((Call(SET_MEASURES, before),))


class SetCategoryTaxes(Arguments):
    """Tax the items of a category so that say nothing of their own."""

    category: CategoryRef
    sales_tax: TaxRef | None = Field(default=None, description="Leave empty for none.")
    purchase_tax: TaxRef | None = Field(default=None, description="Leave empty for none.")


class TaxesSaid(Answer):
    """What the items of a category are taxed with, and were before."""

    category: str
    sales_tax: str | None
    purchase_tax: str | None
    before: tuple[str | None, str | None]

    def sentence(self, language: Language = "en") -> str:
        """Say both codes."""
        sold, bought = self.sales_tax, self.purchase_tax
        if language == "zh":
            return f"类别 {self.category}：销售税码 {sold or '无'}，采购税码 {bought or '无'}。"
        none = "no tax"
        return f"Items of {self.category}: {sold or none} when sold, {bought or none} when bought."


def pin_taxes(session: Session, arguments: SetCategoryTaxes) -> SetCategoryTaxes:
    """Write category and tax codes as we call them."""
    codes = {
        name: code and code_of(session, code)
        for name, code in (
            ("sales_tax", arguments.sales_tax),
            ("purchase_tax", arguments.purchase_tax),
        )
    }
    category = catalog.find_category(session, arguments.category).code
    return arguments.model_copy(update={"category": category, **codes})


def set_category_taxes(session: Session, arguments: SetCategoryTaxes) -> TaxesSaid:
    """Set them."""
    pinned = pin_taxes(session, arguments)
    category = catalog.find_category(session, pinned.category)
    before = catalog.set_category_taxes(
        session,
        category,
        sales_tax_code=pinned.sales_tax,
        purchase_tax_code=pinned.purchase_tax,
    )
    return TaxesSaid(
        category=category.code,
        sales_tax=pinned.sales_tax,
        purchase_tax=pinned.purchase_tax,
        before=before,
    )


def undo_taxes(_session: Session, arguments: SetCategoryTaxes, answer: dict[str, Any]) -> Undoing:
    """Set those before."""
    sold, bought = answer["before"]
    before = SetCategoryTaxes(category=arguments.category, sales_tax=sold, purchase_tax=bought)
    return Undoing((Call(SET_TAXES, before),))


TOOLS = [
    Tool(
        "pricing.add_list",
        AddPriceList,
        add_list,
        writes=True,
        title="Add price list",
        title_zh="新增价目表",
        roles=SELLERS,
        undo=undo_add_list,
    ),
    Tool(
        ASSIGN,
        AssignList,
        assign_list,
        writes=True,
        title="Assign price list to group",
        title_zh="分配价目表给客户组",
        roles=SELLERS,
        pin=pin_list,
        undo=undo_assign,
    ),
    Tool(
        MAKE_USUAL,
        MakeUsual,
        make_usual,
        writes=True,
        title="Make price list the usual one",
        title_zh="设为默认价目表",
        roles=LEADERS,
        pin=pin_list,
        undo=undo_make_usual,
    ),
    Tool(
        "pricing.show_lists",
        ShowLists,
        show_lists,
        writes=False,
        title="Show price lists",
        title_zh="查看价目表",
        roles=READERS,
    ),
    Tool(
        SET_MEASURES,
        SetMeasures,
        set_measures,
        writes=True,
        title="Set weight and volume",
        title_zh="设置重量与体积",
        roles=BUYERS | SELLERS | STOREKEEPERS,
        pin=pin_measures,
        undo=undo_measures,
    ),
    Tool(
        SET_TAXES,
        SetCategoryTaxes,
        set_category_taxes,
        writes=True,
        title="Set tax of category",
        title_zh="设置类别税码",
        roles=BOOKKEEPERS,
        pin=pin_taxes,
        undo=undo_taxes,
    ),
]
