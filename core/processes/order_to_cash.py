"""Order to cash: from what a customer orders to the money in our account.

Five steps, each one transaction; whoever sells, sends or takes the money, by words, on a page or
through a program, goes through these functions. What each must never do wrong is guarded by the
room it calls: the credit limit by sales, the stock by inventory, the books by the ledger.

1. `confirm_sale` (or `accept_quotation`): the credit is checked, and what is beyond it is refused
   or held, as the company decided. What is in stock is reserved, what is missing waits. Where no
   day was asked for, the day that everything can go is promised; a day that cannot be kept stays,
   and the card says which one can. What no rule of an item replenishes by itself is asked of
   purchasing: a requisition for that very line.
2. Goods come in (`procure_to_pay`, a return, an order given up), and go to who waits.
3. `deliver_sale`: what is reserved leaves; the rest stays a backorder. Where the order says
   "with delivery", the invoice is written in the same step.
4. `invoice_sale`: what the order's policy lets us invoice. For the usual policy this is a step of
   its own, because who sends goods seldom writes invoices.
5. `take_payment`: the money settles the invoices it pays.

Back again: `cancel_sale`, `return_delivery` and `receive_return`. Each gives goods to who waits.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import inventory, sales
from core.catalog import ItemKind
from core.inventory import Location
from core.invoicing import Invoice
from core.invoicing import post_payment as take_payment
from core.kernel.company import company
from core.kernel.money import plain
from core.parties import Customer, lock_customer
from core.processes.plan_to_produce import made_items, producing
from core.processes.promising import promise_missing
from core.processes.replenishment import needs_of
from core.purchasing import requisitions
from core.purchasing.requisitions import Need, Requisition
from core.sales import (
    USUAL,
    Delivery,
    InvoicePolicy,
    OrderChange,
    OrderLineDraft,
    OrderState,
    OrderTerms,
    Outlook,
    SalesOrder,
    SalesOrderLine,
)
from core.sales import invoice_order as invoice_sale


def confirm_sale(
    session: Session,
    *,
    customer: Customer,
    lines: Iterable[OrderLineDraft],
    promised_on: date | None = None,
    channel: str = "direct",
    reference: str | None = None,
    territory_id: uuid.UUID | None = None,
    salesperson_id: uuid.UUID | None = None,
    terms: OrderTerms = USUAL,
) -> SalesOrder:
    """Promise to deliver: check credit, reserve, promise a day, and ask for what is missing."""
    outlook = _Outlooks(session)
    order = sales.confirm_order(
        session,
        customer=customer,
        lines=list(lines),
        promised_on=promised_on,
        channel=channel,
        reference=reference,
        territory_id=territory_id,
        salesperson_id=salesperson_id,
        terms=terms,
        promising=outlook,
    )
    if outlook.was_asked:
        ask_for_missing(session, order)
    return order


def accept_quotation(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    terms: OrderTerms = USUAL,
    reference: str | None = None,
) -> SalesOrder:
    """Confirm what was quoted, all or some of it, at the prices of the quotation."""
    outlook = _Outlooks(session)
    order = sales.accept_quotation(
        session,
        number,
        quantities=quantities,
        terms=terms,
        reference=reference,
        promising=outlook,
    )
    if outlook.was_asked:
        ask_for_missing(session, order)
    return order


def release_sale(session: Session, number: str, *, because: str) -> SalesOrder:
    """Let a held order go on: reserve for it, and ask for what is missing."""
    order = sales.release_order(session, number, because=because)
    ask_for_missing(session, order)
    return order


def change_sale(session: Session, number: str, change: OrderChange) -> SalesOrder:
    """Agree on something else; goods given back go to who waits, what is missing is asked for."""
    before = _stocked(sales.find_order(session, number))
    order = sales.change_order(session, number, change)
    inventory.allocate(session, before)
    if order.state is not OrderState.HELD:
        ask_for_missing(session, order)
    return order


def deliver_sale(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    available_only: bool = False,
    location: Location | None = None,
    delivered_on: date | None = None,
) -> Delivery:
    """Send out what is to go, and invoice it where the order says that both are one step."""
    delivery = sales.deliver_order(
        session,
        number,
        quantities=quantities,
        available_only=available_only,
        location=location,
        delivered_on=delivered_on,
    )
    invoice_with_delivery(session, delivery)
    return delivery


def invoice_with_delivery(session: Session, delivery: Delivery) -> Invoice | None:
    """Invoice what has just left, where that was agreed."""
    order = session.get_one(SalesOrder, delivery.order_id)
    if order.invoice_policy is not InvoicePolicy.WITH_DELIVERY:
        return None
    return sales.invoice_order(session, order.number)


def cancel_sale(session: Session, number: str, *, because: str) -> SalesOrder:
    """Give an order up: what was reserved goes to who waits, what was asked for is closed."""
    order = sales.find_order(session, number)
    lock_customer(session, order.customer_id)
    # Before anything is given back: who wants several of them locks them in one order.
    inventory.lock_items(session, _stocked(order))
    order = sales.cancel_order(session, number, because=because)
    for asked in requisitions.open_requisitions_for(session, order.number):
        requisitions.close_requisition(session, asked, because=order.number)
    inventory.allocate(session, _stocked(order))
    return order


def return_delivery(session: Session, number: str, *, because: str) -> Delivery:
    """Take a whole delivery back: it is still to go then, unless the order is cancelled."""
    return sales.return_delivery(session, number, because=because)


def receive_return(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    location: Location | None = None,
    scrapped: bool = False,
    credits_now: bool = True,
) -> Delivery:
    """Take in what a customer sends back for good; what may be sold again goes to who waits."""
    returned = sales.receive_return(
        session,
        number,
        quantities=quantities,
        location=location,
        scrapped=scrapped,
        credits_now=credits_now,
    )
    lines = [line.order_line_id for line in returned.lines]
    items = select(SalesOrderLine.item_id).where(SalesOrderLine.id.in_(lines))
    inventory.allocate(session, session.scalars(items))
    return returned


def ask_for_missing(session: Session, order: SalesOrder) -> Requisition | None:
    """Ask purchasing for what an order lacks, line by line, where nothing else sees to it.

    An item with a rule is replenished by that rule. One that is ordered sale by sale is bought
    for the line alone, whatever else is on its way; one without any rule where nothing covers it.
    What we make ourselves is nobody's to buy: a watcher suggests to make it.
    """
    needs = [need for need in needs_of(session, order) if not need.is_planned]
    made = made_items(session, [need.item.id for need in needs]) if needs else set()
    needs = [need for need in needs if need.item.id not in made]
    if not needs:
        return None
    return requisitions.write_requisition(
        session,
        [
            Need(need.item, need.quantity, pegged_line_id=need.line_id, pegged_to=need.order)
            for need in needs
        ],
        needed_on=max(order.promised_on, company(session).today),
        because=order.customer.name,
        needed_for=order.number,
    )


class _Outlooks:
    """Says when what is missing of an order can go, and remembers whether anything was."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.was_asked = False

    def __call__(self, order: SalesOrder, missing: Mapping[uuid.UUID, Decimal]) -> Outlook:
        self.was_asked = True
        promised = promise_missing(self.session, order, missing, producing=producing)
        because = ", ".join(
            f"{plain(part.quantity)} × {line.item.sku}" + (f": {part.because}" * bool(part.because))
            for line in promised.lines
            for part in line.parts
        )
        return Outlook(promised.on, because)


def _stocked(order: SalesOrder) -> list[uuid.UUID]:
    return [line.item_id for line in order.lines if line.item.kind is ItemKind.STOCKED]


__all__ = [
    "accept_quotation",
    "ask_for_missing",
    "cancel_sale",
    "change_sale",
    "confirm_sale",
    "deliver_sale",
    "invoice_sale",
    "invoice_with_delivery",
    "receive_return",
    "release_sale",
    "return_delivery",
    "take_payment",
]
