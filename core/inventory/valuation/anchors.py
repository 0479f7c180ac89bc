"""What was counted stays counted: moves that come late stop before the next count."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.locations import outside
from core.inventory.shelves import Shelves
from core.inventory.tables import CountAnchor, Location, LocationKind, StockMove
from core.inventory.valuation.events import CountKept
from core.inventory.valuation.moves import day_of, new_move
from core.inventory.valuation.timeline import Way
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.ledger import Journal, credit, debit, post_entry
from core.ledger.chart import INVENTORY, INVENTORY_ADJUSTMENT


def anchor_count(
    session: Session,
    item: Item,
    location: Location,
    *,
    counted: Decimal,
    origin: str,
    counted_on: date | None = None,
) -> CountAnchor:
    """Remember what was counted on a day, also where the books said the same."""
    anchor = CountAnchor(
        item_id=item.id,
        location_id=location.id,
        counted_on=counted_on or company(session).today,
        quantity=counted,
        origin=origin,
    )
    session.add(anchor)
    return anchor


def count_after(
    session: Session, item: Item, location: Location, move: StockMove
) -> CountAnchor | None:
    """Return the first count of an item in a place after the day of a move that comes late."""
    if move.moved_on >= company(session).today:
        return None
    wanted = (
        select(CountAnchor)
        .where(CountAnchor.item_id == item.id, CountAnchor.location_id == location.id)
        .where(CountAnchor.counted_on > move.moved_on)
        .order_by(CountAnchor.counted_on, CountAnchor.created_at)
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def keep_count(
    session: Session,
    shelves: Shelves,
    item: Item,
    location: Location,
    move: StockMove,
    anchor: CountAnchor | None = None,
) -> StockMove | None:
    """Let the next count find what it found: what a late move brought was missing then.

    Or was there, where the move took it: the difference of the count is corrected by as much, on
    the evening before it.
    """
    came = move.to_location_id == location.id
    anchor = anchor or (count_after(session, item, location, move) if came else None)
    if anchor is None:
        return None
    elsewhere = outside(session, LocationKind.ADJUSTMENT)
    day = day_of(session, anchor.counted_on - timedelta(days=1))
    ends = (location, elsewhere) if came else (elsewhere, location)
    back = new_move(item, move.quantity, *ends, day, move.origin, INVENTORY_ADJUSTMENT)
    if came:
        shelves.take(item, location, back, counted_on=anchor.counted_on)
    else:
        shelves.put(item, location, back, way=Way.FOUND)
    session.add(back)
    value = Money(back.value_minor, company(session).currency)
    signed = -back.quantity if came else back.quantity
    events.record(
        session,
        CountKept(
            sku=item.sku,
            item_name=item.name,
            location=location.code,
            counted=plain(anchor.quantity),
            counted_on=anchor.counted_on.isoformat(),
            count=anchor.origin,
            quantity=plain(signed),
            origin=move.origin,
            value=-value if came else value,
        ),
    )
    if value.minor:
        lines = [debit(INVENTORY, value), credit(INVENTORY_ADJUSTMENT, value)]
        if came:
            lines = [line.reversed() for line in reversed(lines)]
        memo = f"{item.sku} {anchor.origin}"
        post_entry(
            session,
            lines,
            memo=memo,
            origin=move.origin,
            posted_on=day.booked_on,
            journal=Journal.STOCK,
        )
    return back
