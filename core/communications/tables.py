"""Tables of communications: what was said and written, its threads, and what goes out."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record, Table


class Direction(StrEnum):
    """Who wrote to whom."""

    IN = "in"
    OUT = "out"


class Medium(StrEnum):
    """By which way something was said."""

    MAIL = "mail"
    CHAT = "chat"
    WEB_FORM = "web_form"
    CALL_NOTE = "call_note"
    HOOK = "hook"


class Standing(StrEnum):
    """What became of a communication: kept as usual, set aside by a rule, or by a person."""

    KEPT = "kept"
    QUARANTINED = "quarantined"
    SUPPRESSED = "suppressed"


class LinkedBy(StrEnum):
    """Who says of which party a communication is."""

    ADDRESS = "address"
    PERSON = "person"


class OutgoingState(StrEnum):
    """How far a mail that was approved has come.

    `sending` is written before the mail server is asked, so that a crash leaves a trace;
    `uncertain` is what nobody knows, until somebody does.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    DROPPED = "dropped"


class MessageThread(Record):
    """A conversation. `last_at` and `participants` are of its communications, for finding it."""

    __tablename__ = "message_thread"
    __table_args__ = (
        Index(None, "subject_key", "last_at"),
        Index(None, "party_id", "last_at"),
        Index(None, "last_at"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    # The subject without "Re:", "AW:", "回复：" and the like.
    subject_key: Mapped[str]
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    participants: Mapped[list[str]] = mapped_column(ARRAY(String))
    last_at: Mapped[datetime]


class Communication(Record):
    """Something that was written or said, as it came. Its text is somebody's words, no order."""

    __tablename__ = "communication"
    __table_args__ = (
        # The same mail fetched twice, or through two mailboxes, is one.
        Index("uq_communication_message_key", "message_key", unique=True),
        Index(None, "thread_id", "happened_at"),
        Index("ix_communication_party", "party_id", "happened_at", "id"),
        Index(None, "happened_at"),
        Index(
            "ix_communication_inbox",
            "happened_at",
            postgresql_where=text("party_id IS NULL AND standing <> 'suppressed'"),
        ),
        Index(
            "ix_communication_aside",
            "happened_at",
            postgresql_where=text("standing <> 'kept'"),
        ),
        Index("ix_communication_sender", "sender"),
        Index("ix_communication_words", "words", postgresql_using="gin"),
        CheckConstraint("(party_id IS NULL) = (linked_by IS NULL)", name="linked_by_somebody"),
        CheckConstraint("(standing = 'kept') = (aside_because IS NULL)", name="aside_for_a_reason"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message_thread.id"))
    direction: Mapped[Direction]
    medium: Mapped[Medium]
    sender: Mapped[str]
    sender_name: Mapped[str]
    recipients: Mapped[list[str]] = mapped_column(ARRAY(String))
    subject: Mapped[str]
    body: Mapped[str]
    # When it was written by its own word, never later than it reached us.
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    # The Message-ID, or a hash of what came without one.
    message_key: Mapped[str]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Written by a program: an absence note, a bounce, an answer of a calendar.
    automatic: Mapped[bool] = mapped_column(default=False)
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    linked_by: Mapped[LinkedBy | None]
    standing: Mapped[Standing] = mapped_column(default=Standing.KEPT)
    aside_because: Mapped[str | None]
    # What came, byte for byte, where not all of it could be read.
    raw_hash: Mapped[str | None] = mapped_column(ForeignKey("stored_bytes.hash"))
    words: Mapped[Any] = mapped_column(TSVECTOR)


class StoredBytes(Table):
    """Bytes by their SHA-256: the same file sent ten times is kept once."""

    __tablename__ = "stored_bytes"

    hash: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Attachment(Record):
    """A file that came with a communication, and its text where that is cheap to read."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("communication_id", "place"),)

    communication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("communication.id"))
    place: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(ForeignKey("stored_bytes.hash"))
    text: Mapped[str | None]


class OutgoingMail(Record):
    """A mail that somebody approved, on its way out; written with the approval, or not at all."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index(
            "ix_outgoing_mail_open",
            "created_at",
            postgresql_where=text("state IN ('queued', 'sending', 'uncertain', 'failed')"),
        ),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_when_sent"),
        CheckConstraint("state <> 'sending' OR claimed_at IS NOT NULL", name="claimed_by_somebody"),
    )

    communication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("communication.id"), unique=True)
    state: Mapped[OutgoingState] = mapped_column(default=OutgoingState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str | None]


class BouncedAddress(Table):
    """An address from which mails of ours came back; `for_good` where a server said so."""

    __tablename__ = "bounced_address"
    __table_args__ = (CheckConstraint("times > 0", name="times_positive"),)

    address: Mapped[str] = mapped_column(primary_key=True)
    for_good: Mapped[bool]
    times: Mapped[int]
    last_at: Mapped[datetime]
    why: Mapped[str]
    # The mail that came back last.
    message_number: Mapped[str]


class MailCursor(Table):
    """How far one folder of one mailbox has been fetched."""

    __tablename__ = "mail_cursor"

    mailbox: Mapped[str] = mapped_column(primary_key=True)
    # The server's word for the numbering; when it changes, all numbers mean something else.
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)


class ThreadSummary(Table):
    """What a thread says in short, kept until something new arrives in it."""

    __tablename__ = "thread_summary"
    __table_args__ = (
        Index(
            "ix_thread_summary_promised",
            "promised_on",
            postgresql_where=text("promised_on IS NOT NULL"),
        ),
    )

    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message_thread.id"), primary_key=True)
    # How many communications it is of, and the last change among them.
    covers: Mapped[int]
    digest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    # The last day by which somebody promises something in it.
    promised_on: Mapped[date | None]
