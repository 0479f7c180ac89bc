"""What something costs a customer, and why."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from core.catalog.errors import NoPrice
from core.catalog.pricing import rules
from core.catalog.pricing.rules import CATEGORY, EVERYTHING, ITEM, TEMPLATE, Offer, Priced, Rule
from core.catalog.pricing.tables import PriceRule, Promotion, PromotionKind, RuleKind
from core.catalog.rules import PRICE_DIGITS, ItemPrice
from core.catalog.service import STANDARD
from core.catalog.tables import Item, ItemCategory, ItemTemplate, Price, PriceList
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import plain, rounded

LISTED_MAX = 500


@dataclass(frozen=True)
class Buyer:
    """Whom a price is asked for, as far as prices depend on it; nobody in particular by default."""

    party_id: uuid.UUID | None = None
    price_list_code: str | None = None
    group: str | None = None


ANYBODY = Buyer()


@dataclass(frozen=True)
class Quote:
    """What one unit costs, which rule says so, and what promotions make of it."""

    price: ItemPrice
    quantity: Decimal
    unit_price: Decimal
    because: Both
    free_quantity: Decimal = Decimal(0)
    promotions: tuple[str, ...] = ()
    promotions_said: tuple[Both, ...] = ()
    # Promotions that would have gone below cost, and were not given or not in full.
    held: tuple[str, ...] = ()

    @property
    def saved(self) -> Decimal:
        """What promotions take off the line, with free goods at the price before."""
        before = self.price.unit_price
        return before * (self.quantity + self.free_quantity) - self.unit_price * self.quantity


@dataclass(frozen=True)
class RuleView:
    """A price rule, as people read it."""

    whose: str
    target: str
    minimum_quantity: Decimal
    kind: RuleKind
    value: Decimal
    priority: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class PromotionView:
    """A promotion, as people read it; `customer_id` names the party it is for, if it is for one."""

    code: str
    name: str
    name_zh: str | None
    gives: Both
    target: str
    for_whom: str
    customer_id: uuid.UUID | None
    minimum_quantity: Decimal
    valid_from: date
    valid_until: date | None
    stackable: bool
    below_cost: bool
    ended: bool


# Built once: to build a statement costs more than to run it.
_LISTS = (
    select(PriceList.code, PriceList.customer_group, PriceList.usual)
    .where(or_(PriceList.usual, func.lower(PriceList.customer_group) == bindparam("group")))
    .order_by(PriceList.usual)
)
_LISTED = (
    select(
        Price.item_id,
        Price.unit_price,
        PriceList.currency,
        PriceList.code,
        Price.minimum_quantity,
        Price.valid_from,
    )
    .join(PriceList, PriceList.id == Price.price_list_id)
    .where(
        PriceList.code.in_(bindparam("lists", expanding=True)),
        Price.item_id.in_(bindparam("items", expanding=True)),
        Price.valid_from <= bindparam("on_day"),
    )
)
_RULES = (
    select(PriceRule, PriceList.code, PriceList.currency, ItemTemplate.code, ItemCategory.code)
    .outerjoin(PriceList, PriceList.id == PriceRule.price_list_id)
    .outerjoin(ItemTemplate, ItemTemplate.id == PriceRule.template_id)
    .outerjoin(ItemCategory, ItemCategory.id == PriceRule.category_id)
    .where(
        or_(
            PriceList.code.in_(bindparam("lists", expanding=True)),
            PriceRule.customer_id == bindparam("customer_id"),
        ),
        PriceRule.withdrawn.is_(False),
        PriceRule.valid_from <= bindparam("on_day"),
        or_(PriceRule.valid_until.is_(None), PriceRule.valid_until >= bindparam("on_day")),
        or_(
            PriceRule.item_id.is_(None),
            PriceRule.item_id.in_(bindparam("items", expanding=True)),
        ),
    )
)
_PROMOTIONS = (
    select(Promotion, PriceList.code)
    .outerjoin(PriceList, PriceList.id == Promotion.price_list_id)
    .where(
        Promotion.ended.is_(False),
        Promotion.valid_from <= bindparam("on_day"),
        or_(Promotion.valid_until.is_(None), Promotion.valid_until >= bindparam("on_day")),
        or_(Promotion.customer_id.is_(None), Promotion.customer_id == bindparam("customer_id")),
        or_(
            Promotion.item_id.is_(None),
            Promotion.item_id.in_(bindparam("items", expanding=True)),
        ),
    )
)


def lists_of(session: Session, buyer: Buyer) -> tuple[str, ...]:
    """Return the lists that are asked for a customer, in their order; list prices come last.

    Who has a list of the own, or one of the group, does not buy from that of all others.
    """
    own = buyer.price_list_code
    if own is None:
        group = (buyer.group or "").lower()
        own = next((code for code, *_ in session.execute(_LISTS, {"group": group})), None)
    return tuple(dict.fromkeys(code for code in (own, STANDARD) if code))


def quotes(
    session: Session,
    wanted: Sequence[tuple[Item, Decimal]],
    *,
    buyer: Buyer = ANYBODY,
    on: date | None = None,
    costs: Mapping[uuid.UUID, Decimal] | None = None,
    currency: str | None = None,
    buys: Decimal = Decimal(1),
) -> list[Quote | None]:
    """Return what items cost a customer at their quantities, with promotions, and why.

    Costs are the items' standard costs where none are given. `buys` is how much of the currency
    one of the company's buys: promotions take off amounts of the company's.
    """
    ours = company(session)
    day = on or ours.today
    priced, lists = _priced(session, wanted, buyer, day, costs or {}, currency)
    running = _promotions(session, [item for item, _ in wanted], buyer, lists, day, buys)
    found: list[Quote | None] = []
    for (item, quantity), price in zip(wanted, priced, strict=True):
        if price is None:
            found.append(None)
            continue
        offers = [offer for least, offer in running.get(item.id, ()) if least <= quantity]
        outcome = rules.promoted(
            price.unit_price,
            quantity=quantity,
            offers=offers,
            cost=_cost(item, costs or {}),
            digits=rules.kept_digits(price.unit_price, price.rule.currency),
            rounding=ours.rounding,
        )
        found.append(
            Quote(
                price=_item_price(price),
                quantity=quantity,
                unit_price=outcome.unit_price,
                because=price.because(costs_shown=False),
                free_quantity=outcome.free_quantity,
                promotions=outcome.applied,
                promotions_said=outcome.said,
                held=outcome.held,
            )
        )
    return found


def price_of(
    session: Session,
    item: Item,
    *,
    quantity: Decimal = Decimal(1),
    price_list_code: str | None = None,
    on: date | None = None,
) -> ItemPrice:
    """Return the sales price of one unit at a quantity, or refuse where there is none."""
    return prices_of(session, [(item, quantity)], price_list_code=price_list_code, on=on)[0]


def prices_of(
    session: Session,
    wanted: Sequence[tuple[Item, Decimal]],
    *,
    price_list_code: str | None = None,
    on: date | None = None,
) -> list[ItemPrice]:
    """Return the sales prices of several items at their quantities, or refuse."""
    found = prices_or_none_of(session, wanted, price_list_code=price_list_code, on=on)
    known = []
    for (item, quantity), price in zip(wanted, found, strict=True):
        if price is None:
            raise NoPrice(sku=item.sku, quantity=plain(quantity))
        known.append(price)
    return known


def prices_or_none_of(
    session: Session,
    wanted: Sequence[tuple[Item, Decimal]],
    *,
    price_list_code: str | None = None,
    on: date | None = None,
    buyer: Buyer | None = None,
    costs: Mapping[uuid.UUID, Decimal] | None = None,
    currency: str | None = None,
) -> list[ItemPrice | None]:
    """Return the prices of several items before promotions, where there are any.

    What is not on the list of one's own costs what it costs on the standard list.
    """
    asked = buyer or Buyer(price_list_code=price_list_code)
    day = on or company(session).today
    priced, _ = _priced(session, wanted, asked, day, costs or {}, currency)
    return [None if each is None else _item_price(each) for each in priced]


def price_lists(session: Session) -> list[PriceList]:
    """Return the price lists by their codes."""
    return list(session.scalars(select(PriceList).order_by(PriceList.code).limit(LISTED_MAX)))


def list_price_rules(
    session: Session,
    *,
    price_list_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    limit: int = 100,
) -> list[RuleView]:
    """Return the standing rules of a list or of a customer, or all, by their targets."""
    wanted = (
        select(PriceRule, PriceList.code, Item.sku, ItemTemplate.code, ItemCategory.code)
        .outerjoin(PriceList, PriceList.id == PriceRule.price_list_id)
        .outerjoin(Item, Item.id == PriceRule.item_id)
        .outerjoin(ItemTemplate, ItemTemplate.id == PriceRule.template_id)
        .outerjoin(ItemCategory, ItemCategory.id == PriceRule.category_id)
        .where(PriceRule.withdrawn.is_(False))
        .order_by(
            PriceList.code, PriceRule.priority, Item.sku, ItemTemplate.code, ItemCategory.code,
            PriceRule.minimum_quantity.desc(), PriceRule.valid_from.desc(),
        )
        .limit(min(limit, LISTED_MAX))
    )  # fmt: skip
    if price_list_id is not None:
        wanted = wanted.where(PriceRule.price_list_id == price_list_id)
    if customer_id is not None:
        wanted = wanted.where(PriceRule.customer_id == customer_id)
    return [
        RuleView(
            whose=code or "",
            target=sku or template or category or "",
            minimum_quantity=rule.minimum_quantity,
            kind=rule.kind,
            value=rule.value,
            priority=rule.priority,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )
        for rule, code, sku, template, category in session.execute(wanted)
    ]


def list_promotions(
    session: Session, *, running_on: date | None = None, limit: int = 100
) -> list[PromotionView]:
    """Return promotions, the newest first: all, or those that run on a day."""
    wanted = (
        select(Promotion, PriceList.code, Item.sku, ItemTemplate.code, ItemCategory.code)
        .outerjoin(PriceList, PriceList.id == Promotion.price_list_id)
        .outerjoin(Item, Item.id == Promotion.item_id)
        .outerjoin(ItemTemplate, ItemTemplate.id == Promotion.template_id)
        .outerjoin(ItemCategory, ItemCategory.id == Promotion.category_id)
        .order_by(Promotion.valid_from.desc(), Promotion.code)
        .limit(min(limit, LISTED_MAX))
    )
    if running_on is not None:
        wanted = wanted.where(
            Promotion.ended.is_(False),
            Promotion.valid_from <= running_on,
            or_(Promotion.valid_until.is_(None), Promotion.valid_until >= running_on),
        )
    return [
        PromotionView(
            code=promotion.code,
            name=promotion.name,
            name_zh=promotion.name_zh,
            gives=_offer(promotion).said,
            target=sku or template or category or "",
            for_whom=code or promotion.customer_group or "",
            customer_id=promotion.customer_id,
            minimum_quantity=promotion.minimum_quantity,
            valid_from=promotion.valid_from,
            valid_until=promotion.valid_until,
            stackable=promotion.stackable,
            below_cost=promotion.below_cost,
            ended=promotion.ended,
        )
        for promotion, code, sku, template, category in session.execute(wanted)
    ]


def _priced(
    session: Session,
    wanted: Sequence[tuple[Item, Decimal]],
    buyer: Buyer,
    on: date,
    costs: Mapping[uuid.UUID, Decimal],
    currency: str | None,
) -> tuple[list[Priced | None], tuple[str, ...]]:
    """Return the price of each item by the rules and list prices that are asked for a customer."""
    lists, ours = lists_of(session, buyer), company(session)
    items = {item.id: item for item, _ in wanted}
    given = {
        "lists": lists,
        "items": list(items),
        "on_day": on,
        "customer_id": buyer.party_id,
    }
    listed: dict[uuid.UUID, list[Rule]] = {item_id: [] for item_id in items}
    for item_id, price, kept_in, code, least, since in session.execute(_LISTED, given):
        place = 1 + lists.index(code)
        listed[item_id].append(
            Rule(
                *(place, code, RuleKind.FIXED, price, kept_in, least, since),
                target_name=items[item_id].sku,
                listed=True,
            )
        )
    made = list(session.execute(_RULES, given))
    near = _nearness(session, items.values(), {rule.category_id for rule, *_ in made})
    for rule, code, kept_in, template, category in made:
        for item, target in _meant(rule, items, near):
            listed[item.id].append(
                Rule(
                    place=1 + lists.index(code) if code else 0,
                    source=code or "customer",
                    kind=rule.kind,
                    value=rule.value,
                    currency=kept_in or ours.currency,
                    minimum_quantity=rule.minimum_quantity,
                    valid_from=rule.valid_from,
                    valid_until=rule.valid_until,
                    priority=rule.priority,
                    target=target,
                    target_name=(item.sku if rule.item_id else template or category or ""),
                )
            )
    return [
        rules.price_by_rules(
            listed[item.id],
            quantity=quantity,
            on=on,
            cost=_cost(item, costs),
            currency=currency,
            standard=STANDARD,
            rounding=ours.rounding,
        )
        for item, quantity in wanted
    ], lists


def _promotions(
    session: Session,
    items: Sequence[Item],
    buyer: Buyer,
    lists: tuple[str, ...],
    on: date,
    buys: Decimal,
) -> dict[uuid.UUID, list[tuple[Decimal, Offer]]]:
    """Return what promotions offer each item to a customer, and from which quantity on."""
    by_id = {item.id: item for item in items}
    given = {"items": list(by_id), "on_day": on, "customer_id": buyer.party_id}
    running = [
        promotion
        for promotion, code in session.execute(_PROMOTIONS, given)
        if (code is None or code in lists[:1])
        and (
            promotion.customer_group is None
            or promotion.customer_group.lower() == (buyer.group or "").lower()
        )
    ]
    near = _nearness(session, by_id.values(), {each.category_id for each in running})
    found: dict[uuid.UUID, list[tuple[Decimal, Offer]]] = {}
    for promotion in running:
        for item, _ in _meant(promotion, by_id, near):
            offer = (promotion.minimum_quantity, _offer(promotion, buys))
            found.setdefault(item.id, []).append(offer)
    return found


def _offer(promotion: Promotion, buys: Decimal = Decimal(1)) -> Offer:
    value = promotion.value or Decimal(0)
    if promotion.kind is PromotionKind.AMOUNT and buys != 1:
        value = rounded(value * buys, PRICE_DIGITS)
    return Offer(
        promotion.code,
        promotion.kind,
        value=value,
        buy_quantity=promotion.buy_quantity or Decimal(0),
        free_quantity=promotion.free_quantity or Decimal(0),
        stackable=promotion.stackable,
        below_cost=promotion.below_cost,
    )


def _meant(
    rule: PriceRule | Promotion,
    items: Mapping[uuid.UUID, Item],
    near: Mapping[uuid.UUID, Mapping[uuid.UUID, int]],
) -> Iterator[tuple[Item, int]]:
    """Return the items that a rule is about, and how near its target is to each."""
    for item in items.values():
        if rule.item_id is not None:
            if rule.item_id == item.id:
                yield item, ITEM
        elif rule.template_id is not None:
            if rule.template_id == item.template_id:
                yield item, TEMPLATE
        elif rule.category_id is None:
            yield item, EVERYTHING
        elif rule.category_id in near[item.id]:
            yield item, CATEGORY + near[item.id][rule.category_id]


def _nearness(
    session: Session, items: Iterable[Item], categories: set[uuid.UUID | None]
) -> dict[uuid.UUID, dict[uuid.UUID, int]]:
    """Return the categories above each item and how far up they are; only where any are asked."""
    if categories <= {None}:
        return {item.id: {} for item in items}
    above = dict(session.execute(select(ItemCategory.id, ItemCategory.parent_id)).all())
    found = {}
    for item in items:
        steps: dict[uuid.UUID, int] = {}
        at = item.category_id
        while at is not None and at not in steps:
            steps[at] = len(steps)
            at = above.get(at)
        found[item.id] = steps
    return found


def _cost(item: Item, costs: Mapping[uuid.UUID, Decimal]) -> Decimal | None:
    cost = costs.get(item.id, item.standard_cost)
    return cost if cost > 0 else None


def _item_price(price: Priced) -> ItemPrice:
    rule = price.rule
    code = STANDARD if rule.place == 0 else rule.source
    return ItemPrice(price.unit_price, rule.currency, code, rule.minimum_quantity, rule.valid_from)
