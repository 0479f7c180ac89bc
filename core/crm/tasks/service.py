"""What one can do with tasks: plan, put off, do, give up; and let a calendar read them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core import notifications
from core.crm.leads.tables import Lead
from core.crm.opportunities.tables import Opportunity
from core.crm.service import log_activity
from core.crm.tables import ActivityKind
from core.crm.tasks.errors import (
    DueInThePast,
    NoFeed,
    NotAColleague,
    RemindTooLate,
    TaskClosed,
    UnknownTask,
)
from core.crm.tasks.events import CalendarOpened, TaskChanged, TaskClosedNow, TaskPlanned
from core.crm.tasks.queries import tasks_to_remind
from core.crm.tasks.tables import CalendarFeed, Task, TaskKind, TaskState
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.identity.roles import STAFF, Role
from core.kernel.identity.tables import Person
from core.kernel.naming import canonical_number, resolved
from core.kernel.numbering import next_number
from core.kernel.semantics import Said
from core.notifications import NotificationKind
from core.parties import Party

_LOGGED = {
    TaskKind.CALL: ActivityKind.CALL,
    TaskKind.MEETING: ActivityKind.MEETING,
    TaskKind.EMAIL: ActivityKind.EMAIL,
    TaskKind.TASK: ActivityKind.NOTE,
}
TOKEN_BYTES = 32


@dataclass(frozen=True)
class About:
    """What a task or an activity is about; any of it may be left out."""

    party: Party | None = None
    contact: Party | None = None
    lead: Lead | None = None
    opportunity: Opportunity | None = None
    document: str | None = None

    @property
    def said(self) -> str:
        """What it is about, as people read it."""
        named = (self.party and self.party.name, self.contact and self.contact.name)
        numbered = (self.lead and self.lead.number, self.opportunity and self.opportunity.number)
        return ", ".join(part for part in (*named, *numbered, self.document) if part)


NOTHING = About()


def plan_task(
    session: Session,
    *,
    owner: Person,
    subject: str,
    due_on: date,
    kind: TaskKind = TaskKind.TASK,
    about: About = NOTHING,
    starts_at: datetime | None = None,
    minutes: int = 30,
    remind_on: date | None = None,
    notes: str = "",
) -> Task:
    """Note that somebody is to do something by a day; they are reminded on it, or before."""
    today = company(session).today
    if due_on < today:
        raise DueInThePast(day=due_on, today=today)
    _require_colleague(owner)
    if remind_on is not None and remind_on > due_on:
        raise RemindTooLate(remind_on=remind_on, due_on=due_on)
    opportunity = about.opportunity
    party_id = about.party.id if about.party else opportunity.party_id if opportunity else None
    task = Task(
        number=next_number(session, "TK"),
        kind=kind,
        subject=subject,
        notes=notes,
        due_on=due_on,
        starts_at=starts_at,
        minutes=minutes,
        remind_on=remind_on or due_on,
        owner_id=owner.id,
        party_id=party_id,
        contact_id=about.contact.id if about.contact else None,
        lead_id=about.lead.id if about.lead else None,
        opportunity_id=opportunity.id if opportunity else None,
        document=about.document,
    )
    session.add(task)
    hour = starts_at.astimezone(company(session).zone) if starts_at else None
    fact = TaskPlanned(
        number=task.number,
        kind=kind,
        subject=subject,
        about=about.said,
        owner=owner.login,
        due_on=due_on.isoformat(),
        at=f"{hour:%H:%M}" if hour else "",
    )
    events.record(session, fact)
    session.flush()
    return task


def change_task(
    session: Session,
    text: str,
    *,
    due_on: date | None = None,
    owner: Person | None = None,
    remind_on: date | None = None,
) -> Task:
    """Put a task off, or give it to somebody else; what is not said stays."""
    task = find_task(session, text, locked=True)
    _require_open(task)
    today = company(session).today
    told: list[tuple[str, str, str]] = []
    if due_on is not None and due_on != task.due_on:
        if due_on < today:
            raise DueInThePast(day=due_on, today=today)
        told.append(("due_on", str(task.due_on), str(due_on)))
        if task.starts_at is not None:
            # At the same hour, also where the clocks change in between.
            hour = task.starts_at.astimezone(company(session).zone)
            task.starts_at = hour + (due_on - task.due_on)
        task.due_on = due_on
        task.remind_on = due_on
    if remind_on is not None:
        if remind_on > task.due_on:
            raise RemindTooLate(remind_on=remind_on, due_on=task.due_on)
        told.append(("remind_on", str(task.remind_on or ""), str(remind_on)))
        task.remind_on = remind_on
    if owner is not None and owner.id != task.owner_id:
        _require_colleague(owner)
        told.append(("owner", task.owner.login, owner.login))
        task.owner_id = owner.id
    if told:
        task.revision += 1
        events.record(session, TaskChanged(task.number, task.subject, tuple(told)))
    session.flush()
    session.expire(task, ["owner"])
    return task


def finish_task(session: Session, text: str, *, outcome: str = "") -> Task:
    """Note that a task is done; what it was with whom is on record as an activity."""
    task = find_task(session, text, locked=True)
    _close(session, task, TaskState.DONE, outcome)
    if task.party_id is not None or task.lead_id is not None:
        log_activity(
            session,
            party=session.get(Party, task.party_id) if task.party_id else None,
            kind=_LOGGED[task.kind],
            subject=task.subject,
            body=outcome or task.notes,
            contact_id=task.contact_id,
            lead_id=task.lead_id,
            opportunity_id=task.opportunity_id,
            document=task.document or task.number,
        )
    return task


def cancel_task(session: Session, text: str, *, because: str = "") -> Task:
    """Note that a task will not be done; it stays on record."""
    task = find_task(session, text, locked=True)
    _close(session, task, TaskState.CANCELLED, because)
    return task


def find_task(session: Session, text: str, *, locked: bool = False) -> Task:
    """Return the task that a number means, or the open one that its words mean."""
    number = canonical_number(text)
    if not session.scalar(select(Task.id).where(Task.number == number)):
        among = select(Task.number, Task.subject, Task.outcome)
        number = resolved(session, among.where(Task.state == TaskState.OPEN), text, UnknownTask)
    wanted = (
        select(Task)
        .where(Task.number == number)
        .options(joinedload(Task.owner, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    if locked:
        wanted = wanted.with_for_update(of=Task)
    return session.scalars(wanted).one()


def remind(session: Session) -> int:
    """Remind the owners of tasks that asked for it by today, once for each day they named."""
    due = tasks_to_remind(session, locked=True)
    for task in due:
        task.reminded_on = task.remind_on
        owner = session.get_one(Person, task.owner_id)
        if owner.active:
            _notify(session, task, owner)
    session.flush()
    return len(due)


def _notify(session: Session, task: Task, owner: Person) -> None:
    party = None if task.party_id is None else session.get(Party, task.party_id)
    whom, whom_zh = (f" ({party.name})", f"（{party.name}）") if party is not None else ("", "")
    notifications.notify(
        session,
        person=owner,
        kind=NotificationKind.ALERT,
        source=task.number,
        cause=f"task:{task.number}:{task.remind_on}",
        title=Said(
            f"{task.subject}{whom}: due {task.due_on}",
            f"{task.subject}{whom_zh}：应于 {task.due_on} 完成",
        ),
        body=Said(task.notes, task.notes),
    )


def open_calendar(session: Session, person: Person) -> str:
    """Return a new secret for a person's calendar; the one before it opens nothing any more.

    Only its hash is kept: it is shown once.
    """
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    feed = session.get(CalendarFeed, person.id, with_for_update=True)
    if feed is None:
        feed = CalendarFeed(person_id=person.id)
        session.add(feed)
    feed.token_hash, feed.created_at = _hash(secret), clock.now()
    events.record(session, CalendarOpened(person.login, is_open=True))
    session.flush()
    return secret


def close_calendar(session: Session, person: Person) -> None:
    """Let the secret of a person's calendar open nothing any more."""
    feed = session.get(CalendarFeed, person.id, with_for_update=True)
    if feed is None:
        raise NoFeed
    session.delete(feed)
    events.record(session, CalendarOpened(person.login, is_open=False))
    session.flush()


def person_of_calendar(session: Session, secret: str) -> Person:
    """Return whose calendar a secret opens; that of somebody who left opens nothing."""
    wanted = (
        select(Person)
        .join(CalendarFeed, CalendarFeed.person_id == Person.id)
        .where(CalendarFeed.token_hash == _hash(secret), Person.active)
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NoFeed
    return found


def _close(session: Session, task: Task, state: TaskState, outcome: str) -> None:
    _require_open(task)
    task.state, task.closed_on = state, company(session).today
    task.outcome = outcome or None
    task.revision += 1
    events.record(session, TaskClosedNow(task.number, task.subject, state, outcome))
    session.flush()


def _require_open(task: Task) -> None:
    if task.state is not TaskState.OPEN:
        raise TaskClosed(number=task.number, state=task.state)


def _require_colleague(person: Person) -> None:
    works = STAFF | {Role.EMPLOYEE}
    if not person.active or person.is_service or not set(person.roles) & works:
        raise NotAColleague(login=person.login)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
