"""What work orders refuse."""

from core.kernel.errors import DomainError


class UnknownWorkOrder(DomainError):
    """There is no work order {number}."""

    zh = "没有生产工单 {number}。"


class WorkOrderIs(DomainError):
    """{number} is {state}; only one that is {needed} can be {verb}."""

    zh = "{number} 的状态为{state}；只有{needed}的工单才能{verb}。"


class DueInThePast(DomainError):
    """{sku} cannot be made by {due_on}: today is {today}."""

    zh = "{sku} 无法在 {due_on} 前完成：今天是 {today}。"


class StartsAfterItIsDue(DomainError):
    """It cannot start on {starts_on}: it is due on {due_on}."""

    zh = "开始日期 {starts_on} 晚于到期日 {due_on}。"


class PhantomIsNotMade(DomainError):
    """{sku} is a phantom: it is never made by itself; make what it is a part of."""

    zh = "{sku} 是虚拟件，不单独生产；请生产其上级物料。"


class OverProduction(DomainError):
    """{number} may bring at most {most} of {sku}: {good} are reported, {quantity} are too many."""

    zh = "{number} 最多可产出 {most} 件 {sku}：已报 {good}，再报 {quantity} 过多。"


class UnderProduction(DomainError):
    """{number} has to bring at least {least} of {sku}, not {total}; report the rest first."""

    zh = "{number} 至少须产出 {least} 件 {sku}，合计仅报 {total}；请先报告其余数量。"


class NothingReported(DomainError):
    """Say how much of {number} is good, scrapped or to be reworked."""

    zh = "请说明 {number} 的合格、报废或返工数量。"


class ScrapNeedsAReason(DomainError):
    """Say why {quantity} of {number} were scrapped."""

    zh = "请说明 {number} 报废 {quantity} 件的原因。"


class NotInRework(DomainError):
    """{quantity} of {number} cannot come back from rework: {rework} are there."""

    zh = "{number} 无法从返工收回 {quantity} 件：返工中仅有 {rework}。"


class NotAComponent(DomainError):
    """{number} takes no {sku}; it takes {items}."""

    zh = "{number} 不使用 {sku}；所用物料为：{items}。"


class MoreThanIssued(DomainError):
    """{quantity} of {sku} cannot come back from {number}: {issued} were issued."""

    zh = "{number} 无法退回 {quantity} 件 {sku}：仅领用了 {issued}。"


class NotAnOperation(DomainError):
    """{number} has no operation {operation}; it has {operations}."""

    zh = "{number} 没有工序 {operation}；现有：{operations}。"


class NoWork(DomainError):
    """Say how many minutes or cycles were worked on {number}."""

    zh = "请说明 {number} 的工时（分钟）或循环次数。"


class UnknownReport(DomainError):
    """{number} has no report of work that can be taken back."""

    zh = "{number} 没有可撤回的报工记录。"


class OutputIsGone(DomainError):
    """{number} brought {good} of {sku} and only {there} are free: close it instead."""

    zh = "{number} 无法取消：已产出 {good} 件 {sku}，现可用仅 {there}；请改为关闭。"


class CostNotPositive(DomainError):
    """A cost of {amount} cannot be charged to {number}; say more than zero."""

    zh = "不能向 {number} 计入 {amount} 的成本；金额须大于零。"


class StillInRework(DomainError):
    """{rework} of {number} are still being reworked; report them good or scrapped first."""

    zh = "{number} 仍有 {rework} 件在返工；请先将其报为合格或报废。"


class NotAnExpense(DomainError):
    """{account} is no account of expenses: name the expense that {number} is to bear."""

    zh = "{account} 不是费用科目：请说明应由 {number} 承担的费用科目。"
