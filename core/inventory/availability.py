"""What of the stock can be promised, and why not the rest: one question over kept levels."""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.lots import Lot, LotLevel, LotStatus
from core.inventory.tables import (
    Location,
    LocationPurpose,
    Reservation,
    ReservationKind,
    ReservationState,
    StockLevel,
)
from core.inventory.tree import subtree
from core.kernel.company import company

AVAILABILITY_MAX = 10_000
_ZERO = Decimal(0)
Items = list[uuid.UUID] | None
Places = list[uuid.UUID] | Select[uuid.UUID] | None


class Availability(NamedTuple):
    """How one item stands in one place; a row, as there are as many as items.

    `unfit` is in lots that are held or have expired; `waiting` is asked for and not promised.
    """

    item_id: uuid.UUID
    sku: str
    location: str
    on_hand: Decimal
    hard: Decimal
    soft: Decimal
    unfit: Decimal
    waiting: Decimal
    held: Decimal
    in_transit: Decimal

    @property
    def reserved(self) -> Decimal:
        """What is promised, hard or soft."""
        return self.hard + self.soft

    @property
    def available(self) -> Decimal:
        """What can be promised to anybody now."""
        free = self.on_hand - self.held - self.in_transit - self.reserved - self.unfit
        return max(free, _ZERO)

    @property
    def yielding(self) -> Decimal:
        """What a hard request of higher priority could have besides."""
        return self.soft


def availability(
    session: Session,
    item_ids: Iterable[uuid.UUID] | None = None,
    location: Location | None = None,
    *,
    limit: int = AVAILABILITY_MAX,
) -> list[Availability]:
    """Return how items stand in each place where they lie, by SKU and place.

    Of a warehouse, in each of its parts.
    """
    standing = _standing(session, item_ids, location).subquery()
    rows = (
        select(
            standing.c.item_id,
            Item.sku,
            Location.code,
            standing.c.on_hand,
            standing.c.reserved - standing.c.soft,
            standing.c.soft,
            standing.c.unfit,
            standing.c.waiting,
            standing.c.held,
            standing.c.in_transit,
        )
        .join(Item, Item.id == standing.c.item_id)
        .join(Location, Location.id == standing.c.location_id)
        .order_by(Item.sku, Location.code)
        .limit(limit)
    )
    session.flush()
    # Rows as the driver makes them: to make objects of ten thousand takes longer than to read them.
    return list(map(Availability._make, session.connection().execute(rows)))


def available_in(
    session: Session, item_ids: Iterable[uuid.UUID] | None, location: Location | None
) -> dict[uuid.UUID, Decimal]:
    """Return how much of each item can be promised in a warehouse and its parts, or anywhere."""
    standing = _standing(session, item_ids, location).subquery()
    rows = select(standing.c.item_id, func.sum(_free(standing))).group_by(standing.c.item_id)
    return dict(session.execute(rows).all())


def _free(standing: Subquery) -> ColumnElement[Decimal]:
    taken = standing.c.reserved + standing.c.unfit + standing.c.held + standing.c.in_transit
    return func.greatest(standing.c.on_hand - taken, 0)


def _standing(
    session: Session, item_ids: Iterable[uuid.UUID] | None, location: Location | None
) -> Select[Any]:
    """Ask how each level stands; every part asks for the items and places that are meant only."""
    items = None if item_ids is None else list(item_ids)
    places = None if location is None else _places(location)
    promises, unfit = _promises(items, places), _unfit(items, places, company(session).today)
    transit = Location.purpose == LocationPurpose.TRANSIT
    rows = (
        select(
            StockLevel.item_id,
            StockLevel.location_id,
            StockLevel.on_hand,
            StockLevel.reserved,
            func.coalesce(promises.c.soft, _ZERO).label("soft"),
            func.coalesce(promises.c.waiting, _ZERO).label("waiting"),
            case((Location.sellable, func.coalesce(unfit.c.quantity, _ZERO)), else_=_ZERO).label(
                "unfit"
            ),
            case((or_(Location.sellable, transit), _ZERO), else_=StockLevel.on_hand).label("held"),
            case((transit, StockLevel.on_hand), else_=_ZERO).label("in_transit"),
        )
        .join(Location, Location.id == StockLevel.location_id)
        .outerjoin(promises, _same_place(promises))
        .outerjoin(unfit, _same_place(unfit))
    )
    return rows.where(*_meant(StockLevel, items, places))


def _promises(items: Items, places: Places) -> Subquery:
    soft = and_(
        Reservation.state == ReservationState.ACTIVE, Reservation.kind == ReservationKind.SOFT
    )
    waiting = Reservation.state == ReservationState.WAITING
    rows = (
        select(
            Reservation.item_id,
            Reservation.location_id,
            func.sum(Reservation.quantity).filter(soft).label("soft"),
            func.sum(Reservation.quantity).filter(waiting).label("waiting"),
        )
        .where(or_(waiting, soft))
        .group_by(Reservation.item_id, Reservation.location_id)
    )
    return rows.where(*_meant(Reservation, items, places)).subquery()


def _unfit(items: Items, places: Places, today: date) -> Subquery:
    rows = (
        select(
            LotLevel.item_id,
            LotLevel.location_id,
            func.sum(LotLevel.on_hand - LotLevel.reserved).label("quantity"),
        )
        .join(Lot, Lot.id == LotLevel.lot_id)
        .where(LotLevel.on_hand > 0, or_(Lot.status == LotStatus.HELD, Lot.expires_on < today))
        .group_by(LotLevel.item_id, LotLevel.location_id)
    )
    return rows.where(*_meant(LotLevel, items, places)).subquery()


def _meant(
    table: type[StockLevel | Reservation | LotLevel], items: Items, places: Places
) -> list[ColumnElement[bool]]:
    meant: list[ColumnElement[bool]] = []
    if items is not None:
        meant.append(table.item_id.in_(items))
    if places is not None:
        meant.append(table.location_id.in_(places))
    return meant


def _places(location: Location) -> Places:
    return select(subtree(location.id).c.id) if location.divided else [location.id]


def _same_place(part: Subquery) -> ColumnElement[bool]:
    return and_(part.c.item_id == StockLevel.item_id, part.c.location_id == StockLevel.location_id)
