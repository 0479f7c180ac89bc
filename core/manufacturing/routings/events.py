"""What work centres and routings tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class WorkCentreSet(Fact, name="manufacturing.work_centre_set"):
    """A work centre was opened, or something of it changed."""

    code: str
    centre_name: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each figure that is new or another one."""
        subject, old = f"work_centre {self.code}", dict(self.before)
        return tuple(
            Change(Kind.RECORD, subject, what, before=old.get(name), measure=name)
            for name, what in self.after
            if old.get(name) != what
        )


@dataclass(frozen=True)
class RoutingDefined(Fact, name="manufacturing.routing_defined"):
    """From some day on, an item is made by other operations than before, or by its first."""

    number: str
    sku: str
    item_name: str
    operations: tuple[str, ...]
    from_in_days: int
    valid_from: str

    def changes(self) -> tuple[Change, ...]:
        """Show the operations in their order."""
        said = [" → ".join(self.operations)]
        if self.from_in_days:
            said.append(f"+{self.from_in_days} d")
        return (
            Change(
                Kind.RECORD,
                f"{self.sku} {self.item_name}",
                "new",
                measure="routing",
                detail=" · ".join(said),
                note=self.valid_from,
            ),
        )

    def new_number(self) -> str:
        """Return the number of the routing."""
        return self.number
