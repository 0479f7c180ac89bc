"""Calendars: when somewhere is open, which days are holidays, and business time between instants.

A calendar has hours by weekday as local times of a time zone, and takes its holidays from a region:
free days, half days, and days that are worked instead of others. Deadlines, leave, payroll,
schedules and delivery promises count with it.

Invariants: the hours of a calendar do not overlap; one calendar is the standard one; a region says
one thing of a day; each moment of open time counts once, over weekends, holidays and both changes
of the clock.
"""

from core.kernel.calendars.errors import NeverOpens, UnknownCalendar
from core.kernel.calendars.queries import (
    code_of_standard,
    find_calendar,
    find_row,
    hours_said,
    list_calendars,
    special_days,
    usual_calendar,
)
from core.kernel.calendars.rules import Calendar, Hours, SpecialDay, instant_at
from core.kernel.calendars.service import (
    Week,
    call_off_holiday,
    find_holiday,
    make_standard,
    open_calendar,
    set_holiday,
    set_hours,
)
from core.kernel.calendars.tables import BusinessCalendar, Holiday, OpeningHours

__all__ = [
    "BusinessCalendar",
    "Calendar",
    "Holiday",
    "Hours",
    "NeverOpens",
    "OpeningHours",
    "SpecialDay",
    "UnknownCalendar",
    "Week",
    "call_off_holiday",
    "code_of_standard",
    "find_calendar",
    "find_holiday",
    "find_row",
    "hours_said",
    "instant_at",
    "list_calendars",
    "make_standard",
    "open_calendar",
    "set_holiday",
    "set_hours",
    "special_days",
    "usual_calendar",
]
