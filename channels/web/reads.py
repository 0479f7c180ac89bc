"""What the list pages read: each function is one look at one consistent picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import inventory, purchasing, reporting, sales
from core.catalog import ItemKind
from core.catalog.tables import Item
from core.inventory import Reservation
from core.inventory.tables import ReorderRule
from core.kernel.audit import AuditRecord
from core.kernel.company import company
from core.kernel.money import Money
from core.parties.tables import Party
from core.processes import replenishment
from core.processes.replenishment import Suggested
from core.purchasing.tables import PurchaseOrder
from core.sales.tables import SalesOrder, SalesOrderLine

ITEMS_MAX = 200
ORDERS_MAX = 200
RECORDS_MAX = 60
MONTHS = 12
# What accompanies every deed, and who came and went, is for the audit trail and not for a glance.
NOT_FOR_A_GLANCE = (
    "identity.logged_",
    "identity.login_",
    "inventory.reservation_",
    "inventory.stock_moved",
    "inventory.stock_reserved",
    "ledger.entry_posted",
)


@dataclass(frozen=True)
class StockRow:
    """An item with its stock."""

    sku: str
    names: tuple[str, str]
    unit: str
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    minimum: Decimal | None
    value: Money
    in_transit: Decimal
    held: Decimal
    available: Decimal

    @property
    def is_low(self) -> bool:
        """Whether it is below its reorder point, counting what is on order."""
        return self.minimum is not None and self.available + self.on_order < self.minimum


def stock(session: Session, *, containing: str, only_low: bool) -> list[StockRow]:
    """Return items with their stock, by SKU; `containing` looks at SKUs and names."""
    wanted = select(Item).where(Item.active).order_by(Item.sku).limit(ITEMS_MAX)
    if containing:
        wanted = wanted.where(_contains(containing, Item.sku, Item.name, Item.name_zh))
    if only_low:
        wanted = wanted.where(Item.id.in_([short.item_id for short in shortages(session)]))
    items = session.scalars(wanted).all()
    ids = [item.id for item in items]
    levels = inventory.stock_levels(session, ids)
    coming = purchasing.on_order(session, ids)
    rules = dict(
        session.execute(
            select(ReorderRule.item_id, ReorderRule.minimum).where(
                ReorderRule.item_id.in_(ids), ReorderRule.location_id.is_(None)
            )
        ).all()
    )
    return [
        StockRow(
            sku=item.sku,
            names=(item.name, item.name_zh or item.name),
            unit=item.unit_code,
            on_hand=levels[item.id].on_hand,
            reserved=levels[item.id].reserved,
            on_order=coming.get(item.id, Decimal(0)),
            minimum=rules.get(item.id),
            value=levels[item.id].value,
            in_transit=levels[item.id].in_transit,
            held=levels[item.id].held,
            available=levels[item.id].available,
        )
        for item in items
    ]


def shortages(session: Session) -> list[Suggested]:
    """Return the items below their reorder point, counting what is on order."""
    return replenishment.plan(session)


@dataclass(frozen=True)
class OrderRow:
    """A sales or purchase order in a list."""

    number: str
    kind: str
    parties: tuple[str, str]
    state: str
    ordered_on: date
    due_on: date
    total: Money
    party_kind: str
    party_number: str
    hold_reason: str | None
    # For goods that are not there to be reserved.
    waits: bool
    is_late: bool


def orders(session: Session, *, kind: str, state: str, containing: str) -> list[OrderRow]:
    """Return the newest orders; `containing` looks at numbers and names.

    `state` is open, held (somebody has to release it), waiting (for goods), or all.
    """
    of = PURCHASES if kind == "purchases" else SALES
    waits = _waits() if of is SALES else literal(value=False)
    held = SalesOrder.hold_reason if of is SALES else null()
    wanted = (
        select(
            of.table.number,
            of.table.state,
            of.table.ordered_on,
            of.due_on.label("due_on"),
            of.table.total_minor,
            of.table.currency,
            Party.number.label("party_number"),
            Party.name,
            func.coalesce(Party.name_zh, Party.name).label("name_zh"),
            held.label("reason"),
            waits.label("waits"),
        )
        .join(Party, Party.id == of.party_id)
        .order_by(of.table.ordered_on.desc(), of.table.number.desc())
        .limit(ORDERS_MAX)
    )
    if state == "open":
        wanted = wanted.where(of.table.state.in_(of.open_states))
    if state == "held" and of is SALES:
        standing = SalesOrder.state != sales.OrderState.CANCELLED
        wanted = wanted.where(SalesOrder.hold_reason.is_not(None), standing)
    if state == "waiting" and of is SALES:
        wanted = wanted.where(waits)
    if containing:
        wanted = wanted.where(_contains(containing, of.table.number, Party.name, Party.name_zh))
    today = company(session).today
    return [
        OrderRow(
            number=row.number,
            kind=of.record,
            parties=(row.name, row.name_zh),
            state=row.state,
            ordered_on=row.ordered_on,
            due_on=row.due_on,
            total=Money(row.total_minor, row.currency),
            party_kind=of.party_kind,
            party_number=row.party_number,
            hold_reason=row.reason,
            waits=row.waits,
            is_late=row.due_on < today and row.state in of.open_states,
        )
        for row in session.execute(wanted)
    ]


def _waits() -> ColumnElement[bool]:
    """Tell whether an order waits for goods that are not there to be reserved for it."""
    reserved = (
        select(func.coalesce(func.sum(Reservation.quantity), 0))
        .where(
            Reservation.line_id == SalesOrderLine.id,
            Reservation.state == inventory.ReservationState.ACTIVE,
        )
        .scalar_subquery()
    )
    line = (
        select(SalesOrderLine.id)
        .join(Item, Item.id == SalesOrderLine.item_id)
        .where(
            SalesOrderLine.order_id == SalesOrder.id,
            Item.kind == ItemKind.STOCKED,
            SalesOrderLine.drop_shipped.is_(False),
            SalesOrderLine.quantity - SalesOrderLine.delivered_quantity > reserved,
        )
    )
    standing = SalesOrder.state.in_(sales.OPEN) & SalesOrder.imported.is_(False)
    return standing & line.exists()


@dataclass(frozen=True)
class _Orders:
    """Where orders of one kind stand."""

    record: str
    table: type[SalesOrder] | type[PurchaseOrder]
    party_id: InstrumentedAttribute[UUID]
    due_on: InstrumentedAttribute[date]
    open_states: tuple[str, ...]
    party_kind: str


SALES = _Orders(
    record="sales_order",
    table=SalesOrder,
    party_id=SalesOrder.customer_id,
    due_on=SalesOrder.promised_on,
    open_states=(sales.OrderState.CONFIRMED, sales.OrderState.PARTLY_DELIVERED),
    party_kind="customer",
)
PURCHASES = _Orders(
    record="purchase_order",
    table=PurchaseOrder,
    party_id=PurchaseOrder.supplier_id,
    due_on=PurchaseOrder.expected_on,
    open_states=(purchasing.OrderState.PLACED, purchasing.OrderState.PARTLY_RECEIVED),
    party_kind="supplier",
)


def _count_open(session: Session, of: _Orders) -> int:
    wanted = select(func.count()).select_from(of.table)
    return session.scalars(wanted.where(of.table.state.in_(of.open_states))).one()


def _contains(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    part = text.strip().lower()
    return or_(*(func.lower(column).contains(part, autoescape=True) for column in columns))


@dataclass(frozen=True)
class Deed:
    """One record of the audit trail."""

    sequence: int
    at: datetime
    person: str
    name: str
    on_behalf_of: str
    why: str
    door: str
    facts: dict[str, Any]
    proposal_id: UUID | None
    hash: str


def deeds(session: Session, *, before: int | None = None, limit: int = RECORDS_MAX) -> list[Deed]:
    """Return the newest records of the audit trail."""
    wanted = select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(AuditRecord.sequence < before)
    return [_deed(record) for record in session.scalars(wanted)]


def recent(session: Session, *, person: str | None, limit: int) -> list[Deed]:
    """Return what was done last in the business, by somebody or by all.

    Only the newest records are looked through: the start page has to be quick.
    """
    wanted = select(AuditRecord).order_by(AuditRecord.sequence.desc())
    if person is not None:
        wanted = (
            select(AuditRecord)
            .where(AuditRecord.person == person)
            .order_by(AuditRecord.at.desc(), AuditRecord.sequence.desc())
        )
    newest = session.scalars(wanted.limit(limit * 10))
    return [_deed(one) for one in newest if not one.name.startswith(NOT_FOR_A_GLANCE)][:limit]


def _deed(record: AuditRecord) -> Deed:
    body = json.loads(record.body)
    return Deed(
        sequence=record.sequence,
        at=record.at,
        person=record.person,
        name=record.name,
        on_behalf_of=body["on_behalf_of"],
        why=body["why"],
        door=body["door"],
        facts=body["facts"],
        proposal_id=record.proposal_id,
        hash=record.hash,
    )


@dataclass(frozen=True)
class Overview:
    """The figures of the start page; None where they are not part of somebody's role."""

    today: date
    currency: str
    # The first day of each of the last months, and what it brought.
    revenue: Sequence[tuple[date, Decimal]] | None
    sales_open: int | None
    purchases_open: int | None
    short: Sequence[Suggested] | None


def overview(session: Session, *, is_staff: bool) -> Overview:
    """Return the figures of the start page."""
    us = company(session)
    if not is_staff:
        return Overview(us.today, us.currency, None, None, None, None)
    return Overview(
        today=us.today,
        currency=us.currency,
        revenue=_revenue_by_month(session, us.today),
        sales_open=_count_open(session, SALES),
        purchases_open=_count_open(session, PURCHASES),
        short=shortages(session),
    )


def _revenue_by_month(session: Session, today: date) -> list[tuple[date, Decimal]] | None:
    """Return the revenue of the last months; None for somebody who may not see it."""
    asked = {
        "metrics": ["revenue"],
        "grain": "month",
        "period": {"unit": "month", "offset": 1 - MONTHS, "count": MONTHS},
    }
    try:
        report = reporting.answer(session, reporting.ReportQuery.model_validate(asked))
    except reporting.NotYoursToSee:
        return None
    known = {row.bucket: row.figures[0] or Decimal(0) for row in report.rows}
    first = [today.year * 12 + today.month - 1 - back for back in reversed(range(MONTHS))]
    months = [date(month // 12, month % 12 + 1, 1) for month in first]
    return [(month, known.get(month, Decimal(0))) for month in months]
