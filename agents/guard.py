"""What a model's own words must not do: state a number that no tool returned."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

# A number as people write it, with or without thousands separators.
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# "1." at the beginning of a line counts a list, it states nothing.
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)


def numbers_in(text: str) -> set[Decimal]:
    """Return the numbers that a text states, in whatever digits they are written."""
    plain = _LIST_MARK.sub("", unicodedata.normalize("NFKC", text))
    found: set[Decimal] = set()
    for match in _NUMBER.findall(plain):
        try:
            found.add(Decimal(match.replace(",", "")).normalize())
        except InvalidOperation:
            continue
    return found


def unbacked(text: str, sources: Iterable[str]) -> set[Decimal]:
    """Return the numbers in a model's text that stand in none of the sources."""
    stated = numbers_in(text)
    if not stated:
        return set()
    backed: set[Decimal] = set()
    for source in sources:
        backed |= numbers_in(source)
    return stated - backed


def is_chinese(text: str) -> bool:
    """Tell whether a text is written in Chinese, at least in part."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
