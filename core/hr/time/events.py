"""What time tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class CheckedIn(Fact, name="hr.checked_in"):
    """Somebody came."""

    employee: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show who."""
        return (Change(Kind.RECORD, f"employee {self.employee}", "here", detail=self.called),)


@dataclass(frozen=True)
class CheckedOut(Fact, name="hr.checked_out"):
    """Somebody went."""

    employee: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show who."""
        return (Change(Kind.RECORD, f"employee {self.employee}", "gone", detail=self.called),)


@dataclass(frozen=True)
class ShiftPlanned(Fact, name="hr.shift_planned"):
    """Somebody works a shift."""

    employee: str
    shift: str
    days: str

    def changes(self) -> tuple[Change, ...]:
        """Show who works which shift when."""
        detail = f"{self.shift} · {self.days}"
        return (
            Change(Kind.RECORD, f"employee {self.employee}", "new", measure="shift", detail=detail),
        )
