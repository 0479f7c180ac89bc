"""What the second reader sees of a message: values masked, the rest cut into short stretches.

Names, periods, numbers and documents become one sign for each kind, so that what is learned is how
people ask, never whom they ask about.
"""

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

from agents.interpreter.normalise import is_cjk
from agents.interpreter.spans import (
    DimensionSense,
    DocumentSense,
    EntitySense,
    MetricSense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
)

# How many places the stretches are spread over.
SIZE = 1 << 14
TIME, NUMBER, QUOTED = "\ue001", "\ue002", "\ue004"
_KINDS_FROM, _KINDS = 0xE010, 199
_MASKS = ("\ue000", "\uefff")
_RUN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[<>=%@&?/#]")
LATIN_GRAMS, CJK_GRAMS = (3, 4), (1, 2, 3)


def mask_of(kind: str) -> str:
    """Return the sign that stands for the name of any record of a kind."""
    return chr(_KINDS_FROM + zlib.crc32(kind.encode()) % _KINDS)


def document_of(prefix: str) -> str:
    """Return the sign that stands for the number of any document of a kind."""
    return mask_of(f"document {prefix}")


def masked(pieces: Iterable[Piece]) -> str:
    """Return a message with a sign in place of every value in it."""
    return " ".join(_shown(piece) for piece in pieces)


def _shown(piece: Piece) -> str:
    if piece.sense(TimeSense):
        return TIME
    if document := piece.sense(DocumentSense):
        return document_of(document.prefix)
    named = piece.sense(EntitySense)
    if named is not None and not piece.sense(MetricSense) and not piece.sense(DimensionSense):
        return mask_of(named.entities[0].kind) if named.entities else QUOTED
    if piece.sense(NumberSense):
        return NUMBER
    return QUOTED if piece.sense(TextSense) else piece.read_as or piece.text


def places_of(text: str) -> list[int]:
    """Return where the stretches of a masked message fall, each place once, in order."""
    return sorted({zlib.crc32(gram.encode()) % SIZE for gram in _grams(text)})


def _grams(text: str) -> Iterator[str]:
    words = list(_words(text))
    yield from (f"w{word}" for word in words)
    yield from (f"b{one} {two}" for one, two in itertools.pairwise(words))
    run = ""
    for word in (*words, ""):
        if word and (is_cjk(word[0]) or _is_mask(word[0])):
            run += word
            continue
        yield from _cut(f"^{run}$" if run else "", CJK_GRAMS)
        run = ""
        yield from _cut(f"_{word}_" if word else "", LATIN_GRAMS)


def _cut(text: str, lengths: Sequence[int]) -> Iterator[str]:
    for length in lengths:
        for place in range(len(text) - length + 1):
            yield text[place : place + length]


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text.casefold():
        if is_cjk(sign) or _is_mask(sign):
            yield from _RUN.findall(word)
            word = ""
            yield sign
        else:
            word += sign
    yield from _RUN.findall(word)


def _is_mask(sign: str) -> bool:
    return _MASKS[0] <= sign <= _MASKS[1]
