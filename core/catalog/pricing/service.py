"""What one can do with prices: make rules, run promotions, say whose list is whose."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.catalog.pricing.errors import (
    GroupHasList,
    NoSuchRule,
    PromotionOver,
    PromotionTaken,
    RuleEndsBeforeItBegins,
    RuleOutOfRange,
    SayWhoseRule,
    UnknownPromotion,
)
from core.catalog.pricing.events import (
    PriceListAssigned,
    PriceRuleSet,
    PriceRuleWithdrawn,
    PromotionEnded,
    PromotionStarted,
    rule_said,
)
from core.catalog.pricing.rules import Offer
from core.catalog.pricing.tables import PriceRule, Promotion, PromotionKind, RuleKind
from core.catalog.rules import PRICE_DIGITS, PRICE_MAX
from core.catalog.tables import Item, ItemCategory, ItemTemplate, PriceList
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import plain
from core.kernel.naming import resolved

_PERCENT_MAX = 100


@dataclass(frozen=True)
class Target:
    """What a rule is about: an item, its template, a category, or everything."""

    item: Item | None = None
    template: ItemTemplate | None = None
    category: ItemCategory | None = None

    def __post_init__(self) -> None:
        """Refuse more than one."""
        if sum(each is not None for each in (self.item, self.template, self.category)) > 1:
            raise SayWhoseRule

    @property
    def called(self) -> str:
        """What people call it; everything has no name."""
        if self.item is not None:
            return self.item.sku
        named = self.template or self.category
        return named.code if named is not None else ""

    @property
    def ids(self) -> dict[str, uuid.UUID | None]:
        """The columns that say it."""
        return {
            "item_id": self.item.id if self.item else None,
            "template_id": self.template.id if self.template else None,
            "category_id": self.category.id if self.category else None,
        }


EVERYTHING = Target()


@dataclass(frozen=True)
class Audience:
    """Whom a price is for: a list, or one customer by the id and name of the party, or a group."""

    price_list: PriceList | None = None
    customer_id: uuid.UUID | None = None
    customer: str = ""
    group: str | None = None

    @property
    def called(self) -> str:
        """What people call them; everybody has no name."""
        return self.price_list.code if self.price_list else self.customer or self.group or ""


EVERYBODY = Audience()


def set_price_rule(
    session: Session,
    *,
    whose: Audience,
    kind: RuleKind,
    value: Decimal,
    target: Target = EVERYTHING,
    minimum_quantity: Decimal = Decimal(1),
    priority: int = 0,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> PriceRule:
    """Price a target by a rule from a day on (today); it replaces the same rule of that day."""
    if (whose.price_list is None) == (whose.customer_id is None):
        raise SayWhoseRule
    _require_value(kind, value)
    ours = company(session)
    on = valid_from or ours.today
    if valid_until is not None and valid_until < on:
        raise RuleEndsBeforeItBegins(valid_until=valid_until, valid_from=on)
    currency = whose.price_list.currency if whose.price_list else ours.currency
    same = _rules_of(whose, target, minimum_quantity)
    same += [PriceRule.priority == priority, PriceRule.valid_from == on]
    rule = session.scalars(select(PriceRule).where(*same).with_for_update()).one_or_none()
    before = rule_said(rule.kind, rule.value, currency) if rule else None
    if rule is None:
        rule = PriceRule(
            price_list_id=whose.price_list.id if whose.price_list else None,
            customer_id=whose.customer_id,
            minimum_quantity=minimum_quantity,
            priority=priority,
            valid_from=on,
            **target.ids,
        )
        session.add(rule)
    rule.kind, rule.value, rule.valid_until = kind, value, valid_until
    fact = PriceRuleSet(
        whose=whose.called,
        target=target.called,
        minimum_quantity=minimum_quantity,
        kind=kind,
        value=value,
        currency=currency,
        priority=priority,
        before=before,
        starts_in_days=(on - ours.today).days,
        valid_from=on.isoformat(),
        valid_until=valid_until.isoformat() if valid_until else None,
    )
    events.record(session, fact)
    session.flush()
    return rule


def withdraw_price_rule(
    session: Session,
    *,
    whose: Audience,
    target: Target = EVERYTHING,
    minimum_quantity: Decimal = Decimal(1),
    priority: int | None = None,
    valid_from: date | None = None,
) -> list[PriceRule]:
    """Let no rule hold any more that prices a target from a quantity up; return those that did.

    Where a priority or a day is said, only those of it.
    """
    found = standing_rules(
        session,
        whose=whose,
        target=target,
        minimum_quantity=minimum_quantity,
        priority=priority,
        valid_from=valid_from,
    )
    if not found:
        raise NoSuchRule(whose=whose.called, quantity=plain(minimum_quantity))
    currency = whose.price_list.currency if whose.price_list else company(session).currency
    for rule in found:
        rule.withdrawn = True
        said = rule_said(rule.kind, rule.value, currency)
        events.record(
            session, PriceRuleWithdrawn(whose.called, target.called, minimum_quantity, said)
        )
    session.flush()
    return found


def standing_rules(
    session: Session,
    *,
    whose: Audience,
    target: Target = EVERYTHING,
    minimum_quantity: Decimal = Decimal(1),
    priority: int | None = None,
    valid_from: date | None = None,
) -> list[PriceRule]:
    """Return the rules that price a target from a quantity up, locked, by the day they begin."""
    wanted = select(PriceRule).where(*_rules_of(whose, target, minimum_quantity))
    if priority is not None:
        wanted = wanted.where(PriceRule.priority == priority)
    if valid_from is not None:
        wanted = wanted.where(PriceRule.valid_from == valid_from)
    return list(session.scalars(wanted.order_by(PriceRule.valid_from).with_for_update()))


def start_promotion(
    session: Session,
    *,
    code: str,
    name: str,
    gives: Offer,
    name_zh: str | None = None,
    target: Target = EVERYTHING,
    for_whom: Audience = EVERYBODY,
    minimum_quantity: Decimal = Decimal(1),
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Promotion:
    """Take something off prices, or give goods along, for some time; `gives` says what."""
    ours = company(session)
    on = valid_from or ours.today
    if session.scalar(select(Promotion.id).where(Promotion.code == code)) is not None:
        raise PromotionTaken(code=code)
    if valid_until is not None and valid_until < on:
        raise RuleEndsBeforeItBegins(valid_until=valid_until, valid_from=on)
    _require_offer(gives)
    free = gives.kind is PromotionKind.FREE_GOODS
    promotion = Promotion(
        code=code,
        name=name,
        name_zh=name_zh,
        kind=gives.kind,
        value=None if free else gives.value,
        buy_quantity=gives.buy_quantity if free else None,
        free_quantity=gives.free_quantity if free else None,
        minimum_quantity=minimum_quantity,
        customer_id=for_whom.customer_id,
        customer_group=for_whom.group,
        price_list_id=for_whom.price_list.id if for_whom.price_list else None,
        valid_from=on,
        valid_until=valid_until,
        stackable=gives.stackable,
        below_cost=gives.below_cost,
        **target.ids,
    )
    session.add(promotion)
    fact = PromotionStarted(
        code=code,
        called=name,
        kind=gives.kind,
        gives=gives.said.en.removeprefix(f"{gives.code}: "),
        target=target.called,
        for_whom=for_whom.called,
        minimum_quantity=minimum_quantity,
        valid_from=on.isoformat(),
        starts_in_days=(on - ours.today).days,
        valid_until=valid_until.isoformat() if valid_until else None,
        stackable=gives.stackable,
        below_cost=gives.below_cost,
    )
    events.record(session, fact)
    session.flush()
    return promotion


def end_promotion(session: Session, text: str) -> Promotion:
    """End a promotion before its time; what was ordered under it stays as it is."""
    code = find_promotion(session, text).code
    locked = select(Promotion).where(Promotion.code == code).with_for_update()
    promotion = session.scalars(locked.execution_options(populate_existing=True)).one()
    if promotion.ended:
        raise PromotionOver(code=code)
    promotion.ended = True
    events.record(session, PromotionEnded(code, promotion.name))
    session.flush()
    return promotion


def find_promotion(session: Session, text: str) -> Promotion:
    """Return the promotion that a code or name means."""
    among = select(Promotion.code, Promotion.name, Promotion.name_zh)
    code = resolved(session, among, text, UnknownPromotion)
    return session.scalars(select(Promotion).where(Promotion.code == code)).one()


def assign_to_group(session: Session, price_list: PriceList, group: str | None) -> str | None:
    """Let customers of a group buy from a list who have none; return the group so far."""
    if group is not None:
        other = session.scalar(
            select(PriceList.code).where(
                func.lower(PriceList.customer_group) == group.lower(),
                PriceList.id != price_list.id,
            )
        )
        if other is not None:
            raise GroupHasList(group=group, price_list=other)
    before, price_list.customer_group = price_list.customer_group, group
    fact = PriceListAssigned(price_list.code, "customer_group", before or "none", group or "none")
    events.record(session, fact)
    session.flush()
    return before


def make_usual(session: Session, price_list: PriceList | None) -> PriceList | None:
    """Let who has no list buy from this one, or from the list prices; return the one so far."""
    wanted = select(PriceList).where(PriceList.usual)
    before = session.scalars(wanted.with_for_update()).one_or_none()
    if before is not None:
        before.usual = False
        session.flush()
    if price_list is not None:
        price_list.usual = True
    after = price_list or before
    if after is not None:
        fact = PriceListAssigned(
            after.code,
            "usual_list",
            before.code if before else "none",
            price_list.code if price_list else "none",
        )
        events.record(session, fact)
    session.flush()
    return before


def _rules_of(
    whose: Audience, target: Target, minimum_quantity: Decimal
) -> list[ColumnElement[bool]]:
    """Return what finds the standing rules of a list or customer about a target."""
    ids = target.ids
    conditions = [getattr(PriceRule, name).is_not_distinct_from(ids[name]) for name in ids]
    mine = PriceRule.customer_id == whose.customer_id
    if whose.price_list is not None:
        mine = PriceRule.price_list_id == whose.price_list.id
    return [
        *conditions,
        mine,
        PriceRule.minimum_quantity == minimum_quantity,
        PriceRule.withdrawn.is_(False),
    ]


def _require_value(kind: RuleKind, value: Decimal) -> None:
    """Refuse a value that can only be a mistake."""
    exponent = value.normalize().as_tuple().exponent
    fine = isinstance(exponent, int) and -exponent <= PRICE_DIGITS
    if not fine or not 0 <= value <= PRICE_MAX:
        raise RuleOutOfRange(value=f"{value:f}", why=Both("use 0 or more", "须不小于 0"))
    if kind is RuleKind.DISCOUNT and value > _PERCENT_MAX:
        raise RuleOutOfRange(
            value=plain(value), why=Both("a discount is at most 100 %", "折扣最多 100%")
        )
    if kind is RuleKind.MARGIN and value >= _PERCENT_MAX:
        raise RuleOutOfRange(
            value=plain(value), why=Both("a margin is below 100 %", "毛利率须低于 100%")
        )


def _require_offer(gives: Offer) -> None:
    if gives.kind is PromotionKind.FREE_GOODS:
        if gives.buy_quantity <= 0 or gives.free_quantity <= 0:
            raise RuleOutOfRange(
                value=f"{plain(gives.buy_quantity)} + {plain(gives.free_quantity)}",
                why=Both("say how many to buy and how many are free", "请说明买几赠几"),
            )
        return
    if gives.value <= 0:
        raise RuleOutOfRange(value=plain(gives.value), why=Both("say more than zero", "须大于零"))
    _require_value(
        RuleKind.DISCOUNT if gives.kind is PromotionKind.PERCENT else RuleKind.FIXED, gives.value
    )
