"""What work centres and routings refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownWorkCentre(UnknownName):
    """No work centre is called "{text}"."""

    zh = "没有名为“{text}”的工作中心。"


class WorkCentreExists(DomainError):
    """There is a work centre {code} already: {name}; change that one instead."""

    zh = "工作中心 {code} 已存在：{name}；请修改该工作中心。"


class NoCapacity(DomainError):
    """{code} would have no capacity: say more than 0 and at most 24 hours a day, on 1 station."""

    zh = "{code} 没有产能：每天工时须大于 0 且不超过 24，工位至少 1 个。"


class NoEfficiency(DomainError):
    """An efficiency of {percent} % cannot be: it lies above 0 and up to 1000."""

    zh = "效率不能为 {percent}%：应大于 0 且不超过 1000。"


class RateBelowZero(DomainError):
    """A rate of {rate} cannot be: work costs nothing or more."""

    zh = "费率不能为 {rate}：不得小于零。"


class NoOperations(DomainError):
    """Say by which operations {sku} is made; one at least."""

    zh = "请说明 {sku} 的工序，至少一道。"


class OperationTakesNothing(DomainError):
    """Operation {name} takes neither time nor cycles; say how long it takes."""

    zh = "工序 {name} 既无工时也无循环次数；请说明所需时间。"


class RoutingExists(DomainError):
    """{number} of {sku} already holds from {day} on; choose another day."""

    zh = "{sku} 已有自 {day} 起生效的 {number}；请选择其他日期。"


class NoRouting(DomainError):
    """{sku} has no routing that holds on {day}; define one first."""

    zh = "{sku} 在 {day} 没有有效的工艺路线；请先定义。"
