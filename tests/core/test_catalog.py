"""Catalog: items, their units, and which price applies."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item
from core.catalog.errors import (
    ItemInactive,
    ItemStateUnchanged,
    NoPrice,
    PriceOutOfRange,
    QuantityNotPositive,
    QuantityTooFine,
    QuantityTooLarge,
    SkuTaken,
    UnknownItem,
    UnknownUnit,
)
from core.kernel import events
from core.kernel.naming import AmbiguousName
from tests.conftest import TODAY


@pytest.fixture
def lamp(session: Session) -> Item:
    """A desk lamp at 20.00, and at 18.50 from ten on."""
    lamp = catalog.add_item(
        session, sku="LAMP-01", name="Desk lamp", name_zh="台灯", standard_cost=Decimal(8)
    )
    catalog.set_price(session, lamp, unit_price=Decimal(20))
    catalog.set_price(session, lamp, unit_price=Decimal("18.5"), minimum_quantity=Decimal(10))
    return lamp


def test_an_item_is_found_by_sku_name_or_part(session: Session, lamp: Item) -> None:
    catalog.add_item(session, sku="LAMP-02", name="Floor lamp")

    for said in ("LAMP-01", "lamp-01", "desk lamp", "台灯", "desk"):
        assert catalog.find_item(session, said) is lamp
    with pytest.raises(AmbiguousName, match="LAMP-01 Desk lamp, LAMP-02 Floor lamp"):
        catalog.find_item(session, "lamp")
    with pytest.raises(UnknownItem, match="Did you mean LAMP-01"):
        catalog.find_item(session, "LAMP-10")


def test_many_items_are_found_in_the_order_asked_for(session: Session, lamp: Item) -> None:
    shade = catalog.add_item(session, sku="SHADE", name="Lamp shade")

    assert catalog.find_items(session, ["shade", "LAMP-01", "SHADE"]) == [shade, lamp, shade]


def test_a_price_follows_quantity_list_and_day(session: Session, lamp: Item) -> None:
    catalog.add_price_list(session, code="DEALER", name="Dealers", name_zh="经销商")
    later = TODAY + timedelta(days=30)
    catalog.set_price(session, lamp, unit_price=Decimal(15), price_list="DEALER")
    catalog.set_price(session, lamp, unit_price=Decimal(21), valid_from=later)
    bulb = catalog.add_item(session, sku="BULB", name="Bulb")
    catalog.set_price(session, bulb, unit_price=Decimal("1.234567"))

    assert catalog.price_of(session, lamp).unit_price == 20
    assert catalog.price_of(session, lamp, quantity=Decimal(10)).unit_price == Decimal("18.5")
    assert catalog.price_of(session, lamp, on=later).unit_price == 21
    dealer = catalog.prices_of(
        session, [(lamp, Decimal(99)), (bulb, Decimal(1))], price_list_code="DEALER"
    )
    assert [price.unit_price for price in dealer] == [15, Decimal("1.234567")]
    with pytest.raises(NoPrice, match="LAMP-01 at 1"):
        catalog.price_of(session, lamp, on=TODAY - timedelta(days=1))


def test_a_price_set_twice_on_a_day_is_corrected(session: Session, lamp: Item) -> None:
    catalog.set_price(session, lamp, unit_price=Decimal("19.9"))

    assert catalog.price_of(session, lamp).unit_price == Decimal("19.9")
    effect = events.effect_of(events.recorded(session)[-1:])
    assert effect.lines() == ["price LAMP-01 (STANDARD): 20 EUR → 19.9 EUR · ≥ 1"]
    assert len(catalog.list_prices(session, lamp.id)) == 2


def test_what_cannot_be_an_item_is_refused(session: Session, lamp: Item) -> None:
    with pytest.raises(SkuTaken, match="Desk lamp"):
        catalog.add_item(session, sku="LAMP-01", name="Other")
    with pytest.raises(UnknownUnit, match="box, carton, g, h, kg, l, m, ml"):
        catalog.add_item(session, sku="X", name="X", unit_code="stone")
    with pytest.raises(PriceOutOfRange):
        catalog.set_price(session, lamp, unit_price=Decimal("0.0000001"))
    with pytest.raises(PriceOutOfRange):
        catalog.set_standard_cost(session, lamp, Decimal(-1))


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [
        ("0", QuantityNotPositive),
        ("-1", QuantityNotPositive),
        ("1.5", QuantityTooFine),
        ("1E+13", QuantityTooLarge),
    ],
)
def test_a_quantity_that_the_unit_cannot_express_is_refused(
    session: Session, lamp: Item, quantity: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        catalog.require_tradeable(session, [(lamp, Decimal(quantity))])


def test_a_whole_quantity_may_be_written_with_zeros(session: Session, lamp: Item) -> None:
    catalog.require_tradeable(session, [(lamp, Decimal("10.000000")), (lamp, Decimal("1E+2"))])


def test_an_inactive_item_is_not_traded_until_it_is_active_again(
    session: Session, lamp: Item
) -> None:
    catalog.deactivate_item(session, lamp)

    with pytest.raises(ItemInactive):
        catalog.require_tradeable(session, [(lamp, Decimal(1))])
    with pytest.raises(ItemStateUnchanged):
        catalog.deactivate_item(session, lamp)
    catalog.activate_item(session, lamp)
    catalog.require_tradeable(session, [(lamp, Decimal(1))])


@pytest.mark.usefixtures("lamp")
def test_a_category_stands_for_all_that_is_filed_under_it(session: Session) -> None:
    light = catalog.add_category(session, code="LIGHT", name="Light", name_zh="灯具")
    bulbs = catalog.add_category(session, code="BULBS", name="Bulbs", name_zh="灯泡", parent=light)
    catalog.add_item(session, sku="BULB-01", name="Bulb", category=bulbs)

    found = catalog.list_items(
        session, category_id=catalog.find_category(session, "灯具").id, containing="bulb"
    )

    assert [(view.sku, view.category_zh) for view in found] == [("BULB-01", "灯泡")]
    assert [view.sku for view in catalog.list_items(session)] == ["BULB-01", "LAMP-01"]


def test_the_standard_catalog_is_opened_once(session: Session) -> None:
    catalog.open_standard_catalog(session)
    before = len(events.recorded(session))

    catalog.open_standard_catalog(session)

    assert len(events.recorded(session)) == before


def test_names_and_costs_change_and_say_so(session: Session, lamp: Item) -> None:
    catalog.rename_item(session, lamp, name="Table lamp", name_zh="桌灯")
    catalog.set_standard_cost(session, lamp, Decimal("8.5"))

    assert catalog.find_item(session, "桌灯").standard_cost == Decimal("8.5")
    assert events.effect_of(events.recorded(session)[-2:]).lines() == [
        "item LAMP-01 (name): Desk lamp → Table lamp",
        "item LAMP-01 (standard cost): 8 EUR → 8.5 EUR",
    ]
