"""What is told of quotations."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class Quoted(Fact, name="sales.quoted"):
    """Goods were offered to somebody, as a draft that nobody has seen."""

    number: str
    party: str
    lines: tuple[str, ...]
    net: Money
    total: Money
    valid_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show what would be offered, and for how long."""
        tax = self.total - self.net
        gross = f" + {tax} = {self.total}" if tax.minor else ""
        offered = f"{', '.join(self.lines)} = {self.net}{gross}"
        detail = f"{offered} · {self.party} · {self.valid_days} d"
        return (Change(Kind.DOCUMENT, "quotation", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the quotation."""
        return self.number


@dataclass(frozen=True)
class QuotationChanged(Fact, name="sales.quotation_changed"):
    """What is offered is something else now; what was sent before stays on record."""

    number: str
    party: str
    version_before: int
    version: int
    gone: tuple[str, ...]
    added: tuple[str, ...]
    before: Money
    after: Money

    def changes(self) -> tuple[Change, ...]:
        """Show which lines are gone and which are new, and what it comes to."""
        subject = f"quotation {self.number}"
        told = [
            Change(Kind.DOCUMENT, subject, after, before=before, measure="quoted")
            for before, after in [(line, "–") for line in self.gone]
            + [("–", line) for line in self.added]
        ]
        total = Change(
            Kind.DOCUMENT,
            subject,
            str(self.after),
            before=str(self.before),
            measure="total",
            detail=f"v{self.version_before} → v{self.version} · {self.party}",
        )
        return (*told, total)


@dataclass(frozen=True)
class QuotationSent(Fact, name="sales.quotation_sent"):
    """A quotation went out: the customer may take us at our word."""

    number: str
    party: str
    email: str
    version: int
    total: Money
    before: str

    def changes(self) -> tuple[Change, ...]:
        """Show what goes out, and to whom."""
        subject = f"quotation {self.number}"
        return (
            Change(Kind.DOCUMENT, subject, "sent", before=self.before),
            Change(
                Kind.MESSAGE,
                self.party,
                subject,
                detail=f"{self.email or '–'} · v{self.version} · {self.total}",
            ),
        )

    def amount(self) -> Money:
        """Answer for what is offered."""
        return self.total


@dataclass(frozen=True)
class QuotationAccepted(Fact, name="sales.quotation_accepted"):
    """A customer took us at our word; the order tells the rest."""

    number: str
    order: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what becomes of the quotation."""
        return (Change(Kind.DOCUMENT, f"quotation {self.number}", self.after, before=self.before),)


@dataclass(frozen=True)
class QuotationGivenBack(Fact, name="sales.quotation_given_back"):
    """An order of a quotation was cancelled: what it took of it can be ordered again."""

    number: str
    order: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what becomes of the quotation, where that is anything new."""
        if self.before == self.after:
            return ()
        return (Change(Kind.DOCUMENT, f"quotation {self.number}", self.after, before=self.before),)


@dataclass(frozen=True)
class QuotationDeclined(Fact, name="sales.quotation_declined"):
    """Somebody does not want what we offered."""

    number: str
    party: str
    before: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the end of the quotation, and why."""
        subject, detail = f"quotation {self.number}", f"{self.party} · {self.because}"
        return (Change(Kind.DOCUMENT, subject, "declined", before=self.before, detail=detail),)
