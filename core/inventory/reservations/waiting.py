"""Promising what came to those who wait for it: by priority, then by age."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory.bins import spread
from core.inventory.lots import unfit_at
from core.inventory.reservations import counters
from core.inventory.reservations.events import Promise, WaitingServed
from core.inventory.reservations.rows import copy_of, taken_from
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, Reservation, ReservationState
from core.inventory.tree import pickable
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
    _lock(session, concerned, items, locations)
    waiting = sorted(session.scalars(_WAITING, wanted), key=lambda row: row.line_id not in first)
    served: list[tuple[Reservation, Decimal]] = []
    changed: dict[counters.Place, counters.Changed] = {}
    # Those of the first in turn come first, also where others name another place.
    for place in dict.fromkeys(row.location_id for row in waiting):
        here = [row for row in waiting if row.location_id == place]
        more = _take(session, here, items, locations[place])
        served += _serve(session, here, more)
        for key, each in more.items():
            before = changed.get(key, each).before
            changed[key] = replace(each, before=before)
    if served:
        for _, place in changed:
            locations.setdefault(place, session.get_one(Location, place))
        events.record(
            session,
            WaitingServed(
                promises=_promises(session, served, items),
                levels=counters.levels(changed, items, locations),
            ),
        )
    return [Served(row.origin, row.line_id, items[row.item_id].sku, part) for row, part in served]


def _lock(
    session: Session,
    waiting: Sequence[Reservation],
    items: dict[uuid.UUID, Item],
    locations: dict[uuid.UUID, Location],
) -> None:
    """Lock all levels that those who wait may be served from, in one order."""
    divided: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for row in waiting:
        if locations[row.location_id].divided:
            divided[row.location_id].add(row.item_id)
    # Which lots are fit, and which bins hold the item, stays as it is until this ends.
    held = {item.id for item in items.values() if item.tracking is not Tracking.NONE}
    held |= {item_id for item_ids in divided.values() for item_id in item_ids}
    if held:
        lock_items(session, held)
    places = {(row.item_id, row.location_id) for row in waiting}
    for place, item_ids in divided.items():
        for item_id, bins in pickable(session, locations[place], item_ids).items():
            places |= {(item_id, each.location.id) for each in bins}
    counters.lock(session, places)


def _take(
    session: Session,
    waiting: Sequence[Reservation],
    items: dict[uuid.UUID, Item],
    location: Location,
) -> dict[counters.Place, counters.Changed]:
    wanted: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for row in waiting:
        wanted[row.item_id] += row.quantity
    if location.divided:
        whole = {items[item_id]: quantity for item_id, quantity in wanted.items()}
        return counters.change(session, spread(session, location, whole))
    tracked = {each for each in wanted if items[each].tracking is not Tracking.NONE}
    kept = unfit_at(session, tracked, location) if tracked else {}
    asked = {(item_id, location.id): quantity for item_id, quantity in wanted.items()}
    return counters.change(session, asked, kept=kept)


def _serve(
    session: Session,
    waiting: Sequence[Reservation],
    changed: dict[counters.Place, counters.Changed],
) -> list[tuple[Reservation, Decimal]]:
    left: dict[uuid.UUID, dict[uuid.UUID, Decimal]] = defaultdict(dict)
    for (item_id, place), each in changed.items():
        left[item_id][place] = each.granted
    served = []
    for row in waiting:
        there = left[row.item_id]
        given: dict[uuid.UUID, Decimal] = {}
        still = row.quantity
        for place in there:
            if part := min(still, there[place]):
                given[place] = part
                there[place] -= part
                still -= part
        served += _promise(session, row, given)
    session.flush()
    return served


def _promise(
    session: Session, row: Reservation, given: dict[uuid.UUID, Decimal]
) -> list[tuple[Reservation, Decimal]]:
    """Turn so much of a row that waits into promises, each in its place; the rest waits on."""
    whole = sum(given.values(), _ZERO) == row.quantity
    served = []
    for number, (place, part) in enumerate(given.items(), start=1):
        if whole and number == len(given):
            row.state, row.location_id, row.quantity = ReservationState.ACTIVE, place, part
        else:
            row.quantity -= part
            promise = copy_of(row, quantity=part, state=ReservationState.ACTIVE)
            promise.location_id = place
            session.add(promise)
        served.append((row, part))
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
