"""What the past says of items: what was wanted each day, and how long suppliers took."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from core.catalog import Item, Unit
from core.inventory import Location, LocationKind, StockMove
from core.processes.replenishment.positions import uncovered_lines
from core.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine
from core.sales import SalesOrderLine

# Two years show every season twice; what is older says little of next month.
HISTORY_DAYS = 730
# With fewer receipts than that, the supplier's own word counts.
RECEIPTS_MIN = 5
RECEIPTS_MAX = 50
# A promised lead time without a history: so many percent earlier or later.
_SPREAD_PERCENT = 20
_TAKERS = (LocationKind.CUSTOMER, LocationKind.PRODUCTION)


@dataclass(frozen=True)
class Demand:
    """What was wanted of an item on each day, in its smallest unit; the last day is yesterday."""

    days: tuple[int, ...]
    digits: int

    def in_units(self, figure: int | Decimal) -> Decimal:
        """Write a figure in the item's unit again."""
        return Decimal(figure).scaleb(-self.digits)

    def in_steps(self, quantity: Decimal) -> int:
        """Write a quantity in whole smallest units."""
        return int(quantity.scaleb(self.digits))


@dataclass(frozen=True)
class LeadTime:
    """How many days it took, or is said to take, until goods come."""

    days: tuple[int, ...]
    receipts: int


def demands_of(
    session: Session, item_ids: Iterable[uuid.UUID], *, today: date
) -> dict[uuid.UUID, Demand]:
    """Return the demand of items for each day since they first moved, two years at most.

    What went to customers and production counts on its day, less what came back; what is late,
    on the day that it was promised for: whoever waits wanted it as well.
    """
    wanted = list(item_ids)
    by_day: dict[uuid.UUID, dict[date, Decimal]] = {item_id: {} for item_id in wanted}
    for item_id, day, quantity in session.execute(_moved(wanted, today)):
        by_day[item_id][day] = quantity
    for item_id, late in uncovered_lines(session, SalesOrderLine.item_id.in_(wanted)):
        if today - timedelta(days=HISTORY_DAYS) <= late.on < today:
            by_day[item_id][late.on] = by_day[item_id].get(late.on, Decimal(0)) + late.quantity
    digits = dict(
        session.execute(
            select(Item.id, Unit.digits)
            .join(Unit, Unit.code == Item.unit_code)
            .where(Item.id.in_(wanted))
        ).all()
    )
    since = _first_moves(session, wanted)
    return {
        item_id: Demand(
            _filled(by_day[item_id], since.get(item_id), today, digits[item_id]), digits[item_id]
        )
        for item_id in wanted
    }


def _moved(wanted: list[uuid.UUID], today: date) -> Select[uuid.UUID, date, Decimal]:
    source, target = aliased(Location), aliased(Location)
    left = source.kind == LocationKind.INTERNAL
    net = func.sum(case((left, StockMove.quantity), else_=-StockMove.quantity))
    return (
        select(StockMove.item_id, StockMove.moved_on, net)
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .where(
            StockMove.item_id.in_(wanted),
            StockMove.moved_on >= today - timedelta(days=HISTORY_DAYS),
            StockMove.moved_on < today,
            (left & target.kind.in_(_TAKERS))
            | ((target.kind == LocationKind.INTERNAL) & source.kind.in_(_TAKERS)),
        )
        .group_by(StockMove.item_id, StockMove.moved_on)
    )


def _first_moves(session: Session, wanted: list[uuid.UUID]) -> dict[uuid.UUID, date]:
    rows = (
        select(StockMove.item_id, func.min(StockMove.moved_on))
        .where(StockMove.item_id.in_(wanted))
        .group_by(StockMove.item_id)
    )
    return dict(session.execute(rows).all())


def _filled(
    by_day: Mapping[date, Decimal], first: date | None, today: date, digits: int
) -> tuple[int, ...]:
    """Return one figure a day; a day on which more came back than went wants nothing."""
    starts = [day for day in (first, *by_day) if day is not None]
    start = max(min(starts, default=today), today - timedelta(days=HISTORY_DAYS))
    days = [Decimal(0)] * (today - start).days
    for day, quantity in by_day.items():
        days[(day - start).days] += max(quantity, Decimal(0))
    return tuple(int(each.scaleb(digits)) for each in days)


def lead_times_of(
    session: Session, item_ids: Iterable[uuid.UUID]
) -> dict[tuple[uuid.UUID, uuid.UUID], tuple[int, ...]]:
    """Return how many days the last receipts of each item took, from each of its suppliers."""
    took = GoodsReceipt.received_on - PurchaseOrder.ordered_on
    newest = func.row_number().over(
        partition_by=(PurchaseOrderLine.item_id, PurchaseOrder.supplier_id),
        order_by=(GoodsReceipt.received_on.desc(), GoodsReceipt.number.desc()),
    )
    ranked = (
        select(
            PurchaseOrderLine.item_id,
            PurchaseOrder.supplier_id,
            took.label("took"),
            newest.label("newest"),
        )
        .join(GoodsReceiptLine, GoodsReceiptLine.order_line_id == PurchaseOrderLine.id)
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(
            PurchaseOrderLine.item_id.in_(list(item_ids)),
            GoodsReceipt.returns_id.is_(None),
        )
        .subquery()
    )
    rows = select(ranked.c.item_id, ranked.c.supplier_id, ranked.c.took).where(
        ranked.c.newest <= RECEIPTS_MAX
    )
    found: dict[tuple[uuid.UUID, uuid.UUID], list[int]] = defaultdict(list)
    for item_id, supplier_id, days in session.execute(rows.order_by(ranked.c.newest)):
        found[item_id, supplier_id].append(max(int(days), 0))
    return {key: tuple(days) for key, days in found.items()}


def lead_time(receipts: tuple[int, ...], planned_days: int) -> LeadTime:
    """Return the lead time to reckon with: as it was, or as it is said where too little is known.

    What is said comes on the day, a fifth earlier or a fifth later.
    """
    if len(receipts) >= RECEIPTS_MIN:
        return LeadTime(receipts, len(receipts))
    spread = planned_days * _SPREAD_PERCENT // 100
    said = (max(planned_days - spread, 0), planned_days, planned_days + spread)
    return LeadTime(said, len(receipts))
