"""The chart as a tree, periods, the end of the year, and what the books open with."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core import ledger
from core.compliance import verify, verify_books
from core.kernel.company import found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger import AccountKind, CashFlow, Demand, Journal, Period, PeriodState, credit, debit
from core.ledger.chart import (
    BANK,
    CASH,
    COST_OF_GOODS_SOLD,
    HEADINGS,
    OPENING_BALANCE,
    RECEIVABLE,
    RENT,
    RETAINED_EARNINGS,
    REVENUE,
    SHARE_CAPITAL,
    STANDARD,
)
from core.ledger.errors import (
    AccountBlocked,
    AccountIsHeading,
    DimensionForbidden,
    DimensionRequired,
    EarlierYearOpen,
    EmptyEntry,
    EntryOfDocument,
    FiscalYearClosedAlready,
    FiscalYearExists,
    FiscalYearStillOpen,
    HeadingOfOtherKind,
    HeadingUnderItself,
    LaterYearClosed,
    LockStaysAsItIs,
    MemberBlocked,
    NotACode,
    NotAResultAccount,
    NothingToCarryForward,
    NothingToCloseThrough,
    OpeningOfResult,
    OpeningOfStock,
    PeriodClosed,
    PeriodLocked,
    PeriodOfClosedYear,
    ReasonNeeded,
    UnbalancedEntry,
    UnknownFiscalYear,
    UnknownHeading,
)
from core.parties import add_customer

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def post(session: Session, account: str, other: str, amount: str, day: date) -> str:
    lines = [debit(account, eur(amount)), credit(other, eur(amount))]
    return ledger.post_entry_by_hand(session, lines, memo="x", posted_on=day).number


def carried(session: Session, account: str, as_of: date | None = None) -> str:
    return str(ledger.balance(session, account, as_of=as_of).amount)


def lines_of(session: Session, number: str) -> list[tuple[str, str, str]]:
    return [
        (
            line.account,
            str(line.debit.amount if line.debit else Decimal(0)),
            str(line.credit.amount if line.credit else Decimal(0)),
        )
        for line in ledger.entry_view(session, number).lines
    ]


# The chart.


def test_every_standard_account_stands_under_a_heading_and_in_a_class(session: Session) -> None:
    heads = {each.code: each for each in HEADINGS}

    assert all(account.heading in heads for account in STANDARD)
    assert all(heads[str(a.heading)].kind is a.kind for a in STANDARD)
    cash = [account.code for account in STANDARD if account.cash_flow is CashFlow.CASH]
    assert cash == ["1000", "1010", "1080", "1090"]
    assert verify_books(session) == []


def test_a_new_account_stands_beside_its_neighbours(session: Session) -> None:
    bank = ledger.open_account(
        session, code="1020", name="Second bank", name_zh="第二银行", kind=AccountKind.ASSET
    )
    energy = ledger.open_account(
        session, code="6065", name="Heating", name_zh="取暖费", kind=AccountKind.EXPENSE
    )

    assert (bank.cash_flow, energy.cash_flow) == (CashFlow.CASH, CashFlow.OPERATING)
    assert bank.parent_id == ledger.find_account(session, "100").id
    ledger.open_account(
        session,
        code="65",
        name="Premises",
        name_zh="房屋费用",
        kind=AccountKind.EXPENSE,
        heading=True,
        parent="Running costs",
    )
    moved = ledger.move_account(session, "6065", "Premises")
    assert moved.parent_id == ledger.find_account(session, "65").id
    assert verify_books(session) == []


def test_a_heading_is_no_account_to_post_to_and_no_account_a_heading(session: Session) -> None:
    assert ledger.account_named(session, "cash").code == "1000"
    assert ledger.account_named(session, "Current assets").heading

    with pytest.raises(AccountIsHeading):
        post(session, "10", BANK, "1", FIRST)
    with pytest.raises(AccountIsHeading):
        ledger.block_account(session, "10")
    with pytest.raises(UnknownHeading):
        ledger.move_account(session, "6060", "Travel")
    with pytest.raises(HeadingOfOtherKind, match="asset"):
        ledger.move_account(session, "6060", "Current assets")
    with pytest.raises(HeadingUnderItself):
        ledger.move_account(session, "1", "Current assets")


def test_the_database_takes_no_line_on_a_heading(founded: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="does not take such a line"),
        unit_of_work(founded) as session,
    ):
        post(session, RENT, BANK, "1", FIRST)
        session.execute(
            text(
                "INSERT INTO posting (id, created_at, entry_id, posted_on, position, account_id,"
                " side, amount_minor, currency, base_minor)"
                " SELECT gen_random_uuid(), now(), entry_id, posted_on, 9,"
                " (SELECT id FROM account WHERE heading LIMIT 1), side, 1, currency, 1"
                " FROM posting LIMIT 1"
            )
        )


# Dimensions that accounts demand.


def test_an_account_demands_a_cost_centre_or_takes_none(session: Session) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")
    ledger.add_member(session, "cost_centre", code="ADMIN", name="Administration")
    before = post(session, RENT, BANK, "5", FIRST)
    ledger.demand(session, RENT, "cost_centre", Demand.REQUIRED)
    ledger.demand(session, BANK, "cost_centre", Demand.FORBIDDEN)
    sales = (("cost_centre", "SALES"),)

    with pytest.raises(DimensionRequired, match=r"6020 Rent must .*ADMIN, SALES"):
        post(session, RENT, BANK, "1", FIRST)
    lines = [debit(RENT, eur("1"), dimensions=sales), credit(BANK, eur("1"), dimensions=sales)]
    with pytest.raises(DimensionForbidden, match="1010 Bank"):
        ledger.post_entry_by_hand(session, lines, memo="x")
    with pytest.raises(DimensionForbidden):
        ledger.demand(session, BANK, "cost_centre", Demand.FORBIDDEN, default="SALES")
    # What is posted already is taken back as it was.
    ledger.reverse_entry_by_hand(session, before, because="mistake")

    ledger.demand(session, RENT, "cost_centre", Demand.REQUIRED, default="ADMIN")
    post(session, RENT, BANK, "1", FIRST)
    ledger.close_fiscal_year(session, "2026")
    keys = session.scalars(text("SELECT key FROM dimension_set ORDER BY key"))
    assert list(keys) == ["cost_centre=ADMIN"]
    assert verify_books(session) == []


def test_the_database_asks_for_the_dimension_as_well(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        ledger.demand(session, RENT, "project", Demand.REQUIRED)
    with (
        pytest.raises(IntegrityError, match="does not take such a line"),
        unit_of_work(founded) as session,
    ):
        session.info["ledger.dimension_rules"] = {}
        post(session, RENT, BANK, "1", FIRST)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Sales", ("cost_centre", "SALES")),
        ("cost_centre=SALES", ("cost_centre", "SALES")),
        ("cost centre Sales", ("cost_centre", "SALES")),
        ("成本中心销售部", ("cost_centre", "SALES")),
        ("project P1", ("project", "P1")),
        ("neubau", ("project", "P1")),
    ],
)
def test_a_member_is_known_without_its_dimension(
    session: Session, said: str, meant: tuple[str, str]
) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")
    ledger.add_member(session, "project", code="P1", name="Neubau")

    assert ledger.member_said(session, said) == meant


def test_a_blocked_member_takes_nothing_until_it_is_open_again(session: Session) -> None:
    ledger.add_member(session, "project", code="P1", name="Neubau")
    ledger.block_member(session, "project", "P1")
    lines = [debit(RENT, eur("1"), dimensions=(("project", "P1"),)), credit(BANK, eur("1"))]

    with pytest.raises(MemberBlocked):
        ledger.post_entry_by_hand(session, lines, memo="x")
    with pytest.raises(MemberBlocked):
        ledger.demand(session, RENT, "project", Demand.REQUIRED, default="P1")
    ledger.block_member(session, "project", "P1", blocked=False)
    ledger.post_entry_by_hand(session, lines, memo="x")
    for code in ("A,B", "A=B", "A B", "", "x" * 31):
        with pytest.raises(NotACode):
            ledger.add_member(session, "project", code=code, name="x")


# Periods.


def test_entries_are_refused_and_reversed_as_the_scenario_says(founded: Engine) -> None:
    """L03: unbalanced, empty and late entries are refused; a posted one is only reversed."""
    january, february = date(2025, 1, 15), date(2025, 2, 1)
    with unit_of_work(founded) as session:
        customer = add_customer(session, name="customer A")

        def pair(owed: str, earned: str) -> list[ledger.Line]:
            return [
                debit(RECEIVABLE, eur(owed), party_id=customer.party_id),
                credit(REVENUE, eur(earned)),
            ]

        with pytest.raises(UnbalancedEntry, match=r"differ by 0\.01 EUR"):
            ledger.post_entry(
                session, pair("100", "99.99"), memo="e1", origin="", posted_on=january
            )
        with pytest.raises(EmptyEntry):
            ledger.post_entry(session, [], memo="e2", origin="", posted_on=january)
        posted = ledger.post_entry(
            session, pair("100", "100"), memo="e3", origin="e3", posted_on=january
        ).number
    for statement in (
        f"UPDATE journal_entry SET posted_on = '2025-01-31' WHERE number = '{posted}'",
        f"DELETE FROM journal_entry WHERE number = '{posted}'",
    ):
        with (
            pytest.raises(DBAPIError, match="add a correction instead"),
            unit_of_work(founded) as session,
        ):
            session.execute(text(statement))
    with unit_of_work(founded) as session:
        ledger.set_period_state(session, "2025-01", PeriodState.CLOSED)
    with unit_of_work(founded) as session:
        with pytest.raises(PeriodClosed, match="2025-01"):
            ledger.post_entry(
                session, pair("5", "5"), memo="e4", origin="", posted_on=date(2025, 1, 20)
            )
        ledger.reverse_entry(session, posted, because="e5", posted_on=february)
        assert (carried(session, RECEIVABLE), carried(session, REVENUE)) == ("0.00", "0.00")
        count = session.scalar(text("SELECT count(*) FROM journal_entry"))
        assert count == 2


def test_a_period_is_locked_for_one_part_while_the_others_go_on(session: Session) -> None:
    ledger.lock_period(session, "2026-03", Journal.SALES)
    march = date(2026, 3, 31)

    def sale() -> None:
        lines = [debit(BANK, eur("1")), credit(REVENUE, eur("1"))]
        ledger.post_entry(
            session, lines, memo="x", origin="INV", posted_on=march, journal=Journal.SALES
        )

    with pytest.raises(PeriodLocked, match="2026-03 is locked for sales") as refused:
        sale()
    assert "已锁定 销售 类凭证" in refused.value.message("zh")
    post(session, RENT, BANK, "1", march)
    with pytest.raises(LockStaysAsItIs):
        ledger.lock_period(session, "2026-03", Journal.SALES)
    with pytest.raises(ReasonNeeded):
        ledger.lock_period(session, "2026-03", Journal.SALES, locked=False)
    ledger.lock_period(session, "2026-03", Journal.SALES, locked=False, because="late invoice")
    sale()


def test_all_periods_through_a_day_are_closed_in_order(session: Session) -> None:
    closed = ledger.close_through(session, date(2025, 3, 31))

    assert [period.name for period in closed] == ["2025-01", "2025-02", "2025-03"]
    with pytest.raises(NothingToCloseThrough):
        ledger.close_through(session, date(2025, 4, 29))
    with pytest.raises(ReasonNeeded):
        ledger.set_period_state(session, "2025-02", PeriodState.OPEN, because=" ")


# The end of the year.


@pytest.fixture
def april(engine: Engine) -> Engine:
    """Books whose year begins in April 2020, in US dollars."""
    with unit_of_work(engine) as session:
        found_company(
            session,
            name="Testwerk",
            name_zh="测试公司",
            country="US",
            currency="USD",
            business_date=date(2021, 4, 5),
        )
        ledger.chart.open_standard_chart(session)
        ledger.open_fiscal_year(session, 2020, first_month=4)
    return engine


def test_a_loss_moves_to_retained_earnings_as_the_scenario_says(april: Engine) -> None:
    """L05: fiscal year 2020-04-01 to 2021-03-31, revenue 400, cost 600."""
    day = date(2021, 3, 15)
    with unit_of_work(april) as session:
        for account, other, amount in ((CASH, REVENUE, 400), (COST_OF_GOODS_SOLD, CASH, 600)):
            money = Money.of(amount, "USD")
            lines = [debit(account, money), credit(other, money)]
            ledger.post_entry_by_hand(session, lines, memo="e", posted_on=day)
        entry = ledger.close_fiscal_year(session, "2020/21")

        assert (entry.journal, entry.posted_on) == (Journal.CLOSING, date(2021, 3, 31))
        assert sorted(lines_of(session, entry.number)) == [
            ("3100", "200.00", "0"),
            ("4000", "400.00", "0"),
            ("5000", "0", "600.00"),
        ]
        for account, amount in (
            (REVENUE, "0.00"), (COST_OF_GOODS_SOLD, "0.00"), (CASH, "-200.00"),
            (RETAINED_EARNINGS, "200.00"),
        ):  # fmt: skip
            assert carried(session, account) == amount
        (year,) = ledger.list_fiscal_years(session)
        assert (year.name, year.closing_entry, year.closed) == ("2020/21", entry.number, True)
        states = set(session.scalars(select(Period.state)))
        assert states == {PeriodState.CLOSED}
    with reading(april) as session:
        assert verify(session) == []


def test_a_reopened_year_takes_a_late_entry_and_is_closed_again(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        post(session, BANK, REVENUE, "1000", FIRST)
        post(session, RENT, BANK, "300", date(2026, 6, 30))
        ledger.close_through(session, LAST)
        first = ledger.close_fiscal_year(session, "2026")
    with unit_of_work(founded) as session:
        with pytest.raises(FiscalYearClosedAlready, match=first.number):
            ledger.close_fiscal_year(session, "2026")
        with pytest.raises(PeriodOfClosedYear):
            ledger.set_period_state(session, "2026-12", PeriodState.OPEN, because="late")
        with pytest.raises(ReasonNeeded):
            ledger.reopen_fiscal_year(session, "2026", because=" ")
        with pytest.raises(EntryOfDocument):
            ledger.reverse_entry_by_hand(session, first.number, because="no")
    with unit_of_work(founded) as session:
        back = ledger.reopen_fiscal_year(session, "2026", because="late bill")
        assert (back.posted_on, back.journal) == (LAST, Journal.CLOSING)
        assert carried(session, RETAINED_EARNINGS) == "0.00"
        assert carried(session, REVENUE) == "-1000.00"
        with pytest.raises(PeriodClosed):
            post(session, RENT, BANK, "1", date(2026, 11, 30))
        post(session, RENT, BANK, "50", LAST)
        again = ledger.close_fiscal_year(session, "2026")
        assert sorted(lines_of(session, again.number)) == [
            ("3100", "0", "650.00"),
            ("4000", "1000.00", "0"),
            ("6020", "0", "350.00"),
        ]
        assert carried(session, RETAINED_EARNINGS) == "-650.00"
    with reading(founded) as session:
        assert verify(session) == []


def test_years_are_closed_in_order_and_reopened_in_the_other(session: Session) -> None:
    post(session, RENT, BANK, "10", date(2025, 5, 1))
    post(session, RENT, BANK, "20", date(2026, 5, 1))

    with pytest.raises(EarlierYearOpen, match="2025"):
        ledger.close_fiscal_year(session, "2026")
    ledger.close_fiscal_year(session, "2025")
    ledger.close_fiscal_year(session, "2026")
    assert carried(session, RETAINED_EARNINGS) == "30.00"
    with pytest.raises(LaterYearClosed, match="2026"):
        ledger.reopen_fiscal_year(session, "2025", because="late")
    with pytest.raises(NothingToCarryForward):
        ledger.close_fiscal_year(session, "2027")
    with pytest.raises(FiscalYearStillOpen):
        ledger.reopen_fiscal_year(session, "2027", because="late")
    with pytest.raises(UnknownFiscalYear, match="2025, 2026, 2027"):
        ledger.close_fiscal_year(session, "1999")


def test_the_result_goes_to_equity_and_from_blocked_and_foreign_accounts_too(
    session: Session,
) -> None:
    ledger.set_rate(session, "USD", valid_from=FIRST, foreign_units=Decimal(2))
    dollars = ledger.open_account(
        session,
        code="4005",
        name="Revenue in dollars",
        name_zh="美元收入",
        kind=AccountKind.INCOME,
        currency="USD",
    )
    money = Money.of(100, "USD")
    worth = ledger.in_base(session, money, FIRST)
    lines = [debit(BANK, money, base=worth), credit(dollars.code, money, base=worth)]
    ledger.post_entry_by_hand(session, lines, memo="x", posted_on=FIRST)
    post(session, RENT, BANK, "20", FIRST)
    ledger.block_account(session, RENT)
    with pytest.raises(AccountBlocked):
        post(session, RENT, BANK, "20", FIRST)
    with pytest.raises(NotAResultAccount):
        ledger.close_fiscal_year(session, "2026", result_account=BANK)
    ledger.close_fiscal_year(session, "2026", result_account=SHARE_CAPITAL)

    assert carried(session, SHARE_CAPITAL) == "-30.00"
    assert (carried(session, RENT), carried(session, "4005")) == ("0.00", "0.00")
    assert verify_books(session) == []


def test_two_that_close_a_year_at_once_close_it_once(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        post(session, RENT, BANK, "20", FIRST)

    def close(_place: int) -> None:
        with unit_of_work(founded) as session:
            ledger.close_fiscal_year(session, "2026")

    outcomes = at_once(close, 3)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "FiscalYearClosedAlready", "FiscalYearClosedAlready", "NoneType",
    ]  # fmt: skip


def test_the_database_opens_no_period_of_a_closed_year(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        post(session, RENT, BANK, "20", FIRST)
        ledger.close_fiscal_year(session, "2026")
    with (
        pytest.raises(IntegrityError, match="fiscal year of the period 2026-05 is closed"),
        unit_of_work(founded) as session,
    ):
        session.execute(text("UPDATE period SET state = 'open' WHERE name = '2026-05'"))


def test_a_short_year_comes_before_one_that_begins_in_another_month(session: Session) -> None:
    short = ledger.open_fiscal_year(session, 2028, months=3)
    ledger.open_fiscal_year(session, 2028, first_month=4)

    assert [period.name for period in short] == ["2028-01", "2028-02", "2028-03"]
    names = [year.name for year in ledger.list_fiscal_years(session)]
    assert names == ["2025", "2026", "2027", "2028", "2028/29"]
    with pytest.raises(FiscalYearExists):
        ledger.open_fiscal_year(session, 2029)


# Opening balances.


def test_the_books_open_and_what_is_missing_stands_as_opening_balance(session: Session) -> None:
    ledger.set_rate(session, "USD", valid_from=FIRST, foreign_units=Decimal(2))
    balances = [
        debit(BANK, eur("1000")),
        debit(CASH, Money.of(10, "USD")),
        credit(SHARE_CAPITAL, eur("800")),
    ]
    lines = ledger.opening_lines(session, balances, day=FIRST)
    entry = ledger.post_entry_by_hand(
        session, lines, memo="opening", posted_on=FIRST, journal=Journal.OPENING
    )

    assert entry.journal is Journal.OPENING
    assert (carried(session, CASH), carried(session, OPENING_BALANCE)) == ("5.00", "-205.00")
    with pytest.raises(OpeningOfStock, match="1400"):
        ledger.opening_lines(session, [debit("1400", eur("1"))], day=FIRST)
    with pytest.raises(OpeningOfResult, match="6020"):
        ledger.opening_lines(session, [debit(RENT, eur("1"))], day=FIRST)
    assert verify_books(session) == []


def test_an_opening_that_balances_leaves_no_opening_balance(session: Session) -> None:
    balances = [debit(BANK, eur("800")), credit(SHARE_CAPITAL, eur("800"))]

    assert ledger.opening_lines(session, balances, day=FIRST) == balances
