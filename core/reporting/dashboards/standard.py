"""The dashboards of the house, read once from `sets/*.yaml` and checked against the catalogue."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from core.reporting.dashboards.rules import Board, faults_of

SETS = Path(__file__).parent / "sets"
# Whose work is wider comes first: their own set is the first one they see.
ORDER = ("owner", "sales", "finance", "stock", "purchasing", "people")


@cache
def standard_boards() -> Mapping[str, Board]:
    """Return the dashboards of the house by id; one that cannot be answered is our own mistake."""
    read = [
        Board.model_validate(yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader))
        for file in SETS.glob("*.yaml")
    ]
    boards = {board.id: board for board in read}
    assert set(boards) == set(ORDER), f"{sorted(boards)} are not the boards in ORDER"
    for board in read:
        faults = faults_of(board)
        assert not faults, "; ".join(faults)
    return MappingProxyType({name: boards[name] for name in ORDER})
