"""What paying refuses."""

from core.kernel.errors import DomainError


class UnknownOrder(DomainError):
    """There is no payment order {number}; they are numbered like PMO-00042."""

    zh = "没有付款指令 {number}；编号形如 PMO-00042。"


class NothingToPay(DomainError):
    """Nothing is to be paid until {until}: nothing is due, or what is due is held or not covered.

    Look at the proposal to see why, or say which bills to pay.
    """

    zh = "截至 {until} 没有可付款项：没有到期账单，或已暂停，或资金不足。请查看付款建议或指定账单。"


class WrongState(DomainError):
    """{number} is {state}; this can be done with an order that is {needed}."""

    zh = "{number} 的状态为 {state}；只有 {needed} 的付款指令可以这样处理。"


class NotPayable(DomainError):
    """{number} is not an open bill in {currency}; pay open bills in the currency of the account."""

    zh = "{number} 不是以 {currency} 计价的未结账单；请选择与账户币种一致的未结账单。"


class BillHeld(DomainError):
    """{number} is held: {because}. Lift that first, or leave the bill out."""

    zh = "{number} 已暂停付款：{because}。请先解除，或将其移除。"


class OnAnotherOrder(DomainError):
    """{number} stands on {order} already; execute or cancel that first."""

    zh = "{number} 已在付款指令 {order} 中；请先执行或取消该指令。"


class NotOnThisOrder(DomainError):
    """{bill} is not on {number}; look at the order for what it pays."""

    zh = "{bill} 不在付款指令 {number} 中；请查看该指令的内容。"


class BelowCashKept(DomainError):
    """Paying {total} from {account} leaves {left}, and {keep} has to stay; pay less."""

    zh = "从 {account} 支付 {total} 后余额为 {left}，须保留 {keep}；请减少付款。"


class BillChanged(DomainError):
    """{bill} is not as it was when {number} was made: {open} is open now. Make a new order."""

    zh = "{bill} 自 {number} 制作后已变化：现未结 {open}。请重新制作付款指令。"


class DiscountExpired(DomainError):
    """The discount of {discount} on {bill} is not granted on {day} any more; make a new order."""

    zh = "{bill} 的折扣 {discount} 在 {day} 已不适用；请重新制作付款指令。"


class AccountChanged(DomainError):
    """The bank account of {party} is another one since {number} was made; make a new order."""

    zh = "自 {number} 制作后，{party} 的银行账户已变更；请重新制作付款指令。"


class NoIbanForFile(DomainError):
    """The bank file needs an IBAN of {parties}; add it, or pay them another way."""

    zh = "银行文件需要 {parties} 的 IBAN；请补充，或以其他方式付款。"


class OwnIbanMissing(DomainError):
    """The account {account} has no IBAN of ours; open it as a bank account with its IBAN."""

    zh = "科目 {account} 没有本公司的 IBAN；请将其登记为银行账户并填写 IBAN。"


class SepaIsEuro(DomainError):
    """A SEPA file pays in EUR, and {number} is in {currency}; take the plain file instead."""

    zh = "SEPA 文件仅支持 EUR，{number} 的币种为 {currency}；请改用普通文件。"


class NothingForTheBank(DomainError):
    """{number} pays nothing by money: credits settle all of it, so there is no file to make."""

    zh = "{number} 全部以贷项抵扣，没有需要银行支付的款项，因此无文件可生成。"


class NoFileYet(DomainError):
    """No bank file of {number} was made yet; make it once the order is approved."""

    zh = "{number} 尚未生成银行文件；批准后请先生成。"


class FileIsOut(DomainError):
    """The bank file {name} of {number} was made; the bank may have it, so {number} stays."""

    zh = "{number} 的银行文件 {name} 已生成，银行可能已收到，因此不能取消。"


class PriorityOutOfRange(DomainError):
    """A priority of {priority} is not one; 1 is paid first, 9 last, 5 is usual."""

    zh = "优先级 {priority} 无效；1 最先支付，9 最后，通常为 5。"
