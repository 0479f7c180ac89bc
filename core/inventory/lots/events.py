"""What lots tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class LotLine:
    """How much of a lot lay in a location before and after."""

    sku: str
    lot: str
    location: str
    before: str
    after: str
    expires_on: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what of the lot is on hand there."""
        subject = f"lot {self.sku} {self.lot}"
        return (
            Change(
                Kind.STOCK,
                subject,
                self.after,
                before=self.before,
                measure=f"on_hand@{self.location}",
                detail=f"≤ {self.expires_on}" if self.expires_on else "",
            ),
        )


@dataclass(frozen=True)
class LotsMoved(Fact, name="inventory.lots_moved"):
    """Goods of these lots came in, went out, or went from one place to another."""

    origin: str
    lots: tuple[LotLine, ...]
    # Why a lot left that was held or had expired, by its number.
    allowed: tuple[tuple[str, str], ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show every lot before and after, and why one was let go."""
        let_go = tuple(
            Change(Kind.RECORD, f"lot {lot}", "released", before="held", detail=because)
            for lot, because in self.allowed
        )
        return (*(change for line in self.lots for change in line.changes()), *let_go)


@dataclass(frozen=True)
class LotChanged(Fact, name="inventory.lot_changed"):
    """A lot is held, is free again, or is good until another day than was said."""

    sku: str
    lot: str
    measure: str
    before: str
    after: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what of it changed, and why."""
        return (
            Change(
                Kind.RECORD,
                f"lot {self.sku} {self.lot}",
                self.after,
                before=self.before,
                measure=self.measure,
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class TrackingSet(Fact, name="inventory.tracking_set"):
    """Goods of an item are told apart in another way than before."""

    sku: str
    item_name: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show how they are told apart."""
        subject = f"{self.sku} {self.item_name}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, measure="tracking"),)
