"""A shop that has been traded in, filled once for all modules that only read it."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import catalog, invoicing, parties, sales, support
from core.invoicing import PaymentKind
from core.kernel import clock
from core.kernel.database import unit_of_work
from core.kernel.money import Money
from tests.conftest import TODAY
from tests.core.test_random_histories import CUSTOMERS, Player

SEED, STEPS = 4, 40


def sell_once(session: Session, name: str) -> None:
    """Give a customer a document of every kind: order, delivery, invoice, credit note, payment."""
    customer = parties.find_customer(session, name)
    shade = catalog.find_item(session, "SHADE-02")
    draft = sales.OrderLineDraft(shade, Decimal(2))
    order = sales.confirm_order(session, customer=customer, lines=[draft])
    sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)
    sales.credit_invoice(session, invoice.number, because="broken")
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=customer.party,
        amount=Money.of("5.00", "EUR"),
    )
    support.open_ticket(session, subject="Broken shade", customer=customer)


@pytest.fixture(scope="session")
def traded(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """A shop with the history of sixty steps at random; nobody writes to it."""
    engine = databases("shop")
    with clock.on_business_date(TODAY), unit_of_work(engine) as session:
        for customer in CUSTOMERS:
            sell_once(session, customer)
        player = Player(session, SEED)
        for _ in range(STEPS):
            player.step()
    yield engine
    engine.dispose()


@pytest.fixture
def traded_today(traded: Engine) -> Iterator[Engine]:
    """The same on its own day."""
    with clock.on_business_date(TODAY):
        yield traded
