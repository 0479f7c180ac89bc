"""What purchasing gives to lists: orders, receipts, requisitions and requests for quotation."""

from sqlalchemy import and_, or_, select

from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import COSTS, EVERYDAY, Names, Said
from core.purchasing.quotes.tables import (
    InvitedSupplier,
    QuotationRequest,
    QuotationRequestLine,
    RequestState,
)
from core.purchasing.requisitions.tables import Requisition, RequisitionLine, RequisitionState
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierOffer,
)

_TO_COME = (OrderState.PLACED, OrderState.PARTLY_RECEIVED)
_SUPPLIER = Names("supplier", "供应商", ("from supplier",))
_ITEM = Names("item", "物料", ("with item", "for item"))

ORDERS = RecordKind(
    id="purchase_orders",
    names=Names(
        "purchase orders", "采购订单", ("pos", "orders to suppliers", "purchase order"), ("采购单",)
    ),
    one=Said("purchase order", "采购订单"),
    source=PurchaseOrder.__table__,
    key=PurchaseOrder.number,
    identity=PurchaseOrder.id,
    currency=PurchaseOrder.currency,
    roles=EVERYDAY,
    fields=(
        Field("number", Names("number", "编号"), column=PurchaseOrder.number),
        record("supplier", _SUPPLIER, PurchaseOrder.supplier_id),
        Field(
            "ordered_on",
            Names("ordered on", "下单日期", ("ordered", "placed"), ("下单",)),
            Holds.DATE,
            PurchaseOrder.ordered_on,
        ),
        Field(
            "expected_on",
            Names(
                "expected on",
                "预计到货",
                ("expected", "due", "arrive", "arriving", "to arrive", "coming"),
                ("到货", "应到"),
            ),
            Holds.DATE,
            PurchaseOrder.expected_on,
            ahead=True,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            PurchaseOrder.state,
            words={
                OrderState.DRAFT: ("draft", "草稿"),
                OrderState.PLACED: ("placed", "已下单"),
                OrderState.PARTLY_RECEIVED: ("partly received", "部分收货"),
                OrderState.RECEIVED: ("received", "已收货"),
                OrderState.CANCELLED: ("cancelled", "已取消"),
            },
        ),
        Field(
            "net",
            Names("net", "净额", ("net amount",)),
            Holds.MONEY,
            PurchaseOrder.net_minor,
            shown=False,
            roles=COSTS,
        ),
        Field(
            "total",
            Names("total", "总额", ("amount", "worth", "value"), ("金额", "价值")),
            Holds.MONEY,
            PurchaseOrder.total_minor,
            roles=COSTS,
        ),
        record(
            "item",
            _ITEM,
            through=select(
                PurchaseOrderLine.order_id.label("record"), PurchaseOrderLine.item_id.label("value")
            ),
        ),
        flag(
            "open",
            Names(
                "open",
                "未结",
                ("not received", "not yet received", "outstanding", "on the way", "undelivered"),
                ("未收货", "未到货", "在途", "未完成"),
            ),
            PurchaseOrder.state.in_(_TO_COME),
        ),
        flag(
            "late",
            Names("late", "延期", ("overdue", "delayed"), ("逾期", "延迟", "迟到")),
            and_(PurchaseOrder.state.in_(_TO_COME), PurchaseOrder.expected_on < TODAY),
            negative=Names("not late", "未延期"),
        ),
    ),
    day="ordered_on",
    order=(("ordered_on", "desc"),),
    ref="purchase_order",
)

RECEIPTS = RecordKind(
    id="goods_receipts",
    names=Names("goods receipts", "收货单", ("receipts", "receipts of goods"), ("入库单",)),
    one=Said("goods receipt", "收货单"),
    source=GoodsReceipt.__table__.join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id),
    key=GoodsReceipt.number,
    identity=GoodsReceipt.id,
    fields=(
        Field("number", Names("number", "编号"), column=GoodsReceipt.number),
        record("supplier", _SUPPLIER, PurchaseOrder.supplier_id),
        Field(
            "received_on",
            Names("received on", "收货日期", ("received", "arrived"), ("收货",)),
            Holds.DATE,
            GoodsReceipt.received_on,
        ),
        Field("order", Names("order", "订单"), column=PurchaseOrder.number),
        record(
            "item",
            _ITEM,
            through=select(
                GoodsReceiptLine.receipt_id.label("record"),
                PurchaseOrderLine.item_id.label("value"),
            ).join(PurchaseOrderLine, PurchaseOrderLine.id == GoodsReceiptLine.order_line_id),
        ),
        flag(
            "came_back",
            Names("going back", "退回", ("returned to supplier",)),
            GoodsReceipt.returns_id.is_not(None),
            negative=Names("coming in", "收入"),
        ),
    ),
    day="received_on",
    order=(("received_on", "desc"),),
    ref="goods_receipt",
)

REQUISITIONS = RecordKind(
    id="requisitions",
    names=Names("requisitions", "采购申请", ("purchase requisitions",), ("请购单",)),
    one=Said("requisition", "采购申请"),
    source=Requisition.__table__,
    key=Requisition.number,
    identity=Requisition.id,
    fields=(
        Field("number", Names("number", "编号"), column=Requisition.number),
        Field("asked_by", Names("asked by", "申请人", ("of", "by")), column=Requisition.asked_by),
        Field(
            "asked_on",
            Names("asked on", "申请日期", ("asked",), ("申请",)),
            Holds.DATE,
            Requisition.asked_on,
        ),
        Field(
            "needed_on",
            Names("needed on", "需求日期", ("needed",), ("需要",)),
            Holds.DATE,
            Requisition.needed_on,
            ahead=True,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            Requisition.state,
            words={
                RequisitionState.DRAFT: ("draft", "草稿"),
                RequisitionState.APPROVED: ("approved", "已批准"),
                RequisitionState.ORDERED: ("ordered", "已下单"),
                RequisitionState.CLOSED: ("closed", "已关闭"),
            },
        ),
        Field("because", Names("reason", "原因"), column=Requisition.because),
        record(
            "item",
            _ITEM,
            through=select(
                RequisitionLine.requisition_id.label("record"),
                RequisitionLine.item_id.label("value"),
            ),
        ),
        flag(
            "open",
            Names("open", "未结", ("not ordered",), ("未下单", "未完成")),
            Requisition.state.in_((RequisitionState.DRAFT, RequisitionState.APPROVED)),
        ),
    ),
    day="asked_on",
    order=(("asked_on", "desc"),),
    ref="requisition",
)

REQUESTS = RecordKind(
    id="quotation_requests",
    names=Names("requests for quotation", "询价单", ("rfqs", "price enquiries"), ("询价",)),
    one=Said("request for quotation", "询价单"),
    source=QuotationRequest.__table__,
    key=QuotationRequest.number,
    identity=QuotationRequest.id,
    roles=COSTS,
    fields=(
        Field("number", Names("number", "编号"), column=QuotationRequest.number),
        Field(
            "asked_on",
            Names("asked on", "询价日期", ("asked",)),
            Holds.DATE,
            QuotationRequest.asked_on,
        ),
        Field(
            "answer_by",
            Names("answer by", "回复期限", ("due", "to be answered"), ("到期",)),
            Holds.DATE,
            QuotationRequest.answer_by,
            ahead=True,
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            QuotationRequest.state,
            words={
                RequestState.OPEN: ("open", "未结"),
                RequestState.AWARDED: ("awarded", "已授标"),
                RequestState.CLOSED: ("closed", "已关闭"),
            },
        ),
        Field("needed_for", Names("needed for", "用于"), column=QuotationRequest.needed_for),
        record(
            "supplier",
            _SUPPLIER,
            through=select(
                InvitedSupplier.request_id.label("record"),
                InvitedSupplier.supplier_id.label("value"),
            ),
        ),
        record(
            "item",
            _ITEM,
            through=select(
                QuotationRequestLine.request_id.label("record"),
                QuotationRequestLine.item_id.label("value"),
            ),
        ),
    ),
    day="asked_on",
    order=(("asked_on", "desc"),),
    ref="quotation_request",
)

_stands = or_(SupplierOffer.valid_until.is_(None), SupplierOffer.valid_until >= TODAY)
_bought = (
    select(PurchaseOrderLine.item_id.label("record"), PurchaseOrder.ordered_on.label("value"))
    .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
    .where(PurchaseOrder.state.not_in((OrderState.DRAFT, OrderState.CANCELLED)))
)
_bought_from = select(
    PurchaseOrder.supplier_id.label("record"), PurchaseOrder.ordered_on.label("value")
).where(PurchaseOrder.state.not_in((OrderState.DRAFT, OrderState.CANCELLED)))
_BOUGHT = Names(
    "purchases", "采购", ("orders", "a purchase order", "purchase", "bought"), ("订单", "下单")
)

LISTS = Lists(
    kinds=(ORDERS, RECEIPTS, REQUISITIONS, REQUESTS),
    besides={
        "items": (
            record(
                "supplier",
                Names("supplier", "供应商", ("suppliers", "offer", "vendor"), ("报价的供应商",)),
                through=select(
                    SupplierOffer.item_id.label("record"), SupplierOffer.supplier_id.label("value")
                ).where(_stands),
                roles=COSTS,
            ),
            Field(
                "supplier_sku",
                Names("supplier's number", "供应商货号"),
                through=select(
                    SupplierOffer.item_id.label("record"),
                    SupplierOffer.supplier_sku.label("value"),
                ),
                shown=False,
                roles=COSTS,
            ),
            Field("bought_on", _BOUGHT, Holds.DATE, through=_bought, shown=False, roles=EVERYDAY),
        ),
        "suppliers": (
            Field(
                "bought_on", _BOUGHT, Holds.DATE, through=_bought_from, shown=False, roles=EVERYDAY
            ),
            record(
                "item",
                Names("item", "物料", ("offering", "who sell", "selling"), ("提供",)),
                through=select(
                    SupplierOffer.supplier_id.label("record"), SupplierOffer.item_id.label("value")
                ).where(_stands),
            ),
        ),
    },
)
