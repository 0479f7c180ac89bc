"""Purchasing: from the suppliers' offers to goods received and billed.

No more comes in than was ordered, no more is billed than has come, and what has come is owed at the
order's price until it is billed; the difference of a bill is a price variance.
"""

from core.purchasing.billing import bill_order, book_advance, credit_bill
from core.purchasing.offers import best_offer, list_offer, offers_for
from core.purchasing.queries import (
    OPEN,
    OrderLineView,
    OrderView,
    ReceiptView,
    list_orders,
    on_order,
    view_order,
    view_receipt,
)
from core.purchasing.rules import OrderLineDraft
from core.purchasing.service import (
    cancel_order,
    find_order,
    place_order,
    receive_order,
    return_receipt,
)
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierOffer,
)

__all__ = [
    "OPEN",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "OrderLineDraft",
    "OrderLineView",
    "OrderState",
    "OrderView",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReceiptView",
    "SupplierOffer",
    "best_offer",
    "bill_order",
    "book_advance",
    "cancel_order",
    "credit_bill",
    "find_order",
    "list_offer",
    "list_orders",
    "offers_for",
    "on_order",
    "place_order",
    "receive_order",
    "return_receipt",
    "view_order",
    "view_receipt",
]
