"""What a piece of business changes, in a form that a person can read and a digest can seal."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.words import word


class Kind(StrEnum):
    """What a change is a change of; the order is the order on the card."""

    DOCUMENT = "document"
    STOCK = "stock"
    DEBIT = "debit"
    CREDIT = "credit"
    EXPOSURE = "exposure"
    BUDGET = "budget"
    CASH = "cash"
    MESSAGE = "message"
    RECORD = "record"


# A level that several steps of a plan move is shown once, from the first before to the last after.
_LEVELS = {Kind.STOCK, Kind.EXPOSURE, Kind.BUDGET}


@dataclass(frozen=True)
class Change:
    """One line of an effect.

    `subject` says what changes: a word of `core.kernel.words` for a new document
    ("purchase_order"), such a word and a number for an existing one ("purchase_order PO-00007"),
    "LAMP-01 Desk lamp" for stock, "1400 Inventory" for a side of an entry, a party for exposure.
    `measure` says which of its figures ("on_hand" ...; the place after an @), or which terms.
    `before` and `after` are states or levels. `detail` holds the terms as data, without words.

    Ids, times and numbers given out by the rehearsal itself may stand in `note` only, which is
    shown but not sealed: two open proposals would otherwise invalidate each other.
    """

    kind: Kind
    subject: str
    after: str
    before: str | None = None
    measure: str = ""
    detail: str = ""
    note: str = ""

    def says(self, language: Language = "en") -> str:
        """Say the change in one line."""
        head = " ".join(word(part, language) for part in self.subject.split(" ", 1))
        if self.measure:
            measure, _, place = self.measure.partition("@")
            where = f" @ {word(place, language)}" if place else ""
            head += f" ({word(measure, language)}{where})"
        after = word(self.after, language)
        moved = after if self.before is None else f"{word(self.before, language)} → {after}"
        text = f"{head}: {moved}" if moved else head
        if self.kind in {Kind.DEBIT, Kind.CREDIT}:
            text = f"{word(self.kind, language)} {text}"
        if self.detail:
            text += f" · {self.detail}"
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True)
class Worth:
    """What one fact weighs against the limits of whoever approves it.

    `kind` names the limits of its own that it may have, and is empty where the general ones
    count. `amount` is in the company's currency where its rate is known.
    """

    kind: str
    amount: Money | None
    is_beyond_limits: bool = False


@dataclass(frozen=True)
class Effect:
    """All that a plan changes, and the amounts that somebody must answer for."""

    changes: tuple[Change, ...]
    amounts: tuple[Money, ...] = ()
    worths: tuple[Worth, ...] = ()

    @property
    def digest(self) -> str:
        """The seal of exactly this effect: what a person says yes to."""
        sealed = {
            "changes": [asdict(replace(change, note="")) for change in self.changes],
            "amounts": [asdict(amount) for amount in self.amounts],
        }
        if self.worths:
            sealed["worths"] = [asdict(worth) for worth in self.worths]
        canonical = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def of_kind(self, *kinds: Kind) -> list[Change]:
        """Return the changes of some kinds, in their order."""
        return [change for change in self.changes if change.kind in kinds]

    def lines(self, language: Language = "en") -> list[str]:
        """Say every change in a line of text."""
        return [change.says(language) for change in self.changes]

    def difference(self, now: "Effect", language: Language = "en") -> tuple[list[str], list[str]]:
        """Return the lines that are gone and those that are new."""
        before, after = Counter(self.lines(language)), Counter(now.lines(language))
        return list((before - after).elements()), list((after - before).elements())

    def to_json(self) -> dict[str, Any]:
        """Return plain values, ready to be stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Effect":
        """Read back what `to_json` gave."""
        return _ADAPTER.validate_python(stored)


_ADAPTER = TypeAdapter(Effect)


def merged(changes: Iterable[Change], *, new_numbers: Iterable[str] = ()) -> tuple[Change, ...]:
    """Order the changes for the card, join moves of one level, hide numbers that are new.

    A document created by an earlier call of the same plan is called by its place in the plan
    (#1), because its number is known only once the plan is carried out.
    """
    places = {number: f"#{place}" for place, number in enumerate(new_numbers, start=1)}

    def hidden(text: str) -> str:
        for number, place in places.items():
            text = text.replace(number, place)
        return text

    levels: dict[tuple[Kind, str, str], int] = {}
    joined: list[Change] = []
    for change in changes:
        seen = replace(
            change,
            subject=hidden(change.subject),
            detail=hidden(change.detail),
            after=hidden(change.after),
        )
        key = (seen.kind, seen.subject, seen.measure)
        if seen.kind in _LEVELS and key in levels:
            first = joined[levels[key]]
            joined[levels[key]] = replace(first, after=seen.after)
            continue
        if seen.kind in _LEVELS:
            levels[key] = len(joined)
        joined.append(seen)
    kept = [c for c in joined if c.kind not in _LEVELS or c.before != c.after]
    order = list(Kind)
    # Debits and credits stay together, entry by entry; everything else is grouped by kind.
    rank = {kind: order.index(Kind.DEBIT if kind is Kind.CREDIT else kind) for kind in order}
    return tuple(sorted(kept, key=lambda change: rank[change.kind]))
