"""Fiscal years and their periods: opened, put on hold, closed."""

import calendar
from datetime import date

from sqlalchemy import BindParameter, Date, bindparam, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.identifiers import new_id
from core.ledger.errors import (
    FiscalYearExists,
    NoPeriodForDay,
    PeriodClosed,
    PeriodLocked,
    PeriodOnHold,
    PeriodStaysAsItIs,
    ReasonNeeded,
    UnknownPeriod,
)
from core.ledger.events import FiscalYearOpened, PeriodStateChanged
from core.ledger.tables import FiscalYear, Journal, Period, PeriodState

# A statement that every entry runs is made once.
_day: BindParameter[date] = bindparam("day", type_=Date)
_PERIOD = select(Period).where(Period.starts_on <= _day, Period.ends_on >= _day)


def open_fiscal_year(session: Session, year: int, *, first_month: int = 1) -> list[Period]:
    """Open the twelve monthly periods of the fiscal year that begins in a month of a year."""
    months = [(year + (place // 12), place % 12 + 1) for place in range(11 + first_month)]
    months = months[first_month - 1 :]
    first = date(*months[0], 1)
    last = date(*months[-1], calendar.monthrange(*months[-1])[1])
    overlaps = select(Period.id).where(Period.starts_on <= last, Period.ends_on >= first)
    if session.scalars(overlaps.limit(1)).first() is not None:
        raise FiscalYearExists(year=year)
    name = f"{year}" if first_month == 1 else f"{first.year}/{last.year % 100:02d}"
    fiscal_year = FiscalYear(id=new_id(), name=name, starts_on=first, ends_on=last)
    session.add(fiscal_year)
    # The year first: its periods refer to it, and nothing else says so to the session.
    session.flush()
    periods = [
        Period(
            name=f"{of_year}-{month:02d}",
            starts_on=date(of_year, month, 1),
            ends_on=date(of_year, month, calendar.monthrange(of_year, month)[1]),
            fiscal_year_id=fiscal_year.id,
        )
        for of_year, month in months
    ]
    session.add_all(periods)
    events.record(session, FiscalYearOpened(name, periods[0].name, periods[-1].name))
    session.flush()
    return periods


def set_period_state(
    session: Session, name: str, state: PeriodState, *, because: str = ""
) -> Period:
    """Open a period, put it on hold, or close it; wait for the entries that are being posted."""
    found = session.scalars(select(Period).where(Period.name == name).with_for_update())
    period = found.one_or_none()
    if period is None:
        raise UnknownPeriod(period=name)
    before = period.state
    if before is state:
        raise PeriodStaysAsItIs(period=name)
    if before is PeriodState.CLOSED and not because.strip():
        raise ReasonNeeded(period=name)
    period.state = state
    session.info.pop("ledger.periods", None)
    events.record(
        session, PeriodStateChanged(period=name, before=before, after=state, because=because)
    )
    session.flush()
    return period


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
