"""A customer from every side: the figures agree, and what may not be seen is named."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import parties
from core.kernel.database import reading
from core.reporting.customer_view import CustomerStanding, customer_standing
from tests.shop import as_person, fill_shop
from tools import TOOLBOX


@pytest.fixture(scope="module")
def shop(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """The shop after Acme ordered ten lamps, got four, paid them, and was quoted more."""
    engine = databases("founded")
    fill_shop(engine)
    manager = as_person(engine, "manager")

    def does(*calls: dict[str, object]) -> None:
        card = TOOLBOX.propose(engine, manager, TOOLBOX.parse(calls), reason={"words": "test"})
        done = TOOLBOX.decide(engine, manager, card.id, "approve", seen=card.digest)
        assert done.state == "executed"

    def step(tool: str, **arguments: object) -> dict[str, object]:
        return {"tool": tool, "arguments": arguments}

    does(
        step("sales.sell_item", customer="Acme", lines=[{"item": "LAMP-01", "quantity": "20"}]),
        step("sales.deliver_order", order="$1.number", quantity="4"),
        step("sales.invoice_order", order="$1.number"),
        step("sales.quote_items", party="Acme", lines=[{"item": "SHADE-02", "quantity": "5"}]),
        step("crm.log_activity", party="Acme", subject="Asked for a rebate", kind="call"),
    )
    yield engine
    engine.dispose()


def standing(shop: Engine, login: str) -> CustomerStanding:
    with reading(shop, as_person(shop, login)) as session:
        party_id = parties.find_customer(session, "Acme").party_id
        [view] = parties.list_customers(session, party_id=party_id)
        return customer_standing(session, view)


def test_every_side_of_a_customer_is_in_one_picture(shop: Engine) -> None:
    now = standing(shop, "sales")

    assert (str(now.owed), str(now.overdue)) == ("60.00 EUR", "0.00 EUR")
    assert str(now.exposure) == "300.00 EUR"
    assert [order.number for order in now.orders] == ["SO-00001"]
    assert [(one.sku, one.missing) for one in now.backorders] == [("LAMP-01", Decimal(8))]
    assert [one.total.amount for one in now.quotations] == [Decimal("22.50")]
    assert [one.subject for one in now.activities] == ["Asked for a rebate"]
    assert now.trade is not None
    assert now.trade.totals[0] == Decimal("60.00")
    assert now.profit is not None
    assert now.profit.totals[0] == Decimal("28.00")
    assert now.hidden == ()


def test_what_a_role_may_not_see_is_named_and_is_no_nought(shop: Engine) -> None:
    now = standing(shop, "warehouse")

    assert now.profit is None
    assert now.trade is not None
    assert ["gross profit" in said.en for said in now.hidden] == [True]


def test_a_customer_of_the_portal_reads_neither_notes_nor_our_stock(shop: Engine) -> None:
    [call] = TOOLBOX.parse([{"tool": "parties.show_customer", "arguments": {}}])

    shown = TOOLBOX.read(shop, as_person(shop, "customer"), call)

    said = shown.model_dump_json()
    assert "Asked for a rebate" not in said
    assert "SHADE-02" not in said
    assert "gross_profit" not in said
    assert "owes us 60.00 EUR" in shown.sentence()
