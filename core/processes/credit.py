"""Taking back an invoice or bill, whatever stands behind it: the order it bills follows."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import invoicing, projects, purchasing, sales
from core.invoicing import Invoice, InvoiceKind, InvoiceLine
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import assets


class AssetsStand(DomainError):
    """{number} is in the register of assets as {assets}; take that back first."""

    zh = "{number} 已登记为固定资产 {assets}；请先撤销该登记。"


def credit_part(
    session: Session,
    number: str,
    *,
    because: str,
    quantities: Mapping[int, Decimal] | None = None,
    amount: Money | None = None,
    posted_on: date | None = None,
    reference: str | None = None,
) -> Invoice:
    """Take back a part of an invoice or bill; what an order defers of it follows."""
    invoice = invoicing.find_invoice(session, number)
    orders = []
    if invoice.kind is InvoiceKind.CUSTOMER_INVOICE and _is_of_order(session, invoice):
        # Before the invoice: who delivers locks them in this order.
        orders = [sales.find_order(session, each) for each in invoice.origin.split(", ")]
    note = invoicing.credit_part(
        session,
        invoice.number,
        because=because,
        quantities=quantities,
        amount=amount,
        posted_on=posted_on,
        reference=reference,
    )
    for order in orders:
        sales.defer_revenue(session, order, on=note.posted_on)
    return note


def credit_document(session: Session, number: str, *, because: str) -> Invoice:
    """Take back a whole invoice or bill; what it billed of an order is to be billed again."""
    invoice = invoicing.find_invoice(session, number)
    if invoicing.is_advance(session, invoice):
        # Who invoices the order waits meanwhile, or sees that the advance is gone.
        owed_by_us = invoice.kind is InvoiceKind.SUPPLIER_BILL
        (purchasing if owed_by_us else sales).find_order(session, invoice.origin)
        invoicing.require_unused(session, invoice)
    if standing := assets.assets_of_document(session, invoice.number):
        raise AssetsStand(number=invoice.number, assets=", ".join(standing))
    if projects.is_of_project(session, invoice):
        return projects.credit_invoice(session, invoice.number, because=because)
    if not _is_of_order(session, invoice):
        return invoicing.credit_invoice(session, invoice.number, because=because)
    if invoice.kind is InvoiceKind.CUSTOMER_INVOICE:
        return sales.credit_invoice(session, invoice.number, because=because)
    if invoice.kind is InvoiceKind.SUPPLIER_BILL:
        return purchasing.credit_bill(session, invoice.number, because=because)
    # A credit note stays, and invoicing says so.
    return invoicing.credit_invoice(session, invoice.number, because=because)


def _is_of_order(session: Session, invoice: Invoice) -> bool:
    of_order = select(InvoiceLine.id).where(
        InvoiceLine.invoice_id == invoice.id, InvoiceLine.order_line_id.is_not(None)
    )
    return session.scalar(of_order.limit(1)) is not None
