"""Questions about tasks."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from core.crm.leads.tables import Lead
from core.crm.opportunities.tables import Opportunity
from core.crm.tasks.calendar import Entry, calendar_of
from core.crm.tasks.tables import Task, TaskKind, TaskState
from core.kernel.company import company
from core.kernel.identity.tables import Person
from core.parties import Party

LISTED_MAX = 500
# A calendar shows what was, and all that is to come.
SHOWN_DAYS = 90


@dataclass(frozen=True)
class TaskView:
    """A task, as people read it."""

    number: str
    kind: TaskKind
    subject: str
    notes: str
    due_on: date
    starts_at: datetime | None
    owner: str
    party_number: str | None
    party: str | None
    contact: str | None
    lead: str | None
    opportunity: str | None
    document: str | None
    state: TaskState
    closed_on: date | None
    outcome: str | None
    overdue: bool


def view_task(session: Session, number: str) -> TaskView:
    """Return a task by its number."""
    [view] = _views(session, _joined().where(Task.number == number))
    return view


def list_tasks(
    session: Session,
    *,
    owner_id: uuid.UUID | None = None,
    party_id: uuid.UUID | None = None,
    until: date | None = None,
    open_only: bool = True,
    limit: int = 50,
) -> list[TaskView]:
    """Return tasks, those due first before the others."""
    wanted = _joined().order_by(Task.due_on, Task.number).limit(min(limit, LISTED_MAX))
    if open_only:
        wanted = wanted.where(Task.state == TaskState.OPEN)
    if owner_id is not None:
        wanted = wanted.where(Task.owner_id == owner_id)
    if party_id is not None:
        wanted = wanted.where(Task.party_id == party_id)
    if until is not None:
        wanted = wanted.where(Task.due_on <= until)
    return _views(session, wanted)


def tasks_to_remind(session: Session, *, limit: int = 200, locked: bool = False) -> list[Task]:
    """Return the open tasks of which their owners are to be reminded by today, and were not yet."""
    today = company(session).today
    wanted = (
        select(Task)
        .where(
            Task.state == TaskState.OPEN,
            Task.remind_on <= today,
            Task.remind_on.is_distinct_from(Task.reminded_on),
        )
        .order_by(Task.due_on, Task.number)
        .limit(limit)
    )
    if locked:
        wanted = wanted.with_for_update(of=Task, skip_locked=True)
    return list(session.scalars(wanted))


def is_to_remind(session: Session) -> bool:
    """Tell whether anybody is to be reminded of a task."""
    return bool(tasks_to_remind(session, limit=1))


def calendar_feed(session: Session, person: Person) -> bytes:
    """Return the tasks of a person as a calendar (RFC 5545)."""
    since = company(session).today - timedelta(days=SHOWN_DAYS)
    wanted = (
        select(Task, Party.name)
        .outerjoin(Party, Party.id == Task.party_id)
        .where(Task.owner_id == person.id, Task.due_on >= since)
        # Where there are too many, what was is left out before what is to come.
        .order_by(Task.due_on.desc(), Task.number)
        .limit(LISTED_MAX)
    )
    entries = [
        Entry(
            uid=f"{task.id}@prokurist",
            summary=f"{task.subject} ({party})" if party else task.subject,
            description="\n".join(part for part in (task.number, task.notes) if part),
            day=task.due_on,
            starts_at=task.starts_at,
            minutes=task.minutes,
            changed_at=task.created_at,
            revision=task.revision,
            cancelled=task.state is TaskState.CANCELLED,
            remind=task.state is TaskState.OPEN and task.starts_at is not None,
        )
        for task, party in session.execute(wanted)
    ]
    return calendar_of(entries, name=f"{company(session).name}: {person.name}")


def _joined() -> Select[Task, str, Party, str | None, str | None, str | None]:
    contact = aliased(Party)
    return (
        select(Task, Person.login, Party, contact.name, Lead.number, Opportunity.number)
        .join(Person, Person.id == Task.owner_id)
        .outerjoin(Party, Party.id == Task.party_id)
        .outerjoin(contact, contact.id == Task.contact_id)
        .outerjoin(Lead, Lead.id == Task.lead_id)
        .outerjoin(Opportunity, Opportunity.id == Task.opportunity_id)
    )


def _views(
    session: Session,
    wanted: Select[Task, str, Party, str | None, str | None, str | None],
) -> list[TaskView]:
    today = company(session).today
    return [
        TaskView(
            number=task.number,
            kind=task.kind,
            subject=task.subject,
            notes=task.notes,
            due_on=task.due_on,
            starts_at=task.starts_at,
            owner=owner,
            party_number=party.number if party else None,
            party=party.name if party else None,
            contact=contact,
            lead=lead,
            opportunity=opportunity,
            document=task.document,
            state=task.state,
            closed_on=task.closed_on,
            outcome=task.outcome,
            overdue=task.state is TaskState.OPEN and task.due_on < today,
        )
        for task, owner, party, contact, lead, opportunity in session.execute(wanted)
    ]
