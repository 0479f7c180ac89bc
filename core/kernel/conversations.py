"""Whose conversation is which: the words themselves are in the assistant's checkpoints."""

import uuid
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session

from core.kernel import clock
from core.kernel.database import Record, plain_table
from core.kernel.errors import DomainError
from core.kernel.identity.tables import Person
from core.kernel.privacy import HOUSE_ONLY, private


class Conversation(Record):
    """A thread of messages between one person and the assistant."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("uq_conversation_person_thread", "person", "thread", unique=True),
        Index(None, "person", "updated_at"),
    )

    person: Mapped[str]
    thread: Mapped[str]
    title: Mapped[str]
    updated_at: Mapped[datetime]


plain_table(Conversation).add_is_dependent_on(plain_table(Person))
private(
    plain_table(Conversation),
    f"""
    {HOUSE_ONLY} OR person = (SELECT reading_human()) OR person IN (
        SELECT login FROM person WHERE 'party:' || party_id::text = (SELECT reading_human())
    )
    """,  # noqa: S608
)


class UnknownConversation(DomainError):
    """There is no such conversation of yours."""

    zh = "您没有这个对话。"


def touch(session: Session, *, person: str, thread: str, said: str) -> uuid.UUID:
    """Note that something was said in a thread; the first words become its title."""
    row = session.scalar(
        select(Conversation).where(Conversation.person == person, Conversation.thread == thread)
    )
    if row is None:
        row = Conversation(person=person, thread=thread, title=said.strip()[:80])
        session.add(row)
    row.updated_at = clock.now()
    session.flush()
    return row.id


def key_of(session: Session, *, person: str, thread: str) -> uuid.UUID:
    """Return the key of a thread's checkpoints; nobody reaches another person's."""
    found = session.scalar(
        select(Conversation.id).where(Conversation.person == person, Conversation.thread == thread)
    )
    if found is None:
        raise UnknownConversation
    return found


def list_conversations(session: Session, person: str, *, limit: int = 50) -> list[Conversation]:
    """Return somebody's threads, the newest first."""
    wanted = select(Conversation).where(Conversation.person == person)
    return list(session.scalars(wanted.order_by(Conversation.updated_at.desc()).limit(limit)))
