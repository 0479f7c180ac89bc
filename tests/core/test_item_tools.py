"""Kits, variants, measures, taxes, price lists and rules on the one road: asked, done, undone."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import catalog
from core.catalog import ItemKind, pricing
from core.catalog.pricing import Buyer
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.ledger import add_tax_code
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX, Answer, ProposalView


def do(engine: Engine, who: str, tool: str, **arguments: object) -> ProposalView:
    proposal = propose(engine, who, tool, **arguments)
    approve(engine, proposal)
    return proposal


def undo(engine: Engine, who: str, proposal: ProposalView) -> None:
    approve(engine, TOOLBOX.undo(engine, as_person(engine, who), proposal.id))


def rows(answer: Answer) -> tuple[tuple[object, ...], ...]:
    grid = answer.grid()
    assert grid is not None
    return grid.rows


def test_a_kit_is_defined_shown_changed_and_changed_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        catalog.add_item(session, sku="SET", name="Lamp set", kind=ItemKind.KIT)
        catalog.add_item(session, sku="ADVICE", name="Lighting advice", kind=ItemKind.SERVICE)
    first = do(
        shop, "buyer", "catalog.define_kit",
        kit="lamp set", lines=[{"item": "desk lamp", "quantity": 2}, {"item": "ADVICE"}],
    )  # fmt: skip
    shown = ask(shop, "buyer", "catalog.show_kit", item="SET")
    assert shown.sentence() == (
        "SET Lamp set is made of 2 × LAMP-01, 1 × ADVICE; 6 can be sold now."
    )
    assert shown.sentence("zh") == "套件 SET Lamp set 由 2 × LAMP-01、1 × ADVICE 组成；可供 6 套。"
    assert rows(shown) == (
        ("LAMP-01", "Desk lamp", 2, 12),
        ("ADVICE", "Lighting advice", 1, None),
    )

    second = propose(
        shop, "buyer", "catalog.define_kit", kit="SET", lines=[{"item": "LAMP-01", "quantity": 5}]
    )
    assert second.effect.lines() == ["kit SET: 2 × LAMP-01, 1 × ADVICE → 5 × LAMP-01"]
    approve(shop, second)
    assert "; 2 can be sold" in ask(shop, "buyer", "catalog.show_kit", item="SET").sentence()
    undo(shop, "buyer", second)

    assert (
        "2 × LAMP-01, 1 × ADVICE" in ask(shop, "buyer", "catalog.show_kit", item="SET").sentence()
    )
    with pytest.raises(DomainError, match="it had no components before"):
        TOOLBOX.undo(shop, as_person(shop, "buyer"), first.id)
    with pytest.raises(DomainError, match="LAMP-01"):
        ask(shop, "buyer", "catalog.show_kit", item="LAMP-01")
    with reading(shop) as session:
        assert verify(session) == []


def test_variants_are_made_and_leave_the_catalog_when_undone(shop: Engine) -> None:
    do(
        shop, "buyer", "catalog.add_template",
        code="SHIRT", name="Shirt",
        attributes=[
            {"name": "colour", "values": ["light blue", "red"]},
            {"name": "size", "values": ["S", "L"]},
        ],
    )  # fmt: skip
    made = do(shop, "buyer", "catalog.make_variants", template="shirt", standard_cost="4.50")

    shown = ask(shop, "buyer", "catalog.show_variants", template="SHIRT")
    assert shown.sentence() == "The template SHIRT Shirt has 4 variants."
    assert [row[0] for row in rows(shown)] == [
        "SHIRT-LIGHTBLUE-L", "SHIRT-LIGHTBLUE-S", "SHIRT-RED-L", "SHIRT-RED-S",
    ]  # fmt: skip
    with pytest.raises(DomainError, match="SHIRT"):
        propose(shop, "buyer", "catalog.make_variants", template="SHIRT")
    undo(shop, "buyer", made)
    states = {row[2] for row in rows(ask(shop, "buyer", "catalog.show_variants", template="SHIRT"))}
    assert states == {"inactive"}


def test_measures_and_taxes_are_set_and_set_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        add_tax_code(session, code="V7", name="VAT 7 %", name_zh="增值税", percent=Decimal(7))
        goods = catalog.add_category(session, code="BOOKS", name="Books", name_zh="图书")
        catalog.add_item(session, sku="BOOK", name="Book", category=goods)

    weighed = do(shop, "warehouse", "catalog.set_measures", item="desk lamp", weight_kg="1.25")
    sized = do(shop, "warehouse", "catalog.set_measures", item="LAMP-01", volume_l="3")
    assert sized.effect.lines() == ["item LAMP-01 (weight and volume): 1.25 kg → 1.25 kg, 3 l"]
    undo(shop, "warehouse", sized)
    undo(shop, "warehouse", weighed)
    taxed = do(shop, "accountant", "catalog.set_category_taxes", category="books", sales_tax="V7")
    with reading(shop) as session:
        lamp, book = catalog.find_items(session, ["LAMP-01", "BOOK"])
        assert (lamp.weight_kg, lamp.volume_l) == (None, None)
        assert (book.sales_tax_code, book.purchase_tax_code) == ("V7", None)
    undo(shop, "accountant", taxed)
    with reading(shop) as session:
        assert catalog.find_item(session, "BOOK").sales_tax_code is None
    with pytest.raises(DomainError):
        propose(shop, "accountant", "catalog.set_category_taxes", category="books", sales_tax="V8")


def test_price_lists_belong_to_groups_or_to_whoever_has_none(shop: Engine) -> None:
    do(shop, "sales", "pricing.add_list", code="DEALER", name="Dealers")
    do(shop, "sales", "catalog.set_price", item="LAMP-01", unit_price="12", price_list="DEALER")
    given = do(shop, "sales", "pricing.assign_list", price_list="dealers", group="retail")
    usual = do(shop, "manager2", "pricing.make_list_usual", price_list="DEALER")
    assert rows(ask(shop, "sales", "pricing.show_lists"))[0] == (
        "DEALER", "Dealers", "EUR", "retail", "*",
    )  # fmt: skip

    def price(group: str | None) -> Decimal:
        with reading(shop) as session:
            lamp = catalog.find_item(session, "LAMP-01")
            [quote] = pricing.quotes(session, [(lamp, Decimal(1))], buyer=Buyer(group=group))
            assert quote is not None
            return quote.unit_price

    assert (price(None), price("Retail")) == (12, 12)
    undo(shop, "manager2", usual)
    assert (price(None), price("Retail")) == (15, 12)
    undo(shop, "sales", given)
    assert (price(None), price("Retail")) == (15, 15)
    with pytest.raises(DomainError, match="There is a price list DEALER already"):
        propose(shop, "sales", "pricing.add_list", code="DEALER")


def test_undoing_a_price_rule_brings_back_exactly_what_it_replaced(shop: Engine) -> None:
    def price() -> Decimal:
        return ask(shop, "sales", "catalog.show_price", item="LAMP-01").model_dump()["unit_price"]

    old = do(
        shop, "sales", "pricing.set_rule",
        item="LAMP-01", kind="discount", percent="10", valid_from="2020-01-01",
    )  # fmt: skip
    todays = do(shop, "sales", "pricing.set_rule", item="LAMP-01", kind="fixed_price", value="17")
    dearer = do(shop, "sales", "pricing.set_rule", item="LAMP-01", kind="discount", percent="5")
    assert price() == Decimal("14.25")
    undo(shop, "sales", dearer)
    assert price() == 17
    undo(shop, "sales", todays)
    assert price() == Decimal("13.5")

    gone = do(shop, "sales", "pricing.withdraw_rule", item="LAMP-01")
    assert price() == 15
    undo(shop, "sales", gone)
    assert price() == Decimal("13.5")
    undo(shop, "sales", old)
    assert price() == 15
