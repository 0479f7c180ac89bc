"""Suggest a purchase when an item falls below its reorder point, counting what is on its way."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Alternative, Suggestion, Watcher
from core import catalog, purchasing
from core.approvals import Proposal, ProposalState
from core.inventory import LocationKind, StockMove
from core.inventory.events import (
    ReorderRuleSet,
    ReservationReleased,
    StockCounted,
    StockMoved,
    StockReserved,
)
from core.inventory.tables import Location
from core.kernel import clock
from core.kernel.events import Fact
from core.kernel.money import plain
from core.processes import replenishment
from core.processes.replenishment import Choice, Suggested
from core.purchasing.events import (
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderReceived,
    ReceiptReturned,
)
from core.purchasing.events import OrderConfirmed as SupplierConfirmed
from core.sales.events import OrderCancelled as SaleCancelled
from core.sales.events import OrderConfirmed
from tools import Call
from tools.inventory import TRANSFER, TransferStock
from tools.purchasing import OrderItem
from tools.replenishing import facts, figure, why
from tools.replenishing import label as label_of

NAME = "reorder"
ALTERNATIVES_MAX = 3
# After a person said no, an item that stays short is not suggested again for so long.
SILENT_AFTER_NO = timedelta(days=7)

_ABOUT_ITEMS = (
    StockCounted,
    StockMoved,
    StockReserved,
    ReservationReleased,
    OrderPlaced,
    OrderReceived,
    OrderCancelled,
    ReceiptReturned,
    OrderChanged,
    OrderConfirmed,
    SaleCancelled,
)


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the SKUs that a fact concerns."""
    if isinstance(fact, ReorderRuleSet):
        return (fact.sku,)
    if isinstance(fact, SupplierConfirmed):
        # A day that the supplier confirms may be too late for what is on the order.
        order = purchasing.view_order(session, fact.number)
        return tuple(dict.fromkeys(line.sku for line in order.lines))
    assert isinstance(fact, _ABOUT_ITEMS)
    return fact.skus


def consider(session: Session, sku: str) -> Suggestion | None:
    """Order up to the target, if the item is short and anybody sells it.

    The fact says that something moved; the tables say whether the item is short now.
    """
    item = catalog.find_item(session, sku)
    short = [each for each in replenishment.plan(session, [item.id]) if each.choice is not None]
    if not short or _was_refused_lately(session, sku, item.id):
        return None
    first = short[0]
    return Suggestion(
        plan=tuple(_order(each, each.choice) for each in short if each.choice is not None),
        rule="reorder point",
        facts=facts(first),
        explained=(why(first, "en"), why(first, "zh")),
        alternatives=_alternatives(first) if len(short) == 1 else (),
        still_serves=lambda still_open: _still_serves(still_open, short),
    )


def _alternatives(short: Suggested) -> tuple[Alternative, ...]:
    """Return the other ways: from another warehouse, from others, more of it at a lower price."""
    ways: list[Alternative] = []
    if (moved := short.transfer) is not None:
        call = TransferStock(
            item=short.sku, quantity=moved.quantity, source=moved.source, target=moved.target
        )
        label = f"{moved.source} → {moved.target}: {plain(moved.quantity)}"
        ways.append(Alternative(label, (Call(TRANSFER, call),)))
    ways += [Alternative(label_of(other), (_order(short, other),)) for other in short.others]
    if (step := short.price_break) is not None:
        kept = "" if step.carrying is None else f", +{figure(step.carrying)}"
        label = f"{label_of(step.choice)} (−{figure(step.saving)}{kept} {step.choice.currency})"
        ways.append(Alternative(label, (_order(short, step.choice),)))
    return tuple(ways[:ALTERNATIVES_MAX])


def _order(short: Suggested, choice: Choice) -> Call:
    order = OrderItem(item=short.sku, quantity=choice.quantity, supplier=choice.supplier_number)
    return Call("purchasing.order_item", order)


def _still_serves(proposal: Proposal, short: Sequence[Suggested]) -> bool:
    """Tell whether what is proposed already would lift the item above its reorder points."""
    proposed = sum(
        (Decimal(str(call["arguments"].get("quantity", 0))) for call in proposal.plan), Decimal(0)
    )
    return proposed >= sum((each.arithmetic.need.short_by for each in short), Decimal(0))


def _was_refused_lately(session: Session, sku: str, item_id: uuid.UUID) -> bool:
    """Tell whether a person said no to this shortage, and nothing came in since."""
    refused_at = session.scalar(
        select(Proposal.closed_at)
        .where(
            Proposal.topic == REORDER.topic(sku),
            Proposal.state == ProposalState.REJECTED,
            Proposal.closed_at > clock.now() - SILENT_AFTER_NO,
        )
        .order_by(Proposal.closed_at.desc())
        .limit(1)
    )
    if refused_at is None:
        return False
    came_in = (
        select(StockMove.id)
        .join(Location, Location.id == StockMove.from_location_id)
        .where(
            StockMove.item_id == item_id,
            StockMove.created_at > refused_at,
            Location.kind != LocationKind.INTERNAL,
        )
    )
    return session.scalar(came_in.limit(1)) is None


REORDER = Watcher(NAME, (ReorderRuleSet, SupplierConfirmed, *_ABOUT_ITEMS), cases, consider)
