"""Tables of the ledger."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table
from core.kernel.money import Money
from core.ledger import guards


class Side(StrEnum):
    """The side of an account that a posting stands on."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountKind(StrEnum):
    """Where an account stands in the statements."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Control(StrEnum):
    """What must agree with the balance of a control account."""

    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    INVENTORY = "inventory"
    GOODS_RECEIVED_NOT_BILLED = "goods_received_not_billed"


class PeriodState(StrEnum):
    """Whether a period takes entries."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Account(Record):
    """A place where value is counted."""

    __tablename__ = "account"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[AccountKind]
    # What other rooms post to it for ("inventory", "revenue" ...): one account has each role.
    role: Mapped[str | None] = mapped_column(unique=True)
    control: Mapped[Control | None]
    party_required: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))


class TaxCode(Table):
    """A rate of tax and where it is posted."""

    __tablename__ = "tax_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    percent: Mapped[Decimal] = mapped_column(Numeric(9, 4))


class Period(Record):
    """A stretch of days that is open to entries, on hold, or closed."""

    __tablename__ = "period"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    name: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    ends_on: Mapped[date] = mapped_column(unique=True)
    state: Mapped[PeriodState] = mapped_column(default=PeriodState.OPEN)


class JournalEntry(Record):
    """One event in the books: why, from which document, and on which day."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index(None, "origin"),
        Index(None, "posted_on"),
        # An entry is reversed once.
        Index(
            "uq_journal_entry_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    posted_on: Mapped[date]
    memo: Mapped[str]
    # The number of the document that caused the entry.
    origin: Mapped[str]
    reverses_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("journal_entry.id"))
    # The transaction that wrote the entry, the only one that may still add lines to it.
    transaction: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)")
    )

    postings: Mapped[list["Posting"]] = relationship(
        back_populates="entry", lazy="raise", order_by="Posting.position"
    )


class Posting(Record):
    """One line of an entry: an account, a side, an amount, and its value in the books.

    `amount_minor` is in `currency`, `base_minor` in the company's currency. A difference of
    exchange has a value in the books and no amount in the foreign currency.
    """

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint(
            "amount_minor >= 0 AND base_minor >= 0 AND amount_minor + base_minor > 0",
            name="amounts_positive",
        ),
        Index(None, "account_id", "party_id"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    position: Mapped[int]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    side: Mapped[Side]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    base_minor: Mapped[Minor]
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))

    account: Mapped[Account] = relationship(lazy="raise")
    entry: Mapped[JournalEntry] = relationship(back_populates="postings", lazy="raise")

    @property
    def amount(self) -> Money:
        """The amount in its own currency."""
        return Money(self.amount_minor, self.currency)


guards.protect(Period.__table__, JournalEntry.__table__, Posting.__table__)
