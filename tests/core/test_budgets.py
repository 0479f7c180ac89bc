"""Budgets: entered, split, copied, compared with the books, and held against many at once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties, purchasing
from core.compliance import verify, verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.effects import Kind
from core.kernel.money import Money, Rounding
from core.ledger import Journal, budgets, credit, debit
from core.ledger.budgets import BudgetRow, BudgetState, Policy, Split
from core.ledger.budgets.errors import (
    AmountNegative,
    BadBudgetRow,
    BudgetExceeded,
    BudgetExists,
    BudgetStaysAsItIs,
    FactorNotPositive,
    KeyNeeded,
    NothingBudgeted,
    NoYearBefore,
    UnknownBudget,
    UnknownFiscalYear,
)
from core.ledger.budgets.rules import line_for, scaled, split_by
from core.ledger.chart import (
    BANK,
    MARKETING_EXPENSE,
    OPERATING_EXPENSE,
    PAYABLE,
    RECEIVABLE,
    RENT,
    RETAINED_EARNINGS,
    REVENUE,
)
from core.purchasing import OrderLineDraft
from core.reporting import ReportQuery, answer
from tests.conftest import Databases
from tests.core.shop import open_shop

CENTRES = ("SHOP", "WEB")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def said(amounts: list[Money]) -> list[str]:
    return [str(amount.amount) for amount in amounts]


def spend(
    session: Session,
    amount: str,
    *,
    account: str = MARKETING_EXPENSE,
    day: date = date(2026, 5, 4),
    centre: str = "",
) -> None:
    where = (("cost_centre", centre),) if centre else ()
    lines = [debit(account, eur(amount), dimensions=where), credit(BANK, eur(amount))]
    ledger.post_entry_by_hand(session, lines, memo="ads", posted_on=day)


def centres(session: Session) -> None:
    for code in CENTRES:
        ledger.add_member(session, "cost_centre", code=code, name=code.title())


# Scenario U01.


def test_a_budget_is_compared_with_the_books(session: Session) -> None:
    customer = parties.add_customer(session, name="Customer A").party
    supplier = parties.add_supplier(session, name="Supplier A").party
    budgets.set_budget(session, REVENUE, eur("150"), year=2025)
    budgets.set_budget(session, OPERATING_EXPENSE, eur("50"), year=2025)
    day = date(2025, 1, 1)
    for debited, credited, amount, party in (
        (RECEIVABLE, REVENUE, "130", customer),
        (OPERATING_EXPENSE, PAYABLE, "60", supplier),
    ):
        lines = [
            debit(debited, eur(amount), party_id=party.id),
            credit(credited, eur(amount), party_id=party.id),
        ]
        ledger.post_entry(session, lines, memo="e", origin="e", posted_on=day)

    compared = budgets.variance(session, 2025)

    result = compared.result
    assert (result.budget, result.actual) == (eur("100"), eur("70"))
    assert [str(each.percent) for each in (result, compared.income, compared.expense)] == [
        "70.00",
        "86.67",
        "120.00",
    ]
    assert said([row.variance for row in compared.rows]) == ["-20.00", "-10.00"]
    months = budgets.months(session, 2025)
    assert said([months[0].income, months[0].result]) == ["12.50", "8.33"]
    assert sum(month.result.minor for month in months) == 10_000

    budgets.copy_budget(session, 2025, to_year=2026, factor=Decimal("1.25"))

    assert budgets.variance(session, 2026).result.budget == eur("125")
    assert [view.name for view in budgets.list_budgets(session)] == [
        "2026 original",
        "2025 original",
    ]


# Splitting.


def test_the_year_is_split_and_the_last_month_takes_the_rest(session: Session) -> None:
    budgets.set_budget(session, RENT, eur("100"), year=2026)
    key = [Decimal(place in {1, 11, 12}) for place in range(1, 13)]
    budgets.set_budget(
        session, MARKETING_EXPENSE, eur("100"), year=2026, split=Split.BY_KEY, key=key
    )
    for month, amount in ((1, "300"), (7, "100")):
        spend(session, amount, account=OPERATING_EXPENSE, day=date(2025, month, 9))
    budgets.set_budget(session, OPERATING_EXPENSE, eur("1000"), year=2026, split=Split.AS_LAST_YEAR)

    _, periods, lines = budgets.budget_lines(session, "2026")

    assert periods[0] == "2026-01"
    by_account = {line.name: said(list(line.months)) for line in lines}
    assert by_account["Rent"] == ["8.33"] * 11 + ["8.37"]
    assert by_account["Marketing"] == ["33.33", *["0.00"] * 9, "33.33", "33.34"]
    assert by_account["Operating expense"] == ["750.00", *["0.00"] * 5, "250.00", *["0.00"] * 5]
    assert {str(line.year) for line in lines} == {"100.00 EUR", "1,000.00 EUR"}


@given(
    minor=st.integers(0, 10**9),
    weights=st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=13).filter(any),
    factor=st.decimals("0.01", "9", places=4),
    rounding=st.sampled_from(Rounding),
)
def test_the_months_are_the_year_also_after_they_are_copied(
    minor: int, weights: list[Decimal], factor: Decimal, rounding: Rounding
) -> None:
    year = Money(minor, "EUR")

    months = split_by(year, weights, rounding)
    copied = scaled(months, factor, rounding)

    assert sum(month.minor for month in months) == minor
    assert all(month.minor >= 0 for month in (*months, *copied))
    assert sum(month.minor for month in copied) == year.times(factor, rounding).minor


def test_what_happens_counts_towards_the_line_that_says_most_of_it() -> None:
    shop, p1 = ("cost_centre", "SHOP"), ("project", "P1")
    lines = {(): "all", (shop,): "shop", (p1,): "p1", (p1, shop): "both"}

    assert line_for(lines, ()) == "all"
    assert line_for(lines, (("cost_centre", "WEB"),)) == "all"
    assert line_for(lines, (shop,)) == "shop"
    assert line_for(lines, (p1, shop)) == "both"
    del lines[p1, shop]
    assert line_for(lines, (p1, shop)) == "shop"
    assert line_for({(shop,): "shop"}, ()) is None


# Versions.


def test_one_version_of_a_year_counts(session: Session) -> None:
    budgets.set_budget(session, RENT, eur("100"), year=2026)
    budgets.set_budget(session, RENT, eur("130"), year=2026, version="Revised")
    assert budgets.find_budget(session, 2026).name == "2026 original"
    assert budgets.find_budget(session, "2026 REVISED").state is BudgetState.SET_ASIDE

    budgets.put_in_force(session, "2026 revised")

    assert budgets.variance(session, "2026").expense.budget == eur("130")
    assert budgets.variance(session, "2026 original").expense.budget == eur("100")
    with pytest.raises(BudgetStaysAsItIs):
        budgets.put_in_force(session, "2026 revised")
    with pytest.raises(BudgetExists):
        budgets.copy_budget(session, 2026, to_year=2026, version="revised")


def test_the_database_lets_one_version_of_a_year_count(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        budgets.set_budget(session, RENT, eur("100"), year=2026)
        budgets.set_budget(session, RENT, eur("130"), year=2026, version="revised")

    with pytest.raises(IntegrityError, match="uq_budget_in_force"), unit_of_work(founded) as s:
        s.execute(text("UPDATE budget SET state = 'in_force'"))
    with pytest.raises(IntegrityError, match="not_negative"), unit_of_work(founded) as s:
        s.execute(text("UPDATE budget_amount SET amount_minor = -1"))


def test_what_is_missing_or_wrong_is_refused(session: Session) -> None:
    with pytest.raises(UnknownFiscalYear):
        budgets.set_budget(session, RENT, eur("1"), year=2031)
    with pytest.raises(UnknownBudget):
        budgets.variance(session, 2026)
    with pytest.raises(AmountNegative):
        budgets.set_budget(session, RENT, eur("-1"), year=2026)
    with pytest.raises(NoYearBefore):
        budgets.set_budget(session, RENT, eur("1"), year=2026, split=Split.AS_LAST_YEAR)
    for key in ([Decimal(1)] * 11, [Decimal(0)] * 12):
        with pytest.raises(KeyNeeded):
            budgets.set_budget(session, RENT, eur("1"), year=2026, split=Split.BY_KEY, key=key)
    with pytest.raises(FactorNotPositive):
        budgets.copy_budget(session, 2026, to_year=2027, factor=Decimal(0))
    with pytest.raises(NothingBudgeted):
        budgets.set_policy(session, 2026, Policy.STOP, account="Travel")


def test_a_sheet_is_imported_whole_or_not_at_all(session: Session) -> None:
    centres(session)
    yearly = budgets.read_rows("account,amount,cost_centre\n6020,1200,\nMarketing,600,web\n")
    monthly = budgets.read_rows(
        "\ufeffAccount," + ",".join(map(str, range(1, 13))) + "\n6050," + ",".join(["10.50"] * 12)
    )

    budget = budgets.import_rows(session, [*yearly, *monthly], year=2026)

    _, _, lines = budgets.budget_lines(session, budget.name)
    assert [(line.name, line.dimensions, str(line.year.amount)) for line in lines] == [
        ("Rent", "", "1200.00"),
        ("Marketing", "cost_centre=WEB", "600.00"),
        ("Travel", "", "126.00"),
    ]
    with pytest.raises(BadBudgetRow, match="Row 2"):
        budgets.import_rows(
            session,
            [BudgetRow("6020", (Decimal(1),)), BudgetRow("nothing like it", (Decimal(1),))],
            year=2026,
        )
    for sheet in ("account\n6020", "account,amount\n6020,much"):
        with pytest.raises(BadBudgetRow):
            budgets.read_rows(sheet)


# At the moment of spending.


def left_on_the_card(session: Session) -> list[str]:
    effect = events.effect_of(events.recorded(session))
    return [change.says() for change in effect.of_kind(Kind.BUDGET)]


def test_a_budget_that_warns_says_what_is_left(session: Session) -> None:
    budgets.set_budget(session, MARKETING_EXPENSE, eur("1000"), year=2026)
    spend(session, "100")
    assert left_on_the_card(session) == []
    budgets.set_policy(session, 2026, Policy.WARN)

    spend(session, "400")
    spend(session, "700")

    said = (
        "budget 2026 original 6040 Marketing"
        " (left of the budget): 900.00 EUR → -200.00 EUR · ≤ 1,000.00 EUR"
    )
    assert left_on_the_card(session) == [said]


def test_a_budget_that_stops_is_never_exceeded(session: Session) -> None:
    centres(session)
    budgets.set_budget(session, MARKETING_EXPENSE, eur("1000"), year=2026)
    budgets.set_budget(
        session, MARKETING_EXPENSE, eur("300"), year=2026, dimensions=(("cost_centre", "web"),)
    )
    budgets.set_policy(session, 2026, Policy.STOP, threshold_percent=Decimal(90))

    spend(session, "900")
    spend(session, "270", centre="WEB")

    with pytest.raises(BudgetExceeded, match=r"6040 Marketing has 0\.00 EUR left"):
        spend(session, "0.01", centre="SHOP")
    with pytest.raises(BudgetExceeded, match=r"\[WEB\]"):
        spend(session, "0.01", centre="web")
    # Another year has no budget, another account is not watched over, and what is given back is.
    spend(session, "5000", day=date(2025, 5, 4))
    spend(session, "5000", account=RENT)
    back = [debit(BANK, eur("50")), credit(MARKETING_EXPENSE, eur("50"))]
    entry = ledger.post_entry_by_hand(session, back, memo="refund", posted_on=date(2026, 5, 4))
    spend(session, "50")
    # A correction is never refused.
    ledger.reverse_entry_by_hand(session, entry.number, because="twice")
    # The line alone, and the budget as a whole, may be let go again.
    budgets.set_policy(
        session, 2026, Policy.WATCH, account="Marketing", dimensions=(("cost_centre", "WEB"),)
    )
    spend(session, "500", centre="WEB")
    assert verify_books(session) == []


def test_a_bill_takes_from_the_budget_and_is_refused_beyond_it(session: Session) -> None:
    supplier = parties.add_supplier(session, name="Agency").party
    budgets.set_budget(session, MARKETING_EXPENSE, eur("1000"), year=2026)
    budgets.set_policy(session, 2026, Policy.STOP)

    def bill(amount: str) -> invoicing.Invoice:
        line = InvoiceDraftLine(
            None, "Ads", Decimal(1), Decimal(amount), Decimal(0), None, MARKETING_EXPENSE
        )
        return invoicing.post_invoice(
            session, kind=InvoiceKind.SUPPLIER_BILL, party=supplier, lines=[line], origin=""
        )

    first = bill("800")
    with pytest.raises(BudgetExceeded, match=r"200\.00 EUR left"):
        bill("200.01")
    invoicing.credit_invoice(session, first.number, because="wrong")

    bill("1000")
    assert verify_books(session) == []


def test_what_is_ordered_is_promised_until_it_is_in_the_books(session: Session) -> None:
    shop = open_shop(session)
    budgets.set_budget(session, OPERATING_EXPENSE, eur("1000"), year=2026)
    budgets.set_policy(session, 2026, Policy.STOP)

    def order(hours: int) -> purchasing.PurchaseOrder:
        line = OrderLineDraft(shop.advice, Decimal(hours), unit_price=Decimal(60))
        return purchasing.place_order(session, supplier=shop.works, lines=[line])

    placed = order(10)
    with pytest.raises(BudgetExceeded, match=r"400\.00 EUR left .* this takes 420\.00 EUR"):
        order(7)
    [row] = budgets.variance(session, 2026).rows
    assert said([row.actual, row.committed, row.available]) == ["0.00", "600.00", "400.00"]

    purchasing.receive_order(session, placed.number)
    purchasing.bill_order(session, placed.number, quantities={1: Decimal(4)})

    [row] = budgets.variance(session, 2026).rows
    assert said([row.actual, row.committed, row.available]) == ["240.00", "360.00", "400.00"]
    cancelled = order(6)
    purchasing.cancel_order(session, cancelled.number, because="too much")
    [row] = budgets.variance(session, 2026).rows
    assert said([row.actual, row.committed, row.available]) == ["240.00", "360.00", "400.00"]
    assert verify_books(session) == []


def test_many_at_once_never_spend_more_than_there_is(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        budgets.set_budget(session, MARKETING_EXPENSE, eur("1000"), year=2026)
        budgets.set_policy(session, 2026, Policy.STOP)

    def buy(_: int) -> str:
        done = 0
        for _ in range(4):
            try:
                with unit_of_work(founded) as session:
                    spend(session, "70")
                done += 1
            except BudgetExceeded:
                continue
        return str(done)

    outcomes = at_once(buy, 8)

    # 14 times 70.00 are 980.00, and the other 18 are refused.
    assert sum(int(str(each)) for each in outcomes) == 14
    with reading(founded) as session:
        assert ledger.balance(session, MARKETING_EXPENSE) == eur("980")
        assert verify(session) == []


# Reports.


def test_the_result_of_the_comparison_is_the_one_of_the_trial_balance(session: Session) -> None:
    budgets.set_budget(session, MARKETING_EXPENSE, eur("1200"), year=2026)
    spend(session, "100", day=date(2026, 1, 5))
    spend(session, "40", account=RENT, day=date(2026, 2, 5))
    result = [debit(BANK, eur("500")), credit(REVENUE, eur("500"))]
    ledger.post_entry(session, result, memo="sale", origin="x", posted_on=date(2026, 2, 5))
    closing = [debit(REVENUE, eur("500")), credit(RETAINED_EARNINGS, eur("500"))]
    ledger.post_entry(
        session, closing, memo="close", origin="x", posted_on=date(2026, 12, 31),
        journal=Journal.CLOSING,
    )  # fmt: skip

    whole = budgets.variance(session, 2026)
    january = budgets.variance(session, 2026, through=date(2026, 1, 15))

    assert whole.result.actual == eur("360")
    assert [(row.name, said([row.budget, row.actual])) for row in whole.rows] == [
        ("Sales revenue", ["0.00", "500.00"]),
        ("Rent", ["0.00", "40.00"]),
        ("Marketing", ["1200.00", "100.00"]),
    ]
    assert [row.percent for row in whole.rows] == [None, None, Decimal("8.33")]
    assert said([january.expense.budget, january.expense.actual]) == ["100.00", "100.00"]


def test_budgets_are_figures_that_can_be_asked_for(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        budgets.set_budget(session, MARKETING_EXPENSE, eur("1200"), year=2026)
        budgets.set_budget(session, REVENUE, eur("6000"), year=2026)
        budgets.set_budget(session, REVENUE, eur("1"), year=2026, version="draft")
        spend(session, "250", day=date(2026, 1, 5))
        spend(session, "999", day=date(2025, 1, 5))

    def figures(metric: str) -> dict[str, str]:
        query = {
            "metrics": [metric],
            "dimensions": ["gl_account"],
            "period": {"kind": "range", "start": "2026-01-01", "end": "2026-01-31"},
        }
        with reading(founded) as session:
            report = answer(session, ReportQuery.model_validate(query))
        return {row.members[0].key: str(row.figures[0]) for row in report.rows}

    assert figures("budget_amount") == {"6040": "100", "4000": "500"}
    assert figures("budget_variance") == {"6040": "-150", "4000": "-500"}


@settings(max_examples=6)
@given(
    spent=st.lists(st.tuples(st.integers(1, 40_000), st.sampled_from(["", *CENTRES])), max_size=8),
    limits=st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)),
)
def test_whatever_is_spent_no_line_that_stops_is_over(
    shared_books: Engine, spent: list[tuple[int, str]], limits: tuple[int, int]
) -> None:
    with rehearsal(shared_books) as session:
        centres(session)
        for limit, where in zip(limits, ((), (("cost_centre", "WEB"),)), strict=True):
            budgets.set_budget(
                session, MARKETING_EXPENSE, Money(limit, "EUR"), year=2026, dimensions=where
            )
        budgets.set_policy(session, 2026, Policy.STOP)
        refused = 0
        for minor, centre in spent:
            try:
                spend(session, str(Decimal(minor) / 100), centre=centre)
            except BudgetExceeded:
                refused += minor

        rows = budgets.variance(session, 2026).rows

        assert all(row.available.minor >= 0 for row in rows)
        actual = sum(row.actual.minor for row in rows)
        assert actual + refused == sum(minor for minor, _ in spent)
        assert actual == ledger.balance(session, MARKETING_EXPENSE).minor


@pytest.fixture(scope="module")
def shared_books(databases: Databases) -> Engine:
    """Books for many short stories: each is rehearsed, so none leaves anything behind."""
    return databases("founded")
