"""Run every benchmark in houses that are thrown away, and print what was measured."""

import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from channels.demo.company import load_demo
from channels.demo.story import throw_away_house
from channels.terminal.logs import close_log, log_to_file
from core.kernel.settings import CHECKOUT
from evals.bench import measures, trade
from evals.bench.books import bench_ledger
from evals.bench.payroll import bench_payroll
from evals.bench.planning import bench_planning
from evals.bench.promises import bench_promises
from evals.bench.reports import bench_questions
from evals.bench.stock import bench_stock
from evals.bench.tenfold import multiply
from evals.bench.valuation import bench_valuation

ADVENTUREWORKS = CHECKOUT.parent / "shared" / "data" / "adventureworks"
ORDERS, TURNS, REHEARSALS, ITEMS, PROMISES = 40, 42, 40, 12, 10
WANTING = (8, 32)
TENFOLD = 10
# Of each client in each round, beside the others.
ORDERS_AT_ONCE = 10
LEDGER_LINES = (10_000, 1_000_000)
STOCK_ITEMS, STOCK_MOVES = 10_000, 1_000_000
VALUED_ITEMS, VALUED_MOVES = 200, 200_000
PAID = (1_000, 5_000, 10_000)
PLANNED = (5_000, 10_000, 50_000)


def main() -> None:
    """Measure, and print each figure as soon as it is known."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ADVENTUREWORKS
    if folder.is_dir():
        with throw_away_house() as (engine, settings):
            log_to_file(settings)
            _say("AdventureWorks import", measures.bench_import(engine, folder))
            _questions(engine)
            close_log()
    else:
        _say("AdventureWorks import", f"left out: there is no folder {folder}")
    with throw_away_house() as (engine, settings):
        log_to_file(settings)
        started = time.perf_counter()
        load_demo(engine)
        _say("demo company", f"{time.perf_counter() - started:.1f} s, 18 months day by day")
        _trade(engine)
        _say("ask", measures.bench_ask(engine, settings, turns=TURNS))
        _say("change → proposal", measures.bench_watcher(engine, items=ITEMS))
        close_log()
    with throw_away_house() as (small, settings), throw_away_house() as (large, _):
        log_to_file(settings)
        for name, measured in bench_ledger(small, large, lines=LEDGER_LINES):
            _say(name, measured)
        close_log()
    with throw_away_house() as (engine, settings):
        log_to_file(settings)
        for name, measured in bench_stock(engine, items=STOCK_ITEMS, moves=STOCK_MOVES):
            _say(name, measured)
        close_log()
    with throw_away_house() as (engine, settings):
        log_to_file(settings)
        for name, measured in bench_valuation(engine, items=VALUED_ITEMS, moves=VALUED_MOVES):
            _say(name, measured)
        close_log()
    with throw_away_house() as (engine, settings):
        log_to_file(settings)
        for name, measured in bench_payroll(engine, sizes=PAID):
            _say(name, measured)
        close_log()
    for name, measured in bench_planning(sizes=PLANNED):
        _say(name, measured)


def _questions(engine: Engine) -> None:
    for name, measured in bench_questions(engine):
        _say(name, measured)
    multiply(engine, times=TENFOLD)
    for name, measured in bench_questions(engine):
        _say(f"{name}, tenfold", measured)


def _trade(engine: Engine) -> None:
    orders = ORDERS + 2 * trade.CLIENTS * (trade.ROUNDS * ORDERS_AT_ONCE + 2)
    roads = {
        "order to cash": trade.order_to_cash_road(engine, orders=orders),
        "procure to pay": trade.procure_to_pay_road(engine),
    }
    for name, road in roads.items():
        _say(name, trade.bench_road(engine, road, orders=ORDERS))
        at_once = trade.bench_road_at_once(engine, road, orders=ORDERS_AT_ONCE)
        _say(f"{name}, at once", at_once)
    _say("rehearsal", trade.bench_rehearsal(engine, times=REHEARSALS))
    for clients in WANTING:
        _say("promises", bench_promises(engine, clients=clients, promises=PROMISES))


def _say(name: str, measured: str) -> None:
    sys.stdout.write(f"{name:<26} {measured}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
