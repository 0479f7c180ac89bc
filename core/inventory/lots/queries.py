"""Questions about lots; answers are frozen."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from core.catalog import Item
from core.inventory.lots.errors import AmbiguousLot, UnknownLot
from core.inventory.lots.rules import LotPart
from core.inventory.lots.tables import Lot, LotLevel, LotMove, LotStatus
from core.inventory.tables import Location, LocationKind, StockMove
from core.kernel.company import company

LISTED_MAX = 500


@dataclass(frozen=True)
class LotView:
    """A lot in one location, as people read it."""

    lot_id: uuid.UUID
    number: str
    sku: str
    name: str
    name_zh: str | None
    location: str
    on_hand: Decimal
    reserved: Decimal
    expires_on: date | None
    made_on: date | None
    supplier_lot: str | None
    held_because: str
    expired: bool

    @property
    def status(self) -> str:
        """Whether it may leave: free, held or expired."""
        if self.held_because:
            return LotStatus.HELD
        return "expired" if self.expired else LotStatus.FREE


@dataclass(frozen=True)
class Trace:
    """One step of a lot on its way: where from, where to, with which document."""

    moved_on: date
    source: str
    target: str
    quantity: Decimal
    origin: str


@dataclass(frozen=True)
class TraceView:
    """Where a lot came from, who got it, and what of it still lies here."""

    sku: str
    name: str
    name_zh: str | None
    number: str
    came: tuple[Trace, ...]
    went: tuple[Trace, ...]
    moved: tuple[Trace, ...]
    on_hand: Decimal


def find_lot(session: Session, number: str, *, item: Item | None = None) -> Lot:
    """Return the lot of a number; of an item, where several have such a lot."""
    wanted = (
        select(Lot)
        .where(func.lower(Lot.number) == number.strip().lower())
        .options(joinedload(Lot.item))
    )
    if item is not None:
        wanted = wanted.where(Lot.item_id == item.id)
    found = session.scalars(wanted).all()
    if not found:
        raise UnknownLot(text=number)
    if len(found) > 1:
        raise AmbiguousLot(number=number, items=", ".join(lot.item.sku for lot in found))
    return found[0]


def lots_of(
    session: Session, item: Item, *, location: Location | None = None, limit: int = 200
) -> list[LotView]:
    """Return the lots of an item that lie somewhere, in the order in which they leave."""
    rows = _views().where(LotLevel.item_id == item.id, LotLevel.on_hand > 0)
    if location is not None:
        rows = rows.where(LotLevel.location_id == location.id)
    return _read(session, rows.limit(min(limit, LISTED_MAX)))


def view_of(session: Session, lot: Lot) -> list[LotView]:
    """Return where a lot lies."""
    rows = _views().where(LotLevel.lot_id == lot.id, LotLevel.on_hand > 0)
    return _read(session, rows.limit(LISTED_MAX))


def expiring(
    session: Session, *, days: int, item: Item | None = None, limit: int = 200
) -> list[LotView]:
    """Return lots on hand that expire within some days, or have expired; the first to expire."""
    until = company(session).today + timedelta(days=days)
    rows = _views().where(LotLevel.on_hand > 0, Lot.expires_on <= until)
    if item is not None:
        rows = rows.where(LotLevel.item_id == item.id)
    return _read(session, rows.limit(min(limit, LISTED_MAX)))


def lots_of_move(session: Session, move: StockMove) -> tuple[LotPart, ...]:
    """Return which lots went with a move; none where the item is not kept by lot."""
    rows = (
        select(Lot.number, LotMove.quantity)
        .join(LotMove, LotMove.lot_id == Lot.id)
        .where(LotMove.move_id == move.id)
        .order_by(Lot.number)
    )
    return tuple(LotPart(number, quantity) for number, quantity in session.execute(rows))


def trace_lot(session: Session, lot: Lot) -> TraceView:
    """Return every step of a lot: where it came from, and who got it (a recall starts here)."""
    source, target = aliased(Location), aliased(Location)
    rows = (
        select(StockMove, source, target, LotMove.quantity)
        .join(LotMove, LotMove.move_id == StockMove.id)
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .where(LotMove.lot_id == lot.id)
        .order_by(StockMove.moved_on, StockMove.created_at, StockMove.id)
        .limit(LISTED_MAX)
    )
    came, went, moved = [], [], []
    for move, came_from, went_to, quantity in session.execute(rows):
        step = Trace(move.moved_on, came_from.code, went_to.code, quantity, move.origin)
        if came_from.kind is went_to.kind is LocationKind.INTERNAL:
            moved.append(step)
        elif went_to.kind is LocationKind.INTERNAL:
            came.append(step)
        else:
            went.append(step)
    there = select(func.coalesce(func.sum(LotLevel.on_hand), 0)).where(LotLevel.lot_id == lot.id)
    return TraceView(
        sku=lot.item.sku,
        name=lot.item.name,
        name_zh=lot.item.name_zh,
        number=lot.number,
        came=tuple(came),
        went=tuple(went),
        moved=tuple(moved),
        on_hand=session.scalars(there).one(),
    )


def _views() -> Select[Lot, Item, str, Decimal, Decimal]:
    return (
        select(Lot, Item, Location.code, LotLevel.on_hand, LotLevel.reserved)
        .join(LotLevel, LotLevel.lot_id == Lot.id)
        .join(Item, Item.id == Lot.item_id)
        .join(Location, Location.id == LotLevel.location_id)
        .order_by(Lot.expires_on.nulls_last(), Lot.made_on.nulls_last(), Lot.number, Location.code)
    )


def _read(session: Session, rows: Select[Lot, Item, str, Decimal, Decimal]) -> list[LotView]:
    today = company(session).today
    return [
        LotView(
            lot_id=lot.id,
            number=lot.number,
            sku=item.sku,
            name=item.name,
            name_zh=item.name_zh,
            location=location,
            on_hand=on_hand,
            reserved=reserved,
            expires_on=lot.expires_on,
            made_on=lot.made_on,
            supplier_lot=lot.supplier_lot,
            held_because=lot.held_because,
            expired=lot.expires_on is not None and lot.expires_on < today,
        )
        for lot, item, location, on_hand, reserved in session.execute(rows)
    ]
