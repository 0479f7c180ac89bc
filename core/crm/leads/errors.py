"""What is refused about leads."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownLead(UnknownName):
    """There is no lead called "{text}"."""

    zh = "没有名为“{text}”的线索。"


class LeadClosed(DomainError):
    """{number} is {state} already{what}."""

    zh = "{number} 已{state}{what}。"


class LeadAlreadyThere(DomainError):
    """{name} seems to be on record already: {there}. Use that, or say that it is another one."""

    zh = "{name} 似乎已有记录：{there}。请直接使用，或说明这是另一条。"


class NobodyFits(DomainError):
    """No rule says who gets {number}; say a person, or add a rule."""

    zh = "没有规则适用于 {number}；请指定负责人，或添加分配规则。"


class OwnerUnchanged(DomainError):
    """{number} is with {owner} already."""

    zh = "{number} 已由 {owner} 负责。"


class NotAtWork(DomainError):
    """{login} does not sell: choose somebody who is active and has the role sales or manager."""

    zh = "{login} 不能负责销售：请选择在用且具有销售或经理角色的人员。"


class UnknownRule(DomainError):
    """There is no rule at place {place}."""

    zh = "没有序号为 {place} 的分配规则。"


class LeadUnchanged(DomainError):
    """Nothing of {number} would change; say what else is known of it."""

    zh = "{number} 没有任何变化；请说明要更改的内容。"
