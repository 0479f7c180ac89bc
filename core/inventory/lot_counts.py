"""Counting one lot on a shelf: the shelf is counted by what the lot differs."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.lots import LotLevel, LotPart, find_lot
from core.inventory.lots.errors import UnknownLot
from core.inventory.service import adjust_stock
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, StockLevel, StockMove

_ZERO = Decimal(0)


def count_lot(
    session: Session, item: Item, location: Location, part: LotPart, *, because: str
) -> StockMove:
    """Let the books follow what was counted of a lot; a lot that nobody knew comes in with it."""
    lock_items(session, [item.id])
    try:
        lot_id = find_lot(session, part.number, item=item).id
    except UnknownLot:
        lot_id = None
    of_lot = select(LotLevel.on_hand).where(
        LotLevel.lot_id == lot_id, LotLevel.location_id == location.id
    )
    of_shelf = select(StockLevel.on_hand).where(
        StockLevel.item_id == item.id, StockLevel.location_id == location.id
    )
    difference = part.quantity - (session.scalar(of_lot) or _ZERO)
    differing = LotPart(
        part.number, abs(difference), part.expires_on, part.made_on, part.supplier_lot
    )
    return adjust_stock(
        session,
        item,
        location,
        counted=(session.scalar(of_shelf) or _ZERO) + difference,
        because=because,
        lots=(differing,),
    )
