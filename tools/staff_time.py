"""Tools of time and staffing: come and go, log hours, and finish what is to be done for people."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.hr import time
from core.hr.employment.managing import party_and_line
from core.kernel.company import company, today
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain
from core.parties import Party
from core.processes import staffing, timekeeping
from core.projects import Project, find_project
from core.timesheets import TimeEntry, find_hours
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
from tools.people import (
    EVERYBODY,
    KEEPERS,
    OFFICE,
    EmployeeRef,
    about_line,
    employee_of,
    pin_person,
)
from tools.projects import ProjectRef
from tools.trade import Because

TimeRef = Annotated[Text, Ref("time_entry")]
Hours = Annotated[Decimal, Field(gt=0, le=24, decimal_places=4)]
REMOVE = "hr.remove_hours"
LOG_AGAIN = ("log the hours again instead", "请重新登记工时")
WorkflowRef = Annotated[Text, Ref("staff_workflow")]
STAYS = ("what was done stays done; note what is to be done anew", "已完成的不能撤销；请另行登记")


class CheckIn(Arguments):
    """Note that somebody is at work from now on."""

    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")


class CheckOut(Arguments):
    """Note that somebody goes home now."""

    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")


class LogHours(Arguments):
    """Log how many hours somebody worked on a day, on a project or at something else."""

    hours: Hours = Field(description="How many hours.")
    project: ProjectRef | None = Field(
        default=None, description="The project, if it was one: its number or its name."
    )
    task: Text | None = Field(default=None, description="The task of it, by its name or number.")
    day: Day | None = Field(default=None, description="On which day; today if empty.")
    started_at: datetime | None = Field(
        default=None, description="When the work began, where that matters: it must not overlap."
    )
    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")
    activity: Words = Field(default="", description="What was done.")
    billable: bool = Field(default=True, description="Whether the customer is billed for it.")


class RemoveHours(Arguments):
    """Take hours away that were logged and not worked; what was billed stays."""

    entry: TimeRef = Field(description="The time entry, such as TE-00042.")
    because: Because = Field(default="not worked", description="Why.")


class HoursLogged(Answer):
    """Hours that were logged, or taken away."""

    number: str
    name: str
    project: str
    hours: Decimal
    day: date
    is_gone: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say who worked how long on what, or what is gone."""
        hours, on = plain(self.hours), self.project and f" on {self.project}"
        if language == "zh":
            where = self.project and f"在 {self.project} "
            gone = "，已移除" if self.is_gone else ""
            return f"{self.number}：{self.name} 于 {self.day} {where}工作 {hours} 小时{gone}。"
        if self.is_gone:
            return f"{self.number}: {hours} hours of {self.name}{on} on {self.day} are removed."
        return f"{self.number}: {self.name} worked {hours} hours{on} on {self.day}."


class TimeNoted(Answer):
    """What was noted of somebody's time."""

    number: str
    name: str
    said: tuple[str, str]

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        return f"{self.number} {self.name}: {self.said[language == 'zh']}"


def check_in(session: Session, arguments: CheckIn) -> TimeNoted:
    """Note it."""
    person = employee_of(session, arguments.employee)
    time.check_in(session, person)
    return TimeNoted(number=person.number, name=person.party.name, said=("checked in.", "已签到。"))


def check_out(session: Session, arguments: CheckOut) -> TimeNoted:
    """Note it."""
    person = employee_of(session, arguments.employee)
    time.check_out(session, person)
    return TimeNoted(
        number=person.number, name=person.party.name, said=("checked out.", "已签退。")
    )


def log_hours(session: Session, arguments: LogHours) -> HoursLogged:
    """Log them."""
    person = employee_of(session, arguments.employee)
    begun = arguments.started_at
    if begun is not None and begun.tzinfo is None:
        begun = begun.replace(tzinfo=company(session).zone)
    worked = timekeeping.Worked(
        arguments.hours,
        day=arguments.day,
        starts_at=begun,
        project=arguments.project,
        task=arguments.task,
        note=arguments.activity,
        billable=arguments.billable,
    )
    return _logged(session, timekeeping.log_hours(session, person, worked))


def remove_hours(session: Session, arguments: RemoveHours) -> HoursLogged:
    """Take them away."""
    gone = timekeeping.remove_hours(session, arguments.entry, because=arguments.because)
    return _logged(session, gone, is_gone=True)


def _logged(session: Session, entry: TimeEntry, *, is_gone: bool = False) -> HoursLogged:
    project = entry.project_id and session.get_one(Project, entry.project_id).number
    return HoursLogged(
        number=entry.number,
        name=session.get_one(Party, entry.party_id).name,
        project=project or "",
        hours=entry.hours,
        day=entry.worked_on,
        is_gone=is_gone,
    )


def about_entry(session: Session, arguments: RemoveHours) -> Collection[UUID]:
    """Return whose hours they are, and who stands above them."""
    entry = find_hours(session, arguments.entry)
    person = hr.employee_of_party(session, entry.party_id)
    return (entry.party_id,) if person is None else party_and_line(session, person)


def undo_log(_session: Session, _arguments: LogHours, answer: dict[str, Any]) -> Undoing:
    """Take them away."""
    return Undoing((Call(REMOVE, RemoveHours(entry=answer["number"], because="undo")),))


def pin_hours(session: Session, arguments: LogHours) -> LogHours:
    """Name who worked on which project, and make the day concrete where no beginning tells it."""
    chosen: dict[str, object] = {"employee": employee_of(session, arguments.employee).number}
    if arguments.started_at is None:
        chosen["day"] = arguments.day or today(session)
    if arguments.project is not None:
        chosen["project"] = find_project(session, arguments.project).number
    return arguments.model_copy(update=chosen)


class ListTasks(Arguments):
    """List what is still to be done for employees who come or leave."""


class StaffTasks(Answer):
    """What is still to be done."""

    tasks: list[tuple[str, int, str, str, str, str, date]]

    def sentence(self, language: Language = "en") -> str:
        """Say how much, and what first."""
        if not self.tasks:
            return "没有待办任务。" if language == "zh" else "Nothing is to be done."
        number, position, name, title, title_zh, _, due = self.tasks[0]
        if language == "zh":
            first = f"{number} 第 {position} 项：{name}，{title_zh}，{due} 前"
            return f"待办 {len(self.tasks)} 项；最先：{first}。"
        first = f"{number} task {position}, {name}: {title} by {due}"
        return f"{len(self.tasks)} tasks are open; first {first}."

    def grid(self) -> Grid:
        """Return a row for each."""
        columns = (
            Column("workflow", "流程"), Column("task", "任务", "number"), Column("name", "姓名"),
            Column("what", "内容"), Column("owner", "负责角色"), Column("due", "期限", "date"),
        )  # fmt: skip
        return Grid(
            columns,
            tuple(
                (number, position, name, title, owner, due)
                for number, position, name, title, _, owner, due in self.tasks
            ),
        )


def list_tasks(session: Session, _arguments: ListTasks) -> StaffTasks:
    """Read them."""
    return StaffTasks(
        tasks=[
            (
                workflow.number,
                task.position,
                workflow.employee.party.name,
                task.title,
                task.title_zh,
                task.owner,
                task.due_on,
            )
            for task, workflow in staffing.open_tasks(session)
        ]
    )


class FinishTask(Arguments):
    """Note that a task of an onboarding or offboarding is done."""

    workflow: WorkflowRef = Field(description="The workflow, such as WF-00042.")
    task: int = Field(ge=1, le=500, description="Which task of it, by its number.")


class TaskFinished(Answer):
    """A task that is done."""

    number: str
    task: int
    title: tuple[str, str]
    left: int

    def sentence(self, language: Language = "en") -> str:
        """Say what is done, and how much is left."""
        title = self.title[language == "zh"]
        if language == "zh":
            return f"{self.number} 第 {self.task} 项“{title}”已完成，还剩 {self.left} 项。"
        return f"{self.number}: “{title}” is done, {self.left} tasks are left."


def finish_task(session: Session, arguments: FinishTask) -> TaskFinished:
    """Note it."""
    workflow = staffing.finish_task(session, arguments.workflow, arguments.task)
    task = workflow.tasks[arguments.task - 1]
    left = sum(each.state is staffing.TaskState.OPEN for each in workflow.tasks)
    return TaskFinished(
        number=workflow.number,
        task=arguments.task,
        title=(task.title, task.title_zh),
        left=left,
    )


TOOLS = [
    Tool(
        "hr.check_in", CheckIn, check_in, writes=True, title="Check in", title_zh="签到",
        roles=EVERYBODY, seen_by=KEEPERS, private_to=about_line, pin=pin_person,
        undo=never(STAYS),
    ),
    Tool(
        "hr.check_out", CheckOut, check_out, writes=True, title="Check out", title_zh="签退",
        roles=EVERYBODY, seen_by=KEEPERS, private_to=about_line, pin=pin_person,
        undo=never(STAYS),
    ),
    Tool(
        "hr.log_hours", LogHours, log_hours, writes=True, title="Log hours",
        title_zh="登记工时", roles=EVERYBODY, seen_by=KEEPERS, private_to=about_line,
        pin=pin_hours, undo=undo_log,
    ),
    Tool(
        REMOVE, RemoveHours, remove_hours, writes=True, title="Remove logged hours",
        title_zh="移除工时", roles=EVERYBODY, seen_by=KEEPERS, private_to=about_entry,
        undo=never(LOG_AGAIN),
    ),
    Tool(
        "hr.list_tasks", ListTasks, list_tasks, writes=False, title="List staff tasks",
        title_zh="列出入离职任务", roles=OFFICE | {Role.AUDITOR},
    ),
    Tool(
        "hr.finish_task", FinishTask, finish_task, writes=True, title="Finish staff task",
        title_zh="完成入离职任务", roles=OFFICE, undo=never(STAYS),
    ),
]  # fmt: skip
