"""Cut a plain text into tokens: words, numbers, codes, single Chinese characters, marks."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agents.interpreter.normalise import BREAK, STOP, Norm, is_cjk, normalise

Kind = Literal["word", "number", "code", "cjk", "mark", "quoted", "email", "day"]

DOUBLED_MIN, MUTE_E_MIN = 4, 5
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("quoted", r'"[^"]{1,200}"'),
    ("email", r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
    ("day", r"\d{4}-\d{1,2}-\d{1,2}(?![\w-])|\d{4}/\d{1,2}/\d{1,2}(?![\w/])"),
    ("day", r"\d{1,2}[./]\d{1,2}[./]\d{4}(?![\w.])"),
    # LAMP-01, SO-00010, BRK-PAD-11, B2; but not 40x, 5k or q3.
    (
        "code",
        r"(?!(?:top|last|next|past|in|by|eur|usd|fy|[qhw])\d)[a-z]+(?:-[a-z]+)*-?\d[a-z0-9]*(?:[-./][a-z0-9]+)*",
    ),
    ("code", r"[a-z]{1,12}(?:-[a-z0-9]+)*-\d[a-z0-9]*"),
    ("code", r"\d+(?:-[a-z0-9]+)*-[a-z][a-z0-9]*(?:-[a-z0-9]+)*|\d+[a-z]{2,}\d+[a-z0-9]*"),
    ("number", r"\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+"),
    ("word", r"[a-z]+?(?=n't(?![a-z]))|n't(?![a-z])|[^\W\d_]+(?:'[^\W\d_]+)?"),
    ("mark", r"\S"),
)
_TOKEN = re.compile(
    "|".join(f"(?P<{kind}{n}>{pattern})" for n, (kind, pattern) in enumerate(_PATTERNS))
)
_LATIN_RUN = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff〇]+")


@dataclass(frozen=True)
class Token:
    """A piece of the plain text and its place there; `stem` is what lexicons are keyed by."""

    text: str
    kind: Kind
    start: int
    end: int
    stem: str


def tokenise(norm: Norm) -> list[Token]:
    """Cut a plain text; Chinese characters stand alone, because only the lattice knows words."""
    tokens: list[Token] = []
    place = 0
    text = norm.text
    while place < len(text):
        if is_cjk(text[place]):
            sign = text[place]
            tokens.append(Token(sign, "cjk", place, place + 1, sign))
            place += 1
            continue
        run = _LATIN_RUN.match(text, place)
        assert run is not None
        tokens += _latin(text, place, run.end())
        place = run.end()
    return tokens


def stems(phrase: str) -> tuple[str, ...]:
    """Return what a phrase of the lexicon, or a name, is keyed by."""
    if _PLAIN_WORDS.fullmatch(phrase):
        # Names of people, by the ten thousand.
        return tuple(map(stem_of, phrase.split(" ")))
    return tuple(token.stem for token in tokenise(normalise(phrase)))


_PLAIN_WORDS = re.compile(r"[a-z]+(?: [a-z]+)*")


def _latin(text: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        kind = re.sub(r"\d+$", "", match.lastgroup or "mark")
        piece = match[0]
        if kind == "mark" and piece in {BREAK, STOP}:
            found.append(Token(piece, "mark", match.start(), match.end(), piece))
            continue
        stem = stem_of(piece) if kind == "word" else piece
        found.append(Token(piece, kind, match.start(), match.end(), stem))  # type: ignore[arg-type]
    return found


_IRREGULAR = {
    "sold": "sell", "bought": "buy", "paid": "pay", "grew": "grow", "grown": "grow",
    "spent": "spend", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise",
    "made": "make", "got": "get", "gotten": "get", "sent": "send", "did": "do", "does": "do",
    "done": "do", "had": "have", "has": "have", "was": "be", "were": "be", "is": "be",
    "are": "be", "been": "be", "people": "person", "gave": "give", "given": "give",
    "took": "take", "taken": "take", "came": "come", "kept": "keep", "lost": "lose",
    "held": "hold", "brought": "bring", "n't": "not", "ca": "can", "wo": "will",
    "sale": "sales", "sales": "sales", "owed": "owe", "owing": "owe", "used": "use", "using": "use",
}  # fmt: skip
_WHOLE = frozenset(
    [
        "this",
        "us",
        "its",
        "his",
        "as",
        "plus",
        "minus",
        "always",
        "yes",
        "thus",
        "versus",
        "previous",
        "during",
        "thanks",
        "need",
        "speed",
        "shed",
        "red",
        "bed",
        "feed",
        "exceed",
        "proceed",
        "hundred",
        "ring",
        "spring",
        "king",
        "string",
        "thing",
        "bring",
        "sing",
        "wing",
        "evening",
        "morning",
        "nothing",
        "anything",
        "something",
        "everything",
        "lighting",
        "series",
        "status",
        "bonus",
        "analysis",
        "basis",
        "gas",
        "canvas",
        "data",
        "overdue",
        "goods",
        "less",
        "gross",
        "business",
        "across",
        "address",
        "news",
        "is",
        "us",
        "bus",
    ]
)


@cache
def stem_of(word: str) -> str:
    """Take the ending off an English word: plural, past, -ing and a mute e; not always a word."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return " ".join(_root(part) for part in _IRREGULAR[word].split())
    if not word.isascii() or word in _WHOLE:
        return word
    bare = _without_ending(word)
    return _root(bare, cut=word.endswith(("ed", "ing")) and bare != word)


def _without_ending(word: str) -> str:
    for ending, least, rest in _ENDINGS:
        if word.endswith(ending) and len(word) >= least:
            return word[: len(word) - len(ending)] + rest
    return word


_ENDINGS = (
    ("ss", 4, "ss"), ("us", 4, "us"), ("is", 4, "is"), ("ies", 5, "y"), ("ied", 5, "y"),
    ("ches", 5, "ch"), ("shes", 5, "sh"), ("xes", 4, "x"), ("s", 4, ""), ("eed", 4, "eed"),
    ("ed", 5, ""), ("ing", 6, ""),
)  # fmt: skip


def _root(word: str, *, cut: bool = False) -> str:
    if cut and _SHORT.fullmatch(word):
        # moved, named: the e went with the ending.
        return word + "e"
    if len(word) >= DOUBLED_MIN and word[-1] == word[-2] and word[-1] not in "szeo":
        word = word[:-1]
    return word[:-1] if len(word) >= MUTE_E_MIN and word.endswith("e") else word


_SHORT = re.compile(r"[^aeiou][aeiou][^aeiouwxy]")
