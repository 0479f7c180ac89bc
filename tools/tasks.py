"""Tools of tasks: calls, meetings and things to do, with a day and an owner."""

from datetime import datetime, time
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties
from core.crm import leads, opportunities, tasks
from core.crm.tasks import About, TaskKind, TaskView
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import DomainError, Language
from core.kernel.identity import service as identity
from core.kernel.identity.roles import STAFF, Role
from core.kernel.identity.tables import Person
from core.kernel.words import word
from tools.base import (
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
    never,
)
from tools.leads import LeadRef
from tools.opportunities import OpportunityRef
from tools.references import LoginRef, PartyRef
from tools.trade import READERS

PLAN, CHANGE, CANCEL_TASK = "crm.plan_task", "crm.change_task", "crm.cancel_task"
TaskRef = Annotated[Text, Ref("task")]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
_WHICH = "Its number, such as TK-00007, or what it is about."


class SayWhose(DomainError):
    """Say who is to do it: whoever asks has no account of their own."""

    zh = "请说明由谁负责：提出者没有自己的账号。"


class PlanTask(Arguments):
    """Plan a call, meeting or task of somebody for a day, and remind them of it."""

    due_on: Day = Field(description="By which day.")
    kind: TaskKind = TaskKind.TASK
    party: PartyRef | None = Field(default=None, description="Whom it concerns.")
    subject: Text | None = Field(default=None, description="What is to be done, in a few words.")
    owner: LoginRef | None = Field(default=None, description="Empty for the asking person.")
    opportunity: OpportunityRef | None = Field(default=None, description="Which one it is about.")
    lead: LeadRef | None = Field(default=None, description="Which one it is about.")
    document: Text | None = Field(default=None, description="The number of any document.")
    at: Hour | None = Field(default=None, description="The hour, such as 14:30.")
    minutes: int = Field(default=30, ge=1, le=1440)
    remind_on: Day | None = Field(default=None, description="Empty for the day itself.")
    notes: Words = ""


class TaskShown(Answer):
    """A task as it is now."""

    task: TaskView

    def sentence(self, language: Language = "en") -> str:
        """Say what is to be done, by whom and when, or that it is done."""
        one = self.task
        about = f" ({one.party})" if one.party else ""
        state = word(one.state, language)
        if language == "zh":
            return (
                f"{one.number} {word(one.kind, 'zh')}“{one.subject}”{about}：{one.owner}，"
                f"{one.due_on}，{state}。"
            )
        return (
            f"{one.number} {word(one.kind)} “{one.subject}”{about}: {one.owner}, {one.due_on},"
            f" {state}."
        )


def pin_plan(session: Session, arguments: PlanTask) -> PlanTask:
    """Write whose it is, and what it is about, as we call them."""
    found: dict[str, Any] = {"owner": _owner(session, arguments.owner).login}
    called = ""
    if arguments.party is not None:
        party = parties.find_party(session, arguments.party)
        found["party"], called = party.number, party.name
    if arguments.opportunity is not None:
        deal = opportunities.find_opportunity(session, arguments.opportunity)
        found["opportunity"], called = deal.number, called or deal.title
    if arguments.lead is not None:
        lead = leads.find_lead(session, arguments.lead)
        found["lead"], called = lead.number, called or lead.name
    if not arguments.subject:
        known = " ".join(part for part in (word(arguments.kind).capitalize(), called) if part)
        found["subject"] = known
    return arguments.model_copy(update=found)


def _owner(session: Session, login: str | None) -> Person:
    if login is None:
        actor = acting(session).actor
        if actor.person_id is None:
            raise SayWhose
        login = actor.name
    return identity.find_person(session, login)


def plan_task(session: Session, arguments: PlanTask) -> TaskShown:
    """Plan it."""
    opportunity, lead, party = arguments.opportunity, arguments.lead, arguments.party
    starts_at = None
    if arguments.at is not None:
        hour = time.fromisoformat(arguments.at)
        starts_at = datetime.combine(arguments.due_on, hour, company(session).zone)
    task = tasks.plan_task(
        session,
        owner=_owner(session, arguments.owner),
        subject=arguments.subject or word(arguments.kind),
        due_on=arguments.due_on,
        kind=arguments.kind,
        about=About(
            party=parties.find_party(session, party) if party else None,
            lead=leads.find_lead(session, lead) if lead else None,
            opportunity=opportunities.find_opportunity(session, opportunity)
            if opportunity
            else None,
            document=arguments.document,
        ),
        starts_at=starts_at,
        minutes=arguments.minutes,
        remind_on=arguments.remind_on,
        notes=arguments.notes,
    )
    return _shown(session, task.number)


def _shown(session: Session, number: str) -> TaskShown:
    session.flush()
    return TaskShown(task=tasks.view_task(session, number))


def undo_plan(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Give it up."""
    call = CancelTask(task=answer["task"]["number"], because="undo")
    return Undoing((Call(CANCEL_TASK, call),))


class ChangeTask(Arguments):
    """Put a task off to another day, or give it to somebody else."""

    task: TaskRef = Field(description=_WHICH)
    due_on: Day | None = Field(default=None, description="The new day.")
    owner: LoginRef | None = Field(default=None, description="Who is to do it.")


class TaskChanged(TaskShown):
    """A task that is due on another day or is somebody else's now."""

    due_before: str
    owner_before: str


def pin_task(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the task by its number."""
    number = tasks.find_task(session, arguments.task).number
    return arguments.model_copy(update={"task": number})


def change_task(session: Session, arguments: ChangeTask) -> TaskChanged:
    """Change it."""
    known = tasks.find_task(session, arguments.task)
    before, owner_before = known.due_on.isoformat(), known.owner.login
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    tasks.change_task(session, known.number, due_on=arguments.due_on, owner=owner or None)
    view = tasks.view_task(session, known.number)
    return TaskChanged(task=view, due_before=before, owner_before=owner_before)


def undo_change(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Put it back."""
    call = ChangeTask.model_validate(
        {
            "task": answer["task"]["number"],
            "due_on": answer["due_before"],
            "owner": answer["owner_before"],
        }
    )
    return Undoing((Call(CHANGE, call),))


class FinishTask(Arguments):
    """Note that a task is done; what it was with whom is on record as an activity."""

    task: TaskRef = Field(description=_WHICH)
    outcome: Words = Field(default="", description="What came of it.")


class CancelTask(Arguments):
    """Note that a task will not be done."""

    task: TaskRef = Field(description=_WHICH)
    because: Words = ""


def finish_task(session: Session, arguments: FinishTask) -> TaskShown:
    """Note it."""
    task = tasks.finish_task(session, arguments.task, outcome=arguments.outcome)
    return _shown(session, task.number)


def cancel_task(session: Session, arguments: CancelTask) -> TaskShown:
    """Note it."""
    task = tasks.cancel_task(session, arguments.task, because=arguments.because)
    return _shown(session, task.number)


def undo_close(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("plan it again instead", "请重新安排任务"))


class ListTasks(Arguments):
    """List what is to be done, those due first before the others."""

    party: PartyRef | None = Field(default=None, description="Concerning one party only.")
    owner: LoginRef | None = Field(default=None, description="Empty for the asking person.")
    everybody: bool = Field(default=False, description="Of all people.")
    until: Day | None = Field(default=None, description="Due by this day.")
    limit: int = Field(default=50, ge=1, le=200)


class TasksListed(Answer):
    """What is to be done."""

    tasks: list[TaskView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and how many are overdue."""
        count, late = len(self.tasks), sum(one.overdue for one in self.tasks)
        if language == "zh":
            return f"待办任务 {count} 项，其中 {late} 项已逾期。"
        return f"{count} open {'task' if count == 1 else 'tasks'}, {late} of them overdue."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("kind", "类型"),
            Column("subject", "主题"),
            Column("party", "往来单位"),
            Column("due on", "到期日", "date"),
            Column("owner", "负责人"),
            Column("about", "相关"),
        )
        rows = tuple(
            (
                *(t.number, t.kind, t.subject, t.party, t.due_on, t.owner),
                t.opportunity or t.lead or t.document,
            )
            for t in self.tasks
        )
        return Grid(columns, rows)


def list_tasks(session: Session, arguments: ListTasks) -> TasksListed:
    """Read them."""
    party = arguments.party and parties.find_party(session, arguments.party)
    owner_id = None
    if arguments.owner is not None:
        owner_id = identity.find_person(session, arguments.owner).id
    elif not arguments.everybody and not party:
        owner_id = acting(session).actor.person_id
    return TasksListed(
        tasks=tasks.list_tasks(
            session,
            owner_id=owner_id,
            party_id=party.id if party else None,
            until=arguments.until,
            limit=arguments.limit,
        )
    )


class CloseCalendar(Arguments):
    """End the secret address under which one's own calendar reads one's tasks."""


class CalendarClosed(Answer):
    """A calendar that reads nothing any more."""

    login: str

    def sentence(self, language: Language = "en") -> str:
        """Say whose."""
        if language == "zh":
            return f"{self.login} 的日历地址已停用。"
        return f"The calendar address of {self.login} opens nothing any more."


def close_calendar(session: Session, _arguments: CloseCalendar) -> CalendarClosed:
    """End the address of whoever asked."""
    asked = acting(session)
    person = identity.find_person(session, asked.on_behalf_of or asked.actor.name)
    tasks.close_calendar(session, person)
    return CalendarClosed(login=person.login)


WORKERS = STAFF - {Role.AUDITOR}
TOOLS = [
    Tool(PLAN, PlanTask, plan_task, writes=True, title="Plan task", title_zh="安排任务",
         roles=WORKERS | {Role.WATCHER}, pin=pin_plan, undo=undo_plan),
    Tool(CHANGE, ChangeTask, change_task, writes=True, title="Change task", title_zh="修改任务",
         roles=WORKERS, pin=pin_task, undo=undo_change),
    Tool("crm.finish_task", FinishTask, finish_task, writes=True, title="Finish task",
         title_zh="完成任务", roles=WORKERS, pin=pin_task, undo=undo_close),
    Tool(CANCEL_TASK, CancelTask, cancel_task, writes=True, title="Cancel task",
         title_zh="取消任务", roles=WORKERS, pin=pin_task, undo=undo_close),
    Tool("crm.close_calendar", CloseCalendar, close_calendar, writes=True,
         title="Close calendar address", title_zh="停用日历地址", roles=WORKERS,
         undo=never(("make a new address in the settings", "请在设置中生成新的地址"))),
    Tool("crm.list_tasks", ListTasks, list_tasks, writes=False, title="List tasks",
         title_zh="任务列表", roles=READERS),
]  # fmt: skip
