"""What we make ourselves: a sale that nothing covers is suggested to be made, and never bought."""

from decimal import Decimal

from sqlalchemy import Engine

from agents.watchers import run_once
from agents.watchers.production import PRODUCTION
from core import catalog, parties
from core.kernel.database import unit_of_work
from core.manufacturing import boms, orders
from core.processes import order_to_cash
from core.purchasing import requisitions
from core.sales import LineChange, OrderChange, OrderLineDraft
from tests.shop import as_person
from tests.tools.steps import approve
from tools import TOOLBOX, ProposalView


def watched(engine: Engine) -> list[ProposalView]:
    opened = run_once(engine, TOOLBOX, (PRODUCTION,))
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
