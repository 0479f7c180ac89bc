"""Random runs over the operations of trade: whatever is done, in whatever order, the books hold.

Each run plays in a rehearsal of the small shop, so that nothing of it stays; the seed of a failing
run is in its name and its message.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties, purchasing, sales
from core.catalog import Item
from core.compliance import verify_books
from core.invoicing import Invoice, InvoiceKind, Payment, PaymentKind
from core.kernel import clock
from core.kernel.database import rehearsal
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import JournalEntry
from core.purchasing import GoodsReceipt, PurchaseOrder
from core.sales import Delivery, SalesOrder
from tests.conftest import TODAY, Databases

RUNS, STEPS = 30, 50
LONG_RUNS = 2_000
SKUS = ("LAMP-01", "SHADE-02", "BULB-03")
CUSTOMERS, SUPPLIERS = ("Acme Bikes", "Nordwind GmbH"), ("Brightway", "Lumen & Co", "Shades Ltd")


@pytest.fixture(scope="module")
def playground(databases: Databases) -> Engine:
    """One shop for all runs: each only rehearses."""
    return databases("shop")


class Player:
    """Does one random thing after another, and counts what came of it."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.choose = session, random.Random(seed)
        self.outcomes: Counter[str] = Counter()

    def step(self) -> None:
        """Do something."""
        self.do(self.choose.choice(VERBS))

    def do(self, verb: Callable[[Any], None]) -> None:
        """Do one thing; what the rules refuse must leave nothing."""
        savepoint = self.session.begin_nested()
        try:
            verb(self)
            self.session.flush()
        except DomainError as refusal:
            savepoint.rollback()
            self.outcomes[f"{verb.__name__} refused: {refusal.code}"] += 1
        else:
            savepoint.commit()
            self.outcomes[verb.__name__] += 1

    def number_of(self, table: type[PurchaseOrder | SalesOrder | Delivery | GoodsReceipt]) -> str:
        """Return the number of any document of a kind."""
        numbers = self.session.scalars(select(table.number).order_by(table.number)).all()
        return self.choose.choice(numbers) if numbers else "NONE-1"

    def item(self) -> Item:
        """Return any item."""
        return catalog.find_item(self.session, self.choose.choice(SKUS))

    def quantity(self, most: int = 40) -> Decimal:
        """Return any quantity."""
        return Decimal(self.choose.randint(1, most))

    def money(self, most: int = 100_000) -> Money:
        """Return any amount."""
        return Money(self.choose.randint(1, most), "EUR")

    def invoice(self, *kinds: InvoiceKind) -> str:
        """Return the number of any invoice of some kinds."""
        wanted = select(Invoice.number).where(Invoice.kind.in_(kinds)).order_by(Invoice.number)
        numbers = self.session.scalars(wanted).all()
        return self.choose.choice(numbers) if numbers else "NONE-1"

    def order_goods(self) -> None:
        supplier = parties.find_supplier(self.session, self.choose.choice(SUPPLIERS))
        lines = [
            purchasing.OrderLineDraft(
                self.item(), self.quantity(), Decimal(self.choose.randint(1, 2000)) / 100
            )
            for _ in range(self.choose.randint(1, 3))
        ]
        purchasing.place_order(self.session, supplier=supplier, lines=lines)

    def receive_goods(self) -> None:
        part = {1: self.quantity(20)} if self.choose.random() < 0.4 else None
        purchasing.receive_order(self.session, self.number_of(PurchaseOrder), quantities=part)

    def send_goods_back(self) -> None:
        purchasing.return_receipt(self.session, self.number_of(GoodsReceipt), because="random")

    def book_bill(self) -> None:
        purchasing.bill_order(
            self.session,
            self.number_of(PurchaseOrder),
            supplier_reference=f"R-{self.choose.randint(1, 10**6)}",
            billed_total=self.money() if self.choose.random() < 0.2 else None,
            difference_accepted=self.choose.random() < 0.5,
        )

    def cancel_purchase(self) -> None:
        purchasing.cancel_order(self.session, self.number_of(PurchaseOrder), because="random")

    def sell(self) -> None:
        customer = parties.find_customer(self.session, self.choose.choice(CUSTOMERS))
        lines = [
            sales.OrderLineDraft(
                self.item(), self.quantity(15), discount_percent=Decimal(self.choose.randint(0, 30))
            )
            for _ in range(self.choose.randint(1, 3))
        ]
        sales.confirm_order(self.session, customer=customer, lines=lines)

    def deliver(self) -> None:
        part = {1: self.quantity(5)} if self.choose.random() < 0.4 else None
        sales.deliver_order(self.session, self.number_of(SalesOrder), quantities=part)

    def invoice_sale(self) -> None:
        sales.invoice_order(self.session, self.number_of(SalesOrder))

    def take_back_delivery(self) -> None:
        sales.return_delivery(self.session, self.number_of(Delivery), because="random")

    def cancel_sale(self) -> None:
        sales.cancel_order(self.session, self.number_of(SalesOrder), because="random")

    def credit(self) -> None:
        sales.credit_invoice(
            self.session, self.invoice(InvoiceKind.CUSTOMER_INVOICE), because="random"
        )

    def customer_pays(self) -> None:
        customer = parties.find_customer(self.session, self.choose.choice(CUSTOMERS))
        invoicing.post_payment(
            self.session,
            kind=PaymentKind.CUSTOMER_PAYMENT,
            party=customer.party,
            amount=self.money(),
        )

    def pay_supplier(self) -> None:
        number = self.invoice(InvoiceKind.SUPPLIER_BILL)
        bill = invoicing.find_invoice(self.session, number)
        supplier = self.session.get_one(parties.Party, bill.party_id)
        amount = Money(max(1, bill.open_minor), "EUR")
        invoicing.post_payment(
            self.session,
            kind=PaymentKind.SUPPLIER_PAYMENT,
            party=supplier,
            amount=amount,
            settle=[(number, amount)],
        )

    def take_back_payment(self) -> None:
        numbers = self.session.scalars(select(Payment.number).order_by(Payment.number)).all()
        number = self.choose.choice(numbers) if numbers else "NONE-1"
        invoicing.reverse_payment(self.session, number, because="random")

    def count_stock(self) -> None:
        inventory.adjust_stock(
            self.session,
            self.item(),
            inventory.main_location(self.session),
            counted=Decimal(self.choose.randint(0, 60)),
            because="random",
        )

    def post(self) -> None:
        amount = self.money()
        ledger.post_entry(
            self.session,
            [ledger.debit("operating_expense", amount), ledger.credit("bank", amount)],
            memo="random",
            origin="RANDOM",
        )

    def reverse(self) -> None:
        wanted = select(JournalEntry.number).where(JournalEntry.origin == "RANDOM")
        numbers = self.session.scalars(wanted.order_by(JournalEntry.number)).all()
        number = self.choose.choice(numbers) if numbers else "JE-99999"
        ledger.reverse_entry(self.session, number, because="random")


VERBS: tuple[Callable[[Player], None], ...] = (
    Player.order_goods,
    Player.order_goods,
    Player.receive_goods,
    Player.receive_goods,
    Player.send_goods_back,
    Player.book_bill,
    Player.cancel_purchase,
    Player.sell,
    Player.sell,
    Player.deliver,
    Player.deliver,
    Player.invoice_sale,
    Player.take_back_delivery,
    Player.cancel_sale,
    Player.credit,
    Player.customer_pays,
    Player.pay_supplier,
    Player.take_back_payment,
    Player.count_stock,
    Player.post,
    Player.reverse,
)


def play(engine: Engine, seed: int) -> Counter[str]:
    """Play one run, on some day of the year, and check the books in its middle and at its end."""
    day = TODAY + timedelta(days=seed % 90)
    with clock.on_business_date(day), rehearsal(engine) as session:
        player = Player(session, seed)
        for place in range(STEPS):
            player.step()
            if place in {STEPS // 2, STEPS - 1}:
                assert verify_books(session) == [], f"seed {seed}: {player.outcomes}"
    return player.outcomes


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_books_hold(playground: Engine, seed: int) -> None:
    play(playground, seed)


def test_runs_do_everything_and_a_seed_does_the_same_again(playground: Engine) -> None:
    runs = [play(playground, seed) for seed in range(1000, 1012)]

    done = sum(runs, Counter[str]())
    assert {verb.__name__ for verb in VERBS} <= set(done)
    assert play(playground, 1000) == runs[0]


@pytest.mark.long
def test_the_books_hold_in_many_runs(playground: Engine) -> None:
    first = random.SystemRandom().randrange(10**9)
    for seed in range(first, first + LONG_RUNS):
        play(playground, seed)
