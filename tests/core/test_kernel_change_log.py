"""Every event is read exactly once, in whatever order transactions begin and end."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.effects import Change, Effect, Kind, merged
from core.kernel.events import ChangeEvent, Fact, WatchCursor


@dataclass(frozen=True)
class Happened(Fact, name="test.happened"):
    """Something happened in a test."""

    writer: int


def news(engine: Engine) -> list[int]:
    with unit_of_work(engine) as session:
        facts = [event.fact for event in events.unread(session, "test", [Happened.name])]
    return [fact.writer for fact in facts if isinstance(fact, Happened)]


def happen(engine: Engine, writer: int = 1) -> None:
    with unit_of_work(engine) as session:
        events.record(session, Happened(writer))


def write(session: Session, writer: int) -> None:
    """Write to the log at once, as the commit of a unit of work does."""
    fact = Happened(writer)
    session.add(ChangeEvent(name=fact.name, facts=events.as_json(fact)))
    session.flush()


def test_an_event_that_commits_late_is_not_lost(founded: Engine) -> None:
    slow = Session(founded)
    write(slow, 1)
    happen_elsewhere = threading.Thread(target=happen, args=(founded, 2))
    happen_elsewhere.start()
    happen_elsewhere.join()

    assert news(founded) == []
    slow.commit()
    assert news(founded) == [1, 2]
    assert news(founded) == []
    slow.close()


@given(order=st.permutations([0, 1, 2, 3] * 3))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_interleaving_loses_or_doubles_an_event(founded: Engine, order: list[int]) -> None:
    news(founded)
    steps = {writer: steps_of(founded, writer) for writer in range(4)}
    read: list[int] = []
    for writer in order:
        next(steps[writer])
        read += news(founded)

    assert sorted(read) == [0, 1, 2, 3]


def steps_of(engine: Engine, writer: int) -> Iterator[None]:
    """Take a transaction id, then a place in the log, then commit: one step at a time."""
    with Session(engine) as session:
        session.execute(text("SELECT pg_current_xact_id()"))
        yield
        write(session, writer)
        yield
        session.commit()
    yield


def test_a_commit_rings_and_a_rehearsal_does_not(founded: Engine) -> None:
    with events.listening(founded) as wait:
        with rehearsal(founded) as session:
            events.record(session, Happened(1))
        assert not wait(timeout_seconds=0.2)

        ringer = threading.Timer(0.1, lambda: happen(founded))
        ringer.start()
        started = time.monotonic()
        assert wait(timeout_seconds=5)
        assert time.monotonic() - started < 2
        ringer.join()
    assert news(founded) == [1]


def test_history_is_no_news_to_a_watcher_that_skips_it(founded: Engine) -> None:
    happen(founded, 1)
    with unit_of_work(founded) as session:
        events.skip_to_now(session, "test")
    happen(founded, 2)

    assert news(founded) == [2]


def test_what_is_of_no_concern_to_a_watcher_is_looked_at_once(founded: Engine) -> None:
    happen(founded, 1)
    with unit_of_work(founded) as session:
        assert events.unread(session, "quiet", ["test.never"]) == []
    with unit_of_work(founded) as session:
        cursor = session.get_one(WatchCursor, "quiet")
        last = session.scalars(select(ChangeEvent).where(ChangeEvent.name == Happened.name)).one()
        assert (cursor.transaction, cursor.sequence) == (last.transaction, last.sequence)

    with founded.connect() as keeper, keeper.begin():
        keeper.execute(text("SELECT FROM watch_cursor WHERE watcher = 'quiet' FOR UPDATE"))
        with unit_of_work(founded) as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            assert events.unread(session, "quiet", ["test.never"]) == []


def test_one_look_tells_before_whom_something_lies(founded: Engine) -> None:
    def have_news() -> set[str]:
        with reading(founded) as session:
            return events.have_news(session, ["test", "quiet"])

    assert have_news() == {"test", "quiet"}
    news(founded)
    assert have_news() == {"quiet"}
    with unit_of_work(founded) as session:
        events.unread(session, "quiet", ["test.never"])
    assert have_news() == set()

    with Session(founded) as slow:
        write(slow, 1)
        happen(founded, 2)
        assert have_news() == set()
        slow.commit()
    assert have_news() == {"test", "quiet"}
    assert news(founded) == [1, 2]
    assert have_news() == {"quiet"}


def test_a_restored_log_is_read_on_from_where_it_was(founded: Engine) -> None:
    # As a dump brings it: ids from another server, far above any that this one gives out.
    far = 10**15
    with unit_of_work(founded) as session:
        events.unread(session, "test", [Happened.name])
        cursor = session.get_one(WatchCursor, "test")
        cursor.transaction, cursor.sequence = far, 10**6
        for place in (10**6, 10**6 + 1):
            facts = {"writer": place - 10**6}
            session.add(
                ChangeEvent(sequence=place, transaction=far, name=Happened.name, facts=facts)
            )
        session.flush()
        events.rebase(session)
    happen(founded, 2)

    assert news(founded) == [1, 2]


changes = st.builds(
    Change, st.sampled_from(Kind), st.text(), st.text(), st.none() | st.text(), detail=st.text()
)


@given(st.lists(changes).map(tuple), st.lists(changes).map(tuple))
def test_two_effects_share_a_digest_only_if_they_are_the_same(
    first: tuple[Change, ...], second: tuple[Change, ...]
) -> None:
    assert (Effect(first).digest == Effect(second).digest) is (first == second)
    assert Effect.from_json(Effect(first).to_json()) == Effect(first)


def test_a_note_is_shown_and_not_sealed() -> None:
    monday, friday = (
        Effect((Change(Kind.CASH, "30", "1.00 EUR", measure="cash_out", note=day),))
        for day in ("2026-07-13", "2026-07-17")
    )

    assert monday.digest == friday.digest
    assert monday.lines() != friday.lines()


def test_moves_of_one_level_are_one_line_and_new_numbers_are_hidden() -> None:
    shown = merged(
        [
            Change(Kind.STOCK, "A", "5", before="3", measure="on_hand@MAIN"),
            Change(Kind.STOCK, "A", "3", before="5", measure="on_hand@MAIN"),
            Change(Kind.STOCK, "B", "5", before="3", measure="on_hand@MAIN"),
            Change(Kind.STOCK, "B", "7", before="5", measure="on_hand@MAIN"),
            Change(Kind.DOCUMENT, "purchase_order PO-00007", "received", before="placed"),
        ],
        new_numbers=["PO-00007"],
    )

    assert [change.says("en") for change in shown] == [
        "purchase order #1: placed → received",
        "B (on hand @ MAIN): 3 → 7",
    ]
    assert shown[0].says("zh") == "采购订单 #1: 已下单 → 已收货"


def test_what_somebody_calls_first_or_up_is_said_as_they_call_it() -> None:
    for name in ("first", "last", "up", "down", "nearest", "exact", "taken", "grant"):
        change = Change(Kind.RECORD, "project PJ-00001", name, measure="task")

        assert change.says("en") == f"project PJ-00001 (task): {name}"
        assert change.says("zh") == f"项目 PJ-00001 (任务): {name}"
