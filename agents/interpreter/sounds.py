"""Chinese words written with other characters that sound or look alike, as input methods make them.

`syllables.txt` says which characters share a syllable, without its tone.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

Key = tuple[str, ...]
LENGTH_MIN, LENGTH_MAX = 2, 6
# How many characters and words of messages are kept with their sounds.
SIGNS_MAX = 10_000
# Of so many characters one may be another.
CHARACTERS_EACH = 3
# Characters that are easily taken for one another by eye.
LOOK_ALIKE = (
    "入人八", "己已巳", "未末", "土士", "千干", "日曰", "拔拨", "折拆", "贷货", "侯候", "待侍",
    "账帐", "季李", "付什", "订钉", "税悦", "库厍", "逾愈", "销消", "率卒", "毛手",
)  # fmt: skip
# What many people do not tell apart.
_SAME = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def _syllables() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in Path(__file__).with_name("syllables.txt").read_text("utf-8").splitlines():
        syllable, _, characters = line.partition(" ")
        found.update(dict.fromkeys(characters, _plain(syllable)))
    return found


@cache
def _spelt() -> frozenset[str]:
    """Return the syllables as they are written in letters."""
    text = Path(__file__).with_name("syllables.txt").read_text("utf-8")
    return frozenset(line.partition(" ")[0] for line in text.splitlines())


def _plain(syllable: str) -> str:
    for long, short in _SAME:
        syllable = syllable.replace(long, short)
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


@lru_cache(maxsize=SIGNS_MAX)
def _sounds(sign: str) -> tuple[str, ...]:
    """Return how a character, or the one that it looks like, sounds; of letters, what they say."""
    if sign.isascii():
        return (_plain(sign),) if sign in _spelt() else ()
    alike = {other for group in LOOK_ALIKE if sign in group for other in group}
    known = _syllables()
    return tuple(dict.fromkeys(known[each] for each in (sign, *sorted(alike)) if each in known))


def by_sound(phrases: Iterable[Key]) -> dict[Key, list[Key]]:
    """Put phrases of Chinese characters in an index by how they sound."""
    known = _syllables()
    found: dict[Key, list[Key]] = defaultdict(list)
    for phrase in phrases:
        if LENGTH_MIN <= len(phrase) <= LENGTH_MAX and all(sign in known for sign in phrase):
            found[tuple(known[sign] for sign in phrase)].append(phrase)
    return dict(found)


def meant(said: Sequence[str], index: Mapping[Key, Sequence[Key]]) -> Iterator[Key]:
    """Yield the phrases that sound, or look, like what was written, and are not quite that."""
    sounds = [_sounds(sign) for sign in said]
    most = max(1, len(said) // CHARACTERS_EACH)
    for way in itertools.product(*sounds):
        for phrase in index.get(way, ()):
            if 0 < sum(a != b for a, b in zip(said, phrase, strict=True)) <= most:
                yield phrase
