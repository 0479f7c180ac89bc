"""For how long we answer for goods after they left."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.kernel import events
from core.kernel.months import add_months
from core.support.events import WarrantySet
from core.support.tables import WarrantyTerm


def set_warranty(session: Session, item: Item | None, months: int) -> WarrantyTerm:
    """Say for how many months we answer for an item, or for every item that says nothing else."""
    item_id = None if item is None else item.id
    wanted = select(WarrantyTerm).where(WarrantyTerm.item_id.is_not_distinct_from(item_id))
    term = session.scalar(wanted.with_for_update())
    before = "" if term is None else str(term.months)
    if term is None:
        term = WarrantyTerm(item_id=item_id)
        session.add(term)
    term.months = months
    session.flush()
    events.record(session, WarrantySet("" if item is None else item.sku, before, months))
    return term


def months_of(session: Session, item: Item | None) -> int:
    """Return for how many months we answer for an item, or for all others; none if nobody said."""
    item_id = None if item is None else item.id
    wanted = (
        select(WarrantyTerm.months)
        .where((WarrantyTerm.item_id == item_id) | WarrantyTerm.item_id.is_(None))
        .order_by(WarrantyTerm.item_id.is_(None))
        .limit(1)
    )
    return session.scalar(wanted) or 0


def ends_on(delivered_on: date, months: int) -> date:
    """Return the last day of a warranty: the same day so many months later, or the month's last."""
    return add_months(delivered_on, months)
