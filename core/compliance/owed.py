"""The promises about what is owed."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED


def documents_are_open_by_their_settlements(session: Session) -> Iterator[Finding]:
    """I5: what is open of a document or a payment is what nothing has settled, also in the books.

    A deduction settles all that it was made for, or nothing once it was taken back.
    """
    yield from found(
        session,
        "I5",
        """
        WITH used AS (
            SELECT invoice_id AS id, amount_minor AS minor, base_minor FROM settlement
            UNION ALL SELECT coalesce(credit_note_id, payment_id, deduction_id), source_minor,
                source_base_minor FROM settlement
        ), sums AS (
            SELECT id, sum(minor) AS settled, sum(base_minor) AS base_settled FROM used GROUP BY id
        ), documents AS (
            SELECT id, number, total_minor AS whole, open_minor, base_total_minor AS base_whole,
                open_base_minor FROM invoice
            UNION ALL
            -- A payment that was undone settles nothing, and nothing of it is left.
            SELECT id, number, CASE state WHEN 'posted' THEN amount_minor ELSE 0 END, open_minor,
                CASE state WHEN 'posted' THEN base_amount_minor ELSE 0 END, open_base_minor
                FROM payment
            UNION ALL
            SELECT id, number, CASE state WHEN 'posted' THEN amount_minor ELSE 0 END, 0,
                CASE state WHEN 'posted' THEN base_amount_minor ELSE 0 END, 0 FROM deduction
        )
        SELECT number, CASE WHEN open_minor <> whole - coalesce(settled, 0)
            THEN open_minor || ' of ' || whole || ' is open, and '
                || coalesce(settled, 0) || ' was settled'
            ELSE open_base_minor || ' of ' || base_whole || ' is open in the books, and '
                || coalesce(base_settled, 0) || ' was settled' END
        FROM documents LEFT JOIN sums USING (id)
        WHERE (open_minor, open_base_minor) IS DISTINCT FROM
            (whole - coalesce(settled, 0), base_whole - coalesce(base_settled, 0))
        ORDER BY number
        """,
    )


def instalments_are_their_documents(session: Session) -> Iterator[Finding]:
    """I5: the instalments of a document are all of it, and the last of them is when it is due."""
    yield from found(
        session,
        "I5",
        """
        SELECT invoice.number, 'it is ' || total_minor || ' due ' || invoice.due_on
            || ', its instalments are ' || sum(amount_minor) || ' until ' || max(instalment.due_on)
        FROM invoice JOIN instalment ON instalment.invoice_id = invoice.id
        GROUP BY invoice.id
        HAVING sum(amount_minor) <> total_minor OR max(until_minor) <> total_minor
            OR max(instalment.due_on) <> invoice.due_on
        ORDER BY 1
        """,
    )


def credits_are_within_their_lines(session: Session) -> Iterator[Finding]:
    """I5: the notes of a document take back no more of any of its lines than that charged."""
    yield from found(
        session,
        "I5",
        """
        SELECT document.number, 'of line ' || line.position || ', ' || line.quantity || ' for '
            || line.net_minor || ', notes take back ' || sum(back.credits_quantity) || ' for '
            || sum(back.net_minor)
        FROM invoice_line AS back
            JOIN invoice AS note ON note.id = back.invoice_id
            JOIN invoice AS document ON document.number = note.origin
            JOIN invoice_line AS line
                ON line.invoice_id = document.id AND line.position = back.credits_position
        GROUP BY document.number, line.id
        HAVING sum(back.credits_quantity) > line.quantity
            OR abs(sum(back.net_minor)) > abs(line.net_minor)
        ORDER BY 1, line.position
        """,
    )


def open_items_are_the_control_accounts(session: Session) -> Iterator[Finding]:
    """I5: the open items of every party are its balance on the receivables and the payables.

    In every currency as well: what is revalued stays so much of it, and is put back.
    """
    yield from found(
        session,
        "I5",
        """
        WITH items AS (
            SELECT CASE WHEN kind LIKE 'customer%' THEN 'receivable' ELSE 'payable' END AS control,
                party_id, currency, CASE WHEN kind IN ('customer_invoice', 'supplier_credit_note')
                    THEN 1 ELSE -1 END AS sign, open_minor AS minor, open_base_minor AS base_minor
            FROM invoice WHERE open_minor > 0
            UNION ALL
            SELECT CASE WHEN kind LIKE 'customer%' THEN 'receivable' ELSE 'payable' END, party_id,
                currency, CASE WHEN kind = 'customer_payment' THEN -1 ELSE 1 END,
                open_minor, open_base_minor
            FROM payment WHERE open_minor > 0
            UNION ALL
            SELECT account.control, coalesce(whose.merged_into_id, posting.party_id),
                posting.currency,
                CASE posting.side WHEN 'debit' THEN -1 ELSE 1 END, amount_minor, base_minor
            FROM posting JOIN account ON account.id = posting.account_id
            LEFT JOIN party AS whose ON whose.id = posting.party_id
            WHERE account.control IN ('receivable', 'payable') AND NOT EXISTS (
                SELECT FROM revaluation
                WHERE posting.entry_id IN (revaluation.entry_id, revaluation.reversal_entry_id))
        )
        SELECT coalesce(party.number, 'nobody') || ' ' || control || ' ' || currency,
            'the open items less the balance in the books are ' || sum(sign * minor)
            || ', worth ' || sum(sign * base_minor)
        FROM items LEFT JOIN party ON party.id = items.party_id
        GROUP BY party.number, control, currency
        HAVING sum(sign * minor) <> 0 OR sum(sign * base_minor) <> 0
        ORDER BY 1
        """,
    )


def revaluations_are_put_back(session: Session) -> Iterator[Finding]:
    """I5: a revaluation is taken back in full by its second entry, on a later day."""
    yield from found(
        session,
        "I5",
        """
        SELECT revaluation.number, 'its second entry does not put it back'
        FROM revaluation
        JOIN journal_entry AS first ON first.id = revaluation.entry_id
        JOIN journal_entry AS second ON second.id = revaluation.reversal_entry_id
        WHERE second.reverses_id IS DISTINCT FROM first.id
            OR first.posted_on <> revalued_on OR second.posted_on <> reversed_on
            OR reversed_on <= revalued_on
        UNION ALL
        SELECT back.number, 'it does not take ' || first.number || ' back in full'
        FROM revaluation AS back JOIN revaluation AS first ON first.id = back.takes_back_id
        WHERE back.gain_minor <> -first.gain_minor OR back.revalued_on <> first.revalued_on
            OR back.currency <> first.currency OR first.takes_back_id IS NOT NULL
        ORDER BY 1
        """,
    )


def advances_are_deducted_once(session: Session) -> Iterator[Finding]:
    """I5: no order deducts more than its advances charged."""
    yield from found(
        session,
        "I5",
        """
        WITH lines AS (
            SELECT line.advance_order AS order_number, account.role,
                CASE WHEN invoice.kind LIKE '%credit_note' THEN -1 ELSE 1 END AS sign,
                line.net_minor AS minor,
                coalesce(line.base_net_minor, line.net_minor) AS base_minor
            FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
            JOIN account ON account.id = line.account_id
            WHERE line.advance_order IS NOT NULL
        )
        SELECT order_number, 'its invoices deduct ' || -sum(sign * minor)
            || ' more than was charged, worth ' || -sum(sign * base_minor)
        FROM lines GROUP BY 1, role
        HAVING sum(sign * minor) < 0 OR (sum(sign * minor) = 0 AND sum(sign * base_minor) <> 0)
        ORDER BY 1
        """,
    )


def goods_received_are_owed_until_billed(session: Session) -> Iterator[Finding]:
    """I6: goods received, not billed, are what receipts brought less what bills charged for it."""
    yield from found(
        session,
        "I6",
        """
        WITH account_of AS (SELECT id FROM account WHERE role = :role), items AS (
            SELECT CASE WHEN receipt.returns_id IS NULL THEN value_minor ELSE -value_minor END
                AS minor
            FROM goods_receipt_line AS line
            JOIN goods_receipt AS receipt ON receipt.id = line.receipt_id
            JOIN purchase_order_line ON purchase_order_line.id = line.order_line_id
            JOIN purchase_order ON purchase_order.id = purchase_order_line.order_id
            JOIN item ON item.id = purchase_order_line.item_id
            WHERE item.kind = 'stocked' AND (NOT purchase_order.imported
                -- History may have come without its goods, as orders alone.
                OR EXISTS (SELECT FROM stock_move WHERE origin = receipt.number))
            UNION ALL
            SELECT CASE WHEN invoice.kind LIKE '%credit_note' THEN 1 ELSE -1 END
                * coalesce(invoice_line.base_net_minor, invoice_line.net_minor)
            FROM invoice_line JOIN invoice ON invoice.id = invoice_line.invoice_id
            WHERE invoice_line.account_id IN (SELECT id FROM account_of)
            UNION ALL SELECT -value_minor FROM receipt_write_off
            UNION ALL
            -- A bill for freight was charged here, and then brought onto the goods.
            SELECT amount_minor FROM landed_cost
            WHERE cancelled_on IS NULL AND account_id IN (SELECT id FROM account_of)
        ), documents AS (SELECT coalesce(sum(minor), 0) AS minor FROM items), books AS (
            SELECT coalesce(sum(CASE side WHEN 'credit' THEN base_minor ELSE -base_minor END), 0)
                AS balance
            FROM posting WHERE account_id IN (SELECT id FROM account_of)
        )
        SELECT 'goods received, not billed', 'the account carries ' || balance
            || ', receipts less bills are ' || minor
        FROM documents, books WHERE balance <> minor
        """,
        {"role": GOODS_RECEIVED_NOT_BILLED},
    )


def billed_lines_owe_nothing(session: Session) -> Iterator[Finding]:
    """I6: of an order line that is billed as far as it was received, nothing is left to bill."""
    yield from found(
        session,
        "I6",
        """
        WITH billed AS MATERIALIZED (
            SELECT invoice_line.order_line_id AS id, sum(CASE WHEN invoice.kind LIKE '%credit_note'
                THEN -1 ELSE 1 END * coalesce(invoice_line.base_net_minor, invoice_line.net_minor))
                AS minor
            FROM invoice_line JOIN invoice ON invoice.id = invoice_line.invoice_id
            JOIN account ON account.id = invoice_line.account_id
            WHERE account.role = :role GROUP BY 1
        ), received AS MATERIALIZED (
            SELECT line.order_line_id AS id, sum(CASE WHEN receipt.returns_id IS NULL
                THEN value_minor ELSE -value_minor END) AS minor
            FROM goods_receipt_line AS line
            JOIN goods_receipt AS receipt ON receipt.id = line.receipt_id GROUP BY 1
        ), written_off AS (
            SELECT order_line_id AS id, sum(value_minor) AS minor
            FROM receipt_write_off GROUP BY 1
        )
        SELECT purchase_order.number || ' line ' || line.position,
            coalesce(received.minor, 0) || ' was received, ' || coalesce(billed.minor, 0)
            || ' billed, ' || coalesce(written_off.minor, 0)
            || ' written off, and the quantities are equal'
        FROM purchase_order_line AS line
        JOIN purchase_order ON purchase_order.id = line.order_id
        JOIN item ON item.id = line.item_id
        LEFT JOIN billed ON billed.id = line.id LEFT JOIN received ON received.id = line.id
        LEFT JOIN written_off ON written_off.id = line.id
        WHERE item.kind = 'stocked'
            AND (NOT purchase_order.imported OR billed.id IS NOT NULL)
            AND line.received_quantity = line.billed_quantity + line.written_off_quantity
            AND coalesce(received.minor, 0)
                <> coalesce(billed.minor, 0) + coalesce(written_off.minor, 0)
        ORDER BY 1
        """,
        {"role": GOODS_RECEIVED_NOT_BILLED},
    )
