"""Dashboards: sets of typed questions, each drawn in its own way, as data.

The house brings a set for each kind of work (`sets/*.yaml`), checked against the catalogue when
it is first read. Anybody may copy one and change the copy. A tile is answered with the rights of
who looks, never of who made it.
"""

from core.reporting.dashboards.queries import (
    BoardView,
    TileAnswer,
    answers_of,
    boards_of,
    find_board,
    usual_board,
)
from core.reporting.dashboards.rules import PERIODS, Board, Chart, PeriodName, Size, Tile, Title
from core.reporting.dashboards.service import (
    add_tile,
    make_dashboard,
    move_tile,
    remove_dashboard,
    remove_tile,
    rename_dashboard,
)
from core.reporting.dashboards.standard import standard_boards

__all__ = [
    "PERIODS",
    "Board",
    "BoardView",
    "Chart",
    "PeriodName",
    "Size",
    "Tile",
    "TileAnswer",
    "Title",
    "add_tile",
    "answers_of",
    "boards_of",
    "find_board",
    "make_dashboard",
    "move_tile",
    "remove_dashboard",
    "remove_tile",
    "rename_dashboard",
    "standard_boards",
    "usual_board",
]
