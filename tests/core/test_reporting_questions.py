"""The typed question: its form, its periods, how it is said back, and how figures are rounded."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.kernel.identity.roles import Role
from core.kernel.semantics import SYNONYMS_MIN
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Span, bucket_end, bucket_start, next_bucket
from core.reporting.query import (
    AsOf,
    Compare,
    Grain,
    Period,
    Range,
    Relative,
    ReportQuery,
    resolve,
    resolve_comparison,
)
from core.reporting.readback import readback
from core.reporting.report import add_up

TODAY = date(2026, 11, 23)
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "half", "year", "fiscal_quarter")


def days(start: str, end: str) -> tuple[date, date]:
    return date.fromisoformat(start), date.fromisoformat(end)


@pytest.mark.parametrize(
    ("period", "wanted"),
    [
        (Relative(unit="month"), days("2026-11-01", "2026-11-23")),
        (Relative(unit="month", offset=-1), days("2026-10-01", "2026-10-31")),
        (Relative(unit="month", offset=-3, count=3), days("2026-08-01", "2026-10-31")),
        (Relative(unit="month", offset=1), days("2026-12-01", "2026-12-31")),
        (Relative(unit="year", to_date=True), days("2026-01-01", "2026-11-23")),
        (Relative(unit="year", offset=-1, to_date=True), days("2025-01-01", "2025-11-23")),
        (Relative(unit="quarter", offset=-1, to_date=True), days("2026-07-01", "2026-08-23")),
        (Relative(unit="week"), days("2026-11-23", "2026-11-23")),
        (Relative(unit="week", offset=-1), days("2026-11-16", "2026-11-22")),
        (Relative(unit="half", offset=-1), days("2026-01-01", "2026-06-30")),
        (Relative(unit="day", count=30, through_today=True), days("2026-10-25", "2026-11-23")),
        (Relative(unit="month", count=12, through_today=True), days("2025-11-24", "2026-11-23")),
        (Relative(unit="fiscal_year", offset=-1), days("2025-01-01", "2025-12-31")),
        (Range(start=date(2026, 3, 1)), days("2026-03-01", "2026-11-23")),
        (Range(start=date(2026, 7, 1), end=date(2026, 12, 31)), days("2026-07-01", "2026-11-23")),
        (Range(start=date(2027, 1, 1), end=date(2027, 1, 31)), days("2027-01-01", "2027-01-31")),
    ],
)
def test_a_period_is_these_days(period: Period, wanted: tuple[date, date]) -> None:
    span = resolve(period, TODAY)

    assert (span.start, span.end) == wanted


@pytest.mark.parametrize(
    ("period", "compare", "wanted"),
    [
        (Relative(unit="month"), {"to": "prior_period"}, days("2026-10-01", "2026-10-23")),
        (
            Relative(unit="month"),
            {"to": "prior_period", "align": "full"},
            days("2026-10-01", "2026-10-31"),
        ),
        (Relative(unit="year"), {"to": "prior_year"}, days("2025-01-01", "2025-11-23")),
        (Relative(unit="quarter", offset=-1), {"to": "prior_period"},
         days("2026-04-01", "2026-06-30")),
        (Relative(unit="month", offset=-9), {"to": "prior_period"},
         days("2026-01-01", "2026-01-31")),
        (Relative(unit="week", offset=-1), {"to": "prior_year"}, days("2025-11-17", "2025-11-23")),
        (
            Range(start=date(2024, 2, 1), end=date(2024, 2, 29)),
            {"to": "prior_year"},
            days("2023-02-01", "2023-02-28"),
        ),
        (
            Range(start=date(2025, 2, 1), end=date(2025, 2, 28)),
            {"to": "same_period_n_years_ago", "years": 5},
            days("2020-02-01", "2020-02-29"),
        ),
        (
            Range(start=date(2026, 3, 10), end=date(2026, 3, 19)),
            {"to": "prior_period"},
            days("2026-02-28", "2026-03-09"),
        ),
    ],
)  # fmt: skip
def test_a_period_is_compared_with_these_days(
    period: Period, compare: dict[str, Any], wanted: tuple[date, date]
) -> None:
    span = resolve(period, TODAY)

    other = resolve_comparison(Compare.model_validate(compare), span, TODAY)

    assert (other.start, other.end) == wanted


dates = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(day=dates, grain=st.sampled_from(GRAINS))
def test_every_day_lies_in_exactly_one_bucket(day: date, grain: Grain) -> None:
    start = bucket_start(day, grain)

    assert start <= day <= bucket_end(start, grain)
    assert bucket_start(start, grain) == start
    assert bucket_end(start, grain) + timedelta(days=1) == next_bucket(start, grain)


relatives = st.builds(
    Relative,
    unit=st.sampled_from(GRAINS),
    offset=st.integers(-50, 50),
    count=st.integers(1, 50),
    to_date=st.booleans(),
)


@given(today=dates, period=relatives)
def test_a_period_never_ends_before_it_starts(today: date, period: Relative) -> None:
    span = resolve(period, today)

    assert span.start is not None
    assert span.end is not None
    assert span.start <= span.end
    assert span.start > today or span.end <= today
    before = resolve_comparison(Compare(to="prior_period"), span, today)
    assert before.end is not None
    assert span.cut or before.end < span.start


names = st.sampled_from([metric.id for metric in CATALOGUE.asked()])
by = st.sampled_from(list(CATALOGUE.dimensions))
periods: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    relatives,
    st.builds(AsOf, day=st.none() | dates),
    st.builds(
        Range,
        start=st.none() | st.just(date(2020, 1, 1)),
        end=st.none() | st.dates(date(2020, 1, 2), date(2150, 12, 31)),
    ),
)


@st.composite
def questions(draw: st.DrawFn) -> ReportQuery:
    dimensions = draw(st.lists(by, max_size=3, unique=True))
    grain = draw(st.none() | st.sampled_from(GRAINS))
    metrics = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    grouped = bool(dimensions or grain)
    period = draw(periods)
    return ReportQuery.model_validate(
        {
            "metrics": metrics,
            "dimensions": dimensions,
            "grain": grain,
            "period": period,
            "filters": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "dimension": by,
                            "op": st.sampled_from(["in", "not_in"]),
                            "values": st.lists(st.sampled_from(["DE", "C-00001", "1"]), min_size=1),
                        }
                    ),
                    max_size=2,
                )
            ),
            "compare": draw(st.none() | st.just({"to": "prior_year"})),
            "limit": draw(st.integers(1, 50)) if grouped and draw(st.booleans()) else None,
            "order": [{"by": metrics[0], "dir": draw(st.sampled_from(["asc", "desc"]))}],
        }
    )


@given(query=questions())
def test_a_question_stays_itself_as_json(query: ReportQuery) -> None:
    assert ReportQuery.model_validate_json(query.model_dump_json()) == query
    # What leaves the defaults out is read back as well, but for a day that is not said.
    if query.period != AsOf():
        assert ReportQuery.model_validate(query.model_dump(exclude_defaults=True)) == query
    assert hash(query) == hash(ReportQuery.model_validate_json(query.model_dump_json()))


@given(query=questions(), other=questions())
def test_different_questions_are_said_differently(query: ReportQuery, other: ReportQuery) -> None:
    for language in ("en", "zh"):
        said = readback(query, language)
        assert said
        assert "{" not in said
        if said == readback(other, language):
            # Only what has no effect on the answer may go unsaid.
            same = {"display": "auto", "total": True, "order": ()}
            assert query.model_copy(update=same) == other.model_copy(update=same)


@pytest.mark.parametrize(
    ("question", "en", "zh"),
    [
        (
            {"metrics": ["revenue"], "dimensions": ["territory"],
             "period": {"start": "2013-01-01", "end": "2013-12-31"}},
            "Revenue, by territory, 2013",
            "2013年，按销售区域，收入",
        ),
        (
            {"metrics": ["gross_margin_pct"], "dimensions": ["category"], "grain": "month",
             "period": {"unit": "quarter", "offset": -1},
             "filters": [{"dimension": "region", "values": [{"id": "EU", "label": "Europe"}]}],
             "compare": {"to": "prior_year"}},
            ("Gross margin, by category and month, last quarter, region = Europe,"
            " compared with the prior year"),
            "上季度，按类别和月，毛利率，大区 = 欧洲，与上年同期相比",
        ),
        (
            {"metrics": ["revenue"], "dimensions": ["customer"], "limit": 10,
             "order": [{"by": "revenue"}], "period": {"unit": "year", "offset": -1},
             "having": [{"metric": "orders", "op": "ge", "value": "5"}]},
            "Revenue, by customer, last year, orders ≥ 5, top 10 by revenue",
            "去年，按客户，收入，订单数 ≥ 5，按收入前10名",
        ),
        (
            {"metrics": ["ar_balance"], "period": {"kind": "as_of", "day": "2026-06-30"}},
            "Receivables, as of 30 Jun 2026",
            "截至2026年6月30日，应收账款",
        ),
    ],
)  # fmt: skip
def test_a_question_is_said_back(question: dict[str, Any], en: str, zh: str) -> None:
    query = ReportQuery.model_validate(question)

    assert readback(query, "en") == en
    assert readback(query, "zh") == zh


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": []},
        {"metrics": ["revenue"] * 2},
        {"metrics": ["revenue"], "limit": 5},
        {"metrics": ["revenue"], "dimensions": ["customer"], "limit": 0},
        {"metrics": ["revenue"], "dimensions": ["customer"], "limit": 5, "limit_per": "item"},
        {"metrics": ["revenue"], "compare": {"to": "period"}},
        {"metrics": ["revenue"], "others": True},
        {"metrics": ["revenue"], "share_of": "total"},
        {"metrics": ["revenue"], "cumulative": "period"},
        {"metrics": ["revenue; DROP TABLE invoice"]},
        {"metrics": ["revenue"], "sql": "SELECT 1"},
        {"metrics": ["revenue"], "filters": [{"dimension": "item", "values": []}]},
        {"metrics": ["revenue"], "period": {"start": "2026-02-01", "end": "2026-01-01"}},
        {"metrics": ["revenue"], "period": {"unit": "month", "to_date": 1, "through_today": 1}},
        {"metrics": ["revenue"], "period": {"start": "2026-13-01"}},
        {
            "metrics": ["revenue"],
            "dimensions": ["customer"],
            "having": [{"metric": "revenue", "value": "NaN"}],
        },
    ],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReportQuery.model_validate(wrong)


cents = st.decimals(
    min_value=-10_000, max_value=10_000, places=6, allow_nan=False, allow_infinity=False
)


@given(st.lists(cents, min_size=1, max_size=30))
def test_rounded_rows_add_up_to_the_rounded_total(exact: list[Decimal]) -> None:
    total = sum(exact, Decimal(0)).quantize(Decimal("0.01"))

    shown = add_up(exact, 2, total)

    assert sum(value for value in shown if value is not None) == total
    for value, figure in zip(shown, exact, strict=True):
        assert value is not None
        assert abs(value - figure) < Decimal("0.01")


def test_rows_that_are_not_all_there_are_rounded_alone() -> None:
    assert add_up([Decimal("1.005"), None], 2, Decimal(100)) == [Decimal("1.01"), None]


def test_the_catalogue_is_whole() -> None:
    assert len(CATALOGUE.asked()) >= 20
    for metric in CATALOGUE.asked():
        assert len(metric.names.also_en) >= SYNONYMS_MIN
        assert len(metric.names.also_zh) >= SYNONYMS_MIN
        assert metric.definition.en.endswith(".")
        assert metric.definition.zh.endswith("。")
        # Nothing divides all that this one is made of.
        assert CATALOGUE.dimensions_of(metric.id) or metric.id == "cash_conversion_cycle"


def test_no_name_means_two_things() -> None:
    for language in ("en", "zh"):
        named = Counter(
            name.lower()
            for one in (*CATALOGUE.asked(), *CATALOGUE.dimensions.values())
            for name in set(one.names.all_in(language))
        )
        assert [name for name, count in named.items() if count > 1] == []


def test_costs_and_margins_are_not_for_customers_and_employees() -> None:
    for name in ("cogs", "gross_profit", "gross_margin_pct", "stock_value", "net_profit"):
        assert not CATALOGUE.metrics[name].roles & {Role.CUSTOMER, Role.EMPLOYEE}


def test_what_a_customer_may_see_says_whose_it_is() -> None:
    for metric in CATALOGUE.metrics.values():
        if Role.CUSTOMER not in metric.roles:
            continue
        for orders in (True, False):
            for measure in CATALOGUE.measures_of(metric.id, orders=orders):
                assert measure.source.owner == "customer", metric.id


def test_every_handle_is_a_column() -> None:
    for metric in CATALOGUE.metrics:
        for orders in (True, False):
            for measure in CATALOGUE.measures_of(metric, orders=orders):
                columns = set(measure.source.rows.selected_columns.keys())
                wanted = measure.source.handles | set(measure.source.dates) | {"document"}
                assert wanted <= columns, measure.source.id


def test_a_span_that_is_not_over_knows_its_whole() -> None:
    span = resolve(Relative(unit="year"), TODAY)

    assert span.whole == Span(date(2026, 1, 1), date(2026, 12, 31))


def test_weeks_are_compared_monday_with_monday_through_a_year_of_53() -> None:
    first = date(2020, 11, 30)
    weeks = [first + timedelta(days=7 * n) for n in range(60)]

    others = [
        resolve_comparison(
            Compare(to="prior_year"),
            resolve(Range(start=week, end=week + timedelta(days=6)), TODAY),
            TODAY,
        )
        for week in weeks
    ]

    # 2020 had 53 of them; none is left out, and none is compared with twice.
    assert [other.start for other in others] == [week - timedelta(days=364) for week in weeks]
    assert all(other.end == other.start + timedelta(days=6) for other in others if other.start)


def test_the_29th_of_february_is_compared_with_the_last_day_of_that_month() -> None:
    leap = Span(date(2024, 2, 29), date(2024, 2, 29))

    year = resolve_comparison(Compare(to="prior_year"), leap, TODAY)
    four = resolve_comparison(Compare(to="same_period_n_years_ago", years=4), leap, TODAY)

    assert (year.start, year.end) == (date(2023, 2, 28), date(2023, 2, 28))
    assert (four.start, four.end) == (date(2020, 2, 29), date(2020, 2, 29))
