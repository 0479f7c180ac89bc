"""The promises about orders of customers."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


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
