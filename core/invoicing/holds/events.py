"""What holds tell the rest of the house."""

from dataclasses import dataclass

from core.invoicing.holds.tables import HoldKind, HoldPurpose
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class HoldPut(Fact, name="invoicing.hold_put"):
    """A document, or all of a party, is left alone."""

    purpose: HoldPurpose
    kind: HoldKind
    subject: str
    number: str
    until: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        until = f"≤ {self.until}" if self.until else ""
        detail = " · ".join(part for part in (self.because, until) if part)
        return (
            Change(
                Kind.RECORD,
                self.subject,
                self.kind,
                before="active",
                measure=self.purpose,
                detail=detail,
            ),
        )


@dataclass(frozen=True)
class HoldLifted(Fact, name="invoicing.hold_lifted"):
    """A document, or all of a party, is not left alone any more."""

    purpose: HoldPurpose
    kind: HoldKind
    subject: str
    number: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        return (
            Change(
                Kind.RECORD,
                self.subject,
                "active",
                before=self.kind,
                measure=self.purpose,
                detail=self.because,
            ),
        )
