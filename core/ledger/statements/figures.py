"""The numbers that statements are made of, read from the kept totals in one look."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.ledger.dimensions import sets_within
from core.ledger.errors import StretchReversed
from core.ledger.rules import Dimensions
from core.ledger.statements.rules import Figures, Stretch
from core.ledger.tables import Account, FiscalYear
from core.ledger.totals import NOTHING, Sides, sides_until

ACCOUNTS_MAX = 5_000

# What carries a result forward earned nothing and cost nothing; there is one such entry a year.
_CLOSING = text(
    """
    SELECT posting.account_id,
        coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0)::bigint,
        coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)::bigint
    FROM journal_entry AS entry JOIN posting ON posting.entry_id = entry.id
    WHERE entry.journal = 'closing' AND entry.posted_on BETWEEN :since AND :until
        AND (cast(:sets AS uuid[]) IS NULL OR posting.dimension_set_id = ANY (:sets))
        AND NOT EXISTS (SELECT FROM posting AS moved
            WHERE moved.entry_id = entry.id AND moved.account_id = ANY (cast(:money AS uuid[])))
    GROUP BY 1
    """
)


def all_accounts(session: Session) -> Sequence[Account]:
    """Return the whole chart, headings and all, in the order of its codes."""
    return session.scalars(select(Account).order_by(Account.code).limit(ACCOUNTS_MAX)).all()


def moved_in(
    session: Session,
    stretches: Sequence[Stretch],
    *,
    within: Dimensions = (),
    money: Collection[uuid.UUID] = (),
) -> list[Mapping[uuid.UUID, Sides]]:
    """Return what was posted to every account in each stretch, but for what closed a year.

    A closing entry on an account that is money is counted all the same: that was no mere closing.
    """
    check(stretches)
    sets = sets_within(session, within) if within else None
    days = [day for each in stretches for day in (each.eve, each.until) if day is not None]
    until = sides_until(session, days, sets=sets)
    found: list[Mapping[uuid.UUID, Sides]] = []
    for stretch in stretches:
        before = until[stretch.eve] if stretch.eve is not None else {}
        left_out = _closing(session, stretch, sets, money)
        found.append(
            {
                account: sides - before.get(account, NOTHING) - left_out.get(account, NOTHING)
                for account, sides in until[stretch.until].items()
            }
        )
    return found


def net_figures(
    session: Session,
    accounts: Sequence[Account],
    moved: Sequence[Mapping[uuid.UUID, Sides]],
) -> Figures:
    """Put debits less credits of every account beside one another, stretch by stretch."""
    ids = {account for each in moved for account in each}
    values = {account: tuple(each.get(account, NOTHING).net for each in moved) for account in ids}
    return Figures(accounts, values, len(moved), company(session).currency)


def year_begins(session: Session, day: date) -> date:
    """Return the first day of the fiscal year that a day lies in, or of its calendar year."""
    begins = fiscal_year_of(session, day).since
    assert begins is not None, "a year begins on a day"
    return begins


def fiscal_year_of(session: Session, day: date) -> Stretch:
    """Return the fiscal year that a day lies in, or its calendar year where none is open."""
    wanted = select(FiscalYear.starts_on, FiscalYear.ends_on).where(
        FiscalYear.starts_on <= day, FiscalYear.ends_on >= day
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        return Stretch(date(day.year, 1, 1), date(day.year, 12, 31))
    return Stretch(found.starts_on, found.ends_on)


def check(stretches: Sequence[Stretch]) -> None:
    """Refuse a stretch that ends before it begins."""
    for stretch in stretches:
        if stretch.since is not None and stretch.since > stretch.until:
            raise StretchReversed(since=stretch.since, until=stretch.until)


def _closing(
    session: Session,
    stretch: Stretch,
    sets: Sequence[uuid.UUID] | None,
    money: Collection[uuid.UUID],
) -> dict[uuid.UUID, Sides]:
    asked = {
        "since": stretch.since or date.min,
        "until": stretch.until,
        "sets": None if sets is None else list(sets),
        "money": list(money),
    }
    return {
        account: Sides(debit, credit) for account, debit, credit in session.execute(_CLOSING, asked)
    }
