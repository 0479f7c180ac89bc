"""The arithmetic of operations: how long they take, what that costs, and how many days it is."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_HOUR = Decimal(60)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Rates:
    """What an hour of work, an hour of the place and a cycle of it cost."""

    labour: Decimal = Decimal(0)
    overhead: Decimal = Decimal(0)
    cycle: Decimal = Decimal(0)

    def labour_of(self, minutes: Decimal) -> Decimal:
        """Return what the work of some minutes costs, before it is rounded."""
        return self.labour * minutes / _HOUR

    def overhead_of(self, minutes: Decimal, cycles: Decimal) -> Decimal:
        """Return what some minutes and cycles of the place cost, before it is rounded."""
        return self.overhead * minutes / _HOUR + self.cycle * cycles


def planned_minutes(
    setup: Decimal, run: Decimal, pieces: Decimal, *, efficiency_percent: Decimal = _HUNDRED
) -> Decimal:
    """Return how long an operation takes for some pieces, set up once."""
    return (setup + run * pieces) * _HUNDRED / efficiency_percent


def days_for(setup: Fraction, each: Fraction, quantity: Decimal) -> int:
    """Return the whole days that a quantity takes: the days of its setup, and of each piece."""
    return math.ceil(setup + each * Fraction(quantity))
