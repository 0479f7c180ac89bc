"""Messages to learn from, made of the words of the house: every one knows what it asks for."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agents.interpreter.lexicon import LANGUAGES, phrase_file
from agents.interpreter.records import prefixes_of
from agents.interpreter.second.features import NUMBER, QUOTED, TIME, document_of, mask_of
from agents.interpreter.second.labels import NONE, Label
from agents.interpreter.slots import Slot, slots_of
from core.kernel.errors import Language
from core.reporting.catalogue import CATALOGUE
from core.reporting.lists import RECORDS
from tools import TOOLBOX
from tools.base import Tool

TYPO_SHARE, DROP_SHARE, COURTESY_SHARE = 0.12, 0.2, 0.3
PHRASES = Path(__file__).parent / "phrases"
PHRASES_EACH = 14
SEVERAL_SHARE = 0.08
_ENTITIES = ("customer", "supplier", "item", "territory", "category", "location", "employee")


@dataclass(frozen=True)
class Utterance:
    """One made message, its values masked, and what it asks for."""

    text: str
    label: Label


def utterances(seed: int, share: float = 1.0) -> list[Utterance]:
    """Make the messages of both languages, always the same ones for a seed."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret depends on it
    made: list[Utterance] = []
    for language in LANGUAGES:
        maker = _Maker(language, dice)
        made += maker.reports(round(PHRASES_EACH * share))
        made += maker.actions(round(PHRASES_EACH * share))
        made += maker.others(round(PHRASES_EACH * share))
    dice.shuffle(made)
    return made


@cache
def _small_words(language: Language) -> Mapping[str, Any]:
    """Read how people of one language put messages together."""
    said: dict[str, Any] = yaml.safe_load((PHRASES / f"{language}.yaml").read_text("utf-8"))
    return {name: _masked(those) for name, those in said.items()}


@cache
def _sound_file(language: Language) -> Mapping[str, list[str]]:
    said: dict[str, list[str]] = yaml.safe_load(
        (PHRASES / f"{language}_sounds.yaml").read_text("utf-8")
    )
    return {name: [str(phrase) for phrase in phrases] for name, phrases in said.items()}


def _masked(said: Any) -> Any:  # noqa: ANN401
    if isinstance(said, list):
        return [_masked(one) for one in said]
    return said.replace("<time>", TIME).replace("<number>", NUMBER)


@cache
def metric_names(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Return what every metric is called in a language."""
    more = phrase_file(language)["metrics"]
    return {
        metric.id: (*metric.names.all_in(language), *map(str, more.get(metric.id, ())))
        for metric in CATALOGUE.metrics.values()
        if not metric.inner
    }


class _Maker:
    """Makes messages of one language."""

    def __init__(self, language: Language, dice: random.Random) -> None:
        self.language = language
        self.dice = dice
        self.file = phrase_file(language)
        self.words = _small_words(language)
        self.gap = " " if language == "en" else ""
        self.dimensions = {
            one.id: (*one.names.all_in(language), *self.file["dimensions"].get(one.id, ()))
            for one in CATALOGUE.dimensions.values()
        }

    # Questions about figures.

    def reports(self, each: int) -> list[Utterance]:
        """Make questions about every metric: by its names, and by verbs that stand for it."""
        made = []
        for metric, names in metric_names(self.language).items():
            for place in range(each):
                # Every name at least once, as long as there are turns.
                name = names[place] if place < len(names) else self.dice.choice(names)
                made.append(self._report(metric, str(name)))
        for metric, phrases in self._sounds(each).items():
            made += [self._sounding(metric, phrase) for phrase in phrases for _ in range(2)]
        frames = [f for f in self.file["frames"] if f["metric"] in metric_names(self.language)]
        for frame in frames:
            made += [self._framed(frame) for _ in range(each)]
        return made

    def _report(self, metric: str, name: str) -> Utterance:
        label = Label("report", metric)
        if self.dice.random() < SEVERAL_SHARE:
            name, label = self._with_another(name, label)
        parts: list[str] = []
        for share, add in (
            (0.4, self._group), (0.2, self._grain), (0.35, self._filter), (0.15, self._compare),
            (0.15, self._negation), (0.2, self._ranking),
        ):  # fmt: skip
            if self.dice.random() < share:
                part, label = add(label)
                parts.append(part)
        if self.dice.random() < 0.65:  # noqa: PLR2004
            parts.append(self._when())
        return Utterance(self._said(self._ordered(name, parts)), label)

    def _with_another(self, name: str, label: Label) -> tuple[str, Label]:
        other = self.dice.choice(sorted(metric_names(self.language).items()))
        joined = self.dice.choice(self.words["and"])
        said = f"{name}{self.gap}{joined}{self.gap}{self.dice.choice(other[1])}"
        return said, replace(label, several="some")

    def _ordered(self, name: str, parts: list[str]) -> str:
        self.dice.shuffle(parts)
        first = self.dice.randrange(len(parts) + 1)
        if self.language == "en" and self.dice.random() < 0.7:  # noqa: PLR2004
            first = 0
        parts.insert(first, name)
        opening = self.dice.choice(self.words["openings"]) if self.dice.random() < 0.5 else ""  # noqa: PLR2004
        ending = self.dice.choice(self.words["endings"]) if self.dice.random() < 0.3 else ""  # noqa: PLR2004
        return self.gap.join(part for part in (opening, *parts, ending) if part)

    def _sounds(self, each: int) -> dict[str, list[str]]:
        """Return what questions for figures sound like, as many for each as there are turns."""
        known = metric_names(self.language)
        said = _sound_file(self.language)
        most = each if each > 1 else 0
        return {name: phrases[:most] for name, phrases in said.items() if name in known}

    def _sounding(self, metric: str, phrase: str) -> Utterance:
        """Make a question that asks for a figure in other words than its name."""
        dice = self.dice
        parts = [phrase]
        if dice.random() < 0.4:  # noqa: PLR2004
            parts.insert(dice.choice((0, 1)), mask_of(dice.choice(_ENTITIES)))
        if dice.random() < 0.5:  # noqa: PLR2004
            parts.insert(dice.choice((0, len(parts))), self._when())
        return Utterance(self._said(self.gap.join(parts)), Label("report", metric))

    def _framed(self, frame: Mapping[str, Any]) -> Utterance:
        dice, words = self.dice, self.words
        phrase = str(dice.choice(frame["phrases"]))
        direction = str(frame.get("direction", "")).rpartition("_")[2] or NONE
        label = Label("report", str(frame["metric"]), direction=direction)
        who = ""
        subject = str(frame.get("subject", ""))
        if subject in self.dimensions and dice.random() < 0.6:  # noqa: PLR2004
            name = str(dice.choice(self.dimensions[subject]))
            who = self.gap.join((dice.choice(words["which"]), name))
            label = replace(label, by=frozenset({subject}))
        elif frame.get("actor") == "we":
            who = dice.choice(words["we"])
        elif dice.random() < 0.4:  # noqa: PLR2004
            who = mask_of(subject or "customer")
        parts = [part for part in (who, phrase) if part]
        if dice.random() < 0.7:  # noqa: PLR2004
            parts.insert(dice.choice((0, len(parts))), self._when())
        return Utterance(self._said(self.gap.join(parts)), label)

    def _group(self, label: Label) -> tuple[str, Label]:
        metric = label.target
        known = [d for d in CATALOGUE.dimensions_of(metric) if d in self.dimensions]
        if not known:
            return "", label
        chosen = self.dice.choice(known)
        by, name = (
            self.dice.choice(self.words["by"]),
            str(self.dice.choice(self.dimensions[chosen])),
        )
        return f"{by}{self.gap}{name}", replace(label, by=label.by | {chosen})

    def _grain(self, label: Label) -> tuple[str, Label]:
        unit, names = self.dice.choice(sorted(self.file["grains"].items()))
        return str(self.dice.choice(names)), replace(label, grain=str(unit))

    def _filter(self, label: Label) -> tuple[str, Label]:
        kind = self.dice.choice(_ENTITIES)
        return f"{self.dice.choice(self.words['for'])}{self.gap}{mask_of(kind)}", label

    def _negation(self, label: Label) -> tuple[str, Label]:
        before, after = self.dice.choice(self.words["without"])
        kind = mask_of(self.dice.choice(_ENTITIES))
        said = self.gap.join(part for part in (before, kind, after) if part)
        return said, replace(label, negation="some")

    def _compare(self, label: Label) -> tuple[str, Label]:
        names = [str(name) for many in self.file["comparisons"].values() for name in many]
        said = self.dice.choice((self.dice.choice(names), self.dice.choice(self.words["versus"])))
        return said, replace(label, compare="some")

    def _ranking(self, label: Label) -> tuple[str, Label]:
        direction = self.dice.choice(("desc", "desc", "asc"))
        words = self.words["top"] if direction == "desc" else self.words["bottom"]
        known = [d for d in CATALOGUE.dimensions_of(label.target) if d in self.dimensions]
        if not known:
            return "", label
        chosen = self.dice.choice(known)
        said = self.gap.join(
            (self.dice.choice(words), str(self.dice.choice(self.dimensions[chosen])))
        )
        return said, replace(label, direction=direction, by=label.by | {chosen})

    def _when(self) -> str:
        return str(self.dice.choice(self.words["when"]))

    # Requests.

    def actions(self, each: int) -> list[Utterance]:
        """Make requests for every tool that is called for by phrases."""
        made = []
        for name, said in sorted(self.file["tools"].items()):
            tool = TOOLBOX.tools.get(name)
            phrases = [str(phrase) for phrase in said["phrases"]]
            more = [str(phrase) for phrase in self.file["verbs"].get(name, ())]
            if tool is None or not phrases:
                continue
            cues = said.get("cues", {})
            for place in range(each):
                phrase = phrases[place] if place < len(phrases) else self.dice.choice(phrases)
                made.append(self._action(tool, phrase, cues))
            made += [self._action(tool, phrase, cues) for phrase in more[: each - 1]]
        return made

    def _action(self, tool: Tool, phrase: str, cues: Mapping[str, Sequence[str]]) -> Utterance:
        dice = self.dice
        slots = [s for s in slots_of(tool.arguments) if s.required or dice.random() < 0.25]  # noqa: PLR2004
        parts = [self._slot(slot, cues) for slot in slots[:5]]
        if dice.random() < 0.25:  # noqa: PLR2004
            dice.shuffle(parts)
        # Chinese says what is acted on first as often as not.
        at = dice.randrange(len(parts) + 1) if self.language == "zh" else 0
        parts.insert(at, phrase)
        return Utterance(
            self._said(self.gap.join(p for p in parts if p)), Label("action", tool.name)
        )

    def _slot(self, slot: Slot, cues: Mapping[str, Sequence[str]]) -> str:
        dice = self.dice
        value = {
            "ref": mask_of(slot.ref), "day": TIME, "period": TIME, "words": QUOTED, "text": QUOTED,
        }.get(slot.kind, NUMBER)  # fmt: skip
        if slot.name in {"order", "invoice", "bill", "number", "proposal", "delivery", "receipt"}:
            value = document_of(next(iter(prefixes_of(slot)), ""))
        if slot.kind in {"flag", "choice", "other"}:
            return ""
        if slot.kind == "lines":
            value = self.gap.join((NUMBER, mask_of("item")))
        known = [*cues.get(slot.name, ()), *self.file["cues"].get(slot.name, ())]
        cue = str(dice.choice(known)) if known and dice.random() < 0.7 else ""  # noqa: PLR2004
        return self.gap.join(part for part in (cue, value) if part)

    # Records, definitions, reasons, and what is to come.

    def others(self, each: int) -> list[Utterance]:
        """Make questions for records, for what words mean, for reasons, and for the future."""
        made = [self._records(kind) for kind in RECORDS.kinds for _ in range(each)]
        names = metric_names(self.language)
        ways: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("define", lambda n: self._around(n, self.words["define"])),
            ("why", lambda n: self._around(n, self.words["why"])),
            ("forecast", lambda n: self._around(n, self.words["forecast"])),
        )
        for metric, known in names.items():
            for kind, way in ways:
                for _ in range(max(1, each // 8)):
                    text = way(str(self.dice.choice(known)))
                    made.append(Utterance(self._said(text), Label(kind, metric)))
        return made

    def _around(self, name: str, patterns: Sequence[str]) -> str:
        return self.dice.choice(patterns).format(name=name, when=self._when())

    def _records(self, kind: str) -> Utterance:
        dice = self.dice
        names = RECORDS.kinds[kind].names.all_in(self.language)
        fields = [
            str(word)
            for field in RECORDS.fields[kind].values()
            for word in (
                *(field.names.all_in(self.language) if dice.random() < 0.2 else ()),  # noqa: PLR2004
                *(pair[self.language == "zh"] for pair in field.words.values()),
            )
        ]
        state = dice.choice(fields) if fields and dice.random() < 0.5 else ""  # noqa: PLR2004
        whose = mask_of(dice.choice(_ENTITIES)) if dice.random() < 0.4 else ""  # noqa: PLR2004
        verb = str(dice.choice(self.file["lists"]["words"]["verb"]))
        parts = (
            verb,
            state,
            str(dice.choice(names)),
            dice.choice(self.words["for"]) if whose else "",
            whose,
        )
        if self.language == "zh":
            parts = (verb, whose, state, str(dice.choice(names)), "")
        return Utterance(self._said(self.gap.join(p for p in parts if p)), Label("list", kind))

    # What people do to a sentence.

    def _said(self, text: str) -> str:
        if self.dice.random() < COURTESY_SHARE:
            before, after = self.dice.choice(self.words["courtesies"])
            text = self.gap.join(part for part in (before, text, after) if part)
        if self.dice.random() < DROP_SHARE:
            text = self._dropped(text)
        return self._typo(text) if self.dice.random() < TYPO_SHARE else text

    def _dropped(self, text: str) -> str:
        """Leave out a small word, as people in a hurry do."""
        for small in self.dice.sample(self.words["small"], len(self.words["small"])):
            if small in text:
                return text.replace(small, self.gap, 1)
        return text

    def _typo(self, text: str) -> str:
        place = self.dice.randrange(len(text))
        if not (text[place].isascii() and text[place].isalpha()):
            return text
        if self.dice.random() < 0.5:  # noqa: PLR2004
            return text[:place] + text[place + 1 :]
        return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
