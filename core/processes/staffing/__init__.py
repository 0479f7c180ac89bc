"""Staffing: bring somebody in, or let them go, with everything that has to be done for it."""

from core.processes.staffing.service import (
    USUAL,
    Step,
    find_workflow,
    finish_task,
    open_tasks,
    start_workflow,
)
from core.processes.staffing.tables import StaffTask, StaffWorkflow, TaskState, WorkflowKind

__all__ = [
    "USUAL",
    "StaffTask",
    "StaffWorkflow",
    "Step",
    "TaskState",
    "WorkflowKind",
    "find_workflow",
    "finish_task",
    "open_tasks",
    "start_workflow",
]
