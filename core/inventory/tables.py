"""Tables of the inventory."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Minor, Quantity, Record, Table, append_only


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
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_on_hand"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    on_hand: Mapped[Quantity] = mapped_column(default=Decimal(0))
    reserved: Mapped[Quantity] = mapped_column(default=Decimal(0))


class StockValue(Table):
    """The quantity of an item in all internal locations, and its value at moving average.

    Its row is the lock of the item: who moves stock takes it first.
    """

    __tablename__ = "stock_value"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
        CheckConstraint("quantity > 0 OR value_minor = 0", name="nothing_is_worth_nothing"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    value_minor: Mapped[Minor] = mapped_column(default=0)


class StockMove(Record):
    """A quantity of an item that went from one location to another, at a value."""

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
        CheckConstraint("from_location_id <> to_location_id", name="it_moves"),
        Index(None, "item_id", "moved_on"),
        Index(None, "origin"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    from_location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]
    moved_on: Mapped[date]
    # The number of the document that caused the move.
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


class ReorderMethod(StrEnum):
    """What decides when an item is ordered again, and how much of it."""

    # Below the minimum, up to the target.
    MIN_MAX = "min_max"
    # A minimum computed from demand and lead times, so that a level of service is reached.
    SERVICE = "service_level"
    # What is missing within the horizon, and no more.
    LOT_FOR_LOT = "lot_for_lot"
    # For each sale that stock does not cover, that much.
    ORDER_BY_ORDER = "order_by_order"
    # Never: somebody else sees to it.
    NEVER = "never"


class ServiceKind(StrEnum):
    """What a level of service is a share of."""

    # Of the times that goods are on their way: those in which nobody had to wait.
    CYCLE = "cycle"
    # Of the quantity that was wanted: what was there at once.
    FILL = "fill"


class ReorderRule(Record):
    """How an item is reordered: in all warehouses together, or in one of them."""

    __tablename__ = "reorder_rule"
    __table_args__ = (
        UniqueConstraint("item_id", "location_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("target >= minimum AND target > 0", name="in_order"),
        CheckConstraint(
            "(method = 'min_max') = (minimum IS NOT NULL) AND (minimum IS NULL) = (target IS NULL)",
            name="levels_of_min_max",
        ),
        CheckConstraint(
            "(method = 'service_level') = (service_percent IS NOT NULL)"
            " AND (service_percent IS NULL) = (service_kind IS NULL)",
            name="service_of_service",
        ),
        CheckConstraint("service_percent >= 50 AND service_percent < 100", name="service_percent"),
        CheckConstraint(
            "review_days BETWEEN 0 AND 365 AND cover_days BETWEEN 1 AND 730"
            " AND horizon_days BETWEEN 0 AND 730 AND shelf_life_days > 0",
            name="days",
        ),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"))
    method: Mapped[ReorderMethod] = mapped_column(default=ReorderMethod.MIN_MAX)
    # Below zero, that many may be owed to customers before more is ordered.
    minimum: Mapped[Quantity | None]
    target: Mapped[Quantity | None]
    service_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    service_kind: Mapped[ServiceKind | None]
    # How often somebody looks, and for how many days of demand is ordered at a time.
    review_days: Mapped[int] = mapped_column(default=1)
    cover_days: Mapped[int] = mapped_column(default=30)
    # How far ahead demand and supply count; where it is not said, until an order would be there.
    horizon_days: Mapped[int | None]
    shelf_life_days: Mapped[int | None]
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))

    item: Mapped[Item] = relationship(lazy="raise")


append_only(StockMove.__table__)
