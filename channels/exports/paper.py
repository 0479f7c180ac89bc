"""A table as it is printed: its title, whose it is, its columns in one language, its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from core.kernel.errors import Language
from core.kernel.money import digits_of
from core.kernel.words import capital, word
from tools.base import Column, Grid

Cell = str | int | Decimal | date | None
Style = Literal["", "heading", "subtotal", "total"]
CURRENCY_LETTERS = 3
_STYLES: dict[str, Style] = {
    "": "",
    "heading": "heading",
    "subtotal": "subtotal",
    "total": "total",
}


@dataclass(frozen=True)
class PaperColumn:
    """A column: what it is called, and the unit of its numbers."""

    name: str
    unit: str

    @property
    def is_money(self) -> bool:
        """Whether its numbers are amounts of a currency."""
        return len(self.unit) == CURRENCY_LETTERS and self.unit.isupper()

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.is_money or self.unit in {"number", "quantity", "percent"}

    @property
    def title(self) -> str:
        """The name with the unit where it has one."""
        return f"{self.name} ({self.unit})" if self.is_money else self.name

    @property
    def digits(self) -> int | None:
        """How many decimals are shown; as many as there are, where it is None."""
        return digits_of(self.unit) if self.is_money else None


@dataclass(frozen=True)
class Paper:
    """What is written into a file."""

    title: str
    company: str
    notes: tuple[str, ...]
    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    styles: tuple[Style, ...]
    levels: tuple[int, ...]
    language: Language
    made_on: date

    @property
    def inset_column(self) -> int:
        """The column in which levels are seen: the last text before the numbers."""
        first = next(
            (place for place, column in enumerate(self.columns) if column.is_number),
            len(self.columns),
        )
        return max(first - 1, 0)


def paper_of(
    grid: Grid,
    *,
    title: str,
    company: str,
    notes: Sequence[str],
    language: Language,
    made_on: date,
) -> Paper:
    """Lay a table out for print in a language."""
    count = len(grid.rows)
    return Paper(
        title=title,
        company=company,
        notes=tuple(notes),
        columns=tuple(_column(each, language) for each in grid.columns),
        rows=tuple(tuple(_cell(value, language) for value in row) for row in grid.rows),
        styles=tuple(_STYLES[name] for name in grid.styles or ("",) * count),
        levels=grid.levels or (0,) * count,
        language=language,
        made_on=made_on,
    )


def shown(value: Cell, column: PaperColumn) -> str:
    """Write a cell the way people read it: 12,345.60, 1,200, 12.5 %."""
    if value is None:
        return ""
    if not isinstance(value, Decimal | int):
        return str(value)
    if column.digits is not None:
        exact = Decimal(value)
        fits = exact == round(exact, column.digits)
        return f"{value:,.{column.digits}f}" if fits else f"{value:,f}"
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    if column.unit == "percent":
        return f"{text} %"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _column(column: Column, language: Language) -> PaperColumn:
    name = column.in_(language)
    return PaperColumn(capital(name), column.unit)


def _cell(value: object, language: Language) -> Cell:
    if isinstance(value, bool):
        yes, no = ("是", "否") if language == "zh" else ("yes", "no")
        return yes if value else no
    if value is None or isinstance(value, int | Decimal | date):
        return value
    # A state has a word in both languages; a text is left as it was written.
    return word(value, language) if isinstance(value, StrEnum) else str(value)
