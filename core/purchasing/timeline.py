"""What purchasing tells of a party: what we ordered, and what came."""

from sqlalchemy import cast, literal, select
from sqlalchemy.types import String

from core.kernel.semantics import COSTS, Names
from core.kernel.timeline import NO_AMOUNT, NOTHING, Strand, midnight
from core.purchasing.tables import GoodsReceipt, PurchaseOrder

STRANDS = (
    Strand(
        "purchase_orders",
        Names("purchase orders", "采购订单"),
        select(
            PurchaseOrder.supplier_id.label("party_id"),
            midnight(PurchaseOrder.ordered_on).label("at"),
            PurchaseOrder.id.label("id"),
            PurchaseOrder.number.label("number"),
            literal("").label("title"),
            literal("").label("detail"),
            cast(PurchaseOrder.state, String).label("state"),
            PurchaseOrder.total_minor.label("minor"),
            PurchaseOrder.currency.label("currency"),
        ),
        COSTS,
    ),
    Strand(
        "receipts",
        Names("goods receipts", "收货"),
        select(
            PurchaseOrder.supplier_id.label("party_id"),
            midnight(GoodsReceipt.received_on).label("at"),
            GoodsReceipt.id.label("id"),
            GoodsReceipt.number.label("number"),
            PurchaseOrder.number.label("title"),
            literal("").label("detail"),
            literal("received").label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ).join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id),
        COSTS,
    ),
)
