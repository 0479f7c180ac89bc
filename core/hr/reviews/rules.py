"""How a review comes to its score; no database, no clock.

The rule: the mean of what the manager gave each goal, weighted by the goals' percents, which come
to 100; to the hundredth, half up. The words are exceeds from 4.50 on, achieves from 3.50 on,
mostly achieves from 2.50 on, and falls short below. What oneself or colleagues say counts nothing.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HUNDRED = 100
_CENT = Decimal("0.01")


class Grade(StrEnum):
    """A score in words."""

    EXCEEDS = "exceeds_goals"
    ACHIEVES = "achieves_goals"
    MOSTLY = "mostly_achieves_goals"
    FALLS_SHORT = "falls_short_of_goals"


_FROM = (
    (Decimal("4.50"), Grade.EXCEEDS),
    (Decimal("3.50"), Grade.ACHIEVES),
    (Decimal("2.50"), Grade.MOSTLY),
)


def score_of(goals: Iterable[tuple[int, int]]) -> Decimal:
    """Return the score of goals, each with its weight in percent and what it was given."""
    known = list(goals)
    assert sum(weight for weight, _ in known) == HUNDRED, "weights come to 100"
    total = sum(weight * score for weight, score in known)
    return (Decimal(total) / HUNDRED).quantize(_CENT, ROUND_HALF_UP)


def grade_of(score: Decimal) -> Grade:
    """Return a score in words."""
    return next((grade for least, grade in _FROM if score >= least), Grade.FALLS_SHORT)
