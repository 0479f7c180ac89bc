"""The books balance, and say kindly what they refuse."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger, parties
from core.kernel import events
from core.kernel.errors import DomainError
from core.kernel.money import Money, Rounding
from core.ledger import Account, AccountKind, Line, PeriodState, credit, debit, tax
from core.ledger.chart import (
    BANK,
    INVENTORY,
    OPERATING_EXPENSE,
    RECEIVABLE,
    RENT,
    REVENUE,
    SHARE_CAPITAL,
)
from core.ledger.errors import (
    AccountBlocked,
    AccountExists,
    AlreadyReversed,
    AmountNotPositive,
    BaseAmountNeeded,
    EmptyEntry,
    FiscalYearExists,
    KeptByDocuments,
    NoPeriodForDay,
    PartyRequired,
    PeriodClosed,
    PeriodOnHold,
    PeriodStaysAsItIs,
    ReasonNeeded,
    ReversalStays,
    UnbalancedEntry,
    UnknownAccount,
    UnknownEntry,
    UnknownPeriod,
    UnknownTaxCode,
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


TEN, ZERO = eur("10"), eur("0")


def post(session: Session, *lines: Line, posted_on: date | None = None) -> ledger.JournalEntry:
    return ledger.post_entry(session, lines, memo="ten", origin="test", posted_on=posted_on)


def test_an_entry_shows_in_the_trial_balance_and_on_its_accounts(session: Session) -> None:
    ledger.post_entry_by_hand(session, [debit(BANK, TEN), credit(SHARE_CAPITAL, TEN)], memo="start")
    ledger.post_entry_by_hand(
        session, [debit(RENT, TEN), credit(BANK, TEN)], memo="rent", posted_on=date(2026, 6, 14)
    )

    rows = {row.code: (row.debit, row.credit) for row in ledger.trial_balance(session)}
    assert rows == {"1010": (ZERO, ZERO), "3000": (ZERO, TEN), "6020": (TEN, ZERO)}
    early = {row.code: row.credit for row in ledger.trial_balance(session, as_of=date(2026, 6, 14))}
    assert early == {"1010": TEN, "6020": ZERO}
    assert ledger.balance(session, BANK, as_of=date(2026, 6, 14)) == -TEN

    page = ledger.account_page(session, BANK, since=date(2026, 6, 15), limit=1)
    assert (page.opening, page.closing, page.older) == (-TEN, ZERO, "")
    page = ledger.account_page(session, BANK, limit=1)
    assert page.opening == -TEN
    older = ledger.account_page(session, BANK, before=page.older)
    assert [line.memo for line in older.movements] == ["rent"]
    assert page.movements[0].memo == "start"


def test_a_reversal_brings_the_balance_back_and_keeps_both_entries(session: Session) -> None:
    entry = post(session, debit(BANK, TEN), credit(SHARE_CAPITAL, TEN))

    reversal = ledger.reverse_entry(session, entry.number, because="typing mistake")

    assert ledger.balance(session, BANK) == ZERO
    view = ledger.entry_view(session, entry.number)
    assert (view.reversed_by, view.reverses) == (reversal.number, None)
    assert ledger.entry_view(session, reversal.number).reverses == entry.number
    assert [line.account for line in view.lines] == ["1010", "3000"]
    with pytest.raises(AlreadyReversed, match=reversal.number):
        ledger.reverse_entry(session, entry.number, because="again")
    with pytest.raises(ReversalStays, match=entry.number):
        ledger.reverse_entry(session, reversal.number, because="again")


def test_a_foreign_amount_has_its_value_in_the_books(session: Session) -> None:
    usd = Money.of("11", "USD")
    lines = (debit(BANK, usd, base=TEN), credit(SHARE_CAPITAL, usd, base=TEN))

    post(session, *lines)

    assert ledger.balance(session, BANK) == TEN
    with pytest.raises(BaseAmountNeeded, match="USD"):
        post(session, debit(BANK, usd), credit(SHARE_CAPITAL, usd))
    with pytest.raises(UnbalancedEntry, match=r"11.00 USD"):
        post(session, debit(BANK, usd, base=TEN), credit(SHARE_CAPITAL, TEN))
    # A difference of exchange: a value in the books, and none in the foreign currency.
    nothing = Money(0, "USD")
    post(session, debit(BANK, nothing, base=TEN), credit(OPERATING_EXPENSE, nothing, base=TEN))
    with pytest.raises(UnbalancedEntry, match=r"10.00 EUR"):
        post(session, debit(BANK, usd, base=TEN + TEN), credit(REVENUE, usd, base=TEN))


def test_the_chart_has_its_accounts_in_both_languages(session: Session) -> None:
    for account in session.scalars(select(Account)):
        assert account.name
        assert not account.name_zh.isascii()
    assert ledger.account_named(session, "库存商品").code == "1400"
    assert ledger.account_named(session, "bank fees").role == "bank_fees"


def refused(
    session: Session, error: type[DomainError], *lines: Line, posted_on: date | None = None
) -> None:
    before = len(events.recorded(session))
    with pytest.raises(error) as caught:
        post(session, *lines, posted_on=posted_on)
    assert not caught.value.message("zh").isascii()
    assert len(events.recorded(session)) == before


def test_what_an_entry_may_not_be_is_said_exactly(session: Session) -> None:
    both = (debit(BANK, TEN), credit(SHARE_CAPITAL, TEN))

    refused(session, EmptyEntry)
    refused(session, EmptyEntry, debit(BANK, TEN), debit(RENT, TEN))
    refused(session, AmountNotPositive, debit(BANK, ZERO), credit(RENT, ZERO))
    refused(session, AmountNotPositive, debit(BANK, -TEN), credit(RENT, -TEN))
    refused(session, UnbalancedEntry, debit(BANK, TEN), credit(RENT, eur("9.99")))
    refused(session, UnknownAccount, debit("9999", TEN), credit(RENT, TEN))
    refused(session, PartyRequired, debit(RECEIVABLE, TEN), credit(REVENUE, TEN))
    refused(session, NoPeriodForDay, *both, posted_on=date(2031, 1, 1))
    ledger.block_account(session, "1010")
    refused(session, AccountBlocked, *both)
    ledger.block_account(session, "1010", blocked=False)
    post(session, *both)


def test_by_hand_nothing_is_posted_to_what_documents_keep(session: Session) -> None:
    party = parties.add_customer(session, name="Bluebird Ltd").party
    lines = [debit(RECEIVABLE, TEN, party_id=party.id), credit(REVENUE, TEN)]

    with pytest.raises(KeptByDocuments, match="1100 Receivables"):
        ledger.post_entry_by_hand(session, lines, memo="")
    with pytest.raises(KeptByDocuments):
        ledger.post_entry_by_hand(session, [debit(INVENTORY, TEN), credit(BANK, TEN)], memo="")
    entry = post(session, *lines)
    with pytest.raises(KeptByDocuments):
        ledger.reverse_entry_by_hand(session, entry.number, because="")
    effect = events.effect_of(events.recorded(session)[-1:])
    assert effect.lines()[0] == "debit 1100 Receivables: 10.00 EUR · Bluebird Ltd"
    assert effect.amounts == (), "the amount of a document is told by the document"


def test_a_closed_period_takes_nothing_until_it_is_reopened_with_a_reason(
    session: Session,
) -> None:
    both, may = (debit(BANK, TEN), credit(SHARE_CAPITAL, TEN)), date(2026, 5, 31)
    post(session, *both, posted_on=may)
    ledger.set_period_state(session, "2026-05", PeriodState.ON_HOLD)
    refused(session, PeriodOnHold, *both, posted_on=may)
    ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)
    refused(session, PeriodClosed, *both, posted_on=may)
    post(session, *both, posted_on=date(2026, 6, 1))

    with pytest.raises(ReasonNeeded):
        ledger.set_period_state(session, "2026-05", PeriodState.OPEN, because=" ")
    ledger.set_period_state(session, "2026-05", PeriodState.OPEN, because="late bill")
    post(session, *both, posted_on=may)
    with pytest.raises(PeriodStaysAsItIs):
        ledger.set_period_state(session, "2026-05", PeriodState.OPEN, because="")
    with pytest.raises(UnknownPeriod):
        ledger.set_period_state(session, "2026-13", PeriodState.CLOSED)
    assert [period.name for period in ledger.list_periods(session)][:2] == ["2025-01", "2025-02"]


def test_a_fiscal_year_has_all_its_days_once(session: Session) -> None:
    periods = ledger.open_fiscal_year(session, 2028)

    assert [(period.starts_on.day, period.ends_on.day) for period in periods][1] == (1, 29)
    assert ledger.require_open_period(session, date(2028, 2, 29)).name == "2028-02"
    with pytest.raises(FiscalYearExists):
        ledger.open_fiscal_year(session, 2028)


def test_accounts_and_tax_codes_are_added_once_and_found(session: Session) -> None:
    ledger.open_account(
        session, code="6021", name="Warehouse rent", name_zh="仓库租金", kind=AccountKind.EXPENSE
    )
    assert ledger.find_account(session, "6021").name == "Warehouse rent"
    with pytest.raises(AccountExists):
        ledger.open_account(session, code="6021", name="x", name_zh="x", kind=AccountKind.EXPENSE)
    with pytest.raises(UnknownTaxCode):
        tax.compute(session, [tax.Charge(eur("1"), "S19")])
    ledger.add_tax_code(session, code="S19", name="Standard", name_zh="标准", percent=Decimal(19))
    assert tax.compute(session, [tax.Charge(eur("1"), "S19")]).tax == eur("0.19")
    with pytest.raises(UnknownEntry):
        ledger.reverse_entry(session, "JE-99999", because="")
    with pytest.raises(UnknownEntry):
        ledger.entry_view(session, "JE-99999")


@pytest.mark.parametrize(
    ("net", "rounding", "amount"),
    [
        ("0.50", Rounding.HALF_UP, "0.03"),
        ("0.50", Rounding.HALF_EVEN, "0.02"),
        ("-0.50", Rounding.HALF_UP, "-0.03"),
        ("100.00", Rounding.HALF_UP, "5.00"),
    ],
)
def test_tax_is_rounded_once(net: str, rounding: Rounding, amount: str) -> None:
    five = tax.Component(name="five", rate=Decimal(5))
    [line] = tax.taxed([tax.Taxable(eur(net), (five,))], rounding=rounding)
    assert line.tax == eur(amount)
