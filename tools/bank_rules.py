"""Tools of bank rules: what is said once for all lines that look so."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.invoicing import banking
from core.invoicing.banking import Way
from core.invoicing.banking.errors import RuleNeedsAccount
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from tools.bank_matching import LineRef, RuleRef
from tools.banking import BankAccountRef, account_or_none
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

REMOVE_RULE = "banking.remove_rule"


class AddRule(Arguments):
    """Add a bank rule: lines whose text contains some words are booked to an account."""

    contains: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Words that the text of the line contains."
    )
    account: AccountRef | None = Field(
        default=None, description="The account to book such lines to; else that of the line."
    )
    counterparty: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Words that the name of the other side contains."
    )
    way: Way | None = Field(default=None, description="Only money that came in, or went out.")
    bank_account: BankAccountRef | None = Field(default=None, description="Leave empty for all.")
    amount_from: Amount | None = None
    amount_to: Amount | None = None
    tax: Annotated[Text, Ref("tax_code")] | None = None
    memo: Words = ""
    settles: bool = Field(
        default=False,
        description="Instead: let documents be settled by a little less, written off there.",
    )
    tolerance: Amount | None = Field(default=None, description="How much less, as an amount.")
    tolerance_percent: Percent = Field(default=Decimal(0), description="How much less, in percent.")
    line: LineRef | None = Field(
        default=None, description="A line to take the words from, and the account if it is booked."
    )


class RuleAdded(Answer):
    """A rule that there is now."""

    number: str
    contains: str
    account: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it does."""
        if language == "zh":
            return f"规则 {self.number}：含“{self.contains}”的流水记入 {self.account}。"
        return f"{self.number}: lines that contain “{self.contains}” go to {self.account}."


def pin_rule(session: Session, arguments: AddRule) -> AddRule:
    """Write the account by its code, and take the words from the line that was named."""
    contains, counterparty = arguments.contains, arguments.counterparty
    if arguments.line and not contains and not counterparty:
        line, _ = banking.find_line(session, arguments.line)
        counterparty, contains = line.counterparty, "" if line.counterparty else line.text
    said = arguments.account or (
        banking.booked_account_of(session, arguments.line) if arguments.line else None
    )
    if said is None:
        raise RuleNeedsAccount
    account = ledger.account_named(session, said).code
    chosen = {"account": account, "contains": contains, "counterparty": counterparty}
    return arguments.model_copy(update=chosen)


def add_rule(session: Session, arguments: AddRule) -> RuleAdded:
    """Add it behind the others."""
    given = pin_rule(session, arguments)
    assert given.account is not None, "pinned: an account is named"
    bank_account = account_or_none(session, given.bank_account)
    currency = bank_account.currency if bank_account else company(session).currency

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money.of(amount, currency)

    rule = banking.add_rule(
        session,
        account=given.account,
        contains=given.contains,
        counterparty=given.counterparty,
        way=given.way,
        bank_account=bank_account,
        amount_from=money(given.amount_from),
        amount_to=money(given.amount_to),
        tax=given.tax,
        memo=given.memo,
        settles=given.settles,
        tolerance=money(given.tolerance),
        tolerance_percent=given.tolerance_percent,
    )
    words = rule.contains or rule.counterparty
    return RuleAdded(number=rule.number, contains=words, account=given.account)


def undo_rule(_session: Session, _arguments: AddRule, answer: dict[str, str]) -> Undoing:
    """Remove it."""
    return Undoing((Call(REMOVE_RULE, RemoveRule(number=answer["number"])),))


class ListRules(Arguments):
    """List the bank rules in the order in which they are tried, and how often each was used."""


class Rules(Answer):
    """The rules."""

    rules: list[banking.RuleView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rules)
        if language == "zh":
            return f"共 {count} 条银行规则。"
        return f"{count} bank {'rule' if count == 1 else 'rules'}."

    def grid(self) -> Grid:
        """Return one row for every rule."""
        columns = (
            Column("rule", "规则"),
            Column("looks for", "条件"),
            Column("account", "科目"),
            Column("tax", "税码"),
            Column("memo", "摘要"),
            Column("used", "次数", "number"),
        )
        rows = tuple(
            (
                rule.number,
                rule.looks,
                f"{rule.account} {rule.account_name}",
                rule.tax_code or "",
                rule.memo,
                rule.hits,
            )
            for rule in self.rules
        )
        return Grid(columns, rows)


def list_rules(session: Session, _arguments: ListRules) -> Rules:
    """Read the rules."""
    return Rules(rules=banking.list_rules(session))


class RemoveRule(Arguments):
    """Remove a bank rule; what it booked stays."""

    number: RuleRef = Field(description="Its number, such as BR-00003.")


class RuleRemoved(Answer):
    """A rule that is gone."""

    number: str

    def sentence(self, language: Language = "en") -> str:
        """Say so."""
        return f"规则 {self.number} 已删除。" if language == "zh" else f"{self.number} is removed."


def remove_rule(session: Session, arguments: RemoveRule) -> RuleRemoved:
    """Remove it."""
    return RuleRemoved(number=banking.remove_rule(session, arguments.number).number)


def undo_remove(*_: object) -> Undoing:
    """Say how it comes back."""
    return Undoing(impossible=("add the rule anew", "请重新新增该规则"))


TOOLS = [
    Tool(
        "banking.add_rule",
        AddRule,
        add_rule,
        writes=True,
        title="Add bank rule",
        title_zh="新增银行规则",
        roles=BOOKKEEPERS,
        pin=pin_rule,
        undo=undo_rule,
    ),
    Tool(
        "banking.list_rules",
        ListRules,
        list_rules,
        writes=False,
        title="Bank rules",
        title_zh="银行规则",
        roles=BOOKS,
    ),
    Tool(
        REMOVE_RULE,
        RemoveRule,
        remove_rule,
        writes=True,
        title="Remove bank rule",
        title_zh="删除银行规则",
        roles=BOOKKEEPERS,
        undo=undo_remove,
    ),
]
