"""Procure to pay: the steps from an order with a supplier to an open bill, under one roof.

Each step is a verb of purchasing, safe by itself: order, receipt and bill are matched wherever it
is called from. Its last step, the payment, is a verb of invoicing. Goods that come are promised at
once to the orders that wait for them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import inventory, purchasing
from core.inventory import Location, LotPart
from core.purchasing import (
    GoodsReceipt,
    PurchaseOrderLine,
    Rejected,
    bill_order,
    cancel_order,
    place_order,
    return_receipt,
)


def receive_order(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    rejected: Mapping[int, Rejected] | None = None,
    location: Location | None = None,
    lots: Mapping[int, Sequence[LotPart]] | None = None,
    received_on: date | None = None,
) -> GoodsReceipt:
    """Take in what came of an order, and promise it to who waits for it, the first in turn."""
    receipt = purchasing.receive_order(
        session,
        number,
        quantities=quantities,
        rejected=rejected,
        location=location,
        lots=lots,
        received_on=received_on,
    )
    came = [line.order_line_id for line in receipt.lines]
    items = select(PurchaseOrderLine.item_id).where(PurchaseOrderLine.id.in_(came))
    inventory.allocate(session, session.scalars(items))
    return receipt


__all__ = ["bill_order", "cancel_order", "place_order", "receive_order", "return_receipt"]
