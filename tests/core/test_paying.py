"""Paying suppliers: what is proposed, ordered, released, carried out, and given to the bank."""

import csv
import hashlib
import io
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify, verify_books
from core.invoicing import (
    Direction,
    InvoiceDraftLine,
    InvoiceKind,
    PaymentKind,
    TermDraft,
    paying,
)
from core.invoicing.holds import HoldPurpose, hold
from core.invoicing.paying import Credit, FileFormat, OrderState, Payable, Why, plan_payments
from core.invoicing.paying.errors import (
    AccountChanged,
    BelowCashKept,
    BillChanged,
    BillHeld,
    DiscountExpired,
    FileIsOut,
    NoFileYet,
    NoIbanForFile,
    NothingForTheBank,
    NothingToPay,
    NotOnThisOrder,
    NotPayable,
    OnAnotherOrder,
    OwnIbanMissing,
    PriorityOutOfRange,
    SepaIsEuro,
    UnknownOrder,
    WrongState,
)
from core.kernel import clock
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.money import Money, Rounding
from core.ledger.chart import BANK, DISCOUNT_RECEIVED, OPERATING_EXPENSE, PAYABLE, SHARE_CAPITAL

TODAY = date(2026, 6, 15)
LUMEN_IBAN, OWN_IBAN = "DE89370400440532013000", "DE02120300000000202051"


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


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def fund(session: Session, amount: str = "10000") -> None:
    """Put money on the bank account, and open it as one of ours."""
    money = eur(amount)
    ledger.post_entry(
        session,
        [ledger.debit(BANK, money), ledger.credit(SHARE_CAPITAL, money)],
        memo="capital",
        origin="CAPITAL",
    )
    ledger.open_bank_account(
        session, code="MAIN", name="Main account", account="1010", iban=OWN_IBAN, bic="BYLADEM1001"
    )


def supplier(session: Session, name: str, iban: str | None = LUMEN_IBAN) -> parties.Supplier:
    added = parties.add_supplier(session, name=name)
    if iban is not None:
        parties.set_bank_account(session, added.party, iban=iban)
    return added


def post(
    session: Session, of: parties.Supplier, amount: str, kind: InvoiceKind, **more: object
) -> invoicing.Invoice:
    line = InvoiceDraftLine(
        item_id=None,
        description="work",
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        discount_percent=Decimal(0),
        tax_code=None,
        account=OPERATING_EXPENSE,
    )
    return invoicing.post_invoice(
        session,
        kind=kind,
        party=session.get_one(parties.Party, of.party_id),
        lines=[line],
        origin="PO",
        **more,  # type: ignore[arg-type]
    )


def bill(
    session: Session, of: parties.Supplier, amount: str, due: int = 0, **more: object
) -> invoicing.Invoice:
    return post(session, of, amount, InvoiceKind.SUPPLIER_BILL, due_on=days(due), **more)


def credit_note(session: Session, of: parties.Supplier, amount: str) -> invoicing.Invoice:
    return post(session, of, amount, InvoiceKind.SUPPLIER_CREDIT_NOTE)


def discounted(session: Session, of: parties.Supplier, amount: str) -> invoicing.Invoice:
    """Post a bill of today: 30 days, two percent less within ten."""
    if "2/10N30" not in {each.code for each in invoicing.list_terms(session)}:
        invoicing.add_terms(
            session,
            code="2/10N30",
            name="2 % within 10 days",
            lines=[TermDraft(after_days=30, discount_percent=Decimal(2), discount_days=10)],
        )
    return post(session, of, amount, InvoiceKind.SUPPLIER_BILL, term_code="2/10N30")


def proposed(session: Session, **asked: object) -> list[tuple[str, str, str]]:
    _, planned = paying.propose_payments(session, **asked)  # type: ignore[arg-type]
    return [(each.payable.number, str(Money(each.pay, "EUR").amount), each.why) for each in planned]


def test_what_is_due_or_would_lose_its_discount_is_proposed(session: Session) -> None:
    fund(session)
    lumen = supplier(session, "Lumen")
    due = bill(session, lumen, "100", 5)
    bill(session, lumen, "70", 12)
    saves = discounted(session, lumen, "1000")

    assert proposed(session) == [(due.number, "100.00", Why.DUE)]
    assert proposed(session, until=days(10)) == [
        (saves.number, "980.00", Why.DISCOUNT),
        (due.number, "100.00", Why.DUE),
    ]


def test_priority_discount_and_day_decide_when_there_is_not_enough(session: Session) -> None:
    fund(session, "1500")
    first, last = supplier(session, "First"), supplier(session, "Last")
    paying.set_priority(session, first, 1)
    a, b = bill(session, last, "500", 1), bill(session, first, "700", 3)
    c = discounted(session, last, "400")

    # 1,500.00 less the 300.00 that stay: 700, then 392, and 108 is not enough for 500.
    assert proposed(session, until=days(10), keep=eur("300")) == [
        (b.number, "700.00", Why.DUE),
        (c.number, "392.00", Why.DISCOUNT),
        (a.number, "0.00", Why.NO_CASH),
    ]
    with pytest.raises(PriorityOutOfRange):
        paying.set_priority(session, first, 10)


def test_what_the_supplier_owes_us_is_netted_first(session: Session) -> None:
    fund(session)
    lumen, other = supplier(session, "Lumen"), supplier(session, "Other")
    a, b = bill(session, lumen, "100", 1), bill(session, lumen, "50", 2)
    c = bill(session, other, "80", 2)
    note = credit_note(session, lumen, "120")

    assert proposed(session) == [
        (a.number, "0.00", Why.DUE),
        (b.number, "30.00", Why.DUE),
        (c.number, "80.00", Why.DUE),
    ]
    order = paying.prepare_order(session)
    assert proposed(session) == []
    paying.approve_order(session, order.number)
    paying.execute_order(session, order.number)

    view = paying.order_view(session, order)
    assert (view.total, view.netted) == (eur("110"), eur("120"))
    assert [line.payment for line in view.lines] == ["", "PAY-00001", "PAY-00002"]
    assert invoicing.find_invoice(session, note.number).open_minor == 0
    assert ledger.balance(session, PAYABLE) == eur("0")
    assert ledger.balance(session, BANK) == eur("9890")
    assert verify_books(session) == []


def test_a_discount_is_not_granted_on_what_was_taken_back(session: Session) -> None:
    fund(session)
    lumen = supplier(session, "Lumen")
    saves = discounted(session, lumen, "1000")
    credit_note(session, lumen, "100")

    order = paying.prepare_order(session, until=days(10))
    paying.approve_order(session, order.number)
    paying.execute_order(session, order.number)

    # Two percent of the 900.00 that are paid by money.
    [line] = paying.order_view(session, order).lines
    assert (line.pay, line.discount, line.netted) == (eur("882"), eur("18"), eur("100"))
    assert invoicing.find_invoice(session, saves.number).open_minor == 0
    assert ledger.balance(session, DISCOUNT_RECEIVED) == eur("-18")
    assert verify_books(session) == []


def test_bills_are_chosen_changed_and_left_out(session: Session) -> None:
    fund(session)
    lumen = supplier(session, "Lumen")
    a, b, c = (bill(session, lumen, each, 20) for each in ("100", "200", "300"))
    order = paying.prepare_order(
        session, bills=[(a.number, None), (b.number, eur("50")), (c.number, None)]
    )
    with pytest.raises(OnAnotherOrder, match=order.number):
        paying.prepare_order(session, bills=[(a.number, None)])

    paying.change_line(session, order.number, c.number)
    paying.change_line(session, order.number, a.number, amount=eur("60"))

    with pytest.raises(NotOnThisOrder):
        paying.change_line(session, order.number, c.number)
    shown = {line.bill: line.pay for line in paying.order_view(session, order).lines}
    assert shown == {b.number: eur("50"), a.number: eur("60")}
    paying.approve_order(session, order.number)
    with pytest.raises(WrongState):
        paying.change_line(session, order.number, a.number)
    paying.execute_order(session, order.number)
    left = {
        item.number: item.open
        for item in invoicing.list_open_items(session, direction=Direction.PAYABLE)
    }
    assert left == {a.number: eur("40"), b.number: eur("150"), c.number: eur("300")}
    assert verify_books(session) == []


def test_an_order_is_approved_before_it_is_executed_and_executed_once(session: Session) -> None:
    fund(session)
    bill(session, supplier(session, "Lumen"), "100")
    order = paying.prepare_order(session)

    with pytest.raises(WrongState, match="draft"):
        paying.execute_order(session, order.number)
    paying.approve_order(session, order.number)
    with pytest.raises(WrongState, match="approved"):
        paying.approve_order(session, order.number)
    paying.execute_order(session, order.number)
    for again in (paying.execute_order, paying.approve_order):
        with pytest.raises(WrongState, match="done"):
            again(session, order.number)
    with pytest.raises(WrongState):
        paying.cancel_order(session, order.number, because="too late")
    with pytest.raises(UnknownOrder):
        paying.find_order(session, "PMO-00099")
    assert ledger.balance(session, BANK) == eur("9900")


def test_a_cancelled_order_gives_its_bills_free(session: Session) -> None:
    fund(session)
    bill(session, supplier(session, "Lumen"), "100")
    order = paying.prepare_order(session)

    paying.cancel_order(session, order.number, because="not now")

    assert order.state is OrderState.CANCELLED
    assert paying.prepare_order(session).number == "PMO-00002"


def test_what_is_held_is_not_paid(session: Session) -> None:
    fund(session)
    lumen, blocked = supplier(session, "Lumen"), supplier(session, "Blocked")
    a, b = bill(session, lumen, "100"), bill(session, blocked, "50")
    parties.block_party(session, session.get_one(parties.Party, blocked.party_id), because="?")
    order = paying.prepare_order(session)
    assert [line.bill for line in paying.order_view(session, order).lines] == [a.number]
    with pytest.raises(BillHeld, match="blocked"):
        paying.prepare_order(session, bills=[(b.number, None)])

    hold(session, a, purpose=HoldPurpose.PAYMENT, because="goods are broken")

    with pytest.raises(BillHeld, match="goods are broken"):
        paying.approve_order(session, order.number)
    paying.cancel_order(session, order.number, because="held")
    assert {why for _, _, why in proposed(session)} == {Why.HELD}
    with pytest.raises(NothingToPay):
        paying.prepare_order(session)


def test_no_more_is_paid_than_may_leave_the_account(session: Session) -> None:
    fund(session, "500")
    lumen = supplier(session, "Lumen")
    a, b = bill(session, lumen, "300"), bill(session, lumen, "150")

    with pytest.raises(BelowCashKept, match=r"leaves 200\.00 EUR, and 250\.00 EUR"):
        paying.prepare_order(session, bills=[(a.number, None)], keep=eur("250"))
    order = paying.prepare_order(session, bills=[(a.number, None)], keep=eur("200"))
    # The other order's money is not there any more, though nothing has moved.
    with pytest.raises(BelowCashKept):
        paying.prepare_order(session, bills=[(b.number, None)], keep=eur("100"))
    paying.approve_order(session, order.number)
    ledger.post_entry(
        session,
        [ledger.debit(OPERATING_EXPENSE, eur("50")), ledger.credit(BANK, eur("50"))],
        memo="spent",
        origin="SPENT",
    )

    with pytest.raises(BelowCashKept):
        paying.execute_order(session, order.number)


def test_a_bill_that_changed_or_is_not_ours_to_pay_is_refused(session: Session) -> None:
    fund(session)
    lumen = supplier(session, "Lumen")
    a = bill(session, lumen, "100")
    order = paying.prepare_order(session)
    paying.approve_order(session, order.number)
    invoicing.post_payment(
        session,
        kind=PaymentKind.SUPPLIER_PAYMENT,
        party=session.get_one(parties.Party, lumen.party_id),
        amount=eur("30"),
    )

    with pytest.raises(BillChanged, match=r"70\.00 EUR"):
        paying.execute_order(session, order.number)
    note = credit_note(session, lumen, "5")
    for number in (note.number, "BILL-00001"):
        with pytest.raises((NotPayable, OnAnotherOrder)):
            paying.prepare_order(session, bills=[(number, None)])
    assert a.open_minor == 7000


def test_a_discount_that_is_over_is_not_taken(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        fund(session)
        discounted(session, supplier(session, "Lumen"), "1000")
        order = paying.prepare_order(session, until=days(10))
        paying.approve_order(session, order.number)

    with (
        clock.on_business_date(days(11)),
        unit_of_work(founded) as session,
        pytest.raises(DiscountExpired, match=r"20\.00 EUR"),
    ):
        paying.execute_order(session, order.number)


def test_money_does_not_follow_an_account_that_changed_after_the_yes(session: Session) -> None:
    fund(session)
    lumen = supplier(session, "Lumen")
    bill(session, lumen, "100")
    order = paying.prepare_order(session)
    paying.approve_order(session, order.number)

    party = session.get_one(parties.Party, lumen.party_id)
    parties.set_bank_account(session, party, iban="FR1420041010050500013M02606")

    for step in (paying.execute_order, paying.bank_file):
        with pytest.raises(AccountChanged, match="Lumen"):
            step(session, order.number)


# The bank's file.


def test_the_sepa_file_comes_to_what_is_paid_and_is_made_once(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        fund(session)
        lumen = supplier(session, "Lümen & Söhne")
        other = supplier(session, "Autre", "FR1420041010050500013M02606")
        bill(session, lumen, "100.10", reference="L-1")
        bill(session, lumen, "50", reference="L-2")
        bill(session, other, "7.95")
        order = paying.prepare_order(session)
        with pytest.raises(WrongState):
            paying.bank_file(session, order.number)
        with pytest.raises(NoFileYet):
            paying.find_bank_file(session, order.number, format=FileFormat.SEPA)
        paying.approve_order(session, order.number)
        file = paying.bank_file(session, order.number)
        assert (file.payments, file.control_sum_minor) == (2, 15_805)
        with pytest.raises(FileIsOut):
            paying.cancel_order(session, order.number, because="?")

    with unit_of_work(founded) as session:
        paying.execute_order(session, order.number)
        again = paying.bank_file(session, order.number)
        assert again.content == file.content
        assert again.sha256 == hashlib.sha256(file.content).hexdigest()
        assert verify_books(session) == []

    root = ET.fromstring(file.content)
    name = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

    def texts(path: str) -> list[str | None]:
        return [node.text for node in root.findall(f".//p:{path}", name)]

    assert texts("GrpHdr/p:CtrlSum") == ["158.05"]
    assert texts("InstdAmt") == ["150.10", "7.95"]
    assert texts("CdtrAcct/p:Id/p:IBAN") == [LUMEN_IBAN, "FR1420041010050500013M02606"]
    assert texts("Cdtr/p:Nm") == ["Lumen & Sohne", "Autre"]
    assert texts("Ustrd") == ["L-1 L-2", "BILL-00003"]
    assert texts("ReqdExctnDt/p:Dt") == ["2026-06-15"]
    assert texts("EndToEndId") == [order.number] * 2
    with reading(founded) as session:
        assert verify(session) == []


def test_the_plain_file_says_the_same(session: Session) -> None:
    fund(session)
    bill(session, supplier(session, "Lumen, Sons"), "1234.5", reference="L-1")
    order = paying.prepare_order(session)
    paying.approve_order(session, order.number)

    file = paying.bank_file(session, order.number, format=FileFormat.CSV)

    [row] = csv.DictReader(io.StringIO(file.content.decode()))
    assert row == {
        "order": order.number,
        "pay_on": "2026-06-15",
        "from_iban": OWN_IBAN,
        "name": "Lumen, Sons",
        "iban": LUMEN_IBAN,
        "bic": "",
        "amount": "1234.50",
        "currency": "EUR",
        "text": "L-1",
    }
    with pytest.raises(IntegrityError, match="record of facts"), session.begin_nested():
        session.execute(text("UPDATE bank_file SET payments = 2"))


def test_a_file_is_not_made_where_something_is_missing(session: Session) -> None:
    unknown = supplier(session, "Unknown", None)
    lumen = supplier(session, "Lumen")
    a, b, c = bill(session, unknown, "10"), bill(session, lumen, "10"), bill(session, lumen, "20")
    credit_note(session, lumen, "10")
    ledger.post_entry(
        session,
        [ledger.debit(BANK, eur("100")), ledger.credit(SHARE_CAPITAL, eur("100"))],
        memo="capital",
        origin="CAPITAL",
    )
    for number, amount, refusal in (
        (a.number, None, NoIbanForFile),
        (b.number, None, NothingForTheBank),
        (c.number, eur("5"), OwnIbanMissing),
    ):
        order = paying.prepare_order(session, bills=[(number, amount)])
        paying.approve_order(session, order.number)
        with pytest.raises(refusal):
            paying.bank_file(session, order.number)


def test_sepa_pays_in_euro_only(session: Session) -> None:
    ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.25"))
    dollars = ledger.open_account(
        session,
        code="1011",
        name="Bank USD",
        name_zh="美元存款",
        kind=ledger.AccountKind.ASSET,
        currency="USD",
    )
    ledger.open_bank_account(
        session, code="USD", name="Dollars", account="1011", iban="GB29NWBK60161331926819"
    )
    usd = Money.of(1000, "USD")
    ledger.post_entry(
        session,
        [
            ledger.debit("1011", usd, base=eur("800")),
            ledger.credit(SHARE_CAPITAL, usd, base=eur("800")),
        ],
        memo="capital",
        origin="CAPITAL",
    )
    lumen = supplier(session, "Lumen")
    a = bill(session, lumen, "250", currency="USD")
    with pytest.raises(NotPayable, match="EUR"):
        paying.prepare_order(session, bills=[(a.number, None)])

    order = paying.prepare_order(session, account=dollars)
    paying.approve_order(session, order.number)

    assert paying.purse_of(session, dollars).spendable == Money.of(750, "USD")
    with pytest.raises(SepaIsEuro):
        paying.bank_file(session, order.number)
    assert paying.bank_file(session, order.number, format=FileFormat.CSV).payments == 1
    paying.execute_order(session, order.number)
    assert paying.purse_of(session, dollars).balance == Money.of(750, "USD")
    assert verify_books(session) == []


# C4: two people at once.


def test_two_that_execute_one_order_at_once_pay_once(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        fund(session)
        bill(session, supplier(session, "Lumen"), "100")
        order = paying.prepare_order(session)
        paying.approve_order(session, order.number)

    def work(_place: int) -> object:
        with unit_of_work(founded) as session:
            return paying.execute_order(session, order.number).number

    outcomes = at_once(work, 2)

    assert sum(outcome == order.number for outcome in outcomes) == 1
    assert sum(isinstance(outcome, WrongState) for outcome in outcomes) == 1
    with reading(founded) as session:
        assert ledger.balance(session, BANK) == eur("9900")
        assert verify(session) == []


def test_an_order_that_pays_something_else_than_it_says_is_found(session: Session) -> None:
    fund(session)
    bill(session, supplier(session, "Lumen"), "100")
    order = paying.prepare_order(session)
    paying.approve_order(session, order.number)
    paying.bank_file(session, order.number, format=FileFormat.CSV)
    paying.execute_order(session, order.number)
    assert verify_books(session) == []

    session.execute(text("UPDATE payment_order_line SET pay_minor = 1"))

    assert [finding.problem for finding in verify_books(session)] == [
        "it pays 1, the control sum of its file is 10000",
        "it pays 1, 1 payments over 10000 were made",
    ]


def test_the_database_keeps_a_bill_on_one_order(session: Session) -> None:
    fund(session)
    bill(session, supplier(session, "Lumen"), "100")
    paying.prepare_order(session)

    for statement, rule in (
        (
            (
                "INSERT INTO payment_order_line SELECT order_id, 2, invoice_id, party_id,"
                " bank_account_id, pay_minor, 0, 0, true, NULL, gen_random_uuid(), created_at"
                " FROM payment_order_line"
            ),
            "uq_payment_order_line_standing",
        ),
        ("UPDATE payment_order SET state = 'executed'", "ck_payment_order"),
        ("UPDATE payment_order SET state = 'approved'", "ck_payment_order_approved"),
        ("UPDATE payment_order_line SET pay_minor = 0", "settles_something"),
    ):
        with pytest.raises(IntegrityError, match=rule), session.begin_nested():
            session.execute(text(statement))


# Arithmetic.

_PARTIES = [uuid.UUID(int=place) for place in range(1, 4)]


@st.composite
def payables(draw: st.DrawFn) -> list[Payable]:
    found = []
    for place in range(draw(st.integers(0, 8))):
        still = draw(st.integers(1, 100_000))
        amount = draw(st.integers(0, still))
        saves = draw(st.booleans())
        discount = draw(st.integers(0, amount - 1)) if saves and amount else 0
        found.append(
            Payable(
                invoice_id=uuid.UUID(int=100 + place),
                party_id=draw(st.sampled_from(_PARTIES)),
                number=f"BILL-{place:05d}",
                due_on=days(draw(st.integers(-30, 30))),
                open=still,
                amount=amount,
                discount=discount,
                whole_discount=discount,
                saves_until=days(5) if discount else None,
                priority=draw(st.integers(1, 9)),
                held=draw(st.sampled_from(["", "", "", "held"])),
            )
        )
    return found


_CREDITS = st.lists(
    st.builds(
        Credit,
        source_id=st.uuids(),
        party_id=st.sampled_from(_PARTIES),
        number=st.just("SCN-00001"),
        left=st.integers(1, 50_000),
    ),
    max_size=4,
    unique_by=lambda credit: credit.source_id,
)


@given(bills=payables(), credits=_CREDITS, spendable=st.integers(0, 200_000))
@settings(max_examples=80)
def test_a_proposal_never_pays_beyond_what_is_open_or_there(
    bills: list[Payable],
    credits: list[Credit],  # noqa: A002
    spendable: int,
) -> None:
    planned = plan_payments(bills, credits, spendable=spendable, rounding=Rounding.HALF_UP)

    assert sum(each.pay for each in planned) <= spendable
    used: dict[uuid.UUID, int] = {}
    for each in planned:
        assert min(each.pay, each.discount, each.netted_minor) >= 0
        assert each.settled in {0, each.payable.amount}
        assert each.settled <= each.payable.open
        assert each.discount <= each.payable.discount
        assert not (each.settled and each.payable.held)
        for part in each.netted:
            assert part.credit.party_id == each.payable.party_id
            used[part.credit.source_id] = used.get(part.credit.source_id, 0) + part.amount
    for credit in credits:
        assert used.get(credit.source_id, 0) <= credit.left
    # What a supplier owes us is used up before it gets money.
    paid = {each.payable.party_id for each in planned if each.pay}
    for credit in credits:
        assert credit.party_id not in paid or used[credit.source_id] == credit.left
