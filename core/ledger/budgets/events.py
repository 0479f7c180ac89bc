"""What budgets tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money
from core.ledger.budgets.tables import BudgetState, Policy


@dataclass(frozen=True)
class BudgetMade(Fact, name="budgets.made"):
    """A year has one more version of its budget."""

    budget: str
    state: BudgetState

    def changes(self) -> tuple[Change, ...]:
        """Show it, and whether it counts."""
        return (Change(Kind.RECORD, f"budget {self.budget}", self.state),)


@dataclass(frozen=True)
class BudgetSet(Fact, name="budgets.set"):
    """A line of a budget has another amount."""

    budget: str
    line: str
    before: Money | None
    after: Money
    months: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the amount of the year before and after, and of every month."""
        return (
            Change(
                Kind.RECORD,
                f"budget {self.budget} {self.line}",
                str(self.after),
                before=None if self.before is None else str(self.before),
                detail=" · ".join(self.months),
            ),
        )


@dataclass(frozen=True)
class BudgetCopied(Fact, name="budgets.copied"):
    """The lines of one budget are in another, times a factor."""

    source: str
    budget: str
    factor: str
    lines: tuple[tuple[str, Money], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the amount of every line."""
        return tuple(
            Change(
                Kind.RECORD,
                f"budget {self.budget} {line}",
                str(amount),
                detail=f"{self.source} × {self.factor}",
            )
            for line, amount in self.lines
        )


@dataclass(frozen=True)
class BudgetPolicySet(Fact, name="budgets.policy_set"):
    """What is over the budget is seen, warned of, or stopped from now on."""

    budget: str
    line: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the policy before and after."""
        subject = f"budget {self.budget} {self.line}".rstrip()
        return (Change(Kind.RECORD, subject, self.after, before=self.before),)


@dataclass(frozen=True)
class BudgetPutInForce(Fact, name="budgets.put_in_force"):
    """Another version of a year's budget counts from now on."""

    budget: str
    instead_of: str

    def changes(self) -> tuple[Change, ...]:
        """Show which one counts, and which one no more."""
        shown = [
            Change(
                Kind.RECORD, f"budget {self.budget}", BudgetState.IN_FORCE,
                before=BudgetState.SET_ASIDE,
            )
        ]  # fmt: skip
        if self.instead_of:
            shown.append(
                Change(
                    Kind.RECORD, f"budget {self.instead_of}", BudgetState.SET_ASIDE,
                    before=BudgetState.IN_FORCE,
                )
            )  # fmt: skip
        return tuple(shown)


@dataclass(frozen=True)
class BudgetTaken(Fact, name="budgets.taken"):
    """Something takes from a budget that is watched over."""

    budget: str
    line: str
    policy: Policy
    before: Money
    after: Money
    limit: Money

    def changes(self) -> tuple[Change, ...]:
        """Show what is left before and after, and how much may be spent in all."""
        return (
            Change(
                Kind.BUDGET,
                f"budget {self.budget} {self.line}",
                str(self.after),
                before=str(self.before),
                measure="budget_left",
                detail=f"≤ {self.limit}",
            ),
        )
