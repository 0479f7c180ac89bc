"""The arithmetic of schedules: due days, and how an amount is spread; no database, no clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.kernel.money import Money, Rounding
from core.kernel.months import add_months, month_end, month_start
from core.ledger.schedules.errors import EndsBeforeStart, ScheduleTooLong, TemplateUnbalanced
from core.ledger.schedules.tables import Every, Method
from core.ledger.tables import Side

HUNDRED = Decimal(100)
# A schedule longer than fifty years is a typing mistake.
MONTHS_MAX = 600


@dataclass(frozen=True)
class Part:
    """What becomes due of a spread amount, and when."""

    due_on: date
    amount: Money


@dataclass(frozen=True)
class TemplateLine:
    """A line of an entry to come: an account, a side, and a fixed amount or a share of a total."""

    account: str
    side: Side
    amount: Money | None = None
    share_percent: Decimal | None = None
    dimensions: tuple[tuple[str, str], ...] = ()


def months_between(first: date, last: date) -> int:
    """Return how many months the months of two days lie apart."""
    return (last.year - first.year) * 12 + last.month - first.month


def due_days(
    every: Every, day_of_month: int, starts_on: date, *, until: date | None, through: date
) -> Iterator[date]:
    """Yield the days on which a recurring entry is due, up to a day.

    The first one is the first such day of a month from the start on; in a month that is too
    short, it is the last day: 31 is the end of every month.
    """
    last = min(through, until) if until is not None else through
    first = _on(month_start(starts_on), day_of_month)
    place = 0 if first >= starts_on else 1
    month = add_months(month_start(starts_on), place)
    for step in range(0, MONTHS_MAX * every.months, every.months):
        day = _on(add_months(month, step), day_of_month)
        if day > last:
            return
        yield day


def spread(
    amount: Money, starts_on: date, ends_on: date, method: Method, rounding: Rounding
) -> tuple[Part, ...]:
    """Spread an amount over the months that a stretch touches; the parts sum to the amount.

    By day, each month takes its days of the stretch, both ends included; by month, all take the
    same. The last takes the rest, and a part of nothing is left out.
    """
    if ends_on < starts_on:
        raise EndsBeforeStart(starts_on=starts_on, ends_on=ends_on)
    months = months_between(starts_on, ends_on) + 1
    if months > MONTHS_MAX:
        raise ScheduleTooLong(months=months, most=MONTHS_MAX)
    stretches = []
    begins = starts_on
    while begins <= ends_on:
        ends = min(month_end(begins), ends_on)
        stretches.append((ends, (ends - begins).days + 1 if method is Method.BY_DAY else 1))
        begins = ends + timedelta(days=1)
    whole = sum(weight for _, weight in stretches)
    left, parts = amount, []
    for place, (due_on, weight) in enumerate(stretches, start=1):
        part = left
        if place < len(stretches):
            part = min(amount.times(Decimal(weight) / whole, rounding), left)
        left -= part
        if part.minor:
            parts.append(Part(due_on, part))
    return tuple(parts)


def require_balanced(lines: Sequence[TemplateLine]) -> None:
    """Refuse a template whose fixed amounts or shares differ between the sides."""
    fixed = dict.fromkeys(Side, 0)
    shares = dict.fromkeys(Side, Decimal(0))
    for line in lines:
        fixed[line.side] += line.amount.minor if line.amount is not None else 0
        shares[line.side] += line.share_percent or 0
    whole = {Decimal(0), HUNDRED}
    sides = {line.side for line in lines}
    balanced = len(set(fixed.values())) == 1 and len(set(shares.values())) == 1
    if len(sides) != len(Side) or not balanced or shares[Side.DEBIT] not in whole:
        raise TemplateUnbalanced


def amounts_of(
    lines: Sequence[TemplateLine], total: Money | None, rounding: Rounding
) -> list[Money]:
    """Return the amount of every line; of the shares of a side, the last takes the rest."""
    amounts: list[Money] = []
    left = dict.fromkeys(Side, total)
    last = {line.side: place for place, line in enumerate(lines) if line.share_percent}
    for place, line in enumerate(lines):
        rest = left[line.side]
        if line.share_percent is None or total is None or rest is None:
            assert line.amount is not None, "a line without a share has its amount"
            amounts.append(line.amount)
            continue
        part = rest
        if place != last[line.side]:
            part = min(total.times(line.share_percent / HUNDRED, rounding), rest)
        left[line.side] = rest - part
        amounts.append(part)
    return amounts


def _on(month: date, day_of_month: int) -> date:
    return month.replace(day=min(day_of_month, month_end(month).day))
