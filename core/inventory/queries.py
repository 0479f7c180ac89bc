"""Questions to the inventory; answers are frozen."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from core.catalog import Item
from core.inventory.rules import shortfall
from core.inventory.tables import (
    Location,
    LocationPurpose,
    ReorderRule,
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
class Shortage:
    """An item that is below its reorder point, counting what is on order."""

    item_id: uuid.UUID
    sku: str
    name: str
    name_zh: str | None
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    minimum: Decimal
    target: Decimal

    @property
    def available(self) -> Decimal:
        """What is promised to nobody."""
        return self.on_hand - self.reserved

    @property
    def missing(self) -> Decimal:
        """How much to order to reach the target."""
        return shortfall(
            minimum=self.minimum,
            target=self.target,
            available=self.available,
            on_order=self.on_order,
        )


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


def list_shortages(
    session: Session,
    *,
    on_order: Mapping[uuid.UUID, Decimal] | None = None,
    item_ids: Iterable[uuid.UUID] | None = None,
) -> list[Shortage]:
    """Return the items below their reorder point, counting what the caller knows to be coming."""
    coming = on_order or {}
    # What is under way between our warehouses arrives; what is held may never be sold.
    levels = (
        select(
            StockLevel.item_id,
            func.sum(StockLevel.on_hand).label("on_hand"),
            func.sum(StockLevel.reserved).label("reserved"),
        )
        .join(Location, Location.id == StockLevel.location_id)
        .where(or_(Location.sellable, Location.purpose == LocationPurpose.TRANSIT))
        .group_by(StockLevel.item_id)
        .subquery()
    )
    on_hand = func.coalesce(levels.c.on_hand, _ZERO)
    reserved = func.coalesce(levels.c.reserved, _ZERO)
    rows = (
        select(Item, ReorderRule, on_hand, reserved)
        .join(ReorderRule, ReorderRule.item_id == Item.id)
        .outerjoin(levels, levels.c.item_id == Item.id)
        .where(Item.active, on_hand - reserved < ReorderRule.minimum)
        .order_by(Item.sku)
    )
    if item_ids is not None:
        rows = rows.where(Item.id.in_(list(item_ids)))
    short = (
        Shortage(
            item_id=item.id,
            sku=item.sku,
            name=item.name,
            name_zh=item.name_zh,
            on_hand=there,
            reserved=promised,
            on_order=coming.get(item.id, _ZERO),
            minimum=rule.minimum,
            target=rule.target,
        )
        for item, rule, there, promised in session.execute(rows)
    )
    return [shortage for shortage in short if shortage.missing > 0]


def reorder_rule_or_none(session: Session, item: Item) -> tuple[Decimal, Decimal] | None:
    """Return the minimum and the target of an item, if it has a reorder rule."""
    wanted = select(ReorderRule.minimum, ReorderRule.target).where(ReorderRule.item_id == item.id)
    return session.execute(wanted).one_or_none()


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
