"""Tools of the calendar of the books: periods and fiscal years, opened, locked and closed."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.errors import Language
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Journal, PeriodState, schedules
from core.ledger.chart import RETAINED_EARNINGS
from tools.base import Answer, Arguments, Call, Column, Day, Grid, Tool, Undoing
from tools.ledger import PeriodRef, Reason
from tools.references import AccountRef, YearRef
from tools.trade import BOOKKEEPERS

CLOSE, HOLD, REOPEN = "ledger.close_period", "ledger.hold_period", "ledger.reopen_period"
LOCK, UNLOCK = "ledger.lock_period", "ledger.unlock_period"
CLOSE_THROUGH = "ledger.close_periods_through"
OPEN_YEAR, CLOSE_YEAR = "ledger.open_fiscal_year", "ledger.close_fiscal_year"
REOPEN_YEAR = "ledger.reopen_fiscal_year"

YEAR_STAYS = (
    "a fiscal year stays once it is opened; close its periods instead",
    "会计年度一经开启即保留；可改为关闭其期间",
)


class Area(StrEnum):
    """A part of the business that a period can be locked for."""

    SALES = "sales"
    PURCHASES = "purchases"
    STOCK = "stock"


class ListPeriods(Arguments):
    """List the fiscal periods, whether they take entries, and what they are locked for."""

    year: YearRef | None = None


class Periods(Answer):
    """The fiscal periods."""

    periods: list[ledger.PeriodView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many of them are open."""
        count = len(self.periods)
        still_open = sum(period.state is PeriodState.OPEN for period in self.periods)
        if language == "zh":
            return f"共 {count} 个会计期间，其中 {still_open} 个开放。"
        return f"{still_open} of {count} fiscal periods are open."

    def grid(self) -> Grid:
        """Return one row for every period."""
        columns = (
            Column("period", "期间"),
            Column("from", "开始", "date"),
            Column("to", "结束", "date"),
            Column("state", "状态"),
            Column("locked for", "锁定"),
            Column("year", "年度"),
        )
        rows = tuple(
            (
                period.name,
                period.starts_on,
                period.ends_on,
                period.state,
                ", ".join(period.locked_for),
                period.year,
            )
            for period in self.periods
        )
        return Grid(columns, rows)


def list_periods(session: Session, arguments: ListPeriods) -> Periods:
    """Read the periods."""
    periods = ledger.list_periods(session)
    if arguments.year is not None:
        year = ledger.find_fiscal_year(session, arguments.year).name
        periods = [period for period in periods if period.year == year]
    return Periods(periods=periods)


class ClosePeriod(Arguments):
    """Close a fiscal period: it takes no entries any more."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")


class HoldPeriod(Arguments):
    """Put a fiscal period on hold: it takes no entries until it is opened again."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")


class ReopenPeriod(Arguments):
    """Open a fiscal period again that was closed or put on hold."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")
    because: Reason = Field(description="Why it is opened again.")


class PeriodChanged(Answer):
    """A period in its new state."""

    period: str
    before: PeriodState
    state: PeriodState

    def sentence(self, language: Language = "en") -> str:
        """Say the new state."""
        state = word(self.state, language)
        if language == "zh":
            return f"会计期间 {self.period} 现为{state}状态。"
        return f"The fiscal period {self.period} is {state} now."


def _changed(session: Session, name: str, state: PeriodState, because: str = "") -> PeriodChanged:
    period = ledger.find_period(session, name)
    before, left = period.state, _left_to_do(session, period.ends_on, state)
    period = ledger.set_period_state(session, name, state, because=because, left_to_do=left)
    return PeriodChanged(period=period.name, before=before, state=period.state)


def _left_to_do(session: Session, day: date, state: PeriodState) -> list[tuple[str, str]]:
    """Return what is scheduled by a day and not posted, for who closes the books through it."""
    if state is not PeriodState.CLOSED:
        return []
    numbers = list(dict.fromkeys(due.number for due in schedules.list_due(session, through=day)))
    return [("schedules_due", _listed(numbers))] if numbers else []


def _listed(names: Iterable[str], most: int = 5) -> str:
    known = list(names)
    return ", ".join(known[:most]) + (" …" if len(known) > most else "")


def close_period(session: Session, arguments: ClosePeriod) -> PeriodChanged:
    """Close it; who is posting into it is waited for."""
    return _changed(session, arguments.period, PeriodState.CLOSED)


def hold_period(session: Session, arguments: HoldPeriod) -> PeriodChanged:
    """Put it on hold."""
    because = "put on hold instead of closed"
    return _changed(session, arguments.period, PeriodState.ON_HOLD, because)


def reopen_period(session: Session, arguments: ReopenPeriod) -> PeriodChanged:
    """Open it."""
    return _changed(session, arguments.period, PeriodState.OPEN, arguments.because)


def undo_period(
    _session: Session, arguments: ClosePeriod | HoldPeriod | ReopenPeriod, answer: dict[str, str]
) -> Undoing:
    """Bring back the state that the period had."""
    return Undoing((_back(arguments.period, PeriodState(answer["before"])),))


def _back(period: str, state: PeriodState) -> Call:
    return {
        PeriodState.OPEN: Call(REOPEN, ReopenPeriod(period=period, because="undo")),
        PeriodState.ON_HOLD: Call(HOLD, HoldPeriod(period=period)),
        PeriodState.CLOSED: Call(CLOSE, ClosePeriod(period=period)),
    }[state]


class ClosePeriodsThrough(Arguments):
    """Close all fiscal periods that end on a day or earlier."""

    through: Day = Field(description="The last day of the last period to be closed.")


class PeriodsClosed(Answer):
    """The periods that are closed now, and what they were before."""

    before: dict[str, PeriodState]

    def sentence(self, language: Language = "en") -> str:
        """Say how many."""
        names = list(self.before)
        said = " … ".join(dict.fromkeys((names[0], names[-1])))
        if language == "zh":
            return f"已关闭 {len(names)} 个会计期间：{said}。"
        return f"{len(names)} fiscal periods are closed now: {said}."


def close_through(session: Session, arguments: ClosePeriodsThrough) -> PeriodsClosed:
    """Close them in their order."""
    before = {period.name: period.state for period in ledger.list_periods(session)}
    left = _left_to_do(session, arguments.through, PeriodState.CLOSED)
    closed = ledger.close_through(session, arguments.through, left_to_do=left)
    return PeriodsClosed(before={period.name: before[period.name] for period in closed})


def undo_close_through(
    _session: Session, _arguments: ClosePeriodsThrough, answer: dict[str, dict[str, str]]
) -> Undoing:
    """Bring back the state that each had, the last one first."""
    before = reversed(answer["before"].items())
    return Undoing(tuple(_back(name, PeriodState(state)) for name, state in before))


class LockPeriod(Arguments):
    """Lock a fiscal period for sales, purchases or stock: the other entries go on."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")
    area: Area


class UnlockPeriod(Arguments):
    """Unlock a fiscal period for sales, purchases or stock."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")
    area: Area
    because: Reason = Field(description="Why it is unlocked.")


class PeriodLocked(Answer):
    """A period that is locked for a part of the business, or not any more."""

    period: str
    area: Area
    locked: bool

    def sentence(self, language: Language = "en") -> str:
        """Say for what it is locked or open."""
        area = word(self.area, language)
        if language == "zh":
            return f"会计期间 {self.period} 的{area}{'已锁定' if self.locked else '已解锁'}。"
        state = "locked" if self.locked else "open"
        return f"The fiscal period {self.period} is {state} for {area} now."


def lock_period(session: Session, arguments: LockPeriod) -> PeriodLocked:
    """Lock it."""
    ledger.lock_period(session, arguments.period, Journal(arguments.area))
    return PeriodLocked(period=arguments.period, area=arguments.area, locked=True)


def unlock_period(session: Session, arguments: UnlockPeriod) -> PeriodLocked:
    """Unlock it."""
    ledger.lock_period(
        session,
        arguments.period,
        Journal(arguments.area),
        locked=False,
        because=arguments.because,
    )
    return PeriodLocked(period=arguments.period, area=arguments.area, locked=False)


def undo_lock(_session: Session, arguments: LockPeriod, _answer: object) -> Undoing:
    """Unlock it."""
    back = UnlockPeriod(period=arguments.period, area=arguments.area, because="undo")
    return Undoing((Call(UNLOCK, back),))


def undo_unlock(_session: Session, arguments: UnlockPeriod, _answer: object) -> Undoing:
    """Lock it again."""
    return Undoing((Call(LOCK, LockPeriod(period=arguments.period, area=arguments.area)),))


class ListYears(Arguments):
    """List the fiscal years, and the entries that closed them."""


class Years(Answer):
    """The fiscal years."""

    years: list[ledger.FiscalYearView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many of them are closed."""
        count, closed = len(self.years), sum(year.closed for year in self.years)
        if language == "zh":
            return f"共 {count} 个会计年度，其中 {closed} 个已结账。"
        return f"{closed} of {count} fiscal years are closed."

    def grid(self) -> Grid:
        """Return one row for every year."""
        columns = (
            Column("year", "年度"),
            Column("from", "开始", "date"),
            Column("to", "结束", "date"),
            Column("closed by", "结账凭证"),
        )
        rows = tuple(
            (year.name, year.starts_on, year.ends_on, year.closing_entry) for year in self.years
        )
        return Grid(columns, rows)


def list_years(session: Session, _arguments: ListYears) -> Years:
    """Read the years."""
    return Years(years=ledger.list_fiscal_years(session))


class OpenYear(Arguments):
    """Open a fiscal year: its monthly periods take entries from then on."""

    year: int = Field(ge=1990, le=2100, description="The calendar year that it begins in.")
    first_month: int = Field(default=1, ge=1, le=12, description="The month that it begins in.")
    months: int = Field(default=12, ge=1, le=18, description="How many, for a short or long year.")


class YearChanged(Answer):
    """A fiscal year that was opened, closed or reopened."""

    year: str
    said: str
    said_zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say what became of it."""
        if language == "zh":
            return f"会计年度 {self.year} {self.said_zh}。"
        return f"The fiscal year {self.year} {self.said}."


def open_year(session: Session, arguments: OpenYear) -> YearChanged:
    """Open it."""
    periods = ledger.open_fiscal_year(
        session, arguments.year, first_month=arguments.first_month, months=arguments.months
    )
    first, last = periods[0], periods[-1]
    year = next(
        each for each in ledger.list_fiscal_years(session) if each.starts_on == first.starts_on
    )
    stretch = f"{first.name} … {last.name}"
    return YearChanged(year=year.name, said=f"is open: {stretch}", said_zh=f"已开启：{stretch}")


def undo_open_year(_session: Session, _arguments: OpenYear, _answer: object) -> Undoing:
    """Say that it stays."""
    return Undoing(impossible=YEAR_STAYS)


class CloseYear(Arguments):
    """Close a fiscal year: carry its result forward to equity, and close all its periods."""

    year: YearRef = Field(description="The fiscal year, such as 2026 or 2026/27.")
    result_account: AccountRef | None = Field(
        default=None, description="Where the result goes; retained earnings if empty."
    )


class ReopenYear(Arguments):
    """Reopen a closed fiscal year: its closing entry is reversed, its last period takes entries."""

    year: YearRef = Field(description="The fiscal year, such as 2026 or 2026/27.")
    because: Reason = Field(description="Why it is reopened.")


def pin_close_year(session: Session, arguments: CloseYear) -> CloseYear:
    """Replace names by the name of the year and the code of the account."""
    account = arguments.result_account
    code = (
        ledger.account_named(session, account).code
        if account
        else ledger.find_account(session, RETAINED_EARNINGS).code
    )
    year = ledger.find_fiscal_year(session, arguments.year).name
    return arguments.model_copy(update={"year": year, "result_account": code})


def close_year(session: Session, arguments: CloseYear) -> YearChanged:
    """Close it; who is posting into it is waited for."""
    pinned = pin_close_year(session, arguments)
    assert pinned.result_account is not None, "the account is pinned"
    entry = ledger.close_fiscal_year(session, pinned.year, result_account=pinned.result_account)
    return YearChanged(
        year=pinned.year,
        said=f"is closed by {entry.number} of {entry.posted_on}",
        said_zh=f"已由 {entry.posted_on} 的凭证 {entry.number} 结账",
    )


def reopen_year(session: Session, arguments: ReopenYear) -> YearChanged:
    """Reopen it."""
    year = ledger.find_fiscal_year(session, arguments.year).name
    entry = ledger.reopen_fiscal_year(session, year, because=arguments.because)
    return YearChanged(
        year=year,
        said=f"is open again; {entry.number} reverses its closing entry",
        said_zh=f"已反结账，结转凭证由 {entry.number} 冲销",
    )


def undo_close_year(_session: Session, arguments: CloseYear, _answer: object) -> Undoing:
    """Reopen it."""
    return Undoing((Call(REOPEN_YEAR, ReopenYear(year=arguments.year, because="undo")),))


def undo_reopen_year(_session: Session, arguments: ReopenYear, _answer: object) -> Undoing:
    """Close it again."""
    return Undoing((Call(CLOSE_YEAR, CloseYear(year=arguments.year)),))


TOOLS = [
    Tool(
        "ledger.list_periods",
        ListPeriods,
        list_periods,
        writes=False,
        title="Fiscal periods",
        title_zh="会计期间",
        roles=BOOKS,
    ),
    Tool(
        CLOSE,
        ClosePeriod,
        close_period,
        writes=True,
        title="Close period",
        title_zh="关闭期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
    ),
    Tool(
        HOLD,
        HoldPeriod,
        hold_period,
        writes=True,
        title="Hold period",
        title_zh="暂停期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
    ),
    Tool(
        REOPEN,
        ReopenPeriod,
        reopen_period,
        writes=True,
        title="Reopen period",
        title_zh="重新开放期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
        sensitive=True,
    ),
    Tool(
        CLOSE_THROUGH,
        ClosePeriodsThrough,
        close_through,
        writes=True,
        title="Close periods through a day",
        title_zh="批量关闭期间",
        roles=BOOKKEEPERS,
        undo=undo_close_through,
    ),
    Tool(
        LOCK,
        LockPeriod,
        lock_period,
        writes=True,
        title="Lock period",
        title_zh="锁定期间",
        roles=BOOKKEEPERS,
        undo=undo_lock,
    ),
    Tool(
        UNLOCK,
        UnlockPeriod,
        unlock_period,
        writes=True,
        title="Unlock period",
        title_zh="解锁期间",
        roles=BOOKKEEPERS,
        undo=undo_unlock,
        sensitive=True,
    ),
    Tool(
        "ledger.list_fiscal_years",
        ListYears,
        list_years,
        writes=False,
        title="Fiscal years",
        title_zh="会计年度",
        roles=BOOKS,
    ),
    Tool(
        OPEN_YEAR,
        OpenYear,
        open_year,
        writes=True,
        title="Open fiscal year",
        title_zh="开启会计年度",
        roles=BOOKKEEPERS,
        undo=undo_open_year,
    ),
    Tool(
        CLOSE_YEAR,
        CloseYear,
        close_year,
        writes=True,
        title="Close fiscal year",
        title_zh="年度结账",
        roles=BOOKKEEPERS,
        pin=pin_close_year,
        undo=undo_close_year,
    ),
    Tool(
        REOPEN_YEAR,
        ReopenYear,
        reopen_year,
        writes=True,
        title="Reopen fiscal year",
        title_zh="年度反结账",
        roles=BOOKKEEPERS,
        undo=undo_reopen_year,
        sensitive=True,
    ),
]
