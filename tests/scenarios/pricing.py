"""Steps on prices and commission."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core import catalog, parties
from core.catalog import Item, pricing
from core.catalog.pricing import Audience, Buyer, Offer, PromotionKind, RuleKind, Target
from core.parties import Customer, Party
from core.sales import commission
from core.sales.commission import Basis, Earned, RateDraft
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

# What a rule may say, and which kind of rule says it.
RULES = {
    "factor": RuleKind.FACTOR,
    "price": RuleKind.FIXED,
    "fixed": RuleKind.FIXED,
    "unit_price": RuleKind.FIXED,
    "discount_pct": RuleKind.DISCOUNT,
    "discount": RuleKind.DISCOUNT,
    "cost_plus_pct": RuleKind.COST_PLUS,
    "markup_pct": RuleKind.COST_PLUS,
    "margin_pct": RuleKind.MARGIN,
}
USUAL = "default"


def open_prices(world: World) -> None:
    """Set the list prices, the price lists with their rules, and the promotions of a case."""
    given = world.given
    for sku, price in (given.get("list_prices") or {}).items():
        catalog.set_price(world.session, _item(world, sku), unit_price=Decimal(price))
    for sku, cost in (given.get("costs") or {}).items():
        catalog.set_standard_cost(world.session, _item(world, sku), Decimal(cost))
    lists = given.get("price_lists") or {}
    for code in lists:
        price_list = catalog.add_price_list(world.session, code=code, name=code, name_zh=code)
        whose = Audience(price_list=price_list)
        for place, rule in enumerate(lists[code]):
            _add_rule(world, whose, rule, place)
        if code == USUAL:
            pricing.make_usual(world.session, price_list)
    customers = given.get("customers") or {}
    for name in customers:
        buyer = world.customer(name)
        said = customers[name] if isinstance(customers, dict) else None
        if isinstance(said, str):
            buyer.price_list_code = catalog.find_price_list(world.session, said).code
    for place, promotion in enumerate(given.get("promotions") or ()):
        _start_promotion(world, place, promotion)


def _add_rule(world: World, whose: Audience, rule: Mapping[str, Any], place: int) -> None:
    said = next(name for name in RULES if name in rule)
    pricing.set_price_rule(
        world.session,
        whose=whose,
        target=_target(world, rule),
        kind=RULES[said],
        value=Decimal(str(rule[said]).rstrip(" %")),
        minimum_quantity=Decimal(str(rule.get("min_qty", "1"))),
        # The first rule that fits applies: in the order of the case.
        priority=place,
        valid_from=_day(rule.get("from")) or date(2000, 1, 1),
        valid_until=_day(rule.get("to") or rule.get("until")),
    )


def _start_promotion(world: World, place: int, said: Mapping[str, Any]) -> None:
    code = str(said.get("code") or said.get("name") or f"P{place}")
    more = {"stackable": bool(said.get("stackable")), "below_cost": bool(said.get("below_cost"))}
    if said.get("buy"):
        gives = Offer(
            code,
            PromotionKind.FREE_GOODS,
            buy_quantity=Decimal(said["buy"]),
            free_quantity=Decimal(said["free"]),
            **more,
        )
    elif said.get("amount"):
        gives = Offer(code, PromotionKind.AMOUNT, value=Decimal(said["amount"]), **more)
    else:
        percent = Decimal(str(said["percent"]).rstrip(" %"))
        gives = Offer(code, PromotionKind.PERCENT, value=percent, **more)
    pricing.start_promotion(
        world.session,
        code=code,
        name=code,
        gives=gives,
        target=_target(world, said),
        minimum_quantity=Decimal(str(said.get("min_qty", "1"))),
        valid_from=_day(said.get("from")) or date(2000, 1, 1),
        valid_until=_day(said.get("to") or said.get("until")),
    )


def _target(world: World, rule: Mapping[str, Any]) -> Target:
    return Target(item=_item(world, rule["item"])) if rule.get("item") else pricing.EVERYTHING


def _item(world: World, sku: str) -> Item:
    return world.item(sku)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _buyer(world: World, name: str | None) -> Buyer:
    customer: Customer = world.customer(name)
    return Buyer(customer.party_id, customer.price_list_code, customer.customer_group)


@operation("price")
def price(world: World, step: Step) -> None:
    """Ask what something costs a customer; results are named in the order of the steps."""
    quantity = Decimal(str(step.get("qty", "1")))
    item = _item(world, step["item"])
    if step.get("unit"):
        quantity = catalog.in_base_unit(world.session, item, quantity, step["unit"])
    [quote] = pricing.quotes(
        world.session,
        [(item, quantity)],
        buyer=_buyer(world, step.get("party")),
        on=world.day_of(step),
    )
    assert quote is not None, "the case gives a price"
    world.gathered["prices"].append(quote.unit_price)
    asked = [each for each in world.case.when if each["op"] == "price"]
    names = list(world.case.expect.get("values", {}))
    name = step.get("ref") or names[asked.index(step)]
    wanted = world.case.expect.get("values", {}).get(name)
    if isinstance(wanted, Mapping):
        world.values[name] = {
            "unit_price": quote.unit_price,
            "list_price": quote.price.unit_price,
            "total": quote.unit_price * quantity,
            "free": quote.free_quantity,
            "free_qty": quote.free_quantity,
            "promotions": list(quote.promotions),
        }
    else:
        world.values[name] = quote.unit_price
    world.remember(step, world.values[name])


def salesperson(world: World, step: Mapping[str, Any]) -> Party | None:
    """Return who sold something, added where new."""
    name = step.get("salesperson") or step.get("agent")
    if not name:
        return None
    known = world.gathered["salespeople"]
    for each in known:
        if each.name == name:
            return each  # type: ignore[no-any-return]
    party = parties.add_party(world.session, name=name)
    known.append(party)
    return party


@operation("commission")
def earned(world: World, step: Step) -> None:
    """Ask what somebody earned in a month, or from one day to another."""
    if not world.gathered["plans"]:
        _make_plans(world)
    party = salesperson(world, step) or next(iter(world.gathered["salespeople"]))
    first, last = _days(world, step)
    statements = commission.commission_statement(world.session, party, first=first, last=last)
    amount = sum((each.commission.amount for each in statements), Decimal(0))
    base = sum((each.base.amount for each in statements), Decimal(0))
    asked = [each for each in world.case.when if each["op"] == "commission"]
    names = list(world.case.expect.get("values", {}))
    place = asked.index(step) if step in asked else 0
    name = step.get("ref") or (names[place] if place < len(names) else "commission")
    wanted = world.case.expect.get("values", {}).get(name)
    result = {"base": base, "commission": amount, "documents": _documents(statements)}
    world.values[name] = result if isinstance(wanted, Mapping) else amount
    world.remember(step, world.values[name])


def _documents(statements: list[commission.Statement]) -> int:
    return len({line.document for each in statements for part in each.parts for line in part.lines})


def _days(world: World, step: Mapping[str, Any]) -> tuple[date, date]:
    if step.get("from"):
        return date.fromisoformat(step["from"]), date.fromisoformat(step["to"])
    month = str(step.get("month") or step.get("period") or world.day_of(step).isoformat())[:7]
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _make_plans(world: World) -> None:
    said = world.given.get("commission_plans") or world.given.get("commission") or {}
    plans = said if isinstance(said, list) else [said]
    for place, plan in enumerate(plans):
        tiers = plan.get("tiers") or [{"percent": plan.get("percent") or plan.get("pct")}]
        rates = [
            RateDraft(
                Decimal(str(tier.get("percent") or tier.get("pct")).rstrip(" %")),
                world.money(tier.get("from", "0")),
            )
            for tier in tiers
        ]
        named = plan.get("salesperson") or plan.get("agent")
        made = commission.make_plan(
            world.session,
            code=str(plan.get("name") or f"PLAN{place}"),
            name=str(plan.get("name") or f"Plan {place}"),
            rates=rates,
            basis=Basis(plan.get("basis", "net")),
            earned=Earned.PAID if plan.get("on") in {"paid", "payment"} else Earned.INVOICED,
            whole=plan.get("tier_mode") == "whole" or bool(plan.get("whole")),
            salespeople=[party] if (party := salesperson(world, {"agent": named})) else (),
            valid_from=date(2000, 1, 1),
        )
        world.gathered["plans"].append(made)
