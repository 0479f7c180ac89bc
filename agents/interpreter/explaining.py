"""Reads a question for a cause: which figure, when, of what, and which way it is said to have gone.

The words that ask for a cause and those that say how a figure moved are set aside; what is left
is read as any other question about that figure, so that whatever can be asked can be explained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from agents.interpreter.lexicon import LANGUAGES, phrase_file
from agents.interpreter.normalise import Norm
from agents.interpreter.tokens import Token, stems
from core.kernel.errors import Language
from core.reporting.explaining import ExplainChange
from core.reporting.query import ReportQuery

EXPLAIN = "reporting.explain"
_WHY = "why"


@dataclass(frozen=True)
class Cause:
    """What is left of a question for a cause, and which way the figure is said to have gone."""

    text: str
    # "rose", "fell", "changed", or nothing where no word said so.
    moved: str


def cause_asked(norm: Norm, tokens: Sequence[Token], language: Language) -> Cause:
    """Set aside the words that ask for a cause, and those that say how a figure moved."""
    kept: list[str] = []
    moved = ""
    place = 0
    while place < len(tokens):
        length, meaning = _meant_at(tokens, place)
        if not length:
            kept.append(norm.said(tokens[place].start, tokens[place].end))
        elif meaning != _WHY:
            moved = meaning
        place += length or 1
    return Cause(_joined(kept, language), moved)


def to_explain(query: ReportQuery, cause: Cause) -> ExplainChange | None:
    """Return the question for a cause that a question about a figure becomes, if it does."""
    # What is cut off or shown apart would be another figure than the one explained.
    beyond = (query.having, query.share_of, query.cumulative, query.time_dimension, query.limit)
    if any(beyond) or len(query.metrics) > 1:
        return None
    given: dict[str, object] = {
        "metric": query.metrics[0],
        "period": query.period,
        "filters": query.filters,
        "by": query.dimensions,
    }
    if query.compare is not None:
        given["compare"] = query.compare
    if cause.moved in {"rose", "fell"}:
        given["said"] = cause.moved
    return ExplainChange.model_validate(given)


def _joined(kept: list[str], language: Language) -> str:
    if language == "en":
        return " ".join(kept)
    # Between Chinese signs there is no space; between words of other scripts there is one.
    text = ""
    for piece in kept:
        between = text and text[-1].isascii() and piece[:1].isascii()
        text += f" {piece}" if between else piece
    return text


def _meant_at(tokens: Sequence[Token], place: int) -> tuple[int, str]:
    """Return how many words from a place on are set aside, and what they mean."""
    known = _phrases()
    most = min(max(map(len, known)), len(tokens) - place)
    for length in range(most, 0, -1):
        said = tuple(token.stem for token in tokens[place : place + length])
        if said in known:
            return length, known[said]
    return 0, ""


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    return dict(_all_phrases())


def _all_phrases() -> Iterator[tuple[tuple[str, ...], str]]:
    for language in LANGUAGES:
        file = phrase_file(language)
        for meaning, phrases in file["movements"].items():
            yield from ((stems(str(phrase)), meaning) for phrase in phrases)
        yield from ((stems(str(phrase)), _WHY) for phrase in file["words"][_WHY])
