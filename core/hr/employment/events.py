"""What employment tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class EmploymentChanged(Fact, name="hr.employment_changed"):
    """Somebody works under other terms from a day on."""

    number: str
    called: str
    starts_on: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the terms before and after."""
        return (
            Change(
                Kind.RECORD,
                f"employee {self.number} {self.called}",
                self.after,
                before=self.before or None,
                measure="terms_of_work",
                detail=self.starts_on,
            ),
        )


@dataclass(frozen=True)
class PaySet(Fact, name="hr.private.pay_set"):
    """Somebody is paid something from a day on."""

    number: str
    called: str
    starts_on: str
    before: str
    after: str
    minor: int
    currency: str

    def amount(self) -> Money:
        """Return the pay of one period; nobody agrees to pay on their own."""
        return Money(self.minor, self.currency)

    def decided_as(self) -> DecisionKind:
        """Say that this is about what somebody is paid."""
        return DecisionKind.EMPLOYEE_PAY

    def changes(self) -> tuple[Change, ...]:
        """Show the pay before and after."""
        return (
            Change(
                Kind.RECORD,
                f"employee {self.number} {self.called}",
                self.after,
                before=self.before or None,
                measure="employee_pay",
                detail=self.starts_on,
            ),
        )


@dataclass(frozen=True)
class EmployeeLeft(Fact, name="hr.employee_left"):
    """Somebody's last day at work is set."""

    number: str
    called: str
    left_on: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the last day."""
        return (
            Change(
                Kind.RECORD,
                f"employee {self.number} {self.called}",
                self.left_on,
                measure="last_day",
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class PrivateRead(Fact, name="hr.private_read"):
    """Somebody looked at what is private of people: whose, and what of it."""

    what: str
    whose: tuple[str, ...]
    people: int
