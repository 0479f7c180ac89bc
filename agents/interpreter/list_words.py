"""The words of lists: the kinds of records, what is known of each, and how people ask for them.

They mean something only where records are listed, so they are laid out apart: a question about
figures or an action never sees them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from agents.interpreter.lattice import Lattice, Path, weight_of
from agents.interpreter.lexicon import LANGUAGES, phrase_file
from agents.interpreter.spans import (
    DocumentSense,
    EntitySense,
    FillerSense,
    ListSense,
    NumberSense,
    Piece,
    Sense,
    TextSense,
    TimeSense,
    ValueSense,
    WordSense,
    piece_of,
)
from agents.interpreter.tokens import Token, stems
from core.kernel.listing import NO, YES, Field, Holds
from core.reporting.lists import RECORDS

# What stays of a text where records are listed; verbs and figures have no meaning there.
_KEPT = (
    DocumentSense, EntitySense, FillerSense, NumberSense, TextSense, TimeSense, ValueSense,
    WordSense,
)  # fmt: skip


@dataclass(frozen=True)
class ListWords:
    """Phrases by their stems, and how long those are that begin with a word."""

    phrases: dict[tuple[str, ...], tuple[ListSense, ...]]
    longest: dict[str, int]


@cache
def list_words() -> ListWords:
    """Gather all phrases of lists."""
    gathered: dict[tuple[str, ...], dict[ListSense, None]] = defaultdict(dict)
    for phrase, sense in _all():
        if key := stems(phrase):
            gathered[key][sense] = None
    longest: dict[str, int] = {}
    for key in gathered:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    return ListWords({key: tuple(senses) for key, senses in gathered.items()}, longest)


def _all() -> Iterator[tuple[str, ListSense]]:
    for kind in RECORDS.kinds.values():
        for language in LANGUAGES:
            for name in kind.names.all_in(language):
                yield name, ListSense("kind", kind.id)
        for field in RECORDS.fields[kind.id].values():
            yield from _of_field(kind.id, field)
    for language in LANGUAGES:
        file = phrase_file(language)["lists"]
        for role, phrases in file["words"].items():
            yield from ((str(phrase), ListSense(role)) for phrase in phrases)
        for kind_id, flags in file["heads"].items():
            for name, phrases in flags.items():
                so = YES if name else ""
                sense = ListSense("kind", kind_id, name, so)
                yield from ((str(phrase), sense) for phrase in phrases)


def _of_field(kind: str, field: Field) -> Iterator[tuple[str, ListSense]]:
    for language in LANGUAGES:
        if field.holds is Holds.FLAG:
            for name in field.names.all_in(language):
                yield name, ListSense("value", kind, field.id, YES)
            for name in field.negative.all_in(language) if field.negative else ():
                yield name, ListSense("value", kind, field.id, NO)
        else:
            for name in field.names.all_in(language):
                yield name, ListSense("field", kind, field.id)
    if field.holds is Holds.WORD and field.id != "country":
        for value, pair in field.words.items():
            yield from ((word, ListSense("value", kind, field.id, str(value))) for word in pair)


def list_paths(lattice: Lattice) -> list[Path]:
    """Return the best ways to cut a text that may ask for records, or nothing."""
    found = list(_pieces(list(lattice.tokens)))
    if not found:
        return []
    by_place = {(piece.first, piece.last): piece for piece in found}
    pieces: list[Piece] = []
    for piece in lattice.pieces:
        own = by_place.pop((piece.first, piece.last), None)
        kept = tuple(sense for sense in piece.senses if isinstance(sense, _KEPT))
        if own is not None:
            senses: tuple[Sense, ...] = (*own.senses, *kept)
            pieces.append(replace(own, senses=senses, weight=max(own.weight, piece.weight)))
        elif kept and not piece.read_as:
            pieces.append(_only(piece, kept))
    return Lattice(lattice.norm, lattice.tokens, (*pieces, *by_place.values())).paths()


def _only(piece: Piece, kept: tuple[Sense, ...]) -> Piece:
    """Return a piece as it is without what means nothing here."""
    if len(kept) == len(piece.senses):
        return piece
    filler = all(isinstance(sense, FillerSense) for sense in kept)
    weight = weight_of("filler" if filler else "phrase", piece.length)
    return replace(piece, senses=kept, weight=min(weight, piece.weight))


def _pieces(tokens: list[Token]) -> Iterator[Piece]:
    words = list_words()
    text = [token.stem for token in tokens]
    for place in range(len(tokens)):
        most = min(words.longest.get(text[place], 0), len(tokens) - place)
        for length in range(1, most + 1):
            senses = words.phrases.get(tuple(text[place : place + length]))
            if senses is None:
                continue
            run = tokens[place : place + length]
            said = "".join(
                ("" if not place_in or run[place_in - 1].end == token.start else " ") + token.text
                for place_in, token in enumerate(run)
            )
            yield piece_of(tokens, place, place + length, senses, weight_of("phrase", length), said)
