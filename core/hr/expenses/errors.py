"""What expenses refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownExpenseCategory(UnknownName):
    """There is no category of expenses called "{text}"."""

    zh = "没有名为“{text}”的费用类别。"


class ExpenseCategoryExists(DomainError):
    """There already is a category of expenses {code}; choose another code."""

    zh = "已有费用类别 {code}；请换一个代码。"


class UnknownClaim(DomainError):
    """There is no expense claim {number}."""

    zh = "没有费用报销单 {number}。"


class EmptyClaim(DomainError):
    """An expense claim needs at least one line."""

    zh = "费用报销单至少需要一行。"


class SpentNothing(DomainError):
    """What is claimed is above nothing, not {amount}."""

    zh = "报销金额须大于零，不能是 {amount}。"


class SpentOutsideService(DomainError):
    """{employee} cannot claim what was spent on {day}: {why}."""

    zh = "{employee} 不能报销 {day} 的支出：{why}。"


class ReceiptNeeded(DomainError):
    """{category} above {amount} needs a receipt."""

    zh = "{category}超过 {amount} 须附票据。"


class ReceiptClaimed(DomainError):
    """This receipt is on {number} already; each is paid once."""

    zh = "此票据已在 {number} 中报销；每张票据只报销一次。"


class OwnClaim(DomainError):
    """Nobody decides on or pays their own expenses; somebody else has to, for {number}."""

    zh = "任何人都不能审批或支付自己的费用；{number} 须由他人办理。"


class NotTheirClaim(DomainError):
    """Expenses are claimed by oneself, or by human resources."""

    zh = "费用由本人或人力资源部报销。"


class NotTheirsToWithdraw(DomainError):
    """{number} is withdrawn by whose it is; you can refuse it instead."""

    zh = "{number} 只能由报销人本人撤回；您可以驳回。"


class NotForThemToDecide(DomainError):
    """Only a manager of {employee} or whoever keeps the books decides on {number}."""

    zh = "只有 {employee} 的上级或财务人员可以审批 {number}。"


class ClaimDecided(DomainError):
    """{number} is {state} already."""

    zh = "{number} 已是{state}状态。"


class ClaimNotApproved(DomainError):
    """{number} is {state}; only what is approved and owed is paid."""

    zh = "{number} 为{state}状态；只能支付已批准且尚欠的金额。"


class SanctionedTooMuch(DomainError):
    """Of line {position} at most {most} can be approved, not {amount}."""

    zh = "第 {position} 行最多可批准 {most}，不能是 {amount}。"


class NoSuchExpenseLine(DomainError):
    """{number} has no line {position}."""

    zh = "{number} 没有第 {position} 行。"
