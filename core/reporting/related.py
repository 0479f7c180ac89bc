"""Which documents belong to a document: what it came of, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.inventory.tables import StockMove
from core.inventory.valuation.tables import LandedCost, LandedCostLine
from core.invoicing.tables import Invoice, InvoiceLine, Payment, Settlement
from core.ledger.tables import JournalEntry
from core.parties.tables import Party
from core.purchasing.quotes.tables import AwardedLine, QuotationRequest, QuotationRequestLine
from core.purchasing.requisitions.tables import CoveredNeed, Requisition, RequisitionLine
from core.purchasing.tables import GoodsReceipt, PurchaseOrder, PurchaseOrderLine
from core.reporting.related_more import (
    trace_of_asset,
    trace_of_deduction,
    trace_of_lot,
    trace_of_master,
    trace_of_payment_order,
    trace_of_postings,
    trace_of_reservation,
    trace_of_stock,
    trace_of_write_off,
)
from core.sales.quoting.tables import Quotation
from core.sales.returning.tables import SalesReturn
from core.sales.tables import Delivery, SalesOrder, SalesOrderLine

RELATED_MAX = 200
# What a number says that it is the number of.
KINDS = {
    "SO": "sales_order",
    "DN": "delivery",
    "INV": "customer_invoice",
    "CN": "customer_credit_note",
    "PO": "purchase_order",
    "GR": "goods_receipt",
    "BILL": "supplier_bill",
    "SCN": "supplier_credit_note",
    "RCT": "customer_payment",
    "PAY": "supplier_payment",
    "OI": "open_item",
    "JE": "journal_entry",
    "C": "customer",
    "S": "supplier",
    "E": "employee",
    "QU": "quotation",
    "RT": "sales_return",
    "RQ": "requisition",
    "RFQ": "quotation_request",
    "LC": "landed_cost",
    "TR": "stock_transfer",
    "CT": "stock_count",
    "QH": "stock_hold",
    "RS": "reservation",
    "GW": "receipt_write_off",
    "DED": "deduction",
    "FA": "asset",
    "DEP": "depreciation_run",
    "REV": "revaluation",
    "DEF": "deferral",
    "RE": "recurring_entry",
    "PMO": "payment_order",
    "DUN": "dunning_letter",
    "T": "ticket",
    "KB": "article",
    "PY": "payroll_run",
    "PS": "payslip",
    "LN": "employee_loan",
    "LV": "leave_request",
    "EX": "expense_claim",
    "WF": "staff_workflow",
    "JO": "job_opening",
    "JA": "application",
    "IV": "interview",
    "OF": "job_offer",
}


@dataclass(frozen=True)
class Related:
    """A document that belongs to another."""

    number: str
    kind: str
    day: date | None


def kind_of(number: str, otherwise: str = "") -> str:
    """Return the kind of record that a number belongs to."""
    return KINDS.get(number.split("-", maxsplit=1)[0], otherwise or "document")


def documents_of(
    session: Session, number: str
) -> tuple[date | None, str | None, list[Related]] | None:
    """Return the day and party of a document, and what belongs to it."""
    finders = {
        "sales_order": _of_sales_order,
        "delivery": _of_delivery,
        "purchase_order": _of_purchase_order,
        "goods_receipt": _of_receipt,
        "customer_payment": _of_payment,
        "supplier_payment": _of_payment,
        "journal_entry": _of_entry,
        "quotation": _of_quotation,
        "sales_return": _of_return,
        "requisition": _of_requisition,
        "quotation_request": _of_request,
        "landed_cost": _of_landed_cost,
    }
    found = finders.get(kind_of(number), _of_invoice)(session, number)
    return found or _of_anything_else(session, number)


Found = tuple[date | None, str | None, list[Related]] | None


def _of_sales_order(session: Session, number: str) -> Found:
    order = session.execute(
        select(SalesOrder.id, SalesOrder.ordered_on, Party.name, Quotation)
        .join(Party, Party.id == SalesOrder.customer_id)
        .outerjoin(Quotation, Quotation.id == SalesOrder.quotation_id)
        .where(SalesOrder.number == number)
    ).one_or_none()
    if order is None:
        return None
    offered = order[3] and _related(order[3].number, order[3].quoted_on)
    deliveries = select(Delivery.number, Delivery.delivered_on).where(Delivery.order_id == order[0])
    returns = select(SalesReturn.number, SalesReturn.authorised_on).where(
        SalesReturn.order_id == order[0]
    )
    lines = select(SalesOrderLine.id).where(SalesOrderLine.order_id == order[0])
    # An invoice of several orders names all of them: its lines say whose they are.
    together = select(InvoiceLine.invoice_id).where(InvoiceLine.order_line_id.in_(lines))
    billed = select(Invoice.number, Invoice.posted_on).where(
        or_(Invoice.origin == number, Invoice.id.in_(together))
    )
    related = [
        *([offered] if offered else []),
        *_listed(session, deliveries),
        *_listed(session, returns),
        *_listed(session, billed),
    ]
    return order[1], order[2], related


def _of_delivery(session: Session, number: str) -> Found:
    """Return the order of a delivery, and the return that it came back by."""
    found = session.execute(
        select(Delivery.delivered_on, Party.name, SalesOrder, SalesReturn)
        .outerjoin(SalesOrder, SalesOrder.id == Delivery.order_id)
        .outerjoin(SalesReturn, SalesReturn.id == Delivery.return_id)
        .join(Party, Party.id.in_([SalesOrder.customer_id, SalesReturn.customer_id]))
        .where(Delivery.number == number)
    ).one_or_none()
    if found is None:
        return None
    day, party, order, came_by = found
    related = [_related(order.number, order.ordered_on)] if order else []
    related += [_related(came_by.number, came_by.authorised_on)] if came_by else []
    return day, party, related


def _of_quotation(session: Session, number: str) -> Found:
    found = session.execute(
        select(Quotation.id, Quotation.quoted_on, Party.name)
        .join(Party, Party.id == Quotation.party_id)
        .where(Quotation.number == number)
    ).one_or_none()
    if found is None:
        return None
    orders = select(SalesOrder.number, SalesOrder.ordered_on).where(
        SalesOrder.quotation_id == found[0]
    )
    return found[1], found[2], _listed(session, orders)


def _of_return(session: Session, number: str) -> Found:
    found = session.execute(
        select(SalesReturn.id, SalesReturn.authorised_on, Party.name, SalesOrder)
        .join(Party, Party.id == SalesReturn.customer_id)
        .outerjoin(SalesOrder, SalesOrder.id == SalesReturn.order_id)
        .where(SalesReturn.number == number)
    ).one_or_none()
    if found is None:
        return None
    order = found[3]
    came = select(Delivery.number, Delivery.delivered_on).where(Delivery.return_id == found[0])
    related = [_related(order.number, order.ordered_on)] if order else []
    return found[1], found[2], [*related, *_listed(session, came), *_billed(session, [number])]


def _of_requisition(session: Session, number: str) -> Found:
    """Return the orders that cover a need, and the requests that were made for it."""
    found = session.execute(
        select(Requisition.id, Requisition.asked_on).where(Requisition.number == number)
    ).one_or_none()
    if found is None:
        return None
    orders = (
        select(PurchaseOrder.number, PurchaseOrder.ordered_on)
        .join(PurchaseOrderLine, PurchaseOrderLine.order_id == PurchaseOrder.id)
        .join(CoveredNeed, CoveredNeed.purchase_line_id == PurchaseOrderLine.id)
        .join(RequisitionLine, RequisitionLine.id == CoveredNeed.requisition_line_id)
        .where(RequisitionLine.requisition_id == found[0])
        .distinct()
    )
    asked = select(QuotationRequest.number, QuotationRequest.asked_on).where(
        QuotationRequest.needed_for == number
    )
    return found[1], None, [*_listed(session, asked), *_listed(session, orders)]


def _of_request(session: Session, number: str) -> Found:
    """Return the need that suppliers were asked for, and the orders that came of it."""
    found = session.execute(
        select(QuotationRequest.id, QuotationRequest.asked_on, QuotationRequest.needed_for).where(
            QuotationRequest.number == number
        )
    ).one_or_none()
    if found is None:
        return None
    orders = (
        select(PurchaseOrder.number, PurchaseOrder.ordered_on)
        .join(PurchaseOrderLine, PurchaseOrderLine.order_id == PurchaseOrder.id)
        .join(AwardedLine, AwardedLine.purchase_line_id == PurchaseOrderLine.id)
        .join(QuotationRequestLine, QuotationRequestLine.id == AwardedLine.request_line_id)
        .where(QuotationRequestLine.request_id == found[0])
        .distinct()
    )
    before = [_related(found[2], None)] if found[2] else []
    return found[1], None, [*before, *_listed(session, orders)]


def _of_landed_cost(session: Session, number: str) -> Found:
    """Return the bill that a landed cost was on, and the receipts that it made dearer."""
    found = session.execute(
        select(LandedCost.id, LandedCost.charged_on, LandedCost.bill).where(
            LandedCost.number == number
        )
    ).one_or_none()
    if found is None:
        return None
    receipts = (
        select(StockMove.origin, StockMove.moved_on)
        .join(LandedCostLine, LandedCostLine.move_id == StockMove.id)
        .where(LandedCostLine.landed_cost_id == found[0])
        .distinct()
    )
    before = [_related(found[2], None)] if found[2] else []
    return found[1], None, [*before, *_listed(session, receipts)]


def _of_purchase_order(session: Session, number: str) -> Found:
    order = session.execute(
        select(PurchaseOrder.id, PurchaseOrder.ordered_on, Party.name)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(PurchaseOrder.number == number)
    ).one_or_none()
    if order is None:
        return None
    receipts = select(GoodsReceipt.number, GoodsReceipt.received_on).where(
        GoodsReceipt.order_id == order[0]
    )
    return order[1], order[2], [*_listed(session, receipts), *_billed(session, [number])]


def _of_receipt(session: Session, number: str) -> Found:
    found = session.execute(
        select(GoodsReceipt.received_on, Party.name, PurchaseOrder.number, PurchaseOrder.ordered_on)
        .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(GoodsReceipt.number == number)
    ).one_or_none()
    return found and (found[0], found[1], [_related(found[2], found[3])])


def _of_payment(session: Session, number: str) -> Found:
    found = session.execute(
        select(Payment.paid_on, Party.name, Payment.id)
        .join(Party, Party.id == Payment.party_id)
        .where(Payment.number == number)
    ).one_or_none()
    if found is None:
        return None
    settled = (
        select(Invoice.number, Invoice.posted_on)
        .join(Settlement, Settlement.invoice_id == Invoice.id)
        .where(Settlement.payment_id == found[2])
        .distinct()
    )
    return found[0], found[1], _listed(session, settled)


def _of_entry(session: Session, number: str) -> Found:
    found = session.execute(
        select(JournalEntry.posted_on, JournalEntry.origin).where(JournalEntry.number == number)
    ).one_or_none()
    return found and (found[0], None, [_related(found[1], None)] if found[1] else [])


def _of_invoice(session: Session, number: str) -> Found:
    found = session.execute(
        select(Invoice.posted_on, Party.name, Invoice.origin, Invoice.id)
        .join(Party, Party.id == Invoice.party_id)
        .where(Invoice.number == number)
    ).one_or_none()
    if found is None:
        return None
    paid_by = (
        select(Payment.number, Payment.paid_on)
        .join(Settlement, Settlement.payment_id == Payment.id)
        .where(Settlement.invoice_id == found[3])
        .distinct()
    )
    named = found[2].split(", ") if found[2] and found[2] != number else []
    before = [_related(each, None) for each in named]
    return found[0], found[1], [*before, *_billed(session, [number]), *_listed(session, paid_by)]


def _of_anything_else(session: Session, number: str) -> Found:
    """Return what is no document of trade: moves of stock, lots, master records."""
    for finder in _MORE:
        traced = finder(session, number)
        if traced is not None:
            day, party, related = traced
            return day, party, [_related(*one) for one in related]
    return None


_MORE = (
    trace_of_deduction, trace_of_write_off, trace_of_payment_order, trace_of_reservation,
    trace_of_asset, trace_of_lot, trace_of_stock, trace_of_postings, trace_of_master,
)  # fmt: skip


def _billed(session: Session, origins: Sequence[str]) -> list[Related]:
    """Return the invoices, bills and credit notes that name one of these as their origin."""
    return _listed(
        session,
        select(Invoice.number, Invoice.posted_on).where(
            Invoice.origin.in_(origins), Invoice.number.not_in(origins)
        ),
    )


def _listed(session: Session, numbered: Any) -> list[Related]:  # noqa: ANN401  # A select.
    rows = session.execute(numbered.order_by(numbered.selected_columns[1]).limit(RELATED_MAX))
    return [_related(number, day) for number, day in rows]


def _related(number: str, day: date | None) -> Related:
    return Related(number, kind_of(number), day)
