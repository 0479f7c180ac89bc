"""Tools of banking: our accounts at banks, their statements, and whether the books agree."""

import base64
import binascii
import gzip
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.invoicing import banking
from core.invoicing.banking.errors import FileTooLarge, NotAStatement, WhichBankAccount
from core.invoicing.banking.formats import BYTES_MAX
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Account, AccountKind, BankAccount
from core.ledger.errors import UnknownAccount
from tools.base import (
    CANNOT_UNDO,
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
from tools.trade import BOOKKEEPERS

VOID = "banking.void_statement"
CONTENT_MAX = 4_000_000

BankAccountRef = Annotated[Text, Ref("bank_account")]
StatementRef = Annotated[Text, Ref("bank_statement")]
Reason = Annotated[Words, Field(min_length=1)]


def account_or_none(session: Session, text: str | None) -> BankAccount | None:
    """Return the bank account that is meant, or None for all of them."""
    return ledger.bank_account_named(session, text) if text else None


class AddBankAccount(Arguments):
    """Add a bank account of ours, with an account of the books to itself."""

    code: Annotated[str, Field(min_length=1, max_length=20)] = Field(
        description="A short code to call it by, such as MAIN."
    )
    name: Text
    account: Text = Field(
        description="The account of the books for it: a code of the chart, opened if it is new."
    )
    iban: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{4,42}$")] | None = Field(
        default=None, description="Its IBAN, or its number where there are no IBANs."
    )
    bic: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8,11}$")] | None = None
    bank: Annotated[str, Field(max_length=100)] = ""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = Field(
        default=None, description="Leave empty for the company's."
    )


class BankAccountAdded(Answer):
    """A bank account that there is now."""

    code: str
    name: str
    account: str
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say which one."""
        if language == "zh":
            return f"银行账户 {self.code} {self.name} 已新增，科目 {self.account}。"
        return f"The bank account {self.code} {self.name} is added, on account {self.account}."


def add_account(session: Session, arguments: AddBankAccount) -> BankAccountAdded:
    """Add it; an account of the chart that is not there yet is opened for it."""
    try:
        account = ledger.account_named(session, arguments.account)
    except UnknownAccount:
        if not arguments.account.isdigit():
            raise
        account = ledger.open_account(
            session,
            code=arguments.account,
            name=arguments.name,
            name_zh=arguments.name,
            kind=AccountKind.ASSET,
            currency=arguments.currency,
        )
    added = ledger.open_bank_account(
        session,
        code=arguments.code,
        name=arguments.name,
        account=account.code,
        iban=arguments.iban,
        bic=arguments.bic,
        bank=arguments.bank,
        currency=arguments.currency,
    )
    return BankAccountAdded(
        code=added.code, name=added.name, account=account.code, currency=added.currency
    )


class ListBankAccounts(Arguments):
    """List our bank accounts: what the books carry of each, and what is not matched."""


class BankAccounts(Answer):
    """Our bank accounts."""

    rows: list[tuple[str, str, str, str, str, Decimal, int]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        still = sum(row[-1] for row in self.rows)
        if language == "zh":
            return f"共 {count} 个银行账户，{still} 条流水未核对。"
        lines = "1 line is" if still == 1 else f"{still} lines are"
        return f"{count} bank {'account' if count == 1 else 'accounts'}; {lines} not matched."

    def grid(self) -> Grid:
        """Return one row for every account."""
        columns = (
            Column("code", "编码"),
            Column("name", "名称"),
            Column("IBAN", "账号"),
            Column("account", "科目"),
            Column("currency", "币种"),
            Column("in the books", "账面余额", "number"),
            Column("not matched", "未核对", "number"),
        )
        return Grid(columns, tuple(self.rows))


def list_accounts(session: Session, _arguments: ListBankAccounts) -> BankAccounts:
    """Read the accounts."""
    rows = []
    for account in ledger.list_bank_accounts(session):
        books = session.get_one(Account, account.account_id)
        carried = ledger.balance(session, books.code)
        still = banking.list_lines(session, bank_account=account, open_only=True)
        rows.append(
            (
                account.code,
                account.name,
                account.iban or "",
                f"{books.code} {books.name}",
                account.currency,
                carried.amount,
                len(still),
            )
        )
    return BankAccounts(rows=rows)


class ImportStatement(Arguments):
    """Import a statement of a bank from the content of its file: CSV, OFX or camt.053."""

    content: Annotated[str, Field(min_length=1, max_length=CONTENT_MAX)] = Field(
        description="The content of the file: as text, or packed as `packing` says."
    )
    packing: Literal["text", "base64", "gzip"] = Field(
        default="text", description="gzip: compressed, and then base64."
    )
    file_name: Annotated[str, Field(max_length=200)] = ""
    account: BankAccountRef | None = Field(
        default=None, description="Leave empty where the file says it, or where we have only one."
    )
    date_order: Literal["day", "month"] | None = Field(
        default=None, description="Which comes first in dates like 03/04/2026; else it is found."
    )
    decimal: Literal[".", ","] | None = Field(
        default=None, description="The sign before decimals; else it is found."
    )


class StatementImported(Answer):
    """The statements that were in a file."""

    statements: list[str]
    account: str
    new: int
    known: int
    gap: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many lines are new, and whether something is missing before them."""
        numbers = ", ".join(self.statements)
        if language == "zh":
            said = f"{numbers}（{self.account}）：新增 {self.new} 条流水"
            said += f"，{self.known} 条已导入过" if self.known else ""
            return f"{said}；与上一对账单之间缺少 {self.gap}。" if self.gap else f"{said}。"
        said = f"{numbers} of {self.account}: {_lines(self.new)} new"
        said += f", {self.known} known already" if self.known else ""
        if self.gap:
            return f"{said}; {self.gap} is missing between the statement before and this one."
        return f"{said}."


def _lines(count: int) -> str:
    return "1 line is" if count == 1 else f"{count} lines are"


def import_statement(session: Session, arguments: ImportStatement) -> StatementImported:
    """Import all of the file, or nothing of it."""
    done = banking.import_statement(
        session,
        unpacked(arguments.content, arguments.packing),
        bank_account=arguments.account,
        file_name=arguments.file_name,
        date_order=arguments.date_order,
        decimal=arguments.decimal,
    )
    accounts = {
        session.get_one(BankAccount, each.statement.bank_account_id).code: None for each in done
    }
    gaps = [str(each.gap) for each in done if each.gap is not None]
    return StatementImported(
        statements=[each.statement.number for each in done],
        account=", ".join(accounts),
        new=sum(each.new for each in done),
        known=sum(each.known for each in done),
        gap=", ".join(gaps),
    )


def unpacked(content: str, packing: Literal["text", "base64", "gzip"]) -> bytes:
    """Return the bytes of a file; what would unpack to more than a file may be is refused."""
    if packing == "text":
        return content.encode()
    try:
        raw = base64.b64decode(content, validate=True)
        if packing == "base64":
            return raw
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            opened = packed.read(BYTES_MAX + 1)
    except (binascii.Error, OSError, EOFError, ValueError) as error:
        raise NotAStatement from error
    if len(opened) > BYTES_MAX:
        raise FileTooLarge(size=f"> {BYTES_MAX:,} B", most=f"{BYTES_MAX:,} B")
    return opened


def packed(content: bytes) -> str:
    """Pack the bytes of a file so that they fit an argument: the same bytes, the same text."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")


def undo_import(
    _session: Session, _arguments: ImportStatement, answer: dict[str, list[str]]
) -> Undoing:
    """Void what was imported."""
    return Undoing(
        tuple(
            Call(VOID, VoidStatement(number=number, because="undo"))
            for number in reversed(answer["statements"])
        )
    )


class VoidStatement(Arguments):
    """Void a bank statement that was imported by mistake; none of it may be matched."""

    number: StatementRef = Field(description="Its number, such as BST-00007.")
    because: Reason = Field(description="Why it does not count.")


class StatementVoided(Answer):
    """A statement that does not count any more."""

    number: str

    def sentence(self, language: Language = "en") -> str:
        """Say so."""
        if language == "zh":
            return f"对账单 {self.number} 已作废。"
        return f"The statement {self.number} is void now."


def void_statement(session: Session, arguments: VoidStatement) -> StatementVoided:
    """Void it."""
    done = banking.void_statement(session, arguments.number, because=arguments.because)
    return StatementVoided(number=done.number)


def undo_void(*_: object) -> Undoing:
    """Say how it comes back."""
    why = ("import the file anew instead", "请重新导入该文件")
    return Undoing(impossible=why)


class ShowStatement(Arguments):
    """Show a bank statement: its balances, its lines, and what each is matched with."""

    number: StatementRef = Field(description="Its number, such as BST-00007.")


class StatementShown(Answer):
    """A statement with its lines."""

    statement: banking.StatementView

    def sentence(self, language: Language = "en") -> str:
        """Say its balances, and whether it is matched."""
        view = self.statement
        balances = f"{view.opening} → {view.closing}" if view.opening and view.closing else ""
        if language == "zh":
            said = f"{view.number}（{view.account}），{view.from_on} 至 {view.until_on}"
            said += f"，{balances}" if balances else ""
            return f"{said}；{view.open_lines} 条流水未核对，合计 {view.open}。"
        said = f"{view.number} of {view.account}, {view.from_on} to {view.until_on}"
        said += f", {balances}" if balances else ""
        if not view.open_lines:
            return f"{said}; every line is matched."
        return f"{said}; {_lines(view.open_lines)} not matched, {view.open}."

    def grid(self) -> Grid:
        """Return one row for every line."""
        return grid_of_lines(self.statement.lines)


def grid_of_lines(lines: Sequence[banking.LineView]) -> Grid:
    """Return one row for every line of the bank."""
    currencies = {line.amount.currency for line in lines}
    unit = currencies.pop() if len(currencies) == 1 else "number"
    columns = (
        Column("line", "流水"),
        Column("date", "日期", "date"),
        Column("account", "账户"),
        Column("amount", "金额", unit),
        Column("not matched", "未核对", unit),
        Column("counterparty", "对方"),
        Column("text", "摘要"),
        Column("matched with", "已核对"),
    )
    rows = tuple(
        (
            line.number,
            line.booked_on,
            line.account,
            line.amount.amount,
            line.left.amount,
            line.counterparty,
            line.text,
            ", ".join(line.matches),
        )
        for line in lines
    )
    return Grid(columns, rows)


def show_statement(session: Session, arguments: ShowStatement) -> StatementShown:
    """Read the statement."""
    return StatementShown(statement=banking.statement_view(session, arguments.number))


class ListBankLines(Arguments):
    """List the lines of the bank that are not matched with the books, or all of them."""

    account: BankAccountRef | None = Field(default=None, description="Leave empty for all.")
    since: Day | None = None
    until: Day | None = None
    with_matched: bool = Field(default=False, description="Show those that are matched as well.")


class BankLines(Answer):
    """Lines of the bank."""

    lines: list[banking.LineView]
    with_matched: bool

    def sentence(self, language: Language = "en") -> str:
        """Say how many are not matched, and how much that is."""
        still = [line for line in self.lines if line.left.minor]
        sums: dict[str, int] = {}
        for line in still:
            sums[line.left.currency] = sums.get(line.left.currency, 0) + line.left.minor
        worth = ", ".join(str(Money(minor, each)) for each, minor in sorted(sums.items()))
        if language == "zh":
            said = f"{len(still)} 条流水未核对" + (f"，合计 {worth}" if worth else "")
            return f"共 {len(self.lines)} 条流水，{said}。" if self.with_matched else f"{said}。"
        said = f"{_lines(len(still))} not matched" + (f", {worth}" if worth else "")
        return f"{len(self.lines)} lines; {said}." if self.with_matched else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every line."""
        return grid_of_lines(self.lines)


def list_lines(session: Session, arguments: ListBankLines) -> BankLines:
    """Read the lines."""
    lines = banking.list_lines(
        session,
        bank_account=account_or_none(session, arguments.account),
        open_only=not arguments.with_matched,
        since=arguments.since,
        until=arguments.until,
    )
    return BankLines(lines=lines, with_matched=arguments.with_matched)


class ShowReconciliation(Arguments):
    """Show whether the books and the bank agree on an account, and what explains the difference."""

    account: BankAccountRef | None = Field(
        default=None, description="Leave empty where we have only one."
    )
    as_of: Day | None = Field(default=None, description="Leave empty for the last statement's day.")


class ReconciliationShown(Answer):
    """Both balances, and every line between them."""

    report: banking.Reconciliation

    def sentence(self, language: Language = "en") -> str:
        """Say both balances, the difference, and until when all is matched."""
        view = self.report
        until: date | None = view.reconciled_until
        if language == "zh":
            done = f"已核对至 {until}" if until else "尚无完全核对的日期"
            return (
                f"{view.account} 截至 {view.as_of}：银行 {view.bank}，账面 {view.books}，"
                f"差额 {view.difference}（未解释 {view.unexplained}）；{done}。"
            )
        done = f"reconciled until {until}" if until else "no day is reconciled yet"
        return (
            f"{view.account} on {view.as_of}: {view.bank} at the bank, {view.books} in the books,"
            f" difference {view.difference} ({view.unexplained} unexplained); {done}."
        )

    def grid(self) -> Grid:
        """Return one row for every line that explains the difference."""
        currency = self.report.bank.currency
        columns = (
            Column("why", "原因"),
            Column("number", "编号"),
            Column("date", "日期", "date"),
            Column("text", "摘要"),
            Column("difference", "差额", currency),
        )
        rows = tuple(
            (word(each.cause), each.number, each.day, each.text, each.amount.amount)
            for each in self.report.explanations
        )
        return Grid(columns, rows)


class NoBankAccountYet(Answer):
    """There is no bank account to compare with the books."""

    def sentence(self, language: Language = "en") -> str:
        """Say how one begins."""
        if language == "zh":
            return "尚无银行账户；请先新增，再导入对账单。"
        return "There is no bank account yet; add one, and import its statements."


def show_reconciliation(
    session: Session, arguments: ShowReconciliation
) -> ReconciliationShown | NoBankAccountYet:
    """Compare the books with the bank."""
    ours = ledger.list_bank_accounts(session)
    if arguments.account is None and not ours:
        return NoBankAccountYet()
    account = the_account(session, arguments.account, ours)
    return ReconciliationShown(report=banking.reconcile(session, account, arguments.as_of))


def the_account(session: Session, text: str | None, ours: Sequence[BankAccount]) -> BankAccount:
    """Return the bank account that is meant, or the only one that we have statements of."""
    if text is not None:
        return ledger.bank_account_named(session, text)
    accounts = list(ours)
    if len(accounts) > 1:
        told = {each.bank_account_id for each in banking.list_statements(session)}
        accounts = [each for each in accounts if each.id in told] or accounts
    if len(accounts) != 1:
        raise WhichBankAccount(known=", ".join(each.code for each in accounts))
    return accounts[0]


def undo_add_account(*_: object) -> Undoing:
    """Say that a bank account stays."""
    return CANNOT_UNDO


TOOLS = [
    Tool(
        "banking.add_account",
        AddBankAccount,
        add_account,
        writes=True,
        title="Add bank account",
        title_zh="新增银行账户",
        roles=BOOKKEEPERS,
        undo=undo_add_account,
        sensitive=True,
    ),
    Tool(
        "banking.list_accounts",
        ListBankAccounts,
        list_accounts,
        writes=False,
        title="Bank accounts",
        title_zh="银行账户",
        roles=BOOKS,
    ),
    Tool(
        "banking.import_statement",
        ImportStatement,
        import_statement,
        writes=True,
        title="Import bank statement",
        title_zh="导入银行对账单",
        roles=BOOKKEEPERS,
        undo=undo_import,
    ),
    Tool(
        VOID,
        VoidStatement,
        void_statement,
        writes=True,
        title="Void bank statement",
        title_zh="作废银行对账单",
        roles=BOOKKEEPERS,
        undo=undo_void,
    ),
    Tool(
        "banking.show_statement",
        ShowStatement,
        show_statement,
        writes=False,
        title="Show bank statement",
        title_zh="查看银行对账单",
        roles=BOOKS,
    ),
    Tool(
        "banking.list_lines",
        ListBankLines,
        list_lines,
        writes=False,
        title="Bank lines",
        title_zh="银行流水",
        roles=BOOKS,
    ),
    Tool(
        "banking.show_reconciliation",
        ShowReconciliation,
        show_reconciliation,
        writes=False,
        title="Bank reconciliation",
        title_zh="银行余额调节表",
        roles=BOOKS,
    ),
]
