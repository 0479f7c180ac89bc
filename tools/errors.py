"""What can go wrong on the road from a call to the core."""

from core.kernel.errors import DomainError


class UnknownTool(DomainError):
    """There is no tool called {tool}. The nearest ones are: {nearest}."""

    zh = "没有名为 {tool} 的工具。最接近的有：{nearest}。"


class BadArguments(DomainError):
    """{tool} cannot be used like this: {problems}."""

    zh = "{tool} 的参数不正确：{problems}。"


class NothingToDo(DomainError):
    """The plan has no steps that change anything; ask the questions one by one instead."""

    zh = "该计划没有任何变更步骤；请逐一提问。"


class PlanTooLong(DomainError):
    """A plan may have up to {most} steps; this one has {count}. Split it."""

    zh = "一个计划最多 {most} 步，当前 {count} 步。请拆分。"


class NothingToUndo(DomainError):
    """Proposal {number} was not carried out, so there is nothing to undo."""

    zh = "提案 {number} 未执行，没有可撤销的内容。"


class CannotBeUndone(DomainError):
    """Proposal {number} cannot be undone: {why}."""

    zh = "提案 {number} 无法撤销：{why}。"


class BooksRefused(DomainError):
    """The database refused this, because the books would be wrong afterwards ({rule})."""

    zh = "数据库拒绝执行：否则账目将不正确（{rule}）。"


class UnknownStep(DomainError):
    """The plan has no step {reference}, or that step has no such result."""

    zh = "计划中没有步骤 {reference}，或该步骤没有该结果。"


class NotComparable(DomainError):
    """Statements are not compared with {what}; compare them with another period."""

    zh = "报表不能与{what}对比；请与另一期间对比。"


class WhoseStatement(DomainError):
    """A statement is one party's; say which customer or supplier you mean."""

    zh = "对账单针对单个往来单位；请指明客户或供应商。"


class SayHowMuch(DomainError):
    """Say how much: {kind} needs {what}."""

    zh = "请说明数值：{kind} 需要{what}。"


class SayWhatItGives(DomainError):
    """Say one thing that the promotion gives: percent off, an amount off, or how many are free."""

    zh = "请说明促销的一种优惠：折扣百分比、减免金额，或买几赠几。"
