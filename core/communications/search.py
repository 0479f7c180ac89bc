"""What a communication is found by: words of English, and pairs of characters of Chinese.

PostgreSQL's own parser takes a Chinese sentence as one word, and trigrams miss words of two
characters, which most are. So every pair of neighbours is written as a word of its own.
"""

import re

from sqlalchemy import ColumnElement, func

INDEXED_CHARS_MAX = 40_000
ASKED_CHARS_MAX = 200
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_CONFIG = "english"


def _sign(text: str) -> str:
    return "zq" + "".join(f"{ord(sign):04x}" for sign in text)


def _signs(run: str) -> list[str]:
    pairs = [_sign(run[place : place + 2]) for place in range(len(run) - 1)]
    # The last one alone, so that each character begins a word.
    return [*pairs, _sign(run[-1])]


def words_of(*texts: str) -> ColumnElement[str]:
    """Return what is kept beside some texts to find them by."""
    whole = "\n".join(texts)[:INDEXED_CHARS_MAX]
    written = _CJK.sub(lambda run: f" {' '.join(_signs(run[0]))} ", whole)
    return func.to_tsvector(_CONFIG, written)


def asked_for(said: str) -> ColumnElement[str] | None:
    """Return the question that finds every word and every run of characters of what was said."""
    said = said[:ASKED_CHARS_MAX]
    parts: list[ColumnElement[str]] = []
    latin = _CJK.sub(" ", said).strip()
    if re.search(r"\w", latin):
        parts.append(func.plainto_tsquery(_CONFIG, latin))
    for run in _CJK.findall(said):
        if len(run) == 1:
            parts.append(func.to_tsquery(_CONFIG, f"{_sign(run)}:*"))
        else:
            pairs = [_sign(run[place : place + 2]) for place in range(len(run) - 1)]
            parts.append(func.to_tsquery(_CONFIG, " <-> ".join(pairs)))
    if not parts:
        return None
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op("&&")(part)
    return whole


def excerpt(text: str, said: str, around: int = 60) -> str:
    """Return the place of a text where a word of what was said stands first."""
    wanted = [*_CJK.findall(said), *re.findall(r"[^\W\d_]{3,}|\d{2,}", _CJK.sub(" ", said))]
    flat = " ".join(text.split())
    low = flat.casefold()
    places = [place for word in wanted if (place := low.find(word.casefold())) >= 0]
    start = max(0, min(places, default=0) - around)
    cut = flat[start : start + 3 * around]
    return f"{'…' if start else ''}{cut}{'…' if start + len(cut) < len(flat) else ''}"
