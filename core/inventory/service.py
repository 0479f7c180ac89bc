"""What one can do with stock."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item, Unit
from core.inventory import rules
from core.inventory.errors import (
    CountBelowReserved,
    CountChangesNothing,
)
from core.inventory.events import Level, StockCounted, StockMoved
from core.inventory.freezing import require_thawed
from core.inventory.locations import outside, require_internal
from core.inventory.reservations import promised_to, use_up
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, LocationKind, StockMove
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money, plain
from core.kernel.numbering import next_number
from core.ledger import Journal, Line, credit, debit, post_entry
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    INVENTORY,
    INVENTORY_ADJUSTMENT,
    PRICE_VARIANCE,
)


@dataclass(frozen=True)
class Incoming:
    """Goods that come in, and what all of them together are worth."""

    item: Item
    quantity: Decimal
    value: Money


@dataclass(frozen=True)
class Outgoing:
    """Goods that go out, for the line of a document that may have reserved them."""

    item: Item
    quantity: Decimal
    line_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Returning:
    """Goods that go back, and what they were worth when they came or went."""

    item: Item
    quantity: Decimal
    value: Money


@dataclass(frozen=True)
class Issued:
    """Goods that went out, and what they cost."""

    move: StockMove
    cost: Money


def receive_goods(
    session: Session,
    goods: Sequence[Incoming],
    *,
    location: Location,
    against: str,
    origin: str,
    memo: str,
    from_kind: LocationKind = LocationKind.SUPPLIER,
    moved_on: date | None = None,
) -> list[StockMove]:
    """Take goods in at a value, owed to, or explained by, the account `against`."""
    require_internal(location)
    _require_movable(session, goods)
    source, day = outside(session, from_kind), moved_on or company(session).today
    require_thawed(session, [each.item for each in goods], [location])
    shelves = Shelves(session, [each.item for each in goods], [location])
    moves = []
    for each in goods:
        shelves.put(each.item, location, each.quantity, each.value.minor)
        moves.append(_move(each, source, location, each.value.minor, day, origin))
    value = _sum(session, moves)
    _finish(session, shelves, moves, origin=origin, value=value)
    lines = [debit(INVENTORY, value), credit(against, value)]
    _post(session, lines, value, memo=memo, origin=origin, day=day)
    return moves


def issue_goods(
    session: Session,
    goods: Sequence[Outgoing],
    *,
    location: Location,
    origin: str,
    memo: str,
    to_kind: LocationKind = LocationKind.CUSTOMER,
    debit_to: str = COST_OF_GOODS_SOLD,
    moved_on: date | None = None,
) -> list[Issued]:
    """Send goods out at their moving average; first what is reserved for their lines."""
    require_internal(location)
    for each in goods:
        rules.require_movable(each.item, each.quantity)
    target, day = outside(session, to_kind), moved_on or company(session).today
    require_thawed(session, [each.item for each in goods], [location])
    shelves = Shelves(session, [each.item for each in goods], [location])
    lines_served = [each.line_id for each in goods if each.line_id is not None]
    promised = promised_to(session, lines_served, location=location)
    left: dict[uuid.UUID | None, Decimal] = defaultdict(Decimal)
    for row in promised:
        left[row.line_id] += row.quantity
    used: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    moves = []
    for each in goods:
        # Two rows for one line share what was reserved for it.
        mine = min(left[each.line_id], each.quantity)
        cost = shelves.take(each.item, location, each.quantity, promised=mine)
        moves.append(_move(each, location, target, cost, day, origin))
        if each.line_id is not None:
            left[each.line_id] -= mine
            used[each.line_id] += mine
    # Whatever is refused was refused by now; nothing was written before.
    use_up(session, promised, used)
    value = _sum(session, moves)
    _finish(session, shelves, moves, origin=origin, value=value)
    lines = [debit(debit_to, value), credit(INVENTORY, value)]
    _post(session, lines, value, memo=memo, origin=origin, day=day)
    return [Issued(move, Money(move.value_minor, value.currency)) for move in moves]


def return_goods(
    session: Session,
    goods: Sequence[Returning],
    *,
    location: Location,
    from_kind: LocationKind,
    against: str,
    origin: str,
    memo: str,
    moved_on: date | None = None,
) -> list[StockMove]:
    """Take back goods from a customer, or send ours back to a supplier, at their original value.

    `from_kind` CUSTOMER brings them into `location` and credits `against` (their cost);
    SUPPLIER, where they once came from, sends them back there and debits `against` (what is
    owed for them). What the stock is no longer worth of that is a price variance.
    """
    if from_kind is not LocationKind.SUPPLIER:
        incoming = [Incoming(each.item, each.quantity, each.value) for each in goods]
        return receive_goods(
            session,
            incoming,
            location=location,
            against=against,
            origin=origin,
            memo=memo,
            from_kind=from_kind,
            moved_on=moved_on,
        )
    require_internal(location)
    _require_movable(session, goods)
    target, day = outside(session, from_kind), moved_on or company(session).today
    require_thawed(session, [each.item for each in goods], [location])
    shelves = Shelves(session, [each.item for each in goods], [location])
    moves = []
    for each in goods:
        value = shelves.take(each.item, location, each.quantity, original=each.value.minor)
        moves.append(_move(each, location, target, value, day, origin))
    left = _sum(session, moves)
    owed = Money(sum(each.value.minor for each in goods), left.currency)
    _finish(session, shelves, moves, origin=origin, value=left)
    lines = [debit(against, owed), credit(INVENTORY, left)]
    if owed != left:
        variance = Money(abs(owed.minor - left.minor), left.currency)
        side = credit if left < owed else debit
        lines.append(side(PRICE_VARIANCE, variance))
    _post(
        session,
        [line for line in lines if line.amount.minor],
        max(owed, left, key=lambda money: money.minor),
        memo=memo,
        origin=origin,
        day=day,
    )
    return moves


def adjust_stock(
    session: Session, item: Item, location: Location, *, counted: Decimal, because: str
) -> StockMove:
    """Let the books follow a count: what is missing leaves, what is found comes in, at average."""
    require_internal(location)
    if counted:
        rules.require_movable(item, counted)
    _require_digits(session, item, counted)
    elsewhere, day = outside(session, LocationKind.ADJUSTMENT), company(session).today
    require_thawed(session, [item], [location])
    shelves = Shelves(session, [item], [location])
    difference = counted - shelves.on_hand(item, location)
    if difference == 0:
        raise CountChangesNothing(sku=item.sku, location=location.code, counted=plain(counted))
    if counted < shelves.reserved(item, location):
        reserved = plain(shelves.reserved(item, location))
        raise CountBelowReserved(
            sku=item.sku, location=location.code, counted=plain(counted), reserved=reserved
        )
    number = next_number(session, "CT")
    if difference > 0:
        minor = shelves.average_value_of(item, difference)
        if minor is None:
            ours = company(session)
            found = Money.rounding(item.standard_cost * difference, ours.currency, ours.rounding)
            minor = found.minor
        shelves.put(item, location, difference, minor)
        each, way = Outgoing(item, difference), (elsewhere, location)
    else:
        minor = shelves.take(item, location, -difference)
        each, way = Outgoing(item, -difference), (location, elsewhere)
    move = _move(each, *way, minor, day, number)
    session.add(move)
    levels, value = shelves.write(), Money(minor, company(session).currency)
    events.record(
        session,
        StockCounted(
            number=number,
            counted=plain(counted),
            because=because,
            value=value if difference > 0 else -value,
            levels=levels,
        ),
    )
    lines = [debit(INVENTORY, value), credit(INVENTORY_ADJUSTMENT, value)]
    if difference < 0:
        lines = [line.reversed() for line in reversed(lines)]
    _post(session, lines, value, memo=because or f"{item.sku} {number}", origin=number, day=day)
    return move


def _require_movable(session: Session, goods: Sequence[Incoming | Returning]) -> None:
    currency = company(session).currency
    for each in goods:
        rules.require_movable(each.item, each.quantity)
        if each.value.currency != currency:
            raise CurrencyMismatch(left=each.value.currency, right=currency)


def _require_digits(session: Session, item: Item, quantity: Decimal) -> None:
    unit = session.get_one(Unit, item.unit_code)
    rules.require_exact(item, quantity, unit=unit.code, digits=unit.digits)


def _move(
    goods: Incoming | Outgoing | Returning,
    source: Location,
    target: Location,
    value_minor: int,
    day: date,
    origin: str,
) -> StockMove:
    return StockMove(
        item_id=goods.item.id,
        from_location_id=source.id,
        to_location_id=target.id,
        quantity=goods.quantity,
        value_minor=value_minor,
        moved_on=day,
        origin=origin,
    )


def _sum(session: Session, moves: Sequence[StockMove]) -> Money:
    return Money(sum(move.value_minor for move in moves), company(session).currency)


def _finish(
    session: Session, shelves: Shelves, moves: Sequence[StockMove], *, origin: str, value: Money
) -> tuple[Level, ...]:
    session.add_all(moves)
    levels = shelves.write()
    # The moves go out with whatever is flushed next.
    events.record(session, StockMoved(origin=origin, value=value, levels=levels))
    return levels


def _post(
    session: Session, lines: Sequence[Line], value: Money, *, memo: str, origin: str, day: date
) -> None:
    # Stock that rounds to nothing has nothing to post: an amount in the books is positive.
    if value.minor != 0:
        post_entry(session, lines, memo=memo, origin=origin, posted_on=day, journal=Journal.STOCK)
