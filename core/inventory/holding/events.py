"""What holds tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class GoodsHeld(Fact, name="inventory.goods_held"):
    """Goods were set aside."""

    number: str
    sku: str
    quantity: str
    place: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the hold and why."""
        detail = f"{self.quantity} × {self.sku}, {self.because}"
        return (Change(Kind.DOCUMENT, "stock_hold", "held", detail=detail, note=self.number),)

    def new_number(self) -> str | None:
        """Return the number of the hold."""
        return self.number


@dataclass(frozen=True)
class HoldDecided(Fact, name="inventory.hold_decided"):
    """Held goods were released or scrapped."""

    number: str
    sku: str
    quantity: str
    became: str
    target: str
    because: str
    scrapped: Money | None

    def changes(self) -> tuple[Change, ...]:
        """Show what became of them."""
        detail = ", ".join(part for part in (self.target, self.because) if part)
        goods = f"{self.quantity} × {self.sku}"
        subject = f"stock_hold {self.number}"
        return (Change(Kind.DOCUMENT, subject, goods, measure=self.became, detail=detail),)

    def amount(self) -> Money | None:
        """Return what the goods that are scrapped were worth."""
        return self.scrapped

    def decided_as(self) -> DecisionKind | None:
        """Tell that scrap corrects what is on hand."""
        return DecisionKind.STOCK_COUNT if self.scrapped is not None else None
