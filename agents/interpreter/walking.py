"""Walk along a path of pieces and note, in a draft, what each says about a question.

The rules that keep it honest: one groups only by what the words license (by, per, each, which,
top ...); two metrics need a conjunction; a word that changes the meaning and finds nothing to act
on is an issue, never dropped.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal

from agents.interpreter.draft import DIMENSION_OF, Draft, Issue, IssueKind, which_one
from agents.interpreter.entities import SHARED_MAX
from agents.interpreter.lattice import Path
from agents.interpreter.lexicon import SAME_WORDS, Lexicon
from agents.interpreter.numbers import Number
from agents.interpreter.spans import (
    EXACT,
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
from agents.interpreter.times import TimeSpan
from core.kernel.semantics import Said
from core.reporting.query import (
    ROWS_MAX,
    Compare,
    Having,
    Ref,
)

_QUALITY = {"best": ("best", "最好", "最佳", "最优"), "worst": ("worst", "poorest", "最差", "最糟")}


class Walk:
    """The state of a walk along a path, and what each kind of piece does to it."""

    def __init__(self, path: Path, lexicon: Lexicon, today: date) -> None:
        self.pieces = path.pieces
        self.lexicon = lexicon
        self.today = today
        self.draft = Draft()
        self.licensed = False
        self.which = self.singular = self.many = self.negated = self.versus = False
        self.compared = self.average = self.each = self.ranked = False
        self.threshold = ""
        # The best or the worst were asked for, rather than the highest or lowest.
        self.quality = ""
        # Several items were named by one word.
        self.grouped = False
        self.waiting: list[Number] = []
        self.times: list[tuple[int, TimeSpan]] = []
        self.versus_at: list[int] = []
        self.metric_at: list[int] = []
        self.joined_since = True
        self.frames: list[tuple[int, tuple[Frame, ...]]] = []
        self.loose: list[str] = []
        self.counted = ""
        self.last_value: str | None = None
        # "How much": a sum is asked for, and nobody in particular.
        self.much = False
        # "Per region": the next dimension parts what is ranked.
        self.parted = False
        # Which way a verb says that those have gone that are asked for: "gt" or "lt".
        self.moved: Literal["", "gt", "lt"] = ""
        # Whether a dimension was named that is asked for by what is so of it.
        self.relative = False
        self.definite = any(
            p.sense(MetricSense) and not p.sense(DimensionSense) for p in self.pieces
        )

    # The walk.

    def _take(self, place: int, piece: Piece) -> None:
        if not piece.senses:
            self._unknown(piece)
            return
        if piece.read_as:
            self._notice_typo(piece)
        if not (self._take_time(place, piece) or self._take_named(place, piece)):
            number = piece.sense(NumberSense)
            if number is not None:
                self._number(number.number)
            else:
                self._take_words(place, piece)

    def _take_time(self, place: int, piece: Piece) -> bool:
        time, grain = piece.sense(TimeSense), piece.sense(GrainSense)
        compare = piece.sense(CompareSense)
        if time is not None:
            if time.time.unclear:
                self._issue(
                    "ambiguous",
                    f"is {piece.text} day/month or month/day? Please write it as YYYY-MM-DD.",
                    f"“{piece.text}”是日/月还是月/日？请写成 YYYY-MM-DD。",
                )
            self.times.append((place, time.time))
            self._ended()
        elif grain is not None:
            self.draft.grain = grain.unit
            self.licensed = True
        elif compare is not None:
            self.draft.compare = Compare.model_validate({"to": compare.to})
            self.draft.growth |= any(word in piece.text for word in _CHANGE_WORDS)
        else:
            return False
        return True

    def _take_named(self, place: int, piece: Piece) -> bool:
        metric, dimension = piece.sense(MetricSense), piece.sense(DimensionSense)
        frame = piece.sense(FrameSense)
        if metric is not None and dimension is not None and _is_quantity(piece):
            # "Top 10 by units"; "what did we ship, in units".
            if self.licensed and not self.definite:
                self._metric(place, metric.id)
        elif metric is not None and dimension is not None and self._means_dimension(place):
            self._dimension(place, piece, dimension.id)
        elif metric is not None and dimension is None and frame and self._is_verb(place):
            self.frames.append((place, _frames(piece)))
        elif metric is not None:
            self._metric(place, metric.id)
        elif self._take_value(place, piece, dimension):
            return True
        elif dimension is not None and not self._is_small(piece):
            self._dimension(place, piece, dimension.id)
        elif frame is not None and dimension is None and self._is_by(place):
            self._unused(piece)
        elif frame is not None and dimension is None:
            self.frames.append((place, _frames(piece)))
        else:
            return False
        return True

    def _is_small(self, piece: Piece) -> bool:
        # "How many orders did they place": a small word here, whatever else it can be.
        value, filler = piece.sense(ValueSense), piece.sense(FillerSense)
        return value is not None and filler is not None and not self.licensed

    def _take_value(self, place: int, piece: Piece, dimension: DimensionSense | None) -> bool:
        value, entity = piece.sense(ValueSense), piece.sense(EntitySense)
        if (value is None and entity is None) or (entity is None and self._is_small(piece)):
            return False
        if dimension is not None and (value is None or self.licensed):
            return False
        is_word = any(isinstance(sense, WordSense) for sense in piece.senses)
        is_figured = entity is not None and any(e.kind in DIMENSION_OF for e in entity.entities)
        if is_word and (entity is None or entity.short or not is_figured):
            return False
        if piece.sense(NumberSense) and (self.threshold or self._bound_behind(place)):
            # "Above 5000" is no account, though one has that code.
            return False
        if dimension is not None and value is not None:
            self._value(value)
        else:
            self._named_value(piece, entity, value)
        return True

    def _bound_behind(self, place: int) -> bool:
        return any(p.text in _BOUNDS_BEHIND for p in self.pieces[place + 1 : place + 2])

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
        """Let a closed-class word do what it does; return whether it found anything to do."""
        if role in _IDLE:
            return True
        if role.startswith("unit_"):
            return self._unit(role.removeprefix("unit_"), place)
        if role.startswith("display_"):
            self.draft.display = role.removeprefix("display_")
            return True
        if role in {"gt", "ge", "lt", "le"}:
            return self._threshold(role, piece)
        if role in {"rise", "fall"}:
            self.draft.growth = True
            self.moved = "gt" if role == "rise" else "lt"
            return True
        act: Callable[[int, Piece], bool | None] | None = getattr(self, _ROLES.get(role, ""), None)
        # What says that it found nothing to do is as good as not understood.
        return act is not None and act(place, piece) is not False

    def _says_by(self, _place: int, piece: Piece) -> None:
        self.licensed = self.joined_since = True
        self.each = self.each or piece.text in _EACH
        self.parted = piece.text in _EACH_OF

    def _says_which(self, _place: int, piece: Piece) -> None:
        self.which = self.licensed = True
        self.singular = piece.text in _WHICH_ONE

    def _says_who(self, _place: int, _piece: Piece) -> None:
        self.which = self.licensed = self.singular = True
        self.counted = "who"

    def _says_how_many(self, _place: int, _piece: Piece) -> None:
        self.many = True

    def _joins(self, _place: int, _piece: Piece) -> None:
        self.joined_since = True

    def _adds(self, _place: int, _piece: Piece) -> None:
        self.joined_since = self.draft.adds = True

    def _breaks(self, _place: int, _piece: Piece) -> None:
        self.joined_since = True
        self._stops_negating(_place, _piece)
        self._ended()

    def _note_quality(self, piece: Piece) -> None:
        for quality, words in _QUALITY.items():
            if any(word in piece.text for word in words):
                self.quality = quality

    def _says_top(self, _place: int, piece: Piece) -> None:
        self._note_quality(piece)
        self.draft.direction = self.draft.direction or "desc"
        self.licensed = True
        self._take_waiting_limit()

    def _says_most(self, place: int, piece: Piece) -> None:
        self._says_top(place, piece)
        self.singular = True

    def _says_bottom(self, _place: int, piece: Piece) -> None:
        self._note_quality(piece)
        self.draft.direction = "asc"
        self.licensed = True
        self._take_waiting_limit()

    def _compares(self, place: int, _piece: Piece) -> None:
        self.versus_at.append(place)
        self.compared = self.joined_since = True

    def _says_share(self, _place: int, _piece: Piece) -> None:
        self.draft.share = self.joined_since = True

    def _says_growth(self, _place: int, _piece: Piece) -> None:
        self.draft.growth = True

    def _says_cumulative(self, _place: int, _piece: Piece) -> None:
        self.draft.cumulative = True

    def _negates(self, _place: int, _piece: Piece) -> None:
        self.negated = True

    def _stops_negating(self, _place: int, _piece: Piece) -> None:
        if any(negative for _, negative in self.draft.filters):
            self.negated = False

    def _asks_how_much(self, _place: int, _piece: Piece) -> None:
        self.joined_since = self.much = True

    def _points_back(self, _place: int, _piece: Piece) -> None:
        self.draft.follows = True

    def _shifts(self, _place: int, _piece: Piece) -> None:
        self.draft.shifts = True

    def _says_between(self, place: int, piece: Piece) -> None:
        if piece.text == "在" and not any(p.text == "之间" for p in self.pieces[place:]):
            return
        if piece.text == "之间" and not self.waiting:
            return
        self.threshold = "between"

    def _says_average(self, _place: int, _piece: Piece) -> None:
        self.average = True

    def _ranks_down(self, _place: int, _piece: Piece) -> None:
        self.draft.direction = self.draft.direction or "desc"
        self.ranked = True

    def _ranks_up(self, _place: int, piece: Piece) -> None:
        self._note_quality(piece)
        self.draft.direction = "asc"
        self.ranked = True

    def _says_others(self, _place: int, _piece: Piece) -> None:
        self.draft.others = True

    def _follows(self, place: int, piece: Piece) -> bool:
        at_edge = self._only_fillers_before(place) or place == len(self.pieces) - 1
        goes_on = at_edge or piece.text == "呢"
        self.draft.follows = self.draft.follows or goes_on
        # "Revenue from repeat customers" goes on from nothing.
        self.joined_since = self.joined_since or goes_on
        return goes_on

    def _drops(self, _place: int, _piece: Piece) -> None:
        self.draft.drops = True

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
        if self.draft.metrics and self._is_by(place) and not self.draft.direction:
            # "Revenue per employee" is a figure of its own, and not one that is kept.
            self._unused(self.pieces[place])
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

    def _is_by(self, place: int) -> bool:
        before = [p for p in self.pieces[:place] if not p.sense(FillerSense)]
        return any(
            isinstance(s, WordSense) and s.role == "by" for p in before[-1:] for s in p.senses
        )

    def _means_dimension(self, place: int) -> bool:
        before = [p for p in self.pieces[:place] if not p.sense(FillerSense)][-1:]
        if not self.definite and any(p.sense(GrainSense) for p in before):
            # 各季度销售: what is parted by quarter is the figure.
            return False
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
        others = (p for i, p in enumerate(self.pieces) if i != place)
        return self.which or any(p.sense(MetricSense) is not None for p in others)

    def _dimension(self, place: int, piece: Piece, dimension: str) -> None:
        if self.many and not self.draft.metrics and not self.licensed:
            self.counted = dimension
            self.many = False
            return
        if (
            self.last_value is not None
            and not self.licensed
            and self.last_value in {dimension, SAME_WORDS.get(dimension)}
        ) or self._names_next(place, dimension):
            # "the Brakes category", "customer Acme": the word only says what kind of name it is.
            self.last_value = None
            return
        before = self.pieces[place - 1] if place else piece
        is_number = before.sense(NumberSense) is not None or before.sense(TimeSense) is not None
        if self.waiting and is_number:
            self._take_waiting_limit()
            self._group(dimension)
            return
        is_named = before.sense(DimensionSense) is not None
        if not piece.text.isascii() and is_named and self._acts(dimension):
            # 哪个城市客户买得最多: the customers are those who buy.
            return
        if self._does_it(place, piece):
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

    def _does_it(self, place: int, piece: Piece) -> bool:
        """Tell whether those are named who do something: "orders cancelled by customers"."""
        after = self.pieces[place + 1 : place + 2]
        if not piece.text.isascii():
            return any(p.sense(MetricSense) and "的" in p.text for p in after) and not self.licensed
        before = [p for p in self.pieces[:place] if p.text != "by"][-1:]
        said = any(p.sense(MetricSense) and p.text.endswith("ed") for p in before)
        return said and self._is_by(place) and self._is_plural(piece)

    def _acts(self, dimension: str) -> bool:
        return any(frame.subject == dimension for p in self.pieces for frame in _frames(p))

    def _ranked_before(self, place: int) -> bool:
        before = [p for p in self.pieces[:place] if not p.sense(FillerSense)]
        if any(frame.direction for p in before[-1:] for frame in _frames(p)):
            return True
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
        if self.parted:
            self.draft.limit_per, self.parted = dimension, False
        self.licensed = True

    def _named_value(
        self, piece: Piece, entity: EntitySense | None, value: ValueSense | None
    ) -> None:
        if entity is not None:
            if entity.group:
                self._group_of_items(piece, entity)
                return
            fitting = [e for e in entity.entities if e.kind in DIMENSION_OF]
            wanted = self._kind_before(piece)
            if wanted:
                fitting = [e for e in fitting if DIMENSION_OF[e.kind] == wanted] or fitting
            best = _preferred(fitting)
            if len(best) == 1:
                self._filter(DIMENSION_OF[best[0].kind], Ref(id=best[0].key, label=best[0].label))
                if entity.likeness < EXACT:
                    self._notice_name(piece, best[0])
                return
            if best:
                self._which_name(piece, best)
                return
        if value is not None:
            self._value(value)
        else:
            self._unknown(piece)

    def _group_of_items(self, piece: Piece, entity: EntitySense) -> None:
        part = entity.group
        if len(entity.entities) > SHARED_MAX:
            for each in entity.entities:
                self._filter("item", Ref(id=each.key, label=each.label))
            self.grouped = True
            count = len(entity.entities)
            says = Said(
                f"I took “{piece.text}” for the {count} items “{part}”.",
                f"已将“{piece.text}”理解为{count}种物料“{part}”。",
            )
            self.draft.notices.append(says)
            return
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
        if value.dimension == "customer_group" and (self.many or self.much) and not self.counted:
            # "How many stores bought": customers are counted.
            self.counted, self.many = "customer", False
        words = self.lexicon.dimensions[value.dimension].words.get(value.value)
        self._filter(value.dimension, Ref(id=value.value, label=words[0] if words else value.value))

    def _filter(self, dimension: str, ref: Ref) -> None:
        there = self.draft.filters.setdefault((dimension, self.negated), [])
        if ref not in there:
            there.append(ref)
        self.last_value = dimension
        self.licensed = False

    def _number(self, number: Number) -> None:
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
            and 0 < number.value <= ROWS_MAX
            and self.draft.direction
            and self.draft.limit is None
        ):
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
        if self.waiting and piece.text in _BOUNDS_BEHIND:
            self._having("ge" if role in {"gt", "ge"} else "le", self.waiting.pop())
            return True
        after = self.pieces[self.pieces.index(piece) + 1 :]
        if piece.text in _ONLY_BEFORE_NUMBERS:
            after = after[:1]
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
                which_one(piece.text),
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


def _is_quantity(piece: Piece) -> bool:
    return any(isinstance(s, WordSense) and s.role == "quantity" for s in piece.senses)


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


_EACH = frozenset({"each", "各", "各自", "分别"})
_BOUNDS_BEHIND = frozenset({"以上", "以下", "or more", "or less", "及以上", "及以下", "不止"})
_EACH_OF = frozenset(
    {
        "per",
        "each",
        "for each",
        "for every",
        "every",
        "per each",
        "每",
        "每个",
        "每一个",
        "每家",
        "每种",
        "每位",
    }
)
_ONLY_BEFORE_NUMBERS = frozenset({"过", "超"})
_CHANGE_WORDS = ("增长", "增速", "变化", "下降")
_WHICH_ONE = frozenset({"which", "what", "哪个", "哪一个", "哪家", "哪位", "哪款", "谁", "哪"})
# Words that a question may hold without their doing anything in it.
_IDLE = frozenset({"only", "all", "quantity", "define", "defined", "new"})
# What a closed-class word does: the method of the walk.
_ROLES = {
    "by": "_says_by",
    "which": "_says_which",
    "who": "_says_who",
    "how_many": "_says_how_many",
    "how_much": "_asks_how_much",
    "besides": "_stops_negating",
    "and": "_joins",
    "or": "_joins",
    "then": "_joins",
    "also": "_adds",
    "break": "_breaks",
    "stop": "_breaks",
    "top": "_says_top",
    "most": "_says_most",
    "bottom": "_says_bottom",
    "least": "_says_bottom",
    "vs": "_compares",
    "compare": "_compares",
    "share": "_says_share",
    "growth": "_says_growth",
    "cumulative": "_says_cumulative",
    "not": "_negates",
    "it": "_points_back",
    "shift": "_shifts",
    "between": "_says_between",
    "average": "_says_average",
    "descending": "_ranks_down",
    "ascending": "_ranks_up",
    "others": "_says_others",
    "follow": "_follows",
    "drop": "_drops",
}
