"""Statements: exact on a small example, and on any day the sum of what was posted."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import ledger
from core.compliance.statements import kept_totals_are_their_lines
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.money import Money
from core.ledger import Account, AccountKind, Journal, Posting, Side, credit, debit
from core.ledger.chart import (
    BANK,
    CASH,
    COST_OF_GOODS_SOLD,
    DEPRECIATION,
    EXCHANGE_DIFFERENCES,
    FIXED_ASSETS,
    INVENTORY,
    OTHER_INCOME,
    RENT,
    RETAINED_EARNINGS,
    REVENUE,
    SALARIES_PAYABLE,
    SHARE_CAPITAL,
)
from core.ledger.errors import StretchReversed, UnknownMember, UnknownPlace
from core.ledger.statements import (
    LineKind,
    Method,
    Statement,
    Stretch,
    account_balances,
    balance_sheet,
    cash_flow_statement,
    growth_percent,
    income_statement,
)

Y2025 = Stretch(date(2025, 1, 1), date(2025, 12, 31))
MAY, JUNE = (
    Stretch(date(2026, 5, 1), date(2026, 5, 31)),
    Stretch(date(2026, 6, 1), date(2026, 6, 30)),
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def post(
    session: Session,
    day: date,
    to: str,
    by: str,
    amount: str,
    *,
    journal: Journal = Journal.GENERAL,
    cost_centre: str = "",
) -> ledger.JournalEntry:
    dimensions = (("cost_centre", cost_centre),) if cost_centre else ()
    lines = [
        debit(to, eur(amount), dimensions=dimensions),
        credit(by, eur(amount), dimensions=dimensions),
    ]
    return ledger.post_entry(
        session, lines, memo="any", origin="DOC-1", posted_on=day, journal=journal
    )


def a_year_and_a_half(session: Session) -> None:
    """Post a small company's life: founded in 2025, a profit of 300, and a busy May and June."""
    post(session, date(2025, 1, 2), BANK, SHARE_CAPITAL, "1000")
    post(session, date(2025, 3, 1), BANK, REVENUE, "500")
    post(session, date(2025, 3, 1), RENT, BANK, "200")
    post(session, date(2026, 5, 4), BANK, REVENUE, "400")
    post(session, date(2026, 5, 5), COST_OF_GOODS_SOLD, INVENTORY, "150")
    post(session, date(2026, 5, 6), INVENTORY, BANK, "250")
    post(session, date(2026, 6, 1), CASH, BANK, "30")
    post(session, date(2026, 6, 2), BANK, REVENUE, "600")
    post(session, date(2026, 6, 3), RENT, BANK, "100")
    post(session, date(2026, 6, 4), FIXED_ASSETS, BANK, "240")
    post(session, date(2026, 6, 30), DEPRECIATION, "1590", "10")
    post(session, date(2026, 6, 30), BANK, OTHER_INCOME, "7")
    post(session, date(2026, 6, 30), EXCHANGE_DIFFERENCES, BANK, "2")


def shown(statement: Statement, *, sums: bool = False) -> list[tuple[str, ...]]:
    return [
        (line.key, *(str(amount.amount) for amount in line.amounts))
        for line in statement.lines
        if line.kind is not LineKind.HEADING and (sums or not line.is_sum)
    ]


def test_the_income_statement_counts_from_revenue_to_the_result_beside_another_month(
    session: Session,
) -> None:
    a_year_and_a_half(session)

    statement = income_statement(session, JUNE, compared=MAY)

    assert shown(statement, sums=True) == [
        ("account:4000", "600.00", "400.00"),
        ("revenue", "600.00", "400.00"),
        ("account:5000", "0.00", "150.00"),
        ("cost_of_sales", "0.00", "150.00"),
        ("gross_profit", "600.00", "250.00"),
        ("account:6020", "100.00", "0.00"),
        ("account:6070", "10.00", "0.00"),
        ("operating_expense", "110.00", "0.00"),
        ("operating_profit", "490.00", "250.00"),
        ("account:4900", "7.00", "0.00"),
        ("account:6800", "-2.00", "0.00"),
        ("other", "5.00", "0.00"),
        ("net_result", "495.00", "250.00"),
    ]
    assert statement.line("gross_profit").accounts == ("4000", "5000")
    assert growth_percent(*statement.line("revenue").amounts) == 50
    assert growth_percent(eur("5"), eur("0")) is None
    assert growth_percent(eur("-50"), eur("-100")) == 50


def test_the_balance_sheet_shows_the_result_of_the_year_until_it_is_carried_forward(
    session: Session,
) -> None:
    a_year_and_a_half(session)

    before = balance_sheet(session, date(2026, 6, 30), compared=date(2025, 12, 31))

    assert shown(before) == [
        ("account:1000", "30.00", "0.00"),
        ("account:1010", "1685.00", "1300.00"),
        ("account:1400", "100.00", "0.00"),
        ("account:1500", "240.00", "0.00"),
        ("account:1590", "-10.00", "0.00"),
        ("account:3000", "1000.00", "1000.00"),
        ("result_of_earlier_years", "300.00", "0.00"),
        ("result_of_year", "745.00", "300.00"),
    ]
    assert before.amount("assets") == before.amount("liabilities_and_equity") == eur("2045")
    assert before.amount("assets", 1) == before.amount("liabilities_and_equity", 1) == eur("1300")
    current = before.line("total:10")
    assert (current.name, current.name_zh) == ("Total current assets", "流动资产合计")
    assert current.amounts[0] == eur("1815")
    assert current.accounts == ("1000", "1010", "1400")

    last = Y2025.until
    post(session, last, REVENUE, RETAINED_EARNINGS, "500", journal=Journal.CLOSING)
    post(session, last, RETAINED_EARNINGS, RENT, "200", journal=Journal.CLOSING)

    after = balance_sheet(session, date(2026, 6, 30), compared=last)
    assert after.amount("account:3100") == after.amount("account:3100", 1) == eur("300")
    assert after.amount("result_of_earlier_years") == eur("0")
    assert after.line("result_of_year").amounts == (eur("745"), eur("0"))
    assert after.amount("liabilities_and_equity") == eur("2045")
    earned = income_statement(session, Y2025)
    assert (earned.amount("revenue"), earned.amount("net_result")) == (eur("500"), eur("300"))
    assert cash_flow_statement(session, Y2025).amount("net_result") == eur("300")


def test_the_cash_flow_explains_the_change_of_the_money_in_both_ways(session: Session) -> None:
    a_year_and_a_half(session)
    post(session, date(2026, 6, 5), SALARIES_PAYABLE, BANK, "50")

    indirect = cash_flow_statement(session, JUNE, compared=MAY)

    assert shown(indirect, sums=True) == [
        ("net_result", "495.00", "250.00"),
        ("account:6070", "10.00", "0.00"),
        ("account:1400", "0.00", "-100.00"),
        ("account:2300", "-50.00", "0.00"),
        ("operating", "455.00", "150.00"),
        ("account:1500", "-240.00", "0.00"),
        ("account:1590", "10.00", "0.00"),
        ("account:6070", "-10.00", "0.00"),
        ("investing", "-240.00", "0.00"),
        ("financing", "0.00", "0.00"),
        ("net_change", "215.00", "150.00"),
        ("opening_cash", "1450.00", "1300.00"),
        ("closing_cash", "1665.00", "1450.00"),
    ]
    direct = cash_flow_statement(session, JUNE, method=Method.DIRECT)
    assert shown(direct, sums=True) == [
        ("account:2300", "-50.00"),
        ("account:4000", "600.00"),
        ("account:4900", "7.00"),
        ("account:6020", "-100.00"),
        ("account:6800", "-2.00"),
        ("operating", "455.00"),
        ("account:1500", "-240.00"),
        ("investing", "-240.00"),
        ("financing", "0.00"),
        ("net_change", "215.00"),
        ("opening_cash", "1450.00"),
        ("closing_cash", "1665.00"),
    ]


def test_the_trial_balance_has_what_was_what_moved_and_what_is(session: Session) -> None:
    a_year_and_a_half(session)

    balances = account_balances(session, JUNE, compared=MAY)

    assert balances.is_balanced
    assert [str(side) for side in balances.moved] == ["989.00 EUR", "989.00 EUR"]
    bank = next(row for row in balances.rows if row.code == "1010")
    assert (bank.opening, bank.debit, bank.credit) == (eur("1450"), eur("607"), eur("372"))
    assert (bank.closing, bank.compared) == (eur("1685"), eur("1450"))


def test_only_what_belongs_to_a_cost_centre_is_counted_where_one_is_named(
    session: Session,
) -> None:
    for code in ("SALES", "PLANT"):
        ledger.add_member(session, "cost_centre", code=code, name=code.title())
    post(session, date(2026, 6, 2), BANK, REVENUE, "600", cost_centre="SALES")
    post(session, date(2026, 6, 3), RENT, BANK, "100", cost_centre="SALES")
    post(session, date(2026, 6, 3), RENT, BANK, "70", cost_centre="PLANT")
    post(session, date(2026, 6, 3), RENT, BANK, "5")

    sales = (("cost_centre", "Sales"),)
    assert income_statement(session, JUNE, within=sales).amount("net_result") == eur("500")
    whole = income_statement(session, JUNE, compared=MAY)
    assert whole.line("net_result").amounts == (eur("425"), eur("0"))
    rows = account_balances(session, JUNE, within=sales).rows
    assert [(row.code, row.closing) for row in rows] == [
        ("1010", eur("500")),
        ("4000", eur("-600")),
        ("6020", eur("100")),
    ]
    page = ledger.ledger_page(session, since=JUNE.since, until=JUNE.until, within=sales)
    assert [len(each.movements) for each in page.accounts] == [2, 1, 1]
    with pytest.raises(UnknownMember, match="Moon"):
        income_statement(session, JUNE, within=(("cost_centre", "Moon"),))


def test_accounts_of_ones_own_stand_where_their_neighbours_do(session: Session) -> None:
    for code, name, kind, parent in (
        ("4060", "Licences", AccountKind.INCOME, "40"),
        ("4910", "Windfalls", AccountKind.INCOME, "49"),
        ("5090", "Packaging", AccountKind.EXPENSE, None),
    ):
        ledger.open_account(
            session, code=code, name=name, name_zh=f"科目{code}", kind=kind, parent=parent
        )
        to, by = (BANK, code) if kind is AccountKind.INCOME else (code, BANK)
        post(session, date(2026, 6, 1), to, by, "10")

    statement = income_statement(session, JUNE)

    assert statement.line("revenue").accounts == ("4060",)
    assert statement.line("other").accounts == ("4910",)
    assert statement.line("operating_expense").accounts == ("5090",)
    own = ledger.find_account(session, "5090")
    assert own.cash_flow == "operating"


def test_what_lies_at_a_bank_is_cash_whatever_the_chart_said_before(session: Session) -> None:
    other = {"code": "1490", "name": "Deposit", "name_zh": "定期存款", "kind": AccountKind.ASSET}
    account = ledger.open_account(session, **other)
    assert account.cash_flow == "operating"

    ledger.open_bank_account(session, code="DEP", name="Deposit", account="1490")
    post(session, date(2026, 6, 1), "1490", BANK, "10")

    assert account.cash_flow == "cash"
    moved = cash_flow_statement(session, JUNE)
    assert all(line.amounts[0].minor == 0 for line in moved.lines if line.key == "net_change")


def test_a_stretch_that_ends_before_it_begins_is_refused(session: Session) -> None:
    wrong = Stretch(date(2026, 6, 2), date(2026, 6, 1))
    for statement in (income_statement, cash_flow_statement, account_balances):
        with pytest.raises(StretchReversed, match="2026-06-02"):
            statement(session, wrong)
    with pytest.raises(StretchReversed):
        ledger.ledger_page(session, since=wrong.since, until=wrong.until)


def test_the_ledger_is_read_page_by_page_without_a_gap_or_a_line_twice(session: Session) -> None:
    a_year_and_a_half(session)

    whole = ledger.ledger_page(session, until=JUNE.until, limit=500)
    lines, after = [], ""
    while True:
        page = ledger.ledger_page(session, until=JUNE.until, limit=3, after=after)
        lines += [(each.code, line) for each in page.accounts for line in each.movements]
        if not (after := page.further):
            break

    assert lines == [(each.code, line) for each in whole.accounts for line in each.movements]
    assert len(lines) == 26
    backwards, before = [], ""
    while True:
        newest = ledger.account_page(session, BANK, until=JUNE.until, limit=3, before=before)
        backwards = [*newest.movements, *backwards]
        if not (before := newest.older):
            break
    assert newest.opening == eur("0")
    of_bank = ledger.ledger_page(session, account=BANK, until=JUNE.until).accounts[0]
    assert backwards == list(of_bank.movements)
    assert backwards[-1].balance == ledger.balance(session, BANK)
    for wrong in ("JE-99999:1", "JE-00001:x", "JE-00001"):
        with pytest.raises(UnknownPlace):
            ledger.account_page(session, BANK, before=wrong)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for the property; each example rehearses, so nothing stays."""
    return databases("founded")


FIRST, DAYS = date(2025, 1, 1), 720
CODES = (
    "1000",
    "1010",
    "1200",
    "1500",
    "1590",
    "2300",
    "2500",
    "3000",
    "4000",
    "5000",
    "6020",
    "6070",
)
entries = st.tuples(
    st.integers(0, DAYS),
    st.sampled_from(CODES),
    st.sampled_from(CODES),
    st.integers(1, 10**9),
    st.sampled_from([Journal.GENERAL, Journal.GENERAL, Journal.CLOSING]),
)


@settings(max_examples=15)
@given(st.lists(entries | st.just("fold"), max_size=14), st.data())
def test_on_any_day_every_statement_is_the_sum_of_what_was_posted(
    books: Engine, steps: list[object], data: st.DataObject
) -> None:
    with rehearsal(books) as session:
        for step in steps:
            if isinstance(step, tuple):
                day, to, by, minor, journal = step
                money = Money(minor, "EUR")
                ledger.post_entry(
                    session,
                    [debit(to, money), credit(by, money)],
                    memo="any",
                    origin="any",
                    posted_on=FIRST + timedelta(days=day),
                    journal=journal,
                )
            else:
                ledger.fold_totals(session)
        start, length = data.draw(st.integers(0, DAYS)), data.draw(st.integers(0, 400))
        stretch = Stretch(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length))

        replayed = replay(session, stretch)
        balances = account_balances(session, stretch)
        assert balances.is_balanced
        assert {
            row.code: (row.opening.minor, row.debit.minor, row.credit.minor)
            for row in balances.rows
        } == replayed
        told = {row.code: row.debit.minor - row.credit.minor
                for row in ledger.trial_balance(session, as_of=stretch.until)}  # fmt: skip
        assert {code: net for code, net in told.items() if net} == {
            row.code: row.closing.minor for row in balances.rows if row.closing.minor
        }
        page = ledger.ledger_page(session, since=stretch.since, until=stretch.until, limit=500)
        for each in page.accounts:
            assert (each.opening.minor, each.closing.minor) == (
                replayed[each.code][0],
                told[each.code],
            )
        sheet = balance_sheet(session, stretch.until)
        assert sheet.amount("assets") == sheet.amount("liabilities_and_equity")
        income = income_statement(session, stretch)
        assert income.amount("net_result").minor == result(session, stretch)
        money = sum(told.get(code, 0) for code in ("1000", "1010"))
        for method in Method:
            flow = cash_flow_statement(session, stretch, method=method)
            assert flow.amount("unexplained").minor == 0
            assert flow.amount("closing_cash").minor == money
            change = flow.amount("closing_cash") - flow.amount("opening_cash")
            assert flow.amount("net_change") == change
        assert list(kept_totals_are_their_lines(session)) == []


def replay(session: Session, stretch: Stretch) -> dict[str, tuple[int, int, int]]:
    """Add up every line again: what was on an account before, and what came on either side."""
    found: dict[str, list[int]] = {}
    lines = select(Account.code, Posting.side, Posting.base_minor, Posting.posted_on).join(
        Account, Account.id == Posting.account_id
    )
    for code, side, minor, day in session.execute(lines.where(Posting.posted_on <= stretch.until)):
        sums = found.setdefault(code, [0, 0, 0])
        if stretch.since is not None and day < stretch.since:
            sums[0] += minor if side is Side.DEBIT else -minor
        else:
            sums[1 if side is Side.DEBIT else 2] += minor
    return {code: (a, b, c) for code, (a, b, c) in found.items() if a or b or c}


def result(session: Session, stretch: Stretch) -> int:
    """Add up income less expenses again, without what closes a year."""
    lines = text(
        """
        SELECT coalesce(sum(CASE side WHEN 'credit' THEN base_minor ELSE -base_minor END), 0)
        FROM posting JOIN journal_entry AS entry ON entry.id = entry_id
        JOIN account ON account.id = account_id
        WHERE kind IN ('income', 'expense') AND journal <> 'closing'
            AND posting.posted_on BETWEEN :since AND :until
        """
    )
    return int(session.scalars(lines, {"since": stretch.since, "until": stretch.until}).one())


def test_totals_of_months_begin_with_the_month_and_agree_with_their_days(session: Session) -> None:
    a_year_and_a_half(session)
    ledger.fold_totals(session)
    assert list(kept_totals_are_their_lines(session)) == []

    with pytest.raises(IntegrityError, match="first_day"), session.begin_nested():
        session.execute(text("UPDATE account_month_total SET month = month + 1"))
    session.execute(
        text("UPDATE account_month_total SET base_debit_minor = 7 WHERE month = '2026-06-01'")
    )

    problems = [finding.problem for finding in kept_totals_are_their_lines(session)]
    assert "its total of the month 2026-06-01 is not its days" in problems


def test_totals_that_went_wrong_are_rebuilt_from_their_lines(session: Session) -> None:
    a_year_and_a_half(session)
    ledger.fold_totals(session)
    before = ledger.balance(session, BANK)
    post(session, date(2026, 6, 1), BANK, REVENUE, "1")
    session.execute(text("UPDATE account_total SET base_debit_minor = 7 WHERE day = '2026-06-01'"))
    session.execute(text("DELETE FROM account_month_total WHERE month < '2026-01-01'"))
    wrong = session.scalars(
        text("SELECT count(*) FROM account_total WHERE day = '2026-06-01'")
    ).one()
    assert list(kept_totals_are_their_lines(session)) != []

    assert ledger.rebuild_totals(session) == wrong

    assert list(kept_totals_are_their_lines(session)) == []
    assert ledger.rebuild_totals(session) == 0
    assert ledger.balance(session, BANK) == before + eur("1")


def test_whoever_reads_while_others_post_and_fold_sees_balanced_books(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    def client(place: int) -> object:
        for step in range(12):
            if place < 2:
                with unit_of_work(founded) as session:
                    post(session, date(2026, 6, 1 + step), BANK, REVENUE, "1")
            elif place == 2:
                with unit_of_work(founded) as session:
                    ledger.fold_totals(session)
            else:
                with reading(founded) as session:
                    sheet = balance_sheet(session, JUNE.until)
                    assert sheet.amount("assets") == sheet.amount("liabilities_and_equity")
                    assert account_balances(session, JUNE).is_balanced
        return place

    assert at_once(client, clients=4) == [0, 1, 2, 3]
    with reading(founded) as session:
        assert income_statement(session, JUNE).amount("net_result") == eur("24")
        assert list(kept_totals_are_their_lines(session)) == []
