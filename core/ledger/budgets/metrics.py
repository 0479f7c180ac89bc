"""What budgets give to reporting: what was planned, and how much better or worse it went."""

from sqlalchemy import and_, case, exists, literal, select, union_all

from core.kernel.semantics import (
    BOOKS,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Unit,
)
from core.ledger.budgets.tables import Budget, BudgetAmount, BudgetLine, BudgetState
from core.ledger.tables import (
    Account,
    AccountKind,
    FiscalYear,
    Journal,
    JournalEntry,
    Period,
    Posting,
    Side,
)

_PLANNED = (
    select(
        Budget.name.label("document"),
        Period.starts_on.label("planned_on"),
        Account.id.label("account"),
        Account.kind.label("account_kind"),
        BudgetAmount.amount_minor.label("minor"),
        Budget.version.label("budget_version"),
        BudgetLine.dimension_set_id.label("dimension_set"),
    )
    .join(BudgetLine, BudgetLine.id == BudgetAmount.line_id)
    .join(Budget, Budget.id == BudgetLine.budget_id)
    .join(Period, Period.id == BudgetAmount.period_id)
    .join(Account, Account.id == BudgetLine.account_id)
    .where(Budget.state == BudgetState.IN_FORCE)
)
_RESULT = Account.kind.in_((AccountKind.INCOME, AccountKind.EXPENSE))

BUDGETED = Source(
    id="budgeted",
    rows=_PLANNED,
    basis=Said("the budgets in force", "生效的预算"),
    handles=frozenset({"account", "budget_version", "dimension_set"}),
    dates=("planned_on",),
    document_kind="budget",
)
# Income counts as it is booked, and an expense against it: what is more is better in both.
COMPARED = Source(
    id="budget_compared",
    rows=select(
        union_all(
            select(
                Budget.name.label("document"),
                Period.starts_on.label("planned_on"),
                Account.id.label("account"),
                case(
                    (Account.kind == AccountKind.INCOME, -BudgetAmount.amount_minor),
                    else_=BudgetAmount.amount_minor,
                ).label("minor"),
            )
            .select_from(BudgetAmount)
            .join(BudgetLine, BudgetLine.id == BudgetAmount.line_id)
            .join(Budget, Budget.id == BudgetLine.budget_id)
            .join(Period, Period.id == BudgetAmount.period_id)
            .join(Account, Account.id == BudgetLine.account_id)
            .where(Budget.state == BudgetState.IN_FORCE, _RESULT),
            select(
                JournalEntry.number,
                JournalEntry.posted_on,
                Account.id,
                case((Posting.side == Side.DEBIT, -Posting.base_minor), else_=Posting.base_minor),
            )
            .select_from(Posting)
            .join(JournalEntry, JournalEntry.id == Posting.entry_id)
            .join(Account, Account.id == Posting.account_id)
            .where(
                _RESULT,
                JournalEntry.journal != Journal.CLOSING,
                exists(
                    select(literal(1))
                    .select_from(Budget)
                    .join(FiscalYear, FiscalYear.id == Budget.fiscal_year_id)
                    .where(
                        and_(
                            Budget.state == BudgetState.IN_FORCE,
                            Posting.posted_on.between(FiscalYear.starts_on, FiscalYear.ends_on),
                        )
                    )
                ),
            ),
        ).subquery("compared")
    ),
    basis=Said(
        "posted journal entries, and the budgets in force of their years",
        "已过账的记账凭证及其年度的生效预算",
    ),
    handles=frozenset({"account"}),
    dates=("planned_on",),
    document_kind="journal_entry",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="budget_amount",
            names=Names(
                "budgeted amount",
                "预算金额",
                ("planned amount", "amount budgeted", "budget figure"),
                ("预算数", "计划金额", "预算额"),
            ),
            definition=Said(
                "Amounts of the budgets in force for the periods that begin in the stretch: what"
                " income should bring, and what other accounts may take.",
                "期间内各会计期间的生效预算金额：收入科目为应实现额，其他科目为可使用额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(BUDGETED, lambda rows: rows["minor"], minor=True),
        ),
        Metric(
            id="budget_variance",
            names=Names(
                "budget variance",
                "预算差异",
                ("variance to budget", "deviation from budget", "over or under budget"),
                ("预算偏差", "与预算的差异", "超支或节约"),
            ),
            definition=Said(
                "By how much better than budgeted it went: income above its budget, and expenses"
                " below theirs, are positive. Only years that have a budget in force count.",
                "优于预算的金额：收入高于预算、费用低于预算为正。仅计有生效预算的年度。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(COMPARED, lambda rows: rows["minor"], minor=True),
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="budget_version",
            names=Names(
                "budget version",
                "预算版本",
                ("version of the budget", "budget edition", "budget revision"),
                ("预算版本号", "预算方案", "预算稿次"),
            ),
            handle="budget_version",
            keys=select(Budget.version.label("key")),
            roles=BOOKS,
        ),
    ),
)
