"""History: another system's orders become documents of our own, each of them once, and fast."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core import catalog, parties
from core.kernel import events, references
from core.kernel.database import reading, unit_of_work
from core.kernel.money import CurrencyMismatch, Money
from core.processes.history import (
    SALES_ORDER,
    HistoricPurchaseLine,
    HistoricPurchaseOrder,
    HistoricSalesLine,
    HistoricSalesOrder,
    HistoryRecorded,
    NotLive,
    record_purchase_history,
    record_sales_history,
)
from core.purchasing import PurchaseOrder, PurchaseOrderLine
from core.sales import OrderState, SalesOrder, SalesOrderLine

DAY = date(2013, 5, 31)


@pytest.fixture
def ids(session: Session) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A customer, a supplier and an item."""
    catalog.open_standard_catalog(session)
    customer = parties.add_customer(session, name="Rad Haus")
    supplier = parties.add_supplier(session, name="Lumen Works")
    item = catalog.add_item(session, sku="LAMP-01", name="Desk lamp")
    return customer.party_id, supplier.party_id, item.id


def sold(
    external_id: str, customer: uuid.UUID, item: uuid.UUID, *, lines: int = 1
) -> HistoricSalesOrder:
    line = HistoricSalesLine(
        item_id=item,
        quantity=Decimal(3),
        unit_price=Decimal("2024.994"),
        net_amount=Decimal("6074.982"),
        unit_cost=Decimal("1000.005"),
    )
    return HistoricSalesOrder(
        external_id=external_id,
        customer_id=customer,
        ordered_on=DAY,
        promised_on=DAY + timedelta(days=12),
        delivered_on=DAY + timedelta(days=7),
        net=Money.of("6074.98", "EUR"),
        tax=Money.of("400", "EUR"),
        freight=Money.of("5.5", "EUR"),
        lines=[line] * lines,
    )


def test_an_order_is_written_with_its_lines_and_its_old_name(
    session: Session, ids: tuple[uuid.UUID, ...]
) -> None:
    customer, _, item = ids

    done = record_sales_history(session, "elsewhere", [sold("43659", customer, item, lines=2)])

    order = session.scalars(select(SalesOrder)).one()
    assert (done.orders, done.lines, done.known_before) == (1, 2, 0)
    assert (order.number, order.state, order.imported) == (
        "SO-00001",
        OrderState.DELIVERED,
        True,
    )
    assert order.total_minor == 648_048
    lines = session.scalars(select(SalesOrderLine).order_by(SalesOrderLine.position)).all()
    assert [
        (line.position, line.list_price, line.net_amount, line.invoiced_quantity) for line in lines
    ] == [(place, Decimal("2024.994"), Decimal("6074.982"), 3) for place in (1, 2)]
    assert [each.number for each in done.written] == ["SO-00001"]
    assert references.known(session, "elsewhere", SALES_ORDER) == {"43659": order.id}


def test_what_comes_twice_is_written_once(session: Session, ids: tuple[uuid.UUID, ...]) -> None:
    customer, _, item = ids
    first, second = (sold(name, customer, item) for name in ("1", "2"))
    record_sales_history(session, "elsewhere", [first])
    facts = len(events.recorded(session))

    again = record_sales_history(session, "elsewhere", [first])
    both = record_sales_history(session, "elsewhere", [first, second, second])

    assert (again.orders, again.known_before) == (0, 1)
    assert (both.orders, both.known_before) == (1, 2)
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 2
    new = events.recorded(session)[facts:]
    assert new == [
        HistoryRecorded(
            kind="sales_order",
            source="elsewhere",
            count=1,
            first_number="SO-00002",
            last_number="SO-00002",
            total=Money.of("6480.48", "EUR"),
        )
    ]


def test_a_purchase_order_comes_with_what_was_received_and_billed(
    session: Session, ids: tuple[uuid.UUID, ...]
) -> None:
    _, supplier, item = ids
    line = HistoricPurchaseLine(
        item_id=item,
        quantity=Decimal(4),
        unit_price=Decimal("50.26"),
        net_amount=Decimal("201.04"),
        due_on=DAY,
        received_quantity=Decimal(3),
        rejected_quantity=Decimal(1),
        billed_quantity=Decimal(3),
    )
    order = HistoricPurchaseOrder(
        external_id="1",
        supplier_id=supplier,
        ordered_on=DAY,
        expected_on=DAY,
        received_on=DAY,
        net=Money.of("201.04", "EUR"),
        tax=Money.of("16.08", "EUR"),
        freight=Money.of("5.03", "EUR"),
        lines=[line],
        number="4711",
    )

    record_purchase_history(session, "elsewhere", [order])
    again = record_purchase_history(session, "elsewhere", [order])

    assert again.known_before == 1
    assert session.scalars(select(PurchaseOrder.number)).all() == ["4711"]
    line = session.scalars(select(PurchaseOrderLine)).one()
    assert (line.received_quantity, line.rejected_quantity, line.billed_quantity) == (3, 1, 3)


def test_what_was_begun_elsewhere_is_not_live_here(
    session: Session, ids: tuple[uuid.UUID, ...]
) -> None:
    customer, _, item = ids
    begun = replace(sold("1", customer, item), live=True)

    with pytest.raises(NotLive):
        record_sales_history(session, "elsewhere", [begun])
    fresh = replace(begun, delivered_on=None, state=OrderState.CONFIRMED)
    record_sales_history(session, "elsewhere", [fresh])

    assert session.scalars(select(SalesOrder.imported)).all() == [False]
    assert session.scalars(select(SalesOrderLine.delivered_quantity)).all() == [0]


def test_amounts_in_a_foreign_currency_are_refused(
    session: Session, ids: tuple[uuid.UUID, ...]
) -> None:
    order = replace(sold("1", ids[0], ids[2]), tax=Money.of("1", "USD"))

    with pytest.raises(CurrencyMismatch):
        record_sales_history(session, "elsewhere", [order])


def test_thousands_of_orders_come_in_at_once(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        catalog.open_standard_catalog(session)
        customer = parties.add_customer(session, name="Rad Haus").party_id
        item = catalog.add_item(session, sku="LAMP-01", name="Desk lamp").id

    def orders() -> Iterator[HistoricSalesOrder]:
        for place in range(2_000):
            yield sold(str(place), customer, item, lines=4)

    with unit_of_work(founded) as session:
        done = record_sales_history(session, "elsewhere", orders())

    assert (done.orders, done.lines) == (2_000, 8_000)
    with reading(founded) as session:
        numbers = session.scalars(select(SalesOrder.number).order_by(SalesOrder.number)).all()
        assert (numbers[0], numbers[-1], len(set(numbers))) == ("SO-00001", "SO-02000", 2_000)
