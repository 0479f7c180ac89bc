"""Steps on orders and stock, as far as the rooms of trade take them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import inventory, parties, purchasing, reporting, sales
from core.kernel.money import rounded
from core.ledger.chart import OPENING_BALANCE
from core.reporting.report import Row
from tests.scenarios import fulfilling
from tests.scenarios.books import REPORTS
from tests.scenarios.operations import Step, operation
from tests.scenarios.promises import receive_lots
from tests.scenarios.world import World

WIDGET = "widget"


@operation("sales_order", "purchase_order")
def write_order(world: World, step: Step) -> None:
    """Write an order down; a sale is agreed when it is confirmed, a purchase at once."""
    if step["op"] == "sales_order":
        world.remember(step, dict(step))
        return
    lines = [
        purchasing.OrderLineDraft(
            world.item(line.get("item", WIDGET)),
            Decimal(line["qty"]),
            unit_price=Decimal(line["unit_price"]),
        )
        for line in step["lines"]
    ]
    order = purchasing.place_order(
        world.session,
        supplier=world.supplier(step.get("party")),
        lines=lines,
        currency=step.get("currency"),
    )
    world.remember(step, order)


@operation("confirm")
def confirm(world: World, step: Step) -> None:
    """Agree on an order."""
    draft = world.ref(step["of"])
    if isinstance(draft, sales.SalesOrder):
        sales.release_order(world.session, draft.number, because="scenario")
        return
    buyer = world.customer(draft.get("party"))
    lines = [
        sales.OrderLineDraft(
            world.item(line.get("item", WIDGET)),
            Decimal(line["qty"]),
            unit_price=Decimal(line["unit_price"]) if line.get("unit_price") else None,
            discount_percent=Decimal(line.get("discount_percent", "0")),
        )
        for line in draft["lines"]
    ]
    worth = sum(
        (Decimal(line["qty"]) * Decimal(line.get("unit_price", "0")) for line in draft["lines"]),
        Decimal(0),
    )
    before = sales.exposure_of(world.session, buyer.party_id).amount
    world.values["exposure_with_order"] = before + worth
    world.refs[step["of"]] = fulfilling.agree(world, draft, buyer, lines)
    after = sales.exposure_of(world.session, buyer.party_id).amount
    world.values["exposure_after_confirm"] = after
    if draft.get("advance"):
        _ask_advance(world, step["of"], str(draft["advance"]))


def _ask_advance(world: World, order: str, said: str) -> None:
    """Ask for the advance that was agreed with an order: "10 %"."""
    terms = world.given.get("advance_term", {})
    advance = sales.ask_advance(
        world.session,
        world.ref(order).number,
        percent=Decimal(said.rstrip(" %")),
        blocks_delivery=bool(terms.get("blocks_delivery")),
    )
    world.gathered["advances"].append(advance)
    world.refs[f"adv{len(world.gathered['advances'])}"] = advance


@operation("set_credit_limit")
def set_credit_limit(world: World, step: Step) -> None:
    """Say up to which amount a customer may owe us."""
    buyer = world.customer(step["party"])
    parties.set_credit_limit(world.session, buyer, world.money(step["amount"]))


@operation("receive")
def receive(world: World, step: Step) -> None:
    """Take goods in, of an order or from nowhere."""
    if step.get("of"):
        order = world.ref(step["of"])
        quantities = {1: Decimal(step["qty"])} if step.get("qty") else None
        received = purchasing.receive_order(world.session, order.number, quantities=quantities)
        world.remember(step, received)
        return
    quantity = Decimal(step["qty"])
    worth = world.money(quantity * Decimal(step.get("unit_cost", "0")))
    inventory.receive_goods(
        world.session,
        [inventory.Incoming(world.item(step["item"]), quantity, worth, receive_lots(world, step))],
        location=inventory.main_location(world.session),
        against=OPENING_BALANCE,
        origin=str(step.get("ref", "receipt")),
        memo="receipt",
        moved_on=world.day_of(step),
    )


@operation("deliver")
def deliver(world: World, step: Step) -> None:
    """Sell, send out and invoice at once; what will come back leaves with a delivery of its own."""
    quantity = Decimal(step["qty"])
    draft = sales.OrderLineDraft(
        world.item(step["item"]), quantity, unit_price=Decimal(step.get("unit_price", "0"))
    )
    buyer = world.customer(step.get("party"))
    order = sales.confirm_order(world.session, customer=buyer, lines=[draft])
    returned = sum(
        (Decimal(each["qty"]) for each in world.case.when if _returns(each, step)), Decimal(0)
    )
    parts = [part for part in (quantity - returned, returned) if part]
    deliveries = [
        sales.deliver_order(world.session, order.number, quantities={1: part}) for part in parts
    ]
    if Decimal(step.get("unit_price", "0")):
        sales.invoice_order(world.session, order.number)
    world.remember(step, deliveries)


def _returns(each: dict[str, Any], step: Step) -> bool:
    return (
        each["op"] == "return_in" and each.get("of") is not None and each["of"] == step.get("ref")
    )


@operation("return_in")
def take_back(world: World, step: Step) -> None:
    """Take back goods that a customer returns, at the cost they left at; they are credited."""
    delivery = world.ref(step["of"])[-1]
    world.remember(step, sales.return_delivery(world.session, delivery.number, because="scenario"))


def _availability(world: World, step: Step) -> None:
    stock = inventory.stock_of(world.session, world.item(step["item"]))
    result = {"reserved": stock.on_hand - stock.available, "available": stock.available}
    # The first look is after the reservations, the second after the release.
    world.gathered["looks"].append(result)
    names = ("after_two", "after_release")
    world.values[names[len(world.gathered["looks"]) - 1]] = result


def _margin(world: World, _step: Step) -> None:
    """Ask the reports for margins by item, and in all, with and without losses."""
    world.session.flush()
    question = reporting.ReportQuery(
        metrics=("cogs", "revenue", "gross_profit", "gross_margin_pct"), dimensions=("item",)
    )
    plain = reporting.answer(world.session, question)
    names = ("cost", "revenue", "profit", "margin_pct")
    for row in plain.rows:
        world.values[_sku(row)] = dict(zip(names, row.figures, strict=True))
    world.values["all"] = dict(zip(names, plain.totals, strict=True))
    with_losses = reporting.ReportQuery(
        metrics=(
            "cogs",
            "stock_losses",
            "revenue",
            "profit_after_losses",
            "margin_after_losses_pct",
        ),
        dimensions=("item",),
    )
    for row in reporting.answer(world.session, with_losses).rows:
        cost, losses, revenue, profit, percent = row.figures
        world.values[f"{_sku(row)}_with_losses"] = {
            "cost": (cost or Decimal(0)) + (losses or Decimal(0)),
            "revenue": revenue,
            "profit": profit,
            "margin_pct": percent,
        }
    _round_percents(world)


def _sku(row: Row) -> str:
    return str(row.members[0].label.en).split()[0]


def _round_percents(world: World) -> None:
    digits = int(world.given.get("pct_decimals", 2))
    for result in world.values.values():
        if isinstance(result, dict) and result.get("margin_pct") is not None:
            result["margin_pct"] = rounded(result["margin_pct"], digits)


REPORTS.update(availability=_availability, margin=_margin)
