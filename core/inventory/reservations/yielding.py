"""How soft promises give way to a hard one of higher priority."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.reservations import counters
from core.inventory.reservations.events import Promise, ReservationsYielded
from core.inventory.reservations.rows import copy_of
from core.inventory.tables import Location, Reservation, ReservationKind, ReservationState
from core.kernel import events
from core.kernel.money import plain

_ZERO = Decimal(0)
# The least important yields first, and of those the one that came last. Who named a lot keeps it.
_SOFTER = (
    select(Reservation)
    .where(
        Reservation.item_id == bindparam("item"),
        Reservation.location_id == bindparam("location"),
        Reservation.state == ReservationState.ACTIVE,
        Reservation.kind == ReservationKind.SOFT,
        Reservation.priority < bindparam("priority"),
        Reservation.lot_id.is_(None),
    )
    .order_by(Reservation.priority, Reservation.created_at.desc(), Reservation.id.desc())
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
) -> Decimal:
    """Let softer promises of the item give up as much as is wanted; return how much that was.

    The counter stays: what one lost the other is promised. Who lost waits, as old as before.
    """
    known = {"item": item.id, "location": location.id, "priority": priority}
    if session.scalars(_SOFTER, known).first() is None:
        return _ZERO
    counters.lock(session, [(item.id, location.id)])
    lost: list[tuple[Reservation, Decimal]] = []
    left = quantity
    for row in session.scalars(_SOFTER, known):
        part = min(row.quantity, left)
        left -= part
        if part:
            lost.append((row, part))
    if lost:
        promises = _promises(lost, item)
        _wait(session, lost)
        events.record(session, ReservationsYielded(to=to, promises=promises, levels=()))
    return quantity - left


def _promises(lost: Sequence[tuple[Reservation, Decimal]], item: Item) -> tuple[Promise, ...]:
    return tuple(
        Promise(row.origin, item.sku, item.name, plain(row.quantity), plain(row.quantity - part))
        for row, part in lost
    )


def _wait(session: Session, lost: Sequence[tuple[Reservation, Decimal]]) -> None:
    for row, part in lost:
        if part == row.quantity:
            row.state = ReservationState.WAITING
            continue
        row.quantity -= part
        session.add(copy_of(row, quantity=part, state=ReservationState.WAITING))
    session.flush()
