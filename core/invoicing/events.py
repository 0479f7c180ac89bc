"""What invoicing tells the rest of the house."""

from dataclasses import dataclass

from core.invoicing.rules import direction_of
from core.invoicing.tables import InvoiceKind, PaymentKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class Settled:
    """How much of a document was open before and after something settled it, or was undone."""

    kind: InvoiceKind
    number: str
    open_before: Money
    open_after: Money

    def change(self) -> Change:
        """Show what is still open."""
        return Change(
            Kind.DOCUMENT,
            f"{self.kind} {self.number}",
            "open" if self.open_after.minor else "paid",
            before="open" if self.open_before.minor else "paid",
            detail=f"{self.open_before} → {self.open_after}",
        )


@dataclass(frozen=True)
class Owed:
    """What a party owes us, or we owe it, before and after."""

    party: str
    before: Money
    after: Money

    def change(self, measure: str) -> Change:
        """Show both levels."""
        return Change(
            Kind.EXPOSURE, self.party, str(self.after), before=str(self.before), measure=measure
        )


@dataclass(frozen=True)
class InvoicePosted(Fact, name="invoicing.invoice_posted"):
    """A customer invoice, a supplier bill or a credit note was posted.

    `due_in_days` counts from the business date; `lines` say each line in short.
    """

    kind: InvoiceKind
    number: str
    party_number: str
    owed: Owed
    total: Money
    due_in_days: int
    due_on: str
    lines: tuple[str, ...]
    origin: str
    reference: str = ""
    # The invoice that a credit note takes back, and what it settles of it.
    credits: str = ""
    settled: Settled | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show the document, what it makes owed, and when the money will move."""
        direction = direction_of(self.kind)
        measure = "cash_in" if direction == "receivable" else "cash_out"
        shown = [
            Change(
                Kind.DOCUMENT,
                self.kind,
                "new",
                detail=" · ".join(
                    part
                    for part in (
                        "; ".join(self.lines),
                        str(self.total),
                        self.owed.party,
                        self.reference,
                        self.origin,
                    )
                    if part
                ),
            ),
            self.owed.change(direction),
        ]
        cash = self.total
        if self.credits:
            taken_back = direction.invoice
            shown.append(
                Change(Kind.DOCUMENT, f"{taken_back} {self.credits}", "reversed", before="posted")
            )
            cash = Money(0, self.total.currency)
            if self.settled is not None:
                cash = self.settled.open_after - self.settled.open_before
        if cash.minor:
            days = str(self.due_in_days)
            shown.append(Change(Kind.CASH, days, str(cash), measure=measure, note=self.due_on))
        return tuple(shown)

    def amount(self) -> Money | None:
        """Return the total."""
        return self.total

    def new_number(self) -> str | None:
        """Return the number of the document."""
        return self.number


@dataclass(frozen=True)
class PaymentPosted(Fact, name="invoicing.payment_posted"):
    """Money came in from a customer or went out to a supplier."""

    kind: PaymentKind
    number: str
    party_number: str
    owed: Owed
    paid: Money
    # What settles nothing yet, and stays a credit of the party.
    left_open: Money
    settled: tuple[Settled, ...]
    paid_in_days: int
    paid_on: str
    reference: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the payment, what it settles, and the cash."""
        direction = direction_of(self.kind)
        measure = "cash_in" if direction == "receivable" else "cash_out"
        parts = [str(self.paid), self.owed.party, self.reference]
        if self.left_open.minor:
            parts.append(f"+{self.left_open}")
        return (
            Change(
                Kind.DOCUMENT, self.kind, "new", detail=" · ".join(part for part in parts if part)
            ),
            *(each.change() for each in self.settled),
            self.owed.change(direction),
            Change(
                Kind.CASH,
                str(self.paid_in_days),
                str(self.paid),
                measure=measure,
                note=self.paid_on,
            ),
        )

    def amount(self) -> Money | None:
        """Return what was paid."""
        return self.paid

    def new_number(self) -> str | None:
        """Return the number of the payment."""
        return self.number


@dataclass(frozen=True)
class PaymentUndone(Fact, name="invoicing.payment_undone"):
    """A payment turned out not to be one, and what it had settled is open again."""

    kind: PaymentKind
    number: str
    party_number: str
    owed: Owed
    paid: Money
    reopened: tuple[Settled, ...]
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the payment, what is open again, and the cash that is not there."""
        direction = direction_of(self.kind)
        measure = "cash_in" if direction == "receivable" else "cash_out"
        return (
            Change(Kind.DOCUMENT, f"{self.kind} {self.number}", "reversed", before="posted"),
            *(each.change() for each in self.reopened),
            self.owed.change(direction),
            Change(Kind.CASH, "0", str(-self.paid), measure=measure),
        )

    def amount(self) -> Money | None:
        """Return what is not paid any more."""
        return self.paid


@dataclass(frozen=True)
class CreditApplied(Fact, name="invoicing.credit_applied"):
    """A credit note, or what was paid too much, settled open documents of the same party."""

    number: str
    party_number: str
    applied: Money
    left_open: Money
    settled: tuple[Settled, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what it settles."""
        return tuple(each.change() for each in self.settled)

    def amount(self) -> Money | None:
        """Return what was settled."""
        return self.applied
