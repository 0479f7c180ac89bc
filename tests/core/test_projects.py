"""Projects: hours at their cost and price, progress, and each of them billed exactly once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import ledger, parties, projects
from core.compliance import verify_books
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger.chart import SERVICE_REVENUE
from core.parties import Party
from core.processes import credit
from core.projects import Billing, TaskDraft
from core.projects.errors import (
    DatesInReverse,
    NoCustomer,
    NoHourlyCost,
    NothingToBill,
    ProgressBelowBilled,
    ProjectClosed,
    TaskExists,
    TasksInCircle,
    TaskWaits,
    TwoPrices,
    UnknownProject,
    UnknownTask,
    WorkedBeforeProject,
)
from core.timesheets import TimeEntry, remove_hours
from core.timesheets.errors import (
    DayTooLong,
    TimeBilled,
    TimeOverlaps,
    UnknownTime,
    WorkedInFuture,
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def hour(of_day: int) -> datetime:
    return datetime(2026, 6, 12, of_day, tzinfo=UTC)


@dataclass
class Site:
    session: Session
    number: str
    lena: Party

    def works(self, hours: str, **more: Any) -> TimeEntry:
        given: dict[str, Any] = {"worked_on": date(2026, 6, 12), **more}
        return projects.log_time(
            self.session, self.number, self.lena, hours=Decimal(hours), **given
        )

    def standing(self) -> projects.ProjectStanding:
        return projects.project_standing(self.session, self.number)


@pytest.fixture
def site(session: Session) -> Site:
    acme = parties.add_customer(session, name="Acme")
    lena = parties.add_party(session, name="Lena")
    projects.set_hourly_cost(
        session, lena, cost_per_hour=Decimal("35.5"), starts_on=date(2026, 1, 1)
    )
    project = projects.open_project(
        session,
        name="Website",
        name_zh="网站",
        customer=acme,
        starts_on=date(2026, 6, 1),
        planned_hours=Decimal(10),
        hourly_price=Decimal(90),
    )
    projects.add_task(session, project.number, TaskDraft("Design", fixed_price=eur("800")))
    draft = TaskDraft("Build", planned_hours=Decimal(40), hourly_price=Decimal(80), after="Design")
    projects.add_task(session, project.number, draft)
    return Site(session, project.number, lena)


def test_a_project_brings_what_is_planned_and_costs_what_was_worked(site: Site) -> None:
    site.works("3", task="Design")
    site.works("2.5", task="build")
    site.works("1")

    standing = site.standing()

    # 10 h at 90, 800 as a whole, 40 h at 80.
    assert standing.planned_revenue == eur("4900")
    assert standing.worked_hours == Decimal("6.5")
    assert standing.cost == eur("230.75")
    assert standing.profit == eur("4669.25")
    # The hours of the fixed price are not billed by themselves.
    assert standing.unbilled == eur("290")
    assert [task.cost for task in standing.tasks] == [eur("35.50"), eur("106.50"), eur("88.75")]


def test_hours_and_progress_are_billed_once_and_again_after_a_credit_note(site: Site) -> None:
    site.works("2.5", task="Build")
    site.works("4", task="Build", billable=False)
    projects.set_progress(site.session, site.number, "Design", percent=Decimal(25))

    first = projects.invoice_project(site.session, site.number)

    assert first.total_minor == 40_000
    assert -ledger.balance(site.session, SERVICE_REVENUE) == eur("400")
    with pytest.raises(NothingToBill):
        projects.invoice_project(site.session, site.number)
    projects.set_progress(site.session, site.number, "Design", percent=Decimal(100))
    second = projects.invoice_project(site.session, site.number)
    assert second.total_minor == 60_000
    assert site.standing().billed == eur("1000")

    credit.credit_document(site.session, first.number, because="wrong address")

    assert site.standing().billed == eur("600")
    again = projects.invoice_project(site.session, site.number)
    assert again.total_minor == 40_000
    assert site.standing().unbilled == eur("0")
    assert verify_books(site.session) == []


def test_what_was_billed_stays(site: Site) -> None:
    entry = site.works("2", task="Build")
    invoice = projects.invoice_project(site.session, site.number, entries=[entry.number])

    with pytest.raises(TimeBilled, match=invoice.number):
        projects.invoice_project(site.session, site.number, entries=[entry.number])
    with pytest.raises(TimeBilled, match=invoice.number):
        remove_hours(site.session, entry.number, because="oops")
    for change in ("UPDATE time_entry SET hours = 3", "DELETE FROM time_entry"):
        with pytest.raises(DBAPIError, match="billed"), site.session.begin_nested():
            site.session.execute(text(change))


def test_nobody_works_on_two_things_at_once(site: Site) -> None:
    site.works("3", starts_at=hour(9))
    site.works("1", starts_at=hour(12))

    with pytest.raises(TimeOverlaps, match="PJ-00001"):
        site.works("1", starts_at=hour(10))
    with pytest.raises(DBAPIError, match="overlap"), site.session.begin_nested():
        moved = text("UPDATE time_entry SET starts_at = :at WHERE starts_at = :was")
        site.session.execute(moved, {"at": hour(11), "was": hour(12)})
    with pytest.raises(DayTooLong, match="24"):
        site.works("20.5")


def test_hours_that_were_not_worked_count_no_longer(site: Site) -> None:
    entry = site.works("3", task="Build", starts_at=hour(9))

    remove_hours(site.session, entry.number, because="was ill")

    assert site.standing().worked_hours == 0
    with pytest.raises(UnknownTime):
        remove_hours(site.session, entry.number, because="again")
    site.works("1", starts_at=hour(10))


def test_an_hour_keeps_what_it_cost_and_was_billed_at(site: Site) -> None:
    before = site.works("1", worked_on=date(2026, 6, 2))
    projects.set_hourly_cost(
        site.session, site.lena, cost_per_hour=Decimal(50), starts_on=date(2026, 6, 10)
    )

    after = site.works("1")

    assert (before.cost_per_hour, after.cost_per_hour) == (Decimal("35.5"), Decimal(50))


def test_what_is_billed_by_progress_follows_the_plan(site: Site) -> None:
    acme = parties.find_customer(site.session, "Acme")
    project = projects.open_project(
        site.session,
        name="Shop",
        customer=acme,
        billing=Billing.PROGRESS,
        planned_hours=Decimal(5),
        hourly_price=Decimal(20),
    )
    projects.set_progress(site.session, project.number, "Shop", percent=Decimal("33.33"))

    standing = projects.project_standing(site.session, project.number)
    invoice = projects.invoice_project(site.session, project.number)

    assert standing.unbilled == eur("33.33")
    assert invoice.total_minor == 3_333
    with pytest.raises(ProgressBelowBilled, match=r"33\.33"):
        projects.set_progress(site.session, project.number, "0", percent=Decimal(30))


def test_a_task_waits_for_the_one_before_it_and_tasks_form_no_circle(site: Site) -> None:
    with pytest.raises(TaskWaits, match="Design"):
        projects.set_progress(site.session, site.number, "Build", percent=Decimal(10))
    with pytest.raises(TasksInCircle, match="Design"):
        projects.order_tasks(site.session, site.number, "Design", after="Build")


def test_bad_input_is_refused_with_what_to_do(site: Site) -> None:
    stranger = parties.add_party(site.session, name="Max")
    own = projects.open_project(site.session, name="Office move")
    refused: list[tuple[type[DomainError], Callable[[], object]]] = [
        (WorkedInFuture, lambda: site.works("1", worked_on=date(2026, 6, 16))),
        (WorkedBeforeProject, lambda: site.works("1", worked_on=date(2026, 5, 31))),
        (UnknownTask, lambda: site.works("1", task="Party")),
        (UnknownProject, lambda: projects.find_project(site.session, "PJ-99")),
        (NoCustomer, lambda: projects.invoice_project(site.session, own.number)),
        (
            NoHourlyCost,
            lambda: projects.log_time(site.session, own.number, stranger, hours=Decimal(1)),
        ),
        (TaskExists, lambda: projects.add_task(site.session, site.number, TaskDraft("design"))),
        (
            TwoPrices,
            lambda: projects.add_task(
                site.session,
                site.number,
                TaskDraft("Both", hourly_price=Decimal(1), fixed_price=eur("1")),
            ),
        ),
        (
            DatesInReverse,
            lambda: projects.open_project(site.session, name="Late", ends_on=date(2026, 6, 1)),
        ),
    ]
    for refusal, attempt in refused:
        with pytest.raises(refusal):
            attempt()
    projects.close_project(site.session, site.number)
    with pytest.raises(ProjectClosed):
        site.works("1")


def test_a_project_is_found_by_its_number_and_its_names(site: Site) -> None:
    for said in ("pj 1", "PJ-00001", "website", "网站"):
        assert projects.find_project(site.session, said).number == "PJ-00001"
