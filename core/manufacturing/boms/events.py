"""What bills of materials tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain


@dataclass(frozen=True)
class BillDefined(Fact, name="manufacturing.bill_defined"):
    """From some day on, an item is made of other things than before, or for the first time."""

    number: str
    sku: str
    item_name: str
    version: int
    output_quantity: Decimal
    components: tuple[str, ...]
    by_products: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]
    from_in_days: int
    valid_from: str

    def changes(self) -> tuple[Change, ...]:
        """Show what goes in, what else comes out, and the terms that were said."""
        subject = f"{self.sku} {self.item_name}"
        said = [f"{plain(self.output_quantity)} = {' + '.join(self.components)}"]
        if self.by_products:
            said.append(f"+ {', '.join(self.by_products)}")
        if self.from_in_days:
            said.append(f"+{self.from_in_days} d")
        bill = Change(
            Kind.RECORD,
            subject,
            f"v{self.version}",
            measure="bill_of_materials",
            detail=" · ".join(said),
            note=self.valid_from,
        )
        terms = (Change(Kind.RECORD, subject, what, measure=name) for name, what in self.terms)
        return (bill, *terms)

    def new_number(self) -> str:
        """Return the number of the bill."""
        return self.number


@dataclass(frozen=True)
class BillWithdrawn(Fact, name="manufacturing.bill_withdrawn"):
    """A version of a bill of materials does not hold any more."""

    number: str
    sku: str
    item_name: str

    def changes(self) -> tuple[Change, ...]:
        """Show that it has ended."""
        return (
            Change(Kind.DOCUMENT, f"bill_of_materials {self.number}", "ended", before="in_force"),
        )
