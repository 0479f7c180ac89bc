"""Promising what came to those who wait for it: by priority, then by age."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory.lots import unfit_at
from core.inventory.reservations import counters
from core.inventory.reservations.events import Promise, WaitingServed
from core.inventory.reservations.rows import copy_of, taken_from
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, Reservation, ReservationState
from core.kernel import events
from core.kernel.money import plain

_ZERO = Decimal(0)
SERVED_MAX = 1_000
_WAITING = (
    select(Reservation)
    .where(
        Reservation.item_id.in_(bindparam("items", expanding=True)),
        Reservation.state == ReservationState.WAITING,
    )
    .order_by(Reservation.priority.desc(), Reservation.created_at, Reservation.id)
    .limit(SERVED_MAX)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Served:
    """A line that waited, and what it was promised now."""

    origin: str
    line_id: uuid.UUID
    sku: str
    quantity: Decimal


def allocate(
    session: Session, item_ids: Iterable[uuid.UUID], *, first: Collection[uuid.UUID] = ()
) -> list[Served]:
    """Promise what is available of some items to those who wait; the first in turn get it all.

    Called when goods came, were given back, or a promise has expired. Lines for which the goods
    were bought come `first`.
    """
    wanted = {"items": sorted(set(item_ids))}
    session.flush()
    concerned = list(session.scalars(_WAITING, wanted)) if wanted["items"] else []
    if not concerned:
        return []
    items, locations = taken_from(session, concerned)
    tracked = {item.id for item in items.values() if item.tracking is not Tracking.NONE}
    if tracked:
        lock_items(session, tracked)
    counters.lock(session, {(row.item_id, row.location_id) for row in concerned})
    waiting = sorted(session.scalars(_WAITING, wanted), key=lambda row: row.line_id not in first)
    changed = _take(session, waiting, tracked, locations)
    served = _serve(session, waiting, changed)
    if served:
        events.record(
            session,
            WaitingServed(
                promises=_promises(session, served, items),
                levels=counters.levels(changed, items, locations),
            ),
        )
    return [Served(row.origin, row.line_id, items[row.item_id].sku, part) for row, part in served]


def _take(
    session: Session,
    waiting: Sequence[Reservation],
    tracked: set[uuid.UUID],
    locations: dict[uuid.UUID, Location],
) -> dict[counters.Place, counters.Changed]:
    changed: dict[counters.Place, counters.Changed] = {}
    for location_id in sorted({row.location_id for row in waiting}):
        wanted: dict[counters.Place, Decimal] = defaultdict(Decimal)
        for row in waiting:
            if row.location_id == location_id:
                wanted[row.item_id, location_id] += row.quantity
        kept = unfit_at(session, tracked, locations[location_id]) if tracked else {}
        changed |= counters.change(session, wanted, kept=kept)
    return changed


def _serve(
    session: Session,
    waiting: Sequence[Reservation],
    changed: dict[counters.Place, counters.Changed],
) -> list[tuple[Reservation, Decimal]]:
    left = {place: each.granted for place, each in changed.items()}
    served = []
    for row in waiting:
        place = (row.item_id, row.location_id)
        part = min(row.quantity, left.get(place, _ZERO))
        if part == 0:
            continue
        left[place] -= part
        if part < row.quantity:
            row.quantity -= part
            session.add(copy_of(row, quantity=part, state=ReservationState.ACTIVE))
        else:
            row.state = ReservationState.ACTIVE
        served.append((row, part))
    session.flush()
    return served


def _promises(
    session: Session,
    served: Sequence[tuple[Reservation, Decimal]],
    items: dict[uuid.UUID, Item],
) -> tuple[Promise, ...]:
    """Say what each document has now, and had before, of each item."""
    more: dict[tuple[str, uuid.UUID], Decimal] = defaultdict(Decimal)
    for row, part in served:
        more[row.origin, row.item_id] += part
    has: dict[tuple[str, uuid.UUID], Decimal] = defaultdict(Decimal)
    rows = select(Reservation.origin, Reservation.item_id, Reservation.quantity).where(
        Reservation.origin.in_({origin for origin, _ in more}),
        Reservation.item_id.in_(list(items)),
        Reservation.state == ReservationState.ACTIVE,
    )
    for origin, item_id, quantity in session.execute(rows):
        has[origin, item_id] += quantity
    return tuple(
        Promise(
            origin,
            items[item_id].sku,
            items[item_id].name,
            plain(has[origin, item_id] - part),
            plain(has[origin, item_id]),
        )
        for (origin, item_id), part in more.items()
    )
