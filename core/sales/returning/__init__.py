"""Returns: what customers send back, credited part by part, at the cost it left at."""

from core.sales.returning.receiving import return_delivery
from core.sales.returning.service import (
    ReturnLineDraft,
    authorise_return,
    cancel_return,
    credit_return,
    find_return,
    receive_return,
)
from core.sales.returning.tables import Resolution, ReturnState, SalesReturn, SalesReturnLine

__all__ = [
    "Resolution",
    "ReturnLineDraft",
    "ReturnState",
    "SalesReturn",
    "SalesReturnLine",
    "authorise_return",
    "cancel_return",
    "credit_return",
    "find_return",
    "receive_return",
    "return_delivery",
]
