"""The tree of places: what belongs to a warehouse, and where in it goods are taken from."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import Session, aliased

from core.catalog import Item
from core.inventory.tables import Location, LocationKind, LocationPurpose, StockLevel

PLACES_MAX = 20_000


@dataclass(frozen=True)
class Pickable:
    """What can be taken of an item from one place: `available` is promised to nobody."""

    location: Location
    on_hand: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        """What is promised to nobody."""
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class PlaceView:
    """A place of ours as people read it, with how deep it lies in the tree."""

    code: str
    name: str
    name_zh: str
    depth: int
    purpose: LocationPurpose
    sellable: bool
    closed: bool
    address: str
    items: int


def subtree(root_id: uuid.UUID) -> CTE:
    """Return a select of the ids (`.c.id`) of a place and of all places below it."""
    top = select(Location.id).where(Location.id == root_id).cte("places", recursive=True)
    part = aliased(Location)
    return top.union(select(part.id).join(top, part.parent_id == top.c.id))


def warehouse_of(session: Session, location: Location) -> Location:
    """Return the warehouse that a place is a part of; of a warehouse, itself."""
    above = location
    while above.parent_id is not None:
        above = session.get_one(Location, above.parent_id)
    return above


def is_within(session: Session, location: Location, whole: Location) -> bool:
    """Tell whether a place is a part of another, however far below it."""
    above = location
    while above.parent_id is not None:
        if above.parent_id == whole.id:
            return True
        above = session.get_one(Location, above.parent_id)
    return False


def places_of(session: Session, root: Location, *, sellable: bool | None = None) -> list[Location]:
    """Return a place and the open places below it, by code: as one goes through the warehouse."""
    if not root.divided and sellable is not None:
        return [root] if root.sellable is sellable else []
    wanted = (
        select(Location)
        .where(Location.id.in_(select(subtree(root.id).c.id)), Location.closed_on.is_(None))
        .order_by(Location.code)
        .limit(PLACES_MAX)
    )
    if sellable is not None:
        wanted = wanted.where(Location.sellable.is_(sellable))
    return list(session.scalars(wanted))


def pickable(
    session: Session, warehouse: Location, item_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[Pickable]]:
    """Return the sellable stock of some items in a warehouse and its parts, by code of the place.

    The caller has locked the items. The order is the one in which goods are promised and taken:
    by code, so that who codes the bins as one walks past them has them picked so.
    """
    rows = (
        select(StockLevel.item_id, Location, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.item_id.in_(list(item_ids)),
            StockLevel.location_id.in_(select(subtree(warehouse.id).c.id)),
            StockLevel.on_hand > 0,
            Location.sellable,
            Location.closed_on.is_(None),
        )
        .order_by(StockLevel.item_id, Location.code)
    )
    found: dict[uuid.UUID, list[Pickable]] = defaultdict(list)
    for item_id, location, on_hand, reserved in session.execute(rows):
        found[item_id].append(Pickable(location, on_hand, reserved))
    return found


def level_in(session: Session, item: Item, warehouse: Location) -> tuple[Decimal, Decimal]:
    """Return what of an item lies where it may be sold from, in a warehouse and its parts.

    And how much of that is promised.
    """
    there = pickable(session, warehouse, [item.id]).get(item.id, [])
    on_hand = sum((each.on_hand for each in there), Decimal(0))
    return on_hand, sum((each.reserved for each in there), Decimal(0))


def list_places(session: Session, *, with_closed: bool = False) -> list[PlaceView]:
    """Return our warehouses, each with its parts below it."""
    wanted = (
        select(Location)
        .where(Location.kind == LocationKind.INTERNAL)
        .order_by(Location.code)
        .limit(PLACES_MAX)
    )
    if not with_closed:
        wanted = wanted.where(Location.closed_on.is_(None))
    below: dict[uuid.UUID | None, list[Location]] = defaultdict(list)
    for location in session.scalars(wanted):
        below[location.parent_id].append(location)
    filled = _items_by_place(session)
    listed: list[PlaceView] = []
    waiting = [(each, 0) for each in reversed(below[None])]
    while waiting:
        place, depth = waiting.pop()
        listed.append(
            PlaceView(
                code=place.code,
                name=place.name,
                name_zh=place.name_zh,
                depth=depth,
                purpose=place.purpose,
                sellable=place.sellable,
                closed=place.closed_on is not None,
                address=place.address,
                items=filled.get(place.id, 0),
            )
        )
        waiting += [(each, depth + 1) for each in reversed(below[place.id])]
    return listed


def _items_by_place(session: Session) -> dict[uuid.UUID, int]:
    rows = (
        select(StockLevel.location_id, func.count())
        .where(StockLevel.on_hand > 0)
        .group_by(StockLevel.location_id)
    )
    return dict(session.execute(rows).all())
