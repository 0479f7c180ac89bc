"""What scheduling refuses."""

from core.kernel.errors import DomainError


class NeverWorks(DomainError):
    """Work centre {code} is not open within {days} days: give it hours or another calendar."""

    zh = "工作中心 {code} 在 {days} 天内没有开放时间：请设置工时或其他日历。"


class ScheduleTooFar(DomainError):
    """A schedule looks 1 to 730 days ahead, not {days}."""

    zh = "排程展望期为 1 至 730 天，而非 {days} 天。"


class NothingToSchedule(DomainError):
    """Every open work order with operations is scheduled as it should be already."""

    zh = "所有带工序的未完成工单均已按最佳方案排程。"


class NotItsSteps(DomainError):
    """{number} has no operation {position} to schedule; it has {operations}."""

    zh = "{number} 没有可排程的工序 {position}；现有：{operations}。"


class EndsBeforeItStarts(DomainError):
    """Operation {position} of {number} cannot end on {ends_on}, before it starts on {starts_on}."""

    zh = "{number} 的工序 {position} 不能在开始日 {starts_on} 之前的 {ends_on} 结束。"


class TooMuchToSchedule(DomainError):
    """{count} orders would be scheduled anew, one decision takes {most}: close what is over."""

    zh = "需重新排程 {count} 张工单，一次最多 {most} 张：请先关闭已结束的工单。"
