"""C1: however many ask for the same goods at the same moment, each is promised once."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select, text

from core import catalog, inventory
from core.compliance import verify
from core.inventory import Request, Reservation, ReservationKind, ReservationState
from core.kernel.database import reading, unit_of_work
from core.kernel.identifiers import new_id
from tests.core.shop import open_shop, stock


def hammered(clients: int, tries: int, work: Callable[[int], str]) -> tuple[Counter[str], float]:
    """Let clients work as fast as they can; return what became of it, and how many a second."""
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(clients + 1)

    def client(place: int) -> None:
        start.wait()
        for _ in range(tries // clients):
            try:
                outcomes[work(place)] += 1
            except Exception as error:  # noqa: BLE001  # Whatever it is, it is counted.
                outcomes[repr(error)] += 1

    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return outcomes, outcomes.total() / (time.perf_counter() - begun)


def promise(engine: Engine, kind: ReservationKind = ReservationKind.HARD) -> str:
    """Ask for one piece, or for nothing."""
    with unit_of_work(engine) as session:
        [lamp] = catalog.find_items(session, ["LAMP-01"])
        line = new_id()
        promised = inventory.reserve(
            session,
            [Request(lamp, Decimal(1), line, kind)],
            location=inventory.main_location(session),
            origin=f"T-{line}",
            waits=False,
        )
    return "promised" if promised[line] else "refused"


def by_hand(engine: Engine) -> str:
    """Do the same with nothing but a guarded update: the floor."""
    guarded = "UPDATE stock_level SET reserved = reserved + 1 WHERE on_hand - reserved >= 1"
    with engine.begin() as connection:
        done = connection.execute(text(guarded)).rowcount
    return "promised" if done else "refused"


@pytest.mark.parametrize(
    ("clients", "pieces", "tries"),
    [(8, 100, 320), pytest.param(32, 1_000, 3_200, marks=pytest.mark.long)],
)
def test_c1_nothing_is_promised_twice(
    founded: Engine,
    record_property: Callable[[str, object], None],
    clients: int,
    pieces: int,
    tries: int,
) -> None:
    with unit_of_work(founded) as session:
        stock(session, open_shop(session).lamp, str(pieces - 12), "8000")

    outcomes, rate = hammered(clients, tries, lambda _: promise(founded))

    assert outcomes == {"promised": pieces, "refused": tries - pieces}
    with reading(founded) as session:
        documents = select(func.count()).where(Reservation.state == ReservationState.ACTIVE)
        assert session.scalar(documents) == pieces
        assert verify(session) == []
    with founded.begin() as connection:
        connection.execute(text("UPDATE stock_level SET reserved = 0"))
    _, floor = hammered(clients, tries, lambda _: by_hand(founded))
    record_property("promises_a_second", round(rate))
    record_property("guarded_updates_a_second", round(floor))
    print(f"{clients} clients: {rate:.0f} promises/s, bare guarded update {floor:.0f}/s")  # noqa: T201


def test_soft_and_hard_at_once_never_add_up_to_more_than_there_is(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        stock(session, open_shop(session).lamp, "8", "64")

    def ask(place: int) -> str:
        return promise(founded, ReservationKind.SOFT if place % 2 else ReservationKind.HARD)

    outcomes, _ = hammered(8, 80, ask)

    assert set(outcomes) == {"promised", "refused"}
    with reading(founded) as session:
        mine = select(Reservation.kind, func.sum(Reservation.quantity)).where(
            Reservation.state == ReservationState.ACTIVE
        )
        # All forty hard requests want one each: what the soft ones had went to them.
        assert dict(session.execute(mine.group_by(Reservation.kind)).all()) == {"hard": 20}
        assert verify(session) == []
