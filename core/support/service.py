"""What one can do with tickets: open, answer, assign, escalate, resolve, reopen, merge, rate."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from core.kernel import clock, events
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identifiers import new_id
from core.kernel.identity.tables import Person
from core.kernel.naming import canonical_number, find_numbered
from core.kernel.numbering import next_number
from core.kernel.words import word
from core.parties import Customer, Party
from core.support import errors, promising, rules
from core.support.events import (
    MessageAdded,
    TicketChanged,
    TicketEscalated,
    TicketOpened,
    TicketRated,
    TicketsMerged,
    TicketTurned,
)
from core.support.tables import (
    MessageKind,
    Priority,
    Source,
    SupportTeam,
    Ticket,
    TicketLink,
    TicketMessage,
    TicketState,
    TicketTag,
    TicketTurn,
    TicketType,
)
from core.support.teams import require_hands, team_for

TAG_SIGNS_MAX = 40
SCORES = range(1, 6)
REOPEN_DAYS = 14

_WITH = (
    joinedload(Ticket.customer),
    joinedload(Ticket.contact),
    joinedload(Ticket.assignee),
    joinedload(Ticket.team),
    joinedload(Ticket.policy),
    joinedload(Ticket.merged_into),
)


@dataclass(frozen=True)
class Link:
    """A document, item or article that a ticket is about: its kind, and what it is known by."""

    kind: str
    key: str


def open_ticket(
    session: Session,
    *,
    subject: str,
    said: str = "",
    customer: Customer | None = None,
    contact: Party | None = None,
    contact_email: str | None = None,
    ticket_type: TicketType = TicketType.QUESTION,
    priority: Priority = Priority.MEDIUM,
    source: Source = Source.PERSON,
    team: SupportTeam | None = None,
    assignee: Person | None = None,
    links: Sequence[Link] = (),
    tags: Collection[str] = (),
    communication_id: uuid.UUID | None = None,
    author: str | None = None,
    opened_at: datetime | None = None,
) -> Ticket:
    """Open a ticket for a customer, or for somebody who is not known yet.

    It comes to the team that takes its kind. The same communication opens one ticket: asked again,
    it is the one that it opened.
    """
    if communication_id is not None:
        known = session.scalar(select(Ticket).where(Ticket.communication_id == communication_id))
        if known is not None:
            return known
    if assignee is not None:
        require_hands(assignee)
    if not subject.strip():
        raise errors.NothingSaid
    now = opened_at or clock.now()
    team = team or team_for(session, ticket_type)
    ticket = Ticket(
        id=new_id(),
        number=next_number(session, "T"),
        subject=subject.strip(),
        ticket_type=ticket_type,
        priority=priority,
        state=TicketState.NEW,
        source=source,
        customer_id=None if customer is None else customer.party_id,
        contact_id=None if contact is None else contact.id,
        contact_email=contact_email,
        team_id=None if team is None else team.id,
        assignee_id=None if assignee is None else assignee.id,
        opened_at=now,
        opened_by=acting(session).name,
        communication_id=communication_id,
        reopened_count=0,
        escalation=0,
    )
    session.add(ticket)
    session.flush()
    session.add(_turn(session, ticket, TicketState.NEW, now, ""))
    party = None if customer is None else customer.party
    if said.strip():
        # Whoever notes or approves it, they are the customer's words.
        whose = author or _called(contact, party, contact_email)
        session.add(
            _message(
                session, ticket, MessageKind.CUSTOMER, said, now, communication_id, author=whose
            )
        )
    spelled = _tags(tags)
    session.add_all(TicketTag(ticket_id=ticket.id, tag=tag) for tag in spelled)
    unique = list(dict.fromkeys(links))
    session.add_all(TicketLink(ticket_id=ticket.id, kind=x.kind, key=x.key) for x in unique)
    session.flush()
    promising.work_out(session, ticket)
    events.record(
        session,
        TicketOpened(
            number=ticket.number,
            subject=ticket.subject,
            ticket_type=ticket_type,
            priority=priority,
            source=source,
            customer_number="" if party is None else party.number,
            customer="" if party is None else party.name,
            team="" if team is None else team.name,
            assignee="" if assignee is None else assignee.name,
            said=said,
            links=tuple(link.key for link in unique),
            tags=tuple(spelled),
            response_due=promising.local_said(session, ticket.response_due_at),
            resolution_due=promising.local_said(session, ticket.resolution_due_at),
        ),
    )
    return ticket


def find_ticket(session: Session, number: str, *, lock: bool = True) -> Ticket:
    """Return a ticket with whom it concerns, as it is stored now."""
    unknown = errors.UnknownTicket(number=number[:40])
    return find_numbered(session, Ticket, number, *_WITH, unknown=unknown, locked=lock)


def reply(
    session: Session,
    number: str,
    body: str,
    *,
    wait: bool = True,
    communication_id: uuid.UUID | None = None,
    said_at: datetime | None = None,
    author: str | None = None,
) -> TicketMessage:
    """Answer the customer in words that they will read; the ticket then waits for them.

    The first answer stops the clock of the first response.
    """
    ticket = _workable(session, number)
    at = said_at or clock.now()
    message = _say(session, ticket, MessageKind.REPLY, body, at, communication_id, author=author)
    _responded(session, ticket, at)
    if ticket.state in rules.WORKED_ON:
        _turn_to(session, ticket, TicketState.WAITING if wait else TicketState.OPEN, at, "")
    promising.work_out(session, ticket)
    return message


def note(session: Session, number: str, body: str) -> TicketMessage:
    """Note something among ourselves; the customer does not read it."""
    ticket = find_ticket(session, number)
    return _say(session, ticket, MessageKind.NOTE, body, clock.now(), None)


def take_message(
    session: Session,
    number: str,
    body: str,
    *,
    communication_id: uuid.UUID | None = None,
    author: str | None = None,
    said_at: datetime | None = None,
) -> Ticket:
    """Take in what the customer says of a ticket; what waited or was resolved is worked on again.

    A ticket that was merged passes it on. One that was closed for too long is not opened again:
    a new one is opened that refers to it.
    """
    ticket = find_ticket(session, number)
    if ticket.merged_into is not None:
        ticket = find_ticket(session, ticket.merged_into.number)
    if communication_id is not None and _is_known(session, communication_id):
        return ticket
    at = said_at or clock.now()
    if _is_closed_for_long(ticket, at):
        return _follow_up(session, ticket, body, communication_id, at, author)
    whose = author or _called(ticket.contact, ticket.customer, ticket.contact_email)
    _say(session, ticket, MessageKind.CUSTOMER, body, at, communication_id, author=whose)
    if ticket.state is TicketState.WAITING:
        _turn_to(session, ticket, TicketState.OPEN, at, "")
    elif ticket.state in rules.DONE:
        _reopen(session, ticket, at, "")
    promising.work_out(session, ticket)
    return ticket


def wait_for_customer(session: Session, number: str, *, because: str = "") -> Ticket:
    """Let a ticket wait for what the customer says."""
    return _go(session, number, TicketState.WAITING, because)


def work_on(session: Session, number: str, *, because: str = "") -> Ticket:
    """Go on with a ticket."""
    return _go(session, number, TicketState.OPEN, because)


def resolve(
    session: Session, number: str, *, resolution: str = "", at: datetime | None = None
) -> Ticket:
    """Say that a ticket is solved, and how; who solves it has answered it."""
    ticket = _workable(session, number)
    ticket.resolution = resolution or ticket.resolution
    return _go(session, number, TicketState.RESOLVED, resolution, at=at)


def close(session: Session, number: str, *, because: str = "") -> Ticket:
    """Close a ticket: nothing more is expected of anybody."""
    return _go(session, number, TicketState.CLOSED, because)


def reopen(
    session: Session, number: str, *, because: str = "", at: datetime | None = None
) -> Ticket:
    """Open a ticket again that was resolved or closed, but not one that was closed for long."""
    ticket = _workable(session, number)
    when = at or clock.now()
    if _is_closed_for_long(ticket, when):
        raise errors.ClosedTooLong(number=ticket.number, days=_reopen_days(ticket))
    _reopen(session, ticket, when, because)
    promising.work_out(session, ticket)
    return ticket


def assign(
    session: Session,
    number: str,
    *,
    person: Person | None = None,
    team: SupportTeam | None = None,
    because: str = "",
) -> Ticket:
    """Give a ticket to somebody, or to a team."""
    ticket = _workable(session, number)
    if person is not None:
        require_hands(person)
        if ticket.assignee_id == person.id:
            raise errors.StaysAsItIs(number=ticket.number, what=person.name)
        before = ticket.assignee.name if ticket.assignee else ""
        _change(session, ticket, "assignee", before, person.name, because)
        ticket.assignee_id = person.id
    if team is not None and ticket.team_id != team.id:
        before = ticket.team.name if ticket.team else ""
        _change(session, ticket, "support_team", before, team.name, because)
        ticket.team_id = team.id
    session.flush()
    return find_ticket(session, ticket.number)


def name_customer(session: Session, number: str, customer: Customer) -> Ticket:
    """Say whose a ticket is of which nobody knew; what is promised to them counts from its start.

    A ticket of somebody never becomes that of another.
    """
    ticket = _workable(session, number)
    if ticket.customer is not None:
        raise errors.OfSomebodyAlready(
            number=ticket.number, customer=ticket.customer.name, other=customer.party.name
        )
    promising.note_broken(session, [ticket])
    ticket.customer_id = customer.party_id
    session.flush()
    after = f"{customer.party.number} {customer.party.name}"
    _change(session, ticket, "customer", "", after, "")
    session.expire(ticket, ["customer"])
    promising.work_out(session, ticket)
    return find_ticket(session, ticket.number)


def set_priority(session: Session, number: str, priority: Priority, *, because: str = "") -> Ticket:
    """Say how much a ticket presses; what is due is worked out anew from its beginning."""
    ticket = _workable(session, number)
    if ticket.priority is priority:
        raise errors.StaysAsItIs(number=ticket.number, what=priority)
    _change(session, ticket, "priority", ticket.priority, priority, because)
    # What was late under the old promise is noted before the new one counts.
    promising.note_broken(session, [ticket])
    ticket.priority = priority
    promising.work_out(session, ticket)
    return ticket


def escalate(session: Session, number: str, *, because: str, to: Person | None = None) -> Ticket:
    """Bring a ticket before somebody higher up: whoever is named, or the lead of its team."""
    ticket = _workable(session, number)
    lead = to
    if lead is None and ticket.team is not None and ticket.team.lead_id is not None:
        lead = session.get_one(Person, ticket.team.lead_id)
    if lead is None:
        raise errors.NobodyToEscalateTo(number=ticket.number)
    require_hands(lead)
    ticket.escalation += 1
    ticket.assignee_id = lead.id
    session.flush()
    events.record(session, TicketEscalated(ticket.number, ticket.escalation, lead.name, because))
    return find_ticket(session, ticket.number)


def merge(session: Session, number: str, into: str) -> Ticket:
    """Let one of two tickets about the same go on; the other closes, and its words go along."""
    # Both are locked in the order of their numbers: two who merge them do not wait for each other.
    for each in sorted({canonical_number(number), canonical_number(into)}):
        _workable(session, each)
    gone, stays = find_ticket(session, number), find_ticket(session, into)
    if gone.id == stays.id:
        raise errors.MergedIntoItself
    if gone.customer_id is not None and gone.customer_id != stays.customer_id:
        raise errors.OfAnotherCustomer(
            number=gone.number,
            customer=gone.customer.name if gone.customer else "–",
            other=stays.number,
            other_customer=stays.customer.name if stays.customer else "–",
        )
    # What was merged into it goes along.
    session.execute(
        update(Ticket).where(Ticket.merged_into_id == gone.id).values(merged_into_id=stays.id)
    )
    now = clock.now()
    if gone.state is not TicketState.CLOSED:
        _turn_to(session, gone, TicketState.CLOSED, now, stays.number)
    gone.merged_into_id = stays.id
    for table, columns in ((TicketLink, ("kind", "key")), (TicketTag, ("tag",))):
        _carry_over(session, table, columns, gone, stays)
    session.flush()
    promising.count_business_time(session, gone)
    events.record(session, TicketsMerged(gone.number, stays.number, gone.subject))
    return find_ticket(session, stays.number)


def link(session: Session, number: str, links: Sequence[Link]) -> Ticket:
    """Note what a ticket is about."""
    ticket = find_ticket(session, number)
    for each in dict.fromkeys(links):
        added = session.scalar(
            insert(TicketLink)
            .values(
                id=new_id(), created_at=clock.now(), ticket_id=ticket.id,
                kind=each.kind, key=each.key,
            )
            .on_conflict_do_nothing()
            .returning(TicketLink.key)
        )  # fmt: skip
        if added is not None:
            _change(session, ticket, each.kind, "", each.key, "")
    return ticket


def tag(
    session: Session, number: str, *, add: Collection[str] = (), remove: Collection[str] = ()
) -> Ticket:
    """Put words on a ticket that tickets are gathered by, or take them off."""
    ticket = find_ticket(session, number)
    wanted = select(TicketTag.tag).where(TicketTag.ticket_id == ticket.id)
    before = set(session.scalars(wanted))
    after = (before | set(_tags(add))) - set(_tags(remove))
    if before == after:
        raise errors.StaysAsItIs(number=ticket.number, what=", ".join(sorted(before)) or "–")
    session.execute(
        delete(TicketTag).where(TicketTag.ticket_id == ticket.id, TicketTag.tag.in_(before - after))
    )
    session.add_all(TicketTag(ticket_id=ticket.id, tag=each) for each in sorted(after - before))
    session.flush()
    _change(session, ticket, "tags", ", ".join(sorted(before)), ", ".join(sorted(after)), "")
    return ticket


def rate(session: Session, number: str, score: int, *, said: str = "") -> Ticket:
    """Note how a customer liked what we did, from 1 to 5; who rates again changes it."""
    ticket = find_ticket(session, number)
    _require_not_merged(ticket)
    if score not in SCORES:
        raise errors.ScoreOutOfRange(score=score)
    if ticket.state not in rules.DONE:
        raise errors.NotYetResolved(number=ticket.number, state=ticket.state)
    before = "" if ticket.satisfaction is None else str(ticket.satisfaction)
    ticket.satisfaction, ticket.satisfaction_said = score, said or None
    ticket.rated_at = clock.now()
    session.flush()
    events.record(session, TicketRated(ticket.number, before, score, said))
    return ticket


# --- the inside


def _workable(session: Session, number: str) -> Ticket:
    ticket = find_ticket(session, number)
    _require_not_merged(ticket)
    return ticket


def _require_not_merged(ticket: Ticket) -> None:
    if ticket.merged_into is not None:
        raise errors.TicketMerged(number=ticket.number, into=ticket.merged_into.number)


def _go(
    session: Session,
    number: str,
    state: TicketState,
    because: str,
    *,
    at: datetime | None = None,
) -> Ticket:
    ticket = _workable(session, number)
    if ticket.state is state:
        raise errors.StaysAsItIs(number=ticket.number, what=state)
    _turn_to(session, ticket, state, at or clock.now(), because)
    promising.work_out(session, ticket)
    return ticket


def _turn_to(
    session: Session, ticket: Ticket, state: TicketState, at: datetime, because: str
) -> None:
    """Bring a ticket into a state it may go to from where it is; the clocks follow."""
    before = ticket.state
    if before is state:
        return
    if state not in rules.WAYS[before]:
        raise errors.NotThatWay(
            number=ticket.number,
            state=before,
            after=state,
            way_out=_way_out(before),
        )
    # What has become late until now is late, whatever stops the clock.
    promising.note_broken(session, [ticket])
    ticket.state = state
    if state is TicketState.RESOLVED and ticket.first_responded_at is None:
        ticket.first_responded_at = at
    if state in rules.DONE:
        ticket.resolved_at = ticket.resolved_at or at
    else:
        ticket.resolved_at = None
    ticket.closed_at = at if state is TicketState.CLOSED else None
    session.add(_turn(session, ticket, state, at, because))
    session.flush()
    promising.count_business_time(session, ticket)
    events.record(session, TicketTurned(ticket.number, before, state, because))


def _reopen(session: Session, ticket: Ticket, at: datetime, because: str) -> None:
    _turn_to(session, ticket, TicketState.REOPENED, at, because)
    ticket.reopened_count += 1
    session.flush()


def _responded(session: Session, ticket: Ticket, at: datetime) -> None:
    if ticket.first_responded_at is None:
        ticket.first_responded_at = at
        promising.count_business_time(session, ticket)
        promising.note_broken(session, [ticket])


def _say(
    session: Session,
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    at: datetime,
    communication_id: uuid.UUID | None,
    *,
    author: str | None = None,
) -> TicketMessage:
    if not body.strip():
        raise errors.NothingSaid
    message = _message(session, ticket, kind, body, at, communication_id, author=author)
    session.add(message)
    session.flush()
    events.record(session, MessageAdded(ticket.number, kind, message.author, message.body))
    return message


def _message(
    session: Session,
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    at: datetime,
    communication_id: uuid.UUID | None,
    *,
    author: str | None = None,
) -> TicketMessage:
    return TicketMessage(
        ticket_id=ticket.id,
        kind=kind,
        said_at=at,
        author=author or acting(session).name,
        body=body.strip(),
        communication_id=communication_id,
    )


def _called(contact: Party | None, customer: Party | None, address: str | None) -> str | None:
    """Return the name of whoever a ticket is of; None where nobody knows one."""
    party = contact or customer
    return address if party is None else party.name


def _turn(
    session: Session, ticket: Ticket, state: TicketState, at: datetime, because: str
) -> TicketTurn:
    last = session.scalar(
        select(func.max(TicketTurn.position)).where(TicketTurn.ticket_id == ticket.id)
    )
    return TicketTurn(
        ticket_id=ticket.id,
        position=(last or 0) + 1,
        state=state,
        turned_at=at,
        by=acting(session).name,
        because=because,
    )


def _change(
    session: Session, ticket: Ticket, what: str, before: str, after: str, because: str
) -> None:
    events.record(session, TicketChanged(ticket.number, what, before, after, because))


def _tags(words: Collection[str]) -> list[str]:
    spelled = sorted({rules.tag_of(word) for word in words})
    for each in spelled:
        if not each or len(each) > TAG_SIGNS_MAX:
            raise errors.NoTag(most=TAG_SIGNS_MAX)
    return spelled


def _is_known(session: Session, communication_id: uuid.UUID) -> bool:
    wanted = select(TicketMessage.id).where(TicketMessage.communication_id == communication_id)
    return session.scalar(wanted.limit(1)) is not None


def _reopen_days(ticket: Ticket) -> int:
    return REOPEN_DAYS if ticket.policy is None else ticket.policy.reopen_days


def _is_closed_for_long(ticket: Ticket, at: datetime) -> bool:
    return ticket.closed_at is not None and at > ticket.closed_at + (
        _reopen_days(ticket) * rules.DAY
    )


def _follow_up(
    session: Session,
    ticket: Ticket,
    body: str,
    communication_id: uuid.UUID | None,
    at: datetime,
    author: str | None,
) -> Ticket:
    customer = None
    if ticket.customer_id is not None:
        wanted = select(Customer).where(Customer.party_id == ticket.customer_id)
        customer = session.scalar(wanted.options(joinedload(Customer.party)))
    return open_ticket(
        session,
        subject=ticket.subject,
        said=body,
        customer=customer,
        contact=ticket.contact,
        contact_email=ticket.contact_email,
        ticket_type=ticket.ticket_type,
        priority=ticket.priority,
        source=ticket.source,
        team=ticket.team,
        links=[Link("ticket", ticket.number)],
        communication_id=communication_id,
        author=author,
        opened_at=at,
    )


def _carry_over(
    session: Session,
    table: type[TicketLink] | type[TicketTag],
    columns: tuple[str, ...],
    gone: Ticket,
    stays: Ticket,
) -> None:
    rows = session.execute(
        select(*(table.__table__.c[name] for name in columns)).where(
            table.__table__.c.ticket_id == gone.id
        )
    ).all()
    for row in rows:
        values: dict[str, object] = {"ticket_id": stays.id, **dict(zip(columns, row, strict=True))}
        if table is TicketLink:
            values |= {"id": new_id(), "created_at": clock.now()}
        session.execute(insert(table).values(**values).on_conflict_do_nothing())


def _way_out(state: TicketState) -> Both:
    names = sorted(rules.WAYS[state])
    return Both(
        "it can become " + ", ".join(word(each) for each in names),
        "可变为" + "、".join(word(each, "zh") for each in names),
    )
