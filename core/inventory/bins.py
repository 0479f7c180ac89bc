"""The goods of a divided warehouse, locked: where in it they are promised, and taken from."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from core.catalog import Item, NegativeStock, Tracking
from core.inventory.errors import InsufficientStock
from core.inventory.lots import Lot, LotLevel, LotPart, LotTooSmall, NoLotFit, UnknownLot
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, StockLevel
from core.inventory.tree import subtree
from core.kernel.company import company
from core.kernel.money import plain

_ZERO = Decimal(0)
Part = tuple[Location, Decimal]


@dataclass
class _Bin:
    """One item in one place: how much of it is promised to nobody, and how much of that unfit."""

    location: Location
    on_hand: Decimal
    reserved: Decimal
    free: Decimal
    unfit: Decimal = _ZERO


@dataclass
class _Turn:
    """What is taken at a time: a place, or one lot in it; the quantity is promised to nobody."""

    bin: _Bin
    quantity: Decimal
    lot: str = ""
    fit: bool = True


class Bins:
    """What some items have in a warehouse and its parts, locked until the transaction ends.

    Goods are taken, and promised, from the lot that expires first, and then in the order of the
    codes of the places: who codes them as one walks past them has them picked so. For those who
    take `only_fit` goods, what is held or has expired is not there.
    """

    def __init__(
        self, session: Session, warehouse: Location, items: Iterable[Item], *, only_fit: bool
    ) -> None:
        self._items = {item.id: item for item in items}
        self._warehouse, self._only_fit = warehouse, only_fit
        lock_items(session, self._items)
        self._bins: dict[uuid.UUID, dict[uuid.UUID, _Bin]] = defaultdict(dict)
        for item_id, location, on_hand, reserved in _levels(session, warehouse, self._items):
            if on_hand > 0 and location.sellable:
                shelf = _Bin(location, on_hand, reserved, on_hand - reserved)
                self._bins[item_id][location.id] = shelf
        self._turns = self._in_turn(session)

    @property
    def places(self) -> list[Location]:
        """The warehouse itself, and every part of it where one of the items lies."""
        found = {self._warehouse.id: self._warehouse}
        for bins in self._bins.values():
            found |= {key: each.location for key, each in bins.items()}
        return list(found.values())

    def free(self, item: Item) -> Decimal:
        """Return how much of an item is promised to nobody."""
        return sum((max(self._takeable(each), _ZERO) for each in self._of(item)), _ZERO)

    def take(
        self, item: Item, quantity: Decimal, *, at: Location | None = None
    ) -> tuple[list[Part], Decimal]:
        """Take what is promised to nobody, as far as it reaches, from one place or from all.

        Return the parts, one a place, and how much is missing.
        """
        left, parts = quantity, dict[uuid.UUID, Part]()
        for turn in self._turns[item.id]:
            if (self._only_fit and not turn.fit) or at not in (None, turn.bin.location):
                continue
            part = min(left, turn.quantity, self._takeable(turn.bin))
            if part > 0:
                self._away(turn, part)
                left -= part
                _add(parts, turn.bin.location, part)
        return list(parts.values()), left

    def take_lots(self, item: Item, lots: Sequence[LotPart]) -> list[tuple[Location, LotPart]]:
        """Take so much of certain lots, wherever in the warehouse they lie."""
        taken = []
        for lot in lots:
            turns = [each for each in self._turns[item.id] if each.lot == lot.number]
            if not turns:
                raise UnknownLot(text=lot.number)
            there, left = sum((each.quantity for each in turns), _ZERO), lot.quantity
            for turn in turns:
                part = min(left, turn.quantity, turn.bin.free)
                if part > 0:
                    self._away(turn, part)
                    left -= part
                    taken.append((turn.bin.location, replace(lot, quantity=part)))
            if left:
                raise LotTooSmall(
                    lot=lot.number,
                    sku=item.sku,
                    there=plain(there),
                    location=self._warehouse.code,
                    wanted=plain(lot.quantity),
                )
        return taken

    def beyond(self, item: Item, missing: Decimal, *, mine: Decimal, wanted: Decimal) -> Part:
        """Say where it goes below nothing, where the item may; or refuse what is missing."""
        if item.negative_stock is NegativeStock.ALLOW:
            return (self._warehouse, missing)
        if self._only_fit and any(each.unfit for each in self._of(item)):
            raise NoLotFit(
                sku=item.sku,
                location=self._warehouse.code,
                fit=plain(wanted - missing),
                wanted=plain(wanted),
            )
        on_hand = sum((each.on_hand for each in self._of(item)), _ZERO)
        reserved = sum((each.reserved for each in self._of(item)), _ZERO)
        raise InsufficientStock(
            sku=item.sku,
            location=self._warehouse.code,
            available=plain(wanted - missing),
            on_hand=plain(on_hand),
            reserved=plain(max(reserved - mine, _ZERO)),
            wanted=plain(wanted),
        )

    def _of(self, item: Item) -> Iterable[_Bin]:
        return self._bins[item.id].values()

    def _takeable(self, shelf: _Bin) -> Decimal:
        return shelf.free - shelf.unfit if self._only_fit else shelf.free

    @staticmethod
    def _away(turn: _Turn, part: Decimal) -> None:
        turn.quantity -= part
        turn.bin.free -= part
        if not turn.fit:
            turn.bin.unfit -= part

    def _in_turn(self, session: Session) -> dict[uuid.UUID, list[_Turn]]:
        turns: dict[uuid.UUID, list[_Turn]] = {}
        tracked = {key for key, item in self._items.items() if item.tracking is not Tracking.NONE}
        lots = self._lots(session, tracked) if tracked else {}
        for item_id in self._items:
            if item_id in tracked:
                turns[item_id] = lots.get(item_id, [])
                continue
            shelves = sorted(
                self._bins[item_id].values(),
                # What is being counted does not move: the rest goes first.
                key=lambda each: (each.location.frozen, each.location.code),
            )
            turns[item_id] = [_Turn(each, each.free) for each in shelves]
        return turns

    def _lots(self, session: Session, tracked: set[uuid.UUID]) -> dict[uuid.UUID, list[_Turn]]:
        rows = (
            select(LotLevel.location_id, Lot, LotLevel.on_hand - LotLevel.reserved)
            .join(Lot, Lot.id == LotLevel.lot_id)
            .where(
                LotLevel.item_id.in_(tracked),
                LotLevel.location_id.in_([place.id for place in self.places]),
                LotLevel.on_hand > 0,
            )
            .execution_options(populate_existing=True)
        )
        today = company(session).today
        found: dict[uuid.UUID, list[tuple[tuple[object, ...], _Turn]]] = defaultdict(list)
        for location_id, lot, free in session.execute(rows):
            shelf = self._bins[lot.item_id].get(location_id)
            if shelf is None:
                continue
            turn = _Turn(shelf, free, lot.number, lot.is_fit(today))
            if not turn.fit:
                shelf.unfit += free
            found[lot.item_id].append((_first_to_expire(lot, shelf.location), turn))
        return {
            item_id: [turn for _, turn in sorted(each, key=lambda pair: pair[0])]
            for item_id, each in found.items()
        }


def spread(
    session: Session, warehouse: Location, wanted: Mapping[Item, Decimal]
) -> dict[tuple[uuid.UUID, uuid.UUID], Decimal]:
    """Return in which place (item, location) how much of each item can be promised; lock it."""
    bins = Bins(session, warehouse, wanted, only_fit=True)
    asked: dict[tuple[uuid.UUID, uuid.UUID], Decimal] = {}
    for item, quantity in wanted.items():
        for location, part in bins.take(item, quantity)[0]:
            asked[item.id, location.id] = part
    return asked


def _add(parts: dict[uuid.UUID, Part], location: Location, quantity: Decimal) -> None:
    _, before = parts.get(location.id, (location, _ZERO))
    parts[location.id] = (location, before + quantity)


def _first_to_expire(lot: Lot, location: Location) -> tuple[object, ...]:
    return (
        location.frozen,
        lot.expires_on is None,
        lot.expires_on or date.max,
        lot.made_on or date.max,
        lot.number,
        location.code,
    )


def _levels(
    session: Session, warehouse: Location, item_ids: Iterable[uuid.UUID]
) -> Sequence[Row[uuid.UUID, Location, Decimal, Decimal]]:
    """Return the levels of the places that may be sold from, locked in their order.

    That of the warehouse itself is among them in any case: who waits for its goods locks it.
    """
    filled = and_(StockLevel.on_hand > 0, Location.sellable, Location.closed_on.is_(None))
    wanted = (
        select(StockLevel.item_id, Location, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.item_id.in_(list(item_ids)),
            StockLevel.location_id.in_(select(subtree(warehouse.id).c.id)),
            or_(filled, StockLevel.location_id == warehouse.id),
        )
        .order_by(StockLevel.item_id, StockLevel.location_id)
        .with_for_update(of=StockLevel)
    )
    session.flush()
    return session.execute(wanted).all()
