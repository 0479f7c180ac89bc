"""What a clause holds, and a tool with the arguments that were found in it so far."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from agents.interpreter.slots import Slot
from agents.interpreter.spans import Entity, Piece
from tools.base import Tool

MISSING_COST, LEFT_COST, ASKED_COST = 2, 4, 1

S = TypeVar("S")


@dataclass
class Thing:
    """Something in a clause that may fill a slot."""

    piece: Piece
    place: int
    cues: frozenset[str] = frozenset()
    used: bool = False

    def of(self, kind: type[S]) -> S | None:
        """Return the sense of one kind that its words have, if they have one."""
        return self.piece.sense(kind)


@dataclass
class Filled:
    """A tool with the arguments found so far, and what is doubtful about them."""

    tool: Tool
    calls: list[dict[str, Any]] = field(default_factory=list)
    missing: list[Slot] = field(default_factory=list)
    left: list[Piece] = field(default_factory=list)
    ambiguous: list[tuple[Piece, tuple[Entity, ...]]] = field(default_factory=list)
    fuzzy: list[tuple[Piece, Entity]] = field(default_factory=list)
    typos: list[Piece] = field(default_factory=list)
    about: list[Piece] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    negated: bool = False
    known: int = 0

    @property
    def doubts(self) -> int:
        """How far this is from something that can be done."""
        return (
            MISSING_COST * len(self.missing)
            + LEFT_COST * len(self.left)
            + ASKED_COST * (len(self.ambiguous) + len(self.about))
            + ASKED_COST * len(self.wrong)
            + (0 if not self.negated else 3)
        )
