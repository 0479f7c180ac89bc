"""Suggest what to do with lots that have expired, or that nobody will have bought by then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from agents.watchers.base import Suggestion, Watcher, once_a_round, was_refused
from core import inventory
from core.approvals import Proposal
from core.catalog import Item
from core.inventory import Lot, LotView
from core.inventory.lots.events import LotChanged, LotsMoved
from core.kernel.company import company
from core.kernel.events import Fact
from core.kernel.money import Money, plain, rounded
from core.processes.replenishment.history import demands_of
from core.purchasing import GoodsReceipt
from tools import Call
from tools.holding import SCRAP, Scrap
from tools.purchasing import RETURN, ReturnReceipt

NAME = "expiring"
# So many days ahead there is still time to do something.
AHEAD_DAYS = 30
# What was sold in the last quarter says what will be sold.
DEMAND_DAYS = 90
EXPIRED, WILL_EXPIRE = "expired lot", "lot that will expire"
_COUNTS_TIME = frozenset({"days_left", "a_day", "sold_until_then"})


@dataclass(frozen=True)
class _Outlook:
    """What of a lot will be left on the day after its last one, and why."""

    days: int
    on_hand: Decimal
    a_day: Decimal
    sold_before: Decimal
    sold: Decimal
    worth: Money

    @property
    def left(self) -> Decimal:
        return self.on_hand - self.sold


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the lots that a fact concerns, and all that expire soon."""
    due = once_a_round(session, NAME, _expire_soon)
    assert isinstance(fact, LotsMoved | LotChanged)
    said = (
        [(fact.sku, fact.lot)]
        if isinstance(fact, LotChanged)
        else [(each.sku, each.lot) for each in fact.lots]
    )
    wanted = (
        select(Lot.id, Item.sku, Lot.number)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.number.in_([number for _, number in said]))
    )
    known = [str(key) for key, *names in session.execute(wanted) if tuple(names) in said]
    return (*known, *due)


def _expire_soon(session: Session) -> list[str]:
    soon = inventory.expiring(session, days=AHEAD_DAYS)
    return list(dict.fromkeys(str(each.lot_id) for each in soon))


def consider(session: Session, case: str) -> Suggestion | None:
    """Scrap what has expired; send back what will be left over, where a receipt brought it."""
    lot = session.get(Lot, UUID(case), options=[joinedload(Lot.item)])
    places = inventory.view_of(session, lot) if lot is not None else []
    places = [each for each in places if each.on_hand > each.reserved]
    if lot is None or lot.expires_on is None or not places:
        return None
    outlook = _outlook(session, lot, places, lot.expires_on)
    if outlook.days > AHEAD_DAYS or outlook.left <= 0:
        return None
    expired, first = outlook.days < 0, places[0]
    plan = _scrap(places) if expired else _send_back(session, lot, outlook)
    if plan is None:
        return None
    facts = {
        "lot": f"{first.sku} {first.number}",
        "expires_on": lot.expires_on.isoformat(),
        "days_left": str(outlook.days),
        "on_hand": plain(outlook.on_hand),
        "a_day": plain(rounded(outlook.a_day, 2)),
        "sold_until_then": plain(outlook.sold),
        "left": plain(outlook.left),
        "worth": str(outlook.worth),
    }
    rule = EXPIRED if expired else WILL_EXPIRE
    if was_refused(session, EXPIRING.topic(case), rule, facts, apart_from=_COUNTS_TIME):
        return None
    return Suggestion(
        plan=plan,
        rule=rule,
        facts=facts,
        explained=(_why_en(first, outlook), _why_zh(first, outlook)),
        still_serves=lambda still_open: _said(still_open) == outlook.left,
    )


def _outlook(session: Session, lot: Lot, places: list[LotView], last: date) -> _Outlook:
    """Reckon what will be sold of a lot: at the usual pace, after those that expire before it."""
    today, item = company(session).today, lot.item
    days = (last - today).days
    on_hand = sum((each.on_hand for each in places), Decimal(0))
    demand = demands_of(session, [item.id], today=today)[item.id]
    seen = demand.days[-DEMAND_DAYS:]
    a_day = demand.in_units(sum(seen)) / len(seen) if seen else Decimal(0)
    before = sum(
        (
            each.on_hand
            for each in inventory.lots_of(session, item)
            if each.expires_on is not None
            and today <= each.expires_on
            and (each.expires_on, each.number) < (last, lot.number)
        ),
        Decimal(0),
    )
    promised = sum((each.reserved for each in places), Decimal(0))
    step = Decimal(1).scaleb(-demand.digits)
    wanted = (a_day * (days + 1) - before).quantize(step, ROUND_DOWN) if days >= 0 else Decimal(0)
    sold = min(on_hand, max(wanted, promised))
    stock = inventory.stock_of(session, item)
    share = (on_hand - sold) / stock.on_hand if stock.on_hand > 0 else Decimal(0)
    worth = stock.value.times(share, company(session).rounding)
    return _Outlook(days, on_hand, a_day, before, sold, worth)


def _said(still_open: Proposal) -> Decimal:
    """Return how much an open proposal is about."""
    quantities = (Decimal(str(call["arguments"]["quantity"])) for call in still_open.plan)
    return sum(quantities, Decimal(0))


def _scrap(places: list[LotView]) -> tuple[Call, ...]:
    return tuple(
        Call(
            SCRAP,
            Scrap(
                item=each.sku,
                quantity=each.on_hand - each.reserved,
                location=each.location,
                because=f"{each.number} ≤ {each.expires_on}",
            ),
        )
        for each in places
    )


def _send_back(session: Session, lot: Lot, outlook: _Outlook) -> tuple[Call, ...] | None:
    """Return the way back to the supplier, by the last receipt that brought the lot."""
    came = [step.origin for step in inventory.trace_lot(session, lot).came]
    wanted = select(GoodsReceipt.number).where(GoodsReceipt.number.in_(came))
    receipts = session.scalars(wanted.order_by(GoodsReceipt.number.desc())).all()
    if not receipts:
        return None
    sku = lot.item.sku
    back = ReturnReceipt(
        receipt=receipts[0], item=sku, quantity=outlook.left, because=f"{lot.number} {sku}"
    )
    return (Call(RETURN, back),)


def _why_en(lot: LotView, outlook: _Outlook) -> str:
    there = f"Lot {lot.number} of {lot.sku} {lot.name}: {plain(outlook.on_hand)} on hand"
    if outlook.days < 0:
        return (
            f"{there}, good until {lot.expires_on}, {-outlook.days} days ago;"
            f" {plain(outlook.left)} of it, worth {outlook.worth}, can go to nobody."
        )
    return (
        f"{there}, good until {lot.expires_on} ({outlook.days} days)."
        f" {plain(rounded(outlook.a_day, 2))} a day are sold, and {plain(outlook.sold_before)} of"
        f" other lots expire before: {plain(outlook.sold)} of it will be sold by then,"
        f" {plain(outlook.left)} will be left, worth {outlook.worth}."
    )


def _why_zh(lot: LotView, outlook: _Outlook) -> str:
    there = f"{lot.sku} {lot.name_zh or lot.name} 批次 {lot.number}：现有 {plain(outlook.on_hand)}"
    if outlook.days < 0:
        return (
            f"{there}，有效期至 {lot.expires_on}，已过期 {-outlook.days} 天；"
            f"其中 {plain(outlook.left)} 无法再销售，价值 {outlook.worth}。"
        )
    return (
        f"{there}，有效期至 {lot.expires_on}（还有 {outlook.days} 天）。"
        f"日均销售 {plain(rounded(outlook.a_day, 2))}，更早到期的其他批次有"
        f" {plain(outlook.sold_before)}：届时可售出 {plain(outlook.sold)}，"
        f"剩余 {plain(outlook.left)}，价值 {outlook.worth}。"
    )


EXPIRING = Watcher(NAME, (LotsMoved, LotChanged), cases, consider)
