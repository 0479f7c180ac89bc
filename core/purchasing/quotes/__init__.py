"""Requests for quotation: suppliers are asked, their answers compared, and one is taken."""

from core.purchasing.quotes.comparing import QuoteCompared, QuotedLine, compare
from core.purchasing.quotes.service import (
    Asked,
    Quote,
    ask_for_quotes,
    award,
    close_request,
    decline_quote,
    enter_quote,
    find_request,
    quote_requisition,
    reopen,
)
from core.purchasing.quotes.tables import QuotationRequest, QuotedPrice, RequestState

__all__ = [
    "Asked",
    "QuotationRequest",
    "Quote",
    "QuoteCompared",
    "QuotedLine",
    "QuotedPrice",
    "RequestState",
    "ask_for_quotes",
    "award",
    "close_request",
    "compare",
    "decline_quote",
    "enter_quote",
    "find_request",
    "quote_requisition",
    "reopen",
]
