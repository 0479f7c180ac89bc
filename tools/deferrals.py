"""Tools of amounts that belong to other months: accruals, and what is paid or charged early."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.months import add_months, month_start
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import AccountKind, schedules
from core.ledger.chart import ACCRUED_EXPENSES
from core.ledger.schedules import DeferralKind, DeferralState, Method
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
from tools.entries import EntryPosted, Where, member_keys, member_pairs, undo_post_entry
from tools.ledger import Reason
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

DEFER, CANCEL = "schedules.defer", "schedules.cancel_deferral"

DeferralRef = Annotated[Text, Ref("deferral")]
STAYS_CANCELLED = ("start the deferral anew", "请重新建立递延")


class Accrue(Arguments):
    """Accrue an expense of this month that is billed later; it is reversed next month by itself."""

    account: AccountRef = Field(description="The expense.")
    amount: Amount
    against: AccountRef | None = Field(
        default=None, description="The other side; accrued expenses if empty."
    )
    memo: Words = ""
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    reverse_on: Day | None = Field(
        default=None, description="The first day of the next month if empty."
    )
    dimensions: Where = ()


def pin_accrual(session: Session, arguments: Accrue) -> Accrue:
    """Choose both days and the words; replace names by codes."""
    account = ledger.account_named(session, arguments.account)
    against = (
        ledger.account_named(session, arguments.against)
        if arguments.against
        else ledger.find_account(session, ACCRUED_EXPENSES)
    )
    day = arguments.posted_on or company(session).today
    return arguments.model_copy(
        update={
            "account": account.code,
            "against": against.code,
            "memo": arguments.memo or f"{account.name} {day:%Y-%m}",
            "reverse_on": arguments.reverse_on or add_months(month_start(day), 1),
            "dimensions": member_keys(session, arguments.dimensions),
        }
    )


def accrue(session: Session, arguments: Accrue) -> EntryPosted:
    """Post it, and plan its reversal; of income, the sides are the other way round."""
    pinned = pin_accrual(session, arguments)
    assert pinned.against, "the other side is pinned"
    amount = Money.of(pinned.amount, company(session).currency)
    about = ledger.find_account(session, pinned.account)
    lines = [ledger.debit(pinned.account, amount), ledger.credit(pinned.against, amount)]
    if about.kind is AccountKind.INCOME:
        lines = [line.reversed() for line in reversed(lines)]
    pairs = member_pairs(session, pinned.dimensions)
    entry = schedules.post_accrual(
        session,
        schedules.with_dimensions(session, lines, pairs),
        memo=pinned.memo,
        posted_on=pinned.posted_on,
        reverse_on=pinned.reverse_on,
    )
    return EntryPosted(
        number=entry.number,
        amount=amount.amount,
        currency=amount.currency,
        reverse_on=pinned.reverse_on,
    )


class Defer(Arguments):
    """Spread an amount over months: what is paid before it is an expense, or earned later."""

    account: AccountRef = Field(description="The expense or income that it becomes, part by part.")
    amount: Amount
    starts_on: Day = Field(description="The first day that it is for.")
    ends_on: Day = Field(description="The last day that it is for.")
    method: Method = Field(
        default=Method.BY_MONTH, description="The same every month, or by the days of each."
    )
    against: AccountRef | None = Field(
        default=None,
        description="Where it comes from now, such as the bank; the account itself if empty.",
    )
    memo: Words = ""
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    dimensions: Where = ()


class Deferred(Answer):
    """A deferral and its plan."""

    deferral: schedules.DeferralView

    @property
    def number(self) -> str:
        """Its number."""
        return self.deferral.number

    def sentence(self, language: Language = "en") -> str:
        """Say how much of it is recognised."""
        view = self.deferral
        kind, state = word(view.kind, language), word(view.state, language)
        if language == "zh":
            return (
                f"{kind} {view.number}：{view.amount}，{view.starts_on} 至 {view.ends_on}，"
                f"已确认 {view.recognised}，{state}。"
            )
        return (
            f"The {kind} {view.number}: {view.amount} from {view.starts_on} to {view.ends_on},"
            f" {view.recognised} recognised, {state}."
        )

    def grid(self) -> Grid:
        """Return one row for every part."""
        currency = self.deferral.amount.currency
        columns = (
            Column("due", "到期日", "date"),
            Column("amount", "金额", currency),
            Column("left", "余额", currency),
            Column("entry", "凭证"),
        )
        rows = tuple(
            (part.due_on, part.amount.amount, part.left.amount, part.entry)
            for part in self.deferral.parts
        )
        return Grid(columns, rows)


def pin_deferral(session: Session, arguments: Defer) -> Defer:
    """Replace names by codes."""
    account = ledger.account_named(session, arguments.account)
    against = arguments.against and ledger.account_named(session, arguments.against).code
    return arguments.model_copy(
        update={
            "account": account.code,
            "against": against,
            "dimensions": member_keys(session, arguments.dimensions),
        }
    )


def defer(session: Session, arguments: Defer) -> Deferred:
    """Move it to the deferred account, and plan its parts."""
    pinned = pin_deferral(session, arguments)
    account = ledger.find_account(session, pinned.account)
    income = account.kind is AccountKind.INCOME
    deferral = schedules.defer(
        session,
        kind=DeferralKind.DEFERRED_REVENUE if income else DeferralKind.PREPAID_EXPENSE,
        amount=Money.of(pinned.amount, company(session).currency),
        account=pinned.account,
        starts_on=pinned.starts_on,
        ends_on=pinned.ends_on,
        method=pinned.method,
        against=pinned.against,
        posted_on=pinned.posted_on,
        memo=pinned.memo,
        dimensions=member_pairs(session, pinned.dimensions),
    )
    return Deferred(deferral=schedules.deferral_view(session, deferral.number))


def undo_defer(_session: Session, _arguments: Defer, answer: dict[str, dict[str, str]]) -> Undoing:
    """Cancel it."""
    number = answer["deferral"]["number"]
    return Undoing((Call(CANCEL, CancelDeferral(deferral=number, because="undo")),))


class ShowDeferral(Arguments):
    """Show a deferral with its parts: what is recognised, and what is left."""

    deferral: DeferralRef = Field(description="Its number, such as DEF-00001.")


def show_deferral(session: Session, arguments: ShowDeferral) -> Deferred:
    """Read it."""
    return Deferred(deferral=schedules.deferral_view(session, arguments.deferral))


class CancelDeferral(Arguments):
    """Cancel a deferral that was posted by hand: all its entries are reversed."""

    deferral: DeferralRef = Field(description="Its number, such as DEF-00001.")
    because: Reason = Field(description="Why it is cancelled.")


def cancel_deferral(session: Session, arguments: CancelDeferral) -> Deferred:
    """Cancel it."""
    done = schedules.cancel_deferral(session, arguments.deferral, because=arguments.because)
    return Deferred(deferral=schedules.deferral_view(session, done.number))


def undo_cancel(_session: Session, _arguments: CancelDeferral, _answer: object) -> Undoing:
    """Say that it has to be started anew."""
    return Undoing(impossible=STAYS_CANCELLED)


class ListDeferrals(Arguments):
    """List the deferrals: prepaid expenses and deferred revenue, and what is left of each."""

    with_done: bool = Field(default=False, description="Also those that are recognised in full.")


class Deferrals(Answer):
    """The deferrals."""

    deferrals: list[schedules.DeferralView]
    currency: str
    today: date

    def sentence(self, language: Language = "en") -> str:
        """Say how much is not recognised yet."""
        standing = [each for each in self.deferrals if each.state is DeferralState.ACTIVE]
        left = sum(each.amount.minor - each.recognised.minor for each in standing)
        money, count = Money(left, self.currency), len(self.deferrals)
        if language == "zh":
            return f"共 {count} 项递延，尚未确认 {money}。"
        return f"{count} deferrals, {money} not recognised yet."

    def grid(self) -> Grid:
        """Return one row for every one."""
        columns = (
            Column("number", "编号"),
            Column("kind", "种类"),
            Column("memo", "摘要"),
            Column("document", "来源单据"),
            Column("from", "开始", "date"),
            Column("to", "结束", "date"),
            Column("amount", "金额", self.currency),
            Column("recognised", "已确认", self.currency),
            Column("state", "状态"),
        )
        rows = tuple(
            (
                each.number, each.kind, each.memo, each.origin, each.starts_on, each.ends_on,
                each.amount.amount, each.recognised.amount, each.state,
            )
            for each in self.deferrals
        )  # fmt: skip
        return Grid(columns, rows)


def list_deferrals(session: Session, arguments: ListDeferrals) -> Deferrals:
    """Read them."""
    ours = company(session)
    found = schedules.list_deferrals(session, with_done=arguments.with_done)
    return Deferrals(deferrals=found, currency=ours.currency, today=ours.today)


TOOLS = [
    Tool(
        "schedules.accrue",
        Accrue,
        accrue,
        writes=True,
        title="Accrue",
        title_zh="预提",
        roles=BOOKKEEPERS,
        pin=pin_accrual,
        undo=undo_post_entry,
    ),
    Tool(
        DEFER,
        Defer,
        defer,
        writes=True,
        title="Defer",
        title_zh="递延",
        roles=BOOKKEEPERS,
        pin=pin_deferral,
        undo=undo_defer,
    ),
    Tool(
        "schedules.show_deferral",
        ShowDeferral,
        show_deferral,
        writes=False,
        title="Deferral",
        title_zh="递延明细",
        roles=BOOKS,
    ),
    Tool(
        CANCEL,
        CancelDeferral,
        cancel_deferral,
        writes=True,
        title="Cancel deferral",
        title_zh="取消递延",
        roles=BOOKKEEPERS,
        undo=undo_cancel,
    ),
    Tool(
        "schedules.list_deferrals",
        ListDeferrals,
        list_deferrals,
        writes=False,
        title="Deferrals",
        title_zh="递延清单",
        roles=BOOKS,
    ),
]
