"""Promises whose time is over."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.inventory.reservations import counters
from core.inventory.reservations.events import Promise, ReservationsExpired
from core.inventory.reservations.rows import STANDING, end, taken_from
from core.inventory.reservations.waiting import allocate
from core.inventory.tables import Reservation, ReservationState
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.money import plain

EXPIRED_MAX = 500


def has_expired(session: Session) -> bool:
    """Tell whether the time of any promise is over."""
    return session.scalar(_over(moment(session)).limit(1)) is not None


def expire_reservations(session: Session, *, at: datetime | None = None) -> tuple[Promise, ...]:
    """Give back every promise whose time is over, and promise its goods to those who wait.

    Some hundreds at a time, the oldest first; return which they were.
    """
    over = _over(at or moment(session)).limit(EXPIRED_MAX)
    concerned = session.scalars(over).all()
    if not concerned:
        return ()
    counters.lock(session, {(row.item_id, row.location_id) for row in concerned})
    # Read again under the lock: what was delivered meanwhile does not expire.
    rows = session.scalars(over.execution_options(populate_existing=True)).all()
    items, locations = taken_from(session, rows)
    promises = tuple(
        Promise(row.origin, items[row.item_id].sku, items[row.item_id].name, plain(row.quantity),
                "0", "reserved" if row.state is ReservationState.ACTIVE else "waiting")
        for row in rows
    )  # fmt: skip
    back = _back(rows)
    end(session, [(row, row.quantity) for row in rows], ReservationState.EXPIRED)
    changed = counters.change(session, back)
    fact = ReservationsExpired(promises=promises, levels=counters.levels(changed, items, locations))
    events.record(session, fact)
    allocate(session, {item_id for item_id, _ in changed})
    return promises


def moment(session: Session) -> datetime:
    """Return the moment that counts: the time of day now, on the business date."""
    return datetime.combine(company(session).today, clock.now().timetz())


def _over(at: datetime) -> Select[Reservation]:
    return (
        select(Reservation)
        .where(Reservation.expires_at <= at, Reservation.state.in_(STANDING))
        .order_by(Reservation.expires_at, Reservation.id)
    )


def _back(rows: Sequence[Reservation]) -> dict[counters.Place, Decimal]:
    back: dict[counters.Place, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.state is ReservationState.ACTIVE:
            back[row.item_id, row.location_id] -= row.quantity
    return back
