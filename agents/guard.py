"""What a model's own words must not do: state a number that no tool returned, or lead outside."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from agents.interpreter.numbers import scan_numbers

# A number as people write it, with or without thousands separators.
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# "1." at the beginning of a line counts a list, it states nothing.
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)
# Up to this, a number in words is mostly no figure: "one of them", "十分".
WORDS_MIN = 11
_SPELT_ZH = re.compile(r"[〇零一二两三四五六七八九]")

_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)|!\[([^\]]*)\]\[[^\]]*\]")
_LINK = re.compile(r"\[([^\]]+)\]\((?:[^)]*)\)")
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bdata:[a-z]+/)\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。！？\n])")


def numbers_in(text: str) -> set[Decimal]:
    """Return the numbers that a text states, in whatever digits or words they are written."""
    plain = _LIST_MARK.sub("", unicodedata.normalize("NFKC", text)).lower()
    found: set[Decimal] = set()
    read: list[tuple[int, int]] = []
    for span in scan_numbers(plain):
        written, value = plain[span.start : span.end], abs(span.number.value)
        if _is_stated(written, value):
            found.add(value.normalize())
            read.append((span.start, span.end))
    for match in _NUMBER.finditer(plain):
        if any(start <= match.start() < end for start, end in read):
            continue
        try:
            found.add(Decimal(match[0].replace(",", "")).normalize())
        except InvalidOperation:
            continue
    return found


def _is_stated(written: str, value: Decimal) -> bool:
    if any(sign.isdigit() and sign.isascii() for sign in written):
        return True
    return value >= WORDS_MIN and (written.isascii() or bool(_SPELT_ZH.search(written)))


def unbacked(text: str, sources: Iterable[str]) -> set[Decimal]:
    """Return the numbers in a model's text that stand in none of the sources."""
    stated = numbers_in(text)
    if not stated:
        return set()
    backed: set[Decimal] = set()
    for source in sources:
        backed |= numbers_in(source)
    return stated - backed


def without_links(text: str) -> str:
    """Return a model's text without pictures, links, addresses and tags: they carry data away."""
    text = _PICTURE.sub(lambda match: match[1] or match[2] or "", text)
    text = _LINK.sub(lambda match: match[1], text)
    return _ADDRESS.sub("…", _TAG.sub("", text))


def sentences_of(text: str) -> Iterator[str]:
    """Cut a text after each sentence that has ended; what is left over comes last."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.end() > start:
            yield text[start : match.end()]
            start = match.end()
    yield text[start:]
