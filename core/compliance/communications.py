"""The promises about communications: what is kept of them fits, and mail goes out as approved."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def conversations_are_their_messages(session: Session) -> Iterator[Finding]:
    """Conversations: each ends with the last of its messages."""
    yield from found(
        session,
        "conversations",
        """
        SELECT thread.number, 'ends at ' || thread.last_at || ', its last message is of '
            || coalesce(max(message.happened_at)::text, 'never')
        FROM message_thread AS thread
        LEFT JOIN communication AS message ON message.thread_id = thread.id
        GROUP BY thread.id, thread.number, thread.last_at
        HAVING max(message.happened_at) IS DISTINCT FROM thread.last_at
        ORDER BY 1
        """,
    )


def mail_goes_out_as_it_was_approved(session: Session) -> Iterator[Finding]:
    """I10: a mail that goes out is one that a transaction recorded, with exactly its text."""
    yield from found(
        session,
        "I10",
        """
        SELECT message.number, 'no record says that this mail was to go out like this'
        FROM outgoing_mail AS outgoing
        JOIN communication AS message ON message.id = outgoing.communication_id
        WHERE message.direction <> 'out' OR NOT EXISTS (
            SELECT FROM change_event AS event
            WHERE event.name = 'communications.mail_queued'
                AND event.facts ->> 'number' = message.number
                AND event.facts ->> 'text' = message.body
                AND event.facts ->> 'subject' = message.subject
                AND ARRAY[event.facts ->> 'to'] = message.recipients::text[]
        )
        ORDER BY 1
        """,
    )
