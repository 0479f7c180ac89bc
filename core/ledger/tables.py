"""Tables of the ledger."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table
from core.kernel.errors import Both
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


class CashFlow(StrEnum):
    """Which part of the cash flow statement the other side of money on an account belongs to."""

    # Money itself: its change is what the statement explains.
    CASH = "cash"
    OPERATING = "operating"
    INVESTING = "investing"
    FINANCING = "financing"


class PeriodState(StrEnum):
    """Whether a period takes entries."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Journal(StrEnum):
    """The book of first entry: which part of the business an entry comes from.

    A period can be locked for the entries of one part, while the others go on.
    """

    GENERAL = "general"
    SALES = "sales"
    PURCHASES = "purchases"
    STOCK = "stock"
    BANK = "bank"
    # What opens the books, and what carries the result of a year forward.
    OPENING = "opening"
    CLOSING = "closing"


class Account(Record):
    """A place where value is counted; a heading only adds up the accounts below it."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("heading = (cash_flow IS NULL)", name="cash_flow_unless_heading"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[AccountKind]
    # What other rooms post to it for ("inventory", "revenue" ...): one account has each role.
    role: Mapped[str | None] = mapped_column(unique=True)
    control: Mapped[Control | None]
    party_required: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    heading: Mapped[bool] = mapped_column(default=False)
    # Where it is set, no other currency is posted to the account.
    currency: Mapped[str | None]
    # The heading that it is added up under.
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    # None for headings.
    cash_flow: Mapped[CashFlow | None]
    # Whether there are rules of dimensions for it, so that they are read only where there are.
    ruled: Mapped[bool] = mapped_column(default=False)

    @property
    def called(self) -> Both:
        """Its code and name, as refusals say it."""
        return Both(f"{self.code} {self.name}", f"{self.code} {self.name_zh}")


class BankAccount(Record):
    """An account of ours at a bank, and the account of the books that carries it."""

    __tablename__ = "bank_account"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), unique=True)
    currency: Mapped[str]
    iban: Mapped[str | None] = mapped_column(unique=True)
    bic: Mapped[str | None]
    bank: Mapped[str]


class ExchangeRate(Record):
    """What a currency is worth from a day on: so many units of it for so many of ours.

    Both numbers are kept as they were quoted, so that a quotation in either direction is exact.
    """

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("currency", "valid_from"),
        CheckConstraint("foreign_units > 0 AND base_units > 0", name="units_positive"),
    )

    currency: Mapped[str]
    valid_from: Mapped[date]
    foreign_units: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    base_units: Mapped[Decimal] = mapped_column(Numeric(20, 10))


class Dimension(Record):
    """A way to look at postings besides their account: cost centre, department, project ..."""

    __tablename__ = "dimension"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]


class DimensionMember(Record):
    """One of the places along a dimension: the cost centre Sales, the project Neubau."""

    __tablename__ = "dimension_member"
    __table_args__ = (
        UniqueConstraint("dimension_id", "code"),
        UniqueConstraint("id", "dimension_id"),
    )

    dimension_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dimension.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_zh: Mapped[str]
    blocked: Mapped[bool] = mapped_column(default=False)

    @property
    def called(self) -> Both:
        """Its code and name, as refusals say it."""
        return Both(f"{self.code} {self.name}", f"{self.code} {self.name_zh}")


class Demand(StrEnum):
    """Whether lines on an account say a dimension."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    OPTIONAL = "optional"


class DimensionRule(Table):
    """What an account demands of a dimension, and the member that is meant where none is said."""

    __tablename__ = "dimension_rule"
    __table_args__ = (
        ForeignKeyConstraint(
            ["default_member_id", "dimension_id"],
            ["dimension_member.id", "dimension_member.dimension_id"],
        ),
        CheckConstraint("demand <> 'forbidden' OR default_member_id IS NULL", name="no_default"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    dimension_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dimension.id"), primary_key=True)
    demand: Mapped[Demand]
    default_member_id: Mapped[uuid.UUID | None]


class DimensionSet(Record):
    """One combination of members, shared by all postings that have it."""

    __tablename__ = "dimension_set"

    # "cost_centre=SALES,project=P1": in the order of the dimensions' codes.
    key: Mapped[str] = mapped_column(unique=True)


class DimensionSetMember(Table):
    """A member of a combination; a combination has one of each dimension at most."""

    __tablename__ = "dimension_set_member"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "dimension_id"], ["dimension_member.id", "dimension_member.dimension_id"]
        ),
    )

    set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dimension_set.id"), primary_key=True)
    dimension_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dimension.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(index=True)


class FiscalYear(Record):
    """The stretch of days for which a result is drawn up."""

    __tablename__ = "fiscal_year"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    name: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    ends_on: Mapped[date] = mapped_column(unique=True)
    # The entry that carried the result forward; none while the year is open.
    closing_entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("journal_entry.id"))


class Period(Record):
    """A stretch of days that is open to entries, on hold, or closed.

    While it is open it can be locked for the entries of sales, of purchases, or of stock alone.
    """

    __tablename__ = "period"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    name: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    ends_on: Mapped[date] = mapped_column(unique=True)
    state: Mapped[PeriodState] = mapped_column(default=PeriodState.OPEN)
    fiscal_year_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fiscal_year.id"))
    sales_locked: Mapped[bool] = mapped_column(default=False)
    purchases_locked: Mapped[bool] = mapped_column(default=False)
    stock_locked: Mapped[bool] = mapped_column(default=False)

    def locked_for(self, journal: Journal) -> bool:
        """Tell whether the period takes no entries of a journal, though it is open."""
        return {
            Journal.SALES: self.sales_locked,
            Journal.PURCHASES: self.purchases_locked,
            Journal.STOCK: self.stock_locked,
        }.get(journal, False)


class JournalEntry(Record):
    """One event in the books: why, from which document, and on which day."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index(None, "origin"),
        Index(None, "posted_on"),
        # A few among millions, which the income statement leaves out.
        Index(
            "ix_journal_entry_closing", "posted_on", postgresql_where=text("journal = 'closing'")
        ),
        # An entry is reversed once.
        Index(
            "uq_journal_entry_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        # So that a line cannot claim another day than its entry.
        UniqueConstraint("id", "posted_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    journal: Mapped[Journal]
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
        ForeignKeyConstraint(
            ["entry_id", "posted_on"], ["journal_entry.id", "journal_entry.posted_on"]
        ),
        Index(None, "entry_id"),
        Index(None, "account_id", "party_id"),
        Index(None, "account_id", "posted_on", "entry_id"),
    )

    entry_id: Mapped[uuid.UUID]
    # The day of the entry, again: so that an account is read in its order without the entries.
    posted_on: Mapped[date]
    position: Mapped[int]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    side: Mapped[Side]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    base_minor: Mapped[Minor]
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    dimension_set_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("dimension_set.id"), index=True
    )

    account: Mapped[Account] = relationship(lazy="raise")
    entry: Mapped[JournalEntry] = relationship(back_populates="postings", lazy="raise")

    @property
    def amount(self) -> Money:
        """The amount in its own currency."""
        return Money(self.amount_minor, self.currency)


class EntryTail(Table):
    """An entry that the kept totals do not count yet; the database notes it when it is posted."""

    __tablename__ = "entry_tail"

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"), primary_key=True)


class AccountTotal(Table):
    """The sum of an account's lines of one day in one currency: a kept total.

    Totals and tail together are all lines: `fold_totals` moves entries from one to the other.
    """

    __tablename__ = "account_total"
    __table_args__ = (Index(None, "day"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    debit_minor: Mapped[Minor]
    credit_minor: Mapped[Minor]
    base_debit_minor: Mapped[Minor]
    base_credit_minor: Mapped[Minor]
    # How many lines it is the sum of.
    lines: Mapped[int] = mapped_column(BigInteger)


class AccountMonthTotal(Table):
    """The sum of an account's kept days of one month: so that years are as short as a month."""

    __tablename__ = "account_month_total"
    __table_args__ = (CheckConstraint("extract(day FROM month) = 1", name="first_day"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    # Its first day.
    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    debit_minor: Mapped[Minor]
    credit_minor: Mapped[Minor]
    base_debit_minor: Mapped[Minor]
    base_credit_minor: Mapped[Minor]


guards.protect(Period.__table__, JournalEntry.__table__, Posting.__table__, EntryTail.__table__)
