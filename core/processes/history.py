"""History: orders that another system carried out, written as documents of our own, in bulk.

They never moved our stock or our books, and say so (`imported`). What is brought twice is written
once: every order is known by what it is called there. An order that is still to be carried out here
comes in as `live`: from then on it is an order like our own.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.effects import Change, Kind
from core.kernel.errors import DomainError
from core.kernel.events import Fact
from core.kernel.identifiers import new_id, new_ids
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.numbering import next_numbers
from core.kernel.references import ExternalReference
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
)
from core.purchasing.tables import OrderState as PurchaseState
from core.sales.tables import Delivery, DeliveryLine, SalesOrder, SalesOrderLine
from core.sales.tables import OrderState as SalesState

ORDERS_AT_ONCE = 4_000
# The kinds that the orders are known by among the external references.
SALES_ORDER, PURCHASE_ORDER = "sales_order", "purchase_order"


@dataclass(frozen=True, slots=True)
class HistoricSalesLine:
    """A line of a sales order of another system.

    `net_amount` is exact, before rounding. A quantity that is not said is the whole of an order
    that was delivered, and nothing of one that was not.
    """

    item_id: uuid.UUID
    quantity: Decimal
    unit_price: Decimal
    net_amount: Decimal
    list_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    tax_code: str | None = None
    unit_cost: Decimal | None = None
    delivered_quantity: Decimal | None = None
    invoiced_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HistoricSalesOrder:
    """A sales order of another system; it is delivered in one go on `delivered_on`, or not yet."""

    external_id: str
    customer_id: uuid.UUID
    ordered_on: date
    promised_on: date
    net: Money
    tax: Money
    freight: Money
    lines: Sequence[HistoricSalesLine]
    state: SalesState = SalesState.DELIVERED
    delivered_on: date | None = None
    territory_id: uuid.UUID | None = None
    salesperson_id: uuid.UUID | None = None
    channel: str = "direct"
    reference: str | None = None
    # What people call it; without one it gets the next number of our own.
    number: str | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class HistoricPurchaseLine:
    """A line of a purchase order of another system; `net_amount` is exact, before rounding."""

    item_id: uuid.UUID
    quantity: Decimal
    unit_price: Decimal
    net_amount: Decimal
    due_on: date
    discount_percent: Decimal = Decimal(0)
    received_quantity: Decimal = Decimal(0)
    rejected_quantity: Decimal = Decimal(0)
    billed_quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class HistoricPurchaseOrder:
    """A purchase order of another system; what was received came on `received_on`."""

    external_id: str
    supplier_id: uuid.UUID
    ordered_on: date
    expected_on: date
    net: Money
    tax: Money
    freight: Money
    lines: Sequence[HistoricPurchaseLine]
    state: PurchaseState = PurchaseState.RECEIVED
    received_on: date | None = None
    number: str | None = None
    live: bool = False


@dataclass(frozen=True)
class HistoryRecorded(Fact, name="processes.history_recorded"):
    """Documents of another system were written into ours, in one go."""

    kind: str
    source: str
    count: int
    first_number: str
    last_number: str
    total: Money | None

    def changes(self) -> tuple[Change, ...]:
        """Show how many documents came, and what they are worth."""
        detail = f"{self.count} × {self.source}"
        if self.total is not None:
            detail += f" · {self.total}"
        note = f"{self.first_number} … {self.last_number}"
        return (Change(Kind.DOCUMENT, self.kind, "new", detail=detail, note=note),)


@dataclass(frozen=True)
class Recorded:
    """What became of the documents that were brought."""

    orders: int
    lines: int
    known_before: int
    total: Money


class NotLive(DomainError):
    """The order {external_id} of {source} was begun elsewhere: it comes as history, not as live."""

    zh = "{source} 的订单 {external_id} 已在原系统中开始执行：只能作为历史导入。"


Order = TypeVar("Order", HistoricSalesOrder, HistoricPurchaseOrder)


@dataclass(frozen=True, slots=True)
class _Numbered(Generic[Order]):
    id: uuid.UUID
    number: str
    order: Order


def record_sales_history(
    session: Session, source: str, orders: Iterable[HistoricSalesOrder]
) -> Recorded:
    """Write the sales orders that `source` did not bring before, with their deliveries."""
    at, cost_of = _now(), _costs(session)
    tally = _Tally[HistoricSalesOrder](session, source, SALES_ORDER)
    for batch in tally.new_ones(orders):
        numbered = _numbered(session, "SO", batch)
        ids = iter(new_ids(sum(len(order.lines) for order in batch)))
        lines = [
            (next(ids), written.id, place, line, *_sold(written.order, line))
            for written in numbered
            for place, line in enumerate(written.order.lines, start=1)
        ]
        copy_rows(
            session,
            SalesOrder,
            (
                *("id", "created_at", "number", "customer_id", "state", "ordered_on"),
                *("promised_on", "currency", "net_minor", "tax_minor", "freight_minor"),
                *("total_minor", "territory_id", "salesperson_id", "channel", "reference"),
                "imported",
            ),
            (
                (
                    *(new.id, at, new.number, order.customer_id, order.state.value),
                    *(order.ordered_on, order.promised_on, order.net.currency),
                    *_amounts(order),
                    *(order.territory_id, order.salesperson_id, order.channel),
                    *(order.reference, not order.live),
                )
                for new in numbered
                for order in [new.order]
            ),
        )
        copy_rows(
            session,
            SalesOrderLine,
            (
                *("id", "created_at", "order_id", "position", "item_id", "quantity"),
                *("list_price", "unit_price", "discount_percent", "net_amount", "tax_code"),
                *("unit_cost", "delivered_quantity", "invoiced_quantity"),
            ),
            (
                (
                    *(line_id, at, order_id, place, line.item_id, line.quantity),
                    line.unit_price if line.list_price is None else line.list_price,
                    *(line.unit_price, line.discount_percent, line.net_amount, line.tax_code),
                    *(line.unit_cost, delivered, invoiced),
                )
                for line_id, order_id, place, line, delivered, invoiced in lines
            ),
        )
        left = {new.id: new.order.delivered_on for new in numbered if new.order.delivered_on}
        deliveries = _fulfilled(session, Delivery, "delivered_on", "DN", left)
        ids = iter(new_ids(len(lines)))
        copy_rows(
            session,
            DeliveryLine,
            ("id", "created_at", "delivery_id", "order_line_id", "quantity", "cost_minor"),
            (
                (
                    *(next(ids), at, deliveries[order_id], line_id, delivered),
                    cost_of(line.unit_cost, delivered),
                )
                for line_id, order_id, _, line, delivered, _ in lines
                if delivered and order_id in deliveries
            ),
        )
        tally.add(numbered, lines=len(lines))
    return tally.closed()


def record_purchase_history(
    session: Session, source: str, orders: Iterable[HistoricPurchaseOrder]
) -> Recorded:
    """Write the purchase orders that `source` did not bring before, with their receipts."""
    at, rounding = _now(), company(session).rounding
    tally = _Tally[HistoricPurchaseOrder](session, source, PURCHASE_ORDER)
    for batch in tally.new_ones(orders):
        numbered = _numbered(session, "PO", batch)
        lines = [
            (new_id(), written.id, place, line)
            for written in numbered
            for place, line in enumerate(written.order.lines, start=1)
        ]
        copy_rows(
            session,
            PurchaseOrder,
            (
                *("id", "created_at", "number", "supplier_id", "state", "ordered_on"),
                *("expected_on", "currency", "net_minor", "tax_minor", "freight_minor"),
                *("total_minor", "imported"),
            ),
            (
                (
                    *(new.id, at, new.number, order.supplier_id, order.state.value),
                    *(order.ordered_on, order.expected_on, order.net.currency),
                    *_amounts(order),
                    not order.live,
                )
                for new in numbered
                for order in [new.order]
            ),
        )
        copy_rows(
            session,
            PurchaseOrderLine,
            (
                *("id", "created_at", "order_id", "position", "item_id", "quantity"),
                *("unit_price", "discount_percent", "net_amount", "due_on"),
                *("received_quantity", "rejected_quantity", "billed_quantity"),
            ),
            (
                (
                    *(line_id, at, order_id, place, line.item_id, line.quantity),
                    *(line.unit_price, line.discount_percent, line.net_amount, line.due_on),
                    *(line.received_quantity, line.rejected_quantity, line.billed_quantity),
                )
                for line_id, order_id, place, line in lines
            ),
        )
        came = {new.id: new.order.received_on for new in numbered if new.order.received_on}
        receipts = _fulfilled(session, GoodsReceipt, "received_on", "GR", came)
        copy_rows(
            session,
            GoodsReceiptLine,
            ("id", "created_at", "receipt_id", "order_line_id", "quantity", "value_minor"),
            (
                (
                    *(new_id(), at, receipts[order_id], line_id, line.received_quantity),
                    Money.rounding(
                        line.net_amount * line.received_quantity / line.quantity,
                        tally.currency,
                        rounding,
                    ).minor,
                )
                for line_id, order_id, _, line in lines
                if line.received_quantity and order_id in receipts
            ),
        )
        tally.add(numbered, lines=len(lines))
    return tally.closed()


def _now() -> str:
    # Written once: the same instant in a hundred thousand rows need not be formatted in each.
    return clock.now().isoformat()


def _costs(session: Session) -> Callable[[Decimal | None, Decimal], int]:
    """Return what says the cost of a quantity; the same items are sold over and over again."""
    ours = company(session)

    @lru_cache(maxsize=100_000)
    def cost_of(unit_cost: Decimal | None, quantity: Decimal) -> int:
        return Money.rounding((unit_cost or 0) * quantity, ours.currency, ours.rounding).minor

    return cost_of


class _Tally(Generic[Order]):
    """What one call brought, and what was known before it."""

    def __init__(self, session: Session, source: str, kind: str) -> None:
        self.session, self.source, self.kind = session, source, kind
        self.currency = company(session).currency
        self.orders = self.lines = self.known_before = 0
        self.numbers: list[str] = []
        self.total = Money(0, self.currency)

    def new_ones(self, orders: Iterable[Order]) -> Iterator[list[Order]]:
        """Return the orders that are not known yet, some thousands at a time."""
        coming = iter(orders)
        while chunk := list(islice(coming, ORDERS_AT_ONCE)):
            named = {order.external_id: order for order in chunk}
            known = select(ExternalReference.external_id).where(
                ExternalReference.source == self.source,
                ExternalReference.kind == self.kind,
                ExternalReference.external_id.in_(list(named)),
            )
            for external_id in self.session.scalars(known):
                del named[external_id]
            self.known_before += len(chunk) - len(named)
            for order in named.values():
                self._require_sound(order)
            if named:
                yield list(named.values())

    def add(self, numbered: Sequence[_Numbered[Order]], *, lines: int) -> None:
        """Note what was written, and what it is called at its source."""
        copy_rows(
            self.session,
            ExternalReference,
            ("source", "kind", "external_id", "record_id"),
            ((self.source, self.kind, new.order.external_id, new.id) for new in numbered),
        )
        self.orders += len(numbered)
        self.lines += lines
        self.numbers += [numbered[0].number, numbered[-1].number]
        self.total = Money(
            self.total.minor + sum(sum(_amounts(new.order)[:3]) for new in numbered),
            self.currency,
        )

    def closed(self) -> Recorded:
        """Record one fact for all of it, if there is anything to record."""
        if self.orders:
            fact = HistoryRecorded(
                kind=self.kind,
                source=self.source,
                count=self.orders,
                first_number=self.numbers[0],
                last_number=self.numbers[-1],
                total=self.total,
            )
            events.record(self.session, fact)
            self.session.flush()
        return Recorded(self.orders, self.lines, self.known_before, self.total)

    def _require_sound(self, order: Order) -> None:
        for amount in (order.net, order.tax, order.freight):
            if amount.currency != self.currency:
                raise CurrencyMismatch(left=amount.currency, right=self.currency)
        begun = (
            order.delivered_on
            if isinstance(order, HistoricSalesOrder)
            else order.received_on or any(line.billed_quantity for line in order.lines)
        )
        if order.live and (begun or order.state not in _LIVE_STATES):
            raise NotLive(external_id=order.external_id, source=self.source)


_LIVE_STATES = {SalesState.CONFIRMED, PurchaseState.PLACED}


def _numbered(session: Session, series: str, orders: Sequence[Order]) -> list[_Numbered[Order]]:
    unnamed = sum(order.number is None for order in orders)
    given = iter(next_numbers(session, series, unnamed) if unnamed else ())
    return [
        _Numbered(id_, order.number or next(given), order)
        for id_, order in zip(new_ids(len(orders)), orders, strict=True)
    ]


def _fulfilled(
    session: Session,
    document: type[Delivery | GoodsReceipt],
    day_column: str,
    series: str,
    days: Mapping[uuid.UUID, date],
) -> dict[uuid.UUID, uuid.UUID]:
    """Write one delivery or receipt for every order; return which belongs to which order."""
    if not days:
        return {}
    at, ids = _now(), dict(zip(days, new_ids(len(days)), strict=True))
    numbers = next_numbers(session, series, len(days))
    copy_rows(
        session,
        document,
        ("id", "created_at", "number", "order_id", day_column),
        (
            (ids[order_id], at, number, order_id, day)
            for number, (order_id, day) in zip(numbers, days.items(), strict=True)
        ),
    )
    return ids


def _sold(order: HistoricSalesOrder, line: HistoricSalesLine) -> tuple[Decimal, Decimal]:
    usual = line.quantity if order.delivered_on else Decimal(0)
    delivered = usual if line.delivered_quantity is None else line.delivered_quantity
    invoiced = delivered if line.invoiced_quantity is None else line.invoiced_quantity
    return delivered, invoiced


def _amounts(order: HistoricSalesOrder | HistoricPurchaseOrder) -> tuple[int, int, int, int]:
    parts = (order.net.minor, order.tax.minor, order.freight.minor)
    return (*parts, sum(parts))
