"""What suppliers offer, and who is the best to buy from."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core import catalog
from core.catalog import Item
from core.catalog.rules import PRICE_DIGITS
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.errors import DomainError
from core.kernel.money import Money, plain, rounded
from core.kernel.naming import CANDIDATES_MAX, AmbiguousName, Candidate
from core.ledger import price_in, worth_of_one
from core.parties import Party, Supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.errors import (
    BelowMinimumQuantity,
    MultipleNotPositive,
    NoSupplierOffer,
    NotAMultiple,
    NotOfferedBy,
    OfferNotValid,
    OfferPeriodOutOfOrder,
)
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
    order_multiple: Decimal | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> SupplierOffer:
    """Note a supplier's price for one unit from some quantity up; it replaces the one before.

    One that is valid from another day stands beside it.
    """
    today = company(session).today
    currency = currency or supplier.currency or company(session).currency
    # Where nobody knows what it is worth, it could not be compared with others.
    worth_of_one(session, currency, today)
    catalog.require_tradeable(session, [(item, minimum_quantity)])
    catalog.require_price(item, unit_price)
    rules.require_lead_time(lead_time_days)
    if order_multiple is not None:
        if order_multiple <= 0:
            raise MultipleNotPositive(multiple=plain(order_multiple))
        catalog.require_quantities(session, [(item, order_multiple)])
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise OfferPeriodOutOfOrder(valid_from=valid_from, valid_until=valid_until)
    known = select(SupplierOffer).where(
        SupplierOffer.item_id == item.id,
        SupplierOffer.supplier_id == supplier.party_id,
        SupplierOffer.minimum_quantity == minimum_quantity,
        SupplierOffer.valid_from.is_not_distinct_from(valid_from),
    )
    offer = session.scalar(known.with_for_update())
    before = offer.unit_price if offer else None
    kept_in = offer.currency if offer else currency
    if offer is None:
        offer = SupplierOffer(
            item=item,
            item_id=item.id,
            supplier=supplier.party,
            supplier_id=supplier.party_id,
            minimum_quantity=minimum_quantity,
            currency=currency,
            valid_from=valid_from,
        )
        session.add(offer)
    offer.unit_price, offer.lead_time_days = unit_price, lead_time_days
    offer.currency = currency
    offer.supplier_sku, offer.order_multiple = supplier_sku, order_multiple
    offer.valid_until = valid_until
    fact = OfferListed(
        sku=item.sku,
        supplier=supplier.party.name,
        minimum_quantity=minimum_quantity,
        lead_time_days=lead_time_days,
        before=before,
        after=unit_price,
        currency=currency,
        before_currency=kept_in,
        order_multiple=order_multiple,
        valid_in_days=_days_until(valid_from, today),
        valid_for_days=_days_until(valid_until, today),
        valid=" – ".join(str(day) for day in (valid_from, valid_until) if day is not None),
    )
    events.record(session, fact)
    session.flush()
    return offer


def find_item(session: Session, text: str, *, supplier: Supplier | None = None) -> Item:
    """Return the item that our own SKU, a supplier's number for it, a barcode or a name means.

    Two suppliers may use the same number for different items: then it has to be said whose it is.
    """
    said = text.strip()
    if session.scalar(select(Item.id).where(Item.sku == said)) is None:
        wanted = (
            select(Item.sku, Item.name, Item.name_zh)
            .join(SupplierOffer, SupplierOffer.item_id == Item.id)
            .where(func.lower(SupplierOffer.supplier_sku) == said.lower())
            .distinct()
            .order_by(Item.sku)
        )
        if supplier is not None:
            wanted = wanted.where(SupplierOffer.supplier_id == supplier.party_id)
        meant = [Candidate(*row) for row in session.execute(wanted.limit(CANDIDATES_MAX))]
        if len(meant) > 1:
            raise AmbiguousName(text=said, candidates=meant)
        if meant:
            said = meant[0].number
    return catalog.find_item(session, said)


def in_currency(session: Session, price: Decimal, kept_in: str, currency: str) -> Decimal:
    """Return what a price for one unit is in another currency at the rate of today."""
    exact = price_in(session, price, kept_in, currency)
    return rounded(exact, PRICE_DIGITS, company(session).rounding)


def price_today(session: Session, offer: SupplierOffer) -> Decimal:
    """Return what an offer asks for one unit, in the company's currency at the rate of today."""
    ours = company(session).currency
    return in_currency(session, offer.unit_price, offer.currency, ours)


def offers_for(session: Session, item: Item) -> Sequence[SupplierOffer]:
    """Return all offers for an item, the cheapest today first, with their suppliers."""
    wanted = (
        select(SupplierOffer)
        .join(SupplierOffer.supplier)
        .where(SupplierOffer.item_id == item.id)
        .order_by(SupplierOffer.unit_price, Party.name, SupplierOffer.minimum_quantity)
        .options(joinedload(SupplierOffer.supplier), joinedload(SupplierOffer.item))
        .limit(OFFERS_MAX)
    )
    found = session.scalars(wanted).all()
    # They come by price and name: within one price these stay in their order.
    return sorted(found, key=lambda offer: price_today(session, offer))


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
    today = company(session).today
    if enough := rules.fitting(possible, quantity, today):
        return enough[0]
    raise _unfitting(item, possible, quantity, today)


def _unfitting(
    item: Item, offers: Sequence[SupplierOffer], quantity: Decimal, today: date
) -> DomainError:
    """Return why none of some offers is for a quantity, with the nearest way to buy."""
    standing = [offer for offer in offers if rules.stands(offer, today)]
    if not standing:
        return OfferNotValid(supplier=offers[0].supplier.name, sku=item.sku)
    nearest = min(standing, key=lambda offer: offer.minimum_quantity)
    if nearest.minimum_quantity > quantity:
        return BelowMinimumQuantity(
            sku=item.sku,
            quantity=plain(quantity),
            supplier=nearest.supplier.name,
            minimum=plain(nearest.minimum_quantity),
        )
    by_multiple = [offer for offer in standing if offer.minimum_quantity <= quantity]
    best = min(by_multiple, key=lambda offer: rules.rounded_up(quantity, offer.order_multiple))
    assert best.order_multiple is not None, "an offer without a multiple would fit"
    return NotAMultiple(
        supplier=best.supplier.name,
        sku=item.sku,
        multiple=plain(best.order_multiple),
        more=plain(rules.rounded_up(quantity, best.order_multiple)),
        quantity=plain(quantity),
    )


def offers_of(
    session: Session, supplier: Supplier, item_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[SupplierOffer]]:
    """Return what a supplier offers of each of some items."""
    offers: dict[uuid.UUID, list[SupplierOffer]] = {item_id: [] for item_id in item_ids}
    wanted = select(SupplierOffer).where(
        SupplierOffer.supplier_id == supplier.party_id, SupplierOffer.item_id.in_(list(offers))
    )
    for offer in session.scalars(wanted):
        offers[offer.item_id].append(offer)
    return offers


@dataclass(frozen=True)
class BuyingOption:
    """A way to cover a need: from whom, how much at which price, and what it costs in all.

    `for_price_break` is true where more is bought than is needed, for a better price; `more_cost`
    is then what it costs beyond the supplier's first option, negative where it is cheaper.
    """

    offer: SupplierOffer
    quantity: Decimal
    surplus: Decimal
    unit_price: Decimal
    total: Money
    arrives_on: date
    for_price_break: bool = False
    more_cost: Money | None = None


def buying_options(
    session: Session, item: Item, quantity: Decimal, *, supplier: Supplier | None = None
) -> list[BuyingOption]:
    """Return the ways to buy at least a quantity today, the least total first.

    Each supplier's quantity is rounded up to their minimum and their multiple; their next price
    break is an option as well, with what it costs more. Prices are those of today in our currency.
    """
    catalog.require_quantities(session, [(item, quantity)])
    ours = company(session)
    by_supplier: dict[uuid.UUID, list[SupplierOffer]] = {}
    for offer in offers_for(session, item):
        mine = supplier is None or offer.supplier_id == supplier.party_id
        if mine and not offer.supplier.blocked and rules.stands(offer, ours.today):
            by_supplier.setdefault(offer.supplier_id, []).append(offer)
    options: list[BuyingOption] = []
    for offers in by_supplier.values():
        bought = {}
        for offer in offers:
            least = max(quantity, offer.minimum_quantity)
            bought[offer.id] = rules.rounded_up(least, offer.order_multiple)
        asks = {each.id: price_today(session, each) for each in offers}
        first = min(offers, key=lambda each: (bought[each.id], asks[each.id]))
        usual = _option(ours, first, bought[first.id], quantity, asks[first.id])
        options.append(usual)
        further = [
            each
            for each in offers
            if bought[each.id] > usual.quantity and asks[each.id] < asks[first.id]
        ]
        if further:
            step = min(further, key=lambda each: (bought[each.id], asks[each.id]))
            beyond = _option(ours, step, bought[step.id], quantity, asks[step.id])
            more = beyond.total - usual.total
            options.append(replace(beyond, for_price_break=True, more_cost=more))
    return sorted(options, key=lambda each: (each.total.minor, each.offer.supplier.name))


def _option(
    ours: Company, offer: SupplierOffer, quantity: Decimal, needed: Decimal, price: Decimal
) -> BuyingOption:
    total = Money.rounding(price * quantity, ours.currency, ours.rounding)
    return BuyingOption(
        offer=offer,
        quantity=quantity,
        surplus=quantity - needed,
        unit_price=price,
        total=total,
        arrives_on=ours.today + timedelta(days=offer.lead_time_days),
    )


def _days_until(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days
