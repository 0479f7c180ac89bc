"""The tools of projects: from opening one to its invoice, and back again."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import hr
from core.kernel.database import unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.ledger import tax
from core.ledger.tax import Component
from tests.tools.steps import ask, books_are_right, do, propose, step, undo


@pytest.fixture
def staffed(shop: Engine) -> Engine:
    """The shop, with somebody who works in it."""
    with unit_of_work(shop) as session:
        office = hr.add_department(session, code="OFF", name="Office", name_zh="办公室")
        hr.add_employee(session, name="Lena Vogt", department=office, job_title="Designer")
    return shop


def test_hours_and_progress_become_an_invoice_and_are_free_again_without_it(
    staffed: Engine,
) -> None:
    opened = do(
        staffed,
        "manager",
        step(
            "projects.open_project",
            name="Website",
            customer="Acme",
            hours="10",
            hourly_price="90",
            starts_on="2026-06-01",
        ),
    )
    do(
        staffed,
        "manager",
        step("projects.add_task", project="website", name="Design", fixed_price="800"),
        step("projects.report_progress", project="website", task="Design", percent="25"),
        step("projects.set_hourly_cost", employee="Lena", cost_per_hour="35.5"),
    )
    logged = do(
        staffed, "service", step("hr.log_hours", project="Website", hours="2", employee="Lena")
    )
    invoiced = do(staffed, "accountant", step("projects.invoice_project", project="PJ-1"))

    shown = "\n".join(invoiced.effect.lines())
    assert "project PJ-00001 (billed): 0.00 EUR → 380.00 EUR" in shown
    standing = ask(staffed, "manager", "projects.status", project="website").sentence()
    assert standing == (
        "PJ-00001 Website: 2 h, cost 71.00 EUR, planned revenue 1,700.00 EUR, profit"
        " 1,629.00 EUR; billed 380.00 EUR, not billed 0.00 EUR."
    )
    with pytest.raises(DomainError, match="Nothing of PJ-00001"):
        propose(staffed, "accountant", step("projects.invoice_project", project="PJ-1"))
    with pytest.raises(DomainError, match="billed"):
        undo(staffed, "service", logged)

    undo(staffed, "accountant", invoiced)
    undo(staffed, "service", logged)
    undo(staffed, "manager", opened)
    standing = ask(staffed, "manager", "projects.status", project="website").sentence()
    assert "0 h, cost 0.00 EUR" in standing
    assert "billed 0.00 EUR, not billed 200.00 EUR" in standing
    closed = do(staffed, "manager", step("projects.reopen_project", project="PJ-1"))
    undo(staffed, "manager", closed)
    with pytest.raises(DomainError, match="closed"):
        propose(
            staffed,
            "service",
            step("hr.log_hours", project="PJ-1", hours="1", employee="Lena"),
        )
    books_are_right(staffed)


def test_what_is_billed_is_taxed_as_one_says(staffed: Engine) -> None:
    with unit_of_work(staffed) as session:
        part = Component(name="VAT", rate=Decimal(20))
        tax.add_code(session, code="V20", name="VAT", name_zh="增值税", components=[part])
    do(
        staffed,
        "manager",
        step("projects.open_project", name="Audit", customer="Acme", hourly_price="90"),
        step("projects.set_hourly_cost", employee="Lena", cost_per_hour="30"),
        step("hr.log_hours", project="$1.number", hours="1", employee="Lena"),
    )

    invoiced = do(
        staffed, "accountant", step("projects.invoice_project", project="audit", tax_code="v20")
    )

    assert invoiced.answers is not None
    assert invoiced.answers[0]["total"]["minor"] == 10_800


def test_who_may_not_see_what_work_costs_is_told_so(staffed: Engine) -> None:
    do(staffed, "manager", step("projects.open_project", name="Website"))

    for login in ("employee", "warehouse", "customer"):
        with pytest.raises(NotPermitted):
            ask(staffed, login, "projects.status", project="PJ-1")
    with pytest.raises(NotPermitted):
        propose(
            staffed,
            "sales",
            step("projects.set_hourly_cost", employee="Lena", cost_per_hour="1"),
        )
    with pytest.raises(DomainError, match="which employee"):
        propose(staffed, "sales", step("hr.log_hours", project="PJ-1", hours="1"))
