"""Moves by the ten thousand: goods that came and went elsewhere, valued as ours are, by COPY.

They are given in the order in which they happened, and each is worth what a receipt or an issue
of that moment would be. Levels and values are kept in memory, and written once in the end. What
cannot be valued so, because it comes late or its item has another method than the moving average,
goes through the services instead, one document at a time.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.catalog import ValuationMethod
from core.inventory import rules
from core.inventory.errors import InsufficientStock
from core.inventory.events import MovesBrought
from core.inventory.leaving import Outgoing
from core.inventory.locations import outside, require_internal
from core.inventory.service import Incoming, issue_goods, receive_goods
from core.inventory.shelves import lock_items
from core.inventory.tables import Location, LocationKind, StockLevel, StockMove, StockValue
from core.inventory.valuation.timeline import Layer, Stock
from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.database import plain_table
from core.kernel.identifiers import ids_in_a_row
from core.kernel.money import Money, plain
from core.ledger import EntriesBringer, Journal, Line, credit, debit
from core.ledger.chart import COST_OF_GOODS_SOLD, INVENTORY

_ZERO = Decimal(0)
_MOVE = (
    *("id", "item_id", "from_location_id", "to_location_id", "quantity", "value_minor"),
    *("moved_on", "booked_on", "against", "origin"),
)


@dataclass(slots=True)
class _Level:
    on_hand: Decimal = _ZERO
    reserved: Decimal = _ZERO


class MovesBringer:
    """Takes receipts and issues in the order in which they happened."""

    def __init__(self, session: Session, source: str, items: Iterable[uuid.UUID]) -> None:
        self._session, self._source = session, source
        self._ours, self._ids = company(session), ids_in_a_row()
        self.entries = EntriesBringer(session, source)
        self._waiting: list[tuple[object, ...]] = []
        self._origins: dict[str, None] = {}
        self._count = 0
        self._items = sorted(items)
        self._worth: dict[uuid.UUID, Stock] = {}
        # The newest day of each item; what is dated before it comes late.
        self._newest: dict[uuid.UUID, date] = {}
        self._levels: dict[tuple[uuid.UUID, uuid.UUID], _Level] = {}
        self._read()

    def free(self, item_id: uuid.UUID, location: Location) -> Decimal:
        """Return what lies there and is promised to nobody."""
        level = self._levels.get((item_id, location.id), _Level())
        return level.on_hand - level.reserved

    def receive(
        self,
        goods: Sequence[Incoming],
        *,
        location: Location,
        against: str,
        origin: str,
        memo: str,
        day: date,
        from_kind: LocationKind = LocationKind.SUPPLIER,
        documents: Sequence[str] = (),
    ) -> bool:
        """Take goods in at their value, as `receive_goods` does.

        Where each has a document of its own, it moves in the name of that, and all are one entry.
        What comes late is not: it is told by True.
        """
        require_internal(location)
        if documents and self._comes_late(goods, day):
            for each, document in zip(goods, documents, strict=True):
                with self._by_services():
                    receive_goods(
                        self._session,
                        [each],
                        location=location,
                        against=against,
                        origin=document,
                        memo=memo,
                        from_kind=from_kind,
                        moved_on=day,
                    )
            return True
        if self._comes_late(goods, day):
            with self._by_services():
                receive_goods(
                    self._session,
                    goods,
                    location=location,
                    against=against,
                    origin=origin,
                    memo=memo,
                    from_kind=from_kind,
                    moved_on=day,
                )
            return True
        source = outside(self._session, from_kind)
        value = 0
        for each, document in zip(goods, documents or [origin] * len(goods), strict=True):
            rules.require_movable(each.item, each.quantity)
            move_id = self._move(each, (source, location), each.value.minor, day, document, against)
            self._origins[document] = None
            self._worth[each.item.id].put(move_id, each.quantity, each.value.minor)
            self._level(each.item.id, location).on_hand += each.quantity
            value += each.value.minor
        amount = Money(value, self._ours.currency)
        self._post([debit(INVENTORY, amount), credit(against, amount)], memo, origin, day)
        return False

    def issue(
        self,
        goods: Sequence[Outgoing],
        *,
        location: Location,
        origin: str,
        memo: str,
        day: date,
        to_kind: LocationKind = LocationKind.CUSTOMER,
        debit_to: str = COST_OF_GOODS_SOLD,
    ) -> list[int]:
        """Send goods out at their moving average, as `issue_goods` does; return what they cost."""
        require_internal(location)
        if self._comes_late(goods, day):
            with self._by_services():
                issued = issue_goods(
                    self._session,
                    goods,
                    location=location,
                    origin=origin,
                    memo=memo,
                    to_kind=to_kind,
                    debit_to=debit_to,
                    moved_on=day,
                )
                return [each.cost.minor for each in issued]
        target = outside(self._session, to_kind)
        costs = []
        for each in goods:
            rules.require_movable(each.item, each.quantity)
            level = self._level(each.item.id, location)
            if level.on_hand - level.reserved < each.quantity:
                raise InsufficientStock(
                    sku=each.item.sku,
                    location=location.code,
                    available=plain(level.on_hand - level.reserved),
                    on_hand=plain(level.on_hand),
                    reserved=plain(level.reserved),
                    wanted=plain(each.quantity),
                )
            cost = self._worth[each.item.id].take(each.quantity)
            level.on_hand -= each.quantity
            self._move(each, (location, target), cost, day, origin, debit_to)
            costs.append(cost)
        self._origins[origin] = None
        amount = Money(sum(costs), self._ours.currency)
        self._post([debit(debit_to, amount), credit(INVENTORY, amount)], memo, origin, day)
        return costs

    def write(self) -> None:
        """Write the entries and the moves that were added since the last time."""
        self.entries.write()
        waiting, self._waiting = self._waiting, []
        self._count += copy_rows(self._session, StockMove, _MOVE, waiting)

    def close(self) -> None:
        """Write what is left, the levels and values that it led to, and tell the change log."""
        self._finish()
        self.entries.close()

    def _finish(self) -> None:
        self.write()
        if self._count:
            self._write_levels()
            events.record(self._session, self._fact())
            self._origins, self._count = {}, 0

    def _level(self, item_id: uuid.UUID, location: Location) -> _Level:
        return self._levels.setdefault((item_id, location.id), _Level())

    def _move(
        self,
        goods: Incoming | Outgoing,
        way: tuple[Location, Location],
        minor: int,
        day: date,
        origin: str,
        against: str,
    ) -> uuid.UUID:
        source, target = way
        move_id, item_id = next(self._ids), goods.item.id
        self._waiting.append(
            (
                *(move_id, item_id, source.id, target.id, goods.quantity, minor, day, day),
                *(against, origin),
            )
        )
        self._newest[item_id] = day
        return move_id

    def _comes_late(self, goods: Sequence[Incoming | Outgoing], day: date) -> bool:
        return any(
            each.item.id not in self._worth or day < self._newest.get(each.item.id, day)
            for each in goods
        )

    @contextmanager
    def _by_services(self) -> Iterator[None]:
        """Write what was reckoned until now, so that the services go on from it, and read anew."""
        self._finish()
        self.entries.seal()
        yield
        self._session.flush()
        self._read()

    def _read(self) -> None:
        """Lock the items, and read what there is of them and what it is worth."""
        lock_items(self._session, self._items)
        table, levels = plain_table(StockValue), plain_table(StockLevel)
        self._worth, self._levels = {}, {}
        for row in self._session.execute(select(table).where(table.c.item_id.in_(self._items))):
            if row.last_moved_on is not None:
                self._newest[row.item_id] = row.last_moved_on
            if row.method is ValuationMethod.MOVING_AVERAGE and not row.negative_allowed:
                layer = Layer(None, row.quantity, row.value_minor)
                self._worth[row.item_id] = Stock.holding(
                    row.method, [layer], rounding=self._ours.rounding
                )
        for row in self._session.execute(select(levels).where(levels.c.item_id.in_(self._items))):
            place = row.item_id, row.location_id
            self._levels[place] = _Level(row.on_hand, row.reserved)

    def _post(self, lines: list[Line], memo: str, origin: str, day: date) -> None:
        if lines[0].amount.minor:
            self.entries.add(lines, memo=memo, origin=origin, posted_on=day, journal=Journal.STOCK)

    def _write_levels(self) -> None:
        levels, values = insert(plain_table(StockLevel)), insert(plain_table(StockValue))
        self._session.execute(
            levels.on_conflict_do_update(
                index_elements=["item_id", "location_id"],
                set_={"on_hand": levels.excluded.on_hand},
            ),
            [
                {"item_id": item_id, "location_id": location_id, "on_hand": level.on_hand}
                for (item_id, location_id), level in self._levels.items()
                if item_id in self._worth
            ],
        )
        self._session.execute(
            values.on_conflict_do_update(
                index_elements=["item_id"],
                set_={
                    name: values.excluded[name]
                    for name in ("quantity", "value_minor", "last_moved_on")
                },
            ),
            [
                {
                    "item_id": item_id,
                    "quantity": stock.quantity,
                    "value_minor": stock.value,
                    "last_moved_on": self._newest.get(item_id),
                }
                for item_id, stock in self._worth.items()
            ],
        )
        # What the session remembers of levels is of before.
        self._session.info.pop("inventory.known", None)

    def _fact(self) -> MovesBrought:
        """Name the documents that moved goods: numbers in a row as the first and the last."""
        named: list[str] = []
        rows: dict[str, list[int]] = {}
        for origin in self._origins:
            series, _, place = origin.partition("-")
            if place.isdigit() and series.isalpha():
                rows.setdefault(series, []).append(int(place))
            else:
                named.append(origin)
        numbers = tuple(
            (f"{series}-{low:05d}", f"{series}-{high:05d}")
            for series, places in rows.items()
            for low, high in _stretches(sorted(places))
        )
        return MovesBrought(self._source, self._count, numbers, tuple(named))


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place in places:
        if found and place <= found[-1][1] + 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found
