"""Which few tools a language model is offered in a turn: those that the person's words speak of.

A model that sees two hundred tools chooses badly and costs much. The words of a message are
compared with what each tool is called and with the phrases that call for it, in both languages;
nothing that stands in a record takes part, so that foreign text cannot bring a tool in.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache

from agents.interpreter.lexicon import LANGUAGES, phrase_file
from agents.interpreter.normalise import is_cjk
from agents.interpreter.tokens import stems
from tools import Tool

# Figures, records and what they are called can be asked for in any words.
ALWAYS = (
    "reporting.answer", "reporting.search_catalogue", "reporting.list_records", "reporting.define",
)  # fmt: skip
OFFERED_MAX = 16
# What one shared word is worth in a title, in a phrase, in the sentence of purpose.
TITLE, PHRASE, PURPOSE = 2.0, 1.5, 1.0
WHOLE_PHRASE = 3.0


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text: stems, and pairs of Chinese characters."""
    found = stems(text)
    pairs = [
        a + b
        for a, b in itertools.pairwise(found)
        if len(a) == len(b) == 1 and is_cjk(a) and is_cjk(b)
    ]
    return (*(word for word in found if len(word) > 1 or not is_cjk(word)), *pairs)


class Router:
    """Knows the words of every tool; made once."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._weights: dict[str, dict[str, float]] = defaultdict(dict)
        self._phrases: dict[str, list[frozenset[str]]] = {}
        for tool in tools:
            self._learn(tool)
        spread = Counter(word for known in self._weights.values() for word in known)
        count = len(self._weights)
        self._rarity = {word: math.log(1 + count / n) for word, n in spread.items()}

    def _learn(self, tool: Tool) -> None:
        known = self._weights[tool.name]
        spoken = [
            str(phrase)
            for language in LANGUAGES
            for phrase in phrase_file(language)["tools"].get(tool.name, {}).get("phrases", ())
        ]
        self._phrases[tool.name] = [p for phrase in spoken if (p := frozenset(words_of(phrase)))]
        texts = (
            (tool.purpose, PURPOSE),
            *((phrase, PHRASE) for phrase in spoken),
            (
                f"{tool.title} {tool.title_zh} {tool.name.replace('.', ' ').replace('_', ' ')}",
                TITLE,
            ),
        )
        for text, weight in texts:
            for word in words_of(text):
                known[word] = max(known.get(word, 0), weight)

    def score(self, tool: Tool, words: AbstractSet[str]) -> float:
        """Return how much the words speak of a tool."""
        known = self._weights.get(tool.name, {})
        shared = sum(known.get(word, 0) * self._rarity.get(word, 0) for word in words)
        whole = max(
            (
                sum(self._rarity.get(word, 0) for word in phrase)
                for phrase in self._phrases.get(tool.name, ())
                if phrase <= words
            ),
            default=0,
        )
        return shared + WHOLE_PHRASE * whole

    def offer(
        self, allowed: Iterable[Tool], said: str, *, called: Collection[str] = (), most: int = 0
    ) -> list[Tool]:
        """Return the tools to offer, those spoken of most first, and those of this thread."""
        most = most or OFFERED_MAX
        words = set(words_of(said))
        allowed = list(allowed)
        kept = [tool for tool in allowed if tool.name in ALWAYS or tool.name in called]
        others = [
            (score, tool)
            for tool in allowed
            if tool not in kept and (score := self.score(tool, words)) > 0
        ]
        others.sort(key=lambda each: (-each[0], each[1].name))
        spoken_of = [tool for _, tool in others[: max(0, most - len(kept))]]
        return [*spoken_of, *kept]


@lru_cache(maxsize=4)
def router_for(tools: tuple[Tool, ...]) -> Router:
    """Return the router of a set of tools."""
    return Router(tools)
