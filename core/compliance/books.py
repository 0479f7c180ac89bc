"""The promises about entries, balances and periods."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import ledger
from core.compliance.findings import Finding, found
from core.ledger import Side


def entries_balance(session: Session) -> Iterator[Finding]:
    """I1: every entry has two lines or more, and balances in every currency and in the books."""
    yield from found(
        session,
        "I1",
        """
        WITH sums AS (
            SELECT entry_id, currency, count(*) AS lines,
                sum(CASE side WHEN 'debit' THEN amount_minor ELSE -amount_minor END) AS excess,
                sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END) AS base_excess
            FROM posting GROUP BY entry_id, currency
        ), whole AS (
            SELECT entry_id, sum(lines) AS lines, sum(base_excess) AS base_excess,
                string_agg(currency, ', ') FILTER (WHERE excess <> 0) AS unbalanced
            FROM sums GROUP BY entry_id
        )
        SELECT entry.number, CASE
            WHEN whole.lines IS NULL THEN 'it has no lines'
            WHEN whole.lines < 2 THEN 'it has one line only'
            WHEN whole.unbalanced IS NOT NULL THEN 'it does not balance in ' || whole.unbalanced
            ELSE 'its debits less its credits are ' || whole.base_excess || ' in the books' END
        FROM journal_entry AS entry LEFT JOIN whole ON whole.entry_id = entry.id
        WHERE whole.lines IS NULL OR whole.lines < 2 OR whole.base_excess <> 0
            OR whole.unbalanced IS NOT NULL
        ORDER BY entry.number
        """,
    )


def balances_are_their_lines(session: Session) -> Iterator[Finding]:
    """I2: the balance that the books tell of an account is the sum of its lines, and all are 0."""
    told = {row.code: row.debit.minor - row.credit.minor for row in ledger.trial_balance(session)}
    replayed: dict[str, int] = {}
    lines = text(
        """
        SELECT account.code, posting.side, sum(posting.base_minor)::bigint
        FROM posting JOIN account ON account.id = posting.account_id GROUP BY 1, 2
        """
    )
    for code, side, minor in session.execute(lines):
        sign = 1 if side == Side.DEBIT else -1
        replayed[code] = replayed.get(code, 0) + sign * minor
    for code in sorted(told.keys() | replayed.keys()):
        if told.get(code, 0) != replayed.get(code, 0):
            problem = f"the books tell {told.get(code, 0)}, its lines say {replayed.get(code, 0)}"
            yield Finding("I2", code, problem)
    if sum(told.values()) != 0:
        yield Finding("I2", "trial balance", f"debits less credits are {sum(told.values())}")


def entries_are_what_was_posted(session: Session) -> Iterator[Finding]:
    """I7: every entry is, line by line, what the change log says was posted, and nothing else."""
    yield from found(
        session,
        "I7",
        """
        WITH brought AS (
            -- Sealed together: their own check compares them.
            SELECT substring(facts->>'first_number', '[0-9]+$')::bigint AS low,
                substring(facts->>'last_number', '[0-9]+$')::bigint AS high
            FROM change_event WHERE name = 'ledger.entries_brought'
        ), told AS (
            SELECT facts->>'number' AS number, facts->>'posted_on' AS posted_on,
                facts->>'memo' AS memo, facts->>'origin' AS origin,
                (SELECT string_agg(
                    split_part(line->>'account', ' ', 1) || ' ' || (line->>'side') || ' '
                        || (line->'amount'->>'minor'), ', ' ORDER BY place)
                FROM jsonb_array_elements(facts->'lines') WITH ORDINALITY AS each (line, place)
                ) AS lines
            FROM change_event WHERE name = 'ledger.entry_posted'
        ), written AS (
            SELECT entry.number, entry.posted_on::text AS posted_on, entry.memo, entry.origin,
                string_agg(account.code || ' ' || posting.side || ' ' || posting.base_minor,
                    ', ' ORDER BY posting.position) AS lines
            FROM journal_entry AS entry
            JOIN posting ON posting.entry_id = entry.id
            JOIN account ON account.id = posting.account_id
            WHERE NOT EXISTS (SELECT FROM brought
                WHERE substring(entry.number, '[0-9]+$')::bigint BETWEEN low AND high)
            GROUP BY entry.id
        )
        SELECT coalesce(written.number, told.number), CASE
            WHEN told.number IS NULL THEN 'it is in the books, and nobody posted it'
            WHEN written.number IS NULL THEN 'it was posted, and is not in the books'
            ELSE 'it is not what was posted' END
        FROM written FULL JOIN told USING (number)
        WHERE (written.posted_on, written.memo, written.origin, written.lines)
            IS DISTINCT FROM (told.posted_on, told.memo, told.origin, told.lines)
        ORDER BY 1
        """,
    )


def brought_entries_are_sealed(session: Session) -> Iterator[Finding]:
    """I7: entries that were brought in one go are all there, and say what was sealed of them."""
    yield from found(
        session,
        "I7",
        """
        WITH batch AS (
            SELECT facts->>'first_number' AS first, facts->>'last_number' AS last,
                (facts->>'count')::bigint AS count, facts->>'seal' AS seal,
                substring(facts->>'first_number', '[0-9]+$')::bigint AS low,
                substring(facts->>'last_number', '[0-9]+$')::bigint AS high
            FROM change_event WHERE name = 'ledger.entries_brought'
        ), lines AS (
            SELECT posting.entry_id, string_agg(
                account.code || ' ' || posting.side || ' ' || posting.base_minor, ', '
                ORDER BY posting.position) AS booked
            FROM posting JOIN account ON account.id = posting.account_id
            WHERE EXISTS (SELECT FROM batch) GROUP BY posting.entry_id
        ), entries AS (
            SELECT substring(entry.number, '[0-9]+$')::bigint AS place,
                entry.number || '|' || entry.posted_on || '|' || entry.memo || '|'
                || entry.origin || '|' || lines.booked || E'\n' AS said
            FROM journal_entry AS entry JOIN lines ON lines.entry_id = entry.id
        ), sealed AS (
            SELECT batch.first, count(*) AS count, encode(sha256(convert_to(
                string_agg(entries.said, '' ORDER BY entries.place), 'UTF8')), 'hex') AS seal
            FROM batch JOIN entries ON entries.place BETWEEN batch.low AND batch.high
            GROUP BY batch.first
        )
        SELECT batch.first || ' … ' || batch.last, CASE
            WHEN sealed.count IS DISTINCT FROM batch.count THEN coalesce(sealed.count, 0)
                || ' of ' || batch.count || ' entries that were brought are in the books'
            ELSE 'one of them is not what was brought' END
        FROM batch LEFT JOIN sealed USING (first)
        WHERE (sealed.count, sealed.seal) IS DISTINCT FROM (batch.count, batch.seal)
        ORDER BY 1
        """,
    )


def corrections_are_entries(session: Session) -> Iterator[Finding]:
    """I7: a reversal has the lines of the entry that it reverses, on the other side."""
    yield from found(
        session,
        "I7",
        """
        WITH concerned AS (
            SELECT id AS entry_id, id AS pair_id, 1 AS sign FROM journal_entry
                WHERE reverses_id IS NOT NULL
            UNION ALL
            SELECT reverses_id, id, 1 FROM journal_entry WHERE reverses_id IS NOT NULL
        ), sums AS (
            SELECT concerned.pair_id, posting.account_id, posting.party_id,
                sum(CASE posting.side WHEN 'debit' THEN base_minor ELSE -base_minor END) AS excess
            FROM concerned JOIN posting ON posting.entry_id = concerned.entry_id
            GROUP BY 1, 2, 3
        )
        SELECT entry.number, 'it does not undo the entry that it reverses'
        FROM journal_entry AS entry
        WHERE entry.id IN (SELECT pair_id FROM sums WHERE excess <> 0)
        ORDER BY entry.number
        """,
    )


def closed_periods_stay_closed(session: Session) -> Iterator[Finding]:
    """I8: every entry lies in a period, and none came into a period after that was closed."""
    yield from found(
        session,
        "I8",
        """
        WITH closed AS (
            SELECT period.id, period.name, period.starts_on, period.ends_on,
                max(event.occurred_at) AS closed_at
            FROM period JOIN change_event AS event
                ON event.name = 'ledger.period_state_changed'
                AND event.facts->>'period' = period.name AND event.facts->>'after' = period.state
            WHERE period.state <> 'open'
            GROUP BY period.id
        )
        SELECT entry.number, 'it is dated ' || entry.posted_on || ', in no period'
        FROM journal_entry AS entry LEFT JOIN period
            ON entry.posted_on BETWEEN period.starts_on AND period.ends_on
        WHERE period.id IS NULL
        UNION ALL
        SELECT entry.number, 'it came into the period ' || closed.name || ' after that was closed'
        FROM closed JOIN journal_entry AS entry
            ON entry.posted_on BETWEEN closed.starts_on AND closed.ends_on
        -- What closes a year, or reopens it, is dated on its last day, whatever the state of that.
        WHERE entry.created_at > closed.closed_at AND entry.journal <> 'closing'
        ORDER BY 1
        """,
    )
