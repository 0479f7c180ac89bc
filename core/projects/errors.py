"""What projects refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownProject(UnknownName):
    """There is no project "{text}"."""

    zh = "没有名为“{text}”的项目。"


class UnknownTask(DomainError):
    """{project} has no task {task}; it has {tasks}."""

    zh = "{project} 没有任务 {task}；现有：{tasks}。"


class TaskExists(DomainError):
    """{project} has a task {task} already; give this one another name."""

    zh = "{project} 已有任务 {task}；请换一个名称。"


class ProjectClosed(DomainError):
    """{project} is closed; reopen it first."""

    zh = "{project} 已关闭；请先重新打开。"


class ProjectOpen(DomainError):
    """{project} is open already."""

    zh = "{project} 已处于打开状态。"


class NoCustomer(DomainError):
    """{project} is for nobody, so nothing of it can be billed; name its customer first."""

    zh = "{project} 没有客户，无法开票；请先指定客户。"


class NoHourlyCost(DomainError):
    """It is not known what an hour of {who} costs on {day}; set the hourly cost first."""

    zh = "尚未设置 {who} 在 {day} 的小时成本；请先设置。"


class WorkedBeforeProject(DomainError):
    """{project} begins on {starts_on}; nobody worked on it on {day}."""

    zh = "{project} 于 {starts_on} 开始；不能登记 {day} 的工时。"


class NothingToBill(DomainError):
    """Nothing of {project} is left to bill: no billable hours and no progress that is not."""

    zh = "{project} 没有可开票的工时或进度。"


class NotBillable(DomainError):
    """{entries} is not billable: its hours have no price."""

    zh = "{entries} 不计费：没有小时单价。"


class ProgressBelowBilled(DomainError):
    """{billed} % of {task} is billed already; {progress} % is less. Credit the invoice first."""

    zh = "{task} 已开票 {billed}%，不能改为 {progress}%；请先冲销发票。"


class TaskWaits(DomainError):
    """{task} comes after {before}, which is not done."""

    zh = "{task} 须在 {before} 完成之后；后者尚未完成。"


class TasksInCircle(DomainError):
    """{task} cannot come after {before}: {before} comes after it already."""

    zh = "{task} 不能排在 {before} 之后：{before} 已排在它之后。"


class DatesInReverse(DomainError):
    """It cannot end on {ends_on}, before it starts on {starts_on}."""

    zh = "结束日期 {ends_on} 不能早于开始日期 {starts_on}。"


class TwoPrices(DomainError):
    """A task has a price by the hour or a fixed one, not both."""

    zh = "任务只能按小时计价或固定价，不能两者兼有。"
