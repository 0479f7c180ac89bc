"""What schedules tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money
from core.ledger.schedules.tables import (
    DeferralKind,
    DeferralState,
    Every,
    Method,
    RecurringState,
)

_PARTS_SHOWN_MAX = 12


@dataclass(frozen=True)
class Moved:
    """Something that was due in a closed period, and is posted on the first open day instead."""

    subject: str
    due_on: str
    posted_on: str

    def change(self) -> Change:
        """Show both days."""
        return Change(
            Kind.RECORD, self.subject, self.posted_on, before=self.due_on, measure="posted_on"
        )


@dataclass(frozen=True)
class TemplateMade(Fact, name="ledger.template_made"):
    """Entries can be posted from one more template."""

    called: str
    lines: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show its lines."""
        detail = " · ".join(self.lines)
        return (Change(Kind.RECORD, f"entry_template {self.called}", "new", detail=detail),)


@dataclass(frozen=True)
class TemplateRetired(Fact, name="ledger.template_retired"):
    """A template is used no more, except by what recurs already."""

    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"entry_template {self.called}"
        return (Change(Kind.RECORD, subject, "inactive", before="active"),)


@dataclass(frozen=True)
class RecurringStarted(Fact, name="ledger.recurring_started"):
    """An entry is posted again and again from now on, each time by a run."""

    number: str
    memo: str
    every: Every
    day_of_month: int
    starts_on: str
    until: str
    reversing: bool
    each: Money
    lines: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show when it is due, and its lines."""
        said = [self.memo, f"{self.starts_on} … {self.until}", *self.lines]
        if self.reversing:
            said.append("↺")
        return (
            Change(
                Kind.DOCUMENT,
                "recurring_entry",
                "new",
                measure=f"{self.every}@{self.day_of_month}",
                detail=" · ".join(said),
            ),
        )

    def amount(self) -> Money | None:
        """Return what is posted each time."""
        return self.each

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class RecurringChanged(Fact, name="ledger.recurring_changed"):
    """A recurring entry was paused, goes on, or has ended; days may be left out."""

    number: str
    before: RecurringState
    after: RecurringState
    left_out: tuple[str, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and the days left out."""
        subject = f"recurring_entry {self.number}"
        shown = []
        if self.before != self.after:
            shown.append(Change(Kind.DOCUMENT, subject, self.after, before=self.before))
        shown += [Change(Kind.RECORD, f"{subject} {day}", "left_out") for day in self.left_out]
        return tuple(shown)


@dataclass(frozen=True)
class ReversalScheduled(Fact, name="ledger.reversal_scheduled"):
    """An accrual is in the books, and will be reversed on a day."""

    entry: str
    reverse_on: str

    def changes(self) -> tuple[Change, ...]:
        """Show the day."""
        subject = f"journal_entry {self.entry}"
        return (Change(Kind.RECORD, subject, self.reverse_on, measure="reverse_on"),)


@dataclass(frozen=True)
class DeferralStarted(Fact, name="ledger.deferral_started"):
    """An amount waits on the balance sheet, and is recognised part by part."""

    number: str
    kind: DeferralKind
    method: Method
    memo: str
    starts_on: str
    ends_on: str
    deferred: Money
    account: str
    parts: tuple[tuple[str, str], ...]
    origin: str
    # Whether it was posted by an entry of its own, for which somebody answers.
    by_hand: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the stretch and every part, or the first ones of many."""
        said = [f"{day} {amount}" for day, amount in self.parts[:_PARTS_SHOWN_MAX]]
        if len(self.parts) > _PARTS_SHOWN_MAX:
            said.append(f"… {self.parts[-1][0]} {self.parts[-1][1]}")
        stretch = f"{self.starts_on} … {self.ends_on}"
        detail = " · ".join((self.memo, str(self.deferred), stretch, self.account, *said))
        return (Change(Kind.DOCUMENT, self.kind, "new", measure=self.method, detail=detail),)

    def amount(self) -> Money | None:
        """Return what is deferred, where no document says so."""
        return self.deferred if self.by_hand else None

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class DeferralStopped(Fact, name="ledger.deferral_stopped"):
    """A deferral will not be recognised any further; what was is taken back."""

    number: str
    taken_back: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"deferral {self.number}"
        state = DeferralState.CANCELLED
        return (Change(Kind.DOCUMENT, subject, state, before=DeferralState.ACTIVE),)


@dataclass(frozen=True)
class SchedulesRun(Fact, name="ledger.schedules_run"):
    """What was due through a day is in the books."""

    number: str
    through: str
    entries: int
    posted: Money
    moved: tuple[Moved, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show how much was due, and what could not be posted on its day."""
        detail = f"≤ {self.through} · {self.entries} × · {self.posted}"
        return (
            Change(Kind.DOCUMENT, "schedule_run", "new", detail=detail),
            *(each.change() for each in self.moved),
        )

    def amount(self) -> Money | None:
        """Return the sum of the debits."""
        return self.posted

    def new_number(self) -> str | None:
        """Return the number of the run."""
        return self.number


@dataclass(frozen=True)
class ScheduleRunTakenBack(Fact, name="ledger.schedule_run_taken_back"):
    """What a run posted is reversed, and due again."""

    number: str
    posted: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"schedule_run {self.number}"
        return (Change(Kind.DOCUMENT, subject, "reversed", before="posted"),)

    def amount(self) -> Money | None:
        """Return the sum of what is reversed."""
        return self.posted
