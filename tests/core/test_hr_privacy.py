"""What is private of people: the database itself shows it to whose it is, and keeps who looked."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text

from core import hr
from core.hr import leave
from core.hr.employment.errors import NotYoursToSee
from core.kernel.audit import AuditRecord
from core.kernel.clock import on_business_date
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.acting import SYSTEM, Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from tests.conftest import TODAY, Databases
from tests.core.test_hr_leave import Team, days

WHOLE = {Role.HR, Role.MANAGER, Role.ADMIN, Role.AUDITOR}
OTHERS = sorted(set(Role) - WHOLE)
PRIVATE = ("employee_pay", "leave_entry", "leave_request", "leave_reason")


@pytest.fixture(scope="module")
def staffed(databases: Databases) -> Iterator[Engine]:
    engine = databases("founded")
    with on_business_date(TODAY), unit_of_work(engine) as session:
        team = Team(session)
        for place, person in enumerate((team.lena, team.max, team.ada)):
            pay = Money.of(f"{5 - place}000.00", "EUR")
            hr.set_pay(session, person, pay, starts_on=person.hired_on)
        asked = leave.request_leave(
            session, team.max, team.annual, days(22, 23), because="an operation"
        )
        leave.decide_leave(session, asked.number, approve=True)
        engine.update_execution_options(
            parties={person.party.name: person.party_id for person in (team.lena, team.max)}
        )
    yield engine
    databases.drop(engine)


def somebody(engine: Engine, name: str | None, *roles: str) -> Acting:
    party: uuid.UUID | None = engine.get_execution_options()["parties"].get(name)
    key = f"party:{party}" if party else ""
    return Acting(Actor(name or "x", frozenset(roles), party_id=party, human_key=key))


def rows(engine: Engine, who: Acting, table: str) -> int:
    with reading(engine, who) as session:
        return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


@pytest.mark.parametrize("role", OTHERS)
def test_the_database_shows_no_private_row_to_other_roles(staffed: Engine, role: str) -> None:
    for table in PRIVATE:
        assert rows(staffed, somebody(staffed, None, role), table) == 0


@pytest.mark.parametrize("role", sorted(WHOLE))
def test_whoever_answers_for_pay_sees_all_of_it(staffed: Engine, role: str) -> None:
    assert rows(staffed, somebody(staffed, None, role), "employee_pay") == 3
    assert rows(staffed, somebody(staffed, None, role), "leave_reason") == (role == Role.HR)


def test_people_see_their_own_and_managers_the_leave_of_their_people(staffed: Engine) -> None:
    max_ = somebody(staffed, "Max Kern", "employee")
    lena = somebody(staffed, "Lena Vogt", "sales")

    assert [rows(staffed, max_, table) for table in PRIVATE] == [1, 2, 1, 1]
    # Her own pay; the leave of all three, who work under her; nobody's reasons.
    assert [rows(staffed, lena, table) for table in PRIVATE] == [1, 4, 1, 0]
    # That somebody is away is everybody's to know.
    assert rows(staffed, somebody(staffed, None, "sales"), "absence") == 1


def test_the_log_and_the_trail_say_no_pay_to_others(staffed: Engine) -> None:
    paid = text("SELECT count(*) FROM change_event WHERE name = 'hr.private.pay_set'")
    audited = text("SELECT count(*) FROM audit_record WHERE body LIKE '%5,000.00 EUR%'")
    found = {}
    for role in ("accountant", "hr"):
        with reading(staffed, somebody(staffed, None, role)) as session:
            found[role] = (session.scalar(paid), session.scalar(audited))

    assert found == {"accountant": (0, 0), "hr": (3, 1)}


def test_a_look_at_pay_is_refused_or_kept_in_the_trail(staffed: Engine) -> None:
    with reading(staffed, SYSTEM) as session:
        max_ = hr.find_employee(session, "Max Kern")

    for who in (somebody(staffed, None, "sales"), somebody(staffed, "Lena Vogt", "employee")):
        with pytest.raises(NotYoursToSee) as refused, reading(staffed, who) as session:
            hr.pay_on(session, max_.id, TODAY)
        assert refused.value.message("en") == "This is not yours to see: pay."
        assert refused.value.message("zh") == "您无权查看：薪资。"
    with reading(staffed, somebody(staffed, "Max Kern", "employee")) as session:
        assert hr.pay_on(session, max_.id, TODAY).amount == Money.of("4000.00", "EUR")
    with reading(staffed) as session:
        looks = session.scalars(
            select(AuditRecord.body).where(AuditRecord.name == "hr.private_read")
        ).all()
    assert len(looks) == 1
    assert '"what":"pay"' in looks[0]
    assert '"person":"Max Kern"' in looks[0]


def test_a_login_of_its_own_for_reading_is_held_to_the_same(staffed: Engine) -> None:
    with staffed.connect() as connection:
        connection.execute(text("SET ROLE prokurist_reader"))
        for table in PRIVATE:
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        connection.execute(text("SELECT set_config('prokurist.roles', 'hr', true)"))
        assert connection.scalar(text("SELECT count(*) FROM employee_pay")) == 3
        connection.rollback()


def test_what_is_away_says_no_reason(staffed: Engine) -> None:
    with reading(staffed, somebody(staffed, None, "buyer")) as session:
        [away] = leave.who_is_away(session, TODAY, TODAY.replace(month=7))

    assert (away.name, str(away.days)) == ("Max Kern", "2.000")
    assert not hasattr(away, "type")
