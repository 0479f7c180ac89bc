"""Steps on places and counts: transfers, counts, goods that become other goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import inventory
from core.inventory import Location, counting
from core.inventory.counting import CountBasis, CountTerms
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World


def place(world: World, name: str | None) -> Location:
    """Return a place of the case, opened where new; where none is named, the main warehouse."""
    main = inventory.main_location(world.session)
    if name is None or name in {"main", "warehouse", main.code}:
        return main
    known = world.gathered["places"]
    if name not in known:
        known.append(name)
        return inventory.add_location(world.session, code=name, name=name, name_zh=name)
    return inventory.find_location(world.session, name)


@operation("transfer")
def transfer(world: World, step: Step) -> None:
    """Carry goods from one place to another."""
    source, target = step.get("from"), step.get("to")
    inventory.transfer_stock(
        world.session,
        world.item(step["item"]),
        quantity=Decimal(step["qty"]),
        source=place(world, source),
        target=place(world, target),
    )


@operation("repack")
def repack(world: World, step: Step) -> None:
    """Turn goods into other goods: one move out, one in, at one value."""
    into = step.get("into") or step["to"]
    repacked = inventory.repack(
        world.session,
        [(world.item(step["item"]), Decimal(step["qty"]))],
        into=world.item(into),
        quantity=Decimal(step.get("into_qty") or step.get("to_qty") or step["qty"]),
        location=place(world, step.get("location")),
    )
    world.values["repacked"] = {"value": repacked.value.amount}
    world.remember(step, repacked)


@operation("start_count")
def start_count(world: World, step: Step) -> None:
    """Open a count; unless the case says otherwise, what is expected follows to the end."""
    items = [world.item(name) for name in step.get("items", ())]
    terms = CountTerms(
        frozen=bool(step.get("frozen")),
        blind=bool(step.get("blind")),
        basis=CountBasis(step.get("basis", CountBasis.CONFIRMATION)),
        tolerance_percent=Decimal(step["tolerance_pct"]) if step.get("tolerance_pct") else None,
    )
    count = counting.start_count(
        world.session,
        location=place(world, step.get("location")),
        items=items or None,
        terms=terms,
    )
    world.remember(step, count)


@operation("enter_count")
def enter_count(world: World, step: Step) -> None:
    """Enter what was counted of an item."""
    where = step.get("location")
    counting.enter_count(
        world.session,
        world.ref(step["of"]).number,
        world.item(step["item"]),
        counted=Decimal(step["counted"]),
        location=place(world, where) if where else None,
    )


@operation("confirm_count")
def confirm_count(world: World, step: Step) -> None:
    """Let the books follow, and keep what each item was expected and adjusted by."""
    number = world.ref(step["of"]).number
    count = counting.confirm_count(
        world.session, number, accept_differences=bool(step.get("accept"))
    )
    for line in counting.count_view(world.session, count).lines:
        if line.counted is not None:
            result: dict[str, Any] = {"expected": line.expected, "adjustment": line.difference}
            world.values[line.sku] = result
