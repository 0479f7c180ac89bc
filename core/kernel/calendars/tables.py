"""Tables of calendars: hours by weekday, and the days of a region that are unlike others."""

import uuid
from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Record


class BusinessCalendar(Record):
    """When somewhere is open; the standard one counts where no other is named."""

    __tablename__ = "business_calendar"
    __table_args__ = (
        CheckConstraint("holiday_region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'", name="holiday_region"),
        Index(
            "uq_business_calendar_standard",
            "is_standard",
            unique=True,
            postgresql_where=text("is_standard"),
        ),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    time_zone: Mapped[str]
    # Its holidays are those of the region, and of the country that the region lies in.
    holiday_region: Mapped[str | None]
    is_standard: Mapped[bool] = mapped_column(default=False)

    hours: Mapped[list["OpeningHours"]] = relationship(
        lazy="raise",
        order_by="(OpeningHours.weekday, OpeningHours.opens)",
        cascade="all, delete-orphan",
    )


class OpeningHours(Record):
    """From when to when a calendar is open on a weekday; until the next day if it closes earlier.

    Both times are of the calendar's own clock.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        UniqueConstraint("calendar_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    )

    calendar_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("business_calendar.id"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class Holiday(Record):
    """A day of a region that is unlike others: free, half free, or worked instead of another."""

    __tablename__ = "holiday"
    __table_args__ = (
        UniqueConstraint("region", "day"),
        CheckConstraint("region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'", name="region"),
        CheckConstraint("works_as BETWEEN 1 AND 7", name="works_as"),
        CheckConstraint("open_from < open_until", name="in_order"),
        CheckConstraint(
            "works_as IS NULL OR num_nonnulls(open_from, open_until) = 0", name="one_way"
        ),
    )

    region: Mapped[str]
    day: Mapped[date]
    name: Mapped[str]
    name_zh: Mapped[str]
    open_from: Mapped[time | None]
    open_until: Mapped[time | None]
    works_as: Mapped[int | None]
