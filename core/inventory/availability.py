"""What of the stock can be promised, and why not the rest: one question over kept levels."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
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
from core.kernel.company import company

AVAILABILITY_MAX = 10_000
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Availability:
    """How one item stands in one place.

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
    """Return how items stand in each place where they lie, by SKU and place."""
    today = company(session).today
    promises = (
        select(
            Reservation.item_id,
            Reservation.location_id,
            func.coalesce(
                func.sum(Reservation.quantity).filter(
                    Reservation.state == ReservationState.ACTIVE,
                    Reservation.kind == ReservationKind.SOFT,
                ),
                0,
            ).label("soft"),
            func.coalesce(
                func.sum(Reservation.quantity).filter(
                    Reservation.state == ReservationState.WAITING
                ),
                0,
            ).label("waiting"),
        )
        .where(
            or_(
                Reservation.state == ReservationState.WAITING,
                and_(
                    Reservation.state == ReservationState.ACTIVE,
                    Reservation.kind == ReservationKind.SOFT,
                ),
            )
        )
        .group_by(Reservation.item_id, Reservation.location_id)
        .subquery()
    )
    unfit = (
        select(
            LotLevel.item_id,
            LotLevel.location_id,
            func.sum(LotLevel.on_hand - LotLevel.reserved).label("quantity"),
        )
        .join(Lot, Lot.id == LotLevel.lot_id)
        .where(LotLevel.on_hand > 0, or_(Lot.status == LotStatus.HELD, Lot.expires_on < today))
        .group_by(LotLevel.item_id, LotLevel.location_id)
        .subquery()
    )
    rows = (
        select(
            StockLevel.item_id,
            Item.sku,
            Location.code,
            Location.purpose,
            Location.sellable,
            StockLevel.on_hand,
            StockLevel.reserved,
            func.coalesce(promises.c.soft, 0),
            func.coalesce(promises.c.waiting, 0),
            func.coalesce(unfit.c.quantity, 0),
        )
        .join(Item, Item.id == StockLevel.item_id)
        .join(Location, Location.id == StockLevel.location_id)
        .outerjoin(
            promises,
            and_(
                promises.c.item_id == StockLevel.item_id,
                promises.c.location_id == StockLevel.location_id,
            ),
        )
        .outerjoin(
            unfit,
            and_(
                unfit.c.item_id == StockLevel.item_id,
                unfit.c.location_id == StockLevel.location_id,
            ),
        )
        .order_by(Item.sku, Location.code)
        .limit(limit)
    )
    if item_ids is not None:
        rows = rows.where(StockLevel.item_id.in_(list(item_ids)))
    if location is not None:
        rows = rows.where(StockLevel.location_id == location.id)
    return [
        Availability(
            item_id=item_id,
            sku=sku,
            location=code,
            on_hand=on_hand,
            hard=reserved - soft,
            soft=soft,
            unfit=not_fit if sellable else _ZERO,
            waiting=waiting,
            held=on_hand if _is_held(purpose, sellable=sellable) else _ZERO,
            in_transit=on_hand if purpose is LocationPurpose.TRANSIT else _ZERO,
        )
        for (
            item_id,
            sku,
            code,
            purpose,
            sellable,
            on_hand,
            reserved,
            soft,
            waiting,
            not_fit,
        ) in session.execute(rows)
    ]


def _is_held(purpose: LocationPurpose, *, sellable: bool) -> bool:
    return not sellable and purpose is not LocationPurpose.TRANSIT
