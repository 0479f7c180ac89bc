"""The arithmetic of pay: the formula language, bands, shares of a month, rates by law."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hr.payroll import Proration, month_of, rate_set
from core.hr.payroll.errors import (
    FormulaCycle,
    FormulaFailed,
    FormulaUnreadable,
    NoRateYet,
    RetroByYear,
    UnknownPayName,
    UnknownRateSet,
)
from core.hr.payroll.formulas import Band, Sight, charge, read
from core.hr.payroll.rates import figures_on, list_rate_sets
from core.hr.payroll.rules import (
    Entered,
    Plan,
    Step,
    Worked,
    instalments,
    months_in_year,
    plan_of,
    prorated,
    shared,
    work_out,
)
from core.hr.payroll.tables import PayKind
from core.kernel.money import Rounding

D = Decimal
BANDS = (Band(D(0), D("0.10")), Band(D(1000), D("0.20")), Band(D(3000), D("0.30")))
NAMES = {"gross": D(5000), "days": D(20), "rate": D("0.08")}


def value(text: str) -> Decimal:
    sight = Sight(dict(NAMES), {"scale": BANDS}, {"tax": D(70)}, {"base": D(3100)})
    return read(text).value(sight)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-gross + 5001", "1"),
        ("10 - 2 - 3", "5"),
        ("gross * 8%", "400"),
        ("gross * rate", "400"),
        ("gross / 4", "1250"),
        ("min(gross, 4000, 4500)", "4000"),
        ("max(0, gross - 6000)", "0"),
        ("round(gross / 3, 2)", "1666.67"),
        ("round(2.5, 0)", "3"),
        ("if(gross > 4000 and days >= 20, 1, 2)", "1"),
        ("if(not (gross = 5000) or days < 3, 1, 2)", "2"),
        ("bands(gross, scale) - ytd(tax)", "1030"),
        ("full(base) * days / 31", "2000"),
        ("（gross － 1000）× 10％".replace("－", "-"), "400"),
    ],
)
def test_a_formula_is_worked_out_exactly(text: str, wanted: str) -> None:
    assert value(text) == D(wanted)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("gross +", 8, "instead of its end"),
        ("gross * (1 + 2", 15, '")" was expected'),
        ("gross ; drop", 7, 'the sign ";"'),
        ("gross.__class__", 6, 'the sign "."'),
        ("open(1)", 1, 'there is no function "open"'),
        ("min(1)", 1, "min takes 2 to 20 arguments, not 1"),
        ("if(gross, 1, 2)", 4, "a comparison such as"),
        ("gross > 2", 1, "a number was expected"),
        ("round(gross, days)", 14, "whole number of decimals"),
        ("1 2", 3, '"2" was not expected'),
        ("bands(gross, 3)", 14, "a name was expected"),
        ("(" * 30 + "1" + ")" * 30, 25, "deeper than 24"),
        ("1" * 19, 1, "too many digits"),
        ("1 + " * 130 + "1", 501, "longer than 500"),
        ("+".join(["1"] * 220), 401, "more than 200 parts"),
    ],
)
def test_a_formula_that_cannot_be_read_says_where_and_why(
    text: str, place: int, problem: str
) -> None:
    with pytest.raises(FormulaUnreadable) as refused:
        read(text)

    assert refused.value.facts["place"] == place
    assert problem in str(refused.value)


def test_a_formula_without_a_value_is_refused() -> None:
    with pytest.raises(FormulaFailed, match="divides by zero"):
        value("gross / (days - 20)")
    with pytest.raises(FormulaFailed, match="too large"):
        value("gross * 1000000000000 * 10")


@settings(max_examples=60)
@given(amount=st.decimals(0, 10_000, places=2), more=st.decimals(0, 5_000, places=2))
def test_bands_are_marginal_and_never_charge_less_on_more(amount: Decimal, more: Decimal) -> None:
    lower, higher = charge(amount, BANDS), charge(amount + more, BANDS)

    assert 0 <= higher - lower <= more * D("0.30")
    assert charge(D(3000), BANDS) == D(500)


MARCH = month_of(date(2026, 3, 10))


@pytest.mark.parametrize(
    ("method", "first", "last", "wanted"),
    [
        (Proration.CALENDAR_DAYS, date(2026, 3, 1), date(2026, 3, 31), "3100"),
        (Proration.CALENDAR_DAYS, date(2026, 3, 16), date(2026, 3, 31), "1600"),
        # 22 working days in March 2026, 12 of them from the 16th on.
        (Proration.WORKING_DAYS, date(2026, 3, 16), date(2026, 3, 31), str(D(3100) * 12 / 22)),
        (Proration.THIRTIETHS, date(2026, 3, 16), date(2026, 3, 31), "1550"),
        (Proration.NONE, date(2026, 3, 16), date(2026, 3, 31), "3100"),
    ],
)
def test_a_part_of_a_month_is_paid_by_the_days(
    method: Proration, first: date, last: date, wanted: str
) -> None:
    there = MARCH.within(first, last)
    paid = prorated([(date(2026, 1, 1), D(3100))], MARCH, there, method)

    assert paid == D(wanted)


def test_a_change_within_the_month_counts_from_its_day() -> None:
    values = [(date(2025, 1, 1), D(3100)), (date(2026, 3, 11), D(6200))]

    paid = prorated(values, MARCH, MARCH, Proration.CALENDAR_DAYS)

    # Ten days of 100 and twenty-one of 200.
    assert paid == D(5200)
    assert prorated(values, MARCH, None, Proration.CALENDAR_DAYS) == 0
    assert MARCH.working == 22
    assert month_of(date(2026, 2, 1)).thirtieths == 30


@settings(max_examples=60)
@given(
    minor=st.integers(-(10**9), 10**9),
    parts=st.lists(st.integers(1, 97), min_size=1, max_size=5),
)
def test_shares_of_cost_centres_come_to_the_whole(minor: int, parts: list[int]) -> None:
    total = sum(parts)
    percents = [(str(place), D(part) * 100 / total) for place, part in enumerate(parts)]
    got = shared(minor, percents)

    assert sum(amount for _, amount in got) == minor
    assert all(amount * minor >= 0 for _, amount in got)


def test_instalments_come_to_the_loan_and_months_are_counted_from_the_hiring() -> None:
    assert instalments(100_000, 3) == [33_334, 33_334, 33_332]
    assert instalments(2, 3) == [1, 1]
    assert months_in_year(date(2026, 2, 20), MARCH) == 2
    assert months_in_year(date(2020, 2, 20), MARCH) == 3


def step(code: str, formula: str | None, kind: PayKind, *, retro: bool = False) -> Step:
    made = None if formula is None else read(formula)
    return Step(code, code, kind, made, True, retro, 2)


def plan(*steps: Step) -> Plan:
    return plan_of(steps, proration=Proration.CALENDAR_DAYS, names={}, scales={})


def test_components_are_put_in_order_and_circles_are_refused() -> None:
    tax = step("tax", "gross * 10%", PayKind.DEDUCTION)
    base, extra = step("base", None, PayKind.EARNING), step("extra", "base / 2", PayKind.EARNING)

    ordered = plan(tax, extra, base)

    assert [each.code for each in ordered.steps] == ["base", "extra", "tax"]
    with pytest.raises(FormulaCycle, match="a → b → a"):
        plan(step("a", "b + 1", PayKind.INFORMATION), step("b", "a", PayKind.INFORMATION))
    with pytest.raises(FormulaCycle, match="extra → extra"):
        plan(step("extra", "gross", PayKind.EARNING))
    with pytest.raises(UnknownPayName, match='uses "bass" at sign 5'):
        plan(base, step("x", "1 + bass", PayKind.EARNING))
    with pytest.raises(RetroByYear, match="x cannot be paid in arrears"):
        plan(base, step("x", "base + ytd(base)", PayKind.EARNING, retro=True))


def worked(code: str, pay: str, month: date, **facts: Any) -> Worked:
    chosen = rate_set(code)
    figures = figures_on(code, month_of(month).last)
    steps = [
        Step(
            each.code,
            each.name,
            each.kind,
            read(each.formula) if each.formula else None,
            each.prorated,
            each.retro,
            2 if each.digits is None else each.digits,
        )
        for each in chosen.components
    ]
    made = plan_of(steps, proration=chosen.proration, names=figures.values, scales=figures.scales)
    days = month_of(month)
    given: dict[str, Any] = {"inputs": {}, "year": {}, "months": month.month} | facts
    entered = Entered(days, days, {"base_pay": [(date(2020, 1, 1), D(pay))]}, **given)
    return work_out(made, entered, Rounding.HALF_UP)


def test_shanghai_withholds_income_tax_cumulatively() -> None:
    # 30,000 a month, bases within the limits: 10.5 % insurance and 7 % housing fund = 5,250.
    first = worked("cn_shanghai", "30000", date(2026, 1, 1))
    taxable = D(30000) - D(5250)
    assert first.values["taxable"] == taxable
    assert first.values["income_tax_withheld"] == D("592.50")  # 19,750 at 3 %
    # February: 39,500 in two months is in the second band: 1,080 + 350 - 592.50.
    second = worked(
        "cn_shanghai",
        "30000",
        date(2026, 2, 1),
        year={"taxable": taxable, "income_tax_withheld": D("592.50")},
    )
    assert second.values["income_tax_withheld"] == D("837.50")
    assert second.net == D(30000) - D(5250) - D("837.50")
    # Bases have a ceiling and a floor.
    rich, poor = (worked("cn_shanghai", pay, date(2026, 1, 1)).values for pay in ("100000", "3000"))
    assert (rich["social_base"], rich["pension"]) == (D(37302), D("2984.16"))
    assert rich["housing_fund"] == D(2611)
    assert (poor["social_base"], poor["housing_base"]) == (D(7460), D(3000))
    assert poor["income_tax_withheld"] == 0


def test_the_united_states_stop_social_security_at_the_wage_base() -> None:
    usual = worked("us", "5000", date(2026, 1, 1))
    # 60,000 less 16,100: 12,400 at 10 % and 31,500 at 12 %, a twelfth.
    assert usual.values["income_tax"] == D("418.33")
    assert usual.values["social_security"] == D("310.00")
    last = worked("us", "20000", date(2026, 10, 1), year={
        "social_wages": D(180000), "medicare_wages": D(190000), "unemployment_wages": D(7000),
    })  # fmt: skip
    assert last.values["social_security"] == D("279.00")  # on the 4,500 left of 184,500
    assert last.values["medicare"] == D("380.00")  # 290 and 0.9 % of the 10,000 above 200,000
    assert last.employer == D("279.00") + D("290.00")


def test_germany_taxes_by_the_formula_of_the_law() -> None:
    paid = worked("de", "5000", date(2026, 1, 1))
    values = paid.values
    assert (values["pension"], values["health"]) == (D("465.00"), D("437.50"))
    assert values["care"] == D("120.00")
    # (5,000 - 465 - 437.50 - 120) x 12 - 1,266 = 46,464; z = 2.8665.
    assert values["taxable_year"] == D(46464)
    assert values["tax_year"] == D("9328.20")
    assert values["solidarity"] == 0
    rich = worked("de", "12000", date(2026, 1, 1)).values
    assert rich["pension_base"] == D(8450)
    assert rich["health_base"] == D("5812.50")


def test_every_figure_by_law_has_its_source_and_its_day() -> None:
    for code, chosen in list_rate_sets().items():
        series = [*chosen.figures.values(), *chosen.scales.values()]
        assert all(each.source and each.since for one in series for each in one)
        assert chosen.simplified, code
        assert chosen.simplified_zh, code
    with pytest.raises(NoRateYet, match=r"us says nothing of .* on 2024-12-31"):
        figures_on("us", date(2024, 12, 31))
    with pytest.raises(UnknownRateSet, match="cn_shanghai, de, us"):
        rate_set("fr")
