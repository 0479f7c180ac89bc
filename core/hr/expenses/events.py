"""What expenses tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class ExpenseCategoryAdded(Fact, name="hr.expense_category_added"):
    """There is one more category of expenses."""

    code: str
    called: str
    account: str
    limit: str

    def changes(self) -> tuple[Change, ...]:
        """Show the category, where it is booked and its limit."""
        said = (self.code, self.called, self.account, self.limit and f"≤ {self.limit}")
        detail = " · ".join(each for each in said if each)
        return (Change(Kind.RECORD, "expense_category", "new", detail=detail),)


@dataclass(frozen=True)
class ExpenseClaimed(Fact, name="hr.private.expense_claimed"):
    """Somebody wants back what they spent."""

    number: str
    employee: str
    called: str
    lines: tuple[str, ...]
    total: str
    purpose: str

    def changes(self) -> tuple[Change, ...]:
        """Show who wants what back for what."""
        said = (self.employee, self.called, self.total, *self.lines, self.purpose)
        detail = " · ".join(each for each in said if each)
        return (Change(Kind.DOCUMENT, "expense_claim", "asked", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the claim."""
        return self.number


@dataclass(frozen=True)
class ClaimMoved(Fact, name="hr.private.claim_moved"):
    """A claim was approved, refused or paid."""

    number: str
    employee: str
    called: str
    before: str
    after: str
    approved: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and what is approved."""
        said = (self.employee, self.called, self.approved, self.because)
        return (
            Change(
                Kind.DOCUMENT,
                f"expense_claim {self.number}",
                self.after,
                before=self.before,
                detail=" · ".join(each for each in said if each),
            ),
        )
