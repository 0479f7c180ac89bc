"""All words that have a meaning here, compiled from the semantic layer, the tools and phrase files.

Metrics and dimensions bring their own names; the YAML files beside this module add what nouns
cannot say: closed-class words, verb frames, phrasings, and the phrases that call for a tool.
Both languages are in one lexicon, because people mix them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from agents.interpreter.entities import EntityIndex
from agents.interpreter.normalise import normalise
from agents.interpreter.sounds import Key, by_sound
from agents.interpreter.spans import (
    CompareSense,
    CueSense,
    DimensionSense,
    FillerSense,
    Frame,
    FrameSense,
    GrainSense,
    MetricSense,
    Sense,
    ToolSense,
    ValueSense,
    WordSense,
)
from agents.interpreter.tokens import Token, tokenise
from core.kernel.errors import Language
from core.kernel.semantics import Dimension, Metric
from tools.base import Tool

FILES = Path(__file__).parent / "lexicon"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
KEY_LETTERS_MIN = 5
# Countries of suppliers are the same words as countries; which is meant, the metric says.
SAME_WORDS = {"supplier_country": "country"}
TYPO_LETTERS_MIN, OTHER_LETTER_MIN, LONG_WORD = 4, 6, 9
# Words of time are known by a grammar, not by phrases.
TIME_WORDS = (
    "year quarter month week yesterday today tomorrow last this next previous before since until"
    " monday tuesday wednesday thursday friday saturday sunday january february march april june"
    " july august september october november december"
)


@dataclass(frozen=True)
class Lexicon:
    """Everything that one person's words may mean; a snapshot, replaced when something changes."""

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    tools: Mapping[str, Tool]
    entities: EntityIndex
    phrases: Mapping[tuple[str, ...], tuple[Sense, ...]]
    longest: Mapping[str, int]
    # The words of all phrases: by their first letter, each by its stem.
    vocabulary: Mapping[str, Mapping[str, str]]
    # Chinese phrases by how they sound.
    sounds: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    # The company's own: what is said in another one is not an amount in it.
    currency: str = ""
    # The names of the saved reports that who asks may run, and their numbers.
    saved: Mapping[str, str] = field(default_factory=dict)

    def at(self, words: Sequence[str], place: int) -> list[tuple[int, tuple[Sense, ...]]]:
        """Return the phrases that begin at a place of a text: how many words each takes."""
        most = min(self.longest.get(words[place], 0), len(words) - place)
        found = []
        for length in range(1, most + 1):
            senses = self.phrases.get(tuple(words[place : place + length]))
            if senses:
                found.append((length, senses))
        return found

    def mended(self, word: str) -> str | None:
        """Return the one word of any phrase that was probably meant by a misspelt one."""
        if len(word) < TYPO_LETTERS_MIN or not word.isascii() or not word.isalpha():
            return None
        near = self.vocabulary.get(word[0], {})
        if word in near:
            return None
        most = 1 if len(word) < LONG_WORD else 2
        hits: dict[int, set[str]] = defaultdict(set)
        for stem, distance, _ in process.extract(
            word, near.keys(), scorer=OSA.distance, score_cutoff=most, limit=None
        ):
            # Of a short word, a letter may be lost, doubled or swapped, but no other put there.
            swapped = sorted(stem) == sorted(word)
            if len(word) >= OTHER_LETTER_MIN or len(stem) != len(word) or swapped:
                hits[int(distance)].add(stem)
        best = hits[min(hits)] if hits else set()
        return near[best.pop()] if len(best) == 1 else None


def compile_lexicon(
    metrics: Iterable[Metric],
    dimensions: Iterable[Dimension],
    tools: Iterable[Tool],
    entities: EntityIndex,
    currency: str = "",
    saved: Mapping[str, str] | None = None,
) -> Lexicon:
    """Gather all phrases of the metrics, dimensions and tools that somebody may use."""
    known_metrics = {metric.id: metric for metric in metrics if not metric.inner}
    known_dimensions = {dimension.id: dimension for dimension in dimensions}
    known_tools = {tool.name: tool for tool in tools}
    words = _compiled(
        tuple(known_metrics.values()), tuple(known_dimensions.values()), tuple(known_tools)
    )
    settings: dict[str, Any] = {language: phrase_file(language) for language in LANGUAGES}
    return Lexicon(
        known_metrics,
        known_dimensions,
        known_tools,
        entities,
        *words,
        settings=settings,
        currency=currency,
        saved=saved or {},
    )


@cache
def phrase_file(language: Language) -> Mapping[str, Any]:
    """Read the phrases of one language: the common ones, and those of each room in its own file."""
    loaded: dict[str, Any] = {}
    for file in (FILES / f"{language}.yaml", *sorted((FILES / language).glob("*.yaml"))):
        # CSafeLoader is safe, and ten times as fast.
        for section, phrases in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader).items():
            known = loaded.setdefault(section, phrases)
            if known is not phrases:
                assert not known.keys() & phrases.keys(), f"{file.name} says {section} again"
                known.update(phrases)
    return loaded


def tools_without_phrases(tools: Iterable[Tool], language: Language) -> list[str]:
    """Return the tools that cannot be reached by words of one language."""
    known = phrase_file(language)["tools"]
    return sorted(tool.name for tool in tools if not known.get(tool.name, {}).get("phrases"))


# What a word must be to be looked for where it was written with other characters.
MEANING = (MetricSense, DimensionSense, FrameSense, ToolSense, GrainSense, CompareSense)
Phrases = dict[tuple[str, ...], tuple[Sense, ...]]


@lru_cache(maxsize=64)
def _compiled(
    metrics: tuple[Metric, ...], dimensions: tuple[Dimension, ...], tools: tuple[str, ...]
) -> tuple[Phrases, dict[str, int], dict[str, dict[str, str]], dict[Key, list[Key]]]:
    gathered: dict[tuple[str, ...], dict[Sense, None]] = defaultdict(dict)
    vocabulary: dict[str, dict[str, str]] = defaultdict(dict)
    for phrase, sense in _all(metrics, dimensions, tools):
        tokens = tokenise(normalise(str(phrase)))
        key = tuple(token.stem for token in tokens)
        if key:
            gathered[key][sense] = None
        _learn(tokens, vocabulary)
    _learn(tokenise(normalise(TIME_WORDS)), vocabulary)
    longest: dict[str, int] = {}
    for key in gathered:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    phrases = {key: tuple(senses) for key, senses in gathered.items()}
    meaning = (
        key for key, senses in phrases.items() if any(isinstance(s, MEANING) for s in senses)
    )
    return phrases, longest, dict(vocabulary), by_sound(meaning)


def _learn(tokens: Sequence[Token], vocabulary: dict[str, dict[str, str]]) -> None:
    for token in tokens:
        if token.kind == "word" and token.text.isascii() and len(token.text) >= TYPO_LETTERS_MIN:
            known = vocabulary[token.stem[0]]
            known[token.stem] = min(known.get(token.stem, token.text), token.text, key=len)


def _all(
    metrics: Sequence[Metric], dimensions: Sequence[Dimension], tools: Sequence[str]
) -> Iterator[tuple[str, Sense]]:
    metric_ids = {metric.id for metric in metrics}
    dimension_ids = {dimension.id for dimension in dimensions}
    for metric in metrics:
        for language in LANGUAGES:
            for name in metric.names.all_in(language):
                yield name, MetricSense(metric.id)
        yield metric.id.replace("_", " "), MetricSense(metric.id)
    for dimension in dimensions:
        for language in LANGUAGES:
            for name in dimension.names.all_in(language):
                yield name, DimensionSense(dimension.id)
        if dimension.id in SAME_WORDS:
            continue
        for key, pair in dimension.words.items():
            # A key as short as "in" or "no" is a code, and no word to be found in a sentence.
            spoken = (key.replace("_", " "),) if len(key) >= KEY_LETTERS_MIN else ()
            for name in (*spoken, *pair):
                yield name, ValueSense(dimension.id, key)
    for language in LANGUAGES:
        yield from _from_file(phrase_file(language), metric_ids, dimension_ids, set(tools))


def _from_file(
    file: Mapping[str, Any], metrics: set[str], dimensions: set[str], tools: set[str]
) -> Iterator[tuple[str, Sense]]:
    for id_, names in file["metrics"].items():
        yield from ((name, MetricSense(id_)) for name in names if id_ in metrics)
    for id_, names in file["dimensions"].items():
        yield from ((name, DimensionSense(id_)) for name in names if id_ in dimensions)
    for dimension, values in file["values"].items():
        for value, names in values.items():
            yield from ((n, ValueSense(dimension, value)) for n in names if dimension in dimensions)
    for frame in file["frames"]:
        if frame["metric"] in metrics:
            yield from ((phrase, FrameSense(_frame(frame, metrics))) for phrase in frame["phrases"])
    yield from _closed_class(file)
    yield from _of_tools(file, tools)


def _closed_class(file: Mapping[str, Any]) -> Iterator[tuple[str, Sense]]:
    for unit, names in file["grains"].items():
        yield from ((name, GrainSense(unit)) for name in names)
    for to, names in file["comparisons"].items():
        yield from ((name, CompareSense(to)) for name in names)
    for role, names in file["words"].items():
        # Articles are left out anyway; with one, two short phrases would outweigh a long one.
        yield from ((str(name).removeprefix("the "), WordSense(role)) for name in names)
    # "Hello, what was the revenue? Thanks": courtesies around a question.
    courtesies = (*file["dialogue"]["greeting"], *file["dialogue"]["thanks"])
    yield from ((name, FillerSense()) for name in (*file["fillers"], *courtesies))
    for argument, names in file["cues"].items():
        yield from ((name, CueSense(argument)) for name in names)


def _of_tools(file: Mapping[str, Any], tools: set[str]) -> Iterator[tuple[str, Sense]]:
    for name, said in file["tools"].items():
        if name not in tools:
            continue
        yield from ((phrase, ToolSense(name)) for phrase in said["phrases"])
        # What such a tool does anyway, and so no argument: "from the cheapest supplier".
        yield from ((phrase, CueSense("", name)) for phrase in said.get("ignore", ()))
        for argument, names in said.get("cues", {}).items():
            yield from ((cue, CueSense(argument, name)) for cue in names)
    # Ways to say it that are gathered for many tools at once.
    for name, phrases in file["verbs"].items():
        yield from ((phrase, ToolSense(name)) for phrase in phrases if name in tools)


def _frame(given: Mapping[str, Any], metrics: set[str]) -> Frame:
    return Frame(
        metric=given["metric"],
        how_many=given["how_many"] if given.get("how_many") in metrics else "",
        subject=given.get("subject", ""),
        direction=given.get("direction", ""),
        by=tuple((d, m) for d, m in given.get("by", {}).items() if m in metrics),
        actor=given.get("actor", ""),
        threshold=given.get("threshold", ""),
        groups=given.get("groups", ""),
    )
