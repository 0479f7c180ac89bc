"""Holding an order, and letting it go on."""

from sqlalchemy.orm import Session

from core import inventory
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import at_rate, worth_of_foreign
from core.parties import lock_customer, require_unblocked
from core.sales import rules
from core.sales.errors import ChangesNothing, OrderCancelled, OrderNotOnHold
from core.sales.events import OrderHeld, OrderReleased
from core.sales.ordering import (
    exposure_with,
    find_order,
    from_stock,
    moved,
    require_own,
    reserve_for,
)
from core.sales.tables import HoldReason, OrderState, SalesOrder


def hold_order(session: Session, number: str, *, because: str) -> SalesOrder:
    """Let nothing of an order leave before somebody releases it; what is reserved for it stays."""
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if order.hold_reason is not None:
        raise ChangesNothing(number=order.number)
    order.hold_reason, order.held_on = HoldReason.BY_HAND, company(session).today
    fact = OrderHeld(number=order.number, customer=order.customer.name, because=because)
    events.record(session, fact)
    session.flush()
    return order


def release_order(session: Session, number: str, *, because: str) -> SalesOrder:
    """Let a held order go on, whatever its customer owes us: promise it and reserve for it.

    Who releases it answers for its amount; a customer who is blocked gets nothing all the same.
    """
    order = find_order(session, number)
    if order.hold_reason is None:
        raise OrderNotOnHold(number=order.number)
    buyer = lock_customer(session, order.customer_id)
    require_unblocked(buyer.party)
    before, waits = order.state, order.state is OrderState.HELD
    total = Money(order.total_minor, order.currency)
    ours = company(session)
    more = at_rate(total, order.rate, ours) if waits else Money(0, ours.currency)
    exposure = exposure_with(session, buyer, more)
    reason, order.hold_reason, order.held_on = order.hold_reason, None, None
    order.state = rules.state_after(order.lines)
    if waits:
        stocked = from_stock(order.lines)
        if stocked:
            inventory.lock_items(session, {line.item_id for line in stocked})
        session.flush()
        reserve_for(session, order, stocked, location=order.location)
    fact = OrderReleased(
        number=order.number,
        customer=order.customer.name,
        reason=reason,
        lines=moved([(line, line.quantity - line.delivered_quantity) for line in order.lines]),
        total=total,
        worth=worth_of_foreign(total, order.rate, ours),
        exposure=exposure,
        before=before,
        after=order.state,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    return order
