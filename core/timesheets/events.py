"""What timesheets tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain


@dataclass(frozen=True)
class HoursLogged(Fact, name="timesheets.hours_logged"):
    """Somebody worked, on a project or at something else."""

    number: str
    who: str
    worked_on: str
    hours: Decimal
    note: str
    project: str = ""
    task: str = ""
    billed_at: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show who worked how long on what, and whether it is billed."""
        said = [f"{plain(self.hours)} h", self.project, self.task, self.worked_on, self.billed_at]
        detail = " · ".join(each for each in (*said, self.note) if each)
        return (Change(Kind.DOCUMENT, "time_entry", self.who, detail=detail),)

    def new_number(self) -> str:
        """Return the number of the entry."""
        return self.number


@dataclass(frozen=True)
class HoursRemoved(Fact, name="timesheets.hours_removed"):
    """Hours that were logged were not worked."""

    number: str
    who: str
    worked_on: str
    hours: Decimal
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is gone."""
        said = [f"{plain(self.hours)} h", self.worked_on, self.because]
        return (
            Change(
                Kind.DOCUMENT,
                f"time_entry {self.number}",
                "removed",
                before=self.who,
                detail=" · ".join(each for each in said if each),
            ),
        )
