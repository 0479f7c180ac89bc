"""Reports of a company with invoices tie to its ledger, on any day, after months of trade."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core import invoicing, ledger
from core.invoicing import Direction
from core.invoicing.tables import InvoiceKind
from core.kernel import clock
from core.kernel.database import reading, unit_of_work
from core.ledger.chart import BANK, CASH, COST_OF_GOODS_SOLD, INVENTORY, PAYABLE, RECEIVABLE
from core.reporting import CATALOGUE, Cell, ReportQuery, answer, rows_behind, trace
from core.reporting.provenance import UnknownDocument
from core.reporting.report import Report
from tests.conftest import TODAY, Databases
from tests.core.test_random_histories import Player

DAYS = [TODAY + timedelta(days=ahead) for ahead in range(0, 145, 6)]
LAST = DAYS[-1]
MONTH_ENDS = [date(2026, 6, 30), date(2026, 8, 31), date(2026, 10, 31), LAST]


@pytest.fixture(scope="module")
def books(databases: Databases) -> Iterator[Engine]:
    """Five months of random trade: orders, receipts, bills, deliveries, credits, payments."""
    engine = databases("shop")
    for place, day in enumerate(DAYS):
        with clock.on_business_date(day), unit_of_work(engine) as session:
            player = Player(session, place)
            for _ in range(18):
                player.step()
    yield engine
    engine.dispose()


@contextmanager
def looking(books: Engine) -> Iterator[Session]:
    """Look at the books on the evening of the last day."""
    with clock.on_business_date(LAST), reading(books) as session:
        yield session


def ask(books: Engine, **parts: Any) -> Report:
    with looking(books) as session:
        return answer(session, ReportQuery.model_validate(parts))


def balance(books: Engine, role: str, day: date) -> Decimal:
    with looking(books) as session:
        return ledger.balance(session, role, as_of=day).amount


def by_hand(books: Engine, sql: str) -> list[Any]:
    with books.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_something_of_everything_happened(books: Engine) -> None:
    report = ask(
        books,
        metrics=["revenue", "cogs", "purchase_spend", "payments_received", "payments_made"],
    )

    assert all(figure for figure in report.totals)


# What has to be what is in the books, whatever it is told by: a metric, and the account's balance.
TIED = {
    "revenue": "SELECT sum(CASE side WHEN 'credit' THEN base_minor ELSE -base_minor END)"
    " FROM posting p JOIN account a ON a.id = p.account_id WHERE a.kind = 'income'",
    **{
        metric: f"SELECT {sign}sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END)"
        f" FROM posting p JOIN account a ON a.id = p.account_id WHERE {accounts}"
        for metric, sign, accounts in (
            ("cogs", "", "a.role = 'cost_of_goods_sold'"),
            ("ar_balance", "", "a.role = 'receivable'"),
            ("ap_balance", "-", "a.role = 'payable'"),
            ("stock_value", "", "a.role = 'inventory'"),
            ("cash_balance", "", "a.role IN ('cash', 'bank')"),
            ("net_cash_flow", "", "a.role IN ('cash', 'bank')"),
            ("not_billed_balance", "-", "a.role = 'goods_received_not_billed'"),
        )
    },
}


@pytest.mark.parametrize("metric", TIED)
def test_by_every_dimension_a_figure_is_that_of_the_books(books: Engine, metric: str) -> None:
    [(booked,)] = by_hand(books, TIED[metric])

    with looking(books) as session:
        for dimension in (None, *CATALOGUE.dimensions_of(metric)):
            by = () if dimension is None else (dimension,)
            report = answer(session, ReportQuery(metrics=(metric,), dimensions=by))
            assert report.totals[0] == booked / Decimal(100), dimension
            assert sum(row.figures[0] or 0 for row in report.rows) == report.totals[0], dimension


@pytest.mark.parametrize("day", MONTH_ENDS)
def test_levels_are_the_balances_of_their_accounts_on_any_day(books: Engine, day: date) -> None:
    report = ask(
        books,
        metrics=["ar_balance", "ap_balance", "stock_value", "cash_balance"],
        period={"kind": "as_of", "day": day.isoformat()},
    )

    assert report.totals == (
        balance(books, RECEIVABLE, day),
        -balance(books, PAYABLE, day),
        balance(books, INVENTORY, day),
        balance(books, BANK, day) + balance(books, CASH, day),
    )


def test_levels_by_month_are_those_at_the_ends_of_the_months(books: Engine) -> None:
    report = ask(
        books,
        metrics=["ar_balance", "stock_value"],
        dimensions=[],
        grain="month",
        period={"start": "2026-06-01", "end": "2026-11-30"},
    )

    assert len(report.rows) == 6
    ends = [date(2026, month + 1, 1) - timedelta(days=1) for month in range(6, 11)] + [LAST]
    for row, day in zip(report.rows, ends, strict=True):
        assert row.figures == (balance(books, RECEIVABLE, day), balance(books, INVENTORY, day))
    assert report.totals == report.rows[-1].figures


def test_cost_of_sales_is_that_of_the_ledger(books: Engine) -> None:
    report = ask(books, metrics=["cogs", "gross_profit", "revenue"], dimensions=["item"])

    assert report.totals[0] == balance(books, COST_OF_GOODS_SOLD, LAST)
    cogs, profit, revenue = report.totals
    assert profit == (revenue or 0) - (cogs or 0)


def test_profit_is_income_less_expense(books: Engine) -> None:
    report = ask(books, metrics=["net_profit", "opex"], grain="month")

    [(profit,)] = by_hand(
        books,
        "SELECT sum(CASE side WHEN 'credit' THEN base_minor ELSE -base_minor END)"
        " FROM posting p JOIN account a ON a.id = p.account_id"
        " WHERE a.kind IN ('income', 'expense')",
    )
    assert report.totals[0] == profit / Decimal(100)
    assert sum(row.figures[0] or 0 for row in report.rows) == report.totals[0]


@pytest.mark.parametrize("day", MONTH_ENDS)
def test_overdue_and_ageing_are_those_of_the_open_items(books: Engine, day: date) -> None:
    as_of = {"kind": "as_of", "day": day.isoformat()}

    for metric, overdue, direction, kind in (
        ("ar_balance", "ar_overdue", Direction.RECEIVABLE, InvoiceKind.CUSTOMER_INVOICE),
        ("ap_balance", "ap_overdue", Direction.PAYABLE, InvoiceKind.SUPPLIER_BILL),
    ):
        report = ask(books, metrics=[metric], dimensions=["ageing_bucket"], period=as_of)
        late = ask(books, metrics=[overdue], period=as_of)
        with looking(books) as session:
            items = invoicing.list_open_items(session, direction=direction, as_of=day)
        wanted: dict[str, Decimal] = {}
        for item in items:
            days = (day - item.due_on).days
            bucket = "unapplied" if item.kind is not kind else (
                "not_due" if days <= 0 else "1_30" if days <= 30 else
                "31_60" if days <= 60 else "61_90" if days <= 90 else "over_90"
            )  # fmt: skip
            wanted[bucket] = wanted.get(bucket, Decimal(0)) + item.open.amount
        found = {row.members[0].key: row.figures[0] for row in report.rows if row.figures[0]}
        assert found == wanted
        past = sum(v for k, v in wanted.items() if k not in {"not_due", "unapplied"})
        assert late.totals[0] == past


def test_stock_is_what_the_moves_left_and_available_is_what_nobody_reserved(books: Engine) -> None:
    report = ask(
        books, metrics=["stock_on_hand", "stock_reserved", "stock_available"], dimensions=["item"]
    )

    wanted = by_hand(
        books,
        "SELECT i.sku, sum(s.on_hand), sum(s.reserved), sum(s.on_hand - s.reserved)"
        " FROM stock_level s JOIN item i ON i.id = s.item_id GROUP BY 1",
    )
    assert {(row.members[0].key, *row.figures) for row in report.rows} == set(wanted)


def test_promises_kept_are_counted_by_line(books: Engine) -> None:
    report = ask(books, metrics=["on_time_delivery", "supplier_otd", "supplier_lead_time"])

    wanted = by_hand(
        books,
        """
        SELECT round(100.0 * count(*) FILTER (WHERE coalesce(in_time, 0) >= l.quantity)
                     / count(*), 6)
        FROM sales_order_line l JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN LATERAL (
            SELECT sum(CASE WHEN d.returns_id IS NULL THEN x.quantity ELSE -x.quantity END)
                AS in_time
            FROM delivery_line x JOIN delivery d ON d.id = x.delivery_id
            WHERE x.order_line_id = l.id AND d.delivered_on <= o.promised_on) t ON true
        WHERE o.state NOT IN ('draft', 'cancelled') AND o.promised_on <= '2026-11-06'
        """,
    )
    assert report.totals[0] == wanted[0][0]
    assert report.totals[1] is not None
    assert report.totals[2] is not None


def test_the_documents_behind_a_figure_add_up_to_it(books: Engine) -> None:
    query = ReportQuery.model_validate(
        {"metrics": ["revenue", "gross_profit", "ar_balance"], "dimensions": ["customer"],
         "grain": "month", "period": {"start": "2026-07-01", "end": "2026-09-30"}}
    )  # fmt: skip
    with looking(books) as session:
        report = answer(session, query)
        for row in report.rows:
            members = {"customer": row.members[0].key}
            [sold] = rows_behind(session, query, Cell("revenue", members, row.bucket), limit=999)
            assert sold.amount == row.figures[0]
            assert sum(document.amount for document in sold.documents) == row.figures[0]
            revenue, cost = rows_behind(session, query, Cell("gross_profit", members, row.bucket))
            assert revenue.amount - cost.amount == row.figures[1]
            [owed] = rows_behind(session, query, Cell("ar_balance", members, row.bucket))
            assert owed.amount == row.figures[2]


def test_a_figure_leads_to_documents_and_these_to_their_entries(books: Engine) -> None:
    query = ReportQuery(metrics=("revenue",))

    with looking(books) as session:
        [behind] = rows_behind(session, query, Cell("revenue"), limit=5)
        traced = [trace(session, document.number) for document in behind.documents]

    for found, document in zip(traced, behind.documents, strict=True):
        income = sum(
            (line.credit.amount if line.credit else Decimal(0))
            - (line.debit.amount if line.debit else Decimal(0))
            for entry in found.entries
            for line in entry.lines
            if line.account.startswith("4") and entry.origin in {document.number, found.number}
        )
        assert found.entries
        assert income == document.amount
        assert found.done_by


@pytest.mark.parametrize("table", ["sales_order", "delivery", "purchase_order", "goods_receipt",
                                   "invoice", "payment", "journal_entry"])  # fmt: skip
def test_every_kind_of_document_can_be_traced(books: Engine, table: str) -> None:
    numbers = by_hand(books, f"SELECT number FROM {table} ORDER BY number LIMIT 5")

    with looking(books) as session:
        traced = [trace(session, number) for (number,) in numbers]
        with pytest.raises(UnknownDocument):
            trace(session, "SO-99999")

    assert [found.number for found in traced] == [number for (number,) in numbers]
