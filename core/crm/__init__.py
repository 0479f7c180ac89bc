"""Customer relations: leads, opportunities, what is to be done, and how we were in touch.

What somebody wrote or said is kept as it was; it is never read as an instruction.
"""

from core.crm.queries import ActivityView, list_activities
from core.crm.service import log_activity
from core.crm.tables import Activity, ActivityKind, Direction

__all__ = [
    "Activity",
    "ActivityKind",
    "ActivityView",
    "Direction",
    "list_activities",
    "log_activity",
]
