"""What leave refuses."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownLeaveType(UnknownName):
    """There is no kind of leave called "{text}"."""

    zh = "没有名为“{text}”的假期类型。"


class LeaveTypeExists(DomainError):
    """There already is a kind of leave {code}; choose another code."""

    zh = "已有假期类型 {code}；请换一个代码。"


class UnknownLeaveRequest(DomainError):
    """There is no request for leave {number}."""

    zh = "没有休假申请 {number}。"


class NotOneRequest(DomainError):
    """{count} requests wait for a decision ({numbers}); say which one you mean."""

    zh = "有 {count} 个待审批的休假申请（{numbers}）；请说明是哪一个。"


class NoLeavePolicy(DomainError):
    """There is no policy for {leave} of {employee} on {day}; set one first."""

    zh = "{employee} 在 {day} 没有适用的{leave}政策；请先设定。"


class LeaveBeyondBalance(DomainError):
    """{employee} has {balance} days of {leave} left by {day}, not {days}."""

    zh = "{employee} 截至 {day} 的{leave}余额为 {balance} 天，不足 {days} 天。"


class NoWorkingDays(DomainError):
    """From {starts_on} to {ends_on} there is no working day to be away from."""

    zh = "{starts_on} 至 {ends_on} 之间没有工作日，无需休假。"


class LeaveEndsBeforeStart(DomainError):
    """Leave cannot end on {ends_on}, before it begins on {starts_on}."""

    zh = "休假不能在开始日 {starts_on} 之前的 {ends_on} 结束。"


class LeaveTooLong(DomainError):
    """Leave is asked for {most} days at most at once, not {count}."""

    zh = "一次最多申请 {most} 天休假，不能是 {count} 天。"


class LeaveOverlaps(DomainError):
    """{employee} already asked for leave from {starts_on} to {ends_on} ({number})."""

    zh = "{employee} 已申请 {starts_on} 至 {ends_on} 的休假（{number}）。"


class OwnLeave(DomainError):
    """Nobody decides on their own leave; the manager of {employee} decides on {number}."""

    zh = "任何人都不能审批自己的休假；{number} 由 {employee} 的上级审批。"


class NotTheirManager(DomainError):
    """Only a manager of {employee} or human resources decide on {number}."""

    zh = "只有 {employee} 的上级或人力资源部可以审批 {number}。"


class LeaveDecided(DomainError):
    """{number} is {state} already."""

    zh = "{number} 已是{state}状态。"


class LeaveBegan(DomainError):
    """{number} began on {starts_on}; only human resources can cancel it now."""

    zh = "{number} 已于 {starts_on} 开始；现在只有人力资源部可以取消。"


class NotTheirLeave(DomainError):
    """Leave is asked for by oneself, or by human resources."""

    zh = "休假由本人或人力资源部申请。"


class DaysNotPositive(DomainError):
    """A number of days is above nothing, not {days}."""

    zh = "天数须大于零，不能是 {days}。"


class EncashBeyondPolicy(DomainError):
    """At most {most} days of {leave} are paid out a year; {done} were, so {days} are too many."""

    zh = "{leave}每年最多折现 {most} 天；已折现 {done} 天，不能再折现 {days} 天。"
