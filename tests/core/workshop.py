"""A small workshop for the tests of production: a lamp made of a foot and a shade."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item
from core.manufacturing import boms, orders, routings
from core.manufacturing.boms import BillOfMaterials, ComponentDraft
from core.manufacturing.orders import WorkOrder
from core.manufacturing.routings import OperationDraft, WorkCentre
from tests.core.shop import stock


@dataclass(frozen=True)
class Workshop:
    """What is made of what, and where."""

    lamp: Item
    foot: Item
    shade: Item
    wire: Item
    bench: WorkCentre
    bill: BillOfMaterials


def open_workshop(session: Session, *, routed: bool = True, on_hand: bool = True) -> Workshop:
    """Open it: a lamp is a foot at 3.00, a shade at 2.00 and 1.5 m of wire at 0.40.

    It takes 10 minutes of setup and 6 minutes each, at 30.00 for work and 12.00 for the place.
    """
    lamp = catalog.add_item(session, sku="LAMP-10", name="Reading lamp", name_zh="阅读灯")
    foot = catalog.add_item(session, sku="FOOT-1", name="Foot", standard_cost=Decimal(3))
    shade = catalog.add_item(session, sku="SHADE-1", name="Shade", standard_cost=Decimal(2))
    wire = catalog.add_item(
        session, sku="WIRE-1", name="Wire", unit_code="m", standard_cost=Decimal("0.4")
    )
    if on_hand:
        for item, quantity, value in (
            (foot, "50", "150"),
            (shade, "50", "100"),
            (wire, "90", "36"),
        ):
            stock(session, item, quantity, value)
    bill = boms.define_bill(
        session,
        lamp,
        [
            ComponentDraft(foot, Decimal(1)),
            ComponentDraft(shade, Decimal(1)),
            ComponentDraft(wire, Decimal("1.5")),
        ],
    )
    bench = routings.open_work_centre(
        session,
        code="BENCH",
        name="Bench",
        name_zh="工作台",
        labour_rate=Decimal(30),
        overhead_rate=Decimal(12),
    )
    if routed:
        step = OperationDraft(bench, "assemble", setup_minutes=Decimal(10), run_minutes=Decimal(6))
        routings.define_routing(session, lamp, [step])
    return Workshop(lamp, foot, shade, wire, bench, bill)


def released(session: Session, item: Item, quantity: str) -> WorkOrder:
    """Return an order that may be begun."""
    order = orders.make_order(session, item, Decimal(quantity))
    return orders.release(session, order.number)
