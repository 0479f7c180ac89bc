"""What is told of tasks."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class TaskPlanned(Fact, name="crm.task_planned"):
    """Somebody is to do something by a day."""

    number: str
    kind: str
    subject: str
    about: str
    owner: str
    due_on: str
    at: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is to be done, by whom and when."""
        when = f"{self.due_on} {self.at}".strip()
        told = (self.kind, self.subject, self.about, self.owner, when)
        detail = " · ".join(part for part in told if part)
        return (Change(Kind.RECORD, "task", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the task."""
        return self.number


@dataclass(frozen=True)
class TaskChanged(Fact, name="crm.task_changed"):
    """A task is due on another day, or is somebody else's."""

    number: str
    subject: str
    said: tuple[tuple[str, str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each of them before and after."""
        return tuple(
            Change(
                Kind.RECORD,
                f"task {self.number}",
                after or "–",
                before=before or "–",
                measure=what,
                detail=self.subject,
            )
            for what, before, after in self.said
        )


@dataclass(frozen=True)
class TaskClosedNow(Fact, name="crm.task_closed"):
    """A task is done, or will not be."""

    number: str
    subject: str
    state: str
    outcome: str

    def changes(self) -> tuple[Change, ...]:
        """Show what became of it."""
        detail = " · ".join(part for part in (self.subject, self.outcome) if part)
        return (
            Change(Kind.RECORD, f"task {self.number}", self.state, before="open", detail=detail),
        )


@dataclass(frozen=True)
class CalendarOpened(Fact, name="crm.calendar_opened"):
    """Somebody's calendar may read their tasks under a secret address, or no longer."""

    login: str
    is_open: bool

    def changes(self) -> tuple[Change, ...]:
        """Show whose calendar it is; the address itself is nobody else's."""
        states = ("revoked", "open")
        return (Change(Kind.RECORD, f"calendar_feed {self.login}", states[self.is_open]),)
