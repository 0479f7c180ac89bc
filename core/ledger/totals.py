"""Kept totals: so that a balance never adds up a million lines, and posting waits for nobody.

A total is kept for every account, day and currency. Entries that are not in the totals yet stand
in the tail, one row each, written with the entry; folding moves them over in one statement. Who
reads both in one statement sees every line once, whatever is folded meanwhile.
"""

from datetime import date

from sqlalchemy import Select, case, func, select, text, union_all
from sqlalchemy.orm import Session

from core.ledger.tables import AccountTotal, EntryTail, Posting, Side

# Rather than at every posting: a tail of this length is added up in a few milliseconds.
TAIL_MAX = 2_000

_FOLD = text(
    """
    WITH moved AS (DELETE FROM entry_tail RETURNING entry_id)
    INSERT INTO account_total AS kept (account_id, day, currency, debit_minor, credit_minor,
        base_debit_minor, base_credit_minor)
    SELECT account_id, posted_on, currency,
        coalesce(sum(amount_minor) FILTER (WHERE side = 'debit'), 0),
        coalesce(sum(amount_minor) FILTER (WHERE side = 'credit'), 0),
        coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0),
        coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)
    FROM posting JOIN moved USING (entry_id)
    GROUP BY account_id, posted_on, currency ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, currency) DO UPDATE SET
        debit_minor = kept.debit_minor + excluded.debit_minor,
        credit_minor = kept.credit_minor + excluded.credit_minor,
        base_debit_minor = kept.base_debit_minor + excluded.base_debit_minor,
        base_credit_minor = kept.base_credit_minor + excluded.base_credit_minor
    """
)


def fold_totals(session: Session) -> None:
    """Move what stands in the tail into the totals; one at a time, and posting goes on."""
    session.flush()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("fold_totals"))))
    session.execute(_FOLD)


def tail_is_long(session: Session) -> bool:
    """Tell whether it is time to fold."""
    wanted = select(func.count()).select_from(select(EntryTail).limit(TAIL_MAX + 1).subquery())
    return session.scalars(wanted).one() > TAIL_MAX


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
