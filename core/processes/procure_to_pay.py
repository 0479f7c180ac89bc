"""Procure to pay: the steps from an order with a supplier to an open bill, under one roof.

Each step is a verb of purchasing, safe by itself: order, receipt and bill are matched wherever it
is called from. Its last step, the payment, is a verb of invoicing.
"""

from core.purchasing import (
    bill_order,
    cancel_order,
    place_order,
    receive_order,
    return_receipt,
)

__all__ = ["bill_order", "cancel_order", "place_order", "receive_order", "return_receipt"]
