"""Tables of the inventory."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item, ValuationMethod
from core.kernel.database import (
    Minor,
    Quantity,
    Record,
    Table,
    UnitPrice,
    after_create,
    append_only,
)

# The order in which moves and revaluations of stock were booked.
BOOKED = Sequence("stock_sequence", metadata=Table.metadata)


class LocationKind(StrEnum):
    """What a location is; only goods in internal ones are ours and have a value in the books."""

    INTERNAL = "internal"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PRODUCTION = "production"
    ADJUSTMENT = "adjustment"


class LocationPurpose(StrEnum):
    """What a place of ours is for; only what lies in storage can be sold."""

    STORAGE = "storage"
    TRANSIT = "transit"
    HOLD = "hold"


class ReservationState(StrEnum):
    """The life of a reservation; one that waits is asked for and not promised yet."""

    WAITING = "waiting"
    ACTIVE = "active"
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


class ReservationKind(StrEnum):
    """How firm a reservation is: a soft one yields to a hard one of higher priority."""

    HARD = "hard"
    SOFT = "soft"


class Location(Record):
    """A place that goods are moved from and to: a warehouse, a part of it, or the world outside.

    Goods in an internal one are ours and have a value, also under way between two warehouses or
    held for inspection; only those in a `sellable` one are available. A warehouse is an internal
    place that is part of no other.
    """

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_part"),
        CheckConstraint("kind = 'internal' OR purpose = 'storage'", name="purpose_is_ours"),
        CheckConstraint("purpose = 'storage' OR NOT sellable", name="sold_from_storage"),
        CheckConstraint("closed_on IS NULL OR kind = 'internal'", name="outside_stays_open"),
        Index(None, "parent_id"),
        Index("ix_location_closed", "id", postgresql_where=text("closed_on IS NOT NULL")),
        Index(
            "uq_location_transit",
            "purpose",
            unique=True,
            postgresql_where=text("purpose = 'transit'"),
        ),
        Index(
            "uq_location_hold", "parent_id", unique=True, postgresql_where=text("purpose = 'hold'")
        ),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[LocationKind]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"))
    purpose: Mapped[LocationPurpose] = mapped_column(
        default=LocationPurpose.STORAGE, server_default="storage"
    )
    sellable: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    # Whether storage places lie below it. Kept, so that a warehouse in one piece is served
    # without asking for its parts; `verify` compares it with them.
    divided: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # Whether some of what lies there does not move at the moment: see `FrozenStock`.
    frozen: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    address: Mapped[str] = mapped_column(default="", server_default="")
    # A closed place holds nothing and takes part in no move any more.
    closed_on: Mapped[date | None]


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
    # Of goods that may leave before they came: what they were reckoned at, should no cost of any
    # be known by then. Part of the value may be the cost of what came later.
    guess_minor: Mapped[Minor | None]
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
        CheckConstraint("priority BETWEEN 1 AND 9", name="priority"),
        Index("ix_reservation_active_line", "line_id", postgresql_where=text("state = 'active'")),
        Index(
            "ix_reservation_active_item",
            "item_id",
            "location_id",
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "ix_reservation_waiting",
            "item_id",
            "line_id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_reservation_expiry",
            "expires_at",
            postgresql_where=text("state IN ('active', 'waiting') AND expires_at IS NOT NULL"),
        ),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[Quantity]
    # The line of the document in a room above, and that document's number.
    line_id: Mapped[uuid.UUID]
    origin: Mapped[str]
    state: Mapped[ReservationState] = mapped_column(default=ReservationState.ACTIVE)
    kind: Mapped[ReservationKind] = mapped_column(
        default=ReservationKind.HARD, server_default=text("'hard'")
    )
    # From 1 to 9; the higher one is served first.
    priority: Mapped[int] = mapped_column(default=5, server_default=text("5"))
    expires_at: Mapped[datetime | None]
    # Where these very goods are meant, and not any of the item.
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lot.id"))
    # Why that lot may leave although it is held or has expired.
    lot_because: Mapped[str | None]


class FrozenStock(Table):
    """An item in a place that does not move, while it is being counted."""

    __tablename__ = "frozen_stock"

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    # Of the count.
    number: Mapped[str] = mapped_column(index=True)


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

# Both sides of a race wait for each other on the place's row: who moves stock holds a share of it
# through the foreign key.
after_create(
    Location.__table__,
    """
    CREATE OR REPLACE FUNCTION keep_locations_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('location_tree'));
        IF NEW.parent_id IS NOT NULL AND EXISTS (
            WITH RECURSIVE above AS (
                SELECT id, parent_id, kind FROM location WHERE id = NEW.parent_id
                UNION
                SELECT next.id, next.parent_id, next.kind
                FROM location AS next JOIN above ON next.id = above.parent_id
            ) SELECT FROM above WHERE above.id = NEW.id OR above.kind <> NEW.kind
        ) THEN
            RAISE EXCEPTION 'the places of a warehouse are a tree of its own kind'
                USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.closed_on IS NOT NULL AND OLD.closed_on IS NULL THEN
            PERFORM FROM location WHERE id = NEW.id FOR UPDATE;
            IF EXISTS (
                SELECT FROM stock_level WHERE location_id = NEW.id AND on_hand <> 0
            ) THEN
                RAISE EXCEPTION 'a place that is closed is empty'
                    USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER in_order BEFORE INSERT OR UPDATE OF parent_id, kind, closed_on ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_locations_in_order()
    """,
)
after_create(
    StockMove.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_moves_at_rest() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM location WHERE closed_on IS NOT NULL AND EXISTS (
                SELECT FROM moved WHERE location.id IN (from_location_id, to_location_id)
            )
        ) THEN
            RAISE EXCEPTION 'a closed place takes no moves' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT FROM frozen_stock AS frozen WHERE EXISTS (
                SELECT FROM moved WHERE moved.item_id = frozen.item_id
                    AND frozen.location_id IN (from_location_id, to_location_id)
            )
        ) THEN
            RAISE EXCEPTION 'what is being counted does not move'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER may_move AFTER INSERT ON {table} REFERENCING NEW TABLE AS moved
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_moves_at_rest()
    """,
)
after_create(
    StockLevel.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_stock_outside() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added JOIN location ON location.id = added.location_id
            WHERE location.kind <> 'internal'
        ) THEN
            RAISE EXCEPTION 'only places of ours hold stock' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER ours AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_stock_outside()
    """,
)
append_only(CountAnchor.__table__)
