"""Suggest a purchase when an item falls below its reorder point, counting what is on its way."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Alternative, Suggestion, Watcher
from core import catalog, inventory, purchasing
from core.approvals import Proposal, ProposalState
from core.inventory import LocationKind, Shortage, StockMove
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
from core.purchasing import SupplierOffer
from core.purchasing.events import OrderCancelled, OrderPlaced, OrderReceived, ReceiptReturned
from tools import Call
from tools.purchasing import OrderItem

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
)


def cases(_session: Session, fact: Fact) -> Iterable[str]:
    """Return the SKUs that a fact concerns."""
    if isinstance(fact, ReorderRuleSet):
        return (fact.sku,)
    assert isinstance(fact, _ABOUT_ITEMS)
    return fact.skus


def consider(session: Session, sku: str) -> Suggestion | None:
    """Order up to the target from the cheapest supplier, if the item is short and anybody sells it.

    The fact says that something moved; the tables say whether the item is short now.
    """
    item = catalog.find_item(session, sku)
    coming = purchasing.on_order(session, [item.id])
    short = inventory.list_shortages(session, on_order=coming, item_ids=[item.id])
    if not short or _was_refused_lately(session, sku, item.id):
        return None
    [shortage] = short
    choices = _choices(purchasing.offers_for(session, item), shortage.missing)
    if not choices:
        return None
    (best, quantity), *others = choices
    return Suggestion(
        plan=(_order(sku, best, quantity),),
        rule="reorder point",
        facts=_facts(shortage, best, quantity),
        alternatives=tuple(
            Alternative(_label(offer, many), (_order(sku, offer, many),))
            for offer, many in others[:ALTERNATIVES_MAX]
        ),
        still_serves=lambda still_open: _still_serves(still_open, shortage),
    )


def _choices(
    offers: Iterable[SupplierOffer], missing: Decimal
) -> list[tuple[SupplierOffer, Decimal]]:
    """Return each supplier's best way to send what is missing, the cheapest first.

    Below a supplier's minimum quantity, the minimum is what they send.
    """
    best: dict[uuid.UUID, tuple[SupplierOffer, Decimal]] = {}
    for offer in offers:
        if offer.supplier.blocked:
            continue
        way = (offer, max(missing, offer.minimum_quantity))
        known = best.get(offer.supplier_id)
        if known is None or _cost(way) < _cost(known):
            best[offer.supplier_id] = way
    return sorted(best.values(), key=lambda way: (_cost(way), way[0].supplier.name))


def _cost(way: tuple[SupplierOffer, Decimal]) -> Decimal:
    offer, quantity = way
    return offer.unit_price * quantity


def _order(sku: str, offer: SupplierOffer, quantity: Decimal) -> Call:
    order = OrderItem(item=sku, quantity=quantity, supplier=offer.supplier.number)
    return Call("purchasing.order_item", order)


def _facts(shortage: Shortage, offer: SupplierOffer, quantity: Decimal) -> dict[str, str]:
    figures: Mapping[str, Decimal] = {
        "on_hand": shortage.on_hand,
        "reserved": shortage.reserved,
        "available": shortage.available,
        "on_order": shortage.on_order,
        "minimum": shortage.minimum,
        "target": shortage.target,
        "missing": shortage.missing,
        "quantity": quantity,
    }
    return {
        "item": f"{shortage.sku} {shortage.name}",
        **{name: plain(figure) for name, figure in figures.items()},
        "supplier": _label(offer, quantity),
    }


def _label(offer: SupplierOffer, quantity: Decimal) -> str:
    return (
        f"{offer.supplier.name}: {plain(quantity)} × {plain(offer.unit_price)} {offer.currency}, "
        f"≥ {plain(offer.minimum_quantity)}, {offer.lead_time_days} d"
    )


def _still_serves(proposal: Proposal, shortage: Shortage) -> bool:
    """Tell whether what is proposed already would lift the item above its reorder point."""
    proposed = sum(
        (Decimal(str(call["arguments"].get("quantity", 0))) for call in proposal.plan), Decimal(0)
    )
    return shortage.available + shortage.on_order + proposed >= shortage.minimum


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


REORDER = Watcher(NAME, (ReorderRuleSet, *_ABOUT_ITEMS), cases, consider)
