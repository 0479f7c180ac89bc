"""What a thing in a clause is worth for an argument: a record, a number, a day, a word."""

from datetime import date
from typing import Any

from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import Norm
from agents.interpreter.numbers import Number, currency_named
from agents.interpreter.records import ENTITIES, prefixes_of
from agents.interpreter.slots import Slot, slots_of
from agents.interpreter.spans import (
    EXACT,
    DocumentSense,
    EntitySense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
)
from agents.interpreter.stretches import (
    AHEAD,
    YEAR_NUMBERS,
    YEARS,
    edge_for,
    period_name,
    written_of,
    year_name,
)
from agents.interpreter.things import Filled, Thing, choice_in, percent_off
from core.reporting.query import Period
from tools.base import Tool


class Worth:
    """The arguments of one tool, and what things are worth for them; doubts go to `filled`."""

    def __init__(self, norm: Norm, tool: Tool, lexicon: Lexicon, today: date) -> None:
        self.norm = norm
        self.tool = tool
        self.lexicon = lexicon
        self.today = today
        self.slots = slots_of(tool.arguments)
        self.filled = Filled(tool)

    def quantity(self, thing: Thing, number: Number) -> str:
        """Write a number down; one that is only about right is asked about."""
        if number.approximate:
            self.filled.about.append(thing.piece)
        return f"{number.value:f}"

    def entity(self, thing: Thing, slot: Slot) -> str | None:
        """Return the record of the kind that a slot takes; note what is doubtful about it."""
        sense = thing.of(EntitySense)
        if not isinstance(sense, EntitySense):
            return None
        fitting = tuple(e for e in sense.entities if e.kind in ENTITIES.get(slot.ref, ()))
        if not fitting:
            return None
        if len({e.key for e in fitting}) > 1:
            self.filled.ambiguous.append((thing.piece, fitting))
        elif sense.likeness < EXACT:
            self.filled.fuzzy.append((thing.piece, fitting[0]))
        return fitting[0].key

    def span(self, thing: Thing) -> Period:
        """Return the stretch of time that a thing is."""
        time = thing.of(TimeSense)
        assert time is not None, "only what is a time has a span"
        if time.time.unclear:
            self.note_unclear(thing)
        return time.time.period

    def note_unclear(self, thing: Thing) -> None:
        """Ask which of day and month a date begins with."""
        said = thing.piece.text
        self.filled.wrong.append(
            (
                f"is {said} day/month or month/day? Please write YYYY-MM-DD",
                f"“{said}”是日/月还是月/日？请写成 YYYY-MM-DD",
            )
        )

    def is_foreign(self, number: Number) -> bool:
        """Tell whether money is said in another currency than the company's."""
        return bool(self.lexicon.currency and number.currency) and (
            number.currency != self.lexicon.currency
        )

    def value(self, thing: Thing, slot: Slot) -> Any:  # noqa: ANN401
        """Return what a thing is worth for a slot, or None where it does not fit."""
        number = thing.piece.sense(NumberSense)
        if slot.kind == "integer" and number is None:
            return self.calendar(thing, slot)
        if slot.kind in {"quantity", "price", "amount", "percent", "integer"}:
            return None if number is None else self.number(thing, number.number, slot)
        if slot.kind == "ref":
            return self.reference(thing, slot)
        if slot.kind == "day":
            return self.day(thing, slot)
        if slot.kind == "period":
            return written_of(self.span(thing)) if thing.of(TimeSense) else None
        if slot.kind == "choice":
            return choice_in(thing.piece, slot, self.lexicon)
        if slot.name == "currency":
            return currency_named(thing.piece.text)
        return self.text(thing, slot) if slot.kind == "text" else None

    def number(self, thing: Thing, number: Number, slot: Slot) -> str | int | None:
        """Return a number as a slot takes it, or None where it does not fit."""
        if slot.kind == "percent":
            return percent_off(number)
        if slot.kind == "integer":
            return int(number.value) if number.value == int(number.value) else None
        if number.percent or (slot.kind == "quantity" and number.currency is not None):
            return None
        # An amount in another currency is not the same amount in ours.
        if self.is_foreign(number) and all(each.name != "currency" for each in self.slots):
            return None
        return self.quantity(thing, number)

    def reference(self, thing: Thing, slot: Slot) -> str | None:
        """Return how the record or document is called that a slot takes."""
        document, time = thing.piece.sense(DocumentSense), thing.piece.sense(TimeSense)
        if document is not None:
            return document.number if document.prefix in prefixes_of(slot) else None
        if slot.ref in YEARS and (year := self.year(thing)) is not None:
            return year
        number = thing.piece.sense(NumberSense)
        wanted = slot.required or slot.name in thing.cues
        if slot.ref == "tax_code" and wanted and number is not None and number.number.percent:
            # "At 19 %": which code that is, the books know.
            return f"{number.number.value:f} %"
        if slot.ref == "period" and time is not None:
            return period_name(time.time, self.today)
        return self.entity(thing, slot)

    def calendar(self, thing: Thing, slot: Slot) -> int | None:
        """Return the number of a year or a month that a stretch of time is."""
        if slot.name == "year":
            year = self.year(thing)
            return int(year) if year else None
        time = thing.of(TimeSense)
        if time is None or not slot.name.endswith("month"):
            return None
        month = period_name(time.time, self.today)
        return int(month.partition("-")[2]) if month else None

    def year(self, thing: Thing) -> str | None:
        """Return the year that a number or a stretch of time names, where it is one."""
        number, time = thing.piece.sense(NumberSense), thing.piece.sense(TimeSense)
        if time is not None:
            return year_name(time.time, self.today)
        if number is None or number.number.percent or number.number.currency is not None:
            return None
        value = number.number.value
        return str(int(value)) if value in YEAR_NUMBERS else None

    def day(self, thing: Thing, slot: Slot) -> str | None:
        """Return the day that a thing names for a slot."""
        time = thing.piece.sense(TimeSense)
        if time is None:
            return None
        if time.time.unclear:
            self.note_unclear(thing)
        day = time.time.day(self.today, ahead=slot.name in AHEAD)
        day = day or edge_for(slot.name, time.time, self.today)
        return day.isoformat() if day else None

    def text(self, thing: Thing, slot: Slot) -> str | None:
        """Return words of somebody's own that a slot takes: a code, a number behind its cue."""
        document, cued = thing.piece.sense(DocumentSense), slot.name in thing.cues
        if document is not None and slot.name == "document":
            return document.number
        if document is not None and cued:
            return thing.piece.text.upper()
        is_code = thing.piece.sense(TextSense) is not None
        is_number = thing.piece.sense(NumberSense) is not None
        return self.said(thing.piece) if is_code or (is_number and cued) else None

    def said(self, piece: Piece) -> str:
        """Return a piece in its original words."""
        return self.norm.said(piece.start, piece.end).strip("\"“”'")
