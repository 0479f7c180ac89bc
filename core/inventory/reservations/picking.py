"""Promising certain lots to a line that may have been promised any."""

import uuid
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory import rules as stock_rules
from core.inventory.errors import InsufficientStock
from core.inventory.locations import require_sellable
from core.inventory.lots import (
    Lot,
    LotLevel,
    LotTooSmall,
    NotTracked,
    promise_lots,
    require_fit,
)
from core.inventory.reservations import counters
from core.inventory.reservations.errors import NothingPromised
from core.inventory.reservations.events import LotPicked, Promise
from core.inventory.reservations.rows import end, of_lines, taken_from
from core.inventory.reservations.rules import USUAL_PRIORITY
from core.inventory.reservations.yielding import wait_again
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, Reservation, ReservationState
from core.inventory.tree import level_in, places_of, warehouse_of
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import plain

_ZERO = Decimal(0)


def pick_lot(
    session: Session,
    item: Item,
    *,
    lot: Lot,
    quantity: Decimal,
    line_id: uuid.UUID,
    origin: str,
    location: Location,
    because: str = "",
) -> None:
    """Promise so much of a lot to a line, instead of any of the item; it leaves with that line.

    A lot that is held or has expired needs a reason, said by somebody entitled.
    """
    require_sellable(location)
    stock_rules.require_movable(item, quantity)
    if item.tracking is Tracking.NONE:
        raise NotTracked(sku=item.sku)
    lock_items(session, [item.id])
    session.refresh(lot, ["status", "expires_on"])
    needed = require_fit(session, lot, item, because=because)
    places = places_of(session, location, sellable=True)
    counters.lock(session, [(item.id, place.id) for place in places])
    meant = _divided(session, item, lot, quantity, location, places)
    freed = _free_any(session, line_id, {place.id for place in places}, quantity)
    asked: dict[counters.Place, Decimal] = defaultdict(Decimal)
    for place, part in meant:
        asked[item.id, place.id] += part
    for place_id, part in freed.items():
        asked[item.id, place_id] -= part
    changed = counters.change(session, asked)
    if any(_granted(changed, key) < more for key, more in asked.items() if more > 0):
        raise _too_little(session, item, location, sum(freed.values(), _ZERO), quantity)
    for place, part in meant:
        session.add(
            Reservation(
                item_id=item.id,
                location_id=place.id,
                quantity=part,
                line_id=line_id,
                origin=origin,
                priority=USUAL_PRIORITY,
                lot_id=lot.id,
                lot_because=because if needed else None,
            )
        )
    promise_lots(session, [(lot.id, place.id, part) for place, part in meant])
    fact = LotPicked(
        promises=(Promise(origin, item.sku, f"{item.name} · {lot.number}", "0", plain(quantity)),),
        levels=counters.levels(changed, {item.id: item}, {place.id: place for place in places}),
        because=because if needed else "",
    )
    events.record(session, fact)
    session.flush()


def unpick_lot(session: Session, lot: Lot, *, origin: str) -> Decimal:
    """Let a document that was meant to get a lot get any again; return how much that was.

    What is held or has expired is promised to nobody: for that much the document waits.
    """
    lock_items(session, [lot.item_id])
    wanted = (
        select(Reservation)
        .where(
            Reservation.origin == origin,
            Reservation.lot_id == lot.id,
            Reservation.state == ReservationState.ACTIVE,
        )
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    )
    concerned = session.scalars(wanted).all()
    counters.lock(session, [(row.item_id, row.location_id) for row in concerned])
    rows = session.scalars(wanted).all()
    if not rows:
        raise NothingPromised(origin=origin)
    _, locations = taken_from(session, rows)
    promise_lots(session, [(row.lot_id, row.location_id, -row.quantity) for row in rows])
    session.refresh(lot, ["status", "expires_on"])
    fit = lot.is_fit(company(session).today)
    back: dict[counters.Place, Decimal] = defaultdict(Decimal)
    for row in rows:
        row.lot_id, row.lot_because = None, None
        if not fit:
            back[row.item_id, row.location_id] -= row.quantity
            place = locations[row.location_id]
            wait_again(session, [(row, row.quantity)], warehouse_of(session, place))
    changed = counters.change(session, back)
    total, item = sum((row.quantity for row in rows), _ZERO), lot.item
    fact = LotPicked(
        promises=(Promise(origin, item.sku, f"{item.name} · {lot.number}", plain(total), "0"),),
        levels=counters.levels(changed, {item.id: item}, locations),
    )
    events.record(session, fact)
    session.flush()
    return total


def _granted(changed: Mapping[counters.Place, counters.Changed], place: counters.Place) -> Decimal:
    return changed[place].granted if place in changed else _ZERO


def _divided(
    session: Session,
    item: Item,
    lot: Lot,
    quantity: Decimal,
    location: Location,
    places: Sequence[Location],
) -> list[tuple[Location, Decimal]]:
    """Say where so much of a lot lies that is promised to nobody, in the order of the places."""
    wanted = select(LotLevel.location_id, LotLevel.on_hand - LotLevel.reserved).where(
        LotLevel.lot_id == lot.id, LotLevel.location_id.in_([place.id for place in places])
    )
    there = dict(session.execute(wanted).all())
    left, parts = quantity, []
    for place in places:
        part = min(left, there.get(place.id, _ZERO))
        if part > 0:
            parts.append((place, part))
            left -= part
    if left:
        raise LotTooSmall(
            lot=lot.number,
            sku=item.sku,
            there=plain(quantity - left),
            location=location.code,
            wanted=plain(quantity),
        )
    return parts


def _free_any(
    session: Session, line_id: uuid.UUID, places: Container[uuid.UUID], quantity: Decimal
) -> dict[uuid.UUID, Decimal]:
    """End what the line was promised of any lot, and what it waits for; return what was promised.

    The counters are the caller's: what is promised to the line is of this lot now.
    """
    left, ended = quantity, []
    freed: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    rows = [row for row in of_lines(session, [line_id]) if row.lot_id is None]
    promised = [row for row in rows if row.state is ReservationState.ACTIVE]
    waiting = [row for row in rows if row.state is ReservationState.WAITING]
    for row in (*(row for row in promised if row.location_id in places), *waiting):
        part = min(row.quantity, left)
        if part:
            ended.append((row, part))
            left -= part
            if row.state is ReservationState.ACTIVE:
                freed[row.location_id] += part
    end(session, ended, ReservationState.RELEASED)
    return freed


def _too_little(
    session: Session, item: Item, location: Location, freed: Decimal, quantity: Decimal
) -> InsufficientStock:
    on_hand, reserved = level_in(session, item, location)
    return InsufficientStock(
        sku=item.sku,
        location=location.code,
        available=plain(on_hand - reserved + freed),
        on_hand=plain(on_hand),
        reserved=plain(reserved - freed),
        wanted=plain(quantity),
    )
