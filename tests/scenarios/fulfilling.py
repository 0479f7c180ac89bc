"""Steps on orders of customers: what is assigned, shipped, invoiced by policy, and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core import sales
from core.inventory import StockLevel
from core.kernel.money import Money
from core.parties import Customer
from core.sales import (
    CreditPolicy,
    InvoicePolicy,
    MilestoneDraft,
    MilestoneWhen,
    OrderLineDraft,
    OrderTerms,
    OrderView,
    Resolution,
    ReturnLineDraft,
    SalesOrder,
)
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

WIDGET = "widget"
_ORDINALS = ("first", "second", "third", "fourth")
_RETURN_STATES = {
    "authorised": "authorised",
    "partly_received": "partially received",
    "received": "received",
    "cancelled": "cancelled",
}


def agree(
    world: World, draft: dict[str, Any], buyer: Customer, lines: Sequence[OrderLineDraft]
) -> SalesOrder:
    """Agree on an order by the policies of the case."""
    if world.given.get("credit_policy") == "hold":
        sales.set_policy(world.session, CreditPolicy(holds_beyond_limit=True))
    order = sales.confirm_order(
        world.session, customer=buyer, lines=lines, terms=_terms(world, draft)
    )
    world.values["state_after_confirm"] = order.state
    return order


def _terms(world: World, draft: dict[str, Any]) -> OrderTerms:
    said = str(draft.get("invoice_policy") or world.given.get("invoice_policy") or "")
    milestones = tuple(
        MilestoneDraft(
            str(each.get("name", place)),
            Decimal(str(each["percent"]).rstrip(" %")),
            MilestoneWhen(each.get("when", "reached")),
        )
        for place, each in enumerate(draft.get("milestones", ()), start=1)
    )
    policy = InvoicePolicy.ON_DELIVERY
    if "order" in said:
        policy = InvoicePolicy.ON_ORDER
    if milestones:
        policy = InvoicePolicy.MILESTONES
    return OrderTerms(
        discount_percent=Decimal(draft.get("discount_percent", "0")),
        invoice_policy=policy,
        milestones=milestones,
        ships_complete=bool(draft.get("ship_complete")),
        currency=draft.get("currency"),
    )


@operation("assign")
def assign(world: World, step: Step) -> None:
    """See how much of an order is reserved; it was when the order was confirmed."""
    view = _view(world, step["of"])
    reserved = sum((line.reserved for line in view.lines), Decimal(0))
    ordered = sum((line.quantity - line.delivered for line in view.lines), Decimal(0))
    world.values |= {"assigned": reserved, "unassigned": ordered - reserved}


@operation("ship")
def ship(world: World, step: Step) -> None:
    """Send out what was ordered, a part of it, or what there is."""
    order = world.ref(step["of"])
    quantities = {1: Decimal(step["qty"])} if step.get("qty") else None
    for each in step.get("lines", ()):
        quantities = {**(quantities or {}), int(each.get("line", 1)): Decimal(each["qty"])}
    paid = not any(advance.open_minor for advance in world.gathered["advances"])
    name = f"delivery_allowed_{'after' if paid else 'before'}_payment"
    world.values[name] = False
    delivery = sales.deliver_order(
        world.session,
        order.number,
        quantities=quantities,
        available_only=bool(step.get("available_only")),
    )
    world.remember(step, delivery)
    world.values[name] = True
    world.values["shipped"] = sum((line.quantity for line in delivery.lines), Decimal(0))
    _look(world, step["of"])


@operation("invoice")
def invoice(world: World, step: Step) -> None:
    """Invoice what of an order may be invoiced, or of several together."""
    numbers = [world.ref(of).number for of in _listed(step["of"])]
    document = sales.invoice_orders(world.session, numbers)
    world.remember(step, document)
    world.gathered["invoices"].append(document)
    amounts = [each.total_minor for each in world.gathered["invoices"]]
    world.values["invoiced_total"] = Money(sum(amounts), document.currency).amount
    _look(world, _listed(step["of"])[0])


@operation("reach")
def reach(world: World, step: Step) -> None:
    """Say that a milestone of an order is reached."""
    order = world.ref(step["of"])
    sales.reach_milestone(world.session, order.number, int(step["milestone"]))


@operation("cancel")
def cancel(world: World, step: Step) -> None:
    """Give up an order, or a return."""
    document = world.ref(step["of"])
    if isinstance(document, sales.SalesReturn):
        sales.cancel_return(world.session, document.number, because="scenario")
        return
    if isinstance(document, SalesOrder):
        sales.cancel_order(world.session, document.number, because="scenario")
        return
    # An order that nobody has confirmed yet is a note, and nothing else.
    world.refs.pop(step["of"])


@operation("sales_return")
def agree_on_return(world: World, step: Step) -> None:
    """Allow a customer to send goods back, of a delivery or without one."""
    world.gathered["on_hand_before_return"].append(_on_hand(world))
    lines = [
        ReturnLineDraft(
            world.item(line.get("item", WIDGET)),
            Decimal(line["qty"]),
            Decimal(line["unit_price"]) if line.get("unit_price") else None,
        )
        for line in step.get("lines", ())
    ]
    left_with = world.ref(step["of"]).number if step.get("of") else None
    given = sales.authorise_return(
        world.session,
        delivery=left_with,
        customer=None if left_with else world.customer(step.get("party")),
        lines=lines,
        resolution=Resolution.REPLACE if step.get("replace") else Resolution.CREDIT,
        fee_percent=Decimal(str(step.get("fee_percent", "0"))),
        because="scenario",
    )
    world.remember(step, given)


@operation("receive_return")
def receive_return(world: World, step: Step) -> None:
    """Take in what comes back; it is credited by a step of its own where there is one."""
    given = world.ref(step["of"])
    credited = any(
        each["op"] == "credit_note" and each.get("of") == step["of"] for each in world.case.when
    )
    world.remember(
        step,
        sales.receive_return(
            world.session,
            given.number,
            quantities={1: Decimal(step["qty"])} if step.get("qty") else None,
            scrapped=bool(step.get("scrap")),
            credits_now=not credited,
        ),
    )
    world.gathered["received_returns"].append(given)
    view = sales.view_return(world.session, given.number)
    left = sum((line.quantity - line.received for line in view.lines), Decimal(0))
    place = _ORDINALS[min(len(world.gathered["received_returns"]), len(_ORDINALS)) - 1]
    world.values |= {
        f"state_after_{place}": _RETURN_STATES[view.state],
        f"remaining_after_{place}": left,
        "state": _RETURN_STATES[view.state],
        "remaining": left,
        "stock_change": _on_hand(world) - world.gathered["on_hand_before_return"][0],
    }


@operation("quote")
def quote(world: World, step: Step) -> None:
    """Offer goods to a customer, and send the offer."""
    buyer = world.customer(step.get("party"))
    lines = [
        sales.QuoteLineDraft(
            world.item(line.get("item", WIDGET)),
            Decimal(line["qty"]),
            Decimal(line["unit_price"]) if line.get("unit_price") else None,
            Decimal(line.get("discount_percent", "0")),
            optional=bool(line.get("optional")),
        )
        for line in step["lines"]
    ]
    terms = sales.QuoteTerms(discount_percent=Decimal(step.get("discount_percent", "0")))
    if step.get("of"):
        number = world.ref(step["of"]).number
        sales.change_quotation(world.session, number, lines=lines, terms=terms)
        sales.send_quotation(world.session, number)
    else:
        offered = sales.quote(world.session, party=buyer.party, lines=lines, terms=terms)
        world.remember(step, sales.send_quotation(world.session, offered.number))
        number = offered.number
    view = sales.view_quotation(world.session, number)
    world.values |= {"quoted": view.total.amount, "version": view.version}


@operation("accept")
def accept(world: World, step: Step) -> None:
    """Turn a quotation into an order."""
    order = sales.accept_quotation(world.session, world.ref(step["of"]).number)
    world.remember(step, order)
    world.values["order_total"] = Money(order.total_minor, order.currency).amount


def _look(world: World, of: str) -> None:
    """Note what of an order is open after each delivery and each invoice."""
    view = _view(world, of)
    to_ship = sum((line.quantity - line.delivered for line in view.lines), Decimal(0))
    to_invoice = sum(
        (line.delivered - line.returned - line.invoiced for line in view.lines), Decimal(0)
    )
    kind = "deliveries" if world.step["op"] == "ship" else "invoices_looked_at"
    world.gathered[kind].append(of)
    place = _ORDINALS[min(len(world.gathered[kind]), len(_ORDINALS)) - 1]
    world.values |= {
        "backorder": to_ship,
        "open_to_ship": to_ship,
        "open_to_invoice": to_invoice,
        f"open_to_ship_after_{place}": to_ship,
        f"open_to_invoice_after_{place}": to_invoice,
    }


def _view(world: World, of: str) -> OrderView:
    return sales.view_order(world.session, world.ref(of).number)


def _listed(of: str | list[str]) -> list[str]:
    return [of] if isinstance(of, str) else list(of)


def _on_hand(world: World) -> Decimal:
    world.session.flush()
    return Decimal(
        world.session.scalars(select(func.coalesce(func.sum(StockLevel.on_hand), 0))).one()
    )
