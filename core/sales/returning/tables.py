"""Tables of what customers may send back."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Quantity, Record, UnitPrice
from core.parties import Party


class ReturnState(StrEnum):
    """How much of a return has come back."""

    AUTHORISED = "authorised"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Resolution(StrEnum):
    """What the customer gets for what comes back."""

    CREDIT = "credit"
    # Credited as well; it is still to go out, and is invoiced when it does.
    REPLACE = "replace"


class SalesReturn(Record):
    """A customer may send goods back: these, so many, for this reason."""

    __tablename__ = "sales_return"
    __table_args__ = (
        CheckConstraint("fee_percent BETWEEN 0 AND 100", name="fee"),
        CheckConstraint("resolution = 'credit' OR order_id IS NOT NULL", name="replaced"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    # None: no order is known that they were sold by.
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sales_order.id"), index=True)
    state: Mapped[ReturnState] = mapped_column(default=ReturnState.AUTHORISED)
    resolution: Mapped[Resolution] = mapped_column(default=Resolution.CREDIT)
    authorised_on: Mapped[date]
    # What we keep of the price for taking it back.
    fee_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    because: Mapped[str]

    customer: Mapped[Party] = relationship(lazy="raise", viewonly=True)
    lines: Mapped[list["SalesReturnLine"]] = relationship(
        lazy="raise", order_by="SalesReturnLine.position"
    )


class SalesReturnLine(Record):
    """How much of an item may come back, how much did, and how much of that was credited."""

    __tablename__ = "sales_return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received_quantity BETWEEN 0 AND quantity", name="received"),
        CheckConstraint("credited_quantity BETWEEN 0 AND received_quantity", name="credited"),
        CheckConstraint(
            "(delivery_line_id IS NULL) = (order_line_id IS NULL)", name="of_a_delivery"
        ),
    )

    return_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_return.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("sales_order_line.id"), index=True
    )
    # The delivery that it left with says what it cost.
    delivery_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("delivery_line.id", use_alter=True), index=True
    )
    quantity: Mapped[Quantity]
    # What one unit was sold for, where no order says so.
    unit_price: Mapped[UnitPrice | None]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    received_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # Credited, or never charged.
    credited_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
