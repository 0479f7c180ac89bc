"""When an opportunity has stalled: said once, for the list, the watcher and the metric."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.crm.opportunities.tables import Opportunity, StageChange
from core.crm.tables import Activity
from core.crm.tasks.tables import Task, TaskState


def _latest(
    day: ColumnElement[Any] | InstrumentedAttribute[Any], *where: ColumnElement[bool]
) -> ColumnElement[date]:
    wanted = select(func.max(day)).where(*where)
    return wanted.correlate(Opportunity).scalar_subquery()


# When something happened last: it was opened or moved, somebody was in touch, a task was done.
LAST_ON: ColumnElement[date] = func.greatest(
    Opportunity.opened_on,
    _latest(StageChange.moved_on, StageChange.opportunity_id == Opportunity.id),
    _latest(
        cast(func.timezone("UTC", Activity.happened_at), Date),
        Activity.opportunity_id == Opportunity.id,
    ),
    _latest(Task.closed_on, Task.opportunity_id == Opportunity.id, Task.state == TaskState.DONE),
)
# Until when something is planned.
PLANNED_ON = _latest(
    Task.due_on, Task.opportunity_id == Opportunity.id, Task.state == TaskState.OPEN
)


def has_stalled(
    today: ColumnElement[date],
    *,
    last_on: ColumnElement[Any],
    planned_on: ColumnElement[Any],
    close_on: ColumnElement[Any] | InstrumentedAttribute[date],
    stale_days: ColumnElement[Any] | InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Tell whether what is open has been quiet for too long, or is overdue, and nothing is planned.

    What is planned counts as long as it is still due.
    """
    quiet = or_(today - last_on > stale_days, close_on < today)
    return and_(quiet, ~func.coalesce(planned_on >= today, literal(False)))
