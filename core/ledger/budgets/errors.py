"""What budgets refuse, and the way out."""

from core.kernel.errors import DomainError


class UnknownBudget(DomainError):
    """There is no budget {text}; there are: {known}. Enter an amount to begin one."""

    zh = "没有预算 {text}；现有：{known}。录入金额即可新建。"


class UnknownFiscalYear(DomainError):
    """There is no fiscal year {year}; open its periods first."""

    zh = "没有会计年度 {year}；请先开放其会计期间。"


class BudgetExists(DomainError):
    """There is already a budget {name}; choose another version."""

    zh = "预算 {name} 已存在；请使用其他版本名称。"


class BudgetStaysAsItIs(DomainError):
    """The budget {name} is {state} already; nothing was changed."""

    zh = "预算 {name} 已处于该状态（{state}）；未作更改。"


class NothingBudgeted(DomainError):
    """The budget {name} has no amount for {what}; enter one first."""

    zh = "预算 {name} 中没有 {what} 的金额；请先录入。"


class KeyNeeded(DomainError):
    """A split by key needs a weight for each of the {months} months, and one above nothing."""

    zh = "按比例分摊需要为 {months} 个月各给出权重，且不得全为零。"


class NoYearBefore(DomainError):
    """{account} had nothing in the year before {year} to go by; split it equally instead."""

    zh = "{account} 在 {year} 的上一年度没有发生额可参照；请改为平均分摊。"


class AmountNegative(DomainError):
    """A budget of {amount} is less than nothing; say what the account should grow by."""

    zh = "预算金额 {amount} 不能为负；请给出该科目应增加的金额。"


class FactorNotPositive(DomainError):
    """A budget cannot be copied with the factor {factor}; it is more than 0."""

    zh = "复制预算的系数 {factor} 无效；必须大于 0。"


class BudgetExceeded(DomainError):
    """{what} has {left} left in the budget {budget}, and this takes {asked}.

    Take less, or let somebody raise the budget first.
    """

    zh = "预算 {budget} 中 {what} 剩余 {left}，此项需 {asked}；请减少金额，或先提高预算。"


class BadBudgetRow(DomainError):
    """Row {row} cannot be used: {problem} Nothing was imported."""

    zh = "第 {row} 行无法使用：{problem} 未导入任何内容。"
