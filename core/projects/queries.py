"""Questions about projects: how one stands, in hours, cost, and what it brings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, Rounding
from core.projects import rules
from core.projects.service import find_project, plan_of, progress_billed
from core.projects.tables import Billing, ProgressBilled, Project, ProjectTask
from core.timesheets import TimeEntry


@dataclass(frozen=True)
class TaskStanding:
    """How a task stands; cost in the company's currency, the rest in the project's."""

    position: int
    name: str
    planned_hours: Decimal
    worked_hours: Decimal
    cost: Money
    planned_revenue: Money
    progress: Decimal


@dataclass(frozen=True)
class ProjectStanding:
    """How a project stands; cost and budget in the company's currency, the rest in its own."""

    number: str
    name: str
    customer: str | None
    tasks: tuple[TaskStanding, ...]
    worked_hours: Decimal
    cost: Money
    budget: Money | None
    planned_revenue: Money
    billed: Money
    unbilled: Money

    @property
    def profit(self) -> Money | None:
        """What the plan brings beyond what it cost so far, where both are in one currency."""
        if self.planned_revenue.currency != self.cost.currency:
            return None
        return self.planned_revenue - self.cost


def project_standing(session: Session, number: str) -> ProjectStanding:
    """Return how a project stands, task by task, from the hours that were noted."""
    project = find_project(session, number)
    ours = company(session)
    worked: defaultdict[UUID | None, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    unbilled: list[tuple[Decimal, Decimal | None]] = []
    wanted = select(
        TimeEntry.task_id,
        TimeEntry.hours,
        TimeEntry.cost_per_hour,
        TimeEntry.price_per_hour,
        TimeEntry.invoice_number,
    ).where(TimeEntry.project_id == project.id, TimeEntry.removed_because.is_(None))
    for task_id, hours, cost, price, invoice in session.execute(wanted):
        worked[task_id].append((hours, cost or Decimal(0)))
        if invoice is None:
            unbilled.append((hours, price))
    tasks = tuple(
        TaskStanding(
            position=task.position,
            name=task.name,
            planned_hours=task.planned_hours,
            worked_hours=_hours(worked[task.id]),
            cost=rules.at_rates(worked[task.id], ours.currency, ours.rounding),
            planned_revenue=_planned(project, task, ours.rounding),
            progress=task.progress,
        )
        for task in project.tasks
    )
    everything = [each for part in worked.values() for each in part]
    revenue = sum((task.planned_revenue.minor for task in tasks), 0)
    ahead = sum((left.minor for _, left in progress_left(session, project)), 0)
    return ProjectStanding(
        number=project.number,
        name=project.name,
        customer=project.customer.name if project.customer else None,
        tasks=tasks,
        worked_hours=_hours(everything),
        cost=rules.at_rates(everything, ours.currency, ours.rounding),
        budget=None if project.budget_minor is None else Money(project.budget_minor, ours.currency),
        planned_revenue=Money(revenue, project.currency),
        billed=billed_of(session, project),
        unbilled=rules.at_rates(unbilled, project.currency, ours.rounding)
        + Money(ahead, project.currency),
    )


def billed_of(session: Session, project: Project) -> Money:
    """Return what of a project is billed, before tax, in its currency."""
    hours = session.execute(
        select(TimeEntry.hours, TimeEntry.price_per_hour).where(
            TimeEntry.project_id == project.id, TimeEntry.invoice_number.is_not(None)
        )
    ).all()
    progressed = session.scalars(
        select(total(ProgressBilled.amount_minor))
        .join(ProjectTask, ProjectTask.id == ProgressBilled.task_id)
        .where(ProjectTask.project_id == project.id)
    ).one()
    rounding = company(session).rounding
    by_hours = rules.at_rates([(h, p) for h, p in hours], project.currency, rounding)
    return by_hours + Money(int(progressed or 0), project.currency)


def progress_left(session: Session, project: Project) -> list[tuple[ProjectTask, Money]]:
    """Return the tasks that are billed by their progress, and what of each is not billed yet."""
    rounding = company(session).rounding
    tasks = [
        task
        for task in project.tasks
        if project.billing is Billing.PROGRESS or task.fixed_price_minor is not None
    ]
    billed = progress_billed(session, [task.id for task in tasks])
    return [
        (
            task,
            rules.earned(plan_of(project, task), project.currency, rounding)
            - Money(billed.get(task.id, 0), project.currency),
        )
        for task in tasks
    ]


def _planned(project: Project, task: ProjectTask, rounding: Rounding) -> Money:
    return rules.planned_revenue(plan_of(project, task), project.currency, rounding)


def _hours(worked: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    return sum((hours for hours, _ in worked), Decimal(0))
