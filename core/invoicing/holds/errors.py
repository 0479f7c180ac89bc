"""What holds refuse."""

from core.kernel.errors import DomainError


class HeldAlready(DomainError):
    """{subject} is held already: {because}. Lift that first."""

    zh = "{subject} 已被暂停：{because}。请先解除。"


class NotHeld(DomainError):
    """{subject} is not held; there is nothing to lift."""

    zh = "{subject} 未被暂停，无需解除。"


class HoldEndsBeforeToday(DomainError):
    """It cannot be held until {until}, that is over; say a day that lies ahead, or none."""

    zh = "暂停不能截至 {until}，该日已过；请填写未来日期或留空。"


class HoldOfOtherSide(DomainError):
    """{number} is not a document that this is about; hold an invoice or a bill that is open."""

    zh = "{number} 不适用；请暂停未结的发票或账单。"


class DifferenceNotAgreed(DomainError):
    """{subject} differs from its order ({because}); have the difference approved instead."""

    zh = "{subject} 与订单不符（{because}）；请改为审批差异。"
