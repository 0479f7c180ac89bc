"""What marketing refuses, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownSegment(UnknownName):
    """There is no segment called "{text}"; list the segments, or make one."""

    zh = "没有名为“{text}”的细分群组；请查看群组列表或新建。"


class SegmentTaken(DomainError):
    """There is a segment called {name} already ({number}); choose another name."""

    zh = "已有名为{name}的细分群组（{number}）；请换一个名称。"


class NotByName(DomainError):
    """{name} finds its members by filters; only a segment of named members can be added to."""

    zh = "{name} 按条件筛选成员；只有静态群组可以手工增减成员。"


class MemberAlready(DomainError):
    """{party} is in {name} already."""

    zh = "{party} 已在{name}中。"


class NotAMember(DomainError):
    """{party} is not in {name}."""

    zh = "{party} 不在{name}中。"


class MembersOrFilters(DomainError):
    """Name the members of a segment, or say by which filters they are found, not both."""

    zh = "请指定群组成员，或指定筛选条件，二者只能选一。"


class UnknownTemplate(UnknownName):
    """There is no mail template called "{text}"; list the templates, or write one."""

    zh = "没有名为“{text}”的邮件模板；请查看模板列表或新建。"


class UnknownField(DomainError):
    """A template knows no {{{field}}}; it knows {known}."""

    zh = "模板没有字段 {{{field}}}；可用字段：{known}。"


class UnknownCampaign(UnknownName):
    """There is no campaign called "{text}"; list the campaigns."""

    zh = "没有名为“{text}”的营销活动；请查看活动列表。"


class NobodyToWriteTo(DomainError):
    """Nobody in {segment} can be written to: {reasons}."""

    zh = "{segment}中没有可以发送的对象：{reasons}。"


class TooMany(DomainError):
    """{segment} has {count} members; a campaign goes to {most} at most. Divide the segment."""

    zh = "{segment}有 {count} 名成员；一次活动最多 {most} 名。请拆分群组。"


class NotSending(DomainError):
    """{number} is {state}; only what is still being sent can be stopped."""

    zh = "{number} 的状态为{state}；只能停止发送中的活动。"


class NoOwnAddress(DomainError):
    """Your account {login} has no mail address; let an administrator note one."""

    zh = "您的账户 {login} 没有邮箱；请管理员登记。"


class BadToken(DomainError):
    """This link is not valid; answer the mail with the word "unsubscribe" instead."""

    zh = "此链接无效；请直接回复邮件“退订”。"
