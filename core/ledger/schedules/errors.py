"""What schedules refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownTemplate(UnknownName):
    """There is no entry template {text}; say the name of one, or make it first."""

    zh = "没有凭证模板 {text}；请使用已有模板的名称，或先新建。"


class TemplateExists(DomainError):
    """There is already an entry template {name}; choose another name or retire that one."""

    zh = "凭证模板 {name} 已存在；请换一个名称，或先停用原模板。"


class TemplateUnbalanced(DomainError):
    """The template does not balance: fixed amounts must be equal on both sides, shares 100 %."""

    zh = "模板借贷不平：两方固定金额须相等，比例须各为 100 %。"


class TotalNeeded(DomainError):
    """The lines of {name} are shares of a total; say the amount."""

    zh = "{name} 的分录按总额比例计算；请给出金额。"


class TotalNotNeeded(DomainError):
    """The lines of {name} have fixed amounts; leave the amount out, or make another template."""

    zh = "{name} 的分录为固定金额；请不要给出总额，或另建模板。"


class EndsBeforeStart(DomainError):
    """The last day {ends_on} lies before the first day {starts_on}; correct one of them."""

    zh = "结束日 {ends_on} 早于开始日 {starts_on}；请更正。"


class ScheduleTooLong(DomainError):
    """A schedule of {months} months is too long; {most} are the most."""

    zh = "计划共 {months} 个月，过长；最多 {most} 个月。"


class UnknownSchedule(DomainError):
    """There is no schedule {number}; they are numbered like RE-00001, DEF-00001 and RUN-00001."""

    zh = "没有计划 {number}；编号形如 RE-00001、DEF-00001、RUN-00001。"


class ScheduleStaysAsItIs(DomainError):
    """{number} is {state} already; nothing was changed."""

    zh = "{number} 已处于该状态（{state}）；未作更改。"


class NothingDue(DomainError):
    """Nothing is due through {through} that is not posted already; choose a later day."""

    zh = "截至 {through} 没有到期未过账的计划；请选择更晚的日期。"


class NotDue(DomainError):
    """{number} is not due on {due_on}, or that day is dealt with already; see what is due."""

    zh = "{number} 在 {due_on} 没有到期，或已处理；请查看到期清单。"


class DeferralCancelled(DomainError):
    """The deferral {number} is cancelled already; start a new one if it was right."""

    zh = "递延 {number} 已取消；如原计划无误，请重新建立。"


class DeferralOfDocument(DomainError):
    """The deferral {number} was charged by {origin}; credit that document instead."""

    zh = "递延 {number} 由单据 {origin} 产生；请改为红冲该单据。"


class RunTakenBack(DomainError):
    """The run {number} was taken back already, or takes another one back; nothing was changed."""

    zh = "批次 {number} 已撤销，或其本身就是撤销；未作更改。"


class RunReversedAccruals(DomainError):
    """The run {number} only reversed accruals, and a reversal stays; post the accrual anew."""

    zh = "批次 {number} 只冲回了预提，冲销不可撤销；请重新登记该预提。"


class ReversedBeforePosted(DomainError):
    """An accrual of {posted_on} cannot be reversed on {reverse_on}; choose a later day."""

    zh = "{posted_on} 的预提不能在 {reverse_on} 冲回；请选择更晚的日期。"
