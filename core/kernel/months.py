"""Counting in months: said once, for everything that is due, ends or repeats by the month."""

import calendar
from datetime import date

MONTHS_OF_A_YEAR = 12


def add_months(day: date, months: int) -> date:
    """Return the same day some months on or back, or the last day of a shorter month."""
    year, month = divmod(day.year * MONTHS_OF_A_YEAR + day.month - 1 + months, MONTHS_OF_A_YEAR)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_start(day: date) -> date:
    """Return the first day of the month of a day."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of the month of a day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
