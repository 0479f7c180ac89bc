"""What valuation tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money

# Corrected costs of an item that a card shows one by one.
SHOWN_MAX = 30


@dataclass(frozen=True)
class CorrectedCost:
    """What the goods of a document cost before and after."""

    origin: str
    on: str
    before: Money
    after: Money


@dataclass(frozen=True)
class CostsCorrected(Fact, name="inventory.costs_corrected"):
    """Something came late, and what moved before costs another amount than was booked."""

    sku: str
    item_name: str
    origin: str
    because: str
    costs: tuple[CorrectedCost, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the cost of each document before and after; this one has no number yet.

        Where there are many, those that change most, and all the others in one line.
        """
        most = sorted(self.costs, key=lambda each: -abs(each.after.minor - each.before.minor))
        shown = set(most[:SHOWN_MAX])
        changes = [
            self._change(each.before, each.after, "" if each.origin == self.origin else each.origin)
            for each in self.costs
            if each in shown
        ]
        if rest := most[SHOWN_MAX:]:
            before, after = (
                Money(sum(each.minor for each in amounts), rest[0].before.currency)
                for amounts in zip(*((each.before, each.after) for each in rest), strict=True)
            )
            changes.append(self._change(before, after, f"+{len(rest)}"))
        return tuple(changes)

    def _change(self, before: Money, after: Money, detail: str) -> Change:
        return Change(
            Kind.RECORD,
            f"{self.sku} {self.item_name}",
            str(after),
            before=str(before),
            measure="cost",
            detail=detail,
        )


@dataclass(frozen=True)
class CountKept(Fact, name="inventory.count_kept"):
    """Something came late from before a count: what was counted stays, its difference changes."""

    sku: str
    item_name: str
    location: str
    counted: str
    counted_on: str
    count: str
    quantity: str
    origin: str
    value: Money

    def changes(self) -> tuple[Change, ...]:
        """Show by how much the difference that the count found changes."""
        return (
            Change(
                Kind.RECORD,
                f"{self.sku} {self.item_name}",
                self.quantity,
                measure=f"count_difference@{self.location}",
                detail=f"{self.count} {self.counted_on}: {self.counted}",
            ),
        )

    def amount(self) -> Money | None:
        """Return the value found or missing."""
        return Money(abs(self.value.minor), self.value.currency)


@dataclass(frozen=True)
class StockRevalued(Fact, name="inventory.stock_revalued"):
    """The stock of an item has another value, another method or another standard cost."""

    number: str
    sku: str
    item_name: str
    because: str
    before: Money
    after: Money
    method_before: str
    method: str
    standard_before: str
    standard: str

    def changes(self) -> tuple[Change, ...]:
        """Show value, method and standard cost, where they changed."""
        subject = f"{self.sku} {self.item_name}"
        pairs = (
            ("stock_value", str(self.before), str(self.after)),
            ("valuation_method", self.method_before, self.method),
            ("standard_cost", self.standard_before, self.standard),
        )
        return tuple(
            Change(Kind.RECORD, subject, after or "none", before=before or "none", measure=measure)
            for measure, before, after in pairs
            if before != after
        )

    def amount(self) -> Money | None:
        """Return by how much it is worth more, or less."""
        return Money(abs(self.after.minor - self.before.minor), self.after.currency)

    def new_number(self) -> str | None:
        """Return the number of the revaluation."""
        return self.number or None


@dataclass(frozen=True)
class NegativeStockSet(Fact, name="inventory.negative_stock_set"):
    """An item may leave before it came, or no longer."""

    sku: str
    item_name: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the policy before and after."""
        subject = f"{self.sku} {self.item_name}"
        return (
            Change(Kind.RECORD, subject, self.after, before=self.before, measure="negative_stock"),
        )


@dataclass(frozen=True)
class LandedShare:
    """What one receipt of goods takes of a landed cost."""

    sku: str
    item_name: str
    receipt: str
    quantity: str
    amount: Money


@dataclass(frozen=True)
class LandedCostCharged(Fact, name="inventory.landed_cost_charged"):
    """Freight, duty or insurance made goods dearer that came in."""

    number: str
    charged: Money
    basis: str
    account: str
    bill: str
    shares: tuple[LandedShare, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the document and the share of each receipt."""
        document = Change(Kind.DOCUMENT, "landed_cost", str(self.charged), detail=self.bill)
        return (
            document,
            *(
                Change(
                    Kind.RECORD,
                    f"{each.sku} {each.item_name}",
                    str(each.amount),
                    measure="landed_cost",
                    detail=f"{each.receipt} × {each.quantity}",
                )
                for each in self.shares
            ),
        )

    def amount(self) -> Money | None:
        """Return what was charged."""
        return self.charged

    def new_number(self) -> str | None:
        """Return the number of the landed cost."""
        return self.number


@dataclass(frozen=True)
class LandedCostCancelled(Fact, name="inventory.landed_cost_cancelled"):
    """A landed cost was taken back; what it made dearer costs what it did before."""

    number: str
    charged: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the document."""
        return (
            Change(
                Kind.DOCUMENT,
                f"landed_cost {self.number}",
                "cancelled",
                before="posted",
                detail=str(self.charged),
            ),
        )

    def amount(self) -> Money | None:
        """Return what was charged."""
        return self.charged
