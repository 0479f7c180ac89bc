"""What commission tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class PlanMade(Fact, name="sales.commission_plan_made"):
    """Salespeople earn on what they sell from a day on."""

    code: str
    called: str
    basis: str
    earned: str
    rates: tuple[str, ...]
    salespeople: tuple[str, ...]
    valid_from: str
    starts_in_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show what of, when, how much, and to whom."""
        terms = [
            f"{self.code} {self.called}",
            f"{self.basis}/{self.earned}",
            *self.rates,
            ", ".join(self.salespeople) or "*",
            f"{self.starts_in_days} d",
        ]
        return (
            Change(
                Kind.RECORD, "commission_plan", "new", detail=" · ".join(terms),
                note=self.valid_from,
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class PlanEnded(Fact, name="sales.commission_plan_ended"):
    """A plan holds no longer after a day."""

    code: str
    valid_until: str
    ends_in_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show the last day."""
        subject = f"commission_plan {self.code}"
        detail = f"{self.ends_in_days} d"
        return (
            Change(
                Kind.RECORD, subject, "ended", before="active", detail=detail,
                note=self.valid_until,
            ),
        )  # fmt: skip
