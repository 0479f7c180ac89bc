"""Promising stock to the lines of documents, and giving it back."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory import rules
from core.inventory.events import ReservationReleased, StockReserved
from core.inventory.locations import require_internal
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, Reservation, ReservationState
from core.kernel import events


@dataclass(frozen=True)
class Request:
    """A quantity that a line of a document would like to be promised."""

    item: Item
    quantity: Decimal
    line_id: uuid.UUID


def reserve(
    session: Session, requests: Sequence[Request], *, location: Location, origin: str
) -> dict[uuid.UUID, Decimal]:
    """Promise as much as is available to each line, in their order; return how much that was."""
    require_internal(location)
    for request in requests:
        rules.require_movable(request.item, request.quantity)
    shelves = Shelves(session, [request.item for request in requests], [location])
    promised: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    rows = []
    for request in requests:
        quantity = min(request.quantity, shelves.available(request.item, location))
        promised[request.line_id] += quantity
        if quantity > 0:
            shelves.promise(request.item, location, quantity)
            rows.append(
                Reservation(
                    item_id=request.item.id,
                    location_id=location.id,
                    quantity=quantity,
                    line_id=request.line_id,
                    origin=origin,
                )
            )
    if rows:
        session.add_all(rows)
        events.record(session, StockReserved(origin=origin, levels=shelves.write()))
        session.flush()
    return dict(promised)


def release(session: Session, line_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Give back what is still promised to some lines; return how much that was."""
    mine = [Reservation.line_id.in_(list(line_ids)), Reservation.state == ReservationState.ACTIVE]
    concerned = (
        select(Item, Location)
        .select_from(Reservation)
        .join(Item, Item.id == Reservation.item_id)
        .join(Location, Location.id == Reservation.location_id)
        .where(*mine)
    )
    pairs = session.execute(concerned).all()
    if not pairs:
        return {}
    items = {item.id: item for item, _ in pairs}
    locations = {location.id: location for _, location in pairs}
    shelves = Shelves(session, items.values(), list(locations.values()))
    # Read again now that the items are locked: a delivery may have been faster.
    given: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    origins: dict[str, None] = {}
    rows = session.execute(
        update(Reservation)
        .where(
            *mine,
            Reservation.item_id.in_(list(items)),
            Reservation.location_id.in_(list(locations)),
        )
        .values(state=ReservationState.RELEASED)
        .returning(
            Reservation.line_id,
            Reservation.item_id,
            Reservation.location_id,
            Reservation.quantity,
            Reservation.origin,
        )
        .execution_options(synchronize_session=False)
    )
    for line_id, item_id, location_id, quantity, origin in rows:
        shelves.promise(items[item_id], locations[location_id], -quantity)
        given[line_id] += quantity
        origins[origin] = None
    if given:
        released = ReservationReleased(origin=", ".join(origins), levels=shelves.write())
        events.record(session, released)
        session.flush()
    return dict(given)


def consume(
    session: Session,
    wanted: Sequence[tuple[uuid.UUID, Decimal]],
    *,
    location: Location,
) -> dict[uuid.UUID, Decimal]:
    """Use up what was promised to some lines, as far as they need it; return how much that was.

    The items are locked by the caller, and so are the counters, which it lowers.
    """
    if not wanted:
        return {}
    needed: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for line_id, quantity in wanted:
        needed[line_id] += quantity
    active = (
        select(Reservation)
        .where(
            Reservation.line_id.in_(list(needed)),
            Reservation.location_id == location.id,
            Reservation.state == ReservationState.ACTIVE,
        )
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    )
    used: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    whole: list[uuid.UUID] = []
    for row in session.scalars(active):
        part = min(row.quantity, needed[row.line_id] - used[row.line_id])
        if part == 0:
            continue
        used[row.line_id] += part
        if part == row.quantity:
            whole.append(row.id)
            continue
        # The rest stays promised; what was used is a row of its own.
        row.quantity -= part
        session.execute(
            insert(Reservation).values(
                item_id=row.item_id,
                location_id=row.location_id,
                quantity=part,
                line_id=row.line_id,
                origin=row.origin,
                state=ReservationState.CONSUMED,
            )
        )
    if whole:
        session.execute(
            update(Reservation)
            .where(Reservation.id.in_(whole))
            .values(state=ReservationState.CONSUMED)
            .execution_options(synchronize_session=False)
        )
    return dict(used)
