"""What payroll refuses."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class FormulaUnreadable(DomainError):
    """The formula "{formula}" cannot be understood at sign {place}: {problem}."""

    zh = "公式“{formula}”在第 {place} 个字符处无法理解：{problem}。"


class FormulaFailed(DomainError):
    """The formula "{formula}" has no value: {problem}."""

    zh = "公式“{formula}”无法计算：{problem}。"


class UnknownPayName(DomainError):
    """The formula of {component} uses "{name}" at sign {place}, and nothing is called so: {known}.

    It may use the components of the same structure, rates, and what is known of the month.
    """

    zh = "{component} 的公式在第 {place} 个字符处使用了“{name}”，但没有此名称：{known}。"


class FormulaCycle(DomainError):
    """These components need each other, so that none can be worked out first: {path}."""

    zh = "以下项目互相依赖，无法确定先后：{path}。"


class NameTaken(DomainError):
    """The name "{code}" has a meaning in formulas already; choose another one."""

    zh = "“{code}”在公式中已有含义；请换一个名称。"


class NotAPayName(DomainError):
    """The name "{code}" cannot stand in a formula; use letters, digits and _: base_pay."""

    zh = "“{code}”不能用于公式；请用小写字母、数字和下划线，例如 base_pay。"


class AccountsMissing(DomainError):
    """The component {component} is of the kind {kind} and needs {needs} to post to."""

    zh = "项目 {component}（{kind}）需要指定过账科目：{needs}。"


class UnknownComponent(UnknownName):
    """There is no pay component called "{text}"."""

    zh = "没有名为“{text}”的薪资项目。"


class UnknownStructure(UnknownName):
    """There is no pay structure called "{text}"."""

    zh = "没有名为“{text}”的薪资结构。"


class UnknownRun(DomainError):
    """There is no payroll run {number}."""

    zh = "没有薪资核算 {number}。"


class UnknownPayslip(DomainError):
    """There is no payslip {number} that is yours to see."""

    zh = "没有您可查看的工资单 {number}。"


class UnknownRateSet(DomainError):
    """There is no set of rates "{code}"; there are {known}."""

    zh = "没有费率集“{code}”；可用：{known}。"


class NoRateYet(DomainError):
    """The set {set} says nothing of {name} on {day}; the first figure is of {first}."""

    zh = "费率集 {set} 在 {day} 没有 {name} 的数值；最早的数值自 {first} 起。"


class NoStructure(DomainError):
    """{count} of those employed in {period} have no pay structure: {people}. Assign one first."""

    zh = "{period} 在职员工中有 {count} 人没有薪资结构：{people}。请先指定。"


class NobodyToPay(DomainError):
    """Nobody is to be paid for {period}: nobody employed then is left without a payslip."""

    zh = "{period} 没有需要发薪的人员。"


class AlreadyRun(DomainError):
    """{period} is run already by {run}, and what was posted never changes.

    What has changed since then is paid with the next month; who is not in it can be named.
    """

    zh = (
        "{period} 已由 {run} 核算，已过账的内容不再更改。"
        "之后的变更随下月补发；未包含的人员可单独指定。"
    )


class AlreadyPaidFor(DomainError):
    """{employee} has a payslip of {period} already: {payslip}."""

    zh = "{employee} 已有 {period} 的工资单 {payslip}。"


class NegativeNet(DomainError):
    """The deductions of {count} people are more than they earn in {period}: {people}.

    Spread a repayment over more months, or enter less.
    """

    zh = "{period} 有 {count} 人的扣款超过收入：{people}。请将还款分摊到更多月份，或减少扣款。"


class NotEntered(DomainError):
    """{component} is worked out by a formula in {structure}, and cannot be entered."""

    zh = "{component} 在结构 {structure} 中由公式计算，不能录入。"


class SharesIncomplete(DomainError):
    """The shares of cost centres come to {total} %, and have to be 100 %."""

    zh = "成本中心比例合计为 {total}%，应为 100%。"


class OwnPay(DomainError):
    """Your own pay is for somebody else to enter and to approve: {employee}."""

    zh = "本人的薪资须由他人录入和批准：{employee}。"


class AlreadyPaid(DomainError):
    """{run} is paid already, by {entry}."""

    zh = "{run} 已支付，凭证 {entry}。"


class NothingToRemit(DomainError):
    """{run} leaves nothing to pay to authorities."""

    zh = "{run} 没有应缴给机构的款项。"


class EmptyStructure(DomainError):
    """A pay structure needs at least one component."""

    zh = "薪资结构至少需要一个项目。"


class RetroByYear(DomainError):
    """{component} cannot be paid in arrears: it depends on the sum of the year ({year})."""

    zh = "{component} 不能补发：它取决于年度累计（{year}）。"


class ScheduleWrong(DomainError):
    """The loan of {amount} cannot be repaid in {months} months; use 1 to {most}."""

    zh = "{amount} 的借款不能分 {months} 个月偿还；请使用 1 至 {most} 个月。"


class PayInOtherCurrency(DomainError):
    """{employee} is paid in {currency}, and payroll runs in {ours}; set the pay in {ours}."""

    zh = "{employee} 的薪资币种为 {currency}，薪资核算使用 {ours}；请以 {ours} 设定薪资。"


class NoPayOfYours(DomainError):
    """Your account belongs to no employee, so there is no pay of yours; say whose you mean."""

    zh = "您的账户没有关联员工，因此没有您的工资单；请说明要查看谁的。"


class TooFewPeople(DomainError):
    """A total of fewer than {least} people would say what each of them gets; it is not shown."""

    zh = "少于 {least} 人的合计会暴露个人薪资，因此不显示。"
