"""What requisitions refuse."""

from core.kernel.errors import DomainError


class UnknownRequisition(DomainError):
    """There is no requisition {number}."""

    zh = "没有采购申请 {number}。"


class EmptyRequisition(DomainError):
    """A requisition needs at least one line."""

    zh = "采购申请至少需要一行。"


class NeededInThePast(DomainError):
    """Nothing can be needed by {needed_on}: today is {today}."""

    zh = "需求日期 {needed_on} 早于今天（{today}）。"


class NotApproved(DomainError):
    """{number} is not approved yet; have it approved first."""

    zh = "{number} 尚未批准；请先批准。"


class NotADraft(DomainError):
    """{number} is {state} already."""

    zh = "{number} 已是{state}状态。"


class OwnRequisition(DomainError):
    """{who} asked for {number}; somebody else has to approve it."""

    zh = "{number} 由 {who} 提出；须由另一人批准。"


class NothingLeftToOrder(DomainError):
    """Nothing of {number} is left to order."""

    zh = "{number} 没有尚未下单的物料。"


class MoreThanNeeded(DomainError):
    """Of {sku} on {number} only {left} is left to order, not {quantity}."""

    zh = "{number} 的 {sku} 尚可下单 {left}，不能下单 {quantity}。"


class NoSuchNeed(DomainError):
    """{number} has no position {position}; it has {positions}."""

    zh = "{number} 没有第 {position} 行；现有：{positions}。"
