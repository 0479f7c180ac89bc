"""Suggest to make what a sale wants that nothing covers, where we make it ourselves."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, was_refused
from core import sales
from core.approvals import Proposal
from core.kernel.events import Fact
from core.kernel.money import plain
from core.manufacturing import WorkOrder
from core.manufacturing.orders.events import WorkOrderChanged, WorkOrderMade, WorkOrderMoved
from core.processes import plan_to_produce, replenishment
from core.processes.replenishment import SaleNeed
from core.sales.events import OrderCancelled, OrderChanged, OrderConfirmed
from tools import Call
from tools.production import MAKE, MakeItem

NAME = "production"
_OF_SALES = (OrderConfirmed, OrderChanged, OrderCancelled)
_OF_WORK = (WorkOrderMade, WorkOrderMoved, WorkOrderChanged)
_RULE = "sale without cover"


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the sale that a fact concerns; of a work order, the one that it is made for."""
    if isinstance(fact, _OF_SALES):
        return (fact.number,)
    assert isinstance(fact, _OF_WORK)
    made_for = session.scalar(select(WorkOrder.made_for).where(WorkOrder.number == fact.number))
    return (made_for,) if made_for else ()


def consider(session: Session, number: str) -> Suggestion | None:
    """Make what neither stock nor anything on its way will cover, each line in its own order.

    A line that is made for this sale alone gets what is made; the rest goes by the promises.
    """
    order = sales.find_order(session, number, lock=False)
    needs = [each for each in replenishment.needs_of(session, order) if not each.is_planned]
    made = plan_to_produce.made_items(session, [each.item.id for each in needs])
    short = [each for each in needs if each.item.id in made]
    if not short:
        return None
    facts = {each.item.sku: f"{plain(each.quantity)} by {each.needed_on}" for each in short}
    if was_refused(session, PRODUCTION.topic(number), _RULE, facts, apart_from=frozenset()):
        return None
    return Suggestion(
        plan=tuple(_make(session, each) for each in short),
        rule=_RULE,
        facts=facts,
        explained=(_said_en(short), _said_zh(short)),
        still_serves=lambda still_open: _still_serves(still_open, short),
    )


def _still_serves(proposal: Proposal, short: list[SaleNeed]) -> bool:
    """Tell whether what is proposed already would make all that is short."""
    left: dict[str, Decimal] = defaultdict(Decimal)
    for call in proposal.plan:
        left[call["arguments"]["item"]] += Decimal(call["arguments"]["quantity"])
    for each in short:
        left[each.item.sku] -= each.quantity
    return all(quantity >= 0 for quantity in left.values())


def _make(session: Session, need: SaleNeed) -> Call:
    soonest = plan_to_produce.soonest(session, need.item, need.quantity)
    arguments = MakeItem(
        item=need.item.sku,
        quantity=need.quantity,
        due_on=max(need.needed_on, soonest),
        sales_order=need.order,
    )
    return Call(MAKE, arguments)


def _said_en(short: list[SaleNeed]) -> str:
    goods = ", ".join(f"{plain(each.quantity)} × {each.item.sku}" for each in short)
    return f"{short[0].order} wants {goods} that nothing covers; we make it ourselves."


def _said_zh(short: list[SaleNeed]) -> str:
    goods = "、".join(f"{plain(each.quantity)} × {each.item.sku}" for each in short)
    return f"{short[0].order} 还缺 {goods}，没有任何供应覆盖；可自行生产。"


PRODUCTION = Watcher(NAME, (*_OF_SALES, *_OF_WORK), cases, consider)
