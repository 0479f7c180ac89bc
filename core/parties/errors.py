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


class SameParty(DomainError):
    """{name} ({number}) cannot be merged with itself; say two records."""

    zh = "{name}（{number}）不能与自身合并；请指定两条记录。"


class MergedAlready(DomainError):
    """{name} ({number}) was merged already: it is {into} now."""

    zh = "{name}（{number}）已合并，现为 {into}。"


class RowsCollide(DomainError):
    """{one} and {other} both have {document}; reverse or cancel one of them first, then merge."""

    zh = "{one} 与 {other} 都有 {document}；请先冲销或取消其中之一，再合并。"


class UnknownMerge(DomainError):
    """There is no merging {number}."""

    zh = "没有合并记录 {number}。"


class MergeUndoneAlready(DomainError):
    """{number} was taken back already."""

    zh = "{number} 已撤销。"


class WrittenSince(DomainError):
    """{number} can no longer be taken back: {document} was written for {name} since."""

    zh = "{number} 已无法撤销：之后已为 {name} 开立 {document}。"


class SettledAcross(DomainError):
    """{number} can no longer be taken back: {one} and {other} were settled with each other since.

    Undo that first.
    """

    zh = "{number} 已无法撤销：之后 {one} 与 {other} 已相互核销。请先撤销核销。"


class TradesNothing(DomainError):
    """{name} is neither a customer nor a supplier; make them one first."""

    zh = "{name} 既不是客户也不是供应商；请先将其设为客户或供应商。"
