"""Purchasing: from a need and the suppliers' offers to goods received and billed.

No more comes in than was ordered, with what we let pass; no more is billed than has come; what has
come is owed at the order's price until it is billed. The difference of a bill is a price variance,
and beyond what we let pass a second person agrees to it before it is paid.
"""

from core.purchasing.billing import (
    BilledCharge,
    approve_difference,
    bill_order,
    book_advance,
    credit_bill,
    credit_return,
    match_or_none,
)
from core.purchasing.cancelling import cancel_order
from core.purchasing.changes import (
    LineChange,
    change_order,
    close_order,
    confirm_order,
    versions_of,
)
from core.purchasing.offers import (
    BuyingOption,
    best_offer,
    buying_options,
    find_item,
    list_offer,
    offers_for,
    price_today,
)
from core.purchasing.ordering import find_order, place_order
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
from core.purchasing.receiving import Rejected, receive_order, return_receipt
from core.purchasing.rules import OrderLineDraft, Tolerance
from core.purchasing.scoring import (
    LeadTimes,
    Scorecard,
    compare_quotes,
    lead_times,
    scorecard,
)
from core.purchasing.tables import (
    BillMatch,
    DifferenceTo,
    GoodsReceipt,
    GoodsReceiptLine,
    Match,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderVersion,
    SupplierOffer,
)
from core.purchasing.tolerances import said_tolerance, set_tolerance, tolerance_of
from core.purchasing.unbilled import Unbilled, list_unbilled, write_off_unbilled

__all__ = [
    "OPEN",
    "BillMatch",
    "BilledCharge",
    "BuyingOption",
    "DifferenceTo",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "LeadTimes",
    "LineChange",
    "Match",
    "OrderLineDraft",
    "OrderLineView",
    "OrderState",
    "OrderView",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseOrderVersion",
    "ReceiptView",
    "Rejected",
    "Scorecard",
    "SupplierOffer",
    "Tolerance",
    "Unbilled",
    "approve_difference",
    "best_offer",
    "bill_order",
    "book_advance",
    "buying_options",
    "cancel_order",
    "change_order",
    "close_order",
    "compare_quotes",
    "confirm_order",
    "credit_bill",
    "credit_return",
    "find_item",
    "find_order",
    "lead_times",
    "list_offer",
    "list_orders",
    "list_unbilled",
    "match_or_none",
    "offers_for",
    "on_order",
    "place_order",
    "price_today",
    "receive_order",
    "return_receipt",
    "said_tolerance",
    "scorecard",
    "set_tolerance",
    "tolerance_of",
    "versions_of",
    "view_order",
    "view_receipt",
    "write_off_unbilled",
]
