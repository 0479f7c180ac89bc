"""Read a path of pieces as a question about figures, and check it against the catalogue.

The rules that keep it honest: one groups only by what the words license (by, per, each, which,
top ...); a negation, comparison or threshold that finds nothing to act on is an issue, never
dropped; two metrics need a conjunction; what the catalogue cannot answer is an issue with the
nearest thing that it can.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationError

from agents.interpreter.lattice import Path
from agents.interpreter.lexicon import SAME_WORDS, Lexicon
from agents.interpreter.numbers import Number
from agents.interpreter.spans import (
    CompareSense,
    DimensionSense,
    DocumentSense,
    Entity,
    EntitySense,
    FillerSense,
    Frame,
    FrameSense,
    GrainSense,
    MetricSense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
    ValueSense,
    WordSense,
)
from core.kernel.semantics import Kind, Said, Unit
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain, add_days
from core.reporting.query import (
    Compare,
    Filter,
    Having,
    Order,
    Period,
    Range,
    Ref,
    Relative,
    ReportQuery,
)

LIMIT = 10
DIMENSION_OF = {
    "item": "item", "customer": "customer", "supplier": "supplier", "category": "category",
    "subcategory": "subcategory", "territory": "territory", "employee": "salesperson",
    "location": "location", "account": "gl_account",
    "department": "department",
}  # fmt: skip
IssueKind = Literal["unknown", "unused", "ambiguous", "impossible", "many"]


@dataclass(frozen=True)
class Issue:
    """Why a reading may not be what was meant, said so that a person can help."""

    kind: IssueKind
    says: Said
    # What it could be instead: what to show, and the words to take for it.
    options: tuple[tuple[Said, str], ...] = ()
    words: str = ""


@dataclass
class Draft:
    """A question as far as the words give it; parts that are missing may come from the last one."""

    metrics: list[str] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    grain: Grain | None = None
    period: Period | None = None
    compare: Compare | None = None
    filters: dict[tuple[str, bool], list[Ref]] = field(default_factory=dict)
    # Parts of item names that are shared by too many to list.
    containing: list[str] = field(default_factory=list)
    having: list[Having] = field(default_factory=list)
    direction: str = ""
    order_what: str = "value"
    limit: int | None = None
    share: bool = False
    cumulative: bool = False
    growth: bool = False
    display: str = "auto"
    others: bool = False
    metric_named: bool = False
    follows: bool = False
    adds: bool = False
    drops: bool = False
    # "And the month before?": the last period, moved back by one.
    shifts: bool = False
    # The metric is what a superlative usually means, and was not named itself.
    supposed: bool = False
    issues: list[Issue] = field(default_factory=list)
    notices: list[Said] = field(default_factory=list)
    cost: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether the words gave no part of a question at all."""
        return not (
            self.metrics or self.dimensions or self.grain or self.period or self.compare
            or self.filters or self.containing or self.having or self.direction or self.limit or self.share
            or self.cumulative or self.growth or self.drops or self.shifts
            or self.display != "auto"
        )  # fmt: skip


def read_report(path: Path, lexicon: Lexicon, today: date) -> Draft:
    """Read a path as a question, or as the part of one that follows another."""
    return _Reader(path, lexicon, today).read()


class _Reader:
    def __init__(self, path: Path, lexicon: Lexicon, today: date) -> None:
        self.pieces = path.pieces
        self.lexicon = lexicon
        self.today = today
        self.draft = Draft()
        self.licensed = False
        self.which = self.singular = self.many = self.negated = self.versus = False
        self.compared = self.average = self.each = False
        self.threshold = ""
        self.waiting: list[Number] = []
        self.times: list[tuple[int, Period]] = []
        self.versus_at: list[int] = []
        self.metric_at: list[int] = []
        self.joined_since = True
        self.frames: list[tuple[int, tuple[Frame, ...]]] = []
        self.loose: list[str] = []
        self.counted = ""
        self.last_value: str | None = None
        self.definite = any(
            p.sense(MetricSense) and not p.sense(DimensionSense) for p in self.pieces
        )

    # The walk.

    def read(self) -> Draft:
        for place, piece in enumerate(self.pieces):
            self._take(place, piece)
        self._settle_metric()
        if self.draft.direction:
            self._take_waiting_limit()
        self._leftovers()
        self._settle_times()
        self._settle_rows()
        self._check()
        return self.draft

    def _take(self, place: int, piece: Piece) -> None:
        draft = self.draft
        if not piece.senses:
            self._unknown(piece)
            return
        if piece.read_as:
            self._notice_typo(piece)
        if (time := piece.sense(TimeSense)) is not None:
            assert isinstance(time, TimeSense)
            if time.time.unclear:
                self._issue(
                    "ambiguous",
                    f"is {piece.text} day/month or month/day? Please write it as YYYY-MM-DD.",
                    f"“{piece.text}”是日/月还是月/日？请写成 YYYY-MM-DD。",
                )
            self.times.append((place, time.time.period))
            self._ended()
            return
        if (grain := piece.sense(GrainSense)) is not None:
            assert isinstance(grain, GrainSense)
            draft.grain = grain.unit
            self.licensed = True
            return
        if (compare := piece.sense(CompareSense)) is not None and not self._is_alone(piece):
            assert isinstance(compare, CompareSense)
            draft.compare = Compare(to=compare.to)  # type: ignore[arg-type]
            return
        if self._take_named(place, piece):
            return
        if (number := piece.sense(NumberSense)) is not None:
            assert isinstance(number, NumberSense)
            self._number(place, number.number)
            return
        self._take_words(place, piece)

    def _is_alone(self, _piece: Piece) -> bool:
        return False

    def _take_named(self, place: int, piece: Piece) -> bool:
        metric, dimension = piece.sense(MetricSense), piece.sense(DimensionSense)
        words = {sense.role for sense in piece.senses if isinstance(sense, WordSense)}
        if isinstance(metric, MetricSense) and isinstance(dimension, DimensionSense):
            if self._means_dimension(place):
                self._dimension(place, piece, dimension.id)
            else:
                self._metric(place, metric.id)
            return True
        frame = piece.sense(FrameSense)
        if isinstance(metric, MetricSense):
            if isinstance(frame, FrameSense) and self._is_verb(place):
                self.frames.append((place, _frames(piece)))
                return True
            self._metric(place, metric.id)
            return True
        value, entity = piece.sense(ValueSense), piece.sense(EntitySense)
        if isinstance(dimension, DimensionSense):
            if isinstance(value, ValueSense) and piece.sense(FillerSense) and not self.licensed:
                # "How many orders did they place": a small word here, whatever else it can be.
                return False
            if isinstance(value, ValueSense) and not self.licensed:
                self._value(value)
            else:
                self._dimension(place, piece, dimension.id)
            return True
        if isinstance(entity, EntitySense) or isinstance(value, ValueSense):
            if not isinstance(entity, EntitySense) and piece.sense(FillerSense):
                # "How many orders did they place": a small word here, whatever else it can be.
                return False
            if words and not (isinstance(entity, EntitySense) and not entity.short):
                return False
            self._named_value(piece, entity, value)
            return True
        if isinstance(frame, FrameSense):
            self.frames.append((place, _frames(piece)))
            return True
        return False

    def _take_words(self, place: int, piece: Piece) -> None:
        roles = [sense.role for sense in piece.senses if isinstance(sense, WordSense)]
        if not roles:
            if piece.sense(DocumentSense) or piece.sense(TextSense):
                self._unknown(piece)
            elif not piece.sense(FillerSense):
                self._unused(piece)
            return
        done = [self._word(role, place, piece) for role in roles]
        if not any(done) and not piece.sense(FillerSense):
            self._unused(piece)

    # What each kind of piece does.

    def _word(self, role: str, place: int, piece: Piece) -> bool:
        draft = self.draft
        match role:
            case "by":
                self.licensed = True
                self.joined_since = True
                self.each = self.each or piece.text in {"each", "各", "各自", "分别"}
            case "which" | "who":
                self.which = True
                self.licensed = True
                self.singular = role == "who" or piece.text in {
                    "which",
                    "what",
                    "哪个",
                    "哪一个",
                    "哪家",
                    "哪位",
                    "哪款",
                    "谁",
                    "哪",
                }
                if role == "who":
                    self.counted = "who"
            case "how_many":
                self.many = True
            case "how_much" | "and" | "or" | "also" | "break" | "then":
                self.joined_since = True
                draft.adds = draft.adds or role == "also"
                if role == "break":
                    self._ended()
            case "stop":
                self._ended()
                self.joined_since = True
            case "top" | "most":
                draft.direction = draft.direction or "desc"
                self.licensed = True
                self._take_waiting_limit()
                self.singular = self.singular or role == "most"
            case "bottom" | "least":
                draft.direction = "asc"
                self.licensed = True
                self._take_waiting_limit()
            case "vs" | "compare":
                self.versus_at.append(place)
                self.compared = True
                self.joined_since = True
            case "share":
                draft.share = True
                self.joined_since = True
            case "growth":
                draft.growth = True
            case "cumulative":
                draft.cumulative = True
            case "not":
                self.negated = True
            case "it":
                draft.follows = True
            case "shift":
                draft.shifts = True
            case "besides" | "only" | "all" | "quantity" | "defined" | "new":
                return True
            case "gt" | "ge" | "lt" | "le":
                return self._threshold(role, piece)
            case "between":
                self.threshold = "between"
            case "average":
                self.average = True
            case "descending" | "ascending":
                draft.direction = "asc" if role == "ascending" else draft.direction or "desc"
            case "others":
                draft.others = True
            case "follow":
                draft.follows = (
                    draft.follows
                    or place == 0
                    or self._only_fillers_before(place)
                    or place == len(self.pieces) - 1
                    or piece.text == "呢"
                )
                self.joined_since = True
            case "drop":
                draft.drops = True
            case _ if role.startswith("unit_"):
                return self._unit(role.removeprefix("unit_"), place)
            case _ if role.startswith("display_"):
                draft.display = role.removeprefix("display_")
            case _:
                return False
        return True

    def _only_fillers_before(self, place: int) -> bool:
        return all(p.sense(FillerSense) or p.sense(WordSense) for p in self.pieces[:place])

    def _unit(self, unit: str, place: int) -> bool:
        if not self.licensed:
            return False
        if self._ranked_before(place) and not self._is_plural(self.pieces[place]):
            self.singular = self.which = True
        self.draft.grain = unit  # type: ignore[assignment]
        return True

    def _metric(self, place: int, metric: str) -> None:
        if metric in self.draft.metrics:
            self.metric_at.append(place)
            return
        if self.draft.metrics and not self.joined_since:
            first, second = self.draft.metrics[-1], metric
            self.draft.issues.append(self._two_metrics(first, second))
            return
        self.draft.metrics.append(metric)
        self.metric_at.append(place)
        self.draft.metric_named = True
        self.joined_since = False
        self.licensed = False

    def _means_dimension(self, place: int) -> bool:
        if self.definite or self.licensed or self.which or self.draft.direction:
            return True
        after = self.pieces[place + 1 :]
        if any(
            isinstance(s, WordSense) and s.role in {"top", "bottom", "most", "least"}
            for p in after
            for s in p.senses
        ):
            return True
        return any(p.sense(FrameSense) for p in self.pieces)

    def _is_verb(self, place: int) -> bool:
        # "How many did we order", "who ordered": no other metric, and nothing that makes it a noun.
        if self.pieces[place].text.endswith("s"):
            return False
        others = [p for i, p in enumerate(self.pieces) if i != place and p.sense(MetricSense)]
        return bool(others) or self.which

    def _dimension(self, place: int, piece: Piece, dimension: str) -> None:
        if self.many and not self.draft.metrics and not self.licensed:
            self.counted = dimension
            self.many = False
            return
        if (
            self.last_value is not None
            and self.last_value in {dimension, SAME_WORDS.get(dimension)}
        ) or self._names_next(place, dimension):
            # "the Brakes category", "customer Acme": the word only says what kind of name it is.
            self.last_value = None
            return
        before = self.pieces[place - 1] if place else None
        if self.waiting and before is not None and before.sense(NumberSense | TimeSense):
            self._take_waiting_limit()
            self._group(dimension)
            return
        if self.licensed or self.which or self.draft.direction:
            self._group(dimension)
            if self._is_plural(piece):
                self.singular = False
            elif piece.text.isascii() and self._ranked_before(place):
                # "our best customer" is one, "our best customers" are some.
                self.singular = self.which = True
            return
        self.loose.append(dimension)

    def _ranked_before(self, place: int) -> bool:
        before = [p for p in self.pieces[:place] if not p.sense(FillerSense)]
        roles = {s.role for p in before[-1:] for s in p.senses if isinstance(s, WordSense)}
        return bool(roles & {"top", "bottom", "most", "least"})

    def _is_plural(self, piece: Piece) -> bool:
        return piece.text.isascii() and piece.text.endswith("s")

    def _names_next(self, place: int, dimension: str) -> bool:
        for piece in self.pieces[place + 1 :]:
            entity, value = piece.sense(EntitySense), piece.sense(ValueSense)
            if isinstance(value, ValueSense) and value.dimension == dimension:
                return True
            if isinstance(entity, EntitySense):
                return any(DIMENSION_OF.get(e.kind) == dimension for e in entity.entities)
            if not piece.sense(FillerSense):
                return False
        return False

    def _group(self, dimension: str) -> None:
        if dimension not in self.draft.dimensions:
            self.draft.dimensions.append(dimension)
        self.licensed = True

    def _named_value(self, piece: Piece, entity: object, value: object) -> None:
        if isinstance(entity, EntitySense):
            if entity.group:
                self._group_of_items(piece, entity.group)
                return
            fitting = [e for e in entity.entities if e.kind in DIMENSION_OF]
            wanted = self._kind_before(piece)
            if wanted:
                fitting = [e for e in fitting if DIMENSION_OF[e.kind] == wanted] or fitting
            best = _preferred(fitting)
            if len(best) == 1:
                self._filter(DIMENSION_OF[best[0].kind], Ref(id=best[0].key, label=best[0].label))
                if entity.likeness < 100:  # noqa: PLR2004
                    self._notice_name(piece, best[0])
                return
            if best:
                self._which_name(piece, best)
                return
        if isinstance(value, ValueSense):
            self._value(value)
        else:
            self._unknown(piece)

    def _group_of_items(self, piece: Piece, part: str) -> None:
        self.draft.containing.append(part)
        says = Said(
            f"I took “{piece.text}” for all items with “{part}” in their names.",
            f"已将“{piece.text}”理解为名称含“{part}”的所有物料。",
        )
        self.draft.notices.append(says)
        self.last_value = "item"
        self.licensed = False
        if self.negated:
            self._unused(piece)

    def _kind_before(self, piece: Piece) -> str | None:
        place = self.pieces.index(piece)
        for near in (
            (self.pieces[place - 1 : place] if place else ()),
            self.pieces[place + 1 : place + 2],
        ):
            for other in near:
                dimension = other.sense(DimensionSense)
                if isinstance(dimension, DimensionSense):
                    return dimension.id
        return None

    def _value(self, value: ValueSense) -> None:
        words = self.lexicon.dimensions[value.dimension].words.get(value.value)
        self._filter(value.dimension, Ref(id=value.value, label=words[0] if words else value.value))

    def _filter(self, dimension: str, ref: Ref) -> None:
        there = self.draft.filters.setdefault((dimension, self.negated), [])
        if ref not in there:
            there.append(ref)
        self.last_value = dimension
        self.licensed = False

    def _number(self, place: int, number: Number) -> None:
        if self.threshold == "between":
            self.waiting.append(number)
            if len(self.waiting) >= 2:  # noqa: PLR2004
                low, high = self.waiting[-2:]
                self._having("between", low, high)
            return
        if self.threshold:
            self._having(self.threshold, number)
            return
        whole = number.value == int(number.value) and not number.percent and number.currency is None
        if (
            whole
            and 0 < number.value <= 5_000
            and self.draft.direction
            and self.draft.limit is None
        ):  # noqa: PLR2004
            self.draft.limit = int(number.value)
            return
        self.waiting.append(number)

    def _take_waiting_limit(self) -> None:
        if self.waiting and self.draft.limit is None:
            number = self.waiting[-1]
            if (
                not number.approximate
                and not number.percent
                and number.currency is None
                and number.value == int(number.value)
                and number.value > 0
            ):
                self.draft.limit = int(number.value)
                self.waiting.pop()

    def _threshold(self, role: str, piece: Piece) -> bool:
        if self.waiting and piece.text in {
            "以上",
            "以下",
            "or more",
            "or less",
            "及以上",
            "及以下",
            "不止",
        }:
            self._having("ge" if role in {"gt", "ge"} else "le", self.waiting.pop())
            return True
        after = self.pieces[self.pieces.index(piece) + 1 :]
        if any(p.sense(NumberSense) for p in after):
            if self.negated:
                role = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}[role]
                self.negated = False
            self.threshold = role
            return True
        # "over the last year", "under": no number follows, so it is no threshold.
        return piece.sense(FillerSense) is not None or any(p.sense(TimeSense) for p in after)

    def _having(self, op: str, value: Number, value2: Number | None = None) -> None:
        self.threshold = ""
        if value2 is not None:
            self.waiting = self.waiting[:-2]
        self.draft.having.append(
            Having(
                metric=self.draft.metrics[-1] if self.draft.metrics else "revenue",
                op=op,  # type: ignore[arg-type]
                value=value.value,
                value2=value2.value if value2 else None,
                on="growth"
                if value.percent and self.draft.growth
                else "share"
                if value.percent and self.draft.share
                else "value",
            )
        )
        self._having_unnamed = not self.draft.metrics

    _having_unnamed = False

    def _ended(self) -> None:
        self.licensed = False
        self.last_value = None

    # Problems.

    def _issue(self, kind: IssueKind, en: str, zh: str, words: str = "") -> None:
        self.draft.issues.append(Issue(kind, Said(en, zh), words=words))

    def _unknown(self, piece: Piece) -> None:
        before = self.draft.issues[-1] if self.draft.issues else None
        if (
            before is not None
            and before.kind == "unknown"
            and self.pieces.index(piece)
            and not self.pieces[self.pieces.index(piece) - 1].senses
        ):
            glue = "" if not piece.text.isascii() else " "
            words = before.words + glue + piece.text
            self.draft.issues.pop()
        else:
            words = piece.text
        self._issue("unknown", f"I do not know “{words}”", f"我不明白“{words}”", words)

    def _unused(self, piece: Piece) -> None:
        self._issue(
            "unused", f"I cannot place “{piece.text}”", f"我不确定“{piece.text}”的意思", piece.text
        )

    def _notice_typo(self, piece: Piece) -> None:
        self.draft.notices.append(
            Said(
                f"I read “{piece.text}” as “{piece.read_as}”.",
                f"已将“{piece.text}”理解为“{piece.read_as}”。",
            )
        )
        self.draft.cost += 0.5

    def _notice_name(self, piece: Piece, entity: Entity) -> None:
        self.draft.notices.append(
            Said(
                f"I took “{piece.text}” for {entity.label}.",
                f"已将“{piece.text}”理解为{entity.label_zh or entity.label}。",
            )
        )

    def _which_name(self, piece: Piece, entities: list[Entity]) -> None:
        options = tuple(
            (Said(f"{e.key} {e.label}", f"{e.key} {e.label_zh or e.label}"), e.key)
            for e in entities
        )
        self.draft.issues.append(
            Issue(
                "ambiguous",
                Said(f"Which “{piece.text}” do you mean?", f"您指的是哪一个“{piece.text}”？"),
                options,
                piece.text,
            )
        )

    def _two_metrics(self, first: str, second: str) -> Issue:
        names = [self.lexicon.metrics[m].names for m in (first, second)]
        return Issue(
            "ambiguous",
            Said(
                f"Do you mean {names[0].en} or {names[1].en}?",
                f"您要看{names[0].zh}还是{names[1].zh}？",
            ),
            tuple((Said(n.en, n.zh), n.en) for n in names),
        )

    # Settling what the walk found.

    def _leftovers(self) -> None:
        for number in self.waiting:
            self._issue(
                "unused",
                f"I cannot place the number {number.value:f}",
                f"我不确定数字 {number.value:f} 的意思",
                f"{number.value:f}",
            )
        if self.negated and not any(negative for _, negative in self.draft.filters):
            self._issue("unused", "I am not sure what to leave out", "我不确定要排除什么", "not")
        if self.threshold:
            self._issue(
                "unused",
                "I am missing the number of the threshold",
                "缺少阈值的数字",
                self.threshold,
            )

    def _settle_metric(self) -> None:
        draft = self.draft
        if not draft.metrics:
            metric = self._from_frame() or self._counted()
            if not metric:
                metric = self._from_superlative()
                draft.supposed = bool(metric) and not self.which
            if metric:
                draft.metrics.append(metric)
                draft.metric_named = True
        else:
            if draft.metrics == ["customers"] and (self.times or self.frames):
                # How many are on file is known of today only; who bought in a period, of any.
                draft.metrics = ["buying_customers"]
            self._use_frames_beside_metric()
            if self.counted == "who" and not draft.dimensions and not self.loose:
                self._who(draft.metrics[0])
        if self.average and draft.metrics:
            ratio = all(self.lexicon.metrics[m].kind is Kind.RATIO for m in draft.metrics)
            if not ratio:
                self._issue(
                    "impossible",
                    "I cannot average that; ask for the total, or for the average order value",
                    "无法求平均；可以查总额或平均订单金额",
                    "average",
                )
        if self._having_unnamed and draft.metrics:
            draft.having = [h.model_copy(update={"metric": draft.metrics[0]}) for h in draft.having]

    def _actor(self) -> str:
        kinds = {d for d, _ in self.draft.filters} | set(self.draft.dimensions) | set(self.loose)
        if self.counted and self.counted != "who":
            kinds.add(self.counted)
        if "supplier" in kinds:
            return "we"
        if "customer" in kinds or self.counted == "who":
            return "they"
        said = {p.text for p in self.pieces}
        to_us = any(
            p.text.endswith(" us") or "我们" in p.text and p.text != "我们" for p in self.pieces
        )
        we = any("we" in text.split() or text in {"我们", "咱们", "公司"} for text in said)
        return "we" if we and not to_us else "they"

    def _frame(self) -> Frame | None:
        for _, frames in self.frames:
            fitting = [f for f in frames if f.actor in {"", self._actor()}]
            if fitting:
                return fitting[0]
        return self.frames[0][1][0] if self.frames else None

    def _from_frame(self) -> str:
        draft = self.draft
        # An adjective that orders ("best selling") wins over the plain verb beside it.
        ordering = [f for _, fs in self.frames for f in fs if f.direction or f.threshold]
        frame = ordering[0] if ordering else self._frame()
        if frame is None:
            return ""
        metric = frame.metric
        has_item = any(d == "item" for d, _ in draft.filters) or "item" in {self.counted}
        if self.counted == frame.subject and self.counted in {"customer", "supplier"}:
            return self._counted()
        if self.many or (self.counted == "item") or (has_item and self._plain_how_much()):
            metric = frame.how_many or metric
        self._apply(frame)
        group = next(iter(draft.dimensions or self.loose), "")
        return dict(frame.by).get(group, metric)

    def _plain_how_much(self) -> bool:
        # 卖了多少台灯 asks for pieces, "how much of X did we sell" for money.
        return any("多少" in p.text and "钱" not in p.text for p in self.pieces)

    def _apply(self, frame: Frame) -> None:
        draft = self.draft
        if frame.direction:
            draft.direction = frame.direction
            if not draft.dimensions and not self.loose and frame.subject:
                draft.dimensions.append(frame.subject)
        if self.counted == "who" and not draft.dimensions and frame.subject:
            draft.dimensions.append(frame.subject)
        if frame.threshold:
            if not draft.dimensions and not self.loose:
                draft.dimensions.append(frame.subject)
            op, value = ("gt", 0) if frame.threshold == "positive" else ("le", 0)
            draft.having.append(Having(metric=frame.metric, op=op, value=Decimal(value)))  # type: ignore[arg-type]

    def _use_frames_beside_metric(self) -> None:
        for place, frames in self.frames:
            fitting = next((f for f in frames if f.actor in {"", self._actor()}), frames[0])
            if fitting.direction:
                self._apply(fitting)
            elif fitting.threshold:
                self._unused(self.pieces[place])

    def _who(self, metric: str) -> None:
        subjects = {
            "purchase_spend": "supplier",
            "ap_balance": "supplier",
            "ap_overdue": "supplier",
        }
        subject = subjects.get(metric, "customer")
        frame = self._frame()
        self.draft.dimensions.append(frame.subject if frame and frame.subject else subject)

    def _counted(self) -> str:
        settings = self.lexicon.settings["en"]
        dimension = self.counted
        if dimension in {"", "who"}:
            return ""
        if (self.times or self.frames or self.draft.filters) and dimension in settings[
            "count_with_period"
        ]:
            return str(settings["count_with_period"][dimension])
        metric = str(settings["counts"].get(dimension, ""))
        return metric if metric in self.lexicon.metrics else ""

    def _from_superlative(self) -> str:
        draft = self.draft
        if not draft.direction:
            return ""
        if not draft.dimensions and self.loose:
            draft.dimensions.append(self.loose.pop(0))
        defaults = self.lexicon.settings["en"]["superlatives"]["default"]
        for dimension in draft.dimensions:
            if (metric := defaults.get(dimension)) in self.lexicon.metrics:
                return str(metric)
        return "revenue" if draft.grain and "revenue" in self.lexicon.metrics else ""

    def _settle_times(self) -> None:
        draft = self.draft
        periods = [period for _, period in self.times]
        if draft.shifts and periods and draft.compare is None:
            draft.compare, draft.shifts = Compare(to="prior_period"), False
        if not periods:
            return
        if len(periods) == 1:
            place, period = self.times[0]
            if self._beside_versus(place) and not draft.compare and not self._values_compared():
                self._versus_only(period)
                return
            draft.period = period
            return
        if len(periods) == 2:  # noqa: PLR2004
            if self.compared and not draft.compare:
                draft.period = periods[0]
                draft.compare = self._compare_with(periods[0], periods[1])
                return
            joined = _union(periods[0], periods[1], self.today)
            if joined is not None:
                draft.period, unit = joined
                draft.grain = draft.grain or unit
                return
        self._issue(
            "many",
            "I found more than one period; say which one, or “A compared with B”",
            "找到多个时间段；请说明用哪一个，或说“A与B对比”",
            "period",
        )

    def _beside_versus(self, place: int) -> bool:
        # "vs last year" in front, 和去年相比 behind; only small words may lie between.
        for at in self.versus_at:
            low, high = sorted((at, place))
            between = self.pieces[low + 1 : high]
            if all(p.sense(FillerSense) or p.sense(WordSense) for p in between):
                return at < place or high - low == 1
        return False

    def _values_compared(self) -> bool:
        return (
            any(len(refs) > 1 for refs in self.draft.filters.values())
            or len(self.draft.metrics) > 1
        )

    def _versus_only(self, period: Period) -> None:
        # "revenue vs last year": this year up to today against last year up to the same day.
        draft = self.draft
        if isinstance(period, Relative) and period.offset == -1 and period.count == 1:
            draft.period = Relative(unit=period.unit)
            draft.compare = Compare(to="prior_year" if period.unit == "year" else "prior_period")
        else:
            draft.compare = Compare(to="period", period=period)

    def _compare_with(self, period: Period, other: Period) -> Compare:
        if (
            isinstance(period, Relative)
            and isinstance(other, Relative)
            and period.count == other.count == 1
        ):
            if other.unit == "year" and other.offset == period.offset - 1 and period.unit == "year":
                return Compare(to="prior_year")
            if other.unit == period.unit and other.offset == period.offset - 1:
                return Compare(to="prior_period")
        if (
            isinstance(other, Relative)
            and other.unit == "year"
            and other.offset == -1
            and isinstance(period, Relative)
            and period.unit != "year"
        ):
            # "this quarter vs last year" means the same quarter of it.
            return Compare(to="prior_year")
        return Compare(to="period", period=other)

    def _settle_rows(self) -> None:
        draft = self.draft
        grouped = {d for d, _ in draft.filters}
        for dimension in self.loose:
            if (
                dimension not in draft.dimensions
                and dimension not in grouped
                and dimension != self.counted
            ):
                draft.dimensions.append(dimension)
        if (self.compared and draft.compare is None) or (self.each and not draft.dimensions):
            several = [
                d for (d, negative), refs in draft.filters.items() if len(refs) > 1 and not negative
            ]
            draft.dimensions += [d for d in several if d not in draft.dimensions][:1]
        if (
            self.compared
            and draft.compare is None
            and not self._values_compared()
            and self.draft.period
        ):
            draft.compare = Compare(to="prior_year")
        if (
            draft.growth or draft.direction.startswith(("growth", "delta"))
        ) and draft.compare is None:
            draft.compare = Compare(to="prior_year")
        if draft.display == "line" and not draft.grain and not draft.dimensions:
            draft.grain = "month"
        if draft.compare is not None and draft.period is None and draft.compare.to != "period":
            unit: Grain = "month" if draft.compare.to == "prior_period" else "year"
            draft.period = Relative(unit=unit)
        if draft.having and not draft.dimensions and not draft.grain:
            self._issue(
                "unused",
                "a threshold needs something to compare, such as “by customer”",
                "阈值需要一个比较的维度，例如“按客户”",
                "threshold",
            )
            draft.having = []
        if draft.direction.startswith(("growth", "delta")):
            draft.order_what, _, draft.direction = draft.direction.partition("_")
        elif draft.growth and draft.direction:
            draft.order_what = "growth"
        if draft.share and not draft.dimensions and not draft.grain:
            single = [d for (d, negative) in draft.filters if not negative]
            if len(single) == 1:
                draft.dimensions.append(single[0])
                draft.filters = {k: v for k, v in draft.filters.items() if k[0] != single[0]}
        if draft.direction and draft.limit is None and (draft.dimensions or draft.grain):
            ranked = any(
                isinstance(s, WordSense) and s.role in {"descending", "ascending"}
                for p in self.pieces
                for s in p.senses
            )
            draft.limit = None if ranked else 1 if self.which and self.singular else LIMIT

    def _check(self) -> None:
        draft = self.draft
        for metric in draft.metrics:
            if metric not in self.lexicon.metrics:
                continue
            named = [*draft.dimensions, *(d for d, _ in draft.filters)]
            for dimension in [*named, "item"] if draft.containing else named:
                if is_reached(metric, dimension):
                    continue
                other = next(
                    (
                        d
                        for d, same in SAME_WORDS.items()
                        if same == dimension and is_reached(metric, d)
                    ),
                    None,
                )
                if other is not None:
                    self._replace(dimension, other)
                    continue
                self._cannot(metric, dimension)

    def _replace(self, old: str, new: str) -> None:
        draft = self.draft
        draft.dimensions = [new if d == old else d for d in draft.dimensions]
        draft.filters = {
            ((new if d == old else d), n): refs for (d, n), refs in draft.filters.items()
        }

    def _cannot(self, metric: str, dimension: str) -> None:
        names, by = self.lexicon.metrics[metric].names, CATALOGUE.dimensions[dimension].names
        can = [
            self.lexicon.dimensions[d].names
            for d in CATALOGUE.dimensions_of(metric)
            if d in self.lexicon.dimensions
        ][:6]
        self._issue(
            "impossible",
            f"{names.en} cannot be told by {by.en}; it can by " + ", ".join(n.en for n in can),
            f"{names.zh}不能按{by.zh}来看；可以按" + "、".join(n.zh for n in can),
            dimension,
        )


def _frames(piece: Piece) -> tuple[Frame, ...]:
    return tuple(sense.frame for sense in piece.senses if isinstance(sense, FrameSense))


def _preferred(entities: Iterable[Entity]) -> list[Entity]:
    """Return the one meaning of a name that is several things: a territory before an account."""
    found = list(entities)
    if len({e.kind for e in found}) > 1:
        for kind in (
            "item",
            "customer",
            "supplier",
            "territory",
            "category",
            "subcategory",
            "employee",
            "location",
        ):
            of_kind = [e for e in found if e.kind == kind]
            if of_kind:
                return of_kind
    return found


def _union(left: Period, right: Period, today: date) -> tuple[Range, Grain] | None:
    if not (isinstance(left, Range) and isinstance(right, Range)):
        return None
    first, second = sorted((left, right), key=lambda p: p.start or today)
    if first.end is None or second.start is None or add_days(first.end, 1) != second.start:
        return None
    days = (first.end - (first.start or first.end)).days + 1
    unit: Grain = (
        "year" if days > 360 else "quarter" if days > 80 else "month" if days > 27 else "day"
    )  # noqa: PLR2004
    return Range(start=first.start, end=second.end), unit


def fits(draft: Draft) -> bool:
    """Tell whether the catalogue knows every metric of a draft by every dimension of it."""
    named = {*draft.dimensions, *(d for d, _ in draft.filters)}
    return all(is_reached(metric, dimension) for metric in draft.metrics for dimension in named)


def is_reached(metric: str, dimension: str) -> bool:
    """Tell whether a metric can be asked by a dimension, on one basis of revenue or the other."""
    return dimension in CATALOGUE.dimensions and any(
        CATALOGUE.reaches(metric, dimension, orders=orders) for orders in (False, True)
    )


def to_query(draft: Draft) -> ReportQuery | Issue:
    """Make the typed question of a draft, or say what does not fit together."""
    parts: dict[str, Any] = {
        "metrics": tuple(draft.metrics),
        "dimensions": tuple(draft.dimensions),
        "grain": draft.grain,
        "period": draft.period,
        "compare": draft.compare,
        "filters": tuple(
            Filter(dimension=d, op="not_in" if negative else "in", values=tuple(refs))
            for (d, negative), refs in draft.filters.items()
        )
        + tuple(
            Filter(dimension="item", op="contains", values=(part,)) for part in draft.containing
        ),
        "having": tuple(draft.having),
        "share_of": "total" if draft.share and (draft.dimensions or draft.grain) else None,
        "cumulative": "period" if draft.cumulative and draft.grain else None,
        "limit": draft.limit if draft.dimensions or draft.grain else None,
        "others": draft.others and draft.limit is not None and bool(draft.dimensions),
        "display": draft.display,
    }
    if draft.direction and draft.metrics and (draft.dimensions or draft.grain):
        what = draft.order_what if draft.compare or draft.order_what == "value" else "value"
        parts["order"] = (Order(by=draft.metrics[0], what=what, dir=draft.direction),)  # type: ignore[arg-type]
    try:
        return ReportQuery(**parts)
    except ValidationError as error:
        problem = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        return Issue("impossible", Said(problem, problem))


def is_percent(metric: str) -> bool:
    """Tell whether a metric is counted in percent."""
    return CATALOGUE.metrics[metric].unit is Unit.PERCENT
