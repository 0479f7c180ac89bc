"""The promises about bank statements and how they are matched."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def statements_are_their_lines(session: Session) -> Iterator[Finding]:
    """I5: the opening balance of a statement and its lines make its closing balance."""
    yield from found(
        session,
        "I5",
        """
        SELECT number, 'it opens at ' || coalesce(opening_minor::text, '?') || ', its '
            || line_count || ' lines and the known ones move ' || known_minor + moved
            || ', and it closes at ' || coalesce(closing_minor::text, '?')
        FROM bank_statement CROSS JOIN LATERAL (
            SELECT count(*) AS lines, coalesce(sum(amount_minor), 0) AS moved
            FROM bank_line WHERE statement_id = bank_statement.id) AS lines
        WHERE opening_minor + known_minor + moved <> closing_minor OR lines <> line_count
        ORDER BY 1
        """,
    )


def lines_are_matched_once(session: Session) -> Iterator[Finding]:
    """I5: no line of the bank is matched by more than it is, and no entry on it by more."""
    yield from found(
        session,
        "I5",
        """
        WITH live AS (
            SELECT part.*, line.bank_account_id, line.number, line.amount_minor AS whole,
                line.voided
            FROM bank_match_part AS part JOIN bank_line AS line ON line.id = part.line_id
            WHERE NOT part.undone
        ), used AS (
            SELECT entry_id, bank_account_id, sum(amount_minor) AS minor
            FROM live GROUP BY 1, 2
        ), booked AS (
            SELECT used.*, sum(CASE posting.side WHEN 'debit' THEN posting.amount_minor
                ELSE -posting.amount_minor END) AS booked
            FROM used JOIN bank_account ON bank_account.id = used.bank_account_id
            JOIN posting ON posting.entry_id = used.entry_id
                AND posting.account_id = bank_account.account_id
            GROUP BY used.entry_id, used.bank_account_id, used.minor
        )
        SELECT number, 'it is ' || whole || ', and ' || sum(amount_minor) || ' of it is matched'
        FROM live GROUP BY number, whole, voided
        HAVING abs(sum(amount_minor)) > abs(whole)
            OR sign(sum(amount_minor)) <> sign(whole) OR voided
        UNION ALL
        SELECT entry.number, 'it is ' || booked || ' on the bank account, and ' || minor
            || ' of it is matched'
        FROM booked JOIN journal_entry AS entry ON entry.id = booked.entry_id
        WHERE abs(minor) > abs(booked) OR sign(minor) <> sign(booked)
        ORDER BY 1
        """,
    )


def undone_matches_left_nothing(session: Session) -> Iterator[Finding]:
    """I7: what a match posted stands while the match does, or is reversed where it was undone."""
    yield from found(
        session,
        "I7",
        """
        SELECT match.number, 'it was undone, and the entry ' || entry.number || ' stands'
        FROM bank_match AS match
        JOIN bank_match_part AS part ON part.match_id = match.id
        JOIN journal_entry AS entry ON entry.id = part.entry_id
        WHERE match.undone AND match.kind IN ('payment', 'booked', 'transfer')
            AND NOT EXISTS (SELECT FROM journal_entry WHERE reverses_id = entry.id)
        UNION ALL
        SELECT match.number, 'its lines count otherwise than it does'
        FROM bank_match AS match JOIN bank_match_part AS part ON part.match_id = match.id
        WHERE match.undone <> part.undone
        ORDER BY 1
        """,
    )
