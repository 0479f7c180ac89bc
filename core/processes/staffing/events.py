"""What staffing tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class StaffingStarted(Fact, name="staffing.started"):
    """Somebody comes or leaves, and this has to be done."""

    number: str
    kind: str
    employee: str
    tasks: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what has to be done."""
        detail = " · ".join((self.employee, *self.tasks))
        return (Change(Kind.DOCUMENT, self.kind, "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the workflow."""
        return self.number


@dataclass(frozen=True)
class StaffTaskMoved(Fact, name="staffing.task_moved"):
    """A task was done, or is not needed."""

    number: str
    position: int
    title: str
    after: str
    is_last: bool

    def changes(self) -> tuple[Change, ...]:
        """Show which task is how."""
        return (
            Change(
                Kind.DOCUMENT,
                f"staff_workflow {self.number}",
                self.after,
                before="open",
                detail=f"{self.position}. {self.title}",
            ),
        )
