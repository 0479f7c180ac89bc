"""What the database itself refuses, whoever asks: the services are not needed for that."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core import catalog, inventory, ledger, parties
from core.inventory import Incoming, LocationKind
from core.invoicing import InvoiceDraftLine, InvoiceKind, post_invoice
from core.kernel.database import unit_of_work
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, OPENING_BALANCE, OPERATING_EXPENSE, SHARE_CAPITAL

Databases = Callable[[str], Engine]

TEN = Money.of("10", "EUR")

ENTRY = """
    INSERT INTO journal_entry (id, created_at, number, journal, posted_on, memo, origin)
    VALUES ('01900000-0000-7000-8000-000000000001', now(), 'JE-X', '{journal}', '{day}', '', '')
"""
LINE = """
    INSERT INTO posting (id, created_at, entry_id, posted_on, position, account_id, side,
        amount_minor, currency, base_minor)
    SELECT gen_random_uuid(), now(), {entry}, '{day}', {position}, account.id, '{side}', {minor},
        '{currency}', {base} FROM account WHERE code = '1010'
"""
NEW = "'01900000-0000-7000-8000-000000000001'"


def entry(
    *lines: tuple[str, int, str, int],
    day: str = "2026-06-15",
    lines_day: str = "",
    journal: str = "general",
    entry_id: str = NEW,
) -> list[str]:
    written = [
        LINE.format(
            entry=entry_id,
            day=lines_day or day,
            position=position,
            side=side,
            minor=minor,
            currency=currency,
            base=base,
        )
        for position, (side, minor, currency, base) in enumerate(lines, start=1)
    ]
    return [ENTRY.format(day=day, journal=journal), *written] if entry_id == NEW else written


@pytest.fixture(scope="module")
def books(databases: Databases) -> Engine:
    """One database for all: whatever is refused leaves nothing behind."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        ledger.post_entry_by_hand(
            session, [debit(BANK, TEN), credit(SHARE_CAPITAL, TEN)], memo="start"
        )
        lamp = catalog.add_item(session, sku="LAMP-01", name="Desk lamp")
        inventory.receive_goods(
            session,
            [Incoming(lamp, Decimal(10), TEN)],
            location=inventory.main_location(session),
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="",
            from_kind=LocationKind.ADJUSTMENT,
        )
        supplier = parties.add_supplier(session, name="Lumen & Co").party
        one, zero = Decimal(1), Decimal(0)
        line = InvoiceDraftLine(None, "x", one, one, zero, None, OPERATING_EXPENSE)
        post_invoice(
            session,
            kind=InvoiceKind.SUPPLIER_BILL,
            party=supplier,
            lines=[line],
            origin="x",
            reference="R-77",
        )
    return engine


OLD = "(SELECT id FROM journal_entry WHERE number = 'JE-00001')"
CLOSE = "UPDATE period SET state = '{}' WHERE name = '2026-06'"
BALANCED = (("debit", 5, "EUR", 5), ("credit", 5, "EUR", 5))


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (entry(("debit", 10, "EUR", 10), ("credit", 9, "EUR", 9)), "not balanced"),
        (entry(("debit", 10, "EUR", 10), ("credit", 10, "USD", 10)), "not balanced"),
        (entry(("debit", 10, "USD", 10), ("credit", 10, "USD", 9)), "not balanced"),
        (entry(("debit", 10, "EUR", 10)), "not balanced"),
        (entry(), "not balanced"),
        (entry(("debit", -5, "EUR", -5), ("credit", -5, "EUR", -5)), "amounts_positive"),
        (entry(("debit", 0, "EUR", 0), ("credit", 0, "EUR", 0)), "amounts_positive"),
        (entry(*BALANCED, entry_id=OLD), "already posted"),
        (entry(*BALANCED, day="2031-01-01"), "not defined"),
        (entry(*BALANCED, lines_day="2026-06-14"), "fk_posting_entry_id_posted_on"),
        (["UPDATE period SET sales_locked = true", *entry(*BALANCED, journal="sales")], "locked"),
        ([CLOSE.format("closed"), *entry(*BALANCED)], "is closed"),
        ([CLOSE.format("on_hold"), *entry(*BALANCED)], "is on_hold"),
        (["UPDATE posting SET base_minor = base_minor + 1"], "record of facts"),
        (["DELETE FROM posting"], "record of facts"),
        (["TRUNCATE posting CASCADE"], "record of facts"),
        (["UPDATE journal_entry SET memo = 'other'"], "record of facts"),
        (["DELETE FROM journal_entry"], "record of facts"),
        (["UPDATE stock_move SET quantity = quantity + 1"], "record of facts"),
        (["UPDATE stock_level SET reserved = on_hand + 1"], "reserved_on_hand"),
        (["UPDATE stock_level SET reserved = -1"], "reserved_on_hand"),
        (["UPDATE stock_level SET on_hand = -1, reserved = -2"], "not_negative|reserved_on_hand"),
        (["UPDATE stock_value SET quantity = 0"], "nothing_is_worth_nothing"),
        (["UPDATE invoice SET open_minor = total_minor + 1"], "open_within_total"),
        (["UPDATE invoice SET open_minor = -1, open_base_minor = 0"], "open_within_total"),
        (
            ["UPDATE period SET ends_on = '2026-07-05' WHERE name = '2026-06'"],
            "ex_period_overlap",
        ),
        (
            [
                """
                INSERT INTO invoice SELECT (jsonb_populate_record(invoice, jsonb_build_object(
                    'id', gen_random_uuid(), 'number', 'BILL-X'))).* FROM invoice
                """
            ],
            "supplier_reference",
        ),
    ],
)
def test_the_database_refuses_it(books: Engine, statements: list[str], said: str) -> None:
    with pytest.raises(DBAPIError, match=said) as refused, books.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    assert isinstance(refused.value, IntegrityError), "every guard reports a broken constraint"


def test_the_same_entry_by_sql_is_taken_where_it_is_right(books: Engine) -> None:
    with books.begin() as connection:
        for statement in entry(*BALANCED):
            connection.execute(text(statement))
