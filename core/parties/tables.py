"""Tables of people and companies."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table, after_create, append_only


class PartyKind(StrEnum):
    """What a party is by law."""

    COMPANY = "company"
    PERSON = "person"


class Territory(Record):
    """A region that sales are counted by."""

    __tablename__ = "territory"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    country: Mapped[str]
    region: Mapped[str]


class Party(Record):
    """A person or company that we deal with; one row, whatever roles it has."""

    __tablename__ = "party"
    __table_args__ = (
        Index("ix_party_name", text("lower(name)")),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("merged_into_id <> id", name="not_merged_with_itself"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PartyKind]
    name: Mapped[str]
    name_zh: Mapped[str | None]
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    country: Mapped[str | None]
    city: Mapped[str | None]
    address: Mapped[str | None]
    tax_number: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    blocked: Mapped[bool] = mapped_column(default=False)
    # The company that it belongs to: a branch, a subsidiary.
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    # The party that it turned out to be. Whoever says its number means that one.
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)


# Two changes that are right one by one may close a circle together: they wait for each other. And
# what was merged is never merged into, so that one step leads from any number to who is meant.
after_create(
    Party.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_party_circle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.parent_id IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('party_tree'));
            IF EXISTS (
                WITH RECURSIVE above AS (
                    SELECT id, parent_id FROM party WHERE id = NEW.parent_id
                    UNION
                    SELECT party.id, party.parent_id
                    FROM party JOIN above ON party.id = above.parent_id)
                SELECT FROM above WHERE id = NEW.id)
            THEN
                RAISE EXCEPTION 'party % would belong to itself', NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_party_no_circle';
            END IF;
        END IF;
        IF EXISTS (SELECT FROM party WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
            OR (NEW.merged_into_id IS NOT NULL AND EXISTS (
                SELECT FROM party WHERE merged_into_id = NEW.id))
        THEN
            RAISE EXCEPTION 'party % would lead to a party that was merged itself', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_party_merged_once';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER no_circle AFTER INSERT OR UPDATE OF parent_id, merged_into_id ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_party_circle()
    """,
)


class Customer(Table):
    """What makes a party a customer."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("credit_limit_minor >= 0", name="credit_limit_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    # None: no limit was set, so none is checked.
    credit_limit_minor: Mapped[Minor | None]
    payment_days: Mapped[int] = mapped_column(default=30)
    price_list_code: Mapped[str | None]
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("territory.id"), index=True)
    salesperson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    customer_group: Mapped[str | None]
    # What it buys in; None: by its price list, or else in the company's currency.
    currency: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", foreign_keys=[party_id])


class Supplier(Table):
    """What makes a party a supplier."""

    __tablename__ = "supplier"
    __table_args__ = (CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),)

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    payment_days: Mapped[int] = mapped_column(default=30)
    preferred: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]
    # What we buy in; None: in the currency of its offers, or else in the company's.
    currency: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise")


class PartyBankAccount(Record):
    """Where the money of a party goes: one account at a time, the earlier ones stay on record."""

    __tablename__ = "party_bank_account"
    __table_args__ = (
        CheckConstraint("num_nonnulls(iban, account_number) = 1", name="one_way_to_say_it"),
        CheckConstraint("iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'", name="iban"),
        CheckConstraint("ended_on >= valid_from", name="in_order"),
        Index(
            "uq_party_bank_account_current",
            "party_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    holder: Mapped[str]
    iban: Mapped[str | None]
    # Where there is no IBAN: the number of the account, and its bank.
    account_number: Mapped[str | None]
    bic: Mapped[str | None]
    bank: Mapped[str]
    valid_from: Mapped[date]
    ended_on: Mapped[date | None]
    # The day on which somebody made sure, by another way than the one it came by.
    verified_on: Mapped[date | None]

    @property
    def said(self) -> str:
        """The account as people read it."""
        if self.iban is not None:
            return " ".join(self.iban[place : place + 4] for place in range(0, len(self.iban), 4))
        return f"{self.account_number} {self.bank}"


class PartyMerge(Record):
    """That two records were one and the same party; `undone_at` where that was a mistake."""

    __tablename__ = "party_merge"
    __table_args__ = (
        CheckConstraint("survivor_id <> merged_id", name="two_parties"),
        Index(
            "uq_party_merge_standing",
            "merged_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    survivor_id: Mapped[uuid.UUID] = mapped_column(index=True)
    merged_id: Mapped[uuid.UUID]
    because: Mapped[str]
    by: Mapped[str]
    undone_at: Mapped[datetime | None]


class PartyMergePart(Record):
    """Which rows of a table pointed at the merged party, and point at the other one since.

    `moved` are their ids; `kept` are rows as they were, where the party itself is part of their
    key or where the other party's own terms count instead.
    """

    __tablename__ = "party_merge_part"

    merge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party_merge.id"), index=True)
    table: Mapped[str]
    column: Mapped[str]
    moved: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    kept: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


append_only(PartyMergePart.__table__)
