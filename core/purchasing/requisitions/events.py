"""What requisitions tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class RequisitionWritten(Fact, name="purchasing.requisition_written"):
    """Somebody needs something."""

    number: str
    goods: tuple[str, ...]
    needed_on: str
    needed_in_days: int
    needed_for: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is needed, by when and for what."""
        said = [", ".join(self.goods), f"{self.needed_in_days} d", self.needed_for, self.because]
        detail = " · ".join(each for each in said if each)
        return (Change(Kind.DOCUMENT, "requisition", "new", detail=detail, note=self.needed_on),)

    def new_number(self) -> str:
        """Return the number of the requisition."""
        return self.number


@dataclass(frozen=True)
class RequisitionMoved(Fact, name="purchasing.requisition_moved"):
    """A requisition was approved, ordered or closed; `goods` are what is meant."""

    number: str
    before: str
    after: str
    goods: tuple[str, ...]
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        said = [", ".join(self.goods), self.because]
        return (
            Change(
                Kind.DOCUMENT,
                f"requisition {self.number}",
                self.after,
                before=self.before,
                detail=" · ".join(each for each in said if each),
            ),
        )
