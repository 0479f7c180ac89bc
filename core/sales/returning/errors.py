"""What is refused when goods come back."""

from core.kernel.errors import DomainError


class UnknownReturn(DomainError):
    """There is no return {number}."""

    zh = "没有退货单 {number}。"


class NothingToReturn(DomainError):
    """Nothing of {number} can come back: it did already, or is to come back by another return."""

    zh = "{number} 已没有可退的物料：已退回，或已在其他退货单中。"


class MoreThanLeft(DomainError):
    """Of {sku} only {left} can come back on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 最多可退 {left}，不能退 {quantity}。"


class ReturnClosed(DomainError):
    """{number} is {state}; nothing more comes back by it."""

    zh = "{number} 的状态为 {state}，不能再收货。"


class ReturnBegun(DomainError):
    """Something of {number} has come back already; it cannot be cancelled."""

    zh = "{number} 已有退货入库，不能取消。"


class NothingToCredit(DomainError):
    """Nothing of {number} has come back that is charged and not credited."""

    zh = "{number} 没有已退回而未冲销的物料。"


class ReplacementNeedsOrder(DomainError):
    """Only what we delivered can be replaced: name the delivery."""

    zh = "只有我方发出的物料才能换货：请指定发货单。"


class FeeOutOfRange(DomainError):
    """A fee of {percent} % makes no sense; use 0 to 100."""

    zh = "手续费 {percent}% 无效；请使用 0 至 100。"
