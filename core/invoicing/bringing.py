"""Documents by the ten thousand: what another system invoiced, and had paid, comes by COPY.

A document is priced, booked and settled like any other one; the amounts and the tax of its lines
are those that were charged there. The change log is told of all of them at once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.errors import DueBeforePosted, NothingToInvoice
from core.invoicing.events import DocumentsBrought
from core.invoicing.payments import payment_lines
from core.invoicing.rules import InvoiceDraftLine, PricedLine
from core.invoicing.service import booked_lines
from core.invoicing.tables import (
    DocumentState,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    Settlement,
)
from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.identifiers import ids_in_a_row
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.numbering import NumbersInARow
from core.ledger import EntriesBringer, Journal, find_accounts

_INVOICE = (
    *("id", "number", "kind", "party_id", "posted_on", "due_on", "currency", "net_minor"),
    *("tax_minor", "total_minor", "base_total_minor", "open_minor", "open_base_minor"),
    *("reference", "origin", "state", "entry_id", "territory_id", "salesperson_id", "channel"),
)
_LINE = (
    *("invoice_id", "position", "item_id", "description", "quantity", "unit_price"),
    *("discount_percent", "net_minor", "tax_code", "tax_minor", "account_id", "order_line_id"),
)
_PAYMENT = (
    *("id", "number", "kind", "party_id", "paid_on", "currency", "amount_minor"),
    *("base_amount_minor", "open_minor", "open_base_minor", "fee_minor", "entry_id"),
)
_SETTLEMENT = (
    *("invoice_id", "payment_id", "amount_minor", "base_minor", "source_minor"),
    *("source_base_minor", "settled_on"),
)


@dataclass(frozen=True, slots=True)
class BroughtDocument:
    """An invoice or a bill of another system, and the day on which it was paid, if it was.

    Its lines say what they were charged, with their taxes.
    """

    kind: InvoiceKind
    party_id: uuid.UUID
    party_name: str
    posted_on: date
    due_on: date
    lines: Sequence[InvoiceDraftLine]
    origin: str
    reference: str | None = None
    territory_id: uuid.UUID | None = None
    salesperson_id: uuid.UUID | None = None
    channel: str | None = None
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """A document that is in the books, and the day on which it is to be paid, if it was paid."""

    invoice_id: uuid.UUID
    kind: InvoiceKind
    party_id: uuid.UUID
    party_name: str
    total: Money
    paid_on: date | None


@dataclass
class _Waiting:
    """What is to be written, in the order of the tables."""

    invoices: list[tuple[object, ...]] = field(default_factory=list)
    lines: list[tuple[object, ...]] = field(default_factory=list)
    payments: list[tuple[object, ...]] = field(default_factory=list)
    settlements: list[tuple[object, ...]] = field(default_factory=list)


class DocumentsBringer:
    """Takes documents and payments in the order of the books.

    `money_account` is where the money of the other system came and went.
    """

    def __init__(
        self, session: Session, source: str, entries: EntriesBringer, *, money_account: str
    ) -> None:
        self._session, self._source, self._entries = session, source, entries
        self._ours, self._money = company(session), money_account
        self._waiting, self._ids = _Waiting(), ids_in_a_row()
        self._numbers, self._count = NumbersInARow(session), 0

    def post(self, brought: BroughtDocument) -> PostedDocument:
        """Book a document; who has paid it says so later, on that day."""
        currency = self._ours.currency
        direction = rules.direction_of(brought.kind)
        sale = direction is rules.Direction.RECEIVABLE
        priced = [rules.at_given(line, sale=sale) for line in brought.lines]
        net = rules.added_up((line.net for line in priced), currency)
        tax = rules.added_up((line.tax for line in priced), currency)
        total = net + tax
        self._require_sound(brought, priced, total)
        number = self._number(rules.SERIES[brought.kind])
        entry_id = self._entries.add(
            booked_lines(brought.kind, brought.party_id, priced, total),
            memo=f"{number} {brought.party_name}",
            origin=number,
            posted_on=brought.posted_on,
            journal=direction.journal,
        )
        invoice_id, opened = next(self._ids), 0 if brought.paid_on else total.minor
        self._waiting.invoices.append(
            (
                *(invoice_id, number, brought.kind.value, brought.party_id, brought.posted_on),
                *(brought.due_on, currency, net.minor, tax.minor, total.minor, total.minor),
                *(opened, opened, brought.reference, brought.origin),
                *(DocumentState.POSTED.value, entry_id, brought.territory_id),
                *(brought.salesperson_id, brought.channel),
            )
        )
        accounts = find_accounts(self._session, {line.draft.account for line in priced})
        for position, line in enumerate(priced, start=1):
            draft = line.draft
            self._waiting.lines.append(
                (
                    *(invoice_id, position, draft.item_id, draft.description, draft.quantity),
                    *(draft.unit_price, draft.discount_percent, line.net.minor, draft.tax_code),
                    *(line.tax.minor, accounts[draft.account].id, draft.order_line_id),
                )
            )
            self._entries.note_taxes(entry_id, brought.posted_on, number, position, line.taxes)
        return PostedDocument(
            invoice_id,
            brought.kind,
            brought.party_id,
            brought.party_name,
            total,
            brought.paid_on if total.minor else None,
        )

    def pay(self, owed: PostedDocument) -> None:
        """Settle a document by one payment of all that it is, on the day it was paid."""
        assert owed.paid_on is not None, "only what was paid is settled"
        direction = rules.direction_of(owed.kind)
        kind, minor = direction.payment, owed.total.minor
        number = self._number(rules.PAYMENT_SERIES[kind])
        entry_id = self._entries.add(
            payment_lines(
                direction, owed.party_id, owed.total, Money(0, owed.total.currency), self._money
            ),
            memo=f"{number} {owed.party_name}",
            origin=number,
            posted_on=owed.paid_on,
            journal=Journal.BANK,
        )
        payment_id = next(self._ids)
        self._waiting.payments.append(
            (
                *(payment_id, number, kind.value, owed.party_id, owed.paid_on),
                *(owed.total.currency, minor, minor, 0, 0, 0, entry_id),
            )
        )
        self._waiting.settlements.append(
            (owed.invoice_id, payment_id, minor, minor, minor, minor, owed.paid_on)
        )

    def write(self) -> None:
        """Write what was added since the last time; its entries are written before."""
        waiting, self._waiting = self._waiting, _Waiting()
        copy_rows(self._session, Invoice, _INVOICE, waiting.invoices)
        copy_rows(self._session, InvoiceLine, _LINE, waiting.lines)
        copy_rows(self._session, Payment, _PAYMENT, waiting.payments)
        copy_rows(self._session, Settlement, _SETTLEMENT, waiting.settlements)

    def close(self) -> None:
        """Write what is left, and tell the change log of all that was brought."""
        self.write()
        if self._count:
            fact = DocumentsBrought(
                source=self._source,
                count=self._count,
                numbers=tuple(self._numbers.given().values()),
            )
            self._numbers.close()
            events.record(self._session, fact)

    def _number(self, series: str) -> str:
        self._count += 1
        return self._numbers.next(series)

    def _require_sound(
        self, brought: BroughtDocument, priced: Sequence[PricedLine], total: Money
    ) -> None:
        if brought.due_on < brought.posted_on:
            raise DueBeforePosted(due_on=brought.due_on, posted_on=brought.posted_on)
        for line in priced:
            if line.net.currency != self._ours.currency:
                raise CurrencyMismatch(left=line.net.currency, right=self._ours.currency)
        if total.minor < 0 or not any(line.net.minor for line in priced):
            raise NothingToInvoice(total=total)
