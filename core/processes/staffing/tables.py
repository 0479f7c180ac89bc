"""Tables of staffing: what has to be done when somebody comes or leaves, by whom and when."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import BELOW, EMPLOYEES_BELOW, OWN, PAY_READERS, Employment
from core.hr.tables import Employee
from core.kernel.database import Record, plain_table
from core.kernel.privacy import private, seen_by


class WorkflowKind(StrEnum):
    """What the tasks are for."""

    ONBOARDING = "onboarding"
    OFFBOARDING = "offboarding"


class TaskState(StrEnum):
    """Whether a task is done."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class StaffWorkflow(Record):
    """Everything that has to be done for one employee who comes or leaves."""

    __tablename__ = "staff_workflow"
    __table_args__ = (
        # Starting it again finds the one that was started.
        UniqueConstraint("employee_id", "kind"),
        CheckConstraint("(finished_at IS NULL) OR finished_at >= created_at", name="in_order"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[WorkflowKind]
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    day: Mapped[date]
    finished_at: Mapped[datetime | None]

    employee: Mapped[Employee] = relationship(lazy="raise")
    tasks: Mapped[list["StaffTask"]] = relationship(lazy="raise", order_by="StaffTask.position")


class StaffTask(Record):
    """One thing to do: whose, by when, and whether it is done."""

    __tablename__ = "staff_task"
    __table_args__ = (
        UniqueConstraint("workflow_id", "position"),
        CheckConstraint("(state = 'open') = (done_by IS NULL)", name="done_by"),
    )

    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_workflow.id"))
    position: Mapped[int]
    title: Mapped[str]
    title_zh: Mapped[str]
    # The role that does it.
    owner: Mapped[str]
    due_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[TaskState] = mapped_column(default=TaskState.OPEN, index=True)
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]


# Who comes is soon known; who leaves is told by them, or by those they work for.
private(StaffWorkflow.__table__, f"{seen_by(PAY_READERS)} OR {OWN} OR {BELOW}", EMPLOYEES_BELOW)
private(StaffTask.__table__, "workflow_id IN (SELECT id FROM staff_workflow)")
plain_table(StaffWorkflow).add_is_dependent_on(plain_table(Employment))
