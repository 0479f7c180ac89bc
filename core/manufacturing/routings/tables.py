"""Tables of work centres, and of the operations that make an item there."""

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.calendars import BusinessCalendar
from core.kernel.database import Record, UnitPrice


class WorkCentre(Record):
    """Where work is done: what an hour and a cycle there cost, and how many hours a day there are.

    An `efficiency_percent` of 80 makes a planned hour take an hour and a quarter. With a calendar
    of its own it is open in the shifts of that; without, so many hours on each day of the standard
    one.
    """

    __tablename__ = "work_centre"
    __table_args__ = (
        CheckConstraint(
            "labour_rate >= 0 AND overhead_rate >= 0 AND cycle_rate >= 0", name="rates"
        ),
        CheckConstraint("hours_per_day > 0 AND hours_per_day <= 24", name="hours_per_day"),
        CheckConstraint("stations > 0", name="stations_positive"),
        CheckConstraint(
            "efficiency_percent > 0 AND efficiency_percent <= 1000", name="efficiency_percent"
        ),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    # In the company's currency: for an hour of work, an hour of the place, and one cycle of it.
    labour_rate: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    overhead_rate: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    cycle_rate: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    # On each of its stations.
    hours_per_day: Mapped[Decimal] = mapped_column(Numeric(6, 3), default=Decimal(8))
    stations: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    efficiency_percent: Mapped[Decimal] = mapped_column(Numeric(7, 3), default=Decimal(100))
    calendar_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("business_calendar.id"))

    calendar: Mapped[BusinessCalendar | None] = relationship(lazy="raise")


class Routing(Record):
    """By which operations an item is made, from one day on until the next version holds."""

    __tablename__ = "routing"
    __table_args__ = (
        Index("uq_routing_in_force", "item_id", "valid_from", unique=True),
        CheckConstraint("valid_until >= valid_from", name="in_order"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    operations: Mapped[list["RoutingOperation"]] = relationship(
        lazy="raise", order_by="RoutingOperation.position"
    )


class RoutingOperation(Record):
    """A step of making an item: where, how long to set up, and how long for each piece."""

    __tablename__ = "routing_operation"
    __table_args__ = (
        UniqueConstraint("routing_id", "position"),
        CheckConstraint(
            "setup_minutes >= 0 AND run_minutes >= 0 AND cycles >= 0", name="not_negative"
        ),
        CheckConstraint("setup_minutes + run_minutes + cycles > 0", name="takes_something"),
    )

    routing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("routing.id"))
    position: Mapped[int]
    work_centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_centre.id"), index=True)
    name: Mapped[str]
    # Once for an order, and for each piece of it; of cycles too, for each piece.
    setup_minutes: Mapped[Decimal] = mapped_column(Numeric(14, 6), default=Decimal(0))
    run_minutes: Mapped[Decimal] = mapped_column(Numeric(14, 6), default=Decimal(0))
    cycles: Mapped[Decimal] = mapped_column(Numeric(14, 6), default=Decimal(0))

    work_centre: Mapped[WorkCentre] = relationship(lazy="raise", viewonly=True)
