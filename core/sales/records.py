"""What sales give to lists: orders, deliveries, quotations and returns."""

from sqlalchemy import and_, func, select

from core.kernel.listing import TODAY, Expression, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import AND_CUSTOMERS, EVERYDAY, Names, Said
from core.parties.records import SALESPERSON
from core.sales.quoting.tables import Quotation, QuotationLine, QuotationState, QuotationVersion
from core.sales.returning.tables import ReturnState, SalesReturn, SalesReturnLine
from core.sales.tables import (
    Delivery,
    DeliveryLine,
    HoldReason,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)

_TO_DELIVER = (OrderState.CONFIRMED, OrderState.PARTLY_DELIVERED)
_CUSTOMER = Names("customer", "客户")
_ITEM = Names("item", "物料", ("with item", "for item"))
_TOTAL = Names("total", "总额", ("amount", "worth", "value", "total amount"), ("金额", "价值"))
_NET = Names("net", "净额", ("net amount",), ("不含税金额",))

ORDERS = RecordKind(
    id="sales_orders",
    names=Names(
        "sales orders",
        "销售订单",
        ("orders", "customer orders", "sales order"),
        ("订单", "客户订单"),
    ),
    one=Said("sales order", "销售订单"),
    source=SalesOrder.__table__,
    key=SalesOrder.number,
    identity=SalesOrder.id,
    currency=SalesOrder.currency,
    owner=SalesOrder.customer_id,
    roles=AND_CUSTOMERS,
    fields=(
        Field("number", Names("number", "编号"), column=SalesOrder.number),
        record("customer", _CUSTOMER, SalesOrder.customer_id),
        Field(
            "ordered_on",
            Names("ordered on", "下单日期", ("ordered", "placed", "dated"), ("下单",)),
            Holds.DATE,
            SalesOrder.ordered_on,
        ),
        Field(
            "promised_on",
            Names(
                "promised on",
                "承诺日期",
                ("promised", "due", "due for delivery", "to be delivered"),
                ("承诺", "应交", "交货"),
            ),
            Holds.DATE,
            SalesOrder.promised_on,
            ahead=True,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            SalesOrder.state,
            words={
                OrderState.DRAFT: ("draft", "草稿"),
                OrderState.HELD: ("held back", "暂停"),
                OrderState.CONFIRMED: ("confirmed", "已确认"),
                OrderState.PARTLY_DELIVERED: ("partly delivered", "部分发货"),
                OrderState.DELIVERED: ("delivered", "已发货"),
                OrderState.CANCELLED: ("cancelled", "已取消"),
            },
        ),
        Field("net", _NET, Holds.MONEY, SalesOrder.net_minor, shown=False),
        Field("total", _TOTAL, Holds.MONEY, SalesOrder.total_minor),
        record(
            "territory",
            Names("territory", "地区", ("region",), ("区域", "大区")),
            SalesOrder.territory_id,
            shown=False,
        ),
        record("salesperson", SALESPERSON, SalesOrder.salesperson_id, shown=False),
        Field("channel", Names("channel", "渠道"), column=SalesOrder.channel, shown=False),
        Field(
            "reference",
            Names("reference", "参考号", ("customer reference",)),
            column=SalesOrder.reference,
            shown=False,
        ),
        Field(
            "hold_reason",
            Names("held because", "暂停原因"),
            Holds.WORD,
            SalesOrder.hold_reason,
            words={
                HoldReason.CREDIT_LIMIT: ("credit limit", "信用额度"),
                HoldReason.OVERDUE: ("something overdue", "有逾期款"),
                HoldReason.BY_HAND: ("by hand", "人工暂停"),
            },
            shown=False,
            roles=EVERYDAY,
        ),
        record(
            "item",
            _ITEM,
            through=select(
                SalesOrderLine.order_id.label("record"), SalesOrderLine.item_id.label("value")
            ),
        ),
        flag(
            "open",
            Names(
                "open",
                "未结",
                (
                    "undelivered",
                    "not delivered",
                    "not shipped",
                    "not yet shipped",
                    "not yet delivered",
                    "to ship",
                    "to deliver",
                    "unshipped",
                ),
                ("未发货", "未交货", "待发货", "未完成", "没发货", "还没发货", "要发货"),
            ),
            SalesOrder.state.in_(_TO_DELIVER),
        ),
        flag(
            "late",
            Names(
                "late", "延期", ("overdue", "delayed", "behind schedule"), ("逾期", "延迟", "迟交")
            ),
            and_(SalesOrder.state.in_(_TO_DELIVER), SalesOrder.promised_on < TODAY),
            negative=Names("not late", "未延期"),
        ),
    ),
    day="ordered_on",
    order=(("ordered_on", "desc"),),
    ref="sales_order",
)

_delivered_to = func.coalesce(SalesOrder.customer_id, SalesReturn.customer_id)
_comes_back = Delivery.returns_id.is_not(None) | Delivery.return_id.is_not(None)
DELIVERIES = RecordKind(
    id="deliveries",
    names=Names(
        "deliveries",
        "发货单",
        ("delivery notes", "shipments to customers", "shipments"),
        ("出货单", "交货单"),
    ),
    one=Said("delivery", "发货单"),
    source=Delivery.__table__.outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id).outerjoin(
        SalesReturn, SalesReturn.id == Delivery.return_id
    ),
    key=Delivery.number,
    identity=Delivery.id,
    owner=_delivered_to,
    roles=AND_CUSTOMERS,
    fields=(
        Field("number", Names("number", "编号"), column=Delivery.number),
        record("customer", _CUSTOMER, _delivered_to),
        Field(
            "delivered_on",
            Names("delivered on", "发货日期", ("delivered", "shipped"), ("发货",)),
            Holds.DATE,
            Delivery.delivered_on,
        ),
        Field("order", Names("order", "订单"), column=SalesOrder.number),
        record(
            "item",
            _ITEM,
            through=select(
                DeliveryLine.delivery_id.label("record"),
                func.coalesce(SalesOrderLine.item_id, SalesReturnLine.item_id).label("value"),
            )
            .select_from(DeliveryLine)
            .outerjoin(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
            .outerjoin(SalesReturnLine, SalesReturnLine.id == DeliveryLine.return_line_id),
        ),
        flag(
            "came_back",
            Names("coming back", "退回", ("returned",), ("退回的",)),
            _comes_back,
            negative=Names("going out", "发出"),
        ),
    ),
    day="delivered_on",
    order=(("delivered_on", "desc"),),
    ref="delivery",
)

_asked = (QuotationState.DRAFT, QuotationState.SENT, QuotationState.PARTLY_ACCEPTED)
QUOTATIONS = RecordKind(
    id="quotations",
    names=Names("quotations", "报价单", ("quotes", "offers to customers"), ("报价",)),
    one=Said("quotation", "报价单"),
    source=Quotation.__table__.join(
        QuotationVersion,
        and_(
            QuotationVersion.quotation_id == Quotation.id,
            QuotationVersion.version == Quotation.version,
        ),
    ),
    key=Quotation.number,
    identity=Quotation.id,
    currency=QuotationVersion.currency,
    fields=(
        Field("number", Names("number", "编号"), column=Quotation.number),
        record("customer", _CUSTOMER, Quotation.party_id),
        Field(
            "quoted_on",
            Names("quoted on", "报价日期", ("quoted", "made"), ("制作",)),
            Holds.DATE,
            Quotation.quoted_on,
        ),
        Field(
            "valid_until",
            Names(
                "valid until",
                "有效期至",
                ("expires", "expire", "expiring", "runs out", "run out", "lapse", "valid"),
                ("到期", "过期", "失效"),
            ),
            Holds.DATE,
            QuotationVersion.valid_until,
            ahead=True,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            Quotation.state,
            words={
                QuotationState.DRAFT: ("draft", "草稿"),
                QuotationState.SENT: ("sent", "已发送"),
                QuotationState.PARTLY_ACCEPTED: ("partly accepted", "部分接受"),
                QuotationState.ACCEPTED: ("accepted", "已接受"),
                QuotationState.DECLINED: ("declined", "已拒绝"),
            },
        ),
        Field("net", _NET, Holds.MONEY, QuotationVersion.net_minor, shown=False),
        Field("total", _TOTAL, Holds.MONEY, QuotationVersion.total_minor),
        Field("reference", Names("reference", "参考号"), column=Quotation.reference, shown=False),
        record(
            "item",
            _ITEM,
            through=select(
                QuotationVersion.quotation_id.label("record"),
                QuotationLine.item_id.label("value"),
            ).join(QuotationVersion, QuotationVersion.id == QuotationLine.version_id),
        ),
        flag(
            "open",
            Names("open", "未结", ("pending", "waiting", "undecided"), ("待定", "未决")),
            and_(Quotation.state.in_(_asked), QuotationVersion.valid_until >= TODAY),
        ),
        flag(
            "expired",
            Names("expired", "已过期", ("lapsed",), ("已失效",)),
            and_(Quotation.state.in_(_asked), QuotationVersion.valid_until < TODAY),
            negative=Names("not expired", "未过期"),
        ),
    ),
    day="quoted_on",
    order=(("quoted_on", "desc"),),
    ref="quotation",
)

RETURNS = RecordKind(
    id="sales_returns",
    names=Names(
        "customer returns",
        "销售退货",
        ("returns", "sales returns", "returns of customers"),
        ("退货", "退货单", "客户退货"),
    ),
    one=Said("customer return", "退货单"),
    source=SalesReturn.__table__,
    key=SalesReturn.number,
    identity=SalesReturn.id,
    fields=(
        Field("number", Names("number", "编号"), column=SalesReturn.number),
        record("customer", _CUSTOMER, SalesReturn.customer_id),
        Field(
            "authorised_on",
            Names("authorised on", "批准日期", ("authorised",), ("批准",)),
            Holds.DATE,
            SalesReturn.authorised_on,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            SalesReturn.state,
            words={
                ReturnState.AUTHORISED: ("authorised", "已批准"),
                ReturnState.PARTLY_RECEIVED: ("partly received", "部分收货"),
                ReturnState.RECEIVED: ("received", "已收货"),
                ReturnState.CANCELLED: ("cancelled", "已取消"),
            },
        ),
        Field("because", Names("reason", "原因"), column=SalesReturn.because),
        record(
            "item",
            _ITEM,
            through=select(
                SalesReturnLine.return_id.label("record"), SalesReturnLine.item_id.label("value")
            ),
        ),
        flag(
            "open",
            Names("open", "未结", ("not yet received",), ("未收货", "未完成")),
            SalesReturn.state.in_((ReturnState.AUTHORISED, ReturnState.PARTLY_RECEIVED)),
        ),
    ),
    day="authorised_on",
    order=(("authorised_on", "desc"),),
    ref="sales_return",
)


def _lines(record_of: Expression) -> Field:
    """Return the days on which something was ordered: by a customer, or of an item."""
    ordered = (
        select(record_of.label("record"), SalesOrder.ordered_on.label("value"))
        .join_from(SalesOrderLine, SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
        .where(SalesOrder.state.not_in((OrderState.DRAFT, OrderState.CANCELLED)))
    )
    return Field(
        "sold_on",
        Names(
            "sales",
            "销售",
            ("orders", "an order", "sale", "sold", "ordered"),
            ("订单", "下单", "卖出"),
        ),
        Holds.DATE,
        through=ordered,
        shown=False,
        roles=EVERYDAY,
    )


LISTS = Lists(
    kinds=(ORDERS, DELIVERIES, QUOTATIONS, RETURNS),
    besides={
        "customers": (_lines(SalesOrder.customer_id),),
        "items": (_lines(SalesOrderLine.item_id),),
    },
)
