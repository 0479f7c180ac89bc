"""What the stock of an item did in another system, as far as its documents do not say.

A company that is brought with its documents comes without what lay there before them, often
without what its production used, and yet with what lies there now. From these three the stock that
it must have begun with is reckoned: as little as possible, so that the shelf was never below
zero and holds in the end what was counted there. What its production used is what came and is
not there any more: the oldest way there is to tell it, where nobody wrote it down.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

_ZERO = Decimal(0)


@dataclass
class Course:
    """What came and went of an item by day, and what should have been used of it."""

    came: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    went: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    wanted: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


@dataclass(frozen=True)
class Plan:
    """What lay there in the beginning, what was used on which day, and what a count misses."""

    opening: Decimal
    used: Mapping[date, Decimal]
    missing: Decimal


def planned(course: Course, *, on_hand: Decimal, counted: Decimal | None) -> Plan:
    """Explain the course of an item from what lies there to what was `counted` in the end.

    Production used what it wanted, as far as that lay there and neither a later issue nor the
    count needs it. Of what is counted it used all that went nowhere else, spread over time as it
    was wanted; what it cannot have used is missing at the count. Without a count nothing is.
    """
    days = sorted({*course.came, *course.went, *course.wanted})
    balances = list(_balances(course, days, on_hand))
    last = balances[-1] if balances else on_hand
    lacking = max(-min(balances, default=on_hand), _ZERO)
    opening = max(lacking, (counted if counted is not None else _ZERO) - last)
    spare = _spare([balance + opening for balance in balances], counted or _ZERO)
    gone = spare[-1] if spare and counted is not None else _ZERO
    used: dict[date, Decimal] = {}
    so_far = _ZERO
    for (day, by_then), most in zip(_wanted(course, days, gone), spare, strict=True):
        part = min(by_then, most) - so_far
        if part > 0 and day in course.wanted:
            used[day] = part
            so_far += part
    missing = _ZERO if counted is None else last + opening - so_far - counted
    return Plan(opening, used, missing)


def _balances(course: Course, days: Sequence[date], on_hand: Decimal) -> Iterable[Decimal]:
    balance = on_hand
    for day in days:
        balance += course.came.get(day, _ZERO) - course.went.get(day, _ZERO)
        yield balance


def _wanted(course: Course, days: Sequence[date], gone: Decimal) -> Iterable[tuple[date, Decimal]]:
    """Return how much production wants by each day: never less than it said, and all that is gone.

    In whole units, since it is a guess; the last day takes what is left.
    """
    whole = sum(course.wanted.values(), _ZERO)
    by_then = _ZERO
    for day in days:
        by_then += course.wanted.get(day, _ZERO)
        more = gone if by_then == whole else gone * by_then // (whole or 1)
        yield day, max(by_then, more)


def _spare(balances: Sequence[Decimal], kept: Decimal) -> list[Decimal]:
    """Return how much could be gone by each day, so that all later days still have enough."""
    spare: list[Decimal] = []
    least = balances[-1] - kept if balances else _ZERO
    for balance in reversed(balances):
        least = min(least, balance)
        spare.append(least)
    return spare[::-1]
