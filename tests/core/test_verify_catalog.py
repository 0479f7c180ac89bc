"""`verify` names what is broken of items, kits, units, promotions and policies."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import catalog, sales
from core.catalog import ItemKind, Trade
from core.compliance import verify_books
from core.inventory import ReorderMethod
from core.inventory.reordering import ReorderPolicy, set_policy
from core.sales import OrderLineDraft
from tests.core.shop import open_shop

CARTON = "UPDATE item SET purchase_unit_code = 'pallet' WHERE sku = 'LAMP-01'"
# What is done behind the services' back, and what is found.
DAMAGES = [
    (
        "UPDATE item SET sales_tax_code = NULL WHERE sku = 'BOOK'",
        "BOOK",
        "is taxed not / not, its category V19 / not",
    ),
    (
        "UPDATE item SET kind = 'stocked' WHERE sku = 'SET'",
        "SET of LAMP-01",
        "2 pcs belong to what is no kit",
    ),
    (
        "UPDATE kit_component SET quantity = 1.5 WHERE quantity = 2",
        "SET of LAMP-01",
        "1.5 pcs are more exact than the unit",
    ),
    (CARTON, "LAMP-01 pallet", "cannot be counted in pcs"),
    (
        "DELETE FROM unit_conversion",
        "LAMP-01 carton",
        "cannot be counted in pcs",
    ),
    (
        "UPDATE sales_order_line SET promotion_amount = 3",
        "SO-00001 line 1",
        "saves 3 by no promotion",
    ),
    (
        "UPDATE reorder_rule SET item_id = (SELECT id FROM item WHERE sku = 'ADVICE')",
        "ADVICE",
        "is reordered and never in stock",
    ),
]


@pytest.fixture
def items(session: Session) -> Session:
    """A kit, a unit, an item taxed as its category, an order and a policy: all in order."""
    shop = open_shop(session, limit=None)
    kit = catalog.add_item(session, sku="SET", name="Set", kind=ItemKind.KIT)
    catalog.define_kit(session, kit, [(shop.lamp, Decimal(2)), (shop.advice, Decimal(1))])
    catalog.set_conversion(
        session, unit="carton", quantity=Decimal(12), of_unit="pcs", item=shop.lamp
    )
    catalog.set_trade_unit(session, shop.lamp, Trade.PURCHASE, "carton")
    catalog.add_barcode(session, shop.lamp, "036000291452", unit="carton")
    books = catalog.add_category(session, code="BOOKS", name="Books", name_zh="图书")
    catalog.set_category_taxes(session, books, sales_tax_code="V19", purchase_tax_code=None)
    catalog.add_item(session, sku="BOOK", name="Book", category=books)
    set_policy(session, shop.lamp, ReorderPolicy(ReorderMethod.LOT_FOR_LOT))
    sales.confirm_order(session, customer=shop.haus, lines=[OrderLineDraft(shop.lamp, Decimal(1))])
    assert verify_books(session) == []
    return session


def test_what_is_broken_of_items_is_named(items: Session) -> None:
    for damage, subject, problem in DAMAGES:
        with items.begin_nested() as unharmed:
            items.execute(text(damage))

            found = [(each.invariant, each.subject, each.problem) for each in verify_books(items)]

            assert ("I10", subject, problem) in found, damage
            unharmed.rollback()
