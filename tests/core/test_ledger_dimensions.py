"""Dimensions of postings, rates of exchange, and years that do not begin in January."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.kernel.naming import UnknownName
from core.ledger import Journal, credit, debit
from core.ledger.chart import BANK, RENT
from core.ledger.errors import (
    AccountInOtherCurrency,
    AccountIsHeading,
    DimensionExists,
    FiscalYearExists,
    MemberBlocked,
    NoRate,
    PeriodLocked,
    RateNotPositive,
    RateOfOwnCurrency,
    UnknownDimension,
)
from core.ledger.rules import Dimensions
from core.ledger.tables import DimensionSet, DimensionSetMember, Period, Posting
from tests.conftest import TODAY

TEN = Money.of(10, "EUR")
SALES: Dimensions = (("cost_centre", "SALES"),)


def post_rent(session: Session, *dimensions: tuple[str, str]) -> ledger.JournalEntry:
    lines = [debit(RENT, TEN, dimensions=dimensions), credit(BANK, TEN)]
    return ledger.post_entry_by_hand(session, lines, memo="rent")


def test_a_line_is_found_by_its_cost_centre_and_its_reversal_too(session: Session) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")
    ledger.add_member(session, "project", code="P1", name="Neubau")

    entry = post_rent(session, ("project", "P1"), ("cost_centre", "SALES"))
    post_rent(session, ("cost_centre", "SALES"), ("project", "P1"))
    ledger.reverse_entry_by_hand(session, entry.number, because="mistake")

    lines = select(DimensionSet.key, Posting.side).join(
        Posting, Posting.dimension_set_id == DimensionSet.id
    )
    assert sorted((key, side) for key, side in session.execute(lines)) == [
        ("cost_centre=SALES,project=P1", "credit"),
        ("cost_centre=SALES,project=P1", "debit"),
        ("cost_centre=SALES,project=P1", "debit"),
    ]
    assert session.scalar(select(func.count()).select_from(DimensionSetMember)) == 2


def test_a_member_is_named_in_either_language(session: Session) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")

    for said in ("SALES", "sales", "销售部"):
        assert ledger.member_named(session, "cost_centre", said).code == "SALES"


def test_what_is_not_there_is_refused(session: Session) -> None:
    member = ledger.add_member(session, "cost_centre", code="SALES", name="Sales")

    with pytest.raises(UnknownDimension, match="cost_centre, department"):
        post_rent(session, ("colour", "RED"))
    with pytest.raises(UnknownName):
        post_rent(session, ("cost_centre", "NOWHERE"))
    with pytest.raises(DimensionExists):
        ledger.add_member(session, "cost_centre", code="SALES", name="Sales again")
    with pytest.raises(DimensionExists):
        ledger.open_dimension(session, code="project", name="Project", name_zh="项目")
    member.blocked = True
    session.flush()
    with pytest.raises(MemberBlocked):
        post_rent(session, *SALES)


def test_two_that_use_a_combination_first_share_it(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        ledger.add_member(session, "cost_centre", code="SALES", name="Sales")

    def rent(_place: int) -> None:
        with unit_of_work(founded) as session:
            post_rent(session, *SALES)

    assert at_once(rent, 4) == [None] * 4
    with reading(founded) as session:
        assert session.scalar(select(func.count()).select_from(DimensionSet)) == 1
        assert session.scalar(select(func.count(Posting.dimension_set_id))) == 4


@pytest.mark.parametrize(
    ("quoted", "amount", "worth"),
    [
        ({"foreign_units": Decimal("1.20")}, "400.00", "333.33"),
        ({"foreign_units": Decimal("1.10")}, "400.00", "363.64"),
        ({"base_units": Decimal(80)}, "100.00", "8000.00"),
        ({"foreign_units": Decimal(100), "base_units": Decimal("0.6172")}, "1000.00", "6.17"),
    ],
)
def test_a_quotation_in_either_direction_is_exact(
    session: Session, quoted: dict[str, Decimal], amount: str, worth: str
) -> None:
    ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), **quoted)

    assert ledger.in_base(session, Money.of(amount, "USD"), TODAY) == Money.of(worth, "EUR")


def test_the_newest_rate_that_is_valid_counts_and_what_has_none_is_refused(
    session: Session,
) -> None:
    ledger.set_rate(session, "USD", valid_from=date(2026, 2, 1), base_units=Decimal(2))
    ledger.set_rate(session, "USD", valid_from=date(2026, 3, 1), base_units=Decimal(3))
    ledger.set_rate(session, "USD", valid_from=date(2026, 3, 1), base_units=Decimal(4))
    dollar = Money.of(1, "USD")

    assert ledger.in_base(session, dollar, date(2026, 2, 28)) == Money.of(2, "EUR")
    assert ledger.in_base(session, dollar, TODAY) == Money.of(4, "EUR")
    assert ledger.from_base(session, Money.of(2, "EUR"), "USD", date(2026, 2, 1)) == dollar
    with pytest.raises(NoRate, match="USD for 2026-01-31"):
        ledger.in_base(session, dollar, date(2026, 1, 31))
    with pytest.raises(RateOfOwnCurrency):
        ledger.set_rate(session, "EUR", valid_from=TODAY)
    with pytest.raises(RateNotPositive):
        ledger.set_rate(session, "USD", valid_from=TODAY, base_units=Decimal(0))


def test_a_fiscal_year_may_begin_in_april(session: Session) -> None:
    periods = ledger.open_fiscal_year(session, 2030, first_month=4)

    assert [periods[0].name, periods[8].name, periods[-1].name] == ["2030-04", "2030-12", "2031-03"]
    assert (periods[0].starts_on, periods[-1].ends_on) == (date(2030, 4, 1), date(2031, 3, 31))
    year = session.get_one(ledger.FiscalYear, periods[0].fiscal_year_id)
    assert (year.name, year.ends_on) == ("2030/31", date(2031, 3, 31))
    with pytest.raises(FiscalYearExists):
        ledger.open_fiscal_year(session, 2031)


def test_a_period_that_is_locked_for_sales_takes_everything_else(session: Session) -> None:
    period = session.scalars(select(Period).where(Period.name == "2026-06")).one()
    period.sales_locked = True
    session.flush()
    lines = [debit(BANK, TEN), credit(RENT, TEN)]

    ledger.post_entry(session, lines, memo="", origin="x", journal=Journal.BANK)
    with pytest.raises(PeriodLocked, match="2026-06"):
        ledger.post_entry(session, lines, memo="", origin="x", journal=Journal.SALES)


def test_headings_and_accounts_of_one_currency_refuse_what_is_not_theirs(session: Session) -> None:
    ledger.open_account(
        session, code="9", name="All", name_zh="合计", kind=ledger.AccountKind.ASSET, heading=True
    )
    dollars = ledger.open_account(
        session,
        code="1011",
        name="Dollars",
        name_zh="美元",
        kind=ledger.AccountKind.ASSET,
        currency="USD",
        parent="9",
    )

    assert dollars.parent_id == ledger.find_account(session, "9").id
    with pytest.raises(AccountIsHeading):
        ledger.post_entry(session, [debit("9", TEN), credit(BANK, TEN)], memo="", origin="x")
    with pytest.raises(AccountInOtherCurrency, match="1011 Dollars is kept in USD"):
        ledger.post_entry(session, [debit("1011", TEN), credit(BANK, TEN)], memo="", origin="x")
