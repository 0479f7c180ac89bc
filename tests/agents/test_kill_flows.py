"""kill -9 between every two steps of order to cash and procure to pay, and inside each of them."""

import contextlib
import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core import catalog, inventory, ledger, purchasing, sales
from core.approvals import Proposal, ProposalState, set_limit
from core.compliance import verify
from core.invoicing import Invoice, Payment
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.settings import Settings
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED, INVENTORY, RECEIVABLE
from core.purchasing import GoodsReceipt, PurchaseOrder
from core.purchasing.requisitions import Requisition
from core.sales import Delivery, SalesOrder
from tests.simulators.forks import FORKS
from tests.simulators.walker import STEPS, Death, Where, walk

BETWEEN: tuple[Where, ...] = ("before_commit", "after")
ONCE = (SalesOrder, Requisition, PurchaseOrder, GoodsReceipt, Delivery)


def live(
    settings: Settings,
    first: int,
    death: Death | None,
    steps: tuple[tuple[str, dict[str, Any]], ...] = STEPS,
) -> tuple[int, bool]:
    """Let somebody walk from a step on; return how many steps are told done, and if it died."""
    url = settings.database_url
    assert url is not None
    environment = {"DATABASE_URL": url.get_secret_value(), "PROKURIST_HOME": str(settings.home)}
    heard, told = FORKS.Pipe(duplex=False)
    walker = FORKS.Process(target=walk, args=(first, death, environment, told, steps))
    walker.start()
    told.close()
    done = first
    with heard, contextlib.suppress(EOFError):
        while True:
            done = heard.recv() + 1
    walker.join()
    assert walker.exitcode in {0, -signal.SIGKILL}, "it died by itself"
    return done, walker.exitcode != 0


def open_for_one(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        for role in set(Role) - {Role.WATCHER, Role.CUSTOMER}:
            set_limit(session, role=role.value, alone=None, approve=None, two_persons_above=None)


def check(engine: Engine) -> None:
    """Each effect is there, and once."""
    with reading(engine) as session:
        for table in ONCE:
            assert session.scalars(select(func.count()).select_from(table)).one() == 1, table
        amounts = select(Invoice.number, Invoice.total_minor, Invoice.open_minor)
        assert sorted(session.execute(amounts).all()) == [
            ("BILL-00001", 2_050, 0),
            ("INV-00001", 25_500, 0),
        ]
        assert session.scalars(select(func.count()).select_from(Payment)).one() == 2
        executed = select(func.count()).where(Proposal.state == ProposalState.EXECUTED)
        assert session.scalars(executed).one() == len(STEPS)
        left = {
            sku: inventory.stock_of(session, catalog.find_item(session, sku)).on_hand
            for sku in ("LAMP-01", "SHADE-02")
        }
        assert left == {"LAMP-01": Decimal(7), "SHADE-02": Decimal(0)}
        assert sales.view_order(session, "SO-1").state == "delivered"
        assert purchasing.view_order(session, "PO-1").state == "received"
        assert ledger.balance(session, INVENTORY) == Money.of("56", "EUR")
        for settled in (GOODS_RECEIVED_NOT_BILLED, RECEIVABLE):
            assert ledger.balance(session, settled) == Money.of("0", "EUR")
        assert verify(session) == []


def test_k2_killed_between_any_two_steps_and_inside_each_nothing_is_lost_or_doubled(
    shop: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    open_for_one(shop)
    settings, deaths = settings_of(shop), 0

    for step in range(len(STEPS)):
        # All of it written and nothing stored; or stored, and nobody told. Whoever goes on begins
        # one step before, which may be done or not.
        _, died = live(settings, max(step - 1, 0), Death(step, BETWEEN[step % 2]))
        deaths += died
    done, died = live(settings, 0, None)

    assert (done, died, deaths) == (len(STEPS), False, len(STEPS))
    check(shop)


@pytest.mark.long
def test_k2_killed_at_every_statement_of_every_step(
    shop: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    open_for_one(shop)
    settings, deaths = settings_of(shop), 0
    for step in range(len(STEPS)):
        live(settings, step, Death(step, "proposed"))
        statement, died = 1, True
        while died:
            _, died = live(settings, step, Death(step, "inside", statement))
            statement, deaths = statement + 1, deaths + died
    print(f"{deaths} deaths")  # noqa: T201

    check(shop)
