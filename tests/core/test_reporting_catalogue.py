"""The catalogue says what it means: formulas in words, versions by hash, a handbook that is so."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.kernel.database import reading
from core.kernel.identity.roles import Role
from core.kernel.semantics import Kind, Metric, Timing
from core.reporting import CATALOGUE, formula_of, handbook, sources_of, version_of
from core.reporting.catalogue import ROOMS, collected
from core.reporting.describing import declaration_of
from tests.shop import as_person
from tools.reporting import DefineTerm, define

HANDBOOK = Path(__file__).parents[2] / "docs" / "metrics.md"
# Asked for by name in the catalogue of the whole, with facts that are on file.
PROMISED = (
    "revenue", "bookings", "cogs", "gross_profit", "gross_margin_pct", "discount_pct", "opex",
    "operating_profit", "ebitda", "net_profit", "ar_balance", "ar_overdue", "ar_overdue_pct",
    "dso", "avg_days_late", "ap_balance", "ap_overdue", "dpo", "dsi", "cash_conversion_cycle",
    "cash_balance", "net_cash_flow", "budget_amount", "budget_variance", "orders", "units_sold",
    "aov", "return_rate", "new_customers", "active_customers", "stock_on_hand",
    "stock_available", "stock_value", "inventory_turns", "days_of_cover", "fill_rate",
    "line_fill_rate", "order_fill_rate", "otif", "on_time_delivery", "stockout_rate",
    "backorder_value", "dead_stock_value", "purchase_spend", "supplier_otd",
    "supplier_lead_time", "supplier_lead_time_sd", "purchase_price_variance",
    "supplier_defect_rate", "headcount", "turnover_rate",
)  # fmt: skip


def test_what_was_promised_is_there() -> None:
    assert set(PROMISED) <= {metric.id for metric in CATALOGUE.asked()}
    assert len(CATALOGUE.asked()) >= 100
    assert len(CATALOGUE.dimensions) >= 40


def test_the_handbook_is_current() -> None:
    assert HANDBOOK.read_text("utf-8") == handbook(), "run: prokurist metrics --markdown"


def test_a_formula_is_read_from_what_computes_it() -> None:
    formulas = {
        name: (formula_of(CATALOGUE.metrics[name], "en"), formula_of(CATALOGUE.metrics[name], "zh"))
        for name in ("dso", "gross_margin_pct", "revenue")
    }

    assert formulas == {
        "dso": (
            "90 × receivables / billed in the last 90 days",
            "90 × 应收账款 / 近90天开票额",
        ),
        "gross_margin_pct": (
            "(100 × (revenue − cost of goods sold)) / revenue",
            "(100 × (收入 − 销售成本)) / 收入",
        ),
        "revenue": ("", ""),
    }


def test_no_formula_shows_sql_to_people() -> None:
    for metric in CATALOGUE.metrics.values():
        for word in ("CAST", "nullif", "CASE", "[", "NUMERIC", "%("):
            assert word not in formula_of(metric, "en"), metric.id


def test_a_definition_keeps_its_version_until_its_meaning_changes() -> None:
    [revenue, cogs, profit] = (
        CATALOGUE.metrics[name] for name in ("revenue", "cogs", "gross_profit")
    )
    assert revenue.measure is not None

    def version(**changes: object) -> str:
        return declaration_of(replace(revenue, **changes))  # type: ignore[arg-type]

    same = declaration_of(revenue)
    assert version(names=cogs.names, roles=cogs.roles, more_is_better=None) == same
    assert version(definition=cogs.definition) != same
    assert version(measure=replace(revenue.measure, timing=Timing.UP_TO)) != same
    assert version(measure=replace(revenue.measure, where=None, value=None)) != same
    assert version_of(profit.id) in declaration_of(
        replace(profit, parts=("gross_profit",), formula=lambda whole: whole)
    )


def test_a_version_is_the_same_in_every_process() -> None:
    script = "from core.reporting import version_of as v; print(v('stockout_rate'), v('otif'))"
    # Its sets are in another order than ours, whose seed is random.
    made = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=HANDBOOK.parents[1], env={"PYTHONHASHSEED": "1", "PATH": ""},
    ).stdout  # fmt: skip

    assert made == f"{version_of('stockout_rate')} {version_of('otif')}\n"


@pytest.mark.parametrize("metric", [m for m in CATALOGUE.metrics.values() if not m.inner],
                         ids=lambda metric: metric.id)  # fmt: skip
def test_a_kind_is_what_a_metric_is_made_of(metric: Metric) -> None:
    timings = {measure.timing for measure in CATALOGUE.measures_of(metric.id, orders=False)}
    if metric.kind is Kind.FLOW:
        assert timings == {Timing.WITHIN}
    elif metric.kind is Kind.SNAPSHOT:
        assert Timing.WITHIN not in timings
    else:
        assert metric.formula is not None
    for language in ("en", "zh"):
        assert sources_of(metric, language, orders=False)


def test_a_question_for_a_definition_is_answered_with_all_there_is_to_know(shop: Engine) -> None:
    with reading(shop, as_person(shop, "accountant")) as session:
        margin = define(session, DefineTerm(term="margin"))
        days = define(session, DefineTerm(term="DSO"))
        chinese = define(session, DefineTerm(term="毛利率")).sentence("zh")

    for part in (
        "Formula: (100 × (revenue − cost of goods sold)) / revenue.",
        "posted invoices less credit notes, without tax (dated in the period)",
        "Unit: percent.",
        "customer, ",
        f"Version of the definition: {version_of('gross_margin_pct')}.",
    ):
        assert part in margin.sentence("en")
    assert "Formula: 90 × receivables / billed in the last 90 days." in days.sentence("en")
    for part in ("公式：(100 × (收入 − 销售成本)) / 收入。", "单位：百分比。", "定义版本："):
        assert part in chinese


def test_a_metric_that_hides_a_part_is_a_mistake_of_ours() -> None:
    [sales] = [room for named, room in ROOMS if named.en == "Sales"]
    looser = tuple(
        replace(metric, roles=metric.roles | {Role.CUSTOMER}) if metric.id == "gross_profit"
        else metric
        for metric in sales.metrics
    )  # fmt: skip
    rooms = [replace(room, metrics=looser) if room is sales else room for _, room in ROOMS]

    with pytest.raises(AssertionError, match="gross_profit shows cogs to"):
        collected(rooms)


def test_coarse_rows_of_a_source_that_are_not_the_same_for_all_are_a_mistake_of_ours() -> None:
    revenue, orders = CATALOGUE.metrics["revenue"], CATALOGUE.metrics["orders"]
    assert revenue.on_orders is not None
    assert orders.measure is not None
    assert orders.measure.coarse is not None
    other = replace(revenue.on_orders, coarse=orders.measure.coarse.coarse)
    [sales] = [room for named, room in ROOMS if named.en == "Sales"]
    metrics = tuple(
        replace(metric, on_orders=other) if metric is revenue else metric
        for metric in sales.metrics
    )
    rooms = [replace(room, metrics=metrics) if room is sales else room for _, room in ROOMS]

    with pytest.raises(AssertionError, match="other coarse rows than the rest of"):
        collected(rooms)
