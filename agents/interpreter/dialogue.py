"""What a message means because of what was said before: yes and no, and questions that go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from agents.interpreter.draft import Draft
from agents.interpreter.lexicon import LANGUAGES, phrase_file
from agents.interpreter.normalise import Norm
from agents.interpreter.numbers import scan_numbers
from agents.interpreter.times import scan_times
from agents.interpreter.tokens import Token, stems
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain, Span, shift_back
from core.reporting.query import AsOf, Having, Period, Range, Relative, ReportQuery

Verdict = Literal["approve", "reject", "undo", "edit"]
SmallTalk = Literal["greeting", "thanks", "help"]
PHRASE_WORDS_MAX = 9
_SMALL_TALK: tuple[SmallTalk, ...] = ("greeting", "thanks", "help")


@dataclass(frozen=True)
class Frame:
    """A question of ours that waits for an answer: what was said, and what to put in its place.

    With `replace`, the answer takes the place of these words; without, it is added at the end.
    `options` are what was offered; `calls` are run when the answer is yes.
    """

    text: str
    replace: str = ""
    options: tuple[tuple[str, str, str], ...] = ()
    calls: tuple[Mapping[str, Any], ...] = ()
    # The answer is somebody's reason or note, taken word by word.
    verbatim: bool = False
    # What each option stands for, where it is no words to be read but calls to be made.
    choices: tuple[tuple[Mapping[str, Any], ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values, to be kept in a message."""
        return {
            "text": self.text,
            "replace": self.replace,
            "options": [list(option) for option in self.options],
            "calls": [dict(call) for call in self.calls],
            "verbatim": self.verbatim,
            "choices": [[dict(call) for call in calls] for calls in self.choices],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Frame":
        """Read what `to_json` wrote."""
        options = tuple((str(a), str(b), str(c)) for a, b, c in plain.get("options", ()))
        return cls(
            str(plain["text"]),
            str(plain.get("replace", "")),
            options,
            tuple(plain.get("calls", ())),
            bool(plain.get("verbatim", False)),
            tuple(tuple(calls) for calls in plain.get("choices", ())),
        )

    def meant_by(self, reply: str) -> tuple[Mapping[str, Any], ...]:
        """Return the calls that a chosen option stands for, if it stands for some."""
        replies = [each for _, _, each in self.options]
        place = replies.index(reply) if reply in replies else len(self.choices)
        return self.choices[place] if place < len(self.choices) else ()


@dataclass(frozen=True)
class DialogueContext:
    """What the conversation so far leaves open; rebuilt from its messages every turn."""

    last_query: ReportQuery | None = None
    last_calls: tuple[Mapping[str, Any], ...] = ()
    pending: Frame | None = None
    # Whether a proposal of this conversation waits for a decision.
    proposal_open: bool = False
    # Document numbers spoken of, the newest first.
    focus: tuple[str, ...] = field(default=())
    # The question that was answered last, of whatever kind: what "save this" means.
    last_asked: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Said:
    """A decision as it was said: the verdict, and what came with it."""

    verdict: Verdict
    number: Decimal | None = None
    day: date | None = None
    reason: str = ""
    proposal: str = ""


def decision_in(norm: Norm, tokens: Sequence[Token], today: date) -> Said | None:
    """Read a message that is nothing but a decision on what was proposed."""
    words = [
        token for token in tokens if token.kind != "mark" or token.text in {",", ":", "\u241f"}
    ]
    proposal, words = _proposal_in(words)
    verdict, taken = _verdict(words)
    if verdict is None:
        return _trailing_edit(norm, words, today, proposal)
    rest = [token for token in words[taken:] if token.kind != "mark"]
    if not rest:
        return None if verdict == "edit" else Said(verdict, proposal=proposal)
    if verdict in {"reject", "edit"} and (edit := _edited(norm, rest, today, proposal)):
        return edit
    if verdict == "reject":
        reason = _reason(norm, words[taken:])
        return Said("reject", reason=reason, proposal=proposal) if reason else None
    return None


# A no or a "not" in front of words belongs to them, unless something stands between.
_NEGATIVE = frozenset({"no", "not", "n't", "n", "only", "不", "是", "不是", "不要", "好", "对"})


_INSTEAD = frozenset({"instead", "rather"})


def corrected(norm: Norm, tokens: Sequence[Token]) -> str:
    """Return what is said behind "no," or "make it": how the last question should have been."""
    words = [t for t in tokens if t.kind != "mark" or t.text in {",", ":", "\u241f"}]
    verdict, taken = _verdict(words)
    if verdict is None and len(words) > 1 and words[-1].stem in _INSTEAD:
        return norm.said(words[0].start, words[-2].end)
    if verdict not in {"edit", "reject"} or not 0 < taken < len(words):
        return ""
    said = "".join(token.text for token in words[:taken])
    if said in _NEGATIVE and words[taken].kind != "mark":
        return ""
    rest = [token for token in words[taken:] if token.kind != "mark"]
    return norm.said(rest[0].start, rest[-1].end) if rest else ""


def _proposal_in(words: list[Token]) -> tuple[str, list[Token]]:
    for place, token in enumerate(words):
        if (
            token.kind == "code"
            and token.text.startswith("pr")
            and token.text.lstrip("pr-").isdigit()
        ):
            number = f"PR-{int(token.text.lstrip('pr-')):05d}"
            return number, words[:place] + words[place + 1 :]
    return "", words


@cache
def _phrases() -> dict[tuple[str, ...], tuple[Verdict | Literal["filler"], ...]]:
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for language in LANGUAGES:
        dialogue = phrase_file(language)["dialogue"]
        for verdict in ("approve", "reject", "undo", "edit"):
            for phrase in dialogue[verdict]:
                key = stems(str(phrase))
                found[key] = (*found.get(key, ()), verdict)
        for phrase in (
            "please",
            "thanks",
            "then",
            "now",
            "吧",
            "请",
            "了",
            "谢谢",
            "it",
            "that",
            "this",
            "proposal",
            "提案",
            "the",
            "change",
            "order",
            "订单",
        ):
            found.setdefault(stems(phrase), ("filler",))
    return found


def _verdict(words: list[Token]) -> tuple[Verdict | None, int]:
    phrases = _phrases()
    place, taken, verdict = 0, 0, None
    while place < len(words):
        if words[place].kind == "mark":
            place += 1
            continue
        length, kinds = _longest(words, place, phrases)
        if not kinds or (verdict is None and kinds == ("filler",) and place > 2):  # noqa: PLR2004
            break
        kind = kinds[0]
        if kind == "filler":
            place += length
            taken = place
            continue
        if verdict is None:
            verdict = kind
        elif verdict != kind and verdict not in kinds:
            if verdict == "reject" and "edit" in kinds:
                verdict = "edit"
            elif {verdict, kind} == {"approve", "reject"}:
                return None, 0
        place += length
        taken = place
    return verdict, taken


def _longest(
    words: list[Token], place: int, phrases: Mapping[tuple[str, ...], tuple[Any, ...]]
) -> tuple[int, tuple[Any, ...]]:
    for length in range(min(PHRASE_WORDS_MAX, len(words) - place), 0, -1):
        key = tuple(token.stem for token in words[place : place + length])
        if kinds := phrases.get(key):
            return length, kinds
    return 0, ()


_UNITS = frozenset(
    [
        "piece",
        "unit",
        "pcs",
        "pc",
        "x",
        "of",
        "it",
        "quantity",
        "qty",
        "days",
        "day",
        "to",
        "个",
        "件",
        "台",
        "盏",
        "条",
        "只",
        "箱",
        "套",
        "吧",
        "了",
        "的",
        "就",
        "好",
        "要",
        "please",
        "instead",
        "by",
        "for",
        "until",
        "only",
        "rather",
        "之前",
        "前",
        "到",
        "on",
        "at",
        "the",
        "张",
    ]
)


def _edited(norm: Norm, rest: Sequence[Token], today: date, proposal: str) -> Said | None:
    start, end = rest[0].start, rest[-1].end
    text = norm.text[start:end]
    for time in scan_times(text, today):
        outside = text[: time.start] + " " + text[time.end :]
        if not time.bare and _only_units(outside) and (day := time.day(today)):
            return Said("edit", day=day, proposal=proposal)
    numbers = scan_numbers(text)
    if len(numbers) == 1:
        number = numbers[0]
        if (
            _only_units(text[: number.start] + " " + text[number.end :])
            and not number.number.approximate
        ):
            return Said("edit", number=number.number.value, proposal=proposal)
    return None


def _only_units(text: str) -> bool:
    return all(stem in _UNITS or not stem.strip(" ,.!\u241f") for stem in stems(text))


def _trailing_edit(norm: Norm, words: list[Token], today: date, proposal: str) -> Said | None:
    # "50 instead", "50 please".
    if not words or words[-1].stem not in _INSTEAD:
        return None
    return _edited(norm, words, today, proposal)


def _reason(norm: Norm, words: Sequence[Token]) -> str:
    because = {
        stems(str(p)) for lang in LANGUAGES for p in phrase_file(lang)["dialogue"]["because"]
    }
    rest = list(words)
    introduced = bool(rest) and rest[0].kind == "mark"
    while rest and rest[0].kind == "mark":
        rest = rest[1:]
    for length in (4, 3, 2, 1):
        if tuple(token.stem for token in rest[:length]) in because:
            rest, introduced = rest[length:], True
            break
    if not introduced or not rest:
        return ""
    return norm.said(rest[0].start, rest[-1].end).strip(" ,，。.")


def small_talk(tokens: Sequence[Token]) -> SmallTalk | None:
    """Tell what kind of small talk a message is, if it is nothing else."""
    key = tuple(token.stem for token in tokens if token.kind != "mark")
    if not key and tokens and all(token.text == "?" for token in tokens):
        return "help"
    left: tuple[str, ...] = key
    kind: SmallTalk | None = None
    while left:
        for length in range(min(len(left), PHRASE_WORDS_MAX), 0, -1):
            if found := _small_talk().get(left[:length]):
                # "Hello, what can you do?" asks for help.
                kind = found if kind is None or found == "help" else kind
                left = left[length:]
                break
        else:
            return None
    return kind


@cache
def _small_talk() -> dict[tuple[str, ...], SmallTalk]:
    found: dict[tuple[str, ...], SmallTalk] = {}
    for kind in _SMALL_TALK:
        for language in LANGUAGES:
            for phrase in phrase_file(language)["dialogue"][kind]:
                found[stems(str(phrase))] = kind
    return found


def continued(last: ReportQuery, draft: Draft) -> Draft:
    """Put what was just said into the last question: what is named anew replaces what was."""
    whole = Draft(
        metrics=list(last.metrics if draft.supposed or not draft.metrics else draft.metrics),
        dimensions=list(last.dimensions),
        grain=last.grain,
        period=_point_of(last, draft)
        or draft.period
        or (_moved_back(last.period) if draft.shifts else last.period),
        compare=draft.compare or last.compare,
        having=_of_metric(draft, last.metrics[0]),
        share=draft.share or last.share_of is not None,
        cumulative=draft.cumulative or last.cumulative is not None,
        growth=draft.growth,
        display=draft.display,
        others=draft.others or last.others,
        metric_named=True,
        issues=list(draft.issues),
        notices=list(draft.notices),
        cost=draft.cost,
        is_instead=draft.is_instead,
    )
    if whole.compare is not None and whole.period is None and whole.compare.to != "period":
        unit: Grain = "month" if whole.compare.to == "prior_period" else "year"
        whole.period = Relative(unit=unit)
    if draft.dimensions or draft.grain:
        if draft.adds:
            added = [d for d in draft.dimensions if d not in whole.dimensions]
            whole.dimensions += added
            whole.grain = draft.grain or whole.grain
        else:
            whole.dimensions, whole.grain = list(draft.dimensions), draft.grain
    if draft.drops:
        whole.dimensions, whole.grain, whole.limit = [], None, None
    whole.limit_per = next(
        (d for d in (draft.limit_per, last.limit_per) if d in whole.dimensions), ""
    )
    whole.filters = {
        (f.dimension, f.op == "not_in"): [v for v in f.values if not isinstance(v, str)]  # type: ignore[misc]
        for f in last.filters
        if f.op in {"in", "not_in"}
    }
    whole.containing = list(draft.containing) or [
        str(f.values[0]) for f in last.filters if f.op == "contains" and f.dimension == "item"
    ]
    renewed = {dimension for dimension, _ in draft.filters}
    whole.filters = {k: v for k, v in whole.filters.items() if k[0] not in renewed}
    whole.filters.update(draft.filters)
    _keep_order(whole, last, draft)
    return whole


def _point_of(last: ReportQuery, draft: Draft) -> Period | None:
    """Return the day that "a year ago" is of a state that was asked about before."""
    is_state = all(CATALOGUE.is_snapshot(metric) for metric in last.metrics)
    return AsOf(day=draft.point) if draft.point and is_state and not draft.metrics else None


def _of_metric(draft: Draft, metric: str) -> list[Having]:
    """Return the thresholds of a draft: of the last figure, where it names none itself."""
    if draft.metrics and not draft.supposed:
        return list(draft.having)
    return [one.model_copy(update={"metric": metric}) for one in draft.having]


def _moved_back(period: Period | None) -> Period | None:
    if isinstance(period, Relative):
        return period.model_copy(update={"offset": period.offset - period.count})
    if isinstance(period, Range) and period.start and period.end:
        before = shift_back(Span(period.start, period.end))
        return Range(start=before.start, end=before.end)
    return period


def _keep_order(whole: Draft, last: ReportQuery, draft: Draft) -> None:
    if draft.rows and last.limit:
        draft.limit = draft.rows
    if draft.direction:
        whole.direction, whole.order_what = draft.direction, draft.order_what
        whole.limit = draft.limit or last.limit
    elif last.order and not draft.dimensions and not draft.drops:
        whole.direction, whole.order_what = last.order[0].dir, last.order[0].what
        whole.limit = draft.limit or last.limit
    elif draft.limit or (last.limit and not draft.drops and not draft.dimensions):
        whole.limit = draft.limit or last.limit
    if not draft.having and (draft.supposed or not draft.metrics):
        whole.having = list(last.having)
