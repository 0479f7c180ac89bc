"""The budget at the moment of spending: what is left, and whether it is enough."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger.budgets.errors import BudgetExceeded
from core.ledger.budgets.events import BudgetTaken
from core.ledger.budgets.reading import Line, Places, lines_of, spent_by_line
from core.ledger.budgets.tables import Budget, BudgetAmount, BudgetLine, BudgetState, Policy
from core.ledger.dimensions import member_named
from core.ledger.rules import Dimensions
from core.ledger.sharing import fraction_of
from core.ledger.tables import Account, AccountKind, FiscalYear

_SPENDING = {AccountKind.EXPENSE, AccountKind.ASSET}
_WATCHED_OVER = {Policy.WARN, Policy.STOP}


# Made once: every entry that spends something asks for it.
_IN_FORCE = (
    select(Budget, FiscalYear)
    .join(FiscalYear, FiscalYear.id == Budget.fiscal_year_id)
    .join(BudgetLine, BudgetLine.budget_id == Budget.id)
    .where(
        Budget.state == BudgetState.IN_FORCE,
        BudgetLine.account_id.in_(bindparam("accounts", expanding=True)),
        FiscalYear.starts_on <= bindparam("last"),
        FiscalYear.ends_on >= bindparam("first"),
        BudgetLine.policy.in_(_WATCHED_OVER)
        | (BudgetLine.policy.is_(None) & Budget.policy.in_(_WATCHED_OVER)),
    )
    .distinct()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Charge:
    """Something that an account is about to be charged with: debits less credits, in the books."""

    account_id: uuid.UUID
    amount: Money
    day: date
    dimensions: Dimensions = ()


def require_available(
    session: Session, charges: Sequence[Charge], accounts: Mapping[uuid.UUID, Account]
) -> None:
    """Refuse what a budget that stops has not left; tell what is taken of one that is watched.

    Called before the charges are written. The lines are locked until the transaction ends, so
    what two take of one budget at the same moment is added up.
    """
    spending = [each for each in charges if accounts[each.account_id].kind in _SPENDING]
    if not spending:
        return
    for budget, year in _in_force(session, spending):
        of_year = [each for each in spending if year.starts_on <= each.day <= year.ends_on]
        _take(session, budget, year, of_year)


def _in_force(session: Session, charges: Sequence[Charge]) -> list[tuple[Budget, FiscalYear]]:
    """Return the budgets that count for these charges, if one of their lines is watched over."""
    given = {
        "accounts": list({each.account_id for each in charges}),
        "first": min(each.day for each in charges),
        "last": max(each.day for each in charges),
    }
    rows = session.execute(_IN_FORCE, given)
    return sorted(((b, y) for b, y in rows), key=lambda pair: pair[1].starts_on)


def _take(session: Session, budget: Budget, year: FiscalYear, charges: Sequence[Charge]) -> None:
    lines = lines_of(session, budget, {each.account_id for each in charges})
    places = Places(lines)
    taken: dict[uuid.UUID, int] = {}
    for each in charges:
        # Whoever charges may have named a member in other words than by its code.
        coded = tuple((d, member_named(session, d, text).code) for d, text in each.dimensions)
        if (line := places.find(each.account_id, coded)) is not None:
            taken[line.row.id] = taken.get(line.row.id, 0) + each.amount.minor
    concerned = [
        line
        for line in lines
        if taken.get(line.row.id) and (line.row.policy or budget.policy) in _WATCHED_OVER
    ]
    if not concerned:
        return
    _lock(session, budget, concerned)
    currency = company(session).currency
    amounts = _amounts(session, concerned)
    # Of all lines on these accounts: what one takes, another does not.
    spent = spent_by_line(session, lines, year.starts_on, year.ends_on)
    for line in concerned:
        has = Money(amounts.get(line.row.id, 0), currency)
        left = has - Money(spent[line.row.id], currency)
        asked = Money(taken[line.row.id], currency)
        limit, policy = _limit(session, budget, has), line.row.policy or budget.policy
        may_take = limit - (has - left)
        if policy is Policy.STOP and asked.minor > 0 and may_take < asked:
            raise BudgetExceeded(what=line.called, budget=budget.name, left=may_take, asked=asked)
        events.record(
            session, BudgetTaken(budget.name, line.called, policy, left, left - asked, limit)
        )


def _lock(session: Session, budget: Budget, lines: Sequence[Line]) -> None:
    stopping = [line.row.id for line in lines if (line.row.policy or budget.policy) is Policy.STOP]
    if stopping:
        # In one order, so that two who need the same lines wait instead of blocking one another.
        locked = select(BudgetLine.id).where(BudgetLine.id.in_(stopping)).order_by(BudgetLine.id)
        session.execute(locked.with_for_update()).all()


def _limit(session: Session, budget: Budget, has: Money) -> Money:
    share = Fraction(Decimal(budget.threshold_percent)) / 100
    return fraction_of(has, share, company(session).rounding)


def _amounts(session: Session, lines: Sequence[Line]) -> dict[uuid.UUID, int]:
    wanted = (
        select(BudgetAmount.line_id, total(BudgetAmount.amount_minor))
        .where(BudgetAmount.line_id.in_([line.row.id for line in lines]))
        .group_by(BudgetAmount.line_id)
    )
    return dict(iter(session.execute(wanted)))
