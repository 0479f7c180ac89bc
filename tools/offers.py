"""Tools of offers: compare what suppliers ask, note it, and see the ways to buy."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, purchasing
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Currency,
    Day,
    Grid,
    ItemRef,
    Price,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.trade import BUYERS

OFFER_STAYS = ("there was no offer before; note another one", "此前没有报价；请另行登记")


class CompareOffers(Arguments):
    """Compare what suppliers ask for an item, the cheapest first."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count | None = Field(default=None, description="Only offers for this quantity.")


class OfferRow(Answer):
    """One offer."""

    supplier_number: str
    supplier: str
    unit_price: Decimal
    minimum_quantity: Decimal
    lead_time_days: int
    blocked: bool


class OffersCompared(Answer):
    """What suppliers ask for an item."""

    sku: str
    offers: list[OfferRow]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say who is the cheapest."""
        open_ones = [offer for offer in self.offers if not offer.blocked]
        if not open_ones:
            return (
                f"没有可用的供应商提供 {self.sku}。"
                if language == "zh"
                else f"Nobody offers {self.sku}."
            )
        best = open_ones[0]
        price = f"{plain(best.unit_price)} {self.currency}"
        least = plain(best.minimum_quantity)
        if language == "zh":
            return (
                f"{self.sku} 共有 {len(self.offers)} 个报价，最低为 {best.supplier}：{price}，"
                f"起订量 {least}，提前期 {best.lead_time_days} 天。"
            )
        return (
            f"{best.supplier} is the cheapest of {len(self.offers)} for {self.sku}: {price},"
            f" from {least} on, in {best.lead_time_days} days."
        )

    def grid(self) -> Grid:
        """Return one row for every offer."""
        columns = (
            Column("supplier", "供应商"),
            Column("name", "名称"),
            Column("unit price", "单价", self.currency),
            Column("minimum quantity", "起订量", "quantity"),
            Column("lead time (days)", "提前期（天）", "number"),
            Column("state", "状态"),
        )
        rows = tuple(
            (
                offer.supplier_number,
                offer.supplier,
                offer.unit_price,
                offer.minimum_quantity,
                offer.lead_time_days,
                "blocked" if offer.blocked else "active",
            )
            for offer in self.offers
        )
        return Grid(columns, rows)


def compare_offers(session: Session, arguments: CompareOffers) -> OffersCompared:
    """Read the offers."""
    item = purchasing.find_item(session, arguments.item)
    return OffersCompared(
        sku=item.sku,
        currency=company(session).currency,
        offers=[
            OfferRow(
                supplier_number=offer.supplier.number,
                supplier=offer.supplier.name,
                unit_price=purchasing.price_today(session, offer),
                minimum_quantity=offer.minimum_quantity,
                lead_time_days=offer.lead_time_days,
                blocked=offer.supplier.blocked,
            )
            for offer in purchasing.offers_for(session, item)
            if arguments.quantity is None or offer.minimum_quantity <= arguments.quantity
        ],
    )


class AddOffer(Arguments):
    """Note what a supplier asks for an item; it replaces their offer for the same quantity."""

    item: ItemRef = Field(description="SKU or name of the item.")
    supplier: SupplierRef
    unit_price: Price
    lead_time_days: int = Field(ge=0, le=730, description="Days from order to arrival.")
    minimum_quantity: Count = Decimal(1)
    order_multiple: Count | None = Field(
        default=None, description="Only whole numbers of this can be ordered."
    )
    supplier_sku: Annotated[Text, Field(max_length=64)] | None = Field(
        default=None, description="What the supplier calls the item."
    )
    valid_from: Day | None = Field(default=None, description="Leave empty for now.")
    valid_until: Day | None = Field(default=None, description="Leave empty for no end.")
    currency: Currency | None = Field(
        default=None, description="Leave empty for what we buy in from the supplier."
    )


class OfferAdded(Answer):
    """An offer that is on file."""

    sku: str
    supplier: str
    unit_price: Decimal
    currency: str
    before: Decimal | None
    currency_before: str | None = None
    lead_time_days_before: int | None

    def sentence(self, language: Language = "en") -> str:
        """Say who offers what at which price."""
        price = f"{plain(self.unit_price)} {self.currency}"
        if language == "zh":
            return f"{self.supplier} 对 {self.sku} 的报价 {price} 已登记。"
        return f"{self.supplier} offers {self.sku} at {price}."


def pin_offer(session: Session, arguments: AddOffer) -> AddOffer:
    """Write item and supplier as we call them."""
    supplier = parties.find_supplier(session, arguments.supplier)
    item = purchasing.find_item(session, arguments.item, supplier=supplier)
    return arguments.model_copy(update={"item": item.sku, "supplier": supplier.party.number})


def add_offer(session: Session, arguments: AddOffer) -> OfferAdded:
    """Note the offer, and remember the one before for the way back."""
    item = purchasing.find_item(session, arguments.item)
    supplier = parties.find_supplier(session, arguments.supplier)
    before = next(
        (
            (offer.unit_price, offer.lead_time_days, offer.currency)
            for offer in purchasing.offers_for(session, item)
            if offer.supplier_id == supplier.party_id
            and offer.minimum_quantity == arguments.minimum_quantity
            and offer.valid_from == arguments.valid_from
        ),
        (None, None, None),
    )
    offer = purchasing.list_offer(
        session,
        item,
        supplier=supplier,
        unit_price=arguments.unit_price,
        lead_time_days=arguments.lead_time_days,
        minimum_quantity=arguments.minimum_quantity,
        supplier_sku=arguments.supplier_sku,
        order_multiple=arguments.order_multiple,
        valid_from=arguments.valid_from,
        valid_until=arguments.valid_until,
        currency=arguments.currency,
    )
    return OfferAdded(
        sku=item.sku,
        supplier=supplier.party.name,
        unit_price=offer.unit_price,
        currency=offer.currency,
        before=before[0],
        currency_before=before[2],
        lead_time_days_before=before[1],
    )


def undo_add_offer(_session: Session, arguments: AddOffer, answer: dict[str, Any]) -> Undoing:
    """Note the offer that there was before."""
    if answer["before"] is None:
        return Undoing(impossible=OFFER_STAYS)
    before = {
        "unit_price": Decimal(answer["before"]),
        "lead_time_days": answer["lead_time_days_before"],
        "currency": answer["currency_before"],
    }
    return Undoing((Call("purchasing.add_offer", arguments.model_copy(update=before)),))


class ShowBuyingOptions(Arguments):
    """Show the ways to buy a quantity of an item: suppliers, rounding up, the next price break."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count


class OptionRow(Answer):
    """One way to buy."""

    supplier: str
    quantity: Decimal
    surplus: Decimal
    unit_price: Decimal
    total: Money
    arrives_on: date
    for_price_break: bool
    more_cost: Money | None


class BuyingOptionsShown(Answer):
    """The ways to buy, the least total first."""

    sku: str
    needed: Decimal
    options: list[OptionRow]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say which is the cheapest."""
        if not self.options:
            if language == "zh":
                return f"没有可用的供应商提供 {self.sku}。"
            return f"Nobody offers {self.sku}."
        best = self.options[0]
        goods = f"{plain(best.quantity)} × {self.sku}"
        if language == "zh":
            return (
                f"满足 {plain(self.needed)} 的最低总价：{best.supplier}，{goods}，{best.total}，"
                f"{best.arrives_on} 到货；共 {len(self.options)} 种方案。"
            )
        return (
            f"The least for {plain(self.needed)} is {best.total} with {best.supplier} for {goods},"
            f" here on {best.arrives_on}; {len(self.options)} ways in all."
        )

    def grid(self) -> Grid:
        """Return one row for every way."""
        columns = (
            Column("supplier", "供应商"),
            Column("quantity", "数量", "quantity"),
            Column("surplus", "多出", "quantity"),
            Column("unit price", "单价", self.currency),
            Column("total", "合计", self.currency),
            Column("more cost", "多花", self.currency),
            Column("arrives", "到货", "date"),
        )
        rows = tuple(
            (
                *(each.supplier, each.quantity, each.surplus, each.unit_price, each.total.amount),
                each.more_cost and each.more_cost.amount,
                each.arrives_on,
            )
            for each in self.options
        )
        return Grid(columns, rows)


def show_buying_options(session: Session, arguments: ShowBuyingOptions) -> BuyingOptionsShown:
    """Work them out."""
    item = purchasing.find_item(session, arguments.item)
    return BuyingOptionsShown(
        sku=item.sku,
        needed=arguments.quantity,
        currency=company(session).currency,
        options=[
            OptionRow(
                supplier=each.offer.supplier.name,
                quantity=each.quantity,
                surplus=each.surplus,
                unit_price=each.unit_price,
                total=each.total,
                arrives_on=each.arrives_on,
                for_price_break=each.for_price_break,
                more_cost=each.more_cost,
            )
            for each in purchasing.buying_options(session, item, arguments.quantity)
        ],
    )


TOOLS = [
    Tool(
        "purchasing.compare_offers",
        CompareOffers,
        compare_offers,
        writes=False,
        title="Compare offers",
        title_zh="比较供应商报价",
        roles=COSTS,
    ),
    Tool(
        "purchasing.add_offer",
        AddOffer,
        add_offer,
        writes=True,
        title="Add offer",
        title_zh="登记供应商报价",
        roles=BUYERS,
        pin=pin_offer,
        undo=undo_add_offer,
    ),
    Tool(
        "purchasing.buying_options",
        ShowBuyingOptions,
        show_buying_options,
        writes=False,
        title="Ways to buy",
        title_zh="采购方案",
        roles=COSTS,
    ),
]
