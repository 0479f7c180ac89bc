"""Projects: what is to be done for whom, the hours that were worked, and what is billed of them.

Invariants: nobody works on two things at one time, nor more than a day has hours; an hour and a
part of a fixed price are billed once, and what was billed does not change until its invoice is
credited. An hour keeps the cost and the price that it had when it was noted.
"""

from core.projects.billing import credit_invoice, invoice_project, is_of_project
from core.projects.queries import ProjectStanding, TaskStanding, project_standing
from core.projects.service import (
    TaskDraft,
    add_task,
    close_project,
    find_project,
    find_task,
    find_time,
    log_time,
    open_project,
    order_tasks,
    remove_time,
    reopen_project,
    set_hourly_cost,
    set_progress,
)
from core.projects.tables import (
    Billing,
    HourlyCost,
    ProgressBilled,
    Project,
    ProjectState,
    ProjectTask,
    TimeEntry,
)

__all__ = [
    "Billing",
    "HourlyCost",
    "ProgressBilled",
    "Project",
    "ProjectStanding",
    "ProjectState",
    "ProjectTask",
    "TaskDraft",
    "TaskStanding",
    "TimeEntry",
    "add_task",
    "close_project",
    "credit_invoice",
    "find_project",
    "find_task",
    "find_time",
    "invoice_project",
    "is_of_project",
    "log_time",
    "open_project",
    "order_tasks",
    "project_standing",
    "remove_time",
    "reopen_project",
    "set_hourly_cost",
    "set_progress",
]
