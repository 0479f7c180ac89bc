"""Lots that come in: known ones, and new ones with what the supplier says of them."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.lots.errors import LotSaysOtherwise
from core.inventory.lots.rules import LotPart
from core.inventory.lots.tables import Lot, LotStatus


def known_or_new(session: Session, item: Item, part: LotPart) -> Lot:
    """Return the lot of an item by its number, opened where new; refuse another date than known."""
    wanted = select(Lot).where(Lot.item_id == item.id, Lot.number == part.number)
    lot = session.scalars(wanted).one_or_none()
    if lot is None:
        lot = Lot(
            item=item,
            item_id=item.id,
            number=part.number,
            expires_on=part.expires_on,
            made_on=part.made_on,
            supplier_lot=part.supplier_lot,
            status=LotStatus.FREE,
            held_because="",
        )
        session.add(lot)
        session.flush()
        return lot
    for known, said in ((lot.expires_on, part.expires_on), (lot.made_on, part.made_on)):
        if said is not None and known != said:
            raise LotSaysOtherwise(sku=item.sku, lot=lot.number, known=_day(known), said=_day(said))
    return lot


def _day(day: date | None) -> str:
    return day.isoformat() if day else "∞"
