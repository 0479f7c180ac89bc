"""Entries by hand, opening balances, the chart, the calendar and dimensions, as tools."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import ledger
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.ledger.errors import PeriodLocked, SidesNotSaid
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX, ProposalView

POST, LINES = "ledger.post_entry", "ledger.post_lines"
OPENING = "ledger.enter_opening_balances"


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return list(answer.grid().rows)


def proposed(shop: Engine, tool: str, **arguments: object) -> ProposalView:
    return propose(shop, "accountant", tool, **arguments)


def done(shop: Engine, tool: str, **arguments: object) -> str:
    return approve(shop, proposed(shop, tool, **arguments))


def undone(shop: Engine, proposal: ProposalView) -> str:
    return approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), proposal.id))


def balance(shop: Engine, account: str) -> str:
    with reading(shop) as session:
        return str(ledger.balance(session, account).amount)


@pytest.fixture(scope="module")
def stall(databases: Callable[[str], Engine]) -> Engine:
    """A shop in which nothing is approved: all tests that only propose share it."""
    return databases("shop")


@pytest.fixture
def centres(shop: Engine) -> Engine:
    """The shop with a cost centre and a project."""
    with unit_of_work(shop) as session:
        ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")
        ledger.add_member(session, "project", code="P1", name="Neubau")
    return shop


# Entries.


def test_an_expense_alone_is_paid_by_the_bank_and_says_its_month_and_its_place(
    centres: Engine,
) -> None:
    rent = proposed(
        centres,
        POST,
        account="rent",
        amount="12000",
        posted_on="2026-03-31",
        dimensions=["cost centre Sales"],
    )

    assert rent.effect.lines() == [
        "journal entry: new · Rent 2026-03",
        "debit 6020 Rent: 12,000.00 EUR · SALES",
        "credit 1010 Bank: 12,000.00 EUR",
        "journal entry (posting date): 2026-03-31",
    ]
    assert approve(centres, rent, "admin").endswith("is posted, 12,000.00 EUR.")
    with reading(centres) as session:
        assert verify(session) == []


@pytest.mark.parametrize(
    ("said", "sides"),
    [
        ({"account": "4900"}, ("1010", "4900")),
        ({"account": "rent", "credit": "cash"}, ("6020", "1000")),
        ({"account": "bank fees", "debit": "2400"}, ("2400", "6030")),
        ({"debit": "2500"}, ("2500", "1010")),
        ({"credit": "2500"}, ("1010", "2500")),
    ],
)
def test_the_side_that_is_not_said_is_the_one_that_is_free(
    stall: Engine, said: dict[str, str], sides: tuple[str, str]
) -> None:
    arguments = proposed(stall, POST, amount=1, **said).calls[0]["arguments"]

    assert (arguments["debit"], arguments["credit"]) == sides


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"account": "1010"},
        {"account": "2500"},
        {"debit": "bank"},
        {"debit": "6020", "credit": "rent"},
        {"account": "6020", "debit": "1010", "credit": "1000"},
    ],
)
def test_sides_that_are_not_clear_are_asked_for(stall: Engine, said: dict[str, str]) -> None:
    with pytest.raises(SidesNotSaid, match="which account is debited"):
        proposed(stall, POST, amount=1, **said)


def test_an_entry_in_another_currency_takes_the_rate_of_its_day_and_shows_both(
    shop: Engine,
) -> None:
    with unit_of_work(shop) as session:
        for day, units in ((date(2026, 1, 1), "1.10"), (date(2026, 6, 1), "1.25")):
            ledger.set_rate(session, "USD", valid_from=day, foreign_units=Decimal(units))
    fee = proposed(
        shop, POST, account="bank fees", amount="110", currency="USD", posted_on="2026-05-31"
    )

    assert fee.calls[0]["arguments"]["worth"] == "100.00"
    assert fee.effect.lines() == [
        "journal entry: new · Bank fees 2026-05",
        "debit 6030 Bank fees: 100.00 EUR · 110.00 USD",
        "credit 1010 Bank: 100.00 EUR · 110.00 USD",
        "journal entry (posting date): 2026-05-31",
    ]
    approve(shop, fee)
    done(shop, POST, account="bank fees", amount="100", currency="USD", worth="81.23")
    assert balance(shop, "6030") == "181.23"
    with pytest.raises(DomainError, match="no rate of CHF"):
        proposed(shop, POST, account="bank fees", amount="110", currency="CHF")


def test_an_entry_of_any_lines_is_posted_and_reversed_on_a_day(centres: Engine) -> None:
    entry = proposed(
        centres,
        LINES,
        memo="wages",
        posted_on="2026-05-31",
        journal="bank",
        lines=[
            {"account": "salaries", "debit": "1000", "dimensions": ["Sales"]},
            {"account": "6050", "debit": "80", "dimensions": ["Neubau", "Sales"]},
            {"account": "2310", "credit": "230"},
            {"account": "bank", "credit": "850"},
        ],
    )
    assert entry.effect.lines() == [
        "journal entry: new · wages",
        "debit 6010 Salaries: 1,000.00 EUR · SALES",
        "debit 6050 Travel: 80.00 EUR · P1, SALES",
        "credit 2310 Payroll tax payable: 230.00 EUR",
        "credit 1010 Bank: 850.00 EUR",
        "journal entry (journal): bank",
        "journal entry (posting date): 2026-05-31",
    ]
    number = approve(centres, entry).split(" ")[0]
    back = done(
        centres, "ledger.reverse_entry", number=number, because="wrong", posted_on="2026-06-01"
    )
    assert back.startswith(f"{number} is reversed by JE-")
    assert balance(centres, "6010") == "0.00"


def test_an_entry_is_reversed_by_itself_when_its_day_has_come(shop: Engine) -> None:
    accrual = proposed(
        shop, POST, account="rent", credit="2400", amount=900, posted_on="2026-05-31",
        reverse_on="2026-06-01",
    )  # fmt: skip
    assert "(to be reversed on): 2026-06-01" in "\n".join(accrual.effect.lines())
    approve(shop, accrual)
    assert balance(shop, "6020") == "900.00"

    done(shop, "schedules.run")
    assert balance(shop, "6020") == "0.00"


def test_a_receivable_by_hand_is_owed_by_its_party(shop: Engine) -> None:
    done(shop, POST, debit="1100", credit="4900", amount=50, party="Acme", due_on="2026-07-15")

    items: Any = ask(shop, "accountant", "invoicing.list_open_items", direction="receivable")
    assert [str(row[-1]) for row in rows(items)] or items.sentence()
    assert balance(shop, "1100") == "50.00"
    with pytest.raises(DomainError, match="must name the customer"):
        proposed(shop, POST, debit="1100", credit="4900", amount=50)
    # What is owed is settled by documents, and does not come and go by itself.
    with pytest.raises(DomainError, match="kept by documents"):
        proposed(
            shop, POST, debit="1100", credit="4900", amount=50, party="Acme",
            reverse_on="2026-07-01",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (LINES, {"lines": [{"account": "6020", "debit": 5}]}, "at least one debit"),
        (LINES, {"lines": [{"account": "6020", "debit": 5}, {"account": "1010", "credit": 4}]},
         r"differ by 1\.00 EUR"),
        (LINES, {"lines": [{"account": "6020", "debit": 5, "credit": 5}]}, "either a debit"),
        (LINES, {"lines": [{"account": "6020"}]}, "either a debit"),
        (LINES, {"lines": []}, "at least 1 item"),
        (POST, {"debit": "60", "credit": "1010", "amount": 1}, "is a heading"),
        (POST, {"account": "rent", "amount": 1, "dimensions": ["Mars"]}, "no cost centre"),
        (POST, {"account": "rent", "amount": 10**18}, "no more than 16 digits"),
        (POST, {"account": "rent", "amount": 1, "currency": "dollars"}, "pattern"),
        (POST, {"account": "rent", "amount": 1, "journal": "closing"}, "general"),
        (POST, {"account": "rent", "amount": 1, "reverse_on": "2026-06-15"}, "later day"),
        (OPENING, {"account": "1400", "amount": 1}, "stock count"),
        (OPENING, {"account": "rent", "amount": 1}, "opens with nothing"),
        (OPENING, {"account": "1100", "amount": 1}, "must name the customer"),
    ],
)  # fmt: skip
def test_what_cannot_be_posted_is_refused_with_a_reason(
    stall: Engine, tool: str, arguments: dict[str, object], said: str
) -> None:
    given = {"memo": "x", **arguments} if tool == LINES else arguments
    with pytest.raises(DomainError, match=said):
        proposed(stall, tool, **given)


def test_the_books_open_by_account_party_and_document(shop: Engine) -> None:
    opening = proposed(
        shop,
        OPENING,
        account="bank",
        amount="1000",
        posted_on="2026-01-01",
        more=[
            {"account": "1500", "amount": "500"},
            {"account": "1590", "amount": "100", "side": "credit"},
            {"account": "3000", "amount": "1400"},
            {"account": "1100", "amount": "119", "party": "Acme", "reference": "R-7",
             "due_on": "2026-01-31"},
            {"account": "2000", "amount": "60", "party": "Brightway", "reference": "B-1"},
        ],
    )  # fmt: skip
    said = approve(shop, opening)
    # 156.00 is the opening stock of the shop.
    assert said.endswith("-215.00 EUR stands on opening balance (debits less credits).")
    for account, amount in (("1010", "1000.00"), ("1100", "119.00"), ("2000", "-60.00")):
        assert balance(shop, account) == amount
    undone(shop, opening)
    assert balance(shop, "3900") == "-156.00"
    with reading(shop) as session:
        assert verify(session) == []


# The chart.


def test_an_account_is_added_moved_blocked_and_unblocked(shop: Engine) -> None:
    added = proposed(shop, "ledger.add_account", code="6065", name="Heating", name_zh="取暖费")
    assert added.effect.lines() == ["6065 Heating: new · 60 Running costs"]
    assert approve(shop, added) == "Account 6065 Heating: new."
    done(shop, "ledger.add_account", code="65", name="Premises", heading=True, below="5")
    moved = proposed(shop, "ledger.move_account", account="heating", heading="premises")
    assert moved.effect.lines() == ["6065 Heating (heading): 60 Running costs → 65 Premises"]
    approve(shop, moved)
    tree: Any = ask(shop, "auditor", "ledger.list_accounts", below="premises")
    assert [(row[0], row[1]) for row in rows(tree)] == [("65", "Premises"), ("  6065", "Heating")]
    undone(shop, moved)
    blocked = proposed(shop, "ledger.block_account", account="Heating")
    assert blocked.effect.lines() == ["6065 Heating: open → blocked"]
    approve(shop, blocked)
    with pytest.raises(DomainError, match="6065 Heating is blocked"):
        proposed(shop, POST, account="heating", amount=1)
    undone(shop, blocked)
    proposed(shop, POST, account="heating", amount=1)
    undone(shop, added)
    with pytest.raises(DomainError, match="already an account 6065"):
        proposed(shop, "ledger.add_account", code="6065", name="Heat")


# Dimensions.


def test_a_dimension_its_members_and_what_accounts_demand_of_it(shop: Engine) -> None:
    assert done(shop, "ledger.add_dimension", name="Sales region") == (
        "sales_region Sales region: new."
    )
    north = proposed(shop, "ledger.add_dimension_member", dimension="sales region", name="North")
    assert north.effect.lines() == ["sales_region NORTH: new · North"]
    approve(shop, north)
    demand = proposed(
        shop, "ledger.demand_dimension", account="travel", dimension="Sales region", default="north"
    )
    assert demand.effect.lines() == ["6050 Travel (sales_region): optional → required · NORTH"]
    assert approve(shop, demand) == (
        "On account 6050 Travel, sales_region is required, NORTH if none is said."
    )
    entry = proposed(shop, POST, account="travel", amount=10)
    assert "debit 6050 Travel: 10.00 EUR · NORTH" in entry.effect.lines()
    listed: Any = ask(shop, "auditor", "ledger.list_dimensions", dimension="sales region")
    assert rows(listed) == [("sales_region", "NORTH", "North", "North", False)]
    rules: Any = ask(shop, "auditor", "ledger.list_dimension_rules")
    assert rows(rules) == [("6050 Travel", "sales_region", "required", "NORTH")]
    undone(shop, demand)
    undone(shop, north)
    with pytest.raises(DomainError, match="NORTH North is blocked"):
        proposed(shop, POST, account="travel", amount=10, dimensions=["North"])


# The calendar.


def test_closing_says_what_is_left_to_do(shop: Engine) -> None:
    done(shop, "schedules.start_recurring", account="rent", amount=900, starts_on="2025-01-31")
    close = proposed(shop, "ledger.close_period", period="2025-03")

    assert close.effect.lines() == [
        "fiscal period 2025-03: open → closed",
        "fiscal period 2025-03 (earlier periods still open): 2025-01 … 2025-02",
        "fiscal period 2025-03 (schedules due and not posted): RE-00001",
    ]
    through = proposed(shop, "ledger.close_periods_through", through="2025-02-28")
    assert approve(shop, through) == "2 fiscal periods are closed now: 2025-01 … 2025-02."
    undone(shop, through)
    periods: Any = ask(shop, "auditor", "ledger.list_periods", year="2025")
    assert periods.sentence() == "12 of 12 fiscal periods are open."


def test_a_period_is_locked_for_purchases_and_unlocked_with_a_reason(shop: Engine) -> None:
    lock = proposed(shop, "ledger.lock_period", period="2026-05", area="purchases")
    assert lock.effect.lines() == ["fiscal period 2026-05 (purchases): open → locked"]
    assert approve(shop, lock) == "The fiscal period 2026-05 is locked for purchases now."
    entry = {"account": "rent", "amount": 1, "posted_on": "2026-05-31"}
    with pytest.raises(PeriodLocked):
        proposed(shop, POST, journal="purchases", **entry)
    proposed(shop, POST, **entry)
    periods: Any = ask(shop, "auditor", "ledger.list_periods", year="2026")
    assert rows(periods)[4][4] == "purchases"
    with pytest.raises(DomainError, match="because"):
        proposed(shop, "ledger.unlock_period", period="2026-05", area="purchases")
    undone(shop, lock)
    proposed(shop, POST, journal="purchases", **entry)


def test_a_year_is_opened_closed_and_reopened(shop: Engine) -> None:
    opened = proposed(shop, "ledger.open_fiscal_year", year=2028, first_month=4)
    assert approve(shop, opened) == "The fiscal year 2028/29 is open: 2028-04 … 2029-03."
    done(shop, POST, account="rent", amount=900)
    close = proposed(shop, "ledger.close_fiscal_year", year="2026")
    assert (
        close.effect.lines()[0]
        == "fiscal year 2026: open → closed · -900.00 EUR → 3100 Retained earnings"
    )
    assert close.effect.lines()[13:] == [
        "debit 3100 Retained earnings: 900.00 EUR",
        "credit 6020 Rent: 900.00 EUR",
    ]
    approve(shop, close)
    years: Any = ask(shop, "auditor", "ledger.list_fiscal_years")
    assert years.sentence() == "1 of 4 fiscal years are closed."
    assert balance(shop, "3100") == "900.00"
    undone(shop, close)
    assert balance(shop, "3100") == "0.00"
    with reading(shop) as session:
        assert verify(session) == []
