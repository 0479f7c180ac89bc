"""What has come and is not billed, or was billed and has not come: how old it is, and its end."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.catalog import Item, ItemKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number
from core.ledger import Journal, credit, debit, post_entry
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE
from core.parties import Party
from core.purchasing import rules
from core.purchasing.errors import NothingToWriteOff
from core.purchasing.events import ReceiptsWrittenOff
from core.purchasing.ordering import find_order, require_own
from core.purchasing.queries import owed_values
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
    ReceiptWriteOff,
)

LISTED_MAX = 500


@dataclass(frozen=True)
class Unbilled:
    """A line of an order whose receipts and bills differ; negative: a credit note is awaited."""

    order: str
    supplier: str
    sku: str
    quantity: Decimal
    value: Money
    since: date
    days: int


def list_unbilled(
    session: Session, *, supplier_id: uuid.UUID | None = None, older_than_days: int = 0
) -> list[Unbilled]:
    """Return what has come and is not billed, and what was billed and went back, the oldest first.

    It is as old as the last receipt or return of its line.
    """
    ours = company(session)
    last = (
        select(func.max(GoodsReceipt.received_on))
        .join(GoodsReceiptLine, GoodsReceiptLine.receipt_id == GoodsReceipt.id)
        .where(GoodsReceiptLine.order_line_id == PurchaseOrderLine.id)
        .correlate(PurchaseOrderLine)
        .scalar_subquery()
    )
    open_now = (
        PurchaseOrderLine.received_quantity
        - PurchaseOrderLine.billed_quantity
        - PurchaseOrderLine.written_off_quantity
    )
    wanted = (
        select(PurchaseOrderLine, PurchaseOrder.number, Party.name, Item.sku, last)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .where(open_now != 0, PurchaseOrder.imported.is_(False), Item.kind == ItemKind.STOCKED)
        .order_by(last, PurchaseOrder.number, PurchaseOrderLine.position)
        .limit(LISTED_MAX)
    )
    if supplier_id is not None:
        wanted = wanted.where(PurchaseOrder.supplier_id == supplier_id)
    rows = session.execute(wanted).all()
    owed = owed_values(session, [line for line, *_ in rows])
    listed = [
        Unbilled(
            order=number,
            supplier=supplier,
            sku=sku,
            quantity=rules.billable_quantity(line),
            value=Money(owed[line.id], ours.currency),
            since=since,
            days=(ours.today - since).days,
        )
        for line, number, supplier, sku, since in rows
    ]
    return [each for each in listed if each.days >= older_than_days]


def write_off_unbilled(session: Session, number: str, *, because: str) -> Money:
    """Wait no longer for bills or credit notes of an order: what is open becomes a variance.

    Return what it was worth: positive where goods came that will never be billed.
    """
    order = find_order(session, number)
    require_own(order)
    open_lines = [
        line
        for line in order.lines
        if rules.billable_quantity(line) and line.item.kind is ItemKind.STOCKED
    ]
    if not open_lines:
        raise NothingToWriteOff(number=order.number)
    owed = owed_values(session, open_lines)
    value = Money(sum(owed.values()), company(session).currency)
    write_off = next_number(session, "GW")
    goods = tuple(
        f"{plain(rules.billable_quantity(line))} × {line.item.sku}" for line in open_lines
    )
    rows = [(line, rules.billable_quantity(line), owed[line.id]) for line in open_lines]
    _write(session, write_off, rows, because=because)
    for line, quantity, _ in rows:
        line.written_off_quantity += quantity
    fact = ReceiptsWrittenOff(
        number=write_off,
        order=order.number,
        supplier=order.supplier.name,
        goods=goods,
        value=value,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    _book(session, value, origin=write_off, memo=because or f"{order.number} {write_off}")
    return value


def clear_cents(
    session: Session, order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], *, because: str
) -> None:
    """Let nothing stay open of lines whose quantities agree: parts were rounded one by one."""
    even = [
        line
        for line in {line.id: line for line in lines}.values()
        if not rules.billable_quantity(line) and line.item.kind is ItemKind.STOCKED
    ]
    if not even:
        return
    owed = owed_values(session, even)
    rows = [(line, Decimal(0), owed[line.id]) for line in even if owed[line.id]]
    if rows:
        _write(session, because, rows, because=because)
        value = Money(sum(minor for _, _, minor in rows), company(session).currency)
        _book(session, value, origin=because, memo=f"{order.number} {because} ±")


def drop_awaited(
    session: Session, order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], *, because: str
) -> None:
    """Await no credit note for what is billed of lines beyond what came: it was credited before."""
    awaited = [line for line in lines if rules.billable_quantity(line) < 0]
    if not awaited:
        return
    owed = owed_values(session, awaited)
    rows = [(line, rules.billable_quantity(line), owed[line.id]) for line in awaited]
    _write(session, because, rows, because=because)
    for line, quantity, _ in rows:
        line.written_off_quantity += quantity
    value = Money(sum(owed.values()), company(session).currency)
    _book(session, value, origin=because, memo=f"{order.number} {because} ±")


def _write(
    session: Session,
    number: str,
    rows: Sequence[tuple[PurchaseOrderLine, Decimal, int]],
    *,
    because: str,
) -> None:
    today = company(session).today
    session.add_all(
        ReceiptWriteOff(
            number=number,
            order_line_id=line.id,
            quantity=quantity,
            value_minor=minor,
            written_off_on=today,
            because=because,
        )
        for line, quantity, minor in rows
    )


def _book(session: Session, value: Money, *, origin: str, memo: str) -> None:
    if not value.minor:
        session.flush()
        return
    amount = Money(abs(value.minor), value.currency)
    lines = [debit(GOODS_RECEIVED_NOT_BILLED, amount), credit(PRICE_VARIANCE, amount)]
    if value.minor < 0:
        lines = [line.reversed() for line in reversed(lines)]
    post_entry(session, lines, memo=memo, origin=origin, journal=Journal.PURCHASES)
