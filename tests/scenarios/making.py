"""Steps on production: what is made of what, work orders, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core import catalog, inventory, ledger, purchasing, sales
from core.catalog import Item
from core.catalog.errors import UnknownUnit
from core.inventory import StockMove, stock_of
from core.inventory.tables import Location, LocationKind
from core.kernel.money import Money
from core.ledger.chart import (
    INVENTORY,
    OPENING_BALANCE,
    OVERHEAD_ABSORBED,
    PRICE_VARIANCE,
    WORK_IN_PROGRESS,
)
from core.manufacturing import boms, orders, routings
from core.manufacturing.boms import ByProductDraft, ComponentDraft
from core.manufacturing.orders import Output, WorkOrder
from core.manufacturing.orders.queries import moves_in
from core.processes import planning
from tests.scenarios import fulfilling, replenishing, valuing
from tests.scenarios.checking import value
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

_ROOT = Decimal(0)


@operation("define_bom")
def define_bom(world: World, step: Step) -> None:
    """Say what an item is made of."""
    define(world, str(step["item"]), step)


@operation("explode")
def explode(world: World, step: Step) -> None:
    """Say what a quantity takes: phantoms are gone through and never planned themselves."""
    define_given(world)
    item, quantity = world.item(str(step["item"])), Decimal(step["qty"])
    for line in boms.explode(world.session, item, quantity):
        if line.is_phantom:
            world.values.setdefault(f"{line.sku}_planned", _ROOT)
        else:
            world.values[line.sku] = world.values.get(line.sku, _ROOT) + line.quantity
    world.values["levels"] = max(line.level for line in boms.explode(world.session, item, quantity))


@operation("production_order")
def production_order(world: World, step: Step) -> None:
    """Write a work order and let it go; what was produced of it before is reported."""
    define_given(world)
    item = world.item(str(step["item"]))
    order = orders.make_order(world.session, item, Decimal(step["qty"]))
    orders.release(world.session, order.number)
    world.remember(step, order)
    world.refs.setdefault("mo", order)
    world.gathered["orders"].append(order)
    if step.get("extra_cost"):
        orders.charge(
            world.session,
            order.number,
            world.money(step["extra_cost"]),
            account=OVERHEAD_ABSORBED,
            because="extra cost",
        )
    if step.get("produced"):
        orders.report(world.session, order.number, Output(good=Decimal(step["produced"])))
    _note_limits(world, order)


@operation("assign")
def assign(world: World, step: Step) -> None:
    """Promise an order what it takes, and say how much that is, also as it was counted."""
    if not isinstance(world.refs.get(str(step.get("of", "mo"))), WorkOrder):
        fulfilling.assign(world, step)
        return
    order = _order(world, step)
    needed: dict[str, Decimal] = {}
    for each in order.components:
        needed[each.item.sku] = each.quantity
        for unit in ("cm", "g", "ml"):
            if unit in _units(world, each.item):
                needed[f"{each.item.sku}_{unit}"] = catalog.from_base_unit(
                    world.session, each.item, each.quantity, unit
                )
    world.values["requirements"] = needed


@operation("start")
def start(world: World, step: Step) -> None:
    """Let everything leave that an order takes."""
    order = _order(world, step)
    orders.start(world.session, order.number)
    world.values["material"] = _money(world, orders.material_of(world.session, _read(world, order)))


@operation("work")
def work(world: World, step: Step) -> None:
    """Report work at a place; one that is cancelled costs nothing."""
    order = _order(world, step)
    row = orders.report_work(
        world.session,
        order.number,
        work_centre=_centre(world, str(step["center"])),
        minutes=Decimal(step.get("hours", "0")) * 60 + Decimal(step.get("minutes", "0")),
        cycles=Decimal(step.get("cycles", 0)),
    )
    if step.get("cancelled"):
        orders.take_back_work(world.session, order.number)
        return
    world.gathered["work"].append(row)
    cost = _money(world, row.labour_minor + row.overhead_minor)
    world.values[f"work{len(world.gathered['work'])}"] = cost
    world.values["work"] = world.values.get("work", _ROOT) + cost


@operation("finish")
def finish(world: World, step: Step) -> None:
    """Report the rest of an order, or so much in all, and say that it is done."""
    order = _order(world, step)
    if order.state is orders.WorkOrderState.RELEASED and not order.good_quantity:
        orders.start(world.session, order.number)
    before = orders.in_progress(world.session, order)
    said = step.get("qty")
    scrapped = Decimal(step.get("scrap", step.get("scrapped", "0")))
    output = None
    if said is not None or scrapped or step.get("by_products"):
        good = orders.find_work_order(world.session, order.number)
        rest = good.quantity - good.good_quantity - scrapped
        output = Output(
            good=Decimal(said) if said is not None else rest,
            scrapped=scrapped,
            reason="scrapped" if scrapped else None,
            by_products={
                sku: Decimal(quantity) for sku, quantity in step.get("by_products", {}).items()
            },
        )
    done = orders.finish(world.session, order.number, output)
    world.values["wip_before_finish"] = before.amount
    _note_costs(world, done)
    world.gathered["finished"].append(done)


@operation("correct_cost")
def correct_cost(world: World, step: Step) -> None:
    """Bring another cost onto what came in of an item: what was made of it costs that, too."""
    if "item" not in step:
        valuing.correct_cost(world, step)
        return
    item = world.item(str(step["item"]))
    inside = select(Location.id).where(Location.kind == LocationKind.INTERNAL)
    wanted = select(StockMove).where(
        StockMove.item_id == item.id,
        StockMove.to_location_id.in_(inside),
        StockMove.from_location_id.not_in(inside),
        StockMove.returns_id.is_(None),
    )
    moves = list(world.session.scalars(wanted))
    costs = inventory.costs_of(world.session, moves)
    if "cost" in step or "unit_cost" in step:
        each = Decimal(step.get("cost", step.get("unit_cost")))
        more = [(move, world.money(each * move.quantity) - costs[move.id]) for move in moves]
    else:
        amount = Decimal(step.get("amount", step.get("by", "0")))
        more = [(moves[-1], world.money(amount))]
    inventory.add_cost(
        world.session, more, from_account=PRICE_VARIANCE, origin="correction", memo="correction"
    )
    for order in world.gathered["finished"]:
        _note_costs(world, orders.settle_order(world.session, order.number))


def define_given(world: World) -> None:
    """Define the bills of materials and work centres that a case takes for granted, once."""
    if world.gathered["bills"]:
        return
    world.gathered["bills"].append(True)
    if "finished_goods" in world.case.expect.get("balances", {}):
        world.read_as["finished_goods"] = made_worth
        world.read_as["inventory"] = bought_worth
    given = world.given.get("bom", world.given.get("boms", {}))
    for name, said in given.items():
        define(world, name, said)
    for code in world.given.get("work_centers", world.given.get("work_centres", {})):
        _centre(world, code)


def define(world: World, name: str, said: Any) -> boms.BillOfMaterials:
    """Define one bill: a list of pairs, or its inputs and terms."""
    facts: Mapping[str, Any] = said if isinstance(said, Mapping) else {"inputs": said}
    parts = [
        each if isinstance(each, Mapping) else {"item": each[0], "qty": each[1]}
        for each in facts["inputs"]
    ]
    components = [
        ComponentDraft(
            world.item(str(part["item"])),
            Decimal(part["qty"]),
            unit_code=_unit(world, world.item(str(part["item"])), part.get("unit")),
            scrap_percent=Decimal(part.get("scrap_pct", part.get("scrap_percent", "0"))),
            fixed=bool(part.get("fixed")),
        )
        for part in parts
    ]
    besides = facts.get("by_products", facts.get("byproducts", facts.get("outputs", ())))
    tolerance = facts.get("tolerance_pct", facts.get("tolerance_percent"))
    return boms.define_bill(
        world.session,
        world.item(name),
        components,
        output_quantity=Decimal(facts.get("output", facts.get("output_qty", "1"))),
        phantom=bool(facts.get("phantom")),
        yield_percent=Decimal(facts.get("yield_pct", facts.get("yield_percent", "100"))),
        tolerance_percent=None if tolerance is None else Decimal(tolerance),
        lead_time_days=int(facts.get("lead_time_days", 0)),
        by_products=[
            ByProductDraft(
                world.item(str(each["item"])),
                Decimal(each["qty"]),
                Decimal(each.get("cost_share", each.get("cost_share_pct", each.get("share", "0")))),
            )
            for each in besides
            if each["item"] != name
        ],
    )


def _unit(world: World, item: Item, unit: str | None) -> str | None:
    """Return the unit of an input; what the house does not know is a part of the item's own."""
    if unit is None or unit in {"unit", "units", item.unit_code}:
        return None
    try:
        catalog.find_unit(world.session, unit)
    except UnknownUnit:
        catalog.add_unit(world.session, code=unit, name=unit, name_zh=unit, digits=2)
    parts = {"cm": ("m", "0.01"), "mm": ("m", "0.001"), "g": ("kg", "0.001"), "ml": ("l", "0.001")}
    if unit in parts and item.unit_code == parts[unit][0]:
        catalog.set_conversion(
            world.session, unit=unit, quantity=Decimal(parts[unit][1]), of_unit=parts[unit][0]
        )
    return unit


def _units(world: World, item: Item) -> list[str]:
    known = catalog.conversions_of(world.session, item)
    return [each.unit for each in known if item.unit_code == each.of_unit]


def _centre(world: World, code: str) -> routings.WorkCentre:
    wanted = select(routings.WorkCentre).where(routings.WorkCentre.code == code)
    found = world.session.scalars(wanted).one_or_none()
    if found is not None:
        return found
    centres = world.given.get("work_centers", world.given.get("work_centres", {}))
    facts = centres.get(code, {})
    cost = Decimal(facts.get("cost", facts.get("rate", "0")))
    per_hour = facts.get("per", "hour") == "hour"
    return routings.open_work_centre(
        world.session,
        code=code,
        name=code,
        overhead_rate=cost if per_hour else Decimal(0),
        cycle_rate=Decimal(0) if per_hour else cost,
    )


def _order(world: World, step: Step) -> WorkOrder:
    order = world.ref(str(step.get("of", step.get("order", "mo"))))
    assert isinstance(order, WorkOrder), "production steps are of work orders"
    return _read(world, order)


def _read(world: World, order: WorkOrder) -> WorkOrder:
    return orders.find_work_order(world.session, order.number)


def _note_limits(world: World, order: WorkOrder) -> None:
    order = _read(world, order)
    spread = order.quantity * (order.tolerance_percent or 0) / 100
    if order.tolerance_percent:
        world.values |= {"min": order.quantity - spread, "max": order.quantity + spread}
    world.values["left_to_produce"] = order.quantity - order.good_quantity


def _note_costs(world: World, order: WorkOrder) -> None:
    """Say what an order cost in all, and what one of each of its products is worth."""
    session = world.session
    total = orders.material_of(session, order) + orders.work_of(session, order)
    world.values["order_cost"] = world.values["total"] = _money(world, total)
    world.values["total_cost"] = _money(world, total)
    for item in (order.item, *(each.item for each in order.by_products)):
        moves = moves_in(session, order, item.id)
        costs = inventory.costs_of(session, moves)
        worth = sum((costs[move.id].amount for move in moves), _ROOT)
        pieces = sum((move.quantity for move in moves), _ROOT)
        if not pieces:
            continue
        named = {"unit_cost": worth / pieces, "cost": worth}
        if item.id == order.item_id:
            world.values |= {"unit_cost": worth / pieces, "product_cost": worth}
        for name, amount in named.items():
            world.values[f"{name}_{item.sku}"] = amount
            world.values[f"{item.sku}_{name}"] = amount


def _money(world: World, minor: int) -> Decimal:
    return Money(minor, world.currency).amount


def made_worth(world: World) -> Decimal:
    """Return what the stock of all is worth that has a bill of materials: finished goods."""
    made = select(boms.BillOfMaterials.item_id).distinct()
    items = world.session.scalars(select(Item).where(Item.id.in_(made)))
    return sum((stock_of(world.session, item).value.amount for item in items), _ROOT)


def bought_worth(world: World) -> Decimal:
    """Return what the steps moved of all other stock: our books keep both in one account.

    What a case takes for granted was there before.
    """
    stock = ledger.balance(world.session, INVENTORY, as_of=world.as_of).amount
    return stock - made_worth(world) - _opened(world)


def _opened(world: World) -> Decimal:
    moved = select(func.coalesce(func.sum(StockMove.value_minor), 0)).where(
        StockMove.against == OPENING_BALANCE
    )
    return _money(world, int(world.session.scalars(moved).one()))


@value("wip")
def wip(world: World) -> Decimal:
    """Return what is in progress."""
    return ledger.balance(world.session, WORK_IN_PROGRESS, as_of=world.as_of).amount


@operation("plan")
def plan(world: World, step: Step) -> None:
    """Plan what to make and to buy; other plans are those of reordering."""
    if step.get("run") != "mrp":
        replenishing.plan(world, step)
        return
    define_given(world)
    item = world.item(str(step.get("item", next(iter(world.given.get("items", {"item": {}}))))))
    for sku in world.given.get("items", {}):
        _set_rule(world, world.item(sku))
    _write_down(world, item, step)
    found = planning.plan(world.session, days=365, item_ids=None)
    own = [order for order in found.orders if order.sku == item.sku]
    quantities = [order.quantity for order in own]
    facts = world.given.get("items", {}).get(item.sku, {})
    named = next(
        (
            name
            for key, name in (
                ("group_days", "grouped"),
                ("multiple", "multiple"),
                ("max_order", "maximum"),
                ("min_order", "minimum"),
            )
            if key in facts
        ),
        "planned",
    )
    places = ("first", "second", "third", "fourth", "fifth")
    grouped = dict(zip(places, quantities, strict=False))
    world.values[named] = grouped if named == "grouped" else quantities
    if step.get("ref"):
        world.values[str(step["ref"])] = quantities
    world.values[item.sku] = quantities
    world.values[f"{item.sku}_planned"] = sum(quantities, _ROOT)
    world.rows = [
        {
            "item": order.sku,
            "qty": order.quantity,
            "due": order.due_on.isoformat(),
            "start": order.start_on.isoformat(),
            "day": (order.due_on - world.today).days,
            "start_day": (order.start_on - world.today).days,
            "kind": "make" if order.is_made else "buy",
        }
        for order in found.orders
    ]


def _set_rule(world: World, item: Item) -> None:
    facts = world.given.get("items", {}).get(item.sku, {})
    sizes = {"fixed": "fixed_qty", "minimum": "min_order", "maximum": "max_order",
             "multiple": "multiple"}  # fmt: skip
    lead = facts.get("lead_time_days", facts.get("lead_days"))
    planning.set_planning_rule(
        world.session,
        item,
        period_days=int(facts.get("group_days", 0)),
        lead_days=None if lead is None else int(lead),
        safety_stock=Decimal(facts.get("safety_stock", "0")),
        **{name: Decimal(facts[key]) for name, key in sizes.items() if key in facts},
    )


def _write_down(world: World, item: Item, step: Step) -> None:
    """Sell and order what a plan is to reckon with."""
    if step.get("net_need"):
        _sell(world, item, Decimal(step["net_need"]), 0)
    for each in step.get("events", ()):
        day = int(each.get("day", 0))
        if "demand" in each:
            _sell(world, item, Decimal(each["demand"]), day)
        if "supply" in each:
            purchasing.place_order(
                world.session,
                supplier=world.supplier(None),
                lines=[purchasing.OrderLineDraft(item, Decimal(each["supply"]), Decimal(1))],
                expected_on=world.today + timedelta(days=day),
            )


def _sell(world: World, item: Item, quantity: Decimal, day: int) -> None:
    sales.confirm_order(
        world.session,
        customer=world.customer(None),
        lines=[sales.OrderLineDraft(item, quantity, Decimal(1))],
        promised_on=world.today + timedelta(days=day),
    )
