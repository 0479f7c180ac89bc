"""From every figure to its documents and their entries, in at most four steps."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.kernel.database import reading
from core.reporting import CATALOGUE, CannotAnswer, Cell, ReportQuery, answer, rows_behind, trace
from core.reporting.provenance import PrivateFigure, Trace

STEPS_MAX, DOCUMENTS, SEEN_MAX = 4, 3, 40
# What comes from no entry: promises, plans, master records, levels of what was moved.
UNPOSTED = {
    "sales_orders", "sales_order_lines", "sales_lines_due", "purchase_order_lines",
    "purchase_lines_due", "customers", "suppliers", "items", "activities", "staff_changes",
    "first_orders", "budgeted", "stock_levels", "cancelled_orders", "held_orders", "reservations",
    "sales_orders_due", "delivered_orders",
}  # fmt: skip


def entries_of(session: Session, number: str) -> int:
    """Walk from a document to what belongs to it until entries are found; return the steps."""
    seen, nearest = {number}, [number]
    # The figure led to its rows, and they to the document: two steps are gone.
    for step in range(3, STEPS_MAX + 1):
        further: list[str] = []
        for one in nearest:
            traced: Trace = trace(session, one)
            if traced.entries:
                return step
            further += [r.number for r in traced.related if r.number not in seen]
        nearest = further[:SEEN_MAX]
        seen.update(nearest)
    return 0


def walked(session: Session, metric: str) -> dict[str, int]:
    """Walk from a metric's whole figure to its largest documents; return the steps of each."""
    query = ReportQuery(metrics=(metric,))
    try:
        parts = rows_behind(session, query, Cell(metric), limit=DOCUMENTS)
    except CannotAnswer:
        return {}
    return {
        document.number: entries_of(session, document.number)
        for part in parts
        for document in part.documents
    }


def unposted(metric: str) -> bool:
    measures = CATALOGUE.measures_of(metric, orders=False)
    return bool({measure.source.id for measure in measures} & UNPOSTED)


PRIVATE = [
    metric.id
    for metric in CATALOGUE.asked()
    if any(CATALOGUE.metrics[part].private for part in metric.parts)
]
OPEN = [metric.id for metric in CATALOGUE.asked() if metric.id not in PRIVATE]


@pytest.mark.parametrize("metric", PRIVATE)
def test_what_is_behind_a_private_figure_is_not_shown(traded_today: Engine, metric: str) -> None:
    with reading(traded_today) as session, pytest.raises(PrivateFigure):
        rows_behind(session, ReportQuery(metrics=(metric,)), Cell(metric), limit=DOCUMENTS)


@pytest.mark.parametrize("metric", OPEN)
def test_every_figure_leads_to_its_documents_and_entries(traded_today: Engine, metric: str) -> None:
    with reading(traded_today) as session:
        steps = walked(session, metric)
        figure = answer(session, ReportQuery(metrics=(metric,)))

    assert bool(steps) == bool(figure.source_rows) or not figure.source_rows
    if not unposted(metric):
        assert all(steps.values()), steps


@pytest.mark.long
def test_every_figure_of_the_demo_company_does_too(databases: Callable[[str], Engine]) -> None:
    engine = databases("demo")
    led: dict[str, Any] = {}
    with reading(engine) as session:
        for metric in CATALOGUE.asked():
            steps = walked(session, metric.id)
            led[metric.id] = steps
            if not unposted(metric.id):
                assert all(steps.values()), (metric.id, steps)
    assert sum(map(len, led.values())) > 50
    engine.dispose()
