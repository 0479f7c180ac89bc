"""Tools of budgets: enter, copy, import, compare, and say what becomes of overspending."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.company import company
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.ledger import budgets
from core.ledger.budgets import Policy, Split
from tools.base import Arguments, Call, Day, InCurrency, Ref, Text, Tool, Undoing, Words
from tools.budget_answers import (
    BudgetChanged,
    BudgetCopied,
    BudgetImported,
    BudgetShown,
    BudgetsListed,
    NoBudgetYet,
    PolicySet,
    VarianceShown,
)
from tools.entries import Where, member_keys, member_pairs
from tools.references import AccountRef, YearRef
from tools.trade import BOOKKEEPERS

# Who answers for what is spent says what becomes of overspending.
OWNERS = frozenset({Role.MANAGER, Role.ADMIN})

SET, POLICY, IN_FORCE = "budgets.set_budget", "budgets.set_policy", "budgets.put_in_force"

BudgetRef = Annotated[Text, Ref("budget")]
Planned = Annotated[
    Decimal, Field(ge=0, le=Decimal(10) ** 13, max_digits=20, decimal_places=4), InCurrency()
]
Weight = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 9)]
Factor = Annotated[Decimal, Field(gt=0, le=1_000, decimal_places=6)]
Threshold = Annotated[Decimal, Field(gt=0, le=1_000, decimal_places=2)]

COPY_STAYS = (
    "a copied budget stays; set another version in force instead",
    "复制的预算会保留；如不采用，请启用其他版本",
)
IMPORT_STAYS = (
    "the lines of a sheet are entered anew with the right amounts",
    "已导入的预算请以正确金额重新录入",
)


class SetBudget(Arguments):
    """Set the budget of an account for a year, split among its months."""

    account: AccountRef = Field(description="Code or name of the account.")
    year: YearRef | None = Field(default=None, description="Leave empty for this year.")
    amount: Planned | None = Field(default=None, description="Of the year.")
    dimensions: Where = Field(default=(), description="Only for this cost centre, project ...")
    version: Text | None = Field(default=None, description="Leave empty for the one in force.")
    split: Split = Split.EQUAL
    key: tuple[Weight, ...] = Field(
        default=(), max_length=24, description="The weight of each month, to split by key."
    )
    months: tuple[Planned, ...] = Field(
        default=(), max_length=24, description="The amount of each month, instead of the year."
    )

    @model_validator(mode="after")
    def _one_amount(self) -> "SetBudget":
        if (self.amount is None) is not bool(self.months):
            problem = "say the amount of the year, or of every month"
            raise ValueError(problem)
        return self


def pin_set(session: Session, arguments: SetBudget) -> SetBudget:
    """Name the account by its code, and the year."""
    year = arguments.year or str(company(session).today.year)
    return arguments.model_copy(
        update={
            "account": ledger.account_named(session, arguments.account).code,
            "year": budgets.find_year(session, year).name,
            "dimensions": member_keys(session, arguments.dimensions),
        }
    )


def set_budget(session: Session, arguments: SetBudget) -> BudgetChanged:
    """Write the amounts."""
    currency = company(session).currency
    where = member_pairs(session, arguments.dimensions)
    year = arguments.year or str(company(session).today.year)
    before = budgets.months_before(
        session, arguments.account, year=year, version=arguments.version, dimensions=where
    )
    if arguments.months:
        line = budgets.set_months(
            session,
            arguments.account,
            [Money.of(each, currency) for each in arguments.months],
            year=year,
            version=arguments.version,
            dimensions=where,
        )
    else:
        line = budgets.set_budget(
            session,
            arguments.account,
            Money.of(arguments.amount or 0, currency),
            year=year,
            version=arguments.version,
            dimensions=where,
            split=arguments.split,
            key=arguments.key,
        )
    view = budgets.line_view(session, line)
    return BudgetChanged(
        budget=view.budget,
        account=f"{view.account} {view.name}",
        amount=view.year.amount,
        months=[each.amount for each in view.months],
        before=[each.amount for each in before],
        currency=currency,
    )


def undo_set(_session: Session, arguments: SetBudget, answer: dict[str, Any]) -> Undoing:
    """Set the months to what they were before; what was not there had nothing."""
    months = tuple(map(Decimal, answer["before"])) or (Decimal(0),) * len(answer["months"])
    back = SetBudget(
        account=arguments.account,
        year=arguments.year,
        version=arguments.version,
        dimensions=arguments.dimensions,
        months=months,
    )
    return Undoing((Call(SET, back),))


class CopyBudget(Arguments):
    """Copy a budget to another year or version, times a factor."""

    budget: BudgetRef | None = Field(default=None, description="Leave empty for this year's.")
    to_year: YearRef
    factor: Factor = Decimal(1)
    version: Text = budgets.ORIGINAL


def copy_budget(session: Session, arguments: CopyBudget) -> BudgetCopied:
    """Begin the new budget."""
    copied = budgets.copy_budget(
        session,
        _budget(session, arguments.budget),
        to_year=arguments.to_year,
        factor=arguments.factor,
        version=arguments.version,
    )
    shown = next(each for each in budgets.list_budgets(session) if each.name == copied.name)
    return BudgetCopied(
        budget=shown.name,
        lines=shown.lines,
        income=shown.income.amount,
        expense=shown.expense.amount,
        currency=shown.income.currency,
    )


def pin_budget(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the budget."""
    name = budgets.find_budget(session, _budget(session, arguments.budget)).name
    return arguments.model_copy(update={"budget": name})


class ImportBudget(Arguments):
    """Import a budget from a sheet of comma-separated rows: account, and amount or 1 to 12."""

    sheet: Words = Field(min_length=1, description="The rows, with a heading.")
    year: YearRef | None = Field(default=None, description="Leave empty for this year.")
    version: Text | None = Field(default=None, description="Leave empty for the one in force.")


def import_budget(session: Session, arguments: ImportBudget) -> BudgetImported:
    """Enter all rows, or none."""
    rows = budgets.read_rows(arguments.sheet)
    year = arguments.year or str(company(session).today.year)
    budget = budgets.import_rows(session, rows, year=year, version=arguments.version)
    return BudgetImported(budget=budget.name, rows=len(rows))


class SetPolicy(Arguments):
    """Say what becomes of spending over a budget: watch it, warn of it, or stop it."""

    policy: Policy
    budget: BudgetRef | None = Field(default=None, description="Leave empty for this year's.")
    threshold_percent: Threshold | None = Field(
        default=None, description="Of the budget, how much may be spent; usually 100."
    )
    account: AccountRef | None = Field(default=None, description="Only for this line of it.")
    dimensions: Where = Field(default=(), description="Of that line: its cost centre, project ...")


def pin_policy(session: Session, arguments: SetPolicy) -> SetPolicy:
    """Name the budget, and the line of it."""
    where = member_keys(session, arguments.dimensions)
    pinned: SetPolicy = pin_budget(session, arguments)
    return pinned.model_copy(update={"dimensions": where})


def set_policy(session: Session, arguments: SetPolicy) -> PolicySet:
    """Set it."""
    budget = budgets.find_budget(session, _budget(session, arguments.budget))
    before, threshold = budget.policy, budget.threshold_percent
    budgets.set_policy(
        session,
        budget.name,
        arguments.policy,
        threshold_percent=arguments.threshold_percent,
        account=arguments.account,
        dimensions=member_pairs(session, arguments.dimensions),
    )
    return PolicySet(
        budget=budget.name,
        policy=arguments.policy,
        before=before,
        threshold_percent=Decimal(budget.threshold_percent),
        threshold_before=Decimal(threshold),
    )


def undo_policy(_session: Session, arguments: SetPolicy, answer: dict[str, Any]) -> Undoing:
    """Set it back."""
    back = SetPolicy(
        policy=answer["before"],
        budget=answer["budget"],
        threshold_percent=None if arguments.account else answer["threshold_before"],
        account=arguments.account,
        dimensions=arguments.dimensions,
    )
    return Undoing((Call(POLICY, back),))


class PutInForce(Arguments):
    """Put a version of a budget in force: from then on it is the one that counts for its year."""

    budget: BudgetRef = Field(description="Its name, such as 2027 revised.")


def put_in_force(session: Session, arguments: PutInForce) -> PolicySet:
    """Let it count."""
    year = budgets.find_budget(session, arguments.budget).fiscal_year_id
    before = budgets.in_force(session, year)
    budget = budgets.put_in_force(session, arguments.budget)
    return PolicySet(
        budget=budget.name,
        policy=budget.policy,
        before=budget.policy,
        threshold_percent=Decimal(budget.threshold_percent),
        threshold_before=Decimal(budget.threshold_percent),
        instead_of=before or "",
    )


def undo_in_force(_session: Session, _arguments: PutInForce, answer: dict[str, Any]) -> Undoing:
    """Put the one before in force again."""
    return Undoing((Call(IN_FORCE, PutInForce(budget=answer["instead_of"])),))


def undo_copy(_session: Session, _arguments: CopyBudget, _answer: object) -> Undoing:
    """Say that a copy stays."""
    return Undoing(impossible=COPY_STAYS)


def undo_import(_session: Session, _arguments: ImportBudget, _answer: object) -> Undoing:
    """Say that amounts are entered anew."""
    return Undoing(impossible=IMPORT_STAYS)


class ListBudgets(Arguments):
    """List the budgets of all years, with their versions."""


def list_budgets(session: Session, _arguments: ListBudgets) -> BudgetsListed:
    """Read them."""
    return BudgetsListed(budgets=budgets.list_budgets(session), currency=company(session).currency)


class ShowBudget(Arguments):
    """Show a budget month by month."""

    budget: BudgetRef | None = Field(default=None, description="Leave empty for this year's.")


def show_budget(session: Session, arguments: ShowBudget) -> BudgetShown | NoBudgetYet:
    """Read its lines."""
    if arguments.budget is None and not budgets.list_budgets(session):
        return NoBudgetYet()
    name, periods, lines = budgets.budget_lines(session, _budget(session, arguments.budget))
    return BudgetShown(
        budget=name, periods=periods, lines=lines, currency=company(session).currency
    )


class ShowVariance(Arguments):
    """Compare a budget with the books: planned, actual, promised, available, and in percent."""

    budget: BudgetRef | None = Field(default=None, description="Leave empty for this year's.")
    until: Day | None = Field(default=None, description="Leave empty for the whole year.")
    account: AccountRef | None = Field(default=None, description="Only the lines of this one.")


def show_variance(session: Session, arguments: ShowVariance) -> VarianceShown | NoBudgetYet:
    """Add both up."""
    if arguments.budget is None and not budgets.list_budgets(session):
        return NoBudgetYet()
    budget = _budget(session, arguments.budget)
    compared = budgets.variance(session, budget, through=arguments.until)
    only = ledger.account_named(session, arguments.account).code if arguments.account else None
    return VarianceShown(variance=compared, only=only, currency=company(session).currency)


def _budget(session: Session, text: str | None) -> str:
    return text or str(company(session).today.year)


TOOLS = [
    Tool(
        SET, SetBudget, set_budget, writes=True, title="Set budget", title_zh="编制预算",
        roles=BOOKKEEPERS, pin=pin_set, undo=undo_set,
    ),
    Tool(
        "budgets.copy_budget", CopyBudget, copy_budget, writes=True,
        title="Copy budget", title_zh="复制预算", roles=BOOKKEEPERS, pin=pin_budget,
        undo=undo_copy,
    ),
    Tool(
        "budgets.import_budget", ImportBudget, import_budget, writes=True,
        title="Import budget", title_zh="导入预算", roles=BOOKKEEPERS, undo=undo_import,
    ),
    Tool(
        POLICY, SetPolicy, set_policy, writes=True,
        title="Set budget policy", title_zh="设置预算控制", roles=OWNERS, pin=pin_policy,
        undo=undo_policy,
    ),
    Tool(
        IN_FORCE, PutInForce, put_in_force, writes=True,
        title="Put budget in force", title_zh="启用预算", roles=OWNERS, pin=pin_budget,
        undo=undo_in_force,
    ),
    Tool(
        "budgets.list_budgets", ListBudgets, list_budgets, writes=False,
        title="Budgets", title_zh="预算清单", roles=BOOKS,
    ),
    Tool(
        "budgets.show_budget", ShowBudget, show_budget, writes=False,
        title="Show budget", title_zh="查看预算", roles=BOOKS,
    ),
    Tool(
        "budgets.show_variance", ShowVariance, show_variance, writes=False,
        title="Budget and actual", title_zh="预算执行情况", roles=BOOKS,
    ),
]  # fmt: skip
