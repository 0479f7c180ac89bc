"""Tools of the ledger that only look: an entry, an account, the trial balance.

What they share with the tools that change something stands here too.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from tools.base import Answer, Arguments, Column, Day, Grid, Ref, Text, Tool, Words
from tools.references import AccountRef

HeadingRef = Annotated[Text, Ref("heading")]
PeriodRef = Annotated[Text, Ref("period")]
EntryRef = Annotated[Text, Ref("journal_entry")]
DimensionRef = Annotated[Text, Ref("dimension")]
MemberRef = Annotated[Text, Ref("dimension_member")]
Reason = Annotated[Words, Field(min_length=1)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="Such as USD; ours if empty.")]


class ShowEntry(Arguments):
    """Show a journal entry with its lines, and what became of it."""

    number: EntryRef = Field(description="The number of the entry, such as JE-00042.")


class EntryShown(Answer):
    """An entry with its lines."""

    entry: ledger.EntryView
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what the entry is."""
        view = self.entry
        money = Money(sum(line.debit.minor for line in view.lines if line.debit), self.currency)
        if language == "zh":
            said = f"{view.number}，{view.posted_on}，{view.memo}，{money}"
            if view.reversed_by:
                said += f"；已由 {view.reversed_by} 冲销"
            return f"{said}。"
        said = f"{view.number} of {view.posted_on}: {view.memo}, {money}"
        if view.reversed_by:
            said += f"; reversed by {view.reversed_by}"
        return f"{said}."

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("party", "往来单位"),
            Column("debit", "借方", self.currency),
            Column("credit", "贷方", self.currency),
        )
        rows = tuple(
            (
                line.account,
                line.account_name,
                line.party,
                line.debit and line.debit.amount,
                line.credit and line.credit.amount,
            )
            for line in self.entry.lines
        )
        return Grid(columns, rows)


def show_entry(session: Session, arguments: ShowEntry) -> EntryShown:
    """Read the entry."""
    entry = ledger.entry_view(session, arguments.number)
    return EntryShown(entry=entry, currency=company(session).currency)


class ShowTrialBalance(Arguments):
    """Show the trial balance: the balance of every account, on a day."""

    as_of: Day | None = Field(default=None, description="Leave empty for all that is posted.")


class TrialBalance(Answer):
    """Every account with its balance."""

    as_of: date | None
    currency: str
    rows: list[ledger.TrialBalanceRow]

    @property
    def total(self) -> Decimal:
        """The sum of the debits, which is the sum of the credits."""
        return sum((row.debit.amount for row in self.rows), Decimal(0))

    def sentence(self, language: Language = "en") -> str:
        """Say what both sides add up to."""
        total, balanced = (
            Money.of(self.total, self.currency),
            self.total == sum((row.credit.amount for row in self.rows), Decimal(0)),
        )
        if language == "zh":
            day = f"截至 {self.as_of}，" if self.as_of else ""
            verdict = "平衡" if balanced else "不平"
            return f"{day}试算{verdict}：借贷双方各为 {total}，共 {len(self.rows)} 个科目。"
        day = f" on {self.as_of}" if self.as_of else ""
        verdict = "balances" if balanced else "does not balance"
        return (
            f"The trial balance{day} {verdict}: {total} on either side, {len(self.rows)} accounts."
        )

    def grid(self) -> Grid:
        """Return one row for every account."""
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("kind", "类别"),
            Column("debit", "借方", self.currency),
            Column("credit", "贷方", self.currency),
        )
        rows = tuple(
            (row.code, row.name, row.name_zh, row.kind, row.debit.amount, row.credit.amount)
            for row in self.rows
        )
        return Grid(columns, rows)


def show_trial_balance(session: Session, arguments: ShowTrialBalance) -> TrialBalance:
    """Read the balances."""
    rows = ledger.trial_balance(session, as_of=arguments.as_of)
    return TrialBalance(as_of=arguments.as_of, currency=company(session).currency, rows=rows)


class ShowAccount(Arguments):
    """Show the general ledger of an account: its newest lines, with balances."""

    account: AccountRef = Field(description="Code or name of the account.")
    since: Day | None = None
    until: Day | None = None
    limit: int = Field(default=50, ge=1, le=500)
    before: Text | None = Field(
        default=None, description="For older lines: the place that the last page names."
    )


class AccountShown(Answer):
    """A page of the general ledger."""

    page: ledger.AccountPage
    currency: str
    before: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what the account carries."""
        page, shown = self.page, len(self.page.movements)
        if language == "zh":
            older = f"；更早的分录在 {page.older} 之前" if page.older else ""
            if self.before:
                said = f"{page.code} {page.name_zh}，{self.before} 之前余额 {page.closing}"
            else:
                said = f"{page.code} {page.name_zh}，截至 {page.until} 余额 {page.closing}"
            return f"{said}（借方为正），显示 {shown} 笔分录{older}。"
        older = f"; older ones are before {page.older}" if page.older else ""
        when = f"before {self.before}" if self.before else f"on {page.until}"
        return (
            f"{page.code} {page.name} carries {page.closing} {when} (debits less credits);"
            f" {shown} lines shown{older}."
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("date", "日期", "date"),
            Column("entry", "凭证"),
            Column("origin", "来源单据"),
            Column("memo", "摘要"),
            Column("party", "往来单位"),
            Column("debit", "借方", self.currency),
            Column("credit", "贷方", self.currency),
            Column("balance", "余额", self.currency),
        )
        rows = tuple(
            (
                line.posted_on,
                line.entry,
                line.origin,
                line.memo,
                line.party,
                line.debit and line.debit.amount,
                line.credit and line.credit.amount,
                line.balance.amount,
            )
            for line in self.page.movements
        )
        return Grid(columns, rows)


def show_account(session: Session, arguments: ShowAccount) -> AccountShown:
    """Read the page."""
    code = ledger.account_named(session, arguments.account).code
    before = arguments.before or ""
    page = ledger.account_page(
        session,
        code,
        since=arguments.since,
        until=arguments.until,
        limit=arguments.limit,
        before=before,
    )
    return AccountShown(page=page, currency=company(session).currency, before=before)


TOOLS = [
    Tool(
        "ledger.show_entry",
        ShowEntry,
        show_entry,
        writes=False,
        title="Show entry",
        title_zh="查看凭证",
        roles=BOOKS,
    ),
    Tool(
        "ledger.show_trial_balance",
        ShowTrialBalance,
        show_trial_balance,
        writes=False,
        title="Trial balance",
        title_zh="试算平衡表",
        roles=BOOKS,
    ),
    Tool(
        "ledger.show_account",
        ShowAccount,
        show_account,
        writes=False,
        title="General ledger",
        title_zh="科目明细账",
        roles=BOOKS,
    ),
]
