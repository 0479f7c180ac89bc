"""What is open is settled with what else is open, many with many, and taken back again."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind
from core.invoicing.errors import (
    NoCreditLeft,
    NothingSettled,
    NotOfThisParty,
    NotReconcilable,
    ReversedStays,
    SettlesMoreThanOpen,
    UnknownItem,
)
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, CASH, RECEIVABLE, REVENUE
from core.parties import Party


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def bluebird(session: Session) -> Party:
    return parties.add_customer(session, name="Bluebird Ltd").party


def charge(session: Session, party: Party, price: str) -> invoicing.Invoice:
    line = InvoiceDraftLine(None, "Lamp", Decimal(1), Decimal(price), Decimal(0), None, REVENUE)
    return invoicing.post_invoice(
        session, kind=InvoiceKind.CUSTOMER_INVOICE, party=party, lines=[line], origin="SO-00001"
    )


def receive(session: Session, party: Party, amount: str) -> invoicing.Payment:
    """Take in money that nobody said what for."""
    return invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=party, amount=eur(amount), settle=[]
    )


def pairs(done: list[invoicing.Reconciled]) -> list[str]:
    return [f"{each.source} {each.document} {each.amount}" for each in done]


def test_l01_an_invoice_and_a_payment_by_hand_are_reconciled_parted_and_reconciled_again(
    session: Session, bluebird: Party
) -> None:
    first = invoicing.post_entry_by_hand(
        session,
        [credit(REVENUE, eur("42")), debit(RECEIVABLE, eur("42"), party_id=bluebird.id)],
        memo="e1",
    )
    second = invoicing.post_entry_by_hand(
        session,
        [debit(CASH, eur("42")), credit(RECEIVABLE, eur("42"), party_id=bluebird.id)],
        memo="e2",
    )
    entries = [first.number, second.number]

    assert pairs(invoicing.reconcile(session, entries)) == ["OI-00002 OI-00001 42.00 EUR"]
    assert invoicing.exposure_of(session, bluebird.id) == eur("0")
    invoicing.unreconcile(session, entries, because="too early")
    assert invoicing.find_invoice(session, "OI-00001").open_minor == 4200
    assert len(invoicing.reconcile(session, entries)) == 1

    assert [str(ledger.balance(session, role)) for role in (RECEIVABLE, CASH, REVENUE)] == [
        "0.00 EUR",
        "42.00 EUR",
        "-42.00 EUR",
    ]
    items = invoicing.list_open_items(session, direction=invoicing.Direction.RECEIVABLE)
    assert items == []
    assert verify_books(session) == []


def test_many_are_settled_with_many_the_oldest_first(session: Session, bluebird: Party) -> None:
    documents = [charge(session, bluebird, price) for price in ("100", "50", "70")]
    sources = [receive(session, bluebird, amount) for amount in ("120", "60")]
    numbers = [each.number for each in (*documents, *sources)]

    done = invoicing.reconcile(session, numbers)

    assert pairs(done) == [
        "RCT-00001 INV-00001 100.00 EUR",
        "RCT-00001 INV-00002 20.00 EUR",
        "RCT-00002 INV-00002 30.00 EUR",
        "RCT-00002 INV-00003 30.00 EUR",
    ]
    assert [each.open_minor for each in documents] == [0, 0, 4000]
    assert pairs(invoicing.unreconcile(session, ["INV-2"], because="wrong")) == [
        "RCT-00001 INV-00002 20.00 EUR",
        "RCT-00002 INV-00002 30.00 EUR",
    ]
    assert [each.open_minor for each in (*documents, *sources)] == [0, 5000, 4000, 2000, 3000]
    invoicing.unreconcile(session, ["RCT-1", "INV-1"], because="wrong")
    assert [each.open_minor for each in (*documents, *sources)] == [10000, 5000, 4000, 12000, 3000]
    assert verify_books(session) == []


def test_no_more_is_settled_than_the_amounts_named(session: Session, bluebird: Party) -> None:
    documents = [charge(session, bluebird, price) for price in ("100", "50")]
    source = receive(session, bluebird, "120")

    invoicing.reconcile(
        session,
        ["INV-1", "INV-2", "RCT-1"],
        amounts={"INV-00001": eur("10"), "RCT-00001": eur("40")},
    )

    assert [each.open_minor for each in (*documents, source)] == [9000, 2000, 8000]


def test_currencies_are_reconciled_at_the_rate_of_the_day(
    session: Session, bluebird: Party
) -> None:
    today = ledger.set_rate(
        session, "USD", valid_from=bluebird.created_at.date().replace(2026, 1, 1),
        foreign_units=Decimal("1.25"),
    )  # fmt: skip
    document = charge(session, bluebird, "80")
    dollars = Money.of("50", "USD")
    assert today.foreign_units == Decimal("1.25")
    invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=bluebird, amount=dollars, settle=[]
    )

    done = invoicing.reconcile(session, ["INV-1", "RCT-1"])

    assert pairs(done) == ["RCT-00001 INV-00001 40.00 EUR"]
    assert document.open_minor == 4000
    assert verify_books(session) == []


def test_a_credit_is_paid_back(session: Session, bluebird: Party) -> None:
    charge(session, bluebird, "100")
    invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=bluebird, amount=eur("110")
    )
    payment = invoicing.find_payment(session, "RCT-1")

    entry = invoicing.refund(session, payment.number, amount=eur("4"))
    invoicing.refund(session, payment.number)

    assert payment.open_minor == 0
    assert ledger.balance(session, RECEIVABLE) == eur("0")
    assert ledger.balance(session, BANK) == eur("100")
    with pytest.raises(NoCreditLeft):
        invoicing.refund(session, payment.number)
    invoicing.unreconcile(session, [entry.number], because="returned by the bank")
    invoicing.reverse_entry_by_hand(session, entry.number, because="returned by the bank")
    assert payment.open_minor == 400
    assert ledger.balance(session, RECEIVABLE) == eur("-4")
    assert verify_books(session) == []


def test_what_cannot_be_reconciled_is_refused(session: Session, bluebird: Party) -> None:
    other = parties.add_customer(session, name="Other").party
    charge(session, bluebird, "100")
    charge(session, other, "100")
    receive(session, bluebird, "10")

    def refused(error: type[Exception], *numbers: str, **amounts: Money) -> None:
        named = {number.replace("_", "-"): amount for number, amount in amounts.items()}
        with pytest.raises(error):
            invoicing.reconcile(session, numbers, amounts=named)

    refused(NotReconcilable, "INV-1")
    refused(NotReconcilable, "RCT-1")
    refused(NotOfThisParty, "INV-1", "INV-2", "RCT-1")
    refused(UnknownItem, "INV-1", "RCT-77")
    refused(SettlesMoreThanOpen, "INV-1", "RCT-1", RCT_00001=eur("11"))
    with pytest.raises(NothingSettled):
        invoicing.unreconcile(session, ["INV-1"], because="x")
    note = invoicing.credit_invoice(session, "INV-1", because="wrong")
    with pytest.raises(ReversedStays):
        invoicing.unapply(session, note.number, because="no")
