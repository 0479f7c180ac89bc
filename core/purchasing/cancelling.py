"""Giving up a purchase order: what it was ordered for is needed again."""

from sqlalchemy.orm import Session

from core.purchasing import ordering, quotes, requisitions
from core.purchasing.tables import PurchaseOrder


def cancel_order(session: Session, number: str, *, because: str) -> PurchaseOrder:
    """Cancel an order of which nothing has come.

    What of a request for quotation it was awarded can be awarded anew, and what it covered of a
    requisition can be ordered anew.
    """
    order = ordering.cancel_order(session, number, because=because)
    # Requests before requisitions, as when they are awarded: so nobody waits in a circle.
    quotes.reopen(session, order)
    requisitions.reopen(session, order)
    return order
