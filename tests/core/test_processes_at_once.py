"""Trade by many hands at once: counted by documents, not by the counters they fight over."""

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from core import catalog, inventory, invoicing, ledger, parties, purchasing, sales
from core.compliance import verify
from core.inventory import InsufficientStock
from core.kernel.database import reading, retried, total, unit_of_work
from core.kernel.errors import DomainError
from core.ledger.chart import RECEIVABLE
from core.processes import procure_to_pay
from core.processes.order_to_cash import cancel_sale, confirm_sale, deliver_sale, invoice_sale
from core.purchasing import GoodsReceipt
from core.purchasing import OrderLineDraft as BoughtLine
from core.purchasing.errors import NothingToBill, OrderAlreadyReceived
from core.sales import Delivery, OrderLineDraft, SalesOrder
from core.sales.errors import CreditLimitExceeded, OrderAlreadyDelivered
from tests.core.shop import eur, open_shop, stock

CLIENTS = 8


def at_once(work: Callable[[int], str], *, rounds: int = 1) -> Counter[str]:
    """Let every client work at the same moment, and count what became of it."""
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(CLIENTS)

    def client(place: int) -> None:
        start.wait()
        for _ in range(rounds):
            try:
                outcomes[work(place)] += 1
            except DomainError as refusal:
                outcomes[refusal.code] += 1
            except OperationalError as error:
                outcomes[f"not handled: {error.orig}"] += 1

    clients = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert outcomes.total() == CLIENTS * rounds, "a client died"
    return outcomes


@pytest.fixture
def open_for_business(founded: Engine) -> Engine:
    """The shop, with 1,000 lamps and bulbs, and no limit to speak of but the customer's."""
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        stock(session, shop.lamp, "988", "7904")
        stock(session, shop.bulb, "1000", "333")
    return founded


def test_c3_many_orders_at_once_stay_within_the_credit_limit(open_for_business: Engine) -> None:
    engine = open_for_business

    def sell(_client: int) -> str:
        with unit_of_work(engine) as session:
            customer = parties.find_customer(session, "C-00001")
            [lamp] = catalog.find_items(session, ["LAMP-01"])
            draft = OrderLineDraft(lamp, Decimal(1), Decimal(90))
            order = confirm_sale(session, customer=customer, lines=[draft])
            number = order.number
        with unit_of_work(engine) as session:
            deliver_sale(session, number)
        with unit_of_work(engine) as session:
            invoice_sale(session, number)
        return "sold"

    outcomes = at_once(sell, rounds=2)

    # 1,000.00 holds 11 orders of 90.00, however they are interleaved with their invoices.
    assert outcomes == {"sold": 11, "credit_limit_exceeded": 5}
    with reading(engine) as session:
        assert session.scalars(select(total(SalesOrder.total_minor))).one() == 99_000
        assert ledger.balance(session, RECEIVABLE) == eur("990")
        customer = parties.find_customer(session, "C-00001")
        assert sales.exposure_of(session, customer.party_id) == eur("990")
        assert verify(session) == []


def test_an_order_is_delivered_once(open_for_business: Engine) -> None:
    engine = open_for_business
    with unit_of_work(engine) as session:
        customer = parties.find_customer(session, "C-00001")
        draft = OrderLineDraft(catalog.find_item(session, "LAMP-01"), Decimal(5), Decimal(30))
        confirm_sale(session, customer=customer, lines=[draft])

    def deliver(_client: int) -> str:
        with unit_of_work(engine) as session:
            deliver_sale(session, "SO-00001")
        return "delivered"

    assert at_once(deliver) == {"delivered": 1, "order_already_delivered": 7}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1
        lamp = catalog.find_item(session, "LAMP-01")
        assert inventory.stock_of(session, lamp).on_hand == 995


def test_the_last_goods_are_promised_once(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        open_shop(session, limit=None)

    def sell(_client: int) -> str:
        with unit_of_work(founded) as session:
            customer = parties.find_customer(session, "C-00001")
            draft = OrderLineDraft(catalog.find_item(session, "LAMP-01"), Decimal(1))
            order = confirm_sale(session, customer=customer, lines=[draft])
            deliver_sale(session, order.number)
        return "delivered"

    outcomes = at_once(sell, rounds=3)

    assert outcomes == {"delivered": 12, "insufficient_stock": 12}
    with reading(founded) as session:
        assert session.scalar(select(func.count()).select_from(SalesOrder)) == 12
        assert verify(session) == []


def test_an_order_is_received_and_billed_once(open_for_business: Engine) -> None:
    engine = open_for_business
    with unit_of_work(engine) as session:
        supplier = parties.find_supplier(session, "S-00001")
        draft = BoughtLine(catalog.find_item(session, "LAMP-01"), Decimal(10))
        purchasing.place_order(session, supplier=supplier, lines=[draft])

    def receive(_client: int) -> str:
        with unit_of_work(engine) as session:
            purchasing.receive_order(session, "PO-00001")
        return "received"

    def bill(client: int) -> str:
        with unit_of_work(engine) as session:
            purchasing.bill_order(session, "PO-00001", supplier_reference=f"L-{client}")
        return "billed"

    assert at_once(receive) == {"received": 1, "order_already_received": 7}
    assert at_once(bill) == {"billed": 1, "nothing_to_bill": 7}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(GoodsReceipt)) == 1
        assert verify(session) == []


def test_c6_the_same_items_in_opposite_order_never_meet_a_deadlock(
    open_for_business: Engine,
) -> None:
    engine = open_for_business
    with unit_of_work(engine) as session:
        parties.set_credit_limit(session, parties.find_customer(session, "C-00001"), None)
        for place in range(1, CLIENTS):
            parties.add_customer(session, name=f"Customer {place}")
    tries: Counter[int] = Counter()

    @retried
    def trade(client: int) -> str:
        tries[client] += 1
        with unit_of_work(engine) as session:
            customer = parties.find_customer(session, f"C-{client + 1:05d}")
            skus = ["LAMP-01", "BULB-02"]
            items = catalog.find_items(session, skus if client % 2 else skus[::-1])
            drafts = [OrderLineDraft(item, Decimal(1)) for item in items]
            order = confirm_sale(session, customer=customer, lines=drafts)
            number = order.number
        with unit_of_work(engine) as session:
            deliver_sale(session, number)
        with unit_of_work(engine) as session:
            supplier = parties.find_supplier(session, "S-00001")
            lines = [BoughtLine(item, Decimal(1)) for item in items]
            bought = procure_to_pay.place_order(session, supplier=supplier, lines=lines)
            bought_number = bought.number
        with unit_of_work(engine) as session:
            procure_to_pay.receive_order(session, bought_number)
        return "traded"

    outcomes = at_once(trade, rounds=2)

    assert outcomes == {"traded": CLIENTS * 2}
    assert tries.total() == CLIENTS * 2, "who locks in one order never has to begin again"
    with reading(engine) as session:
        for sku in ("LAMP-01", "BULB-02"):
            item = catalog.find_item(session, sku)
            assert inventory.stock_of(session, item).on_hand == 1_000
        assert verify(session) == []


def test_c6_what_is_short_is_asked_for_bought_and_served_without_a_deadlock(
    founded: Engine,
) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session, limit=None)
        stock(session, shop.bulb, "4", "2")
    tries: Counter[int] = Counter()

    @retried
    def trade(client: int) -> str:
        tries[client] += 1
        skus = ["LAMP-01", "BULB-02"][:: 1 if client % 2 else -1]
        with unit_of_work(founded) as session:
            items = catalog.find_items(session, skus)
            customer = parties.find_customer(session, "C-00001")
            drafts = [OrderLineDraft(item, Decimal(3)) for item in items]
            number = confirm_sale(session, customer=customer, lines=drafts).number
        with unit_of_work(founded) as session:
            supplier = parties.find_supplier(session, "S-00001")
            lines = [BoughtLine(item, Decimal(3)) for item in items]
            bought = procure_to_pay.place_order(session, supplier=supplier, lines=lines).number
        with unit_of_work(founded) as session:
            procure_to_pay.receive_order(session, bought)
        if client == 0:
            with unit_of_work(founded) as session:
                cancel_sale(session, number, because="changed their mind")
        return "traded"

    assert at_once(trade) == {"traded": CLIENTS}
    assert tries.total() == CLIENTS, "who locks in one order never has to begin again"
    with reading(founded) as session:
        # 12 lamps and 4 bulbs were there, 24 of each came, and 7 of 8 orders want 3.
        for sku, there in (("LAMP-01", 36), ("BULB-02", 28)):
            found = inventory.stock_of(session, catalog.find_item(session, sku))
            assert (found.on_hand, found.reserved) == (there, 21)
        assert verify(session) == []


def test_a_return_meanwhile_lets_no_order_slip_through(open_for_business: Engine) -> None:
    engine = open_for_business
    with unit_of_work(engine) as session:
        customer = parties.find_customer(session, "C-00001")
        draft = OrderLineDraft(catalog.find_item(session, "LAMP-01"), Decimal(30), Decimal(30))
        confirm_sale(session, customer=customer, lines=[draft])
        deliver_sale(session, "SO-00001")
        invoice_sale(session, "SO-00001")

    def back_and_forth(client: int) -> str:
        with unit_of_work(engine) as session:
            if client == 0:
                latest = select(func.max(Delivery.number)).where(Delivery.returns_id.is_(None))
                number = session.scalars(latest).one()
                sales.return_delivery(session, number, because="wrong")
                deliver_sale(session, "SO-00001")
                invoice_sale(session, "SO-00001")
                return "returned"
            customer = parties.find_customer(session, "C-00001")
            lamp = catalog.find_item(session, "LAMP-01")
            drafts = [OrderLineDraft(lamp, Decimal(1), Decimal(40))]
            confirm_sale(session, customer=customer, lines=drafts)
            return "sold"

    outcomes = at_once(back_and_forth, rounds=2)

    assert outcomes == {"returned": 2, "sold": 2, "credit_limit_exceeded": 12}
    with reading(engine) as session:
        assert sales.exposure_of(
            session, parties.find_customer(session, "C-00001").party_id
        ) == eur("980")
        assert invoicing.exposure_of(
            session, parties.find_customer(session, "C-00001").party_id
        ) == eur("900")


def test_the_refusals_counted_above_are_these() -> None:
    counted = (
        (CreditLimitExceeded, "credit_limit_exceeded"),
        (OrderAlreadyDelivered, "order_already_delivered"),
        (OrderAlreadyReceived, "order_already_received"),
        (NothingToBill, "nothing_to_bill"),
        (InsufficientStock, "insufficient_stock"),
    )

    assert all(refusal().code == code for refusal, code in counted)
