"""The same by many hands at once: it is done once, and the books stay right."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import invoicing, ledger, parties, sales
from core.compliance import verify
from core.invoicing import DocumentLine, InvoiceKind, PaymentKind
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger.chart import CUSTOMER_ADVANCES, UNREALISED_EXCHANGE
from core.processes.credit import credit_document
from tests.core.shop import eur, open_shop

AtOnce = Callable[..., list[object]]
CLIENTS = 6


@pytest.fixture
def busy(founded: Engine) -> Engine:
    """Rad Haus owes 100 USD and 60 EUR, has paid 50 EUR for nothing yet, and ordered 5 lamps."""
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        for day, rate in ((date(2026, 1, 1), "0.8"), (date(2026, 5, 31), "0.9")):
            ledger.set_rate(session, "USD", valid_from=day, base_units=Decimal(rate))
        for price, currency in (("100", "USD"), ("60", "EUR")):
            invoicing.post_document(
                session,
                kind=InvoiceKind.CUSTOMER_INVOICE,
                party=shop.haus.party,
                lines=[DocumentLine("x", unit_price=Decimal(price))],
                posted_on=date(2026, 5, 1),
                currency=currency,
            )
        invoicing.post_payment(
            session,
            kind=PaymentKind.CUSTOMER_PAYMENT,
            party=shop.haus.party,
            amount=eur("50"),
            settle=[],
        )
        lines = [sales.OrderLineDraft(shop.lamp, Decimal(5))]
        order = sales.confirm_order(session, customer=shop.haus, lines=lines)
        sales.ask_advance(session, order.number, percent=Decimal(10), blocks_delivery=False)
        sales.deliver_order(session, order.number)
    return founded


def counted(outcomes: list[object]) -> Counter[str]:
    return Counter(str(each) if isinstance(each, str) else type(each).__name__ for each in outcomes)


def test_what_is_open_is_settled_once(busy: Engine, at_once: AtOnce) -> None:
    def work(place: int) -> str:
        with unit_of_work(busy) as session:
            if place % 2:
                invoicing.refund(session, "RCT-1")
            else:
                invoicing.reconcile(session, ["RCT-1", "INV-2"])
            return "done"

    outcomes = counted(at_once(work, CLIENTS))

    assert outcomes["done"] == 1
    assert outcomes.keys() <= {"done", "NoCreditLeft", "NotReconcilable"}
    with reading(busy) as session:
        assert verify(session) == []


def test_a_day_is_revalued_once(busy: Engine, at_once: AtOnce) -> None:
    def work(_: int) -> str:
        with unit_of_work(busy) as session:
            invoicing.revalue(session, on=date(2026, 5, 31))
            return "done"

    assert counted(at_once(work, CLIENTS)) == {"done": 1, "NothingToRevalue": CLIENTS - 1}
    with reading(busy) as session:
        gained = ledger.balance(session, UNREALISED_EXCHANGE, as_of=date(2026, 5, 31))
        assert gained == -eur("10")
        assert verify(session) == []


def test_an_advance_is_deducted_or_taken_back_and_never_both(busy: Engine, at_once: AtOnce) -> None:
    def work(place: int) -> str:
        with unit_of_work(busy) as session:
            if place % 2:
                credit_document(session, "INV-3", because="wrong")
                return "taken back"
            return f"{sales.invoice_order(session, 'SO-1').total_minor}"

    outcomes = counted(at_once(work, CLIENTS))

    assert (outcomes["9000"], outcomes["10000"] + outcomes["taken back"]) in {(1, 0), (0, 2)}
    with reading(busy) as session:
        assert ledger.balance(session, CUSTOMER_ADVANCES) == eur("0")
        assert verify(session) == []


def test_the_same_bill_by_hand_is_booked_once(founded: Engine, at_once: AtOnce) -> None:
    with unit_of_work(founded) as session:
        supplier = parties.add_supplier(session, name="Lumen & Co").party
        number = supplier.number

    def work(_: int) -> str:
        with unit_of_work(founded) as session:
            party = parties.find_party(session, number)
            amount = Money.of("5", "EUR")
            lines = [
                ledger.debit("rent", amount),
                ledger.credit("payable", amount, party_id=party.id),
            ]
            invoicing.post_entry_by_hand(session, lines, memo="x", reference="R-1")
            return "done"

    outcomes = counted(at_once(work, CLIENTS))

    assert outcomes == {"done": 1, "DuplicateBill": CLIENTS - 1}
    with reading(founded) as session:
        assert verify(session) == []
