"""Tables of projects: what is to be done for whom, what an hour costs, what was billed."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, UnitPrice
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by
from core.parties import Party
from core.timesheets.tables import HOURS_DIGITS

COST_READERS = frozenset({Role.HR, Role.MANAGER, Role.ADMIN, Role.AUDITOR, Role.ACCOUNTANT})


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


# What an hour of somebody costs tells what they are paid; whoever keeps costs reads it.
private(HourlyCost.__table__, seen_by(COST_READERS))
