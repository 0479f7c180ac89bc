"""Tables of invoicing: customer invoices, supplier bills, credit notes, and payments."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import (
    Minor,
    Quantity,
    Record,
    Table,
    UnitPrice,
    after_create,
    append_only,
)


class InvoiceKind(StrEnum):
    """Who owes whom, and whether the document takes something back."""

    CUSTOMER_INVOICE = "customer_invoice"
    CUSTOMER_CREDIT_NOTE = "customer_credit_note"
    SUPPLIER_BILL = "supplier_bill"
    SUPPLIER_CREDIT_NOTE = "supplier_credit_note"


class PaymentKind(StrEnum):
    """Which way the money went."""

    CUSTOMER_PAYMENT = "customer_payment"
    SUPPLIER_PAYMENT = "supplier_payment"


class DocumentState(StrEnum):
    """A posted document never changes: it is reversed by another."""

    POSTED = "posted"
    REVERSED = "reversed"


class DeductionKind(StrEnum):
    """Why a document is settled by less money than it says."""

    EARLY_DISCOUNT = "early_discount"
    WRITE_OFF = "write_off"


class PaymentTerm(Table):
    """An agreement about when a document is paid, by a code that people say."""

    __tablename__ = "payment_term"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]

    lines: Mapped[list["PaymentTermLine"]] = relationship(
        lazy="selectin", order_by="PaymentTermLine.position"
    )


class PaymentTermLine(Record):
    """One part of what terms ask for: so many percent, or all that is left, after so many days."""

    __tablename__ = "payment_term_line"
    __table_args__ = (
        UniqueConstraint("term_code", "position"),
        CheckConstraint("percent > 0 AND percent <= 100", name="percent"),
        CheckConstraint("after_days >= 0", name="after_days"),
        CheckConstraint(
            "discount_percent > 0 AND discount_percent < 100 AND discount_days >= 0",
            name="discount",
        ),
        CheckConstraint(
            "num_nonnulls(discount_percent, discount_days) <> 1", name="discount_whole"
        ),
    )

    term_code: Mapped[str] = mapped_column(ForeignKey("payment_term.code"))
    position: Mapped[int]
    # None: all that the lines before leave.
    percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    after_days: Mapped[int]
    # Counted, and then put off to the last day of that month.
    end_of_month: Mapped[bool]
    discount_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    discount_days: Mapped[int | None]


class PartyTerm(Table):
    """The terms that a customer buys on, or that we buy on from a supplier."""

    __tablename__ = "party_term"

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    # "receivable" or "payable": who sells and buys may do so on different terms.
    direction: Mapped[str] = mapped_column(primary_key=True)
    term_code: Mapped[str] = mapped_column(ForeignKey("payment_term.code"))


class Invoice(Record):
    """A posted customer invoice, supplier bill, or credit note.

    `open_minor` is what is not settled yet, in the document's currency, and `open_base_minor` what
    that is worth in the books: kept for speed, guarded by checks, and compared with the
    settlements by `verify`.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("net_minor + tax_minor = total_minor", name="total"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint("open_minor BETWEEN 0 AND total_minor", name="open_within_total"),
        CheckConstraint(
            "open_base_minor BETWEEN 0 AND base_total_minor"
            " AND (open_minor > 0 OR open_base_minor = 0)",
            name="open_base_within_total",
        ),
        # The same bill of the same supplier is not booked twice.
        Index(
            "uq_invoice_supplier_reference",
            "party_id",
            "reference",
            unique=True,
            postgresql_where=text(
                "kind = 'supplier_bill' AND reference IS NOT NULL AND state = 'posted'"
            ),
        ),
        # The expression of `duplicates.plain_reference`: bills whose numbers are nearly the same.
        Index(
            "ix_invoice_plain_reference",
            "party_id",
            text(
                "regexp_replace(regexp_replace(lower(normalize(reference, NFKC)),"
                " '(?<![0-9])0+(?=[0-9])', '', 'g'), '[^[:alnum:]]+', '', 'g')"
            ),
            postgresql_where=text("kind = 'supplier_bill' AND reference IS NOT NULL"),
        ),
        Index("ix_invoice_open", "party_id", postgresql_where=text("open_minor > 0")),
        Index(None, "posted_on"),
        Index(None, "origin"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[InvoiceKind]
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    posted_on: Mapped[date]
    due_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    # What was taken off the lines for the whole document; their amounts are after it.
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    # Whether some of its tax is due only when it is paid.
    tax_on_payment: Mapped[bool] = mapped_column(default=False)
    # The value in the company's currency at posting, and what is open of it.
    base_total_minor: Mapped[Minor]
    open_minor: Mapped[Minor]
    open_base_minor: Mapped[Minor]
    term_code: Mapped[str | None] = mapped_column(ForeignKey("payment_term.code"))
    # The other side's number for it: a supplier's bill number, a customer's order number.
    reference: Mapped[str | None]
    # The number of the order it bills, or of the invoice it credits.
    origin: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.POSTED)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))
    # A line of an entry that somebody posted by hand: it has no lines, and its origin is the entry.
    by_hand: Mapped[bool] = mapped_column(default=False)
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("territory.id"))
    salesperson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    channel: Mapped[str | None]

    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", lazy="raise", order_by="InvoiceLine.position"
    )


class InvoiceLine(Record):
    """One line of an invoice, with the account it is booked on and the order line it bills."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "(credits_position IS NULL) = (credits_quantity IS NULL)"
            " AND credits_position > 0 AND credits_quantity BETWEEN 0 AND quantity",
            name="credits",
        ),
        Index(
            "ix_invoice_line_advance_order",
            "advance_order",
            postgresql_where=text("advance_order IS NOT NULL"),
        ),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"), index=True)
    description: Mapped[str]
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    # Its share of what was taken off the whole document.
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    net_minor: Mapped[Minor]
    # Of a document in another currency: what the line is worth in the books.
    base_net_minor: Mapped[Minor | None]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    tax_minor: Mapped[Minor]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    # The order line in a room above; no foreign key goes up.
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    dimension_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("dimension_set.id"))
    # The order whose advance it charges, deducts or takes back.
    advance_order: Mapped[str | None]
    # Of a note: which line of its document it takes back, and how much of it (none: an amount).
    credits_position: Mapped[int | None]
    credits_quantity: Mapped[Quantity | None]

    invoice: Mapped[Invoice] = relationship(back_populates="lines", lazy="raise")


class FapiaoKind(StrEnum):
    """Which official invoice of China: only a special one lets the buyer take off its tax."""

    SPECIAL = "special"
    ORDINARY = "ordinary"


class Fapiao(Record):
    """The official invoice of China for a document: its kind, code and number."""

    __tablename__ = "fapiao"
    __table_args__ = (
        # One of twenty digits is electronic and has no code.
        CheckConstraint(
            r"CASE WHEN code = '' THEN number ~ '^\d{20}$'"
            r" ELSE code ~ '^(\d{10}|\d{12})$' AND number ~ '^\d{8}$' END",
            name="digits",
        ),
        # An official invoice is used once.
        UniqueConstraint("code", "number"),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), unique=True)
    kind: Mapped[FapiaoKind]
    code: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]


class Instalment(Record):
    """A part of a document that falls due on a day of its own; payments fill the earliest first.

    A document that is due at once has none: it is its own only instalment.
    """

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("amount_minor > 0 AND until_minor >= amount_minor", name="amount_positive"),
        CheckConstraint("discount_minor BETWEEN 0 AND amount_minor - 1", name="discount_within"),
        CheckConstraint(
            "(discount_minor > 0) = (discount_until IS NOT NULL)", name="discount_has_a_day"
        ),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[Minor]
    # The sum up to and with this one: how much must be settled for it to be.
    until_minor: Mapped[Minor]
    # What need not be paid of it until a day.
    discount_minor: Mapped[Minor]
    discount_until: Mapped[date | None]

    # It says to the session that a document is written before its instalments.
    invoice: Mapped[Invoice] = relationship(lazy="raise")


class Payment(Record):
    """Money that came in from a customer or went out to a supplier."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("open_minor BETWEEN 0 AND amount_minor", name="open_within_amount"),
        CheckConstraint(
            "open_base_minor BETWEEN 0 AND base_amount_minor"
            " AND (open_minor > 0 OR open_base_minor = 0)",
            name="open_base_within_amount",
        ),
        CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
        Index("ix_payment_open", "party_id", postgresql_where=text("open_minor > 0")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PaymentKind]
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    paid_on: Mapped[date] = mapped_column(index=True)
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    # The value in the company's currency on its day, and what is open of it.
    base_amount_minor: Mapped[Minor]
    # What was paid beyond the documents it settles: a credit of the party.
    open_minor: Mapped[Minor]
    open_base_minor: Mapped[Minor]
    # What the bank kept for itself: of money that came in, or besides what went out.
    fee_minor: Mapped[Minor]
    reference: Mapped[str | None]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.POSTED)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))


class Deduction(Record):
    """What is taken off a document without money: a discount for early payment, a write-off."""

    __tablename__ = "deduction"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[DeductionKind]
    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    # The payment that it came with, and goes with where that is reversed.
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    posted_on: Mapped[date]
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    base_amount_minor: Mapped[Minor]
    because: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.POSTED)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))


class Settlement(Record):
    """An amount of an invoice that is settled by a payment, a credit note or a deduction.

    `amount_minor` is in the invoice's currency and `source_minor` in that of what settles it; what
    both were worth differs by what the currency gained or lost meanwhile. Undoing one adds a row
    with the negative amounts: facts are added, not edited.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint(
            "num_nonnulls(payment_id, credit_note_id, deduction_id) = 1", name="one_source"
        ),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    credit_note_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    deduction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("deduction.id"), index=True)
    amount_minor: Mapped[Minor]
    base_minor: Mapped[Minor]
    source_minor: Mapped[Minor]
    source_base_minor: Mapped[Minor]
    settled_on: Mapped[date]


class Advance(Table):
    """An invoice that asks for a part of an order before anything of it is delivered."""

    __tablename__ = "advance"

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    # The order in a room above; no foreign key goes up.
    order_number: Mapped[str] = mapped_column(index=True)
    # Nothing of the order leaves before it is paid.
    blocks_delivery: Mapped[bool]


class Revaluation(Record):
    """A day on which what is open in a currency was put at that day's rate, and back the next."""

    __tablename__ = "revaluation"

    number: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    revalued_on: Mapped[date]
    reversed_on: Mapped[date]
    gain_minor: Mapped[Minor]
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"), unique=True)
    reversal_entry_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("journal_entry.id"), unique=True
    )
    # Set where it undoes another one: its entries are the opposite.
    takes_back_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("revaluation.id"), unique=True
    )


# The tax lines of a document are written after it: so this trigger waits for the commit.
_REFUSE_OTHER_TAX = """
CREATE OR REPLACE FUNCTION refuse_other_tax() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    charged numeric;
BEGIN
    SELECT coalesce(sum(CASE WHEN (side = 'credit') = (NEW.kind LIKE 'customer%')
        THEN tax_minor ELSE -tax_minor END), 0) INTO charged
        FROM tax_line WHERE document = NEW.number AND kind = 'charged';
    IF NEW.kind LIKE '%credit_note' THEN
        charged = -charged;
    END IF;
    IF charged <> NEW.tax_minor THEN
        RAISE EXCEPTION 'the tax of % is %, and that of its tax lines is %',
            NEW.number, NEW.tax_minor, charged
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_invoice_tax_lines';
    END IF;
    RETURN NULL;
END $$
"""
_TAXED = """
CREATE CONSTRAINT TRIGGER taxed AFTER INSERT OR UPDATE OF tax_minor, kind, number ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_other_tax()
"""
after_create(Invoice.__table__, _REFUSE_OTHER_TAX, _TAXED)

for _facts in (Settlement, Revaluation):
    append_only(_facts.__table__)
