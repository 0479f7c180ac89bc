"""What tax refuses, and the way out."""

from core.kernel.errors import DomainError


class TaxCodeExists(DomainError):
    """There is already a tax code {code}; choose another one, or change that."""

    zh = "税码 {code} 已存在；请换一个代码，或更改原税码。"


class TaxCodeNotPlain(DomainError):
    """The code "{code}" cannot be used: a tax code is one word, without a plus sign."""

    zh = "税码“{code}”不可用：税码须为一个词，且不含加号。"


class SameTaxTwice(DomainError):
    """The tax {code} is named twice for one line; name it once."""

    zh = "同一明细重复使用了税码 {code}；请只填写一次。"


class NoTaxOnDay(DomainError):
    """The tax code {code} says nothing for {day}; change it from that day on, or use another."""

    zh = "税码 {code} 在 {day} 没有有效税率；请设置自该日起生效的税率，或使用其他税码。"


class RateOutOfRange(DomainError):
    """A rate of {rate} cannot be used for a tax of the kind {kind}; correct it."""

    zh = "税率 {rate} 不适用于 {kind} 类税种；请更正。"


class NotForThisKind(DomainError):
    """A tax of the kind {kind} is never in the price, the base of another, or due on payment.

    Leave that out, or use a percent.
    """

    zh = "{kind} 类税种不能价内、作为其他税的基数或按收付实现；请去掉该设置，或使用百分比税。"


class NothingInTheCode(DomainError):
    """The tax code {code} consists of nothing; name at least one tax or an exemption."""

    zh = "税码 {code} 没有任何税种；请至少填写一种税或免税。"


class FixedTaxInOtherCurrency(DomainError):
    """The tax {code} is so much {currency} for a unit, and the line is in {given}.

    Use a tax code for {given}.
    """

    zh = "税码 {code} 按每单位 {currency} 计税，而单据为 {given}；请使用适用于 {given} 的税码。"


class CodeInUse(DomainError):
    """{document} of {day} was taxed by {code} already; change the code from a later day on."""

    zh = "{day} 的单据 {document} 已按税码 {code} 计税；请将变更日期设为更晚。"


class ChangeBeforeLast(DomainError):
    """The tax code {code} changes on {day} already; change it from a later day on."""

    zh = "税码 {code} 已于 {day} 变更；请使用更晚的生效日期。"


class CertificateNeeded(DomainError):
    """{party} needs a certificate for the tax {code}, and has none for {day}; note it first."""

    zh = "{party} 须持有证明方可使用税码 {code}，{day} 没有有效证明；请先登记证明。"


class CertificateNotNeeded(DomainError):
    """The tax code {code} asks for no certificate; name one that does: {known}."""

    zh = "税码 {code} 不需要证明；需要证明的税码：{known}。"


class CertificateKnown(DomainError):
    """The certificate {reference} of {party} is noted already."""

    zh = "{party} 的证明 {reference} 已登记。"


class UnknownTaxSet(DomainError):
    """There is no set of taxes {code}; use one of: {known}."""

    zh = "没有税制 {code}；可用：{known}。"


class TaxSetInstalled(DomainError):
    """The set {code} is installed already; nothing was changed."""

    zh = "税制 {code} 已安装；未作更改。"


class RoundingStaysAsItIs(DomainError):
    """Tax is rounded that way already; nothing was changed."""

    zh = "税额已按该方式取整；未作更改。"


class NothingToSettle(DomainError):
    """No tax is left to settle up to {until}; choose a later day."""

    zh = "截至 {until} 没有待结转的税额；请选择更晚的日期。"


class SettledAlready(DomainError):
    """Tax is settled up to {until} already, by {number}; choose a later day, or take that back."""

    zh = "税额已由 {number} 结转至 {until}；请选择更晚的日期，或先撤回。"


class UnknownSettlement(DomainError):
    """There is no settlement of tax {number}; they are numbered like TAX-00042."""

    zh = "没有税额结转 {number}；编号形如 TAX-00042。"


class SettlementTakenBack(DomainError):
    """{number} was taken back already; nothing is left to undo."""

    zh = "{number} 已被撤回；无可撤销。"


class NoBandsInOrder(DomainError):
    """The bands of an income tax rise, and only the last has no end; put them in order."""

    zh = "所得税级距须逐级上升，且仅最后一级无上限；请按顺序填写。"
