"""What reviews tell the rest of the house: that something was said, never what.

Scores and words are for the few who may read the review; the log is read by more.
"""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class CycleOpened(Fact, name="hr.review_cycle_opened"):
    """Everybody with a manager is to be reviewed for a period."""

    number: str
    called: str
    starts_on: str
    ends_on: str
    people: int

    def changes(self) -> tuple[Change, ...]:
        """Show the period, and how many are reviewed."""
        detail = f"{self.called} · {self.starts_on} – {self.ends_on} · × {self.people}"
        return (Change(Kind.DOCUMENT, "review_cycle", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the cycle."""
        return self.number


@dataclass(frozen=True)
class CycleShut(Fact, name="hr.review_cycle_closed"):
    """Nothing of a cycle changes any more."""

    number: str
    called: str
    shared: int
    not_shared: int

    def changes(self) -> tuple[Change, ...]:
        """Show how many reviews were shared, and how many will never be."""
        detail = f"{self.called} · {self.shared} / {self.shared + self.not_shared}"
        subject = f"review_cycle {self.number}"
        return (Change(Kind.DOCUMENT, subject, "closed", before="open", detail=detail),)


@dataclass(frozen=True)
class ReviewWritten(Fact, name="hr.private.review_written"):
    """Something was said in a review: a goal, a score, words, or what a colleague thinks."""

    number: str
    employee: str
    what: str
    detail: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show in whose review what was said; how, the request itself says."""
        said = " · ".join(part for part in (self.employee, self.detail) if part)
        subject = f"review {self.number}"
        return (Change(Kind.RECORD, subject, "new", measure=self.what, detail=said),)


@dataclass(frozen=True)
class ReviewGiven(Fact, name="hr.private.review_shared"):
    """The reviewed may read their review from now on."""

    number: str
    employee: str
    goals: int

    def changes(self) -> tuple[Change, ...]:
        """Show whose it is."""
        detail = f"{self.employee} · × {self.goals}"
        subject = f"review {self.number}"
        return (Change(Kind.DOCUMENT, subject, "shared", before="open", detail=detail),)
