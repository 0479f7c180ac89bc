"""Cut a text into pieces that mean something: all of them are laid out, the best paths kept."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import BREAK, STOP, Norm
from agents.interpreter.numbers import currency_named, scan_numbers
from agents.interpreter.sounds import LENGTH_MAX, LENGTH_MIN, meant
from agents.interpreter.spans import (
    CueSense,
    DocumentSense,
    EntitySense,
    FillerSense,
    NumberSense,
    Piece,
    Sense,
    TextSense,
    TimeSense,
    ToolSense,
    WordSense,
    piece_of,
)
from agents.interpreter.times import scan_times
from agents.interpreter.tokens import Token, stem_of, tokenise

BEAM = 24
PATHS = 4
FUZZY_WORDS_MAX, FUZZY_TRIES_MAX = 4, 12
# What each kind of piece is worth for a token that it covers, and what an unknown one costs.
WEIGHTS = {
    "phrase": 1.0, "filler": 0.45, "cue": 0.5, "entity": 1.15, "short": 0.8, "fuzzy": 0.55,
    "time": 1.25, "number": 0.85, "document": 1.3, "text": 0.6, "unit": 0.7,
    "long cue": 0.9,
}  # fmt: skip
LONGER = 0.35
# So many words in a row are no chance: "and reverse it on".
CUE_WORDS_MIN = 3
# What a piece is worth less for each word in it that was not spelt so.
MISSPELT = 0.4
UNKNOWN_LATIN, UNKNOWN_CJK = -0.9, -0.45
MARKS = frozenset(".,;:!?-/()[]{}&+*#=%~'\"|<>_^`\\" + BREAK + STOP)
# How many characters a Chinese name of a currency has.
_CURRENCY_CHARACTERS = (2, 3)
PREFIXES = (
    "po", "gr", "so", "dn", "inv", "bill", "cn", "scn", "oi", "rct", "pay", "ded", "rev",
    "je", "pr", "fa", "dep", "bst", "bl", "bm", "br", "re", "def", "run", "pmo", "dun",
    "tr", "qh", "ct", "lc", "rq", "rfq", "qu", "rt", "rs", "rep", "sch", "alr", "msg",
    "thr", "op", "ld", "tk", "mg", "t", "kb", "lv", "ex", "wf", "jo", "ja", "ac", "iv", "of",
    "rc", "py", "ps", "ln", "wo",
    "bom", "pj", "te",
)  # fmt: skip


@dataclass(frozen=True)
class Path:
    """One way to cut a text into pieces, and how well it explains the words."""

    pieces: tuple[Piece, ...]
    score: float

    @property
    def unknown(self) -> tuple[Piece, ...]:
        """The words that mean nothing here."""
        return tuple(piece for piece in self.pieces if not piece.senses)


@dataclass(frozen=True)
class Lattice:
    """A text with everything that its stretches may mean."""

    norm: Norm
    tokens: tuple[Token, ...]
    pieces: tuple[Piece, ...]

    def paths(self, *, for_action: bool = False) -> list[Path]:
        """Return the best ways to cut the text; who acts means quantities, not years."""
        arcs: list[list[Piece]] = [[] for _ in self.tokens]
        for piece in self.pieces:
            kept = _for_action(piece) if for_action else _for_report(piece)
            if kept is not None:
                arcs[kept.first].append(kept)
        best: list[list[Path]] = [[] for _ in range(len(self.tokens) + 1)]
        best[0] = [Path((), 0.0)]
        for place, token in enumerate(self.tokens):
            best[place] = _kept(best[place])
            alone, cost = _alone(token, place)
            for path in best[place]:
                for piece in arcs[place]:
                    longer = Path((*path.pieces, piece), path.score + piece.weight)
                    best[piece.last].append(longer)
                best[place + 1].append(Path((*path.pieces, alone), path.score + cost))
        return _kept(best[-1])[:PATHS]


def _for_action(piece: Piece) -> Piece | None:
    """Return a piece as who acts means it: a bare "2013" is a number, not a year to look at."""
    if not piece.senses:
        return piece
    if currency_named(piece.text) and all(isinstance(s, FillerSense) for s in piece.senses):
        return None
    senses = tuple(s for s in piece.senses if not (isinstance(s, TimeSense) and s.time.bare))
    return replace(piece, senses=senses) if senses else None


def _for_report(piece: Piece) -> Piece | None:
    acts = all(isinstance(sense, ToolSense | CueSense) for sense in piece.senses)
    return None if acts else piece


def _kept(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: -path.score)[:BEAM]


def _alone(token: Token, place: int) -> tuple[Piece, float]:
    """Return a token as a piece of its own that means nothing known, and what that costs."""
    if token.kind == "mark" and token.text in MARKS:
        mark = Piece(place, place + 1, token.start, token.end, token.text, (FillerSense(),))
        if token.text in {BREAK, STOP, ",", ";", ".", ":", "?", "!"}:
            mark = replace(
                mark, senses=(WordSense("stop" if token.text in {STOP, ";", "."} else "break"),)
            )
        return mark, 0.0
    cost = UNKNOWN_CJK if token.kind == "cjk" else UNKNOWN_LATIN
    return Piece(place, place + 1, token.start, token.end, token.text), cost


def lay_out(norm: Norm, lexicon: Lexicon, today: date) -> Lattice:
    """Find everything that the stretches of a plain text may mean."""
    tokens = tokenise(norm)
    found = [*_named(tokens, lexicon), *_scanned(norm, tokens, today)]
    found += _misspelt(norm, tokens, found, lexicon, today)
    return Lattice(norm, tuple(tokens), tuple(_merged(found)))


def weight_of(kind: str, length: int) -> float:
    """Return what a piece of one kind is worth, by how many words it covers."""
    return WEIGHTS[kind] * (length + LONGER * (length - 1))


def _currency(tokens: list[Token], place: int) -> Iterator[Piece]:
    """Read the characters that name a currency as one word that has no other meaning."""
    for length in _CURRENCY_CHARACTERS:
        said = tokens[place : place + length]
        if len(said) == length and currency_named("".join(token.text for token in said)):
            _, cost = _alone(said[0], place)
            yield _piece(tokens, place, length, (), cost)


def _named(tokens: list[Token], lexicon: Lexicon) -> Iterator[Piece]:
    words = [token.stem for token in tokens]
    for place in range(len(tokens)):
        for length, senses in lexicon.at(words, place):
            # Two Chinese characters are one word.
            is_long = length > 1 and tokens[place].kind == "cjk"
            kind = _kind_of(senses, CUE_WORDS_MIN if is_long else length)
            yield _piece(tokens, place, length, senses, weight_of(kind, length))
        if lexicon.currency and currency_named(tokens[place].text) == lexicon.currency:
            # "In euros", where the books are kept in euros.
            yield _piece(tokens, place, 1, (FillerSense(),), weight_of("filler", 1))
        if tokens[place].kind == "cjk":
            yield from _currency(tokens, place)
        for length, sense in lexicon.entities.at(words, place):
            known = lexicon.phrases.get(tuple(words[place : place + length]))
            if sense.short and (known or _is_common(tokens[place : place + length])):
                continue
            yield _piece(
                tokens,
                place,
                length,
                (sense,),
                weight_of("short" if sense.short else "entity", length),
            )


def _is_common(tokens: list[Token]) -> bool:
    # A number or one letter is no name by itself.
    return all(
        token.kind in {"number", "mark"} or (len(token.text) == 1 and token.kind == "word")
        for token in tokens
    )


def _kind_of(senses: tuple[Sense, ...], length: int) -> str:
    if all(isinstance(sense, FillerSense) for sense in senses):
        return "filler"
    if all(isinstance(sense, CueSense | FillerSense) for sense in senses):
        return "cue" if length < CUE_WORDS_MIN else "long cue"
    if any(isinstance(sense, WordSense) and sense.role == "shift" for sense in senses):
        # "One week before" is no week by itself.
        return "time"
    return "phrase"


def _piece(
    tokens: list[Token], place: int, length: int, senses: tuple[Sense, ...], weight: float
) -> Piece:
    run = tokens[place : place + length]
    gaps = ["" if a.end == b.start else " " for a, b in itertools.pairwise(run)]
    text = run[0].text + "".join(gap + token.text for gap, token in zip(gaps, run[1:], strict=True))
    return piece_of(tokens, place, place + length, senses, weight, text)


def _scanned(norm: Norm, tokens: list[Token], today: date) -> Iterator[Piece]:
    starts = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place + 1 for place, token in enumerate(tokens)}

    def piece(start: int, end: int, sense: Sense, kind: str) -> Iterator[Piece]:
        if start in starts and end in ends and starts[start] < ends[end]:
            first, last = starts[start], ends[end]
            yield piece_of(
                tokens, first, last, (sense,), weight_of(kind, last - first), norm.text[start:end]
            )

    for time in scan_times(norm.text, today):
        yield from piece(time.start, time.end, TimeSense(time), "time")
    for number in scan_numbers(norm.text):
        yield from piece(number.start, number.end, NumberSense(number.number), "number")
    for place, token in enumerate(tokens):
        if token.kind in {"quoted", "email"}:
            yield _piece(
                tokens, place, 1, (TextSense(token.text.strip('"')),), weight_of("text", 1)
            )
        yield from _documents(tokens, place)
        yield from _spoken_documents(tokens, place)


# What people call documents, and the letters that their numbers begin with.
_SPOKEN = {
    ("purchas", "order"): "po", ("sales", "order"): "so", ("invoic",): "inv", ("bil",): "bill",
    ("proposal",): "pr", ("journal", "entry"): "je", ("delivery",): "dn",
    ("good", "receipt"): "gr", ("credit", "not"): "cn", ("credit", "note"): "cn",
    ("采", "购", "订", "单"): "po", ("采", "购", "单"): "po", ("销", "售", "订", "单"): "so",
    ("发", "票"): "inv", ("账", "单"): "bill", ("提", "案"): "pr", ("凭", "证"): "je",
    ("发", "货", "单"): "dn", ("收", "货", "单"): "gr",
    ("payment", "order"): "pmo", ("付", "款", "指", "令"): "pmo", ("催", "款", "函"): "dun",
    ("请", "购", "单"): "rq", ("requisition",): "rq",
    ("采", "购", "申", "请"): "rq", ("询", "价", "单"): "rfq",
    ("opportunity",): "op", ("商", "机"): "op", ("lead",): "ld", ("线", "索"): "ld",
    ("task",): "tk", ("任", "务"): "tk",
    ("quotation",): "qu", ("报", "价", "单"): "qu", ("退", "货", "单"): "rt",
    ("ticket",): "t", ("工", "单"): "t", ("articl",): "kb",
}  # fmt: skip


# The same by the first word: looked at for every word of every message.
_SPOKEN_FROM = {
    first: [(words, prefix) for words, prefix in _SPOKEN.items() if words[0] == first]
    for first in {words[0] for words in _SPOKEN}
}


def _spoken_documents(tokens: list[Token], place: int) -> Iterator[Piece]:
    for words, prefix in _SPOKEN_FROM.get(tokens[place].stem, ()):
        after = place + len(words)
        if tuple(token.stem for token in tokens[place:after]) != words:
            continue
        while after < len(tokens) and tokens[after].text in {"#", "no", "number", "nr", "号"}:
            after += 1
        if after < len(tokens) and tokens[after].kind == "number" and tokens[after].text.isdigit():
            number = f"{prefix.upper()}-{int(tokens[after].text):05d}"
            length = after + 1 - place
            sense = DocumentSense(prefix, number)
            yield _piece(tokens, place, length, (sense,), weight_of("document", length))


def _documents(tokens: list[Token], place: int) -> Iterator[Piece]:
    token = tokens[place]
    if token.kind == "code":
        prefix = "".join(sign for sign in token.text if sign.isalpha())
        digits = token.text[len(prefix) :].lstrip("-")
        if prefix in PREFIXES and digits.isdigit() and len(digits) <= 12:  # noqa: PLR2004
            number = f"{prefix.upper()}-{int(digits):05d}"
            yield _piece(
                tokens, place, 1, (DocumentSense(prefix, number),), weight_of("document", 1)
            )
        else:
            yield _piece(tokens, place, 1, (TextSense(token.text),), weight_of("text", 1) / 3)
    elif token.text in PREFIXES:
        after = place + 1
        while after < len(tokens) and tokens[after].text in {"-", "#", "no", "number", "nr"}:
            after += 1
        if after < len(tokens) and tokens[after].kind == "number" and tokens[after].text.isdigit():
            number = f"{token.text.upper()}-{int(tokens[after].text):05d}"
            length = after + 1 - place
            yield _piece(
                tokens,
                place,
                length,
                (DocumentSense(token.text, number),),
                weight_of("document", length),
            )


def _misspelt(
    norm: Norm, tokens: list[Token], found: list[Piece], lexicon: Lexicon, today: date
) -> Iterator[Piece]:
    covered = {place for piece in found for place in range(piece.first, piece.last)}
    unknown = [p for p, t in enumerate(tokens) if p not in covered and t.kind in {"word", "cjk"}]
    mended = {
        place: meant
        for place in unknown
        if tokens[place].kind == "word"
        and not currency_named(tokens[place].text)
        and (meant := lexicon.mended(tokens[place].stem))
    }
    for place in unknown:
        sense = lexicon.entities.within(tokens[place].stem)
        if sense is not None and tokens[place].stem not in _words_of(lexicon, tokens[place].stem):
            yield _piece(tokens, place, 1, (sense,), weight_of("fuzzy", 1))
            mended.pop(place, None)
    if mended:
        yield from _as_meant(norm, tokens, mended, lexicon, today)
    yield from _sounding(tokens, frozenset(unknown), lexicon)
    yield from _nearly_named(tokens, unknown, lexicon)


def _sounding(tokens: list[Token], unknown: frozenset[int], lexicon: Lexicon) -> Iterator[Piece]:
    """Yield the Chinese phrases that were written with other characters of the same sound."""
    for first in range(len(tokens)):
        for length in range(LENGTH_MIN, LENGTH_MAX + 1):
            window = tokens[first : first + length]
            places = range(first, first + length)
            if len(window) < length or not unknown.intersection(places):
                continue
            if not any(token.kind == "cjk" for token in window):
                continue
            said = [token.text for token in window]
            found = {
                phrase
                for phrase in meant(said, lexicon.sounds)
                if any(at in unknown and said[at - first] != phrase[at - first] for at in places)
            }
            if len(found) == 1:
                phrase = found.pop()
                senses = lexicon.phrases[phrase]
                weight = weight_of(_kind_of(senses, length), length) - MISSPELT
                piece = _piece(tokens, first, length, senses, weight)
                yield replace(piece, read_as="".join(phrase))


def _words_of(lexicon: Lexicon, word: str) -> Mapping[str, str]:
    return lexicon.vocabulary.get(word[0], {})


def _as_meant(
    norm: Norm, tokens: list[Token], mended: dict[int, str], lexicon: Lexicon, today: date
) -> Iterator[Piece]:
    """Yield what a text would mean if its misspelt words were spelt right, where they stand."""
    right = [
        replace(token, text=mended[place], stem=stem_of(mended[place]))
        if place in mended
        else token
        for place, token in enumerate(tokens)
    ]
    words = [token.stem for token in right]
    for place in range(len(right)):
        for length, senses in lexicon.at(words, place):
            if any(at in mended for at in range(place, place + length)):
                count = sum(at in mended for at in range(place, place + length))
                weight = weight_of(_kind_of(senses, length), length) - MISSPELT * count
                yield _read_as(tokens, right, place, place + length, senses, weight)
    text, starts, ends = _respelt(norm, tokens, right)
    for time in scan_times(text, today):
        first, last = starts.get(time.start), ends.get(time.end)
        if first is None or last is None or not any(at in mended for at in range(first, last)):
            continue
        count = sum(at in mended for at in range(first, last))
        weight = weight_of("time", last - first) - MISSPELT * count
        yield _read_as(tokens, right, first, last, (TimeSense(time),), weight)


def _read_as(
    tokens: list[Token],
    right: list[Token],
    first: int,
    last: int,
    senses: tuple[Sense, ...],
    weight: float,
) -> Piece:
    piece = _piece(tokens, first, last - first, senses, weight)
    return replace(piece, read_as=" ".join(token.text for token in right[first:last]))


def _respelt(
    norm: Norm, tokens: list[Token], right: list[Token]
) -> tuple[str, dict[int, int], dict[int, int]]:
    """Return a text with other words in the places of its own, and where each now is."""
    text, starts, ends, last = "", {}, {}, 0
    for place, (token, other) in enumerate(zip(tokens, right, strict=True)):
        text += norm.text[last : token.start]
        starts[len(text)] = place
        text += other.text
        ends[len(text)] = place + 1
        last = token.end
    return text, starts, ends


def _nearly_named(tokens: list[Token], unknown: list[int], lexicon: Lexicon) -> Iterator[Piece]:
    tries = 0
    seen: set[tuple[int, int]] = set()
    # A name neither begins nor ends with a small word that stands beside it.
    small = {
        place
        for place, token in enumerate(tokens)
        if any(
            isinstance(s, FillerSense | WordSense) for s in lexicon.phrases.get((token.stem,), ())
        )
    }
    for place in unknown:
        for length in range(FUZZY_WORDS_MAX + 2, 0, -1):
            is_cjk = tokens[place].kind == "cjk"
            if not is_cjk and length > FUZZY_WORDS_MAX:
                continue
            for first in range(max(0, place - length + 1), place + 1):
                window = tokens[first : first + length]
                key = (first, first + length)
                if len(window) < length or key in seen or tries >= FUZZY_TRIES_MAX:
                    continue
                if not all(_may_be_name(token, is_cjk=is_cjk) for token in window):
                    continue
                if not is_cjk and {first, first + length - 1} & small:
                    continue
                seen.add(key)
                tries += 1
                sense = lexicon.entities.like([token.stem for token in window])
                if sense is not None:
                    weight = weight_of("fuzzy", length) * sense.likeness / 100
                    yield _piece(tokens, first, length, (sense,), weight)


def _may_be_name(token: Token, *, is_cjk: bool) -> bool:
    return token.kind == "cjk" if is_cjk else token.kind in {"word", "code"} or token.text == "&"


def _merged(found: list[Piece]) -> Iterator[Piece]:
    # One piece for each stretch: which of its senses is meant is for the assembler to say.
    by_place: dict[tuple[int, int], Piece] = {}
    for piece in found:
        there = by_place.get((piece.first, piece.last))
        if there is None:
            by_place[piece.first, piece.last] = piece
            continue
        both = replace(
            there if there.weight >= piece.weight else piece,
            senses=_united(there.senses, piece.senses),
        )
        by_place[piece.first, piece.last] = both
    yield from by_place.values()


def _united(left: tuple[Sense, ...], right: tuple[Sense, ...]) -> tuple[Sense, ...]:
    names = [sense for sense in (*left, *right) if isinstance(sense, EntitySense)]
    others = dict.fromkeys(s for s in (*left, *right) if not isinstance(s, EntitySense))
    if not names:
        return tuple(others)
    best = max(name.likeness for name in names)
    entities = dict.fromkeys(e for name in names if name.likeness == best for e in name.entities)
    short = all(name.short for name in names)
    group = next((name.group for name in names if name.group), "") if short else ""
    joined = EntitySense(tuple(entities), best, short, group)
    return (*others, joined)


__all__ = ["Lattice", "Path", "ToolSense", "lay_out"]
