"""The arithmetic of budgets; no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from core.kernel.money import Money, Rounding, rounded
from core.ledger.budgets.errors import KeyNeeded
from core.ledger.rules import Dimensions
from core.ledger.sharing import fraction_of, shared
from core.ledger.tables import AccountKind

HUNDRED = Decimal(100)
PERCENT_DIGITS = 2
_GROWS_BY_DEBIT = {AccountKind.ASSET, AccountKind.EXPENSE}

L = TypeVar("L")


def split_by(amount: Money, weights: Sequence[Decimal], rounding: Rounding) -> list[Money]:
    """Split the amount of a year among its months; they sum to it, the last takes the rest.

    A month without a weight gets nothing.
    """
    if any(weight < 0 for weight in weights) or not any(weights):
        raise KeyNeeded(months=len(weights))
    parts = iter(shared(amount, [Fraction(w) for w in weights if w], rounding))
    nothing = Money(0, amount.currency)
    return [next(parts) if weight else nothing for weight in weights]


def scaled(amounts: Sequence[Money], factor: Decimal, rounding: Rounding) -> list[Money]:
    """Multiply the months of a year so that the year is multiplied exactly, rounded once.

    What rounding the months leaves over goes to the last of them that has an amount.
    """
    whole = sum(amounts[1:], start=amounts[0])
    if not whole.minor:
        return list(amounts)
    target = fraction_of(whole, Fraction(factor), rounding)
    return split_by(target, [Decimal(amount.minor) for amount in amounts], rounding)


def natural(kind: AccountKind, debit_minor: int) -> int:
    """Return debits less credits as what an account of a kind has grown by."""
    return debit_minor if kind in _GROWS_BY_DEBIT else -debit_minor


def favourable(kind: AccountKind, budget: Money, actual: Money) -> Money:
    """Return by how much better than planned it went: more income, or less of anything else."""
    return actual - budget if kind is AccountKind.INCOME else budget - actual


def percent_of(actual: Money, budget: Money) -> Decimal | None:
    """Return how much of a budget was reached; of no budget there is no share."""
    if not budget.minor:
        return None
    exact = Decimal(actual.minor) * HUNDRED / abs(budget.minor)
    return rounded(exact, PERCENT_DIGITS)


def line_for(lines: Mapping[Dimensions, L], concerned: Dimensions) -> L | None:
    """Return the line that what concerns these dimensions counts towards.

    It is the one with the most members of its own among them; of two alike, the first by name. A
    line without dimensions takes what no other takes.
    """
    given = set(concerned)
    fitting = [own for own in lines if set(own) <= given]
    if not fitting:
        return None
    return lines[min(fitting, key=lambda own: (-len(own), own))]


def added(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum; the sum of nothing is nothing."""
    return sum(amounts, start=Money(0, currency))
