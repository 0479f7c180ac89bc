"""Sharing an amount out by weight, exactly: the parts always sum to the whole."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from core.kernel.money import Money, Rounding


def shared(
    total: Money,
    weights: Sequence[Fraction],
    rounding: Rounding,
    *,
    whole: Fraction | None = None,
) -> list[Money]:
    """Share an amount by weight, each part rounded once and none beyond what is left of it.

    The last takes the rest.
    """
    whole = whole or sum(weights, start=Fraction(0))
    left, parts = total, []
    for place, weight in enumerate(weights, start=1):
        part = left
        if place < len(weights):
            part = min(fraction_of(total, weight / whole, rounding), left)
        left -= part
        parts.append(part)
    return parts


def fraction_of(amount: Money, fraction: Fraction, rounding: Rounding) -> Money:
    """Return a fraction of an amount, rounded once; the whole of it is all of it."""
    exact = Decimal(amount.minor * fraction.numerator) / fraction.denominator
    return Money(1, amount.currency).times(exact, rounding)
