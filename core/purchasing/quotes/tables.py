"""Tables of requests for quotation, and of what suppliers offer in answer to them."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Quantity, Record, Table, UnitPrice
from core.parties import Party


class RequestState(StrEnum):
    """The life of a request for quotation."""

    OPEN = "open"
    AWARDED = "awarded"
    CLOSED = "closed"


class QuotationRequest(Record):
    """We ask several suppliers what some goods would cost."""

    __tablename__ = "quotation_request"

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[RequestState] = mapped_column(default=RequestState.OPEN, index=True)
    asked_on: Mapped[date]
    answer_by: Mapped[date]
    # The number of the requisition that it is for, where there is one.
    needed_for: Mapped[str | None]

    lines: Mapped[list["QuotationRequestLine"]] = relationship(
        lazy="raise", order_by="QuotationRequestLine.position"
    )
    invited: Mapped[list["InvitedSupplier"]] = relationship(
        lazy="raise", order_by="InvitedSupplier.id"
    )


class QuotationRequestLine(Record):
    """A quantity of an item that is asked for, and how much of it was awarded."""

    __tablename__ = "quotation_request_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("awarded_quantity BETWEEN 0 AND quantity", name="awarded_as_asked"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotation_request.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    awarded_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    requisition_line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("requisition_line.id"))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    answers: Mapped[list["QuotedPrice"]] = relationship(
        lazy="raise", order_by="QuotedPrice.minimum_quantity"
    )


class InvitedSupplier(Record):
    """A supplier that is asked, and when they answered."""

    __tablename__ = "invited_supplier"
    __table_args__ = (
        UniqueConstraint("request_id", "supplier_id"),
        CheckConstraint("NOT (declined AND answered_on IS NULL)", name="declined_in_answer"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotation_request.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    answered_on: Mapped[date | None]
    declined: Mapped[bool] = mapped_column(default=False)

    supplier: Mapped[Party] = relationship(lazy="raise", viewonly=True)


class QuotedPrice(Record):
    """What a supplier asks for a line of a request, from some quantity up."""

    __tablename__ = "quoted_price"
    __table_args__ = (
        UniqueConstraint("line_id", "supplier_id", "minimum_quantity"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
        CheckConstraint("order_multiple > 0", name="order_multiple_positive"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        CheckConstraint("lead_time_days >= 0", name="lead_time_not_negative"),
    )

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotation_request_line.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    minimum_quantity: Mapped[Quantity]
    order_multiple: Mapped[Quantity | None]
    unit_price: Mapped[UnitPrice]
    currency: Mapped[str]
    lead_time_days: Mapped[int]
    valid_until: Mapped[date | None]


class AwardedLine(Table):
    """A line of a purchase order, and how much of a request it was awarded."""

    __tablename__ = "awarded_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    purchase_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), primary_key=True
    )
    request_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("quotation_request_line.id"), index=True
    )
    quantity: Mapped[Quantity]
