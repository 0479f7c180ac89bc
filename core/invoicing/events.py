"""What invoicing tells the rest of the house."""

from dataclasses import dataclass, replace

from core.invoicing.rules import direction_of
from core.invoicing.tables import DeductionKind, FapiaoKind, InvoiceKind, PaymentKind
from core.kernel.decisions import DecisionKind
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

    def now(self, open_minor: int) -> "Settled":
        """Return the same with what is open in the end."""
        return replace(self, open_after=Money(open_minor, self.open_after.currency))


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
    # What it is worth in the books, where it is in another currency.
    worth: Money | None = None
    # Where it falls due in parts: days from now, the day, and what then is to be paid.
    instalments: tuple[tuple[int, str, Money], ...] = ()

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
                        _valued(self.total, self.worth),
                        self.owed.party,
                        self.reference,
                        self.origin,
                    )
                    if part
                ),
            ),
            self.owed.change(direction),
        ]
        moving = self.instalments or ((self.due_in_days, self.due_on, self.total),)
        if self.credits:
            taken_back = direction.invoice
            shown.append(
                Change(Kind.DOCUMENT, f"{taken_back} {self.credits}", "reversed", before="posted")
            )
            moving = ()
            if self.settled is not None:
                less = self.settled.open_after - self.settled.open_before
                moving = ((self.due_in_days, self.due_on, less),)
        shown.extend(
            Change(Kind.CASH, str(days), str(cash), measure=measure, note=day)
            for days, day, cash in moving
            if cash.minor
        )
        return tuple(shown)

    def amount(self) -> Money | None:
        """Return what the total is worth."""
        return self.worth or self.total

    def new_number(self) -> str | None:
        """Return the number of the document."""
        return self.number

    def decided_as(self) -> DecisionKind:
        """Tell which document it is."""
        return DecisionKind(self.kind)


@dataclass(frozen=True)
class DocumentsBrought(Fact, name="invoicing.documents_brought"):
    """Invoices, bills and payments of another system were written into ours, in one go.

    `numbers` are the first and the last of each series, and all between them came.
    """

    source: str
    count: int
    numbers: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show how many documents came, and their numbers."""
        note = ", ".join(f"{first} … {last}" for first, last in self.numbers)
        detail = f"{self.count} × {self.source}"
        return (Change(Kind.DOCUMENT, "invoices_and_payments", "new", detail=detail, note=note),)


@dataclass(frozen=True)
class PartCredited(Fact, name="invoicing.part_credited"):
    """A part of a document was taken back; so much of it could still be."""

    number: str
    kind: InvoiceKind
    note: str
    before: Money
    after: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what of it still stands."""
        return (
            Change(
                Kind.DOCUMENT,
                f"{self.kind} {self.number}",
                str(self.after),
                before=str(self.before),
                measure="standing",
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class OpenItemPosted(Fact, name="invoicing.open_item_posted"):
    """A line of an entry by hand is owed by a customer or to a supplier, or takes that back.

    Who approves the entry answers for its amount.
    """

    kind: InvoiceKind
    number: str
    party_number: str
    owed: Owed
    total: Money
    due_in_days: int
    due_on: str
    entry: str
    reference: str = ""
    # The open item that it takes back.
    reverses: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the open item, what it makes owed, and when the money will move."""
        direction = direction_of(self.kind)
        parts = (str(self.total), self.owed.party, self.reference, self.reverses)
        shown = [
            Change(
                Kind.DOCUMENT, "open_item", "new", detail=" · ".join(part for part in parts if part)
            ),
            self.owed.change(direction),
        ]
        if self.kind is direction.invoice and not self.reverses:
            measure = "cash_in" if direction == "receivable" else "cash_out"
            shown.append(
                Change(
                    Kind.CASH,
                    str(self.due_in_days),
                    str(self.total),
                    measure=measure,
                    note=self.due_on,
                )
            )
        return tuple(shown)

    def new_number(self) -> str | None:
        """Return the number of the open item."""
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
    # What it is worth in the books, where it is in another currency.
    worth: Money | None = None
    # What the bank kept.
    fee: Money | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show the payment, what it settles, and the cash."""
        direction = direction_of(self.kind)
        measure = "cash_in" if direction == "receivable" else "cash_out"
        parts = [_valued(self.paid, self.worth), self.owed.party, self.reference]
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
        """Return what was paid, as it is worth."""
        return self.worth or self.paid

    def new_number(self) -> str | None:
        """Return the number of the payment."""
        return self.number

    def decided_as(self) -> DecisionKind:
        """Tell which way the money goes."""
        return DecisionKind(self.kind)


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

    def decided_as(self) -> DecisionKind:
        """Tell which way the money had gone."""
        return DecisionKind(self.kind)


@dataclass(frozen=True)
class CreditApplied(Fact, name="invoicing.credit_applied"):
    """A credit note, or what was paid too much, settled open documents of the same party."""

    number: str
    party_number: str
    applied: Money
    left_open: Money
    settled: tuple[Settled, ...]
    # What was settled is worth so much today.
    worth: Money | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show what it settles."""
        return tuple(each.change() for each in self.settled)

    def amount(self) -> Money | None:
        """Return what was settled, as it is worth."""
        return self.worth or self.applied


@dataclass(frozen=True)
class Unsettled(Fact, name="invoicing.unsettled"):
    """What a payment or a credit note had settled is open again, and so is it."""

    number: str
    owed: Owed
    left_open: Money
    reopened: tuple[Settled, ...]
    measure: str
    because: str
    # What is to be settled anew is worth so much today.
    worth: Money | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show what is open again."""
        return (*(each.change() for each in self.reopened), self.owed.change(self.measure))

    def amount(self) -> Money | None:
        """Return what is to be settled anew, as it is worth."""
        return self.worth or self.left_open


@dataclass(frozen=True)
class Deducted(Fact, name="invoicing.deducted"):
    """A discount was taken, or a rest given up."""

    number: str
    kind: DeductionKind
    owed: Owed
    deducted: Money
    settled: Settled
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show how much, and what it settles."""
        return (
            Change(Kind.DOCUMENT, self.kind, "new", detail=f"{self.deducted} · {self.because}"),
            self.settled.change(),
            self.owed.change(direction_of(self.settled.kind)),
        )

    def amount(self) -> Money | None:
        """Return what nobody pays."""
        return self.deducted

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number

    def decided_as(self) -> DecisionKind | None:
        """Tell whether something is given up that nobody agreed to leave."""
        return DecisionKind.WRITE_OFF if self.kind is DeductionKind.WRITE_OFF else None


@dataclass(frozen=True)
class DeductionUndone(Fact, name="invoicing.deduction_undone"):
    """A discount or write-off was taken back, and the document is open again by it."""

    number: str
    kind: DeductionKind
    owed: Owed
    deducted: Money
    settled: Settled
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is open again."""
        return (
            Change(Kind.DOCUMENT, f"{self.kind} {self.number}", "reversed", before="posted"),
            self.settled.change(),
            self.owed.change(direction_of(self.settled.kind)),
        )

    def amount(self) -> Money | None:
        """Return what is owed again."""
        return self.deducted


@dataclass(frozen=True)
class TermsAdded(Fact, name="invoicing.terms_added"):
    """Payment terms were agreed upon."""

    code: str
    lines: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what they ask for."""
        return (
            Change(Kind.RECORD, f"payment_terms {self.code}", "new", detail="; ".join(self.lines)),
        )


@dataclass(frozen=True)
class PartyTermsSet(Fact, name="invoicing.party_terms_set"):
    """A party's documents are paid on other terms from now on."""

    party: str
    direction: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the terms before and after."""
        return (
            Change(
                Kind.RECORD,
                f"payment_terms {self.party}",
                self.after,
                before=self.before or "–",
                measure=self.direction,
            ),
        )


@dataclass(frozen=True)
class Rescheduled(Fact, name="invoicing.rescheduled"):
    """A document is to be paid by other instalments."""

    number: str
    kind: InvoiceKind
    before: str
    parts: tuple[str, ...]
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the days and amounts agreed upon."""
        return (
            Change(
                Kind.DOCUMENT,
                f"{self.kind} {self.number}",
                "; ".join(self.parts),
                before=self.before,
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class Revalued(Fact, name="invoicing.revalued"):
    """What is open in a currency was put at the rate of a day, and back on the next."""

    number: str
    currency: str
    revalued_on: str
    reversed_on: str
    rate: str
    gain: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the rate, and what it makes of it."""
        return (
            Change(
                Kind.RECORD,
                f"revaluation {self.currency}",
                str(self.gain),
                detail=f"{self.rate} · {self.revalued_on} ⇄ {self.reversed_on}",
            ),
        )

    def amount(self) -> Money | None:
        """Return the difference."""
        return Money(abs(self.gain.minor), self.gain.currency)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class RevaluationTakenBack(Fact, name="invoicing.revaluation_taken_back"):
    """A revaluation was undone by the opposite of both its entries."""

    number: str
    by: str
    currency: str
    gain: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the revaluation, and what it does not gain any more."""
        return (
            Change(
                Kind.RECORD,
                f"revaluation {self.number}",
                "reversed",
                before="posted",
                detail=f"{self.currency} {self.gain}",
            ),
        )

    def amount(self) -> Money | None:
        """Return the difference."""
        return Money(abs(self.gain.minor), self.gain.currency)

    def new_number(self) -> str | None:
        """Return the number of what takes it back."""
        return self.by


@dataclass(frozen=True)
class FapiaoNoted(Fact, name="invoicing.fapiao_noted"):
    """The official invoice of a document is known."""

    document: str
    document_kind: InvoiceKind
    kind: FapiaoKind
    before: str
    fapiao: str
    issued_on: str

    def changes(self) -> tuple[Change, ...]:
        """Show its kind and number, and the one in whose place it comes."""
        return (
            Change(
                Kind.RECORD,
                f"{self.document_kind} {self.document}",
                self.fapiao,
                before=self.before or None,
                measure=f"fapiao_{self.kind}",
                detail=self.issued_on,
            ),
        )


@dataclass(frozen=True)
class FapiaoRemoved(Fact, name="invoicing.fapiao_removed"):
    """A document has no official invoice any more."""

    document: str
    document_kind: InvoiceKind
    fapiao: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show which one it had."""
        return (
            Change(
                Kind.RECORD,
                f"{self.document_kind} {self.document}",
                "–",
                before=self.fapiao,
                measure="fapiao",
                detail=self.because,
            ),
        )


def _valued(amount: Money, worth: Money | None) -> str:
    return str(amount) if worth is None else f"{amount} = {worth}"
