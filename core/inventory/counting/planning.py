"""What to count when, so that what is worth most is counted most often."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session, aliased

from core.catalog import Item, ItemKind
from core.inventory.counting.rules import EVERY_DAYS, CycleClass, classified, weekly_share
from core.inventory.counting.tables import CountState, StockCount, StockCountLine
from core.inventory.tables import Location, LocationKind, LocationPurpose, StockLevel, StockMove
from core.inventory.tree import subtree
from core.kernel.company import company

YEAR_DAYS = 365
WEEK_DAYS = 7


@dataclass(frozen=True)
class DueCount:
    """An item whose turn it is to be counted, and why."""

    item_id: uuid.UUID
    sku: str
    name: str
    name_zh: str | None
    cycle: CycleClass
    yearly_minor: int
    on_hand: Decimal
    counted_on: date | None
    due_on: date | None


def cycle_classes(session: Session) -> dict[uuid.UUID, tuple[CycleClass, int]]:
    """Return the class of every stocked item, and the value of what left of it in a year."""
    since = company(session).today - timedelta(days=YEAR_DAYS)
    source, target = aliased(Location), aliased(Location)
    issued = (
        select(StockMove.item_id, cast(func.sum(StockMove.value_minor), BigInteger).label("value"))
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .where(
            StockMove.moved_on > since,
            source.kind == LocationKind.INTERNAL,
            target.kind.in_((LocationKind.CUSTOMER, LocationKind.PRODUCTION)),
        )
        .group_by(StockMove.item_id)
        .subquery()
    )
    rows = session.execute(
        select(Item.id, func.coalesce(issued.c.value, 0))
        .outerjoin(issued, issued.c.item_id == Item.id)
        .where(Item.kind == ItemKind.STOCKED, Item.active)
        .order_by(Item.sku)
    )
    values = {item_id: int(value) for item_id, value in rows}
    return {item_id: (cycle, values[item_id]) for item_id, cycle in classified(values).items()}


def plan_counts(
    session: Session, location: Location, *, days: int = WEEK_DAYS, cycle: CycleClass | None = None
) -> list[DueCount]:
    """Return what to count in a warehouse in the next days: the share of each class, by turn.

    Of a class, as many items as bring all of them round in its interval; those not counted for
    longest first, and among those never counted the most valuable.
    """
    today, classes = company(session).today, cycle_classes(session)
    of_class: dict[CycleClass, list[DueCount]] = defaultdict(list)
    for item, on_hand, counted_on in _stocked_in(session, location):
        if item.id not in classes:
            continue
        its_class, yearly = classes[item.id]
        every = timedelta(days=EVERY_DAYS[its_class])
        of_class[its_class].append(
            DueCount(
                item_id=item.id,
                sku=item.sku,
                name=item.name,
                name_zh=item.name_zh,
                cycle=its_class,
                yearly_minor=yearly,
                on_hand=on_hand,
                counted_on=counted_on,
                due_on=None if counted_on is None else counted_on + every,
            )
        )
    horizon = today + timedelta(days=days)
    planned = []
    for each_class in CycleClass:
        if cycle is not None and each_class is not cycle:
            continue
        members = of_class[each_class]
        due = [each for each in members if each.due_on is None or each.due_on <= horizon]
        due.sort(key=lambda each: (each.due_on or date.min, -each.yearly_minor, each.sku))
        overdue = sum(each.due_on is not None and each.due_on <= today for each in due)
        planned += due[: max(overdue, weekly_share(len(members), each_class, days=days))]
    return planned


def _stocked_in(session: Session, location: Location) -> list[tuple[Item, Decimal, date | None]]:
    below = select(subtree(location.id).c.id)
    counted = (
        select(StockCountLine.item_id, func.max(StockCountLine.counted_on).label("counted_on"))
        .join(StockCount, StockCount.id == StockCountLine.count_id)
        .where(StockCount.state == CountState.CONFIRMED, StockCountLine.location_id.in_(below))
        .group_by(StockCountLine.item_id)
        .subquery()
    )
    wanted = (
        select(Item, func.sum(StockLevel.on_hand), func.max(counted.c.counted_on))
        .join(StockLevel, StockLevel.item_id == Item.id)
        .join(Location, Location.id == StockLevel.location_id)
        .outerjoin(counted, counted.c.item_id == Item.id)
        .where(
            StockLevel.location_id.in_(below),
            StockLevel.on_hand > 0,
            Location.purpose == LocationPurpose.STORAGE,
        )
        .group_by(Item.id)
        .order_by(Item.sku)
    )
    return [(item, on_hand, day) for item, on_hand, day in session.execute(wanted)]
