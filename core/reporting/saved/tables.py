"""Tables of saved reports, of standing orders, and of the times that these were carried out."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record, append_only


class OrderKind(StrEnum):
    """What the house does by itself: tell what a report says, or watch a figure."""

    SCHEDULE = "schedule"
    ALERT = "alert"


class OrderState(StrEnum):
    """Whether an order is carried out."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Every(StrEnum):
    """On which days something is due."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    FIRST_WORKDAY = "first_workday"
    LAST_WORKDAY = "last_workday"


class Outcome(StrEnum):
    """What came of carrying out an order."""

    TOLD = "told"
    PAUSED = "paused"


class SavedReport(Record):
    """A question that is kept under a name."""

    __tablename__ = "saved_report"
    __table_args__ = (
        Index(
            "uq_saved_report_name",
            "owner_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("NOT retired"),
        ),
        CheckConstraint("version > 0", name="version"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    # The roles whose people may run it, each seeing what they may see.
    shared_with: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Counts up when the question is replaced by another one.
    version: Mapped[int] = mapped_column(default=1)
    retired: Mapped[bool] = mapped_column(default=False)


class StandingOrder(Record):
    """A question that the house asks by itself, for its owner and with the owner's rights."""

    __tablename__ = "standing_order"
    __table_args__ = (
        CheckConstraint("num_nonnulls(report_id, asked) = 1", name="one_question"),
        CheckConstraint("(kind = 'alert') = (condition IS NOT NULL)", name="condition_of_alert"),
        CheckConstraint("(state = 'active') = (next_at IS NOT NULL)", name="next_of_active"),
        CheckConstraint(
            "CASE every WHEN 'week' THEN on_day BETWEEN 1 AND 7"
            " WHEN 'month' THEN on_day BETWEEN 1 AND 31 ELSE on_day IS NULL END",
            name="day_of_every",
        ),
        # Who looks for what is due finds it at the front of this.
        Index("ix_standing_order_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index(None, "owner_id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrderKind]
    name: Mapped[str]
    name_zh: Mapped[str]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[OrderState] = mapped_column(default=OrderState.ACTIVE)
    paused_because: Mapped[str | None]
    paused_because_zh: Mapped[str | None]
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("saved_report.id"))
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    every: Mapped[Every]
    on_day: Mapped[int | None]
    at: Mapped[time]
    # When it is looked at next: what is due by then is carried out.
    next_at: Mapped[datetime | None]
    # Of an alert: when it speaks, whether it is looked at after every change, and whether it
    # held at the last look: it speaks when a threshold is passed, and not again and again.
    condition: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    on_change: Mapped[bool] = mapped_column(default=False)
    is_met: Mapped[bool] = mapped_column(default=False)
    looked_at: Mapped[datetime | None]


class StandingRun(Record):
    """That an order was carried out for a day: once, whoever did it."""

    __tablename__ = "standing_run"
    __table_args__ = (
        UniqueConstraint("order_id", "due_on"),
        CheckConstraint("missed >= 0", name="missed"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("standing_order.id"))
    due_on: Mapped[date]
    # How many earlier days this one makes up for.
    missed: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Outcome]
    notification_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notification.id"))


append_only(StandingRun.__table__)
