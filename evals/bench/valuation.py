"""What the size of the stock ledger costs: checking every cost, and one event that comes late."""

import time
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from core import catalog, inventory, ledger
from core.catalog import Item
from core.compliance.valuation import costs_are_their_replay
from core.inventory import Incoming, MovesBringer, Outgoing
from core.kernel.company import found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE, open_standard_chart

FIRST, TODAY = date(2025, 1, 1), date(2026, 12, 15)
BUSY = 10_000


def bench_valuation(engine: Engine, *, items: int, moves: int) -> list[tuple[str, str]]:
    """Fill a stock ledger, play all of it again, and let a receipt come late."""
    with unit_of_work(engine) as session:
        found_company(
            session, name="Bench", name_zh="基准", country="DE", currency="EUR",
            business_date=TODAY,
        )  # fmt: skip
        open_standard_chart(session)
        for year in (FIRST.year, TODAY.year):
            ledger.open_fiscal_year(session, year)
        inventory.open_standard_locations(session)
        catalog.open_standard_catalog(session)
        goods = [
            catalog.add_item(session, sku=f"ITEM-{place:04d}", name=f"Item {place}")
            for place in range(items + 1)
        ]
        session.flush()
        main = inventory.main_location(session)
        bringer = MovesBringer(session, "BENCH", [item.id for item in goods])
        for item in goods[1:]:
            _bring(bringer, main, item, moves // items)
        _bring(bringer, main, goods[0], BUSY)
        bringer.close()
    started = time.perf_counter()
    with reading(engine) as session:
        assert not list(costs_are_their_replay(session)), "what was brought is valued as ours is"
    checked = time.perf_counter() - started
    return [
        ("costs played again", f"{checked:.1f} s, {items} items, {moves + BUSY} moves"),
        ("a receipt comes late", f"{_late(engine, FIRST):.2f} s, the first of {BUSY} moves"),
        ("a receipt comes late", f"{_late(engine, TODAY - timedelta(3)):.2f} s, near the last"),
    ]


def _bring(bringer: MovesBringer, main: inventory.Location, item: Item, moves: int) -> None:
    """Bring as many moves of an item: some come at changing prices, and some leave."""
    span = (TODAY - FIRST).days - 1
    for place in range(moves):
        day = FIRST + timedelta(1 + place * span // moves)
        if place % 2 == 0:
            worth = Money((700 + place * 37 % 600) * 10, "EUR")
            bringer.receive(
                [Incoming(item, Decimal(10), worth)], location=main, against=OPENING_BALANCE,
                origin=f"{item.sku}/R{place}", memo="in", day=day,
            )  # fmt: skip
        else:
            bringer.issue(
                [Outgoing(item, Decimal(9))], location=main,
                origin=f"{item.sku}/D{place}", memo="out", day=day,
            )  # fmt: skip
    bringer.write()


def _late(engine: Engine, day: date) -> float:
    """Receive something of the busiest item on a day of the past."""
    started = time.perf_counter()
    with unit_of_work(engine) as session:
        inventory.receive_goods(
            session,
            [Incoming(catalog.find_item(session, "ITEM-0000"), Decimal(7), Money.of(91, "EUR"))],
            location=inventory.main_location(session),
            against=OPENING_BALANCE,
            origin=f"LATE {day}",
            memo="late",
            moved_on=day,
        )
    return time.perf_counter() - started
