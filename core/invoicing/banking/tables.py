"""Tables of banking: what the bank says, how that is matched with the books, and standing rules."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.invoicing.banking.guards import guard
from core.kernel.database import Minor, Record, Table


class StatementFormat(StrEnum):
    """The kind of file that a statement came in."""

    CSV = "csv"
    OFX = "ofx"
    CAMT = "camt"


class MatchKind(StrEnum):
    """What a match did in the books: it made a payment, an entry, or only found what was there."""

    PAYMENT = "payment"
    LINKED = "linked"
    BOOKED = "booked"
    TRANSFER = "transfer"
    RETURNED = "returned"


class Way(StrEnum):
    """Whether money came in or went out."""

    IN = "in"
    OUT = "out"


class BankProfile(Table):
    """How the CSV files of a bank account are read: learned once, used from then on."""

    __tablename__ = "bank_profile"

    bank_account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("bank_account.id"), primary_key=True
    )
    # What each column is, by its header, and how dates and decimals are written.
    layout: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BankStatement(Record):
    """What the bank said about a stretch of days; never changed, only voided as a whole.

    `known_minor` is the sum of its lines that earlier statements had brought already.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="in_order"),
        Index(
            "uq_bank_statement_file",
            "bank_account_id",
            "file_hash",
            "place",
            unique=True,
            postgresql_where=text("NOT voided"),
        ),
        Index(None, "bank_account_id", "until_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    bank_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    format: Mapped[StatementFormat]
    file_name: Mapped[str]
    file_hash: Mapped[str]
    # A file may hold several statements.
    place: Mapped[int]
    reference: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    currency: Mapped[str]
    opening_minor: Mapped[Minor | None]
    closing_minor: Mapped[Minor | None]
    known_minor: Mapped[Minor]
    # How many new lines it brought.
    line_count: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)


class BankLine(Record):
    """One movement as the bank tells it: money that came in is positive, what went out negative."""

    __tablename__ = "bank_line"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("occurrence > 0", name="occurrence_positive"),
        UniqueConstraint("statement_id", "position"),
        # The same line is there once, however many files bring it.
        Index(
            "uq_bank_line_fingerprint",
            "bank_account_id",
            "fingerprint",
            "occurrence",
            unique=True,
            postgresql_where=text("NOT voided"),
        ),
        Index(None, "bank_account_id", "booked_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_statement.id"))
    bank_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    position: Mapped[int]
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    # What was ordered in another currency, where the bank says so.
    foreign_minor: Mapped[Minor | None]
    foreign_currency: Mapped[str | None]
    # What the bank kept of it or took besides, where it says so.
    charges_minor: Mapped[Minor]
    text: Mapped[str]
    counterparty: Mapped[str]
    counterparty_account: Mapped[str]
    reference: Mapped[str]
    end_to_end_id: Mapped[str]
    bank_reference: Mapped[str]
    fingerprint: Mapped[str]
    occurrence: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)


class BankRule(Record):
    """A standing order of ours: lines that look so are booked so, or may differ by so much."""

    __tablename__ = "bank_rule"
    __table_args__ = (
        CheckConstraint(
            "amount_from_minor >= 0 AND amount_to_minor >= amount_from_minor", name="amounts"
        ),
        CheckConstraint("tolerance_minor >= 0", name="tolerance_not_negative"),
        CheckConstraint(
            "tolerance_percent >= 0 AND tolerance_percent < 100", name="tolerance_percent"
        ),
        CheckConstraint("contains <> '' OR counterparty <> '' OR settles", name="looks_for"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    # Rules are tried in this order.
    position: Mapped[int]
    # None: on every bank account.
    bank_account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_account.id"))
    way: Mapped[Way | None]
    contains: Mapped[str]
    counterparty: Mapped[str]
    amount_from_minor: Mapped[Minor | None]
    amount_to_minor: Mapped[Minor | None]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    dimensions: Mapped[str]
    memo: Mapped[str]
    # Such a rule books nothing by itself: it lets documents be settled by a little less.
    settles: Mapped[bool]
    tolerance_minor: Mapped[Minor]
    tolerance_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    removed: Mapped[bool] = mapped_column(default=False)


class BankMatch(Record):
    """How lines of the bank and entries of the books belong together; undone, never changed."""

    __tablename__ = "bank_match"

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[MatchKind]
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    rule_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_rule.id"), index=True)
    because: Mapped[str]
    undone: Mapped[bool] = mapped_column(default=False)


class BankMatchPart(Record):
    """How much of a line is how much of an entry's amount on the bank account."""

    __tablename__ = "bank_match_part"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index(
            "uq_bank_match_part_pair",
            "line_id",
            "entry_id",
            unique=True,
            postgresql_where=text("NOT undone"),
        ),
        Index(None, "entry_id"),
        Index(None, "match_id"),
    )

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_match.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_line.id"))
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))
    amount_minor: Mapped[Minor]
    undone: Mapped[bool] = mapped_column(default=False)


guard(
    statements=BankStatement.__table__,
    lines=BankLine.__table__,
    matches=BankMatch.__table__,
    parts=BankMatchPart.__table__,
)
