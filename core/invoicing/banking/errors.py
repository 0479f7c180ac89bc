"""What banking refuses, and the way out."""

from core.kernel.errors import DomainError


class FileTooLarge(DomainError):
    """The file has {size}, and {most} is the most; export a shorter stretch of days."""

    zh = "文件大小为 {size}，上限为 {most}；请导出更短的时间段。"


class NotAStatement(DomainError):
    """This is no bank statement that can be read: CSV, OFX and camt.052/.053/.054 can be.

    Export it from the bank in one of these formats.
    """

    zh = "无法识别为银行对账单；支持 CSV、OFX 与 camt.052/.053/.054，请从银行重新导出。"


class FileBroken(DomainError):
    """The {format} file cannot be read at line {line}: {problem}. Download it again."""

    zh = "{format} 文件第 {line} 行无法读取：{problem}。请重新下载。"


class FieldUnreadable(DomainError):
    """Line or entry {line}: "{text}" is no {field} that can be read; correct it in the file."""

    zh = "第 {line} 行（或条目）：“{text}”不是可识别的 {field}；请在文件中更正。"


class ColumnsMissing(DomainError):
    """The table has no column for {missing}; name the columns, its headers are: {headers}."""

    zh = "表格缺少{missing}列；请指明各列，表头为：{headers}。"


class DatesAmbiguous(DomainError):
    """The date {example} may have the day or the month first; say which (date_order)."""

    zh = "“{example}”可能是日在前或月在前，文件中无法判断；请指明 date_order。"


class DecimalsAmbiguous(DomainError):
    """The number {example} may have a decimal comma or point; say which (decimal)."""

    zh = "“{example}”的小数点写法无法判断；请指明 decimal。"


class StatementEmpty(DomainError):
    """The file has no lines; there is nothing to import."""

    zh = "文件中没有明细；无可导入。"


class StatementDoesNotAddUp(DomainError):
    """Opening balance {opening} and lines of {moved} make {reached}, not the closing {closing}.

    Something is missing in the file; download it again.
    """

    zh = "期初 {opening} 加发生额 {moved} 为 {reached}，与期末 {closing} 不符；请重新下载文件。"


class BalanceDoesNotFollow(DomainError):
    """Line {line}: the balance {balance} does not follow from the line before; lines are missing.

    Download the file again, unfiltered.
    """

    zh = "第 {line} 行：余额 {balance} 与上一行不衔接，缺少明细；请不加筛选重新下载。"


class WrongAccount(DomainError):
    """The file is about the account {theirs}, and {code} is {ours}; choose the right account."""

    zh = "文件属于账户 {theirs}，而 {code} 为 {ours}；请选择正确的银行账户。"


class WrongCurrency(DomainError):
    """The file is in {theirs}, and the bank account {code} is in {ours}; choose the right one."""

    zh = "文件币种为 {theirs}，而银行账户 {code} 为 {ours}；请选择正确的账户。"


class WhichBankAccount(DomainError):
    """It is not said which of our bank accounts this is about; say one of: {known}."""

    zh = "未说明是哪个银行账户；请指明其一：{known}。"


class StatementKnown(DomainError):
    """This file was imported already, as {number}; nothing was changed."""

    zh = "该文件已导入为 {number}；未作更改。"


class NothingNew(DomainError):
    """All {count} lines of the file are known already; nothing was changed."""

    zh = "文件中的 {count} 行均已导入；未作更改。"


class StatementMatched(DomainError):
    """{line} of the statement {number} is matched; undo its matches before it is voided."""

    zh = "对账单 {number} 的 {line} 已核对；请先撤销核对再作废。"


class StatementVoided(DomainError):
    """The statement {number} was voided already; import the file anew if it was right."""

    zh = "对账单 {number} 已作废；如文件无误请重新导入。"


class UnknownStatement(DomainError):
    """There is no bank statement {number}; they are numbered like BST-00001."""

    zh = "没有银行对账单 {number}；编号形如 BST-00001。"


class NoStatementYet(DomainError):
    """No statement of {account} was imported yet; import one first."""

    zh = "尚未导入 {account} 的对账单；请先导入。"


class UnknownLine(DomainError):
    """There is no bank line {number}; they are numbered like BL-00001."""

    zh = "没有银行流水 {number}；编号形如 BL-00001。"


class LineMatched(DomainError):
    """All of {number} is matched already, by {match}; undo that first if it is wrong."""

    zh = "{number} 已由 {match} 全部核对；如有误请先撤销。"


class MoreThanLine(DomainError):
    """Only {left} of {number} is not matched yet, and not {amount}; match at most that."""

    zh = "{number} 仅有 {left} 未核对，少于 {amount}；请勿超出。"


class OtherWay(DomainError):
    """{number} is money that went the other way than {document} asks for; match another line."""

    zh = "{number} 的收付方向与 {document} 不符；请匹配其他流水。"


class DocumentsOfSeveral(DomainError):
    """The documents are of several parties: {parties}; match a part of the line with each."""

    zh = "单据属于多个往来单位：{parties}；请分别匹配流水的一部分。"


class WhatFor(DomainError):
    """Say what {number} is for: documents, a party, an account, or an entry of the books."""

    zh = "请说明 {number} 的用途：单据、往来单位、科目或已有凭证。"


class NotOnThisAccount(DomainError):
    """{entry} has nothing left on the bank account {account} that {number} could be."""

    zh = "{entry} 在银行账户 {account} 上没有可与 {number} 对应的余额。"


class NoOwnAccount(DomainError):
    """{number} does not say which account of ours is at the other end; say which."""

    zh = "{number} 未说明对方为本公司哪个账户；请指明。"


class NothingCertain(DomainError):
    """No line of {account} can be matched for certain; look at what is proposed, one by one."""

    zh = "{account} 没有可确定匹配的流水；请逐条查看建议。"


class UnknownMatch(DomainError):
    """There is no match {number}; they are numbered like BM-00001."""

    zh = "没有核对 {number}；编号形如 BM-00001。"


class MatchUndone(DomainError):
    """The match {number} was undone already; match the line anew."""

    zh = "核对 {number} 已撤销；请重新匹配。"


class ReturnStays(DomainError):
    """{number} is a payment that came back; it cannot be undone. Record the payment anew."""

    zh = "{number} 为退回的款项，不能撤销；请重新登记收付款。"


class UnknownRule(DomainError):
    """There is no bank rule {number}; they are numbered like BR-00001."""

    zh = "没有银行规则 {number}；编号形如 BR-00001。"


class RuleRemoved(DomainError):
    """The rule {number} was removed already; add a new one."""

    zh = "规则 {number} 已删除；请新增。"


class RuleTooWide(DomainError):
    """A rule needs words that lines contain or a counterparty, else it would fit every line."""

    zh = "规则须包含流水文字或对方名称，否则会匹配所有流水。"


class MayBeSeveral(DomainError):
    """What {number} is for is not sure ({why}); say which: {candidates}."""

    zh = "{number} 的用途不确定（{why}）；请指明：{candidates}。"


class RuleNeedsAccount(DomainError):
    """Say the account that such lines are booked to, or a line that was booked to one."""

    zh = "请指明此类流水记入的科目，或给出一条已记入科目的流水。"
