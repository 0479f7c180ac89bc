"""What is measured beside trade and the books: an import, a turn, and a watcher's answer."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, select

from agents.assistant import Assistant
from agents.watchers import WATCHERS, run_forever
from channels.imports.adventureworks import import_adventureworks
from channels.terminal.opening import acting_as
from core import catalog, compliance, inventory, purchasing
from core.kernel.database import reading, unit_of_work
from core.kernel.settings import Settings
from evals.bench.processor import Processor
from tools import TOOLBOX

QUESTIONS = (
    "how many LAMP-01 do we have?",
    "What was our total revenue in 2025?",
    "revenue by territory in 2025",
    "top 5 customers by revenue",
    "LAMP-01 还有多少库存？",
    "2025年各区域收入",
    "order 40 LAMP-01 from Lumen & Co",
)
WAIT_SECONDS_MAX = 15.0


@dataclass
class Sample:
    """Times of one thing done many times."""

    name: str
    seconds: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        """Do it once more, with the clock running."""
        started = time.perf_counter()
        work()
        self.seconds.append(time.perf_counter() - started)

    @property
    def p50(self) -> float:
        """What half of them took at most."""
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """What nearly all of them took at most; of fewer than a hundred, the slowest."""
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]

    def line(self) -> str:
        """Say it."""
        return (
            f"p50 {1000 * self.p50:,.0f} ms · p99 {1000 * self.p99:,.0f} ms"
            f" ({len(self.seconds)} times)"
        )


def bench_import(engine: Engine, folder: Path) -> str:
    """Import the AdventureWorks files into an empty house."""
    processor = Processor(engine)
    report = import_adventureworks(engine, folder)
    took = processor.said()
    rows = report.rows_written / report.seconds
    started = time.perf_counter()
    with reading(engine) as session:
        findings = compliance.verify(session)
    seconds = time.perf_counter() - started
    assert not findings, findings
    return (
        f"{report.seconds:,.1f} s, {took} · {report.rows_read:,} rows read,"
        f" {report.rows_written:,} brought in · {rows:,.0f} rows/s · verify {seconds:.1f} s, clean"
    )


def bench_ask(engine: Engine, settings: Settings, *, turns: int) -> str:
    """Ask the assistant, each time in a thread of its own."""
    assistant = Assistant(engine, settings, TOOLBOX)
    manager = acting_as(engine, "maria")
    first, turn = Sample("first"), Sample("ask")
    try:
        first.add(lambda: assistant.answer(manager, "bench-first", QUESTIONS[0]))
        for place in range(turns):
            text = QUESTIONS[place % len(QUESTIONS)]
            turn.add(lambda p=place, t=text: assistant.answer(manager, f"bench-{p}", t))  # type: ignore[misc]
    finally:
        assistant.close()
    return f"{turn.line()}; the first of a process {first.p50:.1f} s"


def bench_watcher(engine: Engine, *, items: int) -> str:
    """Let items fall below their reorder point, one after the other; wait for each proposal."""
    stop = threading.Event()
    worker = threading.Thread(
        target=run_forever, args=(engine, TOOLBOX, WATCHERS, stop), daemon=True
    )
    worker.start()
    manager, sample = acting_as(engine, "maria"), Sample("watcher")
    try:
        for sku in _nothing_coming(engine, plenty(engine, count=150, least=1))[:items]:
            with unit_of_work(engine) as session:
                item = catalog.find_item(session, sku)
                main = inventory.main_location(session)
                reserved = inventory.stock_of(session, item).reserved
                inventory.adjust_stock(session, item, main, counted=reserved, because="a benchmark")
            sample.add(lambda sku=sku: _proposal_for(engine, manager.name, sku))  # type: ignore[misc]
    finally:
        stop.set()
        worker.join(timeout=5)
    return sample.line()


def _proposal_for(engine: Engine, login: str, sku: str) -> None:
    manager, until = acting_as(engine, login), time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < until:
        cards = TOOLBOX.inbox(engine, manager)
        if any(call["arguments"].get("item") == sku for card in cards for call in card.calls):
            return
        time.sleep(0.005)
    message = f"no proposal for {sku} in {WAIT_SECONDS_MAX:.0f} s"
    raise TimeoutError(message)


def plenty(engine: Engine, *, count: int, least: int) -> list[str]:
    """Return items of which much lies free."""
    with reading(engine) as session:
        free = inventory.StockLevel.on_hand - inventory.StockLevel.reserved
        wanted = (
            select(catalog.Item.sku)
            .join(inventory.StockLevel, inventory.StockLevel.item_id == catalog.Item.id)
            .where(free >= least)
            .order_by(free.desc(), catalog.Item.sku)
            .limit(count)
        )
        found = list(session.scalars(wanted))
    assert len(found) == count, f"too few items of which {least} are free"
    return found


def _nothing_coming(engine: Engine, skus: list[str]) -> list[str]:
    """Return the items that are not on order: what is coming may keep them above their minimum."""
    with reading(engine) as session:
        items = catalog.find_items(session, skus)
        coming = purchasing.on_order(session, [item.id for item in items])
        return [item.sku for item in items if not coming.get(item.id)]
