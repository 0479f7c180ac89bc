"""Read one clause as a call of one tool: its slots come from the tool's own model.

What introduces an argument wins ("from Lumen", "at 8.15"), then its kind and its place decide.
Nothing in the clause is dropped: what fits nowhere is left over, and asked about.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from agents.interpreter.called import Called
from agents.interpreter.comparing import compare_alone, compare_with
from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import Norm
from agents.interpreter.numbers import Number, currency_named
from agents.interpreter.records import DOCUMENTS, ENTITIES, Spoken, prefixes_of
from agents.interpreter.slots import Slot
from agents.interpreter.spans import (
    CompareSense,
    CueSense,
    DimensionSense,
    DocumentSense,
    Entity,
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
    ValueSense,
    WordSense,
)
from agents.interpreter.stretches import (
    ENDS,
    edge_for,
    written_of,
)
from agents.interpreter.things import (
    Filled,
    Thing,
    argument,
    begun_by,
    calls_for,
    choice_in,
    is_printed_code,
    is_versus,
    percent_off,
    runs,
    tools_of,
)
from agents.interpreter.tokens import stems
from core.reporting.query import Compare, Period, Range
from tools.base import Tool

# Text arguments that take words nothing here knows, and those that only a cue can fill.
NAME_SLOTS = frozenset(
    {"rejected_because", "name", "name_zh", "login", "title", "subject", "document", "about"}
)
# Closed-class words that change nothing about a call.
HARMLESS = frozenset(
    ["and", "then", "break", "stop", "by", "quantity", "also", "follow", "only", "it", "all",
     "how_much", "how_many", "which", "who", "or", "define", "compare", "vs", "unit_day",
     "unit_month", "descending", "rise"]
)  # fmt: skip
BOUNDS = frozenset({"gt", "ge", "lt", "le", "between"})
# Behind these stands how it was: "6 instead of 8".
INSTEAD_OF = ("instead", "rather than", "而不是", "代替")
# A phrase that calls for so many tools says nothing without something to show.
GENERIC_TOOLS = 4
# Verbs that turn what is done into its contrary: never only a word beside another verb.
UNDOING = ("undo", "cancel", "revoke", "take back", "撤销", "撤回", "取消", "作废")
TOLD_SLOTS = frozenset({"subject", "memo"})
_EACH = frozenset({"each", "各", "各自", "apiece", "of each"})
# How many words may stand between a number and what is said of it.
BESIDE_MAX = 3
CUED_SLOTS = frozenset(
    {"email", "phone", "country", "city", "address", "job_title", "name_zh", "currency"}
)


class Clause(Called):
    """One clause, read as a call of one tool."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        norm: Norm,
        tool: Tool,
        lexicon: Lexicon,
        today: date,
        focus: Sequence[Spoken],
        context: DialogueContext,
    ) -> None:
        super().__init__(norm, tool, lexicon, today)
        self.focus = focus
        if "query" in self.names and context.last_query is not None:
            self.given["query"] = context.last_query.model_dump(mode="json", exclude_defaults=True)
        self.rows: list[dict[str, Any]] = []
        self.chosen = 0
        self.pieces = self.without_job(self.without_name(self._without_words(list(pieces))))
        self.things = self._things()

    # Words in somebody's own words come first: nothing in them is an argument.

    def _without_words(self, pieces: list[Piece]) -> list[Piece]:
        own = [s for s in self.slots if s.kind == "words" or s.name in TOLD_SLOTS]
        slot = next((s for s in own if s.required), None) or next(iter(own), None)
        if slot is None:
            return pieces
        for place, piece in enumerate(pieces):
            cued = any(
                isinstance(s, CueSense)
                and s.argument in {slot.name, "because", "note"}
                and s.tool in {"", self.tool.name}
                for s in piece.senses
            )
            begins = cued and (slot.required or self._begins_words(pieces, place))
            tail = pieces[place + 1 :]
            # "Revise QU-00012: 15 desk lamps": what can be an argument is one.
            told = piece.text == ":" and (
                slot.required or not any(self._fits_somewhere(p) for p in tail)
            )
            if (begins or told) and place and tail:
                end = self._end_of_words(slot, pieces, place + 1)
                self._take_words(slot, pieces[place + 1 : end])
                return pieces[:place] + pieces[end:]
        if slot.required and slot.kind == "words" and (span := self._words_in_front(pieces)):
            first, last = span
            self._take_words(slot, pieces[first:last])
            return pieces[:first] + pieces[last:]
        for place, piece in enumerate(pieces):
            tail = [p for p in pieces[place + 1 :] if not p.sense(FillerSense)]
            is_break = piece.text == "-" or any(
                isinstance(s, WordSense) and s.role in {"break", "stop"} for s in piece.senses
            )
            if slot.required and slot.kind == "words":
                # A reason behind a comma may hold any words but another argument.
                is_said = any(self._may_be_argument(p) for p in tail)
            else:
                is_said = any(
                    self._fits_somewhere(p) or self.cues_of(p) or self._is_choice(p) for p in tail
                )
            if is_break and tail and place and not is_said:
                self._take_words(slot, pieces[place + 1 :])
                return pieces[:place]
        return pieces

    def _words_in_front(self, pieces: Sequence[Piece]) -> tuple[int, int] | None:
        """Return where a reason stands that is said before what to do: INV-1客户破产了，核销."""
        called = [place for place, p in enumerate(pieces) if calls_for(p, self.tool.name)]
        breaks = [
            place
            for place, p in enumerate(pieces)
            if any(isinstance(s, WordSense) and s.role in {"break", "stop"} for s in p.senses)
        ]
        if not called or not breaks or not 0 < breaks[-1] < called[0]:
            return None
        last = breaks[-1]
        if any(self._may_be_argument(p) for p in pieces[last:]):
            return None
        known = [place for place in range(last) if self._may_be_argument(pieces[place])]
        first = known[-1] + 1 if known else 0
        return (first, last) if any(not p.senses for p in pieces[first:last]) else None

    def _end_of_words(self, slot: Slot, pieces: Sequence[Piece], first: int) -> int:
        """Return where words end: behind a comma, another argument may begin with its own cue."""
        for place in range(first + 1, len(pieces) - 1):
            roles = {s.role for s in pieces[place].senses if isinstance(s, WordSense)}
            following = pieces[place + 1]
            others = {
                s.argument
                for s in following.senses
                if isinstance(s, CueSense) and s.tool == self.tool.name and s.argument
            }
            is_own = others - {slot.name} and not following.sense(FillerSense)
            is_break = not slot.required and roles & {"break", "stop"}
            if is_break and (is_own or self._are_choices(pieces[place + 1 :])):
                return place
        return len(pieces)

    def _are_choices(self, pieces: Sequence[Piece]) -> bool:
        """Tell whether words only choose: "lamp broken, high priority"."""
        chosen = [self._is_choice(piece) for piece in pieces]
        other = (
            piece.sense(FillerSense) or self.cues_of(piece)
            for piece, is_choice in zip(pieces, chosen, strict=True)
            if not is_choice
        )
        return any(chosen) and all(other)

    def _begins_words(self, pieces: Sequence[Piece], place: int) -> bool:
        """Tell whether words that may be left out begin here, or arguments: "for March, 900"."""
        before, after = pieces[:place], pieces[place + 1 :]
        wants_number = any(s.required and s.kind in {"amount", "quantity"} for s in self.slots)
        if wants_number and not any(p.sense(NumberSense) for p in before):
            return False
        if not pieces[place].sense(FillerSense):
            return True
        named = [p for p in before if self._is_wanted(p)]
        first = next((p for p in after if not p.sense(FillerSense)), None)
        if first is None or len(named) > 1:
            # Who has named both sides says the rest in words of their own.
            return True
        fits = first.sense(TimeSense) or first.sense(NumberSense) or self._is_wanted(first)
        return not fits

    def _is_wanted(self, piece: Piece) -> bool:
        entity = piece.sense(EntitySense)
        return isinstance(entity, EntitySense) and self._wanted(entity) != ()

    def _take_words(self, slot: Slot, pieces: Sequence[Piece]) -> None:
        said = self.norm.said(pieces[0].start, pieces[-1].end).strip(' ,，。."“”')
        if said:
            self.given[slot.name] = said

    def _fits_somewhere(self, piece: Piece) -> bool:
        return any(
            piece.sense(kind) for kind in (NumberSense, EntitySense, DocumentSense, TimeSense)
        )

    def _may_be_argument(self, piece: Piece) -> bool:
        entity = piece.sense(EntitySense)
        if isinstance(entity, EntitySense) and not entity.short and self._is_wanted(piece):
            return not piece.sense(WordSense)
        if self._is_choice(piece):
            return True
        return any(piece.sense(kind) for kind in (NumberSense, DocumentSense, TimeSense))

    # What the clause holds.

    def _things(self) -> list[Thing]:
        things: list[Thing] = []
        cues: frozenset[str] = frozenset()
        excepted = False
        for place, piece in enumerate(self.pieces):
            if piece.read_as:
                self.filled.typos.append(piece)
            if piece.sense(NumberSense) and self._is_how_it_was(place):
                continue
            if self._is_thing(piece):
                if excepted and self._is_left_out(piece, cues):
                    self.filled.negated = True
                things.append(Thing(piece, place, cues))
                cues, excepted = frozenset(), excepted and not piece.senses
                continue
            here = frozenset(self.cues_of(piece))
            excepted |= bool(here) and any(
                isinstance(sense, WordSense) and sense.role == "not" for sense in piece.senses
            )
            if here:
                # "with a credit limit of": a cue right behind another makes it clearer.
                cues = here if not cues & here else cues & here
            elif not piece.sense(FillerSense) and not piece.sense(WordSense):
                cues = frozenset()
            if not here:
                self._word(piece)
        self._cued_behind(things)
        self._counted_behind(things)
        return things

    def _is_how_it_was(self, place: int) -> bool:
        """Tell whether a number is the one that another takes the place of: "6 instead of 8"."""
        before = [p for p in self.pieces[:place] if p.text not in {"of", "the"}]
        if not before or not before[-1].text.startswith(INSTEAD_OF):
            return False
        return any(p.sense(NumberSense) for p in before[:-1])

    def _cued_behind(self, things: Sequence[Thing]) -> None:
        """Let a word behind a day say which day it is, as in Chinese: 周五交货, 月底前付款."""
        days = {slot.name for slot in self.slots if slot.kind == "day"}
        shares = {slot.name for slot in self.slots if slot.kind == "percent"}
        at = {thing.place: thing for thing in things}
        for thing in things:
            after = thing.place + 1
            number = thing.of(NumberSense)
            if number is not None and number.number.percent and after < len(self.pieces):
                thing.cues |= frozenset(self.cues_of(self.pieces[after]) & shares)
                continue
            if thing.cues or not thing.of(TimeSense) or after >= len(self.pieces):
                continue
            said = self.cues_of(self.pieces[after]) & days
            follows = at.get(after + 1)
            if said and (follows is None or not follows.of(TimeSense)):
                thing.cues = frozenset(said)

    def _counted_behind(self, things: Sequence[Thing]) -> None:
        """Let the word behind each number say what it counts: 20 good and 2 scrapped."""
        counts = {slot.name for slot in self.slots if slot.kind == "quantity"}
        numbers = [thing for thing in things if thing.of(NumberSense)]
        if not numbers or numbers[0].cues & counts:
            return
        behind = [
            self.cues_of(self.pieces[thing.place + 1]) & counts
            if thing.place + 1 < len(self.pieces)
            else set()
            for thing in numbers
        ]
        if all(behind):
            for thing, said in zip(numbers, behind, strict=True):
                thing.cues = frozenset(said)

    def _is_left_out(self, piece: Piece, cues: frozenset[str]) -> bool:
        """Tell whether "except" or the like stands before a record that none of its slots takes."""
        entity = piece.sense(EntitySense)
        if not isinstance(entity, EntitySense):
            return False
        cued = [slot for slot in self.slots if slot.name in cues and slot.kind == "ref"]
        taken = {kind for slot in cued for kind in ENTITIES.get(slot.ref, ())}
        return all(each.kind not in taken for each in entity.entities)

    def _is_thing(self, piece: Piece) -> bool:
        if not piece.senses:
            return True
        if any(piece.sense(kind) for kind in (NumberSense, DocumentSense, TimeSense, TextSense)):
            return True
        if piece.sense(CompareSense) and any(s.kind == "compare" for s in self.slots):
            return True
        if "currency" in self.names and currency_named(piece.text):
            return True
        entity = piece.sense(EntitySense)
        if isinstance(entity, EntitySense):
            # A word of the language that a name also begins with is a name only where one fits.
            return not (entity.short and len(piece.senses) > 1) and self._wanted(entity) != ()
        if piece.sense(ValueSense) is None or all(s.kind != "choice" for s in self.slots):
            return False
        # "Debit rent, credit bank": what does something else here is a choice only where it fits.
        other = piece.sense(FillerSense) or piece.sense(ToolSense) or self.cues_of(piece)
        return not other or self._is_choice(piece)

    def _wanted(self, entity: EntitySense) -> tuple[Entity, ...]:
        kinds = {
            kind
            for slot in (*self.slots, *(row for slot in self.slots for row in slot.lines))
            if slot.kind == "ref"
            for kind in ENTITIES.get(slot.ref, ())
        }
        return tuple(e for e in entity.entities if e.kind in kinds)

    def _word(self, piece: Piece) -> None:
        roles = {s.role for s in piece.senses if isinstance(s, WordSense)}
        harmless = (FillerSense, ToolSense)
        if piece.text in {":", "-"}:
            return
        if "change" in roles and not self.tool.writes:
            # "Raise the credit limit" does not ask to see it.
            self.filled.left.append(piece)
            return
        if not self.tool.writes and self._calls_for_a_change(piece):
            self.filled.left.append(piece)
            return
        if self.tool.writes and roles & BOUNDS and not piece.sense(FillerSense):
            # "Below 20, up to 80" is no quantity to order.
            self.filled.left.append(piece)
            return
        if "not" in roles and not piece.sense(ToolSense) and self.tool.writes:
            self.filled.negated = True
        elif self._undoes(piece) or self._calls_for_another(piece):
            self.filled.left.append(piece)
        elif any(piece.sense(kind) for kind in harmless) or self._is_own_cue(piece):
            return
        elif piece.sense(DimensionSense):
            # "order", "customer": nouns that say again what the tool is about.
            return
        elif self._is_choice(piece):
            return
        elif any(piece.sense(kind) for kind in (FrameSense, MetricSense, GrainSense)) or (
            not roles & HARMLESS and not self._is_unit(piece, roles)
        ):
            self.filled.left.append(piece)

    def _calls_for_a_change(self, piece: Piece) -> bool:
        """Tell whether words can only mean that something be done: who only shows drops them."""
        others = (
            FillerSense,
            CueSense,
            DimensionSense,
            MetricSense,
            FrameSense,
            EntitySense,
            WordSense,
        )
        if any(piece.sense(kind) for kind in others):
            return False
        tools = [self.lexicon.tools[s.tool] for s in piece.senses if isinstance(s, ToolSense)]
        return bool(tools) and all(tool.writes for tool in tools)

    def _is_own_cue(self, piece: Piece) -> bool:
        """Tell whether a word introduces an argument somewhere, and may do so here."""
        cues = [s for s in piece.senses if isinstance(s, CueSense)]
        mine = any(s.tool == self.tool.name or not s.tool for s in cues)
        return mine or bool(cues and not self.tool.writes)

    def _undoes(self, piece: Piece) -> bool:
        """Tell whether a verb takes something back, and this tool is not what it calls for."""
        if not self.tool.writes or not piece.text.startswith(UNDOING):
            return False
        return not calls_for(piece, self.tool.name) and self.tool.name not in begun_by(piece)

    def _calls_for_another(self, piece: Piece) -> bool:
        """Tell whether words can only mean that something else be done too: "... and ship it"."""
        if not self.tool.writes or calls_for(piece, self.tool.name) or self._is_choice(piece):
            return False
        others = (FillerSense, CueSense, DimensionSense, MetricSense, FrameSense, EntitySense)
        if self._is_choice(piece) or any(piece.sense(kind) for kind in others):
            return False
        is_second = any(p.start < piece.start and calls_for(p, self.tool.name) for p in self.pieces)
        return is_second and any(
            self.lexicon.tools[s.tool].writes for s in piece.senses if isinstance(s, ToolSense)
        )

    def _is_choice(self, piece: Piece) -> bool:
        # "Lock May for sales": the name of a figure elsewhere, a choice here.
        return any(
            slot.kind == "choice" and choice_in(piece, slot, self.lexicon) is not None
            for slot in self.slots
        )

    def _is_unit(self, piece: Piece, roles: set[str]) -> bool:
        # "5 days", "2 weeks": the unit of the number in front.
        place = self.pieces.index(piece)
        counted = place > 0 and self.pieces[place - 1].sense(NumberSense) is not None
        return counted and any(role.startswith("unit_") for role in roles)

    # Filling.

    def fill(self) -> Filled:
        """Fill the slots: what is introduced by a cue first, then by kind, in order."""
        self._beside()
        self._rows()
        self._comparison()
        for thing in self.things:
            if not thing.used and thing.cues:
                self._by_cue(thing)
        for thing in self.things:
            if not thing.used:
                self._by_kind(thing)
        self._texts()
        self._flags()
        self._from_verb()
        self._from_focus()
        self._finish()
        return self.filled

    def _beside(self) -> None:
        """Take a number as what the words beside it make of it: "two are broken"."""
        for slot in self.slots:
            words = [
                word
                for file in self.lexicon.settings.values()
                for word in file["beside"].get(slot.name, ())
            ]
            if not words or any(slot.name in thing.cues for thing in self.things):
                continue
            for place, piece in enumerate(self.pieces):
                if not any(word in piece.text for word in words):
                    continue
                near = [
                    thing
                    for thing in self.things
                    if thing.of(NumberSense)
                    and not thing.cues
                    and abs(thing.place - place) <= BESIDE_MAX
                ]
                if near:
                    closest = min(near, key=lambda thing: abs(thing.place - place))
                    closest.cues = frozenset({slot.name})
                    break

    def _rows(self) -> None:
        """Pair items with the numbers beside them: "40 LAMP-01 and 20 SHADE-02"."""
        lines = next((slot for slot in self.slots if slot.kind == "lines"), None)
        rows = lines.lines if lines else self.slots
        items = [s for s in rows if s.kind == "ref" and s.ref == "item" and not s.many]
        if len(items) != 1:
            # One item by another is no list of items.
            return
        item = items[0]
        count = next((s for s in rows if s.kind == "quantity"), None)
        price = next((s for s in rows if s.kind == "price"), None)
        unit = next((s for s in rows if s.ref == "unit" and not s.required), None)
        if count and not count.required and price and price.required:
            # "The price of LAMP-01 to 24.90": one plain number is the price.
            count = None
        row: dict[str, Any] = {}
        for thing in self.things:
            pair = self._cell(thing, row, item, count, price)
            if pair is None and unit is not None and count is not None and count.name in row:
                # "5 cartons of lamps": what is counted stands behind the number.
                code = self.entity(thing, unit)
                pair = None if code is None else (unit.name, code)
            if pair is None:
                continue
            if pair[0] in row:
                self.rows.append(row)
                row = {}
            row[pair[0]] = pair[1]
            thing.used = True
        if row:
            self.rows.append(row)
        if count is not None:
            self._count_each(item, count)
        self._share_among_rows(rows)
        if lines is None and len(self.rows) <= 1:
            self.given.update(self.rows[0] if self.rows else {})
            self.rows = []

    def _cell(
        self,
        thing: Thing,
        row: Mapping[str, Any],
        item: Slot,
        count: Slot | None,
        price: Slot | None,
    ) -> tuple[str, str] | None:
        """Return the name and value of a part of a row, if a thing is one."""
        sense = thing.piece.sense(NumberSense)
        if sense is None:
            entity = self.entity(thing, item)
            return (item.name, entity) if entity is not None else None
        number = sense.number
        if count is not None and self._counts(number, thing, count):
            if count.name in row and item.name not in row:
                return None
            return count.name, self.quantity(thing, number)
        if price is None or item.name not in row or price.name in row or number.percent:
            return None
        if price.name not in thing.cues and number.currency is None:
            return None
        if number.currency and "currency" in self.names:
            if self.given.setdefault("currency", number.currency) != number.currency:
                return None
        elif self.is_foreign(number):
            # A price in another currency is not the same price in ours.
            return None
        return price.name, f"{number.value:f}"

    def _count_each(self, item: Slot, count: Slot) -> None:
        """Give a number behind "each" to all the items before it: "A and B, 25 each"."""
        said = [piece.text for piece in self.pieces]
        if len(self.rows) < 2 or not set(said) & _EACH:  # noqa: PLR2004
            return
        last = self.rows[-1].get(count.name)
        if last is not None and all(count.name not in row for row in self.rows[:-1]):
            for row in self.rows:
                row.setdefault(count.name, last)

    def _share_among_rows(self, rows: Sequence[Slot]) -> None:
        """Give a discount that was said once to every line."""
        percent = next((s for s in rows if s.kind == "percent"), None)
        for thing in self.things:
            number = thing.of(NumberSense)
            if percent is None or thing.used or number is None or not number.number.percent:
                continue
            if thing.cues & (self.names - {percent.name}):
                # "5 % off the order" is no discount of a line.
                continue
            for row in self.rows:
                row.setdefault(percent.name, percent_off(number.number))
            thing.used = bool(self.rows)

    def _counts(self, number: Number, thing: Thing, slot: Slot) -> bool:
        if number.percent or number.currency is not None:
            return False
        others = thing.cues - {slot.name}
        return not others or slot.name in thing.cues

    def _comparison(self) -> None:
        """Take what is set against something else: "March vs last March", "year on year"."""
        slot = next((s for s in self.slots if s.kind == "compare"), None)
        period = next((s for s in self.slots if s.kind == "period"), None)
        if slot is None or period is None:
            return
        times = [t for t in self.things if t.of(TimeSense)]
        for thing in self.things:
            sense = thing.of(CompareSense)
            # "Previous year" is a stretch of time, too, and where no other is named only that.
            if sense is not None and (times != [thing] or self._says_versus()):
                self.given[slot.name] = {"to": sense.to}
                thing.used = True
                return
        if not self._says_versus() or not times:
            return
        named, compare = self._compared(times)
        self.given[slot.name] = written_of(compare)
        if named is not None:
            self.given[period.name] = written_of(named)

    def _compared(self, times: Sequence[Thing]) -> tuple[Period | None, Compare]:
        """Read the times of a comparison, and use them."""
        spans = [self.span(thing) for thing in times[:2]]
        for thing in times[:2]:
            thing.used = True
        if len(spans) > 1:
            return spans[0], compare_with(spans[0], spans[1])
        if self._is_beside_versus(times[0]):
            return compare_alone(spans[0])
        return spans[0], Compare(to="prior_year")

    def _says_versus(self) -> bool:
        return any(is_versus(piece) for piece in self.pieces)

    def _is_beside_versus(self, thing: Thing) -> bool:
        before = [p for p in self.pieces[: thing.place] if is_versus(p) or not p.sense(FillerSense)]
        after = self.pieces[thing.place + 1 : thing.place + 2]
        return any(is_versus(piece) for piece in (*before[-1:], *after))

    def _by_cue(self, thing: Thing) -> None:
        for slot in self.slots:
            if slot.name in thing.cues and self._takes(slot) and self._put(thing, slot):
                return

    def _by_kind(self, thing: Thing) -> None:
        if self._is_the_amount(thing):
            return
        for slot in sorted(self.slots, key=lambda slot: not slot.required):
            if (
                self._takes(slot)
                and (slot.kind not in {"text", "words"} or slot.name in {"document", "currency"})
                and self._put(thing, slot)
            ):
                return

    def _is_the_amount(self, thing: Thing) -> bool:
        """Take the only number as the amount, also where an account has that code: "5000"."""
        if not (thing.of(NumberSense) and thing.of(EntitySense)):
            return False
        if any(each.of(NumberSense) for each in self.things if not each.used and each != thing):
            return False
        wanted = (s for s in self.slots if s.required and s.kind == "amount" and self._takes(s))
        slot = next(wanted, None)
        return slot is not None and self._put(thing, slot)

    def _takes(self, slot: Slot) -> bool:
        """Tell whether a slot takes one more: it is empty, or takes several records."""
        return slot.many or slot.name not in self.given

    def _put(self, thing: Thing, slot: Slot) -> bool:
        value = self.value(thing, slot)
        if value is None:
            return False
        if slot.many:
            there = self.given.setdefault(slot.name, [])
            there += [value] if value not in there else []
        else:
            self.given[slot.name] = value
        number = thing.of(NumberSense)
        if (
            slot.kind in {"amount", "price"}
            and number is not None
            and self.is_foreign(number.number)
        ):
            self.given.setdefault("currency", number.number.currency)
        self._both_ends(thing, slot)
        thing.used = True
        return True

    def _both_ends(self, thing: Thing, slot: Slot) -> None:
        """Let a stretch of time say where something ends as well: "for January to March"."""
        ends, time = ENDS.get(slot.name, ""), thing.of(TimeSense)
        if time is None or ends not in self.names or ends in self.given:
            return
        period = time.time.period
        if isinstance(period, Range) and period.end is None:
            return
        last = edge_for(ends, time.time, self.today)
        if time.time.day(self.today, ahead=True) is None and last is not None:
            self.given[ends] = last.isoformat()

    def _texts(self) -> None:
        """Fill names and references: quoted words, codes, and runs of words nothing here knows."""
        open_slots = [s for s in self.slots if s.kind == "text" and s.name not in self.given]
        for run in runs([t for t in self.things if not t.used]):
            slot = self._slot_for(run, open_slots)
            if slot is None:
                continue
            self.given[slot.name] = self.norm.said(run[0].piece.start, run[-1].piece.end).strip(
                "\"“”'"
            )
            open_slots.remove(slot)
            for thing in run:
                thing.used = True

    def _slot_for(self, run: Sequence[Thing], open_slots: Sequence[Slot]) -> Slot | None:
        cued = next((s for s in open_slots if s.name in run[0].cues), None)
        if cued is not None:
            return cued
        if len(run) == 1 and is_printed_code(run[0].piece.text):
            return next((s for s in open_slots if s.required and s.name == "code"), None)
        if any(t.of(NumberSense) or t.of(TimeSense) or t.of(EntitySense) for t in run):
            return None
        is_code = len(run) == 1 and run[0].of(TextSense) is not None
        # What may be left out is filled with words that nothing here knows only behind its cue.
        names = [s for s in open_slots if self._takes_words(s, is_code=is_code)]
        codes = [s for s in open_slots if s.name not in NAME_SLOTS and s.name not in CUED_SLOTS]
        required = [s for s in codes if s.required]
        wanted = (codes or names) if is_code else (names or required)
        return next((s for s in wanted if s.required), None) or next(iter(wanted), None)

    def _takes_words(self, slot: Slot, *, is_code: bool) -> bool:
        explained = slot.name.removesuffix("_because")
        told = explained != slot.name and explained in self.given
        return slot.name in NAME_SLOTS and (slot.required or is_code or told)

    def _flags(self) -> None:
        # A cue may be said across pieces: "what is there", "有多少发多少".
        said = [piece.text for piece in self.pieces]
        whole = (*said, " ".join(said), "".join(said))
        for slot in self.slots:
            if slot.kind == "flag" and slot.name not in self.given:
                cues = [
                    c
                    for file in self.lexicon.settings.values()
                    for c in file["flags"].get(slot.name, ())
                ]
                if any(cue in text for text in whole for cue in cues):
                    self.given[slot.name] = True
            if slot.kind != "choice" or slot.name in self.given:
                continue
            taken = {thing.place for thing in self.things if thing.used}
            for place, piece in enumerate(self.pieces):
                if place in taken:
                    # "Credit bank": it is an account here, and no choice as well.
                    continue
                if (value := choice_in(piece, slot, self.lexicon)) is not None:
                    self.given[slot.name] = [value] if slot.many else value
                    self.chosen += 1
                    break

    def _from_verb(self) -> None:
        """Take what the words that call for the tool name themselves: "add a cost centre"."""
        for slot in self.slots:
            if slot.kind != "ref" or not slot.required or slot.name in self.given:
                continue
            for piece in self.pieces:
                if calls_for(piece, self.tool.name):
                    self._named_in(piece, slot)

    def _named_in(self, piece: Piece, slot: Slot) -> None:
        words = stems(piece.text)
        for place in range(len(words)):
            for _, sense in self.lexicon.entities.at(words, place):
                fitting = [e for e in sense.entities if e.kind in ENTITIES.get(slot.ref, ())]
                if len(fitting) == 1 and not sense.short:
                    self.given[slot.name] = fitting[0].key

    def _from_focus(self) -> None:
        for slot in self.slots:
            if slot.kind == "ref" and slot.required and slot.name not in self.given:
                fitting = [s for s in self.focus if s.prefix in prefixes_of(slot)]
                if fitting:
                    self.given[slot.name] = fitting[0].number
                    # "Order A and B and receive them": what one clause made is meant together.
                    made = [s.number for s in fitting if s.number.startswith("$")]
                    if len(made) > 1 and not self.rows:
                        self.rows = [{slot.name: number} for number in made]

    def _finish(self) -> None:
        filled = self.filled
        lines = next((slot for slot in self.slots if slot.kind == "lines"), None)
        if lines is not None and self.rows:
            filled.missing += [
                s for s in lines.lines if s.required and any(s.name not in r for r in self.rows)
            ]
            self.given[lines.name] = self.rows
            self.rows = []
        self._expand_documents()
        self._require_shown()
        self._require_one()
        arguments = [self.given] if not self.rows else [{**self.given, **row} for row in self.rows]
        for given in arguments:
            filled.missing += [
                s for s in self.slots
                if s.required and s.name not in given and s not in filled.missing
            ]  # fmt: skip
        filled.left += [t.piece for t in self.things if not t.used and not self._is_today(t)]
        filled.left += self._parted_by()
        filled.known = sum(t.used for t in self.things) + self.chosen
        verbs = [p for p in self.pieces if calls_for(p, self.tool.name)]
        if not filled.known and all(len(tools_of([p])) >= GENERIC_TOOLS for p in verbs):
            filled.left += verbs
        filled.calls = [{"tool": self.tool.name, "arguments": given} for given in arguments]
        if not filled.missing:
            for given in arguments:
                filled.wrong += self._refused(given)

    def _require_shown(self) -> None:
        """Ask which record is to be shown, where none was named: "customer ranking"."""
        shown = next((s for s in self.slots if self.tool.name.endswith(f".show_{s.name}")), None)
        if shown is None or shown.required or shown.kind != "ref" or shown.name in self.given:
            return
        own = {"my", "我的", "本人"}
        if not any(piece.text in own for piece in self.pieces):
            self.filled.missing.append(shown)

    def _require_one(self) -> None:
        """Ask for one of some arguments, where people mean one of them and may not have said it."""
        for file in self.lexicon.settings.values():
            wanted = file.get("needs", {}).get(self.tool.name, ())
            if wanted and not any(name in self.given for name in wanted):
                self.filled.missing += [s for s in self.slots if s.name == wanted[0]]

    def _parted_by(self) -> list[Piece]:
        """Return the dimensions of the books that an answer is wanted by, and cannot be."""
        if self.tool.writes:
            return []
        taken = {thing.place for thing in self.things if thing.used}
        return [
            piece
            for place, piece in enumerate(self.pieces)
            if place
            and place not in taken
            and any(
                isinstance(s, WordSense) and s.role == "by" for s in self.pieces[place - 1].senses
            )
            and (entity := piece.sense(EntitySense)) is not None
            and any(each.kind == "dimension" for each in entity.entities)
        ]

    def _is_today(self, thing: Thing) -> bool:
        # "Ship it today": everything that is done is done today.
        time = thing.piece.sense(TimeSense)
        return time is not None and time.time.day(self.today) == self.today

    def _expand_documents(self) -> None:
        """Make one call for each document of a kind: "pay BILL-00003 and BILL-00004"."""
        more = [
            (thing, document)
            for thing in self.things
            if not thing.used and (document := thing.of(DocumentSense)) is not None
        ]
        for slot in self.slots:
            if slot.ref not in DOCUMENTS or slot.name not in self.given or self.rows:
                continue
            alike = [(t, document) for t, document in more if document.prefix in prefixes_of(slot)]
            if alike:
                numbers = [self.given.pop(slot.name), *(document.number for _, document in alike)]
                self.rows = [{slot.name: number} for number in numbers]
                for thing, _ in alike:
                    thing.used = True

    def _refused(self, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        try:
            self.tool.arguments.model_validate(dict(given))
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            said = str(first["msg"]).removeprefix("Value error, ")
            if not name:
                return [(said, said)]
            en, zh = argument(name)
            return [(f"{en}: {said}", f"{zh}无效：{first.get('input', '')}")]
        return []
