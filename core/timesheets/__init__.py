"""Timesheets: the one ledger of hours that people worked, on a project or at anything else.

Invariants: nobody works on two things at one time, nor more than a day has hours; what was billed
does not change until its invoice is credited. Overtime, cost and what customers pay all read it.
"""

from core.timesheets.service import (
    OnProject,
    find_hours,
    hours_on,
    log_hours,
    remove_hours,
    require_worked,
)
from core.timesheets.tables import TimeEntry

__all__ = [
    "OnProject",
    "TimeEntry",
    "find_hours",
    "hours_on",
    "log_hours",
    "remove_hours",
    "require_worked",
]
