"""Questions about what is promised; answers are frozen."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.lots import Lot
from core.inventory.reservations.rows import STANDING
from core.inventory.reservations.rules import last_day
from core.inventory.reservations.tables import SetAside
from core.inventory.tables import Location, Reservation, ReservationKind, ReservationState
from core.parties import Party

LISTED_MAX = 500
_ZERO = Decimal(0)


@dataclass(frozen=True)
class PromiseView:
    """A promise, or a wait for one, as people read it."""

    origin: str
    party: str | None
    sku: str
    name: str
    name_zh: str | None
    location: str
    lot: str | None
    quantity: Decimal
    waiting: bool
    kind: ReservationKind
    priority: int
    made_on: date
    until: date | None


@dataclass(frozen=True)
class SetAsideView:
    """What stands of a reservation made by hand."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    location: str
    party: str | None
    kind: ReservationKind | None
    priority: int | None
    asked: Decimal
    reserved: Decimal
    waiting: Decimal
    until: date | None
    because: str


def list_promises(
    session: Session,
    *,
    item: Item | None = None,
    origin: str | None = None,
    party_id: uuid.UUID | None = None,
    only_waiting: bool = False,
    limit: int = 100,
) -> list[PromiseView]:
    """Return what is promised to whom, and who waits, in the order in which they are served."""
    rows = (
        select(Reservation, Item, Location.code, Lot.number, Party.name)
        .join(Item, Item.id == Reservation.item_id)
        .join(Location, Location.id == Reservation.location_id)
        .outerjoin(Lot, Lot.id == Reservation.lot_id)
        .outerjoin(SetAside, SetAside.id == Reservation.line_id)
        .outerjoin(Party, Party.id == SetAside.party_id)
        .where(Reservation.state.in_(STANDING))
        .order_by(Item.sku, Reservation.priority.desc(), Reservation.created_at, Reservation.id)
        .limit(min(limit, LISTED_MAX))
    )
    if item is not None:
        rows = rows.where(Reservation.item_id == item.id)
    if origin is not None:
        rows = rows.where(Reservation.origin == origin)
    if party_id is not None:
        rows = rows.where(SetAside.party_id == party_id)
    if only_waiting:
        rows = rows.where(Reservation.state == ReservationState.WAITING)
    return [
        PromiseView(
            origin=row.origin,
            party=party,
            sku=meant.sku,
            name=meant.name,
            name_zh=meant.name_zh,
            location=location,
            lot=lot,
            quantity=row.quantity,
            waiting=row.state is ReservationState.WAITING,
            kind=row.kind,
            priority=row.priority,
            made_on=row.created_at.date(),
            until=last_day(row.expires_at) if row.expires_at else None,
        )
        for row, meant, location, lot, party in session.execute(rows)
    ]


_SET_ASIDE = (
    select(SetAside, Item, Location.code, Party.name)
    .join(Item, Item.id == SetAside.item_id)
    .join(Location, Location.id == SetAside.location_id)
    .outerjoin(Party, Party.id == SetAside.party_id)
    .where(SetAside.number == bindparam("number"))
)
_STANDING = (
    select(
        Reservation.state,
        func.sum(Reservation.quantity),
        func.max(Reservation.priority),
        func.min(Reservation.kind),
        func.max(Reservation.expires_at),
    )
    .where(Reservation.line_id == bindparam("line"), Reservation.state.in_(STANDING))
    .group_by(Reservation.state)
)


def set_aside_of(session: Session, number: str) -> SetAsideView:
    """Return what stands of a reservation made by hand."""
    aside, item, location, party = session.execute(_SET_ASIDE, {"number": number}).one()
    standing = {
        state: (quantity, priority, kind, expires_at)
        for state, quantity, priority, kind, expires_at in session.execute(
            _STANDING, {"line": aside.id}
        )
    }
    terms = next(iter(standing.values()), None)
    reserved = standing.get(ReservationState.ACTIVE)
    waiting = standing.get(ReservationState.WAITING)
    return SetAsideView(
        number=aside.number,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        location=location,
        party=party,
        kind=ReservationKind(terms[2]) if terms else None,
        priority=terms[1] if terms else None,
        asked=aside.quantity,
        reserved=reserved[0] if reserved else _ZERO,
        waiting=waiting[0] if waiting else _ZERO,
        until=last_day(terms[3]) if terms and terms[3] else None,
        because=aside.because,
    )
