"""The promises about what was ordered, what came, what went back and what was billed."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def order_lines_are_their_documents(session: Session) -> Iterator[Finding]:
    """I6: what a purchase line says came, was rejected, billed, written off, its documents say."""
    yield from found(
        session,
        "I6",
        """
        WITH came AS (
            SELECT line.order_line_id AS id, sum(CASE WHEN receipt.returns_id IS NULL
                THEN line.quantity ELSE -line.quantity END) AS received,
                sum(line.rejected_quantity) AS rejected
            FROM goods_receipt_line AS line
            JOIN goods_receipt AS receipt ON receipt.id = line.receipt_id GROUP BY 1
        ), billed AS (
            SELECT line.order_line_id AS id, sum(CASE WHEN invoice.kind LIKE '%credit_note'
                THEN -line.quantity ELSE line.quantity END) AS quantity
            FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
            WHERE line.order_line_id IS NOT NULL GROUP BY 1
        ), off AS (
            SELECT order_line_id AS id, sum(quantity) AS quantity FROM receipt_write_off GROUP BY 1
        )
        SELECT purchase_order.number || ' line ' || line.position,
            'it says ' || line.received_quantity || ' came, ' || line.rejected_quantity
            || ' was rejected, ' || line.billed_quantity || ' is billed, '
            || line.written_off_quantity || ' written off; its documents '
            || coalesce(came.received, 0) || ', ' || coalesce(came.rejected, 0) || ', '
            || coalesce(billed.quantity, 0) || ', ' || coalesce(off.quantity, 0)
        FROM purchase_order_line AS line
        JOIN purchase_order ON purchase_order.id = line.order_id
        LEFT JOIN came ON came.id = line.id LEFT JOIN billed ON billed.id = line.id
        LEFT JOIN off ON off.id = line.id
        WHERE NOT purchase_order.imported AND (
            line.received_quantity, line.rejected_quantity, line.billed_quantity,
            line.written_off_quantity
        ) IS DISTINCT FROM (
            coalesce(came.received, 0), coalesce(came.rejected, 0), coalesce(billed.quantity, 0),
            coalesce(off.quantity, 0))
        ORDER BY 1
        """,
    )


def returns_are_within_their_receipts(session: Session) -> Iterator[Finding]:
    """I6: no more goes back of a line of a receipt than came with it, in quantity and in worth."""
    yield from found(
        session,
        "I6",
        """
        SELECT receipt.number, 'of ' || line.quantity || ' worth ' || line.value_minor || ', '
            || sum(back.quantity) || ' worth ' || sum(back.value_minor) || ' went back'
        FROM goods_receipt_line AS back
        JOIN goods_receipt_line AS line ON line.id = back.returns_line_id
        JOIN goods_receipt AS receipt ON receipt.id = line.receipt_id
        GROUP BY receipt.number, line.id
        HAVING sum(back.quantity) > line.quantity OR sum(back.value_minor) > line.value_minor
            OR (sum(back.quantity) = line.quantity AND sum(back.value_minor) <> line.value_minor)
        ORDER BY 1
        """,
    )


def held_bills_wait_for_a_second_person(session: Session) -> Iterator[Finding]:
    """I10: nothing is paid of a bill whose difference nobody has agreed to, while it is held."""
    yield from found(
        session,
        "I10",
        """
        SELECT invoice.number, 'its difference of ' || bill_match.difference_minor
            || ' was agreed to by nobody else than ' || bill_match.booked_by
            || ', and it is not held'
        FROM bill_match JOIN invoice ON invoice.id = bill_match.invoice_id
        WHERE bill_match.held AND bill_match.approved_by IS NULL AND invoice.state = 'posted'
            AND NOT EXISTS (SELECT FROM hold WHERE hold.invoice_id = invoice.id
                AND hold.purpose = 'paying' AND hold.lifted_on IS NULL)
        ORDER BY 1
        """,
    )
