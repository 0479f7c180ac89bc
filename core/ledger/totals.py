"""Kept totals: so that a balance never adds up a million lines, and posting waits for nobody.

A total is kept for every account, day and currency, and one for every month of them. Entries that
are not in the totals yet stand in the tail, one row each, written with the entry; folding moves
them over in one statement. Who reads both in one statement sees every line once, whatever is
folded meanwhile.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, delete, func, select, text, union_all
from sqlalchemy.orm import Session

from core.kernel import events
from core.ledger.events import TotalsRebuilt
from core.ledger.tables import AccountMonthTotal, AccountTotal, EntryTail, Posting, Side

# Rather than at every posting: a tail of this length is added up in a few milliseconds.
TAIL_MAX = 500
# For all that is posted, whatever its day.
ALL_DAYS = date.max

_FOLDED = """
    WITH moved AS ({entries}),
    sums AS MATERIALIZED (
        SELECT account_id, posted_on AS day, currency,
            coalesce(sum(amount_minor) FILTER (WHERE side = 'debit'), 0)::bigint AS debit,
            coalesce(sum(amount_minor) FILTER (WHERE side = 'credit'), 0)::bigint AS credit,
            coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0)::bigint AS base_debit,
            coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)::bigint AS base_credit,
            count(*) AS lines
        FROM posting JOIN moved USING (entry_id) GROUP BY 1, 2, 3
    ),
    days AS (
        INSERT INTO account_total AS kept (account_id, day, currency, debit_minor, credit_minor,
            base_debit_minor, base_credit_minor, lines)
        SELECT * FROM sums ORDER BY 1, 2, 3
        ON CONFLICT (account_id, day, currency) DO UPDATE SET
            debit_minor = kept.debit_minor + excluded.debit_minor,
            credit_minor = kept.credit_minor + excluded.credit_minor,
            base_debit_minor = kept.base_debit_minor + excluded.base_debit_minor,
            base_credit_minor = kept.base_credit_minor + excluded.base_credit_minor,
            lines = kept.lines + excluded.lines
    )
    INSERT INTO account_month_total AS kept (account_id, month, currency, debit_minor,
        credit_minor, base_debit_minor, base_credit_minor)
    SELECT account_id, date_trunc('month', day::timestamp)::date, currency,
        sum(debit), sum(credit), sum(base_debit), sum(base_credit)
    FROM sums GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, month, currency) DO UPDATE SET
        debit_minor = kept.debit_minor + excluded.debit_minor,
        credit_minor = kept.credit_minor + excluded.credit_minor,
        base_debit_minor = kept.base_debit_minor + excluded.base_debit_minor,
        base_credit_minor = kept.base_credit_minor + excluded.base_credit_minor
    """
_FOLD = text(_FOLDED.format(entries="DELETE FROM entry_tail RETURNING entry_id"))
_REFOLD = text(
    _FOLDED.format(
        entries="""
        SELECT id AS entry_id FROM journal_entry WHERE NOT EXISTS (
            SELECT FROM entry_tail WHERE entry_tail.entry_id = journal_entry.id)
        """
    )
)
# Which of the kept totals are not what they should be: the code of an account, and what is wrong.
WRONG_DAYS = """
    WITH lines AS (
        SELECT account_id, posted_on AS day, currency,
            coalesce(sum(amount_minor) FILTER (WHERE side = 'debit'), 0) AS debit,
            coalesce(sum(amount_minor) FILTER (WHERE side = 'credit'), 0) AS credit,
            coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0) AS base_debit,
            coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0) AS base_credit,
            count(*) AS lines
        FROM posting WHERE NOT EXISTS (
            SELECT FROM entry_tail WHERE entry_tail.entry_id = posting.entry_id)
        GROUP BY 1, 2, 3
    )
    SELECT account.code, 'its total of the day ' || day || ' is not its lines'
    FROM lines FULL JOIN account_total AS kept USING (account_id, day, currency)
    JOIN account ON account.id = account_id
    WHERE (debit, credit, base_debit, base_credit, lines.lines) IS DISTINCT FROM
        (debit_minor, credit_minor, base_debit_minor, base_credit_minor, kept.lines)
    ORDER BY 1, 2
    """
WRONG_MONTHS = """
    WITH days AS (
        SELECT account_id, date_trunc('month', day::timestamp)::date AS month, currency,
            sum(debit_minor) AS debit, sum(credit_minor) AS credit,
            sum(base_debit_minor) AS base_debit, sum(base_credit_minor) AS base_credit
        FROM account_total GROUP BY 1, 2, 3
    )
    SELECT account.code, 'its total of the month ' || month || ' is not its days'
    FROM days FULL JOIN account_month_total AS kept USING (account_id, month, currency)
    JOIN account ON account.id = account_id
    WHERE (debit, credit, base_debit, base_credit) IS DISTINCT FROM
        (debit_minor, credit_minor, base_debit_minor, base_credit_minor)
    ORDER BY 1, 2
    """

# Up to a day: the whole months before its own, the days of its own month, and the tail.
_UNTIL = """
    WITH asked AS MATERIALIZED (
        SELECT day, date_trunc('month', day::timestamp)::date AS month
        FROM unnest(cast(:days AS date[])) AS given (day)
    ),
    tail AS MATERIALIZED (
        SELECT posting.account_id, posting.posted_on AS day,
            coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0) AS debit,
            coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0) AS credit
        FROM entry_tail JOIN posting ON posting.entry_id = entry_tail.entry_id {of_posting}
        GROUP BY 1, 2
    )
    SELECT account_id, day, sum(debit)::bigint, sum(credit)::bigint FROM (
        SELECT kept.account_id, asked.day, sum(kept.base_debit_minor) AS debit,
            sum(kept.base_credit_minor) AS credit
        FROM asked JOIN account_month_total AS kept ON kept.month < asked.month {of_kept}
        GROUP BY 1, 2
        UNION ALL
        SELECT kept.account_id, asked.day, sum(kept.base_debit_minor), sum(kept.base_credit_minor)
        FROM asked JOIN account_total AS kept
            ON kept.day BETWEEN asked.month AND asked.day {of_kept}
        GROUP BY 1, 2
        UNION ALL
        SELECT tail.account_id, asked.day, tail.debit, tail.credit
        FROM asked JOIN tail ON tail.day <= asked.day
    ) AS every GROUP BY 1, 2
    """
_OF_ALL = text(_UNTIL.format(of_posting="", of_kept=""))
_OF_ONE = text(
    _UNTIL.format(
        of_posting="AND posting.account_id = :account", of_kept="AND kept.account_id = :account"
    )
)
# Dimensions are not in the totals: their lines are added up, by the index over them.
_OF_SETS = text(
    """
    SELECT account_id, asked.day,
        coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0)::bigint,
        coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)::bigint
    FROM unnest(cast(:days AS date[])) AS asked (day)
    JOIN posting ON posting.posted_on <= asked.day AND dimension_set_id = ANY (:sets)
    GROUP BY 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class Sides:
    """What stands on either side of an account, in the smallest unit of the books' currency."""

    debit: int = 0
    credit: int = 0

    @property
    def net(self) -> int:
        """The debits less the credits."""
        return self.debit - self.credit

    def __add__(self, other: "Sides") -> "Sides":
        return Sides(self.debit + other.debit, self.credit + other.credit)

    def __sub__(self, other: "Sides") -> "Sides":
        return Sides(self.debit - other.debit, self.credit - other.credit)


NOTHING = Sides()
# What each account has on its sides, up to and including each of some days.
Until = Mapping[date, Mapping[uuid.UUID, Sides]]


def fold_totals(session: Session) -> None:
    """Move what stands in the tail into the totals; one at a time, and posting goes on."""
    session.flush()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("fold_totals"))))
    session.execute(_FOLD)


def rebuild_totals(session: Session) -> int:
    """Forget the kept totals and add up every line anew; return how many totals of days were wrong.

    Who posts meanwhile is not kept waiting: what they write stands in the tail.
    """
    session.flush()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("fold_totals"))))
    wrong = len(session.execute(text(WRONG_DAYS)).all())
    for table in (AccountTotal, AccountMonthTotal):
        session.execute(delete(table))
    session.execute(_REFOLD)
    events.record(session, TotalsRebuilt(wrong))
    return wrong


def tail_is_long(session: Session) -> bool:
    """Tell whether it is time to fold."""
    wanted = select(func.count()).select_from(select(EntryTail).limit(TAIL_MAX + 1).subquery())
    return session.scalars(wanted).one() > TAIL_MAX


def sides_until(
    session: Session,
    days: Collection[date],
    *,
    account_id: uuid.UUID | None = None,
    sets: Collection[uuid.UUID] | None = None,
) -> Until:
    """Return both sides of every account up to and including each of some days.

    Of one account, where it is given; of the lines of some combinations of dimensions only, where
    those are.
    """
    asked: dict[str, object] = {"days": sorted(set(days))}
    if sets is not None:
        rows = session.execute(_OF_SETS, {**asked, "sets": list(sets)})
    elif account_id is not None:
        rows = session.execute(_OF_ONE, {**asked, "account": account_id})
    else:
        rows = session.execute(_OF_ALL, asked)
    found: dict[date, dict[uuid.UUID, Sides]] = {day: {} for day in days}
    for account, day, debit, credit in rows:
        found[day][account] = Sides(debit, credit)
    return found


def daily_sums() -> Select[tuple[object, date, str, int, int, int, int]]:
    """Return account, day, currency, debits and credits in it, and in the books, for SQL to add up.

    More than one row may tell of the same account, day and currency.
    """
    debits = Posting.side == Side.DEBIT
    kept = select(
        AccountTotal.account_id,
        AccountTotal.day,
        AccountTotal.currency,
        AccountTotal.debit_minor,
        AccountTotal.credit_minor,
        AccountTotal.base_debit_minor,
        AccountTotal.base_credit_minor,
    )
    tail = select(
        Posting.account_id,
        Posting.posted_on,
        Posting.currency,
        case((debits, Posting.amount_minor), else_=0),
        case((debits, 0), else_=Posting.amount_minor),
        case((debits, Posting.base_minor), else_=0),
        case((debits, 0), else_=Posting.base_minor),
    ).join(EntryTail, EntryTail.entry_id == Posting.entry_id)
    return select(union_all(kept, tail).subquery("daily"))
