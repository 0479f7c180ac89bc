"""Tables of paying: orders to pay, what they pay, and the files that the bank gets."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table, append_only


class OrderState(StrEnum):
    """The life of a payment order; money moves when it is executed, and not before."""

    DRAFT = "draft"
    APPROVED = "approved"
    EXECUTED = "executed"
    CANCELLED = "cancelled"


class FileFormat(StrEnum):
    """What a bank takes."""

    SEPA = "sepa"
    CSV = "csv"


class PaymentPriority(Table):
    """Who is paid first when there is not enough for everybody; 5 where nothing is said."""

    __tablename__ = "payment_priority"
    __table_args__ = (CheckConstraint("priority BETWEEN 1 AND 9", name="priority"),)

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    priority: Mapped[int]


class PaymentOrder(Record):
    """Bills to be paid together from one account: proposed by one, released by another."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('approved', 'executed') OR approved_on IS NOT NULL", name="approved"
        ),
        CheckConstraint("(state = 'executed') = (executed_on IS NOT NULL)", name="executed"),
        CheckConstraint("keep_minor >= 0", name="keep"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.DRAFT)
    # The account of the books that pays: that of one of our bank accounts.
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    currency: Mapped[str]
    pay_on: Mapped[date]
    # How much has to stay on the account.
    keep_minor: Mapped[Minor]
    approved_on: Mapped[date | None]
    executed_on: Mapped[date | None]
    closed_because: Mapped[str | None]

    lines: Mapped[list["PaymentOrderLine"]] = relationship(
        lazy="selectin", order_by="PaymentOrderLine.position", cascade="all, delete-orphan"
    )
    credits: Mapped[list["PaymentOrderCredit"]] = relationship(
        lazy="selectin", order_by="PaymentOrderCredit.position", cascade="all, delete-orphan"
    )


class PaymentOrderLine(Record):
    """A bill, and how it is settled: by money, by a discount, by what the supplier owes us."""

    __tablename__ = "payment_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint(
            "pay_minor >= 0 AND discount_minor >= 0 AND netted_minor >= 0", name="not_negative"
        ),
        CheckConstraint("pay_minor + netted_minor > 0", name="settles_something"),
        # A bill stands on one order at a time.
        Index(
            "uq_payment_order_line_standing",
            "invoice_id",
            unique=True,
            postgresql_where=text("standing"),
        ),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_order.id"))
    position: Mapped[int]
    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"))
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    # Where the money goes: the supplier's account when the order was made.
    bank_account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party_bank_account.id"))
    pay_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    netted_minor: Mapped[Minor]
    # Until the order is executed or cancelled.
    standing: Mapped[bool] = mapped_column(default=True)
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"))


class PaymentOrderCredit(Record):
    """A credit of the supplier, a credit note or an advance, that settles a part of a bill."""

    __tablename__ = "payment_order_credit"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("num_nonnulls(credit_note_id, advance_id) = 1", name="one_source"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_order.id"))
    position: Mapped[int]
    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"))
    credit_note_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"))
    advance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"))
    amount_minor: Mapped[Minor]


class BankFile(Record):
    """What a bank is given of an order: made once, kept as it was made."""

    __tablename__ = "bank_file"
    __table_args__ = (
        UniqueConstraint("order_id", "format"),
        CheckConstraint("control_sum_minor > 0 AND payments > 0", name="something_paid"),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="hash"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_order.id"))
    format: Mapped[FileFormat]
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    payments: Mapped[int]
    control_sum_minor: Mapped[Minor]


append_only(BankFile.__table__)
