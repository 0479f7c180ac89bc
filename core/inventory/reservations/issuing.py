"""Using up what was promised, when the goods leave."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.inventory.lots import PromisedLot
from core.inventory.reservations.rows import copy_of
from core.inventory.tables import Location, Reservation, ReservationState

_ZERO = Decimal(0)
# A promise of certain lots is kept with those lots first.
_ACTIVE = (
    select(Reservation)
    .where(
        Reservation.line_id.in_(bindparam("lines", expanding=True)),
        Reservation.location_id.in_(bindparam("places", expanding=True)),
        Reservation.state == ReservationState.ACTIVE,
    )
    .order_by(Reservation.lot_id.is_(None), Reservation.id)
    .execution_options(populate_existing=True)
)
_CONSUME = (
    update(Reservation)
    .where(Reservation.id.in_(bindparam("whole", expanding=True)))
    .values(state=ReservationState.CONSUMED)
    .execution_options(synchronize_session=False)
)
_WAITING = (
    select(Reservation)
    .where(
        Reservation.line_id.in_(bindparam("lines", expanding=True)),
        Reservation.state == ReservationState.WAITING,
    )
    .order_by(Reservation.id)
    .execution_options(populate_existing=True)
)

# What is promised to a line in a place.
At = tuple[uuid.UUID | None, uuid.UUID]
# Which lots were promised to each line, where.
LotsOfLines = dict[At, list[PromisedLot]]


def promised_to(
    session: Session, line_ids: Iterable[uuid.UUID], *, places: Iterable[Location]
) -> list[Reservation]:
    """Return what is promised to some lines, oldest first; the caller has locked the items."""
    wanted = {"lines": list(line_ids), "places": [place.id for place in places]}
    return list(session.scalars(_ACTIVE, wanted)) if wanted["lines"] else []


def use_up(
    session: Session,
    promised: Sequence[Reservation],
    used: Mapping[At, Decimal],
    gone: Mapping[uuid.UUID, Decimal],
) -> LotsOfLines:
    """Use up so much of what was promised to each line in each place; counters are the caller's.

    What has `gone` to a line beyond its promise it waits for no longer. Return which lots were
    meant for each line.
    """
    left = dict(used)
    whole: list[uuid.UUID] = []
    lots: LotsOfLines = defaultdict(list)
    for row in promised:
        place = (row.line_id, row.location_id)
        part = min(row.quantity, left.get(place, _ZERO))
        if part == 0:
            continue
        left[place] -= part
        if row.lot_id is not None:
            lots[place].append(PromisedLot(row.lot_id, part, row.lot_because or ""))
        if part == row.quantity:
            whole.append(row.id)
            continue
        # The rest stays promised; what was used is a row of its own.
        row.quantity -= part
        session.add(copy_of(row, quantity=part, state=ReservationState.CONSUMED))
    if whole:
        session.execute(_CONSUME, {"whole": whole})
    kept: dict[uuid.UUID | None, Decimal] = defaultdict(Decimal)
    for (line, _), much in used.items():
        kept[line] += much
    beyond = {line: more for line, much in gone.items() if (more := much - kept[line])}
    if beyond:
        _wait_no_longer(session, beyond)
    return lots


def take_lots(lots: LotsOfLines, at: At, quantity: Decimal) -> list[PromisedLot]:
    """Take lots that are meant for a line, up to a quantity: two moves of one line share them."""
    meant = lots.get(at, [])
    taken = []
    while meant and quantity:
        lot = meant.pop(0)
        part = min(lot.quantity, quantity)
        quantity -= part
        taken.append(replace(lot, quantity=part))
        if part < lot.quantity:
            meant.insert(0, replace(lot, quantity=lot.quantity - part))
    return taken


def _wait_no_longer(session: Session, beyond: dict[uuid.UUID, Decimal]) -> None:
    for row in session.scalars(_WAITING, {"lines": list(beyond)}):
        part = min(row.quantity, beyond[row.line_id])
        if part == 0:
            continue
        beyond[row.line_id] -= part
        if part == row.quantity:
            row.state = ReservationState.CONSUMED
            continue
        row.quantity -= part
        session.add(copy_of(row, quantity=part, state=ReservationState.CONSUMED))
