"""Giving up an order: its stock, its credit and its quotation are free again."""

from sqlalchemy.orm import Session

from core import inventory, invoicing
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import at_rate
from core.parties import lock_customer
from core.sales.errors import GoodsAlreadyLeft, InvoicedAlready, OrderCancelled
from core.sales.events import OrderCancelled as OrderWasCancelled
from core.sales.ordering import exposure_with, find_order, moved, require_own
from core.sales.queries import standing_deliveries
from core.sales.quoting import give_back
from core.sales.tables import OrderState, SalesOrder


def cancel_order(session: Session, number: str, *, because: str) -> SalesOrder:
    """Cancel an order of which nothing has left, and give back what was reserved for it.

    What of a quotation was ordered by it can be ordered again.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if any(line.delivered_quantity for line in order.lines):
        deliveries = ", ".join(standing_deliveries(session, order.id))
        raise GoodsAlreadyLeft(number=order.number, deliveries=deliveries)
    if any(line.invoiced_quantity for line in order.lines):
        lines = [line.id for line in order.lines]
        charged = invoicing.standing_charges(session, number, order_lines=lines)
        invoices = {each.invoice.number for each in charged}
        raise InvoicedAlready(number=order.number, invoices=", ".join(sorted(invoices)))
    # The quotation before the customer, as when it is ordered: so nobody waits in a circle.
    give_back(session, order)
    buyer = lock_customer(session, order.customer_id)
    promised = order.state is not OrderState.HELD
    total = Money(-order.total_minor if promised else 0, order.currency)
    exposure = exposure_with(session, buyer, at_rate(total, order.rate, company(session)))
    before, order.state = order.state, OrderState.CANCELLED
    session.flush()
    inventory.release(session, [line.id for line in order.lines])
    fact = OrderWasCancelled(
        number=order.number,
        customer=order.customer.name,
        lines=moved([(line, line.quantity) for line in order.lines]),
        exposure=exposure,
        before=before,
        because=because,
    )
    events.record(session, fact)
    invoicing.take_back_advances(session, order.number, party=order.customer, because=because)
    return order
