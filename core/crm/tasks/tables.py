"""Tables of what is to be done: calls, meetings and tasks with a day and an owner."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Record, Table
from core.kernel.identity.tables import Person


class TaskKind(StrEnum):
    """What is to be done."""

    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    TASK = "task"


class TaskState(StrEnum):
    """The life of a task."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Task(Record):
    """A call, meeting or task of somebody, due on a day, and what it is about."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        CheckConstraint("remind_on <= due_on", name="remind_before"),
        Index("ix_task_open", "owner_id", "due_on", postgresql_where=text("state = 'open'")),
        Index(None, "party_id"),
        Index(None, "opportunity_id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TaskKind]
    subject: Mapped[str]
    notes: Mapped[str]
    due_on: Mapped[date]
    # Where it has an hour: when it begins, and for how long.
    starts_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=30)
    remind_on: Mapped[date | None]
    # For which day its owner was reminded last: once for each.
    reminded_on: Mapped[date | None]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    lead_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lead.id"), index=True)
    opportunity_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("opportunity.id"))
    # Any document, by its number.
    document: Mapped[str | None]
    state: Mapped[TaskState] = mapped_column(default=TaskState.OPEN)
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None]
    # Counts up with every change, as calendars expect it.
    revision: Mapped[int] = mapped_column(default=0)

    owner: Mapped[Person] = relationship(lazy="raise", viewonly=True)


class CalendarFeed(Table):
    """The secret address under which a person's calendar reads their tasks; only the hash."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
