"""What parties refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownParty(UnknownName):
    """There is no person or company called "{text}"."""

    zh = "没有名为“{text}”的往来单位。"


class UnknownCustomer(UnknownName):
    """There is no customer called "{text}"."""

    zh = "没有名为“{text}”的客户。"


class UnknownSupplier(UnknownName):
    """There is no supplier called "{text}"."""

    zh = "没有名为“{text}”的供应商。"


class UnknownTerritory(UnknownName):
    """There is no territory called "{text}"."""

    zh = "没有名为“{text}”的销售区域。"


class NameTaken(DomainError):
    """There already is a company called {name}: {number}. Use it, or choose a name that differs."""

    zh = "已有名为“{name}”的单位：{number}。请直接使用，或换一个不同的名称。"


class PartyBlocked(DomainError):
    """{name} ({number}) is blocked; nothing new is agreed with them until they are unblocked."""

    zh = "{name}（{number}）已被冻结；解冻之前不能与其发生新的业务。"


class AlreadyBlocked(DomainError):
    """{name} ({number}) is blocked already."""

    zh = "{name}（{number}）已处于冻结状态。"


class NotBlocked(DomainError):
    """{name} ({number}) is not blocked."""

    zh = "{name}（{number}）未被冻结。"


class CreditLimitNegative(DomainError):
    """A credit limit of {limit} makes no sense; say 0 to deliver against payment only."""

    zh = "信用额度 {limit} 无效；如只接受款到发货，请设为 0。"


class PaymentDaysOutOfRange(DomainError):
    """{days} days to pay is out of range; use 0 to {most}."""

    zh = "付款期限 {days} 天超出范围；请使用 0 至 {most} 天。"


class NotAnIban(DomainError):
    """{iban} is no IBAN: {problem}. Copy it from the party's own document."""

    zh = "{iban} 不是有效的 IBAN：{problem}。请按对方单据核对。"


class NotABic(DomainError):
    """{bic} is no BIC; it has 8 or 11 letters and digits, such as COBADEFFXXX."""

    zh = "{bic} 不是有效的 BIC；应为 8 或 11 位字母数字，例如 COBADEFFXXX。"


class SayWhichAccount(DomainError):
    """Say an IBAN, or the number of the account and its bank."""

    zh = "请提供 IBAN，或账号及开户行。"


class SameBankAccount(DomainError):
    """{party} is paid to {account} already; nothing would change."""

    zh = "{party} 的收款账户已是 {account}；无需更改。"


class NoBankAccount(DomainError):
    """We know no bank account of {party}; add it first."""

    zh = "尚未登记 {party} 的银行账户；请先登记。"


class VerifiedAlready(DomainError):
    """The bank account of {party} was verified on {day} already."""

    zh = "{party} 的银行账户已于 {day} 核实。"
