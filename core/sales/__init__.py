"""Sales: from an agreed order to goods delivered and invoiced.

What a customer owes us, and will owe us by its orders, stays within its credit limit; no more goes
out than was ordered, no more is invoiced than has left, and what comes back is credited.
"""

from core.sales.billing import ask_advance, credit_invoice, invoice_order
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
from core.sales.rules import OrderLineDraft
from core.sales.service import (
    cancel_order,
    confirm_order,
    deliver_order,
    find_order,
    return_delivery,
)
from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

__all__ = [
    "OPEN",
    "Delivery",
    "DeliveryLine",
    "DeliveryView",
    "OrderLineDraft",
    "OrderLineView",
    "OrderState",
    "OrderView",
    "SalesOrder",
    "SalesOrderLine",
    "ask_advance",
    "cancel_order",
    "confirm_order",
    "credit_invoice",
    "deliver_order",
    "exposure_of",
    "find_order",
    "invoice_order",
    "list_orders",
    "return_delivery",
    "uninvoiced_value",
    "view_delivery",
    "view_order",
]
