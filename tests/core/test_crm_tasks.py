"""Tasks are due, done or given up; a calendar reads them under a secret of one's own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core import crm, parties
from core.crm import tasks
from core.crm.tasks import About, TaskKind, TaskState
from core.crm.tasks.calendar import escaped, folded
from core.crm.tasks.errors import (
    DueInThePast,
    NoFeed,
    NotAColleague,
    RemindTooLate,
    TaskClosed,
    UnknownTask,
)
from core.kernel.company import set_time_zone
from core.kernel.identity import service as identity
from core.kernel.identity.tables import Person
from tests.conftest import TODAY

SOON = TODAY + timedelta(days=4)


@pytest.fixture
def anna(session: Session) -> Person:
    return identity.add_person(session, login="anna", name="Anna", roles={"sales"})


def test_what_is_done_with_somebody_becomes_an_activity(session: Session, anna: Person) -> None:
    party = parties.add_customer(session, name="Rad Haus").party
    task = tasks.plan_task(
        session, owner=anna, subject="Ask for the order", due_on=SOON, kind=TaskKind.CALL,
        about=About(party=party, document="QU-00001"),
    )  # fmt: skip
    other = tasks.plan_task(session, owner=anna, subject="Tidy up", due_on=TODAY)

    mine = tasks.list_tasks(session, owner_id=anna.id)
    assert [(t.number, t.overdue) for t in mine] == [(other.number, False), (task.number, False)]
    tasks.finish_task(session, "ask for the order", outcome="They order in July")
    tasks.cancel_task(session, other.number)

    [said] = crm.list_activities(session, party.id)
    assert (said.kind, said.subject, said.body) == (
        "call", "Ask for the order", "They order in July"
    )  # fmt: skip
    assert tasks.list_tasks(session) == []
    assert tasks.view_task(session, other.number).state is TaskState.CANCELLED
    with pytest.raises(TaskClosed, match=f"{task.number} is done already"):
        tasks.finish_task(session, task.number)


def test_bad_tasks_are_refused_with_the_reason(session: Session, anna: Person) -> None:
    def planned(**said: object) -> object:
        given = {"owner": anna, "subject": "Call", "due_on": SOON, **said}
        return tasks.plan_task(session, **given)  # type: ignore[arg-type]

    left = identity.add_person(session, login="leo", name="Leo", roles={"sales"})
    identity.deactivate_person(session, "leo")
    for said, error, message in (
        ({"due_on": TODAY - timedelta(days=1)}, DueInThePast, "due on 2026-06-14: today is"),
        ({"remind_on": SOON + timedelta(days=1)}, RemindTooLate, "comes too late"),
        ({"owner": left}, NotAColleague, "leo has no account that is in use"),
    ):
        with pytest.raises(error, match=message):
            planned(**said)
    with pytest.raises(UnknownTask, match='no task called "nothing"'):
        tasks.finish_task(session, "nothing")


def test_a_task_is_put_off_with_its_hour_and_reminded_by_its_day(
    session: Session, anna: Person
) -> None:
    begins = datetime(2026, 6, 19, 12, 30, tzinfo=UTC)
    task = tasks.plan_task(
        session, owner=anna, subject="Meet", due_on=SOON, starts_at=begins,
        remind_on=SOON - timedelta(days=2),
    )  # fmt: skip
    assert tasks.tasks_to_remind(session) == []

    tasks.change_task(session, task.number, due_on=SOON + timedelta(days=7))

    assert (task.starts_at, task.remind_on) == (
        begins + timedelta(days=7), SOON + timedelta(days=7)
    )  # fmt: skip
    session.info["today"] = SOON + timedelta(days=7)
    session.info.pop("company")
    assert [each.number for each in tasks.tasks_to_remind(session)] == [task.number]


def test_a_task_keeps_its_hour_where_the_clocks_change(session: Session, anna: Person) -> None:
    set_time_zone(session, "Europe/Berlin")
    task = tasks.plan_task(
        session, owner=anna, subject="Meet", due_on=date(2026, 10, 20),
        starts_at=datetime(2026, 10, 20, 12, 30, tzinfo=UTC),
    )  # fmt: skip

    tasks.change_task(session, task.number, due_on=date(2026, 10, 27))

    assert task.starts_at == datetime(2026, 10, 27, 13, 30, tzinfo=UTC)


def test_a_calendar_is_read_with_its_own_secret_only(session: Session, anna: Person) -> None:
    party = parties.add_customer(session, name="Müller; Söhne, KG").party
    tasks.plan_task(
        session, owner=anna, subject="Meet", due_on=SOON, about=About(party=party),
        starts_at=datetime(2026, 6, 19, 12, 30, tzinfo=UTC), minutes=45, notes="Bring\nsamples",
    )  # fmt: skip
    gone = tasks.plan_task(session, owner=anna, subject="Call", due_on=SOON)
    tasks.cancel_task(session, gone.number)
    first = tasks.open_calendar(session, anna)
    secret = tasks.open_calendar(session, anna)

    feed = tasks.calendar_feed(session, tasks.person_of_calendar(session, secret)).decode()

    lines = feed.replace("\r\n ", "").split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert "SUMMARY:Meet (Müller\\; Söhne\\, KG)" in lines
    assert {"DTSTART:20260619T123000Z", "DTEND:20260619T131500Z"} <= set(lines)
    assert {"DTSTART;VALUE=DATE:20260619", "DTEND;VALUE=DATE:20260620"} <= set(lines)
    assert lines.count("STATUS:CANCELLED") == 1
    assert "DESCRIPTION:TK-00001\\nBring\\nsamples" in lines
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    assert secret not in feed
    for wrong in (first, "", "x" * 43):
        with pytest.raises(NoFeed):
            tasks.person_of_calendar(session, wrong)
    tasks.close_calendar(session, anna)
    with pytest.raises(NoFeed):
        tasks.person_of_calendar(session, secret)


def test_long_lines_are_folded_within_no_letter() -> None:
    line = "SUMMARY:" + "会议" * 60

    parts = list(folded(line))

    assert all(len(part) <= 75 for part in parts)
    assert b"".join(part[bool(place) :] for place, part in enumerate(parts)).decode() == line
    assert escaped("a\x07,b;c\\d\ne") == "a\\,b\\;c\\\\d\\ne"
