"""What a month's sales earn: tiers of a whole or of each part, the same backwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.kernel.money import Money, Rounding, rounded

_HUNDRED = 100
# As many decimals as are kept before the one rounding to money.
_KEPT = 12


@dataclass(frozen=True)
class Tier:
    """The percentage from an amount up, in minor units."""

    from_minor: int
    percent: Decimal


def commission_on(base: Money, tiers: Sequence[Tier], *, whole: bool, rounding: Rounding) -> Money:
    """Return what an amount earns; what is taken back more than sold takes back as much.

    Below the lowest tier nothing is earned.
    """
    size = abs(base.minor)
    ordered = sorted(tiers, key=lambda tier: tier.from_minor)
    reached = [tier for tier in ordered if tier.from_minor <= size]
    earned = Fraction(0)
    if whole and reached:
        earned = size * Fraction(reached[-1].percent) / _HUNDRED
    elif not whole:
        ends = [tier.from_minor for tier in reached[1:]] + [size]
        for tier, end in zip(reached, ends, strict=True):
            earned += (end - tier.from_minor) * Fraction(tier.percent) / _HUNDRED
    minor = rounded(_decimal(earned), 0, rounding)
    return Money(int(minor) * (1 if base.minor >= 0 else -1), base.currency)


def share(minor: int, part: int, of_whole: int) -> Fraction:
    """Return the exact part of an amount that a settlement is of its document."""
    return Fraction(minor * part, of_whole) if of_whole else Fraction(0)


def to_minor(value: Fraction, rounding: Rounding) -> int:
    """Round an exact number of minor units to whole ones."""
    return int(rounded(_decimal(value), 0, rounding))


def _decimal(value: Fraction) -> Decimal:
    # A fraction that ends later than is kept is cut: no half is made or lost by that.
    scaled = value * 10**_KEPT
    return Decimal(scaled.numerator // scaled.denominator).scaleb(-_KEPT)
