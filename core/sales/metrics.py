"""What sales give to reporting: revenue and margin, orders, customers won, and promises kept.

A company with invoices counts revenue on them and cost on deliveries. One whose history was brought
without invoices counts both on its orders (`company.revenue_basis`): then revenue is the exact sum
of the order lines, rounded once, and cost is what a line cost, or the item's standard cost today.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    literal,
    select,
    union_all,
)

from core.catalog.tables import Item
from core.inventory import StockCorrection, StockMove
from core.invoicing.metrics import SALES_LINES
from core.kernel.semantics import (
    AND_CUSTOMERS,
    COSTS,
    Adding,
    Dimension,
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
from core.parties.tables import Customer, Party, Territory
from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

_NO_PROMISE = (OrderState.DRAFT, OrderState.CANCELLED)
_OPEN = (OrderState.CONFIRMED, OrderState.PARTLY_DELIVERED)
_HANDLES = frozenset(
    {"customer", "territory", "country", "salesperson", "channel", "order_state", "currency"}
)
_ITEM_HANDLES = _HANDLES | {"item"}

_order_columns = (
    SalesOrder.number.label("document"),
    SalesOrder.ordered_on,
    SalesOrder.promised_on,
    SalesOrder.customer_id.label("customer"),
    Territory.id.label("territory"),
    func.coalesce(Territory.country, Party.country).label("country"),
    SalesOrder.salesperson_id.label("salesperson"),
    SalesOrder.channel,
    SalesOrder.state.label("order_state"),
    SalesOrder.currency,
)
_territory = func.coalesce(SalesOrder.territory_id, Customer.territory_id)

ORDERS = Source(
    id="sales_orders",
    rows=select(*_order_columns)
    .select_from(SalesOrder)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(_NO_PROMISE)),
    basis=Said("confirmed sales orders by order date", "按下单日期的已确认销售订单"),
    handles=_HANDLES,
    dates=("ordered_on", "promised_on"),
    owner="customer",
    document_kind="sales_order",
)

_unit_cost = func.coalesce(SalesOrderLine.unit_cost, Item.standard_cost)
ORDER_LINES = Source(
    id="sales_order_lines",
    rows=select(
        *_order_columns,
        SalesOrderLine.item_id.label("item"),
        SalesOrderLine.quantity,
        SalesOrderLine.net_amount,
        (SalesOrderLine.quantity * SalesOrderLine.unit_price).label("gross_amount"),
        (SalesOrderLine.quantity * _unit_cost).label("cost_amount"),
        (
            SalesOrderLine.net_amount
            * (SalesOrderLine.quantity - SalesOrderLine.delivered_quantity)
            / SalesOrderLine.quantity
        ).label("undelivered_amount"),
    )
    .select_from(SalesOrderLine)
    .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
    .outerjoin(Item, Item.id == SalesOrderLine.item_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(_NO_PROMISE)),
    basis=Said(
        "sales order lines after discounts, without tax and freight, by order date",
        "按下单日期的销售订单行，折后，不含税和运费",
    ),
    handles=_ITEM_HANDLES,
    dates=("ordered_on", "promised_on"),
    owner="customer",
    document_kind="sales_order",
)

_delivery_sign = case((Delivery.returns_id.is_(None), 1), else_=-1)
_delivered_lines = (
    select(
        Delivery.number.label("document"),
        Delivery.delivered_on,
        *_order_columns[1:],
        SalesOrderLine.item_id.label("item"),
        (_delivery_sign * DeliveryLine.quantity).label("quantity"),
        (_delivery_sign * DeliveryLine.cost_minor).label("cost_minor"),
    )
    .select_from(DeliveryLine)
    .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    .join(SalesOrder, SalesOrder.id == Delivery.order_id)
    .join(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
)
# What a delivery costs more, or less, because something came late: on the day it was booked.
_later_costs = (
    select(
        Delivery.number,
        StockCorrection.corrected_on,
        *_order_columns[1:],
        StockCorrection.item_id,
        literal(Decimal(0)),
        _delivery_sign * StockCorrection.amount_minor,
    )
    .select_from(StockCorrection)
    .join(StockMove, StockMove.id == StockCorrection.move_id)
    .join(Delivery, Delivery.number == StockMove.origin)
    .join(SalesOrder, SalesOrder.id == Delivery.order_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
)
_costs = union_all(_delivered_lines, _later_costs).subquery("delivery_costs")
DELIVERY_LINES = Source(
    id="delivery_lines",
    rows=select(_costs),
    basis=Said(
        "goods delivered less goods returned, at cost, with later corrections of it",
        "已发货减退货，按成本，含后续成本调整",
    ),
    handles=_ITEM_HANDLES,
    dates=("delivered_on", "promised_on", "ordered_on"),
    owner="customer",
    document_kind="delivery",
)

# What of each line had left by the day that was promised. Lines of imported history that say
# nothing of their deliveries are not judged.
_delivered = (
    select(
        DeliveryLine.order_line_id,
        func.sum(_delivery_sign * DeliveryLine.quantity)
        .filter(Delivery.delivered_on <= SalesOrder.promised_on)
        .label("in_time"),
    )
    .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    .join(SalesOrder, SalesOrder.id == Delivery.order_id)
    .group_by(DeliveryLine.order_line_id)
    .subquery()
)
DUE_LINES = Source(
    id="sales_lines_due",
    rows=select(
        *_order_columns,
        SalesOrderLine.item_id.label("item"),
        case((_delivered.c.in_time >= SalesOrderLine.quantity, 1), else_=0).label("on_time"),
    )
    .select_from(SalesOrderLine)
    .outerjoin(_delivered, _delivered.c.order_line_id == SalesOrderLine.id)
    .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(_NO_PROMISE))
    .where(SalesOrder.imported.is_(False) | _delivered.c.order_line_id.is_not(None)),
    basis=Said("sales order lines by promised date", "按承诺日期的销售订单行"),
    handles=_ITEM_HANDLES,
    dates=("promised_on", "ordered_on"),
    owner="customer",
    document_kind="sales_order",
)

_CUSTOMER_HANDLES = frozenset({"customer", "territory", "country", "salesperson"})


def _first_of(source: Source, date_column: str) -> Any:  # noqa: ANN401  # A select, of many columns.
    """Select each customer of a source with the day of the first document."""
    rows = source.rows.subquery()
    first = (
        select(rows.c.customer, func.min(rows.c[date_column]).label("first_on"))
        .where(rows.c.is_invoice & rows.c.stands if "is_invoice" in rows.c else literal(True))
        .group_by(rows.c.customer)
        .subquery()
    )
    return (
        select(
            Party.number.label("document"),
            first.c.first_on,
            first.c.customer,
            Territory.id.label("territory"),
            func.coalesce(Territory.country, Party.country).label("country"),
            Customer.salesperson_id.label("salesperson"),
        )
        .join(Party, Party.id == first.c.customer)
        .outerjoin(Customer, Customer.party_id == first.c.customer)
        .outerjoin(Territory, Territory.id == Customer.territory_id)
    )


FIRST_INVOICES = Source(
    id="first_invoices",
    rows=_first_of(SALES_LINES, "posted_on"),
    basis=Said("customers by their first posted invoice", "按首张已过账发票的客户"),
    handles=_CUSTOMER_HANDLES,
    dates=("first_on",),
    document_kind="customer",
)
FIRST_ORDERS = Source(
    id="first_orders",
    rows=_first_of(ORDERS, "ordered_on"),
    basis=Said("customers by their first order", "按首个订单的客户"),
    handles=_CUSTOMER_HANDLES,
    dates=("first_on",),
    document_kind="customer",
)


def _is_standing_invoice(rows: Rows) -> ColumnElement[bool]:
    return and_(rows["is_invoice"], rows["stands"])


_NO_REVENUE = Said("n/a (no revenue)", "不适用（无收入）")
_NO_ORDERS = Said("n/a (no orders)", "不适用（无订单）")
_ACTIVE_MONTHS = 12

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
            on_orders=Measure(ORDER_LINES, lambda rows: rows["net_amount"]),
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
            measure=Measure(ORDER_LINES, lambda rows: rows["net_amount"]),
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
            on_orders=Measure(ORDER_LINES, lambda rows: rows["quantity"]),
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
            measure=Measure(ORDER_LINES, lambda rows: rows["gross_amount"]),
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
            measure=Measure(ORDER_LINES, lambda rows: rows["gross_amount"] - rows["net_amount"]),
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
            id="new_customers",
            names=Names(
                "new customers",
                "新客户数",
                ("customers won", "first-time customers", "newly won customers", "new clients"),
                ("新客户", "新增客户", "新增客户数", "首次购买客户"),
            ),
            definition=Said(
                "The number of customers whose first posted invoice lies in the period; whose first"
                " order does, where the company keeps no invoices.",
                "首张已过账发票在期间内的客户数；公司没有发票时按首个订单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(FIRST_INVOICES, adding=Adding.COUNT),
            on_orders=Measure(FIRST_ORDERS, adding=Adding.COUNT),
            more_is_better=True,
        ),
        Metric(
            id="active_customers",
            names=Names(
                "active customers",
                "活跃客户数",
                ("current customers", "customers active", "active clients"),
                ("活跃客户", "有效客户", "在购客户"),
            ),
            definition=Said(
                f"Different customers with a posted invoice in the {_ACTIVE_MONTHS} months up to"
                " the day; with an order, where the company keeps no invoices.",
                f"截至当日{_ACTIVE_MONTHS}个月内有已过账发票的客户数；公司没有发票时按订单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                SALES_LINES,
                lambda rows: rows["customer"],
                adding=Adding.DISTINCT,
                where=_is_standing_invoice,
                timing=Timing.TRAILING,
                months=_ACTIVE_MONTHS,
            ),
            on_orders=Measure(
                ORDER_LINES,
                lambda rows: rows["customer"],
                adding=Adding.DISTINCT,
                timing=Timing.TRAILING,
                months=_ACTIVE_MONTHS,
            ),
            more_is_better=True,
        ),
        Metric(
            id="buying_customers",
            names=Names(
                "buying customers",
                "购买客户数",
                ("customers who bought", "customers served", "customers buying", "distinct buyers"),
                ("下单客户数", "成交客户数", "购买过的客户"),
            ),
            definition=Said(
                "Different customers with a posted invoice in the period; with an order, where the"
                " company keeps no invoices.",
                "期间内有已过账发票的不同客户数；公司没有发票时按订单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                SALES_LINES,
                lambda rows: rows["customer"],
                adding=Adding.DISTINCT,
                where=_is_standing_invoice,
            ),
            on_orders=Measure(ORDER_LINES, lambda rows: rows["customer"], adding=Adding.DISTINCT),
            more_is_better=True,
        ),
        Metric(
            id="backorder_value",
            names=Names(
                "backorder value",
                "欠交订单额",
                ("backorders", "overdue orders value", "late order value", "undelivered overdue"),
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
                    rows["order_state"].in_(_OPEN), rows["promised_on"] < rows.as_of
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
                where=lambda rows: rows["order_state"].in_(_OPEN),
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
            measure=Measure(DUE_LINES, adding=Adding.COUNT),
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
            measure=Measure(DUE_LINES, lambda rows: rows["on_time"]),
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
            undefined=Said("n/a (nothing due)", "不适用（无到期）"),
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="channel",
            names=Names(
                "channel",
                "渠道",
                ("sales channel", "distribution channel", "order channel"),
                ("销售渠道", "分销渠道", "下单渠道"),
            ),
            handle="channel",
            keys=select(SalesOrder.channel.label("key")),
            words={
                "online": ("online", "线上"),
                "reseller": ("reseller", "经销商"),
                "direct": ("direct", "直销"),
            },
        ),
        Dimension(
            id="order_status",
            names=Names(
                "order status",
                "订单状态",
                ("state of order", "order state", "status of orders"),
                ("状态", "销售订单状态", "订单进度"),
            ),
            handle="order_state",
            words={
                state.value: (state.value.replace("_", " "), zh)
                for state, zh in (
                    (OrderState.CONFIRMED, "已确认"),
                    (OrderState.PARTLY_DELIVERED, "部分发货"),
                    (OrderState.DELIVERED, "已发货"),
                )
            },
            ordered=True,
        ),
    ),
)
