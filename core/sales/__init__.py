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
from core.sales.delivering import deliver_order
from core.sales.holds import CreditPolicy, policy_of, set_policy
from core.sales.ordering import cancel_order, confirm_order, find_order
from core.sales.queries import (
    OPEN,
    DeliveryView,
    OrderLineView,
    OrderView,
    exposure_of,
    list_orders,
    uninvoiced_value,
    view_delivery,
    view_order,
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

__all__ = [
    "OPEN",
    "CreditPolicy",
    "Delivery",
    "DeliveryLine",
    "DeliveryView",
    "HoldReason",
    "InvoicePolicy",
    "Milestone",
    "MilestoneDraft",
    "MilestoneWhen",
    "OrderLineDraft",
    "OrderLineView",
    "OrderState",
    "OrderTerms",
    "OrderView",
    "Resolution",
    "ReturnLineDraft",
    "ReturnState",
    "SalesOrder",
    "SalesOrderLine",
    "SalesReturn",
    "ask_advance",
    "authorise_return",
    "cancel_order",
    "cancel_return",
    "confirm_order",
    "credit_invoice",
    "credit_return",
    "deliver_order",
    "exposure_of",
    "find_order",
    "find_return",
    "hold_order",
    "invoice_order",
    "invoice_orders",
    "list_orders",
    "policy_of",
    "reach_milestone",
    "receive_return",
    "release_order",
    "return_delivery",
    "set_policy",
    "uninvoiced_value",
    "view_delivery",
    "view_order",
]
