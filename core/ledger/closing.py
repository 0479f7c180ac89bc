"""The end of a fiscal year: its result is carried forward, and its periods are closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger.accounts import find_account
from core.ledger.chart import RETAINED_EARNINGS
from core.ledger.errors import (
    EarlierYearOpen,
    FiscalYearClosedAlready,
    FiscalYearStillOpen,
    LaterYearClosed,
    NotAResultAccount,
    NothingToCarryForward,
    ReasonNeeded,
    UnknownFiscalYear,
)
from core.ledger.events import FiscalYearClosed, FiscalYearReopened, PeriodStateChanged
from core.ledger.rules import Line, credit, debit
from core.ledger.service import post_entry, reverse_entry
from core.ledger.tables import (
    Account,
    AccountKind,
    FiscalYear,
    Journal,
    JournalEntry,
    Period,
    PeriodState,
)
from core.ledger.totals import daily_sums

YEARS_MAX = 100
_RESULT = (AccountKind.INCOME, AccountKind.EXPENSE)


@dataclass(frozen=True)
class FiscalYearView:
    """A fiscal year, and the entry that closed it, if it is closed."""

    name: str
    starts_on: date
    ends_on: date
    closing_entry: str

    @property
    def closed(self) -> bool:
        """Whether its result is carried forward."""
        return bool(self.closing_entry)


def close_fiscal_year(
    session: Session, name: str, *, result_account: str = RETAINED_EARNINGS, memo: str = ""
) -> JournalEntry:
    """Carry the income and expense of a year forward to equity, and close all its periods.

    The entry is dated on the last day of the year; statements of the result leave it out.
    """
    year = _locked(session, name)
    if year.closing_entry_id is not None:
        entry = session.get_one(JournalEntry, year.closing_entry_id)
        raise FiscalYearClosedAlready(year=year.name, entry=entry.number)
    _refuse_earlier_open(session, year)
    target = find_account(session, result_account)
    if target.kind is not AccountKind.EQUITY:
        raise NotAResultAccount(account=target.called)
    balances = _result_of(session, year)
    if not balances:
        raise NothingToCarryForward(year=year.name)
    currency = company(session).currency
    periods = _periods_of(session, year)
    # The last day takes this entry, whatever the state of its period is; nothing else gets in,
    # for the period stays locked by this transaction until it is closed.
    before = {period.name: period.state for period in periods}
    _set_state(session, periods[-1:], PeriodState.OPEN)
    entry = post_entry(
        session,
        _closing_lines(balances, target, currency),
        memo=memo or year.name,
        origin=year.name,
        posted_on=year.ends_on,
        journal=Journal.CLOSING,
    )
    told = FiscalYearClosed(
        year=year.name,
        entry=entry.number,
        result_account=f"{target.code} {target.name}",
        result=Money(-sum(minor for _, minor in balances), currency),
    )
    events.record(session, told)
    _set_state(session, periods, PeriodState.CLOSED)
    _tell(session, before, PeriodState.CLOSED, year.name)
    year.closing_entry_id = entry.id
    session.flush()
    return entry


def reopen_fiscal_year(session: Session, name: str, *, because: str) -> JournalEntry:
    """Reverse the entry that closed a year, and let its last period take entries again."""
    year = _locked(session, name)
    if year.closing_entry_id is None:
        raise FiscalYearStillOpen(year=year.name)
    if not because.strip():
        raise ReasonNeeded(period=year.name)
    later = select(FiscalYear.name).where(
        FiscalYear.starts_on > year.starts_on, FiscalYear.closing_entry_id.is_not(None)
    )
    if (closed := session.scalars(later.order_by(FiscalYear.starts_on)).first()) is not None:
        raise LaterYearClosed(year=closed)
    closing = session.get_one(JournalEntry, year.closing_entry_id)
    year.closing_entry_id = None
    session.flush()
    last = _periods_of(session, year)[-1:]
    _set_state(session, last, PeriodState.OPEN)
    reversal = reverse_entry(session, closing.number, because=because, posted_on=year.ends_on)
    events.record(session, FiscalYearReopened(year.name, closing.number, because.strip()))
    _tell(session, {last[0].name: PeriodState.CLOSED}, PeriodState.OPEN, because)
    session.flush()
    return reversal


def list_fiscal_years(session: Session) -> list[FiscalYearView]:
    """Return the fiscal years in their order."""
    wanted = (
        select(FiscalYear, JournalEntry.number)
        .outerjoin(JournalEntry, JournalEntry.id == FiscalYear.closing_entry_id)
        .order_by(FiscalYear.starts_on)
        .limit(YEARS_MAX)
    )
    return [
        FiscalYearView(year.name, year.starts_on, year.ends_on, number or "")
        for year, number in session.execute(wanted)
    ]


def find_fiscal_year(session: Session, name: str) -> FiscalYear:
    """Return a fiscal year by its name, or by the calendar year that it begins in."""
    said = name.strip()
    years = list(session.scalars(select(FiscalYear).order_by(FiscalYear.starts_on)))
    for fitting in (
        [year for year in years if year.name == said],
        [year for year in years if str(year.starts_on.year) == said],
    ):
        if len(fitting) == 1:
            return fitting[0]
    raise UnknownFiscalYear(year=name, known=", ".join(year.name for year in years))


def _locked(session: Session, name: str) -> FiscalYear:
    year = find_fiscal_year(session, name)
    wanted = select(FiscalYear).where(FiscalYear.id == year.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def _periods_of(session: Session, year: FiscalYear) -> list[Period]:
    """Return the periods of a year, locked: who is posting into one is waited for."""
    wanted = select(Period).where(Period.fiscal_year_id == year.id).order_by(Period.starts_on)
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def _set_state(session: Session, periods: Iterable[Period], state: PeriodState) -> None:
    for period in periods:
        period.state = state
    session.info.pop("ledger.periods", None)
    session.flush()


def _tell(
    session: Session, before: Mapping[str, PeriodState], after: PeriodState, because: str
) -> None:
    for name, state in before.items():
        if state is not after:
            events.record(session, PeriodStateChanged(name, state, after, because))


def _refuse_earlier_open(session: Session, year: FiscalYear) -> None:
    wanted = select(FiscalYear).where(
        FiscalYear.starts_on < year.starts_on, FiscalYear.closing_entry_id.is_(None)
    )
    for earlier in session.scalars(wanted.order_by(FiscalYear.starts_on)):
        if _result_of(session, earlier):
            raise EarlierYearOpen(year=earlier.name)


def _result_of(session: Session, year: FiscalYear) -> list[tuple[Account, int]]:
    """Return debits less credits of the income and expense of a year, where there are any."""
    daily = daily_sums().subquery()
    net = total(daily.c.base_debit_minor - daily.c.base_credit_minor)
    sums = (
        select(daily.c.account_id, net.label("minor"))
        .where(daily.c.day.between(year.starts_on, year.ends_on))
        .group_by(daily.c.account_id)
        .subquery()
    )
    wanted = (
        select(Account, sums.c.minor)
        .join(sums, sums.c.account_id == Account.id)
        .where(Account.kind.in_(_RESULT), sums.c.minor != 0)
        .order_by(Account.code)
    )
    return [(account, int(minor)) for account, minor in session.execute(wanted)]


def _closing_lines(
    balances: Sequence[tuple[Account, int]], target: Account, currency: str
) -> list[Line]:
    """Return the lines that take off what the accounts carry, and put it on another.

    An account that is kept in a foreign currency gives up its value in the books alone, as a
    difference of exchange does: no amount of the currency went anywhere.
    """
    lines = []
    left: dict[str, int] = {}
    for account, minor in balances:
        kept_in = account.currency or currency
        left[kept_in] = left.get(kept_in, 0) + minor
        lines.append(_line(account.code, -minor, kept_in, currency))
    lines += [
        _line(target.code, minor, kept_in, currency) for kept_in, minor in left.items() if minor
    ]
    return sorted(lines, key=lambda line: line.side != "debit")


def _line(account: str, minor: int, kept_in: str, currency: str) -> Line:
    side = debit if minor > 0 else credit
    value = Money(abs(minor), currency)
    if kept_in == currency:
        return side(account, value)
    return side(account, Money(0, kept_in), base=value)
