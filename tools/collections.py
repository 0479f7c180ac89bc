"""Tools of collections: whom to leave alone, dunning levels, statements, and what is due."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.invoicing import Direction, Invoice, dunning
from core.invoicing.dunning import Level
from core.invoicing.errors import UnknownInvoice
from core.invoicing.holds import HoldKind, HoldPurpose, hold, lift_hold
from core.invoicing.statements import Statement, statement_of
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language, NotPermitted
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.parties import Party
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Day,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.errors import WhoseStatement
from tools.invoicing import AND_CUSTOMERS, READERS
from tools.references import InvoiceRef
from tools.trade import BOOKKEEPERS, Because, Limit, own_party

UNBLOCK, BLOCK, LEVEL = (
    "collections.unblock_dunning",
    "collections.block_dunning",
    "collections.set_dunning_level",
)
UNDO = "undo"
T = TypeVar("T")

NEW_LEVEL_STAYS = (
    "a level that was added stays; set it so late that it is never reached",
    "新增的级别会保留；可将其逾期天数设得足够大",
)

# Who is left alone.


class BlockDunning(Arguments):
    """Stop reminding a customer, or of one invoice, for example because it is disputed."""

    customer: CustomerRef | None = Field(default=None, description="Leave empty for one invoice.")
    invoice: InvoiceRef | None = Field(default=None, description="Leave empty for all of them.")
    disputed: bool = Field(default=False, description="The customer says that it is not owed.")
    held_until: Day | None = Field(default=None, description="Leave empty until it is lifted.")
    because: Because = Field(description="Why.")

    @model_validator(mode="after")
    def _something(self) -> "BlockDunning":
        if self.customer is None and self.invoice is None:
            problem = "say which customer or which invoice"
            raise ValueError(problem)
        return self


class UnblockDunning(Arguments):
    """Remind a customer, or of one invoice, again."""

    customer: CustomerRef | None = Field(default=None, description="Leave empty for one invoice.")
    invoice: InvoiceRef | None = Field(default=None, description="Leave empty for the customer.")
    because: Because = Field(default=UNDO, description="Why.")

    @model_validator(mode="after")
    def _something(self) -> "UnblockDunning":
        if self.customer is None and self.invoice is None:
            problem = "say which customer or which invoice"
            raise ValueError(problem)
        return self


class DunningBlocked(Answer):
    """What is left alone, or no longer."""

    subject: str
    held: bool

    def sentence(self, language: Language = "en") -> str:
        """Say so."""
        if language == "zh":
            return f"{self.subject} {'已暂停催款' if self.held else '恢复催款'}。"
        return f"{self.subject} is {'not reminded any more' if self.held else 'reminded again'}."


def block_dunning(session: Session, arguments: BlockDunning) -> DunningBlocked:
    """Leave it alone."""
    subject = _subject(session, arguments)
    hold(
        session,
        subject,
        purpose=HoldPurpose.DUNNING,
        because=arguments.because,
        kind=HoldKind.DISPUTED if arguments.disputed else HoldKind.BLOCKED,
        until=arguments.held_until,
    )
    return DunningBlocked(subject=subject.number, held=True)


def unblock_dunning(session: Session, arguments: UnblockDunning) -> DunningBlocked:
    """Remind again."""
    subject = _subject(session, arguments)
    lift_hold(session, subject, purpose=HoldPurpose.DUNNING, because=arguments.because)
    return DunningBlocked(subject=subject.number, held=False)


def undo_block(_session: Session, arguments: BlockDunning, _answer: object) -> Undoing:
    """Lift it."""
    back = UnblockDunning(customer=arguments.customer, invoice=arguments.invoice)
    return Undoing((Call(UNBLOCK, back),))


def undo_unblock(_session: Session, arguments: UnblockDunning, _answer: object) -> Undoing:
    """Leave it alone again."""
    back = BlockDunning(customer=arguments.customer, invoice=arguments.invoice, because=UNDO)
    return Undoing((Call(BLOCK, back),))


# The levels.


class ListLevels(Arguments):
    """List the dunning levels: after how many days, with which fee and interest."""


class LevelsListed(Answer):
    """The levels in their order."""

    levels: list[Level]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say after how many days each is reached."""
        days = ", ".join(str(level.overdue_days) for level in self.levels)
        if language == "zh":
            return f"催款共 {len(self.levels)} 级，逾期 {days} 天。"
        return f"{len(self.levels)} dunning levels, after {days} days overdue."

    def grid(self) -> Grid:
        """Return one row for every level."""
        columns = (
            Column("level", "级别", "number"),
            Column("days overdue", "逾期天数", "number"),
            Column("days since the last", "距上次天数", "number"),
            Column("fee", "费用", self.currency),
            Column("interest a year", "年利率", "percent"),
            Column("title", "标题"),
        )
        rows = tuple(
            (
                level.level,
                level.overdue_days,
                level.wait_days,
                level.fee.amount,
                level.interest_percent,
                level.title,
            )
            for level in self.levels
        )
        return Grid(columns, rows)


def list_levels(session: Session, _arguments: ListLevels) -> LevelsListed:
    """Read them."""
    return LevelsListed(levels=dunning.levels_of(session), currency=company(session).currency)


class SetDunningLevel(Arguments):
    """Set when a dunning level is reached, its fee, and its interest; what is not said stays."""

    level: int = Field(ge=1, le=9, description="1 is the first reminder.")
    overdue_days: int | None = Field(default=None, ge=1, le=999)
    fee: Limit | None = Field(default=None, description="Of a letter at this level.")
    interest_percent: Percent | None = Field(default=None, description="A year.")
    wait_days: int | None = Field(
        default=None, ge=0, le=365, description="Days since the letter before."
    )


def pin_level(session: Session, arguments: SetDunningLevel) -> SetDunningLevel:
    """Write down what stays as it is."""
    levels = {each.level: each for each in dunning.levels_of(session)}
    known = levels.get(arguments.level) or levels[max(levels)]
    chosen = {
        "overdue_days": _or(arguments.overdue_days, known.overdue_days),
        "fee": _or(arguments.fee, known.fee.amount),
        "interest_percent": _or(arguments.interest_percent, known.interest_percent),
        "wait_days": _or(arguments.wait_days, known.wait_days),
    }
    return arguments.model_copy(update=chosen)


class LevelSet(LevelsListed):
    """The levels, and what the one that was set was before."""

    before: dict[str, Any] | None


def set_dunning_level(session: Session, arguments: SetDunningLevel) -> LevelSet:
    """Set it; a level that there was not is added behind the last."""
    pinned, currency = pin_level(session, arguments), company(session).currency
    levels = {each.level: each for each in dunning.levels_of(session)}
    known = levels.get(pinned.level)
    assert pinned.overdue_days is not None, "what is not said stays"
    assert pinned.interest_percent is not None, "what is not said stays"
    levels[pinned.level] = Level(
        level=pinned.level,
        overdue_days=pinned.overdue_days,
        fee=Money.of(pinned.fee or 0, currency),
        interest_percent=pinned.interest_percent,
        wait_days=pinned.wait_days or 0,
        title=known.title if known else "",
        title_zh=known.title_zh if known else "",
        text=known.text if known else "",
        text_zh=known.text_zh if known else "",
    )
    after = dunning.set_levels(session, [levels[place] for place in sorted(levels)])
    before = (
        None
        if known is None
        else {
            "overdue_days": known.overdue_days,
            "fee": str(known.fee.amount),
            "interest_percent": plain(known.interest_percent),
            "wait_days": known.wait_days,
        }
    )
    return LevelSet(levels=after, currency=currency, before=before)


def undo_level(_session: Session, arguments: SetDunningLevel, answer: dict[str, Any]) -> Undoing:
    """Set the level back to what it was."""
    if answer["before"] is None:
        return Undoing(impossible=NEW_LEVEL_STAYS)
    before = SetDunningLevel.model_validate({"level": arguments.level, **answer["before"]})
    return Undoing((Call(LEVEL, before),))


# Statements, and what is due.


class ShowStatement(Arguments):
    """Show a customer's or supplier's statement of account: opening, movements, closing."""

    party: Annotated[Text, Ref("party")] | None = Field(
        default=None, description="The customer or supplier."
    )
    side: Direction | None = Field(
        default=None, description="Of who sells and buys: receivable, or payable."
    )
    since: Day | None = Field(default=None, description="Leave empty for the last 90 days.")
    until: Day | None = Field(default=None, description="Leave empty for today.")


class StatementShown(Answer):
    """A statement of account."""

    statement: Statement

    def sentence(self, language: Language = "en") -> str:
        """Say what stood open, and what stands open."""
        found = self.statement
        is_zh = language == "zh"
        receivable = found.direction is Direction.RECEIVABLE
        stretch = f"{found.since} – {found.until}"
        if not found.parts:
            if is_zh:
                return f"{found.party}（{stretch}）：没有往来，余额为零。"
            return f"Nothing moved with {found.party} ({stretch}), and nothing is open."
        parts = [
            f"{part.opening} → {part.closing}" + self._overdue(part.aged, language)
            for part in found.parts
        ]
        if is_zh:
            what = "对账单" if receivable else "供应商对账单"
            return f"{found.party} {what}（{stretch}）：{'；'.join(parts)}。"
        what = "owes us" if receivable else "is owed by us"
        return f"What {found.party} {what} ({stretch}): {'; '.join(parts)}."

    @staticmethod
    def _overdue(aged: Sequence[Money], language: Language) -> str:
        overdue = Money(sum(amount.minor for amount in aged[1:]), aged[0].currency)
        if not overdue.minor:
            return ""
        return f"，其中逾期 {overdue}" if language == "zh" else f", {overdue} of it overdue"

    def grid(self) -> Grid:
        """Return one row for every movement, between opening and closing."""
        columns = (
            Column("date", "日期", "date"),
            Column("document", "单据"),
            Column("memo", "摘要"),
            Column("amount", "金额"),
            Column("balance", "余额"),
        )
        rows: list[tuple[Any, ...]] = []
        for part in self.statement.parts:
            rows.append((self.statement.since, "", "opening / 期初", "", str(part.opening)))
            rows += [
                (row.posted_on, row.document, row.memo, str(row.amount), str(row.balance))
                for row in part.rows
            ]
            rows.append((self.statement.until, "", "closing / 期末", "", str(part.closing)))
        return Grid(columns, tuple(rows))


def show_statement(session: Session, arguments: ShowStatement) -> StatementShown:
    """Read it; a customer of the portal reads the own one."""
    own = own_party(session)
    if own is not None:
        party, direction = session.get(Party, own), Direction.RECEIVABLE
        if party is None:
            raise UnknownInvoice(number="")
    else:
        if arguments.party is None:
            raise WhoseStatement
        party = parties.find_party(session, arguments.party)
        supplies = session.get(parties.Supplier, party.id) is not None
        buys = session.get(parties.Customer, party.id) is not None
        usual = Direction.PAYABLE if supplies and not buys else Direction.RECEIVABLE
        direction = arguments.side or usual
    if direction is Direction.PAYABLE and not acting(session).actor.roles & COSTS:
        roles = ", ".join(sorted(READERS & COSTS))
        raise NotPermitted(what=word(direction, acting(session).actor.language), roles=roles)
    statement = statement_of(
        session, party, direction, since=arguments.since, until=arguments.until
    )
    return StatementShown(statement=statement)


class ShowAmountDue(Arguments):
    """Tell what has to be paid of an invoice or bill on a day: less discount, plus interest."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042 or BILL-00007.")
    on: Day | None = Field(default=None, description="Leave empty for today.")


class AmountDueShown(Answer):
    """What settles a document on a day."""

    amount: dunning.AmountDue

    def sentence(self, language: Language = "en") -> str:
        """Say how much, and why it is not just what is open."""
        due, is_zh = self.amount, language == "zh"
        why = [
            (f"{zh} {each}" if is_zh else f"{each} {en}")
            for each, en, zh in (
                (due.discount, "discount", "折扣"),
                (due.interest, "interest", "利息"),
                (due.fee, "fee", "费用"),
                (due.charged, "charged apart", "另行收取"),
            )
            if each.minor
        ]
        said = f"（{'，'.join(why)}）" if is_zh and why else f" ({', '.join(why)})" if why else ""
        if is_zh:
            return f"{due.number} 在 {due.on} 应付 {due.due}，未结 {due.open}{said}。"
        return f"{due.number} costs {due.due} on {due.on}; {due.open} is open{said}."


def show_amount_due(session: Session, arguments: ShowAmountDue) -> AmountDueShown:
    """Work it out."""
    document = invoicing.find_invoice(session, arguments.number)
    own = own_party(session)
    hidden = (
        invoicing.direction_of(document.kind) is Direction.PAYABLE
        and not acting(session).actor.roles & COSTS
    )
    # Not there, and not yours: the same answer.
    if hidden or (own is not None and document.party_id != own):
        raise UnknownInvoice(number=arguments.number)
    return AmountDueShown(amount=dunning.amount_due(session, document.number, on=arguments.on))


def _subject(session: Session, arguments: BlockDunning | UnblockDunning) -> Invoice | Party:
    if arguments.invoice is not None:
        return invoicing.find_invoice(session, arguments.invoice)
    assert arguments.customer is not None, "the arguments name a customer or an invoice"
    return parties.find_customer(session, arguments.customer).party


def _or(given: T | None, known: T) -> T:
    return known if given is None else given


TOOLS = [
    Tool(
        BLOCK,
        BlockDunning,
        block_dunning,
        writes=True,
        title="Block dunning",
        title_zh="暂停催款",
        roles=BOOKKEEPERS | {Role.SALES},
        undo=undo_block,
    ),
    Tool(
        UNBLOCK,
        UnblockDunning,
        unblock_dunning,
        writes=True,
        title="Unblock dunning",
        title_zh="恢复催款",
        roles=BOOKKEEPERS | {Role.SALES},
        undo=undo_unblock,
    ),
    Tool(
        "collections.list_dunning_levels",
        ListLevels,
        list_levels,
        writes=False,
        title="Dunning levels",
        title_zh="催款级别",
        roles=READERS,
    ),
    Tool(
        LEVEL,
        SetDunningLevel,
        set_dunning_level,
        writes=True,
        title="Set dunning level",
        title_zh="设置催款级别",
        roles=BOOKKEEPERS,
        pin=pin_level,
        undo=undo_level,
    ),
    Tool(
        "collections.show_statement",
        ShowStatement,
        show_statement,
        writes=False,
        title="Statement of account",
        title_zh="对账单",
        roles=AND_CUSTOMERS,
    ),
    Tool(
        "collections.show_amount_due",
        ShowAmountDue,
        show_amount_due,
        writes=False,
        title="Amount due on a day",
        title_zh="应付金额测算",
        roles=AND_CUSTOMERS,
    ),
]
