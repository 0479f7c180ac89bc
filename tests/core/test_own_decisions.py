"""Nobody decides on what is their own: pay, leave, expenses, rights; however they come to it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from core import hr
from core.hr import Employee, expenses, leave, payroll
from core.hr.expenses import Spent
from core.hr.payroll import LineDraft, PayKind
from core.kernel.database import acting
from core.kernel.errors import DomainError
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import STAFF
from core.kernel.money import Money
from core.ledger.chart import SALARIES
from tests.conftest import TODAY
from tests.core.test_hr_leave import HIRED, Team, be, days

ONE = Decimal(1)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def entered(session: Session, person: Employee) -> None:
    payroll.open_pay_accounts(session)
    payroll.add_component(
        session, code="bonus", name="Bonus", name_zh="奖金", kind=PayKind.EARNING, debit=SALARIES
    )
    payroll.ready_for_loans(session)
    lines = [LineDraft("bonus"), LineDraft("loan_repayment")]
    payroll.set_structure(session, code="staff", name="Staff", lines=lines, valid_from=HIRED)
    payroll.assign_structure(session, person, "staff", valid_from=HIRED)


def test_nobody_decides_on_their_own_pay_leave_expenses_or_rights(session: Session) -> None:
    team, everything = Team(session), sorted(STAFF)
    max_ = team.max
    identity.add_person(
        session, login="max", name="Max", roles=["employee"], party_id=max_.party_id
    )
    entered(session, max_)
    taxi = expenses.add_expense_category(
        session, code="TAXI", name="Taxi", name_zh="出租车", account="6050"
    )
    be(session, max_)
    asked = leave.request_leave(session, max_, team.annual, days(22, 23)).number
    claim, owed = (
        expenses.claim_expenses(session, max_, [Spent(taxi, eur(amount), TODAY)]).number
        for amount in ("40", "50")
    )
    be(session, team.lena)
    expenses.decide_claim(session, owed, approve=True)
    annual, may = team.annual, TODAY.replace(month=5, day=1)
    what: dict[str, tuple[str, Callable[[], object]]] = {
        "pay": ("own_terms", lambda: hr.set_pay(session, max_, eur("9000"), starts_on=TODAY)),
        "job": (
            "own_terms",
            lambda: hr.change_employment(session, max_, starts_on=TODAY, job_title="Head"),
        ),
        "last day": ("own_terms", lambda: hr.leave_company(session, max_, left_on=TODAY)),
        "leave": ("own_leave", lambda: leave.decide_leave(session, asked, approve=True)),
        "more leave": ("own_terms", lambda: leave.grant_leave(session, max_, annual, ONE)),
        "balance": (
            "own_terms",
            lambda: leave.correct_balance(session, max_, annual, ONE, because="x"),
        ),
        "leave paid out": ("own_terms", lambda: leave.encash_leave(session, max_, annual, ONE)),
        "claim": ("own_claim", lambda: expenses.decide_claim(session, claim, approve=True)),
        "claim paid": ("own_claim", lambda: expenses.pay_claim(session, owed)),
        "structure": (
            "own_pay",
            lambda: payroll.assign_structure(session, max_, "staff", valid_from=TODAY),
        ),
        "allowance": (
            "own_pay",
            lambda: payroll.set_monthly(session, max_, "bonus", ONE, valid_from=TODAY),
        ),
        "bonus": ("own_pay", lambda: payroll.enter_input(session, max_, "bonus", ONE, period=may)),
        "loan": (
            "own_pay",
            lambda: payroll.grant_loan(session, max_, eur("100"), months=2, first=TODAY),
        ),
        "rights": ("not_your_own_rights", lambda: identity.set_roles(session, "max", everything)),
    }
    own = Actor(
        "max", frozenset({"employee"}), human_key=f"party:{max_.party_id}", party_id=max_.party_id
    )
    # Everybody who could decide for others, and so would be a manager of himself as well.
    all_roles = replace(own, roles=frozenset(everything))
    other = Actor("boss", frozenset(everything))
    how = {
        "oneself": Acting(own, door="web"),
        "with every role": Acting(all_roles, door="web"),
        "by the API": Acting(all_roles, door="api"),
        "in a chat": Acting(all_roles, door="chat", model="some model"),
        "by a second account": Acting(replace(all_roles, name="max2"), door="web"),
        "carried out by another": Acting(other, door="web", on_behalf_of="max"),
    }

    found = {}
    for way, who in how.items():
        for name, (_, attempt) in what.items():
            session.info["acting"] = who
            try:
                attempt()
            except DomainError as refusal:
                found[name, way] = refusal.code
    assert acting(session).on_behalf_of == "max"
    # Who has no right to change rights at all is told so in other words.
    assert found == {(name, way): code for way in how for name, (code, _) in what.items()}
