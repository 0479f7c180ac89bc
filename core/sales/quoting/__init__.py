"""Quotations: what we offered, to whom, until when, and which version of it counts."""

from core.sales.quoting.accepting import accept_quotation, give_back
from core.sales.quoting.queries import (
    EXPIRED,
    QuotationLineView,
    QuotationView,
    list_quotations,
    view_quotation,
)
from core.sales.quoting.service import (
    QuoteLineDraft,
    QuoteTerms,
    change_quotation,
    decline_quotation,
    find_quotation,
    quote,
    renew_quotation,
    send_quotation,
)
from core.sales.quoting.tables import Quotation, QuotationState

__all__ = [
    "EXPIRED",
    "Quotation",
    "QuotationLineView",
    "QuotationState",
    "QuotationView",
    "QuoteLineDraft",
    "QuoteTerms",
    "accept_quotation",
    "change_quotation",
    "decline_quotation",
    "find_quotation",
    "give_back",
    "list_quotations",
    "quote",
    "renew_quotation",
    "send_quotation",
    "view_quotation",
]
