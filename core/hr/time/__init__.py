"""Time: shifts, when people come and go, and what of the hours on timesheets is overtime.

Invariants: nobody is here twice; nobody works two shifts at once.
"""

from core.hr.time.service import (
    Overtime,
    add_shift,
    check_in,
    check_out,
    log_hours,
    overtime,
    plan_shift,
    require_theirs,
    set_overtime_rule,
    shift_hours,
)
from core.hr.time.tables import (
    Attendance,
    DayKind,
    OvertimeRule,
    Shift,
    ShiftPlan,
)

__all__ = [
    "Attendance",
    "DayKind",
    "Overtime",
    "OvertimeRule",
    "Shift",
    "ShiftPlan",
    "add_shift",
    "check_in",
    "check_out",
    "log_hours",
    "overtime",
    "plan_shift",
    "require_theirs",
    "set_overtime_rule",
    "shift_hours",
]
