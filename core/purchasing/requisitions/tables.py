"""Tables of requisitions."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Quantity, Record, Table
from core.parties import Party


class RequisitionState(StrEnum):
    """The life of a requisition."""

    DRAFT = "draft"
    APPROVED = "approved"
    ORDERED = "ordered"
    CLOSED = "closed"


class Requisition(Record):
    """Somebody needs something by a day: a wish, until it is approved and ordered."""

    __tablename__ = "requisition"

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[RequisitionState] = mapped_column(default=RequisitionState.DRAFT, index=True)
    asked_by: Mapped[str]
    approved_by: Mapped[str | None]
    asked_on: Mapped[date]
    needed_on: Mapped[date]
    because: Mapped[str]
    # What it is for: a cost centre, or the number of an order.
    needed_for: Mapped[str | None]

    lines: Mapped[list["RequisitionLine"]] = relationship(
        lazy="raise", order_by="RequisitionLine.position"
    )


class RequisitionLine(Record):
    """A quantity of an item that is needed, and how much of it is ordered by now."""

    __tablename__ = "requisition_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("ordered_quantity BETWEEN 0 AND quantity", name="ordered_as_needed"),
    )

    requisition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("requisition.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    ordered_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # Whom it should come from, where that matters.
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    # The line of a document in a room above that needs it, and that document's number.
    pegged_line_id: Mapped[uuid.UUID | None]
    pegged_to: Mapped[str | None]

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    supplier: Mapped[Party | None] = relationship(lazy="raise", viewonly=True)


class CoveredNeed(Table):
    """A line of a purchase order, and how much of a need counts as ordered by it."""

    __tablename__ = "covered_need"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    purchase_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), primary_key=True
    )
    requisition_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requisition_line.id"), index=True
    )
    quantity: Mapped[Quantity]
