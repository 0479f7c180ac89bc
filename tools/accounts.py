"""Tools of the chart of accounts: looked at as a tree, added to, blocked, put in order."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.errors import Language
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import AccountKind, CashFlow
from tools.base import Answer, Arguments, Call, Column, Grid, Text, Tool, Undoing
from tools.ledger import Currency, HeadingRef
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

ADD, BLOCK, UNBLOCK = "ledger.add_account", "ledger.block_account", "ledger.unblock_account"
MOVE = "ledger.move_account"

Code = Annotated[Text, Field(max_length=20, pattern=r"^[^\s,=]+$")]


class ListAccounts(Arguments):
    """List the chart of accounts as a tree: headings, and the accounts below them."""

    below: HeadingRef | None = Field(default=None, description="Only what stands under a heading.")


class Accounts(Answer):
    """The chart of accounts, every heading before what stands under it."""

    accounts: list[ledger.AccountView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many accounts there are."""
        count = sum(not account.heading for account in self.accounts)
        if language == "zh":
            return f"科目表共有 {count} 个科目。"
        return f"There are {count} accounts in the chart."

    def grid(self) -> Grid:
        """Return one row for every heading and account, set in by how deep it stands."""
        columns = (
            Column("account", "科目"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("kind", "类别"),
            Column("cash flow", "现金流量"),
            Column("currency", "币种"),
            Column("blocked", "冻结"),
        )
        rows = tuple(
            (
                "  " * account.depth + account.code,
                account.name,
                account.name_zh,
                account.kind,
                account.cash_flow or "",
                account.currency or "",
                account.blocked,
            )
            for account in self.accounts
        )
        return Grid(columns, rows)


def list_accounts(session: Session, arguments: ListAccounts) -> Accounts:
    """Read the chart."""
    below = ledger.heading_named(session, arguments.below).code if arguments.below else None
    return Accounts(accounts=ledger.chart_tree(session, below=below))


class AddAccount(Arguments):
    """Add an account, or a heading, to the chart of accounts."""

    code: Code = Field(description="Its code, such as 6065.")
    name: Text
    kind: AccountKind | None = Field(
        default=None, description="Leave empty for the kind of the heading it stands under."
    )
    name_zh: Text | None = None
    below: HeadingRef | None = Field(
        default=None, description="The heading that it stands under; that of its neighbours."
    )
    currency: Currency | None = None
    party_required: bool = False
    heading: bool = Field(default=False, description="It takes no entries, and only adds up.")
    cash_flow: CashFlow | None = Field(
        default=None, description="Its class in the cash flow statement; that of its neighbours."
    )


class AccountChanged(Answer):
    """An account of the chart, as it is now."""

    code: str
    name: str
    name_zh: str
    said: str
    before: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say which account, and what became of it."""
        if language == "zh":
            return f"科目 {self.code} {self.name_zh}：{word(self.said, language)}。"
        return f"Account {self.code} {self.name}: {word(self.said, language)}."


def pin_add(session: Session, arguments: AddAccount) -> AddAccount:
    """Choose the kind: of the heading, or of the accounts whose codes begin alike."""
    below = ledger.heading_named(session, arguments.below) if arguments.below else None
    kind = arguments.kind or (below and below.kind)
    kind = kind or ledger.kind_beside(session, arguments.code)
    return arguments.model_copy(update={"kind": kind, "below": below.code if below else None})


def add_account(session: Session, arguments: AddAccount) -> AccountChanged:
    """Add it."""
    pinned = pin_add(session, arguments)
    assert pinned.kind is not None, "the kind is pinned"
    account = ledger.open_account(
        session,
        code=pinned.code,
        name=pinned.name,
        name_zh=pinned.name_zh or pinned.name,
        kind=pinned.kind,
        party_required=pinned.party_required,
        heading=pinned.heading,
        currency=pinned.currency,
        parent=pinned.below,
        cash_flow=pinned.cash_flow,
    )
    return _changed(account, "new")


def undo_add(_session: Session, _arguments: AddAccount, answer: dict[str, str]) -> Undoing:
    """Block it: an account stays in the chart."""
    return Undoing((Call(BLOCK, BlockAccount(account=answer["code"])),))


class BlockAccount(Arguments):
    """Block an account: it takes no entries any more."""

    account: AccountRef = Field(description="Code or name of the account.")


class UnblockAccount(Arguments):
    """Unblock an account: it takes entries again."""

    account: AccountRef = Field(description="Code or name of the account.")


def block_account(session: Session, arguments: BlockAccount) -> AccountChanged:
    """Block it."""
    return _block(session, arguments.account, blocked=True)


def unblock_account(session: Session, arguments: UnblockAccount) -> AccountChanged:
    """Unblock it."""
    return _block(session, arguments.account, blocked=False)


def undo_block(_session: Session, arguments: BlockAccount, _answer: object) -> Undoing:
    """Unblock it again."""
    return Undoing((Call(UNBLOCK, UnblockAccount(account=arguments.account)),))


def undo_unblock(_session: Session, arguments: UnblockAccount, _answer: object) -> Undoing:
    """Block it again."""
    return Undoing((Call(BLOCK, BlockAccount(account=arguments.account)),))


class MoveAccount(Arguments):
    """Put an account under another heading of the chart."""

    account: AccountRef = Field(description="Code or name of the account or heading.")
    heading: HeadingRef = Field(description="Code or name of the heading.")


def move_account(session: Session, arguments: MoveAccount) -> AccountChanged:
    """Move it."""
    code = ledger.account_named(session, arguments.account).code
    before = ledger.heading_of(session, code)
    account = ledger.move_account(session, code, arguments.heading)
    after = ledger.heading_of(session, code)
    return _changed(account, f"→ {after}", before=before.split(" ")[0])


def undo_move(_session: Session, arguments: MoveAccount, answer: dict[str, str]) -> Undoing:
    """Put it back where it stood."""
    if not answer["before"]:
        return Undoing(impossible=("it stood under no heading", "原先不在任何汇总科目之下"))
    back = MoveAccount(account=arguments.account, heading=answer["before"])
    return Undoing((Call(MOVE, back),))


def _block(session: Session, text: str, *, blocked: bool) -> AccountChanged:
    account = ledger.account_named(session, text)
    ledger.block_account(session, account.code, blocked=blocked)
    return _changed(account, "blocked" if blocked else "open")


def _changed(account: ledger.Account, said: str, before: str = "") -> AccountChanged:
    return AccountChanged(
        code=account.code, name=account.name, name_zh=account.name_zh, said=said, before=before
    )


TOOLS = [
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
        ADD,
        AddAccount,
        add_account,
        writes=True,
        title="Add account",
        title_zh="新增科目",
        roles=BOOKKEEPERS,
        pin=pin_add,
        undo=undo_add,
    ),
    Tool(
        BLOCK,
        BlockAccount,
        block_account,
        writes=True,
        title="Block account",
        title_zh="冻结科目",
        roles=BOOKKEEPERS,
        undo=undo_block,
    ),
    Tool(
        UNBLOCK,
        UnblockAccount,
        unblock_account,
        writes=True,
        title="Unblock account",
        title_zh="解除科目冻结",
        roles=BOOKKEEPERS,
        undo=undo_unblock,
    ),
    Tool(
        MOVE,
        MoveAccount,
        move_account,
        writes=True,
        title="Move account",
        title_zh="调整科目归属",
        roles=BOOKKEEPERS,
        undo=undo_move,
    ),
]
