"""Production of another system by the ten thousand: bills and closed work orders, by COPY.

The rows are those that our services would have written: an order with what it takes and by which
operations it is made, its reports of work, output and scrap, and what it cost. What that system
does not tell of is not made up: no component is issued, and all that an order cost was charged to
it from the account that is named. The goods move, and the entries are posted, by who carries the
history out.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import inventory
from core.kernel import clock
from core.kernel.bulk import copy_rows
from core.kernel.identifiers import ids_in_a_row
from core.kernel.numbering import next_numbers
from core.manufacturing.boms.tables import BillOfMaterials, BomComponent
from core.manufacturing.orders.tables import (
    ReportKind,
    WorkOrder,
    WorkOrderComponent,
    WorkOrderOperation,
    WorkOrderState,
    WorkReport,
)

_BILL = ("id", "number", "item_id", "version", "valid_from", "valid_until")
_PART = ("bom_id", "position", "item_id", "quantity")
_ORDER = (
    *("id", "number", "item_id", "bom_id", "routing_id", "state", "quantity", "begun_quantity"),
    *("good_quantity", "scrapped_quantity", "starts_on", "due_on", "started_on", "finished_on"),
    *("closed_at", "location_id", "planned_unit_cost"),
)
_COMPONENT = ("order_id", "position", "item_id", "quantity")
_OPERATION = (
    *("id", "order_id", "position", "work_centre_id", "name", "setup_minutes"),
    "reported_minutes",
)
_REPORT = ("order_id", "kind", "reported_on", "item_id")
_WORK = (*_REPORT, "operation_id", "work_centre_id", "minutes")
_OUTPUT = (*_REPORT, "quantity", "reason")
_COST = (*_REPORT, "cost_minor", "account", "reason")


@dataclass(frozen=True, slots=True)
class BroughtBill:
    """A version of a bill of materials: what one of an item is made of within some days."""

    item_id: uuid.UUID
    version: int
    valid_from: date
    valid_until: date | None
    parts: Sequence[tuple[uuid.UUID, Decimal]]


@dataclass(frozen=True, slots=True)
class BroughtStep:
    """A step of an order as it was done: where, which one, how long, and on which day."""

    work_centre_id: uuid.UUID
    position: int
    name: str
    minutes: Decimal
    done_on: date


@dataclass(frozen=True, slots=True)
class BroughtOrder:
    """A work order that is over: what was begun, what came of it, and what that cost in all."""

    item_id: uuid.UUID
    bom_id: uuid.UUID
    routing_id: uuid.UUID | None
    quantity: Decimal
    good: Decimal
    scrapped: Decimal
    scrap_reason: str | None
    starts_on: date
    due_on: date
    finished_on: date
    cost_minor: int
    steps: Sequence[BroughtStep] = ()


def bring_bills(session: Session, bills: Sequence[BroughtBill]) -> list[tuple[uuid.UUID, str]]:
    """Write versions of bills; return what each is known by. The database refuses circles."""
    ids, made = ids_in_a_row(), []
    numbers = next_numbers(session, "BOM", len(bills))
    for number, bill in zip(numbers, bills, strict=True):
        made.append((next(ids), number, bill))
    copy_rows(
        session,
        BillOfMaterials,
        _BILL,
        (
            (bom_id, number, bill.item_id, bill.version, bill.valid_from, bill.valid_until)
            for bom_id, number, bill in made
        ),
    )
    copy_rows(
        session,
        BomComponent,
        _PART,
        (
            (bom_id, place, item_id, quantity)
            for bom_id, _, bill in made
            for place, (item_id, quantity) in enumerate(bill.parts, start=1)
        ),
    )
    return [(bom_id, number) for bom_id, number, _ in made]


def bring_orders(
    session: Session,
    orders: Sequence[BroughtOrder],
    *,
    parts: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, Decimal]]],
    cost_from: str,
    because: str,
) -> list[tuple[uuid.UUID, str]]:
    """Write orders that are over; return what each is known by here, in their order.

    `parts` says what one is made of by each bill. What an order cost was charged to it from the
    account `cost_from`, and its output took all of it along.
    """
    ids = ids_in_a_row()
    numbers = next_numbers(session, "WO", len(orders))
    known = [(next(ids), number) for number in numbers]
    made = [(order_id, each) for (order_id, _), each in zip(known, orders, strict=True)]
    _write_orders(session, list(zip(known, orders, strict=True)))
    copy_rows(
        session,
        WorkOrderComponent,
        _COMPONENT,
        (
            (order_id, place, item_id, each.quantity * quantity)
            for order_id, each in made
            for place, (item_id, quantity) in enumerate(parts[each.bom_id], start=1)
        ),
    )
    steps = [(next(ids), order_id, each, step) for order_id, each in made for step in each.steps]
    copy_rows(
        session,
        WorkOrderOperation,
        _OPERATION,
        (
            (
                *(step_id, order_id, step.position, step.work_centre_id, step.name),
                *(step.minutes, step.minutes),
            )
            for step_id, order_id, _, step in steps
        ),
    )
    work = ReportKind.WORK.value
    copy_rows(
        session,
        WorkReport,
        _WORK,
        (
            (
                *(order_id, work, step.done_on, each.item_id),
                *(step_id, step.work_centre_id, step.minutes),
            )
            for step_id, order_id, each, step in steps
        ),
    )
    _write_reports(session, made, cost_from, because)
    return known


def _write_orders(
    session: Session, orders: Sequence[tuple[tuple[uuid.UUID, str], BroughtOrder]]
) -> None:
    place, at = inventory.main_location(session).id, clock.now()
    copy_rows(
        session,
        WorkOrder,
        _ORDER,
        (
            (
                *(order_id, number, each.item_id, each.bom_id, each.routing_id),
                *(WorkOrderState.CLOSED.value, each.quantity, each.quantity, each.good),
                *(each.scrapped, each.starts_on, each.due_on, each.starts_on, each.finished_on),
                *(at, place, _unit_cost(each)),
            )
            for (order_id, number), each in orders
        ),
    )


def _write_reports(
    session: Session,
    orders: Sequence[tuple[uuid.UUID, BroughtOrder]],
    cost_from: str,
    because: str,
) -> None:
    output, scrap = ReportKind.OUTPUT.value, ReportKind.SCRAP.value
    copy_rows(
        session,
        WorkReport,
        _OUTPUT,
        (
            (order_id, kind, each.finished_on, each.item_id, quantity, reason)
            for order_id, each in orders
            for kind, quantity, reason in (
                (output, each.good, None),
                (scrap, each.scrapped, each.scrap_reason),
            )
            if quantity
        ),
    )
    cost = ReportKind.COST.value
    copy_rows(
        session,
        WorkReport,
        _COST,
        (
            (
                *(order_id, cost, each.finished_on, each.item_id),
                *(each.cost_minor, cost_from, because),
            )
            for order_id, each in orders
            if each.cost_minor
        ),
    )


def _unit_cost(order: BroughtOrder) -> Decimal:
    if not order.good:
        return Decimal(0)
    return (Decimal(order.cost_minor) / order.good).quantize(Decimal("0.000001"))
