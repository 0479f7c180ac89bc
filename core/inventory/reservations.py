"""Promising stock to the lines of documents, and giving it back."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory import rules
from core.inventory.events import ReservationReleased, StockReserved
from core.inventory.locations import require_sellable
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, Reservation, ReservationState
from core.kernel import events

_ZERO = Decimal(0)

_ACTIVE = (
    select(Reservation)
    .where(
        Reservation.line_id.in_(bindparam("lines", expanding=True)),
        Reservation.location_id == bindparam("location"),
        Reservation.state == ReservationState.ACTIVE,
    )
    .order_by(Reservation.id)
    .execution_options(populate_existing=True)
)
_CONSUME = (
    update(Reservation)
    .where(Reservation.id.in_(bindparam("whole", expanding=True)))
    .values(state=ReservationState.CONSUMED)
    .execution_options(synchronize_session=False)
)


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
    require_sellable(location)
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


def promised_to(
    session: Session, line_ids: Iterable[uuid.UUID], *, location: Location
) -> list[Reservation]:
    """Return what is promised to some lines, oldest first; the caller has locked the items."""
    wanted = {"lines": list(line_ids), "location": location.id}
    return list(session.scalars(_ACTIVE, wanted)) if wanted["lines"] else []


def use_up(
    session: Session, promised: Sequence[Reservation], used: Mapping[uuid.UUID, Decimal]
) -> None:
    """Use up so much of what was promised to each line; the counters are the caller's."""
    left = dict(used)
    whole: list[uuid.UUID] = []
    for row in promised:
        part = min(row.quantity, left.get(row.line_id, _ZERO))
        if part == 0:
            continue
        left[row.line_id] -= part
        if part == row.quantity:
            whole.append(row.id)
            continue
        # The rest stays promised; what was used is a row of its own.
        row.quantity -= part
        session.add(
            Reservation(
                item_id=row.item_id,
                location_id=row.location_id,
                quantity=part,
                line_id=row.line_id,
                origin=row.origin,
                state=ReservationState.CONSUMED,
            )
        )
    if whole:
        session.execute(_CONSUME, {"whole": whole})
