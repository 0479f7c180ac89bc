"""The promises about closed years, headings and dimensions."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def closed_years_are_carried_forward(session: Session) -> Iterator[Finding]:
    """I8: of a closed year, income and expense are nothing any more, and all periods are closed."""
    yield from found(
        session,
        "I8",
        """
        WITH closed AS (
            SELECT year.id, year.name, year.starts_on, year.ends_on, entry.id AS entry_id,
                entry.journal, entry.posted_on
            FROM fiscal_year AS year JOIN journal_entry AS entry
                ON entry.id = year.closing_entry_id
        ), left_over AS (
            SELECT closed.name, account.code, sum(CASE posting.side
                WHEN 'debit' THEN posting.base_minor ELSE -posting.base_minor END) AS minor
            FROM closed
            JOIN posting ON posting.posted_on BETWEEN closed.starts_on AND closed.ends_on
            JOIN account ON account.id = posting.account_id
            WHERE account.kind IN ('income', 'expense') GROUP BY 1, 2
        )
        SELECT name, 'the account ' || code || ' still carries ' || minor
        FROM left_over WHERE minor <> 0
        UNION ALL
        SELECT closed.name, 'its period ' || period.name || ' is ' || period.state
        FROM closed JOIN period ON period.fiscal_year_id = closed.id
        WHERE period.state <> 'closed'
        UNION ALL
        SELECT name, 'its closing entry is of ' || posted_on || ' in the journal ' || journal
        FROM closed WHERE journal <> 'closing' OR posted_on <> ends_on
            OR EXISTS (SELECT FROM journal_entry WHERE reverses_id = closed.entry_id)
        UNION ALL
        SELECT entry.number, 'it is a closing entry that closes no year'
        FROM journal_entry AS entry
        WHERE entry.journal = 'closing' AND entry.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM journal_entry WHERE reverses_id = entry.id)
            AND NOT EXISTS (SELECT FROM closed WHERE entry_id = entry.id)
        ORDER BY 1
        """,
    )


def chart_is_a_tree(session: Session) -> Iterator[Finding]:
    """I2: what is added up stands under headings of its kind alone, and a heading has no lines."""
    yield from found(
        session,
        "I2",
        """
        WITH RECURSIVE reached AS (
            SELECT id FROM account WHERE parent_id IS NULL
            UNION ALL
            SELECT account.id FROM account JOIN reached ON reached.id = account.parent_id
        )
        SELECT code, 'it stands under itself' FROM account
        WHERE id NOT IN (SELECT id FROM reached)
        UNION ALL
        SELECT account.code, 'it stands under ' || above.code || ', which is no heading of its kind'
        FROM account JOIN account AS above ON above.id = account.parent_id
        WHERE NOT above.heading OR above.kind <> account.kind
        UNION ALL
        SELECT code, 'it is a heading and has lines' FROM account
        WHERE heading AND EXISTS (SELECT FROM posting WHERE account_id = account.id)
        ORDER BY 1
        """,
    )
