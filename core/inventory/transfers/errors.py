"""What transfers refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownTransfer(UnknownName):
    """There is no transfer {text}; say its number, such as TR-00001."""

    zh = "没有调拨单 {text}；请使用编号，例如 TR-00001。"


class TransferClosed(DomainError):
    """Nothing of {number} is under way any more; all of it arrived, came back or was lost."""

    zh = "{number} 已无在途货物：全部已到货、退回或报损。"


class MoreThanUnderWay(DomainError):
    """Of {sku} only {under_way} are under way on {number}, not {wanted}; say less."""

    zh = "{number} 在途的 {sku} 只有 {under_way}，少于 {wanted}；请减少数量。"


class NotOnTransfer(DomainError):
    """{sku} is not on {number}; it has {items}."""

    zh = "{number} 中没有 {sku}；现有：{items}。"


class ItemTwice(DomainError):
    """{sku} stands there twice; say its whole quantity once."""

    zh = "{sku} 出现了两次；请合并为一行。"


class NothingSaid(DomainError):
    """Say how much arrived or was lost; it must be more than nothing."""

    zh = "请说明到货或损失的数量；不能为零。"


class ExpectedBeforeShipped(DomainError):
    """It is sent on {shipped_on} and cannot arrive before, on {expected_on}."""

    zh = "发出日期为 {shipped_on}，不能早于该日于 {expected_on} 到达。"


class WhyLost(DomainError):
    """Say what explains that {lost} of {sku} did not arrive."""

    zh = "请说明 {sku} 短少 {lost} 的原因。"
