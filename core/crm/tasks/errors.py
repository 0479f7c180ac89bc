"""What is refused about tasks."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownTask(UnknownName):
    """There is no task called "{text}"."""

    zh = "没有名为“{text}”的任务。"


class TaskClosed(DomainError):
    """{number} is {state} already."""

    zh = "{number} 已{state}。"


class DueInThePast(DomainError):
    """A task cannot be due on {day}: today is {today}. Say a day to come, or log what happened."""

    zh = "任务不能在 {day} 到期：今天是 {today}。请指定以后的日期，或登记已发生的活动。"


class RemindTooLate(DomainError):
    """A reminder on {remind_on} comes too late: it is due on {due_on}."""

    zh = "提醒日 {remind_on} 晚于到期日 {due_on}。"


class NotAColleague(DomainError):
    """{login} has no account that is in use; give the task to somebody else."""

    zh = "{login} 没有在用的账号；请把任务分配给其他人。"


class NoFeed(DomainError):
    """There is no calendar at this address; ask for a new one in the application."""

    zh = "此地址没有日历；请在应用中重新申请。"
