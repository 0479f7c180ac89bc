"""Tables of transfers."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory.tables import Location
from core.kernel.database import Quantity, Record


class TransferState(StrEnum):
    """The life of a transfer."""

    UNDER_WAY = "under_way"
    CLOSED = "closed"


class StockTransfer(Record):
    """Goods that one warehouse sent to another."""

    __tablename__ = "stock_transfer"
    __table_args__ = (
        CheckConstraint("source_id <> target_id", name="it_moves"),
        CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed_has_a_day"),
        CheckConstraint("expected_on >= shipped_on", name="in_order"),
        Index(
            "ix_stock_transfer_under_way",
            "target_id",
            postgresql_where=text("state = 'under_way'"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    state: Mapped[TransferState] = mapped_column(default=TransferState.UNDER_WAY)
    shipped_on: Mapped[date]
    expected_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    source: Mapped[Location] = relationship(foreign_keys=[source_id], lazy="raise")
    target: Mapped[Location] = relationship(foreign_keys=[target_id], lazy="raise")
    lines: Mapped[list["StockTransferLine"]] = relationship(
        lazy="raise", order_by="StockTransferLine.position"
    )


class StockTransferLine(Record):
    """How much of an item was sent, and what became of it."""

    __tablename__ = "stock_transfer_line"
    __table_args__ = (
        UniqueConstraint("transfer_id", "position"),
        UniqueConstraint("transfer_id", "item_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "received >= 0 AND returned >= 0 AND lost >= 0"
            " AND received + returned + lost <= quantity",
            name="not_more_than_was_sent",
        ),
        Index(None, "item_id"),
    )

    transfer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_transfer.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[Quantity]
    received: Mapped[Quantity] = mapped_column(default=Decimal(0))
    returned: Mapped[Quantity] = mapped_column(default=Decimal(0))
    lost: Mapped[Quantity] = mapped_column(default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise")

    @property
    def under_way(self) -> Decimal:
        """What has neither arrived, come back nor been lost."""
        return self.quantity - self.received - self.returned - self.lost
