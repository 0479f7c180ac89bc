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
from core.inventory.carrying import Back, gather
from core.inventory.errors import (
    CountBelowReserved,
    CountChangesNothing,
    ReturnsTooMuch,
)
from core.inventory.events import Level, MovedEarlier, StockCounted, StockMoved
from core.inventory.freezing import require_thawed
from core.inventory.leaving import Outgoing, Pick, bins_of, picks_of
from core.inventory.locations import outside, require_internal
from core.inventory.lots import Carried, LotPart, carry_lots
from core.inventory.reservations import promised_to, take_lots, use_up
from core.inventory.shelves import Shelves, lock_items
from core.inventory.tables import Location, LocationKind, StockMove
from core.inventory.valuation.anchors import anchor_count, count_after, keep_count
from core.inventory.valuation.corrections import book_corrections
from core.inventory.valuation.moves import Day, day_of, left_to_return, new_move
from core.inventory.valuation.timeline import Way
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
    lots: Sequence[LotPart] = ()


@dataclass(frozen=True)
class Returning:
    """Goods that go back, and what they were worth when they came or went.

    `of` is the move that they take back: they go at its cost of now, with all that was added to it
    later, and follow what is added still. Without it their `value` is all that is known.
    """

    item: Item
    quantity: Decimal
    value: Money
    of: StockMove | None = None
    lots: Sequence[LotPart] = ()


@dataclass(frozen=True)
class Issued:
    """Goods that went out, from one place or from several, and what they cost."""

    moves: tuple[StockMove, ...]
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
    """Take goods in at a value, owed to, or explained by, the account `against`.

    Of an item with a standard cost, what the goods cost beyond it is a price variance. A day in
    the past (`moved_on`) puts them there in the item's timeline, and what that makes others cost
    is booked today.
    """
    incoming = [Returning(each.item, each.quantity, each.value, lots=each.lots) for each in goods]
    return _take_in(
        session,
        incoming,
        location=location,
        against=against,
        origin=origin,
        memo=memo,
        from_kind=from_kind,
        moved_on=moved_on,
    )


def _take_in(
    session: Session,
    goods: Sequence[Returning],
    *,
    location: Location,
    against: str,
    origin: str,
    memo: str,
    from_kind: LocationKind,
    moved_on: date | None,
    undoes: str | None = None,
) -> list[StockMove]:
    require_internal(location)
    _require_movable(session, goods)
    source, day = outside(session, from_kind), day_of(session, moved_on)
    require_thawed(session, [each.item for each in goods], [location])
    shelves = Shelves(session, [each.item for each in goods], [location])
    moves, explained = [], 0
    for each in goods:
        move = new_move(each.item, each.quantity, source, location, day, origin, against)
        move.returns_id = each.of.id if each.of is not None else None
        way = Way.RECEIPT if each.of is None else Way.RETURNED
        shelves.put(each.item, location, move, way=way, value=each.value.minor)
        session.add(move)
        moves.append(move)
        # What comes back brings its cost; what comes in is owed whatever it is worth here.
        explained += each.value.minor if each.of is None else move.value_minor
        keep_count(session, shelves, each.item, location, move)
    value = _sum(session, moves)
    _finish(session, shelves, moves, origin=origin, value=value, memo=memo, day=day)
    carry_lots(session, _carried(goods, moves), of=undoes)
    lines = _sides(value, Money(explained, value.currency), against)
    _post(session, lines, memo=memo, origin=origin, day=day.booked_on)
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
    """Send goods out at the cost their method gives; first what is reserved for their lines."""
    require_internal(location)
    for each in goods:
        rules.require_movable(each.item, each.quantity)
    target, day = outside(session, to_kind), day_of(session, moved_on)
    items = [each.item for each in goods]
    bins = bins_of(session, location, items, to_kind=to_kind)
    places = [location] if bins is None else bins.places
    shelves = Shelves(session, items, places)
    lines_served = [each.line_id for each in goods if each.line_id is not None]
    promised = promised_to(session, lines_served, places=places)
    picks = picks_of(goods, promised, location=location, bins=bins)
    require_thawed(session, items, list(dict.fromkeys(pick.location for pick in picks)))
    used: dict[tuple[uuid.UUID | None, uuid.UUID], Decimal] = defaultdict(Decimal)
    gone: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    moves = []
    for pick in picks:
        item, place, line_id = pick.goods.item, pick.location, pick.goods.line_id
        move = new_move(item, pick.quantity, place, target, day, origin, debit_to)
        anchor = count_after(session, item, place, move)
        counted_on = anchor.counted_on if anchor is not None else None
        shelves.take(item, place, move, promised=pick.mine, counted_on=counted_on)
        session.add(move)
        moves.append(move)
        keep_count(session, shelves, item, place, move, anchor)
        if line_id is not None:
            used[line_id, place.id] += pick.mine
            gone[line_id] += pick.quantity
    lots = use_up(session, promised, used, gone)
    value = _sum(session, moves)
    _finish(session, shelves, moves, origin=origin, value=value, memo=memo, day=day)
    carry_lots(
        session,
        [
            Carried(
                pick.goods.item,
                move,
                pick.lots,
                take_lots(lots, (pick.goods.line_id, pick.location.id), pick.mine),
                pick.mine,
            )
            for pick, move in zip(picks, moves, strict=True)
        ],
    )
    lines = [debit(debit_to, value), credit(INVENTORY, value)]
    _post(session, lines, memo=memo, origin=origin, day=day.booked_on)
    return _issued(picks, moves, value.currency)


def _issued(picks: Sequence[Pick], moves: Sequence[StockMove], currency: str) -> list[Issued]:
    """Put the parts of each of the goods together again."""
    parts: dict[int, list[StockMove]] = defaultdict(list)
    for pick, move in zip(picks, moves, strict=True):
        parts[pick.row].append(move)
    costs = {row: sum(move.value_minor for move in moved) for row, moved in parts.items()}
    return [Issued(tuple(parts[row]), Money(costs[row], currency)) for row in sorted(parts)]


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
    undoes: str | None = None,
) -> list[StockMove]:
    """Take back goods from a customer, or send ours back to a supplier, at their original cost.

    `undoes` is the number of the document that is taken back: the lots that went with it return.

    `from_kind` CUSTOMER brings them into `location` and credits `against` (their cost);
    SUPPLIER, where they once came from, sends them back there and debits `against` (what is
    owed for them: their `value`). What the stock loses by it otherwise is a price variance.
    """
    for each in goods:
        _require_returnable(session, each)
    if from_kind is not LocationKind.SUPPLIER:
        return _take_in(
            session,
            goods,
            location=location,
            against=against,
            origin=origin,
            memo=memo,
            from_kind=from_kind,
            moved_on=moved_on,
            undoes=undoes,
        )
    require_internal(location)
    _require_movable(session, goods)
    if location.divided:
        goods_back = [Back(each.item, each.quantity, each.lots) for each in goods]
        gather(session, goods_back, location=location, origin=origin, undoes=undoes)
    target, day = outside(session, from_kind), day_of(session, moved_on)
    require_thawed(session, [each.item for each in goods], [location])
    shelves = Shelves(session, [each.item for each in goods], [location])
    moves = []
    for each in goods:
        move = new_move(each.item, each.quantity, location, target, day, origin, against)
        move.returns_id = each.of.id if each.of is not None else None
        anchor = count_after(session, each.item, location, move)
        shelves.take(
            each.item,
            location,
            move,
            way=Way.SENT_BACK,
            value=each.value.minor,
            counted_on=anchor.counted_on if anchor is not None else None,
        )
        session.add(move)
        moves.append(move)
        keep_count(session, shelves, each.item, location, move, anchor)
    left = _sum(session, moves)
    owed = Money(sum(each.value.minor for each in goods), left.currency)
    _finish(session, shelves, moves, origin=origin, value=left, memo=memo, day=day)
    carry_lots(session, _carried(goods, moves), of=undoes)
    lines = [line.reversed() for line in _sides(left, owed, against)]
    _post(session, lines, memo=memo, origin=origin, day=day.booked_on)
    return moves


def adjust_stock(
    session: Session,
    item: Item,
    location: Location,
    *,
    counted: Decimal,
    because: str,
    counted_on: date | None = None,
    against: str = INVENTORY_ADJUSTMENT,
    lots: Sequence[LotPart] = (),
) -> StockMove:
    """Let the books follow a count: what is missing leaves, what is found comes in.

    What was counted on a day stays counted: a move that is booked later for a day before changes
    the difference that the count found, and not what it counted.
    """
    require_internal(location)
    if counted:
        rules.require_movable(item, counted)
    _require_digits(session, item, counted)
    elsewhere, day = outside(session, LocationKind.ADJUSTMENT), day_of(session, counted_on)
    require_thawed(session, [item], [location])
    shelves = Shelves(session, [item], [location])
    difference = counted - shelves.on_hand_at(item, location, day.moved_on)
    if difference == 0:
        raise CountChangesNothing(sku=item.sku, location=location.code, counted=plain(counted))
    reserved = shelves.reserved(item, location)
    if reserved and shelves.on_hand(item, location) + difference < reserved:
        raise CountBelowReserved(
            sku=item.sku, location=location.code, counted=plain(counted), reserved=plain(reserved)
        )
    number = next_number(session, "CT")
    ways = (elsewhere, location) if difference > 0 else (location, elsewhere)
    move = new_move(item, abs(difference), *ways, day, number, against)
    anchor = count_after(session, item, location, move)
    if difference > 0:
        shelves.put(item, location, move, way=Way.FOUND, value=_reckoned(session, item, difference))
    else:
        # It is the count that takes what is promised to nobody: that was asked above.
        shelves.take(item, location, move, counted_on=anchor.counted_on if anchor else None)
    session.add(move)
    keep_count(session, shelves, item, location, move, anchor)
    anchor_count(session, item, location, counted=counted, origin=number, counted_on=day.moved_on)
    corrections = shelves.corrections()
    levels, value = shelves.write(), Money(move.value_minor, company(session).currency)
    carry_lots(session, [Carried(item, move, lots)])
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
    _tell_day(session, number, day)
    memo = because or f"{item.sku} {number}"
    book_corrections(session, corrections, origin=number, memo=memo)
    lines = [debit(INVENTORY, value), credit(against, value)]
    if difference < 0:
        lines = [line.reversed() for line in reversed(lines)]
    _post(session, lines, memo=memo, origin=number, day=day.booked_on)
    return move


def _require_movable(session: Session, goods: Sequence[Returning]) -> None:
    currency = company(session).currency
    for each in goods:
        rules.require_movable(each.item, each.quantity)
        if each.value.currency != currency:
            raise CurrencyMismatch(left=each.value.currency, right=currency)


def _require_digits(session: Session, item: Item, quantity: Decimal) -> None:
    unit = session.get_one(Unit, item.unit_code)
    rules.require_exact(item, quantity, unit=unit.code, digits=unit.digits)


def _require_returnable(session: Session, goods: Returning) -> None:
    """Refuse to take back more than once what a move brought or took."""
    if goods.of is None:
        return
    assert goods.of.item_id == goods.item.id, "what comes back is what went"
    lock_items(session, [goods.item.id])
    left = left_to_return(session, goods.of)
    if goods.quantity > left:
        raise ReturnsTooMuch(
            sku=goods.item.sku, quantity=plain(goods.quantity), left=plain(left),
            number=goods.of.origin,
        )  # fmt: skip


def _reckoned(session: Session, item: Item, quantity: Decimal) -> int:
    ours = company(session)
    return Money.rounding(item.standard_cost * quantity, ours.currency, ours.rounding).minor


def _carried(goods: Sequence[Returning], moves: Sequence[StockMove]) -> list[Carried]:
    return [Carried(each.item, move, each.lots) for each, move in zip(goods, moves, strict=True)]


def _sum(session: Session, moves: Sequence[StockMove]) -> Money:
    return Money(sum(move.value_minor for move in moves), company(session).currency)


def _sides(worth: Money, explained: Money, against: str) -> list[Line]:
    """Return the sides of goods that came in; what they are not worth here is a variance."""
    lines = [debit(INVENTORY, worth), credit(against, explained)]
    if worth != explained:
        variance = Money(abs(explained.minor - worth.minor), worth.currency)
        lines.append((credit if explained < worth else debit)(PRICE_VARIANCE, variance))
    return lines


def _finish(
    session: Session,
    shelves: Shelves,
    moves: Sequence[StockMove],
    *,
    origin: str,
    value: Money,
    memo: str,
    day: Day,
) -> tuple[Level, ...]:
    session.add_all(moves)
    corrections = shelves.corrections()
    levels = shelves.write()
    # The moves go out with whatever is flushed next.
    events.record(session, StockMoved(origin=origin, value=value, levels=levels))
    _tell_day(session, origin, day)
    book_corrections(session, corrections, origin=origin, memo=memo)
    return levels


def _tell_day(session: Session, origin: str, day: Day) -> None:
    today = company(session).today
    if day.moved_on < today:
        booked_today = day.booked_on > day.moved_on
        fact = MovedEarlier(origin, day.moved_on.isoformat(), booked_today=booked_today)
        events.record(session, fact)


def _post(session: Session, lines: Sequence[Line], *, memo: str, origin: str, day: date) -> None:
    # Stock that rounds to nothing has nothing to post: an amount in the books is positive.
    if kept := [line for line in lines if line.amount.minor]:
        post_entry(session, kept, memo=memo, origin=origin, posted_on=day, journal=Journal.STOCK)
