"""What documents tell the rest of the house; never a number."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class DocumentKept(Fact, name="hr.document_kept"):
    """A document of somebody is kept."""

    employee: str
    kind: str
    masked: str
    expires_on: str

    def changes(self) -> tuple[Change, ...]:
        """Show whose, which kind, and the end of its number."""
        said = (self.masked, self.expires_on)
        return (
            Change(
                Kind.RECORD,
                f"employee {self.employee}",
                "new",
                measure=self.kind,
                detail=" · ".join(each for each in said if each),
            ),
        )
