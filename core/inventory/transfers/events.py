"""What transfers tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class TransferShipped(Fact, name="inventory.transfer_shipped"):
    """Goods left one warehouse for another."""

    number: str
    source: str
    target: str
    expected_on: str
    goods: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the transfer, and what of it."""
        arrives = f", {self.expected_on}" if self.expected_on else ""
        goods = "; ".join(f"{quantity} × {sku}" for sku, quantity in self.goods)
        detail = f"{self.source} → {self.target}{arrives}: {goods}"
        return (
            Change(Kind.DOCUMENT, "stock_transfer", "under_way", detail=detail, note=self.number),
        )

    def new_number(self) -> str | None:
        """Return the number of the transfer."""
        return self.number


@dataclass(frozen=True)
class TransferMoved(Fact, name="inventory.transfer_moved"):
    """Goods under way arrived, came back or were lost."""

    number: str
    goods: tuple[tuple[str, str], ...]
    became: str
    state: str
    because: str
    lost: Money | None

    def changes(self) -> tuple[Change, ...]:
        """Show what became of them, and how the transfer stands."""
        goods = "; ".join(f"{quantity} × {sku}" for sku, quantity in self.goods)
        subject = f"stock_transfer {self.number}"
        shown = [Change(Kind.DOCUMENT, subject, goods, measure=self.became, detail=self.because)]
        if self.state == "closed":
            shown.append(Change(Kind.DOCUMENT, subject, "closed", before="under_way"))
        return tuple(shown)

    def amount(self) -> Money | None:
        """Return what the goods that were lost were worth."""
        return self.lost

    def decided_as(self) -> DecisionKind | None:
        """Tell that a loss corrects what is on hand."""
        return DecisionKind.STOCK_COUNT if self.lost is not None else None
