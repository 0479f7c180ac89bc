"""What a sale still needs that nobody has seen to: its way into purchasing, line by line."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory import ReorderMethod, ReorderRule
from core.kernel.company import company
from core.processes.replenishment.choosing import Choice, choices, offers_of
from core.processes.replenishment.history import lead_times_of
from core.processes.replenishment.positions import Position, Wanted, positions_of, uncovered_lines
from core.purchasing import PurchaseOrder, PurchaseOrderLine
from core.purchasing.queries import OPEN
from core.purchasing.requisitions.tables import Requisition, RequisitionLine, RequisitionState
from core.sales import SalesOrder, SalesOrderLine

_ZERO = Decimal(0)


@dataclass(frozen=True)
class SaleNeed:
    """What a line of a sale needs, by when, and who would send it.

    `is_pegged` says that it is bought for this line alone, because the item is ordered sale by
    sale; the rest of the needs only tells what no supply on its way will cover. `is_planned` says
    that a rule of the item sees to it by itself.
    """

    item: Item
    quantity: Decimal
    needed_on: date
    line_id: uuid.UUID
    order: str
    is_pegged: bool
    is_planned: bool
    choice: Choice | None


def needs_of(session: Session, order: SalesOrder) -> list[SaleNeed]:
    """Return what a confirmed sale still needs to have bought, in the order of its lines.

    What is reserved, what was ordered or asked for because of the line, and, but for items that
    are ordered sale by sale, what is free or on its way and not promised to an earlier line, is
    covered. An item that is never reordered is somebody else's to see to.
    """
    lines = uncovered_lines(session, SalesOrderLine.order_id == order.id)
    ids = {item_id for item_id, _ in lines}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(ids)))}
    methods = dict(
        session.execute(
            select(ReorderRule.item_id, ReorderRule.method)
            .where(ReorderRule.item_id.in_(ids))
            .order_by(ReorderRule.location_id.nulls_last())
        ).all()
    )
    pegged = _pegged(session, [line.line_id for _, line in lines])
    positions, today = positions_of(session, ids), company(session).today
    offers, receipts = offers_of(session, ids, today=today), lead_times_of(session, ids)
    found: list[SaleNeed] = []
    for item_id, line in lines:
        method = methods.get(item_id)
        by_sale = method is ReorderMethod.ORDER_BY_ORDER
        missing = line.quantity - pegged.get(line.line_id, _ZERO)
        if not by_sale:
            missing = min(missing, _uncovered(positions.of(item_id), line))
        if missing <= 0 or method is ReorderMethod.NEVER:
            continue
        ways = choices(offers.get(item_id, ()), missing, receipts=receipts, today=today)
        found.append(
            SaleNeed(
                item=items[item_id],
                quantity=missing,
                needed_on=line.on,
                line_id=line.line_id,
                order=line.document,
                is_pegged=by_sale,
                is_planned=method is not None and not by_sale,
                choice=ways[0] if ways else None,
            )
        )
    return found


def _uncovered(position: Position, line: Wanted) -> Decimal:
    """Return how much of a line neither stock nor supply covers, once all before it are served."""
    free = position.available + sum((each.quantity for each in position.coming), _ZERO)
    for each in position.wanted:
        if each.line_id == line.line_id:
            return each.quantity - min(max(free, _ZERO), each.quantity)
        free -= each.quantity
    return line.quantity


def _pegged(session: Session, line_ids: list[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Return what is ordered, or asked for and not ordered yet, because of each line."""
    ordered = (
        select(
            PurchaseOrderLine.pegged_line_id,
            PurchaseOrderLine.quantity - PurchaseOrderLine.received_quantity,
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(
            PurchaseOrderLine.pegged_line_id.in_(line_ids),
            PurchaseOrder.state.in_(OPEN),
            PurchaseOrder.ship_to_id.is_(None),
        )
    )
    asked = (
        select(
            RequisitionLine.pegged_line_id,
            RequisitionLine.quantity - RequisitionLine.ordered_quantity,
        )
        .join(Requisition, Requisition.id == RequisitionLine.requisition_id)
        .where(
            RequisitionLine.pegged_line_id.in_(line_ids),
            Requisition.state != RequisitionState.CLOSED,
        )
    )
    found: dict[uuid.UUID, Decimal] = {}
    for line_id, quantity in (*session.execute(ordered), *session.execute(asked)):
        assert line_id is not None, "only pegged lines were asked for"
        found[line_id] = found.get(line_id, _ZERO) + quantity
    return found
