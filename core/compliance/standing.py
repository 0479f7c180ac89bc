"""The promises about what people are told without being asked."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def what_was_told_went_to_its_owner(session: Session) -> Iterator[Finding]:
    """I9: what an order told on a day is a notification of its owner's, delivered in the app."""
    yield from found(
        session,
        "I9",
        """
        SELECT standing.number || ' ' || run.due_on,
            'its notification is not its owner''s, or was not delivered in the app'
        FROM standing_run AS run
        JOIN standing_order AS standing ON standing.id = run.order_id
        JOIN notification AS told ON told.id = run.notification_id
        LEFT JOIN notification_delivery AS delivery
            ON delivery.notification_id = told.id AND delivery.channel = 'app'
        WHERE told.person_id <> standing.owner_id OR told.source <> standing.number
            OR delivery.delivered_at IS NULL
        ORDER BY 1
        """,
    )
