"""Sales: orders within the credit limit, deliveries, invoices and returns, to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties, sales
from core.catalog.errors import NoPrice, QuantityNotPositive
from core.inventory import InsufficientStock
from core.invoicing import Invoice, PaymentKind
from core.invoicing.errors import AlreadyCredited
from core.kernel import events
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.money import Money
from core.ledger.chart import COST_OF_GOODS_SOLD, INVENTORY, RECEIVABLE, REVENUE, TAX_OUTPUT
from core.parties.errors import PartyBlocked
from core.processes.credit import credit_document
from core.processes.order_to_cash import confirm_sale, deliver_sale, invoice_sale
from core.sales import OrderLineDraft, OrderState, SalesOrder
from core.sales.errors import (
    CreditLimitExceeded,
    DeliveryAlreadyReturned,
    DeliveryIsReturn,
    EmptyOrder,
    GoodsAlreadyLeft,
    NothingAvailable,
    NothingToInvoice,
    OrderAlreadyDelivered,
    OrderCancelled,
    OverDelivery,
    PromisedInThePast,
    UnknownDelivery,
    UnknownOrder,
    UnknownPosition,
)
from tests.conftest import TODAY
from tests.core.shop import Shop, counting, eur, open_shop, stock


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def sell(
    session: Session, shop: Shop, quantity: str = "10", price: str | None = "10"
) -> SalesOrder:
    draft = OrderLineDraft(shop.lamp, Decimal(quantity), None if price is None else Decimal(price))
    return confirm_sale(session, customer=shop.haus, lines=[draft])


def said(session: Session, since: int) -> list[str]:
    return events.effect_of(events.recorded(session)[since:]).lines()


def balance(session: Session, account: str) -> str:
    return str(ledger.balance(session, account))


def test_an_order_shows_its_terms_its_reservation_and_the_exposure(
    session: Session, shop: Shop
) -> None:
    facts = len(events.recorded(session))

    order = sell(session, shop, "15", None)

    assert (order.number, order.state, order.total_minor) == ("SO-00001", "confirmed", 30_000)
    assert said(session, facts) == [
        "sales order: new · 15 × LAMP-01 @ 20 = 300.00 EUR · Rad Haus · 7 d (2026-06-22)",
        "requisition: new · 3 × LAMP-01 · 7 d · #1 · Rad Haus (2026-06-22)",
        "LAMP-01 Desk lamp (reserved @ MAIN): 0 → 12",
        "Rad Haus (exposure): 0.00 EUR → 300.00 EUR · ≤ 1,000.00 EUR",
        "LAMP-01 Desk lamp (short): 3",
        "sales order (can go): 5 d · 3 × LAMP-01: Lux GmbH (2026-06-20)",
    ]
    assert sales.exposure_of(session, shop.haus.party_id) == eur("300")


def test_prices_come_from_the_customers_list_unless_said_otherwise(
    session: Session, shop: Shop
) -> None:
    catalog.add_price_list(session, code="DEALER", name="Dealers", name_zh="经销商")
    catalog.set_price(session, shop.lamp, unit_price=Decimal(15), price_list="DEALER")
    dealer = parties.add_customer(session, name="Dealer", price_list_code="DEALER")
    lines = [
        OrderLineDraft(shop.lamp, Decimal(2)),
        OrderLineDraft(shop.lamp, Decimal(1), Decimal(9), Decimal(10)),
        OrderLineDraft(shop.bulb, Decimal(3)),
        OrderLineDraft(shop.advice, Decimal("0.5")),
    ]

    order = confirm_sale(session, customer=dealer, lines=lines)

    assert [(line.list_price, line.unit_price, line.net_amount) for line in order.lines] == [
        (15, 15, 30),
        (15, 9, Decimal("8.1")),
        (Decimal("1.99"), Decimal("1.99"), Decimal("5.97")),
        (80, 80, 40),
    ]
    assert (order.net_minor, order.tax_minor, order.total_minor) == (8_407, 113, 8_520)


def test_s03_what_is_there_is_shipped_and_the_rest_waits(session: Session, shop: Shop) -> None:
    sleeper = catalog.add_item(session, sku="WIDGET", name="Widget")
    stock(session, sleeper, "1", "1")
    one = OrderLineDraft(sleeper, Decimal(1), Decimal(1))
    order = confirm_sale(session, customer=shop.haus, lines=[one, one])

    view = sales.view_order(session, order.number)
    assert [line.reserved for line in view.lines] == [1, 0]
    deliver_sale(session, order.number, available_only=True)

    view = sales.view_order(session, order.number)
    assert view.state is OrderState.PARTLY_DELIVERED
    assert [line.delivered for line in view.lines] == [1, 0]
    assert inventory.stock_of(session, sleeper).on_hand == 0
    with pytest.raises(NothingAvailable, match="1 × WIDGET"):
        deliver_sale(session, order.number, available_only=True)
    with pytest.raises(InsufficientStock):
        deliver_sale(session, order.number)


def test_s05_delivered_is_invoiced_and_the_rest_later(session: Session, shop: Shop) -> None:
    order = sell(session, shop)

    deliver_sale(session, order.number, quantities={1: Decimal(5)})
    first = invoice_sale(session, order.number)
    with pytest.raises(NothingToInvoice):
        invoice_sale(session, order.number)
    deliver_sale(session, order.number)
    second = invoice_sale(session, order.number)

    assert [invoice.total_minor for invoice in (first, second)] == [5_000, 5_000]
    assert sales.view_order(session, order.number).state is OrderState.DELIVERED
    assert balance(session, REVENUE) == "-100.00 EUR"
    assert balance(session, COST_OF_GOODS_SOLD) == "80.00 EUR"


def test_s10_a_raised_limit_lets_the_order_through(session: Session, shop: Shop) -> None:
    parties.set_credit_limit(session, shop.haus, eur("100"))
    owed = sell(session, shop)
    deliver_sale(session, owed.number)
    invoice_sale(session, owed.number)

    with pytest.raises(
        CreditLimitExceeded, match=r"may owe us 100.00 EUR; .* 150.00 EUR, 50.00 EUR too much"
    ):
        sell(session, shop, "2", "25")
    parties.set_credit_limit(session, shop.haus, eur("200"))
    sell(session, shop, "2", "25")

    assert sales.exposure_of(session, shop.haus.party_id) == eur("150")


def test_the_exposure_follows_order_invoice_and_payment(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.bulb, Decimal(10), Decimal("3.333"))
    stock(session, shop.bulb, "10", "5")
    order = confirm_sale(session, customer=shop.haus, lines=[draft])
    party = shop.haus.party

    exposures = [sales.exposure_of(session, party.id)]
    deliver_sale(session, order.number, quantities={1: Decimal(3)})
    exposures.append(sales.exposure_of(session, party.id))
    invoice = invoice_sale(session, order.number)
    exposures.append(sales.exposure_of(session, party.id))
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=party,
        amount=eur("11.90"),
        settle=[(invoice.number, eur("11.90"))],
    )
    exposures.append(sales.exposure_of(session, party.id))
    deliver_sale(session, order.number)
    invoice_sale(session, order.number)
    exposures.append(sales.exposure_of(session, party.id))

    # 33.33 and 6.33 tax; 10.00 and 1.90 are paid.
    assert list(map(str, exposures)) == [
        "39.66 EUR",
        "39.66 EUR",
        "39.66 EUR",
        "27.76 EUR",
        "27.76 EUR",
    ]


def test_the_invoices_of_a_line_add_up_to_the_line(session: Session, shop: Shop) -> None:
    stock(session, shop.bulb, "3", "1")
    draft = OrderLineDraft(shop.bulb, Decimal(3), Decimal("3.3333"))
    order = confirm_sale(session, customer=shop.haus, lines=[draft])

    nets = []
    for _ in range(3):
        deliver_sale(session, order.number, quantities={1: Decimal(1)})
        nets.append(invoice_sale(session, order.number).net_minor)

    assert nets == [333, 333, 334]
    assert balance(session, REVENUE) == "-10.00 EUR"


def test_a_cancelled_order_gives_back_what_it_held(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    facts = len(events.recorded(session))

    sales.cancel_order(session, order.number, because="changed their mind")

    assert said(session, facts) == [
        "sales order SO-00001: confirmed → cancelled · Rad Haus",
        "LAMP-01 Desk lamp (reserved @ MAIN): 10 → 0",
        "Rad Haus (exposure): 100.00 EUR → 0.00 EUR · ≤ 1,000.00 EUR",
    ]
    for again in (
        lambda: sales.cancel_order(session, order.number, because=""),
        lambda: deliver_sale(session, order.number),
    ):
        with pytest.raises(OrderCancelled):
            again()


def test_what_is_promised_to_others_stays(session: Session, shop: Shop) -> None:
    sell(session, shop, "8")
    second = sell(session, shop, "8")

    with pytest.raises(InsufficientStock), session.begin_nested():
        deliver_sale(session, second.number)
    deliver_sale(session, second.number, available_only=True)

    assert sales.view_order(session, second.number).lines[0].delivered == 4


def test_a_return_comes_back_at_its_cost_and_is_credited(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    delivery = deliver_sale(session, order.number)
    invoice = invoice_sale(session, order.number)
    stock(session, shop.lamp, "8", "160")

    returned = sales.return_delivery(session, delivery.number, because="wrong colour")

    assert returned.number == "DN-00002"
    assert balance(session, REVENUE) == "0.00 EUR"
    assert balance(session, COST_OF_GOODS_SOLD) == "0.00 EUR"
    assert balance(session, RECEIVABLE) == "0.00 EUR"
    assert inventory.stock_of(session, shop.lamp).value == eur("256")
    assert sales.view_order(session, order.number).state is OrderState.CONFIRMED
    with pytest.raises(AlreadyCredited):
        credit_document(session, invoice.number, because="again")
    with pytest.raises(DeliveryAlreadyReturned, match=returned.number):
        sales.return_delivery(session, delivery.number, because="again")
    with pytest.raises(DeliveryIsReturn):
        sales.return_delivery(session, returned.number, because="back")
    sales.cancel_order(session, order.number, because="given up")
    assert sales.exposure_of(session, shop.haus.party_id) == eur("0")


def test_s07_a_return_in_two_parts_has_a_credit_note_each(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    parts = [
        deliver_sale(session, order.number, quantities={1: Decimal(quantity)})
        for quantity in (3, 1, 6)
    ]
    invoice = invoice_sale(session, order.number)
    before = inventory.stock_of(session, shop.lamp).on_hand

    for part in parts[:2]:
        sales.return_delivery(session, part.number, because="too many")

    facts = [f for f in events.recorded(session) if f.name == "sales.delivery_returned"]
    notes = [
        invoicing.find_invoice(session, number)
        for fact in facts
        for number in getattr(fact, "credit_notes", ())
    ]
    assert [note.total_minor for note in notes] == [3_000, 1_000]
    assert [note.open_minor for note in notes] == [0, 0]
    assert invoicing.find_invoice(session, invoice.number).open_minor == 6_000
    assert inventory.stock_of(session, shop.lamp).on_hand - before == 4
    with pytest.raises(AlreadyCredited):
        credit_document(session, invoice.number, because="all of it")
    sales.return_delivery(session, parts[2].number, because="the rest")
    assert balance(session, RECEIVABLE) == "0.00 EUR"
    assert balance(session, REVENUE) == "0.00 EUR"


def test_what_is_not_invoiced_comes_back_without_a_credit_note(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    first = deliver_sale(session, order.number, quantities={1: Decimal(4)})
    invoice_sale(session, order.number)
    second = deliver_sale(session, order.number)

    sales.return_delivery(session, second.number, because="late")

    assert balance(session, RECEIVABLE) == "40.00 EUR"
    sales.return_delivery(session, first.number, because="late too")
    assert balance(session, RECEIVABLE) == "0.00 EUR"


def test_a_credited_invoice_can_be_written_again(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    deliver_sale(session, order.number)
    invoice = invoice_sale(session, order.number)
    facts = len(events.recorded(session))

    credit_document(session, invoice.number, because="wrong address")
    again = invoice_sale(session, order.number)

    assert again.total_minor == 10_000
    assert balance(session, RECEIVABLE) == "100.00 EUR"
    assert any(
        line.startswith("sales order SO-00001 (invoiced): 10 / 10 → 0 / 10")
        for line in said(session, facts)
    )


def test_only_an_order_that_nothing_left_of_is_cancelled(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    delivery = deliver_sale(session, order.number, quantities={1: Decimal(1)})

    with pytest.raises(GoodsAlreadyLeft, match=delivery.number):
        sales.cancel_order(session, order.number, because="")


def test_a_service_needs_no_stock(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.advice, Decimal("1.25"))
    order = confirm_sale(session, customer=shop.haus, lines=[draft])

    deliver_sale(session, order.number)
    invoice = invoice_sale(session, order.number)

    assert invoice.total_minor == 10_000
    assert balance(session, "service_revenue") == "-100.00 EUR"
    assert balance(session, COST_OF_GOODS_SOLD) == "0.00 EUR"


def test_what_cannot_be_sold_is_refused(session: Session, shop: Shop) -> None:
    bare = catalog.add_item(session, sku="BARE", name="No price")

    def order(*drafts: OrderLineDraft) -> None:
        confirm_sale(session, customer=shop.haus, lines=drafts)

    with pytest.raises(EmptyOrder):
        order()
    with pytest.raises(NoPrice):
        order(OrderLineDraft(bare, Decimal(1)))
    with pytest.raises(QuantityNotPositive):
        order(OrderLineDraft(shop.lamp, Decimal(-1)))
    with pytest.raises(PromisedInThePast):
        confirm_sale(
            session,
            customer=shop.haus,
            lines=[OrderLineDraft(shop.lamp, Decimal(1))],
            promised_on=TODAY - timedelta(days=1),
        )
    parties.block_party(session, shop.haus.party, because="does not pay")
    with pytest.raises(PartyBlocked):
        order(OrderLineDraft(shop.lamp, Decimal(1)))


def test_what_cannot_be_delivered_is_refused(session: Session, shop: Shop) -> None:
    order = sell(session, shop)

    with pytest.raises(UnknownOrder):
        deliver_sale(session, "SO-99999")
    with pytest.raises(UnknownDelivery):
        sales.return_delivery(session, "DN-99999", because="")
    with pytest.raises(UnknownPosition):
        deliver_sale(session, order.number, quantities={7: Decimal(1)})
    with pytest.raises(OverDelivery, match="only 10 can still go out"):
        deliver_sale(session, order.number, quantities={1: Decimal(11)})
    deliver_sale(session, order.number)
    with pytest.raises(OrderAlreadyDelivered):
        deliver_sale(session, order.number)


def test_a_customer_sees_orders_of_their_own_only(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    other = parties.add_customer(session, name="Other")

    mine = sales.view_order(session, order.number, customer_id=shop.haus.party_id)
    assert mine.total == eur("100")
    with pytest.raises(UnknownOrder) as not_mine:
        sales.view_order(session, order.number, customer_id=other.party_id)
    with pytest.raises(UnknownOrder) as not_there:
        sales.view_order(session, "SO-99999", customer_id=other.party_id)
    assert str(not_mine.value).replace(order.number, "…") == str(not_there.value).replace(
        "SO-99999", "…"
    )
    assert sales.list_orders(session, customer_id=other.party_id) == []


def test_the_books_of_order_to_cash(session: Session, shop: Shop) -> None:
    stock(session, shop.bulb, "100", "33.33")
    lines = [OrderLineDraft(shop.lamp, Decimal(2)), OrderLineDraft(shop.bulb, Decimal(7))]
    before = ledger.balance(session, INVENTORY)

    order = confirm_sale(session, customer=shop.haus, lines=lines)
    deliver_sale(session, order.number)
    invoice = invoice_sale(session, order.number)

    assert (invoice.net_minor, invoice.tax_minor) == (5_393, 265)
    assert balance(session, RECEIVABLE) == "56.58 EUR"
    assert balance(session, REVENUE) == "-53.93 EUR"
    assert balance(session, TAX_OUTPUT) == "-2.65 EUR"
    assert before - ledger.balance(session, INVENTORY) == eur("18.33")
    assert balance(session, COST_OF_GOODS_SOLD) == "18.33 EUR"


def test_the_preview_is_what_is_done(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
    lines = [OrderLineDraft(shop.lamp, Decimal(13)), OrderLineDraft(shop.bulb, Decimal(1))]

    def whole(session: Session) -> str:
        order = confirm_sale(session, customer=shop.haus, lines=lines)
        deliver_sale(session, order.number, available_only=True)
        invoice_sale(session, order.number)
        return events.effect_of(events.recorded(session)).digest

    with rehearsal(founded) as session:
        shown = whole(session)
    with unit_of_work(founded) as session:
        # Somebody else took a number meanwhile.
        sell(session, shop, "1")
        sales.cancel_order(session, "SO-00001", because="")
    with unit_of_work(founded) as session:
        done = whole(session)

    assert shown == done


def test_order_to_cash_of_three_lines_takes_few_statements(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        stock(session, shop.bulb, "100", "33")
    lines = [
        OrderLineDraft(shop.lamp, Decimal(2)),
        OrderLineDraft(shop.bulb, Decimal(7)),
        OrderLineDraft(shop.lamp, Decimal(1), Decimal(19)),
    ]

    def pay(session: Session, invoice: Invoice) -> None:
        invoicing.post_payment(
            session,
            kind=PaymentKind.CUSTOMER_PAYMENT,
            party=shop.haus.party,
            amount=Money(invoice.total_minor, "EUR"),
        )

    with counting(founded) as apart:
        with unit_of_work(founded) as session:
            order = confirm_sale(session, customer=shop.haus, lines=lines)
        with unit_of_work(founded) as session:
            deliver_sale(session, order.number)
        with unit_of_work(founded) as session:
            invoice = invoice_sale(session, order.number)
        with unit_of_work(founded) as session:
            pay(session, invoice)
    with counting(founded) as at_once, unit_of_work(founded) as session:
        order = confirm_sale(session, customer=shop.haus, lines=lines)
        deliver_sale(session, order.number)
        pay(session, invoice_sale(session, order.number))

    print(f"four transactions {len(apart)}, one transaction {len(at_once)}")  # noqa: T201
    assert len(apart) <= 85
    assert len(at_once) <= 65
    with reading(founded) as session:
        assert sales.exposure_of(session, shop.haus.party_id) == eur("0")
