"""The tools of the ledger, on the one road: asked, shown, approved, undone."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from core.compliance import verify
from core.kernel.database import reading
from core.kernel.errors import DomainError
from core.ledger.chart import HEADINGS, STANDARD
from core.ledger.errors import PeriodClosed, PeriodOnHold
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.errors import CannotBeUndone

POST = "ledger.post_entry"


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return list(answer.grid().rows)


def test_an_entry_is_posted_by_the_names_of_its_accounts_and_undone(shop: Engine) -> None:
    proposal = propose(
        shop,
        "accountant",
        POST,
        debit="rent",
        credit="银行存款",
        amount="900",
        memo="June rent",
        more=[{"debit": "bank fees", "credit": "1010", "amount": "1.50"}],
    )
    assert proposal.calls[0]["arguments"]["debit"] == "6020"
    assert proposal.effect.lines() == [
        "journal entry: new · June rent",
        "debit 6020 Rent: 900.00 EUR",
        "debit 6030 Bank fees: 1.50 EUR",
        "credit 1010 Bank: 900.00 EUR",
        "credit 1010 Bank: 1.50 EUR",
    ]
    assert str(proposal.effect.amounts[0]) == "901.50 EUR"
    said = approve(shop, proposal)
    assert said.startswith("JE-")
    assert said.endswith("is posted, 901.50 EUR.")

    page: Any = ask(shop, "accountant", "ledger.show_account", account="bank")
    assert page.sentence() == (
        "1010 Bank carries -901.50 EUR on 2026-06-15 (debits less credits); 2 lines shown."
    )
    assert [str(row[-1]) for row in rows(page)] == ["-900.00", "-901.50"]
    number = rows(page)[0][1]
    entry = ask(shop, "auditor", "ledger.show_entry", number=number)
    assert entry.sentence() == f"{number} of 2026-06-15: June rent, 901.50 EUR."
    assert entry.sentence("zh") == f"{number}，2026-06-15，June rent，901.50 EUR。"

    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), proposal.id)
    assert f"journal entry {number}: posted → reversed" in undo.effect.lines()
    approve(shop, undo)
    shown = ask(shop, "auditor", "ledger.show_entry", number=number)
    assert "reversed by JE-" in shown.sentence()
    with pytest.raises(CannotBeUndone):
        TOOLBOX.undo(shop, as_person(shop, "accountant"), undo.id)
    with reading(shop) as session:
        assert verify(session) == []


def test_the_trial_balance_balances_on_any_day(shop: Engine) -> None:
    today: Any = ask(shop, "auditor", "ledger.show_trial_balance")
    assert today.sentence() == (
        "The trial balance balances: 156.00 EUR on either side, 2 accounts."
    )
    assert [(row[0], str(row[4]), str(row[5])) for row in rows(today)] == [
        ("1400", "156.00", "0.00"),
        ("3900", "0.00", "156.00"),
    ]
    before = ask(shop, "auditor", "ledger.show_trial_balance", as_of=date(2025, 1, 1))
    assert (
        before.sentence("zh") == "截至 2025-01-01，试算平衡：借贷双方各为 0.00 EUR，共 0 个科目。"
    )
    chart: Any = ask(shop, "accountant", "ledger.list_accounts")
    assert len(rows(chart)) == len(HEADINGS) + len(STANDARD)
    assert [row[0] for row in rows(chart)[:4]] == ["1", "  10", "    100", "      1000"]
    assert chart.sentence() == f"There are {len(STANDARD)} accounts in the chart."


def test_a_period_is_held_closed_and_opened_again(shop: Engine) -> None:
    def rent(day: str) -> None:
        arguments = {"debit": "6020", "credit": "1010", "amount": 1, "memo": "x"}
        propose(shop, "accountant", POST, posted_on=day, **arguments)

    hold = propose(shop, "accountant", "ledger.hold_period", period="2026-05")
    assert hold.effect.lines() == ["fiscal period 2026-05: open → on hold"]
    assert approve(shop, hold) == "The fiscal period 2026-05 is on hold now."
    with pytest.raises(PeriodOnHold) as refused:
        rent("2026-05-31")
    assert refused.value.message("zh").startswith("会计期间 2026-05 已暂停")

    close = propose(shop, "accountant", "ledger.close_period", period="2026-05")
    approve(shop, close)
    with pytest.raises(PeriodClosed):
        rent("2026-05-31")
    periods: Any = ask(shop, "auditor", "ledger.list_periods")
    assert periods.sentence() == "35 of 36 fiscal periods are open."

    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), close.id)
    assert undo.calls[0]["tool"] == "ledger.hold_period"
    approve(shop, undo)
    opened = propose(
        shop, "accountant", "ledger.reopen_period", period="2026-05", because="late bill"
    )
    approve(shop, opened)
    rent("2026-05-31")


@pytest.mark.parametrize(
    ("who", "tool", "arguments", "said"),
    [
        ("sales", POST, {}, "role"),
        ("auditor", POST, {}, "role"),
        ("accountant", POST, {"debit": "9999"}, "no account 9999"),
        ("accountant", POST, {"debit": "1400"}, "kept by documents"),
        ("accountant", POST, {"credit": "1100"}, "must name the customer"),
        ("accountant", POST, {"amount": "-1"}, "greater than 0"),
        ("accountant", POST, {"amount": "0.005"}, "smallest unit"),
        ("accountant", POST, {"amount": "inf"}, "finite"),
        ("accountant", POST, {"posted_on": "2031-01-01"}, "no fiscal period"),
        ("accountant", POST, {"approved": True}, "Extra inputs"),
        ("accountant", "ledger.reverse_entry", {"number": "JE-1", "because": "x"}, "kept by"),
        ("accountant", "ledger.reverse_entry", {"number": "JE-99", "because": "x"}, "no journal"),
        ("accountant", "ledger.close_period", {"period": "2031-01"}, "no fiscal period"),
        ("accountant", "ledger.reopen_period", {"period": "2026-01", "because": "x"}, "already"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    shop: Engine, who: str, tool: str, arguments: dict[str, object], said: str
) -> None:
    usual = {"debit": "6020", "credit": "1010", "amount": 1, "memo": "rent"}
    given = {**usual, **arguments} if tool == POST else arguments
    with pytest.raises(DomainError, match=said):
        propose(shop, who, tool, **given)


def test_an_account_is_read_page_by_page_to_its_beginning(shop: Engine) -> None:
    for amount in (100, 200, 300):
        approve(shop, propose(shop, "accountant", "ledger.post_entry", debit="6020", amount=amount))
    arguments = {"account": "bank", "limit": 2}

    newest: Any = ask(shop, "auditor", "ledger.show_account", **arguments)
    number = rows(newest)[0][1]
    assert newest.sentence() == (
        "1010 Bank carries -600.00 EUR on 2026-06-15 (debits less credits); 2 lines shown;"
        f" older ones are before {newest.page.older}."
    )
    assert newest.page.older.startswith(f"{number}:")
    older: Any = ask(shop, "auditor", "ledger.show_account", before=newest.page.older, **arguments)
    assert older.sentence() == (
        f"1010 Bank carries -100.00 EUR before {newest.page.older} (debits less credits);"
        " 1 lines shown."
    )
    assert older.sentence("zh").startswith(f"1010 银行存款，{newest.page.older} 之前余额 -100.00")
    with pytest.raises(DomainError, match="JE-99"):
        ask(shop, "auditor", "ledger.show_account", before="JE-99:1", **arguments)
