"""What staffing refuses."""

from core.kernel.errors import DomainError


class UnknownWorkflow(DomainError):
    """There is no onboarding or offboarding {number}."""

    zh = "没有入职或离职流程 {number}。"


class UnknownTask(DomainError):
    """{number} has no task {position}; it has {count}."""

    zh = "{number} 没有第 {position} 项任务；共 {count} 项。"


class TaskDone(DomainError):
    """Task {position} of {number} is {state} already."""

    zh = "{number} 的第 {position} 项任务已是{state}状态。"


class NotTheirTask(DomainError):
    """Task {position} of {number} is for {owner} to do, and for nobody about themselves."""

    zh = "{number} 的第 {position} 项任务由 {owner} 办理，且不能由本人为自己办理。"
