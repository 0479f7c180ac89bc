"""Ordering as people speak: in cartons, by the supplier's own numbers, and not what is blocked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, purchasing
from core.catalog import Trade
from core.catalog.errors import ItemBlocked
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import reading, unit_of_work
from core.kernel.naming import AmbiguousName
from core.purchasing import LineChange, OrderLineDraft, quotes, requisitions
from core.purchasing.events import OrderPlaced
from core.purchasing.quotes import Asked
from core.purchasing.requisitions import Need
from tests.core.road import approve, ask, propose
from tests.core.shop import open_shop

TEN = Decimal(10)


def test_what_is_blocked_for_purchase_is_not_asked_for_needed_ordered_or_added(
    session: Session,
) -> None:
    shop = open_shop(session)
    order = purchasing.place_order(
        session, supplier=shop.works, lines=[OrderLineDraft(shop.lamp, TEN)]
    )
    catalog.replace_item(session, shop.lamp, shop.bulb)
    catalog.block_item(session, shop.lamp, Trade.PURCHASE)
    in_a_week = company(session).today + timedelta(days=7)

    said = "blocked for purchase; take BULB-02 Bulb instead"
    with pytest.raises(ItemBlocked, match=said):
        purchasing.place_order(session, supplier=shop.works, lines=[OrderLineDraft(shop.lamp, TEN)])
    with pytest.raises(ItemBlocked, match=said):
        purchasing.change_order(
            session, order.number, lines={1: LineChange(Decimal(11))}, because="more"
        )
    with pytest.raises(ItemBlocked, match=said):
        purchasing.change_order(
            session, order.number, added=[OrderLineDraft(shop.lamp, TEN)], because="more"
        )
    with pytest.raises(ItemBlocked, match=said):
        quotes.ask_for_quotes(
            session, [Asked(shop.lamp, TEN)], suppliers=[shop.works], answer_by=in_a_week
        )
    with pytest.raises(ItemBlocked, match=said):
        requisitions.write_requisition(
            session, [Need(shop.lamp, TEN)], needed_on=in_a_week, because="stock"
        )
    # What is ordered already goes on, and may become less.
    assert purchasing.receive_order(session, order.number, quantities={1: Decimal(4)}).number
    assert purchasing.change_order(
        session, order.number, lines={1: LineChange(Decimal(8))}, because="enough"
    ).version


def test_a_purchase_in_cartons_counts_pieces_and_remembers_the_cartons(session: Session) -> None:
    shop = open_shop(session)
    line = OrderLineDraft(
        shop.lamp, Decimal(60), Decimal(8), unit_code="carton", unit_quantity=Decimal(5)
    )

    order = purchasing.place_order(session, supplier=shop.works, lines=[line])

    [fact] = [each for each in events.recorded(session) if isinstance(each, OrderPlaced)]
    assert fact.lines[0].terms == "5 carton = 60 × LAMP-01 @ 8"
    assert purchasing.view_order(session, order.number).lines[0].ordered_as == "5 carton (60 pcs)"
    purchasing.change_order(
        session, order.number, lines={1: LineChange(unit_price=Decimal(7))}, because="cheaper"
    )
    assert purchasing.view_order(session, order.number).lines[0].ordered_as == "5 carton (60 pcs)"
    purchasing.change_order(
        session, order.number, lines={1: LineChange(Decimal(50))}, because="fewer"
    )
    assert purchasing.view_order(session, order.number).lines[0].ordered_as == ""
    with (
        pytest.raises(IntegrityError, match="ck_purchase_order_line_unit"),
        session.begin_nested(),
    ):
        session.execute(text("UPDATE purchase_order_line SET unit_code = 'carton'"))


def test_an_item_is_found_by_what_its_supplier_calls_it(session: Session) -> None:
    shop = open_shop(session)
    for item, supplier, theirs in (
        (shop.lamp, shop.works, "LW-77"),
        (shop.bulb, shop.works, "BULB-X"),
        (shop.bulb, shop.lux, "LW-77"),
    ):
        purchasing.list_offer(
            session,
            item,
            supplier=supplier,
            unit_price=TEN,
            lead_time_days=3,
            supplier_sku=theirs,
        )

    assert purchasing.find_item(session, "bulb-x").sku == "BULB-02"
    assert purchasing.find_item(session, "LW-77", supplier=shop.works).sku == "LAMP-01"
    assert purchasing.find_item(session, "LW-77", supplier=shop.lux).sku == "BULB-02"
    assert purchasing.find_item(session, "desk lamp").sku == "LAMP-01"
    with pytest.raises(AmbiguousName, match=r"BULB-02 Bulb.*LAMP-01 Desk lamp"):
        purchasing.find_item(session, "LW-77")


def test_five_cartons_are_proposed_ordered_and_shown_as_such(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        catalog.set_conversion(
            session, unit="carton", quantity=Decimal(12), of_unit="pcs", item=lamp
        )
        [offer, *_] = purchasing.offers_for(session, lamp)
        number = offer.supplier.number
    approve(
        shop,
        propose(
            shop, "buyer", "purchasing.add_offer",
            item="LAMP-01", supplier=number, unit_price="8", lead_time_days=3,
            supplier_sku="LW-77",
        ),
    )  # fmt: skip

    proposal = propose(
        shop, "buyer", "purchasing.order_item",
        item="lw-77", quantity=5, unit="cartons", unit_price="96", supplier=number,
    )  # fmt: skip
    assert proposal.calls[0]["arguments"]["item"] == "LAMP-01"
    assert proposal.calls[0]["arguments"]["unit"] == "carton"
    assert any("5 carton = 60 × LAMP-01 @ 8" in line for line in proposal.effect.lines())
    said = approve(shop, proposal)
    assert "60 × LAMP-01" in said

    with reading(shop) as session:
        [order] = purchasing.list_orders(session)
    grid = ask(shop, "buyer", "purchasing.show_order", order=order.number).grid()
    assert grid is not None
    assert [column.name for column in grid.columns][3] == "ordered as"
    assert grid.rows[0][3:5] == ("5 carton (60 pcs)", 60)
    theirs = {"field": "supplier_sku", "op": "contains", "values": ["lw-7"]}
    asked = {"records": "items", "filters": [theirs]}
    found = ask(shop, "buyer", "reporting.list_records", query=asked).grid()
    assert found is not None
    assert [row[0] for row in found.rows] == ["LAMP-01"]
