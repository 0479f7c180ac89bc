"""What was said and written, as those may read it who may see the party's records."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_
from sqlalchemy.orm import Session

from core.communications.errors import UnknownFile, UnknownMessage, UnknownThread
from core.communications.search import asked_for, excerpt
from core.communications.sight import may_read
from core.communications.tables import (
    Attachment,
    Communication,
    Direction,
    Medium,
    MessageThread,
    OutgoingMail,
    OutgoingState,
    Standing,
    StoredBytes,
)
from core.kernel.naming import canonical_number
from core.parties.tables import Party

LISTED_MAX = 200
EXCERPT_CHARS = 160
Box = Literal["all", "inbox", "aside", "outbox"]


@dataclass(frozen=True)
class MessageView:
    """A message in a list; subject and excerpt are somebody's words."""

    id: uuid.UUID
    number: str
    thread: str
    direction: Direction
    medium: Medium
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    party_number: str
    party: str
    party_zh: str
    subject: str
    excerpt: str
    happened_at: datetime
    standing: Standing
    aside_because: str
    automatic: bool
    # Of what goes out: how far it is.
    state: OutgoingState | None


@dataclass(frozen=True)
class AttachmentView:
    """A file that came along."""

    id: uuid.UUID
    name: str
    kind: str
    size_bytes: int
    text: str | None


@dataclass(frozen=True)
class FileContent:
    """A file as it came: its name and kind are somebody's words, its bytes may be anything."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class MessageText:
    """A message with its whole text and its files."""

    view: MessageView
    body: str
    headers: dict[str, Any]
    files: tuple[AttachmentView, ...]
    trouble: str
    # Whether its bytes are kept as they came.
    has_raw: bool = False


@dataclass(frozen=True)
class ThreadView:
    """A conversation with its messages, the oldest first."""

    id: uuid.UUID
    number: str
    subject: str
    party_id: uuid.UUID | None
    messages: tuple[MessageText, ...]


def list_messages(
    session: Session,
    *,
    party_id: uuid.UUID | None = None,
    box: Box = "all",
    containing: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    direction: Direction | None = None,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 50,
) -> list[MessageView]:
    """Return messages, the newest first; `before` is where the page above has ended."""
    wanted = _listed().where(*_in_box(box), may_read(session, Communication.party_id))
    if party_id is not None:
        wanted = wanted.where(Communication.party_id == party_id)
    if containing.strip():
        asked = asked_for(containing)
        if asked is None:
            return []
        wanted = wanted.where(Communication.words.op("@@")(asked))
    if since is not None:
        wanted = wanted.where(Communication.happened_at >= since)
    if until is not None:
        wanted = wanted.where(Communication.happened_at < until)
    if direction is not None:
        wanted = wanted.where(Communication.direction == direction)
    place = tuple_(Communication.happened_at, Communication.id)
    if before is not None:
        wanted = wanted.where(place < tuple_(*before))
    wanted = wanted.order_by(Communication.happened_at.desc(), Communication.id.desc())
    rows = session.execute(wanted.limit(min(limit, LISTED_MAX))).all()
    return [_view(row, containing) for row in rows]


def count_in_doubt(session: Session) -> int:
    """Count the mails that the asking person may see and that went astray.

    Of some nobody knows whether they went out, others have failed.
    """
    # Written out, so that the index of what is open is seen to hold all of them.
    astray = OutgoingMail.state.in_([literal_column("'uncertain'"), literal_column("'failed'")])
    wanted = (
        select(func.count())
        .select_from(OutgoingMail)
        .join(Communication, Communication.id == OutgoingMail.communication_id)
        .where(astray, may_read(session, Communication.party_id))
    )
    return session.scalar(wanted) or 0


def find_message(session: Session, number: str, *, lock: bool = False) -> Communication:
    """Return a message that the asking person may see; another is as if there were none."""
    wanted = select(Communication).where(
        Communication.number == canonical_number(number),
        may_read(session, Communication.party_id),
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownMessage(number=number)
    return found


def find_thread(session: Session, number: str) -> MessageThread:
    """Return a conversation of which the asking person may see a message."""
    called = canonical_number(number)
    wanted = (
        select(MessageThread)
        .join(Communication, Communication.thread_id == MessageThread.id)
        .where(may_read(session, Communication.party_id))
        .limit(1)
    )
    if called.startswith("MSG-"):
        wanted = wanted.where(Communication.number == called)
    else:
        wanted = wanted.where(MessageThread.number == called)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownThread(number=number)
    return found


def view_thread(session: Session, thread: MessageThread) -> ThreadView:
    """Return a conversation, without the messages that are not the asking person's to see.

    Of a very long one it is the end.
    """
    wanted = (
        _listed(
            Communication.body, Communication.headers, Communication.raw_hash, OutgoingMail.trouble
        )
        .where(Communication.thread_id == thread.id, may_read(session, Communication.party_id))
        .order_by(Communication.happened_at.desc(), Communication.id.desc())
        .limit(LISTED_MAX)
    )
    rows = session.execute(wanted).all()[::-1]
    files = _files(session, [row.id for row in rows])
    return ThreadView(
        id=thread.id,
        number=thread.number,
        subject=thread.subject,
        party_id=thread.party_id,
        messages=tuple(
            MessageText(
                view=_view(row),
                body=row.body,
                headers=row.headers,
                files=tuple(files.get(row.id, ())),
                trouble=row.trouble or "",
                has_raw=row.raw_hash is not None,
            )
            for row in rows
        ),
    )


def find_file(session: Session, file_id: uuid.UUID) -> FileContent:
    """Return a file that came with a message, to whom may see the message, as it came."""
    wanted = (
        select(Attachment.name, Attachment.kind, StoredBytes.content)
        .join(StoredBytes, StoredBytes.hash == Attachment.hash)
        .join(Communication, Communication.id == Attachment.communication_id)
        .where(Attachment.id == file_id, may_read(session, Communication.party_id))
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise UnknownFile
    return FileContent(*row)


def find_raw(session: Session, number: str) -> FileContent:
    """Return the bytes of a message that could not be read or believed, as they came."""
    message = find_message(session, number)
    if message.raw_hash is None:
        raise UnknownFile
    content = session.get_one(StoredBytes, message.raw_hash).content
    return FileContent(f"{message.number}.eml", "message/rfc822", content)


def last_thread(session: Session, party_id: uuid.UUID) -> MessageThread | None:
    """Return the conversation in which a party wrote to us last."""
    wanted = (
        select(MessageThread)
        .join(Communication, Communication.thread_id == MessageThread.id)
        .where(
            Communication.party_id == party_id,
            Communication.direction == Direction.IN,
            Communication.standing == Standing.KEPT,
            may_read(session, Communication.party_id),
        )
        .order_by(Communication.happened_at.desc(), Communication.id.desc())
        .limit(1)
    )
    return session.scalar(wanted)


def threads_of(
    session: Session, party_id: uuid.UUID, *, since: datetime | None, until: datetime | None
) -> Sequence[MessageThread]:
    """Return the conversations in which a party had a part in a time, the latest last."""
    wanted = select(Communication.thread_id).where(
        Communication.party_id == party_id,
        Communication.standing == Standing.KEPT,
        may_read(session, Communication.party_id),
    )
    if since is not None:
        wanted = wanted.where(Communication.happened_at >= since)
    if until is not None:
        wanted = wanted.where(Communication.happened_at < until)
    threads = (
        select(MessageThread)
        .where(MessageThread.id.in_(wanted))
        .order_by(MessageThread.last_at.desc(), MessageThread.id.desc())
        .limit(LISTED_MAX)
    )
    return session.scalars(threads).all()[::-1]


def _listed(*more: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401  # Columns of any kind.
    return (
        select(
            Communication.id,
            Communication.number,
            MessageThread.number.label("thread"),
            Communication.direction,
            Communication.medium,
            Communication.sender,
            Communication.sender_name,
            Communication.recipients,
            func.coalesce(Party.number, "").label("party_number"),
            func.coalesce(Party.name, "").label("party"),
            func.coalesce(Party.name_zh, Party.name, "").label("party_zh"),
            Communication.subject,
            func.left(Communication.body, 4_000).label("beginning"),
            Communication.happened_at,
            Communication.standing,
            func.coalesce(Communication.aside_because, "").label("aside_because"),
            Communication.automatic,
            OutgoingMail.state,
            *more,
        )
        .join(MessageThread, MessageThread.id == Communication.thread_id)
        .outerjoin(Party, Party.id == Communication.party_id)
        .outerjoin(OutgoingMail, OutgoingMail.communication_id == Communication.id)
    )


def _in_box(box: Box) -> tuple[ColumnElement[bool], ...]:
    if box == "inbox":
        return (Communication.party_id.is_(None), Communication.standing != Standing.SUPPRESSED)
    if box == "aside":
        return (Communication.standing != Standing.KEPT,)
    if box == "outbox":
        return (OutgoingMail.state.is_not(None),)
    return (Communication.standing == Standing.KEPT,)


def _view(row: Any, said: str = "") -> MessageView:  # noqa: ANN401  # A row of our own statement.
    return MessageView(
        id=row.id,
        number=row.number,
        thread=row.thread,
        direction=row.direction,
        medium=row.medium,
        sender=row.sender,
        sender_name=row.sender_name,
        recipients=tuple(row.recipients),
        party_number=row.party_number,
        party=row.party,
        party_zh=row.party_zh,
        subject=row.subject,
        excerpt=excerpt(row.beginning, said, EXCERPT_CHARS // 3),
        happened_at=row.happened_at,
        standing=row.standing,
        aside_because=row.aside_because,
        automatic=row.automatic,
        state=row.state,
    )


def _files(
    session: Session, messages: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[AttachmentView]]:
    found: dict[uuid.UUID, list[AttachmentView]] = {}
    wanted = (
        select(Attachment)
        .where(Attachment.communication_id.in_(messages))
        .order_by(Attachment.communication_id, Attachment.place)
    )
    for file in session.scalars(wanted):
        view = AttachmentView(file.id, file.name, file.kind, file.size_bytes, file.text)
        found.setdefault(file.communication_id, []).append(view)
    return found
