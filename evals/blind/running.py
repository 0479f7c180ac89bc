"""Ask every sentence of a blind set, and report honestly what became of it.

Right; right but one click away (it was among what was asked back); wrong, which nobody would
notice; needlessly asked or refused; and answered although it should not have been.
"""

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.reading import (
    ANSWER,
    ApprovalReply,
    Ask,
    Calls,
    Judging,
    Reader,
    Reading,
    Refuse,
    Reply,
)
from agents.interpreter.second.judge import changes
from core.kernel.errors import Language
from core.reporting.query import ReportQuery
from evals.blind.scoring import Names, same_calls, same_decision, same_query
from evals.blind.sets import FILES, FRESH, HERE, LATE, Question, chosen
from evals.blind.sureness import sureness
from evals.understanding import after, load_lexicon, load_world, plain

SETS = ("blind", "fresh", "late", "development", "frozen")
Verdict = Literal["right", "held", "wrong", "needless", "missed"]
VERDICTS: tuple[Verdict, ...] = ("right", "held", "wrong", "needless", "missed")
OPTIONS_MAX = 5


@dataclass(frozen=True)
class Outcome:
    """What became of one sentence."""

    set: str
    id: str
    language: Language
    tags: tuple[str, ...]
    text: str
    verdict: Verdict
    got: str
    ms: float
    # How likely the second reader holds it to be right, answered or only asked about.
    chance: float | None = None
    # It was put on a card: nothing is done before somebody approves what the card shows.
    is_card: bool = False

    @property
    def is_meant(self) -> bool:
        """Whether the reading was right, also where it was only asked about."""
        return self.verdict == ("right" if _answered(self) else "held")


@dataclass(frozen=True)
class Place:
    """A world that is asked about: its names, its words, and its day."""

    names: Names
    lexicon: Lexicon
    today: date


def open_place(world: str) -> Place:
    """Read the names of a world, and compile the lexicon of somebody who may do everything."""
    file = HERE / f"{world}.yaml"
    entities, today = load_world(file)
    said = yaml.safe_load(file.read_text("utf-8"))
    return Place(Names.of(said), load_lexicon(entities, currency=said["currency"]), today)


class Run:
    """One pass over a set: every conversation is held from its first message to its last."""

    def __init__(self, places: Mapping[str, Place], judge: Judging | None = None) -> None:
        self.places = places
        self.reader = Reader(judge)

    def outcomes(self, questions: Sequence[Question]) -> Iterator[Outcome]:
        """Ask all of them."""
        threads: dict[str, DialogueContext] = defaultdict(DialogueContext)
        for question in questions:
            before = threads[question.thread]
            started = time.perf_counter()
            reading = self._read(question.text, question, before)
            ms = (time.perf_counter() - started) * 1000
            verdict, settled = self._judged(question, reading, before)
            threads[question.thread] = after(settled, before)
            said = json.dumps(plain(reading), ensure_ascii=False, default=str)
            yield Outcome(
                question.set, question.id, question.language, question.tags, question.text,
                verdict, f"{said} {_asked(reading, question.language)}".strip(), round(ms, 2),
                reading.confidence if isinstance(reading, Ask | Calls) else None,
                isinstance(reading, Calls) and changes(reading),
            )  # fmt: skip

    def _read(self, text: str, question: Question, context: DialogueContext) -> Reading:
        place = self.places[question.world]
        return self.reader.read(
            text,
            language_hint=question.language,
            context=context,
            lexicon=place.lexicon,
            today=place.today,
        )

    def _judged(
        self, question: Question, reading: Reading, before: DialogueContext
    ) -> tuple[Verdict, Reading]:
        """Return what to call a reading, and the one that the conversation goes on with."""
        if any(self._is(reading, want, question) for want in question.expected):
            return "right", reading
        best = question.expected[0]
        if "refuse" in best:
            return ("missed" if _acts(reading) else "right"), reading
        if "ask" in best:
            return ("wrong" if _acts(reading) else "needless"), reading
        if _acts(reading):
            return "wrong", reading
        if isinstance(reading, Ask):
            for clicked in self._clicked(question, reading, before):
                if any(self._is(clicked, want, question) for want in question.expected):
                    return "held", clicked
        return "needless", reading

    def _clicked(
        self, question: Question, asked: Ask, before: DialogueContext
    ) -> Iterator[Reading]:
        """Yield what comes of each answer that is offered."""
        if asked.frame is not None and asked.frame.calls:
            yield Calls(tuple(dict(call) for call in asked.frame.calls))
        waiting = after(asked, before)
        for option in asked.options[:OPTIONS_MAX]:
            yield self._read(option.reply, question, waiting)

    def _is(self, reading: Reading, want: Mapping[str, Any], question: Question) -> bool:
        place = self.places[question.world]
        if "ask" in want:
            return isinstance(reading, Ask)
        if "refuse" in want:
            return isinstance(reading, Refuse)
        if "approval" in want:
            return isinstance(reading, ApprovalReply) and same_decision(plain(reading), want)
        if not isinstance(reading, Calls):
            return False
        if "query" in want:
            return _is_query(reading, want, place)
        try:
            return same_calls(reading.calls, want["calls"], place.names)
        except ValidationError:
            return False


def _is_query(reading: Calls, want: Mapping[str, Any], place: Place) -> bool:
    if len(reading.calls) != 1 or reading.calls[0]["tool"] != ANSWER:
        return False
    got = ReportQuery.model_validate(reading.calls[0]["arguments"]["query"])
    wanted = ReportQuery.model_validate(want["query"])
    return same_query(got, wanted, want.get("free", ()), place.names, place.today)


def _acts(reading: Reading) -> bool:
    """Tell whether something is answered, proposed or decided, rather than asked or refused."""
    return not isinstance(reading, Ask | Refuse | Reply)


def _asked(reading: Reading, language: Language) -> str:
    return reading.question.in_(language) if isinstance(reading, Ask) else ""


def open_places() -> dict[str, Place]:
    """Open both worlds."""
    return {world: open_place(world) for world in ("demo", "adventureworks")}


def run(name: str, judge: Judging | None = None) -> list[Outcome]:
    """Ask all sentences of a set."""
    return list(Run(open_places(), judge).outcomes(chosen(name)))


# The report.


def summary(outcomes: Sequence[Outcome], *, with_each: bool) -> str:
    """Return the table of a run; with `with_each`, also every sentence that did not come right."""
    groups = {name: [o for o in outcomes if o.set == name] for name in (*FILES, *FRESH, *LATE)}
    for kind in ("all", *sorted({tag for outcome in outcomes for tag in outcome.tags})):
        for language in ("en", "zh"):
            groups[f"{kind} {language}"] = [
                o for o in outcomes if o.language == language and kind in {"all", *o.tags}
            ]
    lines = [
        _row("", ("of", *VERDICTS, "right %", "+1 click %", "silent %", "cards %")),
        *(_figures(name, mine) for name, mine in groups.items() if mine),
    ]
    times = sorted(outcome.ms for outcome in outcomes)
    lines.append(
        f"a message: median {statistics.median(times):.1f} ms,"
        f" p99 {times[int(len(times) * 0.99)]:.1f} ms"
    )
    if weighed := [o for o in outcomes if o.chance is not None]:
        lines += sureness([(o.chance or 0.0, o.is_meant) for o in weighed])
    if with_each:
        lines += [f"{o.verdict:<9}{o.id} {o.text}\n         {o.got}" for o in outcomes
                  if o.verdict != "right"]  # fmt: skip
    return "\n".join(lines)


def _row(name: str, cells: Sequence[object]) -> str:
    return f"{name:<24}" + "".join(f"{cell!s:>11}" for cell in cells)


def _figures(name: str, mine: Sequence[Outcome]) -> str:
    counts = Counter(outcome.verdict for outcome in mine)
    return _row(name, (len(mine), *(counts[v] for v in VERDICTS), *shares(mine).values()))


def shares(mine: Sequence[Outcome]) -> dict[str, str]:
    """Return the percentages that matter: right, right with a click, wrong answers, wrong cards.

    Silently wrong is what was answered although it was read wrongly or should have been refused,
    of all that was answered. What would change something is put on a card that shows all of it,
    and nothing is done before somebody approves: how many of the cards are wrong is said apart.
    """
    counts = Counter(outcome.verdict for outcome in mine)
    return {
        "right": _percent(counts["right"], len(mine)),
        "one_click": _percent(counts["right"] + counts["held"], len(mine)),
        "silent_wrong": _wrong_of([o for o in mine if not o.is_card]),
        "wrong_cards": _wrong_of([o for o in mine if o.is_card]),
    }


def _wrong_of(mine: Sequence[Outcome]) -> str:
    acted = [o for o in mine if o.verdict in {"wrong", "missed"} or _answered(o)]
    return _percent(sum(o.verdict != "right" for o in acted), len(acted))


def _answered(outcome: Outcome) -> bool:
    return not outcome.got.startswith(('{"ask"', '{"refuse"', '{"reply"'))


def _percent(part: int, whole: int) -> str:
    return "-" if whole == 0 else f"{100 * part / whole:.1f}"


def kept(name: str, outcomes: Sequence[Outcome], day: date) -> dict[str, Any]:
    """Return a run in plain values, to be kept beside others."""
    by_language = {
        language: [o for o in outcomes if o.language == language] for language in ("en", "zh")
    }
    return {
        "set": name,
        "model": "embedded",
        "day": day.isoformat(),
        "shares": {language: shares(mine) for language, mine in by_language.items()},
        "counts": {
            language: dict(Counter(o.verdict for o in mine))
            for language, mine in by_language.items()
        },
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }


def measure(name: str, out: Path | None, day: date, judge: Judging | None = None) -> str:
    """Run a set, keep the result where it is wanted, and return the table.

    Of the frozen third no sentence is shown that was not understood: nobody shall tune on it.
    """
    outcomes = run(name, judge)
    if out is not None:
        result = kept(name, outcomes, day)
        if name == "frozen":
            result["outcomes"] = [
                {"id": each["id"], "verdict": each["verdict"], "ms": each["ms"]}
                for each in result["outcomes"]
            ]
        out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return summary(outcomes, with_each=name != "frozen")
