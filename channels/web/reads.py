"""What the list pages read: each function is one look at one consistent picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing, reporting, sales
from core.inventory.tables import ReorderRule
from core.kernel.audit import AuditRecord
from core.kernel.company import company
from core.kernel.money import Money

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

    @property
    def available(self) -> Decimal:
        """What is there and not promised."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        """Whether it is below its reorder point, counting what is on order."""
        return self.minimum is not None and self.available + self.on_order < self.minimum


def stock(session: Session, *, containing: str, only_low: bool) -> list[StockRow]:
    """Return items with their stock, by SKU."""
    if only_low:
        wanted = {short.item_id for short in shortages(session)}
        items = [
            item
            for item in catalog.list_items(session, containing=containing or None, limit=10_000)
            if item.item_id in wanted
        ]
    else:
        items = catalog.list_items(session, containing=containing or None, limit=ITEMS_MAX)
    ids = [item.item_id for item in items]
    levels = inventory.stock_levels(session, ids)
    coming = purchasing.on_order(session, ids)
    rules = dict(
        session.execute(
            select(ReorderRule.item_id, ReorderRule.minimum).where(ReorderRule.item_id.in_(ids))
        ).all()
    )
    return [
        StockRow(
            sku=item.sku,
            names=(item.name, item.name_zh or item.name),
            unit=item.unit,
            on_hand=levels[item.item_id].on_hand,
            reserved=levels[item.item_id].reserved,
            on_order=coming.get(item.item_id, Decimal(0)),
            minimum=rules.get(item.item_id),
            value=levels[item.item_id].value,
        )
        for item in items
    ]


def shortages(session: Session) -> list[Any]:
    """Return the items below their reorder point, counting what is on order."""
    short = inventory.list_shortages(session)
    coming = purchasing.on_order(session, [item.item_id for item in short])
    return inventory.list_shortages(
        session, on_order=coming, item_ids=[item.item_id for item in short]
    )


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


def orders(session: Session, *, kind: str, only_open: bool, containing: str) -> list[OrderRow]:
    """Return the newest orders; `containing` looks at numbers and names."""
    rows: list[OrderRow] = []
    if kind == "purchases":
        states = (purchasing.OrderState.PLACED, purchasing.OrderState.PARTLY_RECEIVED)
        for bought in purchasing.list_orders(
            session, states=states if only_open else (), limit=ORDERS_MAX
        ):
            names = (bought.supplier, bought.supplier_zh or bought.supplier)
            rows.append(
                OrderRow(
                    bought.number,
                    "purchase_order",
                    names,
                    bought.state,
                    bought.ordered_on,
                    bought.expected_on,
                    bought.total,
                )
            )
    else:
        open_states = (sales.OrderState.CONFIRMED, sales.OrderState.PARTLY_DELIVERED)
        for sold in sales.list_orders(
            session, states=open_states if only_open else (), limit=ORDERS_MAX
        ):
            names = (sold.customer, sold.customer_zh or sold.customer)
            rows.append(
                OrderRow(
                    sold.number,
                    "sales_order",
                    names,
                    sold.state,
                    sold.ordered_on,
                    sold.promised_on,
                    sold.total,
                )
            )
    part = containing.casefold()
    return [
        row
        for row in rows
        if not part or any(part in text.casefold() for text in (row.number, *row.parties))
    ]


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
    short: Sequence[Any] | None


def overview(session: Session, *, is_staff: bool) -> Overview:
    """Return the figures of the start page."""
    us = company(session)
    if not is_staff:
        return Overview(us.today, us.currency, None, None, None, None)
    return Overview(
        today=us.today,
        currency=us.currency,
        revenue=_revenue_by_month(session, us.today),
        sales_open=len(orders(session, kind="sales", only_open=True, containing="")),
        purchases_open=len(orders(session, kind="purchases", only_open=True, containing="")),
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
