"""Levels and values of items, locked: changed in memory first, then written in two statements."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import InsufficientStock
from core.inventory.events import Level
from core.inventory.rules import value_at_average, value_of_issue, value_of_return
from core.inventory.tables import Location, StockLevel, StockValue
from core.kernel.company import company
from core.kernel.database import plain_table
from core.kernel.money import plain

_ZERO = Decimal(0)

# Statements that every sale runs are made once.
_WORTH = (
    select(StockValue.item_id, StockValue.quantity, StockValue.value_minor)
    .where(StockValue.item_id.in_(bindparam("items", expanding=True)))
    .order_by(StockValue.item_id)
    .with_for_update()
)
# Who only promises goods locks their levels and no more: so who moves them locks these as well.
_LEVELS = (
    select(StockLevel.item_id, StockLevel.location_id, StockLevel.on_hand, StockLevel.reserved)
    .where(
        StockLevel.item_id.in_(bindparam("items", expanding=True)),
        StockLevel.location_id.in_(bindparam("locations", expanding=True)),
    )
    .order_by(StockLevel.item_id, StockLevel.location_id)
    .with_for_update()
)
_NEW_LEVEL, _NEW_VALUE = insert(plain_table(StockLevel)), insert(plain_table(StockValue))
_WRITE_LEVELS = _NEW_LEVEL.on_conflict_do_update(
    index_elements=["item_id", "location_id"],
    set_={"on_hand": _NEW_LEVEL.excluded.on_hand, "reserved": _NEW_LEVEL.excluded.reserved},
)
_WRITE_VALUES = _NEW_VALUE.on_conflict_do_update(
    index_elements=["item_id"],
    set_={
        "quantity": _NEW_VALUE.excluded.quantity,
        "value_minor": _NEW_VALUE.excluded.value_minor,
    },
)
_ADD_VALUES = _NEW_VALUE.on_conflict_do_nothing()


def lock_items(session: Session, item_ids: Iterable[uuid.UUID]) -> None:
    """Let nobody else move or promise these items until the transaction ends.

    Without it, two transactions read the same level and both sell the last unit. Who needs
    several items locks them all first: the order by id is what keeps two such transactions from
    waiting for each other.
    """
    _lock(session, item_ids)


def note_level(
    session: Session, place: tuple[uuid.UUID, uuid.UUID], *, on_hand: Decimal, reserved: Decimal
) -> None:
    """Remember a level that this transaction has locked and changed beside the shelves."""
    _known(session).levels[place] = (on_hand, reserved)


@dataclass
class _Known:
    """What this transaction has locked and read: nobody else can have changed it since."""

    worth: dict[uuid.UUID, tuple[Decimal, int]] = field(default_factory=dict)
    levels: dict[tuple[uuid.UUID, uuid.UUID], tuple[Decimal, Decimal]] = field(default_factory=dict)


def _known(session: Session) -> _Known:
    if session.in_nested_transaction():
        # A savepoint that is rolled back gives back locks and levels: nothing is remembered.
        session.info.pop("inventory.known", None)
        return _Known()
    known: _Known = session.info.setdefault("inventory.known", _Known())
    return known


def _lock(session: Session, item_ids: Iterable[uuid.UUID]) -> _Known:
    known = _known(session)
    new = sorted(set(item_ids) - known.worth.keys())
    if new:
        _read(session, known, new)
    if missing := [item_id for item_id in new if item_id not in known.worth]:
        rows = [{"item_id": item_id, "quantity": _ZERO, "value_minor": 0} for item_id in missing]
        session.execute(_ADD_VALUES, rows)
        _read(session, known, missing)
    return known


def _read(session: Session, known: _Known, item_ids: Sequence[uuid.UUID]) -> None:
    for item_id, quantity, value in session.execute(_WORTH, {"items": item_ids}):
        known.worth[item_id] = (quantity, value)


@dataclass
class _Worth:
    """How much of an item there is in all warehouses, and what it is worth."""

    quantity: Decimal
    value_minor: int
    quantity_before: Decimal
    value_before: int


@dataclass
class _Shelf:
    """One item in one location."""

    on_hand: Decimal
    reserved: Decimal
    on_hand_before: Decimal
    reserved_before: Decimal

    @property
    def changed(self) -> bool:
        return (self.on_hand, self.reserved) != (self.on_hand_before, self.reserved_before)


class Shelves:
    """Some items in some locations, locked until the transaction ends.

    Levels are read after the lock is held, or they would be those of before the wait.
    """

    def __init__(
        self, session: Session, items: Iterable[Item], locations: Sequence[Location]
    ) -> None:
        self._session = session
        self._items = {item.id: item for item in items}
        self._locations = {location.id: location for location in locations}
        self._known = _lock(session, self._items)
        self._worth = {
            item_id: _Worth(*self._known.worth[item_id], *self._known.worth[item_id])
            for item_id in self._items
        }
        places = [(item_id, place) for item_id in self._items for place in self._locations]
        levels = self._known.levels
        if any(place not in levels for place in places):
            wanted = {"items": list(self._items), "locations": list(self._locations)}
            levels.update(dict.fromkeys(places, (_ZERO, _ZERO)))
            for item_id, location_id, on_hand, reserved in session.execute(_LEVELS, wanted):
                levels[item_id, location_id] = (on_hand, reserved)
        self._shelves = {place: _Shelf(*levels[place], *levels[place]) for place in places}

    def on_hand(self, item: Item, location: Location) -> Decimal:
        """Return what lies there."""
        return self._shelf(item, location).on_hand

    def reserved(self, item: Item, location: Location) -> Decimal:
        """Return what of it is promised."""
        return self._shelf(item, location).reserved

    def available(self, item: Item, location: Location) -> Decimal:
        """Return what lies there and is promised to nobody."""
        shelf = self._shelf(item, location)
        return shelf.on_hand - shelf.reserved

    def average_value_of(self, item: Item, quantity: Decimal) -> int | None:
        """Return the value of a quantity at the moving average; None while there is nothing."""
        worth = self._worth[item.id]
        if worth.quantity == 0:
            return None
        return value_at_average(
            quantity,
            on_hand=worth.quantity,
            value_minor=worth.value_minor,
            rounding=company(self._session).rounding,
        )

    def put(self, item: Item, location: Location, quantity: Decimal, value_minor: int) -> None:
        """Take goods in at a value."""
        assert value_minor >= 0, "goods that cost something to get rid of are not stock"
        self._shelf(item, location).on_hand += quantity
        worth = self._worth[item.id]
        worth.quantity += quantity
        worth.value_minor += value_minor

    def take(
        self,
        item: Item,
        location: Location,
        quantity: Decimal,
        *,
        promised: Decimal = _ZERO,
        original: int | None = None,
    ) -> int:
        """Take goods out, `promised` of them from what is reserved; return their value.

        They leave at the moving average, or, where they go back, at their `original` value.
        """
        self.require(item, location, quantity, promised=promised)
        shelf, worth = self._shelf(item, location), self._worth[item.id]
        if original is None:
            value = value_of_issue(
                quantity,
                on_hand=worth.quantity,
                value_minor=worth.value_minor,
                rounding=company(self._session).rounding,
            )
        else:
            value = value_of_return(
                quantity,
                on_hand=worth.quantity,
                value_minor=worth.value_minor,
                original=original,
            )
        shelf.on_hand -= quantity
        shelf.reserved -= promised
        worth.quantity -= quantity
        worth.value_minor -= value
        return value

    def bring(self, item: Item, source: Location, target: Location, quantity: Decimal) -> None:
        """Carry goods from one warehouse to another; what they are worth stays the same."""
        self.require(item, source, quantity)
        self._shelf(item, source).on_hand -= quantity
        self._shelf(item, target).on_hand += quantity

    def promise(self, item: Item, location: Location, quantity: Decimal) -> None:
        """Reserve a quantity; a negative one is given back."""
        self._shelf(item, location).reserved += quantity

    def require(
        self, item: Item, location: Location, quantity: Decimal, *, promised: Decimal = _ZERO
    ) -> None:
        """Refuse to take more than is promised to the taker or to nobody."""
        shelf = self._shelf(item, location)
        takeable = shelf.on_hand - shelf.reserved + promised
        if quantity > takeable:
            raise InsufficientStock(
                sku=item.sku,
                location=location.code,
                available=plain(takeable),
                on_hand=plain(shelf.on_hand),
                reserved=plain(shelf.reserved - promised),
                wanted=plain(quantity),
            )

    def write(self) -> tuple[Level, ...]:
        """Write what changed, and return every level that did."""
        changed = {key: shelf for key, shelf in self._shelves.items() if shelf.changed}
        if changed:
            self._session.execute(
                _WRITE_LEVELS,
                [
                    {
                        "item_id": item_id,
                        "location_id": location_id,
                        "on_hand": shelf.on_hand,
                        "reserved": shelf.reserved,
                    }
                    for (item_id, location_id), shelf in changed.items()
                ],
            )
        self._write_values()
        # Another working copy in this transaction begins where this one ended.
        for place, shelf in changed.items():
            self._known.levels[place] = (shelf.on_hand, shelf.reserved)
        for item_id, worth in self._worth.items():
            self._known.worth[item_id] = (worth.quantity, worth.value_minor)
        return tuple(
            Level(
                sku=self._items[item_id].sku,
                name=self._items[item_id].name,
                location=self._locations[location_id].code,
                on_hand_before=plain(shelf.on_hand_before),
                on_hand=plain(shelf.on_hand),
                reserved_before=plain(shelf.reserved_before),
                reserved=plain(shelf.reserved),
            )
            for (item_id, location_id), shelf in changed.items()
        )

    def _write_values(self) -> None:
        rows = [
            {"item_id": item_id, "quantity": worth.quantity, "value_minor": worth.value_minor}
            for item_id, worth in self._worth.items()
            if (worth.quantity, worth.value_minor) != (worth.quantity_before, worth.value_before)
        ]
        if rows:
            self._session.execute(_WRITE_VALUES, rows)

    def _shelf(self, item: Item, location: Location) -> _Shelf:
        return self._shelves[item.id, location.id]
