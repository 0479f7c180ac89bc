"""Tasks: calls, meetings and things to do, with a day, an owner and what they are about.

What is done with somebody becomes an activity. A calendar reads a person's tasks under a secret
address of their own, of which only the hash is kept.
"""

from core.crm.tasks.queries import (
    TaskView,
    calendar_feed,
    is_to_remind,
    list_tasks,
    tasks_to_remind,
    view_task,
)
from core.crm.tasks.service import (
    NOTHING,
    About,
    cancel_task,
    change_task,
    close_calendar,
    find_task,
    finish_task,
    open_calendar,
    person_of_calendar,
    plan_task,
    remind,
)
from core.crm.tasks.tables import Task, TaskKind, TaskState

__all__ = [
    "NOTHING",
    "About",
    "Task",
    "TaskKind",
    "TaskState",
    "TaskView",
    "calendar_feed",
    "cancel_task",
    "change_task",
    "close_calendar",
    "find_task",
    "finish_task",
    "is_to_remind",
    "list_tasks",
    "open_calendar",
    "person_of_calendar",
    "plan_task",
    "remind",
    "tasks_to_remind",
    "view_task",
]
