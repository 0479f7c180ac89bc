"""Orders of another system, written as orders of our own, in bulk.

What is brought twice is written once: every order is known by what it is called there. One that was
carried out there is marked as history (`imported`), and nobody goes on with it here; one that is
still to be carried out comes in as `live`: from then on it is an order like our own.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.effects import Change, Kind
from core.kernel.errors import DomainError
from core.kernel.events import Fact
from core.kernel.identifiers import new_ids
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.numbering import next_numbers
from core.kernel.references import ExternalReference
from core.purchasing.tables import OrderState as PurchaseState
from core.purchasing.tables import (
    PurchaseOrder,
    PurchaseOrderLine,
)
from core.sales.tables import OrderState as SalesState
from core.sales.tables import SalesOrder, SalesOrderLine

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
    # What was rejected went away again when the rest came; systems seldom keep why.
    rejected_because: str = "Rejected in the former system"
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


Order = TypeVar("Order", HistoricSalesOrder, HistoricPurchaseOrder)


@dataclass(frozen=True, slots=True)
class Written(Generic[Order]):
    """An order that was brought: what it is here, and its lines."""

    id: uuid.UUID
    number: str
    order: Order
    line_ids: Sequence[uuid.UUID]


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
class Recorded(Generic[Order]):
    """What became of the orders that were brought, and those that are new."""

    orders: int
    lines: int
    known_before: int
    total: Money
    written: Sequence[Written[Order]]


class NotLive(DomainError):
    """The order {external_id} of {source} was begun elsewhere: it comes as history, not as live."""

    zh = "{source} 的订单 {external_id} 已在原系统中开始执行：只能作为历史导入。"


def record_sales_history(
    session: Session, source: str, orders: Iterable[HistoricSalesOrder]
) -> Recorded[HistoricSalesOrder]:
    """Write the sales orders that `source` did not bring before, with what left of them."""
    tally = _Tally[HistoricSalesOrder](session, source, SALES_ORDER)
    for batch in tally.new_ones(orders):
        numbered = _numbered(session, "SO", batch)
        lines = [
            (line_id, written.id, place, line, *sold(written.order, line))
            for written in numbered
            for place, (line_id, line) in enumerate(
                zip(written.line_ids, written.order.lines, strict=True), start=1
            )
        ]
        copy_rows(
            session,
            SalesOrder,
            (
                *("id", "number", "customer_id", "state", "ordered_on"),
                *("promised_on", "currency", "net_minor", "tax_minor", "freight_minor"),
                *("total_minor", "territory_id", "salesperson_id", "channel", "reference"),
                "imported",
            ),
            (
                (
                    *(new.id, new.number, order.customer_id, order.state.value),
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
                *("id", "order_id", "position", "item_id", "quantity"),
                *("list_price", "unit_price", "discount_percent", "net_amount", "tax_code"),
                *("unit_cost", "delivered_quantity", "invoiced_quantity"),
            ),
            (
                (
                    *(line_id, order_id, place, line.item_id, line.quantity),
                    line.unit_price if line.list_price is None else line.list_price,
                    *(line.unit_price, line.discount_percent, line.net_amount, line.tax_code),
                    *(line.unit_cost, delivered, invoiced),
                )
                for line_id, order_id, place, line, delivered, invoiced in lines
            ),
        )
        tally.add(numbered, lines=len(lines))
    return tally.closed()


def record_purchase_history(
    session: Session, source: str, orders: Iterable[HistoricPurchaseOrder]
) -> Recorded[HistoricPurchaseOrder]:
    """Write the purchase orders that `source` did not bring before, with what came of them."""
    tally = _Tally[HistoricPurchaseOrder](session, source, PURCHASE_ORDER)
    for batch in tally.new_ones(orders):
        numbered = _numbered(session, "PO", batch)
        lines = [
            (line_id, written.id, place, line)
            for written in numbered
            for place, (line_id, line) in enumerate(
                zip(written.line_ids, written.order.lines, strict=True), start=1
            )
        ]
        copy_rows(
            session,
            PurchaseOrder,
            (
                *("id", "number", "supplier_id", "state", "ordered_on"),
                *("expected_on", "currency", "net_minor", "tax_minor", "freight_minor"),
                *("total_minor", "imported"),
            ),
            (
                (
                    *(new.id, new.number, order.supplier_id, order.state.value),
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
                *("id", "order_id", "position", "item_id", "quantity"),
                *("unit_price", "discount_percent", "net_amount", "due_on"),
                *("received_quantity", "rejected_quantity", "billed_quantity"),
            ),
            (
                (
                    *(line_id, order_id, place, line.item_id, line.quantity),
                    *(line.unit_price, line.discount_percent, line.net_amount, line.due_on),
                    *(line.received_quantity, line.rejected_quantity, line.billed_quantity),
                )
                for line_id, order_id, place, line in lines
            ),
        )
        tally.add(numbered, lines=len(lines))
    return tally.closed()


class _Tally(Generic[Order]):
    """What one call brought, and what was known before it."""

    def __init__(self, session: Session, source: str, kind: str) -> None:
        self.session, self.source, self.kind = session, source, kind
        self.currency = company(session).currency
        self.written: list[Written[Order]] = []
        self.lines = self.known_before = 0
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

    def add(self, numbered: Sequence[Written[Order]], *, lines: int) -> None:
        """Note what was written, and what it is called at its source."""
        copy_rows(
            self.session,
            ExternalReference,
            ("source", "kind", "external_id", "record_id"),
            ((self.source, self.kind, new.order.external_id, new.id) for new in numbered),
        )
        self.written += numbered
        self.lines += lines
        self.total = Money(
            self.total.minor + sum(sum(_amounts(new.order)[:3]) for new in numbered),
            self.currency,
        )

    def closed(self) -> Recorded[Order]:
        """Record one fact for all of it, if there is anything to record."""
        if self.written:
            fact = HistoryRecorded(
                kind=self.kind,
                source=self.source,
                count=len(self.written),
                first_number=self.written[0].number,
                last_number=self.written[-1].number,
                total=self.total,
            )
            events.record(self.session, fact)
            self.session.flush()
        return Recorded(len(self.written), self.lines, self.known_before, self.total, self.written)

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


def _numbered(session: Session, series: str, orders: Sequence[Order]) -> list[Written[Order]]:
    unnamed = sum(order.number is None for order in orders)
    given = iter(next_numbers(session, series, unnamed) if unnamed else ())
    line_ids = iter(new_ids(sum(len(order.lines) for order in orders)))
    return [
        Written(id_, order.number or next(given), order, list(islice(line_ids, len(order.lines))))
        for id_, order in zip(new_ids(len(orders)), orders, strict=True)
    ]


def sold(order: HistoricSalesOrder, line: HistoricSalesLine) -> tuple[Decimal, Decimal]:
    """Return how much of a line was delivered, and how much of that invoiced."""
    usual = line.quantity if order.delivered_on else Decimal(0)
    delivered = usual if line.delivered_quantity is None else line.delivered_quantity
    invoiced = delivered if line.invoiced_quantity is None else line.invoiced_quantity
    return delivered, invoiced


def _amounts(order: HistoricSalesOrder | HistoricPurchaseOrder) -> tuple[int, int, int, int]:
    parts = (order.net.minor, order.tax.minor, order.freight.minor)
    return (*parts, sum(parts))
