"""The arithmetic of reminding: which level is next, and what being late costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.kernel.money import Money, Rounding

DAYS_OF_A_YEAR = 365
LEVELS_MAX = 9


@dataclass(frozen=True)
class Level:
    """When a level is reached, what it costs, and what its letter says.

    The words in braces of a text are filled in: {customer}, {company}, {total}, {day}.
    """

    level: int
    overdue_days: int
    fee: Money
    interest_percent: Decimal = Decimal(0)
    wait_days: int = 0
    title: str = ""
    title_zh: str = ""
    text: str = ""
    text_zh: str = ""


@dataclass(frozen=True)
class Reminded:
    """How far a document has been reminded: the level of the last letter sent, and its day.

    `charged_until` is the day up to which interest was charged.
    """

    level: int = 0
    sent_on: date | None = None
    charged_until: date | None = None


def next_level(
    levels: Sequence[Level], so_far: Reminded, *, due_on: date, day: date
) -> Level | None:
    """Return the level that comes next on a day, if it is reached: one at a time, none left out."""
    following = next((each for each in levels if each.level > so_far.level), None)
    if following is None or (day - due_on).days < following.overdue_days:
        return None
    if so_far.sent_on is not None and (day - so_far.sent_on).days < following.wait_days:
        return None
    return following


def interest_on(
    amount: Money, percent: Decimal, *, since: date, day: date, rounding: Rounding
) -> Money:
    """Return the simple interest on an amount from one day to another, rounded once."""
    days = max((day - since).days, 0)
    return amount.times(percent * days / (100 * DAYS_OF_A_YEAR), rounding)


def in_order(levels: Iterable[Level]) -> bool:
    """Tell whether levels are numbered from one on, and each is reached later than the last."""
    known = list(levels)
    days = [each.overdue_days for each in known]
    return (
        0 < len(known) <= LEVELS_MAX
        and [each.level for each in known] == list(range(1, len(known) + 1))
        and days == sorted(set(days))
        and days[0] > 0
    )
