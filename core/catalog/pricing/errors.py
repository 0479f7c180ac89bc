"""What prices refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownPromotion(UnknownName):
    """There is no promotion called "{text}"."""

    zh = "没有名为“{text}”的促销。"


class RuleOutOfRange(DomainError):
    """{value} makes no sense here: {why}."""

    zh = "{value} 在此无效：{why}。"


class RuleEndsBeforeItBegins(DomainError):
    """It cannot end on {valid_until}, before it begins on {valid_from}; say a later day."""

    zh = "结束日 {valid_until} 早于开始日 {valid_from}；请给出更晚的日期。"


class NoSuchRule(DomainError):
    """{whose} has no such price rule from a quantity of {quantity}; show its rules first."""

    zh = "{whose} 没有起始数量为 {quantity} 的该价格规则；请先查看其规则。"


class SayWhoseRule(DomainError):
    """Say either a price list or a customer, and at most one of item, template and category."""

    zh = "请指明价目表或客户之一，且物料、模板、类别最多选一个。"


class PromotionTaken(DomainError):
    """There is a promotion {code} already; choose another code."""

    zh = "促销代码 {code} 已存在；请另选一个。"


class PromotionOver(DomainError):
    """The promotion {code} has ended already."""

    zh = "促销 {code} 已经结束。"


class GroupHasList(DomainError):
    """The group {group} buys from the list {price_list} already; take it away there first."""

    zh = "客户组 {group} 已使用价目表 {price_list}；请先在那里取消。"
