"""What work orders take from the shelves and give back: picked, issued, and flushed backwards."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog, inventory
from core.catalog import Item
from core.inventory import LocationKind, LotPart, Outgoing, Returning, StockMove
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import plain
from core.ledger.chart import WORK_IN_PROGRESS
from core.manufacturing.boms import IssueMethod
from core.manufacturing.orders import rules
from core.manufacturing.orders.errors import MoreThanIssued, NotAComponent, WorkOrderIs
from core.manufacturing.orders.making import move_on
from core.manufacturing.orders.queries import find_work_order
from core.manufacturing.orders.tables import WorkOrder, WorkOrderComponent, WorkOrderState

Lots = Mapping[str, Sequence[LotPart]]
_AT_WORK = (WorkOrderState.RELEASED, WorkOrderState.STARTED)
_RELEASED_OR_STARTED = Both("released or started", "已下达或已开工")
_STARTED, _SUPPLIED = Both("started", "开工"), Both("supplied", "领退料")


def require_at_work(order: WorkOrder, verb: Both) -> None:
    """Refuse to work on an order that is not released, or is finished."""
    if order.state not in _AT_WORK:
        raise WorkOrderIs(
            number=order.number, state=order.state, needed=_RELEASED_OR_STARTED, verb=verb
        )


def start(session: Session, number: str, *, lots: Lots | None = None) -> WorkOrder:
    """Begin an order: everything that is picked for it leaves the shelves."""
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _STARTED)
    wanted = [
        (each, each.quantity - each.issued_quantity)
        for each in order.components
        if each.issue is IssueMethod.PICK and each.quantity > each.issued_quantity
    ]
    begin(session, order)
    take(session, order, wanted, lots or {})
    return order


def issue(
    session: Session,
    number: str,
    goods: Sequence[tuple[Item, Decimal]],
    *,
    lots: Lots | None = None,
) -> WorkOrder:
    """Take some of what an order needs from the shelves, or more of it than was planned."""
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _SUPPLIED)
    catalog.require_quantities(session, goods)
    wanted = [(_components(order, item)[0], quantity) for item, quantity in goods]
    begin(session, order)
    take(session, order, wanted, lots or {})
    return order


def give_back(session: Session, number: str, item: Item, quantity: Decimal) -> WorkOrder:
    """Put back on the shelf what an order took and does not need, at what it cost."""
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _SUPPLIED)
    catalog.require_quantities(session, [(item, quantity)])
    parts, left = [], quantity
    # An item can be taken in several ways: what was taken last comes back first.
    for part in reversed(_components(order, item)):
        back = min(part.issued_quantity, left)
        left -= back
        parts.append((part, back))
    if left > 0:
        issued = plain(quantity - left)
        raise MoreThanIssued(
            number=order.number, sku=item.sku, quantity=plain(quantity), issued=issued
        )
    put_back(session, order, [(part, back) for part, back in parts if back])
    return order


def begin(session: Session, order: WorkOrder) -> None:
    """Note that work on an order has begun, the first time."""
    if order.state is WorkOrderState.RELEASED:
        order.started_on = company(session).today
        move_on(session, order, WorkOrderState.STARTED)


def flush_for(session: Session, order: WorkOrder, processed: Decimal, lots: Lots) -> None:
    """Take what so many pieces should have taken and nobody picked."""
    digits = catalog.unit_digits(session, [each.item for each in order.components])
    wanted = []
    for each in order.components:
        should = rules.share_for(
            each.quantity,
            processed=processed,
            begun=order.begun_quantity,
            digits=digits[each.item.unit_code],
            fixed=each.fixed,
        )
        if should > each.issued_quantity:
            wanted.append((each, should - each.issued_quantity))
    take(session, order, wanted, lots)


def take(
    session: Session,
    order: WorkOrder,
    wanted: Sequence[tuple[WorkOrderComponent, Decimal]],
    lots: Lots,
) -> None:
    """Let goods leave the shelves into progress, first what is promised to the order."""
    if not wanted:
        return
    inventory.issue_goods(
        session,
        [
            Outgoing(part.item, quantity, part.id, lots.get(part.item.sku, ()))
            for part, quantity in wanted
        ],
        location=order.location,
        origin=order.number,
        memo=f"{order.number} {order.item.sku}",
        to_kind=LocationKind.PRODUCTION,
        debit_to=WORK_IN_PROGRESS,
    )
    for part, quantity in wanted:
        part.issued_quantity += quantity
    session.flush()


def put_back(
    session: Session, order: WorkOrder, parts: Sequence[tuple[WorkOrderComponent, Decimal]]
) -> None:
    """Let goods come back to the shelves at what they cost, the last taken first."""
    returning: list[Returning] = []
    taken, back = _taken(session, order)
    costs = inventory.costs_of(session, taken)
    for part, quantity in parts:
        left = quantity
        for move in reversed(taken):
            if move.item_id != part.item_id:
                continue
            there = min(move.quantity - back[move.id], left)
            if there > 0:
                back[move.id] += there
                share = costs[move.id].times(there / move.quantity, company(session).rounding)
                returning.append(Returning(part.item, there, share, of=move))
                left -= there
        assert left == 0, "what was issued was moved"
        part.issued_quantity -= quantity
    if returning:
        inventory.return_goods(
            session,
            returning,
            location=order.location,
            from_kind=LocationKind.PRODUCTION,
            against=WORK_IN_PROGRESS,
            origin=order.number,
            memo=f"{order.number} {order.item.sku}",
            undoes=order.number,
        )
        inventory.allocate(session, {each.item.id for each in returning})
    session.flush()


def _taken(
    session: Session, order: WorkOrder
) -> tuple[list[StockMove], defaultdict[uuid.UUID, Decimal]]:
    """Return the moves of an order that gave nothing back, and how much of each came back."""
    taken: list[StockMove] = []
    back: defaultdict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for move in inventory.moves_of(session, order.number):
        if move.returns_id is not None:
            back[move.returns_id] += move.quantity
        elif move.against == WORK_IN_PROGRESS:
            taken.append(move)
    return taken, back


def _components(order: WorkOrder, item: Item) -> list[WorkOrderComponent]:
    found = [each for each in order.components if each.item_id == item.id]
    if not found:
        items = ", ".join(each.item.sku for each in order.components) or "-"
        raise NotAComponent(number=order.number, sku=item.sku, items=items)
    return found
