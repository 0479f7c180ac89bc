"""What saved reports and standing orders tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


def _both(en: str, zh: str) -> str:
    return en if en == zh else f"{en} / {zh}"


@dataclass(frozen=True)
class ReportSaved(Fact, name="reporting.report_saved"):
    """A question is kept under a name."""

    number: str
    called: str
    owner: str
    asked: str
    asked_zh: str

    def changes(self) -> tuple[Change, ...]:
        """Show the name, whose it is, and the question."""
        detail = f"{self.called} · {self.owner} · {_both(self.asked, self.asked_zh)}"
        return (Change(Kind.RECORD, "saved_report", "new", detail=detail),)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class ReportChanged(Fact, name="reporting.report_changed"):
    """A saved report has another name, question or readership."""

    number: str
    called: str
    what: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show it before and after."""
        subject = f"saved_report {self.number} {self.called}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, measure=self.what),)


@dataclass(frozen=True)
class ReportDeleted(Fact, name="reporting.report_deleted"):
    """A saved report is in nobody's list any more."""

    number: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"saved_report {self.number} {self.called}"
        return (Change(Kind.RECORD, subject, "inactive", before="active"),)


@dataclass(frozen=True)
class OrderStarted(Fact, name="reporting.order_started"):
    """The house asks a question by itself from now on."""

    number: str
    kind: str
    owner: str
    asked: str
    asked_zh: str
    when: str
    when_zh: str

    def changes(self) -> tuple[Change, ...]:
        """Show for whom, what and when."""
        when, asked = _both(self.when, self.when_zh), _both(self.asked, self.asked_zh)
        return (Change(Kind.RECORD, self.kind, "new", detail=f"{self.owner} · {when} · {asked}"),)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class OrderChanged(Fact, name="reporting.order_changed"):
    """A schedule or alert was paused, goes on, or has ended."""

    number: str
    kind: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"{self.kind} {self.number}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, detail=self.because),)


@dataclass(frozen=True)
class OrderCarriedOut(Fact, name="reporting.order_carried_out"):
    """What was due on a day was asked for its owner."""

    number: str
    owner: str
    due_on: str
    missed: int
    outcome: str
