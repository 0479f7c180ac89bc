"""What a clause is made of: its things, the tools that it calls for, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agents.interpreter.lexicon import LANGUAGES, Lexicon, phrase_file
from agents.interpreter.numbers import Number
from agents.interpreter.slots import Slot
from agents.interpreter.spans import Entity, Piece, ToolSense, WordSense
from core.kernel.words import word
from tools.base import Tool

MISSING_COST, LEFT_COST, UNKNOWN_COST, ASKED_COST = 2, 4, 4, 1
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


def calls_for(piece: Piece, tool: str) -> bool:
    """Tell whether a piece calls for a tool."""
    return any(isinstance(s, ToolSense) and s.tool == tool for s in piece.senses)


def begun_by(piece: Piece) -> set[str]:
    """Return the tools whose own words a verb is among: "cancel" of "cancel the order"."""
    files = (phrase_file(language)["tools"] for language in LANGUAGES)
    return {
        name
        for file in files
        for name, said in file.items()
        if any(str(phrase).startswith(piece.text) for phrase in said["phrases"])
    }


def choice_in(piece: Piece, slot: Slot, lexicon: Lexicon) -> str | None:
    """Return which of the values of a slot a piece names, in either language."""
    plain = piece.text.replace("-", "_").replace(" ", "_")
    for value in slot.values:
        said = {value, *(word(value, language) for language in LANGUAGES)}
        if plain in said or piece.text in said:
            return value
    for file in lexicon.settings.values():
        for value, phrases in file["choices"].get(slot.name, {}).items():
            if value in slot.values and any(phrase in piece.text for phrase in phrases):
                return str(value)
    return None


def tools_of(clause: Sequence[Piece]) -> list[str]:
    """Return the tools that the words of a clause call for, in their order."""
    found = [s.tool for p in clause for s in p.senses if isinstance(s, ToolSense)]
    return list(dict.fromkeys(found))


def is_versus(piece: Piece) -> bool:
    """Tell whether a piece sets one thing against another."""
    roles = {sense.role for sense in piece.senses if isinstance(sense, WordSense)}
    return bool(roles & {"vs", "compare"})


def percent_off(number: Number) -> str:
    """Write how much is taken off."""
    # 95折: 95 hundredths are paid, five are the discount.
    return f"{100 - number.value if number.factor else number.value:f}"


# The shortest barcode of digits.
PRINTED_CODE_MIN = 8


def is_printed_code(text: str) -> bool:
    """Tell whether digits are too many for a quantity: what stands under a barcode."""
    return text.isdigit() and len(text) >= PRINTED_CODE_MIN


def runs(things: Sequence[Thing]) -> list[list[Thing]]:
    """Put things that stand side by side together: the words of one name."""
    runs: list[list[Thing]] = []
    for thing in things:
        if runs and runs[-1][-1].place + 1 == thing.place and not thing.cues:
            runs[-1].append(thing)
        else:
            runs.append([thing])
    return runs


def argument(name: str) -> tuple[str, str]:
    """Return what an argument is called in English and in Chinese."""
    plain = name.replace("_", " ")
    en, zh = (phrase_file(language)["arguments"].get(name, plain) for language in LANGUAGES)
    return str(en), str(zh)
