"""Tables of lots: what they are, where they lie, and how they went."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory.tables import StockLevel
from core.kernel.database import Quantity, Record, Table, after_create, append_only


class LotStatus(StrEnum):
    """Whether somebody holds a lot back; that it has expired is told by its date."""

    FREE = "free"
    HELD = "held"


class Lot(Record):
    """Goods of an item that were made, or came, together; for serial numbers, one piece."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        CheckConstraint("number <> ''", name="named"),
        CheckConstraint("status = 'free' OR held_because <> ''", name="held_for_a_reason"),
        Index("ix_lot_expiry", "expires_on", postgresql_where=text("expires_on IS NOT NULL")),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    number: Mapped[str]
    # The last day on which it is good.
    expires_on: Mapped[date | None]
    made_on: Mapped[date | None]
    supplier_lot: Mapped[str | None]
    status: Mapped[LotStatus] = mapped_column(default=LotStatus.FREE)
    held_because: Mapped[str] = mapped_column(default="")

    item: Mapped[Item] = relationship(lazy="raise")

    def is_fit(self, today: date) -> bool:
        """Tell whether it may leave to a customer."""
        good = self.expires_on is None or self.expires_on >= today
        return good and self.status is LotStatus.FREE


class LotLevel(Table):
    """How much of a lot lies in a location, and how much of that is promised to somebody as such.

    Kept for speed and for its checks; `verify` compares it with the moves and the levels.
    """

    __tablename__ = "lot_level"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_on_hand"),
        CheckConstraint("NOT serial OR on_hand IN (0, 1)", name="one_of_a_serial"),
        Index("ix_lot_level_item", "item_id", "location_id"),
        # A piece lies in one place.
        Index(
            "uq_lot_level_serial",
            "lot_id",
            unique=True,
            postgresql_where=text("serial AND on_hand > 0"),
        ),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    serial: Mapped[bool]
    on_hand: Mapped[Quantity] = mapped_column(default=Decimal(0))
    reserved: Mapped[Quantity] = mapped_column(default=Decimal(0))


class LotMove(Record):
    """How much of a lot went with a move of stock."""

    __tablename__ = "lot_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        UniqueConstraint("move_id", "lot_id"),
        Index(None, "lot_id"),
        Index(
            "ix_lot_move_returns_of", "returns_of", postgresql_where=text("returns_of IS NOT NULL")
        ),
    )

    move_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_move.id"))
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[Quantity]
    # The number of the document that had moved it the other way, where it came back.
    returns_of: Mapped[str | None]


append_only(LotMove.__table__)
# Checked at the end of the transaction: goods and their lots are written one after the other.
_SAME = """
CREATE CONSTRAINT TRIGGER lots_are_the_level
    AFTER INSERT OR UPDATE OF on_hand ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION require_lots_of_level()
"""
after_create(
    StockLevel.__table__,
    """
    CREATE OR REPLACE FUNCTION require_lots_of_level() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT tracking FROM item WHERE id = NEW.item_id) <> 'none' AND
            (SELECT coalesce(sum(on_hand), 0) FROM stock_level
                WHERE item_id = NEW.item_id AND location_id = NEW.location_id) <>
            (SELECT coalesce(sum(on_hand), 0) FROM lot_level
                WHERE item_id = NEW.item_id AND location_id = NEW.location_id)
        THEN
            RAISE EXCEPTION 'the lots of item % are not what lies there', NEW.item_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_are_the_level';
        END IF;
        RETURN NULL;
    END $$
    """,
    _SAME,
)
after_create(LotLevel.__table__, _SAME)
