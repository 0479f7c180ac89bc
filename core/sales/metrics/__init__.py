"""What sales give to reporting: revenue and margin, orders, customers won, and promises kept."""

from datetime import timedelta

from sqlalchemy import case, func, select

from core.kernel.semantics import Dimension, Names, Semantics
from core.sales.metrics.customers import SEMANTICS as CUSTOMERS
from core.sales.metrics.fulfilment import SEMANTICS as FULFILMENT
from core.sales.metrics.selling import SEMANTICS as SELLING
from core.sales.metrics.stockouts import SEMANTICS as STOCKOUTS
from core.sales.tables import HoldReason, OrderState, SalesOrder, SalesOrderLine

__all__ = ["SEMANTICS"]

# Of what was ordered in the last year, the items that bring the first 80 % are A, the next 15 % B.
_A_PERCENT, _B_PERCENT, _YEAR = 80, 95, timedelta(days=365)
_counted = SalesOrder.state.not_in((OrderState.DRAFT, OrderState.HELD, OrderState.CANCELLED))
_latest = select(func.max(SalesOrder.ordered_on)).where(_counted).scalar_subquery()
_ordered = (
    select(
        SalesOrderLine.item_id.label("id"),
        func.sum(SalesOrderLine.net_amount * SalesOrder.rate).label("amount"),
    )
    .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
    .where(_counted, SalesOrder.ordered_on > _latest - _YEAR)
    .group_by(SalesOrderLine.item_id)
    .subquery()
)
_before = (
    func.sum(_ordered.c.amount).over(order_by=[_ordered.c.amount.desc(), _ordered.c.id])
    - _ordered.c.amount
)
_ranked = select(
    _ordered.c.id,
    (100 * _before / func.nullif(func.sum(_ordered.c.amount).over(), 0)).label("percent"),
).subquery()
_class = case(
    (_ranked.c.percent < _A_PERCENT, "A"), (_ranked.c.percent < _B_PERCENT, "B"), else_="C"
)

SEMANTICS = Semantics(
    metrics=(*SELLING.metrics, *CUSTOMERS.metrics, *FULFILMENT.metrics, *STOCKOUTS.metrics),
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
        Dimension(
            id="hold_reason",
            names=Names(
                "reason of hold",
                "暂挂原因",
                ("hold reason", "why orders are held", "reason for hold"),
                ("挂起原因", "冻结原因", "订单暂挂原因"),
            ),
            handle="hold_reason",
            words={
                HoldReason.CREDIT_LIMIT.value: ("credit limit", "信用额度"),
                HoldReason.OVERDUE.value: ("overdue invoices", "逾期发票"),
                HoldReason.BY_HAND.value: ("by hand", "人工"),
            },
        ),
        Dimension(
            id="abc_class",
            names=Names(
                "ABC class",
                "ABC分类",
                ("ABC category of items", "ABC analysis", "item ABC class"),
                ("ABC类", "ABC分析", "物料ABC分类"),
            ),
            handle="item",
            members=select(
                _ranked.c.id,
                _class.label("key"),
                _class.label("label"),
                _class.label("label_zh"),
            ),
            words={"A": ("A", "A"), "B": ("B", "B"), "C": ("C", "C")},
            ordered=True,
        ),
    ),
)
