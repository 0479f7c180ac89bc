"""Orders in other currencies, from the price to the payment, to the cent in both currencies."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, invoicing, ledger, parties, purchasing, sales
from core.compliance import verify_books
from core.compliance.sales import kept_orders_are_their_lines
from core.invoicing import Invoice, PaymentKind
from core.kernel import events
from core.kernel.money import Money
from core.ledger.chart import (
    CUSTOMER_ADVANCES,
    EXCHANGE_DIFFERENCES,
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY,
    PAYABLE,
    PRICE_VARIANCE,
    RECEIVABLE,
    REVENUE,
    SUPPLIER_ADVANCES,
    TAX_INPUT,
    TAX_OUTPUT,
)
from core.ledger.errors import NoRate
from core.processes.credit import credit_document
from core.sales import OrderLineDraft, OrderTerms, ReturnLineDraft, SalesOrder
from core.sales.errors import CreditLimitExceeded, SeveralCurrencies
from core.sales.kept import OrderTotal
from core.sales.quoting import QuoteLineDraft, QuoteTerms
from tests.conftest import TODAY
from tests.core.shop import Shop, eur, open_shop, stock

IN_DOLLARS = OrderTerms(currency="USD")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


@pytest.fixture
def shop(session: Session) -> Shop:
    """A dollar is worth 0.90; there are 112 lamps and 500 bulbs."""
    shop = open_shop(session)
    stock(session, shop.lamp, "100", "800")
    stock(session, shop.bulb, "500", "250")
    dollar(session, "0.90")
    return shop


def dollar(session: Session, worth: str) -> None:
    ledger.set_rate(session, "USD", valid_from=TODAY, base_units=Decimal(worth))


def balances(session: Session, *roles: str) -> list[str]:
    return [str(ledger.balance(session, role).amount) for role in roles]


def sell(
    session: Session, shop: Shop, *wanted: tuple[str, str, str | None], terms: OrderTerms
) -> SalesOrder:
    items = {"lamp": shop.lamp, "bulb": shop.bulb}
    lines = [
        OrderLineDraft(items[name], Decimal(much), None if price is None else Decimal(price))
        for name, much, price in wanted
    ]
    return sales.confirm_order(session, customer=shop.haus, lines=lines, terms=terms)


def test_a_sale_in_dollars_keeps_the_rate_of_each_document_and_earns_the_advance_at_its_own(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "5", "45"), ("bulb", "10", "2"), terms=IN_DOLLARS)
    assert (order.currency, order.rate) == ("USD", Decimal("0.90"))
    assert (order.net_minor, order.tax_minor, order.total_minor) == (24500, 380, 24880)
    fact = events.recorded(session)[-1]
    assert str(fact.amount()) == "223.92 EUR"
    assert "= 245.00 USD + 3.80 USD = 248.80 USD ≙ 223.92 EUR" in fact.changes()[0].detail
    assert str(sales.exposure_of(session, shop.haus.party_id)) == "223.92 EUR"
    kept = session.scalars(select(OrderTotal).where(OrderTotal.order_id == order.id)).one()
    assert kept.net_amount == Decimal("220.50")

    advance = sales.ask_advance(session, order.number, percent=Decimal(20), blocks_delivery=False)
    assert (advance.currency, advance.total_minor) == ("USD", 4976)
    assert balances(session, RECEIVABLE, CUSTOMER_ADVANCES, TAX_OUTPUT) == [
        "44.78",
        "-44.10",
        "-0.68",
    ]
    dollar(session, "0.95")
    paid = {"kind": PaymentKind.CUSTOMER_PAYMENT, "party": shop.haus.party}
    invoicing.post_payment(session, amount=usd("49.76"), **paid)
    assert balances(session, RECEIVABLE, EXCHANGE_DIFFERENCES) == ["0.00", "-2.49"]
    dollar(session, "0.92")
    delivery = sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)
    assert (invoice.currency, invoice.total_minor) == ("USD", 19904)
    assert invoice.base_total_minor == 18312
    assert balances(session, RECEIVABLE, CUSTOMER_ADVANCES, REVENUE, TAX_OUTPUT) == [
        "183.12",
        "0.00",
        "-224.42",
        "-3.48",
    ]
    assert str(sales.exposure_of(session, shop.haus.party_id)) == "183.12 EUR"

    given = sales.authorise_return(
        session,
        delivery=delivery.number,
        lines=[ReturnLineDraft(shop.lamp, Decimal(1))],
        because="scratched",
    )
    dollar(session, "0.99")
    sales.receive_return(session, given.number)
    note = session.scalars(select(Invoice).order_by(Invoice.created_at.desc()).limit(1)).one()
    assert (note.total_minor, note.base_total_minor) == (4500, 4140)
    dollar(session, "0.92")
    invoicing.post_payment(session, amount=usd("154.04"), **paid)

    assert balances(session, RECEIVABLE, REVENUE) == ["0.00", "-183.22"]
    assert balances(session, EXCHANGE_DIFFERENCES) == ["-2.29"]
    assert verify_books(session) == []
    assert list(kept_orders_are_their_lines(session)) == []


def test_a_purchase_in_dollars_parts_the_difference_of_the_price_from_that_of_the_rate(
    session: Session, shop: Shop
) -> None:
    before = ledger.balance(session, INVENTORY)
    lines = [
        purchasing.OrderLineDraft(shop.lamp, Decimal(10), Decimal(8)),
        purchasing.OrderLineDraft(shop.bulb, Decimal(100), Decimal("0.5")),
    ]
    order = purchasing.place_order(session, supplier=shop.works, lines=lines, currency="USD")
    assert (order.currency, order.total_minor) == ("USD", 13950)
    assert str(events.recorded(session)[-1].amount()) == "125.55 EUR"
    advance = purchasing.book_advance(session, order.number, percent=Decimal(10))
    assert (advance.total_minor, advance.base_total_minor) == (1395, 1256)
    dollar(session, "0.95")
    receipt = purchasing.receive_order(session, order.number)
    assert str(ledger.balance(session, INVENTORY) - before) == "123.50 EUR"
    dollar(session, "0.92")

    bill = purchasing.bill_order(
        session,
        order.number,
        prices={1: Decimal("8.40")},
        billed_total=usd("129.55"),
        difference_accepted=True,
    )

    assert (bill.currency, bill.total_minor, bill.base_total_minor) == ("USD", 12955, 11919)
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, SUPPLIER_ADVANCES) == ["0.00", "0.00"]
    assert balances(session, PRICE_VARIANCE, EXCHANGE_DIFFERENCES) == ["3.68", "-4.16"]
    assert balances(session, PAYABLE, TAX_INPUT) == ["-131.75", "8.73"]
    assert purchasing.match_or_none(session, bill).difference_minor == 400

    dollar(session, "0.80")
    purchasing.return_receipt(session, receipt.number, because="broken", quantities={1: Decimal(4)})
    [note] = purchasing.credit_return(session, order.number)
    assert (note.currency, note.net_minor, note.base_total_minor) == ("USD", 3200, 2944)
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, EXCHANGE_DIFFERENCES) == ["0.00", "-3.20"]
    assert verify_books(session) == []


def test_the_parts_of_an_order_add_up_to_it_in_its_own_currency(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, ("lamp", "3", "33.333333"), terms=IN_DOLLARS)
    totals = []
    for worth in ("0.91", "0.87", "0.93"):
        dollar(session, worth)
        sales.deliver_order(session, order.number, quantities={1: Decimal(1)})
        invoice = sales.invoice_order(session, order.number)
        totals.append((invoice.total_minor, invoice.base_total_minor))
    assert totals == [(3333, 3033), (3333, 2900), (3334, 3101)]

    bought = [purchasing.OrderLineDraft(shop.lamp, Decimal(3), Decimal("33.333333"))]
    purchase = purchasing.place_order(session, supplier=shop.works, lines=bought, currency="USD")
    bills = []
    for worth in ("0.91", "0.87", "0.93"):
        dollar(session, worth)
        purchasing.receive_order(session, purchase.number, quantities={1: Decimal(1)})
        dollar(session, "0.90")
        bills.append(purchasing.bill_order(session, purchase.number))
    assert [bill.total_minor for bill in bills] == [3333, 3333, 3334]
    credit_document(session, bills[1].number, because="wrong")
    dollar(session, "0.85")
    again = purchasing.bill_order(session, purchase.number)

    assert (again.total_minor, again.base_total_minor) == (3333, 2833)
    assert balances(session, GOODS_RECEIVED_NOT_BILLED) == ["0.00"]
    assert verify_books(session) == []


def test_prices_come_in_the_currency_of_the_party_its_list_or_its_offers(
    session: Session, shop: Shop
) -> None:
    assert [line.unit_price for line in sell(session, shop, ("lamp", "1", None),
        terms=IN_DOLLARS).lines] == [Decimal("22.22")]  # fmt: skip
    catalog.add_price_list(session, code="EXPORT", name="Export", name_zh="出口", currency="USD")
    catalog.set_price(session, shop.lamp, unit_price=Decimal(25), price_list="EXPORT")
    abroad = parties.add_customer(
        session, name="Acme Inc", price_list_code="EXPORT", credit_limit=eur("30")
    )
    listed = OrderLineDraft(shop.lamp, Decimal(1))
    order = sales.confirm_order(session, customer=abroad, lines=[listed])
    assert (order.currency, order.total_minor) == ("USD", 2500)
    with pytest.raises(CreditLimitExceeded, match=r"45\.00 EUR"):
        sales.confirm_order(session, customer=abroad, lines=[listed])
    quotation = sales.quote(
        session,
        party=shop.haus.party,
        lines=[QuoteLineDraft(shop.lamp, Decimal(2), Decimal(21))],
        terms=QuoteTerms(currency="USD"),
    )
    sales.send_quotation(session, quotation.number)
    accepted = sales.accept_quotation(session, quotation.number)
    assert (accepted.currency, accepted.total_minor) == ("USD", 4200)
    with pytest.raises(SeveralCurrencies):
        euros = sell(session, shop, ("lamp", "1", None), terms=OrderTerms())
        sales.invoice_orders(session, [accepted.number, euros.number])
    with pytest.raises(NoRate, match="CHF"):
        sell(session, shop, ("lamp", "1", None), terms=OrderTerms(currency="CHF"))

    purchasing.list_offer(
        session, shop.lamp, supplier=shop.lux, unit_price=Decimal("8.5"), lead_time_days=3,
        currency="USD",
    )  # fmt: skip
    best = purchasing.best_offer(session, shop.lamp, Decimal(1))
    assert (best.supplier.name, best.currency) == ("Lux GmbH", "USD")
    drafts = [purchasing.OrderLineDraft(shop.lamp, Decimal(2))]
    bought = purchasing.place_order(session, supplier=shop.lux, lines=drafts)
    assert (bought.currency, bought.total_minor) == ("USD", 1700)
    parties.agree_currency(session, shop.lux.party, "EUR")
    bought = purchasing.place_order(session, supplier=shop.lux, lines=drafts)
    assert (bought.currency, bought.total_minor) == ("EUR", 1530)
    assert verify_books(session) == []


def test_one_invoice_for_several_orders_deducts_the_advances_of_each(
    session: Session, shop: Shop
) -> None:
    first = sell(session, shop, ("lamp", "10", None), terms=OrderTerms())
    second = sell(session, shop, ("lamp", "5", None), ("bulb", "10", "2"), terms=OrderTerms())
    sales.ask_advance(session, first.number, percent=Decimal(10), blocks_delivery=False)
    advance = sales.ask_advance(session, second.number, percent=Decimal(50), blocks_delivery=False)
    sales.deliver_order(session, first.number, quantities={1: Decimal(4)})
    sales.deliver_order(session, second.number)

    invoice = sales.invoice_orders(session, [second.number, first.number])

    # 80 + 100 + 20, less 4/10 of 20 and all of 50 + 10.
    assert (invoice.net_minor, invoice.tax_minor) == (13200, 190)
    assert invoicing.advances_left(session, first.number) == {None: 1200}
    assert invoicing.advances_left(session, second.number) == {}
    assert balances(session, CUSTOMER_ADVANCES) == ["-12.00"]
    credit_document(session, invoice.number, because="wrong address")
    assert balances(session, CUSTOMER_ADVANCES) == ["-80.00"]
    sales.deliver_order(session, first.number)
    sales.invoice_orders(session, [first.number, second.number])
    assert balances(session, CUSTOMER_ADVANCES, REVENUE) == ["0.00", "-320.00"]
    assert invoicing.is_advance(session, advance)
    assert verify_books(session) == []


@pytest.mark.usefixtures("shop")
def test_a_price_in_another_currency_is_divided_once_and_rounded_only_then(
    session: Session,
) -> None:
    ledger.set_rate(session, "USD", valid_from=TODAY, foreign_units=Decimal("1.2"))
    ledger.set_rate(session, "CHF", valid_from=TODAY, foreign_units=Decimal("0.9"))

    worth = ledger.price_in(session, Decimal("8.100003"), "USD", "EUR")
    asked = ledger.price_in(session, Decimal("1.2"), "USD", "CHF")

    assert (worth, asked) == (Decimal("6.7500025"), Decimal("0.9"))
    assert ledger.price_in(session, worth, "EUR", "USD") == Decimal("8.100003")


def test_what_comes_back_without_a_delivery_is_credited_at_a_price_in_our_currency(
    session: Session, shop: Shop
) -> None:
    catalog.add_price_list(session, code="EXPORT", name="Export", name_zh="出口", currency="USD")
    catalog.set_price(session, shop.lamp, unit_price=Decimal(25), price_list="EXPORT")
    abroad = parties.add_customer(session, name="Acme Inc", price_list_code="EXPORT")

    back = sales.authorise_return(
        session,
        customer=abroad,
        lines=[ReturnLineDraft(shop.lamp, Decimal(1))],
        because="sold at a fair",
    )

    # On the standard list it is 20.00 EUR; the 25 of the own list are dollars.
    [line] = back.lines
    assert line.unit_price == Decimal("20.00")
