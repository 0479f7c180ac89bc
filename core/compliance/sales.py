"""The promises about orders of customers."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.sales.kept import WRONG_ORDERS, WRONG_SENT


def orders_are_their_deliveries(session: Session) -> Iterator[Finding]:
    """I5: what left for an order and did not come back is what its deliveries say."""
    yield from found(
        session,
        "I5",
        """
        WITH moved AS (
            SELECT line.order_line_id AS id, sum(CASE WHEN delivery.returns_id IS NULL
                THEN line.quantity ELSE -line.quantity END) AS quantity
            FROM delivery_line AS line JOIN delivery ON delivery.id = line.delivery_id
            WHERE line.order_line_id IS NOT NULL GROUP BY 1
        )
        SELECT sales_order.number || ' ' || line.position, 'delivered and not returned are '
            || trim_scale(delivered_quantity - returned_quantity) || ', its deliveries add up to '
            || trim_scale(coalesce(moved.quantity, 0))
        FROM sales_order_line AS line JOIN sales_order ON sales_order.id = line.order_id
        LEFT JOIN moved ON moved.id = line.id
        WHERE NOT sales_order.imported
            AND delivered_quantity - returned_quantity <> coalesce(moved.quantity, 0)
        ORDER BY 1
        """,
    )


def returns_are_their_receipts(session: Session) -> Iterator[Finding]:
    """I5: what came back by a return is what its receipts say."""
    yield from found(
        session,
        "I5",
        """
        WITH came AS (
            SELECT return_line_id AS id, sum(quantity) AS quantity
            FROM delivery_line WHERE return_line_id IS NOT NULL GROUP BY 1
        )
        SELECT sales_return.number || ' ' || line.position, 'received are '
            || trim_scale(received_quantity) || ', its receipts add up to '
            || trim_scale(coalesce(came.quantity, 0))
        FROM sales_return_line AS line JOIN sales_return ON sales_return.id = line.return_id
        LEFT JOIN came ON came.id = line.id
        WHERE received_quantity <> coalesce(came.quantity, 0)
        ORDER BY 1
        """,
    )


def kept_orders_are_their_lines(session: Session) -> Iterator[Finding]:
    """I2: what is kept of orders for reports is what their lines and deliveries add up to."""
    for sql in (WRONG_SENT, WRONG_ORDERS):
        yield from found(session, "I2", sql)


def unearned_revenue_is_deferred(session: Session) -> Iterator[Finding]:
    """I2: where revenue is deferred, the books carry what is invoiced of an order and has not left.

    To half a cent for every line of which a part has left. Orders that nothing happened to since
    the first revenue was deferred are as they were booked: all of it was revenue at once.
    """
    yield from found(
        session,
        "I2",
        """
        WITH booked AS (
            SELECT sales_order.id, sum(CASE posting.side WHEN 'credit' THEN posting.base_minor
                ELSE -posting.base_minor END) AS minor, min(entry.created_at) AS since
            FROM journal_entry AS entry JOIN sales_order ON sales_order.number = entry.origin
            JOIN posting ON posting.entry_id = entry.id
            JOIN account ON account.id = posting.account_id
            WHERE account.role = 'deferred_revenue' GROUP BY 1
        ), ahead AS (
            SELECT line.id, line.order_id, line.invoiced_quantity, greatest(0,
                least(line.invoiced_quantity, line.quantity - line.returned_quantity)
                - (line.delivered_quantity - line.returned_quantity)) AS unearned
            FROM sales_order_line AS line WHERE line.invoiced_ahead
        ), charges AS (
            SELECT charged.order_line_id AS id, document.created_at,
                CASE document.kind WHEN 'customer_invoice' THEN 1 ELSE -1 END
                    * coalesce(charged.base_net_minor, charged.net_minor) AS minor
            FROM ahead JOIN invoice_line AS charged ON charged.order_line_id = ahead.id
            JOIN invoice AS document ON document.id = charged.invoice_id
            UNION ALL
            SELECT charged.order_line_id, note.created_at,
                -coalesce(part.base_net_minor, part.net_minor)
            FROM ahead JOIN invoice_line AS charged ON charged.order_line_id = ahead.id
            JOIN invoice AS document ON document.id = charged.invoice_id
            JOIN invoice AS note ON note.origin = document.number
                AND note.kind = 'customer_credit_note'
            JOIN invoice_line AS part ON part.invoice_id = note.id
                AND part.order_line_id IS NULL AND part.credits_position = charged.position
        ), sums AS (
            SELECT id, sum(minor) AS minor, max(created_at) AS latest FROM charges GROUP BY 1
        ), expected AS (
            SELECT ahead.order_id AS id, max(sums.latest) AS latest,
                sum(sums.minor * unearned / nullif(invoiced_quantity, 0)) AS minor,
                count(*) FILTER (WHERE unearned NOT IN (0, invoiced_quantity)) * 0.5 AS rounding
            FROM ahead JOIN sums USING (id) GROUP BY 1
        )
        SELECT sales_order.number, 'the books defer ' || coalesce(booked.minor, 0)
            || ', not earned yet are ' || round(coalesce(expected.minor, 0), 2)
        FROM booked FULL JOIN expected USING (id) JOIN sales_order USING (id)
        WHERE abs(coalesce(booked.minor, 0) - coalesce(expected.minor, 0))
                > coalesce(expected.rounding, 0)
            AND (SELECT defers_revenue FROM company)
            AND (booked.minor IS NOT NULL OR greatest(expected.latest, (
                SELECT max(created_at) FROM delivery WHERE delivery.order_id = sales_order.id
            )) >= (SELECT min(since) FROM booked))
        ORDER BY 1
        """,
    )
