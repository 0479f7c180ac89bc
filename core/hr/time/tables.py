"""Tables of time: shifts, when people came and went, what they did, and rates of overtime."""

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import BELOW, EMPLOYEES_BELOW, OWN, PAY_READERS, Employment
from core.kernel.database import Record, never_at_once, plain_table
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by
from core.timesheets import TimeEntry

Hours = Annotated[Decimal, mapped_column(Numeric(5, 2))]


class DayKind(StrEnum):
    """What kind of day overtime is worked on."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"
    HOLIDAY = "public_holiday"


class Shift(Record):
    """From when to when people work, until the next day where it ends earlier, less a break."""

    __tablename__ = "work_shift"
    __table_args__ = (CheckConstraint("break_minutes BETWEEN 0 AND 600", name="break"),)

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    starts: Mapped[time]
    ends: Mapped[time]
    break_minutes: Mapped[int] = mapped_column(default=0)


class ShiftPlan(Record):
    """Which shift somebody works from a day to a day."""

    __tablename__ = "shift_plan"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="in_order"),)

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    shift_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_shift.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    shift: Mapped[Shift] = relationship(lazy="raise")


class Attendance(Record):
    """When somebody came, and when they went."""

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("out_at > in_at", name="in_order"),
        Index(
            "uq_attendance_here",
            "employee_id",
            unique=True,
            postgresql_where=text("out_at IS NULL"),
        ),
        Index(None, "employee_id", "day"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    day: Mapped[date]
    in_at: Mapped[datetime]
    out_at: Mapped[datetime | None]


class OvertimeRule(Record):
    """What overtime is paid at, from a day on: a percentage of the usual, by kind of day."""

    __tablename__ = "overtime_rule"
    __table_args__ = (
        UniqueConstraint("country", "kind", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("daily_hours >= 0 AND daily_hours <= 24", name="daily_hours"),
        CheckConstraint("rate_percent > 0", name="rate"),
    )

    country: Mapped[str | None]
    kind: Mapped[DayKind]
    valid_from: Mapped[date]
    # What is worked above it on such a day is overtime; nothing on a day that is free.
    daily_hours: Mapped[Hours]
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    source: Mapped[str]


never_at_once(ShiftPlan.__table__, "employee_id", "daterange(starts_on, ends_on, '[]')")
_THEIRS = f"{seen_by(PAY_READERS)} OR {OWN} OR {BELOW}"
for _table in (plain_table(ShiftPlan), plain_table(Attendance)):
    _table.add_is_dependent_on(plain_table(Employment))
    private(_table, _THEIRS, EMPLOYEES_BELOW)
_HOURS_BELOW = """
    party_id IN (
        SELECT party_id FROM employee
        WHERE id IN (SELECT employees_below((SELECT reading_party())))
    )
    """
# Hours of a project are also for whoever keeps its costs.
private(
    TimeEntry.__table__,
    f"""
    {seen_by(PAY_READERS)} OR party_id = (SELECT reading_party())
    OR project_id IS NOT NULL AND {seen_by({Role.ACCOUNTANT})}
    OR {_HOURS_BELOW}
    """,
    EMPLOYEES_BELOW,
)
plain_table(TimeEntry).add_is_dependent_on(plain_table(Employment))
