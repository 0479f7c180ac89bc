"""The arithmetic of counts; no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

Key = TypeVar("Key")


class CycleClass(StrEnum):
    """How much of the yearly value an item is: the few that are most of it, and the many."""

    A = "A"
    B = "B"
    C = "C"


# Up to which share of the yearly value an item is of a class, and how often each is counted.
SHARE_PERCENT = {CycleClass.A: Decimal(80), CycleClass.B: Decimal(95)}
EVERY_DAYS = {CycleClass.A: 30, CycleClass.B: 90, CycleClass.C: 365}


@dataclass(frozen=True)
class Tolerance:
    """Up to which difference a count is taken as it is; nothing said: any."""

    percent: Decimal | None
    minor: int | None

    def allows(self, *, counted: Decimal, expected: Decimal, value_minor: int) -> bool:
        """Tell whether a difference is within one of the limits that are set."""
        difference = abs(counted - expected)
        if difference == 0 or (self.percent is None and self.minor is None):
            return True
        if self.percent is not None and difference * 100 <= self.percent * expected:
            return True
        return self.minor is not None and abs(value_minor) <= self.minor


def agree(rounds: Sequence[tuple[Decimal, Decimal]]) -> bool:
    """Tell whether the last two rounds (counted, expected) found the same difference."""
    if len(rounds) < 2:  # noqa: PLR2004
        return False
    (one, then), (other, now) = rounds[-2:]
    return one - then == other - now


def classified(yearly_value: Mapping[Key, int]) -> dict[Key, CycleClass]:
    """Return the class of each item: A while those before it are below 80 %, B below 95 %.

    What moved nothing in a year is C. Items of equal value keep the order they come in.
    """
    total = sum(yearly_value.values())
    before, classes = 0, {}
    for key, value in sorted(yearly_value.items(), key=lambda each: -each[1]):
        share = Decimal(before * 100) / total if total and value else Decimal(100)
        classes[key] = next(
            (each for each, most in SHARE_PERCENT.items() if share < most), CycleClass.C
        )
        before += value
    return classes


def weekly_share(items: int, cycle: CycleClass, *, days: int) -> int:
    """Return how many items of a class are counted in some days, so that all have their turn."""
    return -(-items * days // EVERY_DAYS[cycle])
