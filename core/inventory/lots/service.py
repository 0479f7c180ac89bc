"""What one can do with lots themselves: have them kept, hold and free them, correct their date."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory import rules as stock_rules
from core.inventory.lots.errors import LotIsFree, LotIsHeld, ReasonMissing, StockUntracked
from core.inventory.lots.events import LotChanged, TrackingSet
from core.inventory.lots.tables import Lot, LotStatus
from core.inventory.shelves import lock_items
from core.inventory.tables import StockLevel
from core.kernel import events
from core.kernel.money import plain


def set_tracking(session: Session, item: Item, tracking: Tracking) -> None:
    """Tell goods of an item apart by lot or serial number, or no longer; while none lie there."""
    stock_rules.require_movable(item, Decimal(1))
    lock_items(session, [item.id])
    session.refresh(item, ["tracking"])
    if tracking is item.tracking:
        return
    there = select(func.coalesce(func.sum(StockLevel.on_hand), 0)).where(
        StockLevel.item_id == item.id
    )
    on_hand = session.scalars(there).one()
    if on_hand:
        raise StockUntracked(sku=item.sku, on_hand=plain(on_hand))
    before, item.tracking = item.tracking, tracking
    fact = TrackingSet(sku=item.sku, item_name=item.name, before=before, after=tracking)
    events.record(session, fact)
    session.flush()


def hold_lot(session: Session, lot: Lot, *, because: str) -> None:
    """Let nothing of a lot leave to customers, until it is freed; what is promised stays so."""
    _lock(session, lot)
    if lot.status is LotStatus.HELD:
        raise LotIsHeld(sku=lot.item.sku, lot=lot.number, because=lot.held_because)
    _require_reason(because)
    lot.status, lot.held_because = LotStatus.HELD, because
    _changed(session, lot, "lot_status", LotStatus.FREE, LotStatus.HELD, because)


def free_lot(session: Session, lot: Lot, *, because: str) -> None:
    """Let a lot leave again that was held."""
    _lock(session, lot)
    if lot.status is LotStatus.FREE:
        raise LotIsFree(sku=lot.item.sku, lot=lot.number)
    _require_reason(because)
    lot.status, lot.held_because = LotStatus.FREE, ""
    _changed(session, lot, "lot_status", LotStatus.HELD, LotStatus.FREE, because)


def change_expiry(session: Session, lot: Lot, *, expires_on: date | None, because: str) -> None:
    """Say until when a lot is good, where that was wrong or it was examined anew."""
    _lock(session, lot)
    _require_reason(because)
    before, lot.expires_on = lot.expires_on, expires_on
    said = [day.isoformat() if day else "unlimited" for day in (before, expires_on)]
    if before != expires_on:
        _changed(session, lot, "until", said[0], said[1], because)


def _lock(session: Session, lot: Lot) -> None:
    """Take the item's lock: who promises or moves its goods reads which lots are fit under it."""
    lock_items(session, [lot.item_id])
    session.refresh(lot, ["status", "held_because", "expires_on"])


def _require_reason(because: str) -> None:
    if not because.strip():
        raise ReasonMissing


def _changed(
    session: Session, lot: Lot, measure: str, before: str, after: str, because: str
) -> None:
    fact = LotChanged(
        sku=lot.item.sku,
        lot=lot.number,
        measure=measure,
        before=before,
        after=after,
        because=because,
    )
    events.record(session, fact)
    session.flush()
