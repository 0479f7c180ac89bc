"""What is owed: invoices, bills, credit notes, and the money that settles them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.invoicing import Direction, DocumentState, InvoiceDraftLine, InvoiceKind, PaymentKind
from core.invoicing.errors import (
    AlreadyCredited,
    AmbiguousReference,
    AmountNotPositive,
    CreditNoteStays,
    DueBeforePosted,
    DuplicateBill,
    NoCreditLeft,
    NothingToInvoice,
    NotOfThisParty,
    PaymentReversed,
    SettlesMoreThanOpen,
    SettlesMoreThanPaid,
    UnknownInvoice,
    UnknownPayment,
)
from core.kernel import events
from core.kernel.money import Money
from core.ledger.chart import (
    BANK,
    OPERATING_EXPENSE,
    PAYABLE,
    RECEIVABLE,
    REVENUE,
    TAX_INPUT,
    TAX_OUTPUT,
)
from core.ledger.errors import UnknownTaxCode
from core.parties import Party

CUSTOMER_INVOICE, SUPPLIER_BILL = InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.SUPPLIER_BILL
RECEIPT, PAYMENT = PaymentKind.CUSTOMER_PAYMENT, PaymentKind.SUPPLIER_PAYMENT
TODAY = date(2026, 6, 15)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(autouse=True)
def _standard_tax(session: Session) -> None:
    ledger.add_tax_code(
        session, code="S19", name="Standard", name_zh="标准税率", percent=Decimal(19)
    )


@pytest.fixture
def bluebird(session: Session) -> Party:
    return parties.add_customer(session, name="Bluebird Ltd", payment_days=14).party


@pytest.fixture
def lumen(session: Session) -> Party:
    return parties.add_supplier(session, name="Lumen & Co", payment_days=30).party


def line(price: str, quantity: str = "1", **more: str | None) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description="Desk lamp",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount_percent=Decimal(more.get("discount") or 0),
        tax_code=more.get("tax_code", "S19"),
        account=more.get("account") or REVENUE,
    )


def invoice(session: Session, party: Party, *lines: InvoiceDraftLine) -> invoicing.Invoice:
    return invoicing.post_invoice(
        session, kind=CUSTOMER_INVOICE, party=party, lines=lines, origin="SO-00001"
    )


def bill(
    session: Session, party: Party, price: str, reference: str | None = None
) -> invoicing.Invoice:
    lines = [line(price, account=OPERATING_EXPENSE)]
    return invoicing.post_invoice(
        session,
        kind=SUPPLIER_BILL,
        party=party,
        lines=lines,
        origin="PO-00001",
        reference=reference,
    )


def balances(session: Session, *accounts: str) -> list[str]:
    return [str(ledger.balance(session, account).amount) for account in accounts]


def test_an_invoice_is_added_up_line_by_line_and_booked_once(
    session: Session, bluebird: Party
) -> None:
    posted = invoice(
        session, bluebird, line("12.50", "3", discount="10"), line("0.333", "1", tax_code=None)
    )

    assert posted.number == "INV-00001"
    assert (posted.net_minor, posted.tax_minor, posted.total_minor) == (3408, 641, 4049)
    assert posted.due_on == TODAY + timedelta(days=14)
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["40.49", "-34.08", "-6.41"]
    assert invoicing.exposure_of(session, bluebird.id) == eur("40.49")


def test_a_bill_is_booked_the_other_way_round(session: Session, lumen: Party) -> None:
    posted = bill(session, lumen, "100", "R-77")

    assert posted.number == "BILL-00001"
    assert balances(session, PAYABLE, OPERATING_EXPENSE, TAX_INPUT) == [
        "-119.00",
        "100.00",
        "19.00",
    ]
    entry = invoicing.invoice_view(session, posted).entry
    assert [each.account for each in ledger.entry_view(session, entry).lines][-1] == "2000"


def test_the_effect_says_document_owing_entry_and_cash(session: Session, bluebird: Party) -> None:
    before = len(events.recorded(session))

    invoice(session, bluebird, line("100"))

    effect = events.effect_of(events.recorded(session)[before:])
    assert effect.lines() == [
        "customer invoice: new · 1 × Desk lamp @ 100 · 119.00 EUR · Bluebird Ltd · SO-00001",
        "debit 1100 Receivables: 119.00 EUR · Bluebird Ltd",
        "credit 4000 Sales revenue: 100.00 EUR",
        "credit 2200 Output tax: 19.00 EUR",
        "Bluebird Ltd (owes us): 0.00 EUR → 119.00 EUR",
        "14 (cash in): 119.00 EUR (2026-06-29)",
    ]
    assert effect.amounts == (eur("119.00"),)


def test_a_payment_settles_the_oldest_due_first_and_the_rest_stays_open(
    session: Session, bluebird: Party
) -> None:
    first, second = (invoice(session, bluebird, line(price)) for price in ("100", "50"))

    payment = invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("150"))

    assert payment.number == "RCT-00001"
    assert (first.open_minor, second.open_minor, payment.open_minor) == (0, 2850, 0)
    assert balances(session, BANK, RECEIVABLE) == ["150.00", "28.50"]

    more = invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("40"))
    assert (second.open_minor, more.open_minor) == (0, 1150)
    assert invoicing.exposure_of(session, bluebird.id) == -eur("11.50")


def test_a_payment_settles_exactly_what_is_named(session: Session, lumen: Party) -> None:
    first, second = (bill(session, lumen, price) for price in ("100", "50"))

    payment = invoicing.post_payment(
        session,
        kind=PAYMENT,
        party=lumen,
        amount=eur("60"),
        settle=[(second, eur("50")), (first.number, eur("10"))],
    )

    assert (first.open_minor, second.open_minor, payment.open_minor) == (10900, 950, 0)
    assert balances(session, BANK, PAYABLE) == ["-60.00", "-118.50"]
    assert invoicing.invoice_view(session, second).settled_by == (
        (payment.number, TODAY, eur("50")),
    )


def test_an_overpayment_settles_the_next_invoice(session: Session, bluebird: Party) -> None:
    payment = invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("200"))
    posted = invoice(session, bluebird, line("100"))

    assert invoicing.apply_credit(session, payment.number) == eur("119.00")

    assert (posted.open_minor, payment.open_minor) == (0, 8100)
    assert balances(session, RECEIVABLE) == ["-81.00"]


def test_a_credit_note_takes_back_the_whole_invoice(session: Session, bluebird: Party) -> None:
    posted = invoice(session, bluebird, line("100"))

    note = invoicing.credit_invoice(session, posted.number, because="wrong price")

    assert note.number == "CN-00001"
    assert (posted.open_minor, note.open_minor) == (0, 0)
    assert posted.state is DocumentState.REVERSED
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["0.00", "0.00", "0.00"]
    with pytest.raises(AlreadyCredited, match="CN-00001"):
        invoicing.credit_invoice(session, posted.number, because="again")
    with pytest.raises(CreditNoteStays):
        invoicing.credit_invoice(session, note.number, because="again")


def test_a_credit_of_a_paid_invoice_is_left_for_the_next_one(
    session: Session, bluebird: Party
) -> None:
    posted = invoice(session, bluebird, line("100"))
    payment = invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("119"))

    note = invoicing.credit_invoice(session, posted.number, because="came back")
    assert (posted.open_minor, note.open_minor) == (0, 11900)

    later = invoice(session, bluebird, line("50"))
    invoicing.apply_credit(session, note.number)
    assert (later.open_minor, note.open_minor) == (0, 5950)

    # The payment bounces: what it had paid is settled by what is left of the note.
    invoicing.reverse_payment(session, payment.number, because="bounced")
    assert (posted.open_minor, note.open_minor) == (5950, 0)
    assert invoicing.exposure_of(session, bluebird.id) == eur("59.50")
    assert balances(session, RECEIVABLE) == ["59.50"]


def test_a_reversed_payment_opens_again_what_it_settled(session: Session, bluebird: Party) -> None:
    posted = invoice(session, bluebird, line("100"))
    payment = invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("150"))

    invoicing.reverse_payment(session, payment.number, because="wrong customer")

    assert (posted.open_minor, payment.open_minor) == (11900, 0)
    assert balances(session, BANK, RECEIVABLE) == ["0.00", "119.00"]
    with pytest.raises(PaymentReversed):
        invoicing.reverse_payment(session, payment.number, because="again")


def test_the_same_bill_is_booked_once(session: Session, lumen: Party) -> None:
    other = parties.add_supplier(session, name="Glow GmbH").party
    first = bill(session, lumen, "100", "R-77")

    with pytest.raises(DuplicateBill, match="BILL-00001"):
        bill(session, lumen, "100", " r-77 ")
    bill(session, other, "100", "R-77")
    with pytest.raises(AmbiguousReference, match="BILL-00001, BILL-00002"):
        invoicing.find_invoice(session, "R-77")

    invoicing.credit_invoice(session, first.number, because="wrong amount")
    assert bill(session, lumen, "110", "R-77").number == "BILL-00003"


def test_open_items_and_ageing_as_of_another_day(session: Session, bluebird: Party) -> None:
    old = invoicing.post_invoice(
        session,
        kind=CUSTOMER_INVOICE,
        party=bluebird,
        lines=[line("100")],
        origin="SO-1",
        posted_on=date(2026, 3, 1),
    )
    invoice(session, bluebird, line("50"))
    payment = invoicing.post_payment(
        session, kind=RECEIPT, party=bluebird, amount=eur("120"), paid_on=date(2026, 5, 1)
    )
    assert old.open_minor == 0

    def numbers(as_of: date | None) -> list[tuple[str, str]]:
        items = invoicing.list_open_items(session, direction=Direction.RECEIVABLE, as_of=as_of)
        return [(item.number, str(item.open.amount)) for item in items]

    assert numbers(date(2026, 2, 28)) == []
    assert numbers(date(2026, 4, 30)) == [("INV-00001", "119.00")]
    assert numbers(date(2026, 5, 1)) == [("RCT-00001", "-1.00")]
    assert numbers(None) == numbers(TODAY) == [("INV-00002", "58.50")]
    (row,) = invoicing.ageing(session, Direction.RECEIVABLE, date(2026, 4, 30))
    assert (row.to_60, row.total) == (eur("119.00"), eur("119.00"))
    (row,) = invoicing.ageing(session, Direction.RECEIVABLE, date(2026, 7, 30))
    assert (row.to_60, row.not_due) == (eur("58.50"), eur("0"))

    invoicing.reverse_payment(session, payment.number, because="bounced")
    assert numbers(None) == numbers(TODAY) == [("INV-00001", "119.00"), ("INV-00002", "59.50")]
    (row,) = invoicing.ageing(session, Direction.RECEIVABLE)
    assert (row.over_90, row.not_due, row.total) == (eur("119.00"), eur("59.50"), eur("178.50"))
    assert invoicing.list_open_items(session, direction=Direction.PAYABLE) == []


def test_what_invoicing_refuses(session: Session, bluebird: Party, lumen: Party) -> None:
    mine, theirs = invoice(session, bluebird, line("100")), bill(session, lumen, "100")

    with pytest.raises(NothingToInvoice):
        invoice(session, bluebird, line("0"))
    with pytest.raises(UnknownTaxCode, match="S19"):
        invoice(session, bluebird, line("1", tax_code="S7"))
    with pytest.raises(DueBeforePosted):
        invoicing.post_invoice(
            session,
            kind=CUSTOMER_INVOICE,
            party=bluebird,
            lines=[line("1")],
            origin="",
            due_on=date(2026, 6, 1),
        )
    with pytest.raises(AmountNotPositive):
        invoicing.post_payment(session, kind=RECEIPT, party=bluebird, amount=eur("0"))

    def pay(amount: str, number: str, part: str) -> None:
        settle = [(number, eur(part))]
        invoicing.post_payment(
            session, kind=RECEIPT, party=bluebird, amount=eur(amount), settle=settle
        )

    with pytest.raises(SettlesMoreThanOpen, match=r"Only 119.00 EUR of INV-00001"):
        pay("200", mine.number, "120")
    with pytest.raises(SettlesMoreThanPaid):
        pay("50", mine.number, "100")
    with pytest.raises(NotOfThisParty):
        pay("50", theirs.number, "50")
    with pytest.raises(NoCreditLeft):
        invoicing.apply_credit(session, mine.number)
    with pytest.raises(UnknownInvoice) as refused:
        invoicing.find_invoice(session, "INV-99")
    assert refused.value.message("zh").startswith("没有编号为 INV-99")
    with pytest.raises(UnknownPayment):
        invoicing.find_payment(session, "RCT-99")
    assert invoicing.find_invoice(session, "inv 1").number == mine.number
