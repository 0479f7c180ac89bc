"""What a metric's formula makes of figures that are known, and the sums that a ratio divides.

Formulas are declared once, over columns. Here they are given literal figures, and the database
computes them as it does in any report, so that there is no second arithmetic to differ from it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import mul, truediv
from typing import Any

from sqlalchemy import ColumnElement, Numeric, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import BinaryExpression, Grouping
from sqlalchemy.sql.functions import FunctionElement

from core.kernel.semantics import Metric

Figures = Sequence[Decimal]
Expression = ColumnElement[Any]


def computed(
    session: Session, metric: Metric, given: Mapping[frozenset[int], Figures]
) -> dict[frozenset[int], Decimal | None]:
    """Compute a metric's formula from several sets of figures, each known by a name."""
    assert metric.formula is not None, "a formula is computed from figures"
    names = list(given)
    row = session.execute(
        select(*(metric.formula(*_literals(given[name])) for name in names))
    ).one()
    return dict(zip(names, row, strict=True))


def linear_parts(
    session: Session, metric: Metric
) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]] | None:
    """Return how often each part counts in what a ratio divides, and in what it divides by.

    Nothing where the formula is not a quotient of sums.
    """
    assert metric.formula is not None, "a ratio has a formula"
    count = len(metric.parts)
    units = [[Decimal(int(place == one)) for place in range(count)] for one in range(count)]
    probes = [*units, [Decimal(0)] * count, [Decimal(1)] * count]
    split = [_quotient(metric.formula(*_literals(probe))) for probe in probes]
    if any(one is None for one in split):
        return None
    sides = [side for one in split if one is not None for side in one]
    found = [Decimal(value) for value in session.execute(select(*sides)).one()]
    both = []
    for above in (0, 1):
        values = found[above::2]
        counts, at_zero, at_ones = values[:count], values[count], values[count + 1]
        if at_zero != 0 or sum(counts, Decimal(0)) != at_ones:
            return None
        both.append(tuple(counts))
    return both[0], both[1]


def _literals(figures: Figures) -> list[Expression]:
    return [literal(figure, Numeric) for figure in figures]


def _quotient(expression: Any) -> tuple[Expression, Expression] | None:  # noqa: ANN401
    """Return both sides of the division that an expression is, factors outside of it included."""
    expression = _bare(expression)
    if not isinstance(expression, BinaryExpression):
        return None
    if expression.operator is truediv:
        return expression.left, _divisor(expression.right)
    if expression.operator is not mul:
        return None
    for one, factor in (
        (expression.left, expression.right),
        (expression.right, expression.left),
    ):
        inner = _quotient(one)
        if inner is not None:
            return inner[0] * factor, inner[1]
    return None


def _divisor(expression: Any) -> Expression:  # noqa: ANN401
    bare = _bare(expression)
    if isinstance(bare, FunctionElement) and bare.name == "nullif":
        first: Expression = next(iter(bare.clauses))
        return first
    whole: Expression = bare
    return whole


def _bare(expression: Any) -> Any:  # noqa: ANN401
    while isinstance(expression, Grouping):
        expression = expression.element
    return expression
