"""What the ledger refuses, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownAccount(UnknownName):
    """There is no account {text}; say the code or the name of one, such as 1400 or Inventory."""

    zh = "没有科目 {text}；请使用科目表中的编码或名称，例如 1400 或库存商品。"


class UnknownHeading(UnknownName):
    """There is no heading {text} in the chart; say the code or the name of one."""

    zh = "科目表中没有汇总科目 {text}；请使用其编码或名称。"


class AccountExists(DomainError):
    """There is already an account {account}; choose another code."""

    zh = "科目 {account} 已存在；请换一个编码。"


class AccountBlocked(DomainError):
    """Account {account} is blocked and takes no entries; post to another account or unblock it."""

    zh = "科目 {account} 已冻结，不能记账；请改用其他科目或先解除冻结。"


class AccountIsHeading(DomainError):
    """Account {account} is a heading and takes no entries; post to an account below it."""

    zh = "科目 {account} 是汇总科目，不能记账；请使用其下级科目。"


class HeadingOfOtherKind(DomainError):
    """The heading {heading} is one of {kind} accounts; choose a heading of the account's kind."""

    zh = "汇总科目 {heading} 属于另一类别（{kind}）；请选择同类别的汇总科目。"


class HeadingUnderItself(DomainError):
    """{account} cannot stand under {heading}, which is itself below it; choose another heading."""

    zh = "{account} 不能归入其自身的下级 {heading}；请选择其他汇总科目。"


class AccountInOtherCurrency(DomainError):
    """Account {account} is kept in {currency} and takes no {given}; use another account."""

    zh = "科目 {account} 以 {currency} 记账，不接受 {given}；请使用其他科目。"


class UnknownBankAccount(UnknownName):
    """We have no bank account {text}; say its code or its name, or add it."""

    zh = "没有名为 {text} 的银行账户；请使用其编码或名称，或先新增。"


class BankAccountExists(DomainError):
    """The bank account {code} has this code or this account of the books; choose another one."""

    zh = "银行账户 {code} 已使用该编码或该科目；请另选。"


class UnknownDimension(DomainError):
    """There is no dimension {code}; use one of: {known}."""

    zh = "没有核算维度 {code}；可用维度：{known}。"


class UnknownMember(UnknownName):
    """There is no cost centre, project or other member {text}; say its code or name, or add it."""

    zh = "没有名为 {text} 的成本中心、项目或其他维度成员；请使用其编码或名称，或先新增。"


class MemberBlocked(DomainError):
    """{member} is blocked and takes no entries; use another one or unblock it."""

    zh = "{member} 已冻结，不能记账；请改用其他成员或先解除冻结。"


class DimensionRequired(DomainError):
    """A line on {account} must say its {dimension}; name one, such as {known}."""

    zh = "科目 {account} 的分录必须指明{dimension}；请填写，例如 {known}。"


class DimensionForbidden(DomainError):
    """A line on {account} takes no {dimension}; leave it out, or post to another account."""

    zh = "科目 {account} 的分录不能带{dimension}；请去掉，或改用其他科目。"


class NotACode(DomainError):
    """{code} cannot be a code here; use up to 30 signs without spaces, commas or equals signs."""

    zh = "{code} 不能作为编码；请使用不含空格、逗号和等号的 30 个以内的字符。"


class DimensionExists(DomainError):
    """{code} is there already; choose another code."""

    zh = "{code} 已存在；请换一个编码。"


class NoRate(DomainError):
    """There is no rate of {currency} for {day}; set one that is valid from then or earlier."""

    zh = "{day} 没有 {currency} 的汇率；请设置当日或更早生效的汇率。"


class RateNotPositive(DomainError):
    """A rate of {rate} is not above zero; say how many units one unit is worth."""

    zh = "汇率 {rate} 必须大于零；请填写一单位兑换的数量。"


class RateOfOwnCurrency(DomainError):
    """{currency} is the company's own currency, and always worth itself; name another one."""

    zh = "{currency} 是本位币，无需汇率；请填写其他币种。"


class PartyRequired(DomainError):
    """A line on {account} must name the customer or supplier that it concerns."""

    zh = "科目 {account} 的分录必须指明对应的客户或供应商。"


class KeptByDocuments(DomainError):
    """Account {account} is kept by documents: record an invoice, a payment or a stock count.

    A line by hand would part the books from the open items and the stock that stand behind it.
    """

    zh = "科目 {account} 由业务单据维护：请改为登记发票、收付款或库存盘点。"


class EmptyEntry(DomainError):
    """An entry needs at least one debit and one credit; it has {count} lines."""

    zh = "记账凭证至少需要一借一贷；现有 {count} 行。"


class AmountNotPositive(DomainError):
    """The amount {amount} on {account} is not positive; the side says the direction."""

    zh = "科目 {account} 的金额 {amount} 不是正数；方向由借贷表示。"


class UnbalancedEntry(DomainError):
    """The debits do not equal the credits: they differ by {difference}. Correct a line."""

    zh = "借贷不平：相差 {difference}。请更正分录。"


class SidesNotSaid(DomainError):
    """It is not clear which account is debited and which credited; say both, one debit one credit.

    With income or expense alone, the bank is the other side.
    """

    zh = "无法确定借方和贷方科目；请分别说明。仅给出收入或费用科目时，另一方默认为银行存款。"


class OneSideOnly(DomainError):
    """A line on {account} has either a debit or a credit; say one of them."""

    zh = "科目 {account} 的分录只能有借方或贷方之一；请填写其中一项。"


class BaseAmountNeeded(DomainError):
    """A line in {currency} needs its value in {base} as well; give both amounts."""

    zh = "{currency} 的分录还需要 {base} 金额；请同时给出两种金额。"


class UnknownPeriod(DomainError):
    """There is no fiscal period {period}; periods are named like 2026-06."""

    zh = "没有会计期间 {period}；期间名称形如 2026-06。"


class NoPeriodForDay(DomainError):
    """{day} lies in no fiscal period; open the fiscal year {year} first, or use another date."""

    zh = "{day} 不属于任何会计期间；请先开启 {year} 会计年度，或改用其他日期。"


class PeriodClosed(DomainError):
    """The period {period} is closed; use a date in an open period, or have it reopened."""

    zh = "会计期间 {period} 已关闭；请使用开放期间内的日期，或申请重新开放。"


class PeriodOnHold(DomainError):
    """The period {period} is on hold; use a date in an open period, or have it opened again."""

    zh = "会计期间 {period} 已暂停；请使用开放期间内的日期，或申请恢复开放。"


class PeriodLocked(DomainError):
    """The period {period} is locked for {journal}; use a later date, or have it unlocked."""

    zh = "会计期间 {period} 已锁定 {journal} 类凭证；请使用更晚的日期，或申请解锁。"


class LockStaysAsItIs(DomainError):
    """The period {period} is in that state for {journal} already; nothing was changed."""

    zh = "会计期间 {period} 的 {journal} 锁定状态已是如此；未作更改。"


class PeriodStaysAsItIs(DomainError):
    """The period {period} is in that state already; nothing was changed."""

    zh = "会计期间 {period} 已处于该状态；未作更改。"


class ReasonNeeded(DomainError):
    """Reopening {period}, once closed or locked, needs a reason; say why."""

    zh = "重新开放已关闭或锁定的 {period} 需要说明理由。"


class NothingToCloseThrough(DomainError):
    """All periods through {day} are closed already; choose a later day."""

    zh = "截至 {day} 的会计期间均已关闭；请选择更晚的日期。"


class PeriodOfClosedYear(DomainError):
    """The period {period} belongs to the closed fiscal year {year}; reopen that year first."""

    zh = "会计期间 {period} 属于已结账的会计年度 {year}；请先反结账该年度。"


class UnknownFiscalYear(DomainError):
    """There is no fiscal year {year}; use one of: {known}."""

    zh = "没有会计年度 {year}；现有年度：{known}。"


class FiscalYearClosedAlready(DomainError):
    """The fiscal year {year} is closed already, by {entry}; reopen it to close it anew."""

    zh = "会计年度 {year} 已由凭证 {entry} 结账；如需重新结账，请先反结账。"


class FiscalYearStillOpen(DomainError):
    """The fiscal year {year} is not closed; nothing was changed."""

    zh = "会计年度 {year} 尚未结账；未作更改。"


class EarlierYearOpen(DomainError):
    """The result of the fiscal year {year} is not carried forward yet; close that year first."""

    zh = "会计年度 {year} 的损益尚未结转；请先结账该年度。"


class LaterYearClosed(DomainError):
    """The later fiscal year {year} is closed already; reopen that one first."""

    zh = "更晚的会计年度 {year} 已结账；请先反结账该年度。"


class NothingToCarryForward(DomainError):
    """The fiscal year {year} has neither income nor expense; close its periods instead."""

    zh = "会计年度 {year} 没有收入和费用；请直接关闭其会计期间。"


class NotAResultAccount(DomainError):
    """{account} is no equity account; carry the result forward to one, such as 3100."""

    zh = "{account} 不是权益类科目；请结转到权益类科目，例如 3100。"


class OpeningOfStock(DomainError):
    """What {account} opens with comes from stock: enter the opening stock by a stock count."""

    zh = "科目 {account} 的期初余额来自库存；请通过库存盘点录入期初库存。"


class OpeningOfResult(DomainError):
    """{account} is income or expense and opens with nothing; put past results in equity."""

    zh = "{account} 属于损益类，没有期初余额；以前年度损益请记入权益类科目。"


class FiscalYearExists(DomainError):
    """The fiscal year {year} is open already, in whole or in part."""

    zh = "{year} 会计年度（或其部分）已开启。"


class UnknownEntry(DomainError):
    """There is no journal entry {number}; entries are numbered like JE-00042."""

    zh = "没有记账凭证 {number}；凭证编号形如 JE-00042。"


class AlreadyReversed(DomainError):
    """The entry {number} was reversed already, by {reversal}; post a new entry if it was right."""

    zh = "凭证 {number} 已由 {reversal} 冲销；如原凭证无误，请重新过账。"


class EntryOfDocument(DomainError):
    """The entry {number} belongs to {origin}; undo that instead, and the entry is reversed."""

    zh = "凭证 {number} 属于 {origin}；请撤销该单据，凭证将随之冲销。"


class ReversalStays(DomainError):
    """{number} is itself a reversal, of {reversed}; post that entry anew instead."""

    zh = "{number} 本身是 {reversed} 的冲销凭证；请改为重新登记原凭证。"


class UnknownTaxCode(DomainError):
    """There is no tax code {code}; use one of: {known}."""

    zh = "没有税码 {code}；可用税码：{known}。"


class StretchReversed(DomainError):
    """The stretch of days begins on {since}, after its end on {until}; swap them."""

    zh = "起始日 {since} 晚于截止日 {until}；请调换。"


class UnknownPlace(DomainError):
    """No page of the ledger begins at {place}; start again from its first page."""

    zh = "明细账中没有从 {place} 开始的页；请从第一页重新查看。"
