"""Tools of the ledger: entries, accounts, and the periods that take them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Line, PeriodState
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)

# Who keeps the books, and who answers for those who do.
BOOKKEEPERS = frozenset({Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN})

POST, REVERSE = "ledger.post_entry", "ledger.reverse_entry"
CLOSE, HOLD, REOPEN = "ledger.close_period", "ledger.hold_period", "ledger.reopen_period"

AccountRef = Annotated[Text, Ref("account")]
PeriodRef = Annotated[Text, Ref("period")]
EntryRef = Annotated[Text, Ref("journal_entry")]
Reason = Annotated[Words, Field(min_length=1)]

REVERSAL_STAYS = (
    "a reversal stays in the books; post the entry anew",
    "冲销凭证不可撤销；如有需要请重新登记原凭证",
)


class PostedPair(Arguments):
    """One more amount of the same entry, from one account to another."""

    debit: AccountRef
    credit: AccountRef
    amount: Amount


class PostEntry(Arguments):
    """Post a journal entry by hand: debit one account, credit another, by an amount."""

    debit: AccountRef = Field(description="Account to debit: its code or name.")
    credit: AccountRef = Field(description="Account to credit: its code or name.")
    amount: Amount
    memo: Words = Field(min_length=1, description="What the entry is for.")
    party: Annotated[Text, Ref("party")] | None = Field(
        default=None, description="Whom the entry concerns, if anybody."
    )
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    more: tuple[PostedPair, ...] = Field(
        default=(), max_length=50, description="Further amounts of the same entry."
    )


class EntryPosted(Answer):
    """An entry that is in the books now."""

    number: str
    amount: Decimal
    currency: str
    reverses: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say which entry was posted."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            if self.reverses:
                return f"凭证 {self.reverses} 已由 {self.number} 冲销，金额 {amount}。"
            return f"凭证 {self.number} 已过账，金额 {amount}。"
        if self.reverses:
            return f"{self.reverses} is reversed by {self.number}, {amount}."
        return f"{self.number} is posted, {amount}."


def pin_entry(session: Session, arguments: PostEntry) -> PostEntry:
    """Replace names by the codes of accounts and the number of the party."""

    def code(text: str) -> str:
        return ledger.account_named(session, text).code

    party = arguments.party and parties.find_party(session, arguments.party).number
    more = tuple(
        pair.model_copy(update={"debit": code(pair.debit), "credit": code(pair.credit)})
        for pair in arguments.more
    )
    return arguments.model_copy(
        update={
            "debit": code(arguments.debit),
            "credit": code(arguments.credit),
            "party": party,
            "more": more,
        }
    )


def post_entry(session: Session, arguments: PostEntry) -> EntryPosted:
    """Post it; what is owed becomes an open item, and accounts of stock are refused."""
    currency = company(session).currency
    party = parties.find_party(session, arguments.party) if arguments.party else None
    first = PostedPair(debit=arguments.debit, credit=arguments.credit, amount=arguments.amount)
    lines: list[Line] = []
    for pair in (first, *arguments.more):
        amount = Money.of(pair.amount, currency)
        for side, account in ((ledger.debit, pair.debit), (ledger.credit, pair.credit)):
            code = ledger.account_named(session, account).code
            lines.append(side(code, amount, party_id=party.id if party else None))
    entry = invoicing.post_entry_by_hand(
        session, lines, memo=arguments.memo, posted_on=arguments.posted_on
    )
    whole = sum((pair.amount for pair in arguments.more), arguments.amount)
    return EntryPosted(number=entry.number, amount=whole, currency=currency)


def undo_post_entry(_session: Session, _arguments: PostEntry, answer: dict[str, str]) -> Undoing:
    """Reverse the entry."""
    return Undoing((Call(REVERSE, ReverseEntry(number=answer["number"], because="undo")),))


class ReverseEntry(Arguments):
    """Reverse a journal entry that was posted by hand; both stay in the books."""

    number: EntryRef = Field(description="The number of the entry, such as JE-00042.")
    because: Reason = Field(description="Why it is reversed.")


def reverse_entry(session: Session, arguments: ReverseEntry) -> EntryPosted:
    """Reverse it today."""
    reversed_entry = ledger.entry_view(session, arguments.number)
    entry = invoicing.reverse_entry_by_hand(
        session, reversed_entry.number, because=arguments.because
    )
    amount = sum((line.debit.amount for line in reversed_entry.lines if line.debit), Decimal(0))
    return EntryPosted(
        number=entry.number,
        amount=amount,
        currency=company(session).currency,
        reverses=reversed_entry.number,
    )


def undo_reversal(_session: Session, _arguments: ReverseEntry, _answer: object) -> Undoing:
    """Say that a reversal stays."""
    return Undoing(impossible=REVERSAL_STAYS)


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


class AccountShown(Answer):
    """A page of the general ledger."""

    page: ledger.AccountPage
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what the account carries."""
        page, shown = self.page, len(self.page.movements)
        if language == "zh":
            return (
                f"{page.code} {page.name_zh}，截至 {page.until} 余额 {page.closing}"
                f"（借方为正），显示 {shown} 笔分录。"
            )
        return (
            f"{page.code} {page.name} carries {page.closing} on {page.until} (debits less"
            f" credits); {shown} lines shown."
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
    page = ledger.account_page(
        session, code, since=arguments.since, until=arguments.until, limit=arguments.limit
    )
    return AccountShown(page=page, currency=company(session).currency)


class ListAccounts(Arguments):
    """List the chart of accounts."""


class Accounts(Answer):
    """The chart of accounts."""

    accounts: list[tuple[str, str, str, str, bool]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many accounts there are."""
        count = len(self.accounts)
        if language == "zh":
            return f"科目表共有 {count} 个科目。"
        return f"There are {count} accounts in the chart."

    def grid(self) -> Grid:
        """Return one row for every account."""
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("kind", "类别"),
            Column("blocked", "冻结"),
        )
        return Grid(columns, tuple(self.accounts))


def list_accounts(session: Session, _arguments: ListAccounts) -> Accounts:
    """Read the chart."""
    return Accounts(
        accounts=[
            (account.code, account.name, account.name_zh, account.kind, account.blocked)
            for account in ledger.list_accounts(session)
        ]
    )


class ListPeriods(Arguments):
    """List the fiscal periods and whether they take entries."""


class Periods(Answer):
    """The fiscal periods."""

    periods: list[ledger.PeriodView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many of them are open."""
        count = len(self.periods)
        still_open = sum(period.state is PeriodState.OPEN for period in self.periods)
        if language == "zh":
            return f"共 {count} 个会计期间，其中 {still_open} 个开放。"
        return f"{still_open} of {count} fiscal periods are open."

    def grid(self) -> Grid:
        """Return one row for every period."""
        columns = (
            Column("period", "期间"),
            Column("from", "开始", "date"),
            Column("to", "结束", "date"),
            Column("state", "状态"),
        )
        rows = tuple(
            (period.name, period.starts_on, period.ends_on, period.state) for period in self.periods
        )
        return Grid(columns, rows)


def list_periods(session: Session, _arguments: ListPeriods) -> Periods:
    """Read the periods."""
    return Periods(periods=ledger.list_periods(session))


class ClosePeriod(Arguments):
    """Close a fiscal period: it takes no entries any more."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")


class HoldPeriod(Arguments):
    """Put a fiscal period on hold: it takes no entries until it is opened again."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")


class ReopenPeriod(Arguments):
    """Open a fiscal period again that was closed or put on hold."""

    period: PeriodRef = Field(description="The period, such as 2026-05.")
    because: Reason = Field(description="Why it is opened again.")


class PeriodChanged(Answer):
    """A period in its new state."""

    period: str
    before: PeriodState
    state: PeriodState

    def sentence(self, language: Language = "en") -> str:
        """Say the new state."""
        state = word(self.state, language)
        if language == "zh":
            return f"会计期间 {self.period} 现为{state}状态。"
        return f"The fiscal period {self.period} is {state} now."


def _changed(session: Session, name: str, state: PeriodState, because: str = "") -> PeriodChanged:
    before = {period.name: period.state for period in ledger.list_periods(session)}.get(name)
    period = ledger.set_period_state(session, name, state, because=because)
    return PeriodChanged(period=period.name, before=before or period.state, state=period.state)


def close_period(session: Session, arguments: ClosePeriod) -> PeriodChanged:
    """Close it; who is posting into it is waited for."""
    return _changed(session, arguments.period, PeriodState.CLOSED)


def hold_period(session: Session, arguments: HoldPeriod) -> PeriodChanged:
    """Put it on hold."""
    because = "put on hold instead of closed"
    return _changed(session, arguments.period, PeriodState.ON_HOLD, because)


def reopen_period(session: Session, arguments: ReopenPeriod) -> PeriodChanged:
    """Open it."""
    return _changed(session, arguments.period, PeriodState.OPEN, arguments.because)


def undo_period(
    _session: Session, arguments: ClosePeriod | HoldPeriod | ReopenPeriod, answer: dict[str, str]
) -> Undoing:
    """Bring back the state that the period had."""
    period = arguments.period
    back = {
        PeriodState.OPEN: Call(REOPEN, ReopenPeriod(period=period, because="undo")),
        PeriodState.ON_HOLD: Call(HOLD, HoldPeriod(period=period)),
        PeriodState.CLOSED: Call(CLOSE, ClosePeriod(period=period)),
    }
    return Undoing((back[PeriodState(answer["before"])],))


TOOLS = [
    Tool(
        POST,
        PostEntry,
        post_entry,
        writes=True,
        title="Post entry",
        title_zh="录入凭证",
        roles=BOOKKEEPERS,
        pin=pin_entry,
        undo=undo_post_entry,
    ),
    Tool(
        REVERSE,
        ReverseEntry,
        reverse_entry,
        writes=True,
        title="Reverse entry",
        title_zh="冲销凭证",
        roles=BOOKKEEPERS,
        undo=undo_reversal,
    ),
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
    Tool(
        "ledger.list_accounts",
        ListAccounts,
        list_accounts,
        writes=False,
        title="Chart of accounts",
        title_zh="科目表",
        roles=BOOKS,
    ),
    Tool(
        "ledger.list_periods",
        ListPeriods,
        list_periods,
        writes=False,
        title="Fiscal periods",
        title_zh="会计期间",
        roles=BOOKS,
    ),
    Tool(
        CLOSE,
        ClosePeriod,
        close_period,
        writes=True,
        title="Close period",
        title_zh="关闭期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
    ),
    Tool(
        HOLD,
        HoldPeriod,
        hold_period,
        writes=True,
        title="Hold period",
        title_zh="暂停期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
    ),
    Tool(
        REOPEN,
        ReopenPeriod,
        reopen_period,
        writes=True,
        title="Reopen period",
        title_zh="重新开放期间",
        roles=BOOKKEEPERS,
        undo=undo_period,
        sensitive=True,
    ),
]
