"""Take in what reaches us, link it, set it aside; nothing is thrown away."""

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.communications import errors
from core.communications.events import MessageLinked, MessageReceived, StandingChanged
from core.communications.linking import parties_of
from core.communications.outbox import was_answered
from core.communications.parsing import SENDER_NOT_PROVED, Parsed
from core.communications.search import words_of
from core.communications.tables import (
    Attachment,
    Communication,
    Direction,
    LinkedBy,
    Medium,
    MessageThread,
    Standing,
    StoredBytes,
)
from core.communications.threads import thread_for
from core.kernel import clock, events
from core.kernel.numbering import next_number
from core.parties.tables import Party

# Another text under an identity that we know: a mistake of a program, or somebody's trick.
IDENTITY_REUSED = "identity_reused"
SEARCHED_FILE_CHARS = 5_000


@dataclass(frozen=True)
class Received:
    """What became of something that reached us."""

    message: Communication
    is_new: bool


def receive(
    session: Session,
    parsed: Parsed,
    *,
    medium: Medium,
    raw: bytes | None = None,
    received_at: datetime | None = None,
    own: frozenset[str] = frozenset(),
    by_us: bool = False,
) -> Received:
    """Keep what somebody wrote or said; the same again gives what is kept already.

    `raw` is kept where not all of it could be read. `own` are our addresses; only `by_us`, as in
    a folder of sent mails, are words taken for ours.
    """
    # One after another: two messages of one conversation must not begin two.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('communications'))"))
    now = received_at or clock.now()
    parsed, known = _known(session, parsed)
    if known is not None:
        return Received(known, is_new=False)
    if parsed.sender in own and not by_us and parsed.aside is None:
        parsed = replace(parsed, aside=SENDER_NOT_PROVED)
    at = min(parsed.happened_at or now, now)
    thread = thread_for(session, parsed, at=at, own=own)
    party = _party_of(session, parsed, by_us=by_us)
    message = Communication(
        number=next_number(session, "MSG"),
        thread_id=thread.id,
        direction=Direction.OUT if by_us else Direction.IN,
        medium=medium,
        sender=parsed.sender,
        sender_name=parsed.sender_name,
        recipients=list(parsed.recipients),
        subject=parsed.subject,
        body=parsed.body,
        happened_at=at,
        received_at=now,
        message_key=parsed.key,
        headers=parsed.headers,
        automatic=parsed.automatic,
        party_id=None if party is None else party.id,
        linked_by=None if party is None else LinkedBy.ADDRESS,
        standing=Standing.KEPT if parsed.aside is None else Standing.QUARANTINED,
        aside_because=parsed.aside,
        raw_hash=_stored(session, raw) if raw is not None and parsed.aside is not None else None,
        words=_words(parsed),
    )
    session.add(message)
    session.flush()
    _attach(session, message, parsed)
    if party is not None and thread.party_id is None:
        thread.party_id = party.id
    if parsed.aside is None:
        was_answered(session, parsed.references, by=parsed.sender)
    events.record(
        session,
        MessageReceived(
            number=message.number,
            thread=thread.number,
            medium=medium,
            party_number="" if party is None else party.number,
            standing=message.standing,
            automatic=parsed.automatic,
        ),
    )
    session.flush()
    return Received(message, is_new=True)


def link(session: Session, message: Communication, party: Party) -> int:
    """Say of which party a message is, and with it all of the same address that nobody linked.

    What came without an address, or from ourselves, is linked alone.
    """
    if message.party_id == party.id:
        raise errors.LinkedAlready(number=message.number, party=party.name)
    before = None if message.party_id is None else session.get_one(Party, message.party_id)
    threads = _link_same(session, message, party) if _has_writer(message) else set()
    message.party_id, message.linked_by = party.id, LinkedBy.PERSON
    threads.add(message.thread_id)
    session.flush()
    unlinked = update(MessageThread).where(
        MessageThread.id.in_(threads),
        MessageThread.party_id.is_(None) | (MessageThread.id == message.thread_id),
    )
    session.execute(unlinked.values(party_id=party.id))
    count = _count_of(session, message, party) if _has_writer(message) else 1
    events.record(
        session,
        MessageLinked(
            number=message.number,
            address=message.sender,
            before="" if before is None else f"{before.number} {before.name}",
            party_number=party.number,
            party=party.name,
            messages=count,
        ),
    )
    session.flush()
    return count


def _has_writer(message: Communication) -> bool:
    return message.direction is Direction.IN and message.sender != ""


def _count_of(session: Session, message: Communication, party: Party) -> int:
    wanted = select(func.count()).where(
        Communication.sender == message.sender, Communication.party_id == party.id
    )
    return session.scalar(wanted) or 1


def _link_same(session: Session, message: Communication, party: Party) -> set[uuid.UUID]:
    """Link what else came from the same address; return the conversations that it is of."""
    same = (
        update(Communication)
        .where(
            Communication.sender == message.sender,
            Communication.direction == Direction.IN,
            Communication.standing == Standing.KEPT,
            Communication.party_id.is_(None),
        )
        .values(party_id=party.id, linked_by=LinkedBy.PERSON)
        .returning(Communication.thread_id)
        .execution_options(synchronize_session="fetch")
    )
    return set(session.scalars(same).all())


def set_aside(session: Session, message: Communication, *, because: str) -> None:
    """Take a message out of the inbox and the timeline, for a reason; it stays on record."""
    _stand(session, message, Standing.SUPPRESSED, because)


def take_back(session: Session, message: Communication) -> None:
    """Put a message that was set aside among the others again; a person answers for it."""
    _stand(session, message, Standing.KEPT, None)


def _stand(
    session: Session, message: Communication, standing: Standing, because: str | None
) -> None:
    if message.standing is standing:
        raise errors.StandsAlready(number=message.number, standing=standing)
    before = message.standing
    message.standing, message.aside_because = standing, because
    events.record(session, StandingChanged(message.number, before, standing, because or ""))
    session.flush()


def _known(session: Session, parsed: Parsed) -> tuple[Parsed, Communication | None]:
    """Return what is kept under the same identity; another text gets an identity of its own."""
    known = _by_key(session, parsed.key)
    if known is None:
        return parsed, None
    if _is_same(known, parsed):
        return parsed, known
    told = f"{parsed.sender}\0{parsed.subject}\0{parsed.body}"
    key = f"{parsed.key} {hashlib.sha256(told.encode()).hexdigest()}"
    renamed = replace(parsed, key=key, aside=parsed.aside or IDENTITY_REUSED)
    return renamed, _by_key(session, key)


def _by_key(session: Session, key: str) -> Communication | None:
    return session.scalar(select(Communication).where(Communication.message_key == key))


def _is_same(known: Communication, parsed: Parsed) -> bool:
    if known.sender != parsed.sender:
        return False
    # A list adds its foot, a second mailbox another quarantine: sender and beginning are enough;
    # and of a mail of ours, which a server may write anew, the sender alone.
    return known.direction is Direction.OUT or (
        known.subject == parsed.subject and known.body[:500] == parsed.body[:500]
    )


def _party_of(session: Session, parsed: Parsed, *, by_us: bool) -> Party | None:
    if parsed.aside is not None:
        return None
    addresses = parsed.recipients if by_us else (parsed.sender,)
    known = parties_of(session, addresses)
    found = next((known[each] for each in addresses if each in known), None)
    return None if found is None else session.get_one(Party, found)


def _attach(session: Session, message: Communication, parsed: Parsed) -> None:
    for place, file in enumerate(parsed.files, start=1):
        session.add(
            Attachment(
                communication_id=message.id,
                place=place,
                name=file.name,
                kind=file.kind[:200],
                size_bytes=len(file.content),
                hash=_stored(session, file.content),
                text=file.text,
            )
        )


def _stored(session: Session, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    row = insert(StoredBytes).values(hash=digest, content=content).on_conflict_do_nothing()
    session.execute(row)
    return digest


def _words(parsed: Parsed) -> object:
    files = [f"{file.name} {(file.text or '')[:SEARCHED_FILE_CHARS]}" for file in parsed.files]
    return words_of(parsed.subject, parsed.sender, parsed.sender_name, parsed.body, *files)
