"""The books while many write and read them: what is read is whole, and no limit is passed."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties, purchasing, sales
from core.compliance import verify
from core.compliance.stock import stock_is_the_inventory_account
from core.inventory import Incoming
from core.invoicing import (
    Direction,
    DocumentState,
    Invoice,
    InvoiceDraftLine,
    InvoiceKind,
    Payment,
    PaymentKind,
)
from core.kernel.database import reading, retried, total, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import JournalEntry, PeriodState
from core.ledger.chart import BANK, OPERATING_EXPENSE, PAYABLE, RECEIVABLE, REVENUE, SHARE_CAPITAL
from core.processes.order_to_cash import confirm_sale, deliver_sale, invoice_sale
from core.processes.schema import METADATA
from tests.core.road import propose
from tests.core.shop import eur, open_shop, stock
from tests.shop import as_person
from tools import TOOLBOX

CLIENTS = 8
WAIT_SECONDS_MAX = 60

Work = Callable[[int], str]


def at_once(works: list[Work], *, rounds: int) -> Counter[str]:
    """Let every client do its work at the same moment, some rounds; count what came of it."""
    start = threading.Barrier(len(works), timeout=WAIT_SECONDS_MAX)

    def client(work: Work) -> list[str]:
        return [turn_of(work, turn) for turn in range(rounds)]

    def turn_of(work: Work, turn: int) -> str:
        start.wait()
        try:
            return work(turn)
        except DomainError as refusal:
            return refusal.code
        except OperationalError as error:
            return f"not handled: {error.orig}"
        except Exception:
            # The others must not wait for who will not come any more.
            start.abort()
            raise

    with ThreadPoolExecutor(len(works)) as clients:
        done = list(clients.map(client, works))
    return Counter(outcome for outcomes in done for outcome in outcomes)


@pytest.fixture
def trade(founded: Engine) -> Engine:
    """The shop, with 1,000 lamps, and capital in the bank."""
    with unit_of_work(founded) as session:
        shop = open_shop(session, limit=None)
        stock(session, shop.lamp, "988", "7904")
        ledger.post_entry_by_hand(
            session,
            [ledger.debit(BANK, eur("50000")), ledger.credit(SHARE_CAPITAL, eur("50000"))],
            memo="capital",
        )
    return founded


def charge(
    session: Session, amount: Money, kind: InvoiceKind = InvoiceKind.CUSTOMER_INVOICE
) -> Invoice:
    """Post an invoice or a bill of an amount."""
    is_ours = kind is InvoiceKind.CUSTOMER_INVOICE
    party = (
        parties.find_customer(session, "C-00001").party
        if is_ours
        else parties.find_supplier(session, "S-00001").party
    )
    account = REVENUE if is_ours else OPERATING_EXPENSE
    line = InvoiceDraftLine(None, "x", Decimal(1), amount.amount, Decimal(0), None, account)
    return invoicing.post_invoice(session, kind=kind, party=party, lines=[line], origin="x")


def pay(
    session: Session, number: str, amount: Money, kind: PaymentKind = PaymentKind.SUPPLIER_PAYMENT
) -> str:
    """Pay a part of a document."""
    invoice = invoicing.find_invoice(session, number)
    party = session.get_one(parties.Party, invoice.party_id)
    payment = invoicing.post_payment(
        session, kind=kind, party=party, amount=amount, settle=[(number, amount)]
    )
    return payment.number


class Writer:
    """Somebody who posts one random thing after another."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.engine, self.choose = engine, random.Random(seed)
        self.done: Counter[str] = Counter()

    @retried
    def step(self) -> None:
        """Do one thing in a transaction of its own."""
        verb = self.choose.choice(
            [self.entry, self.invoice, self.bill, self.receipt, self.payment, self.back, self.sale]
        )
        try:
            with unit_of_work(self.engine) as session:
                verb(session)
            self.done[verb.__name__] += 1
        except DomainError as refusal:
            self.done[refusal.code] += 1

    def amount(self) -> Money:
        return Money(self.choose.randint(1, 99_999), "EUR")

    def entry(self, session: Session) -> None:
        amount = self.amount()
        lines = [ledger.debit(OPERATING_EXPENSE, amount), ledger.credit(BANK, amount)]
        ledger.post_entry_by_hand(session, lines, memo="any")

    def invoice(self, session: Session) -> None:
        charge(session, self.amount())

    def bill(self, session: Session) -> None:
        charge(session, self.amount(), InvoiceKind.SUPPLIER_BILL)

    def receipt(self, session: Session) -> None:
        # More than is open stays as a credit, and is taken by nothing yet.
        party = parties.find_customer(session, "C-00001").party
        invoicing.post_payment(
            session, kind=PaymentKind.CUSTOMER_PAYMENT, party=party, amount=self.amount()
        )

    def payment(self, session: Session) -> None:
        open_bills = select(Invoice).where(
            Invoice.kind == InvoiceKind.SUPPLIER_BILL, Invoice.open_minor > 0
        )
        bill = session.scalars(open_bills.order_by(func.random()).limit(1)).first()
        if bill is not None:
            part = Money(self.choose.randint(1, bill.open_minor), "EUR")
            pay(session, bill.number, part)

    def back(self, session: Session) -> None:
        standing = select(Payment.number).where(Payment.state == DocumentState.POSTED)
        number = session.scalars(standing.order_by(func.random()).limit(1)).first()
        if number is not None:
            invoicing.reverse_payment(session, number, because="any")

    def sale(self, session: Session) -> None:
        customer = parties.find_customer(session, "C-00001")
        lamp = catalog.find_item(session, "LAMP-01")
        order = confirm_sale(
            session, customer=customer, lines=[sales.OrderLineDraft(lamp, Decimal(1))]
        )
        deliver_sale(session, order.number)
        invoice_sale(session, order.number)


def read_once(engine: Engine) -> None:
    """Read the books in one picture: both sides agree, and what is open is what is owed."""
    with reading(engine) as session:
        rows = ledger.trial_balance(session)
        assert sum(row.debit.minor for row in rows) == sum(row.credit.minor for row in rows)
        for direction, account, sign in (
            (Direction.RECEIVABLE, RECEIVABLE, 1),
            (Direction.PAYABLE, PAYABLE, -1),
        ):
            owed = sign * ledger.balance(session, account).minor
            aged = sum(row.total.minor for row in invoicing.ageing(session, direction))
            assert aged == owed, direction
        assert list(stock_is_the_inventory_account(session)) == []


def bank_test(engine: Engine, *, seconds: float, seed: int) -> tuple[Counter[str], int]:
    """Let four write and two read for some time; return what was written and how often read."""
    writers = [Writer(engine, seed + place) for place in range(4)]
    end = time.monotonic() + seconds
    reads, broken = [0, 0], []

    def write(writer: Writer) -> None:
        while time.monotonic() < end:
            writer.step()

    def read(place: int) -> None:
        while time.monotonic() < end and not broken:
            try:
                read_once(engine)
            except AssertionError as fault:
                broken.append(fault)
            reads[place] += 1

    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    threads += [threading.Thread(target=read, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == [], f"seed {seed}"
    return sum((writer.done for writer in writers), Counter[str]()), sum(reads)


def test_c2_every_read_is_balanced_while_others_write(trade: Engine) -> None:
    written, reads = bank_test(trade, seconds=4, seed=7)

    assert reads >= 10
    assert {"entry", "invoice", "bill", "receipt", "sale"} <= set(written)
    with reading(trade) as session:
        assert verify(session) == []


@pytest.mark.long
def test_c2_a_thousand_reads_in_a_minute_are_balanced(trade: Engine) -> None:
    seed = random.SystemRandom().randrange(10**6)

    written, reads = bank_test(trade, seconds=60, seed=seed)

    assert reads >= 1_000, f"seed {seed}: {written}"
    with reading(trade) as session:
        assert verify(session) == []


def test_c3_a_bill_takes_no_more_than_it_is_open(trade: Engine) -> None:
    with unit_of_work(trade) as session:
        bill = charge(session, eur("100"), InvoiceKind.SUPPLIER_BILL).number

    @retried
    def part(_turn: int) -> str:
        with unit_of_work(trade) as session:
            pay(session, bill, eur("30"))
        return "paid"

    outcomes = at_once([part] * CLIENTS, rounds=2)

    assert outcomes["paid"] == 3
    assert outcomes.total() - outcomes["paid"] == outcomes["settles_more_than_open"], outcomes
    with reading(trade) as session:
        assert invoicing.find_invoice(session, bill).open_minor == 1_000
        assert verify(session) == []


def test_c3_a_payment_is_used_no_more_than_it_is(trade: Engine) -> None:
    with unit_of_work(trade) as session:
        party = parties.find_customer(session, "C-00001").party
        credit = invoicing.post_payment(
            session, kind=PaymentKind.CUSTOMER_PAYMENT, party=party, amount=eur("100")
        ).number
        invoices = [charge(session, eur("30")).number for _ in range(CLIENTS)]

    def use(place: int) -> Work:
        @retried
        def work(_turn: int) -> str:
            with unit_of_work(trade) as session:
                part = eur("30")
                invoicing.apply_credit(session, credit, settle=[(invoices[place], part)])
            return "used"

        return work

    outcomes = at_once([use(place) for place in range(CLIENTS)], rounds=1)

    assert outcomes["used"] == 3, outcomes
    with reading(trade) as session:
        assert invoicing.find_payment(session, credit).open_minor == 1_000
        assert verify(session) == []


def test_c3_no_more_is_received_billed_or_invoiced_than_was_ordered(trade: Engine) -> None:
    with unit_of_work(trade) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        supplier = parties.find_supplier(session, "S-00001")
        draft = purchasing.OrderLineDraft(lamp, Decimal(10))
        bought = purchasing.place_order(session, supplier=supplier, lines=[draft]).number
        customer = parties.find_customer(session, "C-00001")
        draft_out = sales.OrderLineDraft(lamp, Decimal(10))
        sold = confirm_sale(session, customer=customer, lines=[draft_out]).number

    @retried
    def receive(_turn: int) -> str:
        with unit_of_work(trade) as session:
            purchasing.receive_order(session, bought, quantities={1: Decimal(4)})
        return "received"

    @retried
    def deliver(_turn: int) -> str:
        with unit_of_work(trade) as session:
            deliver_sale(session, sold, quantities={1: Decimal(4)})
        return "delivered"

    def bill(place: int) -> Work:
        @retried
        def work(turn: int) -> str:
            with unit_of_work(trade) as session:
                purchasing.bill_order(session, bought, supplier_reference=f"L-{place}-{turn}")
            return "billed"

        return work

    @retried
    def invoice(_turn: int) -> str:
        with unit_of_work(trade) as session:
            invoice_sale(session, sold)
        return "invoiced"

    moved = at_once([receive, deliver] * 4, rounds=1)
    charged = at_once([*(bill(place) for place in range(4)), *[invoice] * 4], rounds=1)

    assert (moved["received"], moved["delivered"]) == (2, 2), moved
    assert (charged["billed"], charged["invoiced"]) == (1, 1), charged
    with reading(trade) as session:
        # 1,000 lamps, 8 more came and 8 went.
        lamp = catalog.find_item(session, "LAMP-01")
        assert inventory.stock_of(session, lamp).on_hand == 1_000
        assert verify(session) == []


@pytest.mark.parametrize("rounds", [15, pytest.param(125, marks=pytest.mark.long)])
def test_c4_nothing_comes_into_a_period_once_it_is_closed(trade: Engine, rounds: int) -> None:
    closed_with: list[int] = []

    def count_may(session: Session) -> int:
        inside = func.to_char(JournalEntry.posted_on, "YYYY-MM") == "2026-05"
        return session.scalars(select(func.count()).where(inside)).one()

    @retried
    def close(_turn: int) -> str:
        with unit_of_work(trade) as session:
            ledger.set_period_state(session, "2026-05", PeriodState.CLOSED, because="month-end")
            closed_with.append(count_may(session))
        return "closed"

    @retried
    def post(_turn: int) -> str:
        with unit_of_work(trade) as session:
            day = ledger.list_periods(session)[16].ends_on
            lines = [ledger.debit(OPERATING_EXPENSE, eur("1")), ledger.credit(BANK, eur("1"))]
            ledger.post_entry_by_hand(session, lines, memo="late", posted_on=day)
        return "posted"

    outcomes: Counter[str] = Counter()
    for _ in range(rounds):
        outcomes += at_once([close, post, post, post], rounds=1)
        with unit_of_work(trade) as session:
            assert count_may(session) == closed_with[-1], "an entry slipped in"
            ledger.set_period_state(session, "2026-05", PeriodState.OPEN, because="next round")

    assert outcomes["closed"] == rounds
    assert outcomes["posted"] + outcomes["period_closed"] == 3 * rounds, outcomes
    with reading(trade) as session:
        assert verify(session) == []


def test_c4_two_people_who_pay_one_bill_pay_it_once(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        supplier = parties.find_supplier(session, "Lumen & Co").party
        line = InvoiceDraftLine(
            None, "x", Decimal(1), Decimal(100), Decimal(0), None, OPERATING_EXPENSE
        )
        for _ in range(6):
            invoicing.post_invoice(
                session,
                kind=InvoiceKind.SUPPLIER_BILL,
                party=supplier,
                lines=[line],
                origin="x",
            )

    def pay_as(login: str) -> Work:
        person = as_person(shop, login)

        def work(turn: int) -> str:
            bill = f"BILL-{turn + 1:05d}"
            shown = propose(shop, login, "invoicing.pay_bill", bill=bill)
            outcome = TOOLBOX.decide(shop, person, shown.id, "approve", seen=shown.digest)
            return outcome.state

        return work

    outcomes = at_once([pay_as("accountant"), pay_as("manager"), pay_as("manager2")], rounds=6)

    assert outcomes["executed"] == 6, outcomes
    assert not [outcome for outcome in outcomes if outcome.startswith("not handled")], outcomes
    with reading(shop) as session:
        assert session.scalars(select(func.count()).select_from(Payment)).one() == 6
        assert ledger.balance(session, BANK) == -eur("600")
        assert verify(session) == []


def test_c4_an_entry_is_reversed_once_whoever_asks(trade: Engine) -> None:
    with unit_of_work(trade) as session:
        numbers = []
        for _ in range(4):
            lines = [ledger.debit(OPERATING_EXPENSE, eur("5")), ledger.credit(BANK, eur("5"))]
            numbers.append(ledger.post_entry_by_hand(session, lines, memo="any").number)

    @retried
    def reverse(turn: int) -> str:
        with unit_of_work(trade) as session:
            ledger.reverse_entry_by_hand(session, numbers[turn], because="twice")
        return "reversed"

    outcomes = at_once([reverse] * 4, rounds=4)

    assert outcomes == {"reversed": 4, "already_reversed": 12}
    with reading(trade) as session:
        assert ledger.balance(session, OPERATING_EXPENSE).minor == 0
        assert verify(session) == []


@pytest.mark.parametrize("each", [12, pytest.param(125, marks=pytest.mark.long)])
def test_c5_invoices_by_many_hands_have_no_gap_and_no_double(trade: Engine, each: int) -> None:
    def invoice(place: int) -> Work:
        @retried
        def work(turn: int) -> str:
            with unit_of_work(trade) as session:
                charge(session, eur("10"))
                if (turn + place) % 4 == 0:
                    # The number was given out, and goes back with all the rest.
                    invoicing.find_invoice(session, "INV-99999")
            return "posted"

        return work

    outcomes = at_once([invoice(place) for place in range(CLIENTS)], rounds=each)

    posted = outcomes["posted"]
    assert posted + outcomes["unknown_invoice"] == CLIENTS * each, outcomes
    with reading(trade) as session:
        numbers = session.scalars(select(Invoice.number).order_by(Invoice.number)).all()
        assert list(numbers) == [f"INV-{place:05d}" for place in range(1, posted + 1)]
        assert verify(session) == []


def test_c6_the_same_documents_in_opposite_order_meet_no_deadlock_that_is_seen(
    trade: Engine,
) -> None:
    with unit_of_work(trade) as session:
        invoices = [charge(session, eur("1000")).number for _ in range(3)]
        party = parties.find_customer(session, "C-00001").party
        credits_ = [
            invoicing.post_payment(
                session, kind=PaymentKind.CUSTOMER_PAYMENT, party=party, amount=eur("1"), settle=[]
            ).number
            for _ in range(3)
        ]

    def settle(place: int) -> Work:
        mine = invoices if place % 2 else invoices[::-1]

        @retried
        def work(turn: int) -> str:
            with unit_of_work(trade) as session:
                customer = parties.find_customer(session, "C-00001").party
                if place % 4 < 2:
                    invoicing.post_payment(
                        session,
                        kind=PaymentKind.CUSTOMER_PAYMENT,
                        party=customer,
                        amount=eur("3"),
                        settle=[(number, eur("1")) for number in mine],
                    )
                elif turn == 0:
                    credit = credits_[(place + turn) % 3]
                    invoicing.unapply(session, credit, because="any")
                    invoicing.apply_credit(session, credit, settle=[(mine[0], eur("1"))])
                else:
                    for number in mine:
                        pay(session, number, eur("0.01"), PaymentKind.CUSTOMER_PAYMENT)
            return "done"

        return work

    outcomes = at_once([settle(place) for place in range(CLIENTS)], rounds=2)

    assert not [outcome for outcome in outcomes if outcome.startswith("not handled")], outcomes
    assert outcomes["done"] >= 12, outcomes
    with reading(trade) as session:
        assert verify(session) == []


def test_goods_come_in_and_bills_go_out_in_one_transaction(trade: Engine) -> None:
    """Series of numbers are locked in another order by plans of several steps."""

    def goods_first(_turn: int) -> str:
        with unit_of_work(trade) as session:
            lamp = catalog.find_item(session, "LAMP-01")
            inventory.receive_goods(
                session,
                [Incoming(lamp, Decimal(1), eur("8"))],
                location=inventory.main_location(session),
                against=SHARE_CAPITAL,
                origin="GIFT",
                memo="",
                from_kind=inventory.LocationKind.ADJUSTMENT,
            )
            charge(session, eur("10"))
        return "done"

    def bill_first(_turn: int) -> str:
        with unit_of_work(trade) as session:
            charge(session, eur("10"))
            charge(session, eur("10"), InvoiceKind.SUPPLIER_BILL)
        return "done"

    outcomes = at_once([retried(goods_first), retried(bill_first)] * 4, rounds=4)

    assert outcomes == {"done": 32}
    with reading(trade) as session:
        assert session.scalars(select(total(Invoice.total_minor))).one() == 1_000 * (16 + 32)
        assert verify(session) == []


def test_k3_when_any_statement_fails_nothing_is_left(trade: Engine) -> None:
    with unit_of_work(trade) as session:
        bill = charge(session, eur("100"), InvoiceKind.SUPPLIER_BILL).number
    every = (f"SELECT count(*) AS rows FROM {name}" for name in sorted(METADATA.tables))
    counts = " UNION ALL ".join(every)
    sent, fails_at = 0, 0

    def fail(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == fails_at:
            raise OSError

    def counted() -> list[int]:
        with trade.connect() as connection:
            return [row.rows for row in connection.execute(text(counts))]

    before = counted()
    for place in range(1, 200):
        sent, fails_at = 0, place
        event.listen(trade, "before_cursor_execute", fail)
        try:
            with unit_of_work(trade) as session:
                charge(session, eur("30"))
                pay(session, bill, eur("40"))
        except OSError:
            event.remove(trade, "before_cursor_execute", fail)
            assert counted() == before, f"statement {place}"
        else:
            event.remove(trade, "before_cursor_execute", fail)
            break

    assert place > 20, "each statement failed once before the first that did not"
    with reading(trade) as session:
        assert invoicing.find_invoice(session, bill).open_minor == 6_000
        assert verify(session) == []
