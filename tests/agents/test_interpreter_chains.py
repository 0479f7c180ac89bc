"""Steps of one message that build on each other: what one makes is what the next one means."""

from typing import get_type_hints

from sqlalchemy import Engine

from agents.interpreter.records import MADE_BY
from core.kernel.database import reading
from core.sales import view_order
from tests.tools.steps import books_are_right, do, on_hand, sold, step, undo
from tools import TOOLBOX


def test_what_a_call_makes_is_a_field_of_its_answer() -> None:
    for tool, (_, path) in MADE_BY.items():
        inner = get_type_hints(TOOLBOX.tools[tool].run)["return"]
        for field in path.split("."):
            fields = get_type_hints(inner)
            assert field in fields, (tool, path)
            inner = fields[field]
        assert inner is str, (tool, path)


def test_an_order_its_delivery_and_its_invoice_are_one_plan_with_one_way_back(shop: Engine) -> None:
    before = on_hand(shop, "LAMP-01")

    done = do(
        shop,
        "allrounder",
        step("sales.sell_item", customer="C-00001", lines=[sold("LAMP-01", 2)]),
        step("sales.deliver_order", order="$1.number"),
        step("sales.invoice_order", order="$1.number"),
    )

    assert [answer["number"] for answer in done.answers or []] == [
        "SO-00001",
        "DN-00001",
        "INV-00001",
    ]
    with reading(shop) as session:
        assert view_order(session, "SO-00001").state == "delivered"
    assert on_hand(shop, "LAMP-01") == before - 2
    undo(shop, "manager2", done)
    books_are_right(shop)
