"""The tools of the inventory, on the one road: asked, shown, approved, undone."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import catalog, inventory
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX


def on_hand(engine: Engine, **arguments: Any) -> Any:
    return ask(engine, "warehouse", "inventory.check_stock", **arguments)


def test_stock_is_said_in_both_languages_and_its_value_only_to_who_may_see_costs(
    shop: Engine,
) -> None:
    answer = ask(shop, "buyer", "inventory.check_stock", item="desk lamp")
    assert answer.sentence() == (
        "LAMP-01 Desk lamp: 12 on hand, 0 reserved, 12 available, 0 on order."
    )
    assert answer.sentence("zh") == "LAMP-01 台灯：现有 12，已预留 0，可用 12，在途 0。"
    assert answer.model_dump()["value"] == Decimal(96)
    grid = answer.grid()
    assert grid is not None
    assert grid.rows == (("MAIN", "Main warehouse", 12, 0, 12),)

    assert on_hand(shop, item="LAMP-01").value is None
    moves = ask(shop, "warehouse", "inventory.show_moves", item="LAMP-01").grid()
    assert moves is not None
    assert [column.name for column in moves.columns][-1] == "document"


def test_a_count_is_shown_approved_and_undone(shop: Engine) -> None:
    proposal = propose(shop, "warehouse", "inventory.count_stock", item="lamp-01", counted=10)
    assert proposal.calls[0]["arguments"]["location"] == "MAIN"
    assert proposal.effect.lines() == [
        "LAMP-01 Desk lamp (on hand @ MAIN): 12 → 10",
        "debit 5010 Inventory adjustment: 16.00 EUR",
        "credit 1400 Inventory: 16.00 EUR",
    ]

    said = approve(shop, proposal)
    assert said == "CT-00001: LAMP-01 Desk lamp in MAIN goes from 12 to 10 (-2)."

    # Meanwhile more came: the undoing brings back the two, not the twelve.
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        main = inventory.main_location(session)
        inventory.adjust_stock(session, lamp, main, counted=Decimal(15), because="found")
    undo = TOOLBOX.undo(shop, as_person(shop, "warehouse"), proposal.id)
    approve(shop, undo)
    assert on_hand(shop, item="LAMP-01").on_hand == 17
    with reading(shop) as session:
        assert verify(session) == []


def test_a_transfer_goes_there_and_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        inventory.add_location(session, code="SHOP", name="City shop", name_zh="门店")

    proposal = propose(
        shop,
        "warehouse",
        "inventory.transfer_stock",
        item="LAMP-01",
        quantity=4,
        target="city shop",
    )
    approve(shop, proposal)
    assert [place.on_hand for place in on_hand(shop, item="LAMP-01").places] == [8, 4]

    approve(shop, TOOLBOX.undo(shop, as_person(shop, "warehouse"), proposal.id))
    assert [place.on_hand for place in on_hand(shop, item="LAMP-01").places] == [12]


def test_a_reorder_rule_is_set_and_given_back(shop: Engine) -> None:
    first = propose(
        shop, "buyer", "inventory.set_reorder_rule", item="desk lamp", minimum=20, target=60
    )
    assert first.effect.lines() == ["LAMP-01 Desk lamp (reorder rule): 10 / 50 → 20 / 60"]
    approve(shop, first)
    short = ask(shop, "buyer", "inventory.list_shortages")
    assert short.sentence() == "1 item is short; to reorder: LAMP-01 Desk lamp (48)."
    assert short.sentence("zh") == "1 种物料低于再订货点，建议补货：LAMP-01 台灯 (48)。"

    approve(shop, TOOLBOX.undo(shop, as_person(shop, "buyer"), first.id))
    assert ask(shop, "buyer", "inventory.list_shortages").sentence() == "No item is short."

    second = propose(shop, "buyer", "inventory.set_reorder_rule", item="shade", minimum=1, target=2)
    approve(shop, second)
    undo = TOOLBOX.undo(shop, as_person(shop, "buyer"), second.id)
    assert undo.calls[0]["tool"] == "inventory.remove_reorder_rule"
    approve(shop, undo)


@pytest.mark.parametrize(
    ("who", "tool", "arguments"),
    [
        ("sales", "inventory.count_stock", {"item": "LAMP-01", "counted": 1}),
        ("auditor", "inventory.count_stock", {"item": "LAMP-01", "counted": 1}),
        ("buyer", "inventory.transfer_stock", {"item": "LAMP-01", "quantity": 1, "target": "X"}),
        ("sales", "inventory.set_reorder_rule", {"item": "LAMP-01", "minimum": 1, "target": 2}),
        ("customer", "inventory.check_stock", {"item": "LAMP-01"}),
        ("employee", "inventory.show_moves", {"item": "LAMP-01"}),
    ],
)
def test_who_has_not_the_role_is_refused(
    shop: Engine, who: str, tool: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(NotPermitted):
        (ask if not TOOLBOX.tools[tool].writes else propose)(shop, who, tool, **arguments)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("inventory.count_stock", {"item": "LAMP-01", "counted": -1}, "greater than or equal"),
        ("inventory.count_stock", {"item": "LAMP-01", "counted": "NaN"}, "finite"),
        ("inventory.count_stock", {"item": "LAMP-01", "counted": "1e13"}, "less than or equal"),
        ("inventory.count_stock", {"item": "no such", "counted": 1}, "no such"),
        ("inventory.count_stock", {"item": "LAMP-01", "counted": "1.5"}, "0 decimals"),
        ("inventory.transfer_stock", {"item": "LAMP-01", "quantity": 1, "target": "MAIN"}, "MAIN"),
        (
            "inventory.transfer_stock",
            {"item": "LAMP-01", "quantity": 1, "target": "CUSTOMERS"},
            "not a warehouse",
        ),
        ("inventory.set_reorder_rule", {"item": "LAMP-01", "minimum": 5, "target": 4}, "below"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    shop: Engine, tool: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        propose(shop, "warehouse" if "rule" not in tool else "buyer", tool, **arguments)
