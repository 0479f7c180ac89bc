"""Any question that has no issues gets an answer, whose parts add up; in both kinds of company."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.company import RevenueBasis, found_company
from core.kernel.database import reading, unit_of_work
from core.reporting import CATALOGUE, CannotAnswer, Cell, Report, ReportQuery, answer, rows_behind
from core.reporting.provenance import PrivateFigure
from tests.conftest import TODAY
from tests.core.test_random_histories import Player
from tests.core.test_reporting_orders import TODAY as LONG_AGO
from tests.core.test_reporting_orders import fill


@pytest.fixture(scope="module")
def companies(databases: Callable[[str], Engine]) -> Iterator[dict[str, tuple[Engine, date]]]:
    """One that counts on orders, one that has invoices."""
    history, shop = databases("schema"), databases("shop")
    with unit_of_work(history) as session:
        found_company(
            session,
            name="Old Books",
            name_zh="旧账公司",
            country="US",
            currency="USD",
            business_date=LONG_AGO,
            revenue_basis=RevenueBasis.ORDERS,
        )
        fill(session)
    with clock.on_business_date(TODAY), unit_of_work(shop) as session:
        player = Player(session, 4)
        for _ in range(60):
            player.step()
    yield {"orders": (history, LONG_AGO), "invoices": (shop, TODAY)}
    history.dispose()
    shop.dispose()


metrics = [metric.id for metric in CATALOGUE.asked()]
DIMENSIONS = list(CATALOGUE.dimensions)
GRAINS = ["day", "week", "month", "quarter", "half", "year", "fiscal_year"]


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a question that may well have an answer: its dimensions are known for its metrics."""
    asked = draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=3, unique=True))
    known = [
        name
        for name in DIMENSIONS
        if all(
            CATALOGUE.reaches(metric, name, orders=orders)
            for metric in asked
            for orders in (True, False)
        )
    ]
    by = draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
    grain = draw(st.none() | st.sampled_from(GRAINS))
    question: dict[str, Any] = {"metrics": asked, "dimensions": by, "grain": grain}
    question["period"] = draw(
        st.sampled_from(
            [
                None,
                {"unit": "year"},
                {"unit": "month", "offset": -1},
                {"unit": "quarter", "offset": -3, "count": 3},
                {"unit": "week", "count": 6, "through_today": True},
                {"kind": "as_of"},
                {"start": "2013-02-01", "end": "2014-01-31"},
            ]
        )
    )
    question["compare"] = draw(
        st.sampled_from(
            [
                None,
                {"to": "prior_year"},
                {"to": "prior_period", "align": "full"},
                {"to": "same_period_n_years_ago", "years": 2},
                {"to": "period", "period": {"unit": "month", "offset": -4}},
                {"to": "period", "period": {"kind": "as_of"}},
            ]
        )
    )
    if known and draw(st.booleans()):
        question["filters"] = [
            {
                "dimension": draw(st.sampled_from(known)),
                "op": draw(st.sampled_from(["not_in", "not_null", "contains"])),
                "values": ["a"],
            }
        ]
        if question["filters"][0]["op"] == "not_null":
            question["filters"][0]["values"] = []
    if by or grain:
        question["share_of"] = draw(
            st.sampled_from([None, None, "total", "row", "column", "parent"])
        )
        question["limit"] = draw(st.none() | st.integers(1, 5))
        if question["limit"] and by:
            question["others"] = draw(st.booleans())
            question["limit_per"] = draw(st.none() | st.sampled_from(by))
        whats = ["value"] + (["delta", "growth"] if question["compare"] else [])
        question["order"] = [
            {
                "by": draw(st.sampled_from(asked)),
                "what": draw(st.sampled_from(whats)),
                "dir": draw(st.sampled_from(["asc", "desc"])),
            }
        ]
        if draw(st.booleans()):
            question["having"] = [{"metric": asked[0], "op": "gt", "value": 1}]
    if grain:
        question["cumulative"] = draw(st.sampled_from([None, None, "period", "all"]))
    return question


CENT = Decimal("0.005")
TENTH = Decimal("0.000001")


def check(session: Session, query: ReportQuery, *, orders: bool) -> None:
    """Ask a question; where it has an answer, its figures keep every promise they make."""
    try:
        report = answer(session, query)
    except CannotAnswer:
        return
    changes(report)
    if not report.keys:
        documents_add_up(session, report)
        return
    members = {row.members for row in report.rows}
    if query.limit is not None and query.limit_per is None and query.dimensions:
        assert len(members) <= query.limit + (1 if query.others else 0), query
    passes_thresholds(report)
    whole = query.limit is None or (query.others and query.limit_per is None)
    if query.having or not whole or report.cut_off:
        return
    shares_are_hundred(report)
    if query.cumulative is None:
        rows_add_up(report, orders=orders)
    elif query.cumulative == "period":
        runs_up(session, report)


def changes(report: Report) -> None:
    """What changed is what is less what was, in every row and in the whole."""
    if report.query.compare is None:
        return
    columns = report.figure_columns()
    for figures in (*(row.figures for row in report.rows), report.totals):
        for place, column in enumerate(columns):
            if column.what != "value" or None in figures[place : place + 3]:
                continue
            now, before, delta, growth = figures[place : place + 4]
            assert now is not None
            assert before is not None
            assert delta is not None
            assert abs(now - before - delta) <= 2 * CENT, report.query
            if before and growth is not None:
                assert (growth > 0) == (delta > 0) or abs(growth) < 1, report.query


def documents_add_up(session: Session, report: Report) -> None:
    query = report.query
    for place, metric in enumerate(query.metrics):
        try:
            parts = rows_behind(session, query, Cell(metric), limit=1000)
        except PrivateFigure:
            # It is shown as a sum over enough people, and its rows to nobody.
            continue
        if len(parts) == 1 and CATALOGUE.metrics[metric].additive:
            step = len(report.figure_columns()) // len(query.metrics)
            figure = report.totals[place * step] or Decimal(0)
            assert abs(parts[0].amount - figure) <= CENT


def passes_thresholds(report: Report) -> None:
    for having in report.query.having:
        place = [column.id for column in report.figure_columns()].index(having.metric)
        for row in report.rows:
            figure = row.figures[place]
            if any(member.kind == "others" for member in row.members):
                continue
            assert figure is not None, report.query
            assert figure > having.value, report.query


def shares_are_hundred(report: Report) -> None:
    """The shares of each whole are a hundred percent, or there is no whole to be a part of."""
    query = report.query
    for place, column in enumerate(report.figure_columns()):
        if column.what != "share" or query.share_of is None:
            continue
        wholes: dict[Any, list[Decimal]] = {}
        for row in report.rows:
            keys = [*row.members, row.bucket] if query.grain else [*row.members]
            part = {
                "total": (),
                "row": tuple(keys[:-1]),
                "column": (keys[-1],),
                "parent": (*row.members[:-1], *([row.bucket] if query.grain else [])),
            }[query.share_of]
            if row.figures[place] is not None:
                wholes.setdefault(part, []).append(row.figures[place] or Decimal(0))
        if any(m.kind == "others" for row in report.rows for m in row.members):
            # Others lie in no one whole but the total.
            wholes = {key: value for key, value in wholes.items() if query.share_of == "total"}
        for shares in wholes.values():
            assert abs(sum(shares) - 100) < len(shares) * TENTH, query


def rows_add_up(report: Report, *, orders: bool) -> None:
    query = report.query
    snapshot = {m for m in query.metrics if CATALOGUE.is_snapshot(m, orders=orders)}
    for place, column in enumerate(report.figure_columns()):
        across_time = query.grain is not None and column.id in snapshot
        distinct = column.id in {"orders", "purchase_orders"} and any(
            name in {"item", "item_kind", "category", "subcategory"} for name in query.dimensions
        )
        if column.what != "value" or not column.additive or across_time or distinct:
            continue
        parts_of_it = sum(row.figures[place] or 0 for row in report.rows)
        assert abs(parts_of_it - (report.totals[place] or 0)) <= CENT, query


def runs_up(session: Session, report: Report) -> None:
    """A running sum is that of the same question without running."""
    query = report.query
    plain = answer(session, query.model_copy(update={"cumulative": None, "share_of": None}))
    step = 4 if query.compare is not None else 1
    shown = step + (query.share_of is not None)
    if query.limit is not None:
        # Those who are first in the end need not be those who have the largest sums of sums.
        return
    for place, metric in enumerate(query.metrics):
        if not CATALOGUE.metrics[metric].additive:
            continue
        running: dict[Any, Decimal] = {}
        sums = {}
        for row in sorted(plain.rows, key=lambda row: row.bucket or date.min):
            running[row.members] = running.get(row.members, Decimal(0)) + (
                row.figures[place * step] or Decimal(0)
            )
            sums[row.members, row.bucket] = running[row.members]
        for row in report.rows:
            expected = sums.get((row.members, row.bucket))
            if expected is not None:
                assert abs((row.figures[place * shown] or 0) - expected) <= CENT, query


@pytest.mark.parametrize("kind", ["orders", "invoices"])
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=questions())
def test_any_question_is_answered_or_says_why_not(
    companies: dict[str, tuple[Engine, date]], kind: str, question: dict[str, Any]
) -> None:
    engine, day = companies[kind]

    with clock.on_business_date(day), reading(engine) as session:
        check(session, ReportQuery.model_validate(question), orders=kind == "orders")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["orders", "invoices"])
@settings(max_examples=2_500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=questions())
def test_any_of_thousands_of_questions_is_answered_or_says_why_not(
    companies: dict[str, tuple[Engine, date]], kind: str, question: dict[str, Any]
) -> None:
    engine, day = companies[kind]

    with clock.on_business_date(day), reading(engine) as session:
        check(session, ReportQuery.model_validate(question), orders=kind == "orders")


# A figure with fewer rows of its own, beside one that needs all of them: then they are read.
BESIDE = {
    "orders": "bookings",
    "active_customers": "units_sold",
    "buying_customers": "revenue",
    "ar_balance": "ar_overdue",
    "ap_balance": "ap_overdue",
    "net_profit": "depreciation",
    "opex": "depreciation",
}


@pytest.mark.parametrize(("metric", "beside"), BESIDE.items())
def test_a_figure_is_the_same_from_the_rows_that_say_less(
    companies: dict[str, tuple[Engine, date]], metric: str, beside: str
) -> None:
    for kind, (engine, day) in companies.items():
        [measure] = CATALOGUE.measures_of(metric, orders=kind == "orders")
        if measure.coarse is None:
            continue
        said = measure.coarse.source.handles
        by = [name for name, one in CATALOGUE.dimensions.items() if one.handle in said]

        with clock.on_business_date(day), reading(engine) as session:
            for rest in (
                {"dimensions": by[:1], "grain": "quarter"},
                {},
                *({"dimensions": [n]} for n in by[1:3]),
            ):
                asked = {"period": {"unit": "year"}, **rest}
                alone = ReportQuery.model_validate({"metrics": [metric], **asked})
                two = ReportQuery.model_validate({"metrics": [metric, beside], **asked})

                found = values_of(answer(session, alone), metric)
                assert found == values_of(answer(session, two), metric), asked


def values_of(report: Report, metric: str) -> dict[Any, Decimal]:
    """Return a metric's figures by key and bucket; what is nothing is no figure here."""
    place = [column.id for column in report.figure_columns()].index(metric)
    return {
        (tuple(member.key for member in row.members), row.bucket): figure
        for row in report.rows
        if (figure := row.figures[place])
    }
