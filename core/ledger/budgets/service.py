"""What one can do with budgets: enter, split, copy, import, put in force."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.ledger.accounts import account_named, find_accounts
from core.ledger.budgets import rules
from core.ledger.budgets.errors import (
    AmountNegative,
    BadBudgetRow,
    BudgetExists,
    BudgetStaysAsItIs,
    FactorNotPositive,
    KeyNeeded,
    NothingBudgeted,
    NoYearBefore,
    UnknownBudget,
    UnknownFiscalYear,
)
from core.ledger.budgets.events import (
    BudgetCopied,
    BudgetMade,
    BudgetPolicySet,
    BudgetPutInForce,
    BudgetSet,
)
from core.ledger.budgets.reading import Line, actuals, lines_of
from core.ledger.budgets.tables import (
    Budget,
    BudgetAmount,
    BudgetLine,
    BudgetState,
    Policy,
    Split,
)
from core.ledger.dimensions import dimension_sets, member_named
from core.ledger.errors import AccountIsHeading
from core.ledger.rules import Dimensions
from core.ledger.tables import Account, FiscalYear, Period

ORIGINAL = "original"
KNOWN_MAX = 20


@dataclass(frozen=True)
class BudgetRow:
    """A row to import: an account, where it belongs, and an amount for the year or each month."""

    account: str
    amounts: tuple[Decimal, ...]
    dimensions: Dimensions = ()


# What has more digits is no year.
YEAR_DIGITS = 4


def find_year(session: Session, year: str | int) -> FiscalYear:
    """Return a fiscal year by its name, or by the year in which it begins."""
    said = str(year).strip()
    named = select(FiscalYear).where(FiscalYear.name == said)
    found = session.scalars(named).one_or_none()
    if found is None and said.isdecimal() and len(said) <= YEAR_DIGITS:
        begins = select(FiscalYear).where(func.extract("year", FiscalYear.starts_on) == int(said))
        found = session.scalars(begins.order_by(FiscalYear.starts_on).limit(1)).first()
    if found is None:
        raise UnknownFiscalYear(year=said)
    return found


def find_budget(session: Session, text: str | int) -> Budget:
    """Return a budget by its name, or by its year: of that the version in force."""
    said = " ".join(str(text).split())
    named = select(Budget).where(func.lower(Budget.name) == said.lower())
    found = session.scalars(named).one_or_none()
    if found is None:
        in_force = (
            select(Budget)
            .join(FiscalYear, FiscalYear.id == Budget.fiscal_year_id)
            .where(Budget.state == BudgetState.IN_FORCE)
        )
        year = FiscalYear.name == said
        if said.isdecimal() and len(said) <= YEAR_DIGITS:
            year = year | (func.extract("year", FiscalYear.starts_on) == int(said))
        found = session.scalars(in_force.where(year)).first()
    if found is None:
        names = session.scalars(select(Budget.name).order_by(Budget.name).limit(KNOWN_MAX))
        raise UnknownBudget(text=said, known=", ".join(names) or "-")
    return found


def make_budget(session: Session, year: str | int, version: str = ORIGINAL) -> Budget:
    """Begin a version of a year's budget; the first one of a year is in force at once."""
    fiscal_year = find_year(session, year)
    called = " ".join(version.split()).lower() or ORIGINAL
    name = f"{fiscal_year.name} {called}"
    if session.scalar(select(Budget.id).where(Budget.name == name)):
        raise BudgetExists(name=name)
    others = select(Budget.id).where(
        Budget.fiscal_year_id == fiscal_year.id, Budget.state == BudgetState.IN_FORCE
    )
    state = BudgetState.SET_ASIDE if session.scalar(others) else BudgetState.IN_FORCE
    budget = Budget(
        id=new_id(),
        name=name,
        fiscal_year_id=fiscal_year.id,
        version=called,
        state=state,
        policy=Policy.WATCH,
        threshold_percent=Decimal(100),
    )
    session.add(budget)
    events.record(session, BudgetMade(name, state))
    session.flush()
    return budget


def set_budget(
    session: Session,
    account: str,
    amount: Money,
    *,
    year: str | int,
    version: str | None = None,
    dimensions: Dimensions = (),
    split: Split = Split.EQUAL,
    key: Sequence[Decimal] = (),
) -> BudgetLine:
    """Enter what an account may cost or should bring in a year, and split it among the months.

    Without a version it goes to the one in force, or to the first one, which begins with it.
    """
    if amount.minor < 0:
        raise AmountNegative(amount=amount)
    budget = _budget_for(session, year, version)
    periods = periods_of(session, budget)
    line = _line(session, budget, account, dimensions)
    weights = _weights(session, budget, line, periods, split, key)
    parts = rules.split_by(amount, weights, company(session).rounding)
    _write(session, budget, line, periods, parts)
    return line.row


def set_months(
    session: Session,
    account: str,
    amounts: Sequence[Money],
    *,
    year: str | int,
    version: str | None = None,
    dimensions: Dimensions = (),
) -> BudgetLine:
    """Enter the amount of every month by itself."""
    for amount in amounts:
        if amount.minor < 0:
            raise AmountNegative(amount=amount)
    budget = _budget_for(session, year, version)
    periods = periods_of(session, budget)
    if len(amounts) != len(periods):
        raise KeyNeeded(months=len(periods))
    line = _line(session, budget, account, dimensions)
    _write(session, budget, line, periods, amounts)
    return line.row


def copy_budget(
    session: Session,
    source: str | int,
    *,
    to_year: str | int,
    factor: Decimal = Decimal(1),
    version: str = ORIGINAL,
) -> Budget:
    """Begin a budget with all lines of another one, each times a factor, month by month."""
    if factor <= 0:
        raise FactorNotPositive(factor=plain(factor))
    old = find_budget(session, source)
    ours = company(session)
    lines, months = lines_of(session, old), months_of(session, old)
    new = make_budget(session, to_year, version)
    new.policy, new.threshold_percent = old.policy, old.threshold_percent
    periods = periods_of(session, new)
    told = []
    for line in lines:
        amounts = months[line.row.id]
        parts = rules.scaled(amounts, factor, ours.rounding)
        if len(parts) != len(periods):
            # A short year has other months: the amount of the year is split anew.
            whole = rules.added(parts, ours.currency)
            parts = rules.split_by(whole, [Decimal(1)] * len(periods), ours.rounding)
        row = BudgetLine(
            id=new_id(),
            budget_id=new.id,
            account_id=line.row.account_id,
            dimension_set_id=line.row.dimension_set_id,
            policy=line.row.policy,
        )
        session.add(row)
        session.flush()
        _store(session, row, periods, parts)
        told.append((line.called, rules.added(parts, ours.currency)))
    events.record(session, BudgetCopied(old.name, new.name, plain(factor), tuple(told)))
    return new


def import_rows(
    session: Session, rows: Sequence[BudgetRow], *, year: str | int, version: str | None = None
) -> Budget:
    """Enter many lines at once: all of them, or none where one cannot be used."""
    ours = company(session)
    budget = _budget_for(session, year, version)
    for place, row in enumerate(rows, start=1):
        given = {"year": year, "version": budget.version, "dimensions": row.dimensions}
        try:
            amounts = [Money.of(amount, ours.currency) for amount in row.amounts]
            if len(amounts) == 1:
                set_budget(session, row.account, amounts[0], **given)  # type: ignore[arg-type]
            else:
                set_months(session, row.account, amounts, **given)  # type: ignore[arg-type]
        except DomainError as error:
            raise BadBudgetRow(row=place, problem=error) from error
    return budget


def set_policy(
    session: Session,
    text: str | int,
    policy: Policy,
    *,
    threshold_percent: Decimal | None = None,
    account: str | None = None,
    dimensions: Dimensions = (),
) -> Budget:
    """Say what becomes of an expense over the budget: of all its lines, or of one of them."""
    budget = find_budget(session, text)
    if account is not None:
        line = _find_line(session, budget, account, dimensions)
        was = line.row.policy or budget.policy
        line.row.policy = policy
        events.record(session, BudgetPolicySet(budget.name, line.called, was, policy))
    else:
        before = _said(budget)
        budget.policy = policy
        if threshold_percent is not None:
            budget.threshold_percent = threshold_percent
        if before == _said(budget):
            raise BudgetStaysAsItIs(name=budget.name, state=before)
        events.record(session, BudgetPolicySet(budget.name, "", before, _said(budget)))
    session.flush()
    return budget


def put_in_force(session: Session, text: str) -> Budget:
    """Let a version of a year's budget count, instead of the one that did."""
    budget = find_budget(session, text)
    if budget.state is BudgetState.IN_FORCE:
        raise BudgetStaysAsItIs(name=budget.name, state=budget.state)
    wanted = select(Budget).where(
        Budget.fiscal_year_id == budget.fiscal_year_id, Budget.state == BudgetState.IN_FORCE
    )
    other = session.scalars(wanted.with_for_update()).one_or_none()
    if other is not None:
        other.state = BudgetState.SET_ASIDE
        # One at a time is in force, also for a moment: the database looks at every statement.
        session.flush()
    budget.state = BudgetState.IN_FORCE
    events.record(session, BudgetPutInForce(budget.name, other.name if other else ""))
    session.flush()
    return budget


def periods_of(session: Session, budget: Budget) -> list[Period]:
    """Return the periods of a budget's year."""
    wanted = select(Period).where(Period.fiscal_year_id == budget.fiscal_year_id)
    return list(session.scalars(wanted.order_by(Period.starts_on)))


def months_of(session: Session, budget: Budget) -> Mapping[uuid.UUID, list[Money]]:
    """Return the amounts of every line of a budget, period by period."""
    currency = company(session).currency
    wanted = (
        select(BudgetAmount.line_id, BudgetAmount.amount_minor)
        .join(BudgetLine, BudgetLine.id == BudgetAmount.line_id)
        .join(Period, Period.id == BudgetAmount.period_id)
        .where(BudgetLine.budget_id == budget.id)
        .order_by(Period.starts_on)
    )
    found: dict[uuid.UUID, list[Money]] = {}
    for line_id, minor in session.execute(wanted):
        found.setdefault(line_id, []).append(Money(minor, currency))
    return found


def budget_or_none(session: Session, year: str | int, version: str | None) -> Budget | None:
    """Return a version of a year's budget, or without one the version in force, if it is there."""
    wanted = select(Budget).where(Budget.fiscal_year_id == find_year(session, year).id)
    if version is None:
        wanted = wanted.where(Budget.state == BudgetState.IN_FORCE)
    else:
        wanted = wanted.where(Budget.version == " ".join(version.split()).lower())
    return session.scalars(wanted).one_or_none()


def line_or_none(
    session: Session, budget: Budget, account: str, dimensions: Dimensions
) -> BudgetLine | None:
    """Return a line of a budget, locked, if it is there."""
    on, _, set_id = _place(session, account, dimensions)
    wanted = select(BudgetLine).where(
        BudgetLine.budget_id == budget.id,
        BudgetLine.account_id == on.id,
        BudgetLine.dimension_set_id.is_not_distinct_from(set_id),
    )
    return session.scalars(wanted.with_for_update()).one_or_none()


def _budget_for(session: Session, year: str | int, version: str | None) -> Budget:
    found = budget_or_none(session, year, version)
    return found or make_budget(session, year, version or ORIGINAL)


def _line(session: Session, budget: Budget, account: str, dimensions: Dimensions) -> Line:
    """Return a line of a budget; one that is not there yet is added."""
    on, coded, set_id = _place(session, account, dimensions)
    row = line_or_none(session, budget, account, dimensions)
    if row is None:
        row = BudgetLine(
            id=new_id(), budget_id=budget.id, account_id=on.id, dimension_set_id=set_id
        )
        session.add(row)
        session.flush()
    return Line(row, on, coded)


def _find_line(session: Session, budget: Budget, account: str, dimensions: Dimensions) -> Line:
    on, coded, _ = _place(session, account, dimensions)
    for line in lines_of(session, budget, {on.id}):
        if set(line.dimensions) == set(coded):
            return line
    raise NothingBudgeted(name=budget.name, what=on.called)


def _place(
    session: Session, account: str, dimensions: Dimensions
) -> tuple[Account, Dimensions, uuid.UUID | None]:
    on = _account(session, account)
    if on.heading:
        raise AccountIsHeading(account=on.called)
    coded = tuple(
        sorted((name, member_named(session, name, text).code) for name, text in dimensions)
    )
    return on, coded, dimension_sets(session, {coded})[coded]


def _account(session: Session, text: str) -> Account:
    known = select(Account.id).where((Account.code == text) | (Account.role == text))
    if session.scalar(known) is not None:
        return find_accounts(session, {text})[text]
    return account_named(session, text)


def _weights(
    session: Session,
    budget: Budget,
    line: Line,
    periods: Sequence[Period],
    split: Split,
    key: Sequence[Decimal],
) -> list[Decimal]:
    if split is Split.EQUAL:
        return [Decimal(1)] * len(periods)
    if split is Split.BY_KEY:
        if len(key) != len(periods):
            raise KeyNeeded(months=len(periods))
        return list(key)
    weights = []
    year = session.get_one(FiscalYear, budget.fiscal_year_id)
    last = year.starts_on - timedelta(days=1)
    before = select(FiscalYear).where(FiscalYear.ends_on == last)
    earlier = session.scalars(before).one_or_none()
    if earlier is not None:
        wanted = select(Period).where(Period.fiscal_year_id == earlier.id)
        for period in session.scalars(wanted.order_by(Period.starts_on)):
            grown = actuals(session, period.starts_on, period.ends_on, accounts={line.account.id})
            inside = sum(
                minor for _, _, where, minor in grown if set(line.dimensions) <= set(where)
            )
            # A month that took back more than it brought gets nothing.
            weights.append(Decimal(max(inside, 0)))
    if len(weights) != len(periods) or not any(weights):
        raise NoYearBefore(account=line.called, year=year.name)
    return weights


def _write(
    session: Session,
    budget: Budget,
    line: Line,
    periods: Sequence[Period],
    parts: Sequence[Money],
) -> None:
    currency = company(session).currency
    before = months_of(session, budget).get(line.row.id)
    _store(session, line.row, periods, parts)
    events.record(
        session,
        BudgetSet(
            budget=budget.name,
            line=line.called,
            before=rules.added(before, currency) if before else None,
            after=rules.added(parts, currency),
            months=tuple(
                f"{period.name} {part.amount}" for period, part in zip(periods, parts, strict=True)
            ),
        ),
    )


def _store(
    session: Session, row: BudgetLine, periods: Sequence[Period], parts: Sequence[Money]
) -> None:
    session.execute(delete(BudgetAmount).where(BudgetAmount.line_id == row.id))
    session.add_all(
        BudgetAmount(line_id=row.id, period_id=period.id, amount_minor=part.minor)
        for period, part in zip(periods, parts, strict=True)
    )
    session.flush()


def _said(budget: Budget) -> str:
    share = plain(Decimal(budget.threshold_percent))
    return budget.policy.value if share == "100" else f"{budget.policy.value} {share} %"
