"""What suppliers offer, and who is the best to buy from."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core import catalog
from core.catalog import Item
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, plain
from core.parties import Party, Supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.errors import BelowMinimumQuantity, NoSupplierOffer, NotOfferedBy
from core.purchasing.events import OfferListed
from core.purchasing.tables import SupplierOffer

OFFERS_MAX = 200


def list_offer(
    session: Session,
    item: Item,
    *,
    supplier: Supplier,
    unit_price: Decimal,
    lead_time_days: int,
    minimum_quantity: Decimal = Decimal(1),
    currency: str | None = None,
    supplier_sku: str | None = None,
) -> SupplierOffer:
    """Note a supplier's price for one unit from some quantity up; it replaces the one before."""
    ours = company(session).currency
    if currency not in {None, ours}:
        raise CurrencyMismatch(left=currency, right=ours)
    catalog.require_tradeable(session, [(item, minimum_quantity)])
    catalog.require_price(item, unit_price)
    rules.require_lead_time(lead_time_days)
    known = select(SupplierOffer).where(
        SupplierOffer.item_id == item.id,
        SupplierOffer.supplier_id == supplier.party_id,
        SupplierOffer.minimum_quantity == minimum_quantity,
    )
    offer = session.scalar(known.with_for_update())
    before = offer.unit_price if offer else None
    if offer is None:
        offer = SupplierOffer(
            item=item,
            item_id=item.id,
            supplier=supplier.party,
            supplier_id=supplier.party_id,
            minimum_quantity=minimum_quantity,
            currency=ours,
        )
        session.add(offer)
    offer.unit_price, offer.lead_time_days = unit_price, lead_time_days
    offer.supplier_sku = supplier_sku
    fact = OfferListed(
        sku=item.sku,
        supplier=supplier.party.name,
        minimum_quantity=minimum_quantity,
        lead_time_days=lead_time_days,
        before=before,
        after=unit_price,
        currency=ours,
    )
    events.record(session, fact)
    session.flush()
    return offer


def offers_for(session: Session, item: Item) -> Sequence[SupplierOffer]:
    """Return all offers for an item, the cheapest first, with their suppliers."""
    wanted = (
        select(SupplierOffer)
        .join(SupplierOffer.supplier)
        .where(SupplierOffer.item_id == item.id)
        .order_by(SupplierOffer.unit_price, Party.name, SupplierOffer.minimum_quantity)
        .options(joinedload(SupplierOffer.supplier), joinedload(SupplierOffer.item))
        .limit(OFFERS_MAX)
    )
    return session.scalars(wanted).all()


def best_offer(
    session: Session, item: Item, quantity: Decimal, *, supplier: Supplier | None = None
) -> SupplierOffer:
    """Return the lowest price for a quantity; on a tie, the supplier first in the alphabet.

    Who is blocked is passed over, unless asked for by name: then that is the refusal.
    """
    every = offers_for(session, item)
    if supplier is not None:
        require_unblocked(supplier.party)
        theirs = [offer for offer in every if offer.supplier_id == supplier.party_id]
        if every and not theirs:
            others = ", ".join(dict.fromkeys(offer.supplier.name for offer in every))
            raise NotOfferedBy(supplier=supplier.party.name, sku=item.sku, others=others)
        every = theirs
    possible = [offer for offer in every if not offer.supplier.blocked]
    if not possible:
        raise NoSupplierOffer(sku=item.sku)
    enough = [offer for offer in possible if offer.minimum_quantity <= quantity]
    if not enough:
        nearest = min(possible, key=lambda offer: offer.minimum_quantity)
        raise BelowMinimumQuantity(
            sku=item.sku,
            quantity=plain(quantity),
            supplier=nearest.supplier.name,
            minimum=plain(nearest.minimum_quantity),
        )
    return enough[0]
