"""Read a path of pieces as a question for records: which kind, which of them, in what order.

What one kind's words do not explain counts against it, so that a question about figures or an
action wins where it explains more. A follow-up ("only the overdue ones") goes on from the last
list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agents.interpreter.draft import DIMENSION_OF, which_one
from agents.interpreter.lattice import Lattice, Path
from agents.interpreter.list_words import list_paths
from agents.interpreter.numbers import Number
from agents.interpreter.spans import (
    EXACT,
    DocumentSense,
    Entity,
    EntitySense,
    FillerSense,
    ListSense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
    ValueSense,
    WordSense,
)
from agents.interpreter.times import TimeSpan
from core.kernel.listing import NO, YES, Field, Holds
from core.kernel.semantics import Said
from core.reporting.lists import RECORDS, ListFilter, ListOrder, ListQuery
from core.reporting.lists.query import PAGE_MAX
from core.reporting.query import AsOf, Period, Range, Ref, Relative

TEN = 10
SUPERLATIVES = frozenset({"newest", "oldest", "largest", "smallest"})
LEFT_DOUBT, BARE_DOUBT, LOOSE_DOUBT = 4, 2, 3
# Who asks to see records, and which, does not ask for a figure of them.
FILTER_BONUS, ASKED_BONUS = 0.5, 1.5
NUMBERS = frozenset({Holds.MONEY, Holds.QUANTITY, Holds.COUNT, Holds.PERCENT})
# Words of a question about figures, which no list answers.
_FIGURES = frozenset(
    ["how_many", "how_much", "share", "growth", "cumulative", "average", "vs", "compare", "why",
     "forecast", "change", "drop", "shift", "by", "quantity", "others", "top",
     "bottom", "most", "least", "defined"]
)  # fmt: skip
_BEHIND = frozenset(["以上", "以下", "or more", "or less", "及以上", "及以下"])
_FLIPPED = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}
_OF_NOUN = {"customers": "customer", "suppliers": "supplier", "items": "item"}


@dataclass
class ListReading:
    """A question for records as far as it was understood, or what is still open about it."""

    query: ListQuery | None = None
    notices: list[Said] = field(default_factory=list)
    question: Said | None = None
    options: tuple[tuple[Said, str], ...] = ()
    replace: str = ""
    # The words are a way to say what is listed: "what is on order" defines nothing.
    spoken: bool = False
    # Records were asked for: "list", "show", "which".
    asked: bool = False
    # Words that nothing here explains.
    left: list[str] = field(default_factory=list)
    doubts: int = 0
    score: float = 0.0


def read_lists(lattice: Lattice, last: ListQuery | None, today: date) -> list[ListReading]:
    """Read a text as a question for records in the ways that it can be one."""
    found = []
    for path in list_paths(lattice)[:2]:
        found += [_Walk(path, kind, today).read() for kind in _kinds(path)]
        if last is not None and not list(_kinds(path)):
            found.append(_Walk(path, last.records, today, last).read())
    return found


def _kinds(path: Path) -> Iterator[str]:
    """Return the kinds that are asked for: the noun that leads in English, that ends in Chinese."""
    asked = any(_senses(p, "verb") for p in path.pieces)
    heads = [(p, s.kind) for p in path.pieces for s in _senses(p, "kind") if asked or _is_many(p)]
    if not heads:
        return
    piece = heads[0][0] if heads[0][0].text.isascii() else heads[-1][0]
    yield from (kind for head, kind in heads if head is piece)


def _is_many(piece: Piece) -> bool:
    """Tell whether several are meant: "invoice SO-00010" is a verb, "invoices" are records."""
    text = piece.text
    if not text.isascii() or text.endswith("s") or text in {"staff", "stock on hold"}:
        return True
    return any(sense.value or " " in text for sense in _senses(piece, "kind")) and " " in text


def _senses(piece: Piece, role: str) -> list[ListSense]:
    return [s for s in piece.senses if isinstance(s, ListSense) and s.role == role]


class _Walk:
    def __init__(self, path: Path, kind: str, today: date, last: ListQuery | None = None) -> None:
        self.path, self.kind, self.today, self.last = path, kind, today, last
        self.fields = RECORDS.fields[kind]
        self.reading = ListReading(score=path.score)
        self.filters: list[ListFilter] = []
        self.order: list[ListOrder] = []
        self.limit: int | None = None
        self.pending: Field | None = None
        self.wanted = ""
        self.threshold = ""
        self.negated = self.sorting = self.named = self.asked = self.many = False
        self.waiting: list[Number] = []
        self.floating: tuple[Piece, TimeSpan] | None = None
        self.head_at = -1

    def read(self) -> ListReading:
        """Walk along the path, then make the question."""
        for place, piece in enumerate(self.path.pieces):
            self._take(place, piece)
        self._settle()
        reading = self.reading
        if reading.question is not None:
            return reading
        if reading.doubts >= LOOSE_DOUBT:
            return self._asking()
        reading.asked = any(_senses(piece, "verb") for piece in self.path.pieces)
        reading.query = self._query()
        reading.score += FILTER_BONUS * bool(self.filters) + ASKED_BONUS * self.asked
        return reading

    def _asking(self) -> ListReading:
        """Ask about what was not understood: a list is never made from half of the words."""
        reading, names = self.reading, RECORDS.kinds[self.kind].names
        glue = " " if reading.left and reading.left[0].isascii() else ""
        words = glue.join(reading.left)
        rest_en, rest_zh = (f", but not “{words}”", f"，但不明白“{words}”") if words else ("", "")
        reading.question = Said(
            f"I understood {names.en}{rest_en}. Please say it again in other words.",
            f"我理解为{names.zh}{rest_zh}。请换个说法。",
        )
        reading.replace = words
        return reading

    # The walk.

    def _take(self, place: int, piece: Piece) -> None:
        if not piece.senses:
            self._unknown(piece)
        elif self.head_at < 0 and self._is_head(piece):
            self.head_at = place
            self._head(piece)
        elif (number := piece.sense(NumberSense)) is not None:
            self._number(number.number)
        elif (time := piece.sense(TimeSense)) is not None:
            self._time(piece, time.time)
        elif not (self._value(piece) or self._record(piece) or self._field(piece)):
            self._word(place, piece)

    def _is_head(self, piece: Piece) -> bool:
        if self.last is not None:
            return False
        return any(s.kind == self.kind for s in _senses(piece, "kind"))

    def _head(self, piece: Piece) -> None:
        """Take what a noun says besides its kind: "what is on order"."""
        self.asked = self.asked or " " in piece.text
        self.many = _is_many(piece)
        for sense in _senses(piece, "kind"):
            if sense.kind == self.kind and sense.field:
                self._filter(sense.field, "in", (sense.value,))
                self.reading.spoken = True

    def _unknown(self, piece: Piece) -> None:
        if self.named and "name" in self.fields:
            self.named = False
            self._filter("name", "contains", (piece.text,))
            return
        self._left(piece)

    def _left(self, piece: Piece) -> None:
        self.reading.left.append(piece.text)
        self.reading.doubts += LEFT_DOUBT

    def _mine(self, piece: Piece, role: str) -> list[ListSense]:
        return [s for s in _senses(piece, role) if s.kind == self.kind]

    def _value(self, piece: Piece) -> bool:
        values = self._mine(piece, "value")
        entity = piece.sense(EntitySense)
        if not values or (entity is not None and not entity.short and self._of(entity)):
            return False
        if self._mine(piece, "field") and (self.sorting or self._time_behind(piece)):
            # "Expire this week": the day, and not that it is over.
            return False
        sense = values[0]
        negative = self.negated
        self.negated = False
        if self.fields[sense.field].holds is Holds.FLAG:
            value = sense.value if not negative else (NO if sense.value == YES else YES)
            self._filter(sense.field, "in", (value,))
            if sense.field == "overdue" and "overdue_days" in self.fields:
                self.pending = self.fields["overdue_days"]
                self.wanted = "days"
        else:
            self._filter(sense.field, "not_in" if negative else "in", (sense.value,))
        return True

    def _time_behind(self, piece: Piece) -> bool:
        place = self.path.pieces.index(piece)
        near = self.path.pieces if not piece.text.isascii() else self.path.pieces[place:]
        return any(p.sense(TimeSense) for p in near)

    def _of(self, sense: EntitySense) -> list[tuple[Field, Entity]]:
        """Return which fields of the kind a name may be a member of."""
        found = []
        for entity in sense.entities:
            dimension = DIMENSION_OF.get(entity.kind)
            fields = [f for f in self.fields.values() if f.dimension and f.dimension == dimension]
            if entity.kind == "subcategory":
                fields = [f for f in self.fields.values() if f.dimension == "category"]
            if self.pending in fields:
                fields = [self.pending]
            found += [(one, entity) for one in fields[:1]]
        return found

    def _record(self, piece: Piece) -> bool:
        entity, value = piece.sense(EntitySense), piece.sense(ValueSense)
        document = piece.sense(DocumentSense)
        if self.named and "name" in self.fields and (entity or piece.sense(TextSense)):
            self._filter("name", "contains", (piece.text.strip('"'),))
            self.named = False
            return True
        if document is not None and self.many:
            name = next((n for n in ("order", "origin") if n in self.fields), None)
            if name is None:
                return False
            self._filter(name, "in", (document.number,))
            return True
        if entity is not None and (meant := self._of(entity)):
            is_word = piece.sense(WordSense) or any(
                s.kind == self.kind for s in _senses(piece, "field")
            )
            if entity.short and is_word:
                return False
            self._member(piece, entity, meant)
            return True
        if value is not None and value.dimension == "country" and "country" in self.fields:
            self._filter("country", "not_in" if self.negated else "in", (value.value,))
            self.negated = False
            return True
        return False

    def _member(
        self, piece: Piece, sense: EntitySense, meant: Sequence[tuple[Field, Entity]]
    ) -> None:
        one, entity = meant[0]
        several = [each for fits, each in meant if fits is one and each.kind == entity.kind]
        if len(several) > 1 and sense.group:
            self._filter(one.id, "contains", (sense.group,))
        elif len(several) > 1:
            self.reading.question = which_one(piece.text)
            self.reading.replace = piece.text
            self.reading.options = tuple(
                (Said(f"{e.key} {e.label}", f"{e.key} {e.label_zh or e.label}"), e.key)
                for e in several
            )
            self.reading.doubts += 1
        else:
            if sense.likeness < EXACT:
                self.reading.notices.append(
                    Said(
                        f"I took “{piece.text}” for {entity.label}.",
                        f"已将“{piece.text}”理解为{entity.label_zh or entity.label}。",
                    )
                )
                self.reading.doubts += 1
            ref = Ref(id=entity.key, label=entity.label)
            self._filter(one.id, "not_in" if self.negated else "in", (ref,))
        self.negated = False
        self.pending = None

    def _field(self, piece: Piece) -> bool:
        mine = self._mine(piece, "field")
        if not mine:
            return False
        one = self.fields[mine[0].field]
        if self.sorting:
            self.order.append(ListOrder(by=one.id))
            self.sorting = False
            return True
        if one.holds is Holds.DATE and self.floating is not None:
            (said, time), self.floating = self.floating, None
            self._within(one, said, time)
            return True
        if self.pending is not None and self.wanted != "days":
            # "Orders of customer Acme": the word before only said what kind of name it is.
            self._leave()
        self.pending, self.wanted = one, ""
        return True

    # Numbers and times.

    def _number(self, number: Number) -> None:
        if self.wanted in SUPERLATIVES and self.limit is None and _counts_rows(number):
            self.limit = int(number.value)
            return
        self.waiting.append(number)
        if self.threshold == "between" and len(self.waiting) > 1:
            low, high = self.waiting[-2:]
            self._compare("between", low, high)
        elif self.threshold and self.threshold != "between":
            self._compare(self.threshold, number)

    def _amount_field(self) -> Field | None:
        if self.pending is not None and self.pending.holds in NUMBERS:
            return self.pending
        for holds in (Holds.MONEY, Holds.QUANTITY):
            for one in self.fields.values():
                if one.holds is holds and one.shown and one.column is not None and one.adds_up:
                    return one
        return None

    def _compare(self, op: str, *numbers: Number) -> None:
        one = self._amount_field()
        self.threshold = ""
        for number in numbers:
            self.waiting.remove(number)
        if one is None or any(n.approximate or n.percent for n in numbers):
            self.reading.doubts += LEFT_DOUBT
            return
        if self.negated:
            op, self.negated = _FLIPPED.get(op, op), False
        self._filter(one.id, op, tuple(number.value for number in numbers))
        if one is self.pending:
            self.pending, self.wanted = None, ""

    def _time(self, piece: Piece, time: TimeSpan) -> None:
        one = self.pending
        if time.unclear:
            self._left(piece)
        elif one is not None and one.holds is Holds.DATE:
            self.pending = None
            self._within(one, piece, time)
        elif self.floating is not None or (one is not None and self.wanted != "days"):
            self._left(piece)
        else:
            # Which day is meant may be said behind it: 本周到期.
            self.floating = (piece, time)

    def _within(self, one: Field, piece: Piece, time: TimeSpan) -> None:
        period = _whole_day((one.ahead and time.ahead) or time.period)
        if piece.text.startswith("within") and isinstance(period, Range) and period.end is not None:
            # "Within 30 days" ends in 30 days, and begins now.
            days = (period.end - self.today).days
            if days > 0:
                period = Relative(unit="day", count=days + 1)
        op = "not_within" if self.negated else "within"
        self.negated = False
        self.filters.append(ListFilter(field=one.id, op=op, period=period))  # type: ignore[arg-type]

    def _float_down(self) -> None:
        """Let a time of which no day was named mean the usual one."""
        if self.floating is None:
            return
        (piece, time), self.floating = self.floating, None
        day = RECORDS.kinds[self.kind].day
        if day is None:
            self._left(piece)
        else:
            self._within(self.fields[day], piece, time)

    # Words.

    def _word(self, place: int, piece: Piece) -> None:
        own = {s.role for s in piece.senses if isinstance(s, ListSense) and not s.kind}
        roles = {s.role for s in piece.senses if isinstance(s, WordSense)}
        if "verb" in own:
            self.asked = True
        elif "without" in own or "not" in roles:
            self.negated = True
        elif "sorted" in own and self._names_field(place + 1):
            self.sorting = True
        elif own & SUPERLATIVES:
            self._superlative(next(iter(own & SUPERLATIVES)))
        elif "containing" in own:
            self.named = True
        elif roles & {"gt", "ge", "lt", "le"}:
            self._threshold(next(iter(roles & {"gt", "ge", "lt", "le"})), piece)
        elif "between" in roles and not piece.sense(FillerSense):
            self.threshold = "between"
        elif "unit_day" in roles and self.wanted == "days":
            return
        elif roles & {"descending", "ascending"} and self.order:
            way: Literal["asc", "desc"] = "desc" if "descending" in roles else "asc"
            self.order[-1] = self.order[-1].model_copy(update={"dir": way})
        elif not self._says_nothing(own, roles, place, piece):
            self._left(piece)

    def _says_nothing(self, own: set[str], roles: set[str], place: int, piece: Piece) -> bool:
        if roles & _FIGURES and not own:
            # "Overdue by 30 days" parts nothing.
            return "by" in roles and self.wanted == "days"
        nouns = [s.kind for s in _senses(piece, "kind")]
        if nouns:
            return any(self._beside(place, kind) for kind in nouns)
        return bool(roles or own or piece.sense(FillerSense) is not None)

    def _beside(self, place: int, kind: str) -> bool:
        """Tell whether a noun only says what the name beside it is: "from supplier Lumen"."""
        near = (*self.path.pieces[place + 1 : place + 2], *self.path.pieces[place - 1 : place])
        dimension = _OF_NOUN.get(kind, "")
        entities = [e for p in near if (s := p.sense(EntitySense)) for e in s.entities]
        return any(DIMENSION_OF.get(entity.kind) == dimension for entity in entities)

    def _names_field(self, place: int) -> bool:
        return place < len(self.path.pieces) and bool(self._mine(self.path.pieces[place], "field"))

    def _superlative(self, word: str) -> None:
        kind = RECORDS.kinds[self.kind]
        amount = self._amount_field()
        by = kind.day if word in {"newest", "oldest"} else None if amount is None else amount.id
        if by is None:
            self.reading.doubts += LEFT_DOUBT
            return
        way: Literal["asc", "desc"] = "desc" if word in {"newest", "largest"} else "asc"
        self.order.append(ListOrder(by=by, dir=way))
        self.wanted = word
        if self.waiting and _counts_rows(self.waiting[-1]):
            self.limit = int(self.waiting.pop().value)

    def _threshold(self, op: str, piece: Piece) -> None:
        if self.waiting and piece.text in _BEHIND:
            self._compare("ge" if op in {"gt", "ge"} else "le", self.waiting[-1])
            return
        self.threshold = op

    # Settling.

    def _leave(self) -> None:
        """Settle a field of which nothing more was said: it is missing, or only a word."""
        one, self.pending = self.pending, None
        if one is None or self.wanted == "days":
            return
        if self.negated:
            self._filter(one.id, "is_null", ())
            self.negated = False
        elif one.ahead:
            # "Lots that expire": those that do, the next one first.
            self._filter(one.id, "not_null", ())
            self.order.append(ListOrder(by=one.id))
        elif not one.dimension:
            self.reading.doubts += LOOSE_DOUBT

    def _settle(self) -> None:
        self._leave()
        self._float_down()
        reading = self.reading
        reading.doubts += LEFT_DOUBT * (
            len(self.waiting) + bool(self.threshold) + self.negated + self.sorting + self.named
        )
        if self.limit is None and self.wanted in SUPERLATIVES:
            self.limit = TEN
        said = bool(self.filters or self.order)
        if self.last is not None:
            reading.doubts += 0 if said else LEFT_DOUBT
        elif not said and not self.asked:
            reading.doubts += BARE_DOUBT

    def _filter(self, name: str, op: str, values: tuple[Any, ...]) -> None:
        for place, there in enumerate(self.filters):
            if (there.field, there.op) == (name, op) and op in {"in", "not_in"}:
                both = tuple(dict.fromkeys((*there.values, *values)))
                self.filters[place] = there.model_copy(update={"values": both})
                return
        self.filters.append(ListFilter(field=name, op=op, values=values))  # type: ignore[arg-type]

    def _query(self) -> ListQuery:
        parts: dict[str, Any] = {"filters": tuple(self.filters), "order": tuple(self.order)}
        if self.limit is not None:
            parts["limit"] = self.limit
        if self.last is None:
            return ListQuery(records=self.kind, **parts)
        renewed = {one.field for one in self.filters}
        kept = tuple(one for one in self.last.filters if one.field not in renewed)
        return self.last.model_copy(
            update={
                "filters": (*kept, *self.filters),
                "order": tuple(self.order) or self.last.order,
                "limit": self.limit or self.last.limit,
                "after": None,
            }
        )


def _whole_day(period: Period) -> Period:
    """Return a day as a stretch of one day: a list looks at dates, not at states."""
    if not isinstance(period, AsOf):
        return period
    if period.day is None:
        return Relative(unit="day")
    return Range(start=period.day, end=period.day)


def _counts_rows(number: Number) -> bool:
    """Tell whether a number can say how many records to list; 2013 is no such number."""
    return 1 <= number.value <= PAGE_MAX and number.value == int(number.value)
