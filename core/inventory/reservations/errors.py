"""What reservations refuse, and the way out."""

from core.kernel.errors import DomainError


class UnknownSetAside(DomainError):
    """There is no reservation {number}; reservations made by hand are called RS-00001 and so on."""

    zh = "没有预留单 {number}；手工预留的编号形如 RS-00001。"


class NothingSetAside(DomainError):
    """Nothing is reserved under {number} any more: it was delivered, given back or has expired."""

    zh = "{number} 下已没有预留：已发货、已释放或已到期。"


class TooMuchToGiveBack(DomainError):
    """Only {reserved} of {sku} are reserved under {number}, not {wanted}; give back less."""

    zh = "{number} 仅预留了 {reserved} 的 {sku}，不足 {wanted}；请减少释放数量。"


class ExpiresInThePast(DomainError):
    """A reservation until {until} would be over already, today is {today}; say a later day."""

    zh = "预留截止 {until} 已经过去，今天是 {today}；请选择更晚的日期。"


class PriorityOutOfRange(DomainError):
    """A priority is a number from {least} to {most}, not {priority}; {most} is served first."""

    zh = "优先级应为 {least} 到 {most} 的数字，不能是 {priority}；{most} 最先满足。"


class NothingToReserve(DomainError):
    """Of {sku} in {location} there is too little to reserve ({on_hand}, {reserved} promised).

    Let the request wait for the next goods, or order more.
    """

    zh = (
        "{location} 的 {sku} 可预留数量不足：现有 {on_hand}，已预留 {reserved}。"
        "可以等待到货后再预留，或先补货。"
    )


class NothingPromised(DomainError):
    """Nothing is reserved or waiting for {origin}; name a document that has reservations."""

    zh = "{origin} 没有任何预留或等待中的需求；请指明有预留的单据。"
