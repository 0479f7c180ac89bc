"""Arithmetic of opportunities: weighted by chance, gathered by month, set against a quota."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.crm.opportunities.errors import ProbabilityOutOfRange
from core.crm.opportunities.tables import ForecastCategory, StageKind
from core.kernel.money import Money, Rounding, rounded
from core.kernel.months import add_months

_HUNDRED = Decimal(100)


def require_probability(percent: Decimal, kind: StageKind = StageKind.OPEN) -> None:
    """Refuse a chance that is none; what is won is certain, and what is lost as well."""
    least, most = {
        StageKind.WON: (_HUNDRED, _HUNDRED), StageKind.LOST: (Decimal(0), Decimal(0))
    }.get(kind, (Decimal(0), _HUNDRED))  # fmt: skip
    if not least <= percent <= most:
        raise ProbabilityOutOfRange(percent=percent, least=least, most=most)


def weighted(amount: Money, percent: Decimal, rounding: Rounding) -> Money:
    """Return what an opportunity is worth by its chance; each is rounded by itself."""
    return amount.times(percent / _HUNDRED, rounding)


def percent_of(part: Decimal | int, whole: Decimal | int, digits: int = 2) -> Decimal | None:
    """Return a part as a percentage of a whole, or None of nothing."""
    return None if not whole else rounded(_HUNDRED * Decimal(part) / Decimal(whole), digits)


@dataclass(frozen=True)
class Chance:
    """An opportunity as a forecast sees it: its worth in the company's currency, and how sure."""

    close_on: date
    worth: Money
    percent: Decimal
    kind: StageKind
    category: ForecastCategory


@dataclass(frozen=True)
class ForecastRow:
    """What a month may bring: committed, at best, all of it, and weighted by chance."""

    month: date
    count: int
    won: Money
    commit: Money
    best_case: Money
    pipeline: Money
    weighted: Money


@dataclass(frozen=True)
class Forecast:
    """The months, and all of them together; `quota` where there is one."""

    rows: tuple[ForecastRow, ...]
    total: ForecastRow
    quota: Money | None = None
    first: date = field(default=date.min)
    last: date = field(default=date.max)

    @property
    def attainment(self) -> Decimal | None:
        """What is won, as a percentage of the quota."""
        return None if self.quota is None else percent_of(self.total.won.minor, self.quota.minor)

    @property
    def gap(self) -> Money | None:
        """What is to be won yet; nothing once the quota is reached."""
        if self.quota is None:
            return None
        left = self.quota - self.total.won
        return left if left.minor > 0 else Money(0, left.currency)

    @property
    def coverage(self) -> Decimal | None:
        """What may come by its chance and is won, as a percentage of the quota."""
        if self.quota is None:
            return None
        return percent_of(self.total.weighted.minor, self.quota.minor)


def forecast_of(
    chances: Iterable[Chance], months: Iterable[date], currency: str, rounding: Rounding
) -> Forecast:
    """Gather opportunities by the month they close in.

    Committed is what is won or committed; the best case is that and what is at best; the pipeline
    is all that is not lost. What is lost counts nowhere.
    """
    by_month: dict[date, list[Chance]] = {month: [] for month in months}
    for chance in chances:
        month = chance.close_on.replace(day=1)
        if month in by_month and chance.kind is not StageKind.LOST:
            by_month[month].append(chance)
    rows = tuple(_row(month, there, currency, rounding) for month, there in by_month.items())
    every = [chance for there in by_month.values() for chance in there]
    first = min(by_month, default=date.min)
    return Forecast(rows, _row(first, every, currency, rounding))


def _row(month: date, chances: list[Chance], currency: str, rounding: Rounding) -> ForecastRow:
    nothing = Money(0, currency)

    def added(which: Iterable[Chance]) -> Money:
        return sum((chance.worth for chance in which), nothing)

    won = [chance for chance in chances if chance.kind is StageKind.WON]
    sure = [c for c in chances if c.kind is not StageKind.WON and c.category == "commit"]
    best = [c for c in chances if c.kind is not StageKind.WON and c.category == "best_case"]
    return ForecastRow(
        month=month,
        count=len(chances),
        won=added(won),
        commit=added([*won, *sure]),
        best_case=added([*won, *sure, *best]),
        pipeline=added(chances),
        weighted=sum((weighted(c.worth, c.percent, rounding) for c in chances), nothing),
    )


@dataclass(frozen=True)
class Outcome:
    """How many opportunities came how far, and what they are worth together."""

    kind: StageKind
    count: int
    worth: Money


@dataclass(frozen=True)
class PipelineReport:
    """How many opportunities there are, and what became of them.

    Converted is what has a quotation or was won; decided is what was converted or lost.
    """

    number: int
    amount: Money
    converted: int
    converted_amount: Money
    lost: int
    won: int
    won_amount: Money

    @property
    def decided(self) -> int:
        """How many were converted or lost."""
        return self.converted + self.lost

    @property
    def conversion_rate(self) -> Decimal | None:
        """Converted of all, in percent."""
        return percent_of(self.converted, self.number)

    @property
    def winning_rate(self) -> Decimal | None:
        """Won of those decided, in percent."""
        return percent_of(self.won, self.decided)


def pipeline_report(outcomes: Iterable[Outcome], currency: str) -> PipelineReport:
    """Count and add up opportunities by what became of them."""
    every = list(outcomes)

    def added(*kinds: StageKind) -> tuple[int, Money]:
        there = [each for each in every if each.kind in kinds]
        worth = sum((each.worth for each in there), Money(0, currency))
        return sum(each.count for each in there), worth

    number, amount = added(*StageKind)
    converted, converted_amount = added(StageKind.QUOTED, StageKind.WON)
    won, won_amount = added(StageKind.WON)
    return PipelineReport(
        number=number,
        amount=amount,
        converted=converted,
        converted_amount=converted_amount,
        lost=added(StageKind.LOST)[0],
        won=won,
        won_amount=won_amount,
    )


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months from one day to another."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first.replace(day=1), place) for place in range(max(count, 0))]
