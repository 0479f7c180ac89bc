"""What holds refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownHold(UnknownName):
    """There is no hold {text}; say its number, such as QH-00001."""

    zh = "没有暂扣单 {text}；请使用编号，例如 QH-00001。"


class HoldClosed(DomainError):
    """Nothing is held on {number} any more: all of it was released or scrapped."""

    zh = "{number} 已无暂扣货物：全部已放行或报废。"


class MoreThanHeld(DomainError):
    """Of {sku} only {held} are held on {number}, not {wanted}; say less."""

    zh = "{number} 暂扣的 {sku} 只有 {held}，少于 {wanted}；请减少数量。"


class SayWhy(DomainError):
    """Say why {sku} is held or scrapped."""

    zh = "请说明 {sku} 暂扣或报废的原因。"
