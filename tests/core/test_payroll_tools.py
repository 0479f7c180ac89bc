"""The tools of payroll, on the one road: who may enter, release, pay and look."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from channels.exports import FileKind, export
from core import hr
from core.compliance import verify
from core.hr import payroll
from core.hr.payroll import LineDraft, PayKind
from core.kernel.audit import AuditRecord
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.identity.tables import Person
from core.kernel.money import Money
from core.ledger.chart import SALARIES
from core.reporting import provenance
from core.reporting.query import Range, ReportQuery
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX

RUN, PAY, REMIT = "payroll.run", "payroll.pay_run", "payroll.pay_authorities"
MONTH = "2026-05"


def staff(session: Session) -> None:
    """Six people are paid 3,000 a month by `staff`; two of them have accounts here."""
    payroll.open_pay_accounts(session)
    for code, kind, debit, credit in (
        ("salary", PayKind.EARNING, SALARIES, None),
        ("bonus", PayKind.EARNING, SALARIES, None),
        ("tax", PayKind.DEDUCTION, None, "2310"),
        ("social", PayKind.EMPLOYER, "6015", "2320"),
    ):
        payroll.add_component(
            session,
            code=code,
            name=code.title(),
            name_zh={"salary": "工资", "bonus": "奖金", "tax": "个税", "social": "社保"}[code],
            kind=kind,
            debit=debit,
            credit=credit,
            to_authority=credit is not None,
            from_terms=code == "salary",
            prorated=code == "salary",
        )
    payroll.ready_for_loans(session)
    lines = [
        LineDraft("salary"),
        LineDraft("bonus"),
        LineDraft("tax", "gross * 10%"),
        LineDraft("loan_repayment"),
        LineDraft("social", "gross * 20%"),
    ]
    first = date(2026, 1, 1)
    payroll.set_structure(session, code="staff", name="Staff", lines=lines, valid_from=first)
    department = hr.add_department(session, code="ALL", name="Everybody", name_zh="全体")
    for name, login in (
        ("Anna Keller", "employee"), ("Max Manager", "manager"), ("Li Wei", ""),
        ("Bo Berg", ""), ("Cy Chen", ""), ("Di Dorn", ""),
    ):  # fmt: skip
        person = hr.add_employee(
            session,
            name=name,
            department=department,
            job_title="Clerk",
            hired_on=first,
            pay=Money.of(3000, "EUR"),
        )
        payroll.assign_structure(session, person, "staff", valid_from=first)
        if login:
            linked = update(Person).where(Person.login == login)
            session.execute(linked.values(party_id=person.party_id))


@pytest.fixture
def paid(shop: Engine) -> Engine:
    with unit_of_work(shop) as session:
        staff(session)
    return shop


def test_a_month_is_entered_released_and_paid_by_different_people(paid: Engine) -> None:
    bonus = propose(
        paid, "hr", "payroll.enter_input", employee="Li Wei", component="bonus", amount=500,
        month=MONTH,
    )  # fmt: skip
    assert approve(paid, bonus, "manager2") == "Li Wei: bonus 500 for 2026-05."
    proposal = propose(paid, "hr", RUN, month=MONTH)

    lines = proposal.effect.lines()
    assert lines[0].startswith(
        "payroll run: new · 2026-05 · 6 👤 · 18,500.00 EUR → 16,650.00 EUR · + 3,700.00 EUR"
    )
    assert any("bonus" in line and "500.00 EUR" in line and "1 👤" in line for line in lines)
    assert not any("Li Wei" in line or "3,500" in line for line in lines)
    assert "debit 6010 Salaries: 18,500.00 EUR" in lines
    assert "无法撤销" in proposal.undo_text("zh")
    # Who approved an entry for the month does not release it.
    with pytest.raises(DomainError, match="payroll 2026-05"):
        approve(paid, proposal, "manager2")
    # Nor does HR, who asked; and the employee may not even look.
    with pytest.raises(DomainError):
        approve(paid, proposal, "hr")
    with pytest.raises(DomainError):
        approve(paid, proposal, "employee")
    said = approve(paid, proposal, "accountant")
    assert said == (
        "Payroll PY-00001 of May 2026 is posted: 6 people, gross 18,500.00 EUR,"
        " net 16,650.00 EUR, cost 22,200.00 EUR."
    )
    out = propose(paid, "admin", PAY, month=MONTH)
    with pytest.raises(DomainError, match="payroll 2026-05"):
        approve(paid, out, "accountant")
    # The manager is paid by it: alone that is not enough.
    waiting = TOOLBOX.decide(paid, as_person(paid, "manager"), out.id, "approve", seen=out.digest)
    assert waiting.state == "waiting"
    second = propose(paid, "manager2", REMIT, run="PY-1")
    assert approve(paid, second, "admin").startswith("Taxes and contributions of PY-00001 paid")
    with unit_of_work(paid) as session:
        payroll.pay_run(session, "PY-00001")
    with reading(paid) as session:
        assert verify(session) == []


def test_a_run_waits_for_what_is_being_entered(paid: Engine) -> None:
    with unit_of_work(paid) as running:
        running.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with unit_of_work(paid) as entering:
            li = hr.find_employee(entering, "Li Wei")
            payroll.enter_input(entering, li, "bonus", Decimal(500), period=date(2026, 5, 1))

            with pytest.raises(OperationalError, match="lock timeout"), running.begin_nested():
                payroll.run_payroll(running, date(2026, 5, 1))

        run = payroll.run_payroll(running, date(2026, 5, 1))
        assert Money(run.gross_minor, run.currency) == Money.of(18_500, "EUR")


def test_nobody_releases_alone_a_run_that_pays_them(paid: Engine) -> None:
    proposal = propose(paid, "hr", RUN, month=MONTH)
    manager = as_person(paid, "manager")

    first = TOOLBOX.decide(paid, manager, proposal.id, "approve", seen=proposal.digest)

    assert first.state == "waiting"
    assert "posted" in approve(paid, proposal, "accountant")
    with pytest.raises(DomainError, match="run already by PY-00001"):
        propose(paid, "hr", RUN, month=MONTH)


def test_a_payslip_is_shown_to_its_owner_and_on_paper_in_both_languages(paid: Engine) -> None:
    approve(paid, propose(paid, "hr", RUN, month=MONTH), "accountant")

    mine = ask(paid, "employee", "payroll.show_payslip")

    assert mine.sentence() == (
        "Payslip PS-00001 · May 2026 of Anna Keller: gross 3,000.00 EUR, net 2,700.00 EUR."
    )
    grid = mine.grid()
    assert grid is not None
    assert grid.rows[0][0] == "Salary · 工资"
    assert ask(paid, "employee", "payroll.list_payslips").sentence("zh") == (
        "Anna Keller 共有 1 张工资单。"
    )
    # Not there, and not yours, are the same answer.
    refused = [
        _refusal(paid, "employee", number="PS-00003"),
        _refusal(paid, "employee", number="PS-00099"),
    ]
    assert refused[0].replace("PS-00003", "") == refused[1].replace("PS-00099", "")
    for who in ("accountant", "sales", "warehouse"):
        with pytest.raises(DomainError):
            ask(paid, who, "payroll.show_payslip", employee="Li Wei")
        with pytest.raises(DomainError, match="not yours to see"):
            ask(paid, who, "payroll.list_payslips", employee="Li Wei")
        with pytest.raises(NotPermitted):
            ask(paid, who, "payroll.show_cost", employee="Li Wei")
    cost = ask(paid, "hr", "payroll.show_cost", employee="Li Wei")
    assert cost.sentence() == (
        "Li Wei costs 3,600.00 EUR in May 2026: 3,000.00 EUR of pay and 600.00 EUR on top."
    )
    later = ask(paid, "hr", "payroll.show_cost", employee="Li Wei", month="2026-06")
    assert later.sentence("zh").startswith("Li Wei 2026年6月的公司成本为 3,600.00 EUR（预计）")
    for language in ("en", "zh"):
        file = export(
            TOOLBOX, paid, as_person(paid, "employee", language), "payroll.show_payslip", {},
            FileKind.PDF,
        )  # fmt: skip
        assert file.data.startswith(b"%PDF")
    with reading(paid) as session:
        looked = select(AuditRecord.person).where(AuditRecord.name == "hr.private_read")
        assert {"employee", "hr"} <= set(session.scalars(looked))


def _refusal(engine: Engine, who: str, **arguments: object) -> str:
    with pytest.raises(DomainError) as refused:
        ask(engine, who, "payroll.show_payslip", **arguments)
    return str(refused.value)


def test_own_pay_is_entered_by_others_and_totals_are_for_few(paid: Engine) -> None:
    with pytest.raises(DomainError, match="Your own pay"):
        propose(
            paid, "manager", "payroll.set_monthly", employee="Max Manager", component="bonus",
            amount=100,
        )  # fmt: skip
    shown = ask(paid, "manager", "payroll.preview", month=MONTH)
    assert shown.sentence() == (
        "Preview of payroll for May 2026: 6 people, gross 18,000.00 EUR, net 16,200.00 EUR,"
        " cost 21,600.00 EUR."
    )
    assert ask(paid, "hr", "payroll.preview").sentence("zh").startswith("2026年6月工资预览：6 人")
    for who in ("sales", "employee", "accountant"):
        with pytest.raises(NotPermitted):
            ask(paid, who, "payroll.preview")
    few = propose(paid, "hr", RUN, month=MONTH, employees=["Li Wei", "Bo Berg"])
    # Who may not see what one person gets does not see the run of two either, nor asks for one.
    with pytest.raises(DomainError, match="not yours to see"):
        approve(paid, few, "accountant")
    with pytest.raises(DomainError, match="fewer than 5"):
        propose(paid, "accountant", RUN, month=MONTH, employees=["Li Wei"])
    approve(paid, few, "manager")
    with pytest.raises(DomainError, match="fewer than 5"):
        propose(paid, "accountant", PAY, run="PY-00001")
    assert ask(paid, "hr", "payroll.show_run").sentence().startswith("Payroll PY-00001 of May")
    with pytest.raises(DomainError, match="fewer than 5"):
        ask(paid, "accountant", "payroll.show_run", number="PY-00001")
    query = ReportQuery(
        metrics=("payroll_cost",), period=Range(start=date(2026, 5, 1), end=date(2026, 5, 31))
    )
    with (
        reading(paid, as_person(paid, "hr")) as session,
        pytest.raises(DomainError, match="private"),
    ):
        provenance.rows_behind(session, query, provenance.Cell("payroll_cost"))


def test_pay_is_composed_by_words(paid: Engine) -> None:
    says = [
        approve(paid, propose(paid, "hr", tool, **arguments), "admin")
        for tool, arguments in (
            ("payroll.adopt_rates", {"rates": "de", "since": "2026-01-01"}),
            (
                "payroll.add_component",
                {"code": "meal", "name": "Meals", "kind": "earning", "debit": "6010"},
            ),
            (
                "payroll.set_structure",
                {
                    "code": "meals",
                    "since": "2026-01-01",
                    "lines": [
                        {"component": "salary"},
                        {"component": "meal", "formula": "days * 5"},
                    ],
                },
            ),
            ("payroll.assign_structure", {"employee": "Li Wei", "structure": "meals"}),
            (
                "payroll.set_monthly",
                {"employee": "Bo Berg", "component": "bonus", "amount": 50, "since": "2026-05-01"},
            ),
            ("payroll.grant_loan", {"employee": "Cy Chen", "amount": 600, "months": 3}),
        )
    ]
    assert says[0].startswith("Germany (simplified) is set up from 2026-01-01 on. Simplified:")
    assert says[3] == "Li Wei is paid by meals from 2026-01-01 on."
    assert says[5] == "LN-00001: 600.00 EUR to Cy Chen, repaid in 3 months from 2026-06."
    rates = ask(paid, "hr", "payroll.show_rates", rates="cn_shanghai")
    grid = rates.grid()
    assert grid is not None
    assert ("pension_rate_employer", date(2024, 7, 1), "0.16") in [row[:3] for row in grid.rows]
    with pytest.raises(DomainError, match="at sign 5: a number, a name or a bracket"):
        propose(
            paid, "hr", "payroll.set_structure", code="bad", since="2026-01-01",
            lines=[{"component": "meal", "formula": "5 * *"}],
        )  # fmt: skip
    with pytest.raises(DomainError, match="cost centre"):
        propose(
            paid, "hr", "payroll.share_costs", employee="Li Wei",
            shares=[{"cost_centre": "CC9", "percent": Decimal(100)}],
        )  # fmt: skip
