"""How much of everything there is: on hand, promised, held, under way, and how long it lasts."""

from sqlalchemy import func

from core.inventory.metrics.sources import CHANGES, ISSUES, LEVELS, RESERVATIONS
from core.inventory.tables import ReservationState
from core.kernel.semantics import Kind, Measure, Metric, Names, Said, Semantics, Timing, Unit

COVER_DAYS = 90

SEMANTICS = Semantics(
    metrics=(
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
            measure=Measure(
                RESERVATIONS,
                lambda rows: rows["quantity"],
                where=lambda rows: rows["state"] == ReservationState.ACTIVE,
                timing=Timing.PRESENT,
            ),
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
                "Quantity that can be sold and is not promised to anybody now: neither held nor"
                " under way between two warehouses.",
                "目前可销售且未预留的数量：不含质检暂扣和仓间在途。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                LEVELS,
                lambda rows: rows["sellable"] - rows["reserved"],
                timing=Timing.PRESENT,
            ),
        ),
        Metric(
            id="stock_in_transit",
            names=Names(
                "stock in transit",
                "调拨在途库存",
                ("in transit", "goods in transit", "stock under way between warehouses"),
                ("仓间在途", "调拨在途", "在途库存"),
            ),
            definition=Said(
                "Quantity that left one of our warehouses for another and has not arrived; it is"
                " part of the stock on hand.",
                "已从自有仓库发出、尚未到达另一仓库的数量；计入现有库存。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(LEVELS, lambda rows: rows["in_transit"], timing=Timing.PRESENT),
        ),
        Metric(
            id="stock_held",
            names=Names(
                "held stock",
                "暂扣库存",
                ("stock on hold", "quality hold", "quarantined stock", "blocked stock"),
                ("待检库存", "冻结库存", "质检暂扣"),
            ),
            definition=Said(
                "Quantity on hand that cannot be sold now, because it is held or lies in a place"
                " that is not sold from.",
                "目前不可销售的现有数量：质检暂扣或位于不可销售的库位。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                LEVELS,
                lambda rows: rows["on_hand"] - rows["sellable"] - rows["in_transit"],
                timing=Timing.PRESENT,
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
        Metric(
            id="units_waiting",
            names=Names(
                "units waiting for stock",
                "等待库存的数量",
                ("quantity waiting for stock", "backordered units", "units on backorder"),
                ("缺货待配数量", "待补货数量", "等待到货的数量"),
            ),
            definition=Said(
                "Quantity that is promised to orders and waits now until goods come.",
                "已承诺给订单、目前等待到货的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                RESERVATIONS,
                lambda rows: rows["quantity"],
                where=lambda rows: rows["state"] == ReservationState.WAITING,
                timing=Timing.PRESENT,
            ),
            more_is_better=False,
        ),
    ),
)
