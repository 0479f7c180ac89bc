"""The arithmetic of work orders: what may come out, what that takes, and what it is worth."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from core.kernel.money import rounded
from core.manufacturing.boms.rules import rounded_up

_ZERO, _HUNDRED = Decimal(0), Decimal(100)


def most_of(quantity: Decimal, tolerance_percent: Decimal | None, digits: int) -> Decimal:
    """Return the most that an order may bring, in what its unit can express."""
    most = quantity * (_HUNDRED + (tolerance_percent or _ZERO)) / _HUNDRED
    return most.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR)


def least_of(quantity: Decimal, tolerance_percent: Decimal | None, digits: int) -> Decimal:
    """Return the least that an order has to bring; nothing where nobody set a tolerance."""
    if tolerance_percent is None:
        return _ZERO
    least = quantity * (_HUNDRED - tolerance_percent) / _HUNDRED
    return least.quantize(Decimal(1).scaleb(-digits), ROUND_CEILING)


def share_for(
    whole: Decimal, *, processed: Decimal, begun: Decimal, digits: int, fixed: bool = False
) -> Decimal:
    """Return how much of what an order takes so many of its pieces take; fixed, all of it."""
    if processed <= 0:
        return _ZERO
    if fixed:
        return whole
    return rounded_up(Fraction(whole) * Fraction(processed) / Fraction(begun), digits)


def divided(minor: int, weights: Sequence[Decimal]) -> list[int]:
    """Share an amount by weight; the parts always sum to the whole, the last takes the rest."""
    total = sum(weights, _ZERO)
    parts = [int(rounded(Decimal(minor) * weight / total, 0)) for weight in weights[:-1]]
    return [*parts, minor - sum(parts)]
