"""The promises about what is scheduled, and about fixed assets."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def deferred_is_not_recognised_yet(session: Session) -> Iterator[Finding]:
    """I2: what a document and its deferrals left on a deferred account is not recognised yet."""
    yield from found(
        session,
        "I2",
        """
        WITH standing AS (
            SELECT posting.part_id FROM deferral_posting AS posting
            JOIN journal_entry AS entry ON entry.id = posting.entry_id
            WHERE NOT EXISTS (SELECT FROM journal_entry WHERE reverses_id = entry.id)
        ), recognised AS (
            SELECT part.deferral_id AS id, sum(part.amount_minor) AS minor
            FROM deferral_part AS part WHERE part.id IN (SELECT part_id FROM standing) GROUP BY 1
        ), expected AS (
            -- The document that was credited took the amount off by its credit note.
            SELECT origin, deferred_account_id AS account_id, sum(CASE
                WHEN state = 'active' THEN amount_minor - coalesce(recognised.minor, 0)
                WHEN origin = number THEN 0 ELSE amount_minor END
                * CASE kind WHEN 'deferred_revenue' THEN 1 ELSE -1 END) AS minor
            FROM deferral LEFT JOIN recognised USING (id) GROUP BY 1, 2
        ), concerned AS (
            SELECT DISTINCT deferral.origin, deferred_account_id AS account_id, said.origin AS said
            FROM deferral CROSS JOIN LATERAL (VALUES (deferral.origin), (deferral.number))
                AS said (origin)
        ), booked AS (
            SELECT concerned.origin, concerned.account_id, sum(CASE posting.side
                WHEN 'credit' THEN posting.base_minor ELSE -posting.base_minor END) AS minor
            FROM concerned JOIN journal_entry AS entry ON entry.origin = concerned.said
            JOIN posting ON posting.entry_id = entry.id
                AND posting.account_id = concerned.account_id
            GROUP BY 1, 2
        )
        SELECT expected.origin || ' ' || account.code, 'the account carries '
            || coalesce(booked.minor, 0) || ' of it, ' || expected.minor
            || ' is not recognised yet'
        FROM expected LEFT JOIN booked USING (origin, account_id)
        JOIN account ON account.id = account_id
        WHERE expected.minor <> coalesce(booked.minor, 0)
        ORDER BY 1
        """,
    )
