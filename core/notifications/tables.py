"""Tables of notifications: what was told to whom, and through which channel it goes out."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record
from core.kernel.privacy import OWN_ACCOUNT, private


class NotificationKind(StrEnum):
    """What a notification is about."""

    REPORT = "report"
    ALERT = "alert"
    PAUSED = "paused"
    FAILED = "failed"
    MESSAGE = "message"


class Channel(StrEnum):
    """The ways to reach a person; only those of `service.OPEN_CHANNELS` are built."""

    APP = "app"
    MAIL = "mail"
    SLACK = "slack"


class Notification(Record):
    """Something told to one person; written once, and then read."""

    __tablename__ = "notification"
    __table_args__ = (
        Index(None, "person_id", "created_at"),
        Index(
            "ix_notification_unread",
            "person_id",
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NotificationKind]
    # What it comes from, by its number, and the one occasion that it tells of.
    source: Mapped[str]
    cause: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_zh: Mapped[str]
    body: Mapped[str]
    body_zh: Mapped[str]
    # The figures, the table and the question behind them, as plain values.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    read_at: Mapped[datetime | None]


class Delivery(Record):
    """That a notification goes out through a channel; without a time, it has not yet."""

    __tablename__ = "notification_delivery"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel"),
        Index(
            "ix_notification_delivery_waiting",
            "channel",
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    notification_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notification.id"))
    channel: Mapped[Channel]
    delivered_at: Mapped[datetime | None]


# What somebody is told is told to them.
private(Notification.__table__, OWN_ACCOUNT)
private(Delivery.__table__, "notification_id IN (SELECT id FROM notification)")
