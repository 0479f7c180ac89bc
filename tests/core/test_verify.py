"""`verify` is silent on sound books, and names whatever is broken behind the services' back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from core import catalog, inventory, invoicing, ledger, parties
from core.compliance import BOOKS, TRAIL, Finding, verify, verify_books
from core.inventory import Incoming, LocationKind, Outgoing, Request
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind
from core.kernel.clock import frozen_at, now
from core.kernel.database import reading, unit_of_work
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger import PeriodState, credit, debit
from core.ledger.chart import BANK, OPENING_BALANCE, OPERATING_EXPENSE, REVENUE, SHARE_CAPITAL


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def busy(founded: Engine) -> Engine:
    """Books in which a little of everything has happened."""
    with unit_of_work(founded) as session:
        ten = eur("1000")
        entry = ledger.post_entry_by_hand(
            session, [debit(BANK, ten), credit(SHARE_CAPITAL, ten)], memo="start"
        )
        ledger.reverse_entry_by_hand(session, entry.number, because="typing mistake")
        ledger.set_period_state(session, "2026-01", PeriodState.CLOSED)
        lamp = catalog.add_item(session, sku="LAMP-01", name="Desk lamp")
        main, line_id = inventory.main_location(session), new_id()
        inventory.receive_goods(
            session,
            [Incoming(lamp, Decimal(10), eur("80"))],
            location=main,
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="",
            from_kind=LocationKind.ADJUSTMENT,
        )
        request = Request(lamp, Decimal(5), line_id)
        inventory.reserve(session, [request], location=main, origin="SO-1")
        goods = [Outgoing(lamp, Decimal(2), line_id)]
        inventory.issue_goods(session, goods, location=main, origin="DN-1", memo="")
        inventory.adjust_stock(session, lamp, main, counted=Decimal(7), because="broken")
        customer = parties.add_customer(session, name="Bluebird Ltd").party
        supplier = parties.add_supplier(session, name="Lumen & Co").party
        for kind, party, account in (
            (InvoiceKind.CUSTOMER_INVOICE, customer, REVENUE),
            (InvoiceKind.SUPPLIER_BILL, supplier, OPERATING_EXPENSE),
        ):
            line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(100), Decimal(0), None, account)
            for _ in range(2):
                posted = invoicing.post_invoice(
                    session, kind=kind, party=party, lines=[line], origin="x"
                )
            invoicing.credit_invoice(session, posted.number, because="wrong")
        paid = invoicing.post_payment(
            session, kind=PaymentKind.CUSTOMER_PAYMENT, party=customer, amount=eur("150")
        )
        invoicing.reverse_payment(session, paid.number, because="bounced")
        invoicing.post_payment(
            session, kind=PaymentKind.SUPPLIER_PAYMENT, party=supplier, amount=eur("60")
        )
    return founded


def findings(engine: Engine) -> list[Finding]:
    with reading(engine) as session:
        return verify(session)


def test_sound_books_have_no_findings(busy: Engine) -> None:
    assert findings(busy) == []
    with unit_of_work(busy) as session:
        ten = eur("10")
        ledger.post_entry_by_hand(session, [debit(BANK, ten), credit(REVENUE, ten)], memo="cash")
        assert verify_books(session) == []


def test_every_promise_says_which_one_it_is() -> None:
    told = " ".join(check.__doc__ or "" for check in (*BOOKS, *TRAIL))

    assert all(f"I{number}:" in told for number in range(1, 11))


@pytest.mark.parametrize(
    ("broken", "invariants", "subject"),
    [
        ("UPDATE posting SET base_minor = base_minor + 1 WHERE position = 1", "I1 I2 I3 I5 I7", ""),
        ("DELETE FROM posting WHERE position = 1", "I1 I2 I3 I5 I7", ""),
        ("UPDATE journal_entry SET memo = 'other' WHERE number = 'JE-00001'", "I7", "JE-00001"),
        (
            """
            WITH swapped AS (UPDATE posting SET side = CASE side WHEN 'debit' THEN 'credit'
                ELSE 'debit' END WHERE entry_id = (
                    SELECT id FROM journal_entry WHERE number = 'JE-00002'))
            SELECT 1
            """,
            "I7",
            "JE-00002",
        ),
        ("UPDATE stock_level SET on_hand = on_hand + 1", "I3", "LAMP-01 @ MAIN"),
        ("UPDATE stock_move SET quantity = quantity + 1 WHERE origin = 'DN-1'", "I3", "LAMP-01"),
        ("UPDATE stock_value SET value_minor = value_minor + 1", "I3", "inventory account"),
        ("UPDATE stock_level SET reserved = reserved - 1", "I4", "LAMP-01 @ MAIN"),
        ("UPDATE reservation SET quantity = 9 WHERE state = 'active'", "I4", "LAMP-01 @ MAIN"),
        ("UPDATE invoice SET open_minor = 1 WHERE number = 'INV-00001'", "I5", "INV-00001"),
        ("DELETE FROM settlement", "I5", "INV-00002"),
        (
            (
                "UPDATE posting SET party_id = (SELECT id FROM party WHERE number = 'S-00001')"
                " WHERE party_id = (SELECT id FROM party WHERE number = 'C-00001')"
            ),
            "I5",
            "",
        ),
        (
            """
            UPDATE posting SET account_id = (SELECT id FROM account WHERE code = '2150')
            WHERE account_id = (SELECT id FROM account WHERE code = '5010')
            """,
            "I6 I7",
            "goods received, not billed",
        ),
        ("DELETE FROM journal_entry WHERE number = 'JE-00001'", "I7", "JE-00001"),
        (
            (
                "UPDATE journal_entry SET posted_on = '2026-01-05',"
                " created_at = created_at + '1 hour' WHERE number = 'JE-00001'"
            ),
            "I7 I8",
            "JE-00001",
        ),
        ("UPDATE journal_entry SET posted_on = '1999-01-05'", "I7 I8", "JE-00001"),
        ("DELETE FROM audit_record WHERE sequence = 3", "I9 audit", "record 3"),
        (
            "DELETE FROM change_event WHERE name = 'invoicing.payment_posted'",
            "I9 audit",
            "RCT-00001",
        ),
        ("UPDATE stock_move SET origin = 'DN-2' WHERE origin = 'DN-1'", "I9", "DN-2"),
        (
            (
                "UPDATE change_event SET facts = jsonb_set(facts, '{paid,minor}', '1')"
                " WHERE name = 'invoicing.payment_posted'"
            ),
            "audit",
            "",
        ),
        (
            "UPDATE audit_record SET proposal_id = '00000000-0000-7000-8000-000000000001'",
            "I10 audit",
            "",
        ),
    ],
)
def test_what_is_changed_behind_the_services_back_is_found(
    busy: Engine, broken: str, invariants: str, subject: str
) -> None:
    with busy.begin() as connection:
        # Only who owns the database can do this; it is what `verify` is for.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for (name,) in connection.execute(
            text(
                "SELECT conrelid::regclass || ' DROP CONSTRAINT ' || conname FROM pg_constraint"
                " WHERE contype = 'c' AND conrelid::regclass::text IN ('stock_level', 'invoice')"
            )
        ).all():
            connection.execute(text(f"ALTER TABLE {name}"))
        connection.execute(text(broken))

    found = findings(busy)

    assert set(invariants.split()) <= {finding.invariant for finding in found}
    assert subject in {finding.subject for finding in found} or not subject


def test_an_entry_from_before_the_period_was_closed_may_lie_in_it(founded: Engine) -> None:
    with frozen_at(now() - timedelta(days=1)), unit_of_work(founded) as session:
        ten = eur("10")
        ledger.post_entry_by_hand(session, [debit(BANK, ten), credit(REVENUE, ten)], memo="cash")
    with unit_of_work(founded) as session:
        ledger.set_period_state(session, "2026-06", PeriodState.CLOSED)

    assert findings(founded) == []
