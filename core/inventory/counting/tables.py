"""Tables of stock counts."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory.tables import Location
from core.kernel.database import Minor, Quantity, Record, append_only


class CountState(StrEnum):
    """The life of a count."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class CountBasis(StrEnum):
    """Which level of the books a counted quantity is compared with.

    That of the moment when it was entered: what moves later comes on top. Or that of the moment
    when the count is confirmed: for who books late, so that what is booked meanwhile was there,
    or gone, when it was counted.
    """

    ENTRY = "entry"
    CONFIRMATION = "confirmation"


class StockCount(Record):
    """A session in which some items in some places are counted."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_has_a_day"),
        CheckConstraint("tolerance_percent BETWEEN 0 AND 100", name="tolerance_percent"),
        CheckConstraint("tolerance_minor >= 0", name="tolerance_value"),
        Index("ix_stock_count_open", "location_id", postgresql_where=text("state = 'open'")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CountState] = mapped_column(default=CountState.OPEN)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    basis: Mapped[CountBasis]
    # Nothing that is counted moves meanwhile.
    frozen: Mapped[bool]
    # Who counts is not told what the books say.
    blind: Mapped[bool]
    # A difference within either of them is booked without more ado; none is asked where both
    # are left open.
    tolerance_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    tolerance_minor: Mapped[Minor | None]
    because: Mapped[str]
    started_on: Mapped[date]
    closed_on: Mapped[date | None]

    location: Mapped[Location] = relationship(lazy="raise")
    lines: Mapped[list["StockCountLine"]] = relationship(lazy="raise", back_populates="count")


class StockCountLine(Record):
    """One item in one place that is counted, and what came of it."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "item_id", "location_id"),
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        CheckConstraint(
            "(rounds = 0) = (counted IS NULL) AND (rounds = 0) = (expected IS NULL)",
            name="counted_in_a_round",
        ),
        CheckConstraint("difference IS NULL OR NOT standing", name="booked_when_closed"),
        # Two counts of one shelf would book one difference twice.
        Index(
            "uq_stock_count_line_standing",
            "item_id",
            "location_id",
            unique=True,
            postgresql_where=text("standing"),
        ),
        Index(None, "item_id", "counted_on"),
    )

    count_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_count.id"))
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    # Whether the count is still open.
    standing: Mapped[bool] = mapped_column(default=True)
    # What the last round found, and what the books said to compare it with.
    rounds: Mapped[int] = mapped_column(default=0)
    counted: Mapped[Quantity | None]
    expected: Mapped[Quantity | None]
    counted_on: Mapped[date | None]
    # What was booked when the count was confirmed.
    difference: Mapped[Quantity | None]

    count: Mapped[StockCount] = relationship(lazy="raise", back_populates="lines")
    item: Mapped[Item] = relationship(lazy="raise")
    location: Mapped[Location] = relationship(lazy="raise")
    entries: Mapped[list["StockCountEntry"]] = relationship(
        lazy="raise", order_by="StockCountEntry.round"
    )


class StockCountEntry(Record):
    """What somebody counted in one round; counting again adds another."""

    __tablename__ = "stock_count_entry"
    __table_args__ = (
        UniqueConstraint("line_id", "round"),
        CheckConstraint("round > 0 AND counted >= 0", name="something_counted"),
    )

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_count_line.id"))
    round: Mapped[int]
    counted: Mapped[Quantity]
    expected: Mapped[Quantity]
    counted_by: Mapped[str]
    entered_at: Mapped[datetime]


append_only(StockCountEntry.__table__)
