"""The arithmetic of lots; no database, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.inventory.lots.errors import SerialRangeUnclear

SERIALS_MAX = 1_000
_RANGE = re.compile(r"^(\D*(?:\d+\D+)*)(\d+)\s*(?:\.\.|…|~|至|到)\s*(\D*(?:\d+\D+)*)(\d+)$")
_ZERO = Decimal(0)


@dataclass(frozen=True)
class LotPart:
    """So much of a lot, and what is known of it when it comes in.

    `because` is said by whoever takes a lot that is held or has expired.
    """

    number: str
    quantity: Decimal
    expires_on: date | None = None
    made_on: date | None = None
    supplier_lot: str | None = None
    because: str = ""


@dataclass(frozen=True)
class Takeable:
    """How much of a lot can be taken, and by what it takes its turn."""

    number: str
    quantity: Decimal
    expires_on: date | None
    made_on: date | None = None


def serials_between(text: str) -> list[str]:
    """Return every serial number of a range such as SN001..SN010; of a single one, itself."""
    said = text.strip()
    if not any(mark in said for mark in ("..", "…", "~", "至", "到")):
        return [said]
    match = _RANGE.match(said)
    if match is None:
        raise SerialRangeUnclear(text=said, most=SERIALS_MAX)
    head, first, other_head, last = match.groups()
    count = int(last) - int(first) + 1
    if (other_head and other_head != head) or not 0 < count <= SERIALS_MAX:
        raise SerialRangeUnclear(text=said, most=SERIALS_MAX)
    return [f"{head}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]


def first_expired_first(lots: Sequence[Takeable]) -> list[Takeable]:
    """Return lots in the order in which they leave: what never expires goes last."""
    return sorted(
        lots,
        key=lambda lot: (
            lot.expires_on is None,
            lot.expires_on or date.max,
            lot.made_on or date.max,
            lot.number,
        ),
    )


def picked(lots: Sequence[Takeable], quantity: Decimal) -> list[tuple[str, Decimal]]:
    """Return which lots make up a quantity, the first to expire first, as far as they reach."""
    left = quantity
    taken = []
    for lot in first_expired_first(lots):
        part = min(lot.quantity, left)
        if part > _ZERO:
            taken.append((lot.number, part))
            left -= part
    return taken
