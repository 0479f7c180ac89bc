"""The promise about the kept totals that statements are read from."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def kept_totals_are_their_lines(session: Session) -> Iterator[Finding]:
    """I2: the total of a day is its lines that are not in the tail, that of a month its days."""
    yield from found(
        session,
        "I2",
        """
        WITH lines AS (
            SELECT account_id, posted_on AS day, currency,
                sum(CASE side WHEN 'debit' THEN base_minor ELSE 0 END) AS debit,
                sum(CASE side WHEN 'credit' THEN base_minor ELSE 0 END) AS credit
            FROM posting WHERE NOT EXISTS (
                SELECT FROM entry_tail WHERE entry_tail.entry_id = posting.entry_id)
            GROUP BY 1, 2, 3
        ), days AS (
            SELECT account_id, date_trunc('month', day::timestamp)::date AS month, currency,
                sum(base_debit_minor) AS debit, sum(base_credit_minor) AS credit
            FROM account_total GROUP BY 1, 2, 3
        )
        SELECT account.code, 'its total of the day ' || day || ' is not its lines'
        FROM lines FULL JOIN account_total AS kept USING (account_id, day, currency)
        JOIN account ON account.id = account_id
        WHERE (debit, credit) IS DISTINCT FROM (base_debit_minor, base_credit_minor)
        UNION ALL
        SELECT account.code, 'its total of the month ' || month || ' is not its days'
        FROM days FULL JOIN account_month_total AS kept USING (account_id, month, currency)
        JOIN account ON account.id = account_id
        WHERE (debit, credit) IS DISTINCT FROM (base_debit_minor, base_credit_minor)
        ORDER BY 1, 2
        """,
    )
