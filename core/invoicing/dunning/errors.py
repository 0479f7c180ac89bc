"""What dunning refuses."""

from core.kernel.errors import DomainError


class LevelsOutOfOrder(DomainError):
    """Dunning levels are numbered 1, 2, 3 …, and each comes more days after the due day.

    These come after {days} days. Put them in order.
    """

    zh = "催款级别应为 1、2、3……，且逾期天数逐级增加；现为 {days} 天。请调整。"


class LevelWithoutSense(DomainError):
    """Level {level} asks for a fee of {fee} and {percent} % of interest; neither is below zero.

    The interest is at most 100 % a year.
    """

    zh = "第 {level} 级的费用 {fee} 与年利率 {percent}% 不合理：均不得为负，利率最高 100%。"


class NobodyToRemind(DomainError):
    """Nobody is to be reminded on {day}: nothing has reached its next level.

    What is paid, held, or on a letter that waits to be sent is left alone.
    """

    zh = "{day} 没有需要催款的客户：没有单据达到下一级别（已付、已暂停或催款函待发送的除外）。"


class UnknownLetter(DomainError):
    """There is no dunning letter {number}; they are numbered like DUN-00042."""

    zh = "没有催款函 {number}；编号形如 DUN-00042。"


class LetterNotDraft(DomainError):
    """{number} is {state} already; only a draft can be sent. Run dunning for a new one."""

    zh = "{number} 的状态为 {state}；只有草稿可以发送。请重新执行催款。"


class LetterCancelled(DomainError):
    """{number} was cancelled already; there is nothing left to take back."""

    zh = "{number} 已取消；无可撤回。"


class LaterLetterSent(DomainError):
    """{later} was sent after {number}; take that back first."""

    zh = "在 {number} 之后已发送 {later}；请先撤回后者。"


class NothingLeftToRemind(DomainError):
    """Nothing that {number} asks for is still open; cancel it instead of sending it."""

    zh = "{number} 所催款项均已结清或已暂停；请取消而不要发送。"


class NoLettersWaiting(DomainError):
    """No dunning letter waits to be sent; run dunning first."""

    zh = "没有待发送的催款函；请先执行催款。"


class ChargeSettled(DomainError):
    """The charge {charge} of {number} is settled in part; take that payment back first."""

    zh = "{number} 的费用单 {charge} 已部分结清；请先撤回该收款。"
