"""Bad input about people is refused with exactly what is wrong, in the words of the house."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import hr
from core.hr import leave, payroll
from core.hr import time as working
from core.hr.employment.service import add_contract, terms_of
from core.hr.employment.tables import Employment
from core.hr.leave import Accrual, Policy
from core.hr.payroll import LineDraft, PayKind
from core.hr.time import DayKind
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger.chart import SALARIES
from tests.conftest import TODAY
from tests.core.test_hr_leave import HIRED, Team, be, days

EARLY = date(2025, 12, 31)


def test_bad_input_about_people_says_exactly_what_is_wrong(session: Session) -> None:
    team = Team(session)
    max_, lena = team.max, team.lena
    payroll.open_pay_accounts(session)
    payroll.add_component(
        session, code="bonus", name="Bonus", name_zh="奖金", kind=PayKind.EARNING, debit=SALARIES
    )
    terms = terms_of(session.query(Employment).filter_by(employee_id=max_.id).one())

    def structure(formula: str) -> object:
        return payroll.set_structure(
            session, code="s", name="S", valid_from=HIRED, lines=[LineDraft("bonus", formula)]
        )

    cases: dict[str, Callable[[], object]] = {
        "E-00001 cannot report to E-00002: E-00002 reports to E-00001 (E-00002 → E-00001).": (
            lambda: hr.change_employment(session, lena, starts_on=TODAY, manager_id=max_.id)
        ),
        "E-00002 cannot be their own manager.": (
            lambda: hr.change_employment(session, max_, starts_on=TODAY, manager_id=max_.id)
        ),
        "E-00002 has a contract from 2026-01-01 to …; another one cannot overlap it.": (
            lambda: add_contract(session, max_, terms, starts_on=TODAY, ends_on=None)
        ),
        "E-00002 was hired on 2026-01-01; nothing can begin on 2025-12-31, before that day.": (
            lambda: add_contract(session, max_, terms, starts_on=EARLY, ends_on=EARLY)
        ),
        "E-00002 does not work here on 2025-12-31.": (
            lambda: hr.set_pay(session, max_, Money.of("1", "EUR"), starts_on=EARLY)
        ),
        "E-00002 has 24 days of annual leave left by 2026-06-22, not 25.": (
            lambda: leave.request_leave(
                session,
                max_,
                team.annual,
                leave.Stretch(date(2026, 6, 22), date(2026, 7, 24)),
            )
        ),
        "Leave cannot end on 2026-06-21, before it begins on 2026-06-22.": (
            lambda: leave.request_leave(session, max_, team.annual, days(22, 21))
        ),
        "Nobody can have worked on 2026-06-16: today is 2026-06-15.": (
            lambda: working.log_hours(session, max_, Decimal(1), activity="", day=date(2026, 6, 16))
        ),
        "Hours are above nothing and up to 24, not 24.5.": (
            lambda: working.log_hours(session, max_, Decimal("24.5"), activity="")
        ),
    }
    for said, attempt in cases.items():
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.message("en") == said
        assert refused.value.message("zh") != said
    for formula, said in (
        ("gross +", r"at sign 8"), ("nothing * 2", "nothing"), ("gross * * 2", "at sign 9"),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=said):
            structure(formula)


def test_overtime_and_credits_of_many_take_no_more_questions_than_of_one(
    session: Session,
) -> None:
    team = Team(session)
    working.set_overtime_rule(
        session, kind=DayKind.WORKDAY, daily_hours=Decimal(8), rate_percent=Decimal(150),
        valid_from=HIRED, source="the test's own",
    )  # fmt: skip
    be(session, team.max)
    asked: list[str] = []
    event.listen(
        session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2])
    )

    def count(run: Callable[[], object]) -> int:
        asked.clear()
        run()
        return len(asked)

    def overtime() -> object:
        return working.overtime(session, team.max, date(2026, 6, 1), TODAY)

    working.log_hours(session, team.max, Decimal(9), activity="", day=date(2026, 6, 1))
    one = count(overtime)
    for day in range(2, 12):
        working.log_hours(session, team.max, Decimal(9), activity="", day=date(2026, 6, day))
    assert count(overtime) == one <= 5

    be(session, None)
    kinds = [
        leave.add_leave_type(session, code=f"L{place}", name=f"l{place}", name_zh=f"假{place}")
        for place in range(4)
    ]
    for kind in kinds:
        leave.set_leave_policy(session, kind, Policy(Decimal(12), Accrual.MONTH), valid_from=HIRED)
    # Four kinds for three people and six months: 72 lines, written together.
    made: list[object] = []
    assert count(lambda: made.extend(leave.leave_accrual(session))) <= 10
    assert len(made) == 72
    assert leave.leave_accrual(session) == []
