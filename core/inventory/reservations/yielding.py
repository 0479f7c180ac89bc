"""How soft promises give way to a hard one of higher priority."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.reservations import counters
from core.inventory.reservations.errors import NothingPromised
from core.inventory.reservations.events import Promise, ReservationsYielded
from core.inventory.reservations.rows import copy_of, taken_from
from core.inventory.tables import Location, Reservation, ReservationKind, ReservationState
from core.inventory.tree import places_of, warehouse_of
from core.kernel import events
from core.kernel.money import plain

_ZERO = Decimal(0)
# The least important yields first, and of those the one that came last. Who named a lot keeps it.
_SOFTER = (
    select(Reservation)
    .where(
        Reservation.item_id == bindparam("item"),
        Reservation.location_id.in_(bindparam("places", expanding=True)),
        Reservation.state == ReservationState.ACTIVE,
        Reservation.kind == ReservationKind.SOFT,
        Reservation.priority < bindparam("priority"),
        Reservation.lot_id.is_(None),
    )
    .order_by(Reservation.priority, Reservation.created_at.desc(), Reservation.id.desc())
    .execution_options(populate_existing=True)
)
_OF_DOCUMENT = (
    Reservation.origin == bindparam("origin"),
    Reservation.item_id == bindparam("item"),
    Reservation.state == ReservationState.ACTIVE,
    Reservation.lot_id.is_(None),
)
_PLACES_OF = select(Reservation.location_id).where(*_OF_DOCUMENT).distinct()
_PROMISED = (
    select(Reservation)
    .where(*_OF_DOCUMENT)
    .order_by(Reservation.id.desc())
    .execution_options(populate_existing=True)
)


def give_way(
    session: Session,
    *,
    item: Item,
    location: Location,
    quantity: Decimal,
    priority: int,
    to: str,
) -> dict[uuid.UUID, Decimal]:
    """Let softer promises of the item give up as much as is wanted; return how much, by place.

    The counter stays: what one lost the other is promised. Who lost waits, as old as before.
    """
    places = [place.id for place in places_of(session, location, sellable=True)]
    known = {"item": item.id, "places": places, "priority": priority}
    softer = session.scalars(_SOFTER, known).all()
    if not softer:
        return {}
    counters.lock(session, [(item.id, row.location_id) for row in softer])
    lost: list[tuple[Reservation, Decimal]] = []
    left = quantity
    given: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for row in session.scalars(_SOFTER, known):
        part = min(row.quantity, left)
        left -= part
        if part:
            lost.append((row, part))
            given[row.location_id] += part
    if lost:
        promises = _promises(lost, item)
        wait_again(session, lost, warehouse_of(session, location))
        events.record(session, ReservationsYielded(to=to, promises=promises, levels=()))
    return given


def _promises(lost: Sequence[tuple[Reservation, Decimal]], item: Item) -> tuple[Promise, ...]:
    return tuple(
        Promise(row.origin, item.sku, item.name, plain(row.quantity), plain(row.quantity - part))
        for row, part in lost
    )


def wait_again(
    session: Session, lost: Sequence[tuple[Reservation, Decimal]], warehouse: Location
) -> None:
    """Let so much of each promise wait again, for goods anywhere in a warehouse."""
    for row, part in lost:
        if part == row.quantity:
            row.state, row.location_id = ReservationState.WAITING, warehouse.id
            continue
        row.quantity -= part
        rest = copy_of(row, quantity=part, state=ReservationState.WAITING)
        rest.location_id = warehouse.id
        session.add(rest)
    session.flush()


def let_wait(
    session: Session, origin: str, item: Item, *, quantity: Decimal | None = None
) -> Decimal:
    """Let what of an item is promised to a document wait again, or so much; return how much.

    What was promised last goes first. Whoever waits keeps their age: goods that are free go to
    the first in turn.
    """
    places = session.execute(_PLACES_OF, {"origin": origin, "item": item.id}).all()
    counters.lock(session, [(item.id, place_id) for (place_id,) in places])
    rows = session.scalars(_PROMISED, {"origin": origin, "item": item.id}).all()
    if not rows:
        raise NothingPromised(origin=origin)
    left = sum((row.quantity for row in rows), _ZERO) if quantity is None else quantity
    lost: list[tuple[Reservation, Decimal]] = []
    back: dict[counters.Place, Decimal] = defaultdict(Decimal)
    for row in rows:
        part = min(row.quantity, left)
        left -= part
        if part:
            lost.append((row, part))
            back[item.id, row.location_id] -= part
    _, locations = taken_from(session, rows)
    promises = _promises(lost, item)
    for row, part in lost:
        warehouse = warehouse_of(session, locations[row.location_id])
        wait_again(session, [(row, part)], warehouse)
    changed = counters.change(session, back)
    levels = counters.levels(changed, {item.id: item}, locations)
    events.record(session, ReservationsYielded(to="", promises=promises, levels=levels))
    return sum((part for _, part in lost), _ZERO)
