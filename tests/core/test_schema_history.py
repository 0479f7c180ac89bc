"""Books that were kept before finance came are the same books after the upgrade."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Engine, text

from core import invoicing, ledger
from core.compliance import verify_books
from core.invoicing import Direction
from core.kernel.database import reading, unit_of_work
from core.ledger import tax
from core.processes.schema import upgrade
from tests.conftest import Databases

# A company with one invoice of 119.00, of which 19.00 are tax, and 40.00 paid of it.
BOOKS = """
INSERT INTO company VALUES (1, 'Old', '旧公司', 'DE', 'EUR', 'half_up', 'invoices', '2026-06-15');
INSERT INTO account (id, created_at, code, name, name_zh, kind, role, control, party_required,
        blocked)
    SELECT gen_random_uuid(), now(), code, name, name, kind, role, control, control IS NOT NULL,
        false
    FROM (VALUES
        ('1010', 'Bank', 'asset', 'bank', NULL),
        ('1100', 'Receivables', 'asset', 'receivable', 'receivable'),
        ('1300', 'Input tax', 'asset', 'tax_input', NULL),
        ('2000', 'Payables', 'liability', 'payable', 'payable'),
        ('2200', 'Output tax', 'liability', 'tax_output', NULL),
        ('4000', 'Sales revenue', 'income', 'revenue', NULL)
    ) AS old (code, name, kind, role, control);
INSERT INTO period (id, created_at, name, starts_on, ends_on, state)
    VALUES (gen_random_uuid(), now(), '2026-06', '2026-06-01', '2026-06-30', 'open');
INSERT INTO number_series VALUES ('JE', 2), ('INV', 1), ('RCT', 1);
INSERT INTO tax_code (code, name, name_zh, percent) VALUES ('V19', 'VAT 19 %', '增值税', 19);
INSERT INTO party (id, created_at, number, kind, name, language, blocked)
    VALUES (gen_random_uuid(), now(), 'C-00001', 'company', 'Acme', 'en', false);
INSERT INTO journal_entry (id, created_at, number, posted_on, memo, origin)
    VALUES (gen_random_uuid(), now(), 'JE-00001', '2026-06-02', 'INV-00001 Acme', 'INV-00001'),
        (gen_random_uuid(), now(), 'JE-00002', '2026-06-03', 'RCT-00001 Acme', 'RCT-00001');
INSERT INTO posting (id, created_at, entry_id, position, account_id, side, amount_minor, currency,
        base_minor, party_id)
    SELECT gen_random_uuid(), now(), journal_entry.id, position, account.id, side, amount, 'EUR',
        amount, party.id
    FROM (VALUES
        ('JE-00001', 1, '1100', 'debit', 11900), ('JE-00001', 2, '4000', 'credit', 10000),
        ('JE-00001', 3, '2200', 'credit', 1900),
        ('JE-00002', 1, '1010', 'debit', 4000), ('JE-00002', 2, '1100', 'credit', 4000)
    ) AS line (number, position, code, side, amount)
    JOIN journal_entry USING (number) JOIN account USING (code)
    LEFT JOIN party ON account.control IS NOT NULL;
INSERT INTO invoice (id, created_at, number, kind, party_id, posted_on, due_on, currency, net_minor,
        tax_minor, total_minor, base_total_minor, open_minor, origin, state, entry_id)
    SELECT gen_random_uuid(), now(), 'INV-00001', 'customer_invoice', party.id, '2026-06-02',
        '2026-07-02', 'EUR', 10000, 1900, 11900, 11900, 7900, 'SO-00001', 'posted', journal_entry.id
    FROM party, journal_entry WHERE journal_entry.number = 'JE-00001';
INSERT INTO invoice_line (id, created_at, invoice_id, position, description, quantity, unit_price,
        discount_percent, net_minor, tax_code, tax_minor, account_id)
    SELECT gen_random_uuid(), now(), invoice.id, 1, 'lamps', 1, 100, 0, 10000, 'V19', 1900,
        account.id
    FROM invoice, account WHERE code = '4000';
INSERT INTO payment (id, created_at, number, kind, party_id, paid_on, currency, amount_minor,
        open_minor, state, entry_id)
    SELECT gen_random_uuid(), now(), 'RCT-00001', 'customer_payment', party.id, '2026-06-03', 'EUR',
        4000, 0, 'posted', journal_entry.id
    FROM party, journal_entry WHERE journal_entry.number = 'JE-00002';
INSERT INTO settlement (id, created_at, invoice_id, payment_id, amount_minor, settled_on)
    SELECT gen_random_uuid(), now(), invoice.id, payment.id, 4000, '2026-06-03'
    FROM invoice, payment;
"""


def test_old_books_are_the_same_books_after_the_upgrade(databases: Databases) -> None:
    engine = databases("")
    upgrade(engine, to="0001")
    fill(engine)

    upgrade(engine)

    with reading(engine) as session:
        balances = {row.code: row.debit - row.credit for row in ledger.trial_balance(session)}
        assert {code: money.amount for code, money in balances.items()} == {
            "1010": Decimal("40.00"),
            "1100": Decimal("79.00"),
            "2200": Decimal("-19.00"),
            "4000": Decimal("-100.00"),
        }
        assert ledger.balance(session, "bank", as_of=date(2026, 6, 2)).minor == 0
        (owed,) = invoicing.list_open_items(session, direction=Direction.RECEIVABLE)
        assert (owed.number, owed.open.minor, owed.base.minor) == ("INV-00001", 7900, 7900)
        report = tax.tax_report(session, since=date(2026, 6, 1), until=date(2026, 6, 30))
        assert [tie.otherwise.minor for tie in report.accounts if tie.account == "2200"] == [0]
        assert verify_books(session) == []


def test_old_invoices_can_be_credited_after_the_upgrade(databases: Databases) -> None:
    engine = databases("")
    upgrade(engine, to="0001")
    fill(engine)
    upgrade(engine)

    with unit_of_work(engine) as session:
        note = invoicing.credit_invoice(session, "INV-00001", because="returned")

        assert (note.total_minor, note.tax_minor, note.open_minor) == (11900, 1900, 4000)
        assert ledger.balance(session, "tax_output").minor == 0
        assert verify_books(session) == []


def fill(engine: Engine) -> None:
    """Write the old books in one transaction, as the old services did."""
    with engine.begin() as connection:
        for statement in BOOKS.split(";\n"):
            if statement.strip():
                connection.execute(text(statement.replace(":", "\\:")))
