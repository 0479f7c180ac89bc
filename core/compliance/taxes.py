"""The promises about tax."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def taxes_are_their_documents(session: Session) -> Iterator[Finding]:
    """I2: the tax of a document is that of its lines, and both are its tax lines."""
    yield from found(
        session,
        "I2",
        """
        WITH charged AS (
            SELECT document, line, sum(CASE WHEN (side = 'credit') = (invoice.kind LIKE 'customer%')
                THEN tax_line.tax_minor ELSE -tax_line.tax_minor END
                * CASE WHEN invoice.kind LIKE '%credit_note' THEN -1 ELSE 1 END) AS minor
            FROM tax_line JOIN invoice ON invoice.number = tax_line.document
            WHERE tax_line.kind = 'charged' GROUP BY 1, 2
        )
        SELECT number || ' line ' || invoice_line.position,
            'its tax is ' || invoice_line.tax_minor || ', its tax lines are '
                || coalesce(minor, 0)
        FROM invoice_line JOIN invoice ON invoice.id = invoice_line.invoice_id
        LEFT JOIN charged ON document = number AND line = invoice_line.position
        WHERE invoice_line.tax_minor <> coalesce(minor, 0)
        UNION ALL
        SELECT number, 'it is ' || invoice.net_minor || ' and tax ' || invoice.tax_minor
            || ', its lines are ' || sum(invoice_line.net_minor) || ' and '
            || sum(invoice_line.tax_minor)
        FROM invoice JOIN invoice_line ON invoice_line.invoice_id = invoice.id
        GROUP BY invoice.id
        HAVING sum(invoice_line.net_minor) <> invoice.net_minor
            OR sum(invoice_line.tax_minor) <> invoice.tax_minor
            OR sum(invoice_line.discount_minor) <> invoice.discount_minor
        ORDER BY 1
        """,
    )


def taxes_are_in_the_books(session: Session) -> Iterator[Finding]:
    """I2: what tax lines say of an entry is what the entry says on the accounts of tax.

    And the other way: an entry of a document books no tax that its tax lines do not know.
    """
    yield from found(
        session,
        "I2",
        """
        WITH usual AS (
            SELECT id FROM account WHERE role IN ('tax_output', 'tax_input', 'tax_output_not_due',
                'tax_input_not_due', 'tax_withheld', 'tax_withheld_by_customers')
            UNION SELECT account.id FROM tax_component
                JOIN account ON account.code IN (sale_account, purchase_account)
        ), booked AS (
            SELECT entry_id, account_id,
                CASE side WHEN 'debit' THEN base_tax_minor ELSE -base_tax_minor END AS minor
            FROM tax_line WHERE use <> 'not_deductible'
            UNION ALL
            SELECT entry_id, account_id,
                CASE side WHEN 'debit' THEN -base_minor ELSE base_minor END
            FROM posting WHERE account_id IN (SELECT id FROM usual) AND (
                EXISTS (SELECT FROM invoice WHERE invoice.entry_id = posting.entry_id)
                OR EXISTS (SELECT FROM tax_line WHERE tax_line.entry_id = posting.entry_id))
        )
        SELECT entry.number || ' ' || account.code,
            'its tax lines less its postings there are ' || sum(minor)
        FROM booked JOIN journal_entry AS entry ON entry.id = booked.entry_id
        JOIN account ON account.id = booked.account_id
        WHERE NOT EXISTS (
            -- A line of a document may be for such an account itself.
            SELECT FROM invoice JOIN invoice_line ON invoice_line.invoice_id = invoice.id
            WHERE invoice.entry_id = booked.entry_id
                AND invoice_line.account_id = booked.account_id)
        GROUP BY entry.number, account.code HAVING sum(minor) <> 0
        ORDER BY 1
        """,
    )


def taxes_wait_for_their_payment(session: Session) -> Iterator[Finding]:
    """I2: of tax that is due when it is paid, all is due once its document is settled."""
    yield from found(
        session,
        "I2",
        """
        SELECT invoice.number, 'it is settled, and ' || sum(base_tax_minor)
            || ' of its tax waits for a payment'
        FROM invoice JOIN tax_line ON tax_line.document = invoice.number
        WHERE invoice.open_minor = 0 AND NOT tax_line.exigible
        GROUP BY invoice.number, tax_line.component_id, tax_line.use
        HAVING sum(base_tax_minor) <> 0 OR sum(tax_line.tax_minor) <> 0
        ORDER BY 1
        """,
    )
