"""Suggest to let an order go on, or to give it up, when it has been on hold for long."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from agents.watchers.base import Alternative, Suggestion, Watcher, once_a_round, was_refused
from core import parties, sales
from core.invoicing.events import CreditApplied, InvoicePosted, PaymentPosted, PaymentUndone
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.events import Fact
from core.kernel.words import word
from core.sales import HeldView, HoldReason, OrderState
from core.sales.events import (
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderDelivered,
    OrderHeld,
    OrderReleased,
)
from core.sales.holds import longest_overdue
from tools import Call
from tools.fulfilment import RELEASE, ReleaseOrder
from tools.sales import CANCEL, CancelOrder

NAME = "held"
# An order whose cause is gone waits for no more than this, one whose cause stays for no more
# than that.
GONE_DAYS, STAYS_DAYS = 2, 14
_CALLED = {
    RELEASE: "release it · 放行",
    CANCEL: "cancel it · 取消",
}

_OF_ORDERS = (
    OrderConfirmed,
    OrderHeld,
    OrderReleased,
    OrderChanged,
    OrderCancelled,
    OrderDelivered,
)
_OF_MONEY = (InvoicePosted, PaymentPosted, PaymentUndone, CreditApplied)


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the order that a fact concerns, and all that have been on hold for days."""
    held = once_a_round(session, NAME, _held_for_days)
    return (fact.number, *held) if isinstance(fact, _OF_ORDERS) else held


def _held_for_days(session: Session) -> list[str]:
    since = company(session).today - timedelta(days=GONE_DAYS)
    return [
        each.number
        for each in sales.list_held(session)
        if each.held_on is not None and each.held_on <= since
    ]


def consider(session: Session, number: str) -> Suggestion | None:
    """Release what need not wait any more; give up what has waited for too long."""
    waiting = sales.list_held(session, number=number)
    held = waiting[0] if waiting else None
    if held is None or held.held_on is None or held.reason is None:
        return None
    days, gone = (company(session).today - held.held_on).days, _cause_is_gone(session, held)
    if days < (GONE_DAYS if gone else STAYS_DAYS):
        return None
    release = Call(RELEASE, ReleaseOrder(order=number, because=_why(held, days, "en", gone=gone)))
    ways = [release]
    if sales.find_order(session, number, lock=False).state is OrderState.HELD:
        # Nothing was promised of it yet.
        give_up = CancelOrder(order=number, because=_why(held, days, "en", gone=gone))
        cancel = Call(CANCEL, give_up)
        ways = [release, cancel] if gone or held.reason is HoldReason.BY_HAND else [cancel, release]
    facts = {
        "order": number,
        "customer": held.customer,
        "reason": word(held.reason),
        "days": str(days),
        "total": str(held.total),
        "exposure": str(held.exposure),
        "limit": "–" if held.limit is None else str(held.limit),
    }
    rule = "hold without a cause" if gone else "order on hold for long"
    if was_refused(session, HELD.topic(number), rule, facts, apart_from=frozenset({"days"})):
        return None
    first, *others = ways
    return Suggestion(
        plan=(first,),
        rule=rule,
        facts=facts,
        explained=(_why(held, days, "en", gone=gone), _why(held, days, "zh", gone=gone)),
        alternatives=tuple(Alternative(_CALLED[each.tool], (each,)) for each in others),
        still_serves=lambda still_open: still_open.plan[0]["tool"] == first.tool,
    )


def _cause_is_gone(session: Session, held: HeldView) -> bool:
    """Tell whether the order would not be held today."""
    if held.reason is HoldReason.CREDIT_LIMIT:
        return held.fits
    if held.reason is HoldReason.OVERDUE:
        days = sales.policy_of(session).overdue_days
        order = sales.find_order(session, held.number, lock=False)
        buyer = parties.find_customer(session, order.customer.number)
        return days is None or longest_overdue(session, buyer, days=days) is None
    return False


def _why(held: HeldView, days: int, language: Language, *, gone: bool) -> str:
    limit = "–" if held.limit is None else str(held.limit)
    if language == "zh":
        said = f"{held.number}（{held.customer}，{held.total}）已暂停 {days} 天"
        cause = "原因已不存在" if gone else "原因仍在"
        sums = f"客户敞口（含本单）{held.exposure}，信用额度 {limit}"
        return f"{said}：{word(held.reason or '', 'zh')}，{cause}；{sums}。"
    cause = "that is over" if gone else "that is still so"
    return (
        f"{held.number} of {held.customer} over {held.total} has been on hold for {days} days:"
        f" {word(held.reason or '')}, {cause}. With it the customer owes {held.exposure},"
        f" the limit is {limit}."
    )


HELD = Watcher(NAME, (*_OF_ORDERS, *_OF_MONEY), cases, consider)
