"""Bring the orders: what was bought and sold, as history of documents of our own."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TypeVar

from channels.imports.adventureworks import rows
from channels.imports.adventureworks.run import CURRENCY, SOURCE, Course, Run
from core.kernel.money import Money
from core.processes.history import (
    HistoricPurchaseLine,
    HistoricPurchaseOrder,
    HistoricSalesLine,
    HistoricSalesOrder,
    record_purchase_history,
    record_sales_history,
)
from core.purchasing.tables import OrderState as PurchaseState
from core.sales.tables import OrderState as SalesState

COMPLETE = 4
PURCHASE_STATES = {
    1: PurchaseState.DRAFT,
    2: PurchaseState.PLACED,
    3: PurchaseState.CANCELLED,
    COMPLETE: PurchaseState.RECEIVED,
}
SHIPPED = 5
SALES_STATES = {
    1: SalesState.CONFIRMED,
    2: SalesState.CONFIRMED,
    3: SalesState.CONFIRMED,
    4: SalesState.CANCELLED,
    SHIPPED: SalesState.DELIVERED,
    6: SalesState.CANCELLED,
}

K = TypeVar("K")
V = TypeVar("V")


def bring_purchases(run: Run) -> None:
    """Bring purchase orders, with what was received of them."""
    lines = _grouped(run.source.purchase_lines, lambda row: row.purchase_order_id)
    before = {int(key) for key in run.known("purchase_order")}
    new_lines = sum(len(lines[key]) for key in lines if key not in before)

    def orders() -> Iterator[HistoricPurchaseOrder]:
        for row in run.source.purchase_orders:
            of_order = lines[row.purchase_order_id]
            yield _purchase(run, row, of_order)
            run.tick("PurchaseOrderHeader", 1 + len(of_order))

    recorded = record_purchase_history(run.session, SOURCE, orders())
    run.bought = recorded.written
    run.account_for_orders("PurchaseOrder", recorded.orders, new_lines)


def _purchase(
    run: Run, row: rows.PurchaseOrderRow, lines: list[rows.PurchaseLineRow]
) -> HistoricPurchaseOrder:
    received = any(line.received_qty for line in lines)
    billed = row.status == COMPLETE
    return HistoricPurchaseOrder(
        external_id=str(row.purchase_order_id),
        supplier_id=run.vendors[row.vendor_id],
        ordered_on=row.order_date,
        expected_on=max(line.due_date for line in lines),
        net=Money.rounding(row.sub_total, CURRENCY),
        tax=Money.rounding(row.tax_amt, CURRENCY),
        freight=Money.rounding(row.freight, CURRENCY),
        state=PURCHASE_STATES[row.status],
        received_on=row.ship_date if received else None,
        lines=[
            HistoricPurchaseLine(
                item_id=run.items[line.product_id].id,
                quantity=line.order_qty,
                unit_price=line.unit_price,
                net_amount=line.line_total,
                due_on=line.due_date,
                received_quantity=line.received_qty - line.rejected_qty,
                rejected_quantity=line.rejected_qty,
                billed_quantity=line.received_qty - line.rejected_qty if billed else Decimal(0),
            )
            for line in lines
        ],
    )


def bring_sales(run: Run) -> None:
    """Bring sales orders, with what left when, and what it cost on the day of the order."""
    lines = _grouped(run.source.sales_lines, lambda row: row.sales_order_id)
    before = {int(key) for key in run.known("sales_order")}
    new_lines = sum(len(lines[key]) for key in lines if key not in before)
    prices = Course(
        (row.product_id, row.start_date, row.end_date, row.list_price)
        for row in run.source.list_prices
    )
    run.tick("ProductCostHistory", len(run.source.costs))
    course = run.files["ProductCostHistory"]
    if before:
        course.known_before = len(run.source.costs)
    else:
        course.written = len(run.source.costs)

    def orders() -> Iterator[HistoricSalesOrder]:
        for row in run.source.sales_orders:
            of_order = lines[row.sales_order_id]
            yield _sale(run, row, of_order, prices)
            run.tick("SalesOrderHeader", 1 + len(of_order))

    recorded = record_sales_history(run.session, SOURCE, orders())
    run.sold = recorded.written
    run.account_for_orders("SalesOrder", recorded.orders, new_lines)


def _sale(
    run: Run,
    row: rows.SalesOrderRow,
    lines: list[rows.SalesLineRow],
    prices: Course,
) -> HistoricSalesOrder:
    seller = row.sales_person_id
    products = [run.items[line.product_id] for line in lines]
    return HistoricSalesOrder(
        external_id=str(row.sales_order_id),
        number=row.sales_order_number,
        customer_id=run.customers[row.customer_id],
        ordered_on=row.order_date,
        promised_on=row.due_date,
        net=Money.rounding(row.sub_total, CURRENCY),
        tax=Money.rounding(row.tax_amt, CURRENCY),
        freight=Money.rounding(row.freight, CURRENCY),
        state=SALES_STATES[row.status],
        delivered_on=row.ship_date if row.status == SHIPPED else None,
        territory_id=run.territories[row.territory_id],
        salesperson_id=None if seller is None else run.employees[seller],
        channel="online" if row.online_order_flag else "reseller",
        reference=row.purchase_order_number,
        lines=[
            HistoricSalesLine(
                item_id=item.id,
                quantity=line.order_qty,
                unit_price=line.unit_price,
                net_amount=line.line_total,
                discount_percent=line.unit_price_discount * 100,
                list_price=prices.on(line.product_id, row.order_date, line.unit_price),
                unit_cost=run.cost_on(line.product_id, row.order_date),
            )
            for item, line in zip(products, lines, strict=True)
        ],
    )


def _grouped(sheet: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for row in sheet:
        groups[key(row)].append(row)
    return groups
