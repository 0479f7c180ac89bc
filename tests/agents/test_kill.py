"""kill -9 at random moments of real work: nothing lost, nothing doubled, the books right."""

import contextlib
import random
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, func, select, text

from core.approvals import Proposal, ProposalState, set_limit
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.settings import Settings
from core.ledger import JournalEntry
from core.purchasing import PurchaseOrder
from tests.simulators.clerk import piece, work
from tests.simulators.forks import FORKS


def work_until_killed(
    settings: Settings, first: int, last: int, after_seconds: float
) -> tuple[list[int], bool]:
    """Start a clerk, kill it after some time; return the pieces it answered, and if it ended."""
    url = settings.database_url
    assert url is not None
    environment = {
        "DATABASE_URL": url.get_secret_value(),
        "PROKURIST_HOME": str(settings.home),
    }
    heard, told = FORKS.Pipe(duplex=False)
    clerk = FORKS.Process(target=work, args=(first, last, environment, told))
    clerk.start()
    told.close()
    answered: list[int] = []
    # The moment of death is counted from its first answer.
    with heard, contextlib.suppress(EOFError):
        while True:
            answered.append(heard.recv())
            if len(answered) == 1:
                threading.Timer(after_seconds, clerk.kill).start()
    clerk.join()
    return answered, clerk.exitcode == 0


def run(engine: Engine, settings: Settings, *, pieces: int, seed: int) -> int:
    with unit_of_work(engine) as session:
        for role in ("buyer", "accountant", "admin"):
            set_limit(session, role=role, alone=None, approve=None, two_persons_above=None)
    moments, answered, kills, vain = random.Random(seed), 0, 0, 0
    while answered < pieces:
        # Begin with the last piece that was answered: its repetition must change nothing.
        first = max(0, answered - 1)
        # Whoever dies too early for anything lives longer the next time: a machine may be slow.
        life = moments.uniform(0.0, 0.5 * (1 + vain))
        done, ended = work_until_killed(settings, first, pieces, life)
        assert done, "the clerk died by itself, before its first answer"
        vain = 0 if max(done) >= answered else vain + 1
        answered = max(answered, max(done) + 1)
        kills += not ended
    return kills


def check(engine: Engine, pieces: int) -> None:
    expected_orders = sum(
        len(calls)
        for place in range(pieces)
        if (calls := piece(place)[1])[0]["tool"] == "purchasing.order_item"
    )
    with reading(engine) as session:
        assert verify(session) == []
        executed = select(func.count()).where(Proposal.state == ProposalState.EXECUTED)
        assert session.scalars(executed).one() == pieces
        assert session.scalars(select(func.count(PurchaseOrder.id))).one() == expected_orders
        entries = select(func.count()).where(JournalEntry.memo.like("piece %"))
        assert session.scalars(entries).one() == sum(
            piece(place)[1][0]["tool"] == "ledger.post_entry" for place in range(pieces)
        )
        numbers = session.scalars(select(PurchaseOrder.number).order_by(PurchaseOrder.number))
        assert list(numbers) == [f"PO-{place:05d}" for place in range(1, expected_orders + 1)]


def test_a_killed_clerk_loses_and_doubles_nothing(
    shop: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    seed = 20261123
    kills = run(shop, settings_of(shop), pieces=12, seed=seed)

    assert kills >= 1, f"nothing was killed with seed {seed}"
    check(shop, 12)


def test_the_database_cut_in_the_middle_leaves_nothing_half_done(
    shop: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    stop = threading.Event()

    def cut() -> None:
        while not stop.wait(0.15):
            with shop.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
                connection.commit()

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        for _ in range(3):
            work_until_killed(settings_of(shop), 0, 10, 60)
    finally:
        stop.set()
        cutter.join()
    work_until_killed(settings_of(shop), 0, 10, 60)

    check(shop, 10)


@pytest.mark.long
def test_two_hundred_kills(shop: Engine, settings_of: Callable[[Engine], Settings]) -> None:
    seed = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {seed}\n")
    pieces = 3000
    kills = run(shop, settings_of(shop), pieces=pieces, seed=seed)

    assert kills >= 200
    check(shop, pieces)
