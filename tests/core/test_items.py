"""Items: barcodes, variants, kits, what may be traded, tax by category; and orders made of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core import catalog, inventory, sales
from core.catalog import AttributeDraft, ItemKind, Trade, ValueDraft, pricing
from core.catalog.barcodes import check_digit
from core.catalog.errors import (
    BarcodeTaken,
    ItemBlocked,
    KitIsEmpty,
    NoNewVariants,
    NotAComponent,
    ReplacedByItself,
    UnknownBarcode,
    WrongCheckDigit,
)
from core.catalog.pricing import Offer, PromotionKind, Target
from core.compliance import verify_books
from core.kernel import events
from core.kernel.money import Money
from core.sales import OrderLineDraft
from core.sales.events import OrderConfirmed
from tests.core.shop import eur, open_shop, stock


def test_a_barcode_finds_one_unit_of_an_item(session: Session) -> None:
    shop = open_shop(session)
    catalog.set_conversion(
        session, unit="carton", quantity=Decimal(12), of_unit="pcs", item=shop.lamp
    )

    catalog.add_barcode(session, shop.lamp, "4006381333931")
    catalog.add_barcode(session, shop.lamp, "036000291452", unit="carton")

    assert catalog.find_item(session, "4006381333931").sku == "LAMP-01"
    assert catalog.scan(session, "036000291452").unit_code == "carton"
    with pytest.raises(WrongCheckDigit, match="4006381333930 should be 1"):
        catalog.add_barcode(session, shop.bulb, "4006381333930")
    with pytest.raises(BarcodeTaken, match="belongs to LAMP-01"):
        catalog.add_barcode(session, shop.bulb, "4006381333931")
    catalog.remove_barcode(session, "036000291452")
    with pytest.raises(UnknownBarcode):
        catalog.scan(session, "036000291452")


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(digits: str, place: int, off: int) -> None:
    wrong = (int(digits[place]) + off) % 10

    changed = f"{digits[:place]}{wrong}{digits[place + 1 :]}"

    assert check_digit(changed) != check_digit(digits)


def test_variants_are_made_of_every_combination_once(session: Session) -> None:
    colours = (ValueDraft("RED", "red", "红"), ValueDraft("BLUE", "blue", "蓝"))
    sizes = (ValueDraft("S", "S"), ValueDraft("L", "L"))
    template = catalog.add_template(
        session,
        code="SHIRT",
        name="Shirt",
        name_zh="衬衫",
        attributes=[AttributeDraft("colour", colours, "颜色"), AttributeDraft("size", sizes)],
    )

    made = catalog.make_variants(session, template)

    assert [item.sku for item in made] == ["SHIRT-RED-S", "SHIRT-RED-L", "SHIRT-BLUE-S",
                                           "SHIRT-BLUE-L"]  # fmt: skip
    assert (made[1].name, made[1].name_zh) == ("Shirt, red, L", "衬衫 红 L")
    with pytest.raises(NoNewVariants):
        catalog.make_variants(session, template)


def test_what_is_blocked_is_not_sold_and_names_what_replaces_it(session: Session) -> None:
    shop = open_shop(session)
    catalog.replace_item(session, shop.lamp, shop.bulb)
    catalog.block_item(session, shop.lamp, Trade.SALE)

    with pytest.raises(ItemBlocked, match="blocked for sale; take BULB-02 Bulb instead"):
        sales.confirm_order(
            session, customer=shop.haus, lines=[OrderLineDraft(shop.lamp, Decimal(1))]
        )
    with pytest.raises(ReplacedByItself):
        catalog.replace_item(session, shop.bulb, shop.lamp)
    catalog.require_tradeable(session, [(shop.lamp, Decimal(1))], trade=Trade.PURCHASE)
    catalog.release_item(session, shop.lamp, Trade.SALE)
    assert sales.confirm_order(
        session, customer=shop.haus, lines=[OrderLineDraft(shop.lamp, Decimal(1))]
    ).number


def test_items_are_taxed_as_their_category_unless_they_say_otherwise(session: Session) -> None:
    goods = catalog.add_category(session, code="GOODS", name="Goods", name_zh="商品")
    books = catalog.add_category(session, code="BOOKS", name="Books", name_zh="图书", parent=goods)
    follows = catalog.add_item(session, sku="A", name="A", category=books)
    own = catalog.add_item(session, sku="B", name="B", category=books, sales_tax_code="V0")

    catalog.set_category_taxes(session, goods, sales_tax_code="V19", purchase_tax_code="V19")
    session.refresh(follows)
    assert (follows.sales_tax_code, own.sales_tax_code) == ("V19", "V0")
    catalog.set_category_taxes(session, books, sales_tax_code="V7", purchase_tax_code="V7")
    later = catalog.add_item(session, sku="C", name="C", category=books)
    catalog.set_category_taxes(session, goods, sales_tax_code="V16", purchase_tax_code="V16")
    session.refresh(follows)
    assert (follows.sales_tax_code, later.sales_tax_code) == ("V7", "V7")


def test_an_order_in_cartons_counts_pieces_and_remembers_the_cartons(session: Session) -> None:
    shop = open_shop(session, limit=None)
    line = OrderLineDraft(shop.lamp, Decimal(60), unit_code="carton", unit_quantity=Decimal(5))

    order = sales.confirm_order(session, customer=shop.haus, lines=[line])

    assert (order.lines[0].quantity, order.lines[0].unit_quantity) == (60, 5)
    [fact] = [each for each in events.recorded(session) if isinstance(each, OrderConfirmed)]
    assert fact.lines[0].terms == "5 carton = 60 × LAMP-01 @ 20"


def test_a_promotion_stands_on_the_order_with_its_free_goods(session: Session) -> None:
    shop = open_shop(session, limit=None)
    catalog.set_standard_cost(session, shop.lamp, Decimal(8))
    gives = Offer(
        "FIVE", PromotionKind.FREE_GOODS, buy_quantity=Decimal(5), free_quantity=Decimal(1)
    )
    pricing.start_promotion(
        session, code="FIVE", name="Five and one", gives=gives, target=Target(item=shop.lamp)
    )

    order = sales.confirm_order(
        session, customer=shop.haus, lines=[OrderLineDraft(shop.lamp, Decimal(10))]
    )

    assert [(line.quantity, line.net_amount) for line in order.lines] == [(10, 200), (2, 0)]
    assert sum(line.promotion_amount for line in order.lines) == 40
    sales.deliver_order(session, order.number)
    sales.invoice_order(session, order.number)
    assert inventory.stock_of(session, shop.lamp).on_hand == 0
    assert verify_books(session) == []


def test_a_kit_is_reserved_delivered_and_costed_by_its_components(session: Session) -> None:
    shop = open_shop(session, limit=None)
    stock(session, shop.bulb, "30", "15")
    kit = catalog.add_item(session, sku="SET", name="Lamp set", kind=ItemKind.KIT, unit_code="set")
    catalog.set_price(session, kit, unit_price=Decimal("22.99"))
    with pytest.raises(KitIsEmpty):
        sales.confirm_order(session, customer=shop.haus, lines=[OrderLineDraft(kit, Decimal(1))])
    catalog.define_kit(session, kit, [(shop.lamp, Decimal(1)), (shop.bulb, Decimal(3))])
    with pytest.raises(NotAComponent):
        catalog.define_kit(session, kit, [(kit, Decimal(1))])

    order = sales.confirm_order(
        session, customer=shop.haus, lines=[OrderLineDraft(kit, Decimal(2))]
    )

    # 45.98 split as 40.00 and 11.94 cost alone: 35.41 and 10.57.
    nets = [Money.rounding(line.net_amount, "EUR") for line in order.lines]
    assert nets == [eur("35.41"), eur("10.57")]
    assert [line.quantity for line in order.lines] == [2, 6]
    [fact] = [each for each in events.recorded(session) if isinstance(each, OrderConfirmed)]
    assert fact.lines[1].terms.endswith("[2 × SET]")
    assert inventory.stock_of(session, shop.bulb).reserved == 6
    sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)
    assert Money(invoice.net_minor, "EUR") == eur("45.98")
    assert inventory.stock_of(session, shop.lamp).on_hand == 10
    assert verify_books(session) == []


@given(
    st.integers(-10_000, 10_000),
    st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=6),
)
def test_the_parts_of_a_kit_sum_to_its_price(minor: int, weights: list[Decimal]) -> None:
    whole = Money(minor, "EUR")

    parts = catalog.split_net(whole, weights)

    assert sum(part.minor for part in parts) == minor
    if any(weights):
        total = sum(weights)
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part.minor - minor * weight / total) < 1
