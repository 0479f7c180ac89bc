"""Questions about work centres and routings."""

import uuid
from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from core.catalog import Item
from core.kernel.company import company
from core.kernel.naming import resolved
from core.manufacturing.routings.errors import NoRouting, UnknownWorkCentre
from core.manufacturing.routings.rules import Rates
from core.manufacturing.routings.tables import Routing, RoutingOperation, WorkCentre

_WHOLE = (
    selectinload(Routing.item),
    selectinload(Routing.operations).selectinload(RoutingOperation.work_centre),
)


def find_work_centre(session: Session, text: str) -> WorkCentre:
    """Return the work centre that a code or name means."""
    among = select(WorkCentre.code, WorkCentre.name, WorkCentre.name_zh)
    code = resolved(session, among, text, UnknownWorkCentre)
    return session.scalars(select(WorkCentre).where(WorkCentre.code == code)).one()


def routings_in_force(
    session: Session, item_ids: Iterable[uuid.UUID] | None = None, *, on: date | None = None
) -> dict[uuid.UUID, Routing]:
    """Return the routing of each item that holds on a day: of some items, or of all."""
    day = on or company(session).today
    wanted = (
        select(Routing)
        .where(
            Routing.valid_from <= day,
            or_(Routing.valid_until.is_(None), Routing.valid_until >= day),
        )
        .options(*_WHOLE)
    )
    if item_ids is not None:
        wanted = wanted.where(Routing.item_id.in_(list(item_ids)))
    return {routing.item_id: routing for routing in session.scalars(wanted)}


def routing_of(session: Session, item: Item, *, on: date | None = None) -> Routing:
    """Return the routing of an item that holds on a day, or refuse."""
    found = routings_in_force(session, [item.id], on=on).get(item.id)
    if found is None:
        raise NoRouting(sku=item.sku, day=on or company(session).today)
    return found


def rates_of(centre: WorkCentre) -> Rates:
    """Return what work at a place costs."""
    return Rates(centre.labour_rate, centre.overhead_rate, centre.cycle_rate)
