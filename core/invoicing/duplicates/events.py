"""What is told of bills that look alike."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class BillLooksLike(Fact, name="invoicing.bill_looks_like"):
    """A bill was posted that may have been booked before, under another number.

    `alike` says of each other bill its number, what they have in common, and how many days lie
    between them.
    """

    number: str
    alike: tuple[tuple[str, str, int], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each of them, so that nobody approves it unseen."""
        return tuple(
            Change(
                Kind.RECORD,
                f"supplier_bill {self.number}",
                f"supplier_bill {other}",
                measure="looks_like",
                detail=f"{likeness} · {days} d",
            )
            for other, likeness, days in self.alike
        )


@dataclass(frozen=True)
class BillFileAttached(Fact, name="invoicing.bill_file_attached"):
    """The file that a bill came as is kept with it."""

    number: str
    file_name: str
    sha256: str
    size: int

    def changes(self) -> tuple[Change, ...]:
        """Show the file."""
        return (
            Change(
                Kind.RECORD,
                f"supplier_bill {self.number}",
                self.file_name,
                measure="file",
                detail=f"{self.size} B",
            ),
        )
