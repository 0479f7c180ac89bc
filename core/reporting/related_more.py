"""What belongs to what is no document of trade: moves of stock, deductions, lots, master records.

A figure that counts items, places, people or lots leads to these; from them it is one step to the
documents that moved or changed them.
"""

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.catalog.tables import Item
from core.hr.tables import Employee
from core.inventory.lots.tables import Lot, LotMove
from core.inventory.reservations.tables import SetAside
from core.inventory.tables import Location, Reservation, StockMove
from core.inventory.valuation.tables import StockCorrection
from core.invoicing.paying.tables import PaymentOrder, PaymentOrderLine
from core.invoicing.tables import Deduction, Invoice, Payment
from core.ledger.assets.tables import Asset, AssetMove
from core.ledger.budgets.tables import Budget
from core.ledger.tables import JournalEntry
from core.parties.tables import Party
from core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, ReceiptWriteOff
from core.sales.tables import SalesOrder

# The latest ones of a master record that may have very many.
LATEST_MAX = 50
# When something was done, who it was done with, and the numbers and days of what belongs to it.
Traced = tuple[date | None, str | None, list[tuple[str, date | None]]]


def trace_of_stock(session: Session, number: str) -> Traced | None:
    """Find what moved stock, or corrected its cost: a transfer, a count, a hold, an opening."""
    moved = session.scalar(
        select(StockMove.moved_on).where(StockMove.origin == number).order_by(StockMove.moved_on)
    ) or session.scalar(
        select(StockCorrection.corrected_on)
        .where(StockCorrection.origin == number)
        .order_by(StockCorrection.corrected_on)
    )
    return None if moved is None else (moved, None, [])


def trace_of_postings(session: Session, number: str) -> Traced | None:
    """Find anything else for which an entry was posted."""
    posted = session.scalar(
        select(JournalEntry.posted_on)
        .where(JournalEntry.origin == number)
        .order_by(JournalEntry.posted_on)
    )
    return None if posted is None else (posted, None, [])


def trace_of_deduction(session: Session, number: str) -> Traced | None:
    """Find the invoice that a discount or write-off was taken off, and the payment beside it."""
    found = session.execute(
        select(Deduction.posted_on, Party.name, Invoice.number, Invoice.posted_on, Payment.number)
        .join(Invoice, Invoice.id == Deduction.invoice_id)
        .join(Party, Party.id == Invoice.party_id)
        .outerjoin(Payment, Payment.id == Deduction.payment_id)
        .where(Deduction.number == number)
    ).one_or_none()
    if found is None:
        return None
    day, party, invoice, posted_on, payment = found
    return day, party, [(invoice, posted_on), *([(payment, None)] if payment else [])]


def trace_of_write_off(session: Session, number: str) -> Traced | None:
    """Find the order whose receipts nobody billed."""
    found = session.execute(
        select(
            ReceiptWriteOff.written_off_on,
            Party.name,
            PurchaseOrder.number,
            PurchaseOrder.ordered_on,
        )
        .join(PurchaseOrderLine, PurchaseOrderLine.id == ReceiptWriteOff.order_line_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(ReceiptWriteOff.number == number)
    ).first()
    return None if found is None else (found[0], found[1], [(found[2], found[3])])


def trace_of_payment_order(session: Session, number: str) -> Traced | None:
    """Find the bills of an order to the bank, and the payments that it became."""
    found = session.execute(
        select(PaymentOrder.id, PaymentOrder.pay_on).where(PaymentOrder.number == number)
    ).one_or_none()
    if found is None:
        return None
    lines = (
        select(Invoice.number, Invoice.posted_on, Payment.number, Payment.paid_on)
        .join_from(PaymentOrderLine, Invoice, Invoice.id == PaymentOrderLine.invoice_id)
        .outerjoin(Payment, Payment.id == PaymentOrderLine.payment_id)
        .where(PaymentOrderLine.order_id == found[0])
        .order_by(PaymentOrderLine.position)
        .limit(LATEST_MAX)
    )
    related: dict[str, date | None] = {}
    for bill, posted_on, payment, paid_on in session.execute(lines):
        related[bill] = posted_on
        related |= {payment: paid_on} if payment else {}
    return found[1], None, list(related.items())


def trace_of_reservation(session: Session, number: str) -> Traced | None:
    """Find what was set aside by hand, and for whom."""
    found = session.execute(
        select(SetAside.made_on, Party.name)
        .outerjoin(Party, Party.id == SetAside.party_id)
        .where(SetAside.number == number)
    ).one_or_none()
    return None if found is None else (found[0], found[1], [])


def trace_of_lot(session: Session, number: str) -> Traced | None:
    """Find what brought a lot in and took it out."""
    lots = select(Lot.id).where(Lot.number == number)
    if session.scalar(lots.limit(1)) is None:
        return None
    moves = (
        select(StockMove.origin, StockMove.moved_on)
        .join(LotMove, LotMove.move_id == StockMove.id)
        .where(LotMove.lot_id.in_(lots))
    )
    return None, None, _latest(session, moves, StockMove.moved_on)


def trace_of_asset(session: Session, number: str) -> Traced | None:
    """Find the entries of a fixed asset: what it cost, and how it was written down."""
    found = session.execute(
        select(Asset.id, Asset.in_service_on, Asset.origin).where(Asset.number == number)
    ).one_or_none()
    if found is None:
        return None
    moves = (
        select(JournalEntry.number, JournalEntry.posted_on)
        .join(AssetMove, AssetMove.entry_id == JournalEntry.id)
        .where(AssetMove.asset_id == found[0])
    )
    booked = _latest(session, moves, JournalEntry.posted_on)
    before = [(found[2], None)] if found[2] and found[2] != number else []
    return found[1], None, [*before, *booked]


def trace_of_master(session: Session, name: str) -> Traced | None:
    """Find an item, a place, a person or a company, with the latest documents of it."""
    item = session.scalar(select(Item.id).where(Item.sku == name))
    if item is not None:
        return None, None, _moved(session, StockMove.item_id == item)
    place = session.scalar(select(Location.id).where(Location.code == name))
    if place is not None:
        ends = (StockMove.from_location_id == place, StockMove.to_location_id == place)
        return None, None, _moved(session, or_(*ends))
    party = session.execute(select(Party.id, Party.name).where(Party.number == name)).one_or_none()
    if party is not None:
        return None, party[1], _traded(session, party[0])
    employed = session.execute(
        select(Employee.hired_on, Party.name)
        .join(Party, Party.id == Employee.party_id)
        .where(Employee.number == name)
    ).one_or_none()
    if employed is not None:
        return employed[0], employed[1], []
    promised = session.scalar(select(Reservation.origin).where(Reservation.origin == name).limit(1))
    planned = session.scalar(select(Budget.id).where(Budget.name == name))
    return None if promised is None and planned is None else (None, None, [])


def _moved(session: Session, where: Any) -> list[tuple[str, date | None]]:  # noqa: ANN401
    moves = select(StockMove.origin, StockMove.moved_on).where(where)
    return _latest(session, moves, StockMove.moved_on)


def _traded(session: Session, party_id: Any) -> list[tuple[str, date | None]]:  # noqa: ANN401
    documents = (
        select(SalesOrder.number, SalesOrder.ordered_on).where(SalesOrder.customer_id == party_id),
        select(PurchaseOrder.number, PurchaseOrder.ordered_on).where(
            PurchaseOrder.supplier_id == party_id
        ),
        select(Invoice.number, Invoice.posted_on).where(Invoice.party_id == party_id),
        select(Payment.number, Payment.paid_on).where(Payment.party_id == party_id),
    )
    found = [row for rows in documents for row in _latest(session, rows, rows.selected_columns[1])]
    return sorted(found, key=lambda one: (one[1] or date.min, one[0]), reverse=True)[:LATEST_MAX]


def _latest(session: Session, rows: Any, day: Any) -> list[tuple[str, date | None]]:  # noqa: ANN401
    newest = rows.distinct().order_by(day.desc(), rows.selected_columns[0]).limit(LATEST_MAX)
    return [(number, on) for number, on in session.execute(newest)]
