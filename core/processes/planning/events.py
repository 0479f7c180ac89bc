"""What planning tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class PlanningRuleSet(Fact, name="planning.rule_set"):
    """An item is planned in other lots, or with another lead time, than before."""

    sku: str
    item_name: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each term that changed."""
        subject, old, new = f"{self.sku} {self.item_name}", dict(self.before), dict(self.after)
        return tuple(
            Change(Kind.RECORD, subject, new.get(name, "none"), old.get(name), f"plan_{name}")
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        )
