"""What we make ourselves: a sale that nothing covers is suggested to be made, and never bought."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Engine

from agents.watchers import Watcher, run_once
from agents.watchers.production import PRODUCTION
from agents.watchers.shopfloor import LATE_WORK, SHORTAGE
from core import catalog, parties
from core.kernel.company import company
from core.kernel.database import unit_of_work
from core.manufacturing import boms, orders, routings
from core.processes import order_to_cash
from core.purchasing import requisitions
from core.sales import LineChange, OrderChange, OrderLineDraft
from tests.shop import as_person
from tests.tools.steps import approve
from tools import TOOLBOX, ProposalView


def watched(engine: Engine, *watchers: Watcher) -> list[ProposalView]:
    opened = run_once(engine, TOOLBOX, watchers or (PRODUCTION,))
    return [TOOLBOX.look(engine, as_person(engine, "manager"), each) for each in opened]


def sell_sets(engine: Engine) -> str:
    """Sell four sets of which there is none; each is made of a shade, in three days."""
    with unit_of_work(engine) as session:
        shade = catalog.find_item(session, "SHADE-02")
        made = catalog.add_item(session, sku="SET-9", name="Lamp set")
        part = boms.ComponentDraft(shade, Decimal(1))
        boms.define_bill(session, made, [part], lead_time_days=3)
        order = order_to_cash.confirm_sale(
            session,
            customer=parties.find_customer(session, "Nordwind"),
            lines=[OrderLineDraft(made, Decimal(4), Decimal(50))],
        )
        assert requisitions.open_requisitions_for(session, order.number) == []
        return order.number


def test_a_sale_that_nothing_covers_is_suggested_to_be_made(shop: Engine) -> None:
    number = sell_sets(shop)

    [shown] = watched(shop)

    [call] = shown.calls
    assert call["tool"] == "manufacturing.make"
    made = call["arguments"]
    assert (made["item"], made["quantity"], made["sales_order"]) == ("SET-9", "4", number)
    with unit_of_work(shop) as session:
        more = OrderChange(lines={1: LineChange(quantity=Decimal(6))})
        order_to_cash.change_sale(session, number, more)
    [grown] = watched(shop)
    assert [each["arguments"]["quantity"] for each in grown.calls] == ["6"]
    assert approve(shop, "manager2", grown).state == "executed"
    assert watched(shop) == []
    with unit_of_work(shop) as session:
        orders.cancel(session, "WO-00001", because="the bench is broken")
    [again] = watched(shop)
    assert [each["arguments"]["quantity"] for each in again.calls] == ["6"]


def test_material_that_nothing_brings_and_time_that_is_too_short_are_suggested(
    shop: Engine,
) -> None:
    with unit_of_work(shop) as session:
        today = company(session).today
        shade = catalog.find_item(session, "SHADE-02")
        frame = catalog.add_item(session, sku="FRAME-9", name="Frame")
        made = catalog.add_item(session, sku="SET-9", name="Lamp set")
        boms.define_bill(session, frame, [boms.ComponentDraft(shade, Decimal(1))])
        parts = [boms.ComponentDraft(frame, Decimal(1))]
        boms.define_bill(session, made, parts)
        boms.define_bill(session, made, parts, alternative="quick")
        bench = routings.open_work_centre(session, code="BENCH-9", name="Bench")
        step = routings.OperationDraft(bench, run_minutes=Decimal(240))
        routings.define_routing(session, made, [step])
        # Two a day: twenty take ten days and more.
        order = orders.make_order(session, made, Decimal(20), due_on=today + timedelta(days=4))
        late = orders.make_order(session, frame, Decimal(1), due_on=today + timedelta(days=9))

    [proposal] = watched(shop, LATE_WORK)

    [call] = proposal.calls
    assert (call["tool"], call["arguments"]["work_order"]) == (
        "manufacturing.change_order",
        order.number,
    )
    assert call["arguments"]["due_on"] > order.due_on.isoformat()
    ways = [each["label"].split(":")[0] for each in proposal.reason["alternatives"]]
    assert ways == ["split", "substitute"]
    assert "8 by" in proposal.reason["alternatives"][0]["label"]
    assert approve(shop, "manager2", proposal).state == "executed"
    assert watched(shop, LATE_WORK) == []
    assert watched(shop, SHORTAGE) == []
    with unit_of_work(shop) as session:
        orders.cancel(session, late.number, because="not wanted")
        orders.release(session, order.number)
    [short] = watched(shop, SHORTAGE)
    assert [
        (call["tool"], call["arguments"]["item"], call["arguments"]["quantity"])
        for call in short.calls
    ] == [("manufacturing.make", "FRAME-9", "20")]
    assert approve(shop, "manager2", short).state == "executed"
    assert watched(shop, SHORTAGE) == []
