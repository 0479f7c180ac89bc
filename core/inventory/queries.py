"""Questions to the inventory; answers are frozen."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from core.catalog import Item
from core.inventory.tables import (
    Location,
    LocationPurpose,
    StockLevel,
    StockMove,
    StockValue,
)
from core.kernel.company import company
from core.kernel.money import Money

ROWS_MAX = 500
_ZERO = Decimal(0)


@dataclass(frozen=True)
class StockAt:
    """What lies in one location."""

    location: str
    location_name: str
    location_name_zh: str
    on_hand: Decimal
    reserved: Decimal
    purpose: LocationPurpose = LocationPurpose.STORAGE
    sellable: bool = True

    @property
    def available(self) -> Decimal:
        """What can be sold and is promised to nobody."""
        return self.on_hand - self.reserved if self.sellable else _ZERO


@dataclass(frozen=True)
class Stock:
    """What there is of an item in all warehouses, and what it is worth.

    On hand is all that is ours; of it, some may be under way between two warehouses, or held:
    that is not available.
    """

    item_id: uuid.UUID
    on_hand: Decimal
    reserved: Decimal
    value: Money
    by_location: tuple[StockAt, ...] = ()
    in_transit: Decimal = _ZERO
    held: Decimal = _ZERO

    @property
    def available(self) -> Decimal:
        """What can be sold and is promised to nobody."""
        return self.on_hand - self.in_transit - self.held - self.reserved


@dataclass(frozen=True)
class MoveView:
    """A move of stock, as people read it."""

    moved_on: date
    source: str
    target: str
    quantity: Decimal
    value: Money | None
    origin: str

    def without_value(self) -> "MoveView":
        """Return the move for somebody who may not see what things cost."""
        return replace(self, value=None)


def stock_of(session: Session, item: Item) -> Stock:
    """Return what there is of an item."""
    return stock_levels(session, [item.id])[item.id]


def stock_levels(session: Session, item_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Stock]:
    """Return what there is of some items; of an item that was never here, nothing."""
    wanted = list(item_ids)
    currency = company(session).currency
    places: dict[uuid.UUID, list[StockAt]] = defaultdict(list)
    rows = (
        select(StockLevel.item_id, Location, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .where(StockLevel.item_id.in_(wanted))
        .order_by(Location.code)
    )
    for item_id, location, on_hand, reserved in session.execute(rows):
        if on_hand:
            place = StockAt(
                location.code,
                location.name,
                location.name_zh,
                on_hand,
                reserved,
                location.purpose,
                location.sellable,
            )
            places[item_id].append(place)
    values = select(StockValue.item_id, StockValue.value_minor).where(
        StockValue.item_id.in_(wanted)
    )
    value_of = dict(session.execute(values).all())
    return {
        item_id: Stock(
            item_id=item_id,
            on_hand=sum((place.on_hand for place in places[item_id]), _ZERO),
            reserved=sum((place.reserved for place in places[item_id]), _ZERO),
            value=Money(value_of.get(item_id, 0), currency),
            by_location=tuple(places[item_id]),
            in_transit=_in_transit(places[item_id]),
            held=_held(places[item_id]),
        )
        for item_id in wanted
    }


def _in_transit(places: Iterable[StockAt]) -> Decimal:
    under_way = (each.on_hand for each in places if each.purpose is LocationPurpose.TRANSIT)
    return sum(under_way, _ZERO)


def _held(places: Iterable[StockAt]) -> Decimal:
    kept_back = (
        each.on_hand
        for each in places
        if not each.sellable and each.purpose is not LocationPurpose.TRANSIT
    )
    return sum(kept_back, _ZERO)


def list_moves(
    session: Session, item: Item, *, location: Location | None = None, limit: int = 50
) -> list[MoveView]:
    """Return the newest moves of an item."""
    source, target = aliased(Location), aliased(Location)
    rows = (
        select(StockMove, source.code, target.code)
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .where(StockMove.item_id == item.id)
        .order_by(StockMove.moved_on.desc(), StockMove.created_at.desc(), StockMove.id)
        .limit(min(limit, ROWS_MAX))
    )
    if location is not None:
        rows = rows.where(or_(source.id == location.id, target.id == location.id))
    currency = company(session).currency
    return [
        MoveView(
            moved_on=move.moved_on,
            source=came_from,
            target=went_to,
            quantity=move.quantity,
            value=Money(move.value_minor, currency),
            origin=move.origin,
        )
        for move, came_from, went_to in session.execute(rows)
    ]
