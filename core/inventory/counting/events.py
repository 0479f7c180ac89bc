"""What counts tell the rest of the house."""

from dataclasses import dataclass

from core.inventory.events import Level
from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money

LINES_SHOWN = 20


@dataclass(frozen=True)
class CountStarted(Fact, name="inventory.count_started"):
    """Some items in some places are to be counted."""

    number: str
    location: str
    shelves: tuple[str, ...]
    lines: int
    terms: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is to be counted; never how much there should be."""
        more = f" + {self.lines - len(self.shelves)}" if self.lines > len(self.shelves) else ""
        detail = f"{self.location}, {self.terms}: {', '.join(self.shelves)}{more}"
        return (Change(Kind.DOCUMENT, "stock_count", "open", detail=detail, note=self.number),)

    def new_number(self) -> str | None:
        """Return the number of the count."""
        return self.number


@dataclass(frozen=True)
class CountEntered(Fact, name="inventory.count_entered"):
    """Somebody counted a shelf."""

    number: str
    sku: str
    location: str
    counted: str
    round: int

    def changes(self) -> tuple[Change, ...]:
        """Show what was counted; never how much there should be."""
        subject = f"stock_count {self.number}"
        detail = f"{self.sku} @ {self.location}"
        measure = "counted" if self.round == 1 else "recounted"
        return (Change(Kind.RECORD, subject, self.counted, measure=measure, detail=detail),)


@dataclass(frozen=True)
class CountConfirmed(Fact, name="inventory.count_confirmed"):
    """A count is closed, and the books follow what lies there."""

    number: str
    levels: tuple[Level, ...]
    shelves: int
    differing: int
    left_out: int
    accepted: tuple[str, ...]
    because: str
    # What was found and what was missing, both as positive amounts.
    found: Money
    missing: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the document, the differences one by one, and what was not counted."""
        subject = f"stock_count {self.number}"
        shown = [
            Change(Kind.DOCUMENT, subject, "confirmed", before="open", detail=self.because),
            Change(Kind.DOCUMENT, subject, str(self.shelves), measure="shelves_counted"),
        ]
        if self.left_out:
            shown.append(Change(Kind.DOCUMENT, subject, str(self.left_out), measure="not_counted"))
        if self.accepted:
            shelves = "; ".join(self.accepted)
            shown.append(Change(Kind.DOCUMENT, subject, shelves, measure="beyond_tolerance"))
        return (*shown, *(change for level in self.levels for change in level.changes()))

    def amount(self) -> Money | None:
        """Return what was found and what was missing together: one does not hide the other."""
        return Money(self.found.minor + self.missing.minor, self.found.currency)

    def decided_as(self) -> DecisionKind:
        """Tell that it corrects what is on hand."""
        return DecisionKind.STOCK_COUNT


@dataclass(frozen=True)
class CountCancelled(Fact, name="inventory.count_cancelled"):
    """A count is given up; the books stay as they are."""

    number: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show that it is cancelled."""
        subject = f"stock_count {self.number}"
        return (Change(Kind.DOCUMENT, subject, "cancelled", before="open", detail=self.because),)
