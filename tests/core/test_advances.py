"""Advances: charged before anything is delivered, deducted when it is, or else given back."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import invoicing, ledger, purchasing, sales
from core.compliance import verify_books
from core.invoicing import PaymentKind
from core.invoicing.errors import AdvanceTooMuch, AdvanceUsed
from core.kernel.money import Money
from core.ledger.chart import (
    BANK,
    CUSTOMER_ADVANCES,
    PAYABLE,
    RECEIVABLE,
    REVENUE,
    SUPPLIER_ADVANCES,
    TAX_INPUT,
    TAX_OUTPUT,
)
from core.processes.credit import credit_document
from core.sales.errors import AdvanceUnpaid
from tests.core.shop import Shop, eur, open_shop, stock

TEN = Decimal(10)


@pytest.fixture
def shop(session: Session) -> Shop:
    shop = open_shop(session)
    stock(session, shop.lamp, "100", "800")
    stock(session, shop.bulb, "500", "250")
    return shop


def sell(session: Session, shop: Shop, *wanted: tuple[str, str]) -> sales.SalesOrder:
    items = {"lamp": shop.lamp, "bulb": shop.bulb}
    lines = [sales.OrderLineDraft(items[name], Decimal(quantity)) for name, quantity in wanted]
    return sales.confirm_order(session, customer=shop.haus, lines=lines)


def pay(session: Session, shop: Shop, amount: str) -> invoicing.Payment:
    return invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=shop.haus.party, amount=eur(amount)
    )


def balances(session: Session, *roles: str) -> list[str]:
    return [str(ledger.balance(session, role).amount) for role in roles]


def test_p13_nothing_leaves_before_the_advance_is_paid_and_the_invoice_deducts_it(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "5"))
    advance = sales.ask_advance(session, order.number, percent=TEN)
    assert advance.total_minor == 1000

    with pytest.raises(AdvanceUnpaid, match=r"10.00 EUR of INV-00001 is open"):
        sales.deliver_order(session, order.number)
    pay(session, shop, "10")
    sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)

    assert invoice.total_minor == 9000
    assert balances(session, CUSTOMER_ADVANCES, REVENUE, RECEIVABLE, BANK) == [
        "0.00",
        "-100.00",
        "90.00",
        "10.00",
    ]
    assert verify_books(session) == []


def test_an_advance_is_taxed_like_its_order_and_deducted_part_by_part(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "10"), ("bulb", "100"))
    advance = sales.ask_advance(
        session, order.number, percent=Decimal("33.3"), blocks_delivery=False
    )
    assert (advance.net_minor, advance.tax_minor) == (6660 + 6627, 1259)
    for part in ({1: Decimal(3)}, {1: Decimal(7), 2: Decimal(50)}, {2: Decimal(50)}):
        sales.deliver_order(session, order.number, quantities=part)
        sales.invoice_order(session, order.number)
        assert verify_books(session) == []

    assert balances(session, CUSTOMER_ADVANCES, REVENUE) == ["0.00", "-399.00"]
    assert Money.of(ledger.balance(session, RECEIVABLE).amount, "EUR") == (
        eur("399") - ledger.balance(session, TAX_OUTPUT)
    )
    assert sales.exposure_of(session, shop.haus.party_id) == ledger.balance(session, RECEIVABLE)


def test_an_order_may_be_paid_in_full_before(session: Session, shop: Shop) -> None:
    order = sell(session, shop, ("bulb", "7"))
    sales.ask_advance(session, order.number, percent=Decimal(100))
    assert sales.exposure_of(session, shop.haus.party_id) == eur("16.58")
    pay(session, shop, "16.58")
    assert sales.exposure_of(session, shop.haus.party_id) == eur("0")
    sales.deliver_order(session, order.number)

    invoice = sales.invoice_order(session, order.number)

    assert (invoice.total_minor, invoice.open_minor) == (0, 0)
    assert balances(session, CUSTOMER_ADVANCES, REVENUE, RECEIVABLE, TAX_OUTPUT) == [
        "0.00",
        "-13.93",
        "0.00",
        "-2.65",
    ]
    assert verify_books(session) == []


def test_a_cancelled_order_gives_its_advance_back(session: Session, shop: Shop) -> None:
    order = sell(session, shop, ("lamp", "5"))
    sales.ask_advance(session, order.number, percent=TEN)
    sales.ask_advance(session, order.number, percent=TEN)
    pay(session, shop, "10")

    sales.cancel_order(session, order.number, because="too late")

    assert balances(session, CUSTOMER_ADVANCES, RECEIVABLE) == ["0.00", "-10.00"]
    [credit] = invoicing.list_open_items(session, direction=invoicing.Direction.RECEIVABLE)
    assert str(credit.open) == "-10.00 EUR"
    invoicing.refund(session, credit.number)
    assert balances(session, RECEIVABLE, BANK) == ["0.00", "0.00"]
    assert verify_books(session) == []


def test_an_advance_that_is_deducted_is_not_taken_back_before_its_invoice(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "5"))
    advance = sales.ask_advance(session, order.number, percent=TEN, blocks_delivery=False)
    delivery = sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)

    with pytest.raises(AdvanceUsed, match=order.number):
        credit_document(session, advance.number, because="wrong")
    credit_document(session, invoice.number, because="wrong")
    assert balances(session, CUSTOMER_ADVANCES) == ["-10.00"]
    credit_document(session, advance.number, because="wrong")
    assert balances(session, CUSTOMER_ADVANCES, RECEIVABLE, REVENUE) == ["0.00"] * 3
    sales.return_delivery(session, delivery.number, because="wrong")
    sales.cancel_order(session, order.number, because="wrong")
    assert verify_books(session) == []


def test_advances_are_no_more_than_what_is_still_to_be_invoiced(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "5"))
    sales.ask_advance(session, order.number, percent=Decimal(60))

    for percent in (Decimal(41), Decimal(0), Decimal(101)):
        with pytest.raises(AdvanceTooMuch):
            sales.ask_advance(session, order.number, percent=percent)
    sales.ask_advance(session, order.number, percent=Decimal(40))
    assert verify_books(session) == []


def test_an_advance_to_a_supplier_is_deducted_from_its_bill(session: Session, shop: Shop) -> None:
    lines = [purchasing.OrderLineDraft(shop.bulb, Decimal(1000))]
    order = purchasing.place_order(session, supplier=shop.works, lines=lines)
    advance = purchasing.book_advance(
        session, order.number, percent=Decimal(30), supplier_reference="A-1"
    )
    assert (advance.net_minor, advance.tax_minor) == (10000, 1900)
    assert balances(session, SUPPLIER_ADVANCES, TAX_INPUT, PAYABLE) == [
        "100.00",
        "19.00",
        "-119.00",
    ]
    purchasing.receive_order(session, order.number)

    bill = purchasing.bill_order(
        session, order.number, supplier_reference="B-1", billed_total=eur("277.66")
    )

    assert (bill.net_minor, bill.tax_minor, bill.total_minor) == (23333, 4433, 27766)
    assert balances(session, SUPPLIER_ADVANCES, TAX_INPUT, PAYABLE) == [
        "0.00",
        "63.33",
        "-396.66",
    ]
    assert verify_books(session) == []


def test_a_cancelled_purchase_gives_its_advance_back(session: Session, shop: Shop) -> None:
    lines = [purchasing.OrderLineDraft(shop.lamp, Decimal(10))]
    order = purchasing.place_order(session, supplier=shop.works, lines=lines)
    purchasing.book_advance(session, order.number, percent=TEN)

    purchasing.cancel_order(session, order.number, because="too late")

    assert balances(session, SUPPLIER_ADVANCES, PAYABLE) == ["0.00", "0.00"]
    assert verify_books(session) == []
