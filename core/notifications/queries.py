"""What a person was told, the newest first."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel.semantics import Said
from core.notifications.errors import UnknownNotification
from core.notifications.tables import Notification, NotificationKind


@dataclass(frozen=True)
class NotificationView:
    """A notification as its person may see it."""

    id: uuid.UUID
    kind: NotificationKind
    source: str
    title: Said
    body: Said
    content: Mapping[str, Any]
    told_at: datetime
    read_at: datetime | None


def list_notifications(
    session: Session, person_id: uuid.UUID, *, unread_only: bool = False, limit: int = 50
) -> list[NotificationView]:
    """Return what somebody was told, the newest first."""
    wanted = (
        select(Notification)
        .where(Notification.person_id == person_id)
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
    )
    if unread_only:
        wanted = wanted.where(Notification.read_at.is_(None))
    return [_view(row) for row in session.scalars(wanted)]


def count_unread(session: Session, person_id: uuid.UUID) -> int:
    """Count what somebody was told and has not read."""
    unread = (Notification.person_id == person_id, Notification.read_at.is_(None))
    return session.scalar(select(func.count()).where(*unread)) or 0


def find_notification(
    session: Session, person_id: uuid.UUID, notification_id: uuid.UUID
) -> NotificationView:
    """Return one of somebody's notifications; another's is as if there were none."""
    row = session.get(Notification, notification_id)
    if row is None or row.person_id != person_id:
        raise UnknownNotification
    return _view(row)


def _view(row: Notification) -> NotificationView:
    return NotificationView(
        id=row.id,
        kind=row.kind,
        source=row.source,
        title=Said(row.title, row.title_zh),
        body=Said(row.body, row.body_zh),
        content=row.content,
        told_at=row.created_at,
        read_at=row.read_at,
    )
