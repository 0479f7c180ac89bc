"""How often there was nothing of what customers waited for."""

from sqlalchemy import ColumnElement, Date, Integer, case, cast, func, select
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE

from core.catalog.tables import Item
from core.inventory.metrics.sources import EMPTY_SPELLS, FOREVER, ITEM_DAYS
from core.kernel.semantics import (
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.sales.kept.tables import OrderLineSent
from core.sales.metrics.sources import NO_PROMISE
from core.sales.tables import SalesOrder, SalesOrderLine

STOCKOUT_DAYS = 90

# The days on which an order line waited: from the order until the last of it had left.
_until = case(
    (SalesOrderLine.delivered_quantity >= SalesOrderLine.quantity, OrderLineSent.sent_on),
    else_=FOREVER,
)
_waited = (
    select(
        SalesOrderLine.item_id.label("item"),
        func.range_agg(
            cast(
                func.daterange(SalesOrder.ordered_on, func.greatest(_until, SalesOrder.ordered_on)),
                DATERANGE,
            )
        ).label("days"),
    )
    .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
    .outerjoin(OrderLineSent, OrderLineSent.order_line_id == SalesOrderLine.id)
    .where(
        SalesOrder.state.not_in(NO_PROMISE),
        SalesOrderLine.drop_shipped.is_(False),
        SalesOrder.imported.is_(False) | OrderLineSent.sent_on.is_not(None),
    )
    .group_by(SalesOrderLine.item_id)
    .subquery("waited")
)
_both = cast(EMPTY_SPELLS.c.days.op("*")(_waited.c.days), DATEMULTIRANGE)
_spells = (
    select(EMPTY_SPELLS.c.item, cast(func.unnest(_both), DATERANGE).label("days"))
    .join(_waited, _waited.c.item == EMPTY_SPELLS.c.item)
    .subquery("stockout_spells")
)
STOCKOUTS = Source(
    id="stockouts",
    rows=select(
        Item.sku.label("document"),
        _spells.c.item,
        cast(func.lower(_spells.c.days), Date).label("first_on"),
        cast(func.coalesce(func.upper(_spells.c.days), FOREVER), Date).label("until"),
    ).join(Item, Item.id == _spells.c.item),
    basis=Said(
        "days on which orders waited for an item of which nothing was on hand",
        "物料无库存而有订单等待的天数",
    ),
    handles=frozenset({"item"}),
    dates=("first_on",),
    document_kind="item",
)


def _days_out(rows: Rows) -> ColumnElement[int]:
    """Count the days of a spell that lie in the days looked at."""
    first = func.greatest(rows["first_on"], rows.as_of - (STOCKOUT_DAYS - 1))
    after = func.least(rows["until"], rows.as_of + 1)
    return func.greatest(cast(after - first, Integer), 0)


def _days_there(rows: Rows) -> ColumnElement[int]:
    return func.least(cast(rows.as_of - rows["first_on"], Integer) + 1, STOCKOUT_DAYS)


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="stockout_days",
            names=Names("item days out of stock", "缺货物料天数"),
            definition=Said(
                f"Days of items, in the last {STOCKOUT_DAYS} days, at whose end nothing was on"
                " hand while an"
                " order waited for the item.",
                f"最近{STOCKOUT_DAYS}天内，日终无库存且有订单等待的物料天数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(STOCKOUTS, _days_out, timing=Timing.UP_TO),
            inner=True,
        ),
        Metric(
            id="item_days",
            names=Names("item days", "物料天数"),
            definition=Said(
                f"Days of the last {STOCKOUT_DAYS}, of every item that has ever moved, from its"
                " first move on.",
                f"最近{STOCKOUT_DAYS}天内每个有移动记录的物料自首次移动起的天数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(ITEM_DAYS, _days_there, timing=Timing.UP_TO),
            inner=True,
        ),
        Metric(
            id="stockout_rate",
            names=Names(
                "stockout rate",
                "缺货率",
                ("out of stock rate", "stock-out rate", "share of days out of stock"),
                ("断货率", "缺货比例", "断货比例"),
            ),
            definition=Said(
                "Days on which nothing was on hand of an item that an order waited for, as a"
                " percentage of the"
                f" days of all items, in the {STOCKOUT_DAYS} days up to the day looked at.",
                f"截至查看日的{STOCKOUT_DAYS}天内，物料无库存而有订单等待的天数占全部物料天数的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("stockout_days", "item_days"),
            formula=lambda out, days: 100 * out / func.nullif(days, 0),
            undefined=Said("n/a (no items)", "不适用（无物料）"),
            more_is_better=False,
        ),
    ),
)
