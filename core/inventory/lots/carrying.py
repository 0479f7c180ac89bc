"""How lots go along with the moves of their goods: called once for the moves of a document."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import bindparam, case, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.catalog import Item, Tracking
from core.inventory.lots.errors import (
    LotNotFit,
    LotsDoNotAddUp,
    LotsMissing,
    LotTooSmall,
    NoLotFit,
    NotTracked,
    SerialInStock,
    SerialIsOnePiece,
    UnknownLot,
)
from core.inventory.lots.events import LotLine, LotsMoved
from core.inventory.lots.incoming import known_or_new
from core.inventory.lots.rules import LotPart, Takeable, picked
from core.inventory.lots.tables import Lot, LotLevel, LotMove
from core.inventory.tables import Location, LocationKind, StockLevel, StockMove
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting, plain_table
from core.kernel.errors import NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.roles import Role
from core.kernel.money import plain

_ZERO = Decimal(0)
# Who may let goods go that are held or have expired.
ENTITLED = frozenset({Role.MANAGER, Role.ADMIN, "system"})
# Where only goods that are fit may go without a reason.
ONLY_FIT = frozenset({LocationKind.CUSTOMER, LocationKind.PRODUCTION})

_SHELVES = (
    select(Lot, LotLevel.location_id, LotLevel.on_hand, LotLevel.reserved)
    .join(LotLevel, LotLevel.lot_id == Lot.id)
    .where(
        LotLevel.item_id.in_(bindparam("items", expanding=True)),
        LotLevel.location_id.in_(bindparam("locations", expanding=True)),
    )
    .execution_options(populate_existing=True)
)
_NEW = upsert(plain_table(LotLevel))
_WRITE = _NEW.on_conflict_do_update(
    index_elements=["lot_id", "location_id"],
    set_={"on_hand": _NEW.excluded.on_hand, "reserved": _NEW.excluded.reserved},
)
_WRITE_MOVES = insert(plain_table(LotMove))


@dataclass(frozen=True)
class PromisedLot:
    """So much of a lot that is promised to a line; why, where it is held or has expired."""

    lot_id: uuid.UUID
    quantity: Decimal
    because: str = ""


@dataclass(frozen=True)
class Carried:
    """A move, the lots that somebody named for it, and those that were promised to its line."""

    item: Item
    move: StockMove
    named: Sequence[LotPart] = ()
    promised: Sequence[PromisedLot] = ()
    # How much of it was promised to its line at all.
    mine: Decimal = _ZERO


@dataclass
class _Shelf:
    """One lot in one location."""

    lot: Lot
    on_hand: Decimal
    reserved: Decimal
    before: Decimal

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.reserved


@dataclass
class _Lots:
    """The lots of some items in some locations, changed in memory first."""

    items: dict[uuid.UUID, Item]
    places: dict[uuid.UUID, Location]
    shelves: dict[tuple[uuid.UUID, uuid.UUID], _Shelf] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)
    allowed: list[tuple[str, str]] = field(default_factory=list)

    def at(self, item: Item, location: Location) -> list[_Shelf]:
        return [
            shelf
            for (_, place), shelf in self.shelves.items()
            if place == location.id and shelf.lot.item_id == item.id
        ]

    def shelf(self, lot: Lot, location: Location) -> _Shelf:
        empty = _Shelf(lot, _ZERO, _ZERO, _ZERO)
        return self.shelves.setdefault((lot.id, location.id), empty)


def carry_lots(session: Session, carried: Iterable[Carried], *, of: str | None = None) -> None:
    """Let lots go along with the moves of tracked items, after levels and moves are prepared.

    What comes in names its lots, or comes back with those that left with the document `of`. What
    goes out takes the lots named, those promised to its line, and then the first to expire.
    """
    tracked = [each for each in carried if _is_tracked(each)]
    if not tracked:
        return
    lots = _read(session, tracked)
    for each in tracked:
        source = lots.places[each.move.from_location_id]
        target = lots.places[each.move.to_location_id]
        if source.kind is LocationKind.INTERNAL:
            parts = _leaving(session, lots, each, source, target, of)
        else:
            parts = _coming(session, lots, each, of)
        _move(lots, each, source, target, parts, of)
    _write(session, lots, tracked[0].move.origin)


def _is_tracked(each: Carried) -> bool:
    if each.item.tracking is not Tracking.NONE:
        return True
    if each.named:
        raise NotTracked(sku=each.item.sku)
    return False


def _read(session: Session, tracked: Sequence[Carried]) -> _Lots:
    items = {each.item.id: each.item for each in tracked}
    ends = {end for each in tracked for end in _ends(each.move)}
    places = {end: session.get_one(Location, end) for end in ends}
    lots = _Lots(items, places)
    for each in tracked:
        # The id of a move is given when it is written; its lots need it before.
        each.move.id = each.move.id or new_id()
    session.flush()
    for lot, location_id, on_hand, reserved in session.execute(
        _SHELVES, {"items": list(items), "locations": list(places)}
    ):
        lots.shelves[lot.id, location_id] = _Shelf(lot, on_hand, reserved, on_hand)
    return lots


def _ends(move: StockMove) -> tuple[uuid.UUID, uuid.UUID]:
    return (move.from_location_id, move.to_location_id)


def _coming(
    session: Session, lots: _Lots, each: Carried, of: str | None
) -> list[tuple[Lot, Decimal]]:
    """Return the lots that come in: those named, or those that left with a document."""
    quantity = each.move.quantity
    if not each.named and of is not None:
        return _went_with(session, each, of)
    if not each.named:
        raise LotsMissing(sku=each.item.sku, quantity=plain(quantity))
    parts = [(known_or_new(session, each.item, part), part.quantity) for part in each.named]
    _require_sum(each, sum((much for _, much in parts), _ZERO))
    if each.item.tracking is Tracking.SERIAL:
        for lot, much in parts:
            if much != 1:
                raise SerialIsOnePiece(sku=each.item.sku, lot=lot.number, quantity=plain(much))
            _require_elsewhere(session, lots, each.item, lot)
    return parts


def _require_elsewhere(session: Session, lots: _Lots, item: Item, lot: Lot) -> None:
    """Refuse a piece that is in stock already, also in another location, or twice in one list."""
    here = any(key[0] == lot.id and shelf.on_hand for key, shelf in lots.shelves.items())
    there = select(LotLevel.lot_id).where(
        LotLevel.lot_id == lot.id,
        LotLevel.on_hand > 0,
        LotLevel.location_id.not_in(list(lots.places)),
    )
    if here or session.scalar(there) is not None:
        raise SerialInStock(sku=item.sku, lot=lot.number)


def _went_with(session: Session, each: Carried, of: str) -> list[tuple[Lot, Decimal]]:
    return lots_back(session, each.item, each.move.quantity, of)


def lots_back(
    session: Session, item: Item, quantity: Decimal, of: str
) -> list[tuple[Lot, Decimal]]:
    """Return lots that moved with a document and did not come back yet."""
    rows = (
        select(Lot, func.sum(LotMove.quantity))
        .join(LotMove, LotMove.lot_id == Lot.id)
        .join(StockMove, StockMove.id == LotMove.move_id)
        .where(Lot.item_id == item.id)
        .group_by(Lot.id)
        .order_by(Lot.number)
    )
    back = dict(
        session.execute(
            select(LotMove.lot_id, func.sum(LotMove.quantity))
            .where(LotMove.returns_of == of)
            .group_by(LotMove.lot_id)
        ).all()
    )
    left, parts = quantity, []
    for lot, went in session.execute(rows.where(StockMove.origin == of)):
        part = min(went - back.get(lot.id, _ZERO), left)
        if part > 0:
            parts.append((lot, part))
            left -= part
    if left:
        raise LotsMissing(sku=item.sku, quantity=plain(quantity))
    return parts


def _leaving(
    session: Session,
    lots: _Lots,
    each: Carried,
    source: Location,
    target: Location,
    of: str | None,
) -> list[tuple[Lot, Decimal]]:
    """Return the lots that leave: named, promised to the line, or first to expire."""
    if each.named:
        parts = _named(session, lots, each, source, target)
        _require_sum(each, sum((much for _, much in parts), _ZERO))
        return parts
    if of is not None and target.kind is LocationKind.SUPPLIER:
        return _went_with(session, each, of)
    by_id = {shelf.lot.id: shelf for shelf in lots.at(each.item, source)}
    parts = [] if source.sellable else _brought_by(session, each, source)
    for meant in each.promised:
        shelf = by_id[meant.lot_id]
        if target.kind in ONLY_FIT and not meant.because:
            require_fit(session, shelf.lot, each.item)
        shelf.reserved -= meant.quantity
        parts.append((shelf.lot, meant.quantity))
    left = each.move.quantity - sum((much for _, much in parts), _ZERO)
    if left:
        if target.kind is LocationKind.ADJUSTMENT and len(_filled(lots, each, source)) > 1:
            # Which of them is missing nobody can guess.
            raise LotsMissing(sku=each.item.sku, quantity=plain(each.move.quantity))
        parts += _first_to_expire(session, lots, each, source, target, parts, left)
    return parts


def _filled(lots: _Lots, each: Carried, source: Location) -> list[_Shelf]:
    return [shelf for shelf in lots.at(each.item, source) if shelf.on_hand]


def _brought_by(session: Session, each: Carried, place: Location) -> list[tuple[Lot, Decimal]]:
    """Return the lots that the same document brought to where goods wait: transit, or a hold."""
    net = func.sum(
        case((StockMove.to_location_id == place.id, LotMove.quantity), else_=-LotMove.quantity)
    )
    rows = (
        select(Lot, net)
        .join(LotMove, LotMove.lot_id == Lot.id)
        .join(StockMove, StockMove.id == LotMove.move_id)
        .where(
            Lot.item_id == each.item.id,
            StockMove.origin == each.move.origin,
            or_(StockMove.to_location_id == place.id, StockMove.from_location_id == place.id),
        )
        .group_by(Lot.id)
        .order_by(Lot.expires_on.nulls_last(), Lot.number)
    )
    left, parts = each.move.quantity, []
    for lot, there in session.execute(rows):
        part = min(there, left)
        if part > 0:
            parts.append((lot, part))
            left -= part
    return parts


def _named(
    session: Session, lots: _Lots, each: Carried, source: Location, target: Location
) -> list[tuple[Lot, Decimal]]:
    by_number = {shelf.lot.number: shelf for shelf in lots.at(each.item, source)}
    promised = {meant.lot_id: meant.quantity for meant in each.promised}
    parts = []
    for part in each.named:
        shelf = by_number.get(part.number)
        if shelf is None:
            raise UnknownLot(text=part.number)
        mine = min(promised.pop(shelf.lot.id, _ZERO), part.quantity)
        if part.quantity > shelf.free + mine:
            raise LotTooSmall(
                lot=part.number,
                sku=each.item.sku,
                there=plain(shelf.free + mine),
                location=source.code,
                wanted=plain(part.quantity),
            )
        only_fit = target.kind in ONLY_FIT
        if only_fit and require_fit(session, shelf.lot, each.item, because=part.because):
            lots.allowed.append((f"{each.item.sku} {part.number}", part.because))
        shelf.reserved -= mine
        parts.append((shelf.lot, part.quantity))
    # What was promised of other lots is kept by the promise's end, not by its lot.
    for lot_id, much in promised.items():
        lots.shelves[lot_id, source.id].reserved -= much
    return parts


def require_fit(session: Session, lot: Lot, item: Item, *, because: str = "") -> bool:
    """Refuse to let an unfit lot go, unless somebody entitled says why; tell if that was needed."""
    if lot.is_fit(company(session).today):
        return False
    if not because.strip():
        raise LotNotFit(sku=item.sku, lot=lot.number)
    if not acting(session).actor.roles & ENTITLED:
        raise NotPermitted
    return True


def _first_to_expire(
    session: Session,
    lots: _Lots,
    each: Carried,
    source: Location,
    target: Location,
    parts: Sequence[tuple[Lot, Decimal]],
    quantity: Decimal,
) -> list[tuple[Lot, Decimal]]:
    today, spoken_for = company(session).today, dict.fromkeys([lot.id for lot, _ in parts], _ZERO)
    for lot, much in parts:
        spoken_for[lot.id] += much
    shelves = lots.at(each.item, source)
    only_fit = target.kind in ONLY_FIT
    free = {shelf.lot.number: shelf.free - spoken_for.get(shelf.lot.id, _ZERO) for shelf in shelves}
    fit = [shelf for shelf in shelves if shelf.lot.is_fit(today) or not only_fit]
    takeable = [
        Takeable(shelf.lot.number, free[shelf.lot.number], shelf.lot.expires_on, shelf.lot.made_on)
        for shelf in fit
    ]
    there = sum((each_lot.quantity for each_lot in takeable), _ZERO)
    # What others were promised of any lot is kept for them out of the lots that are fit.
    kept = _promised_of_any(session, each.item, source, shelves) if only_fit else _ZERO
    beyond = max(each.move.quantity - each.mine, _ZERO)
    if quantity > there or (beyond and quantity > there - kept):
        raise NoLotFit(
            sku=each.item.sku,
            location=source.code,
            fit=plain(max(there - kept, _ZERO) if beyond else there),
            wanted=plain(quantity),
        )
    by_number = {shelf.lot.number: shelf.lot for shelf in fit}
    return [(by_number[number], much) for number, much in picked(takeable, quantity)]


def _promised_of_any(
    session: Session, item: Item, source: Location, shelves: Sequence[_Shelf]
) -> Decimal:
    """Return what of the shelf is promised to others without a lot, once this move is taken off."""
    wanted = select(StockLevel.reserved).where(
        StockLevel.item_id == item.id, StockLevel.location_id == source.id
    )
    reserved = session.scalar(wanted) or _ZERO
    return max(reserved - sum((shelf.reserved for shelf in shelves), _ZERO), _ZERO)


def _require_sum(each: Carried, total: Decimal) -> None:
    if total != each.move.quantity:
        raise LotsDoNotAddUp(
            sku=each.item.sku, lots=plain(total), quantity=plain(each.move.quantity)
        )


def _move(
    lots: _Lots,
    each: Carried,
    source: Location,
    target: Location,
    parts: Sequence[tuple[Lot, Decimal]],
    of: str | None,
) -> None:
    together: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for lot, much in parts:
        together[lot.id] += much
        for location, sign in ((source, -1), (target, 1)):
            if location.kind is LocationKind.INTERNAL:
                lots.shelf(lot, location).on_hand += sign * much
    lots.rows += [
        {
            "id": new_id(),
            "created_at": clock.now(),
            "move_id": each.move.id,
            "lot_id": lot_id,
            "quantity": much,
            "returns_of": of,
        }
        for lot_id, much in together.items()
    ]


def _write(session: Session, lots: _Lots, origin: str) -> None:
    session.flush()
    # A piece leaves its old place before it is in the new one.
    changed = sorted(lots.shelves.items(), key=lambda each: (each[1].on_hand, each[0]))
    rows = [
        {
            "lot_id": lot_id,
            "location_id": location_id,
            "item_id": shelf.lot.item_id,
            "serial": lots.items[shelf.lot.item_id].tracking is Tracking.SERIAL,
            "on_hand": shelf.on_hand,
            "reserved": shelf.reserved,
        }
        for (lot_id, location_id), shelf in changed
    ]
    if rows:
        session.execute(_WRITE, rows)
    session.execute(_WRITE_MOVES, lots.rows)
    lines = tuple(
        LotLine(
            sku=lots.items[shelf.lot.item_id].sku,
            lot=shelf.lot.number,
            location=lots.places[location_id].code,
            before=plain(shelf.before),
            after=plain(shelf.on_hand),
            expires_on=shelf.lot.expires_on.isoformat() if shelf.lot.expires_on else "",
        )
        for (_, location_id), shelf in lots.shelves.items()
        if shelf.on_hand != shelf.before
    )
    fact = LotsMoved(origin=origin, lots=lines, allowed=tuple(lots.allowed))
    events.record(session, fact)
