"""What work orders tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money, plain


@dataclass(frozen=True)
class WorkOrderMade(Fact, name="manufacturing.work_order_made"):
    """A work order was written: so many of an item are to be made by a day."""

    number: str
    sku: str
    item_name: str
    quantity: Decimal
    state: str
    components: tuple[str, ...]
    operations: tuple[str, ...]
    due_in_days: int
    due_on: str
    starts_in_days: int
    starts_on: str
    made_for: str
    cost: Money

    def changes(self) -> tuple[Change, ...]:
        """Show what is made by when, what it takes and what that is reckoned to cost."""
        said = [f"{plain(self.quantity)} × {self.sku} {self.item_name}"]
        said += [", ".join(each) for each in (self.components, self.operations) if each]
        said += [f"+{self.starts_in_days} d → +{self.due_in_days} d", str(self.cost)]
        if self.made_for:
            said.append(self.made_for)
        return (
            Change(
                Kind.DOCUMENT,
                "work_order",
                self.state,
                detail=" · ".join(said),
                note=f"{self.starts_on} – {self.due_on}",
            ),
        )

    def amount(self) -> Money | None:
        """Return what it is reckoned to cost."""
        return self.cost

    def new_number(self) -> str:
        """Return the number of the order."""
        return self.number


@dataclass(frozen=True)
class WorkOrderMoved(Fact, name="manufacturing.work_order_moved"):
    """A work order went on: it was made firm, released, started, finished, closed or cancelled."""

    number: str
    sku: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show its state before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"work_order {self.number}",
                self.after,
                before=self.before,
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class WorkOrderChanged(Fact, name="manufacturing.work_order_changed"):
    """A work order is for another quantity, or due on another day, than before."""

    number: str
    sku: str
    measure: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what it was and what it is."""
        return (
            Change(
                Kind.DOCUMENT,
                f"work_order {self.number}",
                self.after,
                before=self.before,
                measure=self.measure,
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class ProductionReported(Fact, name="manufacturing.production_reported"):
    """So many came out good, were scrapped, or are being mended."""

    number: str
    sku: str
    good: Decimal
    scrapped: Decimal
    rework: Decimal
    reason: str
    before: tuple[Decimal, Decimal, Decimal]

    def changes(self) -> tuple[Change, ...]:
        """Show each sum before and after."""
        subject, more = f"work_order {self.number}", (self.good, self.scrapped, self.rework)
        names = ("good_quantity", "scrapped_quantity", "rework_quantity")
        return tuple(
            Change(
                Kind.DOCUMENT,
                subject,
                plain(was + part),
                before=plain(was),
                measure=name,
                detail=self.reason if name == "scrapped_quantity" else "",
            )
            for name, was, part in zip(names, self.before, more, strict=True)
            if part
        )


@dataclass(frozen=True)
class WorkReported(Fact, name="manufacturing.work_reported"):
    """Somebody worked on an order, or a cost was charged to it; or that was taken back."""

    number: str
    what: str
    minutes: Decimal
    cycles: Decimal
    cost: Money
    is_taken_back: bool = False
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show how long, where, and what that costs."""
        said = [f"{plain(self.minutes)} min" if self.minutes else ""]
        said += [f"{plain(self.cycles)} ×" if self.cycles else "", str(self.cost), self.because]
        after = "taken_back" if self.is_taken_back else "reported"
        detail = " · ".join(each for each in (self.what, *said) if each)
        return (Change(Kind.DOCUMENT, f"work_order {self.number}", after, detail=detail),)

    def amount(self) -> Money | None:
        """Return what it costs."""
        return Money(abs(self.cost.minor), self.cost.currency)


@dataclass(frozen=True)
class OrderSettled(Fact, name="manufacturing.order_settled"):
    """What an order cost beyond what its output is worth was taken out of work in progress."""

    number: str
    variances: tuple[tuple[str, Money], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each variance."""
        return tuple(
            Change(
                Kind.DOCUMENT,
                f"work_order {self.number}",
                str(amount),
                measure=f"{kind}_variance",
            )
            for kind, amount in self.variances
        )
