"""The promises about tickets."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def tickets_are_their_history(session: Session) -> Iterator[Finding]:
    """Find tickets that are not in the last state of their history, or reopened as it says."""
    yield from found(
        session,
        "service",
        """
        SELECT ticket.number, 'is ' || ticket.state || ', and its history ends otherwise'
        FROM ticket
        LEFT JOIN LATERAL (
            SELECT turn.state FROM ticket_turn AS turn
            WHERE turn.ticket_id = ticket.id ORDER BY turn.position DESC LIMIT 1
        ) AS last ON true
        WHERE last.state IS DISTINCT FROM ticket.state
        UNION ALL
        SELECT ticket.number, 'was reopened another number of times than its history tells'
        FROM ticket
        WHERE ticket.reopened_count <> (
            SELECT count(*) FROM ticket_turn AS turn
            WHERE turn.ticket_id = ticket.id AND turn.state = 'reopened'
        )
        ORDER BY 1
        """,
    )


def answers_are_counted(session: Session) -> Iterator[Finding]:
    """Find tickets that were answered or solved without the business time until then."""
    yield from found(
        session,
        "service",
        """
        SELECT ticket.number, 'was answered or solved, and nobody counted how long that took'
        FROM ticket
        WHERE (ticket.first_responded_at IS NULL) <> (ticket.response_seconds IS NULL)
            OR (ticket.resolved_at IS NULL) <> (ticket.resolution_seconds IS NULL)
        ORDER BY 1
        """,
    )
