"""Whom to buy what is missing from: each supplier's best way to send it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from core.kernel.company import company
from core.processes.replenishment.history import LeadTime, lead_time
from core.processes.replenishment.rules import carrying_cost, order_quantity
from core.processes.replenishment.safety import Spread
from core.purchasing import SupplierOffer, price_today


@dataclass(frozen=True)
class Choice:
    """A quantity that a supplier would send, at its price, and when that would come."""

    supplier_id: uuid.UUID
    supplier: str
    supplier_number: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    minimum_quantity: Decimal
    multiple: Decimal | None
    arrives_on: date

    @property
    def cost(self) -> Decimal:
        """What all of it costs."""
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class PriceBreak:
    """More than is needed, at a lower price: what that saves, and what it costs to keep."""

    choice: Choice
    extra: Decimal
    saving: Decimal
    carrying: Decimal | None


Offers = Mapping[uuid.UUID, Sequence[SupplierOffer]]
Receipts = Mapping[tuple[uuid.UUID, uuid.UUID], tuple[int, ...]]


def offers_of(session: Session, item_ids: Iterable[uuid.UUID], *, today: date) -> Offers:
    """Return the offers of suppliers that are not blocked, for each item, as they stand today.

    Those in other currencies say what they ask in ours: they are copies that nobody writes back.
    """
    ours = company(session).currency
    rows = (
        select(SupplierOffer)
        .where(
            SupplierOffer.item_id.in_(list(item_ids)),
            or_(SupplierOffer.valid_from.is_(None), SupplierOffer.valid_from <= today),
            or_(SupplierOffer.valid_until.is_(None), SupplierOffer.valid_until >= today),
        )
        .options(joinedload(SupplierOffer.supplier))
        .order_by(SupplierOffer.unit_price, SupplierOffer.minimum_quantity, SupplierOffer.id)
    )
    found: dict[uuid.UUID, list[SupplierOffer]] = defaultdict(list)
    for offer in session.scalars(rows):
        if offer.supplier.blocked:
            continue
        if offer.currency != ours:
            asked = price_today(session, offer)
            session.expunge(offer)
            offer.unit_price, offer.currency = asked, ours
        found[offer.item_id].append(offer)
    for offers in found.values():
        offers.sort(key=lambda offer: offer.unit_price)
    return found


def first_choice(
    offers: Sequence[SupplierOffer], preferred: uuid.UUID | None
) -> SupplierOffer | None:
    """Return the offer to reckon with before the quantity is known: ours, or the cheapest."""
    theirs = [offer for offer in offers if offer.supplier_id == preferred]
    return min(
        theirs or offers, key=lambda offer: (offer.minimum_quantity, offer.unit_price), default=None
    )


def lead_time_from(offer: SupplierOffer, receipts: Receipts) -> LeadTime:
    """Return how long a supplier takes for an item: as seen, or as it says."""
    seen = receipts.get((offer.item_id, offer.supplier_id), ())
    return lead_time(seen, offer.lead_time_days)


def arrival(offer: SupplierOffer, receipts: Receipts, today: date) -> date:
    """Return the day on which an order made today would be there, on average, rounded up."""
    mean = Spread.of(lead_time_from(offer, receipts).days).mean
    return today + timedelta(days=int(mean.to_integral_value(rounding=ROUND_CEILING)))


def choices(
    offers: Sequence[SupplierOffer],
    missing: Decimal,
    *,
    receipts: Receipts,
    today: date,
    preferred: uuid.UUID | None = None,
) -> list[Choice]:
    """Return each supplier's cheapest way to send what is missing, the best first.

    Ours comes first where there is one; then whoever takes the least for what is missing.
    """
    best: dict[uuid.UUID, Choice] = {}
    for offer in offers:
        way = _choice(offer, missing, receipts, today)
        known = best.get(offer.supplier_id)
        if known is None or way.cost < known.cost:
            best[offer.supplier_id] = way
    return sorted(
        best.values(), key=lambda way: (way.supplier_id != preferred, way.cost, way.supplier)
    )


def next_break(
    offers: Sequence[SupplierOffer],
    taken: Choice,
    *,
    demand_per_day: Decimal,
    receipts: Receipts,
    today: date,
) -> PriceBreak | None:
    """Return the next quantity from which the same supplier takes less for each, if any."""
    further = [
        offer
        for offer in offers
        if offer.supplier_id == taken.supplier_id
        and offer.minimum_quantity > taken.quantity
        and offer.unit_price < taken.unit_price
    ]
    if not further:
        return None
    offer = min(further, key=lambda each: each.minimum_quantity)
    choice = _choice(offer, offer.minimum_quantity, receipts, today)
    extra = choice.quantity - taken.quantity
    return PriceBreak(
        choice=choice,
        extra=extra,
        saving=(taken.unit_price - choice.unit_price) * choice.quantity,
        carrying=carrying_cost(extra, unit_price=choice.unit_price, demand_per_day=demand_per_day),
    )


def _choice(offer: SupplierOffer, missing: Decimal, receipts: Receipts, today: date) -> Choice:
    return Choice(
        supplier_id=offer.supplier_id,
        supplier=offer.supplier.name,
        supplier_number=offer.supplier.number,
        quantity=order_quantity(
            missing, minimum=offer.minimum_quantity, multiple=offer.order_multiple
        ),
        unit_price=offer.unit_price,
        currency=offer.currency,
        minimum_quantity=offer.minimum_quantity,
        multiple=offer.order_multiple,
        arrives_on=arrival(offer, receipts, today),
    )
