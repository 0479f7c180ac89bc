"""What employment refuses."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownEmployee(UnknownName):
    """There is no employee called "{text}"."""

    zh = "没有名为“{text}”的员工。"


class NotEmployedOn(DomainError):
    """{employee} does not work here on {day}."""

    zh = "{employee} 在 {day} 不在职。"


class NoPayOn(DomainError):
    """There is no pay of {employee} for {day}; set it first."""

    zh = "{employee} 在 {day} 没有薪资记录；请先设定。"


class BeforeHiring(DomainError):
    """{employee} was hired on {hired_on}; nothing can begin on {day}, before that day."""

    zh = "{employee} 于 {hired_on} 入职；不能从更早的 {day} 开始。"


class AfterLeaving(DomainError):
    """{employee} left on {left_on}; nothing can begin on {day}, after that day."""

    zh = "{employee} 已于 {left_on} 离职；不能从之后的 {day} 开始。"


class EmploymentsOverlap(DomainError):
    """{employee} has a contract from {starts_on} to {ends_on}; another one cannot overlap it."""

    zh = "{employee} 已有 {starts_on} 至 {ends_on} 的合同；另一份合同不能与之重叠。"


class ManagersInACircle(DomainError):
    """{employee} cannot report to {manager}: {manager} reports to {employee} ({line})."""

    zh = "{employee} 不能向 {manager} 汇报：{manager} 本身向 {employee} 汇报（{line}）。"


class OwnManager(DomainError):
    """{employee} cannot be their own manager."""

    zh = "{employee} 不能是自己的上级。"


class ManagerNotHere(DomainError):
    """{manager} does not work here on {day} and cannot be anybody's manager then."""

    zh = "{manager} 在 {day} 不在职，届时不能担任上级。"


class EndsBeforeStart(DomainError):
    """{ends_on} is before {starts_on}."""

    zh = "{ends_on} 早于 {starts_on}。"


class HoursShareOutOfRange(DomainError):
    """Working hours are a share of full time above 0 and up to 100 percent, not {percent}."""

    zh = "工时为全职的 0% 以上至 100%，不能是 {percent}。"


class FixedTermNeedsEnd(DomainError):
    """A contract for a fixed term needs its last day."""

    zh = "固定期限合同须有终止日期。"


class PayNotPositive(DomainError):
    """Pay is above nothing, not {amount}."""

    zh = "薪资须大于零，不能是 {amount}。"


class HasLeft(DomainError):
    """{employee} left on {left_on} already."""

    zh = "{employee} 已于 {left_on} 离职。"


class StillManages(DomainError):
    """{employee} is the manager of {people} after {day}; give them another manager first."""

    zh = "{employee} 在 {day} 之后仍是 {people} 的上级；请先为其指定其他上级。"


class NotYoursToSee(DomainError):
    """This is not yours to see: {what}."""

    zh = "您无权查看：{what}。"


class OwnTerms(DomainError):
    """Nobody sets their own terms or pay; somebody else has to do it for {employee}."""

    zh = "任何人都不能设定自己的合同条件或薪资；须由他人为 {employee} 办理。"


class NotTheirAccount(DomainError):
    """The account that pay goes to is set by oneself, or by human resources."""

    zh = "工资账户由本人或人力资源部设定。"


class OwnAccount(DomainError):
    """Nobody makes sure of the account that their own pay goes to; somebody else has to do it."""

    zh = "任何人都不能核实自己的工资账户；{employee} 的账户须由他人核实。"
