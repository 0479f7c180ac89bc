"""What customer relations tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class ActivityLogged(Fact, name="crm.activity_logged"):
    """Somebody was in touch with a party; the words themselves stay in the activity."""

    party_number: str
    party: str
    kind: str
    direction: str
    subject: str

    def changes(self) -> tuple[Change, ...]:
        """Show with whom, how, and about what."""
        terms = " · ".join(part for part in (self.kind, self.subject, self.party) if part)
        return (Change(Kind.RECORD, "activity", "new", detail=terms),)
