"""Make two spellings of one thing equal, without losing where each sign came from.

Full-width forms, traditional characters, letter case and Chinese punctuation are made one; every
sign of the result knows its place in the original, so that names, reasons and read-backs are
always taken from what the person wrote.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.kernel.errors import Language

TEXT_MAX = 2_000
# Chinese punctuation becomes a sign of its own before NFKC turns it into ASCII: otherwise the
# comma of "球阀B2，12月" would join the digits around it.
BREAK, STOP = "\u241f", "\u241e"
_PUNCTUATION = {
    "，": BREAK,
    "、": BREAK,
    "；": STOP,
    "。": STOP,
    "！": STOP,
    "？": "?",
    "：": ":",
    "“": '"',
    "”": '"',
    "„": '"',
    "「": '"',
    "」": '"',
    "‘": "'",
    "’": "'",
    "《": '"',
    "》": '"',
    "－": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "～": "~",
    "￥": "¥",
    "\u3000": " ",
    "\u00a0": " ",
}
_CJK = (("\u3400", "\u9fff"), ("\uf900", "\ufaff"))


@dataclass(frozen=True)
class Norm:
    """A text made plain, and for every sign of it the place in the original it came from."""

    text: str
    original: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def said(self, start: int, end: int) -> str:
        """Return the original words of a stretch of the plain text."""
        if start >= end:
            return ""
        return self.original[self.starts[start] : self.ends[end - 1]]


def normalise(text: str) -> Norm:
    """Make a text plain; longer ones are cut at `TEXT_MAX`, unreadable signs become spaces."""
    original = text[:TEXT_MAX]
    simplified = _simplified()
    plain: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, sign in enumerate(original):
        for piece in _plain(sign):
            plain.append(simplified.get(piece, piece))
            starts.append(place)
            ends.append(place + 1)
    return Norm("".join(plain), original, tuple(starts), tuple(ends))


def plain_name(name: str) -> str:
    """Return a name as it would stand in a plain text, for indexes."""
    if name.isascii() and name.isprintable():
        return name.lower()
    return normalise(name).text


def is_cjk(sign: str) -> bool:
    """Tell whether a sign is a Chinese character."""
    return any(first <= sign <= last for first, last in _CJK) or sign == "〇"


def language_of(text: str, hint: Language = "en") -> Language:
    """Guess the language a text is written in; names in the other script do not decide it."""
    chinese = sum(is_cjk(sign) for sign in text)
    latin = sum(sign.isascii() and sign.isalpha() for sign in text)
    if chinese == latin == 0:
        return hint
    return "zh" if chinese * 3 >= latin else "en"


def _plain(sign: str) -> str:
    if sign in _PUNCTUATION:
        return _PUNCTUATION[sign]
    category = unicodedata.category(sign)
    if category[0] == "C" or category == "Mn":
        # Control and direction marks, surrogates, loose accents: never part of a name.
        return " " if sign in "\n\t\r" or category != "Mn" else ""
    return unicodedata.normalize("NFKC", sign).casefold()


@cache
def _simplified() -> dict[str, str]:
    table = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {old: new.split(" ")[0] for old, new in pairs}
