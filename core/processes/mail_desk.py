"""Where mail meets service: a mail to a service address is a ticket, and both go on together.

That somebody asked us something is a fact and is recorded by rule, as a ticket at a service address
that a person set; whatever we promise or answer takes a person's approval. What a mail says decides
nothing but what kind of ticket it is: not how much it presses, who gets it, or whose it is.

A mail belongs to a ticket only if it is of the ticket's own customer, or of the very address of
somebody unknown: neither a Message-ID nor a number in a subject opens the ticket of another.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import communications, support
from core.communications import Communication, Direction, Medium, MessageThread, Standing
from core.communications.summaries import Act, own_words, summary_of
from core.communications.tables import Attachment
from core.kernel import clock
from core.kernel.errors import DomainError
from core.parties import Customer, Party
from core.processes import correspondence, service_desk
from core.support import Link, ServiceAddress, Source, Ticket, TicketState, TicketType
from core.support.errors import WriterUnknown
from core.support.tables import TicketMessage, TicketTurn

# More than this of one sender in an hour goes onto the last ticket of theirs,
FROM_ONE_MAX = 20
# and more than this of people whom nobody knows stays in the inbox.
FROM_UNKNOWN_MAX = 100
SAID_CHARS_MAX, FILES_MAX, LINKS_MAX = 20_000, 20, 10
HOUR = timedelta(hours=1)

_TICKET = re.compile(r"\[(T-\d{1,12})\]")
_DOCUMENT = re.compile(r"(?<![A-Z0-9-])(?:SO|DN|INV|RT)-\d{1,12}(?!\d)")


def take_in(session: Session, message: Communication) -> Ticket | None:
    """Put a message on the ticket that it belongs to, or open one where it asks for service.

    The same message again changes nothing. What was set aside, what a program wrote, and what is
    private waits for people.
    """
    if message.direction is Direction.OUT:
        return _said_by_us(session, message)
    if message.standing is not Standing.KEPT or message.automatic or _is_private(session, message):
        return None
    known = _ticket_with(session, message)
    if known is not None:
        return _recognised(session, known, message)
    going_on = _goes_on(session, message)
    if going_on is not None:
        return _goes_onto(session, going_on, message)
    address = support.address_among(session, message.recipients)
    if address is None or not message.sender:
        return None
    flooded = _flooded(session, message)
    if flooded is not None:
        return _goes_onto(session, flooded, message)
    if message.party_id is None and _too_many_unknown(session):
        return None
    return _opened(session, message, address)


def thread_of(session: Session, ticket: Ticket) -> MessageThread | None:
    """Return the conversation by mail that a ticket, or one merged into it, goes on in; the last.

    None where nobody wrote a mail.
    """
    merged = select(Ticket.id).where(
        or_(Ticket.id == ticket.id, Ticket.merged_into_id == ticket.id)
    )
    said = select(TicketMessage.communication_id).where(TicketMessage.ticket_id.in_(merged))
    opened = select(Ticket.communication_id).where(Ticket.id.in_(merged))
    wanted = (
        select(MessageThread)
        .join(Communication, Communication.thread_id == MessageThread.id)
        .where(
            Communication.medium == Medium.MAIL,
            or_(Communication.id.in_(said), Communication.id.in_(opened)),
        )
        .order_by(Communication.happened_at.desc(), Communication.id.desc())
        .limit(1)
    )
    return session.scalar(wanted)


def tickets_of(session: Session, thread: MessageThread) -> list[Ticket]:
    """Return the tickets of a conversation: those that are worked on first, the newest of them."""
    messages = select(Communication.id).where(Communication.thread_id == thread.id)
    said = select(TicketMessage.ticket_id).where(TicketMessage.communication_id.in_(messages))
    wanted = (
        select(Ticket)
        .where(
            or_(Ticket.communication_id.in_(messages), Ticket.id.in_(said)),
            Ticket.merged_into_id.is_(None),
        )
        .order_by(
            (Ticket.state == TicketState.CLOSED), Ticket.opened_at.desc(), Ticket.number.desc()
        )
        .limit(20)
    )
    return list(session.scalars(wanted))


def reply(session: Session, number: str, said: str, *, wait: bool = True) -> TicketMessage:
    """Answer the customer of a ticket; where they wrote mails, the answer is one that goes out.

    It goes to an address on record, in the conversation, once the transaction is kept.
    """
    ticket = support.find_ticket(session, number)
    thread = thread_of(session, ticket)
    if thread is None:
        return support.reply(session, number, said, wait=wait)
    party = ticket.customer or ticket.contact
    if party is None:
        raise WriterUnknown(number=ticket.number, message=_last_of(session, thread))
    mail = correspondence.answer(session, thread, party, said, mark=f"[{ticket.number}]")
    return support.reply(session, number, said, wait=wait, communication_id=mail.id)


def _said_by_us(session: Session, message: Communication) -> Ticket | None:
    """Note on a ticket what we wrote in its conversation by another way.

    It goes on running: whether we wait for the customer is said on the ticket.
    """
    if _ticket_with(session, message) is not None:
        return None
    thread = session.get_one(MessageThread, message.thread_id)
    for ticket in tickets_of(session, thread):
        if message.party_id in {ticket.customer_id, ticket.contact_id} - {None}:
            support.reply(
                session,
                ticket.number,
                _words(session, message),
                wait=False,
                communication_id=message.id,
                said_at=_instant(session, ticket, message),
                author=message.sender or None,
            )
            return ticket
    return None


def _ticket_with(session: Session, message: Communication) -> Ticket | None:
    said = select(TicketMessage.ticket_id).where(TicketMessage.communication_id == message.id)
    wanted = select(Ticket).where(or_(Ticket.communication_id == message.id, Ticket.id.in_(said)))
    return session.scalar(wanted.order_by(Ticket.opened_at.desc()).limit(1))


def _recognised(session: Session, ticket: Ticket, message: Communication) -> Ticket:
    """Write whose a ticket is, once a person has said whose the message is that it began with."""
    customer = _customer(session, message)
    if ticket.customer_id is None and customer is not None and ticket.merged_into_id is None:
        return support.name_customer(session, ticket.number, customer)
    return ticket


def _goes_on(session: Session, message: Communication) -> Ticket | None:
    thread = session.get_one(MessageThread, message.thread_id)
    candidates = tickets_of(session, thread)
    numbers = _TICKET.findall(message.subject)[:5]
    if numbers:
        named = select(Ticket).where(Ticket.number.in_(numbers)).order_by(Ticket.number)
        candidates = [*session.scalars(named), *candidates]
    return next((each for each in candidates if _is_theirs(each, message)), None)


def _is_theirs(ticket: Ticket, message: Communication) -> bool:
    if ticket.customer_id is not None:
        return message.party_id == ticket.customer_id
    if message.party_id is not None:
        return message.party_id == ticket.contact_id
    return message.sender != "" and ticket.contact_email == message.sender


def _goes_onto(session: Session, ticket: Ticket, message: Communication) -> Ticket:
    return support.take_message(
        session,
        ticket.number,
        _words(session, message),
        communication_id=message.id,
        author=message.sender_name or message.sender,
        said_at=_instant(session, ticket, message),
    )


def _instant(session: Session, ticket: Ticket, message: Communication) -> datetime:
    """Return when a message counts on a ticket: when it reached us, whatever its own date says.

    What the history has gone past counts from now: it is never written backwards.
    """
    last = session.scalar(
        select(func.max(TicketTurn.turned_at)).where(TicketTurn.ticket_id == ticket.id)
    )
    is_in_order = last is None or message.received_at >= last
    return message.received_at if is_in_order else clock.now()


def _opened(session: Session, message: Communication, address: ServiceAddress) -> Ticket:
    customer = _customer(session, message)
    party = None if message.party_id is None else session.get_one(Party, message.party_id)
    kind = TicketType.COMPLAINT if _complains(session, message) else address.ticket_type
    subject = message.subject.strip() or _words(session, message).split("\n")[0]
    ticket = support.open_ticket(
        session,
        subject=subject[:200],
        said=_words(session, message),
        customer=customer,
        contact=party if customer is None else None,
        contact_email=message.sender,
        ticket_type=kind,
        source=Source.MAIL,
        team=address.team,
        links=_links(session, message, party, subject) if customer is not None else (),
        communication_id=message.id,
        author=message.sender_name or message.sender,
        opened_at=message.received_at,
    )
    return support.find_ticket(session, ticket.number)


def _links(
    session: Session, message: Communication, party: Party | None, subject: str
) -> list[Link]:
    """Return the customer's own documents that a mail names, and tickets of theirs called alike."""
    assert party is not None, "a customer is a party"
    found: list[Link] = []
    text = f"{message.subject}\n{own_words(message.body)}".upper()
    for number in dict.fromkeys(_DOCUMENT.findall(text)):
        try:
            found.append(service_desk.link_to(session, number, party))
        except DomainError:
            # It is not there, or of somebody else: then it is only a word of theirs.
            continue
        if len(found) == LINKS_MAX:
            break
    alike = support.find_open_like(session, customer_id=party.id, subject=subject)
    return [*found, *(Link("ticket", each.number) for each in alike)]


def _complains(session: Session, message: Communication) -> bool:
    thread = session.get_one(MessageThread, message.thread_id)
    lines = summary_of(session, thread).of(Act.COMPLAINT, side="them")
    return any(line.message == message.number for line in lines)


def _customer(session: Session, message: Communication) -> Customer | None:
    if message.party_id is None:
        return None
    return correspondence.customer_of(session, message.party_id)


def _is_private(session: Session, message: Communication) -> bool:
    return (
        message.party_id is not None
        and communications.private_to(session, message.party_id) is not None
    )


def _words(session: Session, message: Communication) -> str:
    """Return what somebody wrote themselves, and the names of the files that came along."""
    said = own_words(message.body).strip() or message.body.strip() or message.subject.strip()
    names = session.scalars(
        select(Attachment.name)
        .where(Attachment.communication_id == message.id, Attachment.name.not_like("part-%"))
        .order_by(Attachment.place)
        .limit(FILES_MAX)
    ).all()
    listed = "\n".join(f"[{name}]" for name in names)
    return f"{said[:SAID_CHARS_MAX]}\n{listed}".strip() or "–"


def _flooded(session: Session, message: Communication) -> Ticket | None:
    """Return the last ticket of a sender who has opened too many; None where they have not."""
    wanted = (
        select(Ticket)
        .where(
            Ticket.contact_email == message.sender,
            Ticket.opened_at > clock.now() - HOUR,
            Ticket.source == Source.MAIL,
            Ticket.merged_into_id.is_(None),
        )
        .order_by(Ticket.opened_at.desc(), Ticket.number.desc())
        .limit(FROM_ONE_MAX)
    )
    recent = session.scalars(wanted).all()
    if len(recent) < FROM_ONE_MAX:
        return None
    return next((each for each in recent if _is_theirs(each, message)), None)


def _too_many_unknown(session: Session) -> bool:
    wanted = select(func.count()).where(
        Ticket.customer_id.is_(None),
        Ticket.contact_id.is_(None),
        Ticket.source == Source.MAIL,
        Ticket.opened_at > clock.now() - HOUR,
    )
    return (session.scalar(wanted) or 0) >= FROM_UNKNOWN_MAX


def _last_of(session: Session, thread: MessageThread) -> str:
    wanted = (
        select(Communication.number)
        .where(Communication.thread_id == thread.id, Communication.direction == Direction.IN)
        .order_by(Communication.happened_at.desc())
        .limit(1)
    )
    return session.scalar(wanted) or thread.number


def linked_along(session: Session, number: str) -> list[str]:
    """Return a message and those on tickets of nobody that came from its address, oldest first.

    Who says whose one message is has said it of all of them.
    """
    message = session.scalars(select(Communication).where(Communication.number == number)).one()
    if message.direction is Direction.OUT or message.party_id is None or not message.sender:
        return [number]
    wanted = (
        select(Communication.number)
        .join(Ticket, Ticket.communication_id == Communication.id)
        .where(
            Ticket.contact_email == message.sender,
            Ticket.customer_id.is_(None),
            Communication.party_id == message.party_id,
            Communication.number != number,
        )
        .order_by(Communication.happened_at)
        .limit(FROM_UNKNOWN_MAX)
    )
    return [number, *session.scalars(wanted)]
