"""What one can do with projects: open them, plan tasks, note hours and progress, bill them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import timesheets
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number, resolved
from core.kernel.numbering import next_number
from core.parties import Customer, Party
from core.projects import rules
from core.projects.errors import (
    DatesInReverse,
    NoHourlyCost,
    ProgressBelowBilled,
    ProjectClosed,
    ProjectOpen,
    TaskExists,
    TasksInCircle,
    TaskWaits,
    TwoPrices,
    UnknownProject,
    UnknownTask,
    WorkedBeforeProject,
)
from core.projects.events import (
    HourlyCostSet,
    ProjectMoved,
    ProjectOpened,
    TaskAdded,
    TaskProgressed,
)
from core.projects.tables import (
    Billing,
    HourlyCost,
    ProgressBilled,
    Project,
    ProjectState,
    ProjectTask,
)
from core.timesheets import OnProject, TimeEntry


@dataclass(frozen=True)
class TaskDraft:
    """What a task is planned to be: hours at a price, or a fixed price."""

    name: str
    planned_hours: Decimal = Decimal(0)
    hourly_price: Decimal | None = None
    fixed_price: Money | None = None
    starts_on: date | None = None
    due_on: date | None = None
    after: str | None = None


def open_project(
    session: Session,
    *,
    name: str,
    customer: Customer | None = None,
    name_zh: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    currency: str | None = None,
    planned_hours: Decimal = Decimal(0),
    hourly_price: Decimal | None = None,
    billing: Billing = Billing.TIME,
    budget: Money | None = None,
) -> Project:
    """Open a project; hours and price given here are of what is planned beside its tasks."""
    ours = company(session)
    starts = starts_on or ours.today
    if ends_on is not None and ends_on < starts:
        raise DatesInReverse(starts_on=starts, ends_on=ends_on)
    project = Project(
        number=next_number(session, "PJ"),
        name=name,
        name_zh=name_zh,
        state=ProjectState.OPEN,
        customer_id=customer.party_id if customer else None,
        starts_on=starts,
        ends_on=ends_on,
        currency=currency or ours.currency,
        billing=billing,
        budget_minor=budget.minor if budget else None,
        tasks=[],
    )
    if planned_hours or hourly_price is not None:
        own = ProjectTask(
            position=0,
            name=name,
            planned_hours=planned_hours,
            hourly_price=hourly_price,
            progress=Decimal(0),
        )
        project.tasks.append(own)
    session.add(project)
    terms = [
        f"{plain(planned_hours)} h" if planned_hours else "",
        f"{plain(hourly_price)} {project.currency}/h" if hourly_price is not None else "",
        f"≤ {budget}" if budget else "",
        f"{starts} – {ends_on or ''}",
    ]
    fact = ProjectOpened(
        number=project.number,
        called=name,
        customer=session.get_one(Party, customer.party_id).name if customer else "",
        terms=tuple(term for term in terms if term),
    )
    events.record(session, fact)
    session.flush()
    return project


def find_project(session: Session, number: str, *, lock: bool = False) -> Project:
    """Return the project that a number or a name means, with its tasks and its customer."""
    among = select(Project.number, Project.name, Project.name_zh)
    meant = resolved(session, among, canonical_number(number), UnknownProject)
    wanted = (
        select(Project)
        .where(Project.number == meant)
        .options(selectinload(Project.tasks), selectinload(Project.customer))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted.with_for_update(of=Project) if lock else wanted).one()


def find_task(project: Project, said: str) -> ProjectTask:
    """Return a task by its name or its position."""
    meant = said.strip().casefold()
    for task in project.tasks:
        if meant in {task.name.casefold(), str(task.position)}:
            return task
    named = ", ".join(f"{task.position} {task.name}" for task in project.tasks)
    raise UnknownTask(project=project.number, task=said, tasks=named or "–")


def close_project(session: Session, number: str, *, because: str = "") -> Project:
    """Close a project: nobody works on it any more; what is not billed still can be."""
    return _move(session, number, ProjectState.CLOSED, because)


def reopen_project(session: Session, number: str, *, because: str = "") -> Project:
    """Open a closed project again."""
    return _move(session, number, ProjectState.OPEN, because)


def _move(session: Session, number: str, state: ProjectState, because: str) -> Project:
    project = find_project(session, number, lock=True)
    if project.state is state:
        refusal = ProjectOpen if state is ProjectState.OPEN else ProjectClosed
        raise refusal(project=project.number)
    fact = ProjectMoved(project.number, project.state, state, because)
    project.state = state
    events.record(session, fact)
    session.flush()
    return project


def add_task(session: Session, number: str, draft: TaskDraft) -> ProjectTask:
    """Add a task to an open project."""
    project = _open(session, number)
    if any(task.name.casefold() == draft.name.casefold() for task in project.tasks):
        raise TaskExists(project=project.number, task=draft.name)
    if draft.hourly_price is not None and draft.fixed_price is not None:
        raise TwoPrices
    starts = draft.starts_on or project.starts_on
    if draft.due_on is not None and draft.due_on < starts:
        raise DatesInReverse(starts_on=starts, ends_on=draft.due_on)
    before = find_task(project, draft.after) if draft.after else None
    task = ProjectTask(
        project_id=project.id,
        position=max((each.position for each in project.tasks), default=0) + 1,
        name=draft.name,
        planned_hours=draft.planned_hours,
        hourly_price=draft.hourly_price,
        fixed_price_minor=draft.fixed_price.minor if draft.fixed_price else None,
        progress=Decimal(0),
        starts_on=draft.starts_on,
        due_on=draft.due_on,
        after_id=before.id if before else None,
    )
    project.tasks.append(task)
    terms = [
        f"{plain(draft.planned_hours)} h" if draft.planned_hours else "",
        f"{plain(draft.hourly_price)} {project.currency}/h" if draft.hourly_price else "",
        str(draft.fixed_price or ""),
        f"→ {draft.due_on}" if draft.due_on else "",
        f"> {before.name}" if before else "",
    ]
    fact = TaskAdded(project.number, task.name, tuple(term for term in terms if term))
    events.record(session, fact)
    session.flush()
    return task


def order_tasks(session: Session, number: str, task: str, *, after: str) -> ProjectTask:
    """Let a task wait for another; a circle of tasks is refused."""
    project = _open(session, number)
    later, earlier = find_task(project, task), find_task(project, after)
    by_id = {each.id: each for each in project.tasks}
    above: ProjectTask | None = earlier
    while above is not None:
        if above.id == later.id:
            raise TasksInCircle(task=later.name, before=earlier.name)
        above = by_id.get(above.after_id) if above.after_id else None
    later.after_id = earlier.id
    events.record(session, TaskAdded(project.number, later.name, (f"> {earlier.name}",)))
    session.flush()
    return later


def set_progress(session: Session, number: str, task: str, *, percent: Decimal) -> ProjectTask:
    """Say how much of a task is done, in percent of all of it."""
    project = _open(session, number)
    found = find_task(project, task)
    by_id = {each.id: each for each in project.tasks}
    waits_for = by_id.get(found.after_id) if found.after_id else None
    if waits_for is not None and percent > 0 and waits_for.progress < rules.ALL:
        raise TaskWaits(task=found.name, before=waits_for.name)
    billed = progress_billed(session, [found.id]).get(found.id, 0)
    plan = plan_of(project, found, percent)
    rounding = company(session).rounding
    if rules.earned(plan, project.currency, rounding).minor < billed:
        planned = rules.planned_revenue(plan, project.currency, rounding)
        share = rules.ALL * billed / planned.minor if planned.minor else rules.ALL
        raise ProgressBelowBilled(
            task=found.name, billed=plain(round(share, 2)), progress=plain(percent)
        )
    fact = TaskProgressed(project.number, found.name, found.progress, percent)
    found.progress = percent
    events.record(session, fact)
    session.flush()
    return found


def plan_of(project: Project, task: ProjectTask, progress: Decimal | None = None) -> rules.Plan:
    """Return what a task is planned to be, at its progress or at another."""
    fixed = task.fixed_price_minor
    return rules.Plan(
        task.planned_hours,
        task.hourly_price if task.hourly_price is not None else own_price(project),
        Money(fixed, project.currency) if fixed is not None else None,
        task.progress if progress is None else progress,
    )


def own_price(project: Project) -> Decimal | None:
    """Return the price of an hour that no task has one for."""
    return next((task.hourly_price for task in project.tasks if task.position == 0), None)


def progress_billed(session: Session, tasks: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how much of tasks was billed by their progress, in minor units."""
    wanted = (
        select(ProgressBilled.task_id, total(ProgressBilled.amount_minor))
        .where(ProgressBilled.task_id.in_(tasks))
        .group_by(ProgressBilled.task_id)
    )
    return {task: int(minor) for task, minor in session.execute(wanted)}


def set_hourly_cost(
    session: Session, who: Party, *, cost_per_hour: Decimal, starts_on: date | None = None
) -> HourlyCost:
    """Say what an hour of somebody costs us from a day on; hours noted before keep their cost."""
    starts = starts_on or company(session).today
    known = session.scalars(
        select(HourlyCost)
        .where(HourlyCost.party_id == who.id, HourlyCost.starts_on <= starts)
        .order_by(HourlyCost.starts_on.desc())
        .limit(1)
    ).one_or_none()
    before = plain(known.cost_per_hour) if known else ""
    if known is not None and known.starts_on == starts:
        known.cost_per_hour = cost_per_hour
        kept = known
    else:
        kept = HourlyCost(party_id=who.id, starts_on=starts, cost_per_hour=cost_per_hour)
        session.add(kept)
    fact = HourlyCostSet(who.name, starts.isoformat(), before, plain(cost_per_hour))
    events.record(session, fact)
    session.flush()
    return kept


def log_time(
    session: Session,
    number: str,
    who: Party,
    *,
    hours: Decimal,
    worked_on: date | None = None,
    starts_at: datetime | None = None,
    task: str | None = None,
    note: str = "",
    billable: bool = True,
) -> TimeEntry:
    """Note that somebody worked on a project; with a beginning, nothing else at that time.

    It costs what an hour of them costs on that day, and is billed at the price of its task, or of
    the project; hours of a task with a fixed price are not billed by themselves.
    """
    project = _open(session, number)
    found = find_task(project, task) if task else _own_task(project)
    day = timesheets.require_worked(session, hours, worked_on=worked_on, starts_at=starts_at)
    if day < project.starts_on:
        raise WorkedBeforeProject(project=project.number, starts_on=project.starts_on, day=day)
    is_priced = project.billing is Billing.TIME and (
        found is None or found.fixed_price_minor is None
    )
    price = plan_of(project, found).hourly_price if found else own_price(project)
    work = OnProject(
        project_id=project.id,
        project=f"{project.number} {project.name}",
        cost_per_hour=_cost_on(session, who, day),
        currency=project.currency,
        task_id=found.id if found else None,
        task=found.name if found and found.position else "",
        price_per_hour=price if is_priced and billable else None,
    )
    return timesheets.log_hours(
        session, who, hours, worked_on=day, starts_at=starts_at, note=note, work=work
    )


def _open(session: Session, number: str) -> Project:
    project = find_project(session, number, lock=True)
    if project.state is ProjectState.CLOSED:
        raise ProjectClosed(project=project.number)
    return project


def _own_task(project: Project) -> ProjectTask | None:
    return next((task for task in project.tasks if task.position == 0), None)


def _cost_on(session: Session, who: Party, day: date) -> Decimal:
    found = session.scalars(
        select(HourlyCost.cost_per_hour)
        .where(HourlyCost.party_id == who.id, HourlyCost.starts_on <= day)
        .order_by(HourlyCost.starts_on.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NoHourlyCost(who=who.name, day=day)
    return found
