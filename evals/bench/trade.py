"""Trade through the services beside the same trade by hand, by one client and by several."""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection

from sqlalchemy import Engine, event, func, or_, select
from sqlalchemy.orm import Session

from channels.demo.company import BUSINESS_DATE
from channels.terminal.opening import acting_as
from core import catalog, compliance, invoicing, parties, purchasing, sales
from core.catalog import Item, ValuationMethod
from core.invoicing import PaymentKind
from core.kernel.database import reading, retried, unit_of_work
from core.kernel.events import ChangeEvent
from core.kernel.money import Money
from core.parties import Customer, Party
from core.processes import order_to_cash, procure_to_pay
from core.purchasing import SupplierOffer
from evals.bench.buying import BuyingByHand
from evals.bench.by_hand import Told
from evals.bench.measures import Sample, plenty
from evals.bench.selling import SellingByHand
from tools import TOOLBOX

CUSTOMER = "Cam Valley Cycles"
SELLING = ("confirm", "deliver", "invoice", "pay")
BUYING = ("order", "receive", "bill", "pay")
LINES, CLIENTS, ROUNDS = 3, 8, 3
Wanted = Sequence[tuple[str, Decimal]]
# One order from its first step to its last.
Once = Callable[[], object]


@dataclass(frozen=True)
class Road:
    """A way through four steps: through the services, and by hand, with a partner of ours."""

    steps: tuple[str, ...]
    through: Callable[[Engine, str, Wanted], None]
    by_hand: Callable[[Engine, str, Wanted, dict[str, list[Told]]], Once]
    wanted: Wanted
    partners: Sequence[str]

    def taught(self, engine: Engine, partner: str) -> dict[str, list[Told]]:
        """Go it once; return what the services say in each step."""
        with reading(engine) as session:
            newest = session.scalar(select(func.max(ChangeEvent.sequence))) or 0
        self.through(engine, partner, self.wanted)
        told: dict[int, list[Told]] = {}
        with reading(engine) as session:
            said = select(ChangeEvent).where(ChangeEvent.sequence > newest)
            for row in session.scalars(said.order_by(ChangeEvent.sequence)):
                told.setdefault(row.transaction, []).append((row.name, row.facts))
        return dict(zip(self.steps, told.values(), strict=True))


def order_to_cash_road(engine: Engine, *, orders: int) -> Road:
    """Sell three items of which enough lies free, to the customers who have most credit."""
    with reading(engine) as session:
        partners = buyers(session, CLIENTS)
    return Road(SELLING, _sell, _selling_by_hand, _three(engine, orders), partners)


def buyers(session: Session, count: int) -> list[str]:
    """Return our usual customer, and others who have most credit."""
    first = parties.find_customer(session, CUSTOMER).party.number
    others = (
        select(Party.number)
        .join(Customer, Customer.party_id == Party.id)
        .where(Party.number != first, Party.blocked.is_(False))
        .order_by(Customer.credit_limit_minor.desc().nulls_first(), Party.number)
        .limit(count - 1)
    )
    return [first, *session.scalars(others)]


def procure_to_pay_road(engine: Engine) -> Road:
    """Buy three items from the supplier who offers most."""
    with reading(engine) as session:
        offered = or_(
            SupplierOffer.valid_until.is_(None), SupplierOffer.valid_until >= BUSINESS_DATE
        )
        plain = Item.valuation_method == ValuationMethod.MOVING_AVERAGE
        most = (
            select(Party.number, func.array_agg(Item.sku.distinct()))
            .join(SupplierOffer, SupplierOffer.supplier_id == Party.id)
            .join(Item, Item.id == SupplierOffer.item_id)
            .where(offered, plain, Item.purchase_tax_code == "DE19")
            .group_by(Party.number)
            .order_by(func.count().desc())
            .limit(1)
        )
        number, skus = session.execute(most).one()
    wanted = [(sku, Decimal(100)) for sku in skus[:LINES]]
    return Road(BUYING, _buy, _buying_by_hand, wanted, [number])


def bench_road(engine: Engine, road: Road, *, orders: int) -> str:
    """Go a road through the services and by hand, turn by turn, in one run."""
    partner = road.partners[0]
    told = road.taught(engine, partner)
    through = partial(road.through, engine, partner, road.wanted)
    statements = _count_statements(engine, through)
    by_hand = road.by_hand(engine, partner, road.wanted, told)
    services, hand = Sample("services"), Sample("by hand")
    by_hand()
    for _ in range(orders):
        services.add(through)
        hand.add(by_hand)
    require_clean(engine)
    return (
        f"{1000 * services.p50:,.1f} ms through the services ({statements} statements),"
        f" {1000 * hand.p50:,.1f} ms by hand: {services.p50 / hand.p50:.1f}×"
        f" ({orders} orders of {LINES} lines each way; verify clean)"
    )


def bench_road_at_once(engine: Engine, road: Road, *, orders: int) -> str:
    """Let several clients go a road at the same time, each in a process of its own.

    They take turns: all through the services, all by hand, and so on.
    """
    told = {partner: road.taught(engine, partner) for partner in road.partners}

    def way_of(place: int, own: Engine) -> dict[str, Once]:
        partner = road.partners[place % len(road.partners)]
        return {
            "services": retried(partial(road.through, own, partner, road.wanted)),
            "by hand": road.by_hand(own, partner, road.wanted, told[partner]),
        }

    rates = at_once(engine, way_of, times=orders)
    services, hand = rates["services"], rates["by hand"]
    require_clean(engine)
    return (
        f"{services:,.1f} orders/s through the services, {hand:,.1f} by hand:"
        f" {hand / services:.1f}× ({CLIENTS} clients; verify clean)"
    )


def bench_rehearsal(engine: Engine, *, times: int) -> str:
    """Rehearse an order of goods, of which nothing stays, and carry the same out, turn by turn.

    Carried out without a proposal: nobody is asked, and nothing of the asking is written.
    """
    buyer = acting_as(engine, "wei")
    arguments = {"item": "PAD-02", "quantity": "50"}
    plan = TOOLBOX.parse([{"tool": "purchasing.order_item", "arguments": arguments}])
    rehearsed, carried_out = Sample("rehearsal"), Sample("carried out")

    def carry_out() -> None:
        with unit_of_work(engine, buyer) as session:
            for call in plan:
                tool = TOOLBOX.tools[call.tool]
                tool.run(session, tool.pin(session, call.arguments))

    for _ in range(times):
        rehearsed.add(lambda: TOOLBOX.rehearse(engine, buyer, plan))
        carried_out.add(carry_out)
    ratio = rehearsed.p50 / carried_out.p50
    return f"{rehearsed.line()}; carried out {1000 * carried_out.p50:,.0f} ms: {ratio:.1f}×"


def at_once(
    engine: Engine,
    ways_of: Callable[[int, Engine], dict[str, Once]],
    *,
    times: int,
    clients: int = CLIENTS,
) -> dict[str, float]:
    """Let several clients do the same at once, each in a process of its own; return rates.

    All of them go one way, then all the other, in turn; the rate is the middle one of its rounds.
    """
    engine.dispose()

    def work(place: int, told: Connection) -> None:
        # The connections of the process that it is a copy of are not its own.
        engine.dispose(close=False)
        ways = ways_of(place, engine)
        for once in ways.values():
            once()
        told.send(list(ways))
        while (way := told.recv()) is not None:
            for _ in range(times):
                ways[way]()
            told.send(way)

    forked = multiprocessing.get_context("fork")
    pipes, workers = [], []
    for place in range(clients):
        ours, theirs = forked.Pipe()
        workers.append(forked.Process(target=work, args=(place, theirs)))
        workers[-1].start()
        theirs.close()
        pipes.append(ours)
    names = max(pipe.recv() for pipe in pipes)
    took: dict[str, list[float]] = {name: [] for name in names}
    for name in (name for _ in range(ROUNDS) for name in names):
        started = time.perf_counter()
        for pipe in pipes:
            pipe.send(name)
        for pipe in pipes:
            pipe.recv()
        took[name].append(time.perf_counter() - started)
    for pipe, worker in zip(pipes, workers, strict=True):
        pipe.send(None)
        worker.join()
    return {name: clients * times / statistics.median(each) for name, each in took.items()}


def _sell(engine: Engine, customer: str, wanted: Wanted) -> None:
    with unit_of_work(engine) as session:
        items = catalog.find_items(session, [sku for sku, _ in wanted])
        order = order_to_cash.confirm_sale(
            session,
            customer=parties.find_customer(session, customer),
            lines=[
                sales.OrderLineDraft(item, quantity)
                for item, (_, quantity) in zip(items, wanted, strict=True)
            ],
        ).number
    with unit_of_work(engine) as session:
        order_to_cash.deliver_sale(session, order)
    with unit_of_work(engine) as session:
        invoice = order_to_cash.invoice_sale(session, order)
        number, total = invoice.number, Money(invoice.total_minor, invoice.currency)
    _pay(engine, PaymentKind.CUSTOMER_PAYMENT, customer, number, total)


def _buy(engine: Engine, supplier: str, wanted: Wanted) -> None:
    with unit_of_work(engine) as session:
        items = catalog.find_items(session, [sku for sku, _ in wanted])
        order = procure_to_pay.place_order(
            session,
            supplier=parties.find_supplier(session, supplier),
            lines=[
                purchasing.OrderLineDraft(item, quantity)
                for item, (_, quantity) in zip(items, wanted, strict=True)
            ],
        ).number
    with unit_of_work(engine) as session:
        procure_to_pay.receive_order(session, order)
    with unit_of_work(engine) as session:
        bill = procure_to_pay.bill_order(session, order)
        number, total = bill.number, Money(bill.total_minor, bill.currency)
    _pay(engine, PaymentKind.SUPPLIER_PAYMENT, supplier, number, total)


def _pay(engine: Engine, kind: PaymentKind, partner: str, number: str, total: Money) -> None:
    with unit_of_work(engine) as session:
        invoicing.post_payment(
            session,
            kind=kind,
            party=parties.find_party(session, partner),
            amount=total,
            settle=[(number, total)],
        )


def _selling_by_hand(
    engine: Engine, customer: str, wanted: Wanted, told: dict[str, list[Told]]
) -> Once:
    by_hand = SellingByHand(engine, today=BUSINESS_DATE)
    return partial(by_hand.order_to_cash, customer, wanted, told)


def _buying_by_hand(
    engine: Engine, supplier: str, wanted: Wanted, told: dict[str, list[Told]]
) -> Once:
    by_hand = BuyingByHand(engine, today=BUSINESS_DATE)
    return partial(by_hand.procure_to_pay, supplier, wanted, told)


def _three(engine: Engine, pieces: int) -> Wanted:
    return [(sku, Decimal(1)) for sku in plenty(engine, count=LINES, least=pieces)]


def require_clean(engine: Engine) -> None:
    """Insist that the books are right after all that was measured."""
    with reading(engine) as session:
        findings = compliance.verify(session)
    assert not findings, findings


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
