"""Time: shifts, when people come and go, what they do, and what is overtime.

Invariants: nobody is here twice; nobody works two shifts at once; a day has 24 hours.
"""

from core.hr.time.service import (
    Overtime,
    add_shift,
    check_in,
    check_out,
    hours_on,
    log_hours,
    overtime,
    plan_shift,
    set_overtime_rule,
    shift_hours,
)
from core.hr.time.tables import (
    Attendance,
    DayKind,
    OvertimeRule,
    Shift,
    ShiftPlan,
    TimesheetLine,
)

__all__ = [
    "Attendance",
    "DayKind",
    "Overtime",
    "OvertimeRule",
    "Shift",
    "ShiftPlan",
    "TimesheetLine",
    "add_shift",
    "check_in",
    "check_out",
    "hours_on",
    "log_hours",
    "overtime",
    "plan_shift",
    "set_overtime_rule",
    "shift_hours",
]
