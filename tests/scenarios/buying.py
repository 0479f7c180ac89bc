"""Steps on bills of orders, on what does not match them, and on goods that go back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from core import purchasing
from core.invoicing.errors import DuplicateBill
from core.kernel.identity.acting import Actor
from core.purchasing import DifferenceTo, GoodsReceipt, Match, OrderState, Tolerance
from core.purchasing.errors import NothingToBill, OverBilling, OverReceipt
from tests.scenarios import documents, trade, valuing  # noqa: F401  # Whose words these refine.
from tests.scenarios.checking import value
from tests.scenarios.operations import OPERATIONS, Step, operation
from tests.scenarios.world import World

_without_order, _of_stock = OPERATIONS["purchase_bill"], OPERATIONS["return_out"]
_of_something_else = OPERATIONS["cancel"]


def agree_on_tolerances(world: World) -> None:
    """Let pass what a case says, and write down the order that it takes for granted."""
    said = world.given.get("tolerance")
    policy = str(world.given.get("price_difference", ""))
    if isinstance(said, dict) or policy:
        given = said if isinstance(said, dict) else {}
        amount = given.get("price_amount")
        tolerance = Tolerance(
            price_percent=_percent(given, "price_pct", "0"),
            price_amount=None if amount is None else world.money(amount),
            billed_percent=_percent(given, "bill_qty_pct", "0"),
            over_percent=_percent(given, "receipt_qty_pct", "0"),
            under_percent=_percent(given, "under_qty_pct", "0"),
            difference_to=DifferenceTo.STOCK if "stock" in policy else DifferenceTo.VARIANCE,
        )
        purchasing.set_tolerance(world.session, tolerance)
    order = world.given.get("order")
    bills = any(step["op"] in {"purchase_bill", "receive"} for step in world.case.when)
    if isinstance(order, dict) and order.get("lines") and bills:
        OPERATIONS["purchase_order"](world, {"op": "purchase_order", **order})


def _percent(given: dict[str, Any], name: str, otherwise: str) -> Decimal:
    return Decimal(str(given.get(name, otherwise)))


@operation("purchase_bill")
def bill(world: World, step: Step) -> None:
    """Book a supplier's bill; of an order, it is matched with what was ordered and what came."""
    if not step.get("of"):
        _without_order(world, step)
        return
    order = world.ref(step["of"])
    quantities, prices = _of_lines(world, order, step)
    try:
        with world.session.begin_nested():
            booked = purchasing.bill_order(
                world.session,
                order.number,
                supplier_reference=step.get("supplier_number"),
                quantities=quantities,
                prices=prices,
                posted_on=world.day_of(step),
            )
    except (DuplicateBill, NothingToBill, OverBilling):
        refused = {each["step"] for each in world.case.expect.get("refused", ())}
        asked = "second_bill_allowed" in world.case.expect.get("values", {})
        if not asked or step["step"] in refused:
            raise
        world.session.expire_all()
        world.values["second_bill_allowed"] = False
        return
    world.remember(step, booked)
    match = purchasing.match_or_none(world.session, booked)
    assert match is not None, "a bill of an order is matched"
    world.values["match"] = match.state
    world.values["difference"] = world.money(Decimal(match.difference_minor) / 100).amount
    world.values["held"] = match.held


def _of_lines(
    world: World, order: Any, step: Step
) -> tuple[dict[int, Decimal] | None, dict[int, Decimal]]:
    """Return what a bill says of each position: by its item, in the order of the lines."""
    if not step.get("lines"):
        return None, {}
    left = list(purchasing.view_order(world.session, order.number).lines)
    quantities: dict[int, Decimal] = {}
    prices: dict[int, Decimal] = {}
    for line in step["lines"]:
        item = line.get("item", left[0].sku)
        place = next(each for each in left if each.sku == item)
        left.remove(place)
        quantities[place.position] = Decimal(line["qty"])
        if line.get("unit_price"):
            prices[place.position] = Decimal(line["unit_price"])
    return quantities, prices


@operation("approve_difference")
def approve_difference(world: World, step: Step) -> None:
    """Let a second person agree to the difference of a bill."""
    acting = world.session.info["acting"]
    world.session.info["acting"] = replace(acting, actor=Actor("second"))
    try:
        bill = world.ref(step["of"])
        purchasing.approve_difference(world.session, bill.number, because="scenario")
    finally:
        world.session.info["acting"] = acting


@operation("return_out")
def return_out(world: World, step: Step) -> None:
    """Send goods back to their supplier: of the receipt of an order, or of what came otherwise."""
    receipt = world.ref(step["of"])
    if not isinstance(receipt, GoodsReceipt):
        _of_stock(world, step)
        return
    quantities = {1: Decimal(step["qty"])} if step.get("qty") else None
    returned = purchasing.return_receipt(
        world.session, receipt.number, because="scenario", quantities=quantities
    )
    world.remember(step, returned)


@operation("cancel")
def cancel(world: World, step: Step) -> None:
    """Cancel a purchase order, or what is still to come of it; or whatever else it is."""
    order = world.ref(step["of"])
    if not isinstance(order, purchasing.PurchaseOrder):
        _of_something_else(world, step)
    elif purchasing.find_order(world.session, order.number).state is OrderState.PLACED:
        purchasing.cancel_order(world.session, order.number, because="scenario")
    else:
        purchasing.close_order(world.session, order.number, because="scenario")


@value("max_receipt")
def max_receipt(world: World) -> Decimal:
    """Return the most that could come of an order, as its refusal says."""
    return _refused_fact(world, OverReceipt, "receivable")


@value("billable_after_receipt")
def billable_after_receipt(world: World) -> Decimal:
    """Return how much could be billed of an order, as its refusal says."""
    return _refused_fact(world, OverBilling, "billable")


@value("second_bill_allowed")
def second_bill_allowed(world: World) -> bool:
    """Tell whether a bill was booked after another; where one was not, its step said so."""
    return world.values.get("match") in set(Match)


def _refused_fact(world: World, kind: type[Exception], name: str) -> Decimal:
    for _, refusal in world.refused:
        if isinstance(refusal, kind):
            return Decimal(str(refusal.facts[name]))
    raise AssertionError(f"no step was refused as {kind.__name__}")
