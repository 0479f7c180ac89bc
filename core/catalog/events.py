"""What the catalog tells the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain


@dataclass(frozen=True)
class UnitAdded(Fact, name="catalog.unit_added"):
    """There is one more unit to count in."""

    code: str
    digits: int

    def changes(self) -> tuple[Change, ...]:
        """Show the unit and its decimals."""
        return (Change(Kind.RECORD, "unit", "new", detail=f"{self.code} · {self.digits}"),)


@dataclass(frozen=True)
class CategoryAdded(Fact, name="catalog.category_added"):
    """Items may be filed under one more heading."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the new category."""
        return (Change(Kind.RECORD, "category", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class PriceListAdded(Fact, name="catalog.price_list_added"):
    """There is one more list of sales prices."""

    code: str
    currency: str

    def changes(self) -> tuple[Change, ...]:
        """Show the list and its currency."""
        terms = f"{self.code} · {self.currency}"
        return (Change(Kind.RECORD, "price_list", "new", detail=terms),)


@dataclass(frozen=True)
class ItemAdded(Fact, name="catalog.item_added"):
    """There is one more item to trade with."""

    sku: str
    called: str
    unit: str
    standard_cost: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show the new item."""
        terms = f"{self.sku} {self.called} · {self.unit}"
        return (Change(Kind.RECORD, "item", "new", detail=terms),)


@dataclass(frozen=True)
class ItemRenamed(Fact, name="catalog.item_renamed"):
    """An item has another name from now on."""

    sku: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show both names."""
        subject = f"item {self.sku}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, measure="name"),)


@dataclass(frozen=True)
class ItemActivityChanged(Fact, name="catalog.item_activity_changed"):
    """An item is no longer traded, or again."""

    sku: str
    active: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        states = ("inactive", "active")
        subject, after = f"item {self.sku}", states[self.active]
        return (Change(Kind.RECORD, subject, after, before=states[not self.active]),)


@dataclass(frozen=True)
class StandardCostSet(Fact, name="catalog.standard_cost_set"):
    """We reckon with another cost of an item."""

    sku: str
    before: Decimal
    after: Decimal
    currency: str

    def changes(self) -> tuple[Change, ...]:
        """Show the cost before and after."""
        before, after = (f"{plain(cost)} {self.currency}" for cost in (self.before, self.after))
        subject = f"item {self.sku}"
        return (Change(Kind.RECORD, subject, after, before=before, measure="standard_cost"),)


@dataclass(frozen=True)
class PriceSet(Fact, name="catalog.price_set"):
    """An item is sold at a price from a day on; `before` is what it cost on that day so far."""

    sku: str
    price_list: str
    minimum_quantity: Decimal
    before: Decimal | None
    after: Decimal
    currency: str

    def changes(self) -> tuple[Change, ...]:
        """Show the price before and after."""
        before = None if self.before is None else f"{plain(self.before)} {self.currency}"
        return (
            Change(
                Kind.RECORD,
                f"price {self.sku}",
                f"{plain(self.after)} {self.currency}",
                before=before,
                measure=self.price_list,
                detail=f"≥ {plain(self.minimum_quantity)}",
            ),
        )
