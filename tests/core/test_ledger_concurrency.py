"""Many at once: one period closes while others post, one bill is paid once, one unit sold once."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from core import catalog, inventory, invoicing, ledger, parties
from core.catalog import Item
from core.compliance import verify
from core.inventory import Incoming, LocationKind, Request, Reservation
from core.inventory.tables import ReservationState
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind
from core.kernel.database import reading, retried, total, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger import JournalEntry, PeriodState, credit, debit
from core.ledger.chart import BANK, OPENING_BALANCE, OPERATING_EXPENSE, SHARE_CAPITAL

CLIENTS = 8


def at_once(clients: int, work: Callable[[int], str], *, tries: int) -> Counter[str]:
    """Let every client work at the same moment; count what became of each try."""
    outcomes: Counter[str] = Counter()
    start, lock = threading.Barrier(clients), threading.Lock()

    def client(place: int) -> None:
        start.wait()
        for _ in range(tries):
            try:
                outcome = work(place)
            except DomainError as refusal:
                outcome = refusal.code
            with lock:
                outcomes[outcome] += 1

    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.total() == clients * tries, "a client died"
    return outcomes


def stocked(engine: Engine, quantity: int, *skus: str) -> list[Item]:
    with unit_of_work(engine) as session:
        items = [catalog.add_item(session, sku=sku, name=sku) for sku in skus]
        inventory.receive_goods(
            session,
            [Incoming(item, Decimal(quantity), Money(quantity * 100, "EUR")) for item in items],
            location=inventory.main_location(session),
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="",
            from_kind=LocationKind.ADJUSTMENT,
        )
    return items


@pytest.mark.parametrize(
    ("units", "tries"), [(100, 40), pytest.param(1_000, 400, marks=pytest.mark.long)]
)
def test_what_is_on_hand_is_promised_once(founded: Engine, units: int, tries: int) -> None:
    (lamp,) = stocked(founded, units, "LAMP-01")

    def promise(_client: int) -> str:
        with unit_of_work(founded) as session:
            line_id, main = new_id(), inventory.main_location(session)
            request = Request(lamp, Decimal(1), line_id)
            got = inventory.reserve(session, [request], location=main, origin="SO")
        return "promised" if got[line_id] else "refused"

    outcomes = at_once(CLIENTS, promise, tries=tries)

    assert outcomes == {"promised": units, "refused": CLIENTS * tries - units}
    promised = select(total(Reservation.quantity)).where(
        Reservation.state == ReservationState.ACTIVE
    )
    with reading(founded) as session:
        assert session.scalars(promised).one() == units
        assert inventory.stock_of(session, lamp).available == 0
        assert verify(session) == []


def test_who_takes_the_same_items_in_another_order_meets_no_deadlock(founded: Engine) -> None:
    items = stocked(founded, 1_000, "LAMP-01", "SHADE-02", "BULB-03")

    def promise(client: int) -> str:
        mine = items if client % 2 else items[::-1]
        with unit_of_work(founded) as session:
            inventory.reserve(
                session,
                [Request(item, Decimal(1), new_id()) for item in mine],
                location=inventory.main_location(session),
                origin="SO",
            )
        return "promised"

    assert at_once(CLIENTS, promise, tries=10) == {"promised": 80}


def test_nothing_comes_into_a_period_that_is_being_closed(founded: Engine) -> None:
    ten, may = Money.of("10", "EUR"), date(2026, 5, 31)
    posted = threading.Event()

    def post_or_close(client: int) -> str:
        if client == 0:
            posted.wait()
            state = PeriodState.CLOSED
            with unit_of_work(founded) as session:
                if ledger.list_periods(session)[16].state is PeriodState.CLOSED:
                    state = PeriodState.OPEN
                ledger.set_period_state(session, "2026-05", state, because="again")
            return state
        with unit_of_work(founded) as session:
            ledger.post_entry_by_hand(
                session, [debit(BANK, ten), credit(SHARE_CAPITAL, ten)], memo="", posted_on=may
            )
        posted.set()
        return "posted"

    outcomes = at_once(5, post_or_close, tries=15)

    assert set(outcomes) <= {"posted", "period_closed", PeriodState.CLOSED, PeriodState.OPEN}
    with unit_of_work(founded) as session:
        entries = session.scalars(select(JournalEntry.number).order_by(JournalEntry.number)).all()
        numbers = [f"JE-{place:05d}" for place in range(1, outcomes["posted"] + 1)]
        assert list(entries) == numbers, "who was refused has left no gap"
        assert ledger.balance(session, BANK) == ten.times(outcomes["posted"])
        period = ledger.list_periods(session)[16]
        assert (period.name, period.state) == ("2026-05", PeriodState.CLOSED)
    with reading(founded) as session:
        assert verify(session) == []


def test_a_bill_is_booked_once_and_paid_once(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        supplier = parties.add_supplier(session, name="Lumen & Co").party
    hundred = Money.of("100", "EUR")
    line = InvoiceDraftLine(
        None, "x", Decimal(1), Decimal(100), Decimal(0), None, OPERATING_EXPENSE
    )

    @retried
    def book(_client: int) -> str:
        with unit_of_work(founded) as session:
            invoicing.post_invoice(
                session,
                kind=InvoiceKind.SUPPLIER_BILL,
                party=supplier,
                lines=[line],
                origin="x",
                reference="R-77",
            )
        return "booked"

    def pay(_client: int) -> str:
        with unit_of_work(founded) as session:
            invoicing.post_payment(
                session,
                kind=PaymentKind.SUPPLIER_PAYMENT,
                party=supplier,
                amount=hundred,
                settle=[("BILL-00001", hundred)],
            )
        return "paid"

    assert at_once(CLIENTS, book, tries=1) == {"booked": 1, "duplicate_bill": 7}
    assert at_once(CLIENTS, pay, tries=1) == {"paid": 1, "not_of_this_party": 7}
    with reading(founded) as session:
        assert invoicing.find_invoice(session, "R-77").open_minor == 0
        assert ledger.balance(session, BANK) == -hundred
        assert verify(session) == []
