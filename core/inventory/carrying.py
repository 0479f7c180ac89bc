"""Goods that only change their place: taken from the parts of a warehouse, brought to another.

What they are worth stays the same, so nothing is posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory import rules
from core.inventory.bins import Bins
from core.inventory.errors import NotStorage, SameLocation
from core.inventory.events import StockMoved
from core.inventory.freezing import require_thawed
from core.inventory.locations import require_internal
from core.inventory.lots import Carried, LotPart, carry_lots, lots_back
from core.inventory.shelves import Shelves, lock_items
from core.inventory.tables import Location, LocationPurpose, StockMove
from core.inventory.tree import is_within
from core.inventory.units import require_digits
from core.inventory.valuation.moves import day_of, new_move
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.numbering import next_number


@dataclass(frozen=True)
class Back:
    """Goods that go back to where they came from, and their lots, where somebody named them."""

    item: Item
    quantity: Decimal
    lots: Sequence[LotPart] = ()


@dataclass(frozen=True)
class Load:
    """A quantity of an item that is brought from one place to another."""

    item: Item
    quantity: Decimal
    source: Location
    target: Location
    # Of a tracked item, those that are meant; the first to expire where none are named.
    lots: Sequence[LotPart] = ()


def require_storage(location: Location) -> None:
    """Refuse a place that goods only come to with a document of their own."""
    require_internal(location)
    if location.purpose is not LocationPurpose.STORAGE:
        raise NotStorage(location=location.code, purpose=location.purpose)


def transfer_stock(
    session: Session,
    item: Item,
    *,
    quantity: Decimal,
    source: Location,
    target: Location,
    lots: Sequence[LotPart] = (),
) -> StockMove:
    """Carry goods from one warehouse to another at once; what is reserved stays where it is.

    From a divided warehouse they may come from several of its places: the first move is returned.
    """
    for place in (source, target):
        require_storage(place)
    if source.id == target.id:
        raise SameLocation(location=source.code)
    require_digits(session, item, quantity)
    number = next_number(session, "TR")
    return carry(session, [Load(item, quantity, source, target, lots)], origin=number)[0]


def picked(session: Session, loads: Sequence[Load]) -> list[Load]:
    """Say from which parts of a divided warehouse the goods are taken; lock them.

    What is promised stays; the rest is taken in the order of `Bins`.
    """
    lock_items(session, [load.item.id for load in loads])
    bins: dict[Location, Bins] = {}
    for source in dict.fromkeys(load.source for load in loads if load.source.divided):
        items = [load.item for load in loads if load.source is source]
        bins[source] = Bins(session, source, items, only_fit=False)
    picks: list[Load] = []
    for load in loads:
        if load.source not in bins:
            picks.append(load)
            continue
        picks += [
            replace(load, quantity=quantity, source=place, lots=lots)
            for place, quantity, lots in _parts(session, load, bins[load.source])
        ]
    return picks


def _parts(
    session: Session, load: Load, bins: Bins
) -> list[tuple[Location, Decimal, Sequence[LotPart]]]:
    if load.lots:
        named = bins.take_lots(load.item, load.lots)
        return [(place, lot.quantity, (lot,)) for place, lot in named]
    parts: list[tuple[Location, Decimal]] = []
    missing = load.quantity
    if is_within(session, load.target, load.source):
        # What is put away lies in the warehouse, and in none of its places yet.
        parts, missing = bins.take(load.item, missing, at=load.source)
    more, missing = bins.take(load.item, missing)
    parts += more
    if missing:
        parts.append(bins.beyond(load.item, missing, mine=Decimal(0), wanted=load.quantity))
    return [(place, quantity, ()) for place, quantity in parts]


def gather(
    session: Session,
    goods: Sequence[Back],
    *,
    location: Location,
    origin: str,
    undoes: str | None = None,
) -> None:
    """Bring goods together in a divided warehouse, so that they can go back from it as they came.

    Those that lie there already stay; of tracked goods it is the lots that came with a document.
    """
    bins = Bins(session, location, [each.item for each in goods], only_fit=False)
    loads: list[Load] = []
    for each in goods:
        lots = list(each.lots)
        if each.item.tracking is not Tracking.NONE and not lots and undoes is not None:
            came = lots_back(session, each.item, each.quantity, undoes)
            lots = [LotPart(lot.number, quantity) for lot, quantity in came]
        if lots:
            loads += [
                Load(each.item, lot.quantity, place, location, (lot,))
                for place, lot in bins.take_lots(each.item, lots)
            ]
            continue
        _, left = bins.take(each.item, each.quantity, at=location)
        loads += [
            Load(each.item, part, place, location) for place, part in bins.take(each.item, left)[0]
        ]
    if loads := [load for load in loads if load.source is not location]:
        _bring(session, loads, origin=origin)


def carry(session: Session, loads: Sequence[Load], *, origin: str) -> list[StockMove]:
    """Bring goods from place to place for a document; what is promised stays where it is."""
    for load in loads:
        require_internal(load.source)
        require_internal(load.target)
        rules.require_movable(load.item, load.quantity)
    picks = [pick for pick in picked(session, loads) if pick.source is not pick.target]
    if not picks:
        raise SameLocation(location=loads[0].target.code)
    return _bring(session, picks, origin=origin)


def _bring(session: Session, picks: Sequence[Load], *, origin: str) -> list[StockMove]:
    places = list(dict.fromkeys(place for pick in picks for place in (pick.source, pick.target)))
    require_thawed(session, [pick.item for pick in picks], places)
    shelves = Shelves(session, [pick.item for pick in picks], places)
    day, moves = day_of(session, None), []
    for pick in picks:
        value = shelves.average_value_of(pick.item, pick.quantity) or 0
        shelves.bring(pick.item, pick.source, pick.target, pick.quantity)
        move = new_move(pick.item, pick.quantity, pick.source, pick.target, day, origin, None)
        move.value_minor = max(value, 0)
        moves.append(move)
    session.add_all(moves)
    worth = Money(sum(move.value_minor for move in moves), company(session).currency)
    events.record(session, StockMoved(origin=origin, value=worth, levels=shelves.write()))
    carry_lots(
        session,
        [Carried(pick.item, move, pick.lots) for pick, move in zip(picks, moves, strict=True)],
    )
    session.flush()
    return moves
