"""What the lines of an order cost a customer: prices, promotions, free goods, kits in parts."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, ItemKind, PriceList, Trade, pricing
from core.catalog.errors import KitIsEmpty, NoPrice
from core.catalog.pricing import Buyer, Quote
from core.catalog.rules import PRICE_DIGITS
from core.kernel.company import company
from core.kernel.money import Money, plain, rounded
from core.ledger import price_in, worth_of_one
from core.parties import Customer
from core.sales.rules import HUNDRED, OrderLineDraft

_LIST_CURRENCY = select(PriceList.currency).where(PriceList.code == bindparam("code"))


@dataclass(frozen=True)
class Agreed:
    """A line at its price: by list and by agreement, and what promotions took off all of it."""

    draft: OrderLineDraft
    list_price: Decimal
    unit_price: Decimal
    promotions: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    saved: Decimal = Decimal(0)


def buyer_of(customer: Customer) -> Buyer:
    """Say of a customer what prices depend on."""
    return Buyer(customer.party_id, customer.price_list_code, customer.customer_group)


def currency_of(session: Session, customer: Customer, said: str | None = None) -> str:
    """Return what a customer buys in: what was said, what was agreed, its list's, or ours."""
    if known := said or customer.currency:
        return known
    ours = company(session).currency
    if customer.price_list_code is None:
        return ours
    return session.scalar(_LIST_CURRENCY, {"code": customer.price_list_code}) or ours


def agree(
    session: Session,
    customer: Customer,
    drafts: Sequence[OrderLineDraft],
    *,
    currency: str | None = None,
) -> list[Agreed]:
    """Return lines at a customer's prices in a currency, where no others were agreed.

    What has no price in it costs what another list says, at the rate of today. Goods that go along
    for nothing stand on lines of their own, behind the others. A kit becomes its components, which
    carry its price in parts: they are reserved, delivered and returned.
    """
    wanted = [(draft.item, draft.quantity) for draft in drafts]
    catalog.require_tradeable(session, wanted, trade=Trade.SALE)
    currency = currency or company(session).currency
    quotes = _quotes(session, customer, wanted, currency)
    agreed = [_agreed(draft, quote) for draft, quote in zip(drafts, quotes, strict=True)]
    agreed += [
        _free(each, quote)
        for each, quote in zip(agreed, quotes, strict=True)
        if quote is not None and quote.free_quantity and each.draft.unit_price is None
    ]
    if not any(each.draft.item.kind is ItemKind.KIT for each in agreed):
        return agreed
    return [part for each in agreed for part in _parts(session, customer, each, currency)]


def in_currency(session: Session, price: Decimal, kept_in: str, currency: str) -> Decimal:
    """Return what a price for one unit is in another currency at the rate of today.

    It has the decimals that it had, or those of the currency where these are more.
    """
    if kept_in == currency:
        return price
    exact = price_in(session, price, kept_in, currency)
    return rounded(exact, pricing.kept_digits(price, currency), company(session).rounding)


def prices_in(
    session: Session, buyer: Buyer, wanted: Sequence[tuple[Item, Decimal]], currency: str
) -> list[Decimal | None]:
    """Return what items cost in a currency before promotions, where there is a price."""
    _, costs = _costs_in(session, wanted, currency)
    found = catalog.prices_or_none_of(session, wanted, buyer=buyer, costs=costs, currency=currency)
    missing = [each for each, price in zip(wanted, found, strict=True) if price is None]
    others = iter(catalog.prices_or_none_of(session, missing, buyer=buyer) if missing else ())
    prices = (price or next(others) for price in found)
    return [
        None if each is None else in_currency(session, each.unit_price, each.currency, currency)
        for each in prices
    ]


def _costs_in(
    session: Session, wanted: Sequence[tuple[Item, Decimal]], currency: str
) -> tuple[Decimal, dict[uuid.UUID, Decimal]]:
    """Return how much of a currency one of ours buys, and what items cost us in it."""
    buys = 1 / worth_of_one(session, currency, company(session).today)
    return buys, {item.id: item.standard_cost * buys for item, _ in wanted}


def _quotes(
    session: Session, customer: Customer, wanted: Sequence[tuple[Item, Decimal]], currency: str
) -> list[Quote | None]:
    """Return prices in a currency, or those of another converted; costs and promotions as well."""
    buyer = buyer_of(customer)
    buys, costs = _costs_in(session, wanted, currency)
    quotes = pricing.quotes(session, wanted, buyer=buyer, costs=costs, currency=currency, buys=buys)
    missing = [each for each, quote in zip(wanted, quotes, strict=True) if quote is None]
    if not missing:
        return quotes
    others = iter(pricing.quotes(session, missing, buyer=buyer))
    return [
        quote if quote is not None else _converted(session, next(others), currency)
        for quote in quotes
    ]


def _converted(session: Session, quote: Quote | None, currency: str) -> Quote | None:
    if quote is None:
        return None
    listed = quote.price
    return replace(
        quote,
        price=replace(
            listed,
            unit_price=in_currency(session, listed.unit_price, listed.currency, currency),
            currency=currency,
        ),
        unit_price=in_currency(session, quote.unit_price, listed.currency, currency),
    )


def _agreed(draft: OrderLineDraft, quote: Quote | None) -> Agreed:
    if draft.unit_price is not None:
        on_list = quote.price.unit_price if quote else draft.unit_price
        return Agreed(draft, on_list, draft.unit_price)
    if quote is None:
        raise NoPrice(sku=draft.item.sku, quantity=plain(draft.quantity))
    return Agreed(
        draft,
        quote.price.unit_price,
        quote.unit_price,
        promotions=quote.promotions,
        held=quote.held,
        saved=(quote.price.unit_price - quote.unit_price) * quote.quantity,
    )


def _free(agreed: Agreed, quote: Quote) -> Agreed:
    """Return the line of what goes along for nothing, at its price less all of it."""
    draft = replace(
        agreed.draft,
        quantity=quote.free_quantity,
        discount_percent=HUNDRED,
        unit_code=None,
        unit_quantity=None,
    )
    price = quote.price.unit_price
    return Agreed(
        draft, price, price, promotions=quote.promotions, saved=price * quote.free_quantity
    )


def _parts(session: Session, customer: Customer, agreed: Agreed, currency: str) -> Iterator[Agreed]:
    """Split the price of a kit among its components by what they cost alone, to the cent."""
    kit, ours = agreed.draft.item, company(session)
    if kit.kind is not ItemKind.KIT:
        yield agreed
        return
    needed = catalog.explode(session, kit, agreed.draft.quantity)
    if not needed:
        raise KitIsEmpty(sku=kit.sku)
    catalog.require_tradeable(session, needed, trade=Trade.SALE)
    alone = prices_in(session, buyer_of(customer), needed, currency)
    _, costs = _costs_in(session, needed, currency)
    weights = [
        quantity * (costs[item.id] if price is None else price)
        for (item, quantity), price in zip(needed, alone, strict=True)
    ]
    amounts = {
        name: catalog.split_net(
            Money.rounding(price * agreed.draft.quantity, currency, ours.rounding), weights
        )
        for name, price in (
            ("list", agreed.list_price),
            ("agreed", agreed.unit_price),
            ("saved", agreed.saved / agreed.draft.quantity),
        )
    }
    for place, (item, quantity) in enumerate(needed):
        yield replace(
            agreed,
            draft=replace(
                agreed.draft,
                item=item,
                quantity=quantity,
                unit_code=None,
                unit_quantity=None,
                kit=kit,
                kit_quantity=agreed.draft.quantity,
            ),
            list_price=rounded(amounts["list"][place].amount / quantity, PRICE_DIGITS),
            unit_price=rounded(amounts["agreed"][place].amount / quantity, PRICE_DIGITS),
            saved=amounts["saved"][place].amount,
        )
