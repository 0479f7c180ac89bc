"""Expenses: claimed by oneself, agreed to and paid by somebody else, each receipt once."""

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr, ledger
from core.compliance.findings import Finding
from core.compliance.payroll import claims_are_their_bills
from core.hr import Employee, expenses
from core.hr.expenses import ClaimState, ExpenseCategory, Spent, errors
from core.kernel.money import Money
from core.ledger import chart
from tests.core.test_hr_leave import be

HIRED, SPENT = date(2026, 1, 1), date(2026, 6, 10)
RECEIPT = ("taxi.pdf", "a" * 64)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


class Office:
    """A manager, somebody who travels, and what they may spend on."""

    def __init__(self, session: Session) -> None:
        office = hr.add_department(session, code="OFFICE", name="Office", name_zh="办公室")
        given = {"department": office, "job_title": "Clerk", "hired_on": HIRED}
        self.lena: Employee = hr.add_employee(session, name="Lena Vogt", **given)
        self.max: Employee = hr.add_employee(session, name="Max", manager=self.lena, **given)
        self.travel: ExpenseCategory = expenses.add_expense_category(
            session, code="travel", name="Travel", name_zh="差旅", account="6050",
            limit=eur("250.00"), receipt_above=eur("50.00"),
        )  # fmt: skip


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def sha256(text_: str) -> str:
    return hashlib.sha256(text_.encode()).hexdigest()


def spent(office: Office, amount: str, **more: Any) -> Spent:
    given: dict[str, Any] = {"spent_on": SPENT, "receipt": RECEIPT, **more}
    return Spent(office.travel, eur(amount), **given)


def test_a_claim_is_approved_up_to_its_limit_booked_and_paid(
    session: Session, office: Office
) -> None:
    be(session, office.max)
    claim = expenses.claim_expenses(
        session, office.max, [spent(office, "300.00"), spent(office, "40.00", receipt=None)]
    )
    be(session, office.lena)
    claim = expenses.decide_claim(session, claim.number, approve=True)

    assert [line.sanctioned_minor for line in claim.lines] == [25_000, 4_000]
    assert expenses.payable(session, claim) == eur("290.00")
    assert ledger.balance(session, chart.PAYABLE) == eur("-290.00")
    be(session, None, "accountant")
    claim = expenses.pay_claim(session, claim.number)
    assert claim.state is ClaimState.PAID
    assert ledger.balance(session, chart.PAYABLE) == eur("0.00")
    assert ledger.balance(session, chart.BANK) == eur("-290.00")
    assert ledger.balance(session, "6050") == eur("290.00")


def test_nobody_decides_on_or_pays_their_own_expenses(session: Session, office: Office) -> None:
    be(session, office.max)
    claim = expenses.claim_expenses(session, office.max, [spent(office, "100.00")])

    for roles in (("employee",), ("accountant", "manager", "admin", "hr")):
        be(session, office.max, *roles)
        with pytest.raises(errors.OwnClaim):
            expenses.decide_claim(session, claim.number, approve=True)
    be(session, None, "sales")
    with pytest.raises(errors.NotForThemToDecide):
        expenses.decide_claim(session, claim.number, approve=True)
    with pytest.raises(errors.NotTheirClaim):
        expenses.claim_expenses(session, office.max, [spent(office, "1.00")])
    be(session, None, "accountant")
    expenses.decide_claim(session, claim.number, approve=True)
    be(session, office.max, "accountant")
    with pytest.raises(errors.OwnClaim):
        expenses.pay_claim(session, claim.number)


def test_a_claim_is_withdrawn_by_whose_it_is_before_it_is_decided(
    session: Session, office: Office
) -> None:
    be(session, office.max)
    claim = expenses.claim_expenses(session, office.max, [spent(office, "100.00")])

    be(session, office.lena, "manager")
    with pytest.raises(errors.NotTheirsToWithdraw, match="EX-00001 is withdrawn by whose it is"):
        expenses.withdraw_claim(session, claim.number)
    be(session, office.max)
    withdrawn = expenses.withdraw_claim(session, claim.number, because="mine after all")
    assert withdrawn.state is ClaimState.WITHDRAWN
    # Its receipt may be brought again, and what was decided on is withdrawn no more.
    again = expenses.claim_expenses(session, office.max, [spent(office, "100.00")])
    be(session, office.lena)
    expenses.decide_claim(session, again.number, approve=True)
    be(session, office.max)
    for number in (claim.number, again.number):
        with pytest.raises(errors.ClaimDecided):
            expenses.withdraw_claim(session, number)


def test_a_claim_that_is_not_its_bill_is_found(session: Session, office: Office) -> None:
    claims = []
    for amount in ("100.00", "40.00"):
        be(session, office.max)
        claim = expenses.claim_expenses(
            session, office.max, [spent(office, amount, receipt=(amount, sha256(amount)))]
        )
        be(session, office.lena)
        claims.append(expenses.decide_claim(session, claim.number, approve=True))
    first, second = claims
    assert list(claims_are_their_bills(session)) == []

    session.execute(
        text("UPDATE expense_line SET sanctioned_minor = 9900 WHERE claimed_minor = 10000")
    )
    session.execute(
        text("UPDATE expense_claim SET bill_number = 'BILL-X' WHERE number = :number"),
        {"number": second.number},
    )

    assert list(claims_are_their_bills(session)) == [
        Finding("H6", first.number, "line 1 is approved at 9900 and billed at 10000"),
        Finding("H6", second.number, "it is approved, and its bill BILL-X is not there"),
    ]


def test_claims_that_make_no_sense_are_refused(session: Session, office: Office) -> None:
    claim = expenses.claim_expenses(session, office.max, [spent(office, "100.00")])

    for bad, refusal in (
        (spent(office, "100.00"), errors.ReceiptClaimed),
        (spent(office, "50.01", receipt=None), errors.ReceiptNeeded),
        (spent(office, "0.00"), errors.SpentNothing),
        (spent(office, "9.00", spent_on=date(2025, 12, 31)), errors.SpentOutsideService),
        (spent(office, "9.00", spent_on=date(2026, 6, 16)), errors.SpentOutsideService),
    ):
        with pytest.raises(refusal):
            expenses.claim_expenses(session, office.max, [bad])
    with pytest.raises(errors.EmptyClaim):
        expenses.claim_expenses(session, office.max, [])
    with pytest.raises(errors.SanctionedTooMuch, match=r"at most 100\.00 EUR .* not 100\.01 EUR"):
        expenses.decide_claim(session, claim.number, approve=True, sanctioned={1: eur("100.01")})
    with pytest.raises(errors.ClaimNotApproved):
        expenses.pay_claim(session, claim.number)
    with pytest.raises(IntegrityError, match="ck_expense_line_sanctioned"), session.begin_nested():
        session.execute(text("UPDATE expense_line SET sanctioned_minor = 10001"))
    expenses.decide_claim(session, claim.number, approve=False, because="private")
    # Refused, its receipt may be brought again.
    again = expenses.claim_expenses(session, office.max, [spent(office, "90.00")])
    assert again.state is ClaimState.ASKED
