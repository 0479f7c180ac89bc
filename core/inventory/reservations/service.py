"""Promising stock to the lines of documents, and giving it back."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory import rules
from core.inventory.bins import spread
from core.inventory.events import ReservationReleased, StockReserved
from core.inventory.locations import require_sellable
from core.inventory.lots import unfit_at
from core.inventory.reservations import counters
from core.inventory.reservations.errors import NothingPromised
from core.inventory.reservations.events import Promise, ReservationsPrioritised
from core.inventory.reservations.rows import end, of_lines, taken_from
from core.inventory.reservations.rules import SOFT_PRIORITY, USUAL_PRIORITY, require_priority
from core.inventory.reservations.yielding import give_way
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, Reservation, ReservationKind, ReservationState
from core.kernel import clock, events
from core.kernel.database import plain_table
from core.kernel.identifiers import new_id
from core.kernel.money import plain

_ZERO = Decimal(0)
_NEW = insert(plain_table(Reservation))
_OF_ORIGIN = (
    select(Reservation, Item)
    .join(Item, Item.id == Reservation.item_id)
    .where(
        Reservation.origin == bindparam("origin"),
        Reservation.state.in_((ReservationState.ACTIVE, ReservationState.WAITING)),
    )
    .order_by(Reservation.id)
    .with_for_update(of=Reservation)
)


@dataclass(frozen=True)
class Request:
    """A quantity that a line of a document would like to be promised, how firmly and until when."""

    item: Item
    quantity: Decimal
    line_id: uuid.UUID
    kind: ReservationKind = ReservationKind.HARD
    priority: int | None = None
    expires_at: datetime | None = None

    @property
    def rank(self) -> int:
        """Its priority, the usual one of its kind where none was said."""
        usual = USUAL_PRIORITY if self.kind is ReservationKind.HARD else SOFT_PRIORITY
        return usual if self.priority is None else self.priority


def reserve(
    session: Session,
    requests: Sequence[Request],
    *,
    location: Location,
    origin: str,
    waits: bool = True,
) -> dict[uuid.UUID, Decimal]:
    """Promise as much as is available to each line, in their order; return how much that was.

    A hard request takes what softer ones of lower priority were promised, once nothing is free.
    What cannot be promised waits for the next goods, unless `waits` is False.
    """
    require_sellable(location)
    for request in requests:
        rules.require_movable(request.item, request.quantity)
        require_priority(request.rank)
    changed = _take(session, requests, location)
    granted = _divided(requests, changed)
    for request, parts in zip(requests, granted, strict=True):
        given = sum(parts.values(), _ZERO)
        if given < request.quantity and request.kind is ReservationKind.HARD:
            yielded = give_way(
                session,
                item=request.item,
                location=location,
                quantity=request.quantity - given,
                priority=request.rank,
                to=origin,
            )
            for place, part in yielded.items():
                parts[place] += part
    rows = _rows(requests, granted, location, origin, waits=waits)
    promised: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for request, parts in zip(requests, granted, strict=True):
        promised[request.line_id] += sum(parts.values(), _ZERO)
    if rows:
        session.execute(_NEW, rows)
        items = {request.item.id: request.item for request in requests}
        fact = StockReserved(
            origin=origin,
            levels=counters.levels(changed, items, _places(session, changed, location)),
            waiting=_waiting(rows, items),
        )
        events.record(session, fact)
    return dict(promised)


def release(
    session: Session,
    line_ids: Iterable[uuid.UUID],
    *,
    quantities: Mapping[uuid.UUID, Decimal] | None = None,
) -> dict[uuid.UUID, Decimal]:
    """Give back what is promised to some lines, or so much of it; return how much that was.

    What waits for goods goes first: nobody needs it less.
    """
    wanted = list(line_ids)
    rows = of_lines(session, wanted)
    if not rows:
        return {}
    left = None if quantities is None else dict(quantities)
    given: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    back: dict[counters.Place, Decimal] = defaultdict(Decimal)
    ended: list[tuple[Reservation, Decimal]] = []
    for row in rows:
        part = row.quantity if left is None else min(row.quantity, left.get(row.line_id, _ZERO))
        if part == 0:
            continue
        if left is not None:
            left[row.line_id] -= part
        ended.append((row, part))
        if row.state is ReservationState.ACTIVE:
            back[row.item_id, row.location_id] -= part
            given[row.line_id] += part
    end(session, ended, ReservationState.RELEASED)
    items, locations = taken_from(session, [row for row, _ in ended])
    changed = counters.change(session, back)
    if ended:
        fact = ReservationReleased(
            origin=", ".join(dict.fromkeys(row.origin for row, _ in ended)),
            levels=counters.levels(changed, items, locations),
        )
        events.record(session, fact)
    return dict(given)


def prioritise(session: Session, origin: str, *, priority: int) -> int:
    """Serve what is promised to a document, or waits, by another priority; count the rows."""
    require_priority(priority)
    rows = session.execute(_OF_ORIGIN, {"origin": origin}).all()
    if not rows:
        raise NothingPromised(origin=origin)
    moved = [(row, item) for row, item in rows if row.priority != priority]
    promises = tuple(
        dict.fromkeys(
            Promise(origin, item.sku, item.name, str(row.priority), str(priority), "priority")
            for row, item in moved
        )
    )
    for row, _ in moved:
        row.priority = priority
    session.flush()
    if promises:
        events.record(session, ReservationsPrioritised(promises=promises, levels=()))
    return len(moved)


def _take(
    session: Session, requests: Sequence[Request], location: Location
) -> dict[counters.Place, counters.Changed]:
    """Promise what is free of all that is asked for; expired and held lots are not."""
    if location.divided:
        whole: dict[Item, Decimal] = defaultdict(Decimal)
        for request in requests:
            whole[request.item] += request.quantity
        return counters.change(session, spread(session, location, whole))
    wanted: dict[counters.Place, Decimal] = defaultdict(Decimal)
    for request in requests:
        wanted[request.item.id, location.id] += request.quantity
    tracked = {each.item.id for each in requests if each.item.tracking is not Tracking.NONE}
    kept: dict[uuid.UUID, Decimal] = {}
    if tracked:
        # Which lots are fit stays as it is until this ends.
        lock_items(session, tracked)
        kept = unfit_at(session, tracked, location)
    return counters.change(session, wanted, kept=kept)


def _divided(
    requests: Sequence[Request],
    changed: Mapping[counters.Place, counters.Changed],
) -> list[dict[uuid.UUID, Decimal]]:
    """Divide what was promised of each item among those who asked, in their order, by place."""
    left: dict[uuid.UUID, dict[uuid.UUID, Decimal]] = defaultdict(dict)
    for (item_id, place_id), each in changed.items():
        left[item_id][place_id] = each.granted
    granted = []
    for request in requests:
        parts: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
        still = request.quantity
        for place_id, there in left[request.item.id].items():
            if part := min(still, there):
                left[request.item.id][place_id] -= part
                parts[place_id] += part
                still -= part
        granted.append(parts)
    return granted


def _places(
    session: Session, changed: Iterable[counters.Place], location: Location
) -> dict[uuid.UUID, Location]:
    if not location.divided:
        return {location.id: location}
    return {place_id: session.get_one(Location, place_id) for _, place_id in changed}


def _rows(
    requests: Sequence[Request],
    granted: Sequence[Mapping[uuid.UUID, Decimal]],
    location: Location,
    origin: str,
    *,
    waits: bool,
) -> list[dict[str, Any]]:
    rows = []
    for request, given in zip(requests, granted, strict=True):
        parts = [(ReservationState.ACTIVE, *each) for each in given.items()]
        if waits:
            # What waits may be promised anywhere in the warehouse, once it is there.
            still = request.quantity - sum(given.values(), _ZERO)
            parts.append((ReservationState.WAITING, location.id, still))
        rows += [
            {
                "id": new_id(),
                "created_at": clock.now(),
                "item_id": request.item.id,
                "location_id": place_id,
                "quantity": quantity,
                "line_id": request.line_id,
                "origin": origin,
                "state": state,
                "kind": request.kind,
                "priority": request.rank,
                "expires_at": request.expires_at,
                "lot_id": None,
                "lot_because": None,
            }
            for state, place_id, quantity in parts
            if quantity
        ]
    return rows


def _waiting(rows: Sequence[Mapping[str, Any]], items: Mapping[uuid.UUID, Item]) -> dict[str, str]:
    """Say what of each item waits; a document that promises it says so in its own words."""
    waiting: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["state"] is ReservationState.WAITING:
            waiting[items[row["item_id"]].sku] += row["quantity"]
    return {sku: plain(quantity) for sku, quantity in waiting.items()}
