"""Steps on reservations and lots."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from core import inventory, sales
from core.catalog import Tracking
from core.inventory import LotPart, Reservation, ReservationKind
from core.inventory.reservations.rules import end_of
from core.kernel.identifiers import new_id
from core.ledger.chart import COST_OF_GOODS_SOLD
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

_ZERO = Decimal(0)


@operation("reserve")
def reserve(world: World, step: Step) -> None:
    """Promise goods to somebody, hard or soft, in a priority, until a day."""
    line = new_id()
    until = step.get("until") or step.get("expires") or step.get("expires_on")
    soft = bool(step.get("soft")) or step.get("kind") == "soft" or step.get("mode") == "soft"
    request = inventory.Request(
        world.item(step["item"]),
        Decimal(step["qty"]),
        line,
        ReservationKind.SOFT if soft else ReservationKind.HARD,
        int(step["priority"]) if step.get("priority") is not None else None,
        _moment(str(until)) if until else None,
    )
    promised = inventory.reserve(
        world.session,
        [request],
        location=inventory.main_location(world.session),
        origin=str(step.get("ref") or step.get("for", "scenario")),
    )
    world.remember(step, line)
    if step.get("ref"):
        world.values[f"reserved_{step['ref']}"] = promised[line]


@operation("release")
def release(world: World, step: Step) -> None:
    """Give back what was promised, or a part of it."""
    line = world.ref(step["of"])
    parts = {line: Decimal(step["qty"])} if step.get("qty") else None
    inventory.release(world.session, [line], quantities=parts)


@operation("expire_reservations")
def expire(world: World, step: Step) -> None:
    """Give back what is over by a day or a moment; who waits is served."""
    said = step.get("at") or step.get("date")
    moment = _moment(str(said), begins=True) if said else None
    expired = inventory.expire_reservations(world.session, at=moment)
    world.values["expired"] = [each.origin for each in expired]
    _tell(world)


@operation("retry_reservations")
def retry(world: World, step: Step) -> None:
    """Promise what is there to those who wait."""
    waiting = inventory.list_promises(world.session, only_waiting=True)
    items = [step["item"]] if step.get("item") else dict.fromkeys(each.sku for each in waiting)
    served = inventory.allocate(world.session, [world.item(sku).id for sku in items])
    world.values["served"] = {each.origin: each.quantity for each in served}
    _tell(world)


@operation("assign")
def assign(world: World, step: Step) -> None:
    """Promise an order what is there of it; say how much that is, and how much is missing."""
    order = world.ref(step["of"])
    items = {line.item_id for line in order.lines}
    inventory.allocate(world.session, items)
    lines = sales.find_order(world.session, order.number).lines
    mine = [
        each
        for each in inventory.list_promises(world.session, origin=order.number)
        if not each.waiting
    ]
    assigned = sum((each.quantity for each in mine), _ZERO)
    still = sum((line.quantity - line.delivered_quantity for line in lines), _ZERO)
    world.values.update(assigned=assigned, unassigned=still - assigned)


@operation("sell_lot")
def sell_lot(world: World, step: Step) -> None:
    """Send out goods of a certain lot."""
    item = world.item(step["item"])
    because = str(step.get("reason", ""))
    part = LotPart(str(step["lot"]), Decimal(step["qty"]), because=because)
    issued = inventory.issue_goods(
        world.session,
        [inventory.Outgoing(item, part.quantity, lots=(part,))],
        location=inventory.main_location(world.session),
        origin=str(step.get("ref", "sale")),
        memo="sale of a lot",
        debit_to=COST_OF_GOODS_SOLD,
    )
    world.remember(step, issued)


def receive_lots(world: World, step: Step) -> tuple[LotPart, ...]:
    """Return the lot that a receipt names; its item is kept by lot from now on."""
    if not step.get("lot"):
        return ()
    item = world.item(step["item"])
    if item.tracking is Tracking.NONE:
        inventory.set_tracking(world.session, item, Tracking.LOT)
    day = step.get("expires") or step.get("expires_on")
    expires_on = date.fromisoformat(day) if day else None
    return (LotPart(str(step["lot"]), Decimal(step["qty"]), expires_on),)


def _tell(world: World) -> None:
    """Say what each reservation has now."""
    for name, line in world.refs.items():
        rows = world.session.query(Reservation).filter_by(line_id=line, state="active").all()
        if rows or f"reserved_{name}" in world.values:
            world.values[f"reserved_{name}"] = sum((row.quantity for row in rows), _ZERO)


def _moment(said: str, *, begins: bool = False) -> datetime:
    """Read a day, through which it holds, or a moment."""
    if len(said) == len("2025-01-01"):
        day = date.fromisoformat(said)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if begins else end_of(day)
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
