"""How much of one unit another is, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from core.kernel.money import plain

# As exact as the largest quantity at its finest.
_DIGITS = 60


@dataclass(frozen=True)
class Conversion:
    """One unit is so much of another; one of an item's own goes before one for all."""

    unit: str
    quantity: Decimal
    of_unit: str
    own: bool = False


def chain(conversions: Iterable[Conversion], unit: str) -> dict[str, Fraction]:
    """Return what one unit is made of, and that again: how much of each."""
    made_of: dict[str, Conversion] = {}
    for each in sorted(conversions, key=lambda conversion: conversion.own):
        made_of[each.unit] = each
    reached, amount = {unit: Fraction(1)}, Fraction(1)
    while (step := made_of.get(unit)) is not None and step.of_unit not in reached:
        amount *= Fraction(step.quantity)
        unit = step.of_unit
        reached[unit] = amount
    return reached


def factor(conversions: Iterable[Conversion], unit: str, base: str) -> Fraction | None:
    """Return how much of the base one unit is, or None where that was never said."""
    known = tuple(conversions)
    of_base = chain(known, base)
    for reached, amount in chain(known, unit).items():
        if reached in of_base:
            return amount / of_base[reached]
    return None


def exact_decimal(value: Fraction, digits: int) -> Decimal | None:
    """Return a fraction as a decimal with at most so many digits, or None where it has more."""
    scaled = value * 10**digits
    if scaled.denominator != 1:
        return None
    with localcontext(prec=_DIGITS):
        return Decimal(scaled.numerator).scaleb(-digits)


def said(value: Fraction) -> str:
    """Write a fraction for people: whole where it ends soon, else cut off with three dots."""
    whole = exact_decimal(value, 6)
    if whole is not None:
        return plain(whole)
    return f"{plain(Decimal(int(value * 1000)).scaleb(-3))}…"
