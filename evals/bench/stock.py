"""What the number of items and moves costs: how long a question about the stock takes."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Engine, select, text

from core import inventory
from core.catalog import Item
from core.inventory import StockLevel
from core.kernel.company import found_company
from core.kernel.database import reading, unit_of_work
from core.ledger.chart import open_standard_chart
from evals.bench.measures import Sample

TODAY = date(2026, 6, 15)
ROUNDS, PAGE = 15, 50

# Items that came in many times and left as often, but for the last time: so all of it is there.
_FILL = """
    SET LOCAL session_replication_role = replica;
    INSERT INTO unit (code, name, name_zh, digits) VALUES ('bench', 'bench', '基准', 0);
    INSERT INTO item (id, created_at, sku, name, kind, unit_code, standard_cost, own_tax, active,
        sale_blocked, purchase_blocked)
    SELECT gen_random_uuid(), now(), 'BENCH-' || lpad(n::text, 6, '0'), 'bench ' || n, 'stocked',
        'bench', 2, false, true, false, false FROM generate_series(1, {items}) AS n;
    CREATE TEMPORARY TABLE place ON COMMIT DROP AS SELECT
        (SELECT id FROM location WHERE code = 'MAIN') AS main,
        (SELECT id FROM location WHERE code = 'SUPPLIERS') AS suppliers;
    INSERT INTO stock_move (id, created_at, item_id, from_location_id, to_location_id, quantity,
        value_minor, moved_on, booked_on, against, origin)
    SELECT gen_random_uuid(), now(), item.id, suppliers, main, 1, 200, day, day,
        'goods_received_not_billed', 'BULK'
    FROM item CROSS JOIN place CROSS JOIN generate_series(1, {each}) AS n
    CROSS JOIN LATERAL (SELECT date '2024-01-01' + n * 800 / {each} AS day) AS moved;
    INSERT INTO stock_level (item_id, location_id, on_hand, reserved)
    SELECT item.id, main, {each}, 0 FROM item CROSS JOIN place;
    INSERT INTO stock_value (item_id, quantity, value_minor, last_moved_on)
    SELECT id, {each}, {each} * 200, date '2026-06-01' FROM item;
"""


def bench_stock(engine: Engine, *, items: int, moves: int) -> list[tuple[str, str]]:
    """Fill a house with goods; return how long it takes to say what there is."""
    with unit_of_work(engine) as session:
        found_company(
            session, name="Bench", name_zh="基准", country="DE", currency="EUR",
            business_date=TODAY,
        )  # fmt: skip
        open_standard_chart(session)
        inventory.open_standard_locations(session)
    with unit_of_work(engine) as session:
        session.execute(text(_FILL.format(items=items, each=moves // items)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with reading(engine) as session:
        some = list(session.scalars(select(Item.id).order_by(Item.sku).limit(PAGE)))
    levels = select(StockLevel.item_id, StockLevel.on_hand, StockLevel.reserved)
    asked: dict[str, Callable[..., object]] = {
        "stock of one item": lambda s: inventory.stock_levels(s, some[:1]),
        f"stock of {PAGE} items": lambda s: inventory.stock_levels(s, some),
        "stock level of every item": lambda s: s.execute(levels).all(),
        "availability of every item": inventory.availability,
    }
    return [
        (name, f"{_median(engine, work):,.1f} ms ({items:,} items, {moves:,} moves)")
        for name, work in asked.items()
    ]


def _median(engine: Engine, work: Callable[..., object]) -> float:
    sample = Sample("")
    with reading(engine) as session:
        work(session)
    for _ in range(ROUNDS):
        with reading(engine) as session:
            sample.add(lambda: work(session))
    return 1000 * sample.p50
