"""How promises to customers are kept: what is open, on time, in full, and what comes back."""

from sqlalchemy import ColumnElement, and_, func

from core.kernel.semantics import (
    AND_CUSTOMERS,
    Adding,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Timing,
    Unit,
)
from core.sales.metrics.sources import (
    DELIVERED_ORDERS,
    DUE_LINES,
    DUE_ORDERS,
    DUE_TOTALS,
    OPEN,
    ORDER_LINES,
    SENT_LINES,
)

_NOTHING_DUE = Said("n/a (nothing due)", "不适用（无到期）")
_NOTHING_DELIVERED = Said("n/a (nothing delivered)", "不适用（无发货）")


def _from_stock(rows: Rows) -> ColumnElement[bool]:
    return rows["from_stock"] == 1


def _of_orders(kept: str, counted: str = "due_lines") -> Measure:
    """Return the same figure from what is kept of whole orders."""
    return Measure(
        DUE_TOTALS,
        lambda rows: rows[kept],
        where=lambda rows: rows[counted] > 0,
        counting=lambda rows: rows[counted],
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="backorder_value",
            names=Names(
                "backorder value",
                "欠交订单额",
                ("overdue orders value", "late order value", "undelivered overdue"),
                ("延期订单金额", "逾期未交订单额", "欠货金额"),
            ),
            definition=Said(
                "Net value of what is not delivered yet of order lines promised before today.",
                "承诺日期已过的订单行中尚未发货部分的净额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["undelivered_amount"],
                where=lambda rows: and_(
                    rows["order_state"].in_(OPEN), rows["promised_on"] < rows.as_of
                ),
                timing=Timing.PRESENT,
                basis=Said("overdue open order lines now", "目前逾期的未交订单行"),
            ),
            more_is_better=False,
        ),
        Metric(
            id="open_order_value",
            names=Names(
                "open orders",
                "未交订单额",
                ("open order value", "order backlog", "undelivered orders", "order book"),
                ("未交货订单", "在手订单", "未完成订单额", "订单积压"),
            ),
            definition=Said(
                "Net value of what is not delivered yet of confirmed orders.",
                "已确认订单中尚未发货部分的净额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["undelivered_amount"],
                where=lambda rows: rows["order_state"].in_(OPEN),
                timing=Timing.PRESENT,
                basis=Said("order lines not delivered yet now", "目前尚未发货的订单行"),
            ),
        ),
        Metric(
            id="lines_due",
            names=Names("order lines due", "到期订单行"),
            definition=Said(
                "The number of order lines promised for a day in the period, up to today.",
                "承诺日期在期间内（截至今日）的订单行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DUE_LINES, adding=Adding.COUNT, coarse=_of_orders("due_lines")),
            inner=True,
        ),
        Metric(
            id="lines_on_time",
            names=Names("order lines delivered on time", "按时交货订单行"),
            definition=Said(
                "The number of order lines due in the period that had left in full by then.",
                "期间内到期并已按时全部发货的订单行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                DUE_LINES, lambda rows: rows["on_time"], coarse=_of_orders("on_time_lines")
            ),
            inner=True,
        ),
        Metric(
            id="on_time_delivery",
            names=Names(
                "on-time delivery",
                "准时交货率",
                ("on time delivery rate", "OTD", "delivery punctuality", "delivered on time"),
                ("按时交货率", "准交率", "及时交付率", "准时率"),
            ),
            definition=Said(
                "Order lines delivered in full by the promised date, as a percentage of all lines"
                " due in the period, also those not delivered yet.",
                "在承诺日期前全部发货的订单行占期间内全部到期订单行（含未发货）的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("lines_on_time", "lines_due"),
            formula=lambda on_time, due: 100 * on_time / func.nullif(due, 0),
            undefined=_NOTHING_DUE,
            more_is_better=True,
        ),
        Metric(
            id="units_due",
            names=Names("units due from stock", "到期应发数量"),
            definition=Said(
                "Ordered quantity of the lines due in the period that come from our stock.",
                "期间内到期且由库存发货的订单行数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(
                DUE_LINES,
                lambda rows: rows["quantity"],
                where=_from_stock,
                coarse=_of_orders("stock_units", "stock_lines"),
            ),
            inner=True,
        ),
        Metric(
            id="units_in_time",
            names=Names("units sent in time", "按时发货数量"),
            definition=Said(
                "What of the units due from stock had left by the promised date.",
                "应由库存发货的到期数量中在承诺日期前已发出的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(
                DUE_LINES,
                lambda rows: rows["in_time"],
                where=_from_stock,
                coarse=_of_orders("stock_units_in_time", "stock_lines"),
            ),
            inner=True,
        ),
        Metric(
            id="stock_lines_due",
            names=Names("lines due from stock", "到期库存行"),
            definition=Said(
                "The number of order lines due in the period that come from our stock.",
                "期间内到期且由库存发货的订单行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                DUE_LINES,
                adding=Adding.COUNT,
                where=_from_stock,
                coarse=_of_orders("stock_lines", "stock_lines"),
            ),
            inner=True,
        ),
        Metric(
            id="stock_lines_in_time",
            names=Names("lines sent in time from stock", "按时库存行"),
            definition=Said(
                "The number of lines due from stock that had left in full by the promised date.",
                "由库存发货的到期行中按时全部发出的行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                DUE_LINES,
                lambda rows: rows["on_time"],
                where=_from_stock,
                coarse=_of_orders("stock_lines_on_time", "stock_lines"),
            ),
            inner=True,
        ),
        Metric(
            id="orders_due",
            names=Names("orders due from stock", "到期库存订单"),
            definition=Said(
                "The number of orders due in the period with lines from our stock.",
                "期间内到期且含库存发货行的订单数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DUE_ORDERS, adding=Adding.COUNT),
            inner=True,
        ),
        Metric(
            id="orders_in_time",
            names=Names("orders sent in time", "按时库存订单"),
            definition=Said(
                "The number of orders due of which every line from stock had left in full by then.",
                "到期订单中全部库存行均按时发出的订单数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DUE_ORDERS, lambda rows: rows["on_time"]),
            inner=True,
        ),
        Metric(
            id="fill_rate",
            names=Names(
                "fill rate",
                "订单满足率",
                ("case fill rate", "unit fill rate", "order fill by units"),
                ("满足率", "数量满足率", "供货满足率"),
            ),
            definition=Said(
                "Units sent from our stock by the promised date, as a percentage of the units"
                " ordered that were due in the period; what the supplier sends to the customer"
                " does not count.",
                "在承诺日期前由库存发出的数量占期间内到期订购数量的百分比；供应商直发不计。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("units_in_time", "units_due"),
            formula=lambda kept, due: 100 * kept / func.nullif(due, 0),
            undefined=_NOTHING_DUE,
            more_is_better=True,
        ),
        Metric(
            id="line_fill_rate",
            names=Names(
                "line fill rate",
                "行满足率",
                ("fill rate by line", "lines filled", "order line fill rate"),
                ("订单行满足率", "行项满足率", "按行满足率"),
            ),
            definition=Said(
                "Order lines sent in full from our stock by the promised date, as a percentage"
                " of those due in the period.",
                "在承诺日期前由库存全部发出的订单行占期间内到期行的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("stock_lines_in_time", "stock_lines_due"),
            formula=lambda kept, due: 100 * kept / func.nullif(due, 0),
            undefined=_NOTHING_DUE,
            more_is_better=True,
        ),
        Metric(
            id="order_fill_rate",
            names=Names(
                "order fill rate",
                "整单满足率",
                ("fill rate by order", "orders filled", "complete order fill rate"),
                ("整单率", "订单整单满足率", "按单满足率"),
            ),
            definition=Said(
                "Orders of which every line from our stock was sent in full by the promised"
                " date, as a percentage of those due in the period.",
                "全部库存行均在承诺日期前发出的订单占期间内到期订单的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("orders_in_time", "orders_due"),
            formula=lambda kept, due: 100 * kept / func.nullif(due, 0),
            undefined=_NOTHING_DUE,
            more_is_better=True,
        ),
        Metric(
            id="orders_delivered",
            names=Names("orders delivered", "已发货订单数"),
            definition=Said(
                "The number of orders whose last delivery so far lies in the period.",
                "最近一次发货在期间内的订单数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DELIVERED_ORDERS, adding=Adding.COUNT),
            inner=True,
        ),
        Metric(
            id="perfect_orders",
            names=Names("perfect orders", "完美订单数"),
            definition=Said(
                "The number of those that had gone out whole by the promised date and of which"
                " nothing came back.",
                "其中在承诺日期前全部发出且无退货的订单数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DELIVERED_ORDERS, lambda rows: rows["perfect"]),
            inner=True,
        ),
        Metric(
            id="otif",
            names=Names(
                "on time in full",
                "按时足量交付率",
                ("OTIF", "perfect order rate", "perfect orders rate", "on-time in-full"),
                ("OTIF", "完美订单率", "按时足额交付率"),
            ),
            definition=Said(
                "Orders that went out whole by the promised date and of which nothing came"
                " back, as damaged or wrong goods do, as a percentage of the orders delivered"
                " in the period (by their last delivery).",
                "在承诺日期前全部发出且无退货（破损或错误均表现为退货）的订单占期间内已发货订单（按最后发货日）的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("perfect_orders", "orders_delivered"),
            formula=lambda kept, due: 100 * kept / func.nullif(due, 0),
            undefined=_NOTHING_DELIVERED,
            more_is_better=True,
        ),
        Metric(
            id="units_delivered",
            names=Names(
                "units delivered",
                "发货数量",
                ("quantity delivered", "delivered quantity", "shipped units"),
                ("已发数量", "交货数量", "发货量"),
            ),
            definition=Said(
                "Quantity on deliveries to customers in the period, before anything came back.",
                "期间内对客户发货的数量，未扣退货。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(SENT_LINES, lambda rows: rows["quantity"]),
        ),
        Metric(
            id="units_returned",
            names=Names(
                "units returned",
                "退货数量",
                ("returned quantity", "quantity returned", "units sent back"),
                ("退回数量", "退货量", "客户退货数量"),
            ),
            definition=Said(
                "What has come back, up to now, of the deliveries of the period: it counts on"
                " the day on which the goods had left.",
                "期间内发货中至今退回的数量：计入原发货日期。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(SENT_LINES, lambda rows: rows["returned_quantity"]),
            more_is_better=False,
        ),
        Metric(
            id="return_rate",
            names=Names(
                "return rate",
                "退货率",
                ("returns percent", "share returned", "rate of returns"),
                ("退货比例", "退货占比", "客户退货率"),
            ),
            definition=Said(
                "Units returned as a percentage of units delivered, of the deliveries of the"
                " period.",
                "期间内发货的退货数量占发货数量的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=AND_CUSTOMERS,
            parts=("units_returned", "units_delivered"),
            formula=lambda returned, delivered: 100 * returned / func.nullif(delivered, 0),
            undefined=_NOTHING_DELIVERED,
            more_is_better=False,
        ),
    ),
)
