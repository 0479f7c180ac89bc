"""What there is of items, what is on its way, and what is wanted of them, day by day."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import inventory, purchasing, sales
from core.catalog import Item, ItemKind
from core.inventory import Location, LocationKind, Reservation, ReservationState, StockLevel
from core.inventory.transfers.tables import StockTransfer, StockTransferLine, TransferState
from core.manufacturing import orders as work
from core.manufacturing.orders import WorkOrder, WorkOrderByProduct, WorkOrderComponent
from core.parties import Party
from core.purchasing import PurchaseOrder, PurchaseOrderLine
from core.sales import SalesOrder, SalesOrderLine

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Coming:
    """What an open purchase or work order still brings of an item, or a transfer to its place."""

    document: str
    partner: str
    on: date
    quantity: Decimal


@dataclass(frozen=True)
class Wanted:
    """What an open sale or work order still takes of an item beyond what is reserved for it."""

    document: str
    partner: str
    on: date
    quantity: Decimal
    line_id: uuid.UUID


@dataclass(frozen=True)
class Position:
    """How an item stands: everything that is known of its future."""

    on_hand: Decimal = _ZERO
    reserved: Decimal = _ZERO
    coming: tuple[Coming, ...] = ()
    wanted: tuple[Wanted, ...] = ()

    @property
    def available(self) -> Decimal:
        """What lies there and is promised to nobody."""
        return self.on_hand - self.reserved

    def coming_by(self, day: date) -> Decimal:
        """Return what is due up to a day; what is late may come any day."""
        return sum((each.quantity for each in self.coming if each.on <= day), _ZERO)

    def wanted_by(self, day: date) -> Decimal:
        """Return what is to go out up to a day and is not reserved yet."""
        return sum((each.quantity for each in self.wanted if each.on <= day), _ZERO)

    def projected(self, day: date) -> Decimal:
        """Return what will be free at the end of a day, if all comes and goes as promised."""
        return self.available + self.coming_by(day) - self.wanted_by(day)

    def lowest(self, start: date, end: date) -> Decimal:
        """Return the least that will be free on any day of a stretch."""
        days = [each.on for each in self.coming] + [each.on for each in self.wanted]
        changes = {day for day in days if start < day <= end}
        return min(self.projected(day) for day in {start, end, *changes})


@dataclass
class _Gathered:
    on_hand: Decimal = _ZERO
    reserved: Decimal = _ZERO
    coming: list[Coming] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)

    def closed(self) -> Position:
        return Position(self.on_hand, self.reserved, tuple(self.coming), tuple(self.wanted))


# All warehouses together.
EVERYWHERE = None
Place = tuple[uuid.UUID, uuid.UUID | None]


@dataclass(frozen=True)
class Positions:
    """The positions of items: in each warehouse, and in all together."""

    by_place: dict[Place, Position]

    def of(self, item_id: uuid.UUID, warehouse_id: uuid.UUID | None = EVERYWHERE) -> Position:
        """Return how an item stands."""
        return self.by_place.get((item_id, warehouse_id), Position())

    def warehouses_of(self, item_id: uuid.UUID) -> dict[uuid.UUID, Position]:
        """Return how an item stands in each warehouse that knows of it."""
        return {
            place: position
            for (item, place), position in self.by_place.items()
            if item == item_id and place is not EVERYWHERE
        }


def positions_of(session: Session, item_ids: Iterable[uuid.UUID] | None = None) -> Positions:
    """Return how some items stand, or all that are stocked: in eight statements, however many.

    What is held or not sold from is no stock to reckon with; what is under way between two
    warehouses comes to the one that it is sent to; what a supplier sends straight to a customer
    neither comes nor is wanted here.
    """
    wanted = None if item_ids is None else list(item_ids)
    gathered: dict[Place, _Gathered] = defaultdict(_Gathered)
    warehouse = warehouse_of_each_location(session)
    main = inventory.main_location(session).id
    _add_levels(session, gathered, wanted, warehouse)
    bought, moved = session.execute(_bought(wanted)), session.execute(_moved(wanted))
    made = (*session.execute(_made(wanted)), *session.execute(_made_besides(wanted)))
    for item_id, location_id, number, partner, day, quantity in (*bought, *moved, *made):
        coming = Coming(number, partner, day, quantity)
        for place in (warehouse[location_id or main], EVERYWHERE):
            gathered[item_id, place].coming.append(coming)
    among = true() if wanted is None else SalesOrderLine.item_id.in_(wanted)
    for item_id, line in uncovered_lines(session, among):
        for place in (main, EVERYWHERE):
            gathered[item_id, place].wanted.append(line)
    for item_id, location_id, number, name, day, quantity, line_id in session.execute(
        _used(wanted)
    ):
        taken = Wanted(number, name, day, quantity, line_id)
        for place in (warehouse[location_id], EVERYWHERE):
            gathered[item_id, place].wanted.append(taken)
    return Positions({place: position.closed() for place, position in gathered.items()})


def warehouse_of_each_location(session: Session) -> dict[uuid.UUID, uuid.UUID]:
    """Return the warehouse that each place of ours belongs to: the root of its tree."""
    rows = select(Location.id, Location.parent_id).where(Location.kind == LocationKind.INTERNAL)
    parent = dict(session.execute(rows).all())

    def root(place: uuid.UUID) -> uuid.UUID:
        above = parent[place]
        return place if above is None else root(above)

    return {place: root(place) for place in parent}


def _among(
    column: InstrumentedAttribute[uuid.UUID], wanted: list[uuid.UUID] | None
) -> ColumnElement[bool]:
    return true() if wanted is None else column.in_(wanted)


def _add_levels(
    session: Session,
    gathered: dict[Place, _Gathered],
    wanted: list[uuid.UUID] | None,
    warehouse: dict[uuid.UUID, uuid.UUID],
) -> None:
    rows = (
        select(StockLevel.item_id, StockLevel.location_id, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .where(_among(StockLevel.item_id, wanted), StockLevel.on_hand != 0, Location.sellable)
    )
    for item_id, location_id, on_hand, reserved in session.execute(rows):
        for place in (warehouse[location_id], EVERYWHERE):
            level = gathered[item_id, place]
            level.on_hand += on_hand
            level.reserved += reserved


def _bought(
    wanted: list[uuid.UUID] | None,
) -> Select[uuid.UUID, uuid.UUID | None, str, str, date, Decimal]:
    """Return what open purchase orders still bring, on the day that the supplier confirmed."""
    left = PurchaseOrderLine.quantity - PurchaseOrderLine.received_quantity
    due_on = func.coalesce(PurchaseOrderLine.confirmed_on, PurchaseOrderLine.due_on)
    return (
        select(
            PurchaseOrderLine.item_id,
            PurchaseOrder.location_id,
            PurchaseOrder.number,
            Party.name,
            due_on,
            left,
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(
            _among(PurchaseOrderLine.item_id, wanted),
            PurchaseOrder.state.in_(purchasing.OPEN),
            PurchaseOrder.imported.is_(False),
            PurchaseOrder.ship_to_id.is_(None),
            left > 0,
        )
        .order_by(due_on, PurchaseOrder.number, PurchaseOrderLine.position)
    )


def _moved(
    wanted: list[uuid.UUID] | None,
) -> Select[uuid.UUID, uuid.UUID, str, str, date, Decimal]:
    """Return what is under way between our warehouses; without a day it may come any day."""
    left = (
        StockTransferLine.quantity
        - StockTransferLine.received
        - StockTransferLine.returned
        - StockTransferLine.lost
    )
    return (
        select(
            StockTransferLine.item_id,
            StockTransfer.target_id,
            StockTransfer.number,
            Location.name,
            func.coalesce(StockTransfer.expected_on, StockTransfer.shipped_on),
            left,
        )
        .join(StockTransfer, StockTransfer.id == StockTransferLine.transfer_id)
        .join(Location, Location.id == StockTransfer.source_id)
        .where(
            _among(StockTransferLine.item_id, wanted),
            StockTransfer.state == TransferState.UNDER_WAY,
            left > 0,
        )
        .order_by(StockTransfer.number)
    )


def _made(
    wanted: list[uuid.UUID] | None,
) -> Select[uuid.UUID, uuid.UUID, str, str, date, Decimal]:
    """Return what open work orders still bring, on the day they are due."""
    left = WorkOrder.quantity - WorkOrder.good_quantity
    return (
        select(
            WorkOrder.item_id, WorkOrder.location_id, WorkOrder.number, Location.name,
            WorkOrder.due_on, left,
        )
        .join(Location, Location.id == WorkOrder.location_id)
        .where(_among(WorkOrder.item_id, wanted), WorkOrder.state.in_(work.OPEN), left > 0)
        .order_by(WorkOrder.due_on, WorkOrder.number)
    )  # fmt: skip


def _made_besides(
    wanted: list[uuid.UUID] | None,
) -> Select[uuid.UUID, uuid.UUID, str, str, date, Decimal]:
    """Return what else open work orders still bring."""
    left = WorkOrderByProduct.quantity - WorkOrderByProduct.received_quantity
    return (
        select(
            WorkOrderByProduct.item_id, WorkOrder.location_id, WorkOrder.number, Location.name,
            WorkOrder.due_on, left,
        )
        .join(WorkOrder, WorkOrder.id == WorkOrderByProduct.order_id)
        .join(Location, Location.id == WorkOrder.location_id)
        .where(
            _among(WorkOrderByProduct.item_id, wanted), WorkOrder.state.in_(work.OPEN), left > 0
        )
        .order_by(WorkOrder.due_on, WorkOrder.number)
    )  # fmt: skip


def _used(
    wanted: list[uuid.UUID] | None,
) -> Select[uuid.UUID, uuid.UUID, str, str, date, Decimal, uuid.UUID]:
    """Return what open work orders still take beyond what is reserved, on the day they start."""
    reserved = (
        select(Reservation.line_id, func.sum(Reservation.quantity).label("quantity"))
        .where(Reservation.state == ReservationState.ACTIVE)
        .group_by(Reservation.line_id)
        .subquery()
    )
    left = (
        WorkOrderComponent.quantity
        - WorkOrderComponent.issued_quantity
        - func.coalesce(reserved.c.quantity, 0)
    )
    return (
        select(
            WorkOrderComponent.item_id,
            WorkOrder.location_id,
            WorkOrder.number,
            Item.sku,
            WorkOrder.starts_on,
            left,
            WorkOrderComponent.id,
        )
        .join(WorkOrder, WorkOrder.id == WorkOrderComponent.order_id)
        .join(Item, Item.id == WorkOrder.item_id)
        .outerjoin(reserved, reserved.c.line_id == WorkOrderComponent.id)
        .where(_among(WorkOrderComponent.item_id, wanted), WorkOrder.state.in_(work.OPEN), left > 0)
        .order_by(WorkOrder.starts_on, WorkOrder.number, WorkOrderComponent.position)
    )


def uncovered_lines(session: Session, among: ColumnElement[bool]) -> list[tuple[uuid.UUID, Wanted]]:
    """Return the lines of open sales that take more than is reserved for them, by day."""
    return [
        (item_id, Wanted(number, partner, day, quantity, line_id))
        for item_id, number, partner, day, quantity, line_id in session.execute(_uncovered(among))
    ]


def _uncovered(
    among: ColumnElement[bool],
) -> Select[uuid.UUID, str, str, date, Decimal, uuid.UUID]:
    reserved = (
        select(Reservation.line_id, func.sum(Reservation.quantity).label("quantity"))
        .where(Reservation.state == ReservationState.ACTIVE)
        .group_by(Reservation.line_id)
        .subquery()
    )
    sent_straight = (
        select(
            PurchaseOrderLine.pegged_line_id,
            func.sum(PurchaseOrderLine.quantity - PurchaseOrderLine.received_quantity).label(
                "quantity"
            ),
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(PurchaseOrder.ship_to_id.is_not(None), PurchaseOrder.state.in_(purchasing.OPEN))
        .group_by(PurchaseOrderLine.pegged_line_id)
        .subquery()
    )
    left = (
        SalesOrderLine.quantity
        - SalesOrderLine.delivered_quantity
        - func.coalesce(reserved.c.quantity, 0)
        - func.coalesce(sent_straight.c.quantity, 0)
    )
    return (
        select(
            SalesOrderLine.item_id,
            SalesOrder.number,
            Party.name,
            SalesOrder.promised_on,
            left,
            SalesOrderLine.id,
        )
        .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
        .join(Party, Party.id == SalesOrder.customer_id)
        .join(Item, Item.id == SalesOrderLine.item_id)
        .outerjoin(reserved, reserved.c.line_id == SalesOrderLine.id)
        .outerjoin(sent_straight, sent_straight.c.pegged_line_id == SalesOrderLine.id)
        .where(
            among,
            Item.kind == ItemKind.STOCKED,
            SalesOrder.state.in_(sales.OPEN),
            SalesOrder.imported.is_(False),
            SalesOrderLine.drop_shipped.is_(False),
            left > 0,
        )
        .order_by(SalesOrder.promised_on, SalesOrder.number, SalesOrderLine.position)
    )
