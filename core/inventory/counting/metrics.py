"""What counting gives to reporting: how often the records were right."""

from sqlalchemy import case, func, select

from core.inventory.counting.tables import CountState, StockCount, StockCountLine
from core.kernel.semantics import (
    Adding,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Unit,
)

COUNTED = Source(
    id="counted_lines",
    rows=select(
        StockCount.number.label("document"),
        StockCount.closed_on,
        StockCountLine.item_id.label("item"),
        StockCountLine.location_id.label("location"),
        case((StockCountLine.difference == 0, 1), else_=0).label("right"),
    )
    .join(StockCount, StockCount.id == StockCountLine.count_id)
    .where(StockCount.state == CountState.CONFIRMED, StockCountLine.difference.is_not(None)),
    basis=Said(
        "lines of confirmed counts, by the day they were booked", "按记账日期的已确认盘点行"
    ),
    handles=frozenset({"item", "location"}),
    dates=("closed_on",),
    document_kind="stock_count",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="counted_lines",
            names=Names(
                "lines counted",
                "盘点行数",
                ("count lines", "number of lines counted", "shelves counted"),
                ("盘点行数量", "已盘点行数", "盘点项数"),
            ),
            definition=Said(
                "The number of lines of counts that were confirmed in the period: an item in a"
                " place each.",
                "期间内已确认盘点的行数：每行为一个库位的一种物料。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(COUNTED, adding=Adding.COUNT),
        ),
        Metric(
            id="counted_right",
            names=Names("lines without difference", "无差异盘点行"),
            definition=Said(
                "The number of those lines where as much was counted as the records said.",
                "其中实盘数与账面一致的行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(COUNTED, lambda rows: rows["right"]),
            inner=True,
        ),
        Metric(
            id="count_accuracy",
            names=Names(
                "count accuracy",
                "盘点准确率",
                ("inventory accuracy", "stock accuracy", "inventory record accuracy"),
                ("库存准确率", "账实相符率", "盘点相符率"),
            ),
            definition=Said(
                "Lines counted without a difference, as a percentage of the lines counted in"
                " the period.",
                "盘点无差异的行占期间内盘点行的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("counted_right", "counted_lines"),
            formula=lambda right, lines: 100 * right / func.nullif(lines, 0),
            undefined=Said("n/a (nothing counted)", "不适用（无盘点）"),
            more_is_better=True,
        ),
    ),
)
