"""What conversions between units tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain


@dataclass(frozen=True)
class ConversionSet(Fact, name="catalog.conversion_set"):
    """One unit is so much of another from now on, of one item or of all."""

    sku: str | None
    unit: str
    of_unit: str
    before: Decimal | None
    after: Decimal | None
    before_unit: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show how much one is before and now."""
        before = None if self.before is None else f"{plain(self.before)} {self.before_unit}"
        after = "none" if self.after is None else f"{plain(self.after)} {self.of_unit}"
        subject = f"item {self.sku}" if self.sku else "unit"
        return (Change(Kind.RECORD, subject, after, before=before, measure=f"1 {self.unit}"),)


@dataclass(frozen=True)
class TradeUnitSet(Fact, name="catalog.trade_unit_set"):
    """An item is usually bought or sold in another unit from now on."""

    sku: str
    measure: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show both units."""
        subject = f"item {self.sku}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, measure=self.measure),)
