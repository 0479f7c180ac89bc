"""A computed answer: rows of exact figures, totals, and all that is needed to trust them.

Rows hold exact values, up to six decimals, so that rows by territory add up to the total to the
cent; the total and a single figure are rounded once, to the currency. `shown` rounds the rows for
people such that they still add up: what rounding leaves over goes to the largest remainders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import floor
from typing import Literal

from core.kernel.money import rounded
from core.kernel.semantics import Said, Unit
from core.reporting.periods import Grain, Span
from core.reporting.query import ReportQuery

EXACT_DIGITS = 6

Emptiness = Literal[
    "", "nothing_on_file", "nothing_in_period", "nothing_matches", "unknown_member", "hidden"
]
# Why a question has no figure: nothing is there, it is not this person's to see, it lies outside
# of what is modelled, or the answer could not be computed. No figure is not the figure zero.
Nothing = Literal["no_data", "hidden", "not_modelled", "failed"]
What = Literal["dimension", "time", "value", "before", "delta", "growth", "share"]


@dataclass(frozen=True)
class Column:
    """A column of the answer."""

    id: str
    names: Said
    what: What
    unit: Unit | None = None
    # A currency where the unit is money; "%" or "pp" (percentage points) for rates.
    sign: str = ""
    additive: bool = False


@dataclass(frozen=True)
class Member:
    """What a row is about: a member of a dimension, none, or all the others."""

    key: str | None
    label: Said
    kind: Literal["member", "none", "others"] = "member"


@dataclass(frozen=True)
class Row:
    """One row: its members, its bucket of time, and its figures in the order of the columns."""

    members: tuple[Member, ...]
    bucket: date | None
    figures: tuple[Decimal | None, ...]
    source_rows: int


@dataclass(frozen=True)
class Figure:
    """One figure with where it comes from."""

    metric: str
    names: Said
    value: Decimal | None
    unit: Unit
    sign: str
    version: str
    filters: tuple[str, ...]
    start: date | None
    as_of: date
    source_rows: int


@dataclass(frozen=True)
class Report:
    """The answer to a question."""

    query: ReportQuery
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    # In the order of the figures' columns; None where the whole has no figure.
    totals: tuple[Decimal | None, ...]
    figures: tuple[Figure, ...]
    basis: Said
    read_back: Said
    notes: tuple[Said, ...]
    span: Span
    as_of: date
    compared_with: Span | None
    computed_at: datetime
    currency: str
    source_rows: int
    emptiness: Emptiness = ""
    # More rows than are ever shown.
    cut_off: bool = False

    @property
    def nothing(self) -> Nothing | None:
        """Why there is no figure, where there is none; refusals say it as well."""
        if not self.emptiness:
            return None
        return "hidden" if self.emptiness == "hidden" else "no_data"

    @property
    def grain(self) -> Grain | None:
        """The unit of the buckets of time, if there are any."""
        return self.query.grain

    @property
    def keys(self) -> int:
        """The number of columns that say what a row is about."""
        return len(self.query.dimensions) + (self.query.grain is not None)

    def figure_columns(self) -> tuple[Column, ...]:
        """Return the columns that hold figures."""
        return self.columns[self.keys :]

    def shown(self, digits: int) -> list[tuple[Decimal | None, ...]]:
        """Return the figures of the rows, rounded for people so that sums still add up."""
        columns = self.figure_columns()
        by_column: list[list[Decimal | None]] = []
        for place, column in enumerate(columns):
            exact = [row.figures[place] for row in self.rows]
            wanted = self.totals[place] if place < len(self.totals) else None
            money = column.unit is Unit.MONEY
            by_column.append(
                add_up(exact, digits if money else 2, wanted if column.additive else None)
            )
        return [tuple(figures) for figures in zip(*by_column, strict=True)]


def add_up(
    exact: Sequence[Decimal | None], digits: int, wanted: Decimal | None
) -> list[Decimal | None]:
    """Round figures; where they add up to `wanted`, so do the rounded ones.

    All are rounded down first; what is then missing is given, one smallest unit each, to those
    that lost most. Figures that do not add up to it anyway (some are not shown) are rounded alone.
    """
    unit = Decimal(1).scaleb(-digits)
    plain = [None if value is None else rounded(value, digits) for value in exact]
    known = [value for value in exact if value is not None]
    if wanted is None or abs(sum(known) - wanted) > unit / 2 * max(1, len(known) // 1_000):
        return plain
    down = [None if v is None else floor(v.scaleb(digits)) * unit for v in exact]
    missing = int((wanted - sum(v for v in down if v is not None)) / unit)
    lost = sorted(
        (place for place, value in enumerate(exact) if value is not None),
        key=lambda place: (exact[place] or 0) - (down[place] or 0),
        reverse=True,
    )
    for place in lost[:missing]:
        value = down[place]
        assert value is not None, "only known figures are rounded"
        down[place] = value + unit
    return down
