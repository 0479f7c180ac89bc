"""Units: how much of one another is, and that no conversion ever invents or loses a piece."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, Trade
from core.catalog.errors import QuantityNotPositive, UnknownUnit
from core.catalog.units.errors import (
    ConversionUnknown,
    NoConversion,
    NotExpressible,
    PriceNotExpressible,
    UnitInUse,
    UnitOfItself,
)
from core.catalog.units.rules import Conversion, exact_decimal, factor
from core.kernel import events


@pytest.fixture
def lamp(session: Session) -> Item:
    """A lamp in cartons of twelve, and forty of those on a pallet."""
    lamp = catalog.add_item(session, sku="LAMP-01", name="Desk lamp", name_zh="台灯")
    catalog.set_conversion(session, unit="carton", quantity=Decimal(12), of_unit="pcs", item=lamp)
    catalog.set_conversion(
        session, unit="pallet", quantity=Decimal(40), of_unit="carton", item=lamp
    )
    return lamp


def test_a_quantity_is_counted_in_the_items_own_unit(session: Session, lamp: Item) -> None:
    assert catalog.in_base_unit(session, lamp, Decimal(5), "carton") == 60
    assert catalog.in_base_unit(session, lamp, Decimal("0.5"), "pallet") == 240
    assert catalog.in_base_unit(session, lamp, Decimal(7), "pcs") == 7
    assert catalog.from_base_unit(session, lamp, Decimal(480), "pallet") == 1
    assert catalog.from_base_unit(session, lamp, Decimal(1), "carton") is None
    assert catalog.price_in_base_unit(session, lamp, Decimal("150.00"), "carton") == Decimal("12.5")


def test_what_the_own_unit_cannot_express_is_refused_with_a_way_out(
    session: Session, lamp: Item
) -> None:
    with pytest.raises(NotExpressible, match=r"0\.7 carton of LAMP-01 are 8.4 pcs.*say it in pcs"):
        catalog.in_base_unit(session, lamp, Decimal("0.7"), "carton")
    with pytest.raises(NoConversion, match="how many pcs one kg is, or use pcs, carton"):
        catalog.in_base_unit(session, lamp, Decimal(1), "kg")
    with pytest.raises(PriceNotExpressible, match="100 per carton"):
        catalog.price_in_base_unit(session, lamp, Decimal(100), "carton")
    with pytest.raises(QuantityNotPositive):
        catalog.in_base_unit(session, lamp, Decimal(-1), "carton")
    with pytest.raises(UnknownUnit, match="stone"):
        catalog.set_conversion(session, unit="stone", quantity=Decimal(6), of_unit="kg")


def test_a_piece_out_of_a_larger_base_must_be_a_multiple(session: Session) -> None:
    nail = catalog.add_item(session, sku="NAIL", name="Nail", unit_code="kg")
    catalog.set_conversion(session, unit="pcs", quantity=Decimal("0.0025"), of_unit="kg", item=nail)

    assert catalog.in_base_unit(session, nail, Decimal(400), "pcs") == 1
    assert catalog.in_base_unit(session, nail, Decimal(250), "g") == Decimal("0.25")
    assert catalog.in_base_unit(session, nail, Decimal("0.002"), "t") == 2
    with pytest.raises(NotExpressible, match="say a multiple of 2 pcs"):
        catalog.in_base_unit(session, nail, Decimal(1), "pcs")


def test_an_items_own_conversion_goes_before_the_general_one(session: Session, lamp: Item) -> None:
    catalog.set_conversion(session, unit="box", quantity=Decimal(10), of_unit="pcs")
    bulb = catalog.add_item(session, sku="BULB", name="Bulb")
    catalog.set_conversion(session, unit="box", quantity=Decimal(25), of_unit="pcs", item=bulb)

    assert catalog.in_base_unit(session, lamp, Decimal(2), "box") == 20
    assert catalog.in_base_unit(session, bulb, Decimal(2), "box") == 50


def test_no_unit_is_made_of_itself(session: Session, lamp: Item) -> None:
    with pytest.raises(UnitOfItself, match="pcs cannot be made of pallet"):
        catalog.set_conversion(
            session, unit="pcs", quantity=Decimal(2), of_unit="pallet", item=lamp
        )
    with pytest.raises(UnitOfItself):
        catalog.set_conversion(session, unit="g", quantity=Decimal(2), of_unit="t")
    circle = text("UPDATE unit_conversion SET of_unit_code = 'pallet' WHERE unit_code = 'carton'")
    with pytest.raises(IntegrityError, match="made of itself"), session.begin_nested():
        session.execute(circle)


def test_a_conversion_is_changed_and_taken_back_on_the_record(session: Session, lamp: Item) -> None:
    before = catalog.set_conversion(
        session, unit="cartons", quantity=Decimal(10), of_unit="piece", item=lamp
    )
    catalog.set_trade_unit(session, lamp, Trade.PURCHASE, "carton")

    assert before == 12
    with pytest.raises(UnitInUse, match="usually bought in"):
        catalog.drop_conversion(session, unit="carton", item=lamp)
    assert catalog.set_trade_unit(session, lamp, Trade.PURCHASE, "pcs") == "carton"
    catalog.drop_conversion(session, unit="pallet", item=lamp)
    with pytest.raises(ConversionUnknown, match="one pallet of LAMP-01"):
        catalog.drop_conversion(session, unit="pallet", item=lamp)
    said = [
        line for fact in events.recorded(session)[-4:] for line in events.effect_of([fact]).lines()
    ]
    assert said == [
        "item LAMP-01 (1 carton): 12 pcs → 10 pcs",
        "item LAMP-01 (purchase unit): pcs → carton",
        "item LAMP-01 (purchase unit): carton → pcs",
        "item LAMP-01 (1 pallet): 40 carton → none",
    ]


@given(
    st.decimals("0.001", "100000", places=3),
    st.lists(st.decimals("0.001", "1000", places=3), min_size=1, max_size=5),
)
def test_there_and_back_is_where_it_began(quantity: Decimal, steps: list[Decimal]) -> None:
    conversions = [
        Conversion(f"u{place}", step, f"u{place + 1}") for place, step in enumerate(steps)
    ]
    last = f"u{len(steps)}"

    there = factor(conversions, "u0", last)
    back = factor(conversions, last, "u0")

    assert there is not None
    assert back is not None
    assert there * back == 1
    assert exact_decimal(Fraction(quantity) * there * back, 3) == quantity
    product = Fraction(1)
    for step in steps:
        product *= Fraction(step)
    assert there == product
