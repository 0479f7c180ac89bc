"""Service levels: what is promised for which tickets, when it is due, and what was broken."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from core import notifications
from core.kernel import calendars, clock, events
from core.kernel.calendars import Calendar
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.identity.tables import Person
from core.kernel.semantics import Said
from core.kernel.words import word
from core.notifications import NotificationKind
from core.parties import Customer, Party
from core.support import errors, rules
from core.support.events import PolicySet, SlaAtRisk, SlaBroken
from core.support.rules import Clock, Promise, Turn
from core.support.tables import (
    Priority,
    Reopening,
    SlaBreach,
    SlaPolicy,
    SupportTeam,
    Target,
    Ticket,
    TicketState,
    TicketTurn,
    TicketType,
    Waiting,
)

LISTED_MAX = 200
WARNED_MAX = 500
Due = InstrumentedAttribute[datetime | None]
# Calendars by the id of their row; None is the one that counts everywhere.
Calendars = dict[uuid.UUID | None, Calendar]


@dataclass(frozen=True)
class Promised:
    """For which tickets something is promised; what is left out fits any."""

    customer: Customer | None = None
    customer_group: str | None = None
    ticket_type: TicketType | None = None
    priority: Priority | None = None


def set_policy(
    session: Session,
    *,
    code: str,
    response_minutes: int | None,
    resolution_minutes: int | None,
    name: str = "",
    name_zh: str = "",
    whom: Promised | None = None,
    calendar: str | None = None,
    waiting: Waiting | None = None,
    reopening: Reopening | None = None,
    reopen_days: int | None = None,
    at_risk_percent: int | None = None,
) -> SlaPolicy:
    """Promise something for some tickets, or change what a policy promises.

    Open tickets follow: what is due is worked out anew.
    """
    code = code.strip().upper()
    if response_minutes is None and resolution_minutes is None:
        raise errors.PromisesNothing
    policy = session.scalar(select(SlaPolicy).where(SlaPolicy.code == code).with_for_update())
    before = "" if policy is None else promise_said(policy)
    if policy is None:
        policy = SlaPolicy(code=code, name=name or code, name_zh=name_zh or name or code)
        policy.waiting, policy.reopening = Waiting.OPEN_TIME, Reopening.GO_ON
        policy.reopen_days, policy.at_risk_percent, policy.active = 14, 75, True
    if whom is not None:
        _fit(policy, whom, anew=not before or not policy.active)
    _require_alone(session, policy)
    policy.name, policy.name_zh = name or policy.name, name_zh or policy.name_zh
    policy.response_minutes, policy.resolution_minutes = response_minutes, resolution_minutes
    if calendar is not None:
        policy.calendar_id = calendars.find_row(session, calendar).id
    policy.waiting, policy.reopening = waiting or policy.waiting, reopening or policy.reopening
    if reopen_days is not None:
        policy.reopen_days = reopen_days
    policy.at_risk_percent = at_risk_percent or policy.at_risk_percent
    policy.active = True
    session.add(policy)
    session.flush()
    after, fits = promise_said(policy), whom_said(session, policy)
    events.record(session, PolicySet(policy.code, policy.name, before, after, fits))
    plan_anew(session)
    return policy


def _fit(policy: SlaPolicy, whom: Promised, *, anew: bool) -> None:
    """Write for which tickets a policy promises something.

    Of one that counts already, what is left out stays: its promise to one customer does not become
    one to everybody because nobody named the customer again.
    """
    if anew:
        policy.customer_id, policy.customer_group = None, None
        policy.ticket_type, policy.priority = None, None
    if whom.customer is not None:
        policy.customer_id, policy.customer_group = whom.customer.party_id, None
    if whom.customer_group is not None:
        policy.customer_id, policy.customer_group = None, whom.customer_group
    policy.ticket_type = whom.ticket_type or policy.ticket_type
    policy.priority = whom.priority or policy.priority


def end_policy(session: Session, code: str) -> SlaPolicy:
    """Promise nothing more by a policy; the tickets that had it get what else fits."""
    policy = find_policy(session, code)
    before = promise_said(policy)
    policy.active = False
    session.flush()
    events.record(session, PolicySet(policy.code, policy.name, before, "inactive"))
    plan_anew(session)
    return policy


def find_policy(session: Session, code: str) -> SlaPolicy:
    """Return a policy by its code."""
    wanted = select(SlaPolicy).where(SlaPolicy.code == code.strip().upper())
    policy = session.scalar(wanted)
    if policy is None:
        known = session.scalars(select(SlaPolicy.code).order_by(SlaPolicy.code).limit(LISTED_MAX))
        raise errors.UnknownPolicy(code=code[:40], known=", ".join(known) or "–")
    return policy


def policy_for(session: Session, ticket: Ticket) -> SlaPolicy | None:
    """Return the policy that says most of a ticket: of its customer, their group, its type ..."""
    group = None
    if ticket.customer_id is not None:
        group = session.scalar(
            select(Customer.customer_group).where(Customer.party_id == ticket.customer_id)
        )
    fits = (
        SlaPolicy.active,
        or_(SlaPolicy.customer_id.is_(None), SlaPolicy.customer_id == ticket.customer_id),
        or_(SlaPolicy.customer_group.is_(None), SlaPolicy.customer_group == group),
        or_(SlaPolicy.ticket_type.is_(None), SlaPolicy.ticket_type == ticket.ticket_type),
        or_(SlaPolicy.priority.is_(None), SlaPolicy.priority == ticket.priority),
    )
    most = (
        SlaPolicy.customer_id.is_(None),
        SlaPolicy.customer_group.is_(None),
        SlaPolicy.ticket_type.is_(None),
        SlaPolicy.priority.is_(None),
        SlaPolicy.code,
    )
    wanted = select(SlaPolicy).where(*fits).order_by(*most).limit(1)
    return session.scalar(wanted.options(selectinload(SlaPolicy.calendar)))


def calendar_of(
    session: Session, policy: SlaPolicy | None, *, known: Calendars | None = None
) -> Calendar:
    """Return the hours in which a policy's time is counted, or those that count everywhere.

    `known` are calendars that were read in this round already, and takes up what is read now.
    """
    key = None if policy is None else policy.calendar_id
    if known is not None and key in known:
        return known[key]
    code = None if key is None else session.get_one(calendars.BusinessCalendar, key).code
    found = calendars.find_calendar(session, code)
    if known is not None:
        known[key] = found
    return found


def promises_of(
    session: Session, policy: SlaPolicy | None, *, known: Calendars | None = None
) -> dict[Target, Promise]:
    """Return what a policy promises."""
    if policy is None:
        return {}
    calendar = calendar_of(session, policy, known=known)
    kept: dict[Target, Promise] = {}
    if policy.response_minutes is not None:
        # An answer is owed once, however often the ticket is opened again.
        kept[Target.RESPONSE] = Promise(
            policy.response_minutes * rules.MINUTE, calendar, policy.waiting, Reopening.GO_ON
        )
    if policy.resolution_minutes is not None:
        kept[Target.RESOLUTION] = Promise(
            policy.resolution_minutes * rules.MINUTE, calendar, policy.waiting, policy.reopening
        )
    return kept


def turns_of(session: Session, ticket: Ticket) -> list[Turn]:
    """Return the states that a ticket was in, from the first on."""
    wanted = (
        select(TicketTurn.turned_at, TicketTurn.state)
        .where(TicketTurn.ticket_id == ticket.id)
        .order_by(TicketTurn.position)
    )
    return [Turn(at, state) for at, state in session.execute(wanted)]


def clocks_of(session: Session, ticket: Ticket) -> dict[Target, Clock]:
    """Return how each promise of a ticket stands, worked out from its history."""
    turns = turns_of(session, ticket)
    policy = None
    if ticket.policy_id is not None:
        policy = session.get_one(SlaPolicy, ticket.policy_id)
    return {
        target: rules.clock_of(promise, turns, until=clock.now())
        for target, promise in promises_of(session, policy).items()
    }


def work_out(session: Session, ticket: Ticket, *, known: Calendars | None = None) -> None:
    """Choose the policy of a ticket anew, and write down when what it promises is due.

    What has become late until now is noted before: `note_broken`.
    """
    policy = policy_for(session, ticket)
    ticket.policy_id = None if policy is None else policy.id
    turns, promises = turns_of(session, ticket), promises_of(session, policy, known=known)
    clocks = {target: rules.clock_of(promise, turns) for target, promise in promises.items()}
    due = {target: stands.due_at for target, stands in clocks.items()}
    # An answer that was given is not owed any more: its hour stays as it was then.
    if ticket.first_responded_at is None or ticket.response_due_at is None:
        ticket.response_due_at = due.get(Target.RESPONSE)
    ticket.resolution_due_at = due.get(Target.RESOLUTION)
    ticket.at_risk_at = None
    if policy is not None and ticket.state in rules.WORKED_ON:
        owed = [each for each in clocks if each is Target.RESOLUTION or _is_unanswered(ticket)]
        risky = [
            rules.at_risk_from(promises[each], clocks[each], policy.at_risk_percent)
            for each in owed
        ]
        ticket.at_risk_at = min(risky, default=None)
    session.flush()


def count_business_time(session: Session, ticket: Ticket) -> None:
    """Write down the business time until the answer and until the solution, where they are there.

    Also where nothing was promised: by the standard calendar then.
    """
    policy = None if ticket.policy_id is None else session.get_one(SlaPolicy, ticket.policy_id)
    calendar = calendar_of(session, policy)
    if ticket.first_responded_at is not None and ticket.response_seconds is None:
        passed = calendar.time_between(ticket.opened_at, ticket.first_responded_at)
        ticket.response_seconds = int(passed.total_seconds())
    ticket.resolution_seconds = None
    if ticket.resolved_at is not None:
        worked = rules.time_worked(calendar, turns_of(session, ticket), ticket.resolved_at)
        ticket.resolution_seconds = int(worked.total_seconds())


def plan_anew(session: Session) -> int:
    """Work out what is due of every ticket that is not done; return how many there are.

    After other hours, holidays or promises.
    """
    wanted = (
        select(Ticket)
        .where(Ticket.state.in_(rules.TO_DO))
        .order_by(Ticket.number)
        .with_for_update()
    )
    tickets = session.scalars(wanted).all()
    note_broken(session, tickets)
    known: Calendars = {}
    for ticket in tickets:
        work_out(session, ticket, known=known)
    return len(tickets)


def note_broken(session: Session, tickets: Sequence[Ticket] | None = None) -> list[SlaBreach]:
    """Write down what was promised by an hour that has passed, and not done by then.

    Of some tickets, or of all that are not done. Each is written once.
    """
    now = clock.now()
    if tickets is None:
        late = (
            select(Ticket)
            .where(
                Ticket.state.in_(rules.TO_DO),
                or_(
                    Ticket.response_due_at < now,
                    Ticket.resolution_due_at < now,
                ),
            )
            .order_by(Ticket.number)
        )
        tickets = session.scalars(late).all()
    noted: list[SlaBreach] = []
    for ticket in tickets:
        for target, due_at in _broken(ticket, now):
            values = {"ticket_id": ticket.id, "target": target, "due_at": due_at,
                      "policy_id": ticket.policy_id}  # fmt: skip
            written = session.scalar(
                insert(SlaBreach)
                .values(id=new_id(), created_at=now, **values)
                .on_conflict_do_nothing()
                .returning(SlaBreach)
            )
            if written is not None:
                noted.append(written)
                events.record(session, SlaBroken(ticket.number, target, due_at.isoformat()))
    return noted


def becomes_late(session: Session) -> bool:
    """Tell whether anything promised has passed by now and is not on record yet."""
    now = clock.now()

    def unnoted(target: Target, due_at: Due) -> ColumnElement[bool]:
        return ~exists().where(
            SlaBreach.ticket_id == Ticket.id,
            SlaBreach.target == target,
            SlaBreach.due_at == due_at,
        )

    late = or_(
        and_(
            Ticket.response_due_at < now,
            Ticket.first_responded_at.is_(None),
            unnoted(Target.RESPONSE, Ticket.response_due_at),
        ),
        and_(
            Ticket.resolution_due_at < now,
            Ticket.state.in_(rules.WORKED_ON),
            unnoted(Target.RESOLUTION, Ticket.resolution_due_at),
        ),
    )
    wanted = select(Ticket.id).where(Ticket.state.in_(rules.TO_DO), late).limit(1)
    return session.scalar(wanted) is not None


def to_warn() -> ColumnElement[bool]:
    """Return the condition for tickets of which most of the time is used, and nobody was told."""
    return and_(
        Ticket.state.in_(rules.WORKED_ON),
        Ticket.at_risk_at < clock.now(),
        or_(Ticket.warned_at.is_(None), Ticket.warned_at < Ticket.at_risk_at),
    )


def is_to_warn(session: Session) -> bool:
    """Tell whether somebody is to be told that time runs out."""
    return session.scalar(select(Ticket.id).where(to_warn()).limit(1)) is not None


def warn(session: Session) -> int:
    """Tell who looks after a ticket that most of its time is used, once; return how many there are.

    Where nobody has it, the lead of its team is told.
    """
    now = clock.now()
    wanted = select(Ticket).where(to_warn()).order_by(Ticket.number).limit(WARNED_MAX)
    tickets = session.scalars(wanted.with_for_update(skip_locked=True)).all()
    for ticket in tickets:
        ticket.warned_at = now
        unanswered = _is_unanswered(ticket) and ticket.response_due_at is not None
        target = Target.RESPONSE if unanswered else Target.RESOLUTION
        due_at = ticket.response_due_at if unanswered else ticket.resolution_due_at
        said = local_said(session, due_at)
        events.record(session, SlaAtRisk(ticket.number, target, said))
        person = _who_minds(session, ticket)
        if person is not None:
            what, what_zh = word(target), word(target, "zh")
            notifications.notify(
                session,
                person=person,
                kind=NotificationKind.ALERT,
                source=ticket.number,
                cause=f"sla:{ticket.number}:{target}:{said}",
                title=Said(
                    f"{ticket.number}: {what} due {said}",
                    f"{ticket.number}：{what_zh}应于 {said} 前完成",
                ),
                body=Said(ticket.subject, ticket.subject),
            )
    session.flush()
    return len(tickets)


def _who_minds(session: Session, ticket: Ticket) -> Person | None:
    person_id = ticket.assignee_id
    if person_id is None and ticket.team_id is not None:
        person_id = session.get_one(SupportTeam, ticket.team_id).lead_id
    return None if person_id is None else session.get_one(Person, person_id)


def _is_unanswered(ticket: Ticket) -> bool:
    return ticket.first_responded_at is None


def _broken(ticket: Ticket, now: datetime) -> list[tuple[Target, datetime]]:
    # Where nothing is promised any more, what was broken before is on record since then.
    if ticket.policy_id is None:
        return []
    broken = []
    answered = ticket.first_responded_at or now
    if ticket.response_due_at is not None and ticket.response_due_at < answered:
        broken.append((Target.RESPONSE, ticket.response_due_at))
    stopped = _clock_stopped_at(ticket) or now
    if ticket.resolution_due_at is not None and ticket.resolution_due_at < stopped:
        broken.append((Target.RESOLUTION, ticket.resolution_due_at))
    return broken


def _clock_stopped_at(ticket: Ticket) -> datetime | None:
    """Return when what is resolved was; while the customer is asked, nothing becomes late."""
    if ticket.state is TicketState.WAITING:
        return ticket.resolution_due_at
    return ticket.resolved_at


def _require_alone(session: Session, policy: SlaPolicy) -> None:
    same = select(SlaPolicy.code).where(
        SlaPolicy.active,
        SlaPolicy.code != policy.code,
        SlaPolicy.customer_id.is_not_distinct_from(policy.customer_id),
        SlaPolicy.customer_group.is_not_distinct_from(policy.customer_group),
        SlaPolicy.ticket_type.is_not_distinct_from(policy.ticket_type),
        SlaPolicy.priority.is_not_distinct_from(policy.priority),
    )
    with session.no_autoflush:
        other = session.scalar(same.limit(1))
    if other is not None:
        raise errors.SamePolicy(code=other)


def promise_said(policy: SlaPolicy) -> str:
    """Say what a policy promises, as data: "4h / 16h"."""
    return " / ".join(
        _span_said(minutes) for minutes in (policy.response_minutes, policy.resolution_minutes)
    )


def whom_said(session: Session, policy: SlaPolicy) -> str:
    """Say for which tickets a policy promises something, as data; nothing where it fits any."""
    party = None if policy.customer_id is None else session.get_one(Party, policy.customer_id)
    said = (
        "" if party is None else f"{party.number} {party.name}",
        policy.customer_group,
        policy.ticket_type,
        policy.priority,
    )
    return " · ".join(each for each in said if each)


def _span_said(minutes: int | None) -> str:
    if minutes is None:
        return "–"
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{rest}min" if rest or not hours else "")


def local_said(session: Session, at: datetime | None) -> str:
    """Say an instant by the company's clock, to the minute."""
    return "" if at is None else f"{at.astimezone(company(session).zone):%Y-%m-%d %H:%M}"
