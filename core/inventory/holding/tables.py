"""The table of holds."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory.tables import Location
from core.kernel.database import Quantity, Record


class StockHoldState(StrEnum):
    """The life of a hold."""

    HELD = "held"
    CLOSED = "closed"


class StockHold(Record):
    """A quantity of an item that was set aside, why, and what became of it."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "released >= 0 AND scrapped >= 0 AND released + scrapped <= quantity",
            name="not_more_than_was_held",
        ),
        CheckConstraint(
            "(state = 'closed') = (released + scrapped = quantity)", name="closed_when_decided"
        ),
        CheckConstraint("because <> ''", name="says_why"),
        Index("ix_stock_hold_held", "item_id", postgresql_where=text("state = 'held'")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    # Where it came from, and where it lies meanwhile.
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    place_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[Quantity]
    released: Mapped[Quantity] = mapped_column(default=Decimal(0))
    scrapped: Mapped[Quantity] = mapped_column(default=Decimal(0))
    because: Mapped[str]
    held_on: Mapped[date]
    state: Mapped[StockHoldState] = mapped_column(default=StockHoldState.HELD)

    item: Mapped[Item] = relationship(lazy="raise")
    source: Mapped[Location] = relationship(foreign_keys=[source_id], lazy="raise")
    place: Mapped[Location] = relationship(foreign_keys=[place_id], lazy="raise")

    @property
    def held(self) -> Decimal:
        """What nobody has decided on yet."""
        return self.quantity - self.released - self.scrapped
