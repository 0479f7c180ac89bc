"""From which places goods leave: first what is promised to their lines, then what is free."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.bins import Bins
from core.inventory.lots import ONLY_FIT, LotPart
from core.inventory.tables import Location, LocationKind, Reservation

_ZERO = Decimal(0)
Part = tuple[Location, Decimal, Sequence[LotPart]]
# How much is promised to a line in a place.
Promised = dict[tuple[uuid.UUID | None, uuid.UUID], Decimal]


@dataclass(frozen=True)
class Outgoing:
    """Goods that go out, for the line of a document that may have reserved them."""

    item: Item
    quantity: Decimal
    line_id: uuid.UUID | None = None
    lots: Sequence[LotPart] = ()


@dataclass(frozen=True)
class Pick:
    """A part of goods that goes out from one place, and how much of it is promised to its line."""

    # Which of the goods.
    row: int
    goods: Outgoing
    location: Location
    quantity: Decimal
    mine: Decimal
    lots: Sequence[LotPart] = ()


def bins_of(
    session: Session, location: Location, items: Iterable[Item], *, to_kind: LocationKind
) -> Bins | None:
    """Lock what lies in the parts of a warehouse; None where it has no parts."""
    if not location.divided:
        return None
    return Bins(session, location, items, only_fit=to_kind in ONLY_FIT)


def picks_of(
    goods: Sequence[Outgoing],
    promised: Sequence[Reservation],
    *,
    location: Location,
    bins: Bins | None,
) -> list[Pick]:
    """Say where each of the goods is taken from; two rows for one line share its promise."""
    left: Promised = defaultdict(Decimal)
    for row in promised:
        left[row.line_id, row.location_id] += row.quantity
    picks: list[Pick] = []
    for row_of, each in enumerate(goods):
        if bins is None:
            parts = [(location, each.quantity, each.lots)]
        elif each.lots:
            parts = _of_lots(each, bins)
        else:
            parts = _of_bins(each, promised, bins, left)
        for place, quantity, lots in parts:
            mine = min(left[each.line_id, place.id], quantity)
            left[each.line_id, place.id] -= mine
            picks.append(Pick(row_of, each, place, quantity, mine, lots))
    return picks


def _of_bins(
    goods: Outgoing, promised: Sequence[Reservation], bins: Bins, left: Promised
) -> list[Part]:
    there = {place.id: place for place in bins.places}
    parts: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    rest = goods.quantity
    mine = [row for row in promised if row.line_id == goods.line_id]
    # Promises of one moment are in no order of their own: lots first, then place by place.
    mine.sort(key=lambda row: (row.lot_id is None, there[row.location_id].code))
    for place_id in dict.fromkeys(row.location_id for row in mine):
        part = min(rest, left[goods.line_id, place_id])
        parts[place_id] += part
        rest -= part
    free, missing = bins.take(goods.item, rest)
    if missing:
        kept = goods.quantity - rest
        free.append(bins.beyond(goods.item, missing, mine=kept, wanted=goods.quantity))
    for place, part in free:
        parts[place.id] += part
    return [(there[place_id], part, ()) for place_id, part in parts.items() if part > 0]


def _of_lots(goods: Outgoing, bins: Bins) -> list[Part]:
    named: dict[Location, list[LotPart]] = defaultdict(list)
    for place, lot in bins.take_lots(goods.item, goods.lots):
        named[place].append(lot)
    return [
        (place, sum((lot.quantity for lot in lots), _ZERO), lots) for place, lots in named.items()
    ]
