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


@dataclass(frozen=True)
class ItemBlockingChanged(Fact, name="catalog.item_blocking_changed"):
    """An item may not be sold or bought for now, or may be again."""

    sku: str
    trade: str
    blocked: bool
    replaced_by: str | None

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and what to take instead."""
        states = ("released", "blocked")
        detail = f"→ {self.replaced_by}" if self.replaced_by and self.blocked else ""
        return (
            Change(
                Kind.RECORD,
                f"item {self.sku}",
                states[self.blocked],
                before=states[not self.blocked],
                measure=self.trade,
                detail=detail,
            ),
        )


@dataclass(frozen=True)
class ItemReplaced(Fact, name="catalog.item_replaced"):
    """Another item takes the place of one, or none does any more."""

    sku: str
    before: str | None
    after: str | None

    def changes(self) -> tuple[Change, ...]:
        """Show both."""
        subject, after = f"item {self.sku}", self.after or "none"
        before = self.before or "none"
        return (Change(Kind.RECORD, subject, after, before=before, measure="replaced_by"),)


@dataclass(frozen=True)
class MeasuresSet(Fact, name="catalog.measures_set"):
    """One unit of an item is so heavy and so large."""

    sku: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show both measures before and after."""
        subject = f"item {self.sku}"
        return (
            Change(
                Kind.RECORD, subject, self.after, before=self.before, measure="freight_measures"
            ),
        )


@dataclass(frozen=True)
class CategoryTaxed(Fact, name="catalog.category_taxed"):
    """Items under a category that say nothing of their own are taxed otherwise from now on."""

    category: str
    before: str
    after: str
    items: int

    def changes(self) -> tuple[Change, ...]:
        """Show the codes before and after, and how many items follow."""
        subject = f"category {self.category}"
        return (
            Change(
                Kind.RECORD,
                subject,
                self.after,
                before=self.before,
                measure="tax_class",
                detail=f"{self.items} SKU",
            ),
        )


@dataclass(frozen=True)
class TemplateAdded(Fact, name="catalog.template_added"):
    """There is a template to make variants of."""

    code: str
    called: str
    attributes: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show in what its variants differ."""
        detail = " · ".join((f"{self.code} {self.called}", *self.attributes))
        return (Change(Kind.RECORD, "item_template", "new", detail=detail),)


@dataclass(frozen=True)
class KitDefined(Fact, name="catalog.kit_defined"):
    """A kit is made of these components from now on; orders before keep theirs."""

    sku: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what belonged to it and what belongs to it."""
        before = self.before or None
        return (Change(Kind.RECORD, f"kit {self.sku}", self.after, before=before),)


@dataclass(frozen=True)
class BarcodeChanged(Fact, name="catalog.barcode_changed"):
    """A scanner finds an item by one more barcode, or by one less."""

    sku: str
    code: str
    unit: str
    added: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the code and what it stands for."""
        states = ("none", f"{self.code} · 1 {self.unit}")
        return (
            Change(
                Kind.RECORD,
                f"item {self.sku}",
                states[self.added],
                before=states[not self.added],
                measure="barcode",
            ),
        )
