"""What saved reports, schedules and alerts refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownReport(UnknownName):
    """There is no saved report "{text}" of yours or shared with you; see the list of them."""

    zh = "您没有名为“{text}”的已存报表，也没有人与您共享；请查看列表。"


class NeverDue(DomainError):
    """Nothing is ever due like this: no day of the next {days} is worked; set business hours."""

    zh = "这样的安排永远不会到期：今后 {days} 天内没有工作日；请先设置营业时间。"


class UnknownStandingOrder(DomainError):
    """You have no schedule or alert {number}; they are numbered like SCH-00001 and ALR-00001."""

    zh = "您没有编号为 {number} 的定时报表或提醒；编号形如 SCH-00001、ALR-00001。"


class NameTaken(DomainError):
    """You have a report called "{name}" already; choose another name, or say to replace it."""

    zh = "您已有名为“{name}”的报表；请换一个名称，或说明要替换它。"


class NotAName(DomainError):
    """A report cannot be called so: a name has 1 to {most} characters that can be seen."""

    zh = "报表不能这样命名：名称须为 1 至 {most} 个可见字符。"


class NotYourReport(DomainError):
    """The report "{name}" belongs to {owner}, who alone changes it; save one of your own."""

    zh = "报表“{name}”属于{owner}，只有其本人可以更改；您可以另存一份。"


class NotSharedWith(DomainError):
    """A report can be shared with people of the company, not with the role {role}."""

    zh = "报表只能与公司内部人员共享，不能与角色 {role} 共享。"


class NoLongerAsked(DomainError):
    """What was saved can no longer be asked ({problem}); save the question anew."""

    zh = "保存的问题已无法查询（{problem}）；请重新保存。"


class OnlyForPeople(DomainError):
    """Reports and alerts belong to a person with an account; log in as one."""

    zh = "报表和提醒属于有账号的人员；请以人员身份登录。"


class StaysAsItIs(DomainError):
    """{number} is {state} already; nothing was changed."""

    zh = "{number} 已处于该状态（{state}）；未作更改。"


class TooManyOrders(DomainError):
    """You have {most} schedules and alerts, which are as many as one can have; end one first."""

    zh = "您已有 {most} 个定时报表和提醒，达到上限；请先结束一个。"


class OneFigureNeeded(DomainError):
    """An alert watches one figure, not a table; leave out "by {by}" or ask for one figure."""

    zh = "提醒只能针对一个数字，而不是表格；请去掉“按{by}”，或只选一个指标。"


class NoComparison(DomainError):
    """A change needs something to compare with; say over which period, such as "this month"."""

    zh = "变化需要对比期间；请说明时间段，例如“本月”。"


class ThresholdInAnotherUnit(DomainError):
    """{metric} is counted in {unit}, and the threshold is in {given}; say it in {unit}."""

    zh = "{metric}的单位是{unit}，而阈值的单位是{given}；请用{unit}表示。"


class NotADay(DomainError):
    """{every} takes a day from {first} to {last}; correct it."""

    zh = "{every}的日期应在 {first} 至 {last} 之间；请更正。"
