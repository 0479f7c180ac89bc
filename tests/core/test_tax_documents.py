"""Tax under documents: what is charged, corrected, taken back, due, reported and settled."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import (
    HeaderDiscount,
    Invoice,
    InvoiceDraftLine,
    InvoiceKind,
    PaymentKind,
    TermDraft,
    write_off,
)
from core.invoicing.errors import DiscountTooLarge
from core.kernel.company import TaxRounding
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import tax
from core.ledger.chart import (
    BAD_DEBTS,
    DISCOUNT_ALLOWED,
    OPERATING_EXPENSE,
    PAYABLE,
    RECEIVABLE,
    REVENUE,
    TAX_DUE,
    TAX_INPUT,
    TAX_OUTPUT,
    TAX_OUTPUT_NOT_DUE,
    TAX_WITHHELD,
    TAX_WITHHELD_BY_CUSTOMERS,
)
from core.ledger.errors import UnknownTaxCode
from core.ledger.tax import Charge, Component, ComponentKind
from core.ledger.tax.errors import (
    CertificateKnown,
    CertificateNeeded,
    CertificateNotNeeded,
    ChangeBeforeLast,
    CodeInUse,
    FixedTaxInOtherCurrency,
    NoTaxOnDay,
    NotForThisKind,
    NothingInTheCode,
    NothingToSettle,
    RateOutOfRange,
    RoundingStaysAsItIs,
    SameTaxTwice,
    SettledAlready,
    SettlementTakenBack,
    TaxCodeExists,
    TaxCodeNotPlain,
    TaxSetInstalled,
    UnknownSettlement,
    UnknownTaxSet,
)
from core.parties import Party

INVOICE, BILL = InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.SUPPLIER_BILL
RECEIPT = PaymentKind.CUSTOMER_PAYMENT
YEAR = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def code(session: Session, name: str, *components: Component, **more: object) -> None:
    tax.add_code(
        session,
        code=name,
        name=name,
        name_zh=name,
        components=components,
        **more,  # type: ignore[arg-type]
    )


def percent(rate: str, **more: object) -> Component:
    return Component(name=f"{rate} %", rate=Decimal(rate), **more)  # type: ignore[arg-type]


@pytest.fixture
def buyer(session: Session) -> Party:
    return parties.add_customer(session, name="Bluebird Ltd", payment_days=14).party


@pytest.fixture
def seller(session: Session) -> Party:
    return parties.add_supplier(session, name="Lumen & Co", payment_days=30).party


def line(
    price: str, taxes: str | None = None, quantity: str = "1", account: str = REVENUE
) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description="Work",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount_percent=Decimal(0),
        tax_code=taxes,
        account=account,
    )


def sold(session: Session, party: Party, *lines: InvoiceDraftLine, **more: object) -> Invoice:
    return invoicing.post_invoice(
        session,
        kind=INVOICE,
        party=party,
        lines=lines,
        origin="SO-00001",
        **more,  # type: ignore[arg-type]
    )


def bought(session: Session, party: Party, *lines: InvoiceDraftLine, **more: object) -> Invoice:
    return invoicing.post_invoice(
        session,
        kind=BILL,
        party=party,
        lines=lines,
        origin="PO-00001",
        **more,  # type: ignore[arg-type]
    )


def pay(session: Session, document: Invoice, amount: str, **more: object) -> invoicing.Payment:
    return invoicing.post_payment(
        session,
        kind=RECEIPT if document.kind is INVOICE else PaymentKind.SUPPLIER_PAYMENT,
        party=session.get_one(Party, document.party_id),
        amount=eur(amount),
        settle=[(document.number, eur(amount))],
        **more,  # type: ignore[arg-type]
    )


def totals(document: Invoice) -> str:
    amounts = (document.net_minor, document.tax_minor, document.total_minor)
    return " ".join(str(Money(minor, document.currency).amount) for minor in amounts)


def balances(session: Session, *accounts: str) -> list[str]:
    return [str(ledger.balance(session, account).amount) for account in accounts]


def boxes(session: Session, **stretch: date) -> dict[str, str]:
    report = tax.tax_report(session, **(stretch or YEAR))
    return {row.box: str(row.amount.amount) for row in report.boxes}


def test_a_taxed_and_an_untaxed_line_and_the_credit_of_them(session: Session, buyer: Party) -> None:
    # Scenarios T01 and P19.
    code(session, "T10", percent("10"))

    invoice = sold(session, buyer, line("40", "T10", "5"), line("20"))

    assert totals(invoice) == "220.00 20.00 240.00"
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["240.00", "-220.00", "-20.00"]
    assert boxes(session) == {"S": "200.00", "ST": "20.00"}
    note = invoicing.credit_invoice(session, invoice.number, because="wrong")
    assert totals(note) == "220.00 20.00 240.00"
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["0.00", "0.00", "0.00"]
    assert boxes(session) == {"S": "0.00", "ST": "0.00"}
    assert verify_books(session) == []


def test_a_header_discount_is_taken_off_before_tax(session: Session, buyer: Party) -> None:
    # Scenario T08.
    code(session, "V24", percent("24"))
    tax.set_tax_rounding(session, TaxRounding.DOCUMENT)
    lines = [line(price, "V24") for price in ("75", "500", "200", "100", "50", "50")]

    invoice = sold(session, buyer, *lines, header_discount=eur("75"))

    assert totals(invoice) == "900.00 216.00 1116.00"
    assert invoice.discount_minor == 7500
    same = sold(session, buyer, *lines, header_discount=HeaderDiscount(percent=Decimal(10)))
    assert totals(same) == "877.50 210.60 1088.10"
    note = invoicing.credit_invoice(session, invoice.number, because="wrong")
    assert (totals(note), note.discount_minor) == ("900.00 216.00 1116.00", 7500)
    assert verify_books(session) == []
    with pytest.raises(DiscountTooLarge, match="discount of 900"):
        sold(session, buyer, line("900", "V24"), header_discount=eur("900"))


def test_a_discount_for_early_payment_corrects_the_tax(session: Session, buyer: Party) -> None:
    # Scenario P07.
    code(session, "S18", percent("18"))
    invoicing.add_terms(
        session, code="PT", name="PT", name_zh="PT",
        lines=[TermDraft(after_days=30, discount_percent=Decimal(10), discount_days=10)],
    )  # fmt: skip
    invoice = sold(session, buyer, line("200", "S18"), term_code="PT")

    payment = pay(session, invoice, "212.40", take_discount=True)

    assert (invoice.total_minor, invoice.open_minor) == (23600, 0)
    assert balances(session, RECEIVABLE, DISCOUNT_ALLOWED, TAX_OUTPUT, REVENUE) == [
        *("0.00", "20.00", "-32.40", "-200.00")
    ]
    assert boxes(session) == {"S": "180.00", "ST": "32.40"}
    assert verify_books(session) == []
    invoicing.reverse_payment(session, payment.number, because="bounced")
    assert balances(session, RECEIVABLE, DISCOUNT_ALLOWED, TAX_OUTPUT) == [
        "236.00",
        "0.00",
        "-36.00",
    ]
    assert boxes(session) == {"S": "200.00", "ST": "36.00"}
    assert verify_books(session) == []


def test_reverse_charge_is_owed_to_the_tax_office_and_not_to_the_supplier(
    session: Session, seller: Party
) -> None:
    code(session, "RC", percent("19", kind=ComponentKind.REVERSE_CHARGE))

    bill = bought(session, seller, line("1000", "RC", account=OPERATING_EXPENSE))

    assert totals(bill) == "1000.00 0.00 1000.00"
    assert balances(session, PAYABLE, OPERATING_EXPENSE, TAX_INPUT, TAX_OUTPUT) == [
        *("-1000.00", "1000.00", "190.00", "-190.00")
    ]
    assert boxes(session) == {"P": "1000.00", "PT": "190.00", "R": "1000.00", "RT": "190.00"}
    assert tax.tax_report(session, **YEAR).payable == eur("0")
    invoicing.credit_invoice(session, bill.number, because="wrong")
    assert balances(session, PAYABLE, TAX_INPUT, TAX_OUTPUT) == ["0.00", "0.00", "0.00"]
    assert verify_books(session) == []


def test_withheld_tax_lowers_what_is_paid(session: Session, seller: Party, buyer: Party) -> None:
    code(session, "WH20", percent("20", kind=ComponentKind.WITHHOLDING))
    code(session, "V22", percent("22"))

    bill = bought(session, seller, line("1000", "V22+WH20", account=OPERATING_EXPENSE))
    invoice = sold(session, buyer, line("500", "WH20"))

    assert totals(bill) == "1000.00 20.00 1020.00"
    assert balances(session, PAYABLE, TAX_INPUT, TAX_WITHHELD) == ["-1020.00", "220.00", "-200.00"]
    assert totals(invoice) == "500.00 -100.00 400.00"
    assert balances(session, RECEIVABLE, TAX_WITHHELD_BY_CUSTOMERS) == ["400.00", "100.00"]
    found = boxes(session)
    assert (found["W"], found["WT"], found["C"], found["CT"]) == (
        *("1000.00", "200.00", "500.00", "100.00"),
    )
    assert verify_books(session) == []


def test_half_of_the_tax_of_a_car_is_a_cost(session: Session, seller: Party) -> None:
    code(session, "CAR", percent("20", deductible_percent=Decimal(50)))

    bill = bought(session, seller, line("1000", "CAR", account=OPERATING_EXPENSE))

    assert totals(bill) == "1000.00 200.00 1200.00"
    assert balances(session, PAYABLE, OPERATING_EXPENSE, TAX_INPUT) == [
        *("-1200.00", "1100.00", "100.00")
    ]
    assert boxes(session)["PT"] == "100.00"
    invoicing.credit_invoice(session, bill.number, because="wrong")
    assert balances(session, PAYABLE, OPERATING_EXPENSE, TAX_INPUT) == ["0.00", "0.00", "0.00"]
    assert verify_books(session) == []


def test_cash_basis_tax_is_due_as_far_as_it_is_paid(session: Session, buyer: Party) -> None:
    code(session, "CB", percent("20", cash_basis=True))
    invoice = sold(session, buyer, line("1000", "CB"))
    assert balances(session, TAX_OUTPUT, TAX_OUTPUT_NOT_DUE) == ["0.00", "-200.00"]
    assert boxes(session) == {}

    first = pay(session, invoice, "400")

    assert balances(session, TAX_OUTPUT, TAX_OUTPUT_NOT_DUE) == ["-66.67", "-133.33"]
    assert boxes(session) == {"S": "333.33", "ST": "66.67"}
    pay(session, invoice, "300")
    pay(session, invoice, "500")
    assert balances(session, TAX_OUTPUT, TAX_OUTPUT_NOT_DUE) == ["-200.00", "0.00"]
    assert boxes(session) == {"S": "1000.00", "ST": "200.00"}
    assert verify_books(session) == []
    invoicing.reverse_payment(session, first.number, because="bounced")
    assert balances(session, TAX_OUTPUT, TAX_OUTPUT_NOT_DUE) == ["-133.33", "-66.67"]
    write_off(session, invoice.number, because="gone")
    assert balances(session, TAX_OUTPUT_NOT_DUE, BAD_DEBTS) == ["0.00", "400.00"]
    assert verify_books(session) == []


def test_cash_basis_with_a_discount_a_credit_note_and_another_currency(
    session: Session, buyer: Party
) -> None:
    code(session, "CB", percent("18", cash_basis=True))
    ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.3"))
    invoicing.add_terms(
        session, code="PT", name="PT", name_zh="PT",
        lines=[TermDraft(after_days=30, discount_percent=Decimal(10), discount_days=10)],
    )  # fmt: skip
    discounted = sold(session, buyer, line("200", "CB"), term_code="PT")
    credited = sold(session, buyer, line("99.99", "CB"))
    foreign = sold(session, buyer, line("77.77", "CB"), currency="USD")

    payment = pay(session, discounted, "212.40", take_discount=True)
    invoicing.credit_invoice(session, credited.number, because="wrong")
    for part in ("33.33", "58.44"):
        amount = Money.of(part, "USD")
        invoicing.post_payment(
            session, kind=RECEIPT, party=buyer, amount=amount, settle=[(foreign.number, amount)]
        )

    assert balances(session, TAX_OUTPUT_NOT_DUE) == ["0.00"]
    assert foreign.open_minor == 0
    assert boxes(session)["ST"] == str(Decimal("32.40") + Decimal("10.77"))
    assert verify_books(session) == []
    invoicing.reverse_payment(session, payment.number, because="bounced")
    assert balances(session, TAX_OUTPUT_NOT_DUE) == ["-36.00"]
    assert verify_books(session) == []


def test_a_code_changes_on_a_day_and_what_was_before_stays(session: Session, buyer: Party) -> None:
    code(session, "V", percent("19"))
    before = sold(session, buyer, line("100", "V"), posted_on=date(2026, 6, 10))

    tax.change_code(session, "V", [percent("21")], valid_from=date(2026, 6, 12))

    after = sold(session, buyer, line("100", "V"))
    assert (before.tax_minor, after.tax_minor) == (1900, 2100)
    assert sold(session, buyer, line("100", "V"), posted_on=date(2026, 6, 11)).tax_minor == 1900
    # The credit note follows its invoice, not the day.
    assert invoicing.credit_invoice(session, before.number, because="x").tax_minor == 1900
    with pytest.raises(ChangeBeforeLast, match="2026-06-12"):
        tax.change_code(session, "V", [percent("22")], valid_from=date(2026, 6, 12))
    with pytest.raises(CodeInUse, match="V already"):
        tax.change_code(session, "V", [percent("22")], valid_from=date(2026, 6, 13))
    with pytest.raises(IntegrityError, match="not rewritten"), session.begin_nested():
        session.execute(text("UPDATE tax_component SET rate = 5"))


def test_the_sets_say_what_each_day_asked_for(session: Session) -> None:
    for name in ("CN", "DE", "us"):
        tax.install_set(session, name)

    def on(codes: str, year: int, month: int, day: int, **more: bool) -> str:
        asked = [Charge(eur("100"), codes)]
        found = tax.compute(session, asked, on=date(year, month, day), **more)
        return str(found.tax.amount)

    assert [on("DE19", 2020, *day) for day in ((6, 30), (7, 1), (12, 31))] == [
        *("19.00", "16.00", "16.00")
    ]
    assert on("DE7", 2020, 8, 1) == "5.00"
    assert on("DE19", 2026, 1, 1) == "19.00"
    assert (on("DERC", 2026, 1, 1, sale=False), on("DEEU", 2026, 1, 1)) == ("0.00", "0.00")
    assert [on("CN13", year, 5, 1) for year in (2018, 2019, 2026)] == ["16.00", "13.00", "13.00"]
    assert [
        on("CNS", *day) for day in ((2020, 1, 1), (2021, 1, 1), (2022, 6, 1), (2026, 1, 1))
    ] == [*("3.00", "1.00", "0.00", "1.00")]
    assert [on("US-LA", 2025, *day) for day in ((3, 31), (4, 1))] == ["9.50", "9.75"]
    assert (on("US-CHI", 2026, 1, 1), on("US-NYC", 2026, 1, 1)) == ("10.25", "8.88")
    # What is bought with sales tax is dearer; nothing is taken off.
    [bought_line] = tax.compute(session, [Charge(eur("100"), "US-CHI")], sale=False).lines
    assert {part.use for part in bought_line.parts} >= {tax.TaxUse.NOT_DEDUCTIBLE}
    with pytest.raises(NoTaxOnDay, match="1999-01-01"):
        on("CN13", 1999, 1, 1)
    with pytest.raises(TaxSetInstalled, match="DE"):
        tax.install_set(session, "de")
    with pytest.raises(UnknownTaxSet, match="CN, DE, US"):
        tax.install_set(session, "FR")


def test_the_german_return_of_a_month(session: Session, buyer: Party, seller: Party) -> None:
    tax.install_set(session, "DE")
    sold(session, buyer, line("1000", "DE19"), line("200", "DE7"), line("500", "DEEU"))
    bought(session, seller, line("300", "DE19", account=OPERATING_EXPENSE))
    bought(session, seller, line("400", "DEA19", account=OPERATING_EXPENSE))
    bought(session, seller, line("100", "DERC", account=OPERATING_EXPENSE))

    assert boxes(session) == {
        "81": "1000.00",
        "81t": "190.00",
        "86": "200.00",
        "86t": "14.00",
        "41": "500.00",
        "89": "400.00",
        "89t": "76.00",
        "46": "100.00",
        "47": "19.00",
        "66": "57.00",
        "61": "76.00",
        "67": "19.00",
        "83": "147.00",
    }
    report = tax.tax_report(session, **YEAR)
    assert report.payable == eur("147")
    assert all(tie.otherwise.minor == 0 for tie in report.accounts)
    assert [row.document for row in tax.taxed_documents(session, **YEAR, box="89")] == [
        "BILL-00002"
    ]
    assert verify_books(session) == []


def test_tax_is_settled_once_for_a_day_and_can_be_taken_back(
    session: Session, buyer: Party, seller: Party
) -> None:
    code(session, "V", percent("19"))
    sold(session, buyer, line("100", "V"))
    bought(session, seller, line("50", "V", account=OPERATING_EXPENSE))
    until = date(2026, 6, 30)

    settled = tax.settle_tax(session, until=until)

    assert balances(session, TAX_OUTPUT, TAX_INPUT, TAX_DUE) == ["0.00", "0.00", "-9.50"]
    ties = {tie.account: tie for tie in tax.tax_report(session, **YEAR).accounts}
    assert (ties["2200"].by_documents, ties["2200"].settled) == (eur("-19"), eur("19"))
    assert ties["2200"].otherwise == eur("0")
    with pytest.raises(SettledAlready, match=settled.number):
        tax.settle_tax(session, until=until)
    tax.take_back_settlement(session, settled.number, because="early")
    assert balances(session, TAX_OUTPUT, TAX_INPUT, TAX_DUE) == ["-19.00", "9.50", "0.00"]
    with pytest.raises(SettlementTakenBack):
        tax.take_back_settlement(session, settled.number, because="again")
    with pytest.raises(UnknownSettlement, match="TAX-9"):
        tax.take_back_settlement(session, "TAX-9", because="x")
    tax.settle_tax(session, until=until)
    with pytest.raises(NothingToSettle, match="2026-07-31"):
        tax.settle_tax(session, until=date(2026, 7, 31))
    assert verify_books(session) == []


def test_who_is_exempt_shows_a_certificate(session: Session, buyer: Party) -> None:
    tax.install_set(session, "US")
    with pytest.raises(CertificateNeeded, match="Bluebird Ltd"):
        sold(session, buyer, line("100", "US-EX"))

    first = date(2026, 1, 1)
    tax.note_certificate(session, buyer, "US-EX", reference="ST-5 771", valid_from=first)

    assert totals(sold(session, buyer, line("100", "US-EX"))) == "100.00 0.00 100.00"
    assert boxes(session) == {"US2": "100.00"}
    with pytest.raises(CertificateKnown):
        tax.note_certificate(session, buyer, "US-EX", reference="ST-5 771", valid_from=first)
    with pytest.raises(CertificateNotNeeded, match="US-EX"):
        tax.note_certificate(session, buyer, "US-LA", reference="1", valid_from=first)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (lambda s: code(s, "A+B", percent("5")), TaxCodeNotPlain),
        (lambda s: code(s, "A B", percent("5")), TaxCodeNotPlain),
        (lambda s: code(s, "V", percent("5")), TaxCodeExists),
        (lambda s: code(s, "X"), NothingInTheCode),
        (lambda s: code(s, "X", percent("-1")), RateOutOfRange),
        (lambda s: code(s, "X", percent("100", kind=ComponentKind.DIVISION)), RateOutOfRange),
        (lambda s: code(s, "X", percent("5", deductible_percent=Decimal(101))), RateOutOfRange),
        (
            lambda s: code(s, "X", percent("5", kind=ComponentKind.WITHHOLDING, included=True)),
            NotForThisKind,
        ),
        (lambda s: tax.compute(s, [Charge(eur("1"), "V+V")]), SameTaxTwice),
        (lambda s: tax.compute(s, [Charge(eur("1"), "V+NO")]), UnknownTaxCode),
        (lambda s: tax.compute(s, [Charge(Money(1, "USD"), "ECO")]), FixedTaxInOtherCurrency),
        (lambda s: tax.set_tax_rounding(s, TaxRounding.LINE), RoundingStaysAsItIs),
    ],
)
def test_what_tax_refuses(
    session: Session, wrong: Callable[[Session], object], refusal: type[DomainError]
) -> None:
    code(session, "V", percent("19"))
    code(session, "ECO", percent("0.5", kind=ComponentKind.FIXED))

    with pytest.raises(refusal):
        wrong(session)


def test_the_database_refuses_tax_that_no_tax_line_says(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        buyer = parties.add_customer(session, name="Bluebird Ltd").party
        code(session, "V", percent("19"))
        invoice = sold(session, buyer, line("100", "V"))
    with (
        pytest.raises(IntegrityError, match="that of its tax lines is 1900"),
        unit_of_work(founded) as session,
    ):
        session.execute(text("UPDATE invoice SET tax_minor = 1800, net_minor = 10100"))
    with pytest.raises(IntegrityError, match="so is its tax"), unit_of_work(founded) as session:
        entry = session.get_one(ledger.JournalEntry, invoice.entry_id)
        [(kind, booked)] = tax.kept_lines(session, document=invoice.number)
        tax.keep_lines(session, entry, [booked], document=invoice.number, kind=kind)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for the property; each example rehearses, so nothing stays."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        parties.add_customer(session, name="Bluebird Ltd")
        parties.add_supplier(session, name="Lumen & Co")
        invoicing.add_terms(
            session, code="PT", name="PT", name_zh="PT",
            lines=[TermDraft(after_days=30, discount_percent=Decimal(3), discount_days=10)],
        )  # fmt: skip
        ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.37"))
        code(session, "IN", percent("19", included=True))
        code(session, "ADD", percent("8.1", affects_next=True))
        code(session, "CASH", percent("20", cash_basis=True))
        code(session, "HALF", percent("21", deductible_percent=Decimal(50)))
        code(session, "REV", percent("19", kind=ComponentKind.REVERSE_CHARGE))
        code(session, "WH", percent("5", kind=ComponentKind.WITHHOLDING))
    return engine


CODES = st.lists(
    st.sampled_from(["IN", "ADD", "CASH", "HALF", "REV", "WH"]), unique=True, max_size=3
)
DRAFTS = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(1, 9), CODES), min_size=1, max_size=4
)


@settings(max_examples=12)
@example([(2, 2, ["IN", "HALF"])], False, "USD", TaxRounding.LINE, 0, [], True)
@given(
    DRAFTS,
    st.booleans(),
    st.sampled_from(["EUR", "USD"]),
    st.sampled_from(TaxRounding),
    st.integers(0, 20),
    st.lists(st.integers(1, 100), max_size=3),
    st.booleans(),
)
def test_whatever_is_taxed_paid_and_taken_back_the_books_and_the_tax_lines_agree(
    books: Engine,
    drafts: list[tuple[int, int, list[str]]],
    sale: bool,  # noqa: FBT001
    currency: str,
    per: TaxRounding,
    discount: int,
    paid: list[int],
    credit: bool,  # noqa: FBT001
) -> None:
    with rehearsal(books) as session:
        if per is TaxRounding.DOCUMENT:
            tax.set_tax_rounding(session, per)
        party = parties.find_party(session, "Bluebird Ltd" if sale else "Lumen & Co")
        lines = [
            line(
                str(Decimal(price) / 100),
                tax.joined(codes),
                str(quantity),
                REVENUE if sale else OPERATING_EXPENSE,
            )
            for price, quantity, codes in drafts
        ]
        document = (sold if sale else bought)(
            session,
            party,
            *lines,
            currency=currency,
            term_code="PT",
            header_discount=HeaderDiscount(percent=Decimal(discount)),
        )
        for share in paid:
            part = Money(max(document.open_minor * share // 100, 1), currency)
            if document.open_minor:
                invoicing.post_payment(
                    session,
                    kind=RECEIPT if sale else PaymentKind.SUPPLIER_PAYMENT,
                    party=party,
                    amount=part,
                    settle=[(document.number, part)],
                    take_discount=True,
                )
        assert verify_books(session) == []
        if credit:
            invoicing.credit_invoice(session, document.number, because="any")
            assert verify_books(session) == []
            accounts = (REVENUE, OPERATING_EXPENSE, TAX_OUTPUT, TAX_INPUT, TAX_WITHHELD)
            if not paid:
                assert {ledger.balance(session, each).minor for each in accounts} == {0}


def test_a_percent_names_the_one_code_that_only_adds_it(session: Session) -> None:
    code(session, "V", percent("19"))
    code(session, "R", percent("7"))

    assert tax.code_named(session, "19 %").code == "V"
    assert tax.code_named(session, "7.0%").code == "R"

    code(session, "W", percent("19"))
    for said in ("19 %", "20 %", "%"):
        with pytest.raises(UnknownTaxCode):
            tax.code_named(session, said)
