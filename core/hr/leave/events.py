"""What leave tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class LeaveTypeAdded(Fact, name="hr.leave_type_added"):
    """There is one more kind of leave."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the kind."""
        return (Change(Kind.RECORD, "leave_type", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class LeavePolicySet(Fact, name="hr.leave_policy_set"):
    """How many days of a kind of leave people get."""

    leave: str
    valid_from: str
    terms: str

    def changes(self) -> tuple[Change, ...]:
        """Show the terms."""
        detail = f"{self.leave} · {self.valid_from} · {self.terms}"
        return (Change(Kind.RECORD, "leave_policy", "new", detail=detail),)


@dataclass(frozen=True)
class LeaveAsked(Fact, name="hr.private.leave_asked"):
    """Somebody asks to be away."""

    number: str
    employee: str
    called: str
    leave: str
    starts_on: str
    ends_on: str
    days: str

    def changes(self) -> tuple[Change, ...]:
        """Show who, when and how many days."""
        said = (self.employee, self.called, self.leave, f"{self.starts_on} – {self.ends_on}")
        detail = " · ".join((*said, f"{self.days} d"))
        return (Change(Kind.DOCUMENT, "leave_request", "asked", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the request."""
        return self.number


@dataclass(frozen=True)
class LeaveMoved(Fact, name="hr.private.leave_moved"):
    """A request for leave was approved, refused or cancelled."""

    number: str
    employee: str
    called: str
    terms: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        said = (self.employee, self.called, self.terms, self.because)
        return (
            Change(
                Kind.DOCUMENT,
                f"leave_request {self.number}",
                self.after,
                before=self.before,
                detail=" · ".join(each for each in said if each),
            ),
        )


@dataclass(frozen=True)
class LeaveBooked(Fact, name="hr.private.leave_booked"):
    """Days of leave came or went for somebody."""

    employee: str
    leave: str
    kind: str
    days: str
    effective_on: str
    note: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show how many days, and why."""
        return (
            Change(
                Kind.RECORD,
                f"leave_balance {self.employee} {self.leave}",
                self.days,
                measure=f"leave_{self.kind}",
                detail=" · ".join(each for each in (self.effective_on, self.note) if each),
            ),
        )


@dataclass(frozen=True)
class LeaveCredited(Fact, name="hr.leave_credited"):
    """The days that were due by a day were credited, carried or lapsed, for all who get them."""

    day: str
    kind: str
    entries: int
    days: str

    def changes(self) -> tuple[Change, ...]:
        """Show how many days in how many entries."""
        detail = f"{self.day} · {self.entries} × · {self.days} d"
        return (Change(Kind.RECORD, "leave_balance", f"leave_{self.kind}", detail=detail),)


@dataclass(frozen=True)
class LeaveEncashed(Fact, name="hr.private.leave_encashed"):
    """Days of leave are paid out instead."""

    employee: str
    called: str
    leave: str
    days: str
    minor: int
    currency: str

    def changes(self) -> tuple[Change, ...]:
        """Show how many days for how much."""
        detail = f"{self.called} · {self.leave} · {self.days} d · {self.amount()}"
        return (Change(Kind.RECORD, f"employee {self.employee}", "leave_encashed", detail=detail),)

    def amount(self) -> Money:
        """Return what is paid out."""
        return Money(self.minor, self.currency)
