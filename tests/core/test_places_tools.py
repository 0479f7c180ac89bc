"""Places, transfers, holds and counts on the one road: asked, shown, approved, undone."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import inventory
from core.approvals.errors import DutiesInOneHand
from core.compliance import verify
from core.inventory.counting.errors import BeyondTolerance
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tests.tools.steps import listed
from tools import TOOLBOX


@pytest.fixture
def north(shop: Engine) -> Engine:
    """Return the shop with a second warehouse."""
    with unit_of_work(shop) as session:
        inventory.add_location(session, code="NORTH", name="North depot", name_zh="北仓")
    return shop


def test_a_warehouse_and_its_places_are_added_and_closed_again(shop: Engine) -> None:
    added = propose(shop, "warehouse", "locations.add", code="N", name="North", name_zh="北仓")
    assert added.effect.lines() == ["location N: new"]
    approve(shop, added)
    approve(
        shop, propose(shop, "warehouse", "locations.add", code="N-1", name="Rack", part_of="North")
    )

    tree = ask(shop, "sales", "locations.list").grid()
    assert tree is not None
    assert [(row[0], level) for row, level in zip(tree.rows, tree.levels, strict=True)] == [
        ("MAIN", 0),
        ("N", 0),
        ("N-1", 1),
        ("TRANSIT", 0),
    ]
    closing = propose(shop, "warehouse", "locations.close", location="N")
    assert closing.effect.lines("zh") == [
        "库位 N North (状态): 使用中 → 已关闭",
        "库位 N-1 Rack (状态): 使用中 → 已关闭",
    ]
    approve(shop, closing)
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "warehouse"), closing.id))
    with pytest.raises(NotPermitted):
        propose(shop, "sales", "locations.close", location="N")


def test_a_transfer_is_under_way_until_it_arrives_and_a_loss_is_weighed(north: Engine) -> None:
    lines = [{"item": "desk lamp", "quantity": 5}]
    shipped = propose(north, "warehouse", "transfers.ship", lines=lines, target="north depot")
    assert shipped.effect.lines() == [
        "transfer: under way · MAIN → NORTH: 5 × LAMP-01 (TR-00001)",
        "LAMP-01 Desk lamp (on hand @ MAIN): 12 → 7",
        "LAMP-01 Desk lamp (on hand @ TRANSIT): 0 → 5",
    ]
    assert approve(north, shipped) == "TR-00001 (MAIN → NORTH): 5 × LAMP-01 under way."
    said = ask(north, "sales", "inventory.check_stock", item="LAMP-01")
    assert said.sentence() == (
        "LAMP-01 Desk lamp: 12 on hand, 0 reserved, 7 available, 0 on order; 5 of it in transit;"
        " below its reorder point of 10."
    )
    assert said.sentence("zh").endswith("；其中仓间在途 5；低于再订货点 10。")
    assert listed(north, "sales", "transfers", open="yes").sentence() == "Stock transfers, open: 1."

    came = propose(
        north, "warehouse", "transfers.receive", transfer="TR-00001", lost=1, because="broken"
    )
    assert [amount.minor for amount in came.effect.amounts] == [800]
    approve(north, came)

    assert ask(north, "sales", "transfers.show", transfer="TR-00001").sentence() == (
        "TR-00001 (MAIN → NORTH): closed, nothing is under way."
    )
    with reading(north) as session:
        assert verify(session) == []


def test_what_was_shipped_is_brought_back_by_undoing(north: Engine) -> None:
    lines = [{"item": "LAMP-01", "quantity": 2}, {"item": "SHADE-02", "quantity": 3}]
    shipped = propose(north, "warehouse", "transfers.ship", lines=lines, target="NORTH")
    approve(north, shipped)

    approve(north, TOOLBOX.undo(north, as_person(north, "warehouse"), shipped.id))

    stock = ask(north, "warehouse", "inventory.check_stock", item="LAMP-01")
    assert stock.in_transit == 0  # type: ignore[attr-defined]


def test_held_goods_are_not_available_until_they_are_released(shop: Engine) -> None:
    held = propose(
        shop, "warehouse", "holding.hold", item="LAMP-01", quantity=3, because="scratched"
    )
    assert approve(shop, held) == "QH-00001: 3 of LAMP-01 Desk lamp on hold."
    stock = ask(shop, "sales", "inventory.check_stock", item="LAMP-01")
    assert (stock.available, stock.held) == (9, 3)  # type: ignore[attr-defined]

    approve(
        shop,
        propose(
            shop, "warehouse", "holding.scrap_held", hold="QH-00001", quantity=1, because="broken"
        ),
    )
    approve(shop, propose(shop, "warehouse", "holding.release", hold="QH-00001"))

    none = "Stock on hold, open: There are none."
    assert listed(shop, "sales", "stock_holds", open="yes").sentence() == none
    stock = ask(shop, "sales", "inventory.check_stock", item="LAMP-01")
    assert stock.available == 11  # type: ignore[attr-defined]


def test_who_counts_blindly_is_not_told_what_the_books_say(shop: Engine) -> None:
    started = propose(
        shop, "warehouse", "counting.start", items=["LAMP-01"], blind=True, tolerance_percent=1
    )
    approve(shop, started)
    entered = propose(
        shop,
        "warehouse",
        "counting.enter",
        count="CT-00001",
        lines=[{"item": "LAMP-01", "quantity": 10}],
    )
    assert not any("12" in line for line in (*started.effect.lines(), *entered.effect.lines()))
    approve(shop, entered)

    counter = ask(shop, "warehouse", "counting.show", count="CT-00001").grid()
    leader = ask(shop, "manager", "counting.show", count="CT-00001").grid()
    assert counter is not None
    assert leader is not None
    assert counter.rows[0][3:6] == (None, Decimal(10), None)
    assert leader.rows[0][3:6] == (Decimal(12), Decimal(10), Decimal(-2))


def test_large_differences_are_accepted_by_somebody_who_did_not_count(shop: Engine) -> None:
    approve(shop, propose(shop, "warehouse", "counting.start", items=["LAMP-01"],
                          tolerance_percent=1))  # fmt: skip
    lines = [{"item": "LAMP-01", "quantity": 10}]
    approve(shop, propose(shop, "warehouse", "counting.enter", count="CT-00001", lines=lines))
    with pytest.raises(BeyondTolerance, match="LAMP-01 @ MAIN -2"):
        propose(shop, "warehouse", "counting.confirm", count="CT-00001")
    accepting = propose(
        shop, "warehouse", "counting.confirm", count="CT-00001", accept_differences=True
    )
    # The manager had approved what was entered.
    with pytest.raises(DutiesInOneHand, match="CT-00001"):
        approve(shop, accepting)

    said = approve(shop, accepting, who="admin")

    assert said == "CT-00001 (MAIN, confirmed): 1 of 1 counted, 1 differ."
    with reading(shop) as session:
        assert verify(session) == []


def test_it_is_said_what_to_count_this_week(shop: Engine) -> None:
    due = ask(shop, "warehouse", "counting.plan")
    assert due.sentence() == "1 item to count in the next 7 days: LAMP-01 (C)."
    assert due.sentence("zh") == "未来 7 天应盘点 1 种物料：LAMP-01 (C)。"
