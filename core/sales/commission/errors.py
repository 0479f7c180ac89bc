"""What commission refuses."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownPlan(UnknownName):
    """There is no commission plan called "{text}"."""

    zh = "没有名为“{text}”的提成方案。"


class PlanTaken(DomainError):
    """There is a commission plan {code} already; choose another code."""

    zh = "提成方案 {code} 已存在；请另选代码。"


class PlanOver(DomainError):
    """The plan {code} ends on {valid_until} already."""

    zh = "方案 {code} 已于 {valid_until} 结束。"


class PlanEndsBeforeItBegins(DomainError):
    """The plan {code} cannot end on {valid_until}, before it begins on {valid_from}."""

    zh = "方案 {code} 的结束日 {valid_until} 早于开始日 {valid_from}。"


class RatesMakeNoSense(DomainError):
    """The rates of {code} make no sense: {why}."""

    zh = "方案 {code} 的比率无效：{why}。"
