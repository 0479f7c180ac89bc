"""What one can do with counts."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from core.catalog import Item, ItemKind
from core.inventory import rules as stock_rules
from core.inventory.carrying import require_storage
from core.inventory.counting import errors, rules
from core.inventory.counting.booking import Booked, Difference, book_differences, worth_of
from core.inventory.counting.events import (
    LINES_SHOWN,
    CountCancelled,
    CountConfirmed,
    CountEntered,
    CountStarted,
)
from core.inventory.counting.queries import LINES_MAX, find_count
from core.inventory.counting.tables import (
    CountBasis,
    CountState,
    StockCount,
    StockCountEntry,
    StockCountLine,
)
from core.inventory.errors import CountChangesNothing
from core.inventory.events import StockCounted
from core.inventory.freezing import freeze, thaw
from core.inventory.shelves import Shelves, lock_items
from core.inventory.tables import Location, LocationPurpose, StockLevel
from core.inventory.tree import subtree
from core.inventory.units import require_level
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number

_ZERO = Decimal(0)


@dataclass(frozen=True)
class CountTerms:
    """How a count is held.

    Frozen: what is counted does not move meanwhile. Blind: who counts is not told what the books
    say. A difference within the tolerance (percent of what is expected, or value) is booked as it
    is; beyond both it has to be counted again, or accepted.
    """

    frozen: bool = False
    blind: bool = False
    basis: CountBasis = CountBasis.ENTRY
    tolerance_percent: Decimal | None = None
    tolerance: Money | None = None


def start_count(
    session: Session,
    *,
    location: Location,
    items: Sequence[Item] | None = None,
    terms: CountTerms | None = None,
    because: str = "",
) -> StockCount:
    """Open a count of what lies in a place and its parts, or of some items there.

    An item that is named is counted even where the books know nothing of it.
    """
    how = terms or CountTerms()
    require_storage(location)
    for item in items or ():
        stock_rules.require_movable(item, Decimal(1))
    shelves = _shelves_in(session, location, items)
    if items is not None:
        known = {item_id for item_id, _ in shelves}
        shelves += [(item.id, location.id) for item in items if item.id not in known]
    if not shelves:
        raise errors.NothingToCount(location=location.code)
    if len(shelves) > LINES_MAX:
        raise errors.TooMuchToCount(lines=len(shelves), most=LINES_MAX)
    lock_items(session, {item_id for item_id, _ in shelves})
    _require_not_counted(session, shelves)
    number = next_number(session, "CT")
    count = StockCount(
        number=number,
        location=location,
        basis=how.basis,
        frozen=how.frozen,
        blind=how.blind,
        tolerance_percent=how.tolerance_percent,
        tolerance_minor=how.tolerance.minor if how.tolerance else None,
        because=because,
        started_on=company(session).today,
        state=CountState.OPEN,
    )
    session.add(count)
    session.flush()
    session.add_all(
        StockCountLine(count_id=count.id, item_id=item_id, location_id=place_id, rounds=0)
        for item_id, place_id in shelves
    )
    session.flush()
    if how.frozen:
        freeze(session, shelves, number=number)
    events.record(session, _started(session, count, shelves))
    return count


def enter_count(
    session: Session,
    number: str,
    item: Item,
    *,
    counted: Decimal,
    location: Location | None = None,
) -> StockCountLine:
    """Note how much somebody counted; a second time is another round, and both are kept.

    What the count did not list, but lies within it, is added to it.
    """
    count = _open(session, number, to_close=False)
    require_level(session, item, counted)
    lock_items(session, [item.id])
    line = _line_of(session, count, item, location)
    shelf = Shelves(session, [item], [line.location])
    expected = shelf.on_hand(item, line.location)
    line.rounds += 1
    line.counted, line.expected = counted, expected
    line.counted_on = company(session).today
    session.add(
        StockCountEntry(
            line_id=line.id,
            round=line.rounds,
            counted=counted,
            expected=expected,
            counted_by=acting(session).actor.human,
            entered_at=clock.now(),
        )
    )
    fact = CountEntered(
        number=count.number,
        sku=item.sku,
        location=line.location.code,
        counted=plain(counted),
        round=line.rounds,
    )
    events.record(session, fact)
    session.flush()
    return line


def confirm_count(session: Session, number: str, *, accept_differences: bool = False) -> StockCount:
    """Close a count: book the real differences in one entry, and leave alone what nobody counted.

    A difference beyond the tolerance is refused until two rounds agree on it, or until it is
    accepted: that is for somebody who has not counted.
    """
    count = _open(session, number, to_close=True)
    lines = _lines(session, count)
    counted = [line for line in lines if line.counted is not None]
    if not counted:
        raise errors.NothingCounted(number=count.number)
    lock_items(session, {line.item_id for line in counted})
    shelves = Shelves(
        session,
        {line.item_id: line.item for line in counted}.values(),
        list({line.location_id: line.location for line in counted}.values()),
    )
    if count.basis is CountBasis.CONFIRMATION:
        for line in counted:
            line.expected = shelves.on_hand(line.item, line.location)
    accepted = _beyond_tolerance(session, count, counted, shelves)
    if accepted and not accept_differences:
        raise errors.BeyondTolerance(number=count.number, lines="; ".join(accepted))
    _close(session, count, CountState.CONFIRMED, lines)
    booked = _book(session, count, counted, shelves)
    events.record(session, _confirmed(count, lines, counted, accepted, booked))
    session.flush()
    return count


def cancel_count(session: Session, number: str, *, because: str) -> StockCount:
    """Give a count up: the books stay as they are, what was entered is kept."""
    count = _open(session, number, to_close=True)
    _close(session, count, CountState.CANCELLED, _lines(session, count))
    events.record(session, CountCancelled(number=count.number, because=because))
    session.flush()
    return count


def count_at_once(
    session: Session, item: Item, location: Location, *, counted: Decimal, because: str
) -> StockCountLine:
    """Count one item in one place, and let the books follow: a count of one line."""
    require_storage(location)
    require_level(session, item, counted)
    lock_items(session, [item.id])
    _require_not_counted(session, [(item.id, location.id)])
    shelves = Shelves(session, [item], [location])
    before = shelves.on_hand(item, location)
    if counted == before:
        raise CountChangesNothing(sku=item.sku, location=location.code, counted=plain(counted))
    today, number = company(session).today, next_number(session, "CT")
    count = StockCount(
        number=number,
        location=location,
        basis=CountBasis.ENTRY,
        frozen=False,
        blind=False,
        because=because,
        started_on=today,
        closed_on=today,
        state=CountState.CONFIRMED,
    )
    session.add(count)
    session.flush()
    line = StockCountLine(
        count_id=count.id,
        item=item,
        location=location,
        standing=False,
        rounds=1,
        counted=counted,
        expected=before,
        counted_on=today,
        difference=counted - before,
        entries=[
            StockCountEntry(
                round=1,
                counted=counted,
                expected=before,
                counted_by=acting(session).actor.human,
                entered_at=clock.now(),
            )
        ],
    )
    session.add(line)
    difference = Difference(item, location, counted - before)
    memo = because or f"{item.sku} {number}"
    booked = book_differences(session, [difference], shelves=shelves, number=number, because=memo)
    net = booked.found if booked.found.minor else -booked.missing
    events.record(
        session,
        StockCounted(
            number=number,
            counted=plain(counted),
            because=because,
            value=net,
            levels=booked.levels,
        ),
    )
    session.flush()
    return line


def _open(session: Session, number: str, *, to_close: bool) -> StockCount:
    # Who enters shares the count with others who do; who closes it waits for all of them.
    count = find_count(session, number)
    locked = (
        select(StockCount)
        .where(StockCount.id == count.id)
        .options(joinedload(StockCount.location))
        .with_for_update(of=StockCount, read=not to_close)
        .execution_options(populate_existing=True)
    )
    count = session.scalars(locked).one()
    if count.state is not CountState.OPEN:
        raise errors.CountClosed(number=count.number, state=count.state)
    return count


def _lines(session: Session, count: StockCount) -> list[StockCountLine]:
    wanted = (
        select(StockCountLine)
        .where(StockCountLine.count_id == count.id)
        .options(
            joinedload(StockCountLine.item),
            joinedload(StockCountLine.location),
            selectinload(StockCountLine.entries),
        )
        .execution_options(populate_existing=True)
    )
    lines = session.scalars(wanted).all()
    return sorted(lines, key=lambda line: (line.location.code, line.item.sku))


def _shelves_in(
    session: Session, root: Location, items: Sequence[Item] | None
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    wanted = (
        select(StockLevel.item_id, StockLevel.location_id)
        .join(Location, Location.id == StockLevel.location_id)
        .join(Item, Item.id == StockLevel.item_id)
        .where(
            StockLevel.location_id.in_(select(subtree(root.id).c.id)),
            Location.purpose == LocationPurpose.STORAGE,
            Location.closed_on.is_(None),
            Item.kind == ItemKind.STOCKED,
            StockLevel.on_hand != 0,
        )
        .order_by(Location.code, Item.sku)
        .limit(LINES_MAX + 1)
    )
    if items is not None:
        wanted = wanted.where(StockLevel.item_id.in_([item.id for item in items]))
    return [(item_id, place_id) for item_id, place_id in session.execute(wanted)]


def _require_not_counted(session: Session, shelves: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> None:
    wanted = set(shelves)
    standing = session.execute(
        select(
            StockCountLine.item_id,
            StockCountLine.location_id,
            Item.sku,
            Location.code,
            StockCount.number,
        )
        .join(Item, Item.id == StockCountLine.item_id)
        .join(Location, Location.id == StockCountLine.location_id)
        .join(StockCount, StockCount.id == StockCountLine.count_id)
        .where(
            StockCountLine.standing,
            StockCountLine.item_id.in_({item_id for item_id, _ in wanted}),
        )
        .order_by(Location.code, Item.sku)
    )
    for item_id, place_id, sku, place, number in standing:
        if (item_id, place_id) in wanted:
            raise errors.CountedElsewhere(sku=sku, location=place, number=number)


def _line_of(
    session: Session, count: StockCount, item: Item, location: Location | None
) -> StockCountLine:
    wanted = (
        select(StockCountLine)
        .where(StockCountLine.count_id == count.id, StockCountLine.item_id == item.id)
        .options(joinedload(StockCountLine.location))
        .with_for_update(of=StockCountLine)
        .execution_options(populate_existing=True)
    )
    lines = session.scalars(wanted).all()
    if location is None and len(lines) > 1:
        places = ", ".join(sorted(line.location.code for line in lines))
        raise errors.SayWhichPlace(sku=item.sku, places=places)
    place = location or (lines[0].location if lines else count.location)
    for line in lines:
        if line.location_id == place.id:
            return line
    return _added(session, count, item, place)


def _added(session: Session, count: StockCount, item: Item, place: Location) -> StockCountLine:
    require_storage(place)
    below = select(subtree(count.location_id).c.id)
    if session.scalar(select(Location.id).where(Location.id == place.id, Location.id.in_(below))):
        _require_not_counted(session, [(item.id, place.id)])
        line = StockCountLine(count_id=count.id, item=item, location=place, rounds=0)
        session.add(line)
        session.flush()
        if count.frozen:
            freeze(session, [(item.id, place.id)], number=count.number)
        return line
    raise errors.OutsideOfCount(location=place.code, number=count.number, root=count.location.code)


def _beyond_tolerance(
    session: Session, count: StockCount, counted: Sequence[StockCountLine], shelves: Shelves
) -> tuple[str, ...]:
    tolerance = rules.Tolerance(count.tolerance_percent, count.tolerance_minor)
    beyond = []
    for line in counted:
        assert line.counted is not None, "the caller took those that were counted"
        assert line.expected is not None, "what was counted was compared"
        difference = line.counted - line.expected
        if not difference:
            continue
        worth = worth_of(session, shelves, line.item, abs(difference))
        fine = tolerance.allows(counted=line.counted, expected=line.expected, value_minor=worth)
        if not fine and not rules.agree([(e.counted, e.expected) for e in line.entries]):
            sign = "+" if difference > 0 else ""
            beyond.append(f"{line.item.sku} @ {line.location.code} {sign}{plain(difference)}")
    return tuple(beyond)


def _book(
    session: Session, count: StockCount, counted: Sequence[StockCountLine], shelves: Shelves
) -> Booked:
    differences = []
    for line in counted:
        assert line.counted is not None, "the caller took those that were counted"
        assert line.expected is not None, "what was counted was compared"
        line.difference = line.counted - line.expected
        if line.difference:
            differences.append(Difference(line.item, line.location, line.difference))
    return book_differences(
        session, differences, shelves=shelves, number=count.number, because=count.because
    )


def _close(
    session: Session, count: StockCount, state: CountState, lines: Iterable[StockCountLine]
) -> None:
    count.state, count.closed_on = state, company(session).today
    ids = [line.id for line in lines]
    session.flush()
    session.execute(
        update(StockCountLine)
        .where(StockCountLine.id.in_(ids))
        .values(standing=False)
        .execution_options(synchronize_session="evaluate")
    )
    if count.frozen:
        thaw(session, number=count.number)


def _started(
    session: Session, count: StockCount, shelves: Sequence[tuple[uuid.UUID, uuid.UUID]]
) -> CountStarted:
    shown = list(shelves[:LINES_SHOWN])
    skus = session.execute(
        select(Item.id, Item.sku).where(Item.id.in_([item_id for item_id, _ in shown]))
    )
    sku_of = dict(skus.all())
    terms = [word for word, is_so in (("frozen", count.frozen), ("blind", count.blind)) if is_so]
    return CountStarted(
        number=count.number,
        location=count.location.code,
        shelves=tuple(sku_of[item_id] for item_id, _ in shown),
        lines=len(shelves),
        terms=", ".join(terms) or "open",
    )


def _confirmed(
    count: StockCount,
    lines: Sequence[StockCountLine],
    counted: Sequence[StockCountLine],
    accepted: tuple[str, ...],
    booked: Booked,
) -> CountConfirmed:
    return CountConfirmed(
        number=count.number,
        levels=booked.levels,
        shelves=len(counted),
        differing=sum(bool(line.difference) for line in counted),
        left_out=len(lines) - len(counted),
        accepted=accepted,
        because=count.because,
        found=booked.found,
        missing=booked.missing,
    )
