"""What scheduling tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class OrderScheduled(Fact, name="manufacturing.order_scheduled"):
    """The operations of a work order are done on other days than before."""

    number: str
    sku: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each operation with its days, before and after."""
        was = dict(self.before)
        return tuple(
            Change(
                Kind.DOCUMENT,
                f"work_order {self.number}",
                days,
                before=was.get(step),
                measure="operation_days",
                detail=step,
            )
            for step, days in self.after
            if was.get(step) != days
        )
