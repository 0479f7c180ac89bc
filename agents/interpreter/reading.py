"""Read one message: what to call, what to ask back, or what to say kindly instead."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from agents.interpreter.actions import ActionReading, read_actions
from agents.interpreter.dialogue import (
    DialogueContext,
    Frame,
    continued,
    corrected,
    decision_in,
    small_talk,
)
from agents.interpreter.dialogue import Said as Decision
from agents.interpreter.draft import Draft, Issue, fits, to_query
from agents.interpreter.explaining import EXPLAIN, cause_asked, to_explain
from agents.interpreter.lattice import Lattice, Path, lay_out
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.lists import ListReading, read_lists
from agents.interpreter.normalise import Norm, language_of, normalise
from agents.interpreter.reports import read_report
from agents.interpreter.spans import (
    DocumentSense,
    EntitySense,
    FillerSense,
    FrameSense,
    GrainSense,
    MetricSense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
    ToolSense,
    WordSense,
)
from agents.interpreter.standing import Standing, read_standing, report_query_of
from agents.interpreter.tokens import stems
from core.kernel.errors import Language
from core.kernel.semantics import Said
from core.kernel.words import capital
from core.reporting.lists import ListQuery
from core.reporting.query import ReportQuery, resolve
from core.reporting.readback import read_back

# How a question for a reason begins.
_WHY = ("why", "为什么")
# What asks for another price or limit, unlike words that ask for something to be deleted.
_RAISING = ("raise", "increase", "lower", "涨价", "降价", "调高", "调低", "上调", "下调")
ANSWER, DEFINE, LIST = "reporting.answer", "reporting.define", "reporting.list_records"
OPTIONS_MAX = 5
# The reply that takes back a reading which was asked about.
CHANGE = "change"
IMPERATIVE_DOUBT = 3
WEAK_DOUBTS_MAX = 6


@dataclass(frozen=True)
class Option:
    """An answer that is offered: what to show, and what to reply with."""

    says: Said
    reply: str


def as_kept(options: Iterable[Option]) -> tuple[tuple[str, str, str], ...]:
    """Return options as a frame keeps them: in both languages, and what each answers."""
    return tuple((one.says.en, one.says.zh, one.reply) for one in options)


@dataclass(frozen=True)
class Calls:
    """The tools to call, in their order, and what to say about how the words were read."""

    calls: tuple[Mapping[str, Any], ...]
    notices: tuple[Said, ...] = ()
    # How likely it is right, where a second reader has weighed it.
    confidence: float | None = None


@dataclass(frozen=True)
class Ask:
    """One question back, with answers to choose from; `frame` waits for the answer."""

    question: Said
    options: tuple[Option, ...] = ()
    frame: Frame | None = None
    # Of a reading that is only asked about: how likely it is right.
    confidence: float | None = None
    # Something in it was not understood: what is offered is a guess, and others may be better.
    is_guess: bool = False


@dataclass(frozen=True)
class Refuse:
    """What was understood and why nothing is done, with the nearest things that can be."""

    says: Said
    suggestions: tuple[Said, ...] = ()
    # Why: unknown words, out of scope, a why-question, a forecast, something nobody may do.
    kind: str = "unknown"


@dataclass(frozen=True)
class Reply:
    """A short answer to small talk."""

    kind: Literal["greeting", "thanks", "help", "empty"]


@dataclass(frozen=True)
class ApprovalReply:
    """A decision on what was proposed."""

    decision: Decision


Reading = Calls | Ask | Refuse | Reply | ApprovalReply


@dataclass(frozen=True)
class _Candidate:
    reading: Reading
    # How much the words explain it, and how many things about it are doubtful.
    score: float
    doubts: int
    # It only looks something up by a general word such as "show" or "what is".
    weak: bool = False
    # Every word was understood, and the catalogue has no such figure.
    is_clear: bool = False


@dataclass(frozen=True)
class Turned:
    """A message as it was cut up to be read: what a second opinion of it goes by."""

    norm: Norm
    paths: tuple[Path, ...]
    # The same for who acts, where that was tried.
    acting: tuple[Path, ...]
    lexicon: Lexicon
    context: DialogueContext
    language: Language
    today: date


class Judging(Protocol):
    """Has the last word on a reading: whether to do it, or to ask about it first."""

    def settle(self, reading: Reading, turn: Turned, again: Callable[[str], Reading]) -> Reading:
        """Return what to do; `again` reads other words for the same message, unweighed."""


class Reader:
    """Reads messages; it holds nothing of them, so that one serves everybody."""

    def __init__(self, judge: Judging | None = None) -> None:
        self.judge = judge

    def read(
        self,
        text: str,
        *,
        language_hint: Language,
        context: DialogueContext,
        lexicon: Lexicon,
        today: date,
    ) -> Reading:
        """Read one message in the light of the conversation so far."""
        norm = normalise(text)
        lattice = lay_out(norm, lexicon, today)
        if not any(token.kind != "mark" for token in lattice.tokens):
            return (small_talk(lattice.tokens) == "help" and Reply("help")) or Reply("empty")
        decision = decision_in(norm, lattice.tokens, today)
        if context.pending is not None:
            resumed = self._resume(text, decision, context, lexicon, today, language_hint)
            if resumed is not None:
                return resumed
        if (
            gone_on := self._corrected(norm, lattice, context, lexicon, today, language_hint)
        ) is not None:
            return gone_on
        if decision is not None and not self._means_an_order(decision, lattice, context):
            return ApprovalReply(decision)
        if talk := small_talk(lattice.tokens):
            return Reply(talk)
        standing = self._standing(norm, lexicon, context, today, language_hint)
        if standing is not None:
            return standing
        turn = _Turn(norm, lattice, lexicon, context, today, language_of(text, language_hint))
        return self._settled(turn)

    def _settled(self, turn: "_Turn") -> Reading:
        """Read a turn, and let the judge have the last word."""
        found = turn.read()
        if self.judge is None:
            return found

        def again(words: str) -> Reading:
            return Reader().read(
                words,
                language_hint=turn.language,
                context=turn.context,
                lexicon=turn.lexicon,
                today=turn.today,
            )

        cut = Turned(
            turn.norm, tuple(turn.paths), tuple(turn.acting), turn.lexicon, turn.context,
            turn.language, turn.today,
        )  # fmt: skip
        return self.judge.settle(found, cut, again)

    @staticmethod
    def _means_an_order(decision: Decision, lattice: Lattice, context: DialogueContext) -> bool:
        """Tell whether "cancel the order" is about a document: nothing waits for a decision."""
        said = {token.stem for token in lattice.tokens}
        named = "order" in said or {"订", "单"} <= said
        return named and decision.verdict == "reject" and not context.proposal_open

    def _corrected(
        self,
        norm: Norm,
        lattice: Lattice,
        context: DialogueContext,
        lexicon: Lexicon,
        today: date,
        hint: Language,
    ) -> Reading | None:
        """Read "no, by salesperson" and "make it 10" as the last question, put differently."""
        if context.proposal_open or not context.last_calls:
            return None
        rest = corrected(norm, lattice.tokens)
        if not rest:
            return None
        read = self.read(rest, language_hint=hint, context=context, lexicon=lexicon, today=today)
        # What is only read back before it is done was understood all the same.
        held = isinstance(read, Ask) and read.frame is not None and bool(read.frame.calls)
        return read if isinstance(read, Calls) or held else None

    def _standing(
        self,
        norm: Norm,
        lexicon: Lexicon,
        context: DialogueContext,
        today: date,
        hint: Language,
    ) -> Reading | None:
        """Read what is to be done with a question, if a message says so."""

        def asked(words: str) -> Mapping[str, Any] | None:
            read = Reader().read(
                words, language_hint=hint, context=DialogueContext(), lexicon=lexicon, today=today
            )
            calls = read.calls if isinstance(read, Calls) else ()
            if len(calls) == 1 and report_query_of(calls[0]):
                return calls[0]
            # Words that call for a record's own page as well may ask for a figure all the same.
            return turn_of(words).figure()

        def turn_of(words: str) -> "_Turn":
            plain = normalise(words)
            lattice = lay_out(plain, lexicon, today)
            language = language_of(words, hint)
            return _Turn(plain, lattice, lexicon, DialogueContext(), today, language)

        found: Standing | None = read_standing(
            norm, lexicon, context.last_asked, asked, today.isoweekday()
        )
        if found is None:
            return None
        if found.call is not None:
            return Calls((found.call,))
        assert found.refusal is not None, "there is a call, or a reason why not"
        return Refuse(found.refusal, kind="standing")

    def _resume(
        self,
        text: str,
        decision: Decision | None,
        context: DialogueContext,
        lexicon: Lexicon,
        today: date,
        hint: Language,
    ) -> Reading | None:
        frame = context.pending
        assert frame is not None
        without = replace(context, pending=None)

        def again(words: str) -> Reading:
            return self.read(
                words, language_hint=hint, context=without, lexicon=lexicon, today=today
            )

        chosen = _chosen(text, frame)
        if chosen == CHANGE:
            return Ask(Said("What should be different?", "哪里需要改？"))
        if meant := frame.meant_by(chosen):
            return Calls(meant)
        if frame.calls:
            if chosen == "yes" or (decision is not None and decision.verdict == "approve"):
                return Calls(frame.calls)
            if decision is not None and decision.verdict == "reject":
                return Refuse(Said("All right, I leave it.", "好的，不做了。"), kind="left")
        if decision is not None and decision.verdict == "reject" and not decision.reason:
            return Refuse(Said("All right, I leave it.", "好的，不做了。"), kind="left")
        answer = chosen or text.strip()
        alone = None if chosen else again(text)
        if frame.verbatim and not isinstance(alone, Calls):
            return again(f"{frame.text}{answer}")
        if alone is not None and not _is_fragment(text, lexicon, today):
            # It has a verb or a figure of its own: a new request, not an answer.
            return None
        whole = again(_put_in(frame, answer))
        return whole if isinstance(whole, Calls) or not isinstance(alone, Calls) else None


def _put_in(frame: Frame, answer: str) -> str:
    if frame.replace and frame.replace.casefold() in frame.text.casefold():
        place = frame.text.casefold().index(frame.replace.casefold())
        return f"{frame.text[:place]}{answer}{frame.text[place + len(frame.replace) :]}"
    return f"{frame.text} {answer}"


_PLACES = {
    "1": 0, "first": 0, "the first": 0, "the first one": 0, "第一个": 0, "一": 0, "前者": 0,
    "2": 1, "second": 1, "the second": 1, "the second one": 1, "第二个": 1, "二": 1, "后者": 1,
    "3": 2, "third": 2, "the third": 2, "the third one": 2, "第三个": 2, "三": 2,
    "4": 3, "the fourth one": 3, "第四个": 3, "5": 4, "the fifth one": 4, "第五个": 4,
}  # fmt: skip


def _chosen(text: str, frame: Frame) -> str:
    said = _bare(text)
    if said in _PLACES and _PLACES[said] < len(frame.options):
        return frame.options[_PLACES[said]][2]
    for en, zh, reply in frame.options:
        if said in {_bare(shown) for shown in (en, zh, reply)}:
            return reply
    return ""


def _bare(text: str) -> str:
    return normalise(text).text.strip(" .!?\u241e")


def _is_fragment(text: str, lexicon: Lexicon, today: date) -> bool:
    """Tell whether a message has no verb and no metric of its own, and so answers a question."""
    paths = lay_out(normalise(text), lexicon, today).paths(for_action=True)
    strong = (MetricSense, FrameSense, ToolSense)
    return not any(piece.sense(kind) for piece in paths[0].pieces for kind in strong)


class _Turn:
    def __init__(
        self,
        norm: Norm,
        lattice: Lattice,
        lexicon: Lexicon,
        context: DialogueContext,
        today: date,
        language: Language,
    ) -> None:
        self.norm = norm
        self.lattice = lattice
        self.lexicon = lexicon
        self.context = context
        self.today = today
        self.language = language
        self.paths = lattice.paths()
        self.acting: list[Path] = []

    def read(self) -> Reading:
        paths = self.paths
        roles = _roles(paths[0])
        lists = self._lists()
        spoken = any(reading.spoken and not reading.doubts for reading in lists)
        if not spoken and (defined := self._definition(paths[0], roles)) is not None:
            return defined
        candidates = self._reports(paths[0])
        # A worse way to cut the text must not win by hiding what cannot be answered.
        ways = 1 if any(candidate.is_clear for candidate in candidates) else 2
        candidates += [c for path in paths[1:ways] for c in self._reports(path)]
        self.acting = self.lattice.paths(for_action=True)
        for path in self.acting[:ways]:
            candidates += self._actions(path, roles)
        figures = [c.reading for c in candidates if _is_figure(c)]
        candidates += [
            self._list(one)
            for one in lists
            if not _is_rather(figures, one) and not self._goes_on(figures, one)
        ]
        if not candidates:
            return self._with_kind(self._refuse(paths[0]), paths[0], roles)
        best = min(candidates, key=lambda c: (c.doubts, -c.score))
        if best.weak and best.doubts > WEAK_DOUBTS_MAX:
            return self._with_kind(self._refuse(paths[0]), paths[0], roles)
        return self._with_kind(best.reading, paths[0], roles)

    def _goes_on(self, figures: list[Reading], reading: ListReading) -> bool:
        """Tell whether "which suppliers?" asks to see the last figure by supplier."""
        last = self.context.last_query
        roles = _roles(self.paths[0])
        bare = reading.query is not None and not reading.query.filters
        if last is None or not figures or not bare or not roles & {"which", "who"}:
            return False
        queries = [f.calls[0]["arguments"]["query"] for f in figures if isinstance(f, Calls)]
        return any(set(query.get("dimensions", ())) - set(last.dimensions) for query in queries)

    def figure(self) -> Mapping[str, Any] | None:
        """Return the call that answers the words as a question about figures, if all fit."""
        for one in self._reports(self.lattice.paths()[0]):
            if isinstance(one.reading, Calls) and one.doubts == 0:
                return one.reading.calls[0]
        return None

    # Questions about words.

    def _definition(self, path: Path, roles: set[str]) -> Reading | None:
        if "define" not in roles:
            return None
        metrics = [s.id for p in path.pieces if isinstance(s := p.sense(MetricSense), MetricSense)]
        if len(set(metrics)) != 1 or DEFINE not in self.lexicon.tools:
            return None
        words = [p for p in path.pieces if not p.sense(MetricSense)]
        strong = "defined" in roles or any(
            isinstance(s, WordSense) and s.role == "define" and not p.sense(FillerSense)
            for p in words
            for s in p.senses
        )
        meant = all(
            p.sense(FillerSense) or _roles_of(p) & {"define", "defined", "break", "stop"}
            for p in words
            if p.senses
        )
        if any(
            p.sense(MetricSense) and {"is", "are", "was", "were"} & set(p.text.split())
            for p in path.pieces
        ):
            # "What % of receivables is overdue" wants the number.
            return None
        if not any(self._is_name(p) for p in path.pieces if p.sense(MetricSense)):
            # "What's tied up in stock": a figure in other words is wanted, not explained.
            return None
        ours = {"our", "total", "the", "current", "my", "us", "we", "now", "currently"}
        is_ours = any(token.text in ours for token in self.lattice.tokens)
        if path.unknown or not meant or not (strong or not is_ours):
            return None
        return Calls(({"tool": DEFINE, "arguments": {"term": metrics[0]}},))

    def _is_name(self, piece: Piece) -> bool:
        """Tell whether a figure is named, rather than asked for in other words."""
        metric = piece.sense(MetricSense)
        if metric is None:
            return False
        words = stems(piece.text)
        names = self.lexicon.metrics[metric.id].names
        known = (*names.all_in("en"), *names.all_in("zh"))
        return any(words == stems(normalise(name).text) for name in known)

    # Questions about figures.

    def _reports(self, path: Path) -> list[_Candidate]:
        if ANSWER not in self.lexicon.tools:
            return []
        draft = read_report(path, self.lexicon, self.today)
        found: list[_Candidate] = []
        last = self.context.last_query
        if draft.metric_named:
            goes_on = last is not None and (
                draft.follows
                or (
                    not draft.period
                    and not any(issue.kind == "unknown" for issue in draft.issues)
                    and (draft.supposed or _only_metric(draft))
                    and fits(continued(last, draft))
                )
            )
            if (draft.drops or draft.shifts) and not goes_on:
                return found
            if not goes_on:
                found.append(self._report(draft, path))
            else:
                assert last is not None
                found.append(self._report(continued(last, draft), path))
        elif last is not None and (not draft.empty or (draft.rows and last.limit)):
            found.append(self._report(continued(last, draft), path))
        elif not draft.empty and not self._has_action_word(path):
            found.append(self._no_metric(draft, path))
        return found

    def _has_action_word(self, path: Path) -> bool:
        return any(p.sense(ToolSense) for p in path.pieces)

    def _report(self, draft: Draft, path: Path) -> _Candidate:
        query = to_query(draft) if draft.metrics else None
        issues = list(draft.issues)
        if isinstance(query, Issue):
            issues.append(query)
        if not issues:
            assert isinstance(query, ReportQuery)
            if draft.is_instead:
                return _Candidate(self._instead(draft, query), path.score - draft.cost, 1)
            doubts = IMPERATIVE_DOUBT if self._is_imperative(path) else 0
            calls = Calls((_answer(query),), tuple(draft.notices))
            return _Candidate(calls, path.score - draft.cost, doubts)
        clear = all(issue.kind == "impossible" for issue in issues)
        reading = self._about(issues, draft)
        return _Candidate(reading, path.score - draft.cost, _doubts(issues), is_clear=clear)

    def _is_imperative(self, path: Path) -> bool:
        """Tell whether the words begin with a verb that changes something: order, sell, pay."""
        things = (NumberSense, EntitySense, DocumentSense, TextSense)
        if not any(piece.sense(kind) for piece in path.pieces for kind in things):
            # Nothing is named that could be changed.
            return False
        for piece in path.pieces:
            if piece.sense(GrainSense):
                # "Quarterly revenue" is no order to post something every quarter.
                return False
            tools = [s.tool for s in piece.senses if isinstance(s, ToolSense)]
            if any(self.lexicon.tools[name].writes for name in tools):
                return not piece.text.endswith("s")
            if not (
                piece.sense(FillerSense) or (_roles_of(piece) <= {"break", "stop"} and piece.senses)
            ):
                return False
        return False

    def _about(self, issues: list[Issue], draft: Draft) -> Reading:
        ambiguous = [issue for issue in issues if issue.kind == "ambiguous"]
        others = [issue for issue in issues if issue.kind != "ambiguous"]
        if ambiguous and not [i for i in others if i.kind == "impossible"]:
            issue = ambiguous[0]
            options = tuple(Option(says, reply) for says, reply in issue.options[:OPTIONS_MAX])
            return Ask(issue.says, options, self._frame(issue.words, options))
        query = to_query(draft) if draft.metrics else None
        if isinstance(query, ReportQuery) and all(i.kind in {"unknown", "unused"} for i in others):
            return self._without(others, query, draft)
        return Refuse(
            _sentences([issue.says for issue in others]),
            _suggestions(draft, self.lexicon),
            "impossible",
        )

    def _instead(self, draft: Draft, query: ReportQuery) -> Ask:
        """Offer the nearest figure in place of one that is not known by what was asked."""
        rest, notice = read_back(query), draft.notices[-1]
        says = Said(f"{notice.en} Shall I show it: {rest.en}?", f"{notice.zh}要看“{rest.zh}”吗？")
        options = (Option(Said("yes", "是"), "yes"), Option(Said("no", "否"), "no"))
        return Ask(says, options, self._frame("", options, (_answer(query),)))

    def _without(self, issues: list[Issue], query: ReportQuery, draft: Draft) -> Ask:
        """Ask about words that found no place; what the others ask for is one click away."""
        glue = " " if issues[0].words.isascii() else ""
        words = issues[0].words
        unplaced = glue.join(issue.words for issue in issues if issue.words)
        rest = read_back(query)
        says = Said(
            f"I understood {_names(draft, self.lexicon, 'en')}, but not “{unplaced}”. "
            f"Shall I show this without it: {rest.en}?",
            f"我明白您要看{_names(draft, self.lexicon, 'zh')}，但不明白“{unplaced}”。"
            f"要不管它，直接看“{rest.zh}”吗？",
        )
        options = (Option(Said("yes", "是"), "yes"), Option(Said("no", "否"), "no"))
        frame = self._frame(words, options, (_answer(query),))
        return Ask(says, options, frame, is_guess=True)

    def _no_metric(self, draft: Draft, path: Path) -> _Candidate:
        options = self._metric_options(draft)
        unknown = [issue for issue in draft.issues if issue.kind == "unknown"]
        if unknown and draft.empty:
            return _Candidate(self._refuse(path), path.score, 50 + len(draft.issues))
        if unknown:
            words = unknown[0].words
            says = Said(
                f"I do not know the figure “{words}”. Which one do you want to see?",
                f"我不知道“{words}”这个指标。您想看哪个指标？",
            )
            asks = Ask(says, options, self._frame(words, options), is_guess=True)
            return _Candidate(asks, path.score, 50 + len(draft.issues))
        question = Said("Which figure do you want to see?", "您想看哪个指标？")
        reading = Ask(question, options, self._frame("", options), is_guess=True)
        return _Candidate(reading, path.score, 6 + len(draft.issues))

    def _metric_options(self, draft: Draft) -> tuple[Option, ...]:
        ids = usual_figures(draft) or ("revenue", "orders", "gross_profit", "ar_balance")
        names = [self.lexicon.metrics[i].names for i in ids if i in self.lexicon.metrics]
        return tuple(Option(Said(n.en, n.zh), n.in_(self.language)) for n in names)

    # Actions, and records.

    def _actions(self, path: Path, roles: set[str]) -> list[_Candidate]:
        found = read_actions(path, self.norm, self.lexicon, self.context, self.today)
        return [self._action(reading, path) for reading in found]

    def _action(self, reading: ActionReading, path: Path) -> _Candidate:
        score = path.score + reading.bonus
        if reading.question is not None:
            options = tuple(Option(says, reply) for says, reply in reading.options[:OPTIONS_MAX])
            frame = self._frame(reading.replace, options, reading.confirm)
            if reading.lead is not None:
                lead = reading.lead.in_(self.language)
                frame = replace(frame, text=frame.text + lead, verbatim=True)
            return _Candidate(
                Ask(reading.question, options, frame, is_guess=reading.is_guess),
                score,
                reading.doubts,
                weak=not reading.writes,
            )
        if reading.refusal is not None:
            return _Candidate(Refuse(reading.refusal, kind="action"), score, reading.doubts)
        return _Candidate(Calls(reading.calls, reading.notices), score, reading.doubts)

    # Records.

    def _lists(self) -> list[ListReading]:
        if LIST not in self.lexicon.tools:
            return []
        return read_lists(self.lattice, last_list(self.context), self.today)

    def _list(self, reading: ListReading) -> _Candidate:
        if reading.question is not None:
            options = tuple(Option(says, reply) for says, reply in reading.options[:OPTIONS_MAX])
            frame = self._frame(reading.replace, options)
            asks = Ask(reading.question, options, frame)
            return _Candidate(asks, reading.score, reading.doubts, weak=True)
        assert reading.query is not None, "a list is read or asked about"
        query = reading.query.model_dump(mode="json", exclude_defaults=True)
        call = {"tool": LIST, "arguments": {"query": query}}
        return _Candidate(
            Calls((call,), tuple(reading.notices)), reading.score, reading.doubts, weak=True
        )

    # What cannot be done.

    def _explains(self, reading: Reading) -> bool:
        """Tell whether a reading asks a tool that answers why: one of its phrases says so."""
        if not isinstance(reading, Calls):
            return False
        return all(
            phrase.startswith(_WHY)
            for call in reading.calls
            for file in self.lexicon.settings.values()
            for phrase in [self._reason_asked_of(file["tools"].get(call["tool"], {}))]
        )

    @staticmethod
    def _reason_asked_of(said: Mapping[str, Any]) -> str:
        """Return the first phrase of a tool that asks for a reason, or nothing."""
        return next((each for each in said.get("phrases", ()) if each.startswith(_WHY)), "")

    def _with_kind(self, reading: Reading, path: Path, roles: set[str]) -> Reading:
        has_metric = any(p.sense(MetricSense) for p in path.pieces)
        if "why" in roles and not self._explains(reading):
            return self._cause(path)
        is_report = isinstance(reading, Ask | Refuse) or (
            isinstance(reading, Calls) and reading.calls[0]["tool"] == ANSWER
        )
        future = any(
            isinstance(t := p.sense(TimeSense), TimeSense) and _is_ahead(t, self.today)
            for p in path.pieces
        )
        if is_report and has_metric and ("forecast" in roles or future):
            return Refuse(
                Said(
                    "I do not forecast yet. I can show the past and compare it.",
                    "我还不会预测。可以查看并对比过去的数据。",
                ),
                (),
                "forecast",
            )
        if "change" in roles and isinstance(reading, Ask | Refuse) and not self._can_change():
            return self._refuse(path)
        return reading

    def _can_change(self) -> bool:
        """Tell whether the words also call for something that can be done: "raise the limit"."""
        return any(
            self.lexicon.tools[sense.tool].writes
            for path in self.acting[:1]
            for piece in path.pieces
            for sense in piece.senses
            if isinstance(sense, ToolSense)
        )

    def _cause(self, path: Path) -> Reading:
        """Read a question why a figure changed: what is left of it is a question about it."""
        cause = cause_asked(self.norm, self.lattice.tokens, self.language)
        query = self._figure_meant(cause.text)
        question = None if query is None else to_explain(query, cause)
        if question is None or EXPLAIN not in self.lexicon.tools:
            return Refuse(
                Said(
                    "I can explain why a figure changed between two periods, and understood no"
                    " such figure.",
                    "我可以解释某个数字在两个时间段之间为什么变化，但没有听懂是哪个数字。",
                ),
                _why_suggestions(path, self.lexicon),
                "why",
            )
        arguments = question.model_dump(mode="json", exclude_defaults=True)
        return Calls(({"tool": EXPLAIN, "arguments": {"question": arguments}},))

    def _figure_meant(self, text: str) -> ReportQuery | None:
        """Return the question about a figure that a text is, or that was asked before."""
        last = self.context.last_query
        lattice = lay_out(normalise(text), self.lexicon, self.today)
        pieces = lattice.paths()[0].pieces if lattice.tokens else ()
        if all(p.sense(FillerSense) or _roles_of(p) & {"break", "stop"} for p in pieces):
            # "Why did you do that?" asks for no figure.
            to_us = any(token.text in {"you", "your", "你", "您"} for token in lattice.tokens)
            if last is None or to_us:
                return None
            return last.model_copy(update={"limit": None, "limit_per": None, "others": False})
        reading = Reader().read(
            text,
            language_hint=self.language,
            context=DialogueContext(last),
            lexicon=self.lexicon,
            today=self.today,
        )
        if not isinstance(reading, Calls) or [c["tool"] for c in reading.calls] != [ANSWER]:
            return None
        return ReportQuery.model_validate(reading.calls[0]["arguments"]["query"])

    def _refuse(self, path: Path) -> Refuse:
        unknown = (
            " ".join(p.text for p in path.unknown)
            if self.language == "en"
            else "".join(p.text for p in path.unknown)
        )
        if any("change" in _roles_of(p) and not p.text.startswith(_RAISING) for p in path.pieces):
            says = Said(
                "I do not do that: nothing is ever deleted here. Documents can be cancelled, "
                "credited or reversed.",
                "不能这样做：这里不会删除任何记录。单据可以取消、贷记或冲销。",
            )
            return Refuse(says, kind="forbidden")
        if unknown.strip():
            says = Said(f"I did not understand “{unknown[:80]}”.", f"我没有理解“{unknown[:80]}”。")
        else:
            says = Said("I did not understand that.", "我没有理解。")
        return Refuse(says, _examples(), "unknown")

    def _frame(
        self, replace: str, options: tuple[Option, ...], calls: tuple[Mapping[str, Any], ...] = ()
    ) -> Frame:
        return Frame(self.norm.original, self._as_said(replace), as_kept(options), calls)

    def _as_said(self, words: str) -> str:
        place = self.norm.text.find(words) if words else -1
        return self.norm.said(place, place + len(words)) if place >= 0 else ""


_USUAL = {
    "item": ("revenue", "units_sold", "stock_on_hand"),
    "supplier": ("purchase_spend", "ap_balance"),
    "gl_account": ("opex", "account_balance", "budget_amount"),
    "department": ("headcount", "hires", "leavers"),
    "location": ("stock_value", "stock_on_hand", "units_issued"),
}


def usual_figures(draft: Draft) -> tuple[str, ...]:
    """Return the figures that are asked for most of what a question without one is about."""
    about = (*draft.dimensions, *(dimension for dimension, _ in draft.filters))
    return next((_USUAL[one] for one in about if one in _USUAL), ())


def last_list(context: DialogueContext) -> ListQuery | None:
    """Return the question for records that was answered last, if one was."""
    for call in context.last_calls[-1:]:
        if call["tool"] == LIST:
            try:
                return ListQuery.model_validate(call["arguments"]["query"])
            except (KeyError, ValidationError):
                # Another model made this call, and the tool has refused it.
                return None
    return None


def _is_figure(candidate: _Candidate) -> bool:
    reading = candidate.reading
    if not isinstance(reading, Calls) or candidate.doubts:
        return False
    return [call["tool"] for call in reading.calls] == [ANSWER]


def _is_rather(figures: list[Reading], reading: ListReading) -> bool:
    """Tell whether a figure is meant rather than records: "orders last week"."""
    queries = [f.calls[0]["arguments"]["query"] for f in figures if isinstance(f, Calls)]
    if not queries or reading.query is None:
        return False
    if reading.asked:
        return False
    if any(query.get("having") and query.get("dimensions") for query in queries):
        return True
    only_when = all(one.period is not None for one in reading.query.filters)
    return only_when and bool(reading.query.filters)


def _answer(query: ReportQuery) -> dict[str, Any]:
    """Return the call that answers a question about figures."""
    written = query.model_dump(mode="json", exclude_defaults=True)
    return {"tool": ANSWER, "arguments": {"query": written}}


def _is_ahead(sense: TimeSense, today: date) -> bool:
    span = resolve(sense.time.period, today)
    return span.start is not None and span.start > today


def _doubts(issues: list[Issue]) -> int:
    weights = {"ambiguous": 3, "unknown": 8, "unused": 5, "impossible": 5, "many": 5}
    return sum(weights[issue.kind] for issue in issues)


def _only_metric(draft: Draft) -> bool:
    return not (draft.dimensions or draft.grain or draft.period or draft.filters or draft.direction)


def _roles(path: Path) -> set[str]:
    return {role for piece in path.pieces for role in _roles_of(piece)}


def _roles_of(piece: Piece) -> set[str]:
    return {sense.role for sense in piece.senses if isinstance(sense, WordSense)}


def _names(draft: Draft, lexicon: Lexicon, language: Language) -> str:
    names = [lexicon.metrics[m].names.in_(language) for m in draft.metrics if m in lexicon.metrics]
    return ("、" if language == "zh" else ", ").join(names)


def _sentences(says: list[Said]) -> Said:
    en = ". ".join(capital(s.en) for s in says)
    return Said(f"{en}.", "；".join(s.zh for s in says) + "。")


def _suggestions(draft: Draft, lexicon: Lexicon) -> tuple[Said, ...]:
    found = []
    for metric in draft.metrics[:2]:
        if metric in lexicon.metrics:
            names = lexicon.metrics[metric].names
            found.append(Said(f"{names.en} this year", f"今年{names.zh}"))
    return tuple(found)


def _why_suggestions(path: Path, lexicon: Lexicon) -> tuple[Said, ...]:
    metrics = [s.id for p in path.pieces if isinstance(s := p.sense(MetricSense), MetricSense)]
    if not metrics or metrics[0] not in lexicon.metrics:
        return ()
    names = lexicon.metrics[metrics[0]].names
    return (
        Said(f"why did {names.en} change last month", f"上个月{names.zh}为什么变化"),
        Said(f"{names.en} by month this year vs last year", f"今年各月{names.zh}与去年对比"),
    )


def _examples() -> tuple[Said, ...]:
    return (
        Said("revenue by month this year", "今年各月收入"),
        Said("overdue receivables by customer", "各客户逾期应收"),
        Said("how much stock of ITEM", "某物料库存还有多少"),
    )


__all__ = ["ApprovalReply", "Ask", "Calls", "EntitySense", "Reader", "Reading", "Refuse", "Reply"]
