"""The rows of reservations that several verbs read and end in the same way."""

import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.lots import promise_lots
from core.inventory.reservations import counters
from core.inventory.tables import Location, Reservation, ReservationState

STANDING = (ReservationState.ACTIVE, ReservationState.WAITING)
_WAITING_FIRST = case((Reservation.state == ReservationState.WAITING, 0), else_=1)
_PLACES = (
    select(Reservation.item_id, Reservation.location_id)
    .where(
        Reservation.line_id.in_(bindparam("lines", expanding=True)),
        Reservation.state.in_(STANDING),
    )
    .distinct()
)
_STANDING = (
    select(Reservation)
    .where(
        Reservation.line_id.in_(bindparam("lines", expanding=True)),
        Reservation.state.in_(STANDING),
    )
    .order_by(_WAITING_FIRST, Reservation.id.desc())
    .execution_options(populate_existing=True)
)
_END = (
    update(Reservation)
    .where(Reservation.id.in_(bindparam("whole", expanding=True)))
    .values(state=bindparam("ended"))
    .execution_options(synchronize_session=False)
)


def of_lines(session: Session, line_ids: Sequence[uuid.UUID]) -> list[Reservation]:
    """Return what is promised to some lines, and what waits, newest first; nobody changes it now.

    The levels are locked first, and the rows read after: a delivery may have been faster.
    """
    if not line_ids:
        return []
    places = session.execute(_PLACES, {"lines": line_ids}).all()
    if not places:
        return []
    counters.lock(session, [(item_id, location_id) for item_id, location_id in places])
    return list(session.scalars(_STANDING, {"lines": line_ids}))


def end(
    session: Session, ended: Sequence[tuple[Reservation, Decimal]], state: ReservationState
) -> None:
    """Let so much of each row end in a state; what is left of it stands on.

    What was promised of a lot is taken off the lot as well.
    """
    active = [(row, -part) for row, part in ended if row.state is ReservationState.ACTIVE]
    promise_lots(session, [(row.lot_id, row.location_id, part) for row, part in active])
    whole = [row.id for row, part in ended if part == row.quantity]
    for row, part in ended:
        if part < row.quantity:
            row.quantity -= part
            session.add(copy_of(row, quantity=part, state=state))
    session.flush()
    if whole:
        session.execute(_END, {"whole": whole, "ended": state})


def copy_of(row: Reservation, *, quantity: Decimal, state: ReservationState) -> Reservation:
    """Return another part of the same promise, as old as the first."""
    return Reservation(
        item_id=row.item_id,
        location_id=row.location_id,
        quantity=quantity,
        line_id=row.line_id,
        origin=row.origin,
        state=state,
        kind=row.kind,
        priority=row.priority,
        expires_at=row.expires_at,
        lot_id=row.lot_id if state is not ReservationState.WAITING else None,
        lot_because=row.lot_because if state is not ReservationState.WAITING else None,
        created_at=row.created_at,
    )


def taken_from(
    session: Session, rows: Iterable[Reservation]
) -> tuple[dict[uuid.UUID, Item], dict[uuid.UUID, Location]]:
    """Return the items and the locations that some rows are about."""
    item_ids, place_ids = set(), set()
    for row in rows:
        item_ids.add(row.item_id)
        place_ids.add(row.location_id)
    if not item_ids:
        return {}, {}
    items = session.scalars(select(Item).where(Item.id.in_(item_ids)))
    places = session.scalars(select(Location).where(Location.id.in_(place_ids)))
    return {item.id: item for item in items}, {place.id: place for place in places}
