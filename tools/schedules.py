"""Tools of what is posted later or again: recurring entries, and the runs that post what is due."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Side, schedules
from core.ledger.schedules import Every, RecurringState, TemplateLine
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
from tools.entries import (
    Where,
    member_keys,
    sides_of,
)
from tools.ledger import Reason
from tools.references import AccountRef
from tools.templates import LineOfTemplate, TemplateRef, template_lines, with_where
from tools.trade import BOOKKEEPERS

START, PAUSE = "schedules.start_recurring", "schedules.pause_recurring"
RESUME, END = "schedules.resume_recurring", "schedules.end_recurring"
RUN, TAKE_BACK = "schedules.run", "schedules.take_back_run"

RecurringRef = Annotated[Text, Ref("recurring_entry")]
ScheduleRef = Annotated[Text, Ref("schedule")]
RunRef = Annotated[Text, Ref("schedule_run")]

STAYS_ENDED = ("what has ended starts anew as another one", "已结束的定期凭证请重新建立")
STAYS_REVERSED = ("run the schedules again to post it anew", "如需重新过账，请再次执行计划")


class StartRecurring(Arguments):
    """Post an entry every month, quarter or year: the rent, an insurance, a fee."""

    template: TemplateRef | None = Field(default=None, description="Or say what is posted.")
    account: AccountRef | None = Field(
        default=None, description="The income or expense, where the bank is the other side."
    )
    debit: AccountRef | None = None
    credit: AccountRef | None = None
    amount: Amount | None = None
    memo: Words = Field(default="", description="What it is for.")
    every: Every = Every.MONTH
    day_of_month: int = Field(
        default=31, ge=1, le=31, description="The last day in shorter months: 31 is month's end."
    )
    starts_on: Day | None = Field(default=None, description="The first day; today if empty.")
    until: Day | None = Field(default=None, description="The last day, if there is one.")
    reversing: bool = Field(
        default=False, description="Each is reversed on the first of the next month."
    )
    dimensions: Where = ()

    @model_validator(mode="after")
    def _something(self) -> "StartRecurring":
        if self.template is None and not (self.account or self.debit or self.credit):
            problem = "say what is posted: a template, or an account and an amount"
            raise ValueError(problem)
        return self


class RecurringChanged(Answer):
    """A recurring entry, and what became of it."""

    number: str
    memo: str
    state: RecurringState
    before: RecurringState | None = None
    next_on: date | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say its state, and when it is due next."""
        state = word(self.state, language)
        if language == "zh":
            due = f"，下一次 {self.next_on}" if self.next_on else ""
            return f"定期凭证 {self.number} {self.memo}：{state}{due}。"
        due = f", due next on {self.next_on}" if self.next_on else ""
        return f"The recurring entry {self.number} {self.memo} is {state}{due}."


def pin_recurring(session: Session, arguments: StartRecurring) -> StartRecurring:
    """Choose both sides and the words; replace names by codes."""
    where = member_keys(session, arguments.dimensions)
    first = arguments.starts_on or company(session).today
    if arguments.template is not None:
        name = schedules.find_template(session, arguments.template).name
        return arguments.model_copy(
            update={"template": name, "dimensions": where, "starts_on": first}
        )
    debit, credit, named = sides_of(session, arguments.account, arguments.debit, arguments.credit)
    return arguments.model_copy(
        update={
            "account": None,
            "debit": debit,
            "credit": credit,
            "memo": arguments.memo or named.name,
            "dimensions": where,
            "starts_on": first,
        }
    )


def start_recurring(session: Session, arguments: StartRecurring) -> RecurringChanged:
    """Start it; a run posts what is due."""
    pinned = pin_recurring(session, arguments)
    currency = company(session).currency
    lines: list[TemplateLine] = []
    if pinned.template is None:
        pair = tuple(
            LineOfTemplate(account=code or "", side=side, amount=pinned.amount)
            for side, code in ((Side.DEBIT, pinned.debit), (Side.CREDIT, pinned.credit))
        )
        lines = template_lines(session, with_where(session, pair, pinned.dimensions))
    total = pinned.amount if pinned.template is not None else None
    started = schedules.start_recurring(
        session,
        memo=pinned.memo,
        template=pinned.template,
        lines=lines,
        total=Money.of(total, currency) if total is not None else None,
        every=pinned.every,
        day_of_month=pinned.day_of_month,
        starts_on=pinned.starts_on,
        until=pinned.until,
        reversing=pinned.reversing,
    )
    return _recurring(session, started, before=None)


def undo_start(_session: Session, _arguments: StartRecurring, answer: dict[str, str]) -> Undoing:
    """End it."""
    return Undoing((Call(END, EndRecurring(recurring=answer["number"])),))


class PauseRecurring(Arguments):
    """Pause a recurring entry: nothing is posted until it is resumed."""

    recurring: RecurringRef = Field(description="Its number, such as RE-00001, or what it is for.")


class ResumeRecurring(Arguments):
    """Resume a paused recurring entry."""

    recurring: RecurringRef = Field(description="Its number, such as RE-00001, or what it is for.")
    catch_up: bool = Field(default=True, description="Post what was due meanwhile as well.")


class EndRecurring(Arguments):
    """End a recurring entry for good; what it posted stays."""

    recurring: RecurringRef = Field(description="Its number, such as RE-00001, or what it is for.")


def pause_recurring(session: Session, arguments: PauseRecurring) -> RecurringChanged:
    """Pause it."""
    before = schedules.find_recurring(session, arguments.recurring).state
    return _recurring(session, schedules.pause_recurring(session, arguments.recurring), before)


def resume_recurring(session: Session, arguments: ResumeRecurring) -> RecurringChanged:
    """Resume it."""
    before = schedules.find_recurring(session, arguments.recurring).state
    resumed = schedules.resume_recurring(session, arguments.recurring, catch_up=arguments.catch_up)
    return _recurring(session, resumed, before)


def end_recurring(session: Session, arguments: EndRecurring) -> RecurringChanged:
    """End it."""
    before = schedules.find_recurring(session, arguments.recurring).state
    return _recurring(session, schedules.end_recurring(session, arguments.recurring), before)


def undo_pause(_session: Session, arguments: PauseRecurring, _answer: object) -> Undoing:
    """Resume it."""
    return Undoing((Call(RESUME, ResumeRecurring(recurring=arguments.recurring)),))


def undo_resume(_session: Session, arguments: ResumeRecurring, answer: dict[str, str]) -> Undoing:
    """Bring back the state that it had."""
    back: Call = Call(PAUSE, PauseRecurring(recurring=arguments.recurring))
    if answer["before"] == RecurringState.ENDED:
        back = Call(END, EndRecurring(recurring=arguments.recurring))
    return Undoing((back,))


def undo_end(_session: Session, arguments: EndRecurring, _answer: object) -> Undoing:
    """Let it go on."""
    return Undoing((Call(RESUME, ResumeRecurring(recurring=arguments.recurring)),))


def _recurring(
    session: Session, recurring: schedules.RecurringEntry, before: RecurringState | None
) -> RecurringChanged:
    return RecurringChanged(
        number=recurring.number,
        memo=recurring.memo,
        state=recurring.state,
        before=before,
        next_on=schedules.next_due(session, recurring),
    )


class ListRecurring(Arguments):
    """List the recurring entries, and when each was posted last."""

    with_ended: bool = False


class RecurringEntries(Answer):
    """The recurring entries."""

    entries: list[schedules.RecurringView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.entries)
        return f"共 {count} 项定期凭证。" if language == "zh" else f"{count} recurring entries."

    def grid(self) -> Grid:
        """Return one row for every one."""
        columns = (
            Column("number", "编号"),
            Column("memo", "摘要"),
            Column("template", "模板"),
            Column("every", "频率"),
            Column("day", "日", "number"),
            Column("from", "开始", "date"),
            Column("until", "结束", "date"),
            Column("state", "状态"),
            Column("posted", "已过账", "number"),
            Column("last", "最近", "date"),
        )
        rows = tuple(
            (
                each.number, each.memo, each.template, each.every, each.day_of_month,
                each.starts_on, each.until, each.state, each.posted, each.last_posted,
            )
            for each in self.entries
        )  # fmt: skip
        return Grid(columns, rows)


def list_recurring(session: Session, arguments: ListRecurring) -> RecurringEntries:
    """Read them."""
    entries = schedules.list_recurring(session, with_ended=arguments.with_ended)
    return RecurringEntries(entries=entries)


class ListDue(Arguments):
    """List what is due by a day and not posted: recurring entries, deferrals, reversals."""

    through: Day | None = Field(default=None, description="Leave empty for today.")


class WhatIsDue(Answer):
    """What is due and not posted."""

    through: date
    due: list[schedules.Due]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how much."""
        whole = Money(sum(each.amount.minor for each in self.due), self.currency)
        if language == "zh":
            return f"截至 {self.through}，{len(self.due)} 项到期未过账，共 {whole}。"
        return f"{len(self.due)} entries are due through {self.through}, {whole}."

    def grid(self) -> Grid:
        """Return one row for every one."""
        columns = (
            Column("due", "到期日", "date"),
            Column("kind", "种类"),
            Column("number", "编号"),
            Column("memo", "摘要"),
            Column("amount", "金额", self.currency),
        )
        rows = tuple(
            (each.due_on, each.kind, each.number, each.memo, each.amount.amount)
            for each in self.due
        )
        return Grid(columns, rows)


def list_due(session: Session, arguments: ListDue) -> WhatIsDue:
    """Look at it."""
    ours = company(session)
    through = arguments.through or ours.today
    due = schedules.list_due(session, through=through)
    return WhatIsDue(through=through, due=due, currency=ours.currency)


class RunSchedules(Arguments):
    """Post what is due by a day: recurring entries, deferrals, and reversals of accruals."""

    through: Day | None = Field(default=None, description="Leave empty for today.")
    schedule: ScheduleRef | None = Field(
        default=None, description="Only this one, such as RE-00001 or DEF-00001."
    )


class ScheduleRan(Answer):
    """A run, and how much it posted."""

    number: str
    through: date
    taken_back: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say which run."""
        if language == "zh":
            if self.taken_back:
                return f"批次 {self.number} 已撤销，其中各项重新待过账。"
            return f"截至 {self.through} 的到期计划已过账，批次 {self.number}。"
        if self.taken_back:
            return f"The run {self.number} is taken back; what it posted is due again."
        return f"What was due through {self.through} is posted, by the run {self.number}."


def run_schedules(session: Session, arguments: RunSchedules) -> ScheduleRan:
    """Post it, each exactly once."""
    run = schedules.run_schedules(session, through=arguments.through, number=arguments.schedule)
    return ScheduleRan(number=run.number, through=run.through)


def pin_run(session: Session, arguments: RunSchedules) -> RunSchedules:
    """Choose the day: what falls due between asking and approving is not in it."""
    through = arguments.through or company(session).today
    return arguments.model_copy(update={"through": through})


def undo_run(_session: Session, _arguments: RunSchedules, answer: dict[str, str]) -> Undoing:
    """Take it back."""
    return Undoing((Call(TAKE_BACK, TakeBackRun(run=answer["number"], because="undo")),))


class TakeBackRun(Arguments):
    """Take back a run of schedules: its entries are reversed, and due again."""

    run: RunRef = Field(description="The number of the run, such as RUN-00001.")
    because: Reason = Field(description="Why it is taken back.")


def take_back_run(session: Session, arguments: TakeBackRun) -> ScheduleRan:
    """Take it back."""
    back = schedules.take_back_run(session, arguments.run, because=arguments.because)
    return ScheduleRan(number=arguments.run, through=back.through, taken_back=True)


def undo_take_back(_session: Session, _arguments: TakeBackRun, _answer: object) -> Undoing:
    """Say how it is posted again."""
    return Undoing(impossible=STAYS_REVERSED)


class ListRuns(Arguments):
    """List the newest runs of the schedules."""


class Runs(Answer):
    """The newest runs."""

    runs: list[schedules.RunView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.runs)
        return f"共 {count} 个批次。" if language == "zh" else f"{count} runs."

    def grid(self) -> Grid:
        """Return one row for every run."""
        columns = (
            Column("run", "批次"),
            Column("through", "截至", "date"),
            Column("entries", "凭证数", "number"),
            Column("taken back by", "撤销批次"),
        )
        rows = tuple(
            (each.number, each.through, each.entries, each.taken_back_by) for each in self.runs
        )
        return Grid(columns, rows)


def list_runs(session: Session, _arguments: ListRuns) -> Runs:
    """Read them."""
    return Runs(runs=schedules.list_runs(session))


TOOLS = [
    Tool(
        START,
        StartRecurring,
        start_recurring,
        writes=True,
        title="Start recurring entry",
        title_zh="新建定期凭证",
        roles=BOOKKEEPERS,
        pin=pin_recurring,
        undo=undo_start,
    ),
    Tool(
        PAUSE,
        PauseRecurring,
        pause_recurring,
        writes=True,
        title="Pause recurring entry",
        title_zh="暂停定期凭证",
        roles=BOOKKEEPERS,
        undo=undo_pause,
    ),
    Tool(
        RESUME,
        ResumeRecurring,
        resume_recurring,
        writes=True,
        title="Resume recurring entry",
        title_zh="恢复定期凭证",
        roles=BOOKKEEPERS,
        undo=undo_resume,
    ),
    Tool(
        END,
        EndRecurring,
        end_recurring,
        writes=True,
        title="End recurring entry",
        title_zh="结束定期凭证",
        roles=BOOKKEEPERS,
        undo=undo_end,
    ),
    Tool(
        "schedules.list_recurring",
        ListRecurring,
        list_recurring,
        writes=False,
        title="Recurring entries",
        title_zh="定期凭证",
        roles=BOOKS,
    ),
    Tool(
        "schedules.list_due",
        ListDue,
        list_due,
        writes=False,
        title="What is due to be posted",
        title_zh="到期未过账计划",
        roles=BOOKS,
    ),
    Tool(
        RUN,
        RunSchedules,
        run_schedules,
        writes=True,
        title="Post what is due",
        title_zh="过账到期计划",
        roles=BOOKKEEPERS,
        pin=pin_run,
        undo=undo_run,
    ),
    Tool(
        TAKE_BACK,
        TakeBackRun,
        take_back_run,
        writes=True,
        title="Take back a run",
        title_zh="撤销计划批次",
        roles=BOOKKEEPERS,
        undo=undo_take_back,
    ),
    Tool(
        "schedules.list_runs",
        ListRuns,
        list_runs,
        writes=False,
        title="Runs of the schedules",
        title_zh="计划过账批次",
        roles=BOOKS,
    ),
]
