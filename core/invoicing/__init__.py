"""Invoicing: what customers owe us, what we owe suppliers, and the money that settles it.

A posted document never changes; it is credited or reversed. What is open adds up to the balance
of the receivables and of the payables, and nothing is settled by more than it is.
"""

from core.invoicing.deductions import discount_on, undo_deduction, write_off
from core.invoicing.fapiao import fapiao_or_none, note_fapiao, remove_fapiao
from core.invoicing.order_lines import (
    Charged,
    charged_by_order_line,
    credit_order_lines,
    quantities_charged,
    standing_charges,
)
from core.invoicing.payments import (
    apply_credit,
    find_payment,
    post_payment,
    reverse_payment,
    unapply,
)
from core.invoicing.queries import (
    AgeingRow,
    InvoiceLineView,
    InvoiceView,
    OpenInstalment,
    OpenItem,
    ageing,
    exposure_of,
    invoice_view,
    list_open_instalments,
    list_open_items,
    owed_by,
    settled_by_payment,
)
from core.invoicing.rules import Direction, InvoiceDraftLine, direction_of
from core.invoicing.service import credit_invoice, find_invoice, post_invoice
from core.invoicing.settling import Settle
from core.invoicing.tables import (
    Deduction,
    DeductionKind,
    DocumentState,
    Fapiao,
    FapiaoKind,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
    PaymentTerm,
    Settlement,
)
from core.invoicing.taxes import HeaderDiscount
from core.invoicing.terms import (
    InstalmentView,
    TermDraft,
    add_terms,
    find_terms,
    list_instalments,
    list_terms,
    reschedule,
    set_party_terms,
    terms_of,
)

__all__ = [
    "AgeingRow",
    "Charged",
    "Deduction",
    "DeductionKind",
    "Direction",
    "DocumentState",
    "Fapiao",
    "FapiaoKind",
    "HeaderDiscount",
    "Instalment",
    "InstalmentView",
    "Invoice",
    "InvoiceDraftLine",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceLineView",
    "InvoiceView",
    "OpenInstalment",
    "OpenItem",
    "Payment",
    "PaymentKind",
    "PaymentTerm",
    "Settle",
    "Settlement",
    "TermDraft",
    "add_terms",
    "ageing",
    "apply_credit",
    "charged_by_order_line",
    "credit_invoice",
    "credit_order_lines",
    "direction_of",
    "discount_on",
    "exposure_of",
    "fapiao_or_none",
    "find_invoice",
    "find_payment",
    "find_terms",
    "invoice_view",
    "list_instalments",
    "list_open_instalments",
    "list_open_items",
    "list_terms",
    "note_fapiao",
    "owed_by",
    "post_invoice",
    "post_payment",
    "quantities_charged",
    "remove_fapiao",
    "reschedule",
    "reverse_payment",
    "set_party_terms",
    "settled_by_payment",
    "standing_charges",
    "terms_of",
    "unapply",
    "undo_deduction",
    "write_off",
]
