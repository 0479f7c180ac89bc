"""What reviews refuse."""

from core.kernel.errors import DomainError


class UnknownCycle(DomainError):
    """There is no cycle of reviews {number}."""

    zh = "没有考核周期 {number}。"


class NoOpenReview(DomainError):
    """There is no open review of {employee}; human resources open a cycle of reviews first."""

    zh = "{employee} 没有进行中的考核；请先由人力资源部开启考核周期。"


class NotYourReview(DomainError):
    """The review of {employee} is not yours to see: it is for them, their managers and HR."""

    zh = "您无权查看 {employee} 的考核：仅限本人、上级及人力资源部。"


class NotTheReviewer(DomainError):
    """Only {reviewer} reviews {employee} in this cycle."""

    zh = "本周期仅由 {reviewer} 考核 {employee}。"


class OnlyHumanResources(DomainError):
    """Only human resources open and close a cycle of reviews."""

    zh = "只有人力资源部可以开启和关闭考核周期。"


class CycleEndsBeforeStart(DomainError):
    """A cycle ends on or after the day it starts on, not from {starts_on} to {ends_on}."""

    zh = "考核周期的结束日期不能早于开始日期：{starts_on} 至 {ends_on}。"


class NobodyToReview(DomainError):
    """Nobody who works here on {day} has a manager; set managers first."""

    zh = "{day} 在职员工均无上级；请先设定上级。"


class CycleClosed(DomainError):
    """{cycle} is closed; nothing of it changes any more."""

    zh = "{cycle} 已关闭，不能再更改。"


class ReviewShared(DomainError):
    """The review of {employee} was shared on {day}; what was shared stays."""

    zh = "{employee} 的考核已于 {day} 公布；公布后不能更改。"


class WeightOutOfRange(DomainError):
    """The weights of all goals come to 100 %; {left} % are left, not {weight} %."""

    zh = "各项目标权重合计为 100%；尚余 {left}%，不能是 {weight}%。"


class UnknownGoal(DomainError):
    """The review of {employee} has no goal {position}; it has {count}."""

    zh = "{employee} 的考核没有第 {position} 项目标；共 {count} 项。"


class RatingOutOfRange(DomainError):
    """A score is a whole number from {least} to {most}, not {score}."""

    zh = "评分为 {least} 至 {most} 的整数，不能是 {score}。"


class NotReadyToShare(DomainError):
    """The review of {employee} cannot be shared yet: {why}."""

    zh = "{employee} 的考核尚不能公布：{why}。"


class FeedbackOnOneself(DomainError):
    """Feedback comes from colleagues; the reviewed and the reviewer write in the review itself."""

    zh = "反馈由同事提供；本人和考核人请直接在考核中填写。"


class FeedbackGiven(DomainError):
    """You gave feedback on {employee} already; each colleague gives it once in a cycle."""

    zh = "您已对 {employee} 提供过反馈；每位同事每周期只提供一次。"


class NoEmployeeOfAccount(DomainError):
    """Your account belongs to no employee; feedback comes from colleagues."""

    zh = "您的账号没有对应的员工；反馈由同事提供。"
