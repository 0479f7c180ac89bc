"""Fiscal years and their periods: opened, put on hold, closed."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import BindParameter, Date, bindparam, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.identifiers import new_id
from core.kernel.months import month_end
from core.ledger.errors import (
    FiscalYearExists,
    LockStaysAsItIs,
    NoPeriodForDay,
    NothingToCloseThrough,
    PeriodClosed,
    PeriodLocked,
    PeriodOfClosedYear,
    PeriodOnHold,
    PeriodStaysAsItIs,
    ReasonNeeded,
    UnknownPeriod,
)
from core.ledger.events import FiscalYearOpened, PeriodLockedOrNot, PeriodStateChanged
from core.ledger.tables import FiscalYear, Journal, Period, PeriodState

MONTHS_MAX = 18
# The parts of the business that a period can be locked for, one by one.
LOCKS = {
    Journal.SALES: "sales_locked",
    Journal.PURCHASES: "purchases_locked",
    Journal.STOCK: "stock_locked",
}
# A statement that every entry runs is made once.
_day: BindParameter[date] = bindparam("day", type_=Date)
_PERIOD = select(Period).where(Period.starts_on <= _day, Period.ends_on >= _day)


def open_fiscal_year(
    session: Session, year: int, *, first_month: int = 1, months: int = 12
) -> list[Period]:
    """Open the monthly periods of the fiscal year that begins in a month of a year.

    Fewer months than twelve make a short year: the first one, or where the beginning moves.
    """
    assert 1 <= months <= MONTHS_MAX, "a fiscal year has one to eighteen months"
    places = range(year * 12 + first_month - 1, year * 12 + first_month - 1 + months)
    each_month = [(place // 12, place % 12 + 1) for place in places]
    first = date(*each_month[0], 1)
    last = month_end(date(*each_month[-1], 1))
    overlaps = select(Period.id).where(Period.starts_on <= last, Period.ends_on >= first)
    if session.scalars(overlaps.limit(1)).first() is not None:
        raise FiscalYearExists(year=year)
    name = f"{first.year}/{last.year % 100:02d}" if first.year != last.year else f"{year}"
    if session.scalar(select(FiscalYear.id).where(FiscalYear.name == name)):
        name = f"{first:%Y-%m}…{last:%Y-%m}"
    fiscal_year = FiscalYear(id=new_id(), name=name, starts_on=first, ends_on=last)
    session.add(fiscal_year)
    # The year first: its periods refer to it, and nothing else says so to the session.
    session.flush()
    periods = [
        Period(
            name=f"{of_year}-{month:02d}",
            starts_on=date(of_year, month, 1),
            ends_on=month_end(date(of_year, month, 1)),
            fiscal_year_id=fiscal_year.id,
        )
        for of_year, month in each_month
    ]
    session.add_all(periods)
    events.record(session, FiscalYearOpened(name, periods[0].name, periods[-1].name))
    session.flush()
    return periods


def set_period_state(
    session: Session,
    name: str,
    state: PeriodState,
    *,
    because: str = "",
    left_to_do: Sequence[tuple[str, str]] = (),
) -> Period:
    """Open a period, put it on hold, or close it; wait for the entries that are being posted.

    `left_to_do` says what somebody who closes it should know: words of the house, and what.
    """
    period = find_period(session, name, lock=True)
    before = period.state
    if before is state:
        raise PeriodStaysAsItIs(period=name)
    if before is PeriodState.CLOSED:
        if not because.strip():
            raise ReasonNeeded(period=name)
        _refuse_closed_year(session, period)
    warned = [*_open_before(session, period, state), *left_to_do]
    period.state = state
    session.info.pop("ledger.periods", None)
    told = PeriodStateChanged(name, before, state, because, tuple(warned))
    events.record(session, told)
    session.flush()
    return period


def close_through(
    session: Session, day: date, *, left_to_do: Sequence[tuple[str, str]] = ()
) -> list[Period]:
    """Close all periods that end on a day or earlier, in their order."""
    wanted = select(Period.name).where(Period.ends_on <= day, Period.state != PeriodState.CLOSED)
    names = list(session.scalars(wanted.order_by(Period.starts_on)))
    if not names:
        raise NothingToCloseThrough(day=day)
    last = len(names) - 1
    return [
        set_period_state(
            session, name, PeriodState.CLOSED, left_to_do=left_to_do if place == last else ()
        )
        for place, name in enumerate(names)
    ]


def lock_period(
    session: Session, name: str, journal: Journal, *, locked: bool = True, because: str = ""
) -> Period:
    """Let a period take no more entries of sales, of purchases or of stock, or take them again."""
    period = find_period(session, name, lock=True)
    if period.locked_for(journal) is locked:
        raise LockStaysAsItIs(period=name, journal=journal)
    if not locked and not because.strip():
        raise ReasonNeeded(period=name)
    setattr(period, LOCKS[journal], locked)
    session.info.pop("ledger.periods", None)
    events.record(session, PeriodLockedOrNot(name, journal, locked, because))
    session.flush()
    return period


def find_period(session: Session, name: str, *, lock: bool = False) -> Period:
    """Return a period by its name."""
    wanted = select(Period).where(Period.name == name)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    period = session.scalars(wanted).one_or_none()
    if period is None:
        raise UnknownPeriod(period=name)
    return period


def periods_open_before(session: Session, period: Period) -> list[str]:
    """Return the names of the earlier periods that still take entries, or may again."""
    wanted = select(Period.name).where(
        Period.starts_on < period.starts_on, Period.state != PeriodState.CLOSED
    )
    return list(session.scalars(wanted.order_by(Period.starts_on)))


def require_open_period(session: Session, day: date, journal: Journal = Journal.GENERAL) -> Period:
    """Return the period of a day; refuse where it takes no entries of a journal."""
    known: dict[date, Period] = session.info.setdefault("ledger.periods", {})
    period = known.get(day)
    if period is None:
        period = session.scalars(_PERIOD, {"day": day}).one_or_none()
        if period is None:
            raise NoPeriodForDay(day=day, year=day.year)
        known[day] = period
    if period.state is PeriodState.CLOSED:
        raise PeriodClosed(period=period.name)
    if period.state is PeriodState.ON_HOLD:
        raise PeriodOnHold(period=period.name)
    if period.locked_for(journal):
        raise PeriodLocked(period=period.name, journal=journal)
    return period


def read_periods_ahead(session: Session) -> None:
    """Read every period at once, for who is going to post on many days of many of them."""
    known: dict[date, Period] = session.info.setdefault("ledger.periods", {})
    for period in session.scalars(select(Period)):
        for days in range((period.ends_on - period.starts_on).days + 1):
            known.setdefault(period.starts_on + timedelta(days=days), period)


def _open_before(session: Session, period: Period, state: PeriodState) -> list[tuple[str, str]]:
    if state is not PeriodState.CLOSED:
        return []
    earlier = periods_open_before(session, period)
    said = " … ".join(dict.fromkeys((*earlier[:1], *earlier[-1:])))
    return [("earlier_periods_open", said)] if earlier else []


def _refuse_closed_year(session: Session, period: Period) -> None:
    year = session.get_one(FiscalYear, period.fiscal_year_id)
    if year.closing_entry_id is not None:
        raise PeriodOfClosedYear(period=period.name, year=year.name)
