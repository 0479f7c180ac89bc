"""What is refused about contacts."""

from core.kernel.errors import DomainError


class ContactAlready(DomainError):
    """{person} is a contact of {account} already."""

    zh = "{person} 已是 {account} 的联系人。"


class NotAContact(DomainError):
    """{person} is no contact of {account}."""

    zh = "{person} 不是 {account} 的联系人。"


class NotAPerson(DomainError):
    """{name} ({number}) is a company; a contact is a person."""

    zh = "{name}（{number}）是公司；联系人必须是个人。"


class NotAnAddress(DomainError):
    """This is no {kind}: {value}. It should be: {problem}."""

    zh = "“{value}”不是有效的{kind}，{problem}。"


class AddressAlready(DomainError):
    """{value} is on record for {party} already."""

    zh = "{party} 已登记 {value}。"


class AddressNotThere(DomainError):
    """{value} is not on record for {party}."""

    zh = "{party} 没有登记 {value}。"


class ConsentUnchanged(DomainError):
    """{party} has {state} consent for {purpose} already; nothing would change."""

    zh = "{party} 对“{purpose}”的同意状态已是{state}；无需更改。"


class ConsentInTheFuture(DomainError):
    """Consent is noted after it was given or withdrawn; {at} is yet to come."""

    zh = "同意只能在发生之后登记；{at} 尚未到来。"


class OwnParent(DomainError):
    """{name} cannot belong to itself."""

    zh = "{name} 不能隶属于自身。"


class ParentCircle(DomainError):
    """{name} cannot belong to {parent}: {parent} belongs to {name} ({way})."""

    zh = "{name} 不能隶属于 {parent}：{parent} 本身隶属于 {name}（{way}）。"


class ParentUnchanged(DomainError):
    """{name} belongs to {parent} already."""

    zh = "{name} 已隶属于 {parent}。"
