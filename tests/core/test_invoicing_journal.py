"""Entries by hand on receivables and payables: each line is an open item like any document."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import Direction, DocumentState, InvoiceKind, PaymentKind
from core.invoicing.errors import (
    AmountNotPositive,
    DueBeforePosted,
    DuplicateBill,
    EntryIsSettled,
    PostedByHand,
)
from core.kernel import events
from core.kernel.money import Money
from core.ledger import Journal, credit, debit
from core.ledger.chart import (
    BANK,
    CASH,
    INVENTORY,
    OPENING_BALANCE,
    PAYABLE,
    RECEIVABLE,
    REVENUE,
)
from core.ledger.errors import AlreadyReversed, KeptByDocuments, PartyRequired, ReversalStays
from core.parties import Party

TODAY = date(2026, 6, 15)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def bluebird(session: Session) -> Party:
    return parties.add_customer(session, name="Bluebird Ltd", payment_days=14).party


@pytest.fixture
def lumen(session: Session) -> Party:
    return parties.add_supplier(session, name="Lumen & Co", payment_days=30).party


def owed(session: Session, party: Party, amount: str, **more: object) -> ledger.JournalEntry:
    lines = [debit(RECEIVABLE, eur(amount), party_id=party.id), credit(REVENUE, eur(amount))]
    return invoicing.post_entry_by_hand(session, lines, memo="by hand", **more)  # type: ignore[arg-type]


def open_items(session: Session, direction: Direction = Direction.RECEIVABLE) -> list[str]:
    items = invoicing.list_open_items(session, direction=direction)
    return [f"{item.number} {item.kind} {item.open} {item.due_on}" for item in items]


def test_a_line_on_the_receivables_is_an_open_item_of_its_party(
    session: Session, bluebird: Party
) -> None:
    before = len(events.recorded(session))

    entry = owed(session, bluebird, "42", due_on=date(2026, 7, 1))

    assert open_items(session) == ["OI-00001 customer_invoice 42.00 EUR 2026-07-01"]
    posted = invoicing.find_invoice(session, "oi 1")
    assert (posted.origin, posted.entry_id, posted.by_hand) == (entry.number, entry.id, True)
    assert invoicing.exposure_of(session, bluebird.id) == eur("42")
    effect = events.effect_of(events.recorded(session)[before:])
    assert effect.lines() == [
        "journal entry: new · by hand",
        "open item: new · 42.00 EUR · Bluebird Ltd",
        "debit 1100 Receivables: 42.00 EUR · Bluebird Ltd",
        "credit 4000 Sales revenue: 42.00 EUR",
        "Bluebird Ltd (owes us): 0.00 EUR → 42.00 EUR",
        "16 (cash in): 42.00 EUR (2026-07-01)",
    ]
    assert effect.amounts == (eur("42"),)
    assert verify_books(session) == []


def test_both_sides_of_both_control_accounts_have_their_kind(
    session: Session, bluebird: Party, lumen: Party
) -> None:
    lines = [
        debit(RECEIVABLE, eur("100"), party_id=bluebird.id),
        credit(RECEIVABLE, eur("30"), party_id=bluebird.id),
        debit(PAYABLE, eur("20"), party_id=lumen.id),
        credit(PAYABLE, eur("50"), party_id=lumen.id),
        credit(OPENING_BALANCE, eur("40")),
    ]

    invoicing.post_entry_by_hand(session, lines, memo="opening", journal=Journal.OPENING)

    assert open_items(session) == [
        "OI-00001 customer_invoice 100.00 EUR 2026-06-15",
        "OI-00002 customer_credit_note -30.00 EUR 2026-06-15",
    ]
    assert open_items(session, Direction.PAYABLE) == [
        "OI-00003 supplier_credit_note -20.00 EUR 2026-06-15",
        "OI-00004 supplier_bill 50.00 EUR 2026-06-15",
    ]
    assert verify_books(session) == []


def test_an_open_item_is_paid_written_off_and_applied_like_a_document(
    session: Session, bluebird: Party
) -> None:
    owed(session, bluebird, "100")
    payment = invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=bluebird, amount=eur("60")
    )
    assert invoicing.settled_by_payment(session, payment) == ["OI-00001"]
    invoicing.post_entry_by_hand(
        session,
        [debit(CASH, eur("30")), credit(RECEIVABLE, eur("30"), party_id=bluebird.id)],
        memo="paid in cash",
    )
    assert invoicing.apply_credit(session, "OI-00002") == eur("30")
    invoicing.write_off(session, "OI-00001", because="small rest")

    assert open_items(session) == []
    assert ledger.balance(session, RECEIVABLE) == eur("0")
    assert verify_books(session) == []


def test_a_reversed_entry_leaves_nothing_open(session: Session, bluebird: Party) -> None:
    entry = owed(session, bluebird, "100")
    later = invoicing.post_entry_by_hand(
        session,
        [debit(CASH, eur("30")), credit(RECEIVABLE, eur("30"), party_id=bluebird.id)],
        memo="paid in cash",
    )

    reversal = invoicing.reverse_entry_by_hand(session, entry.number, because="wrong customer")
    invoicing.reverse_entry_by_hand(session, later.number, because="wrong customer")

    assert open_items(session) == []
    assert invoicing.find_invoice(session, "OI-00001").state is DocumentState.REVERSED
    assert invoicing.find_invoice(session, "OI-00003").kind is InvoiceKind.CUSTOMER_CREDIT_NOTE
    assert ledger.balance(session, RECEIVABLE) == eur("0")
    assert verify_books(session) == []
    with pytest.raises(AlreadyReversed):
        invoicing.reverse_entry_by_hand(session, entry.number, because="again")
    with pytest.raises(ReversalStays):
        invoicing.reverse_entry_by_hand(session, reversal.number, because="again")


def test_what_was_settled_is_taken_back_before_its_entry_is_reversed(
    session: Session, bluebird: Party
) -> None:
    entry = owed(session, bluebird, "100")
    payment = invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=bluebird, amount=eur("60")
    )

    with pytest.raises(EntryIsSettled, match="OI-00001 is settled"):
        invoicing.reverse_entry_by_hand(session, entry.number, because="wrong")
    invoicing.unapply(session, payment.number, because="wrong")
    invoicing.reverse_entry_by_hand(session, entry.number, because="wrong")

    assert open_items(session) == ["RCT-00001 customer_payment -60.00 EUR 2026-06-15"]
    assert verify_books(session) == []


def test_an_open_item_in_another_currency_gains_and_loses_by_exchange(
    session: Session, bluebird: Party
) -> None:
    dollars, worth = Money.of("100", "USD"), eur("90")
    invoicing.post_entry_by_hand(
        session,
        [
            debit(RECEIVABLE, dollars, party_id=bluebird.id, base=worth),
            credit(REVENUE, dollars, base=worth),
        ],
        memo="in dollars",
    )
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=bluebird,
        amount=dollars,
        worth=eur("95"),
    )

    assert ledger.balance(session, RECEIVABLE) == eur("0")
    assert ledger.balance(session, "exchange_differences") == eur("-5")
    assert verify_books(session) == []


def test_what_entries_by_hand_refuse(session: Session, bluebird: Party, lumen: Party) -> None:
    entry = owed(session, bluebird, "10")
    stock = [debit(INVENTORY, eur("1")), credit(BANK, eur("1"))]
    nobody = [debit(RECEIVABLE, eur("1")), credit(BANK, eur("1"))]
    bill = [debit(OPENING_BALANCE, eur("5")), credit(PAYABLE, eur("5"), party_id=lumen.id)]
    nothing = [
        debit(RECEIVABLE, Money(0, "USD"), party_id=bluebird.id, base=eur("1")),
        credit(BANK, Money(0, "USD"), base=eur("1")),
    ]

    with pytest.raises(KeptByDocuments, match="1400 Inventory"):
        invoicing.post_entry_by_hand(session, stock, memo="stock")
    with pytest.raises(PartyRequired):
        invoicing.post_entry_by_hand(session, nobody, memo="nobody")
    with pytest.raises(DueBeforePosted):
        owed(session, bluebird, "1", due_on=date(2026, 6, 1))
    with pytest.raises(AmountNotPositive):
        invoicing.post_entry_by_hand(session, nothing, memo="a value without an amount")
    invoicing.post_entry_by_hand(session, bill, memo="old bill", reference="R-1")
    with pytest.raises(DuplicateBill, match="OI-00002"):
        invoicing.post_entry_by_hand(session, bill, memo="again", reference=" r-1 ")
    with pytest.raises(PostedByHand, match=entry.number):
        invoicing.credit_invoice(session, "OI-00001", because="wrong")
    line = invoicing.InvoiceDraftLine(
        None, "Lamp", Decimal(1), Decimal(5), Decimal(0), None, REVENUE
    )
    posted = invoicing.post_invoice(
        session, kind=InvoiceKind.CUSTOMER_INVOICE, party=bluebird, lines=[line], origin="x"
    )
    assert posted.number == "INV-00001", "open items take no number of an invoice"
