"""A budget from a sheet: rows of text become rows to import, or a refusal says which cannot."""

import csv
import io
from decimal import Decimal

from core.kernel.errors import Both, DomainError
from core.kernel.money import exact
from core.ledger.budgets.errors import BadBudgetRow
from core.ledger.budgets.service import BudgetRow
from core.ledger.rules import Dimensions

ACCOUNT, AMOUNT = "account", "amount"
MONTHS = 12
ROWS_MAX = 5_000
_COLUMNS = Both(
    "the columns are account, and amount or 1 to 12.", "列应为 account，以及 amount 或 1 至 12。"
)
_TOO_MANY = Both(f"{ROWS_MAX} rows are the most.", f"最多 {ROWS_MAX} 行。")


def read_rows(text: str) -> list[BudgetRow]:
    """Read comma-separated rows with a heading: account, amount or 1 to 12, and dimensions.

    Every other column is a dimension ("cost_centre"); an empty cell says none.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    names = [" ".join((name or "").split()).lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    months = [str(month) for month in range(1, MONTHS + 1)]
    columns = months if set(months) <= set(names) else [AMOUNT]
    if not {ACCOUNT, *columns} <= set(names):
        raise BadBudgetRow(row=1, problem=_COLUMNS)
    others = [name for name in names if name not in {ACCOUNT, *columns}]
    rows = []
    for place, cells in enumerate(reader, start=1):
        if place > ROWS_MAX:
            raise BadBudgetRow(row=place, problem=_TOO_MANY)
        dimensions = [(name, (cells[name] or "").strip()) for name in others]
        said: Dimensions = tuple((name, member) for name, member in dimensions if member)
        rows.append(
            BudgetRow((cells[ACCOUNT] or "").strip(), _amounts(place, cells, columns), said)
        )
    return rows


def _amounts(place: int, cells: dict[str, str], columns: list[str]) -> tuple[Decimal, ...]:
    try:
        return tuple(exact((cells[name] or "0").strip()) for name in columns)
    except DomainError as error:
        raise BadBudgetRow(row=place, problem=error) from error
