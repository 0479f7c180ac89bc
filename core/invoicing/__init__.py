"""Invoicing: what customers owe us, what we owe suppliers, and the money that settles it.

A posted document never changes; it is credited or reversed. What is open adds up to the balance
of the receivables and of the payables, and nothing is settled by more than it is.
"""

from core.invoicing.order_lines import (
    Charged,
    credit_order_lines,
    net_by_order_line,
    quantities_charged,
    standing_charges,
)
from core.invoicing.payments import (
    Settle,
    apply_credit,
    find_payment,
    post_payment,
    reverse_payment,
)
from core.invoicing.queries import (
    AgeingRow,
    InvoiceLineView,
    InvoiceView,
    OpenItem,
    ageing,
    exposure_of,
    invoice_view,
    list_open_items,
    owed_by,
    settled_by_payment,
)
from core.invoicing.rules import Direction, InvoiceDraftLine, direction_of
from core.invoicing.service import credit_invoice, find_invoice, post_invoice
from core.invoicing.tables import (
    DocumentState,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
    Settlement,
)

__all__ = [
    "AgeingRow",
    "Charged",
    "Direction",
    "DocumentState",
    "Invoice",
    "InvoiceDraftLine",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceLineView",
    "InvoiceView",
    "OpenItem",
    "Payment",
    "PaymentKind",
    "Settle",
    "Settlement",
    "ageing",
    "apply_credit",
    "credit_invoice",
    "credit_order_lines",
    "direction_of",
    "exposure_of",
    "find_invoice",
    "find_payment",
    "invoice_view",
    "list_open_items",
    "net_by_order_line",
    "owed_by",
    "post_invoice",
    "post_payment",
    "quantities_charged",
    "reverse_payment",
    "settled_by_payment",
    "standing_charges",
]
