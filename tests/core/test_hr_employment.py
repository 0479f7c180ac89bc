"""Employment by date: terms and pay without gaps or overlaps, and managers without a circle."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr
from core.hr import Contract, Department, Employee, PayPeriod
from core.hr.employment import errors
from core.kernel.money import Money

HIRED = date(2026, 1, 1)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def office(session: Session) -> Department:
    return hr.add_department(session, code="OFFICE", name="Office", name_zh="办公室")


def hire(session: Session, office: Department, name: str, **more: Any) -> Employee:
    given: dict[str, Any] = {"job_title": "Clerk", "hired_on": HIRED, **more}
    return hr.add_employee(session, name=name, department=office, **given)


def move(session: Session, job: str, day: str) -> None:
    moved = text("UPDATE employment SET starts_on = CAST(:day AS date) WHERE job_title = :job")
    session.execute(moved, {"day": day, "job": job})


def test_terms_and_pay_hold_from_their_day_on(session: Session, office: Department) -> None:
    store = hr.add_department(session, code="STORE", name="Store", name_zh="仓库")
    boss = hire(session, office, "Lena Vogt", job_title="Head")
    max_ = hire(session, office, "Max Kern", manager=boss, pay=eur("3000.00"))

    hr.change_employment(
        session, max_, starts_on=date(2026, 7, 1), department_id=store.id, job_title="Buyer",
        hours_share=Decimal("0.5"), cost_centre="SALES",
    )  # fmt: skip
    hr.set_pay(session, max_, eur("1700.00"), starts_on=date(2026, 7, 1))

    before = hr.employment_on(session, max_.id, date(2026, 6, 30))
    after = hr.employment_on(session, max_.id, date(2026, 7, 1))
    assert (before.job_title, before.department, before.manager) == ("Clerk", "OFFICE", "E-00001")
    assert (before.starts_on, before.ends_on) == (HIRED, date(2026, 6, 30))
    assert (after.job_title, after.department, after.hours_share) == (
        "Buyer",
        "STORE",
        Decimal("0.5"),
    )
    assert (after.cost_centre, after.country, after.ends_on) == (
        "SALES",
        "DE",
        None,
    )
    assert hr.pay_on(session, max_.id, date(2026, 6, 30)) == (eur("3000.00"), PayPeriod.MONTH)
    assert hr.pay_on(session, max_.id, date(2026, 7, 1)) == (eur("1700.00"), PayPeriod.MONTH)
    # What is agreed ahead of its day is not so today.
    assert (max_.job_title, max_.department_id) == ("Clerk", office.id)
    assert hr.terms_differ(session, date(2026, 7, 1))
    assert hr.keep_present(session, date(2026, 7, 1)) == 1
    assert not hr.terms_differ(session, date(2026, 7, 1))
    assert (max_.job_title, max_.department_id) == ("Buyer", store.id)


def test_a_change_between_two_agreed_ones_ends_where_the_later_begins(
    session: Session, office: Department
) -> None:
    max_ = hire(session, office, "Max Kern", pay=eur("3000.00"))

    hr.set_pay(session, max_, eur("3300.00"), starts_on=date(2026, 9, 1))
    hr.set_pay(session, max_, eur("3100.00"), starts_on=date(2026, 5, 1))
    hr.set_pay(session, max_, eur("3150.00"), starts_on=date(2026, 5, 1))

    stretches = hr.pays_between(session, HIRED, date(2026, 12, 31), [max_])
    assert [(each.starts_on, each.ends_on, each.pay.amount.minor) for each in stretches] == [
        (HIRED, date(2026, 4, 30), 300_000),
        (date(2026, 5, 1), date(2026, 8, 31), 315_000),
        (date(2026, 9, 1), None, 330_000),
    ]


def test_managers_never_stand_in_a_circle(session: Session, office: Department) -> None:
    lena = hire(session, office, "Lena Vogt")
    max_ = hire(session, office, "Max Kern", manager=lena)
    ada = hire(session, office, "Ada Frei", manager=max_)

    with pytest.raises(errors.ManagersInACircle) as refused:
        hr.change_employment(session, lena, starts_on=date(2026, 7, 1), manager_id=ada.id)
    with pytest.raises(errors.OwnManager):
        hr.change_employment(session, lena, starts_on=date(2026, 7, 1), manager_id=lena.id)

    assert str(refused.value) == (
        "E-00001 cannot report to E-00003: E-00003 reports to E-00001"
        " (E-00003 → E-00002 → E-00001)."
    )
    with pytest.raises(IntegrityError, match="circle"), session.begin_nested():
        session.execute(
            text("UPDATE employment SET manager_id = :ada WHERE employee_id = :lena"),
            {"ada": ada.id, "lena": lena.id},
        )


def test_contracts_do_not_overlap_and_begin_with_the_hiring(
    session: Session, office: Department
) -> None:
    until = date(2026, 6, 30)
    max_ = hire(session, office, "Max Kern", contract=Contract.FIXED_TERM, ends_on=until)
    terms = hr.Terms("Buyer", office.id, country="DE")

    with pytest.raises(errors.EmploymentsOverlap) as overlapping:
        hr.add_contract(session, max_, terms, starts_on=date(2026, 6, 1), ends_on=None)
    with pytest.raises(errors.BeforeHiring) as early:
        hr.add_contract(session, max_, terms, starts_on=date(2025, 6, 1), ends_on=None)
    with pytest.raises(errors.FixedTermNeedsEnd):
        hire(session, office, "Ada Frei", contract=Contract.FIXED_TERM)
    with pytest.raises(errors.NotEmployedOn, match="E-00001 does not work here on 2026-07-01"):
        hr.employment_on(session, max_.id, date(2026, 7, 1))
    hr.add_contract(session, max_, terms, starts_on=date(2026, 7, 1), ends_on=None)

    assert str(overlapping.value) == (
        "E-00001 has a contract from 2026-01-01 to 2026-06-30; another one cannot overlap it."
    )
    assert str(early.value) == (
        "E-00001 was hired on 2026-01-01; nothing can begin on 2025-06-01, before that day."
    )
    with pytest.raises(IntegrityError, match="ex_employment_overlap"), session.begin_nested():
        session.execute(
            text("UPDATE employment SET starts_on = date '2026-06-01' WHERE job_title = 'Buyer'")
        )
    with pytest.raises(IntegrityError, match="before the day"), session.begin_nested():
        session.execute(
            text("UPDATE employment SET starts_on = date '2025-06-01' WHERE job_title = 'Clerk'")
        )
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_who_leaves_hands_over_their_people_first(session: Session, office: Department) -> None:
    lena = hire(session, office, "Lena Vogt", pay=eur("5000.00"))
    max_ = hire(session, office, "Max Kern", manager=lena)
    last = date(2026, 6, 30)

    with pytest.raises(errors.StillManages, match="E-00001 is the manager of E-00002 after"):
        hr.leave_company(session, lena, left_on=last)
    hr.change_employment(session, max_, starts_on=date(2026, 7, 1), manager_id=None)
    hr.leave_company(session, lena, left_on=last)

    assert hr.employment_on(session, lena.id, last).ends_on == last
    with pytest.raises(errors.NotEmployedOn):
        hr.employment_on(session, lena.id, date(2026, 7, 1))
    with pytest.raises(errors.NoPayOn):
        hr.pay_on(session, lena.id, date(2026, 7, 1))
    with pytest.raises(errors.AfterLeaving):
        hr.change_employment(session, lena, starts_on=date(2026, 7, 2), job_title="x")
