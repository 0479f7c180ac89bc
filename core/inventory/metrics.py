"""What the inventory gives to reporting: what lies where, what it is worth, how long it lasts."""

from sqlalchemy import Integer, func, literal, select, union_all
from sqlalchemy.orm import aliased

from core.inventory.locations import MAIN
from core.inventory.tables import Location, LocationKind, StockLevel, StockMove
from core.inventory.valuation.tables import StockCorrection, StockRevaluation
from core.kernel.identity.roles import Role
from core.kernel.semantics import (
    COSTS,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)

_place = aliased(Location)
_changes = union_all(
    *(
        select(
            StockMove.origin.label("document"),
            StockMove.moved_on,
            StockMove.item_id.label("item"),
            _place.id.label("location"),
            (literal(sign, Integer) * StockMove.quantity).label("quantity"),
        )
        .join(_place, _place.id == end)
        .where(_place.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    )
).subquery("stock_changes")

# Every change of what lies in our own locations: added up to a day it is the stock of that day.
CHANGES = Source(
    id="stock_changes",
    rows=select(_changes),
    basis=Said("stock moves of our own locations", "自有库位的库存移动"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

_end = aliased(Location)
_main = select(Location.id).where(Location.code == MAIN).scalar_subquery()
# What came late counts where the goods of its move lay; a revaluation, of the item as a whole,
# for the main warehouse.
_worth = union_all(
    *(
        select(
            StockMove.origin.label("document"),
            StockMove.booked_on.label("moved_on"),
            StockMove.item_id.label("item"),
            _place.id.label("location"),
            (literal(sign, Integer) * StockMove.value_minor).label("value_minor"),
        )
        .join(_place, _place.id == end)
        .where(_place.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    ),
    *(
        select(
            StockCorrection.origin,
            StockCorrection.corrected_on,
            StockCorrection.item_id,
            _end.id,
            literal(sign, Integer) * StockCorrection.amount_minor,
        )
        .join(StockMove, StockMove.id == StockCorrection.move_id)
        .join(_end, _end.id == end)
        .where(_end.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    ),
    select(
        StockCorrection.origin,
        StockCorrection.corrected_on,
        StockCorrection.item_id,
        _main,
        StockCorrection.amount_minor,
    ).where(StockCorrection.revaluation_id.is_not(None)),
    select(
        StockRevaluation.number,
        StockRevaluation.booked_on,
        StockRevaluation.item_id,
        _main,
        StockRevaluation.amount_minor,
    ),
).subquery("stock_worth")

# Every change of what the stock is worth: added up to a day it is the inventory account.
VALUES = Source(
    id="stock_values",
    rows=select(_worth),
    basis=Said(
        "stock moves of our own locations and later corrections of their cost, when booked",
        "自有库位的库存移动及其后续成本调整，按记账日期",
    ),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

_from, _to = aliased(Location), aliased(Location)
ISSUES = Source(
    id="stock_issues",
    rows=select(
        StockMove.origin.label("document"),
        StockMove.moved_on,
        StockMove.item_id.label("item"),
        StockMove.from_location_id.label("location"),
        StockMove.quantity,
    )
    .join(_from, _from.id == StockMove.from_location_id)
    .join(_to, _to.id == StockMove.to_location_id)
    .where(_from.kind == LocationKind.INTERNAL)
    .where(_to.kind.in_((LocationKind.CUSTOMER, LocationKind.PRODUCTION))),
    basis=Said("goods issued to customers and production", "发给客户和生产的出库"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

LOSSES = Source(
    id="stock_losses",
    rows=select(
        StockMove.origin.label("document"),
        StockMove.moved_on,
        StockMove.item_id.label("item"),
        StockMove.from_location_id.label("location"),
        (
            StockMove.value_minor
            + select(func.coalesce(func.sum(StockCorrection.amount_minor), 0))
            .where(StockCorrection.move_id == StockMove.id)
            .scalar_subquery()
        ).label("value_minor"),
    )
    .join(_from, _from.id == StockMove.from_location_id)
    .join(_to, _to.id == StockMove.to_location_id)
    .where(_from.kind == LocationKind.INTERNAL, _to.kind == LocationKind.ADJUSTMENT),
    basis=Said("goods counted short or written off", "盘亏或报损的库存"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

LEVELS = Source(
    id="stock_levels",
    rows=select(
        Location.code.label("document"),
        StockLevel.item_id.label("item"),
        StockLevel.location_id.label("location"),
        StockLevel.on_hand,
        StockLevel.reserved,
    ).join(Location, Location.id == StockLevel.location_id),
    basis=Said("stock of our own locations now", "自有库位的当前库存"),
    handles=frozenset({"item", "location"}),
    document_kind="location",
)

COVER_DAYS = 90

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="stock_losses",
            names=Names(
                "stock losses",
                "库存损失",
                ("shrinkage", "inventory losses", "inventory shrinkage", "stock write-offs"),
                ("盘亏", "库存损耗", "报损金额", "损耗"),
            ),
            definition=Said(
                "Value, at cost, of what was counted short or written off in the period; what was"
                " found is not taken off.",
                "期间内盘亏或报损库存的成本价值；盘盈不予抵减。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(LOSSES, lambda rows: rows["value_minor"], minor=True),
            more_is_better=False,
        ),
        Metric(
            id="stock_on_hand",
            names=Names(
                "stock on hand",
                "现有库存",
                ("on hand", "inventory on hand", "stock quantity", "stock level", "stock"),
                ("库存量", "库存数量", "现存量", "库存"),
            ),
            definition=Said(
                "Quantity in our own locations at the end of the day: all stock moves up to it, in"
                " each item's own unit.",
                "当日终了自有库位中的数量：截至当日的全部库存移动，按各物料计量单位。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(CHANGES, lambda rows: rows["quantity"], timing=Timing.UP_TO),
        ),
        Metric(
            id="stock_reserved",
            names=Names(
                "reserved stock",
                "已预留库存",
                ("reserved", "committed stock", "allocated stock"),
                ("预留量", "已预留", "已分配库存"),
            ),
            definition=Said(
                "Quantity in our own locations that is promised to orders now.",
                "自有库位中目前已预留给订单的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(LEVELS, lambda rows: rows["reserved"], timing=Timing.PRESENT),
        ),
        Metric(
            id="stock_available",
            names=Names(
                "available stock",
                "可用库存",
                ("available", "free stock", "unreserved stock", "stock available to promise"),
                ("可用量", "可用数量", "未预留库存", "可售库存"),
            ),
            definition=Said(
                "Quantity in our own locations that is not promised to anybody now.",
                "自有库位中目前未预留的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                LEVELS,
                lambda rows: rows["on_hand"] - rows["reserved"],
                timing=Timing.PRESENT,
            ),
        ),
        Metric(
            id="stock_value",
            names=Names(
                "stock value",
                "库存金额",
                ("inventory value", "value of stock", "inventory valuation", "worth of stock"),
                ("库存价值", "存货金额", "存货价值", "库存总值"),
            ),
            definition=Said(
                "Value of what lies in our own locations at the end of the day, by each item's"
                " valuation method: all that was booked up to it, later cost included.",
                "当日终了自有库位存货的价值，按各物料的计价方法：截至当日的全部记账金额，含后续成本。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS | {Role.WAREHOUSE},
            measure=Measure(
                VALUES, lambda rows: rows["value_minor"], timing=Timing.UP_TO, minor=True
            ),
        ),
        Metric(
            id="units_issued",
            names=Names(
                "units issued",
                "出库数量",
                ("quantity issued", "stock issued", "goods issued"),
                ("发出数量", "出库量", "领用数量"),
            ),
            definition=Said(
                "Quantity that left our own locations for customers or production in the period.",
                "期间内从自有库位发给客户或生产的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(ISSUES, lambda rows: rows["quantity"]),
        ),
        Metric(
            id="issued_trailing",
            names=Names("issued in the last 90 days", "近90天出库量"),
            definition=Said(
                f"Quantity issued to customers and production in the last {COVER_DAYS} days.",
                f"最近{COVER_DAYS}天发给客户和生产的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                ISSUES, lambda rows: rows["quantity"], timing=Timing.TRAILING, days=COVER_DAYS
            ),
            inner=True,
        ),
        Metric(
            id="days_of_cover",
            names=Names(
                "days of cover",
                "库存可用天数",
                ("stock cover", "days of stock", "how long stock lasts", "cover days"),
                ("库存天数", "可用天数", "库存覆盖天数", "可撑天数"),
            ),
            definition=Said(
                "Available stock divided by the mean quantity issued a day over the last"
                f" {COVER_DAYS} days.",
                f"可用库存除以最近{COVER_DAYS}天的日均出库数量。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("stock_available", "issued_trailing"),
            formula=lambda available, issued: COVER_DAYS * available / func.nullif(issued, 0),
            undefined=Said("no demand", "无需求"),
        ),
    ),
    dimensions=(
        Dimension(
            id="location",
            names=Names(
                "location",
                "库位",
                ("warehouse", "storage place", "stock location", "store room"),
                ("仓库", "库房", "存放地点", "货位"),
            ),
            handle="location",
            members=select(
                Location.id, Location.code.label("key"), Location.name.label("label"),
                Location.name_zh.label("label_zh"),
            ).where(Location.kind == LocationKind.INTERNAL),
        ),
    ),
)  # fmt: skip
