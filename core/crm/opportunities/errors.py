"""What is refused about opportunities."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownOpportunity(UnknownName):
    """There is no opportunity called "{text}"."""

    zh = "没有名为“{text}”的商机。"


class UnknownPipeline(UnknownName):
    """There is no pipeline called "{text}"."""

    zh = "没有名为“{text}”的销售管道。"


class UnknownStage(DomainError):
    """There is no stage "{text}" in "{pipeline}". Its stages are {stages}."""

    zh = "{pipeline}中没有阶段“{text}”。现有阶段：{stages}。"


class UnknownTeam(UnknownName):
    """There is no sales team called "{text}"."""

    zh = "没有名为“{text}”的销售团队。"


class CodeTaken(DomainError):
    """There is a {what} with the code {code} already."""

    zh = "代码为 {code} 的{what}已存在。"


class NoStages(DomainError):
    """The pipeline {pipeline} has no open stage to begin in; add its stages first."""

    zh = "销售管道 {pipeline} 没有可起始的阶段；请先添加阶段。"


class ProbabilityOutOfRange(DomainError):
    """A probability of {percent} % makes no sense here; use {least} to {most}."""

    zh = "概率 {percent}% 无效；请使用 {least} 至 {most}。"


class StaleDaysOutOfRange(DomainError):
    """What is in a stage stalls after 1 to {most} days, not after {days}."""

    zh = "停滞天数应为 1 至 {most} 天，不能为 {days}。"


class StageHolds(DomainError):
    """The stage {stage} holds {count} opportunities; move them away before it closes or opens."""

    zh = "阶段{stage}中有 {count} 个商机；请先移走，再更改其赢单或输单的含义。"


class LostWithoutReason(DomainError):
    """Say why {number} was lost: an opportunity is not closed as lost without a reason."""

    zh = "请说明 {number} 的输单原因：没有原因不能以输单关闭商机。"


class StageUnchanged(DomainError):
    """{number} is in the stage {stage} already."""

    zh = "{number} 已处于阶段{stage}。"


class OpportunityClosed(DomainError):
    """{number} is {outcome} already; move it back to an open stage first."""

    zh = "{number} 已{outcome}；请先将其移回未结阶段。"


class AmountNegative(DomainError):
    """An opportunity cannot be worth {amount}."""

    zh = "商机金额不能为 {amount}。"


class ClosesInThePast(DomainError):
    """It cannot close on {day}: today is {today}. Say a day to come."""

    zh = "预计成交日 {day} 早于今天（{today}）。请指定以后的日期。"


class NothingToQuote(DomainError):
    """{number} has no products; say which ones, and how much of them."""

    zh = "{number} 没有产品；请说明产品及数量。"


class NothingChanges(DomainError):
    """That is what {number} says already; nothing would change."""

    zh = "{number} 已经如此；无需更改。"


class QuotaWhose(DomainError):
    """Say whose quota it is: a person's or a team's, not both."""

    zh = "请说明是个人还是团队的销售目标，二者只能选一。"


class QuotaNotPositive(DomainError):
    """A quota of {amount} makes no sense; it is above nought."""

    zh = "销售目标 {amount} 无效；必须大于零。"


class PeriodBackwards(DomainError):
    """A period cannot end on {last} and begin on {first}."""

    zh = "期间不能从 {first} 开始而在 {last} 结束。"


class DocumentOfAnother(DomainError):
    """{number} came of {opportunity} already."""

    zh = "{number} 已属于商机 {opportunity}。"
