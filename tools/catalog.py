"""Tools of the catalog: items, what there is of them, and what they cost."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, purchasing, sales
from core.catalog import ItemKind, pricing
from core.catalog.errors import NoPrice
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import plain
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    CustomerRef,
    Day,
    Grid,
    ItemRef,
    Price,
    Text,
    Tool,
    Undoing,
)
from tools.trade import (
    BUYERS,
    READERS,
    SELLERS,
    CategoryRef,
    PriceListRef,
    UnitRef,
    in_own_unit,
    sees_costs,
)

DEACTIVATE, ACTIVATE = "catalog.deactivate_item", "catalog.activate_item"
SET_PRICE = "catalog.set_price"

PRICE_STAYS = ("there was no price before; set another one", "此前没有价格；请另行定价")


class ShowItem(Arguments):
    """Show an item whole: stock, what is on order, reorder rule, sales prices, standard cost."""

    item: ItemRef = Field(description="SKU or name of the item.")


class PriceShown(Answer):
    """A sales price."""

    price_list: str
    minimum_quantity: Decimal
    unit_price: Decimal
    currency: str
    valid_from: str


class ItemShown(Answer):
    """An item and what there is of it; its cost only for those who may see costs."""

    sku: str
    name: str
    name_zh: str | None
    unit: str
    active: bool
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    minimum: Decimal | None
    target: Decimal | None
    standard_cost: Decimal | None
    prices: list[PriceShown]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what there is of it, and what it sells at."""
        free = plain(self.on_hand - self.reserved)
        there, coming = plain(self.on_hand), plain(self.on_order)
        first = self.prices[0] if self.prices else None
        price = f"{plain(first.unit_price)} {first.currency}" if first else ""
        if language == "zh":
            said = f"{self.sku} {self.name_zh or self.name}"
            said += "" if self.active else "（已停用）"
            said += f"：现有 {there} {self.unit}，可用 {free}，在途 {coming}"
            return f"{said}；售价 {price}。" if price else f"{said}。"
        said = f"{self.sku} {self.name}"
        said += "" if self.active else " (inactive)"
        said += f": {there} {self.unit} on hand, {free} available, {coming} on order"
        return f"{said}; sold at {price}." if price else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every price."""
        columns = (
            Column("price list", "价目表"),
            Column("from quantity", "起始数量", "quantity"),
            Column("unit price", "单价", self.currency),
            Column("since", "生效日", "date"),
        )
        rows = tuple(
            (price.price_list, price.minimum_quantity, price.unit_price, price.valid_from)
            for price in self.prices
        )
        return Grid(columns, rows)


def show_item(session: Session, arguments: ShowItem) -> ItemShown:
    """Read all that is known of it."""
    item = purchasing.find_item(session, arguments.item)
    stock = inventory.stock_of(session, item)
    rule = inventory.reorder_rule_or_none(session, item)
    return ItemShown(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        unit=item.unit_code,
        active=item.active,
        on_hand=stock.on_hand,
        reserved=stock.reserved,
        on_order=purchasing.on_order(session, [item.id])[item.id],
        minimum=rule[0] if rule else None,
        target=rule[1] if rule else None,
        standard_cost=item.standard_cost if sees_costs(session) else None,
        prices=[
            PriceShown(
                price_list=price.price_list,
                minimum_quantity=price.minimum_quantity,
                unit_price=price.unit_price,
                currency=price.currency,
                valid_from=price.valid_from.isoformat(),
            )
            for price in catalog.list_prices(session, item.id)
        ],
        currency=company(session).currency,
    )


class AddItem(Arguments):
    """Add something that we buy, make, stock or sell."""

    sku: Annotated[Text, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")] = Field(
        description="Short code: letters, digits, dashes."
    )
    name: Text
    name_zh: Text | None = None
    unit: Annotated[Text, Field(max_length=20)] = Field(default="pcs", description="pcs, kg, h ...")
    category: CategoryRef | None = None
    kind: ItemKind = ItemKind.STOCKED
    unit_price: Price | None = Field(default=None, description="The standard sales price.")


class ItemAdded(Answer):
    """An item that we trade now, or not any more."""

    sku: str
    name: str
    state: str

    def sentence(self, language: Language = "en") -> str:
        """Say what became of which item."""
        if language == "zh":
            became = {"new": "已新增", "active": "已启用", "inactive": "已停用"}[self.state]
            return f"物料 {self.sku} {self.name} {became}。"
        did = {"new": "is in the catalog", "active": "is active", "inactive": "is inactive"}
        return f"{self.sku} {self.name} {did[self.state]} now."


def pin_item(session: Session, arguments: AddItem) -> AddItem:
    """Write the category by its code."""
    if arguments.category is None:
        return arguments
    code = catalog.find_category(session, arguments.category).code
    return arguments.model_copy(update={"category": code})


def add_item(session: Session, arguments: AddItem) -> ItemAdded:
    """Add it, with its price if there is one."""
    category = arguments.category and catalog.find_category(session, arguments.category)
    item = catalog.add_item(
        session,
        sku=arguments.sku,
        name=arguments.name,
        name_zh=arguments.name_zh,
        kind=arguments.kind,
        unit_code=arguments.unit,
        category=category or None,
    )
    if arguments.unit_price is not None:
        catalog.set_price(session, item, unit_price=arguments.unit_price)
    return ItemAdded(sku=item.sku, name=item.name, state="new")


def undo_add_item(_session: Session, _arguments: AddItem, answer: dict[str, Any]) -> Undoing:
    """Stop trading it: what was added stays on record."""
    return Undoing((Call(DEACTIVATE, DeactivateItem(item=answer["sku"])),))


class DeactivateItem(Arguments):
    """Stop buying and selling an item; what is ordered already goes on."""

    item: ItemRef = Field(description="SKU or name of the item.")


class ActivateItem(Arguments):
    """Buy and sell an item again."""

    item: ItemRef = Field(description="SKU or name of the item.")


def pin_sku(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the item by its SKU."""
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def deactivate_item(session: Session, arguments: DeactivateItem) -> ItemAdded:
    """Stop."""
    item = catalog.find_item(session, arguments.item)
    catalog.deactivate_item(session, item)
    return ItemAdded(sku=item.sku, name=item.name, state="inactive")


def activate_item(session: Session, arguments: ActivateItem) -> ItemAdded:
    """Begin again."""
    item = catalog.find_item(session, arguments.item)
    catalog.activate_item(session, item)
    return ItemAdded(sku=item.sku, name=item.name, state="active")


def undo_deactivate(_session: Session, arguments: DeactivateItem, _answer: object) -> Undoing:
    """Begin again."""
    return Undoing((Call(ACTIVATE, ActivateItem(item=arguments.item)),))


def undo_activate(_session: Session, arguments: ActivateItem, _answer: object) -> Undoing:
    """Stop again."""
    return Undoing((Call(DEACTIVATE, DeactivateItem(item=arguments.item)),))


class ShowPrice(Arguments):
    """Say what an item costs a customer, at a quantity."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count = Decimal(1)
    customer: CustomerRef | None = Field(
        default=None, description="Leave empty for the standard price list."
    )
    unit: UnitRef | None = Field(default=None, description="carton, pallet ...")


class PriceSaid(Answer):
    """What an item costs, by which rule, and what promotions make of it."""

    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    price_list: str
    because: tuple[str, str] = ("", "")
    promotions: list[tuple[str, str]] = Field(default_factory=list)
    free_quantity: Decimal = Decimal(0)
    held: list[str] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say the price of one and of all."""
        price = f"{plain(self.unit_price)} {self.currency}"
        whole = f"{plain(self.unit_price * self.quantity)} {self.currency}"
        if language == "zh":
            said = f"{self.sku} {self.name} 单价 {price}（{self.price_list}）"
            much = f"，数量 {plain(self.quantity)} 共 {whole}" if self.quantity > 1 else ""
            return f"{said}{much}。"
        said = f"{self.sku} {self.name} costs {price} on the list {self.price_list}"
        return f"{said}, {whole} for {plain(self.quantity)}." if self.quantity > 1 else f"{said}."

    def notes(self, language: Language = "en") -> list[str]:
        """Say which rule made the price, and what promotions did."""
        chinese = language == "zh"
        said = [self.because[chinese], *(each[chinese] for each in self.promotions)]
        if self.free_quantity:
            free = plain(self.free_quantity)
            said.append(f"另赠 {free}" if chinese else f"{free} more go along for nothing")
        for code in self.held:
            why = f"{code}：已防止低于成本" if chinese else f"{code}: kept from going below cost"
            said.append(why)
        return [line for line in said if line]


def show_price(session: Session, arguments: ShowPrice) -> PriceSaid:
    """Read the price that applies, and why it does."""
    item = catalog.find_item(session, arguments.item)
    customer = arguments.customer and parties.find_customer(session, arguments.customer)
    much = in_own_unit(session, item, arguments.quantity, arguments.unit)
    [quote] = pricing.quotes(
        session,
        [(item, much.quantity)],
        buyer=sales.buyer_of(customer) if customer else pricing.ANYBODY,
    )
    if quote is None:
        raise NoPrice(sku=item.sku, quantity=plain(much.quantity))
    return PriceSaid(
        sku=item.sku,
        name=item.name,
        quantity=much.quantity,
        unit_price=quote.unit_price,
        currency=quote.price.currency,
        price_list=quote.price.price_list_code,
        because=quote.because,
        promotions=list(quote.promotions_said),
        free_quantity=quote.free_quantity,
        held=list(quote.held),
    )


class SetPrice(Arguments):
    """Set the sales price of an item, from a quantity up, from a day on."""

    item: ItemRef = Field(description="SKU or name of the item.")
    unit_price: Price
    price_list: PriceListRef = catalog.STANDARD
    minimum_quantity: Count = Decimal(1)
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")


class PriceSet(Answer):
    """A price that holds, and the one before."""

    sku: str
    unit_price: Decimal
    currency: str
    price_list: str
    before: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say the price before and now."""
        price = f"{plain(self.unit_price)} {self.currency}"
        if language == "zh":
            before = f"（原价 {plain(self.before)}）" if self.before is not None else ""
            return f"{self.sku} 在 {self.price_list} 的价格为 {price}{before}。"
        before = f", before {plain(self.before)}" if self.before is not None else ""
        return f"{self.sku} costs {price} on the list {self.price_list}{before}."


def pin_price(session: Session, arguments: SetPrice) -> SetPrice:
    """Write item and price list as we call them, and the day."""
    return arguments.model_copy(
        update={
            "item": catalog.find_item(session, arguments.item).sku,
            "price_list": catalog.find_price_list(session, arguments.price_list).code,
            "valid_from": arguments.valid_from or company(session).today,
        }
    )


def set_price(session: Session, arguments: SetPrice) -> PriceSet:
    """Set it, and remember the one before for the way back."""
    item = catalog.find_item(session, arguments.item)
    before = catalog.set_price(
        session,
        item,
        unit_price=arguments.unit_price,
        price_list=arguments.price_list,
        minimum_quantity=arguments.minimum_quantity,
        valid_from=arguments.valid_from,
    )
    kept_on = catalog.find_price_list(session, arguments.price_list)
    return PriceSet(
        sku=item.sku,
        unit_price=arguments.unit_price,
        currency=kept_on.currency,
        price_list=kept_on.code,
        before=before,
    )


def undo_set_price(_session: Session, arguments: SetPrice, answer: dict[str, Any]) -> Undoing:
    """Set the price that there was."""
    if answer["before"] is None:
        return Undoing(impossible=PRICE_STAYS)
    before = arguments.model_copy(update={"unit_price": Decimal(answer["before"])})
    return Undoing((Call(SET_PRICE, before),))


TOOLS = [
    Tool(
        "catalog.show_item",
        ShowItem,
        show_item,
        writes=False,
        title="Show item",
        title_zh="查看物料",
        roles=READERS,
    ),
    Tool(
        "catalog.add_item",
        AddItem,
        add_item,
        writes=True,
        title="Add item",
        title_zh="新增物料",
        roles=BUYERS | SELLERS,
        pin=pin_item,
        undo=undo_add_item,
    ),
    Tool(
        DEACTIVATE,
        DeactivateItem,
        deactivate_item,
        writes=True,
        title="Deactivate item",
        title_zh="停用物料",
        roles=BUYERS | SELLERS,
        pin=pin_sku,
        undo=undo_deactivate,
    ),
    Tool(
        ACTIVATE,
        ActivateItem,
        activate_item,
        writes=True,
        title="Activate item",
        title_zh="启用物料",
        roles=BUYERS | SELLERS,
        pin=pin_sku,
        undo=undo_activate,
    ),
    Tool(
        "catalog.show_price",
        ShowPrice,
        show_price,
        writes=False,
        title="Show price",
        title_zh="查询价格",
        roles=READERS,
    ),
    Tool(
        SET_PRICE,
        SetPrice,
        set_price,
        writes=True,
        title="Set price",
        title_zh="设置价格",
        roles=SELLERS,
        pin=pin_price,
        undo=undo_set_price,
    ),
]
