"""Hours of employees: noted once, on a project or beside any, by whoever may note theirs."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core import hr, projects, timesheets
from core.hr import Employee
from core.hr import time as working
from core.hr.employment import employment_on
from core.kernel.database import acting
from core.kernel.identity.roles import Role
from core.timesheets import TimeEntry

# Who leads projects notes the hours of those who work on them.
LEADERS: frozenset[str] = frozenset({Role.MANAGER, Role.ADMIN, Role.SALES, Role.SERVICE})


@dataclass(frozen=True)
class Worked:
    """What somebody worked, when, and on what."""

    hours: Decimal
    day: date | None = None
    starts_at: datetime | None = None
    project: str | None = None
    task: str | None = None
    note: str = ""
    billable: bool = True


def log_hours(session: Session, employee: Employee, worked: Worked) -> TimeEntry:
    """Note hours of an employee in the one ledger; of a project, at its cost and its price."""
    if worked.project is None:
        return working.log_hours(
            session,
            employee,
            worked.hours,
            activity=worked.note,
            day=worked.day,
            starts_at=worked.starts_at,
        )
    _require_noting(session, employee)
    day = timesheets.require_worked(
        session, worked.hours, worked_on=worked.day, starts_at=worked.starts_at
    )
    employment_on(session, employee.id, day)
    return projects.log_time(
        session,
        worked.project,
        employee.party,
        hours=worked.hours,
        worked_on=day,
        starts_at=worked.starts_at,
        task=worked.task,
        note=worked.note,
        billable=worked.billable,
    )


def remove_hours(session: Session, number: str, *, because: str) -> TimeEntry:
    """Take hours away that were not worked, by whoever may note them."""
    entry = timesheets.find_hours(session, number)
    employee = hr.employee_of_party(session, entry.party_id)
    if employee is not None:
        if entry.project_id is None:
            working.require_theirs(session, employee)
        else:
            _require_noting(session, employee)
    return timesheets.remove_hours(session, entry.number, because=because)


def _require_noting(session: Session, employee: Employee) -> None:
    if not acting(session).actor.roles & LEADERS:
        working.require_theirs(session, employee)
