"""Tell a person something, once."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.identity.tables import Person
from core.kernel.semantics import Said
from core.notifications.errors import ChannelNotOpen
from core.notifications.events import PersonNotified
from core.notifications.tables import Channel, Delivery, Notification, NotificationKind

OPEN_CHANNELS = frozenset({Channel.APP})


def require_open(channels: Collection[Channel]) -> None:
    """Refuse a channel that nothing can be sent through."""
    for channel in channels:
        if channel not in OPEN_CHANNELS:
            raise ChannelNotOpen(channel=channel)


def notify(
    session: Session,
    *,
    person: Person,
    kind: NotificationKind,
    source: str,
    cause: str,
    title: Said,
    body: Said,
    content: Mapping[str, Any] | None = None,
    channels: Collection[Channel] = (Channel.APP,),
) -> Notification:
    """Tell a person something; the same cause again gives what was told already."""
    require_open(channels)
    known = session.scalar(select(Notification).where(Notification.cause == cause))
    if known is not None:
        return known
    told = Notification(
        person_id=person.id,
        kind=kind,
        source=source,
        cause=cause,
        title=title.en,
        title_zh=title.zh,
        body=body.en,
        body_zh=body.zh,
        content=dict(content or {}),
    )
    session.add(told)
    session.flush()
    session.add_all(
        Delivery(notification_id=told.id, channel=channel, delivered_at=told.created_at)
        for channel in dict.fromkeys(channels)
    )
    session.flush()
    events.record(
        session, PersonNotified(person.login, kind, source, cause, tuple(sorted(set(channels))))
    )
    return told


def mark_read(
    session: Session, person_id: uuid.UUID, which: Collection[uuid.UUID] | None = None
) -> int:
    """Note that a person has read some notifications of theirs, or all; tell how many were new."""
    unread = (
        update(Notification)
        .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        .values(read_at=clock.now())
        .returning(Notification.id)
    )
    if which is not None:
        unread = unread.where(Notification.id.in_(list(which)))
    return len(session.scalars(unread).all())
