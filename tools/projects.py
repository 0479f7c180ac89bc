"""Tools of projects: open, plan tasks, report progress, bill, and see how one stands."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, projects
from core.invoicing import Invoice
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.parties import Party
from core.processes.timekeeping import LEADERS
from core.projects import Billing, Project, ProjectState, TaskDraft
from core.projects.tables import COST_READERS
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Currency,
    CustomerRef,
    Day,
    Grid,
    Percent,
    Price,
    Ref,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.invoicing import CreditInvoice
from tools.people import EmployeeRef, about_nobody, employee_of
from tools.references import TaxRef
from tools.tax import code_of
from tools.trade import BOOKKEEPERS, Because

ProjectRef = Annotated[Text, Ref("project")]
PlannedHours = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=4)]

CLOSE = "projects.close_project"
REOPEN = "projects.reopen_project"
STAYS = ("leave the task at no progress, or close the project", "可将任务进度保持为零，或关闭项目")
SET_BACK = ("report the progress of before instead", "请改为登记之前的进度")
SET_ANEW = ("set it anew from a later day instead", "请改为从之后的日期重新设定")


class OpenProject(Arguments):
    """Open a project, for a customer or for ourselves."""

    name: Text = Field(description="What the project is called.")
    customer: CustomerRef | None = Field(default=None, description="Empty for work of our own.")
    starts_on: Day | None = Field(default=None, description="Its first day; today if empty.")
    ends_on: Day | None = Field(default=None, description="The day it should be done.")
    hours: PlannedHours = Field(
        default=Decimal(0), description="Hours that are planned beside its tasks."
    )
    hourly_price: Price | None = Field(default=None, description="What an hour is billed at.")
    budget: Amount | None = Field(default=None, description="What it may cost.")
    billing: Billing = Field(
        default=Billing.TIME,
        description="Bill hours worked (time), or the plan as far as done (progress).",
    )
    currency: Currency | None = Field(default=None, description="Leave empty for ours.")


class ProjectShown(Answer):
    """A project."""

    number: str
    name: str
    state: ProjectState
    customer: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say which project, for whom, and its state."""
        state = word(self.state, language)
        if language == "zh":
            whose = f"（{self.customer}）" if self.customer else ""
            return f"项目 {self.number} {self.name}{whose}：{state}。"
        whose = f" for {self.customer}" if self.customer else ""
        return f"Project {self.number} {self.name}{whose}: {state}."


def open_project(session: Session, arguments: OpenProject) -> ProjectShown:
    """Open it."""
    buyer = parties.find_customer(session, arguments.customer) if arguments.customer else None
    ours = company(session)
    opened = projects.open_project(
        session,
        name=arguments.name,
        customer=buyer,
        starts_on=arguments.starts_on,
        ends_on=arguments.ends_on,
        currency=arguments.currency,
        planned_hours=arguments.hours,
        hourly_price=arguments.hourly_price,
        billing=arguments.billing,
        budget=Money.of(arguments.budget, ours.currency) if arguments.budget else None,
    )
    return _shown(session, opened.number)


def pin_customer(session: Session, arguments: OpenProject) -> OpenProject:
    """Write the customer as we call them."""
    if arguments.customer is None:
        return arguments
    number = parties.find_customer(session, arguments.customer).party.number
    return arguments.model_copy(update={"customer": number})


def undo_open(_session: Session, _arguments: OpenProject, answer: dict[str, Any]) -> Undoing:
    """Close it."""
    return Undoing((Call(CLOSE, CloseProject(project=answer["number"], because="undo")),))


class MoveProject(Arguments):
    """Close a project, or open a closed one again."""

    project: ProjectRef = Field(description="The project, such as PJ-00042 or its name.")
    because: Because = Field(default="as agreed", description="Why.")


class CloseProject(MoveProject):
    """Close a project: nobody works on it any more; what is not billed still can be."""


class ReopenProject(MoveProject):
    """Open a closed project again."""


def close_project(session: Session, arguments: CloseProject) -> ProjectShown:
    """Close it."""
    meant = projects.find_project(session, arguments.project)
    closed = projects.close_project(session, meant.number, because=arguments.because)
    return _shown(session, closed.number)


def reopen_project(session: Session, arguments: ReopenProject) -> ProjectShown:
    """Open it again."""
    meant = projects.find_project(session, arguments.project)
    opened = projects.reopen_project(session, meant.number, because=arguments.because)
    return _shown(session, opened.number)


def undo_close(_session: Session, arguments: CloseProject, _answer: dict[str, Any]) -> Undoing:
    """Open it again."""
    return Undoing((Call(REOPEN, ReopenProject(project=arguments.project, because="undo")),))


def undo_reopen(_session: Session, arguments: ReopenProject, _answer: dict[str, Any]) -> Undoing:
    """Close it again."""
    return Undoing((Call(CLOSE, CloseProject(project=arguments.project, because="undo")),))


class AddTask(Arguments):
    """Add a task to a project: hours at a price, or a fixed price that is billed as it proceeds."""

    project: ProjectRef = Field(description="The project, such as PJ-00042 or its name.")
    name: Text = Field(description="What the task is called.")
    hours: PlannedHours = Field(default=Decimal(0), description="How many hours are planned.")
    hourly_price: Price | None = Field(default=None, description="What an hour is billed at.")
    fixed_price: Amount | None = Field(default=None, description="Its price as a whole.")
    due_on: Day | None = Field(default=None, description="The day it should be done.")
    after: Text | None = Field(default=None, description="The task that has to be done before.")


class TaskShown(Answer):
    """A task of a project."""

    project: str
    task: str
    progress: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say which task, and how far it is."""
        done = plain(self.progress)
        if language == "zh":
            return f"{self.project} 任务“{self.task}”：完成 {done}%。"
        return f"{self.project} task “{self.task}”: {done} % done."


def add_task(session: Session, arguments: AddTask) -> TaskShown:
    """Add it."""
    project = projects.find_project(session, arguments.project)
    fixed = arguments.fixed_price
    draft = TaskDraft(
        name=arguments.name,
        planned_hours=arguments.hours,
        hourly_price=arguments.hourly_price,
        fixed_price=Money.of(fixed, project.currency) if fixed is not None else None,
        due_on=arguments.due_on,
        after=arguments.after,
    )
    task = projects.add_task(session, project.number, draft)
    return TaskShown(project=project.number, task=task.name, progress=task.progress)


class ReportProgress(Arguments):
    """Say how much of a task is done, in percent of all of it."""

    project: ProjectRef = Field(description="The project, such as PJ-00042 or its name.")
    task: Text = Field(description="The task, by its name or its number.")
    percent: Percent = Field(description="How much of it is done in all.")


def report_progress(session: Session, arguments: ReportProgress) -> TaskShown:
    """Note it."""
    project = projects.find_project(session, arguments.project)
    task = projects.set_progress(session, project.number, arguments.task, percent=arguments.percent)
    return TaskShown(project=project.number, task=task.name, progress=task.progress)


class SetHourlyCost(Arguments):
    """Say what an hour of an employee costs us from a day on."""

    employee: EmployeeRef = Field(description="The employee, by number or name.")
    cost_per_hour: Price = Field(description="In the company's currency.")
    starts_on: Day | None = Field(default=None, description="From when on; today if empty.")


class CostShown(Answer):
    """What an hour of somebody costs."""

    employee: str
    cost_per_hour: Decimal
    currency: str
    starts_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what it costs from when on."""
        cost = f"{plain(self.cost_per_hour)} {self.currency}"
        if language == "zh":
            return f"{self.employee} 自 {self.starts_on} 起每小时成本 {cost}。"
        return f"An hour of {self.employee} costs {cost} from {self.starts_on} on."


def set_hourly_cost(session: Session, arguments: SetHourlyCost) -> CostShown:
    """Set it."""
    worker = employee_of(session, arguments.employee)
    who = session.get_one(Party, worker.party_id)
    kept = projects.set_hourly_cost(
        session, who, cost_per_hour=arguments.cost_per_hour, starts_on=arguments.starts_on
    )
    return CostShown(
        employee=who.name,
        cost_per_hour=kept.cost_per_hour,
        currency=company(session).currency,
        starts_on=kept.starts_on,
    )


class InvoiceProject(Arguments):
    """Invoice the hours and the progress of a project that are not billed yet."""

    project: ProjectRef = Field(description="The project, such as PJ-00042 or its name.")
    worked_until: Day | None = Field(default=None, description="Hours up to this day; today.")
    tax_code: TaxRef | None = Field(
        default=None, description="The tax; none if empty, as for every invoice without an item."
    )
    due_on: Day | None = Field(default=None, description="Leave empty for the agreed terms.")


class ProjectInvoiced(Answer):
    """An invoice of a project."""

    number: str
    project: str
    total: Money
    due_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say what is invoiced and until when it is to be paid."""
        if language == "zh":
            return f"{self.number}：项目 {self.project}，{self.total}，{self.due_on} 到期。"
        return f"{self.number} for project {self.project}: {self.total}, due {self.due_on}."


def invoice_project(session: Session, arguments: InvoiceProject) -> ProjectInvoiced:
    """Invoice it."""
    project = projects.find_project(session, arguments.project)
    invoice: Invoice = projects.invoice_project(
        session,
        project.number,
        worked_until=arguments.worked_until,
        tax_code=arguments.tax_code,
        due_on=arguments.due_on,
    )
    return ProjectInvoiced(
        number=invoice.number,
        project=project.number,
        total=Money(invoice.total_minor, invoice.currency),
        due_on=invoice.due_on,
    )


def pin_invoice(session: Session, arguments: InvoiceProject) -> InvoiceProject:
    """Write the project and the tax as we call them."""
    pinned: InvoiceProject = pin_project(session, arguments)
    if pinned.tax_code is None:
        return pinned
    return pinned.model_copy(update={"tax_code": code_of(session, pinned.tax_code)})


def undo_invoice(_session: Session, _arguments: InvoiceProject, answer: dict[str, Any]) -> Undoing:
    """Take the invoice back: its hours are to be billed again."""
    call = CreditInvoice(number=answer["number"], because="undo")
    return Undoing((Call("invoicing.credit_invoice", call),))


class ProjectStatus(Arguments):
    """Show how a project stands: hours, cost, what it brings, what is billed and what is not."""

    project: ProjectRef = Field(description="The project, such as PJ-00042 or its name.")


class StandingShown(Answer):
    """How a project stands."""

    number: str
    name: str
    worked: Decimal
    cost: Money
    planned: Money
    billed: Money
    unbilled: Money
    profit: Money | None
    tasks: list[tuple[str, Decimal, Decimal, Decimal, Money, Money]]

    def sentence(self, language: Language = "en") -> str:
        """Say the figures of the whole project."""
        hours = plain(self.worked)
        if language == "zh":
            gain = f"，毛利 {self.profit}" if self.profit is not None else ""
            return (
                f"{self.number} {self.name}：{hours} 小时，成本 {self.cost}，计划收入"
                f" {self.planned}{gain}；已开票 {self.billed}，未开票 {self.unbilled}。"
            )
        gain = f", profit {self.profit}" if self.profit is not None else ""
        return (
            f"{self.number} {self.name}: {hours} h, cost {self.cost}, planned revenue"
            f" {self.planned}{gain}; billed {self.billed}, not billed {self.unbilled}."
        )

    def grid(self) -> Grid:
        """Return its tasks."""
        columns = (
            Column("task", "任务"),
            Column("planned hours", "计划工时", "quantity"),
            Column("worked hours", "已用工时", "quantity"),
            Column("done", "完成率", "percent"),
            Column("cost", "成本", self.cost.currency),
            Column("planned revenue", "计划收入", self.planned.currency),
        )
        rows = tuple((*task[:4], task[4].amount, task[5].amount) for task in self.tasks)
        return Grid(columns, rows)


def project_status(session: Session, arguments: ProjectStatus) -> StandingShown:
    """Show it."""
    standing = projects.project_standing(session, arguments.project)
    return StandingShown(
        number=standing.number,
        name=standing.name,
        worked=standing.worked_hours,
        cost=standing.cost,
        planned=standing.planned_revenue,
        billed=standing.billed,
        unbilled=standing.unbilled,
        profit=standing.profit,
        tasks=[
            (
                task.name,
                task.planned_hours,
                task.worked_hours,
                task.progress,
                task.cost,
                task.planned_revenue,
            )
            for task in standing.tasks
        ],
    )


def pin_project(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the project as we call it."""
    number = projects.find_project(session, arguments.project).number
    return arguments.model_copy(update={"project": number})


def pin_employee(session: Session, arguments: SetHourlyCost) -> SetHourlyCost:
    """Write the employee as we call them, and the day."""
    number = employee_of(session, arguments.employee).number
    starts = arguments.starts_on or company(session).today
    return arguments.model_copy(update={"employee": number, "starts_on": starts})


def _shown(session: Session, number: str) -> ProjectShown:
    project: Project = projects.find_project(session, number)
    return ProjectShown(
        number=project.number,
        name=project.name,
        state=project.state,
        customer=project.customer.name if project.customer else None,
    )


TOOLS = [
    Tool(
        "projects.open_project",
        OpenProject,
        open_project,
        writes=True,
        title="Open project",
        title_zh="新建项目",
        roles=LEADERS,
        pin=pin_customer,
        undo=undo_open,
    ),
    Tool(
        CLOSE,
        CloseProject,
        close_project,
        writes=True,
        title="Close project",
        title_zh="关闭项目",
        roles=LEADERS,
        pin=pin_project,
        undo=undo_close,
    ),
    Tool(
        REOPEN,
        ReopenProject,
        reopen_project,
        writes=True,
        title="Reopen project",
        title_zh="重新打开项目",
        roles=LEADERS,
        pin=pin_project,
        undo=undo_reopen,
    ),
    Tool(
        "projects.add_task",
        AddTask,
        add_task,
        writes=True,
        title="Add task to project",
        title_zh="添加项目任务",
        roles=LEADERS,
        pin=pin_project,
        undo=never(STAYS),
    ),
    Tool(
        "projects.report_progress",
        ReportProgress,
        report_progress,
        writes=True,
        title="Report progress of a task",
        title_zh="登记任务进度",
        roles=LEADERS | {Role.EMPLOYEE},
        pin=pin_project,
        undo=never(SET_BACK),
    ),
    Tool(
        "projects.set_hourly_cost",
        SetHourlyCost,
        set_hourly_cost,
        writes=True,
        title="Set hourly cost",
        title_zh="设定小时成本",
        roles=frozenset({Role.HR, Role.MANAGER, Role.ADMIN}),
        seen_by=COST_READERS,
        private_to=about_nobody,
        pin=pin_employee,
        undo=never(SET_ANEW),
    ),
    Tool(
        "projects.invoice_project",
        InvoiceProject,
        invoice_project,
        writes=True,
        title="Invoice project",
        title_zh="项目开票",
        roles=BOOKKEEPERS | {Role.MANAGER},
        pin=pin_invoice,
        undo=undo_invoice,
    ),
    Tool(
        "projects.status",
        ProjectStatus,
        project_status,
        writes=False,
        title="Project status",
        title_zh="项目状况",
        roles=COST_READERS,
    ),
]
