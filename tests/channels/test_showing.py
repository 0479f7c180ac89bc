"""Tables in a terminal: drawn as a table where it fits, row by row where it would be cut."""

from io import StringIO

import pytest
from rich.console import Console

from channels.terminal.showing import show_grid
from tools.base import Column, Grid

GRID = Grid(
    (
        Column("item", "物料"),
        Column("on hand", "现有", "quantity"),
        Column("arrives", "到货", "date"),
    ),
    (("LAMP-01", 12345, "2026-06-15"), ("SHADE-02", 7, "2026-06-20")),
)


@pytest.mark.parametrize(("width", "stacked"), [(60, 0), (20, 1)])
def test_a_table_that_does_not_fit_is_shown_row_by_row(width: int, stacked: int) -> None:
    out = StringIO()

    show_grid(Console(file=out, width=width), GRID, "en")

    said = out.getvalue()
    assert "12,345" in said
    assert "2026-06-15" in said
    assert said.count("on hand: 12,345") == stacked
