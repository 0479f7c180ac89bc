"""The tools of tax along the one road, orders with tax in their prices, and official invoices."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, purchasing, sales
from core.compliance import verify, verify_books
from core.invoicing import FapiaoKind
from core.invoicing.errors import (
    BuyerTaxNumberNeeded,
    FapiaoUsed,
    NoFapiaoNoted,
    NotAFapiao,
)
from core.kernel.database import reading
from core.kernel.errors import DomainError
from core.ledger import tax
from core.ledger.chart import REVENUE, TAX_OUTPUT
from core.ledger.tax import Component
from core.processes.order_to_cash import confirm_sale, deliver_sale, invoice_sale
from core.purchasing.errors import TaxInOrderPrice
from core.sales import OrderLineDraft
from tests.core.road import approve, ask, propose
from tests.core.shop import Shop, eur, open_shop, stock
from tests.shop import as_person
from tools import TOOLBOX


@pytest.fixture
def trade(session: Session) -> Shop:
    """The shop, where the price of a bulb holds its tax."""
    shop = open_shop(session)
    inside = Component(name="VAT", rate=Decimal(19), included=True)
    tax.add_code(session, code="IN19", name="VAT", name_zh="增值税", components=[inside])
    shop.bulb.sales_tax_code = "IN19"
    stock(session, shop.bulb, "100", "33.33")
    return shop


def test_an_order_whose_prices_hold_their_tax_is_invoiced_and_credited_in_parts(
    session: Session, trade: Shop
) -> None:
    order = confirm_sale(
        session,
        customer=trade.haus,
        lines=[OrderLineDraft(trade.bulb, Decimal(7), Decimal("1.99"))],
    )
    assert (order.net_minor, order.tax_minor, order.total_minor) == (1171, 222, 1393)
    assert sales.exposure_of(session, trade.haus.party_id) == eur("13.93")

    deliver_sale(session, order.number, quantities={1: Decimal(3)})
    first = invoice_sale(session, order.number)
    delivery = deliver_sale(session, order.number)
    second = invoice_sale(session, order.number)

    assert [(each.net_minor, each.tax_minor) for each in (first, second)] == [(502, 95), (669, 127)]
    assert first.total_minor + second.total_minor == order.total_minor
    assert sales.exposure_of(session, trade.haus.party_id) == eur("13.93")
    sales.return_delivery(session, delivery.number, because="broken")
    assert ledger.balance(session, REVENUE) == eur("-5.02")
    assert ledger.balance(session, TAX_OUTPUT) == eur("-0.95")
    assert verify_books(session) == []


def test_a_purchase_order_is_at_prices_without_tax(session: Session, trade: Shop) -> None:
    trade.bulb.purchase_tax_code = "IN19"

    with pytest.raises(TaxInOrderPrice, match="IN19 of BULB-02"):
        purchasing.place_order(
            session,
            supplier=trade.works,
            lines=[purchasing.OrderLineDraft(trade.bulb, Decimal(10))],
        )


def test_an_official_invoice_is_noted_once(session: Session, trade: Shop) -> None:
    numbers = []
    for _ in range(2):
        order = confirm_sale(
            session, customer=trade.haus, lines=[OrderLineDraft(trade.lamp, Decimal(1))]
        )
        deliver_sale(session, order.number)
        numbers.append(invoice_sale(session, order.number).number)
    first, second = numbers
    with pytest.raises(BuyerTaxNumberNeeded, match="Rad Haus"):
        invoicing.note_fapiao(session, first, kind=FapiaoKind.SPECIAL, number="2" * 20)
    trade.haus.party.tax_number = "91310000MA1K35WY4X"

    noted = invoicing.note_fapiao(session, first, kind=FapiaoKind.SPECIAL, number="2" * 20)

    assert invoicing.fapiao_or_none(session, invoicing.find_invoice(session, first)) is noted
    with pytest.raises(FapiaoUsed, match=first):
        invoicing.note_fapiao(session, second, kind=FapiaoKind.ORDINARY, number="2" * 20)
    for code, number in (("", "12345678"), ("123", "12345678"), ("1" * 10, "2" * 20), ("", "x")):
        with pytest.raises(NotAFapiao):
            invoicing.note_fapiao(
                session, second, kind=FapiaoKind.ORDINARY, number=number, code=code
            )
    with pytest.raises(NoFapiaoNoted, match=second):
        invoicing.remove_fapiao(session, second, because="x")
    with pytest.raises(IntegrityError, match="ck_fapiao_digits"), session.begin_nested():
        session.execute(text("UPDATE fapiao SET number = '1'"))


def test_tax_is_set_up_asked_reported_and_settled_on_the_one_road(shop: Engine) -> None:
    proposal = propose(
        shop, "accountant", "tax.add_code",
        code="V20", percent="20", called="VAT", more=[{"percent": "1", "taxed_as": "fixed"}],
    )  # fmt: skip
    assert proposal.effect.lines() == [
        "tax code V20: new · VAT · 20 %; VAT 1 · 1 EUR · fixed",
    ]
    assert approve(shop, proposal).startswith("The tax code V20 is: VAT · 20 %; ")

    asked = ask(shop, "sales", "tax.compute", amount="100", tax=["vat"], quantity="3")
    assert asked.sentence() == "100.00 EUR before tax, 23.00 EUR tax, 123.00 EUR in total."
    assert asked.sentence("zh") == "不含税 100.00 EUR，税额 23.00 EUR，合计 123.00 EUR。"
    gross = ask(shop, "sales", "tax.compute", amount="123", tax=["V20"], quantity="3", gross=True)
    assert gross.sentence() == asked.sentence()

    change = propose(
        shop, "accountant", "tax.change_code", tax="v20", percent="21", since="2026-06-15"
    )
    assert change.calls[0]["arguments"]["tax"] == "V20"
    assert change.effect.lines() == [
        "tax code V20: VAT · 20 %; VAT 1 · 1 EUR · fixed → VAT 21 · 21 % · 2026-06-15"
    ]
    approve(shop, change)
    approve(shop, propose(shop, "accountant", "tax.install_set", country="DE"))
    listed: Any = ask(shop, "accountant", "tax.list_codes", on="2020-08-01")
    rows = {row[0]: row[3] for row in listed.grid().rows}
    assert (rows["DE19"], rows["V20"]) == (
        "VAT 19 % · 16 %",
        "VAT · 20 %; VAT 1 · 1 EUR · fixed",
    )

    rounded = propose(shop, "accountant", "tax.set_rounding", rounded_by="document")
    assert rounded.effect.lines() == ["rounding of tax: by the line → by the document"]
    approve(shop, rounded)
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), rounded.id)
    approve(shop, undo)

    income: Any = ask(
        shop, "accountant", "tax.compute_income_tax", income="30000",
        bands=[{"up_to": "10000", "percent": "0"}, {"percent": "20"}],
    )  # fmt: skip
    assert income.sentence() == "The income tax on 30,000.00 EUR is 4,000.00 EUR."
    with pytest.raises(DomainError, match="bands of an income tax rise"):
        ask(
            shop, "accountant", "tax.compute_income_tax", income="1",
            bands=[{"percent": "20"}, {"up_to": "10", "percent": "0"}],
        )  # fmt: skip
    report = ask(shop, "accountant", "tax.report")
    assert report.sentence() == (
        "2026-05-01 to 2026-05-31: output 0.00 EUR, input 0.00 EUR, payable 0.00 EUR."
    )
    entry = propose(
        shop, "accountant", "ledger.post_entry",
        debit="1010", credit="2200", amount="19", memo="old tax", posted_on="2026-05-04",
    )  # fmt: skip
    approve(shop, entry)
    settled = propose(shop, "accountant", "tax.settle")
    assert settled.calls[0]["arguments"]["until"] == "2026-05-31"
    assert settled.effect.lines() == [
        "settlement of tax: new · 19.00 EUR · 2026-05-31",
        "debit 2200 Output tax: 19.00 EUR",
        "credit 2230 Tax due: 19.00 EUR",
    ]
    said = approve(shop, settled)
    assert said == "TAX-00001 settles tax up to 2026-05-31: 19.00 EUR due."
    after = ask(shop, "accountant", "tax.report", since="2026-05-01")
    assert after.sentence().endswith("payable 0.00 EUR.")
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), settled.id))
    with reading(shop) as session:
        assert ledger.balance(session, TAX_OUTPUT) == eur("-19")
        assert verify(session) == []


def test_papers_are_noted_on_the_one_road(shop: Engine) -> None:
    approve(shop, propose(shop, "accountant", "tax.install_set", country="US"))
    noted = propose(
        shop, "accountant", "tax.note_certificate",
        customer="acme", tax="us-ex", reference="ST-5",
    )  # fmt: skip
    assert noted.effect.lines() == ["tax certificate Acme Bikes: new · US-EX · ST-5 · 2026-06-15 …"]
    approve(shop, noted)
    ordered = propose(
        shop,
        "sales",
        "sales.sell_item",
        customer="acme",
        lines=[{"item": "LAMP-01", "quantity": "1"}],
    )
    approve(shop, ordered)
    approve(shop, propose(shop, "warehouse", "sales.deliver_order", order="SO-00001"))
    approve(shop, propose(shop, "accountant", "sales.invoice_order", order="SO-00001"))

    fapiao = propose(
        shop, "accountant", "tax.note_fapiao",
        document="INV-1", fapiao="12345678", fapiao_code="1100234567",
    )  # fmt: skip

    assert fapiao.effect.lines() == [
        "customer invoice INV-00001 (ordinary fapiao): 1100234567 12345678 · 2026-06-15"
    ]
    assert approve(shop, fapiao) == "The ordinary fapiao of INV-00001 is 1100234567 12345678."
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), fapiao.id)
    assert approve(shop, undo) == "The fapiao of INV-00001 is removed."
    with reading(shop) as session:
        assert verify(session) == []
