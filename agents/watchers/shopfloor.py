"""Suggest what work orders need: material that nothing will bring, and time that is too short."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Alternative, Suggestion, Watcher, once_a_round, was_refused
from core.approvals import Proposal, ProposalState
from core.inventory import ReorderRule, Reservation, ReservationState
from core.kernel.company import company
from core.kernel.events import Fact
from core.kernel.money import plain
from core.manufacturing import WorkOrder, WorkOrderState, orders, scheduling
from core.manufacturing.boms import alternatives_of
from core.manufacturing.orders import OPEN, find_work_order
from core.manufacturing.orders.events import (
    ProductionReported,
    WorkOrderChanged,
    WorkOrderMade,
    WorkOrderMoved,
)
from core.manufacturing.scheduling.events import OrderScheduled
from core.processes import planning
from core.processes.planning import PlannedOrder
from tools import Call
from tools.planning import call_of
from tools.production import (
    CANCEL,
    CHANGE,
    MAKE,
    RELEASE,
    CancelWorkOrder,
    ChangeWorkOrder,
    MakeItem,
    ReleaseWorkOrder,
)

_OF_WORK = (WorkOrderMade, WorkOrderMoved, WorkOrderChanged, ProductionReported, OrderScheduled)
_AT_WORK = (WorkOrderState.RELEASED, WorkOrderState.STARTED)
SHORT, LATE = "shortage", "late_work"
_SHORT, _LATE = "material that nothing brings", "work order that will be late"


def order_of(_session: Session, fact: Fact) -> Iterable[str]:
    """Return the work order that a fact concerns."""
    assert isinstance(fact, _OF_WORK)
    return (fact.number,)


def late_ones(session: Session, fact: Fact) -> Iterable[str]:
    """Return the work order that a fact concerns, and others that it may have made late or not."""
    assert isinstance(fact, _OF_WORK)
    return dict.fromkeys((fact.number, *once_a_round(session, LATE, _late_or_asked)))


def _late_or_asked(session: Session) -> list[str]:
    """Return the orders that one timetable of all sees late, or about which somebody is asked."""
    today = company(session).today
    ends = {each.number: each.ends_on for each in scheduling.schedule(session).orders}
    wanted = select(WorkOrder.number, WorkOrder.due_on).where(WorkOrder.state.in_(OPEN))
    late = [
        number
        for number, due_on in session.execute(wanted.order_by(WorkOrder.number))
        if ends.get(number, today) > due_on
    ]
    topic = LATE_WORK.topic("")
    asked = select(Proposal.topic).where(
        Proposal.state == ProposalState.OPEN, Proposal.topic.startswith(topic, autoescape=True)
    )
    return [*late, *(each.removeprefix(topic) for each in session.scalars(asked))]


# Material.


def what_is_missing(session: Session, number: str) -> Suggestion | None:
    """Make or order what a released work order waits for, and neither stock nor supply covers.

    What several wait for is suggested with the first of them. What is bought by a reorder rule is
    the concern of that.
    """
    order = find_work_order(session, number)
    if order.state not in _AT_WORK or not _waits(session, order):
        return None
    ruled = set(session.scalars(select(ReorderRule.item_id)))
    theirs = {each.item.sku for each in order.components if each.item_id in ruled}
    missing = [
        each
        for each in planning.plan(session).orders
        if each.serves
        and each.serves[0].document == order.number
        and (each.is_made or (each.supplier_number is not None and each.sku not in theirs))
    ]
    if not missing:
        return None
    facts = {each.sku: f"{plain(each.quantity)} by {each.due_on}" for each in missing}
    if was_refused(session, SHORTAGE.topic(number), _SHORT, facts, apart_from=frozenset()):
        return None
    wanted = sorted(_said(each) for each in missing)
    return Suggestion(
        plan=tuple(call for each in missing if (call := call_of(each)) is not None),
        rule=_SHORT,
        facts=facts,
        explained=(
            f"{number} waits for {', '.join(wanted)} that nothing will bring.",
            f"{number} 等待 {'、'.join(wanted)}，没有任何供应覆盖。",
        ),
        still_serves=lambda open_one: (
            {call["arguments"]["item"] for call in open_one.plan} >= {each.sku for each in missing}
        ),
    )


def _waits(session: Session, order: WorkOrder) -> bool:
    wanted = select(Reservation.id).where(
        Reservation.line_id.in_([each.id for each in order.components]),
        Reservation.state == ReservationState.WAITING,
    )
    return session.scalar(wanted.limit(1)) is not None


def _said(each: PlannedOrder) -> str:
    return f"{plain(each.quantity)} × {each.sku}"


# Time.


def what_to_do(session: Session, number: str) -> Suggestion | None:
    """Put off an order that ends too late, or begin it now, split it, or make it in another way."""
    order = find_work_order(session, number)
    if order.state not in OPEN:
        return None
    today = company(session).today
    ends = _ends(session, order, today)
    if ends is None or ends <= order.due_on:
        return None
    facts = {"due": str(order.due_on), "ends": str(ends), "item": order.item.sku}
    if was_refused(session, LATE_WORK.topic(number), _LATE, facts, apart_from=frozenset({"ends"})):
        return None
    start = None if order.started_on is not None else order.starts_on
    put_off = Call(CHANGE, ChangeWorkOrder(work_order=number, due_on=ends, starts_on=start))
    return Suggestion(
        plan=(put_off,),
        rule=_LATE,
        facts=facts,
        explained=(
            f"{number} is due on {order.due_on} and will be done on {ends}.",
            f"{number} 应于 {order.due_on} 完成，预计 {ends} 完成。",
        ),
        alternatives=tuple(_other_ways(session, order, ends, today)),
        still_serves=lambda open_one: (
            open_one.plan[0]["arguments"].get("due_on") == ends.isoformat()
        ),
    )


def _ends(session: Session, order: WorkOrder, today: date) -> date | None:
    """Return when an order is done by the schedule; without operations, when it may be today."""
    for each in scheduling.schedule(session).orders:
        if each.number == order.number:
            return each.ends_on
    return today if order.due_on < today else None


def _other_ways(
    session: Session, order: WorkOrder, ends: date, today: date
) -> Iterable[Alternative]:
    """Yield what can be done about an order that nobody began: begun ones can only be put off."""
    if order.state is not WorkOrderState.FIRM:
        return
    number, sku = order.number, order.item.sku
    if order.starts_on > today:
        # It waits for its day since what it takes may come only then.
        release = Call(RELEASE, ReleaseWorkOrder(work_order=number))
        yield Alternative("expedite: release it now · 加急：立即下达", (release,))
    part = min(orders.pieces_in_time(session, order), order.quantity)
    if 0 < part < order.quantity:
        rest = order.quantity - part
        yield Alternative(
            f"split: {plain(part)} by {order.due_on}, {plain(rest)} by {ends} · 拆分",
            (
                Call(CHANGE, ChangeWorkOrder(work_order=number, quantity=part)),
                Call(MAKE, MakeItem(item=sku, quantity=rest, due_on=ends)),
            ),
        )
    for name, bom_id in alternatives_of(session, order.item).items():
        if bom_id != order.bom_id:
            make = MakeItem(
                item=sku,
                quantity=order.quantity,
                due_on=max(order.due_on, today),
                alternative=name or None,
            )
            cancel = CancelWorkOrder(work_order=number, because="made in another way")
            yield Alternative(
                f"substitute: make it by “{name or 'usual'}” · 替代",
                (Call(CANCEL, cancel), Call(MAKE, make)),
            )


SHORTAGE = Watcher(SHORT, _OF_WORK, order_of, what_is_missing)
LATE_WORK = Watcher(LATE, _OF_WORK, late_ones, what_to_do)
