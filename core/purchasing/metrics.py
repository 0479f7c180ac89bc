"""What purchasing gives to reporting: what we spend with whom, how long it takes, how punctual."""

from sqlalchemy import ColumnElement, case, func, select, true

from core.catalog.tables import Item
from core.invoicing.metrics import BILL_LINES
from core.kernel.semantics import (
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
from core.parties.tables import Party
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierOffer,
)

_NO_PROMISE = (OrderState.DRAFT, OrderState.CANCELLED)
_OPEN = (OrderState.PLACED, OrderState.PARTLY_RECEIVED)
_HANDLES = frozenset({"supplier", "supplier_country", "item", "purchase_state", "currency"})

_order_columns = (
    PurchaseOrder.number.label("document"),
    PurchaseOrder.ordered_on,
    PurchaseOrder.expected_on,
    PurchaseOrder.supplier_id.label("supplier"),
    Party.country.label("supplier_country"),
    PurchaseOrder.state.label("purchase_state"),
    PurchaseOrder.currency,
    PurchaseOrderLine.item_id.label("item"),
    PurchaseOrderLine.due_on,
)

ORDER_LINES = Source(
    id="purchase_order_lines",
    rows=select(
        *_order_columns,
        PurchaseOrderLine.quantity,
        (PurchaseOrderLine.net_amount * PurchaseOrder.rate).label("net_amount"),
        (
            PurchaseOrderLine.net_amount
            * PurchaseOrder.rate
            * func.greatest(PurchaseOrderLine.quantity - PurchaseOrderLine.received_quantity, 0)
            / func.nullif(PurchaseOrderLine.quantity, 0)
        ).label("unreceived_amount"),
    )
    .select_from(PurchaseOrderLine)
    .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
    .outerjoin(Party, Party.id == PurchaseOrder.supplier_id)
    .where(PurchaseOrder.state.not_in(_NO_PROMISE)),
    basis=Said(
        "purchase order lines without tax and freight, by order date",
        "按下单日期的采购订单行，不含税和运费",
    ),
    handles=_HANDLES,
    dates=("ordered_on", "expected_on"),
    document_kind="purchase_order",
)

_listed = (
    select(SupplierOffer.unit_price)
    .where(
        SupplierOffer.item_id == PurchaseOrderLine.item_id,
        SupplierOffer.supplier_id == PurchaseOrder.supplier_id,
        SupplierOffer.minimum_quantity <= func.greatest(PurchaseOrderLine.quantity, 1),
        func.coalesce(SupplierOffer.valid_from, PurchaseOrder.ordered_on)
        <= PurchaseOrder.ordered_on,
        func.coalesce(SupplierOffer.valid_until, PurchaseOrder.ordered_on)
        >= PurchaseOrder.ordered_on,
    )
    .order_by(SupplierOffer.minimum_quantity.desc(), SupplierOffer.valid_from.desc().nulls_last())
    .limit(1)
    .scalar_subquery()
)
_is_return = GoodsReceipt.returns_id.is_not(None)
RECEIPT_LINES = Source(
    id="goods_receipt_lines",
    rows=select(
        GoodsReceipt.number.label("document"),
        GoodsReceipt.received_on,
        *_order_columns[1:],
        (GoodsReceipt.received_on - PurchaseOrder.ordered_on).label("lead_days"),
        GoodsReceiptLine.quantity,
        GoodsReceiptLine.rejected_quantity,
        # What was agreed on: the standard cost, or else the supplier's listed price of that day.
        (
            GoodsReceiptLine.quantity
            * (
                PurchaseOrderLine.net_amount
                * PurchaseOrder.rate
                / func.nullif(PurchaseOrderLine.quantity, 0)
                - func.coalesce(func.nullif(Item.standard_cost, 0), _listed)
            )
        ).label("price_difference"),
        (
            GoodsReceiptLine.quantity
            * PurchaseOrderLine.net_amount
            * PurchaseOrder.rate
            / func.nullif(PurchaseOrderLine.quantity, 0)
        ).label("received_amount"),
        GoodsReceipt.location_id.label("location"),
    )
    .select_from(GoodsReceiptLine)
    .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
    .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
    .join(PurchaseOrderLine, PurchaseOrderLine.id == GoodsReceiptLine.order_line_id)
    .join(Item, Item.id == PurchaseOrderLine.item_id)
    .outerjoin(Party, Party.id == PurchaseOrder.supplier_id)
    .where(GoodsReceipt.returns_id.is_(None)),
    basis=Said("lines of goods receipts, by day of receipt", "按收货日期的收货单行"),
    handles=_HANDLES | {"location"},
    dates=("received_on", "ordered_on"),
    document_kind="goods_receipt",
)

# What of each line had come by the day it was due. Lines of imported history that say nothing of
# their receipts are not judged.
_received = (
    select(
        func.sum(case((_is_return, -1), else_=1) * GoodsReceiptLine.quantity)
        .filter(GoodsReceipt.received_on <= PurchaseOrderLine.due_on)
        .label("in_time"),
        func.count().label("receipts"),
    )
    .select_from(GoodsReceiptLine)
    .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
    .where(GoodsReceiptLine.order_line_id == PurchaseOrderLine.id)
    .correlate(PurchaseOrderLine)
    .lateral("received")
)
DUE_LINES = Source(
    id="purchase_lines_due",
    rows=select(
        *_order_columns,
        case((_received.c.in_time >= PurchaseOrderLine.quantity, 1), else_=0).label("on_time"),
    )
    .select_from(PurchaseOrderLine)
    .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
    .join(_received, true())
    .outerjoin(Party, Party.id == PurchaseOrder.supplier_id)
    .where(PurchaseOrder.state.not_in(_NO_PROMISE), PurchaseOrderLine.quantity > 0)
    .where(PurchaseOrder.imported.is_(False) | (_received.c.receipts > 0)),
    basis=Said("purchase order lines by due date", "按到期日的采购订单行"),
    handles=_HANDLES,
    dates=("due_on", "ordered_on"),
    document_kind="purchase_order",
)


def _came(rows: Rows) -> ColumnElement[bool]:
    """Tell whether some of it was taken in, not all of it refused."""
    return rows["quantity"] > 0


_NOTHING_RECEIVED = Said("n/a (nothing received)", "不适用（无收货）")

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="purchase_spend",
            names=Names(
                "purchase spend",
                "采购额",
                ("spend", "purchases", "money spent with suppliers", "spending", "purchasing cost"),
                ("采购金额", "采购支出", "采购花费", "采购总额"),
            ),
            definition=Said(
                "Net amounts of posted supplier bills less credits, by posting date; of purchase"
                " orders by order date, where the company keeps no bills.",
                "已过账供应商账单减贷项的净额，按过账日期；公司没有账单时按采购订单的下单日期。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(BILL_LINES, lambda rows: rows["net_minor"], minor=True),
            on_orders=Measure(ORDER_LINES, lambda rows: rows["net_amount"]),
        ),
        Metric(
            id="purchase_orders",
            names=Names(
                "purchase orders",
                "采购订单数",
                ("number of purchase orders", "PO count", "how many purchase orders"),
                ("采购单数", "采购订单数量", "采购单数量"),
            ),
            definition=Said(
                "The number of purchase orders (not lines) that are neither drafts nor cancelled,"
                " by order date.",
                "未取消的正式采购订单数量（非行数），按下单日期。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["document"],
                adding=Adding.DISTINCT,
                basis=Said("purchase orders by order date", "按下单日期的采购订单"),
            ),
        ),
        Metric(
            id="purchase_order_value",
            names=Names(
                "purchase order value",
                "采购订单额",
                ("ordered value", "value of purchase orders", "PO value"),
                ("采购订单金额", "采购下单金额", "订购金额"),
            ),
            definition=Said(
                "Net amounts of the lines of purchase orders that are neither drafts nor"
                " cancelled, by order date.",
                "未取消的正式采购订单的行净额，按下单日期。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(ORDER_LINES, lambda rows: rows["net_amount"]),
        ),
        Metric(
            id="open_purchase_value",
            names=Names(
                "open purchase orders",
                "在途采购额",
                ("open purchase value", "value on order", "purchases not received"),
                ("未到货采购额", "未收货采购额", "在途金额"),
            ),
            definition=Said(
                "Net value of what has not come yet of purchase orders that were placed.",
                "已下达采购订单中尚未收货部分的净额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                ORDER_LINES,
                lambda rows: rows["unreceived_amount"],
                where=lambda rows: rows["purchase_state"].in_(_OPEN),
                timing=Timing.PRESENT,
                basis=Said("purchase order lines not received yet now", "目前尚未收货的采购订单行"),
            ),
        ),
        Metric(
            id="receipt_lines",
            names=Names("receipt lines", "收货行数"),
            definition=Said(
                "The number of lines of goods receipts in the period.", "期间内收货单行数。"
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(RECEIPT_LINES, adding=Adding.COUNT, where=_came),
            inner=True,
        ),
        Metric(
            id="lead_days",
            names=Names("days until receipt", "到货天数合计"),
            definition=Said(
                "The sum of days from order to receipt of the lines received in the period.",
                "期间内收货行从下单到收货的天数合计。",
            ),
            unit=Unit.DAYS,
            kind=Kind.FLOW,
            measure=Measure(RECEIPT_LINES, lambda rows: rows["lead_days"], where=_came),
            inner=True,
        ),
        Metric(
            id="supplier_lead_time",
            names=Names(
                "supplier lead time",
                "供应商交期",
                ("lead time", "delivery time of suppliers", "days to receive", "procurement time"),
                ("交期", "采购提前期", "到货周期", "供货周期"),
            ),
            definition=Said(
                "Mean days from order to receipt over the lines received in the period.",
                "期间内收货行从下单到收货的平均天数。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("lead_days", "receipt_lines"),
            formula=lambda days, lines: days / func.nullif(lines, 0),
            undefined=_NOTHING_RECEIVED,
            more_is_better=False,
        ),
        Metric(
            id="purchase_lines_due",
            names=Names("purchase lines due", "到期采购行"),
            definition=Said(
                "The number of purchase order lines due in the period, up to today.",
                "到期日在期间内（截至今日）的采购订单行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DUE_LINES, adding=Adding.COUNT),
            inner=True,
        ),
        Metric(
            id="purchase_lines_on_time",
            names=Names("purchase lines received on time", "按时到货采购行"),
            definition=Said(
                "The number of purchase order lines due in the period that had come in full.",
                "期间内到期并已按时全部到货的采购订单行数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(DUE_LINES, lambda rows: rows["on_time"]),
            inner=True,
        ),
        Metric(
            id="supplier_otd",
            names=Names(
                "supplier on-time delivery",
                "供应商准时率",
                ("supplier OTD", "supplier punctuality", "vendor on time rate"),
                ("供应商准交率", "供应商按时交货率", "到货准时率"),
            ),
            definition=Said(
                "Purchase order lines received in full by their due date, as a percentage of all"
                " lines due in the period, also those not received yet.",
                "在到期日前全部到货的采购订单行占期间内全部到期行（含未到货）的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("purchase_lines_on_time", "purchase_lines_due"),
            formula=lambda on_time, due: 100 * on_time / func.nullif(due, 0),
            undefined=Said("n/a (nothing due)", "不适用（无到期）"),
            more_is_better=True,
        ),
        Metric(
            id="lead_days_squared",
            names=Names("squared days until receipt", "到货天数平方和"),
            definition=Said(
                "The sum of the squares of those days.",
                "上述天数的平方和。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                RECEIPT_LINES, lambda rows: rows["lead_days"] * rows["lead_days"], where=_came
            ),
            inner=True,
        ),
        Metric(
            id="supplier_lead_time_sd",
            names=Names(
                "spread of supplier lead time",
                "交期标准差",
                ("standard deviation of lead time", "lead time variability", "lead time spread"),
                ("交期波动", "交期离散度", "供应商交期波动"),
            ),
            definition=Said(
                "Standard deviation of the days from order to receipt over the lines received"
                " in the period"
                " (of a sample, so of two lines at least).",
                "期间内收货行从下单到收货天数的样本标准差（至少两行）。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("lead_days_squared", "lead_days", "receipt_lines"),
            formula=lambda squares, days, lines: func.sqrt(
                func.greatest(squares - days * days / func.nullif(lines, 0), 0)
                / case((lines > 1, lines - 1))
            ),
            undefined=_NOTHING_RECEIVED,
            more_is_better=False,
        ),
        Metric(
            id="units_received",
            names=Names(
                "units received",
                "收货数量",
                ("quantity received", "received quantity", "goods received quantity"),
                ("到货数量", "入库收货数量", "实收数量"),
            ),
            definition=Said(
                "Quantity taken in from suppliers in the period, before anything was sent back.",
                "期间内从供应商收入的数量，未扣退回。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(RECEIPT_LINES, lambda rows: rows["quantity"]),
        ),
        Metric(
            id="units_rejected",
            names=Names(
                "units rejected",
                "拒收数量",
                ("rejected quantity", "quantity rejected", "units refused at receipt"),
                ("拒收量", "被拒数量", "到货拒收数量"),
            ),
            definition=Said(
                "Quantity that was refused when it came, in the period.",
                "期间内到货时拒收的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(RECEIPT_LINES, lambda rows: rows["rejected_quantity"]),
            more_is_better=False,
        ),
        Metric(
            id="supplier_defect_rate",
            names=Names(
                "supplier defect rate",
                "供应商不良率",
                ("defect rate", "rejection rate", "supplier rejection rate", "share rejected"),
                ("不良率", "拒收率", "来料不良率"),
            ),
            definition=Said(
                "Rejected quantity as a percentage of all that came in the period, rejected or"
                " not.",
                "拒收数量占期间内全部到货数量（含拒收）的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("units_rejected", "units_received"),
            formula=lambda rejected, received: 100 * rejected / func.nullif(rejected + received, 0),
            undefined=_NOTHING_RECEIVED,
            more_is_better=False,
        ),
        Metric(
            id="purchase_price_variance",
            names=Names(
                "purchase price variance",
                "采购价格差异",
                (
                    "PPV",
                    "price variance",
                    "price variance of purchases",
                    "purchase price difference",
                ),
                ("采购价差", "PPV", "进价差异"),
            ),
            definition=Said(
                "Order price less the item's standard cost (or, where it has none, the"
                " supplier's listed price"
                " on the order day), times the quantity received in the period; more than zero"
                " is paid above"
                " it.",
                "订单价格减物料标准成本（无标准成本时为下单日供应商报价），乘以期间内收货数量；正数表示高于约定。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(RECEIPT_LINES, lambda rows: rows["price_difference"]),
            more_is_better=False,
        ),
        Metric(
            id="average_purchase_price",
            names=Names(
                "average purchase price",
                "平均采购价",
                ("average price paid", "mean purchase price", "purchase price per unit"),
                ("平均进价", "采购均价", "平均采购单价"),
            ),
            definition=Said(
                "Value of the goods received in the period at order price, divided by their"
                " quantity.",
                "期间内收货按订单价格的金额除以数量。",
            ),
            unit=Unit.MONEY,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("received_value", "units_received"),
            formula=lambda value, units: value / func.nullif(units, 0),
            undefined=_NOTHING_RECEIVED,
            more_is_better=False,
        ),
        Metric(
            id="received_value",
            names=Names(
                "value received",
                "收货金额",
                ("value of goods received", "goods received value", "received goods value"),
                ("到货金额", "收货价值", "入库金额"),
            ),
            definition=Said(
                "Value, at order price after discount, of what was received from suppliers in"
                " the period.",
                "期间内收货按订单价格（折后）的金额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(RECEIPT_LINES, lambda rows: rows["received_amount"]),
        ),
    ),
    dimensions=(
        Dimension(
            id="purchase_status",
            names=Names(
                "purchase order status",
                "采购订单状态",
                ("status of purchase orders", "PO status", "purchase status"),
                ("采购状态", "采购单状态", "采购进度"),
            ),
            handle="purchase_state",
            words={
                OrderState.PLACED.value: ("placed", "已下单"),
                OrderState.PARTLY_RECEIVED.value: ("partly received", "部分收货"),
                OrderState.RECEIVED.value: ("received", "已收货"),
            },
            ordered=True,
        ),
    ),
)
