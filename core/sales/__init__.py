"""Sales: from an agreed order to goods delivered and invoiced.

What a customer owes us, and will owe us by its orders, stays within its credit limit; no more goes
out than was ordered, no more is invoiced than has left, and what comes back is credited.
"""

from core.sales.billing import (
    ask_advance,
    credit_invoice,
    invoice_order,
    invoice_orders,
    reach_milestone,
)
from core.sales.changing import LineChange, OrderChange, change_order
from core.sales.delivering import deliver_order
from core.sales.holds import CreditPolicy, policy_of, set_policy
from core.sales.ordering import cancel_order, confirm_order, find_order
from core.sales.pricing import buyer_of
from core.sales.queries import (
    OPEN,
    OrderLineView,
    OrderView,
    exposure_of,
    list_orders,
    uninvoiced_value,
    view_order,
)
from core.sales.quoting import (
    QuotationState,
    QuotationView,
    QuoteLineDraft,
    QuoteTerms,
    accept_quotation,
    change_quotation,
    decline_quotation,
    list_quotations,
    quote,
    renew_quotation,
    send_quotation,
    view_quotation,
)
from core.sales.releasing import hold_order, release_order
from core.sales.returning import (
    Resolution,
    ReturnLineDraft,
    ReturnState,
    SalesReturn,
    authorise_return,
    cancel_return,
    credit_return,
    find_return,
    receive_return,
    return_delivery,
)
from core.sales.rules import MilestoneDraft, OrderLineDraft, OrderTerms
from core.sales.tables import (
    Delivery,
    DeliveryLine,
    HoldReason,
    InvoicePolicy,
    Milestone,
    MilestoneWhen,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)
from core.sales.views import (
    BackorderView,
    DeliveryView,
    HeldView,
    list_backorders,
    list_held,
    view_delivery,
)

__all__ = [
    "OPEN",
    "BackorderView",
    "CreditPolicy",
    "Delivery",
    "DeliveryLine",
    "DeliveryView",
    "HeldView",
    "HoldReason",
    "InvoicePolicy",
    "LineChange",
    "Milestone",
    "MilestoneDraft",
    "MilestoneWhen",
    "OrderChange",
    "OrderLineDraft",
    "OrderLineView",
    "OrderState",
    "OrderTerms",
    "OrderView",
    "QuotationState",
    "QuotationView",
    "QuoteLineDraft",
    "QuoteTerms",
    "Resolution",
    "ReturnLineDraft",
    "ReturnState",
    "SalesOrder",
    "SalesOrderLine",
    "SalesReturn",
    "accept_quotation",
    "ask_advance",
    "authorise_return",
    "buyer_of",
    "cancel_order",
    "cancel_return",
    "change_order",
    "change_quotation",
    "confirm_order",
    "credit_invoice",
    "credit_return",
    "decline_quotation",
    "deliver_order",
    "exposure_of",
    "find_order",
    "find_return",
    "hold_order",
    "invoice_order",
    "invoice_orders",
    "list_backorders",
    "list_held",
    "list_orders",
    "list_quotations",
    "policy_of",
    "quote",
    "reach_milestone",
    "receive_return",
    "release_order",
    "renew_quotation",
    "return_delivery",
    "send_quotation",
    "set_policy",
    "uninvoiced_value",
    "view_delivery",
    "view_order",
    "view_quotation",
]
