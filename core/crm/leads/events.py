"""What is told of leads."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class LeadAdded(Fact, name="crm.lead_added"):
    """Somebody may become a customer."""

    number: str
    called: str
    contact: str
    source: str
    owner: str
    score: int
    reasons: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show who it is, whose it is, and what its points are for."""
        points = f"{self.score} = {' + '.join(self.reasons)}" if self.reasons else f"{self.score}"
        told = (self.called, self.contact, self.source, self.owner or "–", points)
        detail = " · ".join(part for part in told if part)
        return (Change(Kind.RECORD, "lead", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the lead."""
        return self.number


@dataclass(frozen=True)
class LeadAssigned(Fact, name="crm.lead_assigned"):
    """A lead is somebody's now."""

    number: str
    called: str
    before: str
    after: str
    by_rule: int | None

    def changes(self) -> tuple[Change, ...]:
        """Show whose it was and is, and by which rule."""
        return (
            Change(
                Kind.RECORD,
                f"lead {self.number}",
                self.after,
                before=self.before or "–",
                measure="owner",
                detail=self.called + (f" · {self.by_rule}." if self.by_rule else ""),
            ),
        )


@dataclass(frozen=True)
class LeadChanged(Fact, name="crm.lead_changed"):
    """Something else is known of a lead, and so its points may be others."""

    number: str
    called: str
    said: tuple[tuple[str, str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each of them before and after."""
        return tuple(
            Change(
                Kind.RECORD,
                f"lead {self.number}",
                after or "–",
                before=before or "–",
                measure=what,
                detail=self.called,
            )
            for what, before, after in self.said
        )


@dataclass(frozen=True)
class LeadConverted(Fact, name="crm.lead_converted"):
    """A lead became a customer with a contact and an opportunity."""

    number: str
    called: str
    party: str
    contact: str
    opportunity: str

    def changes(self) -> tuple[Change, ...]:
        """Show what it became."""
        told = (self.party, self.contact, self.opportunity)
        return (
            Change(
                Kind.RECORD,
                f"lead {self.number}",
                "converted",
                before="open",
                detail=" · ".join(part for part in told if part),
            ),
        )


@dataclass(frozen=True)
class LeadDisqualified(Fact, name="crm.lead_disqualified"):
    """A lead leads nowhere."""

    number: str
    called: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show why."""
        return (
            Change(
                Kind.RECORD,
                f"lead {self.number}",
                "disqualified",
                before="open",
                detail=f"{self.called} · {self.because}",
            ),
        )


@dataclass(frozen=True)
class LeadRuleSet(Fact, name="crm.lead_rule_set"):
    """Leads of some kind go to somebody, or by no rule any more."""

    place: int
    terms: str
    owner: str

    def changes(self) -> tuple[Change, ...]:
        """Show which leads go to whom."""
        return (
            Change(Kind.RECORD, f"lead_rule {self.place}", self.owner or "–", detail=self.terms),
        )
