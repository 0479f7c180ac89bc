"""To which conversation something belongs: by its references, else by subject and people."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.communications.parsing import Parsed
from core.communications.tables import Communication, MessageThread
from core.communications.texts import subject_key
from core.kernel.numbering import next_number

SAME_SUBJECT_WITHIN = timedelta(days=30)
PARTICIPANTS_MAX = 100
SUBJECT_MIN = 3


def thread_for(
    session: Session, parsed: Parsed, *, at: datetime, own: frozenset[str]
) -> MessageThread:
    """Return the conversation that something belongs to; begin one where there is none.

    A reference counts only among people who write to each other there already: who has seen a
    Message-ID somewhere cannot put words into a conversation of others.
    """
    people = sorted({parsed.sender, *parsed.recipients} - own - {""})[:PARTICIPANTS_MAX]
    found = _referred(session, parsed, people) or _of_subject(session, parsed, people, at)
    if found is None:
        found = MessageThread(
            number=next_number(session, "THR"),
            subject=parsed.subject,
            subject_key=subject_key(parsed.subject),
            participants=people,
            last_at=at,
        )
        session.add(found)
        session.flush()
        return found
    go_on(session, found, people=people, at=at)
    return found


def go_on(session: Session, thread: MessageThread, *, people: Iterable[str], at: datetime) -> None:
    """Let a conversation go on with something of some people; nobody else changes it meanwhile."""
    session.refresh(thread, with_for_update=True)
    thread.participants = sorted({*thread.participants, *people})[:PARTICIPANTS_MAX]
    thread.last_at = max(thread.last_at, at)


def _referred(session: Session, parsed: Parsed, people: list[str]) -> MessageThread | None:
    if not parsed.references:
        return None
    wanted = (
        select(MessageThread)
        .join(Communication, Communication.thread_id == MessageThread.id)
        .where(Communication.message_key.in_(parsed.references))
        .order_by(Communication.happened_at.desc())
        .limit(20)
    )
    for thread in session.scalars(wanted):
        if not thread.participants or set(people) & set(thread.participants):
            return thread
    return None


def _of_subject(
    session: Session, parsed: Parsed, people: list[str], at: datetime
) -> MessageThread | None:
    key = subject_key(parsed.subject)
    if len(key) < SUBJECT_MIN or not people:
        return None
    wanted = (
        select(MessageThread)
        .where(
            MessageThread.subject_key == key,
            MessageThread.last_at.between(at - SAME_SUBJECT_WITHIN, at + SAME_SUBJECT_WITHIN),
            MessageThread.participants.overlap(people),
        )
        .order_by(MessageThread.last_at.desc())
        .limit(1)
    )
    return session.scalar(wanted)
