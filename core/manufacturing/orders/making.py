"""Writing work orders, changing them, and letting them go to the shop floor."""

import math
import uuid
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from core import catalog, inventory
from core.catalog import Item, ValuationMethod
from core.inventory import Location, Request
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money, digits_of, plain
from core.kernel.numbering import next_number
from core.manufacturing.boms import BillOfMaterials, bill_of, requirements
from core.manufacturing.boms.rules import begun_for, rounded_up
from core.manufacturing.costing import unit_costs
from core.manufacturing.orders.errors import (
    DueInThePast,
    PhantomIsNotMade,
    StartsAfterItIsDue,
    WorkOrderIs,
)
from core.manufacturing.orders.events import WorkOrderChanged, WorkOrderMade, WorkOrderMoved
from core.manufacturing.orders.queries import find_work_order
from core.manufacturing.orders.tables import (
    WorkOrder,
    WorkOrderByProduct,
    WorkOrderComponent,
    WorkOrderOperation,
    WorkOrderState,
)
from core.manufacturing.routings import (
    Routing,
    days_for,
    rates_of,
    routings_in_force,
)

_HUNDRED, _HOUR = Decimal(100), Decimal(60)
_FIRM = Both("firm", "已确认")
_RELEASED = Both("released", "已下达")
_GIVEN_OUT, _TAKEN_BACK = Both("released", "下达"), Both("taken back", "收回")
_CHANGED = Both("changed", "变更")
_NOT_BEGUN = Both("not begun", "尚未开工")


def make_order(
    session: Session,
    item: Item,
    quantity: Decimal,
    *,
    due_on: date | None = None,
    starts_on: date | None = None,
    location: Location | None = None,
    alternative: str = "",
    made_for: str | None = None,
    sales_line_id: uuid.UUID | None = None,
) -> WorkOrder:
    """Write an order to make a quantity of an item by a day; without one, as soon as it can be.

    What it takes is what its bill of materials says on the day it starts, phantoms gone through;
    its operations are those of the routing.
    """
    today = company(session).today
    catalog.require_tradeable(session, [(item, quantity)])
    first = starts_on or today
    bill = bill_of(session, item, on=first, alternative=alternative)
    if bill.phantom:
        raise PhantomIsNotMade(sku=item.sku)
    routing = routings_in_force(session, [item.id], on=first).get(item.id)
    due, first = _days(bill, routing, quantity, today=today, due_on=due_on, starts_on=starts_on)
    order = WorkOrder(
        number=next_number(session, "WO"),
        item=item,
        item_id=item.id,
        bom_id=bill.id,
        routing_id=routing.id if routing is not None else None,
        state=WorkOrderState.FIRM,
        quantity=quantity,
        begun_quantity=rounded_up(begun_for(quantity, bill.yield_percent)),
        good_quantity=Decimal(0),
        scrapped_quantity=Decimal(0),
        rework_quantity=Decimal(0),
        tolerance_percent=bill.tolerance_percent,
        starts_on=first,
        due_on=due,
        location=location or inventory.main_location(session),
        at_standard=item.valuation_method is ValuationMethod.STANDARD,
        made_for=made_for,
        sales_line_id=sales_line_id,
        planned_unit_cost=Decimal(0),
    )
    order.location_id = order.location.id
    _fill(session, order, bill, routing)
    session.add(order)
    session.flush()
    events.record(session, _told(session, order, today))
    return order


def change_order(
    session: Session,
    number: str,
    *,
    quantity: Decimal | None = None,
    due_on: date | None = None,
    starts_on: date | None = None,
    because: str = "",
) -> WorkOrder:
    """Let an order be for another quantity or day; once it is released, for another day only.

    Its start moves along with the day it is due, where nobody says otherwise.
    """
    order, today = find_work_order(session, number, lock=True), company(session).today
    if order.state is not WorkOrderState.FIRM and (
        quantity is not None or order.state not in {WorkOrderState.RELEASED, WorkOrderState.STARTED}
    ):
        raise WorkOrderIs(number=order.number, state=order.state, needed=_FIRM, verb=_CHANGED)
    if due_on is not None and due_on != order.due_on:
        if due_on < today:
            raise DueInThePast(sku=order.item.sku, due_on=due_on, today=today)
        moved = due_on - order.due_on
        before, order.due_on = order.due_on, due_on
        if order.started_on is None and starts_on is None:
            order.starts_on = max(order.starts_on + moved, min(today, due_on))
        order.starts_on = min(order.starts_on, due_on)
        _note(session, order, "due_on", before.isoformat(), due_on.isoformat(), because)
    if starts_on is not None and starts_on != order.starts_on:
        _start(session, order, starts_on, because)
    if quantity is not None and quantity != order.quantity:
        catalog.require_quantities(session, [(order.item, quantity)])
        before_quantity, order.quantity = order.quantity, quantity
        _refill(session, order)
        _note(session, order, "quantity", plain(before_quantity), plain(quantity), because)
    session.flush()
    return order


def _start(session: Session, order: WorkOrder, starts_on: date, because: str) -> None:
    if order.started_on is not None:
        raise WorkOrderIs(number=order.number, state=order.state, needed=_NOT_BEGUN, verb=_CHANGED)
    if starts_on > order.due_on:
        raise StartsAfterItIsDue(starts_on=starts_on, due_on=order.due_on)
    before, order.starts_on = order.starts_on, starts_on
    _note(session, order, "starts_on", before.isoformat(), starts_on.isoformat(), because)


def release(session: Session, number: str) -> WorkOrder:
    """Let an order be begun: what there is of what it takes is promised to it, the rest waits."""
    order = find_work_order(session, number, lock=True)
    if order.state is not WorkOrderState.FIRM:
        raise WorkOrderIs(number=order.number, state=order.state, needed=_FIRM, verb=_GIVEN_OUT)
    requests = [
        Request(each.item, each.quantity, each.id) for each in order.components if each.quantity
    ]
    inventory.reserve(session, requests, location=order.location, origin=order.number)
    move_on(session, order, WorkOrderState.RELEASED)
    return order


def take_back_release(session: Session, number: str) -> WorkOrder:
    """Take an order back that nothing was reported of: nothing is promised to it any more."""
    order = find_work_order(session, number, lock=True)
    if order.state is not WorkOrderState.RELEASED or order.started_on is not None:
        raise WorkOrderIs(
            number=order.number, state=order.state, needed=_RELEASED, verb=_TAKEN_BACK
        )
    inventory.release(session, [each.id for each in order.components])
    move_on(session, order, WorkOrderState.FIRM)
    inventory.allocate(session, {each.item_id for each in order.components})
    return order


def move_on(
    session: Session, order: WorkOrder, state: WorkOrderState, *, because: str = ""
) -> None:
    """Let an order be in another state, and tell so."""
    before, order.state = order.state, state
    fact = WorkOrderMoved(order.number, order.item.sku, before, state, because)
    events.record(session, fact)
    session.flush()


def _days(
    bill: BillOfMaterials,
    routing: Routing | None,
    quantity: Decimal,
    *,
    today: date,
    due_on: date | None,
    starts_on: date | None,
) -> tuple[date, date]:
    """Return when an order is due and when it starts, so that there is time enough for it."""
    lead = timedelta(days=lead_days(bill, routing, quantity))
    if due_on is None:
        due_on = (starts_on or today) + lead
    if due_on < today:
        raise DueInThePast(sku=bill.item.sku, due_on=due_on, today=today)
    if starts_on is None:
        starts_on = max(due_on - lead, today)
    if starts_on > due_on:
        raise StartsAfterItIsDue(starts_on=starts_on, due_on=due_on)
    return due_on, starts_on


def lead_days(bill: BillOfMaterials, routing: Routing | None, quantity: Decimal) -> int:
    """Return how many days a quantity takes: what is said, or what its operations add up to."""
    said, setup, each = lead_terms(bill, routing)
    return said + days_for(setup, each, quantity)


def pieces_in_time(session: Session, order: WorkOrder) -> Decimal:
    """Return how many of an order that nobody began could be made by the day it is due."""
    with session.no_autoflush:
        bill = session.get_one(BillOfMaterials, order.bom_id)
        routing = routings_in_force(session, [order.item_id], on=order.starts_on)
    said, setup, each = lead_terms(bill, routing.get(order.item_id))
    days = (order.due_on - company(session).today).days
    if said or not each or days < setup:
        return Decimal(0)
    digits = catalog.unit_digits(session, [order.item])[order.item.unit_code]
    pieces = math.floor((days - setup) / each * 10**digits)
    return Decimal(pieces).scaleb(-digits)


def lead_terms(bill: BillOfMaterials, routing: Routing | None) -> tuple[int, Fraction, Fraction]:
    """Return the days that are said; and of the operations, the days of setup and of a piece."""
    if bill.lead_time_days or routing is None:
        return bill.lead_time_days, Fraction(0), Fraction(0)
    setup = each = Fraction(0)
    for step in routing.operations:
        centre = step.work_centre
        of_a_day = centre.hours_per_day * centre.stations * _HOUR * centre.efficiency_percent
        setup += Fraction(step.setup_minutes * _HUNDRED) / Fraction(of_a_day)
        each += Fraction(step.run_minutes * _HUNDRED) / Fraction(of_a_day)
    return 0, setup, each * 100 / Fraction(bill.yield_percent)


def _fill(
    session: Session, order: WorkOrder, bill: BillOfMaterials, routing: Routing | None
) -> None:
    """Write what an order takes, by which operations it is made, and what else comes of it."""
    needed = requirements(session, bill, order.quantity, on=order.starts_on)
    order.components = [
        WorkOrderComponent(
            position=place,
            item=each.item,
            item_id=each.item.id,
            quantity=each.quantity,
            issued_quantity=Decimal(0),
            fixed=each.fixed,
            issue=each.issue,
        )
        for place, each in enumerate(needed, start=1)
    ]
    steps = routing.operations if routing is not None else ()
    order.operations = [
        WorkOrderOperation(
            position=step.position,
            work_centre=step.work_centre,
            work_centre_id=step.work_centre_id,
            name=step.name,
            setup_minutes=step.setup_minutes * _HUNDRED / step.work_centre.efficiency_percent,
            run_minutes=step.run_minutes * _HUNDRED / step.work_centre.efficiency_percent,
            cycles=step.cycles,
            reported_minutes=Decimal(0),
            reported_cycles=Decimal(0),
        )
        for step in steps
    ]
    order.by_products = [
        WorkOrderByProduct(
            position=each.position,
            item=each.item,
            item_id=each.item_id,
            quantity=each.quantity * order.quantity / bill.output_quantity,
            received_quantity=Decimal(0),
            cost_share_percent=each.cost_share_percent,
        )
        for each in bill.by_products
    ]
    order.planned_unit_cost = _planned_cost(session, order) / order.quantity


def _refill(session: Session, order: WorkOrder) -> None:
    with session.no_autoflush:
        bill = session.get_one(BillOfMaterials, order.bom_id)
        found = bill_of(session, order.item, on=order.starts_on, alternative=bill.alternative)
    order.begun_quantity = rounded_up(begun_for(order.quantity, found.yield_percent))
    order.tolerance_percent = found.tolerance_percent
    for each in (*order.components, *order.operations, *order.by_products):
        session.delete(each)
    order.components, order.operations, order.by_products = [], [], []
    session.flush()
    routing = routings_in_force(session, [order.item_id], on=order.starts_on).get(order.item_id)
    order.bom_id, order.routing_id = found.id, routing.id if routing is not None else None
    _fill(session, order, found, routing)


def _planned_cost(session: Session, order: WorkOrder) -> Decimal:
    """Return what the main output of an order is going to cost, in minor units."""
    costs = unit_costs(session, [each.item for each in order.components])
    total = sum((each.quantity * costs[each.item_id] for each in order.components), Decimal(0))
    for step in order.operations:
        rates = rates_of(step.work_centre)
        minutes = step.setup_minutes + step.run_minutes * order.begun_quantity
        total += rates.labour_of(minutes)
        total += rates.overhead_of(minutes, step.cycles * order.begun_quantity)
    shares = sum((each.cost_share_percent for each in order.by_products), Decimal(0))
    scale = Decimal(10) ** digits_of(company(session).currency)
    return total * scale * (_HUNDRED - shares) / _HUNDRED


def _told(session: Session, order: WorkOrder, today: date) -> WorkOrderMade:
    ours = company(session)
    cost = order.planned_unit_cost * order.quantity / 10 ** digits_of(ours.currency)
    return WorkOrderMade(
        number=order.number,
        sku=order.item.sku,
        item_name=order.item.name,
        quantity=order.quantity,
        state=order.state,
        components=tuple(f"{plain(each.quantity)} × {each.item.sku}" for each in order.components),
        operations=tuple(f"{step.name} @ {step.work_centre.code}" for step in order.operations),
        due_in_days=(order.due_on - today).days,
        due_on=order.due_on.isoformat(),
        starts_in_days=(order.starts_on - today).days,
        starts_on=order.starts_on.isoformat(),
        made_for=order.made_for or "",
        cost=Money.rounding(cost, ours.currency, ours.rounding),
    )


def _note(
    session: Session, order: WorkOrder, measure: str, before: str, after: str, because: str
) -> None:
    fact = WorkOrderChanged(order.number, order.item.sku, measure, before, after, because)
    events.record(session, fact)
