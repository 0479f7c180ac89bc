"""Questions about work orders: one of them, what is in progress on it, and what is open."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from core.inventory import Location, LocationKind, StockCorrection, StockMove
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import find_numbered
from core.ledger.chart import WORK_IN_PROGRESS
from core.manufacturing.orders.errors import UnknownWorkOrder
from core.manufacturing.orders.tables import (
    WorkOrder,
    WorkOrderByProduct,
    WorkOrderComponent,
    WorkOrderOperation,
    WorkOrderState,
    WorkOrderVariance,
    WorkReport,
)

OPEN = (
    WorkOrderState.FIRM,
    WorkOrderState.RELEASED,
    WorkOrderState.STARTED,
)
_WHOLE = (
    selectinload(WorkOrder.item),
    selectinload(WorkOrder.location),
    selectinload(WorkOrder.components).selectinload(WorkOrderComponent.item),
    selectinload(WorkOrder.operations).selectinload(WorkOrderOperation.work_centre),
    selectinload(WorkOrder.by_products).selectinload(WorkOrderByProduct.item),
)


@dataclass(frozen=True)
class ComponentView:
    """How much of an item an order takes, has taken, and is promised."""

    sku: str
    name: str
    name_zh: str | None
    unit_code: str
    quantity: Decimal
    issued: Decimal


@dataclass(frozen=True)
class OperationView:
    """A step of an order, with the minutes that were planned for all of it and reported."""

    position: int
    name: str
    work_centre: str
    planned_minutes: Decimal
    reported_minutes: Decimal
    planned_cycles: Decimal
    reported_cycles: Decimal


@dataclass(frozen=True)
class WorkOrderView:
    """A work order as it stands."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    unit_code: str
    state: WorkOrderState
    quantity: Decimal
    good: Decimal
    scrapped: Decimal
    rework: Decimal
    starts_on: date
    due_on: date
    made_for: str | None
    components: tuple[ComponentView, ...]
    operations: tuple[OperationView, ...]
    in_progress: Money
    variances: tuple[tuple[str, Money], ...]

    @property
    def left(self) -> Decimal:
        """How much is still to be made."""
        return max(self.quantity - self.good, Decimal(0))


def find_work_order(session: Session, number: str, *, lock: bool = False) -> WorkOrder:
    """Return a work order with all that belongs to it, as it is stored now."""
    unknown = UnknownWorkOrder(number=number)
    return find_numbered(session, WorkOrder, number, *_WHOLE, unknown=unknown, locked=lock)


def in_progress(session: Session, order: WorkOrder) -> Money:
    """Return what an order brought into work in progress, less what it took out of it."""
    session.flush()
    goods = sum(costs_by_item(session, order).values())
    minor = goods + work_of(session, order) - _varied(session, order)
    return Money(minor, company(session).currency)


def material_of(session: Session, order: WorkOrder) -> int:
    """Return what the goods cost that an order took and did not give back, in minor units."""
    made = {order.item_id, *(each.item_id for each in order.by_products)}
    costs = costs_by_item(session, order)
    return sum(minor for item_id, minor in costs.items() if item_id not in made)


def costs_by_item(session: Session, order: WorkOrder) -> dict[uuid.UUID, int]:
    """Return the cost of what went into an order, less of what came, with all that came late."""
    its = (StockMove.origin == order.number, StockMove.against == WORK_IN_PROGRESS)
    later = (
        select(StockCorrection.move_id, func.sum(StockCorrection.amount_minor).label("minor"))
        .join(StockMove, StockMove.id == StockCorrection.move_id)
        .where(*its, StockCorrection.against == WORK_IN_PROGRESS)
        .group_by(StockCorrection.move_id)
        .subquery()
    )
    sign = case((Location.kind == LocationKind.INTERNAL, -1), else_=1)
    cost = func.sum(sign * (StockMove.value_minor + func.coalesce(later.c.minor, 0)))
    wanted = (
        select(StockMove.item_id, cost)
        .join(Location, Location.id == StockMove.to_location_id)
        .outerjoin(later, later.c.move_id == StockMove.id)
        .where(*its)
        .group_by(StockMove.item_id)
    )
    return {item_id: int(minor) for item_id, minor in session.execute(wanted)}


def work_of(session: Session, order: WorkOrder) -> int:
    """Return what was absorbed by an order for work, and charged to it, in minor units."""
    reported = WorkReport.labour_minor + WorkReport.overhead_minor + WorkReport.cost_minor
    wanted = select(func.coalesce(func.sum(reported), 0)).where(WorkReport.order_id == order.id)
    return int(session.scalars(wanted).one())


def with_late_cost(session: Session, since: datetime) -> list[str]:
    """Return the closed orders whose material got another cost after their closing, and `since`."""
    wanted = (
        select(WorkOrder.number)
        .join(StockMove, StockMove.origin == WorkOrder.number)
        .join(StockCorrection, StockCorrection.move_id == StockMove.id)
        .where(
            StockCorrection.against == WORK_IN_PROGRESS,
            StockCorrection.created_at > since,
            StockCorrection.created_at > WorkOrder.closed_at,
            WorkOrder.state.in_((WorkOrderState.CLOSED, WorkOrderState.CANCELLED)),
        )
        .distinct()
        .order_by(WorkOrder.number)
    )
    return list(session.scalars(wanted))


def variances_of(session: Session, order: WorkOrder) -> list[tuple[str, Money]]:
    """Return what was taken out of progress as variances, by kind."""
    wanted = (
        select(WorkOrderVariance.kind, func.sum(WorkOrderVariance.amount_minor))
        .where(WorkOrderVariance.order_id == order.id)
        .group_by(WorkOrderVariance.kind)
        .order_by(WorkOrderVariance.kind)
    )
    currency = company(session).currency
    return [(str(kind), Money(int(minor), currency)) for kind, minor in session.execute(wanted)]


def moves_in(session: Session, order: WorkOrder, item_id: uuid.UUID) -> list[StockMove]:
    """Return the moves by which an item came of an order, in their order."""
    session.flush()
    wanted = (
        select(StockMove)
        .join(Location, Location.id == StockMove.to_location_id)
        .where(
            StockMove.origin == order.number,
            StockMove.item_id == item_id,
            StockMove.returns_id.is_(None),
            Location.kind == LocationKind.INTERNAL,
        )
        .order_by(StockMove.sequence)
    )
    return list(session.scalars(wanted))


def view_work_order(session: Session, number: str) -> WorkOrderView:
    """Return a work order as it stands."""
    order = find_work_order(session, number)
    begun = order.begun_quantity
    return WorkOrderView(
        number=order.number,
        sku=order.item.sku,
        name=order.item.name,
        name_zh=order.item.name_zh,
        unit_code=order.item.unit_code,
        state=order.state,
        quantity=order.quantity,
        good=order.good_quantity,
        scrapped=order.scrapped_quantity,
        rework=order.rework_quantity,
        starts_on=order.starts_on,
        due_on=order.due_on,
        made_for=order.made_for,
        components=tuple(
            ComponentView(
                each.item.sku,
                each.item.name,
                each.item.name_zh,
                each.item.unit_code,
                each.quantity,
                each.issued_quantity,
            )
            for each in order.components
        ),
        operations=tuple(
            OperationView(
                each.position,
                each.name,
                each.work_centre.code,
                each.setup_minutes + each.run_minutes * begun,
                each.reported_minutes,
                each.cycles * begun,
                each.reported_cycles,
            )
            for each in order.operations
        ),
        in_progress=in_progress(session, order),
        variances=tuple(variances_of(session, order)),
    )


def open_orders(
    session: Session, item_ids: Iterable[uuid.UUID] | None = None
) -> list[tuple[WorkOrder, Decimal]]:
    """Return the orders that still bring something, and how much, the first due first."""
    wanted = (
        select(WorkOrder)
        .where(WorkOrder.state.in_(OPEN), WorkOrder.good_quantity < WorkOrder.quantity)
        .options(*_WHOLE)
        .order_by(WorkOrder.due_on, WorkOrder.number)
    )
    if item_ids is not None:
        wanted = wanted.where(WorkOrder.item_id.in_(list(item_ids)))
    return [(order, order.quantity - order.good_quantity) for order in session.scalars(wanted)]


def _varied(session: Session, order: WorkOrder) -> int:
    wanted = select(func.coalesce(func.sum(WorkOrderVariance.amount_minor), 0)).where(
        WorkOrderVariance.order_id == order.id
    )
    return int(session.scalars(wanted).one())
