"""The rows that figures of sales are added up from: orders, deliveries, promises, customers.

A company with invoices counts revenue on them and cost on deliveries. One whose history was brought
without invoices counts both on its orders (`company.revenue_basis`): then revenue is the exact sum
of the order lines, rounded once, and cost is what a line cost, or the item's standard cost today.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, literal, select, union_all

from core.catalog.tables import Item
from core.inventory import StockCorrection, StockMove
from core.invoicing.metrics import SALES_LINES
from core.kernel.semantics import Said, Source
from core.parties.tables import Customer, Party, Territory
from core.sales.kept.tables import OrderLineSent, OrderTotal
from core.sales.returning.tables import SalesReturn, SalesReturnLine
from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

NO_PROMISE = (OrderState.DRAFT, OrderState.HELD, OrderState.CANCELLED)
OPEN = (OrderState.CONFIRMED, OrderState.PARTLY_DELIVERED)
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
    .where(SalesOrder.state.not_in(NO_PROMISE)),
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
        (SalesOrderLine.net_amount * SalesOrder.rate).label("net_amount"),
        (SalesOrderLine.promotion_amount * SalesOrder.rate).label("promotion_amount"),
        (SalesOrderLine.quantity * SalesOrderLine.unit_price * SalesOrder.rate).label(
            "gross_amount"
        ),
        (SalesOrderLine.quantity * _unit_cost).label("cost_amount"),
        (
            SalesOrderLine.net_amount
            * SalesOrder.rate
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
    .where(SalesOrder.state.not_in(NO_PROMISE)),
    basis=Said(
        "sales order lines after discounts, without tax and freight, by order date",
        "按下单日期的销售订单行，折后，不含税和运费",
    ),
    handles=_ITEM_HANDLES,
    dates=("ordered_on", "promised_on"),
    owner="customer",
    document_kind="sales_order",
)

_delivery_sign = case((Delivery.returns_id.is_(None) & Delivery.return_id.is_(None), 1), else_=-1)
_delivery_customer = func.coalesce(SalesOrder.customer_id, SalesReturn.customer_id)
_delivered_lines = (
    select(
        Delivery.number.label("document"),
        Delivery.delivered_on,
        SalesOrder.ordered_on,
        SalesOrder.promised_on,
        _delivery_customer.label("customer"),
        *_order_columns[4:],
        func.coalesce(SalesOrderLine.item_id, SalesReturnLine.item_id).label("item"),
        (_delivery_sign * DeliveryLine.quantity).label("quantity"),
        (_delivery_sign * DeliveryLine.cost_minor).label("cost_minor"),
    )
    .select_from(DeliveryLine)
    .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    .outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id)
    .outerjoin(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
    # What came back without an order that we know of.
    .outerjoin(SalesReturn, SalesReturn.id == Delivery.return_id)
    .outerjoin(SalesReturnLine, SalesReturnLine.id == DeliveryLine.return_line_id)
    .outerjoin(Customer, Customer.party_id == _delivery_customer)
    .outerjoin(Party, Party.id == _delivery_customer)
    .outerjoin(Territory, Territory.id == _territory)
)
# What a delivery costs more, or less, because something came late: on the day it was booked.
_later_costs = (
    select(
        Delivery.number,
        StockCorrection.corrected_on,
        SalesOrder.ordered_on,
        SalesOrder.promised_on,
        _delivery_customer,
        *_order_columns[4:],
        StockCorrection.item_id,
        literal(Decimal(0)),
        _delivery_sign * StockCorrection.amount_minor,
    )
    .select_from(StockCorrection)
    .join(StockMove, StockMove.id == StockCorrection.move_id)
    .join(Delivery, Delivery.number == StockMove.origin)
    .outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id)
    .outerjoin(SalesReturn, SalesReturn.id == Delivery.return_id)
    .outerjoin(Customer, Customer.party_id == _delivery_customer)
    .outerjoin(Party, Party.id == _delivery_customer)
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

# The orders, with what is kept of their lines: the same sums of a quarter of the rows.
_totals = (
    select(
        *_order_columns,
        OrderTotal.lines,
        OrderTotal.quantity,
        OrderTotal.net_amount,
        OrderTotal.promotion_amount,
        OrderTotal.gross_amount,
        OrderTotal.due_lines,
        OrderTotal.on_time_lines,
        OrderTotal.stock_lines,
        OrderTotal.stock_lines_on_time,
        OrderTotal.stock_units,
        OrderTotal.stock_units_in_time,
        case((OrderTotal.stock_lines_on_time == OrderTotal.stock_lines, 1), else_=0).label(
            "on_time"
        ),
    )
    .select_from(OrderTotal)
    .join(SalesOrder, SalesOrder.id == OrderTotal.order_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(NO_PROMISE))
)
ORDER_TOTALS = Source(
    id="sales_order_totals",
    rows=_totals,
    basis=ORDER_LINES.basis,
    handles=_HANDLES,
    dates=("ordered_on", "promised_on"),
    owner="customer",
    document_kind="sales_order",
)

# What of each line had left by the day that was promised. Lines of imported history that say
# nothing of their deliveries are not judged.
_judged = SalesOrder.imported.is_(False) | OrderLineSent.order_line_id.is_not(None)
DUE_LINES = Source(
    id="sales_lines_due",
    rows=select(
        *_order_columns,
        SalesOrderLine.item_id.label("item"),
        case((OrderLineSent.in_time >= SalesOrderLine.quantity, 1), else_=0).label("on_time"),
        # What the maker sends to the customer does not come from our stock.
        case((SalesOrderLine.drop_shipped, 0), else_=1).label("from_stock"),
        SalesOrderLine.quantity,
        func.least(func.coalesce(OrderLineSent.in_time, 0), SalesOrderLine.quantity).label(
            "in_time"
        ),
    )
    .select_from(SalesOrderLine)
    .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
    .outerjoin(OrderLineSent, OrderLineSent.order_line_id == SalesOrderLine.id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(NO_PROMISE), _judged),
    basis=Said("sales order lines by promised date", "按承诺日期的销售订单行"),
    handles=_ITEM_HANDLES,
    dates=("promised_on", "ordered_on"),
    owner="customer",
    document_kind="sales_order",
)

DUE_TOTALS = Source(
    id="sales_order_totals_due",
    rows=_totals.where(OrderTotal.due_lines > 0),
    basis=DUE_LINES.basis,
    handles=_HANDLES,
    dates=("promised_on", "ordered_on"),
    owner="customer",
    document_kind="sales_order",
)
DUE_ORDERS = Source(
    id="sales_orders_due",
    rows=_totals.where(OrderTotal.stock_lines > 0),
    basis=Said(
        "sales orders delivered from stock, by promised date", "按承诺日期的库存发货销售订单"
    ),
    handles=_HANDLES,
    dates=("promised_on", "ordered_on"),
    owner="customer",
    document_kind="sales_order",
)

# Every order of which something has left, on the day of its last delivery so far.
_sent = (
    select(
        Delivery.order_id,
        func.max(Delivery.delivered_on).filter(_delivery_sign == 1).label("delivered_on"),
        func.bool_or(_delivery_sign == -1).label("came_back"),
    )
    .where(Delivery.order_id.is_not(None))
    .group_by(Delivery.order_id)
    .subquery()
)
DELIVERED_ORDERS = Source(
    id="delivered_orders",
    rows=select(
        *_order_columns,
        _sent.c.delivered_on,
        case(
            (
                and_(
                    SalesOrder.state == OrderState.DELIVERED,
                    _sent.c.delivered_on <= SalesOrder.promised_on,
                    _sent.c.came_back.is_(False),
                ),
                1,
            ),
            else_=0,
        ).label("perfect"),
    )
    .select_from(_sent)
    .join(SalesOrder, SalesOrder.id == _sent.c.order_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(SalesOrder.state.not_in(NO_PROMISE), _sent.c.delivered_on.is_not(None)),
    basis=Said("sales orders by the day of their last delivery", "按最后发货日期的销售订单"),
    handles=_HANDLES,
    dates=("delivered_on", "promised_on", "ordered_on"),
    owner="customer",
    document_kind="sales_order",
)

# What left, each line with what has come back of it since.
SENT_LINES = Source(
    id="sent_lines",
    rows=select(
        Delivery.number.label("document"),
        Delivery.delivered_on,
        *_order_columns[1:],
        SalesOrderLine.item_id.label("item"),
        DeliveryLine.quantity,
        DeliveryLine.returned_quantity,
    )
    .select_from(DeliveryLine)
    .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    .join(SalesOrder, SalesOrder.id == Delivery.order_id)
    .join(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
    .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
    .outerjoin(Party, Party.id == SalesOrder.customer_id)
    .outerjoin(Territory, Territory.id == _territory)
    .where(_delivery_sign == 1),
    basis=Said("deliveries to customers, by day of delivery", "按发货日期的客户发货"),
    handles=_ITEM_HANDLES,
    dates=("delivered_on", "promised_on", "ordered_on"),
    owner="customer",
    document_kind="delivery",
)


def _orders_that_are(state: OrderState, name: str, basis: Said) -> Source:
    """Return the orders of a state that the other sources leave out."""
    return Source(
        id=name,
        rows=select(
            *_order_columns,
            (SalesOrder.net_minor * SalesOrder.rate).label("net_minor"),
            SalesOrder.hold_reason.label("hold_reason"),
        )
        .select_from(SalesOrder)
        .outerjoin(Customer, Customer.party_id == SalesOrder.customer_id)
        .outerjoin(Party, Party.id == SalesOrder.customer_id)
        .outerjoin(Territory, Territory.id == _territory)
        .where(SalesOrder.state == state),
        basis=basis,
        handles=_HANDLES | {"hold_reason"},
        dates=("ordered_on", "promised_on"),
        owner="customer",
        document_kind="sales_order",
    )


CANCELLED_ORDERS = _orders_that_are(
    OrderState.CANCELLED,
    "cancelled_orders",
    Said("cancelled sales orders by order date", "按下单日期的已取消销售订单"),
)
HELD_ORDERS = _orders_that_are(
    OrderState.HELD, "held_orders", Said("sales orders on hold now", "目前被暂挂的销售订单")
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
