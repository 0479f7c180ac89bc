"""What goes out: written by the transaction that approves it, sent exactly once, never twice."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from core.communications import errors
from core.communications.events import MailMoved, MailQueued
from core.communications.linking import addresses_of, parties_of
from core.communications.parsing import Parsed, is_address
from core.communications.queries import find_message
from core.communications.search import words_of
from core.communications.tables import (
    Communication,
    Direction,
    LinkedBy,
    Medium,
    MessageThread,
    OutgoingMail,
    OutgoingState,
)
from core.communications.texts import clean, one_line
from core.communications.threads import go_on, thread_for
from core.kernel import clock, events
from core.kernel.identifiers import new_id
from core.kernel.identity.tables import Person
from core.kernel.numbering import next_number
from core.parties.tables import Party

TRIES_MAX = 8
FIRST_WAIT = timedelta(minutes=1)
REFERENCES_MAX = 20
# Under which name the address is kept with a mail.
UNSUBSCRIBE = "list-unsubscribe"


@dataclass(frozen=True)
class Outgoing:
    """A mail that the worker is to hand over now."""

    id: uuid.UUID
    number: str
    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    references: tuple[str, ...]
    written_at: datetime
    # Where its reader can say that they want no more of the kind (RFC 8058).
    unsubscribe_at: str = ""


def address_for(session: Session, party: Party, wanted: str | None = None) -> str:
    """Return where mail to a party goes: an address on record, and no other."""
    if wanted is None:
        known = addresses_of(session, party)
        if not known:
            raise errors.NoAddress(party=party.name)
        return known[0]
    address = wanted.strip().lower()
    if not is_address(address):
        raise errors.NotAnAddress(address=wanted)
    if parties_of(session, [address]).get(address) != party.id:
        raise errors.AddressNotOnRecord(address=address)
    return address


def queue_mail(
    session: Session,
    *,
    party: Party,
    to: str,
    subject: str,
    text: str,
    thread: MessageThread | None = None,
    unsubscribe_at: str = "",
) -> Communication:
    """Let a mail go out as soon as this transaction is kept; its address has to be on record."""
    return _queue(
        session,
        party=party,
        address=address_for(session, party, to),
        subject=subject,
        text=text,
        thread=thread,
        unsubscribe_at=unsubscribe_at,
    )


def queue_to_self(session: Session, person: Person, *, subject: str, text: str) -> Communication:
    """Let a mail go out to a colleague, at the address of their own account."""
    address = (person.email or "").strip().lower()
    if not is_address(address):
        raise errors.NotAnAddress(address=address)
    return _queue(session, party=None, address=address, subject=subject, text=text)


def _queue(
    session: Session,
    *,
    party: Party | None,
    address: str,
    subject: str,
    text: str,
    thread: MessageThread | None = None,
    unsubscribe_at: str = "",
) -> Communication:
    body = clean(text)
    if not body:
        raise errors.NothingWritten
    title = one_line(subject) or one_line(body, 60)
    now, identity = clock.now(), new_id()
    if thread is None:
        parsed = Parsed(
            key=str(identity), sender="", sender_name="", recipients=(address,), subject=title,
            body=body,
        )  # fmt: skip
        thread = thread_for(session, parsed, at=now, own=frozenset())
    else:
        go_on(session, thread, people=[address], at=now)
    if thread.party_id is None and party is not None:
        thread.party_id = party.id
    message = Communication(
        id=identity,
        number=next_number(session, "MSG"),
        thread_id=thread.id,
        direction=Direction.OUT,
        medium=Medium.MAIL,
        sender="",
        sender_name="",
        recipients=[address],
        subject=title,
        body=body,
        happened_at=now,
        received_at=now,
        message_key=str(identity),
        headers={UNSUBSCRIBE: unsubscribe_at} if unsubscribe_at else {},
        party_id=None if party is None else party.id,
        linked_by=None if party is None else LinkedBy.ADDRESS,
        words=words_of(title, address, body),
    )
    session.add(message)
    session.flush()
    session.add(OutgoingMail(communication_id=message.id, not_before=now))
    events.record(
        session,
        MailQueued(
            number=message.number,
            thread=thread.number,
            to=address,
            to_name="" if party is None else party.name,
            party_number="" if party is None else party.number,
            subject=title,
            text=body,
        ),
    )
    session.flush()
    return message


def doubt_what_was_begun(session: Session) -> int:
    """Call uncertain what a worker had begun to send when it died.

    Only whoever holds the lock of the worker may say so: nobody else is sending then.
    """
    begun = _locked(OutgoingMail.state == OutgoingState.SENDING)
    rows = session.execute(begun).all()
    for outgoing, message in rows:
        _move(session, outgoing, message, OutgoingState.UNCERTAIN, "the sender stopped half-way")
    session.flush()
    return len(rows)


def claim_next(session: Session, *, sender: str) -> Outgoing | None:
    """Take the next mail that may go out, and note that somebody begins to send it."""
    wanted = (
        _locked(OutgoingMail.state == OutgoingState.QUEUED, OutgoingMail.not_before <= clock.now())
        .order_by(OutgoingMail.created_at, OutgoingMail.id)
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    outgoing, message = row
    if not message.sender:
        # From the first try on it has one identity, by which a copy of it can be found.
        message.sender = sender
        message.message_key = f"{message.id}@{sender.rpartition('@')[2]}"
    outgoing.state, outgoing.claimed_at = OutgoingState.SENDING, clock.now()
    outgoing.tries += 1
    session.flush()
    return Outgoing(
        id=outgoing.id,
        number=message.number,
        message_id=message.message_key,
        sender=message.sender,
        to=message.recipients[0],
        subject=message.subject,
        text=message.body,
        references=_references(session, message),
        written_at=message.happened_at,
        unsubscribe_at=str(message.headers.get(UNSUBSCRIBE, "")),
    )


def was_sent(session: Session, outgoing_id: uuid.UUID) -> None:
    """Note that the mail server has taken a mail."""
    outgoing, message = _begun(session, outgoing_id)
    _move(session, outgoing, message, OutgoingState.SENT, "")


def was_refused(session: Session, outgoing_id: uuid.UUID, why: str, *, for_good: bool) -> None:
    """Note that the mail server did not take a mail: it is tried again, or has failed."""
    outgoing, message = _begun(session, outgoing_id)
    if for_good or outgoing.tries >= TRIES_MAX:
        _move(session, outgoing, message, OutgoingState.FAILED, why)
        return
    outgoing.state, outgoing.trouble = OutgoingState.QUEUED, one_line(why)
    outgoing.not_before = clock.now() + FIRST_WAIT * 2 ** (outgoing.tries - 1)
    session.flush()


def is_in_doubt(session: Session, outgoing_id: uuid.UUID, why: str) -> None:
    """Note that nobody knows whether the mail server has taken a mail."""
    outgoing, message = _begun(session, outgoing_id)
    _move(session, outgoing, message, OutgoingState.UNCERTAIN, why)


def in_doubt(session: Session) -> list[tuple[uuid.UUID, str]]:
    """Return the mails of which nobody knows, with their Message-IDs."""
    wanted = (
        select(OutgoingMail.id, Communication.message_key)
        .join(Communication, Communication.id == OutgoingMail.communication_id)
        .where(OutgoingMail.state == OutgoingState.UNCERTAIN)
        .order_by(OutgoingMail.created_at)
        .limit(100)
    )
    return [(outgoing, key) for outgoing, key in session.execute(wanted)]


def was_found_sent(session: Session, outgoing_id: uuid.UUID) -> None:
    """Note that a copy of an uncertain mail lies among those that were sent."""
    row = session.execute(_locked(OutgoingMail.id == outgoing_id)).one_or_none()
    if row is not None and row[0].state is OutgoingState.UNCERTAIN:
        _move(session, row[0], row[1], OutgoingState.SENT, "its copy was found")


def was_answered(session: Session, references: Collection[str], *, by: str) -> None:
    """Note that what nobody knew of has arrived: who answers a mail has got it."""
    if not references:
        return
    wanted = _locked(
        Communication.message_key.in_(references),
        Communication.recipients.contains([by]),
        OutgoingMail.state == OutgoingState.UNCERTAIN,
    )
    for outgoing, message in session.execute(wanted).all():
        _move(session, outgoing, message, OutgoingState.SENT, "it was answered")


def settle(
    session: Session, number: str, *, was_it_sent: bool, again: bool = False
) -> OutgoingState:
    """Let a person say what became of an uncertain or failed mail: sent, send again, or drop."""
    message = find_message(session, number)
    row = session.execute(_locked(OutgoingMail.communication_id == message.id)).one_or_none()
    state = None if row is None else row[0].state
    if row is None or state not in {OutgoingState.UNCERTAIN, OutgoingState.FAILED}:
        raise errors.NotInDoubt(number=message.number, state=state or OutgoingState.SENT)
    outgoing = row[0]
    after = OutgoingState.SENT if was_it_sent else OutgoingState.DROPPED
    if again and not was_it_sent:
        after, outgoing.tries, outgoing.not_before = OutgoingState.QUEUED, 0, clock.now()
    _move(session, outgoing, message, after, "a person said so")
    return after


def drop_queued(session: Session, outgoing_id: uuid.UUID) -> None:
    """Hand over no more what waits to go out; what is being sent already goes on."""
    row = session.execute(_locked(OutgoingMail.id == outgoing_id)).one()
    if row[0].state is OutgoingState.QUEUED:
        _move(session, row[0], row[1], OutgoingState.DROPPED, "its campaign was stopped")


def _locked(*conditions: ColumnElement[bool]) -> Select[OutgoingMail, Communication]:
    return (
        select(OutgoingMail, Communication)
        .join(Communication, Communication.id == OutgoingMail.communication_id)
        .where(*conditions)
        .with_for_update(of=OutgoingMail)
        .execution_options(populate_existing=True)
    )


def _begun(session: Session, outgoing_id: uuid.UUID) -> tuple[OutgoingMail, Communication]:
    outgoing, message = session.execute(_locked(OutgoingMail.id == outgoing_id)).one()
    assert outgoing.state is OutgoingState.SENDING, "only what was claimed is being sent"
    return outgoing, message


def _move(
    session: Session,
    outgoing: OutgoingMail,
    message: Communication,
    after: OutgoingState,
    why: str,
) -> None:
    before, outgoing.state = outgoing.state, after
    outgoing.trouble = one_line(why) or None
    outgoing.sent_at = clock.now() if after is OutgoingState.SENT else None
    events.record(session, MailMoved(message.number, before, after, one_line(why, 200)))
    session.flush()


def _references(session: Session, message: Communication) -> tuple[str, ...]:
    """Return the Message-IDs of what was written before in the conversation, oldest first."""
    wanted = (
        select(Communication.message_key)
        .where(
            Communication.thread_id == message.thread_id,
            Communication.id != message.id,
            Communication.medium == Medium.MAIL,
            Communication.happened_at <= message.happened_at,
            Communication.message_key.contains("@"),
            Communication.message_key.not_like("% %"),
        )
        .order_by(Communication.happened_at.desc())
        .limit(REFERENCES_MAX)
    )
    return tuple(session.scalars(wanted).all())[::-1]
