"""What of a shelf may be promised, and promises of certain lots."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from core.inventory.lots.tables import Lot, LotLevel, LotStatus
from core.inventory.tables import Location
from core.kernel.company import company
from core.kernel.database import plain_table

_LEVELS = plain_table(LotLevel)
_PROMISE = (
    update(_LEVELS)
    .where(_LEVELS.c.lot_id == bindparam("lot"), _LEVELS.c.location_id == bindparam("location"))
    .values(reserved=_LEVELS.c.reserved + bindparam("more"))
)


def unfit_at(
    session: Session, item_ids: Iterable[uuid.UUID], location: Location
) -> dict[uuid.UUID, Decimal]:
    """Return how much of some items lies there, is held or has expired, and is promised to nobody.

    The caller has locked the items.
    """
    unfit = or_(Lot.status == LotStatus.HELD, Lot.expires_on < company(session).today)
    rows = (
        select(LotLevel.item_id, func.sum(LotLevel.on_hand - LotLevel.reserved))
        .join(Lot, Lot.id == LotLevel.lot_id)
        .where(LotLevel.item_id.in_(list(item_ids)), LotLevel.location_id == location.id, unfit)
        .group_by(LotLevel.item_id)
    )
    return dict(session.execute(rows).all())


def promise_lots(
    session: Session, promised: Sequence[tuple[uuid.UUID | None, uuid.UUID, Decimal]]
) -> None:
    """Promise so much of some lots, or give it back; the caller has locked the levels."""
    more: dict[tuple[uuid.UUID, uuid.UUID], Decimal] = defaultdict(Decimal)
    for lot_id, location_id, quantity in promised:
        if lot_id is not None:
            more[lot_id, location_id] += quantity
    for (lot_id, location_id), quantity in sorted(more.items()):
        known = {"lot": lot_id, "location": location_id, "more": quantity}
        session.execute(_PROMISE, known)
