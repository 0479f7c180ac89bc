"""What is refused about quotations."""

from core.kernel.errors import DomainError


class UnknownQuotation(DomainError):
    """There is no quotation {number}."""

    zh = "没有报价单 {number}。"


class QuotationClosed(DomainError):
    """{number} is {state} already; make a new quotation."""

    zh = "{number} 已{state}；请另建报价单。"


class QuotationNotSent(DomainError):
    """{number} was not sent yet; send it first."""

    zh = "{number} 尚未发送；请先发送。"


class QuotationExpired(DomainError):
    """{number} was valid until {valid_until}; renew it with a new day first."""

    zh = "{number} 有效期至 {valid_until}；请先延长有效期。"


class ValidInThePast(DomainError):
    """A quotation cannot be valid until {valid_until}: today is {today}."""

    zh = "有效期 {valid_until} 早于今天（{today}）。"


class InsteadOfNothing(DomainError):
    """Position {position} is to be instead of {instead_of}, which is no line of its own."""

    zh = "第 {position} 行要替代第 {instead_of} 行，但后者不是独立的报价行。"


class OnlyOneOf(DomainError):
    """Of the alternatives {positions} of {number} one can be ordered, not several."""

    zh = "{number} 的可选方案 {positions} 只能选择其一。"


class MoreThanQuoted(DomainError):
    """Of {sku} only {left} are still offered on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 报价剩余 {left}，不能订购 {quantity}。"


class QuotesNothingNew(DomainError):
    """That is what {number} says already."""

    zh = "{number} 已经如此，没有变化。"
