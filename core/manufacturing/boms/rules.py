"""The arithmetic of bills of materials: how much of what for how many."""

from decimal import Decimal
from fractions import Fraction

from core.kernel.money import QUANTITY_DIGITS

_HUNDRED = Fraction(100)


def begun_for(quantity: Decimal | Fraction, yield_percent: Decimal) -> Fraction:
    """Return how much has to be begun so that a quantity comes out good."""
    return Fraction(quantity) * _HUNDRED / Fraction(yield_percent)


def exactly_needed(
    begun: Fraction,
    *,
    quantity: Decimal,
    output_quantity: Decimal,
    scrap_percent: Decimal = Decimal(0),
    fixed: bool = False,
) -> Fraction:
    """Return how much of a component is needed for what is begun, before it is rounded."""
    share = Fraction(1) if fixed else begun / Fraction(output_quantity)
    return Fraction(quantity) * share * (_HUNDRED + Fraction(scrap_percent)) / _HUNDRED


def rounded_up(exactly: Fraction, digits: int = QUANTITY_DIGITS) -> Decimal:
    """Return the least quantity of so many decimals that is enough."""
    scale = 10**digits
    units = -(-exactly.numerator * scale // exactly.denominator)
    return Decimal(units).scaleb(-digits)
