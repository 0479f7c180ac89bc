"""What requests for quotation refuse."""

from core.kernel.errors import DomainError


class UnknownRequest(DomainError):
    """There is no request for quotation {number}."""

    zh = "没有询价单 {number}。"


class NobodyAsked(DomainError):
    """Say which suppliers are asked; one at least."""

    zh = "请说明向哪些供应商询价，至少一家。"


class NothingAsked(DomainError):
    """Say what is asked for; one item at least."""

    zh = "请说明询价的物料，至少一种。"


class AnswerInThePast(DomainError):
    """Nobody can answer by {answer_by}: today is {today}."""

    zh = "答复日期 {answer_by} 早于今天（{today}）。"


class RequestNotOpen(DomainError):
    """{number} is {state}; ask anew instead."""

    zh = "{number} 已是{state}状态；请重新询价。"


class NotInvited(DomainError):
    """{supplier} was not asked with {number}; these were: {invited}."""

    zh = "{number} 未向 {supplier} 询价；已询价的有：{invited}。"


class NotAskedFor(DomainError):
    """{number} does not ask for {what}; it asks for {items}."""

    zh = "{number} 没有询 {what}；询价物料为：{items}。"


class NothingQuoted(DomainError):
    """{supplier} has not quoted {sku} on {number}."""

    zh = "{supplier} 未在 {number} 中对 {sku} 报价。"


class QuoteExpired(DomainError):
    """The quotation of {supplier} for {sku} was valid until {valid_until}; ask for a new one."""

    zh = "{supplier} 对 {sku} 的报价有效期至 {valid_until}；请重新询价。"


class NothingToAward(DomainError):
    """Nothing of {number} is left to award."""

    zh = "{number} 没有尚未定标的物料。"
