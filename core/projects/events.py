"""What projects tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money, plain


@dataclass(frozen=True)
class ProjectOpened(Fact, name="projects.project_opened"):
    """There is a new project."""

    number: str
    called: str
    customer: str
    terms: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show it, for whom it is, and what is planned."""
        said = [self.called, self.customer, *self.terms]
        detail = " · ".join(each for each in said if each)
        return (Change(Kind.DOCUMENT, "project", "open", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the project."""
        return self.number


@dataclass(frozen=True)
class ProjectMoved(Fact, name="projects.project_moved"):
    """A project was closed or opened again."""

    number: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"project {self.number}"
        return (
            Change(Kind.DOCUMENT, subject, self.after, before=self.before, detail=self.because),
        )


@dataclass(frozen=True)
class TaskAdded(Fact, name="projects.task_added"):
    """A project has another task."""

    project: str
    task: str
    terms: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the task and what was agreed."""
        detail = " · ".join(self.terms)
        subject = f"project {self.project}"
        return (Change(Kind.RECORD, subject, self.task, measure="task", detail=detail),)


@dataclass(frozen=True)
class TaskProgressed(Fact, name="projects.task_progressed"):
    """More or less of a task is done."""

    project: str
    task: str
    before: Decimal
    after: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show how much is done, before and after."""
        return (
            Change(
                Kind.RECORD,
                f"project {self.project}",
                f"{plain(self.after)} %",
                before=f"{plain(self.before)} %",
                measure="progress",
                detail=self.task,
            ),
        )


@dataclass(frozen=True)
class HourlyCostSet(Fact, name="projects.private.hourly_cost_set"):
    """An hour of somebody costs something else from a day on."""

    who: str
    starts_on: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what an hour costs, before and after."""
        return (
            Change(
                Kind.RECORD,
                self.who,
                self.after,
                before=self.before or None,
                measure="hourly_cost",
                detail=self.starts_on,
            ),
        )


@dataclass(frozen=True)
class ProjectBilled(Fact, name="projects.project_billed"):
    """Hours and progress of a project stand on an invoice, or do so no longer."""

    project: str
    before: Money
    after: Money
    hours: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show what of the project is billed, before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"project {self.project}",
                str(self.after),
                before=str(self.before),
                measure="billed",
                detail=f"{plain(self.hours)} h" if self.hours else "",
            ),
        )
