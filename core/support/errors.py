"""What service refuses, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class NotAServiceAddress(DomainError):
    """{address} is no mail address; say one like service@example.com."""

    zh = "{address} 不是邮箱地址；请使用 service@example.com 这样的地址。"


class NoServiceAddress(DomainError):
    """{address} is no service address; there are: {known}."""

    zh = "{address} 不是服务邮箱；现有：{known}。"


class WriterUnknown(DomainError):
    """Nobody knows whose {number} is, so no mail can go out; link {message} to a party first."""

    zh = "尚不知道 {number} 属于哪个单位，无法发送邮件；请先将 {message} 关联到往来单位。"


class OfSomebodyAlready(DomainError):
    """{number} is of {customer} already; open another ticket for {other}."""

    zh = "{number} 已属于{customer}；请为{other}另开工单。"


class UnknownTicket(DomainError):
    """There is no ticket {number}; they are numbered like T-00001."""

    zh = "没有工单 {number}；工单编号形如 T-00001。"


class NotThatWay(DomainError):
    """{number} is {state} and cannot become {after}; {way_out}."""

    zh = "{number} 处于{state}状态，不能变为{after}；{way_out}。"


class ClosedTooLong(DomainError):
    """{number} was closed more than {days} days ago; open a new ticket that refers to it."""

    zh = "{number} 关闭已超过 {days} 天；请新建工单并引用它。"


class TicketMerged(DomainError):
    """{number} was merged into {into}; go on there."""

    zh = "{number} 已合并到 {into}；请在那里继续。"


class MergedIntoItself(DomainError):
    """A ticket cannot be merged into itself; name the one that goes on."""

    zh = "工单不能合并到自身；请指定要保留的工单。"


class OfAnotherCustomer(DomainError):
    """{number} is of {customer} and {other} of {other_customer}; only tickets of one are merged."""

    zh = "{number} 属于{customer}，{other} 属于{other_customer}；只能合并同一客户的工单。"


class NobodyThere(DomainError):
    """{person} cannot take tickets; assign it to somebody of service who has an active account."""

    zh = "{person}不能处理工单；请指派给有有效账号的服务人员。"


class NobodyToEscalateTo(DomainError):
    """{number} has no team with a lead; say to whom it goes."""

    zh = "{number} 所属团队没有负责人；请说明升级给谁。"


class StaysAsItIs(DomainError):
    """{number} is {what} already; nothing was changed."""

    zh = "{number} 已是{what}；未作更改。"


class NotYetResolved(DomainError):
    """{number} is {state}; it can be rated once it is resolved."""

    zh = "{number} 处于{state}状态；解决后才能评价。"


class ScoreOutOfRange(DomainError):
    """A score is from 1 to 5, and not {score}."""

    zh = "评分为 1 至 5，不能为 {score}。"


class NothingSaid(DomainError):
    """Say something: a message without words helps nobody."""

    zh = "请填写内容：空白消息没有意义。"


class UnknownTeam(UnknownName):
    """There is no support team called "{text}"."""

    zh = "没有名为“{text}”的服务团队。"


class UnknownPolicy(DomainError):
    """There is no service level {code}; there are: {known}."""

    zh = "没有服务级别 {code}；现有：{known}。"


class SamePolicy(DomainError):
    """{code} already promises something for the same tickets; change that one."""

    zh = "{code} 已对同样的工单作出承诺；请更改它。"


class PromisesNothing(DomainError):
    """Say within what time somebody answers or it is solved; one of both at least."""

    zh = "请说明首次响应或解决的时限，至少一项。"


class UnknownReply(DomainError):
    """There is no saved reply {code} in this language; there are: {known}."""

    zh = "该语言没有常用回复 {code}；现有：{known}。"


class UnknownArticle(DomainError):
    """There is no article {number}; they are numbered like KB-00001."""

    zh = "没有知识文章 {number}；编号形如 KB-00001。"


class NoTag(DomainError):
    """A tag is a word or a few, of at most {most} signs."""

    zh = "标签为一个或几个词，最多 {most} 个字符。"


class NoWarranty(DomainError):
    """{number} names no item; say which item it is about first."""

    zh = "{number} 没有关联物料；请先说明涉及的物料。"


class NotTheirDocument(DomainError):
    """{document} is not of {customer}; a ticket refers to the customer's own documents."""

    zh = "{document} 不属于{customer}；工单只能引用该客户自己的单据。"


class UnknownLinkTarget(DomainError):
    """There is nothing called {key} that a ticket could be about."""

    zh = "没有名为 {key} 的可关联记录。"
