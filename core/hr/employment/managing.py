"""Who manages whom: the line above somebody, the people below them, and the chart of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from core.hr.employment.queries import employee_of_party, on_day
from core.hr.employment.tables import Employment
from core.hr.tables import Employee
from core.kernel.company import today
from core.kernel.identity.acting import Actor
from core.parties import Party

DEPTH_MAX = 50
_ABOVE = text(
    """
    WITH RECURSIVE above (id, depth) AS (
        SELECT manager_id, 1 FROM employment
        WHERE employee_id = :employee AND :day BETWEEN starts_on AND coalesce(ends_on, :day)
        UNION
        SELECT e.manager_id, depth + 1 FROM above JOIN employment AS e ON e.employee_id = above.id
        WHERE :day BETWEEN e.starts_on AND coalesce(e.ends_on, :day) AND depth < :most
    ) SELECT id FROM above WHERE id IS NOT NULL ORDER BY depth
    """
).bindparams(bindparam("most", DEPTH_MAX))


@dataclass(frozen=True)
class Place:
    """Somebody's place in the chart: how far below the top, and under whom."""

    employee: str
    name: str
    name_zh: str | None
    job_title: str
    manager: str | None
    depth: int
    path: tuple[str, ...]


def managers_above(session: Session, employee_id: UUID, day: date) -> Sequence[UUID]:
    """Return the managers of somebody on a day, the nearest first."""
    return session.scalars(_ABOVE, {"employee": employee_id, "day": day}).all()


def party_and_line(session: Session, employee: Employee) -> frozenset[UUID]:
    """Return the party of an employee and those of all who stand above them today."""
    above = managers_above(session, employee.id, today(session))
    wanted = select(Employee.party_id).where(Employee.id.in_(above))
    return frozenset({employee.party_id, *session.scalars(wanted)})


def is_manager_of(session: Session, actor: Actor, employee: Employee) -> bool:
    """Tell whether somebody stands above an employee today."""
    theirs = employee_of_party(session, actor.party_id)
    if theirs is None or theirs.id == employee.id:
        return False
    return theirs.id in managers_above(session, employee.id, today(session))


def org_chart(session: Session, day: date, *, under: Employee | None = None) -> list[Place]:
    """Return who works under whom on a day, each manager before their people."""
    wanted = (
        select(Employee.id, Employee.number, Party.name, Party.name_zh, Employment)
        .join(Employee, Employee.id == Employment.employee_id)
        .join(Party, Party.id == Employee.party_id)
        .where(on_day(Employment, day))
        .order_by(Employee.number)
    )
    rows = {row[0]: row for row in session.execute(wanted)}
    below: dict[UUID | None, list[UUID]] = {}
    for key, *_, terms in rows.values():
        # Whose manager is not here any more stands at the top until somebody else is named.
        above = terms.manager_id if terms.manager_id in rows else None
        below.setdefault(above, []).append(key)
    found: list[Place] = []

    def place(key: UUID, above: tuple[str, ...]) -> None:
        _, number, name, name_zh, terms = rows[key]
        manager = above[-1] if above else None
        path = (*above, number)
        found.append(Place(number, name, name_zh, terms.job_title, manager, len(above), path))
        for each in below.get(key, ()):
            place(each, path)

    tops = below.get(None, []) if under is None else [under.id] if under.id in rows else []
    for key in tops:
        place(key, ())
    return found
