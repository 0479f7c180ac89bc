"""Goods that only change their place: taken from the parts of a warehouse, brought to another.

What they are worth stays the same, so nothing is posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory import rules
from core.inventory.errors import InsufficientStock, NotStorage, SameLocation
from core.inventory.events import StockMoved
from core.inventory.freezing import require_thawed
from core.inventory.locations import require_internal
from core.inventory.shelves import Shelves, lock_items
from core.inventory.tables import Location, LocationPurpose, StockMove
from core.inventory.tree import Pickable, pickable
from core.inventory.units import require_digits
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number


@dataclass(frozen=True)
class Load:
    """A quantity of an item that is brought from one place to another."""

    item: Item
    quantity: Decimal
    source: Location
    target: Location


def require_storage(location: Location) -> None:
    """Refuse a place that goods only come to with a document of their own."""
    require_internal(location)
    if location.purpose is not LocationPurpose.STORAGE:
        raise NotStorage(location=location.code, purpose=location.purpose)


def transfer_stock(
    session: Session, item: Item, *, quantity: Decimal, source: Location, target: Location
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
    return carry(session, [Load(item, quantity, source, target)], origin=number)[0]


def picked(session: Session, loads: Sequence[Load]) -> list[Load]:
    """Say from which parts of a divided warehouse the goods are taken; lock them.

    What is promised stays; the rest is taken in the order of the codes of the places.
    """
    lock_items(session, [load.item.id for load in loads])
    free: dict[Location, dict[Item, list[tuple[Location, Decimal]]]] = {}
    for source in dict.fromkeys(load.source for load in loads if load.source.divided):
        items = {load.item.id: load.item for load in loads if load.source is source}
        there = pickable(session, source, items)
        free[source] = {
            item: [(each.location, each.available) for each in there.get(item_id, ())]
            for item_id, item in items.items()
        }
    picks: list[Load] = []
    for load in loads:
        if load.source not in free:
            picks.append(load)
            continue
        places = free[load.source][load.item]
        parts, left = rules.spread(load.quantity, places)
        if left:
            _refuse(load, pickable(session, load.source, [load.item.id]).get(load.item.id, []))
        picks += [Load(load.item, part, place, load.target) for place, part in parts]
        taken = dict(parts)
        free[load.source][load.item] = [
            (place, available - taken.get(place, Decimal(0))) for place, available in places
        ]
    return picks


def carry(session: Session, loads: Sequence[Load], *, origin: str) -> list[StockMove]:
    """Bring goods from place to place for a document; what is promised stays where it is."""
    for load in loads:
        require_internal(load.source)
        require_internal(load.target)
        rules.require_movable(load.item, load.quantity)
    picks = [pick for pick in picked(session, loads) if pick.source is not pick.target]
    if not picks:
        raise SameLocation(location=loads[0].target.code)
    places = list(dict.fromkeys(place for pick in picks for place in (pick.source, pick.target)))
    require_thawed(session, [pick.item for pick in picks], places)
    shelves = Shelves(session, [pick.item for pick in picks], places)
    day, moves = company(session).today, []
    for pick in picks:
        value = shelves.average_value_of(pick.item, pick.quantity) or 0
        shelves.bring(pick.item, pick.source, pick.target, pick.quantity)
        moves.append(_move(pick, value, day, origin))
    session.add_all(moves)
    worth = Money(sum(move.value_minor for move in moves), company(session).currency)
    events.record(session, StockMoved(origin=origin, value=worth, levels=shelves.write()))
    session.flush()
    return moves


def _move(pick: Load, value_minor: int, day: date, origin: str) -> StockMove:
    return StockMove(
        item_id=pick.item.id,
        from_location_id=pick.source.id,
        to_location_id=pick.target.id,
        quantity=pick.quantity,
        value_minor=value_minor,
        moved_on=day,
        origin=origin,
    )


def _refuse(load: Load, there: Sequence[Pickable]) -> None:
    on_hand = sum((each.on_hand for each in there), Decimal(0))
    reserved = sum((each.reserved for each in there), Decimal(0))
    raise InsufficientStock(
        sku=load.item.sku,
        location=load.source.code,
        available=plain(on_hand - reserved),
        on_hand=plain(on_hand),
        reserved=plain(reserved),
        wanted=plain(load.quantity),
    )
