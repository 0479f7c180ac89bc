"""What requests for quotation tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain


@dataclass(frozen=True)
class QuotesAsked(Fact, name="purchasing.quotes_asked"):
    """We asked suppliers what something would cost."""

    number: str
    goods: tuple[str, ...]
    suppliers: tuple[str, ...]
    answer_by: str
    answer_in_days: int
    needed_for: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is asked for, whom, and until when."""
        said = [", ".join(self.goods), ", ".join(self.suppliers), f"{self.answer_in_days} d"]
        if self.needed_for:
            said.append(self.needed_for)
        detail = " · ".join(said)
        return (
            Change(Kind.DOCUMENT, "quotation_request", "new", detail=detail, note=self.answer_by),
        )

    def new_number(self) -> str:
        """Return the number of the request."""
        return self.number


@dataclass(frozen=True)
class QuoteEntered(Fact, name="purchasing.quote_entered"):
    """A supplier answered with a price."""

    number: str
    supplier: str
    sku: str
    unit_price: Decimal
    currency: str
    minimum_quantity: Decimal
    order_multiple: Decimal | None
    lead_time_days: int
    valid_for_days: int | None
    valid_until: str
    before: Decimal | None

    def changes(self) -> tuple[Change, ...]:
        """Show the price before and after, and its terms."""
        before = None if self.before is None else f"{plain(self.before)} {self.currency}"
        terms = f"{self.sku} · {self.supplier} · ≥ {plain(self.minimum_quantity)}"
        if self.order_multiple is not None:
            terms += f" · n × {plain(self.order_multiple)}"
        terms += f" · {self.lead_time_days} d"
        if self.valid_for_days is not None:
            terms += f" · ≤ {self.valid_for_days} d"
        return (
            Change(
                Kind.DOCUMENT,
                f"quotation_request {self.number}",
                f"{plain(self.unit_price)} {self.currency}",
                before=before,
                measure="quoted",
                detail=terms,
                note=self.valid_until,
            ),
        )


@dataclass(frozen=True)
class QuoteDeclined(Fact, name="purchasing.quote_declined"):
    """A supplier answered that they will not quote."""

    number: str
    supplier: str

    def changes(self) -> tuple[Change, ...]:
        """Show who declined."""
        subject = f"quotation_request {self.number}"
        return (Change(Kind.DOCUMENT, subject, "declined", detail=self.supplier),)


@dataclass(frozen=True)
class QuotesDecided(Fact, name="purchasing.quotes_decided"):
    """A request was awarded, in whole or in part, or closed."""

    number: str
    before: str
    after: str
    awards: tuple[str, ...]
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what goes to whom."""
        said = [*self.awards, self.because]
        return (
            Change(
                Kind.DOCUMENT,
                f"quotation_request {self.number}",
                self.after,
                before=self.before,
                detail=" · ".join(each for each in said if each),
            ),
        )
