"""From what was delivered to what the customer owes us."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import invoicing
from core.catalog import ItemKind
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.money import Money
from core.ledger.chart import REVENUE, SERVICE_REVENUE
from core.parties import lock_customer
from core.sales.errors import NothingToInvoice
from core.sales.events import OrderInvoiced
from core.sales.service import find_order, require_own
from core.sales.tables import SalesOrder, SalesOrderLine


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
