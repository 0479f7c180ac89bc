"""What was sold: revenue, orders, cost and margin, discounts, and what customers took back."""

from sqlalchemy import func

from core.invoicing.metrics import SALES_LINES
from core.kernel.semantics import (
    AND_CUSTOMERS,
    COSTS,
    Adding,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Timing,
    Unit,
)
from core.sales.metrics.sources import (
    CANCELLED_ORDERS,
    DELIVERY_LINES,
    HELD_ORDERS,
    ORDER_LINES,
    ORDER_TOTALS,
    ORDERS,
)

_NO_REVENUE = Said("n/a (no revenue)", "不适用（无收入）")
_NO_ORDERS = Said("n/a (no orders)", "不适用（无订单）")
# Over so many days cost of sales is looked at where a level is turned into days.
DAYS, MONTHS = 90, 12


def _of_lines(amount: str) -> Measure:
    """Return the sum of an amount of order lines, and the same of what is kept of whole orders."""
    return Measure(
        ORDER_LINES,
        lambda rows: rows[amount],
        coarse=Measure(
            ORDER_TOTALS, lambda rows: rows[amount], counting=lambda rows: rows["lines"]
        ),
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="revenue",
            names=Names(
                "revenue",
                "收入",
                ("sales", "turnover", "net sales", "income from sales", "sales revenue"),
                ("销售额", "营业额", "营收", "销售收入", "营业收入"),
            ),
            definition=Said(
                "Sum of net line amounts after discounts, without tax and freight: of posted"
                " invoices less credit notes by posting date; of orders that are neither drafts"
                " nor cancelled, by order date, where the company keeps no invoices.",
                "行净额（折后，不含税和运费）合计：已过账发票减贷项，按过账日期；"
                "公司没有发票时，按下单日期统计未取消的正式订单。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(SALES_LINES, lambda rows: rows["net_minor"], minor=True),
            on_orders=_of_lines("net_amount"),
            more_is_better=True,
        ),
        Metric(
            id="bookings",
            names=Names(
                "bookings",
                "订单额",
                ("order intake", "booked orders", "value of orders", "orders value", "order value"),
                ("订单金额", "接单额", "下单金额", "订货额"),
            ),
            definition=Said(
                "Sum of net line amounts, after discounts and without tax and freight, of orders"
                " that are neither drafts nor cancelled, by order date.",
                "未取消的正式订单的行净额（折后，不含税和运费）合计，按下单日期。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=_of_lines("net_amount"),
            more_is_better=True,
        ),
        Metric(
            id="orders",
            names=Names(
                "orders",
                "订单数",
                ("number of orders", "order count", "sales orders", "how many orders"),
                ("订单数量", "订单量", "多少订单", "订单笔数", "销售订单数"),
            ),
            definition=Said(
                "The number of sales orders (not lines) that are neither drafts nor cancelled, by"
                " order date. By item or category, an order counts with each of those it holds.",
                "未取消的正式销售订单数量（非行数），按下单日期。按物料或类别时，订单计入其包含的每一项。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["document"],
                adding=Adding.DISTINCT,
                basis=ORDERS.basis,
                coarse=Measure(
                    ORDER_TOTALS,
                    adding=Adding.COUNT,
                    coarse=Measure(ORDERS, adding=Adding.COUNT),
                ),
            ),
            more_is_better=True,
        ),
        Metric(
            id="aov",
            names=Names(
                "average order value",
                "平均订单金额",
                ("AOV", "average order", "average order size", "mean order value", "basket size"),
                ("客单价", "平均订单额", "订单均价", "平均客单价"),
            ),
            definition=Said(
                "Bookings divided by the number of orders.",
                "订单额除以订单数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.RATIO,
            roles=AND_CUSTOMERS,
            parts=("bookings", "orders"),
            formula=lambda bookings, orders: bookings / func.nullif(orders, 0),
            undefined=_NO_ORDERS,
            more_is_better=True,
        ),
        Metric(
            id="units_sold",
            names=Names(
                "units sold",
                "销量",
                ("quantity sold", "sold quantity", "sales volume", "units", "pieces sold"),
                ("销售数量", "售出数量", "卖出数量", "销售量", "件数"),
            ),
            definition=Said(
                "Quantity on posted invoices less credit notes, in each item's own unit; on orders"
                " where the company keeps no invoices.",
                "已过账发票减贷项的数量，按各物料计量单位；公司没有发票时按订单数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                SALES_LINES,
                lambda rows: rows["quantity"],
                where=lambda rows: rows["item"].is_not(None),
            ),
            on_orders=_of_lines("quantity"),
            more_is_better=True,
        ),
        Metric(
            id="cogs",
            names=Names(
                "cost of goods sold",
                "销售成本",
                ("COGS", "cost of sales", "cost of goods", "product cost"),
                ("主营业务成本", "已售成本", "销货成本", "产品成本"),
            ),
            definition=Said(
                "Cost of goods delivered less goods returned, at moving average, by delivery date;"
                " quantity on orders at the cost of the line, or else the item's present standard"
                " cost, where the company keeps no invoices.",
                "按发货日期的已发货减退货成本（移动加权平均）；"
                "公司没有发票时，按订单数量乘以行成本，若无则乘以物料当前标准成本。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(DELIVERY_LINES, lambda rows: rows["cost_minor"], minor=True),
            on_orders=Measure(
                ORDER_LINES,
                lambda rows: rows["cost_amount"],
                basis=Said(
                    "order lines at the cost of the line, or else the present standard cost",
                    "订单行按行成本，若无则按当前标准成本",
                ),
            ),
            more_is_better=False,
        ),
        Metric(
            id="gross_profit",
            names=Names(
                "gross profit",
                "毛利",
                ("gross margin amount", "gross earnings", "profit on sales", "margin amount"),
                ("毛利润", "毛利额", "销售毛利"),
            ),
            definition=Said("Revenue less cost of goods sold.", "收入减去销售成本。"),
            unit=Unit.MONEY,
            kind=Kind.DERIVED,
            roles=COSTS,
            parts=("revenue", "cogs"),
            formula=lambda revenue, cogs: revenue - cogs,
            more_is_better=True,
        ),
        Metric(
            id="gross_margin_pct",
            names=Names(
                "gross margin",
                "毛利率",
                ("gross margin %", "margin", "gross margin percent", "profit margin", "GM%"),
                ("毛利百分比", "利润率", "销售毛利率"),
            ),
            definition=Said(
                "Gross profit as a percentage of revenue, computed from the sums.",
                "毛利占收入的百分比，由合计数计算。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("revenue", "cogs"),
            formula=lambda revenue, cogs: 100 * (revenue - cogs) / func.nullif(revenue, 0),
            undefined=_NO_REVENUE,
            more_is_better=True,
        ),
        Metric(
            id="profit_after_losses",
            names=Names(
                "profit after stock losses",
                "扣除库存损失后的毛利",
                (
                    "gross profit after losses",
                    "profit after shrinkage",
                    "gross profit net of losses",
                ),
                ("扣损耗后毛利", "损耗后毛利", "扣除盘亏后的毛利"),
            ),
            definition=Said(
                "Gross profit less stock losses.",
                "毛利减去库存损失。",
            ),
            unit=Unit.MONEY,
            kind=Kind.DERIVED,
            roles=COSTS,
            parts=("revenue", "cogs", "stock_losses"),
            formula=lambda revenue, cogs, losses: revenue - cogs - losses,
            more_is_better=True,
        ),
        Metric(
            id="margin_after_losses_pct",
            names=Names(
                "margin after stock losses",
                "扣除库存损失后的毛利率",
                ("gross margin after losses", "margin after shrinkage", "margin net of losses"),
                ("扣损耗后毛利率", "损耗后毛利率", "扣除盘亏后的毛利率"),
            ),
            definition=Said(
                "Gross profit less stock losses, as a percentage of revenue, computed from the"
                " sums.",
                "毛利减去库存损失后占收入的百分比，由合计数计算。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("revenue", "cogs", "stock_losses"),
            formula=lambda revenue, cogs, losses: (
                100 * (revenue - cogs - losses) / func.nullif(revenue, 0)
            ),
            undefined=_NO_REVENUE,
            more_is_better=True,
        ),
        Metric(
            id="list_sales",
            names=Names("order value before discount", "折前订单额"),
            definition=Said(
                "Quantity times agreed unit price on orders, before line discounts.",
                "订单数量乘以约定单价，行折扣之前。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=_of_lines("gross_amount"),
            inner=True,
        ),
        Metric(
            id="discount_amount",
            names=Names(
                "discounts",
                "折扣额",
                ("discount amount", "discounts given", "total discount"),
                ("折扣金额", "优惠金额", "让利额"),
            ),
            definition=Said(
                "Quantity times unit price less net amount of the order lines, by order date.",
                "订单行的数量乘单价减去净额，按下单日期。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["gross_amount"] - rows["net_amount"],
                coarse=Measure(
                    ORDER_TOTALS,
                    lambda rows: rows["gross_amount"] - rows["net_amount"],
                    counting=lambda rows: rows["lines"],
                ),
            ),
            more_is_better=False,
        ),
        Metric(
            id="discount_pct",
            names=Names(
                "discount rate",
                "折扣率",
                ("discount percent", "discount %", "average discount", "discount"),
                ("平均折扣", "折扣百分比", "折扣比例", "折扣"),
            ),
            definition=Said(
                "Discounts as a percentage of order value before discount.",
                "折扣额占折前订单额的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=AND_CUSTOMERS,
            parts=("discount_amount", "list_sales"),
            formula=lambda discount, gross: 100 * discount / func.nullif(gross, 0),
            undefined=_NO_ORDERS,
            more_is_better=False,
        ),
        Metric(
            id="average_price",
            names=Names(
                "average selling price",
                "平均售价",
                ("average price", "price per unit", "mean selling price"),
                ("平均单价", "平均销售价", "销售均价"),
            ),
            definition=Said(
                "Revenue divided by units sold; of one item, or of items that are counted"
                " alike, it is a price.",
                "收入除以销量；对单一物料或同单位物料而言即为价格。",
            ),
            unit=Unit.MONEY,
            kind=Kind.RATIO,
            roles=AND_CUSTOMERS,
            parts=("revenue", "units_sold"),
            formula=lambda revenue, units: revenue / func.nullif(units, 0),
            undefined=Said("n/a (nothing sold)", "不适用（无销量）"),
        ),
        Metric(
            id="promotion_cost",
            names=Names(
                "cost of promotions",
                "促销让利额",
                (
                    "promotion cost",
                    "cost of promotion",
                    "promotional discounts",
                    "given away by promotions",
                ),
                ("促销成本", "促销费用", "促销折扣额"),
            ),
            definition=Said(
                "What promotions took off the lines of orders that are neither drafts nor"
                " cancelled, by order date; free goods at their price.",
                "促销对未取消正式订单行的减让金额，按下单日期；赠品按其价格。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=_of_lines("promotion_amount"),
            more_is_better=False,
        ),
        Metric(
            id="cancelled_orders",
            names=Names(
                "cancelled orders",
                "取消订单数",
                ("orders cancelled", "number of cancelled orders", "cancelled sales orders"),
                ("已取消订单", "取消的订单", "取消订单数量"),
            ),
            definition=Said(
                "The number of sales orders that were cancelled, by the day on which they had"
                " been ordered.",
                "已取消的销售订单数量，按原下单日期。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(CANCELLED_ORDERS, adding=Adding.COUNT),
            more_is_better=False,
        ),
        Metric(
            id="cancellation_rate",
            names=Names(
                "cancellation rate",
                "订单取消率",
                ("cancellation percent", "share of orders cancelled", "order cancellation rate"),
                ("取消率", "取消比例", "取消订单占比"),
            ),
            definition=Said(
                "Cancelled orders as a percentage of all orders that were placed in the"
                " period, cancelled ones included.",
                "期间内取消订单占全部下单（含取消）的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=AND_CUSTOMERS,
            parts=("cancelled_orders", "orders"),
            formula=lambda cancelled, orders: 100 * cancelled / func.nullif(cancelled + orders, 0),
            undefined=_NO_ORDERS,
            more_is_better=False,
        ),
        Metric(
            id="held_order_value",
            names=Names(
                "value of held orders",
                "暂挂订单额",
                ("orders on hold value", "held orders value", "value of orders on hold"),
                ("暂挂订单金额", "被冻结订单额", "挂起订单金额"),
            ),
            definition=Said(
                "Net amount of the orders that wait now until somebody lets them go.",
                "目前等待放行的订单净额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                HELD_ORDERS, lambda rows: rows["net_minor"], timing=Timing.PRESENT, minor=True
            ),
            more_is_better=False,
        ),
        Metric(
            id="cogs_trailing",
            names=Names("cost of sales, last 90 days", "近90天销售成本"),
            definition=Said(
                f"Cost of goods sold in the last {DAYS} days.", f"最近{DAYS}天的销售成本。"
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS,
            measure=Measure(
                DELIVERY_LINES,
                lambda rows: rows["cost_minor"],
                timing=Timing.TRAILING,
                days=DAYS,
                minor=True,
            ),
            on_orders=Measure(
                ORDER_LINES, lambda rows: rows["cost_amount"], timing=Timing.TRAILING, days=DAYS
            ),
            inner=True,
        ),
        Metric(
            id="cogs_trailing_year",
            names=Names("cost of sales, last 12 months", "近12个月销售成本"),
            definition=Said(
                f"Cost of goods sold in the last {MONTHS} months.", f"最近{MONTHS}个月的销售成本。"
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS,
            measure=Measure(
                DELIVERY_LINES,
                lambda rows: rows["cost_minor"],
                timing=Timing.TRAILING,
                months=MONTHS,
                minor=True,
            ),
            on_orders=Measure(
                ORDER_LINES, lambda rows: rows["cost_amount"], timing=Timing.TRAILING, months=MONTHS
            ),
            inner=True,
        ),
    ),
)
