"""Projects: what is to be done for whom, the hours that were worked, and what is billed of them.

Invariants: an hour and a part of a fixed price are billed once, and what was billed does not
change until its invoice is credited. Hours stand in the ledger of timesheets; there, an hour of a
project keeps the cost and the price that it had when it was noted.
"""

from core.projects.billing import credit_invoice, invoice_project, is_of_project
from core.projects.queries import ProjectStanding, TaskStanding, project_standing
from core.projects.service import (
    TaskDraft,
    add_task,
    close_project,
    find_project,
    find_task,
    log_time,
    open_project,
    order_tasks,
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
    "add_task",
    "close_project",
    "credit_invoice",
    "find_project",
    "find_task",
    "invoice_project",
    "is_of_project",
    "log_time",
    "open_project",
    "order_tasks",
    "project_standing",
    "reopen_project",
    "set_hourly_cost",
    "set_progress",
]
