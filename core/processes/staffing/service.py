"""Bring somebody in, or let them go, with everything that has to be done for it.

A workflow is rows, not a program that runs: each task is done once, in a transaction of its own,
and whatever dies in between goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.hr import Employee
from core.hr.employment import lock_employee, rights
from core.kernel import clock, events
from core.kernel.database import acting
from core.kernel.identity.acting import SYSTEM
from core.kernel.identity.roles import Role
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.processes.staffing import errors
from core.processes.staffing.events import StaffingStarted, StaffTaskMoved
from core.processes.staffing.tables import StaffTask, StaffWorkflow, TaskState, WorkflowKind

TASKS_MAX = 200


@dataclass(frozen=True)
class Step:
    """A task of the usual way: whose it is, and how many days from the day it is due."""

    title: str
    title_zh: str
    owner: Role
    days: int


USUAL = {
    WorkflowKind.ONBOARDING: (
        Step("sign the contract", "签订合同", Role.HR, -7),
        Step("keep identity and insurance numbers", "登记证件与社保号码", Role.HR, -3),
        Step("open an account with its roles", "开通账号并设置角色", Role.ADMIN, -1),
        Step("prepare the place of work", "准备工位与设备", Role.MANAGER, -1),
        Step("set pay and leave", "设定薪资与假期", Role.HR, 0),
        Step("welcome and introduce", "迎新与介绍", Role.MANAGER, 0),
        Step("talk at the end of the first month", "满月谈话", Role.MANAGER, 30),
    ),
    WorkflowKind.OFFBOARDING: (
        Step("hand over the work", "工作交接", Role.MANAGER, -5),
        Step("take back equipment and keys", "收回设备与钥匙", Role.MANAGER, 0),
        Step("close the account", "关闭账号", Role.ADMIN, 0),
        Step("settle leave and expenses", "结清假期与费用", Role.HR, 0),
        Step("pay what is due at the end", "支付离职应付款", Role.HR, 5),
        Step("write the certificate", "开具离职证明", Role.HR, 5),
    ),
}


def start_workflow(
    session: Session,
    employee: Employee,
    kind: WorkflowKind,
    *,
    day: date,
    steps: Sequence[Step] | None = None,
) -> StaffWorkflow:
    """Note everything that has to be done for who comes or leaves; once, however often asked."""
    lock_employee(session, employee.id)
    known = session.scalar(
        select(StaffWorkflow.number).where(
            StaffWorkflow.employee_id == employee.id, StaffWorkflow.kind == kind
        )
    )
    if known is not None:
        return find_workflow(session, known)
    chosen = USUAL[kind] if steps is None else steps
    workflow = StaffWorkflow(
        number=next_number(session, "WF"),
        kind=kind,
        employee_id=employee.id,
        employee=employee,
        day=day,
        tasks=[
            StaffTask(
                position=position,
                title=step.title,
                title_zh=step.title_zh,
                owner=step.owner,
                due_on=day + timedelta(days=step.days),
            )
            for position, step in enumerate(chosen, start=1)
        ],
    )
    session.add(workflow)
    fact = StaffingStarted(
        workflow.number, kind, employee.party.name, tuple(step.title for step in chosen)
    )
    events.record(session, fact)
    session.flush()
    return workflow


def find_workflow(session: Session, number: str, *, lock: bool = False) -> StaffWorkflow:
    """Return a workflow with its employee and tasks, as it is stored now."""
    options = (
        joinedload(StaffWorkflow.employee).joinedload(Employee.party),
        selectinload(StaffWorkflow.tasks),
    )
    unknown = errors.UnknownWorkflow(number=number)
    return find_numbered(session, StaffWorkflow, number, *options, unknown=unknown, locked=lock)


def finish_task(
    session: Session, number: str, position: int, *, is_needed: bool = True
) -> StaffWorkflow:
    """Note that a task is done, or that it is not needed; when none is open, all is done."""
    workflow = find_workflow(session, number, lock=True)
    task = next((each for each in workflow.tasks if each.position == position), None)
    if task is None:
        raise errors.UnknownTask(
            number=workflow.number, position=position, count=len(workflow.tasks)
        )
    if task.state is not TaskState.OPEN:
        raise errors.TaskDone(number=workflow.number, position=position, state=task.state)
    actor = acting(session).actor
    may = actor.roles & {task.owner, Role.ADMIN, Role.HR, *SYSTEM.actor.roles}
    if not may or rights.is_own(actor, workflow.employee):
        raise errors.NotTheirTask(number=workflow.number, position=position, owner=task.owner)
    task.state = TaskState.DONE if is_needed else TaskState.SKIPPED
    task.done_by, task.done_at = actor.human, clock.now()
    is_last = all(each.state is not TaskState.OPEN for each in workflow.tasks)
    if is_last:
        workflow.finished_at = clock.now()
    fact = StaffTaskMoved(workflow.number, position, task.title, task.state, is_last)
    events.record(session, fact)
    session.flush()
    return workflow


def open_tasks(
    session: Session, *, owner: str | None = None, due_by: date | None = None
) -> list[tuple[StaffTask, StaffWorkflow]]:
    """Return what is still to be done, the most urgent first."""
    wanted = (
        select(StaffTask, StaffWorkflow)
        .join(StaffWorkflow, StaffWorkflow.id == StaffTask.workflow_id)
        .options(joinedload(StaffWorkflow.employee).joinedload(Employee.party))
        .where(StaffTask.state == TaskState.OPEN)
        .order_by(StaffTask.due_on, StaffWorkflow.number, StaffTask.position)
        .limit(TASKS_MAX)
    )
    if owner is not None:
        wanted = wanted.where(StaffTask.owner == owner)
    if due_by is not None:
        wanted = wanted.where(StaffTask.due_on <= due_by)
    return [(task, workflow) for task, workflow in session.execute(wanted)]
