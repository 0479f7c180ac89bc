"""Steps of projects: hours, progress, what is billed of them, and how a project stands."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core import ledger, parties, projects
from core.kernel.money import Money
from core.ledger.chart import SERVICE_REVENUE
from core.parties import Party
from core.projects import Billing, Project, TaskDraft
from tests.scenarios.books import REPORTS
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import START, World

# Of the currency that a case bills in, where it says only at which rate.
FOREIGN = "GBP"
OWN = "project"


def opened(world: World, case: str = OWN) -> Project:
    """Return a project of the case, opened with its tasks when it is first needed."""
    if case in world.refs:
        return projects.find_project(world.session, world.refs[case])
    given = world.given.get(case, {})
    rate = Decimal(given.get("exchange_rate", "1"))
    currency = world.currency
    if rate != 1:
        currency = FOREIGN
        ledger.set_rate(world.session, FOREIGN, valid_from=START, base_units=rate)
    price = given.get("price_per_hour") or given.get("bill_rate")
    by_progress = any(step["op"] == "invoice_progress" for step in world.case.when)
    project = projects.open_project(
        world.session,
        name=given.get("name", case),
        customer=world.customer(given.get("party")),
        starts_on=START,
        currency=currency,
        planned_hours=Decimal(given.get("hours", "0")),
        hourly_price=Decimal(price) if price else None,
        billing=Billing.PROGRESS if by_progress else Billing.TIME,
    )
    world.refs[case] = project.number
    for task in given.get("tasks", ()):
        fixed, hourly = task.get("fixed_price"), task.get("price_per_hour")
        draft = TaskDraft(
            name=task["id"],
            planned_hours=Decimal(task.get("hours", "0")),
            hourly_price=Decimal(hourly) if hourly else None,
            fixed_price=Money.of(fixed, currency) if fixed else None,
        )
        projects.add_task(world.session, project.number, draft)
    return projects.find_project(world.session, project.number)


def worker(world: World, name: str, cost: str | None = None) -> Party:
    """Return somebody who works on projects, at what an hour of theirs costs."""
    kept = f"worker {name}"
    if kept not in world.refs:
        who = parties.add_party(world.session, name=name)
        hourly = Decimal(cost or world.given.get("employee_cost_per_hour", "0"))
        projects.set_hourly_cost(world.session, who, cost_per_hour=hourly, starts_on=START)
        world.refs[kept] = who
    found: Party = world.refs[kept]
    return found


@operation("cost_rate")
def set_cost(world: World, step: Step) -> None:
    """Let an hour of somebody cost something else from a day on."""
    projects.set_hourly_cost(
        world.session,
        worker(world, step.get("employee", "e1")),
        cost_per_hour=Decimal(step.get("rate") or step["cost_per_hour"]),
        starts_on=date.fromisoformat(step.get("date") or step.get("from") or str(START)),
    )


@operation("log_time")
def log_time(world: World, step: Step) -> None:
    """Note hours of somebody on a task or on the project itself."""
    begun = datetime.fromisoformat(step["from"]).replace(tzinfo=ZoneInfo("UTC"))
    if begun.date() > world.today:
        world.set_today(begun.date())
    project = opened(world)
    entry = projects.log_time(
        world.session,
        project.number,
        worker(world, step.get("employee", "e1")),
        hours=Decimal(step["hours"]),
        worked_on=begun.date(),
        starts_at=begun,
        task=step.get("task"),
        billable=step.get("billable", True),
    )
    world.remember(step, entry)


@operation("progress")
def progress(world: World, step: Step) -> None:
    """Say how much of a task is done."""
    project = opened(world)
    task = step.get("task") or project.tasks[0].name
    said = Decimal(step.get("percent") or step.get("progress", "0"))
    projects.set_progress(world.session, project.number, task, percent=said)


@operation("invoice_time", "invoice_progress")
def invoice(world: World, step: Step) -> None:
    """Invoice what is not billed; a case that says only hours has them worked first."""
    case = step.get("case", OWN)
    project = opened(world, case)
    terms = world.given.get(case, {})
    entries: list[str] | None = None
    if "bill_rate" in terms:
        kept = f"entry {case}"
        if kept not in world.refs:
            who = worker(world, case, terms.get("cost_rate"))
            hours = Decimal(terms["hours"])
            world.refs[kept] = projects.log_time(
                world.session, project.number, who, hours=hours
            ).number
        entries = [world.refs[kept]]
    posted = projects.invoice_project(world.session, project.number, entries=entries)
    world.remember(step, posted)
    standing = projects.project_standing(world.session, project.number)
    if case == OWN:
        note_standing(world)
        return
    rate = terms.get("exchange_rate", "1")
    booked = -ledger.balance(world.session, SERVICE_REVENUE).amount
    world.values[case] = {
        "cost": standing.cost.amount,
        "bill": standing.billed.amount,
        f"base_bill_at_rate_{rate}": booked,
    }


def note_standing(world: World, _step: Step | None = None) -> None:
    """Keep how the project stands, in the words of the cases."""
    standing = projects.project_standing(world.session, world.refs[OWN])
    tasks = [task for task in standing.tasks if task.position]
    world.values |= {
        "project_cost": standing.cost.amount,
        "project_revenue": standing.planned_revenue.amount,
        "hours": standing.worked_hours,
        "billed": standing.billed.amount,
        "unbilled": standing.unbilled.amount,
    }
    if tasks:
        world.values["task_cost"] = tasks[0].cost.amount
    if standing.profit is not None:
        world.values["profit"] = standing.profit.amount
    for task in tasks:
        world.values[f"task_cost_{task.name}"] = task.cost.amount


REPORTS["project"] = note_standing
