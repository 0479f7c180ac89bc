"""Tables of invoicing: customer invoices, supplier bills, credit notes, and payments."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Quantity, Record, UnitPrice


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


class Invoice(Record):
    """A posted customer invoice, supplier bill, or credit note.

    `open_minor` is what is not settled yet: kept for speed, guarded by a check, and compared
    with the settlements by `verify`.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("net_minor + tax_minor = total_minor", name="total"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint("open_minor BETWEEN 0 AND total_minor", name="open_within_total"),
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
    # The value in the company's currency at posting, and what is open of it.
    base_total_minor: Mapped[Minor]
    open_minor: Mapped[Minor]
    # The other side's number for it: a supplier's bill number, a customer's order number.
    reference: Mapped[str | None]
    # The number of the order it bills, or of the invoice it credits.
    origin: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.POSTED)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("territory.id"))
    salesperson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    channel: Mapped[str | None]

    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", lazy="raise", order_by="InvoiceLine.position"
    )


class InvoiceLine(Record):
    """One line of an invoice, with the account it is booked on and the order line it bills."""

    __tablename__ = "invoice_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"), index=True)
    description: Mapped[str]
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    net_minor: Mapped[Minor]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    tax_minor: Mapped[Minor]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    # The order line in a room above; no foreign key goes up.
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(index=True)

    invoice: Mapped[Invoice] = relationship(back_populates="lines", lazy="raise")


class Payment(Record):
    """Money that came in from a customer or went out to a supplier."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("open_minor BETWEEN 0 AND amount_minor", name="open_within_amount"),
        Index("ix_payment_open", "party_id", postgresql_where=text("open_minor > 0")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PaymentKind]
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    paid_on: Mapped[date] = mapped_column(index=True)
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    # What was paid beyond the documents it settles: a credit of the party.
    open_minor: Mapped[Minor]
    reference: Mapped[str | None]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.POSTED)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))


class Settlement(Record):
    """An amount of an invoice that is settled by a payment or by a credit note.

    Undoing one adds a row with the negative amount: facts are added, not edited.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("num_nonnulls(payment_id, credit_note_id) = 1", name="one_source"),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    credit_note_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    amount_minor: Mapped[Minor]
    settled_on: Mapped[date]
