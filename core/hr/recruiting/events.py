"""What recruiting tells the rest of the house; of who applies only their numbers.

The log and the trail are kept for good: what has to be erased one day is not written there.
"""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


def _said(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class OpeningAsked(Fact, name="hr.opening_asked"):
    """A position is to be filled."""

    number: str
    title: str
    department: str
    manager: str
    headcount: int

    def changes(self) -> tuple[Change, ...]:
        """Show the position, where, under whom, and for how many."""
        detail = _said(self.title, self.department, f"↑ {self.manager}", f"× {self.headcount}")
        return (Change(Kind.DOCUMENT, "job_opening", "asked", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the opening."""
        return self.number


@dataclass(frozen=True)
class OpeningMoved(Fact, name="hr.opening_moved"):
    """An opening was approved, refused, filled or closed."""

    number: str
    title: str
    headcount: int
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        detail = _said(self.title, f"× {self.headcount}")
        subject = f"job_opening {self.number}"
        return (Change(Kind.DOCUMENT, subject, self.after, before=self.before, detail=detail),)


@dataclass(frozen=True)
class Applied(Fact, name="hr.private.applied"):
    """Somebody applied for an opening."""

    number: str
    applicant: str
    is_new: bool
    opening: str
    title: str
    origin: str
    delete_on: str

    def changes(self) -> tuple[Change, ...]:
        """Show for what, how they heard of it, whether we know them, and until when it is kept."""
        known = "" if self.is_new else self.applicant
        detail = _said(self.opening, self.title, self.origin, known, f"⌫ {self.delete_on}")
        return (Change(Kind.DOCUMENT, "application", "applied", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the application."""
        return self.number


@dataclass(frozen=True)
class ApplicationMoved(Fact, name="hr.private.application_moved"):
    """An application went to another stage."""

    number: str
    applicant: str
    title: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the stage before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"application {self.number}",
                self.after,
                before=self.before,
                detail=_said(self.applicant, self.title),
            ),
        )


@dataclass(frozen=True)
class InterviewSet(Fact, name="hr.private.interview_set"):
    """Somebody who applied is to be talked to."""

    number: str
    application: str
    day: str
    interviewers: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show with whom, when, and who interviews."""
        detail = _said(self.application, self.day, *self.interviewers)
        return (Change(Kind.DOCUMENT, "interview", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the interview."""
        return self.number


@dataclass(frozen=True)
class ScorecardKept(Fact, name="hr.private.scorecard_kept"):
    """An interviewer wrote what they thought; what that is stands on the card of who wrote it."""

    interview: str
    interviewer: str

    def changes(self) -> tuple[Change, ...]:
        """Show for which interview, and who wrote."""
        subject = f"interview {self.interview}"
        return (Change(Kind.RECORD, subject, "new", measure="scorecard", detail=self.interviewer),)


@dataclass(frozen=True)
class OfferProposed(Fact, name="hr.private.offer_proposed"):
    """An offer is to be decided on."""

    number: str
    application: str
    title: str
    terms: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show to whom, as what, and under which terms."""
        detail = _said(self.application, self.title, *self.terms)
        return (Change(Kind.DOCUMENT, "job_offer", "proposed", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the offer."""
        return self.number


@dataclass(frozen=True)
class OfferMoved(Fact, name="hr.private.offer_moved"):
    """An offer was approved, refused, accepted or declined."""

    number: str
    application: str
    title: str
    terms: tuple[str, ...]
    before: str
    after: str
    minor: int
    currency: str

    def amount(self) -> Money | None:
        """Return the pay that is agreed to with an approval; nobody agrees to pay on their own."""
        return Money(self.minor, self.currency) if self.after == "approved" else None

    def decided_as(self) -> DecisionKind | None:
        """Say that an approval is about what somebody will be paid."""
        return DecisionKind.EMPLOYEE_PAY if self.after == "approved" else None

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and the terms."""
        detail = _said(self.application, self.title, *self.terms)
        subject = f"job_offer {self.number}"
        return (Change(Kind.DOCUMENT, subject, self.after, before=self.before, detail=detail),)


@dataclass(frozen=True)
class ApplicantErased(Fact, name="hr.private.applicant_erased"):
    """What was known of somebody who applied is no longer."""

    number: str
    due_on: str

    def changes(self) -> tuple[Change, ...]:
        """Show whose, and from when on it was due."""
        subject = f"applicant {self.number}"
        return (Change(Kind.RECORD, subject, "erased", detail=self.due_on),)
