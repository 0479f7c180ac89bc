"""Prices: which rule makes them, what promotions leave of them, and always the same answer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, parties
from core.catalog import Item, ItemKind, pricing
from core.catalog.pricing import Audience, Buyer, Offer, PromotionKind, Quote, RuleKind, Target
from core.catalog.pricing.errors import (
    GroupHasList,
    NoSuchRule,
    PromotionOver,
    PromotionTaken,
    RuleEndsBeforeItBegins,
    RuleOutOfRange,
    SayWhoseRule,
)
from core.catalog.pricing.rules import Rule, price_by_rules, promoted
from core.kernel import events
from tests.conftest import TODAY


@pytest.fixture
def lamp(session: Session) -> Item:
    """A lamp that costs us 8.00, at a list price of 10.00, among lights among goods."""
    goods = catalog.add_category(session, code="GOODS", name="Goods", name_zh="商品")
    lights = catalog.add_category(session, code="LIGHTS", name="Lights", name_zh="灯", parent=goods)
    lamp = catalog.add_item(
        session, sku="LAMP", name="Lamp", category=lights, standard_cost=Decimal(8)
    )
    catalog.set_price(session, lamp, unit_price=Decimal(10))
    catalog.add_price_list(session, code="RETAIL", name="Retail", name_zh="零售")
    return lamp


def retail(session: Session) -> Audience:
    return Audience(price_list=catalog.find_price_list(session, "RETAIL"))


def quoted(session: Session, item: Item, quantity: str, buyer: Buyer) -> Quote:
    [quote] = pricing.quotes(session, [(item, Decimal(quantity))], buyer=buyer)
    assert quote is not None
    return quote


RETAIL = Buyer(price_list_code="RETAIL")


def test_the_nearest_rule_makes_the_price_and_says_so(session: Session, lamp: Item) -> None:
    whose = retail(session)
    goods = Target(category=catalog.find_category(session, "GOODS"))
    lights = Target(category=catalog.find_category(session, "LIGHTS"))
    for target, least, factor in (
        (pricing.EVERYTHING, 1, "0.5"),
        (goods, 1, "0.6"),
        (lights, 1, "0.65"),
        (Target(item=lamp), 1, "0.8"),
        (Target(item=lamp), 10, "0.7"),
    ):
        pricing.set_price_rule(
            session,
            whose=whose,
            target=target,
            kind=RuleKind.FACTOR,
            value=Decimal(factor),
            minimum_quantity=Decimal(least),
        )

    assert quoted(session, lamp, "1", RETAIL).unit_price == Decimal("8.00")
    ten = quoted(session, lamp, "10", RETAIL)
    assert ten.unit_price == Decimal("7.00")
    assert ten.because.en == "RETAIL: LAMP from 10, 0.7 × list price 10"
    assert ten.because.zh == "RETAIL：LAMP满 10，标价 10 × 0.7"
    assert quoted(session, lamp, "10", Buyer()).unit_price == 10
    pricing.withdraw_price_rule(session, whose=whose, target=Target(item=lamp))
    pricing.withdraw_price_rule(
        session, whose=whose, target=Target(item=lamp), minimum_quantity=Decimal(10)
    )
    assert quoted(session, lamp, "10", RETAIL).because.en == "RETAIL: LIGHTS, 0.65 × list price 10"
    pricing.withdraw_price_rule(session, whose=whose, target=lights)
    assert quoted(session, lamp, "1", RETAIL).unit_price == 6


def test_a_customers_own_price_goes_before_lists_and_a_group_before_the_usual_list(
    session: Session, lamp: Item
) -> None:
    acme = parties.add_customer(session, name="Acme")
    for code, factor in (("USUAL", "0.95"), ("DEALERS", "0.85"), ("RETAIL", "0.9")):
        if code != "RETAIL":
            catalog.add_price_list(session, code=code, name=code, name_zh=code)
        whose = Audience(price_list=catalog.find_price_list(session, code))
        pricing.set_price_rule(session, whose=whose, kind=RuleKind.FACTOR, value=Decimal(factor))
    pricing.make_usual(session, catalog.find_price_list(session, "USUAL"))
    pricing.assign_to_group(session, catalog.find_price_list(session, "DEALERS"), "Dealers")

    assert quoted(session, lamp, "1", Buyer()).unit_price == Decimal("9.5")
    assert quoted(session, lamp, "1", Buyer(group="dealers")).unit_price == Decimal("8.5")
    both = Buyer(party_id=acme.party_id, price_list_code="RETAIL", group="Dealers")
    assert quoted(session, lamp, "1", both).unit_price == 9
    pricing.set_price_rule(
        session,
        whose=Audience(customer_id=acme.party_id, customer="Acme"),
        target=Target(item=lamp),
        kind=RuleKind.FIXED,
        value=Decimal("8.25"),
    )
    assert quoted(session, lamp, "1", both).unit_price == Decimal("8.25")
    with pytest.raises(GroupHasList, match="DEALERS already"):
        pricing.assign_to_group(session, catalog.find_price_list(session, "RETAIL"), "dealers")
    assert pricing.make_usual(session, None) is not None
    assert quoted(session, lamp, "1", Buyer()).unit_price == 10


def test_a_price_can_begin_with_the_cost(session: Session, lamp: Item) -> None:
    whose = retail(session)
    pricing.set_price_rule(session, whose=whose, kind=RuleKind.COST_PLUS, value=Decimal("12.5"))
    assert quoted(session, lamp, "1", RETAIL).unit_price == 9
    pricing.set_price_rule(session, whose=whose, kind=RuleKind.MARGIN, value=Decimal(30))
    assert quoted(session, lamp, "1", RETAIL).unit_price == Decimal("11.43")
    assert "8" not in quoted(session, lamp, "1", RETAIL).because.en
    [dearer] = pricing.quotes(
        session, [(lamp, Decimal(1))], buyer=RETAIL, costs={lamp.id: Decimal("8.40")}
    )
    assert dearer is not None
    assert dearer.unit_price == 12
    # Without a cost the rule has nothing to begin with, and the list price stands.
    free = catalog.add_item(session, sku="FREE", name="Free", kind=ItemKind.SERVICE)
    catalog.set_price(session, free, unit_price=Decimal(3))
    assert quoted(session, free, "1", RETAIL).unit_price == 3


def test_a_rule_holds_in_its_time_only(session: Session, lamp: Item) -> None:
    whose = retail(session)
    pricing.set_price_rule(
        session,
        whose=whose,
        kind=RuleKind.DISCOUNT,
        value=Decimal(20),
        valid_from=TODAY + timedelta(days=5),
        valid_until=TODAY + timedelta(days=9),
    )

    def on(days: int) -> Decimal:
        day = TODAY + timedelta(days=days)
        [quote] = pricing.quotes(session, [(lamp, Decimal(1))], buyer=RETAIL, on=day)
        assert quote is not None
        return quote.unit_price

    assert [on(4), on(5), on(9), on(10)] == [10, 8, 8, 10]
    assert events.effect_of(events.recorded(session)[-1:]).lines() == [
        "price rule (RETAIL): −20 % · ≥ 1 · 5 d – 2026-06-24 (2026-06-20)"
    ]


def test_what_cannot_be_a_rule_is_refused_and_the_database_agrees(
    session: Session, lamp: Item
) -> None:
    whose = retail(session)
    with pytest.raises(RuleOutOfRange, match="at most 100 %"):
        pricing.set_price_rule(session, whose=whose, kind=RuleKind.DISCOUNT, value=Decimal(101))
    with pytest.raises(RuleOutOfRange, match="below 100 %"):
        pricing.set_price_rule(session, whose=whose, kind=RuleKind.MARGIN, value=Decimal(100))
    with pytest.raises(RuleOutOfRange):
        pricing.set_price_rule(session, whose=whose, kind=RuleKind.FIXED, value=Decimal(-1))
    with pytest.raises(RuleEndsBeforeItBegins):
        pricing.set_price_rule(
            session,
            whose=whose,
            kind=RuleKind.FIXED,
            value=Decimal(1),
            valid_until=TODAY - timedelta(days=1),
        )
    with pytest.raises(SayWhoseRule):
        pricing.set_price_rule(session, whose=Audience(), kind=RuleKind.FIXED, value=Decimal(1))
    with pytest.raises(NoSuchRule, match="RETAIL has no such price rule"):
        pricing.withdraw_price_rule(session, whose=whose, target=Target(item=lamp))
    pricing.set_price_rule(session, whose=whose, kind=RuleKind.DISCOUNT, value=Decimal(5))
    with pytest.raises(IntegrityError, match="discount_within_price"), session.begin_nested():
        session.execute(text("UPDATE price_rule SET value = 120"))
    with pytest.raises(IntegrityError, match="ck_price_rule_whose"), session.begin_nested():
        session.execute(text("UPDATE price_rule SET price_list_id = NULL"))


def percent(code: str, value: str, **more: bool) -> Offer:
    return Offer(code, PromotionKind.PERCENT, value=Decimal(value), **more)


def test_promotions_are_combined_only_where_they_may_be(session: Session, lamp: Item) -> None:
    for offer in (
        percent("ALONE12", "12"),
        percent("MORE5", "5", stackable=True),
        Offer("MORE1", PromotionKind.AMOUNT, value=Decimal("0.4"), stackable=True),
    ):
        pricing.start_promotion(session, code=offer.code, name=offer.code, gives=offer)

    alone = quoted(session, lamp, "3", Buyer())
    assert (alone.unit_price, alone.promotions) == (Decimal("8.80"), ("ALONE12",))
    assert alone.saved == Decimal("3.60")
    pricing.end_promotion(session, "ALONE12")
    both = quoted(session, lamp, "3", Buyer())
    assert (both.unit_price, both.promotions) == (Decimal("9.10"), ("MORE5", "MORE1"))
    with pytest.raises(PromotionOver):
        pricing.end_promotion(session, "ALONE12")
    with pytest.raises(PromotionTaken):
        pricing.start_promotion(session, code="MORE5", name="Again", gives=percent("MORE5", "1"))


def test_no_promotion_goes_below_cost_unless_it_may(session: Session, lamp: Item) -> None:
    pricing.start_promotion(session, code="HALF", name="Half", gives=percent("HALF", "50"))

    held = quoted(session, lamp, "1", Buyer())
    assert (held.unit_price, held.promotions, held.held) == (8, ("HALF",), ("HALF",))
    pricing.end_promotion(session, "HALF")
    gives = percent("CLEAR", "50", below_cost=True)
    pricing.start_promotion(session, code="CLEAR", name="Clearance", gives=gives)
    assert quoted(session, lamp, "1", Buyer()).unit_price == 5
    assert events.effect_of(events.recorded(session)[-1:]).lines() == [
        "promotion: new · CLEAR Clearance · 50 % off · * · * · ≥ 1 · 0 d – … · < cost (2026-06-15)"
    ]


def test_free_goods_come_with_every_so_many(session: Session, lamp: Item) -> None:
    gives = Offer(
        "TEN", PromotionKind.FREE_GOODS, buy_quantity=Decimal(10), free_quantity=Decimal(1)
    )
    pricing.start_promotion(
        session, code="TEN", name="Ten and one", gives=gives, target=Target(item=lamp)
    )

    given_along = [
        quoted(session, lamp, quantity, Buyer()).free_quantity for quantity in ("9", "10", "25")
    ]
    assert given_along == [0, 1, 2]
    # One with every three leaves 7.50 for each, less than the 8.00 that it costs.
    too_much = Offer(
        "THREE", PromotionKind.FREE_GOODS, buy_quantity=Decimal(3), free_quantity=Decimal(1)
    )
    outcome = promoted(
        Decimal(10), quantity=Decimal(6), offers=[too_much], cost=Decimal(8), digits=2
    )
    assert (outcome.free_quantity, outcome.held) == (0, ("THREE",))


def test_a_promotion_is_for_whom_and_what_it_says(session: Session, lamp: Item) -> None:
    acme = parties.add_customer(session, name="Acme")
    bulb = catalog.add_item(session, sku="BULB", name="Bulb")
    catalog.set_price(session, bulb, unit_price=Decimal(2))
    lights = Target(category=catalog.find_category(session, "GOODS"))
    mine = Audience(customer_id=acme.party_id, customer="Acme")
    pricing.start_promotion(
        session, code="A", name="A", gives=percent("A", "10"), target=lights, for_whom=mine
    )
    pricing.start_promotion(
        session,
        code="B",
        name="B",
        gives=percent("B", "5"),
        for_whom=Audience(group="Clubs"),
        minimum_quantity=Decimal(5),
    )

    assert quoted(session, lamp, "1", Buyer(party_id=acme.party_id)).promotions == ("A",)
    assert quoted(session, bulb, "1", Buyer(party_id=acme.party_id)).promotions == ()
    assert quoted(session, bulb, "5", Buyer(group="clubs")).promotions == ("B",)
    assert quoted(session, bulb, "4", Buyer(group="clubs")).promotions == ()
    assert quoted(session, lamp, "1", Buyer()).promotions == ()
    assert [view.code for view in pricing.list_promotions(session, running_on=TODAY)] == ["A", "B"]


RULES = st.lists(
    st.builds(
        Rule,
        place=st.integers(0, 2),
        source=st.sampled_from(["OWN", "STANDARD"]),
        kind=st.sampled_from(RuleKind),
        value=st.integers(1, 99).map(Decimal),
        currency=st.sampled_from(["EUR", "USD"]),
        minimum_quantity=st.integers(1, 5).map(Decimal),
        valid_from=st.integers(1, 28).map(lambda day: date(2026, 1, day)),
        valid_until=st.none() | st.integers(1, 28).map(lambda day: date(2026, 2, day)),
        priority=st.integers(-1, 1),
        target=st.sampled_from([0, 1, 2, 3, 1000]),
    ),
    max_size=12,
)


@settings(max_examples=100)
@given(RULES, st.integers(1, 6), st.integers(1, 28), st.randoms(use_true_random=False))
def test_a_dumb_reference_finds_the_same_price_whatever_the_order(
    rules: list[Rule], quantity: int, day: int, random: object
) -> None:
    on, cost = date(2026, 1, day), Decimal(40)
    asked = {"quantity": Decimal(quantity), "on": on, "cost": cost, "currency": "EUR"}
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    found = price_by_rules(rules, **asked)  # type: ignore[arg-type]
    again = price_by_rules(shuffled, **asked)  # type: ignore[arg-type]

    best: Rule | None = None
    for rule in rules:
        # No rule here is a list price, so that factors and discounts have nothing to begin with.
        usable = rule.kind in {RuleKind.FIXED, RuleKind.COST_PLUS, RuleKind.MARGIN}
        if not usable or rule.currency != "EUR" or rule.minimum_quantity > quantity:
            continue
        if not rule.valid_from <= on <= (rule.valid_until or on):
            continue
        if best is None or _wins(rule, best):
            best = rule
    assert (found is None) == (best is None)
    if found is not None and best is not None and again is not None:
        assert found.rule.precedence == best.precedence == again.rule.precedence
        expected = {
            RuleKind.FIXED: best.value,
            RuleKind.COST_PLUS: cost * (100 + best.value) / 100,
            RuleKind.MARGIN: cost * 100 / (100 - best.value),
        }
        if found.rule == best:
            assert abs(found.unit_price - expected[best.kind]) <= Decimal("0.005")


def _wins(one: Rule, other: Rule) -> bool:
    """Compare two rules step by step, as the written precedence says."""
    for mine, theirs in (
        (one.place, other.place),
        (one.priority, other.priority),
        (one.target, other.target),
        (-one.minimum_quantity, -other.minimum_quantity),
        (one.listed, other.listed),
        (-one.valid_from.toordinal(), -other.valid_from.toordinal()),
        (one.kind, other.kind),
    ):
        if mine != theirs:
            return mine < theirs
    return False


OFFERS = st.lists(
    st.builds(
        Offer,
        code=st.sampled_from(["A", "B", "C", "D"]),
        kind=st.sampled_from(PromotionKind),
        value=st.integers(1, 60).map(Decimal),
        buy_quantity=st.integers(1, 5).map(Decimal),
        free_quantity=st.integers(1, 2).map(Decimal),
        stackable=st.booleans(),
        below_cost=st.just(value=False),
    ),
    max_size=4,
    unique_by=lambda offer: offer.code,
)


@settings(max_examples=100)
@given(OFFERS, st.integers(1, 20), st.integers(0, 120))
def test_promotions_never_raise_a_price_nor_sell_below_cost(
    offers: list[Offer], quantity: int, cost: int
) -> None:
    price, sold = Decimal(50), Decimal(quantity)

    outcome = promoted(price, quantity=sold, offers=offers, cost=Decimal(cost), digits=2)
    turned = promoted(price, quantity=sold, offers=offers[::-1], cost=Decimal(cost), digits=2)

    assert outcome == turned
    assert outcome.unit_price <= price
    floor = min(price, Decimal(cost))
    assert outcome.unit_price * sold >= floor * (sold + outcome.free_quantity)
