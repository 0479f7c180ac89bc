"""What things are called in somebody's own words: names and jobs, which any word may be part of."""

import re
from datetime import date
from typing import Any

from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import Norm
from agents.interpreter.spans import (
    CueSense,
    NumberSense,
    Piece,
    TimeSense,
    ToolSense,
    WordSense,
)
from agents.interpreter.things import calls_for
from agents.interpreter.worth import Worth
from tools.base import Tool


class Called(Worth):
    """The words of a clause that name something; the arguments that they give are in `given`."""

    def __init__(self, norm: Norm, tool: Tool, lexicon: Lexicon, today: date) -> None:
        super().__init__(norm, tool, lexicon, today)
        self.names = {slot.name for slot in self.slots}
        self.cued = self.names | {row.name for slot in self.slots for row in slot.lines}
        self.given: dict[str, Any] = {}

    def without_name(self, pieces: list[Piece]) -> list[Piece]:
        """Take the name of what is to be added: every word up to the next cue or comma."""
        adds = self.tool.name.partition(".")[2].split("_")[0] in {"add", "make", "hire"}
        if not adds or "name" not in self.names:
            return pieces
        first = next((i + 1 for i, p in enumerate(pieces) if calls_for(p, self.tool.name)), 0)
        cued = False
        for place, piece in enumerate(pieces):
            if self.cues_of(piece) & {"name"}:
                cued, first = True, place + 1
        if cued:
            first = self._after_code(pieces, first)
        while first < len(pieces) and self._ends_name(pieces[first]):
            first += 1
        last = self._end_of_name(pieces, first, cued=cued)
        known = ("sku", "login")
        key: str | None = next((name for name in known if name in self.names), None)
        if "code" in self.given:
            key = None
        elif key is None and "code" in self.names and first < last:
            # "Account 6065 Heating": a code has a digit, and the first word of a name seldom.
            said = self.said(pieces[first])
            is_code = said.isupper() or any(sign.isdigit() for sign in said)
            key = "code" if is_code and said.isascii() else None
        if key is not None and last - first > 1:
            self.given[key] = self.said(pieces[first])
            first += 1
        if first == last:
            return pieces
        self.given["name"] = self.norm.said(pieces[first].start, pieces[last - 1].end).strip(
            "\"“”'"
        )
        if key is not None and key in self.given:
            first -= 1
        return pieces[:first] + pieces[last:]

    def without_job(self, pieces: list[Piece]) -> list[Piece]:
        """Take what somebody is to work as: a job may be called by any words, also known ones."""
        if "job_title" not in self.names:
            return pieces
        cued = (i for i, p in enumerate(pieces) if i and "job_title" in self.cues_of(p))
        first = last = next(cued, len(pieces)) + 1
        while last < len(pieces) and not self._ends_job(pieces[last]):
            last += 1
        if first >= last:
            return pieces
        said = self.norm.said(pieces[first].start, pieces[last - 1].end)
        self.given["job_title"] = re.sub(r"^(an?|the|our) ", "", said.strip("\"“”'"))
        return pieces[: first - 1] + pieces[last:]

    def _ends_job(self, piece: Piece) -> bool:
        roles = {s.role for s in piece.senses if isinstance(s, WordSense)}
        number = piece.sense(TimeSense) or piece.sense(NumberSense)
        cue = self.cues_of(piece) - {"job_title"}
        return bool(roles & {"break", "stop", "and"} or cue or number)

    def _end_of_name(self, pieces: list[Piece], first: int, *, cued: bool) -> int:
        """Return where a name ends: at its closing quote, or before what is no part of it."""
        if first < len(pieces) and pieces[first].text == '"':
            for place in range(first + 1, len(pieces)):
                if pieces[place].text == '"':
                    return place + 1
        last = first
        while last < len(pieces) and not self._ends_name(pieces[last], inside=cued):
            last += 1
        return last

    def _after_code(self, pieces: list[Piece], first: int) -> int:
        """Take a code in capital letters before the words that introduce the name."""
        if "code" not in self.names or "code" in self.given:
            return first
        for piece in pieces[:first]:
            said = self.said(piece)
            if said.isascii() and said.isupper() and len(said) > 1 and not piece.sense(ToolSense):
                self.given["code"] = said
                place = pieces.index(piece)
                del pieces[place]
                return first - 1
        return first

    def _ends_name(self, piece: Piece, *, inside: bool = False) -> bool:
        roles = {s.role for s in piece.senses if isinstance(s, WordSense)}
        if inside and not piece.text.isascii():
            # 汉堡仓 is one name, though 仓 alone would introduce a place.
            return bool(roles & {"break", "stop"})
        small = piece.text in {"with", "named", "called", "as", "a", "the"}
        return bool(roles & {"break", "stop"} or small or self.cues_of(piece))

    def cues_of(self, piece: Piece) -> set[str]:
        """Return the arguments of this tool that a word introduces."""
        return {
            s.argument
            for s in piece.senses
            if isinstance(s, CueSense)
            and s.tool in {"", self.tool.name}
            and s.argument in self.cued
        }
