"""Moves of stock as they are written down: their days, and what of them is taken back."""

import uuid
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import MovedInTheFuture
from core.inventory.tables import Location, LocationKind, StockMove
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.ledger import Journal, require_open_period
from core.ledger.errors import NoPeriodForDay, PeriodClosed, PeriodLocked, PeriodOnHold


@dataclass(frozen=True)
class Day:
    """When goods moved, and the day of the entry: the first open one."""

    moved_on: date
    booked_on: date


def day_of(session: Session, moved_on: date | None) -> Day:
    """Return the days of a move: booked on its own where its period is open, or else today."""
    today = company(session).today
    if moved_on is None or moved_on == today:
        return Day(today, today)
    if moved_on > today:
        raise MovedInTheFuture(day=moved_on, today=today)
    try:
        require_open_period(session, moved_on, Journal.STOCK)
    except (NoPeriodForDay, PeriodClosed, PeriodLocked, PeriodOnHold):
        # What is closed stays as it was reported: the entry is one of today.
        return Day(moved_on, today)
    return Day(moved_on, moved_on)


def new_move(
    item: Item,
    quantity: Decimal,
    source: Location,
    target: Location,
    day: Day,
    origin: str,
    against: str | None,
) -> StockMove:
    """Return a move that is not valued yet."""
    return StockMove(
        id=new_id(),
        item_id=item.id,
        from_location_id=source.id,
        to_location_id=target.id,
        quantity=quantity,
        moved_on=day.moved_on,
        booked_on=day.booked_on,
        against=against,
        origin=origin,
    )


def left_to_return(session: Session, move: StockMove) -> Decimal:
    """Return how much of a move has not been taken back yet."""
    session.flush()
    back = select(func.sum(StockMove.quantity)).where(StockMove.returns_id == move.id)
    return move.quantity - (session.scalar(back) or Decimal(0))


def moves_of(session: Session, origin: str) -> list[StockMove]:
    """Return the moves of a document, in the order in which they were booked."""
    session.flush()
    wanted = select(StockMove).where(StockMove.origin == origin).order_by(StockMove.sequence)
    return list(session.scalars(wanted))


def moves_of_lines(
    session: Session, origin: str, lines: Sequence[tuple[uuid.UUID, Decimal]]
) -> list[StockMove | None]:
    """Return the move of each line of a document: an item and a quantity, as they were moved.

    Lines that are alike have each a move of their own, in the order of both. What was moved to
    keep a count, or thrown away, is no line's.
    """
    kinds = select(Location.id).where(Location.kind == LocationKind.ADJUSTMENT)
    elsewhere = set(session.scalars(kinds))
    alike: dict[tuple[uuid.UUID, Decimal], deque[StockMove]] = defaultdict(deque)
    for move in moves_of(session, origin):
        if elsewhere.isdisjoint((move.from_location_id, move.to_location_id)):
            alike[move.item_id, move.quantity].append(move)
    return [alike[line].popleft() if alike[line] else None for line in lines]


def brought(session: Session, move: StockMove) -> bool:
    """Tell whether a move brought goods in from outside, at a cost of their own."""
    ends = select(Location.id, Location.kind).where(
        Location.id.in_((move.from_location_id, move.to_location_id))
    )
    kinds = dict(session.execute(ends).all())
    came = kinds[move.to_location_id] is LocationKind.INTERNAL
    return came and move.against is not None and move.returns_id is None
