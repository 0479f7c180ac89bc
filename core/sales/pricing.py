"""What the lines of an order cost a customer: prices, promotions, free goods, kits in parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog
from core.catalog import ItemKind, Trade, pricing
from core.catalog.errors import KitIsEmpty, NoPrice
from core.catalog.pricing import Buyer, Quote
from core.catalog.rules import PRICE_DIGITS
from core.kernel.company import company
from core.kernel.money import Money, plain, rounded
from core.parties import Customer
from core.sales.rules import HUNDRED, OrderLineDraft


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


def agree(session: Session, customer: Customer, drafts: Sequence[OrderLineDraft]) -> list[Agreed]:
    """Return lines at a customer's prices, where no others were agreed.

    Goods that go along for nothing stand on lines of their own, behind the others. A kit becomes
    its components, which carry its price in parts: they are reserved, delivered and returned.
    """
    wanted = [(draft.item, draft.quantity) for draft in drafts]
    catalog.require_tradeable(session, wanted, trade=Trade.SALE)
    quotes = pricing.quotes(session, wanted, buyer=buyer_of(customer))
    agreed = [_agreed(draft, quote) for draft, quote in zip(drafts, quotes, strict=True)]
    agreed += [
        _free(each, quote)
        for each, quote in zip(agreed, quotes, strict=True)
        if quote is not None and quote.free_quantity and each.draft.unit_price is None
    ]
    if not any(each.draft.item.kind is ItemKind.KIT for each in agreed):
        return agreed
    return [part for each in agreed for part in _parts(session, customer, each)]


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


def _parts(session: Session, customer: Customer, agreed: Agreed) -> Iterator[Agreed]:
    """Split the price of a kit among its components by what they cost alone, to the cent."""
    kit, ours = agreed.draft.item, company(session)
    if kit.kind is not ItemKind.KIT:
        yield agreed
        return
    needed = catalog.explode(session, kit, agreed.draft.quantity)
    if not needed:
        raise KitIsEmpty(sku=kit.sku)
    catalog.require_tradeable(session, needed, trade=Trade.SALE)
    alone = catalog.prices_or_none_of(session, needed, buyer=buyer_of(customer))
    weights = [
        quantity * (price.unit_price if price else item.standard_cost)
        for (item, quantity), price in zip(needed, alone, strict=True)
    ]
    amounts = {
        name: catalog.split_net(
            Money.rounding(price * agreed.draft.quantity, ours.currency, ours.rounding), weights
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
