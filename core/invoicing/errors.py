"""What invoicing refuses, and the way out."""

from core.kernel.errors import DomainError


class UnknownInvoice(DomainError):
    """There is no invoice, bill or credit note {number}; say a number like INV-00042."""

    zh = "没有编号为 {number} 的发票、账单或贷项通知单；请使用类似 INV-00042 的编号。"


class AmbiguousReference(DomainError):
    """More than one supplier sent a bill {reference}: {candidates}. Say our number of it."""

    zh = "有多家供应商的账单编号为 {reference}：{candidates}。请使用本公司的编号。"


class UnknownPayment(DomainError):
    """There is no payment {number}; payments are numbered like RCT-00042 or PAY-00042."""

    zh = "没有收付款 {number}；编号形如 RCT-00042 或 PAY-00042。"


class NothingToInvoice(DomainError):
    """The document adds up to {total}; it must be above zero. Check quantities and prices."""

    zh = "单据合计为 {total}，必须大于零。请核对数量和价格。"


class DuplicateBill(DomainError):
    """The bill {reference} of {supplier} is booked already, as {number}; it is not booked twice."""

    zh = "{supplier} 的账单 {reference} 已登记为 {number}；不能重复登记。"


class DueBeforePosted(DomainError):
    """It cannot fall due on {due_on}, before its date {posted_on}; use a later due date."""

    zh = "到期日 {due_on} 早于单据日期 {posted_on}；请改用更晚的到期日。"


class ForeignCurrency(DomainError):
    """Documents in {currency} are not supported yet; use {base}, the company's currency."""

    zh = "暂不支持 {currency} 单据；请使用本位币 {base}。"


class AmountNotPositive(DomainError):
    """The amount {amount} cannot be paid or settled; say an amount above zero."""

    zh = "金额 {amount} 无法收付或核销；请填写大于零的金额。"


class SettlesMoreThanOpen(DomainError):
    """Only {open} of {number} is open, not {amount}; settle at most that."""

    zh = "{number} 仅有 {open} 未结，少于 {amount}；核销金额不能超过未结金额。"


class SettlesMoreThanPaid(DomainError):
    """The settled amounts add up to {settled}, more than the {amount} there is to settle with."""

    zh = "核销金额合计 {settled}，超过可用金额 {amount}。"


class NotOfThisParty(DomainError):
    """{number} is not an open document of {party}; settle documents of the same party only."""

    zh = "{number} 不是 {party} 的未结单据；只能核销同一往来单位的单据。"


class NothingOpen(DomainError):
    """{number} is settled in full already; there is nothing left to pay."""

    zh = "{number} 已全部结清；没有需要支付的金额。"


class NoCreditLeft(DomainError):
    """Nothing of {number} is left to settle with."""

    zh = "{number} 已无可用于核销的余额。"


class NothingToSettle(DomainError):
    """{party} has no open documents that this could settle."""

    zh = "{party} 没有可核销的未结单据。"


class AlreadyCredited(DomainError):
    """{number} was credited already, in whole or in part, by {credit_note}; look at that first."""

    zh = "{number} 已由 {credit_note} 全部或部分冲销；请先查看该单据。"


class CreditNoteStays(DomainError):
    """{number} is a credit note; it cannot be credited. Write a new invoice instead."""

    zh = "{number} 是贷项通知单，不能再次冲销。请另开新发票。"


class PaymentReversed(DomainError):
    """{number} was reversed already; record a new payment if money moved after all."""

    zh = "{number} 已被撤销；如实际发生收付款，请重新登记。"
