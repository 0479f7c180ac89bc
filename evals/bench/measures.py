"""What is measured: an import, order to cash, a turn, a rehearsal, and a watcher's answer."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, event, select

from agents.assistant import Assistant
from agents.watchers import WATCHERS, run_forever
from channels.demo.company import BUSINESS_DATE
from channels.imports.adventureworks import import_adventureworks
from channels.terminal.opening import acting_as
from core import catalog, compliance, inventory, invoicing, parties, purchasing, sales
from core.invoicing import PaymentKind
from core.kernel.database import reading, unit_of_work
from core.kernel.events import ChangeEvent
from core.kernel.money import Money
from core.kernel.settings import Settings
from core.processes import order_to_cash
from evals.bench.by_hand import ByHand, Told
from tools import TOOLBOX

CUSTOMER = "Cam Valley Cycles"
STEPS = ("confirm", "deliver", "invoice", "pay")
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
    report = import_adventureworks(engine, folder)
    rows = report.rows_written / report.seconds
    started = time.perf_counter()
    with reading(engine) as session:
        findings = compliance.verify(session)
    seconds = time.perf_counter() - started
    assert not findings, findings
    return (
        f"{report.seconds:,.1f} s · {report.rows_read:,} rows read, {report.rows_written:,} brought"
        f" in · {rows:,.0f} rows/s · verify {seconds:.1f} s, clean"
    )


def bench_order_to_cash(engine: Engine, *, orders: int) -> str:
    """Take orders to the money through the services and by hand, turn by turn, in one run."""
    with reading(engine) as session:
        number = parties.find_customer(session, CUSTOMER).party.number
        wanted = [(sku, Decimal(1)) for sku in _plenty(engine, count=3, least=4 * orders)]
    told = _taught(engine, number, wanted)
    statements = _count_statements(engine, lambda: _through_services(engine, number, wanted))
    by_hand = ByHand(engine, today=BUSINESS_DATE)
    services, hand = Sample("services"), Sample("by hand")
    by_hand.order_to_cash(number, wanted, told)
    for _ in range(orders):
        services.add(lambda: _through_services(engine, number, wanted))
        hand.add(lambda: by_hand.order_to_cash(number, wanted, told))
    by_hand.close()
    with reading(engine) as session:
        findings = compliance.verify(session)
    assert not findings, findings
    return (
        f"{1000 * services.p50:,.1f} ms through the services ({statements} statements),"
        f" {1000 * hand.p50:,.1f} ms by hand: {services.p50 / hand.p50:.1f}×"
        f" ({orders} orders of 3 lines each way; verify clean)"
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


def bench_rehearsal(engine: Engine, *, times: int) -> str:
    """Rehearse an order of goods; nothing of it stays."""
    buyer = acting_as(engine, "wei")
    arguments = {"item": "PAD-02", "quantity": "50"}
    plan = TOOLBOX.parse([{"tool": "purchasing.order_item", "arguments": arguments}])
    sample = Sample("rehearsal")
    for _ in range(times):
        sample.add(lambda: TOOLBOX.rehearse(engine, buyer, plan))
    return sample.line()


def bench_watcher(engine: Engine, *, items: int) -> str:
    """Let items fall below their reorder point, one after the other; wait for each proposal."""
    stop = threading.Event()
    worker = threading.Thread(
        target=run_forever, args=(engine, TOOLBOX, WATCHERS, stop), daemon=True
    )
    worker.start()
    manager, sample = acting_as(engine, "maria"), Sample("watcher")
    try:
        for sku in _nothing_coming(engine, _plenty(engine, count=150, least=1))[:items]:
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


def _plenty(engine: Engine, *, count: int, least: int) -> list[str]:
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


def _through_services(engine: Engine, customer: str, wanted: Iterable[tuple[str, Decimal]]) -> None:
    pairs = list(wanted)
    with unit_of_work(engine) as session:
        items = catalog.find_items(session, [sku for sku, _ in pairs])
        order = order_to_cash.confirm_sale(
            session,
            customer=parties.find_customer(session, customer),
            lines=[
                sales.OrderLineDraft(item, quantity)
                for item, (_, quantity) in zip(items, pairs, strict=True)
            ],
        ).number
    with unit_of_work(engine) as session:
        order_to_cash.deliver_sale(session, order)
    with unit_of_work(engine) as session:
        invoice = order_to_cash.invoice_sale(session, order)
        number, total = invoice.number, Money(invoice.total_minor, invoice.currency)
    with unit_of_work(engine) as session:
        invoicing.post_payment(
            session,
            kind=PaymentKind.CUSTOMER_PAYMENT,
            party=parties.find_party(session, customer),
            amount=total,
            settle=[(number, total)],
        )


def _taught(
    engine: Engine, customer: str, wanted: Iterable[tuple[str, Decimal]]
) -> dict[str, list[Told]]:
    """Return what the services say in each step of such an order."""
    with reading(engine) as session:
        newest = session.scalars(
            select(ChangeEvent.sequence).order_by(ChangeEvent.sequence.desc()).limit(1)
        ).one()
    _through_services(engine, customer, wanted)
    told: dict[int, list[Told]] = {}
    with reading(engine) as session:
        wanted_events = select(ChangeEvent).where(ChangeEvent.sequence > newest)
        for row in session.scalars(wanted_events.order_by(ChangeEvent.sequence)):
            told.setdefault(row.transaction, []).append((row.name, row.facts))
    return dict(zip(STEPS, told.values(), strict=True))


def _count_statements(engine: Engine, work: Callable[[], object]) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine, "before_cursor_execute", counted)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    return count
