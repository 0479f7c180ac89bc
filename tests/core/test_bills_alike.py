"""Bills that may be one bill twice, and the statement of account of a party."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import Direction, InvoiceDraftLine, InvoiceKind, PaymentKind, duplicates
from core.invoicing.duplicates import Likeness
from core.invoicing.duplicates.errors import FileAttached, FileUnusable, NotABill
from core.invoicing.duplicates.events import BillLooksLike
from core.invoicing.errors import DuplicateBill
from core.invoicing.statements import statement_of
from core.kernel import events
from core.kernel.database import rehearsal
from core.kernel.money import Money
from core.ledger.chart import OPERATING_EXPENSE, SERVICE_REVENUE
from core.parties import Party

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for the tests that leave nothing behind."""
    return databases("founded")


@pytest.fixture
def session(books: Engine) -> Iterator[Session]:
    """A piece of business that is rolled back."""
    with rehearsal(books) as session:
        yield session


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def post(
    session: Session,
    party: Party,
    amount: str,
    kind: InvoiceKind = InvoiceKind.SUPPLIER_BILL,
    *,
    ago: int = 0,
    **more: object,
) -> invoicing.Invoice:
    line = InvoiceDraftLine(
        item_id=None,
        description="work",
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        discount_percent=Decimal(0),
        tax_code=None,
        account=OPERATING_EXPENSE if kind.startswith("supplier") else SERVICE_REVENUE,
    )
    return invoicing.post_invoice(
        session,
        kind=kind,
        party=party,
        lines=[line],
        origin="O",
        posted_on=TODAY - timedelta(days=ago),
        **more,  # type: ignore[arg-type]
    )


def alike(session: Session, bill: invoicing.Invoice) -> list[tuple[str, str, int]]:
    return [
        (each.number, each.likeness, each.days) for each in duplicates.alike_bills(session, bill)
    ]


@pytest.fixture
def lumen(session: Session) -> Party:
    return parties.add_supplier(session, name="Lumen").party


def test_the_same_amount_near_in_time_is_told_on_the_card(session: Session, lumen: Party) -> None:
    first = post(session, lumen, "100", ago=3, reference="L-1")
    post(session, lumen, "100", ago=40, reference="L-0")
    post(session, parties.add_supplier(session, name="Other").party, "100")

    second = post(session, lumen, "100", reference="L-2")

    assert alike(session, second) == [(first.number, Likeness.SAME_AMOUNT, 3)]
    [told] = [each for each in events.recorded(session) if isinstance(each, BillLooksLike)]
    assert [change.says() for change in told.changes()] == [
        (
            f"supplier bill {second.number} (looks like): supplier_bill {first.number}"
            " · same_amount · 3 d"
        )
    ]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("INV-0042", "inv 42"),
        ("R 2026/007", "R2026-7"),
        ("4711", "0004711"),
        ("ＡＢ１", "ab-1"),
    ],
)
def test_a_number_that_is_written_otherwise_is_the_same(
    session: Session, lumen: Party, known: str, said: str
) -> None:
    first = post(session, lumen, "100", ago=90, reference=known)

    second = post(session, lumen, "55", reference=said)

    assert alike(session, second) == [(first.number, Likeness.SAME_NUMBER, 90)]


def test_another_number_and_the_very_same_one_are_told_apart(
    session: Session, lumen: Party
) -> None:
    post(session, lumen, "100", ago=90, reference="L-10")

    assert alike(session, post(session, lumen, "55", reference="L-1")) == []
    with pytest.raises(DuplicateBill):
        post(session, lumen, "55", reference="l-10")


def test_the_same_file_is_the_same_bill_whoever_sent_it(session: Session, lumen: Party) -> None:
    other = parties.add_supplier(session, name="Lumen Works").party
    first, second = post(session, lumen, "100", ago=20), post(session, other, "70")
    assert duplicates.attach_file(session, first, name="a.pdf", content=b"%PDF 1") == []

    [found] = duplicates.attach_file(session, second, name="b.pdf", content=b"%PDF 1")

    assert (found.number, found.likeness, found.days) == (first.number, Likeness.SAME_FILE, 20)
    with pytest.raises(FileAttached):
        duplicates.attach_file(session, second, name="c.pdf", content=b"%PDF 1")
    with pytest.raises(FileUnusable):
        duplicates.attach_file(session, second, name="c.pdf", content=b"")
    customer = parties.add_customer(session, name="Acme").party
    invoice = post(session, customer, "5", InvoiceKind.CUSTOMER_INVOICE)
    with pytest.raises(NotABill):
        duplicates.attach_file(session, invoice, name="c.pdf", content=b"1")
    [pair] = duplicates.list_alike(session)
    assert (pair.number, pair.other, pair.likeness) == (
        second.number, first.number, Likeness.SAME_FILE,
    )  # fmt: skip


def test_every_pair_is_listed_until_one_is_taken_back(session: Session, lumen: Party) -> None:
    a = post(session, lumen, "100", ago=30, reference="A-01")
    b = post(session, lumen, "70", ago=2, reference="a/1")
    c = post(session, lumen, "70", ago=1)

    assert [
        (each.number, each.other, each.likeness) for each in duplicates.list_alike(session)
    ] == [
        (c.number, b.number, Likeness.SAME_AMOUNT),
        (b.number, a.number, Likeness.SAME_NUMBER),
    ]
    invoicing.credit_invoice(session, c.number, because="twice")
    assert [each.number for each in duplicates.list_alike(session, party_id=lumen.id)] == [b.number]


def test_near_numbers_are_found_by_the_index(session: Session, lumen: Party) -> None:
    bill = post(session, lumen, "100", reference="L-1")
    session.execute(text("SET LOCAL enable_seqscan = off"))

    plan = session.execute(
        text(
            "EXPLAIN SELECT number FROM invoice WHERE kind = 'supplier_bill'"
            " AND reference IS NOT NULL AND party_id = :party AND "
            "regexp_replace(regexp_replace(lower(normalize(reference, NFKC)),"
            " '(?<![0-9])0+(?=[0-9])', '', 'g'), '[^[:alnum:]]+', '', 'g') = 'l1'"
        ),
        {"party": bill.party_id},
    ).scalars()

    assert any("ix_invoice_plain_reference" in line for line in plan)


# The statement of account.


def test_a_statement_leads_from_what_stood_open_to_what_stands_open(session: Session) -> None:
    acme = parties.add_customer(session, name="Acme").party
    old = post(session, acme, "300", InvoiceKind.CUSTOMER_INVOICE, ago=120, payment_days=30)
    new = post(session, acme, "80", InvoiceKind.CUSTOMER_INVOICE, ago=10, payment_days=30)
    payment = invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=acme,
        amount=eur("120"),
        paid_on=TODAY - timedelta(days=5),
    )
    note = invoicing.credit_invoice(session, new.number, because="returned")

    statement = statement_of(session, acme, Direction.RECEIVABLE)

    [part] = statement.parts
    assert (part.opening, part.closing, part.left_out) == (eur("300"), eur("180"), 0)
    assert [(row.document, row.amount, row.balance) for row in part.rows] == [
        (new.number, eur("80"), eur("380")),
        (payment.number, eur("-120"), eur("260")),
        (note.number, eur("-80"), eur("180")),
    ]
    # The old invoice is 90 days overdue.
    assert [str(each.amount) for each in part.aged] == ["0.00", "0.00", "0.00", "180.00", "0.00"]
    assert sum(each.minor for each in part.aged) == part.closing.minor
    earlier = statement_of(
        session,
        acme,
        Direction.RECEIVABLE,
        since=TODAY - timedelta(days=20),
        until=TODAY - timedelta(days=6),
    )
    assert [part.closing for part in earlier.parts] == [eur("380")]
    assert old.open_minor == 18_000
    assert verify_books(session) == []


def test_a_statement_has_a_part_for_every_currency(session: Session) -> None:
    ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.25"))
    lumen = parties.add_supplier(session, name="Lumen").party
    bill = post(session, lumen, "250", currency="USD", ago=3)
    post(session, lumen, "40", ago=2)
    invoicing.post_payment(
        session,
        kind=PaymentKind.SUPPLIER_PAYMENT,
        party=lumen,
        amount=eur("100"),
        settle=[(bill.number, Money.of(125, "USD"))],
    )

    parts = statement_of(session, lumen, Direction.PAYABLE).parts

    assert [(part.currency, str(part.closing)) for part in parts] == [
        ("EUR", "40.00 EUR"),
        ("USD", "125.00 USD"),
    ]
    assert [sum(each.minor for each in part.aged) for part in parts] == [4_000, 12_500]
    assert statement_of(session, lumen, Direction.RECEIVABLE).parts == ()
