"""Other currencies: what is realised, what is not, and what is put back."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind
from core.invoicing.errors import (
    NothingToRevalue,
    RevaluationStays,
    RevaluationTakenBack,
    UnknownRevaluation,
)
from core.kernel import events
from core.kernel.company import found_company
from core.kernel.database import unit_of_work
from core.kernel.money import Money
from core.ledger import AccountKind, PeriodState, credit, debit
from core.ledger.chart import (
    BANK,
    EXCHANGE_DIFFERENCES,
    OPENING_BALANCE,
    OPERATING_EXPENSE,
    PAYABLE,
    RECEIVABLE,
    REVENUE,
    UNREALISED_EXCHANGE,
    open_standard_chart,
)
from core.ledger.errors import NoRate
from core.parties import Party

JAN, JAN_31, FEB = date(2025, 1, 10), date(2025, 1, 31), date(2025, 2, 10)


def books(session: Session, currency: str, *rates: tuple[str, date, str, str]) -> Party:
    """Open the books of a company in a currency, with some rates."""
    found_company(
        session, name="Testwerk", name_zh="测试公司", country="DE", currency=currency,
        business_date=FEB,
    )  # fmt: skip
    open_standard_chart(session)
    ledger.open_fiscal_year(session, 2025)
    for name, day, foreign, base in rates:
        units = {"foreign_units": Decimal(foreign), "base_units": Decimal(base)}
        ledger.set_rate(session, name, valid_from=day, **units)
    return parties.add_customer(session, name="Party A").party


@pytest.fixture
def rupees(engine: Engine) -> Iterator[tuple[Session, Party]]:
    """Books in INR; a dollar is worth 80 on 10 January, and 85 on the 31st."""
    with unit_of_work(engine) as session:
        yield session, books(session, "INR", ("USD", JAN, "1", "80"), ("USD", JAN_31, "1", "85"))


def post(
    session: Session,
    party: Party,
    price: str,
    currency: str,
    *,
    kind: InvoiceKind = InvoiceKind.CUSTOMER_INVOICE,
    on: date = JAN,
) -> invoicing.Invoice:
    account = REVENUE if kind is InvoiceKind.CUSTOMER_INVOICE else OPERATING_EXPENSE
    line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(price), Decimal(0), None, account)
    return invoicing.post_invoice(
        session, kind=kind, party=party, lines=[line], origin="", posted_on=on, currency=currency
    )


def pay(
    session: Session,
    party: Party,
    amount: Money,
    on: date,
    kind: PaymentKind = PaymentKind.CUSTOMER_PAYMENT,
) -> invoicing.Payment:
    return invoicing.post_payment(session, kind=kind, party=party, amount=amount, paid_on=on)


def balances(session: Session, *roles: str, on: date | None = None) -> list[str]:
    return [str(ledger.balance(session, role, as_of=on).amount) for role in roles]


def test_f01_an_invoice_in_euros_paid_at_a_better_rate_gains(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        eleventh = date(2025, 1, 11)
        rates = [("EUR", JAN, "1.20", "1"), ("EUR", eleventh, "1.10", "1")]
        party = books(session, "USD", *rates)
        invoice = post(session, party, "400", "EUR")

        payment = pay(session, party, Money.of("400", "EUR"), eleventh)

        assert (invoice.base_total_minor, payment.base_amount_minor) == (33333, 36364)
        assert balances(session, RECEIVABLE, BANK, REVENUE, EXCHANGE_DIFFERENCES) == [
            "0.00",
            "363.64",
            "-333.33",
            "-30.31",
        ]
        assert verify_books(session) == []


def test_f03_an_open_receivable_is_revalued_and_put_back(rupees: tuple[Session, Party]) -> None:
    session, party = rupees
    invoice = post(session, party, "100", "USD")
    before = len(events.recorded(session))

    [made] = invoicing.revalue(session, on=JAN_31)

    assert (made.gain_minor, made.reversed_on) == (50000, date(2025, 2, 1))
    assert balances(session, RECEIVABLE, REVENUE, UNREALISED_EXCHANGE, on=JAN_31) == [
        "8500.00",
        "-8000.00",
        "-500.00",
    ]
    assert (invoice.open_minor, invoice.open_base_minor) == (10000, 800000)
    assert balances(session, RECEIVABLE, UNREALISED_EXCHANGE) == ["8000.00", "0.00"]
    assert verify_books(session) == []
    effect = events.effect_of(events.recorded(session)[before:])
    assert effect.lines()[-1] == (
        "revaluation USD: 500.00 INR · 1 USD = 85 INR · 2025-01-31 ⇄ 2025-02-01"
    )
    assert effect.amounts == (Money.of("500", "INR"),)


def test_nothing_is_revalued_twice_and_a_corrected_rate_adds_the_rest(
    rupees: tuple[Session, Party],
) -> None:
    session, party = rupees
    post(session, party, "100", "USD")
    invoicing.revalue(session, on=JAN_31, currency="USD")

    with pytest.raises(NothingToRevalue, match="USD"):
        invoicing.revalue(session, on=JAN_31, currency="USD")
    ledger.set_rate(session, "USD", valid_from=JAN_31, base_units=Decimal(84))
    [less] = invoicing.revalue(session, on=JAN_31)

    assert less.gain_minor == -10000
    assert balances(session, RECEIVABLE, on=JAN_31) == ["8400.00"]
    assert balances(session, RECEIVABLE, UNREALISED_EXCHANGE) == ["8000.00", "0.00"]
    assert verify_books(session) == []


def test_a_payable_loses_where_a_receivable_gains(rupees: tuple[Session, Party]) -> None:
    session, _ = rupees
    supplier = parties.add_supplier(session, name="Supplier B").party
    post(session, supplier, "100", "USD", kind=InvoiceKind.SUPPLIER_BILL)

    [made] = invoicing.revalue(session, on=JAN_31)

    assert made.gain_minor == -50000
    assert balances(session, PAYABLE, UNREALISED_EXCHANGE, on=JAN_31) == ["-8500.00", "500.00"]
    assert verify_books(session) == []


def test_what_is_realised_later_does_not_know_of_the_revaluation(
    rupees: tuple[Session, Party],
) -> None:
    session, party = rupees
    invoice = post(session, party, "100", "USD")
    invoicing.revalue(session, on=JAN_31)
    ledger.set_rate(session, "USD", valid_from=FEB, base_units=Decimal(82))

    pay(session, party, Money.of("40", "USD"), FEB)

    assert (invoice.open_minor, invoice.open_base_minor) == (6000, 480000)
    assert balances(session, RECEIVABLE, EXCHANGE_DIFFERENCES, UNREALISED_EXCHANGE) == [
        "4800.00",
        "-80.00",
        "0.00",
    ]
    [made] = invoicing.revalue(session, on=date(2025, 2, 28))
    assert made.gain_minor == 60 * 200
    assert verify_books(session) == []


def test_an_account_in_a_currency_is_revalued_and_one_in_ours_is_not(
    rupees: tuple[Session, Party],
) -> None:
    session, _ = rupees
    ledger.open_account(
        session, code="1020", name="Dollar account", name_zh="美元账户",
        kind=AccountKind.ASSET, currency="USD",
    )  # fmt: skip
    for account, worth in (("1020", "8000"), (BANK, "800")):
        amount, base = Money.of(Decimal(worth) / 80, "USD"), Money.of(worth, "INR")
        ledger.post_entry_by_hand(
            session,
            [debit(account, amount, base=base), credit(OPENING_BALANCE, amount, base=base)],
            memo="opening",
            posted_on=JAN,
        )

    invoicing.revalue(session, on=JAN_31)

    assert balances(session, "1020", BANK, UNREALISED_EXCHANGE, on=JAN_31) == [
        "8500.00",
        "800.00",
        "-500.00",
    ]
    assert verify_books(session) == []


def test_a_revaluation_is_taken_back_once(rupees: tuple[Session, Party]) -> None:
    session, party = rupees
    post(session, party, "100", "USD")
    [made] = invoicing.revalue(session, on=JAN_31)

    back = invoicing.take_back_revaluation(session, made.number, because="wrong day")

    assert balances(session, RECEIVABLE, UNREALISED_EXCHANGE, on=JAN_31) == ["8000.00", "0.00"]
    assert verify_books(session) == []
    with pytest.raises(RevaluationTakenBack, match=back.number):
        invoicing.take_back_revaluation(session, made.number, because="again")
    with pytest.raises(RevaluationStays):
        invoicing.take_back_revaluation(session, back.number, because="again")
    with pytest.raises(UnknownRevaluation):
        invoicing.take_back_revaluation(session, "REV-99", because="x")
    invoicing.revalue(session, on=JAN_31)
    assert balances(session, RECEIVABLE, on=JAN_31) == ["8500.00"]


def test_it_is_put_back_on_the_first_day_that_takes_entries(
    rupees: tuple[Session, Party],
) -> None:
    session, party = rupees
    post(session, party, "100", "USD")
    ledger.set_period_state(session, "2025-02", PeriodState.CLOSED)

    [made] = invoicing.revalue(session, on=JAN_31)

    assert made.reversed_on == date(2025, 3, 1)
    assert verify_books(session) == []


def test_an_invoice_in_one_currency_is_paid_in_another(rupees: tuple[Session, Party]) -> None:
    session, party = rupees
    ledger.set_rate(session, "GBP", valid_from=JAN, base_units=Decimal(100))
    invoice = post(session, party, "100", "USD")

    payment = pay(session, party, Money.of("85", "GBP"), JAN_31)

    assert (invoice.open_minor, payment.open_minor) == (0, 0)
    assert balances(session, RECEIVABLE, BANK, EXCHANGE_DIFFERENCES) == [
        "0.00",
        "8500.00",
        "-500.00",
    ]
    assert verify_books(session) == []


def test_what_has_no_rate_or_nothing_open_is_refused(rupees: tuple[Session, Party]) -> None:
    session, party = rupees
    with pytest.raises(NothingToRevalue):
        invoicing.revalue(session, on=JAN_31)
    post(session, party, "100", "USD")
    with pytest.raises(NoRate):
        invoicing.revalue(session, on=JAN_31, currency="CHF")
