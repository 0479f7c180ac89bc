"""Steps on reordering: what is suggested by a rule or by none, and what an order changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core import inventory, purchasing, sales
from core.catalog import Item
from core.inventory import ReorderMethod, ReorderPolicy
from core.ledger.chart import OPENING_BALANCE
from core.processes import replenishment
from core.processes.promising import promise
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import NotUnderstood, World

WIDGET = "widget"


@operation("plan")
def plan(world: World, step: Step) -> None:
    """Say what to order by a rule, or by none; order it where the step says so."""
    if step.get("run") not in {"reorder", "supply"}:
        raise NotUnderstood(f"a plan by {step.get('run')}")
    item = _item(world, step)
    if "rule" in step and step["rule"] is None:
        if inventory.find_policy_or_none(world.session, item):
            inventory.remove_reorder_rule(world.session, item)
    elif step.get("min") is not None:
        _set_rule(world, item, step)
    found = replenishment.plan(world.session, [item.id])
    quantity = found[0].quantity if found else Decimal(0)
    if step.get("convert_to_purchase") and found:
        purchasing.place_order(
            world.session,
            supplier=world.supplier(None),
            lines=[purchasing.OrderLineDraft(item, quantity, Decimal(1))],
        )
    _name(world, step, quantity)


@operation("set_reorder_rule")
def set_reorder_rule(world: World, step: Step) -> None:
    """Say below which level an item is ordered, and up to which."""
    _set_rule(world, _item(world, step), step)


@operation("demand")
def demand(world: World, step: Step) -> None:
    """Sell some of an item for a day."""
    _sell(world, _item(world, step), step)


@operation("order_date")
def order_date(world: World, step: Step) -> None:
    """Say when a quantity could go to a customer."""
    item = _item(world, step)
    draft = sales.OrderLineDraft(item, Decimal(step.get("qty", "1")))
    found = promise(world.session, [draft]).on
    _name(world, step, found.isoformat() if found else None)


def _set_rule(world: World, item: Item, step: Step) -> None:
    horizon = step.get("horizon_days", world.given.get("horizon_days"))
    target = step.get("target", step.get("max"))
    policy = ReorderPolicy(
        ReorderMethod.MIN_MAX,
        minimum=Decimal(step["min"]),
        target=Decimal(target),
        horizon_days=None if horizon is None else int(horizon),
    )
    inventory.set_policy(world.session, item, policy)


def _item(world: World, step: Step) -> Item:
    """Return the item of a step; what the case takes for granted of it comes with it."""
    given = world.given.get("item")
    sku = str(step.get("item", given if isinstance(given, str) else WIDGET))
    item = world.item(sku)
    if sku in world.gathered["stocked"]:
        return item
    world.gathered["stocked"].append(sku)
    if on_hand := Decimal(world.given.get("on_hand", "0")):
        inventory.receive_goods(
            world.session,
            [inventory.Incoming(item, on_hand, world.money(on_hand))],
            location=inventory.main_location(world.session),
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="on hand before",
            from_kind=inventory.LocationKind.ADJUSTMENT,
        )
    _offer(world, item)
    for each in world.given.get("demand", ()):
        _sell(world, item, each)
    for each in world.given.get("supply", ()):
        purchasing.place_order(
            world.session,
            supplier=world.supplier(None),
            lines=[purchasing.OrderLineDraft(item, Decimal(each["qty"]), Decimal(1))],
            expected_on=world.today + timedelta(days=int(each.get("day", 0))),
        )
    return item


def _offer(world: World, item: Item) -> None:
    """List what the supplier of the case offers."""
    multiple = world.given.get("multiple")
    purchasing.list_offer(
        world.session,
        item,
        supplier=world.supplier(None),
        unit_price=Decimal(world.given.get("unit_price", "1")),
        lead_time_days=int(world.given.get("lead_time_days", 0)),
        minimum_quantity=Decimal(world.given.get("min_order", "1")),
        **({"order_multiple": Decimal(multiple)} if multiple else {}),
    )


def _sell(world: World, item: Item, each: dict[str, Any]) -> None:
    sales.confirm_order(
        world.session,
        customer=world.customer(each.get("party")),
        lines=[sales.OrderLineDraft(item, Decimal(each["qty"]), unit_price=Decimal(1))],
        promised_on=world.today + timedelta(days=int(each.get("day", 0))),
    )


def _name(world: World, step: Step, result: object) -> None:
    """Keep a result under its name, or in the place that the case expects it at."""
    world.gathered["suggested"].append(result)
    asked = [each for each in world.case.when if each["op"] in {"plan", "order_date"}]
    names = list(world.case.expect.get("values", {}))
    if step.get("ref"):
        world.values[str(step["ref"])] = result
    elif len(asked) == len(names):
        world.values[names[len(world.gathered["suggested"]) - 1]] = result
