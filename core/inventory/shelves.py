"""Levels and values of items, locked: changed in memory first, then written in two statements."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, case, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.catalog import Item, NegativeStock, ValuationMethod
from core.inventory.errors import InsufficientStock, NotThereThen
from core.inventory.events import Level
from core.inventory.tables import Location, StockLevel, StockMove, StockValue
from core.inventory.valuation.books import WORTH, Valuing
from core.inventory.valuation.reading import Correction, Kept, read_layers
from core.inventory.valuation.timeline import Step, Way
from core.kernel.company import company
from core.kernel.database import plain_table
from core.kernel.money import plain
from core.ledger.chart import INVENTORY_ADJUSTMENT

_ZERO = Decimal(0)

# Statements that every sale runs are made once.
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
        name: _NEW_VALUE.excluded[name]
        for name in ("quantity", "value_minor", "method", "standard_cost", "last_moved_on")
    },
)
# A new row says what the item says.
_ADD_VALUES = _NEW_VALUE.from_select(
    ["item_id", "quantity", "value_minor", "method", "standard_cost", "negative_allowed"],
    select(
        Item.id,
        literal(_ZERO),
        literal(0),
        Item.valuation_method,
        case((Item.valuation_method == ValuationMethod.STANDARD, Item.standard_cost)),
        Item.negative_stock == NegativeStock.ALLOW,
    ).where(Item.id.in_(bindparam("items", expanding=True))),
).on_conflict_do_nothing()


def lock_items(
    session: Session, item_ids: Iterable[uuid.UUID], *, at: Location | None = None
) -> None:
    """Let nobody else move or promise these items until the transaction ends.

    Without it, two transactions read the same level and both sell the last unit. Who needs
    several items locks them all first: the order by id is what keeps two such transactions from
    waiting for each other. Who will move them `at` a place has its levels read along.
    """
    items = list(item_ids)
    known = _lock(session, items)
    if at is not None:
        _read_levels(session, known, items, [at.id])


def note_level(
    session: Session, place: tuple[uuid.UUID, uuid.UUID], *, on_hand: Decimal, reserved: Decimal
) -> None:
    """Remember a level that this transaction has locked and changed beside the shelves."""
    _known(session).levels[place] = (on_hand, reserved)


@dataclass
class _Known:
    """What this transaction has locked and read: nobody else can have changed it since."""

    worth: dict[uuid.UUID, Kept] = field(default_factory=dict)
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
        session.flush()
        session.execute(_ADD_VALUES, {"items": missing})
        _read(session, known, missing)
    return known


def _read(session: Session, known: _Known, item_ids: Sequence[uuid.UUID]) -> None:
    for row in session.execute(WORTH, {"items": item_ids}):
        known.worth[row.item_id] = Kept(*row[1:])


def _read_levels(
    session: Session, known: _Known, items: list[uuid.UUID], locations: list[uuid.UUID]
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Read what lies where, unless it is known; return every item in every place."""
    places = [(item_id, place) for item_id in items for place in locations]
    if any(place not in known.levels for place in places):
        known.levels.update(dict.fromkeys(places, (_ZERO, _ZERO)))
        wanted = {"items": items, "locations": locations}
        for item_id, location_id, on_hand, reserved in session.execute(_LEVELS, wanted):
            known.levels[item_id, location_id] = (on_hand, reserved)
    return places


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
        self._valued: dict[uuid.UUID, Valuing] = {}
        places = _read_levels(session, self._known, list(self._items), list(self._locations))
        levels = self._known.levels
        self._shelves = {place: _Shelf(*levels[place], *levels[place]) for place in places}

    def on_hand(self, item: Item, location: Location) -> Decimal:
        """Return what lies there."""
        return self._shelf(item, location).on_hand

    def on_hand_at(self, item: Item, location: Location, day: date) -> Decimal:
        """Return what lay there at the end of a day."""
        level = self.on_hand(item, location)
        if day >= company(self._session).today:
            return level
        return level - sum((each for _, each in self._moves_since(item, location, day)), _ZERO)

    def reserved(self, item: Item, location: Location) -> Decimal:
        """Return what of it is promised."""
        return self._shelf(item, location).reserved

    def available(self, item: Item, location: Location) -> Decimal:
        """Return what lies there and is promised to nobody."""
        shelf = self._shelf(item, location)
        return shelf.on_hand - shelf.reserved

    def average_value_of(self, item: Item, quantity: Decimal) -> int | None:
        """Return what a quantity is worth on average; None while there is nothing."""
        return self.valuing(item).stock.worth(quantity)

    def valuing(self, item: Item) -> Valuing:
        """Return what values the moves of an item."""
        if item.id not in self._valued:
            read_layers(self._session, {key: self._known.worth[key] for key in self._items})
            self._valued[item.id] = Valuing(self._session, item, self._known.worth[item.id])
        return self._valued[item.id]

    def put(
        self,
        item: Item,
        location: Location,
        move: StockMove,
        *,
        way: Way = Way.RECEIPT,
        value: int | None = None,
    ) -> None:
        """Take the goods of a move in, and tell it what they are worth.

        That is their own `value`, or as much as the way they came says.
        """
        assert value is None or value >= 0, "goods that cost something to get rid of are not stock"
        self._shelf(item, location).on_hand += move.quantity
        self._value(item, move, way, value)

    def take(
        self,
        item: Item,
        location: Location,
        move: StockMove,
        *,
        promised: Decimal = _ZERO,
        way: Way = Way.ISSUE,
        value: int | None = None,
        counted_on: date | None = None,
    ) -> None:
        """Take the goods of a move out, `promised` of them from what is reserved.

        They leave at what the method of the item says, or, where they go back, at the cost of
        what they return, or else at their original `value`. What leaves before a count that found
        what is there (`counted_on`) had gone by then: only the days up to it are asked.
        """
        quantity = move.quantity
        if counted_on is None:
            self.require(item, location, quantity, promised=promised)
        self._require_then(item, location, move, counted_on)
        shelf = self._shelf(item, location)
        shelf.on_hand -= quantity
        shelf.reserved -= promised
        if value is None and self._known.worth[item.id].negative_allowed:
            # What leaves before any cost of it is known costs what we reckon with.
            value = self.valuing(item).stock.of_unit(item.standard_cost, quantity)
            move.guess_minor = value
        self._value(item, move, way, value)

    def _value(self, item: Item, move: StockMove, way: Way, value: int | None) -> None:
        step = Step(move.id, way, move.quantity, value, move.returns_id)
        against = move.against or INVENTORY_ADJUSTMENT
        move.value_minor = self.valuing(item).value(
            step, move.moved_on, against=against, origin=move.origin
        )

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
        others = shelf.reserved - promised
        takeable = shelf.on_hand - others
        # What is promised to others never leaves; what is not there yet may, if the item says so.
        if quantity > takeable and (others or not self._known.worth[item.id].negative_allowed):
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
                        "negative_allowed": self._known.worth[item_id].negative_allowed,
                    }
                    for (item_id, location_id), shelf in changed.items()
                ],
            )
        self._write_values()
        # Another working copy in this transaction begins where this one ended.
        for place, shelf in changed.items():
            self._known.levels[place] = (shelf.on_hand, shelf.reserved)
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

    def corrections(self) -> dict[Item, list[Correction]]:
        """Return what costs another amount now than is booked, by item."""
        found = {self._items[key]: each.corrections() for key, each in self._valued.items()}
        return {item: corrections for item, corrections in found.items() if corrections}

    def _write_values(self) -> None:
        rows = []
        for item_id, valuing in self._valued.items():
            before, now = self._known.worth[item_id], valuing.settled()
            if valuing.lowest < 0 and not now.negative_allowed:
                raise NotThereThen(sku=self._items[item_id].sku, missing=plain(-valuing.lowest))
            self._known.worth[item_id] = now
            if replace(before, layers=None) != replace(now, layers=None):
                rows.append(
                    {
                        "item_id": item_id,
                        "quantity": now.quantity,
                        "value_minor": now.value,
                        "method": now.method,
                        "standard_cost": now.standard,
                        "negative_allowed": now.negative_allowed,
                        "last_moved_on": now.last_moved_on,
                    }
                )
        if rows:
            self._session.execute(_WRITE_VALUES, rows)

    def _require_then(
        self, item: Item, location: Location, move: StockMove, counted_on: date | None
    ) -> None:
        """Refuse to let goods leave on a day on which, or after which, they were not there."""
        worth = self._known.worth[item.id]
        if worth.negative_allowed or move.moved_on >= company(self._session).today:
            return
        level = self._shelf(item, location).on_hand
        lowest = level if counted_on is None else None
        for moved_on, change in self._moves_since(item, location, move.moved_on):
            if lowest is None and counted_on is not None and moved_on < counted_on:
                lowest = level
            level -= change
            if lowest is not None:
                lowest = min(lowest, level)
        lowest = level if lowest is None else lowest
        if move.quantity > lowest:
            raise NotThereThen(sku=item.sku, missing=plain(move.quantity - lowest))

    def _moves_since(
        self, item: Item, location: Location, day: date
    ) -> Sequence[tuple[date, Decimal]]:
        self._session.flush()
        change = case(
            (StockMove.to_location_id == location.id, StockMove.quantity),
            else_=-StockMove.quantity,
        )
        wanted = (
            select(StockMove.moved_on, change)
            .where(StockMove.item_id == item.id, StockMove.moved_on > day)
            .where(or_(
                StockMove.to_location_id == location.id,
                StockMove.from_location_id == location.id,
            ))
            .order_by(StockMove.moved_on.desc(), StockMove.sequence.desc())
        )  # fmt: skip
        return self._session.execute(wanted).all()

    def _shelf(self, item: Item, location: Location) -> _Shelf:
        return self._shelves[item.id, location.id]
