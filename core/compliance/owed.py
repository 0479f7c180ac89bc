"""The promises about what is owed."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED


def documents_are_open_by_their_settlements(session: Session) -> Iterator[Finding]:
    """I5: what is open of a document or a payment is what nothing has settled."""
    yield from found(
        session,
        "I5",
        """
        WITH used AS (
            SELECT invoice_id AS id, amount_minor FROM settlement
            UNION ALL SELECT credit_note_id, amount_minor FROM settlement
                WHERE credit_note_id IS NOT NULL
            UNION ALL SELECT payment_id, amount_minor FROM settlement
                WHERE payment_id IS NOT NULL
        ), sums AS (SELECT id, sum(amount_minor) AS settled FROM used GROUP BY id),
        documents AS (
            SELECT id, number, total_minor AS whole, open_minor FROM invoice
            UNION ALL
            -- A payment that was undone settles nothing, and nothing of it is left.
            SELECT id, number, CASE state WHEN 'posted' THEN amount_minor ELSE 0 END, open_minor
                FROM payment
        )
        SELECT number, open_minor || ' of ' || whole || ' is open, and '
            || coalesce(settled, 0) || ' was settled'
        FROM documents LEFT JOIN sums USING (id)
        WHERE open_minor <> whole - coalesce(settled, 0)
        ORDER BY number
        """,
    )


def open_items_are_the_control_accounts(session: Session) -> Iterator[Finding]:
    """I5: the open items of every party are its balance on the receivables and the payables."""
    yield from found(
        session,
        "I5",
        """
        WITH items AS (
            SELECT CASE WHEN kind LIKE 'customer%' THEN 'receivable' ELSE 'payable' END AS control,
                party_id, CASE WHEN kind IN ('customer_invoice', 'supplier_credit_note')
                    THEN open_minor ELSE -open_minor END AS minor
            FROM invoice WHERE open_minor > 0
            UNION ALL
            SELECT CASE WHEN kind LIKE 'customer%' THEN 'receivable' ELSE 'payable' END, party_id,
                CASE WHEN kind = 'customer_payment' THEN -open_minor ELSE open_minor END
            FROM payment WHERE open_minor > 0
            UNION ALL
            SELECT account.control, posting.party_id,
                CASE posting.side WHEN 'debit' THEN -base_minor ELSE base_minor END
            FROM posting JOIN account ON account.id = posting.account_id
            WHERE account.control IN ('receivable', 'payable')
        )
        SELECT coalesce(party.number, 'nobody') || ' ' || control,
            'the open items less the balance in the books are ' || sum(minor)
        FROM items LEFT JOIN party ON party.id = items.party_id
        GROUP BY party.number, control HAVING sum(minor) <> 0
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
            WHERE NOT purchase_order.imported AND item.kind = 'stocked'
            UNION ALL
            SELECT CASE WHEN invoice.kind LIKE '%credit_note' THEN invoice_line.net_minor
                ELSE -invoice_line.net_minor END
            FROM invoice_line JOIN invoice ON invoice.id = invoice_line.invoice_id
            WHERE invoice_line.account_id IN (SELECT id FROM account_of)
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
        WITH billed AS (
            SELECT invoice_line.order_line_id AS id, sum(CASE WHEN invoice.kind LIKE '%credit_note'
                THEN -invoice_line.net_minor ELSE invoice_line.net_minor END) AS minor
            FROM invoice_line JOIN invoice ON invoice.id = invoice_line.invoice_id
            JOIN account ON account.id = invoice_line.account_id
            WHERE account.role = :role GROUP BY 1
        ), received AS (
            SELECT line.order_line_id AS id, sum(CASE WHEN receipt.returns_id IS NULL
                THEN value_minor ELSE -value_minor END) AS minor
            FROM goods_receipt_line AS line
            JOIN goods_receipt AS receipt ON receipt.id = line.receipt_id GROUP BY 1
        )
        SELECT purchase_order.number || ' line ' || line.position,
            coalesce(received.minor, 0) || ' was received, ' || coalesce(billed.minor, 0)
            || ' billed, and the quantities are equal'
        FROM purchase_order_line AS line
        JOIN purchase_order ON purchase_order.id = line.order_id
        JOIN item ON item.id = line.item_id
        LEFT JOIN billed ON billed.id = line.id LEFT JOIN received ON received.id = line.id
        WHERE NOT purchase_order.imported AND item.kind = 'stocked'
            AND line.received_quantity = line.billed_quantity
            AND coalesce(received.minor, 0) <> coalesce(billed.minor, 0)
        ORDER BY 1
        """,
        {"role": GOODS_RECEIVED_NOT_BILLED},
    )
