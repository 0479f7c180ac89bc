"""What to do with a reading: answer, confirm with one click, or offer what was probably meant.

A reading that is not sure enough is read back and run on a click; where the first reader asks or
refuses, the nearest readings that both readers can stand behind are offered instead of nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.interpreter.dialogue import Frame
from agents.interpreter.explaining import EXPLAIN
from agents.interpreter.lattice import Path
from agents.interpreter.reading import (
    ANSWER,
    CHANGE,
    DEFINE,
    LIST,
    Ask,
    Calls,
    Option,
    Reading,
    Refuse,
    Turned,
    as_kept,
)
from agents.interpreter.second.agreement import SIGNS, signs
from agents.interpreter.second.calibration import Calibration
from agents.interpreter.second.features import masked
from agents.interpreter.second.labels import Label, label_of
from agents.interpreter.second.model import Opinion, SecondReader
from agents.interpreter.second.supposing import Supposed, supposed
from agents.interpreter.spans import ToolSense
from agents.interpreter.things import argument
from core.kernel.semantics import Said
from core.reporting.lists import RECORDS, ListQuery
from core.reporting.query import ReportQuery
from core.reporting.readback import period_said, read_back
from tools import TOOLBOX

# What the second reader alone must be sure of before it is offered.
OFFERED_FROM, OFFERS_MAX = 0.1, 5
# So many others are shown beside "run" and "change", and so many figures are tried by name.
RIVALS_MAX, NAMED_MAX = 3, 2
# From where on another reading is offered beside one that is asked about.
RIVAL_FROM = 0.1
# What the first reader makes of a message by itself is worth more than what is only supposed.
READ_WHOLE = 2.0
VALUES_SHOWN_MAX = 6
# The second reader takes it for another kind of message: less than one chance in four or five.
UNLIKELY = 1.5


@dataclass(frozen=True)
class Judge:
    """Weighs every reading with a second opinion; holds nothing of a conversation."""

    second: SecondReader
    calibration: Calibration

    def settle(self, reading: Reading, turn: Turned, again: Callable[[str], Reading]) -> Reading:
        """Return what to do: the reading itself, or one question about it."""
        if isinstance(reading, Calls):
            return self._weighed(reading, turn) if weighs(reading) else reading
        if isinstance(reading, Ask) and _is_choice_of_records(reading):
            return reading
        if isinstance(reading, Ask | Refuse) and not self._is_final(reading):
            return self._offered(reading, turn, again) or reading
        return reading

    def signs(self, reading: Calls, turn: Turned) -> list[float]:
        """Return what speaks for a reading and against it."""
        label = _label(reading)
        return signs(
            self._opinion(turn),
            label,
            turn.acting if label.kind == "action" and turn.acting else turn.paths,
            turn.language,
            has_context=turn.context.last_query is not None,
            calls=len(reading.calls),
        )

    def _opinion(self, turn: Turned) -> Opinion:
        return self.second.opinion(masked(turn.paths[0].pieces))

    def _weighed(self, reading: Calls, turn: Turned) -> Reading:
        found = self.signs(reading, turn)
        chance = self.calibration.chance(SIGNS, found)
        if changes(reading):
            # The card shows all that would happen, and the first reader has asked about words
            # that it could not take as they stand: to ask once more is a step too many.
            sure = found[SIGNS.index("kind")] <= UNLIKELY
        else:
            sure = chance >= self.calibration.answer_from
        if sure:
            return replace(reading, confidence=chance)
        others = [
            Calls(one.calls)
            for one in supposed(turn, self._opinion(turn), OFFERS_MAX)
            if one.chance >= RIVAL_FROM and one.calls != reading.calls
        ]
        return confirming(reading, chance, others[:RIVALS_MAX])

    # Where the first reader asks or refuses.

    @staticmethod
    def _is_final(reading: Ask | Refuse) -> bool:
        """Tell whether it was understood well, and cannot be done."""
        return isinstance(reading, Refuse) and reading.kind not in {"unknown", "impossible"}

    def _offered(
        self, reading: Ask | Refuse, turn: Turned, again: Callable[[str], Reading]
    ) -> Ask | None:
        opinion = self._opinion(turn)
        found: list[Supposed] = []
        if isinstance(reading, Ask) and reading.frame is not None and reading.frame.calls:
            found.append(Supposed(READ_WHOLE, reading.frame.calls))
        for text in dict.fromkeys(self._otherwise(reading, turn, opinion)):
            read = again(text)
            if isinstance(read, Calls):
                chance = opinion.chance("target", _label(read).target)
                found.append(Supposed(READ_WHOLE * chance, read.calls))
        found += supposed(turn, opinion, OFFERS_MAX)
        found.sort(key=lambda one: -one.chance)
        offers: list[Calls] = []
        for one in found:
            if one.calls not in [offer.calls for offer in offers]:
                offers.append(Calls(one.calls))
        return choosing(reading, offers[:OFFERS_MAX]) if offers else None

    @staticmethod
    def _otherwise(reading: Ask | Refuse, turn: Turned, opinion: Opinion) -> Iterator[str]:
        """Yield other ways to say the message: without what is unknown, or with a figure named."""
        unknown = [piece for piece in _meant(turn).unknown if piece.text.strip()]
        bare = _without(turn, [(piece.start, piece.end) for piece in unknown])
        if isinstance(reading, Ask) and reading.frame is not None and reading.frame.replace:
            said = reading.frame.replace
            if not any(sign.isdigit() for sign in said):
                yield " ".join(turn.norm.original.replace(said, " ", 1).split())
        if unknown and not any(c.isdigit() for p in unknown for c in p.text):
            yield bare
        kind, _ = opinion.best("kind")[0]
        for target, chance in opinion.best("target", NAMED_MAX):
            if chance < OFFERED_FROM or target not in turn.lexicon.metrics or kind == "action":
                continue
            name = turn.lexicon.metrics[target].names.in_(turn.language)
            yield f"{bare} {name}"


def weighs(reading: Calls) -> bool:
    """Tell whether a reading is of a kind of which there are enough judged sentences.

    What is looked up otherwise changes nothing, and says itself how it was understood.
    """
    return changes(reading) or _label(reading).kind == "report"


def changes(reading: Calls) -> bool:
    """Tell whether a reading would change anything."""
    return any(TOOLBOX.tools[str(call["tool"])].writes for call in reading.calls)


def _label(reading: Calls) -> Label:
    return label_of(reading.calls, answer=ANSWER, define=DEFINE, lists=LIST, explain=EXPLAIN)


def _is_choice_of_records(reading: Ask) -> bool:
    """Tell whether a question already offers what its words may mean."""
    if reading.is_guess:
        return False
    frame = reading.frame
    return bool(reading.options) and (frame is None or bool(frame.replace or frame.calls))


def _meant(turn: Turned) -> Path:
    """Return how the words are cut: as those of who acts, if a tool is called for."""
    acts = turn.acting and any(piece.sense(ToolSense) for piece in turn.acting[0].pieces)
    return turn.acting[0] if acts else turn.paths[0]


def _without(turn: Turned, stretches: list[tuple[int, int]]) -> str:
    """Return what was said without some stretches of it."""
    left, end = [], 0
    for start, last in stretches:
        left.append(turn.norm.said(end, start))
        end = last
    left.append(turn.norm.said(end, len(turn.norm.text)))
    return " ".join(part.strip() for part in left if part.strip())


def confirming(reading: Calls, chance: float, others: Sequence[Calls] = ()) -> Ask:
    """Read back what was understood, to be run on a click, or another reading instead."""
    meant = said_of(reading)
    named = [said_of(other) for other in others]
    options = (
        Option(Said("Run", "执行"), "yes"),
        *(Option(Said(f"Rather: {one.en}", f"改为：{one.zh}"), one.en) for one in named),
        Option(Said("Change", "修改"), CHANGE),
    )
    choices: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    if others:
        choices = ((), *(other.calls for other in others))
    return Ask(
        Said(f"I read it as: {meant.en}. Shall I?", f"我的理解是：{meant.zh}。要这样做吗？"),
        options,
        Frame("", "", as_kept(options), reading.calls, choices=choices),
        confidence=chance,
    )


def choosing(reading: Ask | Refuse, offers: Sequence[Calls]) -> Ask:
    """Offer the nearest readings of a message that was not understood as a whole."""
    before = reading.question if isinstance(reading, Ask) else reading.says
    if len(offers) == 1:
        one = confirming(offers[0], 0.0)
        said = Said(f"{before.en} {one.question.en}", f"{before.zh}{one.question.zh}")
        return replace(one, question=said)
    waiting = reading.frame if isinstance(reading, Ask) and reading.frame else Frame("")
    named = [said_of(offer) for offer in offers]
    options = tuple(Option(one, one.en) for one in named)
    said = Said(f"{before.en} Did you mean one of these?", f"{before.zh}您是指以下哪一个？")
    choices = tuple(offer.calls for offer in offers)
    # "Yes" still runs what the question itself offers.
    frame = replace(waiting, options=as_kept(options), choices=choices)
    return Ask(said, options, frame)


def said_of(reading: Calls) -> Said:
    """Say calls in one sentence of each language."""
    found = [_said_of(call) for call in reading.calls]
    return Said("; ".join(one.en for one in found), "；".join(one.zh for one in found))


def _said_of(call: Mapping[str, Any]) -> Said:
    tool, arguments = str(call["tool"]), call["arguments"]
    if tool == ANSWER:
        return read_back(ReportQuery.model_validate(arguments["query"]))
    if tool == LIST:
        return _said_of_list(ListQuery.model_validate(arguments["query"]))
    titled = TOOLBOX.tools[tool]
    given = [(argument(name), _value_said(value)) for name, value in arguments.items()]
    shown = [one for one in given if one[1]][:VALUES_SHOWN_MAX]
    en = ", ".join(f"{names[0]} {value}" for names, value in shown)
    zh = "，".join(f"{names[1]} {value}" for names, value in shown)
    return Said(
        f"{titled.title}: {en}" if en else titled.title,
        f"{titled.title_zh}：{zh}" if zh else titled.title_zh,
    )


def _value_said(value: Any) -> str:  # noqa: ANN401  # What an argument may be.
    """Say a value as people would; what an earlier step makes has no name yet."""
    if isinstance(value, Mapping):
        return " ".join(filter(None, map(_value_said, value.values())))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_value_said, value)))
    said = str(value)
    return "" if said.startswith("$") else said


def _said_of_list(query: ListQuery) -> Said:
    names = RECORDS.kinds[query.records].names
    en, zh = [names.en], [names.zh]
    for one in query.filters:
        field = RECORDS.fields[query.records][one.field]
        values = ", ".join(str(getattr(value, "label", None) or value) for value in one.values)
        if one.period is not None:
            values = period_said(one.period, "en")
        no = one.op in {"not_in", "ne"}
        en.append(f"{field.names.en}: {'not ' if no else ''}{values}")
        if one.period is not None:
            values = period_said(one.period, "zh")
        zh.append(f"{field.names.zh}：{'不是' if no else ''}{values}")
    return Said(", ".join(en), "，".join(zh))
