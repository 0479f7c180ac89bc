"""Leave: one ledger of days, asked for by oneself and decided by somebody else."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr
from core.hr import Employee, leave
from core.hr.employment.errors import BeforeHiring, OwnTerms
from core.hr.leave import Accrual, LeaveState, LeaveType, Policy, Stretch, errors
from core.hr.leave.events import LeaveBooked
from core.kernel.calendars import set_holiday
from core.kernel.database import unit_of_work
from core.kernel.identity.acting import Acting, Actor
from core.kernel.money import Money

HIRED = date(2026, 1, 1)
# A Monday; the business date is the 15th of June.
MONDAY = date(2026, 6, 22)


def days(first: int, last: int, **more: bool) -> Stretch:
    return Stretch(date(2026, 6, first), date(2026, 6, last), **more)


def be(session: Session, employee: Employee | None, *roles: str) -> None:
    """Act as somebody from now on; as the house itself where nobody is named."""
    if employee is None:
        name = "+".join(roles) or "system"
        actor = Actor(name, frozenset(roles or {"system"}), is_person=bool(roles))
    else:
        key = f"party:{employee.party_id}"
        actor = Actor(
            employee.number, frozenset(roles or {"employee"}), human_key=key,
            party_id=employee.party_id,
        )  # fmt: skip
    session.info["acting"] = Acting(actor)


class Team:
    """A manager, somebody who works for them, a colleague, and annual leave."""

    def __init__(self, session: Session, **policy: Any) -> None:
        office = hr.add_department(session, code="OFFICE", name="Office", name_zh="办公室")

        def hire(name: str, manager: Employee | None = None) -> Employee:
            return hr.add_employee(
                session, name=name, department=office, job_title="Clerk", hired_on=HIRED,
                manager=manager,
            )  # fmt: skip

        self.lena = hire("Lena Vogt")
        self.max = hire("Max Kern", self.lena)
        self.ada = hire("Ada Frei", self.lena)
        self.annual: LeaveType = leave.add_leave_type(
            session, code="annual", name="annual leave", name_zh="年假"
        )
        terms: dict[str, Any] = {"annual": Decimal(24), "accrual": Accrual.YEAR, **policy}
        leave.set_leave_policy(session, self.annual, Policy(**terms), valid_from=HIRED)
        leave.leave_accrual(session)


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session)


def test_leave_is_asked_for_decided_by_the_manager_and_taken_off(
    session: Session, team: Team
) -> None:
    set_holiday(session, region="DE", day=date(2026, 6, 24), name="A holiday")

    be(session, team.max)
    asked = leave.request_leave(session, team.max, team.annual, days(22, 26, ends_at_noon=True))
    before = leave.leave_balance(session, team.max.id, team.annual)
    be(session, team.lena)
    leave.decide_leave(session, asked.number, approve=True)

    # Monday to Friday are five days, one a holiday, and Friday ends at noon.
    assert (asked.days, asked.state) == (Decimal("3.5"), LeaveState.APPROVED)
    assert (before, leave.leave_balance(session, team.max.id, team.annual)) == (
        Decimal(24), Decimal("20.5"),
    )  # fmt: skip
    [away] = leave.who_is_away(session, MONDAY, MONDAY)
    assert (away.name, away.days, away.state) == ("Max Kern", Decimal("3.5"), "approved")
    be(session, team.max)
    leave.cancel_leave(session, asked.number, because="ill")
    assert leave.leave_balance(session, team.max.id, team.annual) == 24


def test_a_half_day_is_half_a_day_of_leave_until_noon_or_from_it_and_none_on_a_weekend(
    session: Session, team: Team
) -> None:
    for day, half in (
        (24, {"open_until": time(12)}),
        (25, {"open_from": time(13)}),
        (27, {"open_until": time(12)}),
    ):
        set_holiday(session, region="DE", day=date(2026, 6, day), name="Half", **half)

    be(session, team.max)
    asked = leave.request_leave(session, team.max, team.annual, days(22, 28))

    assert asked.days == Decimal(4)


def test_nobody_decides_on_their_own_leave(session: Session, team: Team) -> None:
    be(session, team.max)
    asked = leave.request_leave(session, team.max, team.annual, days(22, 23))
    be(session, team.lena)
    own = leave.request_leave(session, team.lena, team.annual, days(22, 23))

    for who, roles, number, refusal in (
        (team.max, ("employee",), asked.number, errors.OwnLeave),
        # Also not with every role there is, and through another account of the same human being.
        (team.max, ("hr", "admin", "manager"), asked.number, errors.OwnLeave),
        (team.lena, ("hr", "employee"), own.number, errors.OwnLeave),
        (team.ada, ("employee",), asked.number, errors.NotTheirManager),
        # The one who reports to somebody does not decide on theirs.
        (team.max, ("employee",), own.number, errors.NotTheirManager),
        (None, ("accountant",), asked.number, errors.NotTheirManager),
    ):
        be(session, who, *roles)
        with pytest.raises(refusal):
            leave.decide_leave(session, number, approve=True)
    be(session, team.ada)
    with pytest.raises(errors.NotTheirLeave):
        leave.request_leave(session, team.max, team.annual, days(29, 29))
    with pytest.raises(errors.NotTheirLeave):
        leave.cancel_leave(session, asked.number)
    be(session, team.max, "hr")
    with pytest.raises(OwnTerms):
        leave.grant_leave(session, team.max, team.annual, Decimal(5))
    be(session, None, "hr")
    assert leave.decide_leave(session, own.number, approve=False).state is LeaveState.REFUSED


def test_no_more_is_taken_than_there_is(session: Session, team: Team) -> None:
    leave.correct_balance(session, team.max, team.annual, Decimal(-21), because="taken before")

    with pytest.raises(errors.LeaveBeyondBalance) as refused:
        leave.request_leave(session, team.max, team.annual, days(22, 25))
    first = leave.request_leave(session, team.max, team.annual, days(22, 23))
    second = leave.request_leave(session, team.max, team.annual, days(29, 30))
    leave.decide_leave(session, first.number, approve=True)
    with pytest.raises(errors.LeaveBeyondBalance):
        leave.decide_leave(session, second.number, approve=True)

    assert str(refused.value) == ("E-00002 has 3 days of annual leave left by 2026-06-22, not 4.")
    with pytest.raises(IntegrityError, match="more leave than there is"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO leave_entry (id, created_at, employee_id, type_id, kind, days,"
                " effective_on, note) VALUES (gen_random_uuid(), now(), :who, :what, 'correction',"
                " -2, '2026-07-01', '')"
            ),
            {"who": team.max.id, "what": team.annual.id},
        )
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_requests_that_make_no_sense_are_refused(session: Session, team: Team) -> None:
    leave.request_leave(session, team.max, team.annual, days(22, 24, ends_at_noon=True))

    for away, refusal in (
        (days(27, 28), errors.NoWorkingDays),
        (days(24, 22), errors.LeaveEndsBeforeStart),
        (days(23, 25), errors.LeaveOverlaps),
        (days(24, 24), errors.LeaveOverlaps),
        (Stretch(date(2025, 12, 31), date(2026, 1, 2)), BeforeHiring),
        (Stretch(MONDAY, date(2028, 1, 1)), errors.LeaveTooLong),
    ):
        with pytest.raises(refusal):
            leave.request_leave(session, team.max, team.annual, away)
    # The afternoon of a day whose morning is free already.
    rest = leave.request_leave(session, team.max, team.annual, days(24, 24, starts_at_noon=True))
    assert rest.days == Decimal("0.5")
    with pytest.raises(errors.UnknownLeaveType, match="Did you mean ANNUAL"):
        leave.find_leave_type(session, "anual")
    with pytest.raises(IntegrityError, match="ex_leave_request_overlap"), session.begin_nested():
        session.execute(text("UPDATE leave_request SET starts_at_noon = false"))


def test_days_are_credited_carried_and_lapse_once(session: Session) -> None:
    team = Team(session, max_carry=Decimal(5), carried_months=3, encash_max=Decimal(4))
    assert leave.leave_accrual(session) == []
    leave.correct_balance(session, team.max, team.annual, Decimal(-16), because="taken before")

    leave.leave_carry_forward(session, year=2026)
    assert leave.leave_carry_forward(session, year=2026) == []
    at_new_year = leave.leave_balance(session, team.max.id, team.annual, on=date(2027, 1, 1))
    taken = leave.request_leave(
        session, team.max, team.annual, Stretch(date(2027, 2, 1), date(2027, 2, 2))
    )
    leave.decide_leave(session, taken.number, approve=True)
    assert leave.expire_carried(session, on=date(2027, 3, 31)) == []
    leave.expire_carried(session, on=date(2027, 4, 1))
    assert leave.expire_carried(session, on=date(2027, 5, 1)) == []

    # Eight were left, five go on, two of those are used, and three lapse at the end of March.
    assert at_new_year == 5
    assert leave.leave_balance(session, team.max.id, team.annual) == 0
    assert leave.leave_balance(session, team.ada.id, team.annual) == 0


def test_each_way_that_days_come_or_go_has_words_of_its_own() -> None:
    said = {
        kind: LeaveBooked("E-00001", "ANNUAL", kind, "+1", "2027-01-01").changes()[0].says("zh")
        for kind in leave.LeaveEntryKind
    }

    assert said[leave.LeaveEntryKind.CARRIED].startswith("假期余额 E-00001 ANNUAL (结转): +1")
    assert all("leave_" not in each for each in said.values())


def test_days_are_paid_out_by_the_pay_and_up_to_the_policy(session: Session) -> None:
    team = Team(session, encash_max=Decimal(4))
    hr.set_pay(session, team.max, Money.of("3900.00", "EUR"), starts_on=HIRED)

    _, amount = leave.encash_leave(session, team.max, team.annual, Decimal("2.5"))

    # 3,900 a month are 46,800 a year, 180.00 for each of 260 days.
    assert str(amount) == "450.00 EUR"
    assert leave.leave_balance(session, team.max.id, team.annual) == Decimal("21.5")
    with pytest.raises(errors.EncashBeyondPolicy) as refused:
        leave.encash_leave(session, team.max, team.annual, Decimal(2))
    assert str(refused.value) == (
        "At most 4 days of annual leave are paid out a year; 2.5 were, so 2 are too many."
    )


def test_two_approvals_at_once_take_no_more_than_there_is(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        team = Team(session)
        leave.correct_balance(session, team.max, team.annual, Decimal(-21), because="before")
        numbers = [
            leave.request_leave(session, team.max, team.annual, days(day, day + 1)).number
            for day in (22, 24, 29)
        ]

    def approve(place: int) -> str:
        with unit_of_work(founded) as session:
            return leave.decide_leave(session, numbers[place], approve=True).number

    outcomes = at_once(approve, 3)

    assert sum(isinstance(each, str) for each in outcomes) == 1
    assert sum(isinstance(each, errors.LeaveBeyondBalance) for each in outcomes) == 2
