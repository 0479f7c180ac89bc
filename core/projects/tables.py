"""Tables of projects: what is to be done for whom, the hours that were worked, what was billed."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, UnitPrice, after_create, never_at_once
from core.parties import Party

HOURS_DIGITS = 4


class ProjectState(StrEnum):
    """The life of a project."""

    OPEN = "open"
    CLOSED = "closed"


class Billing(StrEnum):
    """What is billed of work by the hour: the hours worked, or the plan as far as it is done."""

    TIME = "time"
    PROGRESS = "progress"


class Project(Record):
    """Work for a customer, or for ourselves where there is none.

    What is planned beside its tasks is a task of its own, at position 0. Prices are in the
    project's currency, costs in the company's.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("budget_minor >= 0", name="budget"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    state: Mapped[ProjectState] = mapped_column(default=ProjectState.OPEN, index=True)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    currency: Mapped[str]
    billing: Mapped[Billing] = mapped_column(default=Billing.TIME)
    # What it may cost, in the company's currency.
    budget_minor: Mapped[Minor | None]

    customer: Mapped[Party | None] = relationship(lazy="raise", viewonly=True)
    tasks: Mapped[list["ProjectTask"]] = relationship(lazy="raise", order_by="ProjectTask.position")


class ProjectTask(Record):
    """A part of a project: by the hour, or for a fixed price that is billed as it proceeds."""

    __tablename__ = "project_task"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        CheckConstraint("planned_hours >= 0", name="planned_hours"),
        CheckConstraint("hourly_price >= 0", name="hourly_price"),
        CheckConstraint("fixed_price_minor >= 0", name="fixed_price"),
        CheckConstraint("hourly_price IS NULL OR fixed_price_minor IS NULL", name="one_price"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("due_on >= starts_on", name="due_after_start"),
        CheckConstraint("after_id <> id", name="after_another"),
    )

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    position: Mapped[int]
    name: Mapped[str]
    planned_hours: Mapped[Decimal] = mapped_column(Numeric(12, HOURS_DIGITS), default=Decimal(0))
    hourly_price: Mapped[UnitPrice | None]
    fixed_price_minor: Mapped[Minor | None]
    # Percent that is done; what is billed by progress follows it.
    progress: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None]
    # The task that has to be done before.
    after_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project_task.id"), index=True)


class HourlyCost(Record):
    """What an hour of somebody costs us from a day on, in the company's currency."""

    __tablename__ = "hourly_cost"
    __table_args__ = (
        UniqueConstraint("party_id", "starts_on"),
        CheckConstraint("cost_per_hour >= 0", name="cost"),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    starts_on: Mapped[date]
    cost_per_hour: Mapped[UnitPrice]


class TimeEntry(Record):
    """Hours that somebody worked on a project, at what they cost and what they are billed at.

    Nobody works on two things at one time: where the hours have a beginning, the database says so.
    What was billed does not change any more.
    """

    __tablename__ = "time_entry"
    __table_args__ = (
        CheckConstraint("hours > 0 AND hours <= 24", name="hours"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="from_and_to"),
        CheckConstraint("cost_per_hour >= 0", name="cost"),
        CheckConstraint("price_per_hour >= 0", name="price"),
        CheckConstraint("removed_because IS NULL OR invoice_number IS NULL", name="billed_counts"),
        Index(None, "party_id", "worked_on"),
        Index(None, "project_id", "invoice_number"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project_task.id"), index=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    worked_on: Mapped[date]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    hours: Mapped[Decimal] = mapped_column(Numeric(8, HOURS_DIGITS))
    note: Mapped[str]
    cost_per_hour: Mapped[UnitPrice]
    # In the project's currency; none where the hours are not billed.
    price_per_hour: Mapped[UnitPrice | None]
    invoice_number: Mapped[str | None] = mapped_column(index=True)
    # Why it counts no longer, where it does not.
    removed_because: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", viewonly=True)


class ProgressBilled(Record):
    """How much of a task an invoice billed by its progress: taken back when that is credited."""

    __tablename__ = "progress_billed"
    __table_args__ = (
        UniqueConstraint("task_id", "invoice_number"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_task.id"))
    invoice_number: Mapped[str] = mapped_column(index=True)
    amount_minor: Mapped[Minor]


never_at_once(
    TimeEntry.__table__,
    "party_id",
    "tstzrange(starts_at, ends_at, '[)')",
    where="starts_at IS NOT NULL AND removed_because IS NULL",
)
after_create(
    TimeEntry.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_change_of_billed_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.invoice_number IS NOT NULL AND (TG_OP = 'DELETE' OR
            (NEW.hours, NEW.price_per_hour, NEW.project_id, NEW.party_id, NEW.worked_on)
            IS DISTINCT FROM
            (OLD.hours, OLD.price_per_hour, OLD.project_id, OLD.party_id, OLD.worked_on)) THEN
            RAISE EXCEPTION 'time that was billed does not change';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER billed_time_stays BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_billed_time()
    """,
)
