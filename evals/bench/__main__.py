"""Run every benchmark in houses that are thrown away, and print what was measured."""

import sys
import time
from pathlib import Path

from channels.demo.company import load_demo
from channels.demo.story import throw_away_house
from channels.terminal.logs import close_log, log_to_file
from core.kernel.settings import CHECKOUT
from evals.bench import measures
from evals.bench.books import bench_ledger

ADVENTUREWORKS = CHECKOUT.parent / "shared" / "data" / "adventureworks"
ORDERS, TURNS, REHEARSALS, ITEMS = 40, 42, 40, 12
LEDGER_LINES = (10_000, 1_000_000)


def main() -> None:
    """Measure, and print each figure as soon as it is known."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ADVENTUREWORKS
    if folder.is_dir():
        with throw_away_house() as (engine, settings):
            log_to_file(settings)
            _say("AdventureWorks import", measures.bench_import(engine, folder))
            close_log()
    else:
        _say("AdventureWorks import", f"left out: there is no folder {folder}")
    with throw_away_house() as (engine, settings):
        log_to_file(settings)
        started = time.perf_counter()
        load_demo(engine)
        _say("demo company", f"{time.perf_counter() - started:.1f} s, 18 months day by day")
        _say("order to cash", measures.bench_order_to_cash(engine, orders=ORDERS))
        _say("ask", measures.bench_ask(engine, settings, turns=TURNS))
        _say("rehearsal", measures.bench_rehearsal(engine, times=REHEARSALS))
        _say("change → proposal", measures.bench_watcher(engine, items=ITEMS))
        close_log()
    with throw_away_house() as (small, settings), throw_away_house() as (large, _):
        log_to_file(settings)
        for name, measured in bench_ledger(small, large, lines=LEDGER_LINES):
            _say(name, measured)
        close_log()


def _say(name: str, measured: str) -> None:
    sys.stdout.write(f"{name:<26} {measured}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
