"""The tools of the statements: said in both languages, compared, and open to whom they concern."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from core import ledger
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, RENT, SERVICE_REVENUE, SHARE_CAPITAL
from core.ledger.errors import UnknownAccount, UnknownPlace
from core.processes.upkeep import keep_totals
from tests.core.road import ask
from tools.errors import BadArguments, NotComparable

MAY = {"kind": "range", "start": "2026-05-01", "end": "2026-05-31"}
INCOME, SHEET, FLOW = (
    "statements.income_statement",
    "statements.balance_sheet",
    "statements.cash_flow",
)


@pytest.fixture
def books(shop: Engine) -> Engine:
    """The shop with a few entries of this year and the one before."""
    with unit_of_work(shop) as session:
        for day, to, by, amount in (
            (date(2025, 1, 2), BANK, SHARE_CAPITAL, "1000"),
            (date(2025, 5, 2), BANK, SERVICE_REVENUE, "400"),
            (date(2026, 5, 4), BANK, SERVICE_REVENUE, "500"),
            (date(2026, 6, 1), RENT, BANK, "120.50"),
        ):
            money = Money.of(amount, "EUR")
            ledger.post_entry_by_hand(
                session, [debit(to, money), credit(by, money)], memo="any", posted_on=day
            )
    return shop


def test_statements_are_said_and_compared_in_both_languages(books: Engine) -> None:
    income: Any = ask(books, "accountant", INCOME, period=MAY, compare={"to": "prior_year"})
    assert income.sentence() == (
        "Income statement 2026-05-01 to 2026-05-31: total revenue 500.00 EUR, gross profit"
        " 500.00 EUR, operating profit 500.00 EUR, net result 500.00 EUR. Compared with"
        " 2025-05-01 to 2025-05-31: net result 400.00 EUR (change +25.0 %)."
    )
    assert income.notes() == [
        "2026-05-01 to 2026-05-31",
        "compared with 2025-05-01 to 2025-05-31",
        "Basis: posted journal entries",
    ]
    sheet: Any = ask(books, "auditor", SHEET, language="zh", compare={"to": "prior_period"})
    assert sheet.sentence("zh") == (
        "资产负债表2026-06-15：资产总计 1,935.50 EUR，负债合计 0.00 EUR，所有者权益合计"
        " 1,935.50 EUR。对比 2026-05-31：所有者权益合计 1,900.00 EUR（变动 +1.9 %）。"
    )
    names = [row[1] for row in sheet.grid().rows]
    assert names[0] == "资产"
    assert "本年利润" in names
    flow: Any = ask(books, "manager", FLOW, cash_flow_method="direct")
    assert flow.sentence() == (
        "Cash flow statement 2026-01-01 to 2026-06-15: net cash from operating activities"
        " 379.50 EUR, net cash from investing activities 0.00 EUR, net cash from financing"
        " activities 0.00 EUR, net change in cash 379.50 EUR."
    )
    balances: Any = ask(books, "manager", "statements.trial_balance", compare={"to": "prior_year"})
    assert balances.sentence() == (
        "The trial balance 2026-01-01 to 2026-06-15 balances: 776.50 EUR on either side,"
        " 6 accounts."
    )
    total = balances.grid().rows[-1]
    assert [str(cell) for cell in total[1:]] == [
        "Total", "0.00", "776.50", "776.50", "0.00", "0.00", "0.00",
    ]  # fmt: skip


def test_every_figure_leads_through_its_accounts_to_entries_and_documents(books: Engine) -> None:
    sheet: Any = ask(books, "accountant", SHEET)

    figure = next(each for each in sheet.figures() if each["metric"] == "assets")
    assert (str(figure["value"]), figure["as_of"]) == ("1935.50", date(2026, 6, 15))
    assert figure["filters"] == ["account 1010", "account 1400"]
    call = figure["drill"][0]
    page: Any = ask(books, "accountant", call["tool"], **call["arguments"])
    bank = next(each for each in sheet.figures() if each["metric"] == "account:1010")
    assert page.page.closing.amount == bank["value"]
    entry = page.grid().rows[-1][1]
    shown: Any = ask(books, "accountant", "ledger.show_entry", number=entry)
    assert shown.entry.origin == entry
    assert [row[0] for row in shown.grid().rows] == ["6020", "1010"]


def test_the_general_ledger_goes_on_where_the_page_before_ended(books: Engine) -> None:
    tool = "statements.general_ledger"
    first: Any = ask(books, "accountant", tool, period=MAY, limit=1)
    assert first.sentence() == (
        "General ledger 2026-05-01 to 2026-05-31: 1 lines of 1 accounts; more after"
        f" {first.further}."
    )
    second: Any = ask(books, "accountant", tool, period=MAY, after=first.further)
    assert [row[0] for row in second.grid().rows] == ["4010 Service revenue", "4010"]
    assert second.further == ""
    one: Any = ask(books, "accountant", tool, account="bank", language="zh")
    assert one.sentence("zh") == "总分类账 2026-01-01 至 2026-06-15：1 个科目，2 笔分录。"
    with pytest.raises(UnknownPlace):
        ask(books, "accountant", tool, after="1010|JE-99999:1")
    with pytest.raises(UnknownAccount):
        ask(books, "accountant", tool, account="moon")


def test_a_year_that_begins_in_another_month_is_the_year_of_the_statement(books: Engine) -> None:
    whole: Any = ask(books, "accountant", INCOME)
    assert whole.statement.stretches[0].since == date(2026, 1, 1)
    future: Any = ask(books, "accountant", INCOME, period={"kind": "range", "start": "2031-01-01"})
    assert future.statement.amount("net_result") == Money(0, "EUR")


def test_what_cannot_be_compared_or_read_is_refused(books: Engine) -> None:
    with pytest.raises(NotComparable, match="budget"):
        ask(books, "accountant", INCOME, compare={"to": "budget"})
    backwards = {"kind": "range", "start": "2026-06-01", "end": "2026-05-01"}
    with pytest.raises(BadArguments):
        ask(books, "accountant", INCOME, period=backwards)
    for tool in (INCOME, SHEET, FLOW, "statements.trial_balance", "statements.general_ledger"):
        with pytest.raises(NotPermitted):
            ask(books, "warehouse", tool)


def test_a_long_tail_is_folded_by_whoever_runs_and_changes_no_statement(
    books: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: Any = ask(books, "accountant", SHEET)
    assert not keep_totals(books)

    monkeypatch.setattr("core.ledger.totals.TAIL_MAX", 2)

    assert keep_totals(books)
    assert not keep_totals(books)
    after: Any = ask(books, "accountant", SHEET)
    assert after.grid() == before.grid()
    with reading(books) as session:
        assert not ledger.tail_is_long(session)
