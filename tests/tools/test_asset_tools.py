"""The tools of fixed assets and budgets, taken along the road of every change."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import ledger
from core.approvals import ProposalState
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.effects import Kind
from core.kernel.errors import NotPermitted
from core.kernel.money import Money
from core.ledger import assets, budgets
from core.ledger.budgets import Policy
from core.ledger.budgets.errors import BudgetExceeded
from core.ledger.chart import (
    DEPRECIATION,
    DISPOSAL_GAIN,
    FIXED_ASSETS,
    MARKETING_EXPENSE,
    RECEIVABLE,
)
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.asset_answers import AssetsListed, PlanShown, RegisterShown
from tools.budget_answers import BudgetShown, VarianceShown

PRESS = {
    "name": "Press",
    "asset_class": "machinery",
    "cost": "1000",
    "residual": "100",
    "months": 24,
    "acquired_on": "2025-01-01",
}


def lines(proposal_lines: list[str], part: str) -> list[str]:
    return [line for line in proposal_lines if part in line]


def balance(engine: Engine, account: str) -> str:
    with reading(engine) as session:
        return str(ledger.balance(session, account).amount)


def test_an_asset_goes_its_way_by_tools_and_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        assets.open_standard_classes(session)
    card = propose(shop, "accountant", "assets.add_asset", **PRESS)
    assert lines(card.effect.lines(), "fixed asset: new")[0].startswith(
        "fixed asset: new · Press [MACHINERY] · 1,000.00 EUR · straight_line"
    )
    assert approve(shop, card) == (
        "FA-00001 Press is in the register at 1,000.00 EUR; 24 depreciations, the first of"
        " 37.50 EUR."
    )

    card = propose(shop, "accountant", "assets.depreciate", until="2025-03-31")
    assert card.effect.amounts == (Money.of("112.50", "EUR"),)
    said = approve(shop, card)
    assert said == "Depreciated through 2025-03-31: 112.50 EUR (DEP-00001)."
    plan = ask(shop, "auditor", "assets.show_plan", asset="press")
    assert isinstance(plan, PlanShown)
    assert len(plan.grid().rows) == 24
    assert plan.sentence("zh").startswith("FA-00001 Press：原值 1,000.00 EUR，直线法，共 24 期")

    undone = TOOLBOX.undo(shop, as_person(shop, "accountant"), card.id)
    approve(shop, undone)
    assert balance(shop, DEPRECIATION) == "0.00"

    card = propose(
        shop, "accountant", "assets.sell_asset",
        asset="FA-00001", amount="1200", customer="Acme", on="2025-01-10",
    )  # fmt: skip
    said = approve(shop, card)
    assert said == (
        "FA-00001 Press is disposed of, invoiced with INV-00001; the gain is 200.00 EUR."
    )
    assert [balance(shop, each) for each in (FIXED_ASSETS, RECEIVABLE, DISPOSAL_GAIN)] == [
        "0.00",
        "1200.00",
        "-200.00",
    ]
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), card.id))
    assert [balance(shop, each) for each in (FIXED_ASSETS, RECEIVABLE, DISPOSAL_GAIN)] == [
        "1000.00",
        "0.00",
        "0.00",
    ]
    register = ask(shop, "auditor", "assets.show_register", since="2025-01-01")
    assert isinstance(register, RegisterShown)
    assert "1,000.00 EUR added" in register.sentence()
    listed = ask(shop, "auditor", "assets.list_assets")
    assert isinstance(listed, AssetsListed)
    assert listed.sentence() == (
        "1 fixed asset, worth 1,000.00 EUR in the books. 637.50 EUR of depreciation is due and"
        " not posted."
    )
    with reading(shop) as session:
        assert verify(session) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("revalue_asset", {"value": "1500", "on": "2025-01-01"}, "is worth 1,500.00 EUR"),
        (
            "impair_asset",
            {"amount": "100", "because": "rust", "on": "2025-01-01"},
            "is worth 900.00 EUR",
        ),
        ("scrap_asset", {"on": "2025-01-05"}, "the loss is 1,000.00 EUR"),
        ("transfer_asset", {"dimensions": ["mill"], "on": "2025-01-05"}, "is worth 1,000.00"),
    ],
)
def test_what_happens_to_an_asset_is_undone_by_its_tool(
    shop: Engine, tool: str, arguments: dict[str, str], said: str
) -> None:
    with unit_of_work(shop) as session:
        ledger.add_member(session, "cost_centre", code="MILL", name="Mill")
    approve(shop, propose(shop, "accountant", "assets.add_asset", **PRESS))
    card = propose(shop, "accountant", f"assets.{tool}", asset="Press", **arguments)

    assert said in approve(shop, card)
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), card.id))

    with reading(shop) as session:
        view = assets.asset_view(session, "FA-00001")
        assert (str(view.book_value.amount), view.dimensions) == ("1000.00", "")
        assert verify(session) == []


def test_only_who_keeps_the_books_touches_assets_and_budgets(shop: Engine) -> None:
    for who, tool, arguments in (
        ("sales", "assets.depreciate", {}),
        ("buyer", "budgets.set_budget", {"account": "6040", "amount": "1"}),
        ("accountant", "budgets.set_policy", {"policy": "stop"}),
    ):
        with pytest.raises(NotPermitted):
            propose(shop, who, tool, **arguments)
    with pytest.raises(NotPermitted):
        ask(shop, "sales", "budgets.show_variance")


def test_a_budget_goes_its_way_by_tools_and_back(shop: Engine) -> None:
    card = propose(shop, "accountant", "budgets.set_budget", account="marketing", amount="1200")
    assert approve(shop, card) == "The budget 2026 original has 1,200.00 EUR for 6040 Marketing."
    again = propose(
        shop, "accountant", "budgets.set_budget", account="6040", amount="2400", year="2026"
    )
    assert lines(again.effect.lines(), "budget 2026 original 6040 Marketing: ")[0].startswith(
        "budget 2026 original 6040 Marketing: 1,200.00 EUR → 2,400.00 EUR"
    )
    approve(shop, again)
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), again.id))
    approve(shop, propose(shop, "manager", "budgets.set_policy", policy="stop"), "manager2")

    entry = {"debit": "6040", "credit": "1010", "memo": "ads", "amount": "1200"}
    spending = propose(shop, "accountant", "ledger.post_entry", **entry)
    [left] = spending.effect.of_kind(Kind.BUDGET)
    assert (left.before, left.after) == ("1,200.00 EUR", "0.00 EUR")
    approve(shop, spending)
    with pytest.raises(BudgetExceeded):
        propose(shop, "accountant", "ledger.post_entry", **entry)

    shown = ask(shop, "auditor", "budgets.show_variance")
    assert isinstance(shown, VarianceShown)
    assert shown.sentence() == (
        "2026 original through 2026-12-31: a result of -1,200.00 EUR, -1,200.00 EUR budgeted"
        " (-100.00 %); 0 lines are overspent."
    )
    assert shown.grid().rows[-1][1] == "result"
    left = ask(shop, "auditor", "budgets.show_variance", account="marketing")
    assert left.sentence() == (
        "6040 Marketing: 0.00 EUR left of 1,200.00 EUR through 2026-12-31; 1,200.00 EUR spent."
    )
    assert left.sentence("zh").endswith("已用 1,200.00 EUR，剩余 0.00 EUR。")
    nothing = ask(shop, "auditor", "budgets.show_variance", account="rent")
    assert nothing.sentence() == "2026 original has no amount for 6020; enter one to begin."
    copied = propose(shop, "accountant", "budgets.copy_budget", to_year="2027", factor="1.25")
    assert approve(shop, copied) == (
        "2027 original has 1 lines: income 0.00 EUR, expenses 1,500.00 EUR."
    )
    with reading(shop) as session:
        assert verify(session) == []


def test_two_who_spend_the_last_of_a_budget_do_not_both_get_it(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        budgets.set_budget(session, MARKETING_EXPENSE, Money.of(1000, "EUR"), year=2026)
        budgets.set_policy(session, 2026, Policy.STOP)
    entry = {"debit": "6040", "credit": "1010", "memo": "ads"}
    first = propose(shop, "accountant", "ledger.post_entry", amount="700", **entry)
    second = propose(shop, "accountant", "ledger.post_entry", amount="600", **entry)

    approve(shop, first)

    with pytest.raises(BudgetExceeded, match=r"300\.00 EUR left"):
        approve(shop, second)
    view = TOOLBOX.look(shop, as_person(shop, "manager"), second.id)
    assert view.state == ProposalState.OPEN
    assert balance(shop, MARKETING_EXPENSE) == "700.00"


def test_versions_and_sheets_by_tools(shop: Engine) -> None:
    sheet = "account,amount\n6020,1200\n6040,600\n"
    card = propose(shop, "accountant", "budgets.import_budget", sheet=sheet, year="2027")
    assert approve(shop, card) == "2 rows are in the budget 2027 original."
    revised = {"account": "6020", "amount": "1300", "year": "2027", "version": "revised"}
    approve(shop, propose(shop, "accountant", "budgets.set_budget", **revised))

    card = propose(shop, "manager", "budgets.put_in_force", budget="2027 revised")
    approve(shop, card, "manager2")

    shown = ask(shop, "auditor", "budgets.show_budget", budget="2027")
    assert isinstance(shown, BudgetShown)
    assert [(row[1], row[5]) for row in shown.grid().rows] == [("Rent", Decimal("1300.00"))]
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "manager"), card.id), "manager2")
    assert ask(shop, "auditor", "budgets.list_budgets").sentence() == (
        "There are 2 budgets; in force: 2027 original."
    )
