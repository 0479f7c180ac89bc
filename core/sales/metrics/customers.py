"""Who buys: customers won, active and served."""

from sqlalchemy import ColumnElement, and_, func

from core.invoicing.metrics import SALES_LINES
from core.kernel.semantics import (
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
    FIRST_INVOICES,
    FIRST_ORDERS,
    ORDER_LINES,
    ORDER_TOTALS,
    ORDERS,
)

_ACTIVE_MONTHS = 12


def _is_standing_invoice(rows: Rows) -> ColumnElement[bool]:
    return and_(rows["is_invoice"], rows["stands"])


def _of_orders(timing: Timing, *, months: int = 0) -> Measure:
    """Count different customers of orders; from lines only where something of lines is asked."""
    measure: Measure | None = None
    for source in (ORDERS, ORDER_TOTALS, ORDER_LINES):
        measure = Measure(
            source,
            lambda rows: rows["customer"],
            adding=Adding.DISTINCT,
            timing=timing,
            months=months,
            coarse=measure,
        )
    assert measure is not None, "there are sources of orders"
    return measure


SEMANTICS = Semantics(
    metrics=(
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
            on_orders=_of_orders(Timing.TRAILING, months=_ACTIVE_MONTHS),
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
            on_orders=_of_orders(Timing.WITHIN),
            more_is_better=True,
        ),
        Metric(
            id="revenue_per_customer",
            names=Names(
                "revenue per customer",
                "客均收入",
                (
                    "average revenue per customer",
                    "revenue per buying customer",
                    "sales per customer",
                ),
                ("每客户收入", "平均每客户收入", "客户平均收入"),
            ),
            definition=Said(
                "Revenue divided by the number of different customers who bought in the period.",
                "收入除以期间内购买的不同客户数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.RATIO,
            parts=("revenue", "buying_customers"),
            formula=lambda revenue, customers: revenue / func.nullif(customers, 0),
            undefined=Said("n/a (no buying customers)", "不适用（无购买客户）"),
            more_is_better=True,
        ),
    ),
)
