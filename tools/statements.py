"""Tools of the statements: what the company owns, owes and earned, and where its money went."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.ledger import LedgerPage
from core.ledger.rules import Dimensions
from core.ledger.statements import (
    Balances,
    BalancesRow,
    LineKind,
    Method,
    Statement,
    StatementKind,
    StatementLine,
    Stretch,
    account_balances,
    balance_sheet,
    cash_flow_statement,
    fiscal_year_of,
    growth_percent,
    income_statement,
)
from core.reporting.periods import Span, is_month_end
from core.reporting.query import AsOf, Compare, Period, resolve, resolve_comparison
from tools.base import Answer, Arguments, Column, Grid, Text, Tool
from tools.errors import NotComparable
from tools.references import AccountRef

PERIODS_COMPARED = frozenset({"prior_period", "prior_year", "same_period_n_years_ago", "period"})
NAMES = {
    StatementKind.BALANCE_SHEET: ("Balance sheet", "资产负债表"),
    StatementKind.INCOME_STATEMENT: ("Income statement", "利润表"),
    StatementKind.CASH_FLOW: ("Cash flow statement", "现金流量表"),
}
# What is said of a statement in one sentence.
TOLD = {
    StatementKind.BALANCE_SHEET: ("assets", "liabilities", "equity"),
    StatementKind.INCOME_STATEMENT: ("revenue", "gross_profit", "operating_profit", "net_result"),
    StatementKind.CASH_FLOW: ("operating", "investing", "financing", "net_change"),
}
BASIS = ("posted journal entries", "已过账的记账凭证")
_STYLES = {
    LineKind.HEADING: "heading",
    LineKind.SUBTOTAL: "subtotal",
    LineKind.TOTAL: "total",
}


class Within(Arguments):
    """A member of a dimension that postings must have: the cost centre Sales."""

    dimension: Text = Field(description="Code of the dimension, such as cost_centre.")
    member: Text = Field(description="Code or name of its member.")


class ShowIncomeStatement(Arguments):
    """Show the income statement (profit and loss) of a period, beside another one if wanted."""

    period: Period | None = Field(default=None, description="Leave empty for this fiscal year.")
    compare: Compare | None = None
    within: tuple[Within, ...] = Field(default=(), max_length=5)


class ShowBalanceSheet(Arguments):
    """Show the balance sheet at the end of a day or period, beside another one if wanted."""

    period: Period | None = Field(
        default=None, description="Its last day counts. Leave empty for today."
    )
    compare: Compare | None = None


class ShowCashFlow(Arguments):
    """Show the cash flow statement of a period, from the result on or by receipts and payments."""

    period: Period | None = Field(default=None, description="Leave empty for this fiscal year.")
    compare: Compare | None = None
    cash_flow_method: Method = Field(
        default=Method.INDIRECT, description="Direct: by what was received and paid."
    )


class ShowBalances(Arguments):
    """Show the trial balance of a period: opening balances, debits, credits, closing balances."""

    period: Period | None = Field(default=None, description="Leave empty for this fiscal year.")
    compare: Compare | None = None
    within: tuple[Within, ...] = Field(default=(), max_length=5)


class ShowLedger(Arguments):
    """Show the general ledger of a period, line by line, of all accounts or of one."""

    account: AccountRef | None = None
    period: Period | None = Field(default=None, description="Leave empty for this fiscal year.")
    within: tuple[Within, ...] = Field(default=(), max_length=5)
    limit: int = Field(default=100, ge=1, le=500)
    after: Text | None = Field(default=None, description="Where the page before this one ended.")


class StatementShown(Answer):
    """A statement, in the language of who asked."""

    statement: Statement
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say the sums of the statement, and what they were in what it is compared with."""
        statement, zh = self.statement, language == "zh"
        # Without any sales there is no line of revenue to tell of; the result is always there.
        told = [line for key in TOLD[statement.kind] for line in statement.lines if line.key == key]
        said = [_told(line, 0, language) for line in told]
        comma, colon, stop = ("，", "：", "。") if zh else (", ", ": ", ".")
        name = NAMES[statement.kind][zh]
        head = f"{name}{'' if zh else ' '}{_days(statement, 0, language)}{colon}"
        text = f"{head}{comma.join(said)}{stop}"
        if len(statement.stretches) > 1:
            last = told[-1]
            text += _compared(statement, last, language)
        return text

    def grid(self) -> Grid:
        """Return one row for every line."""
        statement, currency = self.statement, self.statement.currency
        columns = [
            Column("account", "科目"),
            Column("line", "项目"),
            *(
                Column(_days(statement, place, "en"), _days(statement, place, "zh"), currency)
                for place in range(len(statement.stretches))
            ),
        ]
        if len(statement.stretches) > 1:
            columns += [Column("change", "增减", currency), Column("change %", "增减率", "percent")]
        return Grid(
            tuple(columns),
            tuple(self._row(line) for line in statement.lines),
            tuple(_STYLES.get(line.kind, "") for line in statement.lines),
            tuple(line.level for line in statement.lines),
        )

    def _row(self, line: StatementLine) -> tuple[Any, ...]:
        name = line.name_zh if self.language == "zh" else line.name
        amounts: tuple[Any, ...] = tuple(amount.amount for amount in line.amounts)
        places = len(self.statement.stretches)
        if not amounts:
            return (line.code, name, *(None,) * (places if places == 1 else 4))
        if len(amounts) > 1:
            now, before = line.amounts
            amounts += ((now - before).amount, growth_percent(now, before))
        return (line.code, name, *amounts)

    def notes(self, language: Language = "en") -> list[str]:
        """Say the days and the basis."""
        zh = language == "zh"
        notes = [_days(self.statement, 0, language)]
        if len(self.statement.stretches) > 1:
            other = _days(self.statement, 1, language)
            notes.append(f"对比 {other}" if zh else f"compared with {other}")
        return [*notes, f"依据：{BASIS[1]}" if zh else f"Basis: {BASIS[0]}"]

    def figures(self) -> list[dict[str, Any]]:
        """Return every figure with the accounts behind it, and the call that opens each."""
        return [
            {
                "metric": line.key,
                "name": line.name_zh if self.language == "zh" else line.name,
                "value": line.amounts[place].amount,
                "unit": self.statement.currency,
                "filters": [f"account {code}" for code in line.accounts],
                "start": stretch.since,
                "as_of": stretch.until,
                "rows": len(line.accounts),
                "basis": BASIS[self.language == "zh"],
                "drill": [drill(code, stretch) for code in line.accounts],
            }
            for line in self.statement.lines
            if line.amounts
            for place, stretch in enumerate(self.statement.stretches)
        ]


def drill(account: str, stretch: Stretch) -> dict[str, Any]:
    """Return the call that shows the lines of an account in a stretch of days."""
    since = {} if stretch.since is None else {"since": stretch.since.isoformat()}
    arguments = {"account": account, **since, "until": stretch.until.isoformat()}
    return {"tool": "ledger.show_account", "arguments": arguments}


class BalancesShown(Answer):
    """The trial balance of a period."""

    balances: Balances
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say what moved, and whether both sides agree."""
        balances = self.balances
        moved, days = balances.moved[0], _said(balances.stretch, language)
        count = len(balances.rows)
        if language == "zh":
            verdict = "平衡" if balances.is_balanced else "不平"
            return f"试算平衡表 {days}：借贷{verdict}，本期发生额各 {moved}，共 {count} 个科目。"
        verdict = "balances" if balances.is_balanced else "does not balance"
        return f"The trial balance {days} {verdict}: {moved} on either side, {count} accounts."

    def grid(self) -> Grid:
        """Return one row for every account, and their sums."""
        currency, zh = self.balances.currency, self.language == "zh"
        names = [("opening", "期初余额"), ("debit", "本期借方"), ("credit", "本期贷方")]
        names.append(("closing", "期末余额"))
        if self.balances.compared is not None:
            until = self.balances.compared.until.isoformat()
            names += [(f"closing {until}", f"{until} 余额"), ("change", "增减")]
        columns = [Column("account", "科目"), Column("name", "名称")]
        columns += [Column(en, chinese, currency) for en, chinese in names]
        sides = [[each.amount for each in _sides(row)] for row in self.balances.rows]
        rows = [
            (row.code, row.name_zh if zh else row.name, *amounts)
            for row, amounts in zip(self.balances.rows, sides, strict=True)
        ]
        sums = [
            sum((amounts[place] for amounts in sides), Decimal(0)) for place in range(len(names))
        ]
        total = ("", "合计" if zh else "Total", *sums)
        styles = (*("",) * len(rows), "total")
        return Grid(tuple(columns), (*rows, total), styles, (0,) * (len(rows) + 1))

    def notes(self, language: Language = "en") -> list[str]:
        """Say the days and the basis."""
        basis = f"依据：{BASIS[1]}" if language == "zh" else f"Basis: {BASIS[0]}"
        return [_said(self.balances.stretch, language), basis]

    def figures(self) -> list[dict[str, Any]]:
        """Return every balance with the call that opens its account."""
        stretch = self.balances.stretch
        return [
            {
                "metric": "closing_balance",
                "name": row.name_zh if self.language == "zh" else row.name,
                "value": row.closing.amount,
                "unit": self.balances.currency,
                "filters": [f"account {row.code}"],
                "start": stretch.since,
                "as_of": stretch.until,
                "rows": 1,
                "basis": BASIS[self.language == "zh"],
                "drill": [drill(row.code, stretch)],
            }
            for row in self.balances.rows
        ]


class LedgerShown(Answer):
    """A page of the general ledger."""

    page: LedgerPage
    currency: str
    language: Language

    @property
    def further(self) -> str:
        """Where the next page begins."""
        return self.page.further

    def sentence(self, language: Language = "en") -> str:
        """Say what is on the page, and whether there is more."""
        accounts = len(self.page.accounts)
        lines = sum(len(each.movements) for each in self.page.accounts)
        days = _said(Stretch(self.page.since, self.page.until), language)
        if language == "zh":
            more = f"；后续从 {self.further} 开始" if self.further else ""
            return f"总分类账 {days}：{accounts} 个科目，{lines} 笔分录{more}。"
        more = f"; more after {self.further}" if self.further else ""
        return f"General ledger {days}: {lines} lines of {accounts} accounts{more}."

    def grid(self) -> Grid:
        """Return, account by account, the balance before, its lines, and the balance after."""
        zh, currency = self.language == "zh", self.currency
        columns = (
            Column("account", "科目"),
            Column("date", "日期", "date"),
            Column("entry", "凭证"),
            Column("origin", "来源单据"),
            Column("memo", "摘要"),
            Column("party", "往来单位"),
            Column("debit", "借方", currency),
            Column("credit", "贷方", currency),
            Column("balance", "余额", currency),
        )
        rows: list[tuple[Any, ...]] = []
        styles: list[str] = []
        for each in self.page.accounts:
            name = f"{each.code} {each.name_zh if zh else each.name}"
            blank = (None, "", "", "期初余额" if zh else "Opening balance", "", None, None)
            rows.append((name, *blank, each.opening.amount))
            styles.append("heading")
            for line in each.movements:
                sides = (line.debit and line.debit.amount, line.credit and line.credit.amount)
                told = (line.posted_on, line.entry, line.origin, line.memo, line.party)
                rows.append((each.code, *told, *sides, line.balance.amount))
                styles.append("")
        return Grid(columns, tuple(rows), tuple(styles), (0,) * len(rows))

    def notes(self, language: Language = "en") -> list[str]:
        """Say the days, and where it goes on."""
        days = _said(Stretch(self.page.since, self.page.until), language)
        if not self.further:
            return [days]
        more = f"后续：{self.further}" if language == "zh" else f"Goes on after {self.further}"
        return [days, more]


def show_income_statement(session: Session, arguments: ShowIncomeStatement) -> StatementShown:
    """Read it from the kept totals."""
    stretch, compared = _stretches(session, arguments.period, arguments.compare)
    statement = income_statement(
        session, stretch, compared=compared, within=_pairs(arguments.within)
    )
    return StatementShown(statement=statement, language=acting(session).actor.language)


def show_balance_sheet(session: Session, arguments: ShowBalanceSheet) -> StatementShown:
    """Read it from the kept totals."""
    stretch, compared = _stretches(session, arguments.period or AsOf(), arguments.compare)
    other = None if compared is None else compared.until
    statement = balance_sheet(session, stretch.until, compared=other)
    return StatementShown(statement=statement, language=acting(session).actor.language)


def show_cash_flow(session: Session, arguments: ShowCashFlow) -> StatementShown:
    """Read it from the kept totals, or from the entries that moved money."""
    stretch, compared = _stretches(session, arguments.period, arguments.compare)
    statement = cash_flow_statement(
        session, stretch, compared=compared, method=arguments.cash_flow_method
    )
    return StatementShown(statement=statement, language=acting(session).actor.language)


def show_balances(session: Session, arguments: ShowBalances) -> BalancesShown:
    """Read it from the kept totals."""
    stretch, compared = _stretches(session, arguments.period, arguments.compare)
    balances = account_balances(
        session, stretch, compared=compared, within=_pairs(arguments.within)
    )
    return BalancesShown(balances=balances, language=acting(session).actor.language)


def show_ledger(session: Session, arguments: ShowLedger) -> LedgerShown:
    """Read a page of it."""
    stretch, _ = _stretches(session, arguments.period, None)
    account = arguments.account and ledger.account_named(session, arguments.account).code
    page = ledger.ledger_page(
        session,
        since=stretch.since,
        until=stretch.until,
        account=account,
        within=_pairs(arguments.within),
        limit=arguments.limit,
        after=arguments.after or "",
    )
    currency, language = company(session).currency, acting(session).actor.language
    return LedgerShown(page=page, currency=currency, language=language)


def _pairs(within: tuple[Within, ...]) -> Dimensions:
    return tuple((each.dimension, each.member) for each in within)


def _stretches(
    session: Session, period: Period | None, compare: Compare | None
) -> tuple[Stretch, Stretch | None]:
    """Return the days that are meant, and those that they are compared with."""
    today = company(session).today
    if period is None:
        begins = fiscal_year_of(session, today)
        span = Span(begins.since, today, cut=True, full_end=begins.until)
    else:
        span = resolve(period, today)
    stretch = Stretch(span.start, span.end or today)
    if compare is None:
        return stretch, None
    if compare.to not in PERIODS_COMPARED:
        raise NotComparable(what=compare.to)
    other = resolve_comparison(compare, _bounded(span, today), today)
    return stretch, Stretch(other.start if span.start else None, other.end or today)


def _bounded(span: Span, today: date) -> Span:
    """Return a span that has a beginning: a day is the end of its month so far."""
    end = span.end or today
    if span.start is not None:
        return replace(span, end=end)
    return Span(end.replace(day=1), end, cut=not is_month_end(end), full_end=None)


def _sides(row: BalancesRow) -> tuple[Money, ...]:
    sides = (row.opening, row.debit, row.credit, row.closing)
    return sides if row.compared is None else (*sides, row.compared, row.closing - row.compared)


def _days(statement: Statement, place: int, language: Language) -> str:
    stretch = statement.stretches[place]
    if statement.kind is StatementKind.BALANCE_SHEET:
        return stretch.until.isoformat()
    return _said(stretch, language)


def _said(stretch: Stretch, language: Language) -> str:
    to = "至" if language == "zh" else "to"
    if stretch.since is None:
        return f"截至 {stretch.until}" if language == "zh" else f"up to {stretch.until}"
    return f"{stretch.since} {to} {stretch.until}"


def _told(line: StatementLine, place: int, language: Language) -> str:
    if language == "zh":
        return f"{line.name_zh} {line.amounts[place]}"
    return f"{line.name[:1].lower()}{line.name[1:]} {line.amounts[place]}"


def _compared(statement: Statement, line: StatementLine, language: Language) -> str:
    growth = growth_percent(line.amounts[0], line.amounts[1])
    days, told = _days(statement, 1, language), _told(line, 1, language)
    if language == "zh":
        change = "" if growth is None else f"（变动 {growth:+} %）"
        return f"对比 {days}：{told}{change}。"
    change = "" if growth is None else f" (change {growth:+} %)"
    return f" Compared with {days}: {told}{change}."


def _tool(
    name: str, arguments: type[Arguments], run: Callable[..., Answer], titles: tuple[str, str]
) -> Tool:
    return Tool(
        f"statements.{name}",
        arguments,
        run,
        writes=False,
        title=titles[0],
        title_zh=titles[1],
        roles=BOOKS,
    )


TOOLS = [
    _tool(
        "income_statement",
        ShowIncomeStatement,
        show_income_statement,
        NAMES[StatementKind.INCOME_STATEMENT],
    ),
    _tool(
        "balance_sheet", ShowBalanceSheet, show_balance_sheet, NAMES[StatementKind.BALANCE_SHEET]
    ),
    _tool("cash_flow", ShowCashFlow, show_cash_flow, NAMES[StatementKind.CASH_FLOW]),
    _tool(
        "trial_balance",
        ShowBalances,
        show_balances,
        ("Trial balance with movements", "科目余额表"),
    ),
    _tool("general_ledger", ShowLedger, show_ledger, ("General ledger, all lines", "总分类账")),
]
