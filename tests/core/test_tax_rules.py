"""The arithmetic of tax, without a database: each kind, included or added, by line or document."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernel.company import TaxRounding
from core.kernel.money import Money, Rounding
from core.ledger import tax
from core.ledger.tax import Component, ComponentKind, Taxable, TaxUse, rules

DOCUMENT, LINE = TaxRounding.DOCUMENT, TaxRounding.LINE


def percent(rate: str, **more: object) -> Component:
    return Component(name=f"{rate} %", rate=Decimal(rate), **more)  # type: ignore[arg-type]


def fixed(rate: str, **more: object) -> Component:
    return Component(
        name=f"{rate} each",
        kind=ComponentKind.FIXED,
        rate=Decimal(rate),
        **more,  # type: ignore[arg-type]
    )


def inside(rate: str, **more: object) -> Component:
    return percent(rate, included=True, **more)


def kind(of: ComponentKind, rate: str = "0", **more: object) -> Component:
    return Component(name=of, kind=of, rate=Decimal(rate), **more)  # type: ignore[arg-type]


def line(price: str, *components: Component, quantity: str = "1", currency: str = "EUR") -> Taxable:
    return Taxable(Money.of(price, currency), components, Decimal(quantity))


def said(*lines: Taxable, per: TaxRounding = LINE, sale: bool = True, **more: object) -> str:
    """Return base, tax by component, and total of a document."""
    result = tax.summed(tax.taxed(lines, per=per, sale=sale, **more))  # type: ignore[arg-type]
    taxes = " ".join(str(each.tax.amount) for each in result.by_component)
    return f"{result.base.amount} + {taxes} = {result.total.amount}"


DIVISION, EXEMPT = ComponentKind.DIVISION, ComponentKind.EXEMPT
WITHHOLDING = ComponentKind.WITHHOLDING
ON_NEXT = percent("10", affects_next=True)
ECO = fixed("0.50", affects_next=True)


@pytest.mark.parametrize(
    ("taxed", "result"),
    [
        # Scenario T03.
        (line("200.00", percent("10", included=True)), "181.82 + 18.18 = 200.00"),
        (line("200.00", percent("10")), "200.00 + 20.00 = 220.00"),
        # Of the amount with tax.
        (line("200.00", kind(DIVISION, "10", included=True)), "180.00 + 20.00 = 200.00"),
        (line("180.00", kind(DIVISION, "10")), "180.00 + 20.00 = 200.00"),
        # Five shares of one total.
        (
            line("32.33", *(kind(DIVISION, rate) for rate in ("5", "3", "0.65", "9", "15"))),
            "32.33 + 2.40 1.44 0.31 4.32 7.20 = 48.00",
        ),
        # Ten percent, then five on the sum; or both on the same.
        (line("100", ON_NEXT, percent("5")), "100.00 + 10.00 5.50 = 115.50"),
        (line("100", percent("10"), percent("5")), "100.00 + 10.00 5.00 = 115.00"),
        (
            line("115.50", inside("10", affects_next=True), inside("5")),
            "100.00 + 10.00 5.50 = 115.50",
        ),
        # Three in the price, solved together.
        (
            line("100", *(percent(rate, included=True) for rate in ("5", "7", "8"))),
            "83.33 + 4.17 5.83 6.67 = 100.00",
        ),
        # One in the price, one added.
        (line("119", percent("19", included=True), percent("5")), "100.00 + 19.00 5.00 = 124.00"),
        # So much for each of three, then a tax on it all.
        (
            line("30", ECO, percent("20"), quantity="3"),
            "30.00 + 1.50 6.30 = 37.80",
        ),
        (
            line("37.80", replace(ECO, included=True), inside("20"), quantity="3"),
            "30.00 + 1.50 6.30 = 37.80",
        ),
        (line("100", kind(EXEMPT)), "100.00 + 0.00 = 100.00"),
        (line("-100", percent("19")), "-100.00 + -19.00 = -119.00"),
        (line("100", percent("19"), kind(WITHHOLDING, "20")), "100.00 + 19.00 20.00 = 99.00"),
        # Minor units of none and of three digits.
        (line("105", percent("10"), currency="JPY"), "105 + 11 = 116"),
        (line("1.005", percent("10"), currency="KWD"), "1.005 + 0.101 = 1.106"),
    ],
)  # fmt: skip
def test_every_kind_of_tax_gives_its_amount(taxed: Taxable, result: str) -> None:
    assert said(taxed) == result


def test_five_small_lines_differ_by_the_line_and_by_the_document() -> None:
    five = [line("0.05", percent("10"))] * 5

    assert said(*five) == "0.25 + 0.05 = 0.30"
    assert said(*five, per=DOCUMENT) == "0.25 + 0.03 = 0.28"
    assert said(*five, rounding=Rounding.HALF_EVEN) == "0.25 + 0.00 = 0.25"
    # The lines of the document add up to it.
    shared = tax.taxed(five, per=DOCUMENT)
    assert sorted(each.tax.minor for each in shared) == [0, 0, 1, 1, 1]


def test_reverse_charge_is_owed_and_taken_off_and_changes_no_total() -> None:
    bought = line("1000", kind(ComponentKind.REVERSE_CHARGE, "19"))

    assert said(bought, sale=False) == "1000.00 + 190.00 190.00 = 1000.00"
    # Who sells so charges nothing, and reports what the buyer owes the tax of.
    assert said(bought) == "1000.00 + 0.00 = 1000.00"


def test_what_may_not_be_taken_off_is_a_cost_of_the_line() -> None:
    car = Taxable(
        Money.of("100.01", "EUR"), (percent("21", deductible_percent=Decimal(50)),),
        cost_account="6050",
    )  # fmt: skip

    [taxed] = tax.taxed([car], sale=False)

    assert [(part.use, part.account, str(part.tax.amount)) for part in taxed.parts] == [
        (TaxUse.INPUT, "tax_input", "10.50"),
        (TaxUse.NOT_DEDUCTIBLE, "6050", "10.50"),
    ]
    assert taxed.total == Money.of("121.01", "EUR")


def test_a_discount_of_a_document_is_spread_and_the_cents_go_to_who_was_cut_most() -> None:
    prices = [Money.of(price, "EUR") for price in ("75", "500", "200", "100", "50", "50")]

    shares = tax.spread(Money.of("75", "EUR"), prices)

    assert [str(share.amount) for share in shares] == [
        *("5.77", "38.46", "15.38", "7.69", "3.85", "3.85")
    ]


PRICES = st.integers(-10_000_000, 10_000_000)
COMPONENTS = st.lists(
    st.builds(
        Component,
        name=st.just("t"),
        kind=st.sampled_from([ComponentKind.PERCENT, ComponentKind.FIXED, ComponentKind.DIVISION]),
        rate=st.decimals(0, 30, places=2),
        included=st.booleans(),
        affects_next=st.booleans(),
        code=st.uuids().map(str),
    ),
    max_size=3,
)
LINES = st.lists(
    st.builds(
        Taxable,
        st.builds(Money, PRICES, st.just("EUR")),
        COMPONENTS.map(tuple),
        st.decimals("0.001", 100, places=3),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60)
@given(LINES, st.sampled_from(TaxRounding), st.sampled_from(Rounding), st.booleans())
def test_included_tax_is_solved_exactly_and_every_amount_is_next_to_the_exact_one(
    lines: list[Taxable],
    per: TaxRounding,
    rounding: Rounding,
    sale: bool,  # noqa: FBT001
) -> None:
    for each in tax.taxed(lines, per=per, rounding=rounding, sale=sale):
        by_component: dict[str, int] = {}
        for part in each.parts:
            found = by_component.get(part.component.code, 0)
            by_component[part.component.code] = found + part.tax.minor
        inside = {part.component.code for part in each.parts if part.component.included}
        # What is in the price and what is before tax are the price.
        assert each.base.minor + sum(by_component[code] for code in inside) == each.price.minor
        assert each.total.minor == each.base.minor + sum(by_component.values())


@settings(max_examples=50)
@given(
    st.lists(PRICES, min_size=1, max_size=8),
    st.decimals(0, 30, places=3),
    st.sampled_from(Rounding),
)
def test_the_lines_of_a_document_add_up_to_its_sum_rounded_once(
    prices: list[int], rate: Decimal, rounding: Rounding
) -> None:
    lines = [Taxable(Money(price, "EUR"), (percent(str(rate)),)) for price in prices]

    taxed = tax.taxed(lines, per=DOCUMENT, rounding=rounding)

    whole = Money(sum(prices), "EUR").times(rate / 100, rounding)
    assert tax.summed(taxed).tax == whole
    for each in taxed:
        assert abs(each.tax.minor - each.price.minor * rate / 100) < 1


@settings(max_examples=50)
@given(LINES, st.sampled_from(Rounding))
def test_what_is_taken_back_is_what_was_charged(lines: list[Taxable], rounding: Rounding) -> None:
    back = [Taxable(-each.price, each.components, -each.quantity) for each in lines]

    charged = tax.summed(tax.taxed(lines, rounding=rounding))
    taken = tax.summed(tax.taxed(back, rounding=rounding))

    assert (taken.base, taken.tax, taken.total) == (-charged.base, -charged.tax, -charged.total)


@pytest.mark.parametrize(
    ("income", "tax_due"),
    [("0", "0.00"), ("10000", "0.00"), ("30000", "4000.00"), ("60000", "14500.00")],
)
def test_an_income_tax_rises_by_bands(income: str, tax_due: str) -> None:
    bands = [
        (Decimal(10_000), Decimal(0)),
        (Decimal(40_000), Decimal(20)),
        (None, Decimal("42.5")),
    ]

    found = rules.income_tax(Money.of(income, "EUR"), bands)

    assert found == Money.of(tax_due, "EUR")
