"""Tables of tax: codes, what they consist of by date, boxes of a return, and what was taxed."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Minor, Record, Table, after_create, append_only
from core.ledger.tables import Side


class ComponentKind(StrEnum):
    """How a component of a tax code is reckoned."""

    # So many percent of the amount before tax.
    PERCENT = "percent"
    # So much for every unit.
    FIXED = "fixed"
    # So many percent of the amount with tax.
    DIVISION = "division"
    # Nothing; what is exempt or not taxable is reported nevertheless.
    EXEMPT = "exempt"
    # So many percent that whoever pays keeps for the tax office.
    WITHHOLDING = "withholding"
    # So many percent that whoever buys owes and, as far as it may, takes off again.
    REVERSE_CHARGE = "reverse_charge"


class TaxUse(StrEnum):
    """What an amount of tax is to us."""

    OUTPUT = "output"
    INPUT = "input"
    NOT_DEDUCTIBLE = "not_deductible"
    REVERSE_OUTPUT = "reverse_output"
    WITHHELD = "withheld"
    WITHHELD_BY_CUSTOMERS = "withheld_by_customers"


class TaxLineKind(StrEnum):
    """Why an amount of tax was booked."""

    # By a document.
    CHARGED = "charged"
    # By a discount that corrects it.
    CORRECTED = "corrected"
    # By a payment that makes it due.
    DUE = "due"


class TaxCode(Table):
    """A group of taxes by the code that people say; "A+B" stands for two codes on one line."""

    __tablename__ = "tax_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    # The set of a country that it came with.
    set_code: Mapped[str | None]
    # Whoever is charged by it must have shown a certificate.
    certificate_needed: Mapped[bool] = mapped_column(default=False)


class TaxComponent(Record):
    """One tax of a code, as it is from one day to another."""

    __tablename__ = "tax_component"
    __table_args__ = (
        UniqueConstraint("code", "position", "valid_from"),
        # Only the last one of a place has no end.
        Index(
            "uq_tax_component_open",
            "code",
            "position",
            unique=True,
            postgresql_where=text("valid_until IS NULL"),
        ),
        CheckConstraint("valid_from <= valid_until", name="in_order"),
        CheckConstraint(
            "rate >= 0 AND CASE kind WHEN 'division' THEN rate < 100 WHEN 'exempt' THEN rate = 0"
            " WHEN 'withholding' THEN rate <= 100 ELSE true END",
            name="rate",
        ),
        CheckConstraint("deductible_percent BETWEEN 0 AND 100", name="deductible"),
        CheckConstraint("(kind = 'fixed') = (currency IS NOT NULL)", name="currency_of_fixed"),
        CheckConstraint(
            "kind IN ('percent', 'fixed', 'division')"
            " OR NOT (included OR affects_next OR cash_basis)",
            name="plain_kinds_only",
        ),
    )

    code: Mapped[str] = mapped_column(ForeignKey("tax_code.code"))
    position: Mapped[int]
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[ComponentKind]
    # Percent, or for a fixed one an amount in major units of its currency for one unit.
    rate: Mapped[Decimal] = mapped_column(Numeric(13, 6))
    currency: Mapped[str | None]
    # The price holds it already.
    included: Mapped[bool]
    # The components after it are reckoned on the amount with it.
    affects_next: Mapped[bool]
    # It is due when the document is paid, not before.
    cash_basis: Mapped[bool]
    # How much of it may be taken off as input tax.
    deductible_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    # Codes of accounts, where it is not the usual one.
    sale_account: Mapped[str | None]
    purchase_account: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    # Where the rate is written.
    source: Mapped[str]


class TaxBox(Table):
    """A box of the return of a set; `adds` names the boxes it is the sum of: "81t+86t-66t"."""

    __tablename__ = "tax_box"

    set_code: Mapped[str] = mapped_column(primary_key=True)
    box: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str]
    name_zh: Mapped[str]
    adds: Mapped[str]


class TaxComponentBox(Table):
    """The boxes that a component of a code is reported in."""

    __tablename__ = "tax_component_box"

    component_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("tax_component.id"), primary_key=True
    )
    use: Mapped[TaxUse] = mapped_column(primary_key=True)
    base_box: Mapped[str | None]
    tax_box: Mapped[str | None]


class TaxLine(Record):
    """An amount of tax by one component that an entry booked, and what it was reckoned on.

    Amounts are positive on `side` of the account and negative where a credit note takes them back.
    The documents' lines on an account of tax are what documents moved there.
    """

    __tablename__ = "tax_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entry_id", "posted_on"], ["journal_entry.id", "journal_entry.posted_on"]
        ),
        Index(None, "document", "line"),
        Index(None, "entry_id"),
        Index(None, "posted_on"),
        # Due tax is moved by a whole, and corrected.
        CheckConstraint("kind <> 'charged' OR line IS NOT NULL", name="line_of_charged"),
    )

    entry_id: Mapped[uuid.UUID]
    posted_on: Mapped[date]
    kind: Mapped[TaxLineKind]
    document: Mapped[str]
    # The position of the line that was taxed.
    line: Mapped[int | None]
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tax_component.id"), index=True)
    use: Mapped[TaxUse]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    side: Mapped[Side]
    # Whether it belongs into the return of its day, or waits for the payment.
    exigible: Mapped[bool]
    currency: Mapped[str]
    taxable_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    # The values in the books.
    base_taxable_minor: Mapped[Minor]
    base_tax_minor: Mapped[Minor]


class TaxSettlement(Record):
    """The tax of a stretch of days, moved to what is payable to the tax office."""

    __tablename__ = "tax_settlement"
    __table_args__ = (
        # A day is settled once; one that was taken back does not count.
        Index(
            "uq_tax_settlement_until",
            "until",
            unique=True,
            postgresql_where=text("NOT taken_back"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    until: Mapped[date]
    # Above zero it is payable, below it is claimed.
    amount_minor: Mapped[Minor]
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"), unique=True)
    taken_back: Mapped[bool] = mapped_column(default=False)


class TaxCertificate(Record):
    """A paper by which a party is charged by a code that not everybody is."""

    __tablename__ = "tax_certificate"
    __table_args__ = (
        UniqueConstraint("party_id", "code", "reference"),
        CheckConstraint("valid_from <= valid_until", name="in_order"),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    code: Mapped[str] = mapped_column(ForeignKey("tax_code.code"))
    reference: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


# Lines of tax come with their entry, and never later: nothing is taxed behind its back.
_REFUSE_LATE = """
CREATE OR REPLACE FUNCTION refuse_late_tax_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN journal_entry ON journal_entry.id = added.entry_id
        WHERE journal_entry.transaction <> pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION 'a journal entry is already posted, and so is its tax'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$
"""
_COMPLETE = """
CREATE TRIGGER complete AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_tax_line()
"""
# What was once in force stays what it was: only its last day is noted, when another follows.
_REFUSE_REWRITING = """
CREATE OR REPLACE FUNCTION refuse_rewriting_component() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(OLD) - 'valid_until' <> to_jsonb(NEW) - 'valid_until' THEN
        RAISE EXCEPTION 'a component of tax is not rewritten: it ends, and another one follows'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
_DATED = """
CREATE TRIGGER dated BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_component()
"""

append_only(TaxLine.__table__)
after_create(TaxLine.__table__, _REFUSE_LATE, _COMPLETE)
after_create(TaxComponent.__table__, _REFUSE_REWRITING, _DATED)
