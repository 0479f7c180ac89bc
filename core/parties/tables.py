"""Tables of people and companies."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table


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
    __table_args__ = (Index("ix_party_name", text("lower(name)")),)

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


class Customer(Table):
    """What makes a party a customer."""

    __tablename__ = "customer"
    __table_args__ = (CheckConstraint("credit_limit_minor >= 0", name="credit_limit_not_negative"),)

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    # None: no limit was set, so none is checked.
    credit_limit_minor: Mapped[Minor | None]
    payment_days: Mapped[int] = mapped_column(default=30)
    price_list_code: Mapped[str | None]
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("territory.id"), index=True)
    salesperson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    customer_group: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", foreign_keys=[party_id])


class Supplier(Table):
    """What makes a party a supplier."""

    __tablename__ = "supplier"

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    payment_days: Mapped[int] = mapped_column(default=30)
    preferred: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]

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
