"""Tools of time and staffing: come and go, log hours, and finish what is to be done for people."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core.hr import time
from core.kernel.company import today
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain
from core.processes import staffing
from tools.base import Answer, Arguments, Column, Count, Day, Grid, Ref, Text, Tool, never
from tools.people import EVERYBODY, OFFICE, EmployeeRef, employee_of
from tools.trade import Because

WorkflowRef = Annotated[Text, Ref("staff_workflow")]
STAYS = ("what was done stays done; note what is to be done anew", "已完成的不能撤销；请另行登记")


class CheckIn(Arguments):
    """Note that somebody is at work from now on."""

    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")


class CheckOut(Arguments):
    """Note that somebody goes home now."""

    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")


class LogHours(Arguments):
    """Log how many hours somebody worked on a day, at what and for which project."""

    hours: Count = Field(description="How many hours.")
    activity: Because = Field(default="work", description="At what.")
    project: Text | None = Field(default=None, description="The number of the project, if any.")
    day: Day | None = Field(default=None, description="On which day; today if empty.")
    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")


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


def log_hours(session: Session, arguments: LogHours) -> TimeNoted:
    """Log them."""
    person = employee_of(session, arguments.employee)
    line = time.log_hours(
        session,
        person,
        arguments.hours,
        activity=arguments.activity,
        day=arguments.day,
        project=arguments.project,
    )
    hours = plain(arguments.hours)
    return TimeNoted(
        number=person.number,
        name=person.party.name,
        said=(f"{hours} hours on {line.day}.", f"{line.day} 登记 {hours} 小时。"),
    )


def pin_person(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name who it is, and make the day concrete where there is one."""
    chosen: dict[str, object] = {"employee": employee_of(session, arguments.employee).number}
    if isinstance(arguments, LogHours):
        chosen["day"] = arguments.day or today(session)
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
        roles=EVERYBODY, seen_by=OFFICE, pin=pin_person, undo=never(STAYS),
    ),
    Tool(
        "hr.check_out", CheckOut, check_out, writes=True, title="Check out", title_zh="签退",
        roles=EVERYBODY, seen_by=OFFICE, pin=pin_person, undo=never(STAYS),
    ),
    Tool(
        "hr.log_hours", LogHours, log_hours, writes=True, title="Log hours",
        title_zh="登记工时", roles=EVERYBODY, seen_by=OFFICE, pin=pin_person, undo=never(STAYS),
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
