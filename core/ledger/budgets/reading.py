"""Lines of budgets with what they have, and what was spent of them: for control and for reports."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from core.kernel.database import total
from core.ledger.budgets.commitments import committed
from core.ledger.budgets.rules import line_for, natural
from core.ledger.budgets.tables import Budget, BudgetLine
from core.ledger.dimensions import dimensions_of
from core.ledger.rules import Dimensions
from core.ledger.tables import (
    Account,
    AccountKind,
    DimensionSet,
    Journal,
    JournalEntry,
    Posting,
    Side,
)

Key = tuple[uuid.UUID, Dimensions]


@dataclass(frozen=True)
class Line:
    """A line of a budget with its account and its dimensions."""

    row: BudgetLine
    account: Account
    dimensions: Dimensions

    @property
    def called(self) -> str:
        """What people call it: the account, and the members."""
        members = "".join(f" [{member}]" for _, member in self.dimensions)
        return f"{self.account.code} {self.account.name}{members}"


def lines_of(
    session: Session, budget: Budget, accounts: Collection[uuid.UUID] | None = None
) -> list[Line]:
    """Return the lines of a budget, or those on some accounts, in the order of the chart."""
    wanted = (
        select(BudgetLine, Account, DimensionSet.key)
        .join(Account, Account.id == BudgetLine.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == BudgetLine.dimension_set_id)
        .where(BudgetLine.budget_id == budget.id)
        .order_by(Account.code, DimensionSet.key)
    )
    if accounts is not None:
        wanted = wanted.where(BudgetLine.account_id.in_(list(accounts)))
    return [Line(row, account, dimensions_of(key)) for row, account, key in session.execute(wanted)]


class Places:
    """Where in a budget what happens on an account, for some dimensions, counts."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._by_account: dict[uuid.UUID, dict[Dimensions, Line]] = defaultdict(dict)
        for line in lines:
            self._by_account[line.account.id][line.dimensions] = line

    def find(self, account: uuid.UUID, dimensions: Dimensions) -> Line | None:
        """Return the line that takes it, or None where no line does."""
        return line_for(self._by_account.get(account, {}), dimensions)


def actuals(
    session: Session,
    since: date,
    until: date,
    *,
    accounts: Collection[uuid.UUID],
    kinds: Collection[AccountKind] = (),
) -> list[tuple[uuid.UUID, AccountKind, Dimensions, int]]:
    """Return what some accounts, or kinds of them, grew by in a stretch of days, by dimensions.

    What carries the result of a year forward is left out: it earned nothing and cost nothing.
    """
    signed = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
    wanted = (
        select(Account.id, Account.kind, DimensionSet.key, total(signed))
        .join(Account, Account.id == Posting.account_id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(DimensionSet, DimensionSet.id == Posting.dimension_set_id)
        .where(
            Posting.posted_on >= since,
            Posting.posted_on <= until,
            JournalEntry.journal != Journal.CLOSING,
        )
        .group_by(Account.id, DimensionSet.key)
    )
    among = or_(Account.id.in_(list(accounts)), Account.kind.in_(list(kinds)))
    return [
        (account, kind, dimensions_of(key), natural(kind, minor))
        for account, kind, key, minor in session.execute(wanted.where(among))
    ]


def spent_by_line(
    session: Session, lines: Sequence[Line], since: date, until: date
) -> dict[uuid.UUID, int]:
    """Return what was spent and promised of each line in a stretch of days."""
    places = Places(lines)
    accounts = {line.account.id for line in lines}
    spent: dict[uuid.UUID, int] = dict.fromkeys((line.row.id for line in lines), 0)
    happened = [
        (account, dimensions, minor)
        for account, _, dimensions, minor in actuals(session, since, until, accounts=accounts)
    ]
    for account, dimensions, minor in [*happened, *committed(session, accounts, since, until)]:
        if (line := places.find(account, dimensions)) is not None:
            spent[line.row.id] += minor
    return spent
