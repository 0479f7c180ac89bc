"""Questions about counts; answers are frozen."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.catalog import Item
from core.inventory.counting.errors import UnknownCount
from core.inventory.counting.tables import (
    CountBasis,
    CountState,
    StockCount,
    StockCountEntry,
    StockCountLine,
)
from core.inventory.tables import Location, StockLevel, StockMove
from core.kernel.naming import find_numbered

LINES_MAX = 5_000


@dataclass(frozen=True)
class CountRound:
    """What somebody counted, and what the books said at that moment."""

    round: int
    counted: Decimal
    expected: Decimal | None
    counted_by: str
    entered_at: datetime


@dataclass(frozen=True)
class CountLineView:
    """A shelf that is counted, as people read it; None is what is not known, or not told."""

    sku: str
    name: str
    name_zh: str | None
    location: str
    rounds: tuple[CountRound, ...]
    counted: Decimal | None
    expected: Decimal | None
    difference: Decimal | None

    def blinded(self) -> "CountLineView":
        """Return the line for somebody who is to count, not to copy."""
        rounds = tuple(replace(each, expected=None) for each in self.rounds)
        return replace(self, rounds=rounds, expected=None, difference=None)


@dataclass(frozen=True)
class CountView:
    """A count, as people read it."""

    number: str
    state: CountState
    location: str
    basis: CountBasis
    frozen: bool
    blind: bool
    because: str
    started_on: date
    closed_on: date | None
    shelves: int
    counted: int
    lines: tuple[CountLineView, ...] = ()


@dataclass(frozen=True)
class Anchor:
    """What was counted of an item in a place on a day: known, not reckoned."""

    item_id: uuid.UUID
    location_id: uuid.UUID
    counted_on: date
    counted: Decimal
    number: str


def find_count(session: Session, text: str) -> StockCount:
    """Return a count by its number."""
    location, unknown = joinedload(StockCount.location), UnknownCount(text=text)
    return find_numbered(session, StockCount, text, location, unknown=unknown)


def count_view(session: Session, count: StockCount) -> CountView:
    """Return a count with its lines, by place and SKU, and every round of each.

    What is expected of an open line follows the books, as the basis of the count says.
    """
    rows = session.execute(
        select(StockCountLine, Item, Location.code, StockLevel.on_hand)
        .join(Item, Item.id == StockCountLine.item_id)
        .join(Location, Location.id == StockCountLine.location_id)
        .outerjoin(
            StockLevel,
            (StockLevel.item_id == StockCountLine.item_id)
            & (StockLevel.location_id == StockCountLine.location_id),
        )
        .where(StockCountLine.count_id == count.id)
        .order_by(Location.code, Item.sku)
    ).all()
    rounds = _rounds(session, [line.id for line, *_ in rows])
    lines = tuple(
        _line(count, line, item, place, on_hand or Decimal(0), tuple(rounds.get(line.id, ())))
        for line, item, place, on_hand in rows
    )
    counted = sum(line.counted is not None for line in lines)
    view = _view(count, shelves=len(lines), counted=counted)
    return replace(view, lines=lines)


def moved_before_but_booked_after(
    session: Session, count: StockCount
) -> dict[tuple[uuid.UUID, uuid.UUID], Decimal]:
    """Return by how much each shelf was booked to differ, after its counting, for days before it.

    Goods that had come or gone when somebody counted, and that the books learned of later.
    """
    into = StockMove.to_location_id == StockCountLine.location_id
    signed = case((into, StockMove.quantity), else_=-StockMove.quantity)
    rows = session.execute(
        select(StockCountLine.item_id, StockCountLine.location_id, func.sum(signed))
        .join(
            StockCountEntry,
            (StockCountEntry.line_id == StockCountLine.id)
            & (StockCountEntry.round == StockCountLine.rounds),
        )
        .join(
            StockMove,
            (StockMove.item_id == StockCountLine.item_id)
            & (StockMove.moved_on < StockCountLine.counted_on)
            & (StockMove.sequence > StockCountEntry.sequence)
            & or_(into, StockMove.from_location_id == StockCountLine.location_id),
        )
        .where(StockCountLine.count_id == count.id)
        .group_by(StockCountLine.item_id, StockCountLine.location_id)
    )
    return {(item_id, place_id): quantity for item_id, place_id, quantity in rows}


def last_counted(
    session: Session,
    item_ids: Iterable[uuid.UUID],
    *,
    since: date | None = None,
) -> list[Anchor]:
    """Return what was counted of some items, newest first, in counts that were confirmed."""
    wanted = (
        select(StockCountLine, StockCount.number)
        .join(StockCount, StockCount.id == StockCountLine.count_id)
        .where(
            StockCountLine.item_id.in_(list(item_ids)),
            StockCountLine.counted.is_not(None),
            StockCount.state == CountState.CONFIRMED,
        )
        .order_by(StockCountLine.counted_on.desc(), StockCount.number.desc())
        .limit(LINES_MAX)
    )
    if since is not None:
        wanted = wanted.where(StockCountLine.counted_on >= since)
    anchors = []
    for line, number in session.execute(wanted):
        assert line.counted is not None, "counted lines say how much"
        assert line.counted_on is not None, "and when"
        anchors.append(
            Anchor(line.item_id, line.location_id, line.counted_on, line.counted, number)
        )
    return anchors


def _rounds(session: Session, line_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[CountRound]]:
    entries = session.scalars(
        select(StockCountEntry)
        .where(StockCountEntry.line_id.in_(list(line_ids)))
        .order_by(StockCountEntry.line_id, StockCountEntry.round)
    )
    found: dict[uuid.UUID, list[CountRound]] = {}
    for entry in entries:
        found.setdefault(entry.line_id, []).append(
            CountRound(
                round=entry.round,
                counted=entry.counted,
                expected=entry.expected,
                counted_by=entry.counted_by,
                entered_at=entry.entered_at,
            )
        )
    return found


def _line(
    count: StockCount,
    line: StockCountLine,
    item: Item,
    place: str,
    on_hand: Decimal,
    rounds: tuple[CountRound, ...],
) -> CountLineView:
    expected = line.expected
    if line.standing and (expected is None or count.basis is CountBasis.CONFIRMATION):
        expected = on_hand
    return CountLineView(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        location=place,
        rounds=rounds,
        counted=line.counted,
        expected=expected,
        difference=None if line.counted is None or expected is None else line.counted - expected,
    )


def _view(count: StockCount, *, shelves: int, counted: int) -> CountView:
    return CountView(
        number=count.number,
        state=count.state,
        location=count.location.code,
        basis=count.basis,
        frozen=count.frozen,
        blind=count.blind,
        because=count.because,
        started_on=count.started_on,
        closed_on=count.closed_on,
        shelves=shelves,
        counted=counted,
    )
