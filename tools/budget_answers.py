"""What the tools of budgets answer."""

from decimal import Decimal

from core.kernel.errors import Language
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.ledger.budgets import BudgetState, BudgetView, LineView, Policy, Variance, VarianceRow
from tools.base import Answer, Column, Grid


class BudgetChanged(Answer):
    """A line of a budget with its new amounts."""

    budget: str
    account: str
    amount: Decimal
    months: list[Decimal]
    before: list[Decimal]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say the amount of the year."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"预算 {self.budget} 中 {self.account} 为 {amount}。"
        return f"The budget {self.budget} has {amount} for {self.account}."


class BudgetCopied(Answer):
    """A budget that began as a copy."""

    budget: str
    lines: int
    income: Decimal
    expense: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it comes to."""
        income, expense = (Money.of(each, self.currency) for each in (self.income, self.expense))
        if language == "zh":
            return f"预算 {self.budget} 已生成：{self.lines} 行，收入 {income}，费用 {expense}。"
        return f"{self.budget} has {self.lines} lines: income {income}, expenses {expense}."


class BudgetImported(Answer):
    """A budget with the rows of a sheet in it."""

    budget: str
    rows: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many rows."""
        if language == "zh":
            return f"已将 {self.rows} 行导入预算 {self.budget}。"
        return f"{self.rows} rows are in the budget {self.budget}."


class PolicySet(Answer):
    """A budget and what becomes of spending over it."""

    budget: str
    policy: Policy
    before: Policy
    threshold_percent: Decimal
    threshold_before: Decimal
    instead_of: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say the policy, or that it counts now."""
        policy, share = word(self.policy, language), plain(self.threshold_percent)
        if language == "zh":
            said = f"预算 {self.budget}：{policy}，上限 {share} %。"
            return f"{said}现为生效版本。" if self.instead_of else said
        said = f"The budget {self.budget}: {policy}, up to {share} % of it."
        return f"{said} It is the one in force now." if self.instead_of else said


class BudgetsListed(Answer):
    """The budgets there are."""

    budgets: list[BudgetView]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and which ones count."""
        count = len(self.budgets)
        names = [each.name for each in self.budgets if each.state is BudgetState.IN_FORCE]
        if language == "zh":
            return f"共 {count} 个预算，生效：{'、'.join(names) or '无'}。"
        return f"There are {count} budgets; in force: {', '.join(names) or 'none'}."

    def grid(self) -> Grid:
        """Return one row for every budget."""
        columns = (
            Column("budget", "预算"),
            Column("state", "状态"),
            Column("policy", "控制方式"),
            Column("limit", "上限", "percent"),
            Column("lines", "行数", "number"),
            Column("income", "收入", self.currency),
            Column("expenses", "费用", self.currency),
        )
        rows = tuple(
            (
                each.name, each.state, each.policy, each.threshold_percent, each.lines,
                each.income.amount, each.expense.amount,
            )
            for each in self.budgets
        )  # fmt: skip
        return Grid(columns, rows)


class NoBudgetYet(Answer):
    """No budget was entered for any year."""

    def sentence(self, language: Language = "en") -> str:
        """Say how one begins."""
        if language == "zh":
            return "尚未编制任何预算；为某个科目录入金额即可开始。"
        return "No budget was entered yet; set an amount for an account to begin one."


class BudgetShown(Answer):
    """A budget month by month."""

    budget: str
    periods: list[str]
    lines: list[LineView]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many lines it has."""
        count = len(self.lines)
        if language == "zh":
            return f"预算 {self.budget} 共 {count} 行，{len(self.periods)} 个会计期间。"
        return f"The budget {self.budget} has {count} lines over {len(self.periods)} periods."

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("dimensions", "维度"),
            Column("policy", "控制方式"),
            Column("year", "全年", self.currency),
            *(Column(period, period, self.currency) for period in self.periods),
        )
        rows = tuple(
            (
                line.account, line.name, line.name_zh, line.dimensions, line.policy,
                line.year.amount, *(each.amount for each in line.months),
            )
            for line in self.lines
        )  # fmt: skip
        return Grid(columns, rows)


class VarianceShown(Answer):
    """A budget compared with the books."""

    variance: Variance
    # The code of the account that was asked about, where not all of them were.
    only: str | None = None
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what is left of one account, or the result and how many lines are over."""
        if self.only is not None:
            return self._left(language)
        shown, result = self.variance, self.variance.result
        over = sum(row.budget.minor > 0 and row.available.minor < 0 for row in self._spending())
        share = "-" if result.percent is None else f"{result.percent} %"
        if language == "zh":
            return (
                f"预算 {shown.budget}，截至 {shown.until}：预算结果 {result.budget}，"
                f"实际 {result.actual}（{share}）；{over} 行超支。"
            )
        lines = "1 line is" if over == 1 else f"{over} lines are"
        return (
            f"{shown.budget} through {shown.until}: a result of {result.actual},"
            f" {result.budget} budgeted ({share}); {lines} overspent."
        )

    def grid(self) -> Grid:
        """Return one row for every line, and the result."""
        money = self.currency
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("dimensions", "维度"),
            Column("budget", "预算", money),
            Column("actual", "实际", money),
            Column("promised", "已承诺", money),
            Column("available", "可用", money),
            Column("percent", "完成率", "percent"),
            Column("favourable", "有利差异", money),
        )
        rows = [
            (
                row.account, row.name, row.name_zh, row.dimensions, row.budget.amount,
                row.actual.amount, row.committed.amount, row.available.amount, row.percent,
                row.variance.amount,
            )
            for row in self._rows()
        ]  # fmt: skip
        if self.only is not None:
            return Grid(columns, tuple(rows))
        result = self.variance.result
        rows.append(
            (
                "", "result", "结果", "", result.budget.amount, result.actual.amount,
                Decimal(0), (result.budget - result.actual).amount, result.percent,
                result.variance.amount,
            )
        )  # fmt: skip
        return Grid(columns, tuple(rows))

    def _rows(self) -> list[VarianceRow]:
        rows = self.variance.rows
        return [row for row in rows if self.only in {None, row.account}]

    def _left(self, language: Language) -> str:
        """Say what is left of the lines of one account."""
        shown, rows = self.variance, self._rows()
        if not any(row.budget.minor for row in rows):
            if language == "zh":
                return f"预算 {shown.budget} 中没有科目 {self.only}；录入金额即可编制。"
            return f"{shown.budget} has no amount for {self.only}; enter one to begin."
        nothing = Money(0, self.currency)
        planned = sum((row.budget for row in rows), start=nothing)
        spent = sum((row.actual for row in rows), start=nothing)
        promised = sum((row.committed for row in rows), start=nothing)
        left = planned - spent - promised
        if language == "zh":
            also = f"、已承诺 {promised}" if promised.minor else ""
            return (
                f"{self.only} {rows[0].name_zh}：截至 {shown.until}，预算 {planned}，"
                f"已用 {spent}{also}，剩余 {left}。"
            )
        also = f" and {promised} promised" if promised.minor else ""
        return (
            f"{self.only} {rows[0].name}: {left} left of {planned} through {shown.until};"
            f" {spent} spent{also}."
        )

    def _spending(self) -> list[VarianceRow]:
        return [row for row in self.variance.rows if row.kind != "income"]
