"""Questions about tickets: one as people see it, what becomes late, what nobody looks after."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from core.kernel import clock
from core.kernel.company import company
from core.support import promising, rules
from core.support.errors import UnknownTicket
from core.support.rules import Clock
from core.support.service import find_ticket
from core.support.tables import (
    MessageKind,
    Priority,
    SlaBreach,
    SlaPolicy,
    Source,
    Target,
    Ticket,
    TicketLink,
    TicketMessage,
    TicketState,
    TicketTag,
    TicketTurn,
    TicketType,
)

LISTED_MAX = 200


@dataclass(frozen=True)
class MessageView:
    """Something that was said in a ticket."""

    kind: MessageKind
    said_at: datetime
    author: str
    body: str
    # The ticket that it was said in, where that was merged.
    of: str = ""


@dataclass(frozen=True)
class TurnView:
    """A state of a ticket, since when, by whom and why."""

    state: TicketState
    at: datetime
    by: str
    because: str


@dataclass(frozen=True)
class TicketView:
    """A ticket as somebody may see it; a customer's view has no notes and no names of ours."""

    number: str
    subject: str
    ticket_type: TicketType
    priority: Priority
    state: TicketState
    source: Source
    customer_number: str
    customer: str
    customer_zh: str | None
    contact: str
    team: str
    assignee: str
    opened_at: datetime
    response_due_at: datetime | None
    resolution_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    response_seconds: int | None
    resolution_seconds: int | None
    resolution: str
    policy: str
    breached: tuple[Target, ...]
    reopened_count: int
    escalation: int
    merged_into: str
    merged: tuple[str, ...]
    satisfaction: int | None
    satisfaction_said: str
    tags: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    messages: tuple[MessageView, ...]
    turns: tuple[TurnView, ...]


@dataclass(frozen=True)
class DueTicket:
    """A ticket and what of it is due when."""

    number: str
    subject: str
    customer: str
    priority: Priority
    state: TicketState
    assignee: str
    target: Target
    due_at: datetime
    late: bool


def view_ticket(
    session: Session, number: str, *, own_party: uuid.UUID | None = None, is_customer: bool = False
) -> TicketView:
    """Return a ticket with what was said in it; a customer's own one, without what is internal."""
    ticket = find_ticket(session, number, lock=False)
    if own_party is not None and ticket.customer_id != own_party:
        # As if there were none: that it exists is not theirs to know either.
        raise UnknownTicket(number=number[:40])
    hidden = is_customer or own_party is not None
    merged = session.execute(
        select(Ticket.id, Ticket.number)
        .where(Ticket.merged_into_id == ticket.id)
        .order_by(Ticket.number)
    ).all()
    numbers = {ticket.id: "", **{each.id: each.number for each in merged}}
    broken = select(SlaBreach.target).where(SlaBreach.ticket_id == ticket.id).distinct()
    return TicketView(
        number=ticket.number,
        subject=ticket.subject,
        ticket_type=ticket.ticket_type,
        priority=ticket.priority,
        state=ticket.state,
        source=ticket.source,
        customer_number=ticket.customer.number if ticket.customer else "",
        customer=ticket.customer.name if ticket.customer else "",
        customer_zh=ticket.customer.name_zh if ticket.customer else None,
        contact=ticket.contact.name if ticket.contact else ticket.contact_email or "",
        team="" if hidden or ticket.team is None else ticket.team.name,
        assignee="" if hidden or ticket.assignee is None else ticket.assignee.name,
        opened_at=ticket.opened_at,
        response_due_at=ticket.response_due_at,
        resolution_due_at=ticket.resolution_due_at,
        first_responded_at=ticket.first_responded_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        response_seconds=ticket.response_seconds,
        resolution_seconds=ticket.resolution_seconds,
        resolution=ticket.resolution or "",
        policy="" if hidden or ticket.policy is None else ticket.policy.code,
        breached=() if hidden else tuple(sorted(session.scalars(broken))),
        reopened_count=ticket.reopened_count,
        escalation=0 if hidden else ticket.escalation,
        merged_into=ticket.merged_into.number if ticket.merged_into else "",
        merged=tuple(each.number for each in merged),
        satisfaction=ticket.satisfaction,
        satisfaction_said=ticket.satisfaction_said or "",
        tags=() if hidden else tuple(_tags(session, ticket)),
        links=tuple(
            (kind, key) for kind, key in _links(session, ticket) if not hidden or kind != "article"
        ),
        messages=_messages(session, numbers, hidden=hidden),
        turns=() if hidden else _turns(session, ticket),
    )


def due_tickets(
    session: Session, *, until: datetime | None = None, assignee: str | None = None
) -> list[DueTicket]:
    """Return what of the tickets to do is late or due by an instant, the most urgent first.

    Without one, by the end of the business day.
    """
    ours = company(session)
    now = clock.now()
    if until is None:
        local = now.astimezone(ours.zone)
        until = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    wanted = (
        select(Ticket)
        .where(
            Ticket.state.in_(rules.WORKED_ON),
            or_(
                (Ticket.response_due_at < until) & Ticket.first_responded_at.is_(None),
                Ticket.resolution_due_at < until,
            ),
        )
        .options(joinedload(Ticket.customer), joinedload(Ticket.assignee))
        .limit(LISTED_MAX)
    )
    found: list[DueTicket] = []
    for ticket in session.scalars(wanted):
        if assignee is not None and (ticket.assignee is None or ticket.assignee.login != assignee):
            continue
        response = ticket.response_due_at if ticket.first_responded_at is None else None
        for target, due_at in (
            (Target.RESPONSE, response),
            (Target.RESOLUTION, ticket.resolution_due_at),
        ):
            if due_at is not None and due_at < until:
                found.append(_due(ticket, target, due_at, now))
    return sorted(found, key=lambda each: (each.due_at, each.number))


def at_risk(session: Session, ticket: Ticket) -> tuple[Target, Clock] | None:
    """Return what of a ticket is nearly due: most of its time is used, and it is not done."""
    now = clock.now()
    if ticket.state not in rules.WORKED_ON or ticket.policy_id is None:
        return None
    if ticket.at_risk_at is None or now < ticket.at_risk_at:
        return None
    policy = session.get_one(SlaPolicy, ticket.policy_id)
    turns = promising.turns_of(session, ticket)
    for target, promise in promising.promises_of(session, policy).items():
        if target is Target.RESPONSE and ticket.first_responded_at is not None:
            continue
        stands = rules.clock_of(promise, turns, until=now)
        if now >= rules.at_risk_from(promise, stands, policy.at_risk_percent):
            return target, stands
    return None


def tickets_to_look_at(session: Session) -> list[str]:
    """Return the tickets that nobody has, and those whose time runs out or once did."""
    wanted = (
        select(Ticket.number)
        .where(
            Ticket.state.in_(rules.WORKED_ON),
            or_(
                Ticket.assignee_id.is_(None),
                Ticket.at_risk_at <= clock.now(),
                # After a change of what is due, whoever was warned may be told that it is gone.
                Ticket.warned_at.is_not(None),
            ),
        )
        .order_by(Ticket.resolution_due_at, Ticket.number)
        .limit(LISTED_MAX)
    )
    return list(session.scalars(wanted))


def find_open_like(
    session: Session, *, customer_id: uuid.UUID, subject: str, limit: int = 5
) -> list[Ticket]:
    """Return the tickets of a customer that are worked on and called the same: maybe the same."""
    wanted = (
        select(Ticket)
        .where(
            Ticket.customer_id == customer_id,
            Ticket.state.in_(rules.TO_DO),
            _called_alike(subject),
        )
        .order_by(Ticket.number)
        .limit(limit)
    )
    return list(session.scalars(wanted))


def said_by_whom(session: Session, ticket: Ticket) -> list[tuple[datetime, bool]]:
    """Return when something was said between the customer and us, and whether by the customer."""
    wanted = (
        select(TicketMessage.said_at, TicketMessage.kind)
        .where(TicketMessage.ticket_id == ticket.id, TicketMessage.kind != MessageKind.NOTE)
        .order_by(TicketMessage.said_at, TicketMessage.id)
    )
    return [(at, kind is MessageKind.CUSTOMER) for at, kind in session.execute(wanted)]


def _called_alike(subject: str) -> ColumnElement[bool]:
    plain = subject.strip().casefold()
    for prefix in ("re:", "fw:", "fwd:", "aw:", "回复:", "回复：", "转发:", "转发："):
        plain = plain.removeprefix(prefix).strip()
    return Ticket.subject.icontains(plain, autoescape=True)


def _due(ticket: Ticket, target: Target, due_at: datetime, now: datetime) -> DueTicket:
    return DueTicket(
        number=ticket.number,
        subject=ticket.subject,
        customer=ticket.customer.name if ticket.customer else "",
        priority=ticket.priority,
        state=ticket.state,
        assignee=ticket.assignee.name if ticket.assignee else "",
        target=target,
        due_at=due_at,
        late=due_at < now,
    )


def _tags(session: Session, ticket: Ticket) -> Sequence[str]:
    wanted = select(TicketTag.tag).where(TicketTag.ticket_id == ticket.id)
    return session.scalars(wanted.order_by(TicketTag.tag)).all()


def _links(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    wanted = select(TicketLink.kind, TicketLink.key).where(TicketLink.ticket_id == ticket.id)
    return [(kind, key) for kind, key in session.execute(wanted.order_by(TicketLink.id))]


def _messages(
    session: Session, numbers: dict[uuid.UUID, str], *, hidden: bool
) -> tuple[MessageView, ...]:
    wanted = (
        select(TicketMessage)
        .where(TicketMessage.ticket_id.in_(numbers))
        .order_by(TicketMessage.said_at, TicketMessage.id)
        .limit(LISTED_MAX * 5)
    )
    if hidden:
        wanted = wanted.where(TicketMessage.kind != MessageKind.NOTE)
    return tuple(
        MessageView(
            kind=each.kind,
            said_at=each.said_at,
            # Who of ours wrote it, or said yes to it, is not the customer's to know.
            author="" if hidden else each.author,
            body=each.body,
            of=numbers[each.ticket_id],
        )
        for each in session.scalars(wanted)
    )


def _turns(session: Session, ticket: Ticket) -> tuple[TurnView, ...]:
    wanted = (
        select(TicketTurn).where(TicketTurn.ticket_id == ticket.id).order_by(TicketTurn.position)
    )
    return tuple(
        TurnView(each.state, each.turned_at, each.by, each.because)
        for each in session.scalars(wanted)
    )
