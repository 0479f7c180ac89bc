"""Tables of people and companies."""

import uuid
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
