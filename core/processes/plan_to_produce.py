"""Plan to produce: from a sale or a plan to a work order, and from its output to who waits for it.

1. `make`: a work order, to stock or for the line of a sale that nothing covers yet.
2. `manufacturing.orders.release`, `start`, `report`, `finish`: what comes of it is promised in the
   same step to the sale it was made for, and then to who is first in turn.
3. `manufacturing.orders.close`: nothing is left in progress.
"""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from core import sales
from core.catalog import Item
from core.inventory import Location
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.manufacturing import bill_of, orders
from core.manufacturing.boms import bills_in_force
from core.manufacturing.orders import WorkOrder, lead_days
from core.manufacturing.routings import routings_in_force


class NotOnThisSale(DomainError):
    """{number} has no {sku} that is still to be delivered; it has {items}."""

    zh = "{number} 没有待发的 {sku}；该订单物料为：{items}。"


def make(
    session: Session,
    item: Item,
    quantity: Decimal,
    *,
    due_on: date | None = None,
    for_order: str | None = None,
    alternative: str = "",
    location: Location | None = None,
) -> WorkOrder:
    """Write a work order, to stock or for the line of a sale; that line gets what is made first."""
    line_id, number = (None, None) if for_order is None else _line_of(session, for_order, item)
    return orders.make_order(
        session,
        item,
        quantity,
        due_on=due_on,
        alternative=alternative,
        location=location,
        made_for=number,
        sales_line_id=line_id,
    )


def soonest(session: Session, item: Item, quantity: Decimal, *, alternative: str = "") -> date:
    """Return the day on which a quantity could be made, if it is begun today."""
    today = company(session).today
    bill = bill_of(session, item, alternative=alternative)
    routing = routings_in_force(session, [item.id]).get(item.id)
    return today + timedelta(days=lead_days(bill, routing, quantity))


def producing(session: Session, item: Item, quantity: Decimal) -> date | None:
    """Return when a production of so many would be done; None where the item is not made.

    For promises: it says how long the work takes, not whether its components are there.
    """
    return soonest(session, item, quantity) if made_items(session, [item.id]) else None


def made_items(session: Session, item_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some items are made by bills that hold today, and are no phantoms."""
    found = bills_in_force(session, item_ids)
    return {key for key, bill in found.items() if not bill.phantom}


def _line_of(session: Session, number: str, item: Item) -> tuple[uuid.UUID, str]:
    order = sales.find_order(session, number)
    for line in order.lines:
        if line.item_id == item.id and line.delivered_quantity < line.quantity:
            return line.id, order.number
    items = ", ".join(line.item.sku for line in order.lines)
    raise NotOnThisSale(number=order.number, sku=item.sku, items=items)
