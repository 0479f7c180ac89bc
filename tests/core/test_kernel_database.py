"""The three kinds of transaction, and what the schema promises by itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DataError, IntegrityError, InternalError

from core.approvals import Proposal
from core.kernel import clock, events
from core.kernel.audit import AuditRecord
from core.kernel.company import CompanyExists, NoCompanyYet, company, found_company, today
from core.kernel.database import DatabaseUnavailable, connect, reading, rehearsal, unit_of_work
from core.kernel.effects import Effect
from core.kernel.events import ChangeEvent
from core.kernel.references import known, remember
from core.kernel.settings import Settings
from core.ledger import Journal, JournalEntry
from core.parties import Territory
from core.processes.schema import METADATA, dumped, lines_of, upgrade
from tests.conftest import TODAY, Databases


def territory(code: str) -> Territory:
    return Territory(code=code, name=code, name_zh=code, country="DE", region="Europe")


def test_a_unit_of_work_is_kept_whole_or_not_at_all(founded: Engine) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(founded) as session:
        session.add(territory("A"))
        session.flush()
        _ = 1 // 0

    with reading(founded) as session:
        assert session.scalar(select(Territory)) is None


def test_what_was_prepared_outlives_a_rollback_unless_something_failed(engine: Engine) -> None:
    asked = text("SELECT CAST(:n AS integer) AS kept")
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS kept'")
    with engine.connect() as connection:
        for n in range(8):
            assert connection.scalar(asked, {"n": n}) == n
        connection.rollback()
        assert connection.scalar(prepared) == 1

        with pytest.raises(DataError):
            connection.execute(text("SELECT 1 / 0"))
        connection.rollback()
        assert connection.scalar(prepared) == 0


def test_a_result_is_described_to_whoever_asks(engine: Engine) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.cursor()
        driver.execute("SELECT 1 AS one, 'x' AS other")
        assert [column.name for column in driver.description] == ["one", "other"]
        assert [column[0] for column in driver.description[1:]] == ["other"]
        driver.execute("SET search_path TO public")
        assert driver.description is None


def test_a_rehearsal_leaves_nothing_behind(founded: Engine) -> None:
    with rehearsal(founded) as session:
        session.add(territory("A"))
        session.flush()
        assert session.scalar(select(Territory.code)) == "A"

    with reading(founded) as session:
        assert session.scalar(select(Territory)) is None


def test_a_rehearsal_meets_the_checks_that_wait_for_the_commit(founded: Engine) -> None:
    with pytest.raises(IntegrityError, match="not balanced"), rehearsal(founded) as session:
        session.add(
            JournalEntry(number="X", journal=Journal.GENERAL, posted_on=TODAY, memo="", origin="")
        )


def test_who_only_reads_cannot_write(founded: Engine) -> None:
    with pytest.raises(InternalError, match="read-only"), reading(founded) as session:
        session.add(territory("A"))
        session.flush()


def test_an_instant_comes_back_as_it_went_in(founded: Engine) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with clock.frozen_at(noon), unit_of_work(founded) as session:
        session.add(territory("A"))

    with reading(founded) as session:
        session.execute(text("SET LOCAL TIME ZONE 'Asia/Shanghai'"))
        created = session.scalars(select(Territory.created_at)).one()
        assert created.isoformat() == noon.isoformat()


def test_a_state_is_one_of_its_values(founded: Engine) -> None:
    with pytest.raises(IntegrityError, match="ck_period"), unit_of_work(founded) as session:
        session.execute(text("UPDATE period SET state = 'OPEN'"))


def test_a_topic_has_one_open_proposal_whoever_inserts_it(founded: Engine) -> None:
    def twin(number: str) -> Proposal:
        made = Proposal(
            number=number,
            topic="t",
            title="t",
            reason={},
            undo={"possible": False, "how": [], "why_not": []},
            asked_by="a",
            asked_by_human="a",
            asked_by_roles=[],
            needs_roles=[],
            door="test",
            expires_at=clock.now(),
        )
        made.show([], Effect(()))
        return made

    with pytest.raises(IntegrityError, match="open_topic"), unit_of_work(founded) as session:
        session.add_all([twin("PR-1"), twin("PR-2")])


def test_the_company_says_what_day_it_is(founded: Engine) -> None:
    with reading(founded) as session:
        assert today(session) == TODAY
        assert company(session).currency == "EUR"

    day = TODAY.replace(day=1)
    with clock.on_business_date(day), reading(founded) as session:
        assert today(session) == day


def test_an_empty_database_has_no_company_and_a_full_one_has_one(
    engine: Engine, founded: Engine
) -> None:
    with pytest.raises(NoCompanyYet), reading(engine) as session:
        company(session)
    with pytest.raises(CompanyExists, match="Testwerk"), unit_of_work(founded) as session:
        found_company(session, name="B", name_zh="乙", country="CN", currency="CNY")


def test_what_was_imported_is_found_again(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        place = territory("A")
        session.add(place)
        session.flush()
        assert known(session, "elsewhere", "territory") == {}
        remember(session, "elsewhere", "territory", {"7": place.id})

    with reading(founded) as session:
        assert known(session, "elsewhere", "territory") == {"7": place.id}


def test_the_revisions_make_the_schema_that_the_tables_declare(databases: Databases) -> None:
    migrated, declared = databases("schema"), databases("")
    METADATA.create_all(declared)

    assert lines_of(dumped(migrated)) == lines_of(dumped(declared))


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    before = dumped(engine)
    upgrade(engine)

    assert dumped(engine) == before


def test_a_database_that_is_not_there_is_a_kind_refusal(
    founded: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    url = founded.url.set(drivername="postgresql", database="nowhere")
    gone = settings_of(founded).model_copy(
        update={"database_url": type(settings_of(founded).database_url)(str(url))}
    )

    with pytest.raises(DatabaseUnavailable), reading(connect(gone)):
        pass


def test_every_fact_has_one_audit_record(founded: Engine) -> None:
    with reading(founded) as session:
        facts = session.scalars(select(func.count()).select_from(ChangeEvent)).one()
        sealed = session.scalars(select(func.count(AuditRecord.event_sequence.distinct()))).one()

    assert facts == sealed > 0
    assert events.Fact.kinds
