"""The tools of production: each does what its card shows, and what can be undone is undone."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import catalog, inventory, purchasing
from core.approvals.errors import DutiesInOneHand
from core.kernel.database import reading
from core.kernel.errors import NotPermitted
from core.manufacturing import orders
from core.manufacturing.orders import WorkOrderState
from tests.tools.steps import approve, ask, books_are_right, do, on_hand, propose, sold, step, undo
from tools.boms import CostRolled, Exploded, UsedBy
from tools.planning import Pegged, Plan
from tools.production import WorkOrderSaid
from tools.scheduling import Loaded, Scheduled


def m(tool: str, **arguments: object) -> dict[str, object]:
    return step(f"manufacturing.{tool}", **arguments)


def state_of(engine: Engine, number: str) -> WorkOrderState:
    with reading(engine) as session:
        return orders.find_work_order(session, number).state


def open_bench(shop: Engine) -> None:
    """Make a set of a lamp and a shade, on a bench."""
    do(
        shop,
        "manager",
        step("catalog.add_item", sku="SET-1", name="Lamp set"),
        m(
            "define_bill",
            item="SET-1",
            lines=[{"item": "LAMP-01", "quantity": "1"}, {"item": "LAMP-01", "quantity": "1"}],
        ),
    )
    do(shop, "manager", m("add_work_centre", code="BENCH", name="Bench", labour_rate="30"))


def test_a_set_is_defined_shown_and_made(shop: Engine) -> None:
    open_bench(shop)
    do(shop, "manager", m("change_work_centre", work_centre="BENCH", overhead_rate="12"))
    do(
        shop,
        "manager",
        m("define_routing", item="SET-1", steps=[{"work_centre": "BENCH", "run_minutes": "6"}]),
    )

    exploded = ask(shop, "manager", "manufacturing.explode", item="SET-1", quantity="3")
    used = ask(shop, "manager", "manufacturing.where_used", item="LAMP-01")
    cost = ask(shop, "manager", "manufacturing.roll_up_cost", item="SET-1")

    assert isinstance(exploded, Exploded)
    assert [line[3] for line in exploded.lines] == [Decimal(3), Decimal(3)]
    assert isinstance(used, UsedBy)
    assert used.uses[0][1] == "SET-1"
    assert isinstance(cost, CostRolled)
    assert (cost.labour, cost.overhead) == (Decimal("3.00"), Decimal("1.20"))

    do(shop, "manager", m("make", item="SET-1", quantity="4"))
    do(shop, "manager", m("change_order", work_order="WO-00001", quantity="3"))
    do(shop, "manager", m("release", work_order="WO-00001"))
    do(shop, "manager", m("start", work_order="WO-00001"))
    do(shop, "manager", m("report_work", work_order="WO-00001", minutes="20"))
    do(shop, "manager", m("take_back_work", work_order="WO-00001"))
    do(
        shop,
        "manager",
        m("report", work_order="WO-00001", good="1", scrapped="1", because="bent"),
    )
    do(shop, "manager", m("finish", work_order="WO-00001"))
    do(shop, "manager", m("close", work_order="WO-00001"))

    told = ask(shop, "manager", "manufacturing.show_order", work_order="WO-00001")
    assert isinstance(told, WorkOrderSaid)
    assert (told.state, told.good, told.scrapped) == (WorkOrderState.CLOSED, 2, 1)
    assert on_hand(shop, "SET-1") == 2
    books_are_right(shop)


def test_orders_and_bills_are_taken_back(shop: Engine) -> None:
    open_bench(shop)
    made = do(shop, "manager", m("make", item="SET-1", quantity="2"))
    released = do(shop, "manager", m("release", work_order="WO-00001"))

    undo(shop, "manager", released)
    assert state_of(shop, "WO-00001") is WorkOrderState.FIRM
    undo(shop, "manager", made)
    assert state_of(shop, "WO-00001") is WorkOrderState.CANCELLED
    do(shop, "manager", m("make", item="SET-1", quantity="1"))
    do(shop, "manager", m("release", work_order="WO-00002"))
    do(shop, "manager", m("take_back_release", work_order="WO-00002"))
    do(shop, "manager", m("cancel", work_order="WO-00002", because="too many"))
    do(shop, "manager", m("withdraw_bill", bill="BOM-00001"))
    assert on_hand(shop, "SET-1") == 0
    books_are_right(shop)


def test_a_schedule_is_shown_written_down_and_taken_off(shop: Engine) -> None:
    open_bench(shop)
    steps = [{"work_centre": "BENCH", "name": "pack", "run_minutes": "240"}]
    do(shop, "manager", m("define_routing", item="SET-1", steps=steps))
    do(shop, "manager", m("make", item="SET-1", quantity="4"))
    do(shop, "manager", m("make", item="SET-1", quantity="2"))

    shown = ask(shop, "manager", "scheduling.show", item="SET-1", quantity="1")
    loads = ask(shop, "manager", "scheduling.load", work_centre="BENCH")

    assert isinstance(shown, Scheduled)
    assert sorted(row[0] for row in shown.rows) == ["?", "WO-00001", "WO-00002"]
    assert shown.what_if is not None
    assert "orders are scheduled" in shown.sentence()
    assert "张工单" in shown.sentence("zh")
    assert isinstance(loads, Loaded)
    assert sum(row[3] for row in loads.rows) == 24
    assert "BENCH" in loads.sentence()
    assert "小时" in loads.sentence("zh")
    lines = propose(shop, "manager", step("scheduling.carry_out")).calls[0]["arguments"]["lines"]
    assert sorted(line["work_order"] for line in lines) == ["WO-00001", "WO-00002"]
    # One of them is unticked.
    kept = [line for line in lines if line["work_order"] == "WO-00002"]
    done = do(shop, "manager", step("scheduling.carry_out", lines=kept))
    assert days_of(shop, "WO-00001") == [None]
    assert days_of(shop, "WO-00002") != [None]
    undo(shop, "manager", done)
    assert days_of(shop, "WO-00002") == [None]
    books_are_right(shop)


def days_of(engine: Engine, number: str) -> list[object]:
    with reading(engine) as session:
        return [step.ends_on for step in orders.find_work_order(session, number).operations]


def test_a_cost_is_charged_and_lots_alone_finish_an_order(shop: Engine) -> None:
    open_bench(shop)
    do(shop, "manager", step("lots.set_tracking", item="SET-1", tracking="lot"))
    do(shop, "manager", m("make", item="SET-1", quantity="3"))
    do(shop, "manager", m("release", work_order="WO-00001"))
    terms = {"amount": "20", "account": "6000", "because": "painted by others"}
    charged = do(shop, "manager", m("charge", work_order="WO-00001", **terms))
    undo(shop, "manager", charged)
    do(shop, "manager", m("charge", work_order="WO-00001", **terms))

    do(shop, "manager", m("finish", work_order="WO-00001", lots=["L-7"]))

    told = ask(shop, "manager", "manufacturing.show_order", work_order="WO-00001")
    assert isinstance(told, WorkOrderSaid)
    assert (told.state, told.good) == (WorkOrderState.FINISHED, 3)
    with reading(shop) as session:
        item = catalog.find_item(session, "SET-1")
        assert [lot.number for lot in inventory.lots_of(session, item)] == ["L-7"]
    books_are_right(shop)


def test_a_plan_is_shown_carried_out_and_taken_back(shop: Engine) -> None:
    open_bench(shop)
    do(shop, "manager", step("planning.set_rule", item="SET-1", minimum_lot="30"))
    do(
        shop,
        "manager",
        step("sales.sell_item", customer="Nordwind", lines=[sold("SET-1", 20, unit_price="40")]),
    )

    plan = ask(shop, "manager", "planning.plan")
    pegged = ask(shop, "manager", "planning.pegging", document="SO-00001")

    assert isinstance(plan, Plan)
    assert [line[:2] for line in plan.orders] == [("make", "SET-1"), ("buy", "LAMP-01")]
    assert isinstance(pegged, Pegged)
    assert pegged.rows[0][1:3] == ("SET-1", Decimal(20))
    shown = propose(shop, "manager", step("planning.carry_out"))
    assert len(shown.calls[0]["arguments"]["lines"]) == 2
    # Who may not order by themselves may not order by a plan.
    with pytest.raises(NotPermitted, match="Order item"):
        propose(shop, "production", step("planning.carry_out"))
    done = do(shop, "manager", step("planning.carry_out"))
    with reading(shop) as session:
        assert [order.quantity for order, _ in orders.open_orders(session)] == [Decimal(30)]
        assert len(purchasing.list_orders(session)) == 1
    # Who ordered by a plan takes nothing in.
    received = propose(shop, "manager", step("purchasing.receive_order", order="PO-00001"))
    with pytest.raises(DutiesInOneHand):
        approve(shop, "manager2", received)
    undo(shop, "manager", done)
    with reading(shop) as session:
        assert orders.open_orders(session) == []
    books_are_right(shop)
