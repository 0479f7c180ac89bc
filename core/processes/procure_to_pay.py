"""Procure to pay: from what somebody needs to the money that leaves our account.

Five steps, each one transaction; whoever needs, buys, receives or pays, by words, on a page or
through a program, goes through these functions. What each must never do wrong is guarded by the
room it calls: order, receipt and bill are matched by purchasing, the stock is kept by inventory,
the books by the ledger.

1. `ask_for`, then `agree_to` it: a requisition, written by a person or by a sale that lacks
   something, which somebody else approves. An item with a rule needs neither: the rule suggests.
2. `place_order`, or `order_needed` of a requisition: each need from whom it costs least, or from
   whom was named. The order remembers for which line of which sale it buys.
3. `receive_order`: all of it, a part, or what was accepted at the door. It is promised in the same
   step to who waits for it: first the line it was bought for, then by priority and age.
4. `bill_order`: no more than has come; what differs beyond what we let pass waits for a second
   person.
5. `make_payment`: the money settles the bills it pays.

Back again: `cancel_order`, `return_receipt`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import inventory, purchasing
from core.inventory import Location, LotPart
from core.invoicing import post_payment as make_payment
from core.purchasing import (
    GoodsReceipt,
    PurchaseOrderLine,
    Rejected,
    bill_order,
    cancel_order,
    place_order,
    return_receipt,
)
from core.purchasing.requisitions import approve_requisition as agree_to
from core.purchasing.requisitions import order_requisition as order_needed
from core.purchasing.requisitions import write_requisition as ask_for


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
    """Take in what came of an order, and promise it to who waits for it.

    The line that it was bought for comes first, then who is first in turn. What goes to a place
    that is not sold from, such as quality hold, is promised to nobody before it is released.
    """
    receipt = purchasing.receive_order(
        session,
        number,
        quantities=quantities,
        rejected=rejected,
        location=location,
        lots=lots,
        received_on=received_on,
    )
    came = [line.order_line_id for line in receipt.lines if line.quantity]
    bought = session.execute(
        select(PurchaseOrderLine.item_id, PurchaseOrderLine.pegged_line_id).where(
            PurchaseOrderLine.id.in_(came)
        )
    ).all()
    inventory.allocate(
        session,
        [item_id for item_id, _ in bought],
        first={line_id for _, line_id in bought if line_id is not None},
    )
    return receipt


__all__ = [
    "agree_to",
    "ask_for",
    "bill_order",
    "cancel_order",
    "make_payment",
    "order_needed",
    "place_order",
    "receive_order",
    "return_receipt",
]
