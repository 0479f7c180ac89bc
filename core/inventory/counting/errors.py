"""What counts refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownCount(UnknownName):
    """There is no count {text}; say its number, such as CT-00001."""

    zh = "没有盘点单 {text}；请使用编号，例如 CT-00001。"


class CountClosed(DomainError):
    """{number} is {state}: nothing can be entered or confirmed any more. Start another count."""

    zh = "{number} {state}，不能再录入或确认。请新建盘点单。"


class NothingToCount(DomainError):
    """There is nothing to count in {location}; name items, or another place."""

    zh = "{location} 没有可盘点的物料；请指定物料或其他库位。"


class TooMuchToCount(DomainError):
    """That are {lines} shelves, more than the {most} of one count; count a part of it."""

    zh = "共 {lines} 个库存项，超过单张盘点单上限 {most}；请分批盘点。"


class CountedElsewhere(DomainError):
    """{sku} in {location} is being counted in {number}; enter it there, or close that first."""

    zh = "{location} 的 {sku} 正在 {number} 中盘点；请在该单录入，或先将其关闭。"


class OutsideOfCount(DomainError):
    """{location} is not part of {number}, which counts {root}."""

    zh = "{location} 不属于 {number} 的盘点范围（{root}）。"


class SayWhichPlace(DomainError):
    """{sku} is counted in several places: {places}. Say which one."""

    zh = "{sku} 在多个库位盘点：{places}。请说明是哪一个。"


class NothingCounted(DomainError):
    """Nothing is entered on {number} yet; enter what was counted, or cancel it."""

    zh = "{number} 尚未录入任何盘点数；请先录入或取消。"


class BeyondTolerance(DomainError):
    """{number} has differences beyond its tolerance: {lines}.

    Count these again, or let somebody who did not count accept them.
    """

    zh = "{number} 有超出容差的差异：{lines}。请复盘，或由未参与盘点的人接受差异。"
