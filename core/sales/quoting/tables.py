"""Tables of quotations."""

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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Minor, Quantity, Record, Table, UnitPrice
from core.parties import Party


class QuotationState(StrEnum):
    """The life of a quotation; whether one that was sent has expired, its last day tells."""

    DRAFT = "draft"
    SENT = "sent"
    PARTLY_ACCEPTED = "partly_accepted"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Quotation(Record):
    """An offer to a customer, or to somebody who may become one; its newest version counts."""

    __tablename__ = "quotation"
    __table_args__ = (
        CheckConstraint("(state = 'declined') = (declined_because IS NOT NULL)", name="declined"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    state: Mapped[QuotationState] = mapped_column(default=QuotationState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    quoted_on: Mapped[date]
    # The customer's own number for what it asked.
    reference: Mapped[str | None]
    declined_because: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", viewonly=True)


class QuotationVersion(Record):
    """What was offered at a time: once it was sent it stays as it is."""

    __tablename__ = "quotation_version"
    __table_args__ = (
        UniqueConstraint("quotation_id", "version"),
        Index(None, "valid_until"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount"),
        CheckConstraint("net_minor + tax_minor = total_minor", name="total"),
    )

    quotation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotation.id"), index=True)
    version: Mapped[int]
    valid_until: Mapped[date]
    promised_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    currency: Mapped[str]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    # Without options and alternatives.
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    notes: Mapped[str | None]

    lines: Mapped[list["QuotationLine"]] = relationship(
        lazy="raise", order_by="QuotationLine.position"
    )


class QuotationLine(Record):
    """A quantity of an item that was offered, and how much of it was ordered."""

    __tablename__ = "quotation_line"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("ordered_quantity BETWEEN 0 AND quantity", name="ordered"),
        CheckConstraint("instead_of <> position", name="instead_of"),
        # The line that it stands for is of the same version.
        ForeignKeyConstraint(
            ["version_id", "instead_of"],
            ["quotation_line.version_id", "quotation_line.position"],
        ),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotation_version.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    list_price: Mapped[UnitPrice]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    net_amount: Mapped[UnitPrice]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    # Ordered only where the customer says so.
    optional: Mapped[bool] = mapped_column(default=False)
    # The position that it may be ordered instead of.
    instead_of: Mapped[int | None]
    ordered_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class OrderedQuote(Table):
    """How much of a line of a quotation was ordered by a sales order."""

    __tablename__ = "ordered_quote"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id"), primary_key=True)
    quotation_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("quotation_line.id"), primary_key=True
    )
    quantity: Mapped[Quantity]
