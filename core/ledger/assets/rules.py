"""The arithmetic of depreciation; no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from core.kernel.money import Money, Rounding
from core.kernel.months import add_months, month_end, month_start
from core.ledger.assets.tables import Convention, DepreciationMethod
from core.ledger.schedules.rules import months_between
from core.ledger.sharing import fraction_of, shared

MONTHS_OF_YEAR = 12
HUNDRED = Decimal(100)
_FALLING = {DepreciationMethod.DECLINING_BALANCE, DepreciationMethod.DECLINING_THEN_STRAIGHT}
_UNPLANNED = {DepreciationMethod.UNITS, DepreciationMethod.NONE}


@dataclass(frozen=True)
class Terms:
    """How an asset is depreciated, and over which stretch of days."""

    method: DepreciationMethod
    convention: Convention
    starts_on: date
    ends_on: date
    percent: Decimal | None = None
    # The month in which a fiscal year begins.
    year_begins: int = 1


@dataclass(frozen=True)
class PlanLine:
    """What is to be depreciated, and the last day of what it is for."""

    due_on: date
    amount: Money


def first_day(in_service_on: date, method: DepreciationMethod, convention: Convention) -> date:
    """Return the day from which an asset is depreciated that is put to use on a day."""
    return in_service_on if counts_days(method, convention) else month_start(in_service_on)


def last_day(
    starts_on: date, months: int, method: DepreciationMethod, convention: Convention
) -> date:
    """Return the last day of a life of so many months."""
    begins = first_day(starts_on, method, convention)
    return add_months(begins, months) - timedelta(days=1)


def counts_days(method: DepreciationMethod, convention: Convention) -> bool:
    """Tell whether a month that is not whole counts for its days only."""
    by_day = method is DepreciationMethod.STRAIGHT_LINE_BY_DAY
    return by_day or convention is Convention.PRO_RATA


def plan(value: Money, residual: Money, terms: Terms, rounding: Rounding) -> tuple[PlanLine, ...]:
    """Return what is depreciated of a value, month by month, down to the residual.

    The last line takes the rest, so the lines sum to value less residual exactly; a line of
    nothing is left out.
    """
    to_write_off = value - residual
    if terms.method in _UNPLANNED or to_write_off.minor <= 0:
        return ()
    stretches = _stretches(terms)
    if terms.method in _FALLING:
        amounts = _falling(value, to_write_off, stretches, terms, rounding)
    else:
        weights = [weight for _, weight in stretches]
        amounts = shared(to_write_off, weights, rounding, whole=_whole(weights, terms))
    lines = zip(stretches, amounts, strict=True)
    return tuple(PlanLine(due_on, amount) for (due_on, _), amount in lines if amount.minor)


def percent_of(amount: int, percent: Decimal, rounding: Rounding) -> int:
    """Return a percentage of so many minor units, rounded once."""
    return fraction_of(Money(amount, ""), Fraction(percent) / 100, rounding).minor


def part_until(line: PlanLine, begins: date, day: date, rounding: Rounding) -> tuple[Money, Money]:
    """Part a line at a day: what is for the days up to it, and the rest."""
    fraction = Fraction((day - begins).days + 1, (line.due_on - begins).days + 1)
    first = fraction_of(line.amount, fraction, rounding)
    return first, line.amount - first


def of_use(to_write_off: Money, used: Decimal, expected: Decimal, rounding: Rounding) -> Money:
    """Return what so many units used in all have written off; never more than there is."""
    if used >= expected:
        return to_write_off
    return fraction_of(to_write_off, Fraction(used) / Fraction(expected), rounding)


def _stretches(terms: Terms) -> list[tuple[date, Fraction]]:
    """Return the months of the plan, or parts of one, each with its weight."""
    found = []
    begins = terms.starts_on
    while begins <= terms.ends_on:
        ends = min(month_end(begins), terms.ends_on)
        days = (ends - begins).days + 1
        if terms.method is DepreciationMethod.STRAIGHT_LINE_BY_DAY:
            weight = Fraction(days)
        elif terms.convention is Convention.PRO_RATA:
            weight = Fraction(days, month_end(begins).day)
        else:
            weight = Fraction(1)
        found.append((ends, weight))
        begins = ends + timedelta(days=1)
    return found


def _whole(weights: Sequence[Fraction], terms: Terms) -> Fraction:
    """Return what the weights are parts of: of so many whole months, however long they are."""
    months = months_between(terms.starts_on, terms.ends_on + timedelta(days=1))
    is_whole = months and add_months(terms.starts_on, months) == terms.ends_on + timedelta(days=1)
    if is_whole and terms.method is not DepreciationMethod.STRAIGHT_LINE_BY_DAY:
        return Fraction(months)
    return sum(weights, start=Fraction(0))


def _falling(
    value: Money,
    to_write_off: Money,
    stretches: Sequence[tuple[date, Fraction]],
    terms: Terms,
    rounding: Rounding,
) -> list[Money]:
    assert terms.percent is not None, "a declining balance has its percentage"
    rate = Fraction(terms.percent) / 100
    switches = terms.method is DepreciationMethod.DECLINING_THEN_STRAIGHT
    years = [
        [weight for _, weight in year]
        for _, year in groupby(stretches, key=lambda each: _year_of(each[0], terms.year_begins))
    ]
    book, left = value, to_write_off
    months_left = sum((weight for _, weight in stretches), start=Fraction(0))
    amounts: list[Money] = []
    for place, weights in enumerate(years, start=1):
        months = sum(weights, start=Fraction(0))
        part = left
        if place < len(years):
            part = fraction_of(book, rate * months / MONTHS_OF_YEAR, rounding)
            if switches:
                part = max(part, fraction_of(left, months / months_left, rounding))
            part = min(part, left)
        amounts += shared(part, weights, rounding)
        book, left, months_left = book - part, left - part, months_left - months
    return amounts


def _year_of(day: date, begins: int) -> int:
    return (day.year * MONTHS_OF_YEAR + day.month - begins) // MONTHS_OF_YEAR
