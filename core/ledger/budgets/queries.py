"""Questions to budgets: what was planned, what came of it, what is left; answers are frozen."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger.budgets import rules
from core.ledger.budgets.commitments import committed
from core.ledger.budgets.reading import Key, Line, Places, actuals, lines_of
from core.ledger.budgets.service import (
    budget_or_none,
    find_budget,
    line_or_none,
    months_of,
    periods_of,
)
from core.ledger.budgets.tables import Budget, BudgetAmount, BudgetLine, BudgetState, Policy
from core.ledger.rules import Dimensions
from core.ledger.tables import Account, AccountKind, Period

LIST_MAX = 200
_RESULT = (AccountKind.INCOME, AccountKind.EXPENSE)


@dataclass(frozen=True)
class BudgetView:
    """A version of a year's budget."""

    name: str
    state: BudgetState
    policy: Policy
    threshold_percent: Decimal
    lines: int
    income: Money
    expense: Money


@dataclass(frozen=True)
class VarianceRow:
    """What was planned for a line, and what became of it."""

    account: str
    name: str
    name_zh: str
    kind: AccountKind
    dimensions: str
    budget: Money
    actual: Money
    committed: Money

    @property
    def available(self) -> Money:
        """What is left after what was spent and what is promised."""
        return self.budget - self.actual - self.committed

    @property
    def variance(self) -> Money:
        """By how much better than planned it went."""
        return rules.favourable(self.kind, self.budget, self.actual)

    @property
    def percent(self) -> Decimal | None:
        """How much of the budget was reached."""
        return rules.percent_of(self.actual, self.budget)


@dataclass(frozen=True)
class Summary:
    """Income less expenses, planned and actual."""

    budget: Money
    actual: Money

    @property
    def variance(self) -> Money:
        """By how much better than planned it went."""
        return self.actual - self.budget

    @property
    def percent(self) -> Decimal | None:
        """How much of the planned result was reached."""
        return rules.percent_of(self.actual, self.budget)


@dataclass(frozen=True)
class Month:
    """A period of a budget: planned income, planned expenses, and the result of both."""

    period: str
    income: Money
    expense: Money

    @property
    def result(self) -> Money:
        """Income less expenses."""
        return self.income - self.expense


@dataclass(frozen=True)
class Variance:
    """A budget compared with the books, through a day."""

    budget: str
    since: date
    until: date
    rows: tuple[VarianceRow, ...]
    income: Summary
    expense: Summary
    result: Summary


@dataclass(frozen=True)
class LineView:
    """A line of a budget, month by month."""

    budget: str
    account: str
    name: str
    name_zh: str
    dimensions: str
    policy: Policy
    months: tuple[Money, ...]

    @property
    def year(self) -> Money:
        """What the months sum to."""
        return rules.added(self.months, self.months[0].currency)


def list_budgets(session: Session) -> list[BudgetView]:
    """Return the budgets of all years, the newest year first."""
    currency = company(session).currency
    sums = (
        select(BudgetLine.budget_id, Account.kind, total(BudgetAmount.amount_minor))
        .join(BudgetAmount, BudgetAmount.line_id == BudgetLine.id)
        .join(Account, Account.id == BudgetLine.account_id)
        .group_by(BudgetLine.budget_id, Account.kind)
    )
    known = {(budget, kind): minor for budget, kind, minor in session.execute(sums)}
    counted = select(func.count()).where(BudgetLine.budget_id == Budget.id).scalar_subquery()
    wanted = select(Budget, counted).order_by(Budget.name.desc()).limit(LIST_MAX)
    return [
        BudgetView(
            name=budget.name,
            state=budget.state,
            policy=budget.policy,
            threshold_percent=budget.threshold_percent,
            lines=lines,
            income=Money(known.get((budget.id, AccountKind.INCOME), 0), currency),
            expense=Money(known.get((budget.id, AccountKind.EXPENSE), 0), currency),
        )
        for budget, lines in session.execute(wanted)
    ]


def budget_lines(session: Session, text: str | int) -> tuple[str, list[str], list[LineView]]:
    """Return the name of a budget, its periods, and its lines month by month."""
    budget = find_budget(session, text)
    return (
        budget.name,
        [period.name for period in periods_of(session, budget)],
        _views(session, budget, lines_of(session, budget)),
    )


def line_view(session: Session, row: BudgetLine) -> LineView:
    """Return one line of a budget, month by month."""
    budget = session.get_one(Budget, row.budget_id)
    lines = lines_of(session, budget, {row.account_id})
    return _views(session, budget, [line for line in lines if line.row.id == row.id])[0]


def months_before(
    session: Session,
    account: str,
    *,
    year: str | int,
    version: str | None,
    dimensions: Dimensions = (),
) -> tuple[Money, ...]:
    """Return the months that a line has now; nothing where it is not there yet."""
    budget = budget_or_none(session, year, version)
    row = None if budget is None else line_or_none(session, budget, account, dimensions)
    return () if row is None else line_view(session, row).months


def in_force(session: Session, fiscal_year_id: uuid.UUID) -> str | None:
    """Return the name of the budget that counts for a year, if there is one."""
    wanted = select(Budget.name).where(
        Budget.fiscal_year_id == fiscal_year_id, Budget.state == BudgetState.IN_FORCE
    )
    return session.scalar(wanted)


def months(session: Session, text: str | int) -> list[Month]:
    """Return what a budget plans for every period."""
    budget = find_budget(session, text)
    amounts, currency = months_of(session, budget), company(session).currency
    by_kind: dict[AccountKind, list[Sequence[Money]]] = {kind: [] for kind in AccountKind}
    for line in lines_of(session, budget):
        by_kind[line.account.kind].append(amounts[line.row.id])
    return [
        Month(
            period.name,
            rules.added((each[place] for each in by_kind[AccountKind.INCOME]), currency),
            rules.added((each[place] for each in by_kind[AccountKind.EXPENSE]), currency),
        )
        for place, period in enumerate(periods_of(session, budget))
    ]


def variance(session: Session, text: str | int, *, through: date | None = None) -> Variance:
    """Compare a budget with the books, for its whole year or through the period of a day.

    All income and expenses are in it, also those that nothing was planned for: the actual result
    is the one of the trial balance.
    """
    budget = find_budget(session, text)
    currency = company(session).currency
    periods = [
        period
        for period in periods_of(session, budget)
        if through is None or period.starts_on <= through
    ] or periods_of(session, budget)[:1]
    since, until = periods[0].starts_on, periods[-1].ends_on
    lines = lines_of(session, budget)
    planned = _planned(session, budget, periods)
    spent, promised = _happened(session, lines, since, until)
    kinds = {line.account.id: line.account for line in lines}
    missing = {account for account, _ in (*spent, *promised)} - kinds.keys()
    wanted = select(Account).where(Account.id.in_(missing))
    kinds |= {account.id: account for account in session.scalars(wanted)}
    keys = {(line.account.id, line.dimensions) for line in lines} | spent.keys() | promised.keys()
    rows = [
        VarianceRow(
            account=kinds[key[0]].code,
            name=kinds[key[0]].name,
            name_zh=kinds[key[0]].name_zh,
            kind=kinds[key[0]].kind,
            dimensions=_text(key[1]),
            budget=Money(planned.get(key, 0), currency),
            actual=Money(spent.get(key, 0), currency),
            committed=Money(promised.get(key, 0), currency),
        )
        for key in keys
    ]
    income, expense = (
        Summary(
            rules.added((row.budget for row in rows if row.kind is kind), currency),
            rules.added((row.actual for row in rows if row.kind is kind), currency),
        )
        for kind in _RESULT
    )
    return Variance(
        budget=budget.name,
        since=since,
        until=until,
        rows=tuple(sorted(rows, key=lambda row: (row.account, row.dimensions))),
        income=income,
        expense=expense,
        result=Summary(income.budget - expense.budget, income.actual - expense.actual),
    )


def _views(session: Session, budget: Budget, lines: Sequence[Line]) -> list[LineView]:
    amounts = months_of(session, budget)
    return [
        LineView(
            budget=budget.name,
            account=line.account.code,
            name=line.account.name,
            name_zh=line.account.name_zh,
            dimensions=_text(line.dimensions),
            policy=line.row.policy or budget.policy,
            months=tuple(amounts[line.row.id]),
        )
        for line in lines
    ]


def _planned(session: Session, budget: Budget, periods: Sequence[Period]) -> dict[Key, int]:
    wanted = (
        select(BudgetAmount.line_id, total(BudgetAmount.amount_minor))
        .where(BudgetAmount.period_id.in_([period.id for period in periods]))
        .group_by(BudgetAmount.line_id)
    )
    sums: dict[uuid.UUID, int] = dict(iter(session.execute(wanted)))
    return {
        (line.account.id, line.dimensions): sums.get(line.row.id, 0)
        for line in lines_of(session, budget)
    }


def _happened(
    session: Session, lines: Sequence[Line], since: date, until: date
) -> tuple[dict[Key, int], dict[Key, int]]:
    """Return what was spent and what is promised, where it counts; the rest by its account."""
    places, accounts = Places(lines), {line.account.id for line in lines}

    def place(account: uuid.UUID, dimensions: Dimensions) -> Key:
        line = places.find(account, dimensions)
        return (account, line.dimensions if line is not None else ())

    spent: dict[Key, int] = {}
    for account, _, dimensions, minor in actuals(
        session, since, until, accounts=accounts, kinds=_RESULT
    ):
        key = place(account, dimensions)
        spent[key] = spent.get(key, 0) + minor
    promised: dict[Key, int] = {}
    for account, dimensions, minor in committed(session, accounts, since, until):
        key = place(account, dimensions)
        promised[key] = promised.get(key, 0) + minor
    return spent, promised


def _text(dimensions: Dimensions) -> str:
    return ",".join(f"{name}={member}" for name, member in dimensions)
