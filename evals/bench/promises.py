"""C1: one item that everybody wants at once: promised by orders, by bare promises, and by hand."""

from decimal import Decimal
from functools import partial

import psycopg
from sqlalchemy import Engine, func, select, text

from core import catalog, inventory, parties, sales
from core.inventory import Request, Reservation, ReservationState
from core.kernel.database import reading, retried, unit_of_work
from core.kernel.identifiers import new_id
from core.processes import order_to_cash
from evals.bench.measures import plenty
from evals.bench.trade import ROUNDS, Once, at_once, buyers, require_clean

_GUARDED = (
    "UPDATE stock_level SET reserved = reserved + 1 FROM item, location"
    " WHERE item.id = item_id AND location.id = location_id AND sku = %s"
    " AND location.code = 'MAIN' AND on_hand - reserved >= 1"
)
_GIVEN_BACK = text(
    "UPDATE stock_level SET reserved = reserved - :taken FROM item, location"
    " WHERE item.id = item_id AND location.id = location_id AND sku = :sku"
    " AND location.code = 'MAIN'"
)
# So many of a hundred orders find nothing any more.
TOO_MANY_PERCENT = 10


def bench_promises(engine: Engine, *, clients: int, promises: int) -> str:
    """Let clients want one item: orders of a piece, promises without one, and bare updates.

    There are fewer pieces than orders: every one of them is promised, and none twice.
    """
    each = clients * (1 + ROUNDS * promises)
    scarce, enough = plenty(engine, count=2, least=1)
    with unit_of_work(engine) as session:
        customers = buyers(session, clients)
        main = inventory.main_location(session)
        for sku, free in ((scarce, each * (100 - TOO_MANY_PERCENT) // 100), (enough, 2 * each)):
            item = catalog.find_item(session, sku)
            reserved = inventory.stock_of(session, item).reserved
            inventory.adjust_stock(session, item, main, counted=reserved + free, because="C1")
    before = _promised(engine, scarce)

    def ways(place: int, own: Engine) -> dict[str, Once]:
        url = own.url.set(drivername="postgresql").render_as_string(hide_password=False)
        bare = psycopg.connect(url, autocommit=True)
        customer = customers[place % len(customers)]
        return {
            "ordered": retried(partial(_order, own, customer, scarce)),
            "promised": retried(partial(_promise, own, enough)),
            "updated": partial(bare.execute, _GUARDED, (enough,), prepare=True),
        }

    rates = at_once(engine, ways, times=promises, clients=clients)
    with unit_of_work(engine) as session:
        # The bare updates told nobody: what they took is given back.
        session.execute(_GIVEN_BACK, {"sku": enough, "taken": each})
    promised = _promised(engine, scarce) - before
    assert promised == each * (100 - TOO_MANY_PERCENT) // 100, f"{promised} were promised"
    require_clean(engine)
    return (
        f"{rates['ordered']:,.0f} orders/s of one item, {rates['promised']:,.0f} promises/s,"
        f" {rates['updated']:,.0f} bare guarded updates/s ({clients} clients; {each:,} orders of"
        f" {promised:,.0f} pieces: all promised, none oversold; verify clean)"
    )


def _order(engine: Engine, customer: str, sku: str) -> None:
    with unit_of_work(engine) as session:
        [item] = catalog.find_items(session, [sku])
        order_to_cash.confirm_sale(
            session,
            customer=parties.find_customer(session, customer),
            lines=[sales.OrderLineDraft(item, Decimal(1))],
        )


def _promise(engine: Engine, sku: str) -> None:
    with unit_of_work(engine) as session:
        [item] = catalog.find_items(session, [sku])
        inventory.reserve(
            session,
            [Request(item, Decimal(1), new_id())],
            location=inventory.main_location(session),
            origin="bench",
        )


def _promised(engine: Engine, sku: str) -> Decimal:
    """Return what documents were promised of an item."""
    with reading(engine) as session:
        wanted = select(func.coalesce(func.sum(Reservation.quantity), 0)).where(
            Reservation.item_id == catalog.find_item(session, sku).id,
            Reservation.state == ReservationState.ACTIVE,
        )
        return Decimal(session.scalars(wanted).one())
