"""Time, sealed documents, pay totals, and the tasks of who comes and leaves."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr
from core.hr import documents
from core.hr import time as times
from core.hr.documents import DocumentKind
from core.hr.documents.errors import DocumentKnown, NotADocumentNumber
from core.hr.employment.errors import NotYoursToSee
from core.hr.employment.totals import pay_totals, shown_of
from core.hr.time import DayKind, errors
from core.kernel import clock
from core.kernel.calendars import set_holiday
from core.kernel.database import unit_of_work
from core.kernel.events import ChangeEvent, as_json, recorded
from core.kernel.money import Money
from core.kernel.vault import NotReadable, vault_of
from core.processes import staffing
from core.processes.staffing import TaskState, WorkflowKind
from core.processes.staffing.errors import NotTheirTask, TaskDone, UnknownTask
from core.timesheets.errors import DayTooLong, NoHours, WorkedInFuture
from tests.conftest import TODAY
from tests.core.test_hr_leave import Team, be


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session)


def test_hours_and_overtime_follow_the_rules_of_the_day(session: Session, team: Team) -> None:
    set_holiday(session, region="DE", day=date(2026, 6, 4), name="A holiday")
    for kind, usual, rate in (
        (DayKind.WORKDAY, "8", "150"), (DayKind.REST_DAY, "0", "200"),
        (DayKind.HOLIDAY, "0", "300"),
    ):  # fmt: skip
        times.set_overtime_rule(
            session, kind=kind, daily_hours=Decimal(usual), rate_percent=Decimal(rate),
            valid_from=date(2026, 1, 1), source="the test's own",
        )  # fmt: skip
    be(session, team.max)
    for day, hours in ((3, "8"), (4, "3"), (5, "6.5"), (5, "3.25"), (6, "2")):
        times.log_hours(
            session, team.max, Decimal(hours), activity="sorting", day=date(2026, 6, day)
        )

    found = times.overtime(session, team.max, date(2026, 6, 1), date(2026, 6, 30))

    # Wednesday is usual, Thursday a holiday, Friday 1.75 above eight, Saturday free.
    assert [(each.day.day, each.hours, each.rate_percent) for each in found] == [
        (4, 3, 300), (5, Decimal("1.75"), 150), (6, 2, 200),
    ]  # fmt: skip


def test_hours_that_make_no_sense_are_refused(session: Session, team: Team) -> None:
    be(session, team.max)
    times.log_hours(session, team.max, Decimal(20), activity="a long day")

    for hours, day, refusal in (
        ("5", TODAY, DayTooLong),
        ("0", TODAY, NoHours),
        ("25", TODAY, NoHours),
        ("1", date(2026, 6, 16), WorkedInFuture),
    ):
        with pytest.raises(refusal):
            times.log_hours(session, team.max, Decimal(hours), activity="x", day=day)
    with pytest.raises(errors.NotTheirTime):
        times.log_hours(session, team.ada, Decimal(1), activity="x")
    with pytest.raises(IntegrityError, match="a day has 24 hours"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO time_entry (id, created_at, number, party_id, worked_on, hours, note)"
                " SELECT gen_random_uuid(), now(), 'TE-2', party_id, worked_on, 5, ''"
                " FROM time_entry"
            )
        )


def test_somebody_is_here_once_and_works_one_shift(session: Session, team: Team) -> None:
    night = times.add_shift(
        session, code="night", name="Night", name_zh="夜班", starts=time(22), ends=time(6),
        break_minutes=30,
    )  # fmt: skip
    times.plan_shift(session, team.max, night, starts_on=TODAY)
    with clock.frozen_at(datetime(2026, 6, 15, 6, 0, tzinfo=UTC)):
        times.check_in(session, team.max)

    with pytest.raises(errors.HereAlready, match="since 2026-06-15 06:00"):
        times.check_in(session, team.max)
    with pytest.raises(errors.ShiftsOverlap):
        times.plan_shift(session, team.max, night, starts_on=date(2026, 7, 1))
    gone = times.check_out(session, team.max)
    with pytest.raises(errors.NotHere):
        times.check_out(session, team.max)
    assert times.shift_hours(night) == Decimal("7.5")
    assert gone.out_at is not None


def test_a_document_is_sealed_masked_and_read_on_record(session: Session, team: Team) -> None:
    number = "310115 19900101 1234"
    card = documents.keep_document(
        session, team.max, kind=DocumentKind.IDENTITY_CARD, number=number, country="CN"
    )

    assert card.masked == "••••••••••••••1234"
    assert documents.read_document(session, card.id) == "310115199001011234"
    for stored in session.execute(text("SELECT t::text FROM employee_document AS t")):
        assert "19900101" not in stored[0]
    assert all("19900101" not in str(as_json(fact)) for fact in recorded(session))
    with pytest.raises(DocumentKnown):
        documents.keep_document(
            session, team.ada, kind=DocumentKind.IDENTITY_CARD, number=number, country="CN"
        )
    with pytest.raises(NotADocumentNumber):
        documents.keep_document(
            session, team.ada, kind=DocumentKind.PASSPORT, number="x", country="CN"
        )
    # A sealed number that is moved to somebody else is not readable there.
    with pytest.raises(NotReadable):
        vault_of(session).opened(card.sealed, belongs_to=f"{team.ada.id}:identity_card")
    be(session, None, "manager", "admin", "accountant")
    with pytest.raises(NotYoursToSee):
        documents.list_documents(session, team.max)
    with pytest.raises(NotYoursToSee):
        documents.read_document(session, card.id)
    be(session, team.max)
    assert [each.masked for each in documents.list_documents(session, team.max)] == [card.masked]


def test_a_total_never_tells_of_fewer_than_five(session: Session, team: Team) -> None:
    office = hr.find_department(session, "OFFICE")
    for name in ("More 1", "More 2"):
        hr.add_employee(session, name=name, department=office, job_title="Clerk")
    alone = hr.add_department(session, code="ALONE", name="Alone", name_zh="独")
    hr.add_employee(
        session, name="One", department=alone, job_title="x", pay=Money.of("9000.00", "EUR")
    )
    for name in (team.lena.number, team.max.number, team.ada.number, "More 1", "More 2"):
        person = hr.find_employee(session, name)
        hr.set_pay(session, person, Money.of("1000.00", "EUR"), starts_on=TODAY)

    totals, whole = pay_totals(session, TODAY)

    # Five of the office are enough; but the whole less theirs is what one person is paid.
    assert [(each.department, each.people, each.total) for each in totals] == [
        ("ALONE", 1, None), ("OFFICE", 5, None),
    ]  # fmt: skip
    assert whole == Money.of("168000.00", "EUR")
    assert shown_of({"A": 7, "B": 6, "C": 4}) == {"A"}
    assert shown_of({"A": 7, "B": 3, "C": 4}) == {"A"}
    assert shown_of({"A": 7, "B": 5}) == {"A", "B"}
    be(session, None, "sales", "accountant", "employee")
    with pytest.raises(NotYoursToSee):
        pay_totals(session, TODAY)


def test_tasks_are_done_once_by_whose_they_are(session: Session, team: Team) -> None:
    started = staffing.start_workflow(session, team.max, WorkflowKind.ONBOARDING, day=TODAY)
    again = staffing.start_workflow(session, team.max, WorkflowKind.ONBOARDING, day=TODAY)
    assert started.number == again.number

    be(session, None, "manager")
    staffing.finish_task(session, started.number, 4)
    with pytest.raises(TaskDone):
        staffing.finish_task(session, started.number, 4)
    with pytest.raises(NotTheirTask):
        staffing.finish_task(session, started.number, 1)
    with pytest.raises(UnknownTask):
        staffing.finish_task(session, started.number, 99)
    # Not even who may do everything does it for themselves.
    be(session, team.max, "hr", "admin", "manager")
    with pytest.raises(NotTheirTask):
        staffing.finish_task(session, started.number, 1)
    be(session, None, "hr")
    for position in (1, 2, 3, 5, 6, 7):
        done = staffing.finish_task(session, started.number, position)
    assert done.finished_at is not None
    assert staffing.open_tasks(session) == []


def test_a_workflow_goes_on_where_it_was_killed(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        team = Team(session)
        number = staffing.start_workflow(
            session, team.max, WorkflowKind.OFFBOARDING, day=TODAY
        ).number
    for position in range(1, 7):
        with pytest.raises(ZeroDivisionError), unit_of_work(founded) as session:
            staffing.finish_task(session, number, position)
            _ = 1 // 0

        def finish(_: int, position: int = position) -> str:
            with unit_of_work(founded) as session:
                return staffing.finish_task(session, number, position).number

        outcomes = at_once(finish, 3)

        assert sum(isinstance(each, str) for each in outcomes) == 1
    with unit_of_work(founded) as session:
        workflow = staffing.find_workflow(session, number)
        assert {task.state for task in workflow.tasks} == {TaskState.DONE}
        moved = session.query(ChangeEvent).where(ChangeEvent.name == "staffing.task_moved").count()
        assert moved == 6
