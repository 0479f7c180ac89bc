"""Promising certain lots to a line that may have been promised any."""

import uuid
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
from core.inventory.reservations.events import LotPicked, Promise
from core.inventory.reservations.rows import end, of_lines
from core.inventory.reservations.rules import USUAL_PRIORITY
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, Reservation, ReservationState, StockLevel
from core.kernel import events
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
    counters.lock(session, [(item.id, location.id)])
    _require_there(session, item, lot, quantity, location)
    freed = _free_any(session, line_id, location, quantity)
    changed = counters.change(session, {(item.id, location.id): quantity - freed})
    got = freed + sum((each.granted for each in changed.values()), _ZERO)
    if got < quantity:
        raise _too_little(session, item, location, freed, quantity)
    session.add(
        Reservation(
            item_id=item.id,
            location_id=location.id,
            quantity=quantity,
            line_id=line_id,
            origin=origin,
            priority=USUAL_PRIORITY,
            lot_id=lot.id,
            lot_because=because if needed else None,
        )
    )
    promise_lots(session, [(lot.id, location.id, quantity)])
    fact = LotPicked(
        promises=(Promise(origin, item.sku, f"{item.name} · {lot.number}", "0", plain(quantity)),),
        levels=counters.levels(changed, {item.id: item}, {location.id: location}),
        because=because if needed else "",
    )
    events.record(session, fact)
    session.flush()


def _require_there(
    session: Session, item: Item, lot: Lot, quantity: Decimal, location: Location
) -> None:
    wanted = select(LotLevel.on_hand - LotLevel.reserved).where(
        LotLevel.lot_id == lot.id, LotLevel.location_id == location.id
    )
    there = session.scalar(wanted) or _ZERO
    if quantity > there:
        raise LotTooSmall(
            lot=lot.number,
            sku=item.sku,
            there=plain(there),
            location=location.code,
            wanted=plain(quantity),
        )


def _free_any(
    session: Session, line_id: uuid.UUID, location: Location, quantity: Decimal
) -> Decimal:
    """End what the line was promised of any lot, and what it waits for; return what was promised.

    The counter stays as it is: the same goods are promised to the same line.
    """
    freed, left, ended = _ZERO, quantity, []
    rows = [row for row in of_lines(session, [line_id]) if row.lot_id is None]
    promised = [row for row in rows if row.state is ReservationState.ACTIVE]
    waiting = [row for row in rows if row.state is ReservationState.WAITING]
    for row in (*promised, *waiting):
        if row.location_id != location.id and row in promised:
            continue
        part = min(row.quantity, left)
        if part:
            ended.append((row, part))
            left -= part
            freed += part if row in promised else _ZERO
    end(session, ended, ReservationState.RELEASED)
    return freed


def _too_little(
    session: Session, item: Item, location: Location, freed: Decimal, quantity: Decimal
) -> InsufficientStock:
    level = session.get_one(StockLevel, (item.id, location.id), populate_existing=True)
    free = level.on_hand - level.reserved
    return InsufficientStock(
        sku=item.sku,
        location=location.code,
        available=plain(free + freed),
        on_hand=plain(level.on_hand),
        reserved=plain(level.reserved - freed),
        wanted=plain(quantity),
    )
