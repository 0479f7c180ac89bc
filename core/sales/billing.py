"""From what was delivered to what the customer owes us."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import invoicing
from core.catalog import ItemKind
from core.invoicing import Direction, Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.money import Money
from core.ledger.chart import REVENUE, SERVICE_REVENUE
from core.parties import lock_customer
from core.sales.errors import NothingToInvoice, OrderCancelled
from core.sales.events import AdvanceAsked, OrderInvoiced
from core.sales.service import find_order, require_own
from core.sales.tables import OrderState, SalesOrder, SalesOrderLine


def invoice_order(
    session: Session,
    number: str,
    *,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice what of an order was delivered and is not invoiced."""
    order = find_order(session, number)
    require_own(order)
    delivered = [
        (line, left)
        for line in order.lines
        if (left := line.delivered_quantity - line.invoiced_quantity)
    ]
    if not delivered:
        raise NothingToInvoice(number=order.number)
    ours = company(session)
    lines = _at_order_price(session, ours, delivered)
    if invoicing.advances_left(session, order.number):
        shares = invoicing.shares_by_tax(_billable(session, order), lines)
        lines += invoicing.deductions_of(session, Direction.RECEIVABLE, order.number, shares)
    before = _invoiced(order)
    for line, quantity in delivered:
        line.invoiced_quantity += quantity
    invoice = invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=order.customer,
        lines=lines,
        posted_on=posted_on,
        due_on=due_on,
        reference=order.reference,
        origin=order.number,
        territory_id=order.territory_id,
        salesperson_id=order.salesperson_id,
        channel=order.channel,
    )
    _record(session, order, invoice, before=before)
    return invoice


def ask_advance(
    session: Session,
    number: str,
    *,
    percent: Decimal,
    blocks_delivery: bool = True,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice so many percent of what of an order is not invoiced, before it is delivered.

    Invoices of the order deduct it. Where it blocks delivery, nothing leaves before it is paid.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    billable = _billable(session, order)
    if not any(amount.minor for amount in billable.values()):
        raise NothingToInvoice(number=order.number)
    advance = invoicing.post_advance(
        session,
        direction=Direction.RECEIVABLE,
        party=order.customer,
        order_number=order.number,
        billable=billable,
        percent=percent,
        blocks_delivery=blocks_delivery,
        posted_on=posted_on,
        due_on=due_on,
        reference=order.reference,
        territory_id=order.territory_id,
        salesperson_id=order.salesperson_id,
        channel=order.channel,
    )
    fact = AdvanceAsked(
        number=order.number, advance=advance.number, percent=percent, blocks=blocks_delivery
    )
    events.record(session, fact)
    session.flush()
    return advance


def credit_invoice(session: Session, number: str, *, because: str) -> Invoice:
    """Take back the invoice of an order: what was delivered is to be invoiced again."""
    invoice = invoicing.find_invoice(session, number)
    order = find_order(session, invoice.origin)
    lock_customer(session, order.customer_id)
    note = invoicing.credit_invoice(session, invoice.number, because=because)
    taken_back = invoicing.quantities_charged(session, note.number)
    before = _invoiced(order)
    for line in order.lines:
        line.invoiced_quantity -= taken_back.get(line.id, Decimal(0))
    _record(session, order, note, before=before)
    return note


def _at_order_price(
    session: Session, ours: Company, delivered: Sequence[tuple[SalesOrderLine, Decimal]]
) -> list[InvoiceDraftLine]:
    begun = [line.id for line, _ in delivered if line.invoiced_quantity]
    so_far = invoicing.charged_by_order_line(session, begun) if begun else {}
    drafts = []
    for line, quantity in delivered:
        # The last part of a line takes what is left, so that its invoices add up to it.
        if line.invoiced_quantity + quantity == line.quantity:
            whole = Money.rounding(line.net_amount, ours.currency, ours.rounding)
            net = whole - Money(so_far.get(line.id, 0), ours.currency)
        else:
            part = line.net_amount * quantity / line.quantity
            net = Money.rounding(part, ours.currency, ours.rounding)
        service = line.item.kind is ItemKind.SERVICE
        drafts.append(
            InvoiceDraftLine(
                item_id=line.item_id,
                description=f"{line.item.sku} {line.item.name}",
                quantity=quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.tax_code,
                account=SERVICE_REVENUE if service else REVENUE,
                order_line_id=line.id,
                net=net,
            )
        )
    return drafts


def _billable(session: Session, order: SalesOrder) -> dict[str | None, Money]:
    """Return what of an order is not invoiced, by its tax."""
    lines = ((line, line.tax_code, line.invoiced_quantity) for line in order.lines)
    return invoicing.billable_by_tax(session, lines)


def _invoiced(order: SalesOrder) -> Decimal:
    return sum((line.invoiced_quantity for line in order.lines), Decimal(0))


def _record(session: Session, order: SalesOrder, invoice: Invoice, *, before: Decimal) -> None:
    fact = OrderInvoiced(
        number=order.number,
        invoice=invoice.number,
        invoiced_before=before,
        invoiced=_invoiced(order),
        ordered=sum((line.quantity for line in order.lines), Decimal(0)),
    )
    events.record(session, fact)
    session.flush()
