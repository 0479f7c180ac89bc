"""Tables of the inventory."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item, ValuationMethod
from core.kernel.database import Minor, Quantity, Record, Table, UnitPrice, append_only

# The order in which moves and revaluations of stock were booked.
BOOKED = Sequence("stock_sequence", metadata=Table.metadata)


class LocationKind(StrEnum):
    """What a location is; only goods in internal ones are ours and have a value in the books."""

    INTERNAL = "internal"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PRODUCTION = "production"
    ADJUSTMENT = "adjustment"


class ReservationState(StrEnum):
    """The life of a reservation."""

    ACTIVE = "active"
    CONSUMED = "consumed"
    RELEASED = "released"


class Location(Record):
    """A place that goods are moved from and to: a warehouse, a part of it, or the world outside."""

    __tablename__ = "location"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[LocationKind]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"))


class StockLevel(Table):
    """How much of an item lies in an internal location, and how much of that is promised.

    Kept for speed and for its checks; `verify` compares it with the moves and the reservations.
    """

    __tablename__ = "stock_level"
    __table_args__ = (
        CheckConstraint("on_hand >= 0 OR negative_allowed", name="on_hand_not_negative"),
        CheckConstraint(
            "reserved = 0 OR (reserved > 0 AND reserved <= on_hand)", name="reserved_on_hand"
        ),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    on_hand: Mapped[Quantity] = mapped_column(default=Decimal(0))
    reserved: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # What the item allows, where the check of this row can see it.
    negative_allowed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class StockValue(Table):
    """The quantity of an item in all internal locations, and what it is worth by its method.

    Its row is the lock of the item: who moves stock takes it first.
    """

    __tablename__ = "stock_value"
    __table_args__ = (
        CheckConstraint("quantity >= 0 OR negative_allowed", name="quantity_not_negative"),
        CheckConstraint(
            "value_minor >= 0 OR (negative_allowed AND quantity < 0)", name="value_not_negative"
        ),
        CheckConstraint("quantity <> 0 OR value_minor = 0", name="nothing_is_worth_nothing"),
        CheckConstraint("(method = 'standard') = (standard_cost IS NOT NULL)", name="standard"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    value_minor: Mapped[Minor] = mapped_column(default=0)
    # What the item says, read under the lock.
    method: Mapped[ValuationMethod] = mapped_column(
        default=ValuationMethod.MOVING_AVERAGE, server_default=text("'moving_average'")
    )
    negative_allowed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # What one unit is worth, where the method is standard cost.
    standard_cost: Mapped[UnitPrice | None]
    # The newest day in the item's timeline: what is dated before it comes late.
    last_moved_on: Mapped[date | None]


class StockMove(Record):
    """A quantity of an item that went from one location to another, at a value."""

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
        CheckConstraint("from_location_id <> to_location_id", name="it_moves"),
        CheckConstraint("booked_on >= moved_on", name="booked_after_it_moved"),
        Index(None, "item_id", "moved_on"),
        Index(None, "origin"),
        Index(None, "returns_id", postgresql_where=text("returns_id IS NOT NULL")),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    from_location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]
    moved_on: Mapped[date]
    # The day of its entry: another one than `moved_on` where that lies in a closed period.
    booked_on: Mapped[date]
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=BOOKED.next_value())
    # The account that explains it, by role or code; none where goods only change their place.
    against: Mapped[str | None]
    # The move that it takes back.
    returns_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stock_move.id"))
    # The number of the document that caused the move.
    origin: Mapped[str]


class CountAnchor(Record):
    """What was counted of an item in a location on a day: it stays so, whatever comes late."""

    __tablename__ = "count_anchor"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        Index(None, "item_id", "location_id", "counted_on"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    counted_on: Mapped[date]
    quantity: Mapped[Quantity]
    origin: Mapped[str]


class Reservation(Record):
    """Stock that is promised to a line of a document."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_reservation_active_line", "line_id", postgresql_where=text("state = 'active'")),
        Index(
            "ix_reservation_active_item",
            "item_id",
            "location_id",
            postgresql_where=text("state = 'active'"),
        ),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[Quantity]
    # The line of the document in a room above, and that document's number.
    line_id: Mapped[uuid.UUID]
    origin: Mapped[str]
    state: Mapped[ReservationState] = mapped_column(default=ReservationState.ACTIVE)


class ReorderRule(Record):
    """The level below which an item should be reordered, and the level to fill it up to."""

    __tablename__ = "reorder_rule"
    __table_args__ = (
        UniqueConstraint("item_id"),
        CheckConstraint("minimum >= 0 AND target >= minimum AND target > 0", name="in_order"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    minimum: Mapped[Quantity]
    target: Mapped[Quantity]

    item: Mapped[Item] = relationship(lazy="raise")


append_only(StockMove.__table__)
append_only(CountAnchor.__table__)
