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


class FeeNotBelowAmount(DomainError):
    """A fee of {fee} cannot be kept of {amount}; it is zero or more, and below what was paid."""

    zh = "手续费 {fee} 不能从 {amount} 中扣除；手续费应不小于零且低于收款金额。"


class NothingSettled(DomainError):
    """{number} settles nothing that could be taken back; look at what settled the document."""

    zh = "{number} 没有可撤回的核销；请查看该单据由什么核销。"


class NothingToDeduct(DomainError):
    """Nothing is open of {number} that could be written off."""

    zh = "{number} 没有可核销的未结金额。"


class UnknownDeduction(DomainError):
    """There is no discount or write-off {number}; they are numbered like DED-00042."""

    zh = "没有折扣或核销单 {number}；编号形如 DED-00042。"


class DeductionReversed(DomainError):
    """{number} was taken back already; nothing is left to undo."""

    zh = "{number} 已被撤回；无可撤销。"


class DeductionOfPayment(DomainError):
    """{number} came with the payment {payment}; reverse or un-apply that instead."""

    zh = "{number} 随付款 {payment} 产生；请改为撤销该收付款或其核销。"


class UnknownTerms(DomainError):
    """There are no payment terms {code}; use one of: {known}. Or add them."""

    zh = "没有付款条件 {code}；可用：{known}。也可先新增。"


class TermsExist(DomainError):
    """There are payment terms {code} already; choose another code."""

    zh = "付款条件 {code} 已存在；请换一个代码。"


class TermsDoNotAddUp(DomainError):
    """Payment terms end with one line for the rest, and ask for less than 100 % before it.

    These ask for {percent} % and {rests} times for the rest.
    """

    zh = "付款条件的最后一行应为余额，之前合计须低于 100%。现有 {percent}% 与 {rests} 个余额行。"


class InstalmentsDoNotAddUp(DomainError):
    """The instalments add up to {added}, and {number} is about {total}; make them equal."""

    zh = "各期合计 {added}，而 {number} 为 {total}；请使两者相等。"


class CreditsTooMuch(DomainError):
    """At most {left} of {number} can still be credited, not {amount}."""

    zh = "{number} 最多还可冲销 {left}，不能冲销 {amount}。"


class NoSuchLine(DomainError):
    """{number} has no line {position} of which that much is left; it has {left} of it."""

    zh = "{number} 的第 {position} 行没有那么多可冲销；剩余 {left}。"


class KitNeedsOrder(DomainError):
    """{sku} is a kit of {components}: sell it with an order, so that these are delivered.

    Without an order invoice services, or name an account.
    """

    zh = (
        "{sku} 是由 {components} 组成的套件：请下销售订单以便发货。"
        "无订单时请使用服务类物料或指定科目。"
    )


class StockNeedsOrder(DomainError):
    """{sku} lies in stock: order it, so that it is delivered or received and then billed.

    Without an order invoice services, or name an account.
    """

    zh = "{sku} 是库存物料：请下订单，经发货或收货后再开票。无订单时请使用服务类物料或指定科目。"


class PriceNeeded(DomainError):
    """There is no price of {sku}; say the price of one."""

    zh = "{sku} 没有价格；请说明单价。"


class NothingToRevalue(DomainError):
    """Nothing in {currency} is carried at another value than the rate of {day} gives."""

    zh = "{currency} 没有需要按 {day} 汇率重估的余额。"


class DeferredStaysWhole(DomainError):
    """{number} is earned or used up over time; credit it as a whole, so that this stops as well."""

    zh = "{number} 含有分期确认的明细；请整张冲销，以同时停止确认。"


class AdvanceStaysWhole(DomainError):
    """{number} charges or deducts an advance; credit it as a whole."""

    zh = "{number} 含有预收（预付）款；请整张冲销。"


class AdvanceTooMuch(DomainError):
    """An advance of {percent} % is more than {number} is still to be billed for: {left}.

    Ask for less; it is without tax, and what earlier advances charged is taken off.
    """

    zh = "预收（预付）{percent}% 超过 {number} 尚待开票的 {left}（不含税，已扣先前款项）；请降低。"


class AdvanceUsed(DomainError):
    """The advance {number} was deducted from invoices of {order}; credit these first."""

    zh = "预收（预付）款 {number} 已在 {order} 的发票中抵扣；请先冲销这些发票。"


class UnknownRevaluation(DomainError):
    """There is no revaluation {number}; they are numbered like REV-00003."""

    zh = "没有汇率重估 {number}；编号形如 REV-00003。"


class RevaluationTakenBack(DomainError):
    """{number} was taken back already, by {by}; revalue anew if it is needed."""

    zh = "{number} 已由 {by} 撤回；如有需要请重新重估。"


class RevaluationStays(DomainError):
    """{number} takes another revaluation back, and stays; revalue anew instead."""

    zh = "{number} 是对另一重估的撤回，不可撤销；请重新重估。"


class NotReconcilable(DomainError):
    """{items} of {party} do not stand against each other; name an open document and a credit.

    A credit is a payment, a credit note, or an entry on the other side.
    """

    zh = "{party} 的 {items} 无法核销：须有一张未结单据和一笔贷项（收付款、贷项通知单或反方凭证）。"


class UnknownItem(DomainError):
    """Nothing that can be settled is called {number}; say an invoice, payment, note or entry."""

    zh = "没有可核销的单据 {number}；请使用发票、收付款、贷项通知单或凭证编号。"


class EntryIsSettled(DomainError):
    """Of the entry {entry} {items} is settled; take that back first."""

    zh = "凭证 {entry} 的 {items} 已核销；请先撤回核销。"


class PostedByHand(DomainError):
    """{number} was posted by hand; reverse the entry {entry} instead."""

    zh = "{number} 由手工凭证产生；请改为冲销凭证 {entry}。"


class ReversedStays(DomainError):
    """{number} was taken back as a whole; what settles it stays. Post it anew instead."""

    zh = "{number} 已整体撤回，其核销不可撤销；请重新登记。"


class DiscountTooLarge(DomainError):
    """A discount of {discount} cannot be taken off a document of {whole}; take off less."""

    zh = "单据合计 {whole}，不能整单折扣 {discount}；请减少折扣。"


class NotAFapiao(DomainError):
    """{number} is not the number of a fapiao: it has 8 digits and a code of 10 or 12, or 20 alone.

    Check the digits.
    """

    zh = "{number} 不是有效的发票号码：应为 8 位号码加 10 或 12 位代码，或 20 位号码。请核对。"


class FapiaoUsed(DomainError):
    """The fapiao {number} is noted for {document} already; each is used once."""

    zh = "发票 {number} 已登记在 {document}；每张发票只能使用一次。"


class BuyerTaxNumberNeeded(DomainError):
    """A special fapiao names the buyer's tax number, and {party} has none; enter it first."""

    zh = "增值税专用发票须填写购方纳税人识别号，而 {party} 没有；请先登记。"


class NoFapiaoNoted(DomainError):
    """No fapiao is noted for {document}; nothing was changed."""

    zh = "{document} 没有登记发票；未作更改。"
