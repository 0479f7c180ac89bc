"""What payroll tells the rest of the house. A card shows totals; what one person gets is theirs."""

from dataclasses import dataclass

from core.hr.payroll.tables import LoanKind, PayKind
from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class ComponentAdded(Fact, name="payroll.component_added"):
    """Pay can be made of one more thing."""

    code: str
    called: str
    kind: PayKind
    accounts: str

    def changes(self) -> tuple[Change, ...]:
        """Show what it is and where it is posted."""
        detail = " · ".join(part for part in (self.code, self.called, self.accounts) if part)
        return (Change(Kind.RECORD, "pay_component", str(self.kind), detail=detail),)


@dataclass(frozen=True)
class StructureSet(Fact, name="payroll.structure_set"):
    """A pay structure is made of these components from a day on."""

    code: str
    called: str
    valid_from: str
    lines: tuple[tuple[str, str], ...]
    rate_set: str = ""
    is_new: bool = True

    def changes(self) -> tuple[Change, ...]:
        """Show each component with its formula."""
        head = Change(
            Kind.RECORD,
            f"pay_structure {self.code}",
            "new" if self.is_new else "changed",
            detail=" · ".join(
                part for part in (self.called, self.valid_from, self.rate_set) if part
            ),
        )
        formulas = (
            Change(Kind.RECORD, f"pay_component {code}", formula, measure="formula")
            for code, formula in self.lines
            if formula
        )
        return (head, *formulas)


@dataclass(frozen=True)
class PayRateSet(Fact, name="payroll.rate_set"):
    """A rate of the company's own counts from a day on."""

    called: str
    value: str
    valid_from: str
    source: str

    def changes(self) -> tuple[Change, ...]:
        """Show the rate, its day and its source."""
        detail = f"{self.valid_from} · {self.source}"
        return (Change(Kind.RECORD, f"pay_rate {self.called}", self.value, detail=detail),)


@dataclass(frozen=True)
class StructureAssigned(Fact, name="payroll.private.structure_assigned"):
    """Somebody is paid by a structure from a day on, or not by payroll."""

    employee: str
    called: str
    structure: str
    valid_from: str

    def changes(self) -> tuple[Change, ...]:
        """Show who, by which structure, since when."""
        return (
            Change(
                Kind.RECORD,
                f"employee {self.employee}",
                self.structure or "none",
                measure="pay_structure",
                detail=f"{self.called} · {self.valid_from}",
            ),
        )


@dataclass(frozen=True)
class PayEntered(Fact, name="hr.private.pay_entered"):
    """Somebody gets something by the month from a day on, or once for a month."""

    employee: str
    called: str
    component: str
    entered: str
    valid_from: str
    monthly: bool
    note: str = ""
    # Where it is money, and not hours or days.
    worth: Money | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show who, what and since when."""
        detail = " · ".join(part for part in (self.called, self.valid_from, self.note) if part)
        return (
            Change(
                Kind.RECORD,
                f"employee {self.employee}",
                f"{self.component} {self.entered}",
                measure="by_the_month" if self.monthly else "for_one_month",
                detail=detail,
            ),
        )

    def amount(self) -> Money | None:
        """Return what is given or taken off."""
        return None if self.worth is None else Money(abs(self.worth.minor), self.worth.currency)

    def decided_as(self) -> DecisionKind:
        """Return the kind of decision."""
        return DecisionKind.EMPLOYEE_PAY if self.monthly else DecisionKind.PAYROLL_ENTRY


@dataclass(frozen=True)
class CostsShared(Fact, name="payroll.private.costs_shared"):
    """Cost centres bear somebody's pay from a day on."""

    employee: str
    called: str
    shares: tuple[tuple[str, str], ...]
    valid_from: str

    def changes(self) -> tuple[Change, ...]:
        """Show the shares."""
        said = ", ".join(f"{code} {percent} %" for code, percent in self.shares)
        return (
            Change(
                Kind.RECORD,
                f"employee {self.employee}",
                said,
                measure="cost_centre",
                detail=f"{self.called} · {self.valid_from}",
            ),
        )


@dataclass(frozen=True)
class LoanGranted(Fact, name="hr.private.loan_granted"):
    """Somebody got a loan or an advance, and pays it back from their pay."""

    number: str
    employee: str
    called: str
    kind: LoanKind
    loan: Money
    first: str
    parts: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the amount, and what is taken off when."""
        detail = f"{self.employee} {self.called} · {self.loan} · {self.first}"
        if self.parts:
            same = f"{len(self.parts)} × {self.parts[0]}"
            last = f" ({self.parts[-1]})" if self.parts[-1] != self.parts[0] else ""
            detail += f" · {same}{last}"
        return (Change(Kind.DOCUMENT, str(self.kind), "new", detail=detail),)

    def amount(self) -> Money:
        """Return what is paid out."""
        return self.loan

    def new_number(self) -> str:
        """Return the number of the loan."""
        return self.number


@dataclass(frozen=True)
class ComponentTotal:
    """What one component comes to in a run, and how many people have it."""

    code: str
    called: str
    kind: PayKind
    total: str
    people: int


@dataclass(frozen=True)
class PayrollPosted(Fact, name="payroll.posted"):
    """A month of pay was calculated, posted and made ready for the bank."""

    number: str
    period: str
    pay_on: str
    people: int
    gross: Money
    net: Money
    employer: Money
    components: tuple[ComponentTotal, ...]
    payslips: tuple[str, str]
    file: str = ""
    file_payments: int = 0
    file_total: Money | None = None
    # Said where there is something to look at twice: a word, and its figures.
    warnings: tuple[tuple[str, str], ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show totals by component and how many people each concerns; nobody's own figures."""
        detail = f"{self.period} · {self.people} 👤 · {self.gross} → {self.net} · + {self.employer}"
        shown = [Change(Kind.DOCUMENT, "payroll_run", "new", detail=detail)]
        shown += [
            Change(
                Kind.RECORD,
                f"pay_component {each.code}",
                each.total,
                measure=str(each.kind),
                detail=f"{each.called} · {each.people} 👤",
            )
            for each in self.components
        ]
        if self.file_total is not None:
            detail = f"{self.file_payments} · {self.file_total} · {self.pay_on}"
            shown.append(Change(Kind.RECORD, "bank_file", "new", detail=detail))
        shown += [
            Change(Kind.RECORD, "payroll_run", what, measure="look_twice", detail=detail)
            for what, detail in self.warnings
        ]
        return tuple(shown)

    def amount(self) -> Money:
        """Return what it costs."""
        return self.gross + self.employer

    def decided_as(self) -> DecisionKind:
        """Return the kind of decision."""
        return DecisionKind.PAYROLL_RUN

    def new_number(self) -> str:
        """Return the number of the run."""
        return self.number


@dataclass(frozen=True)
class PayrollPostedForFew(PayrollPosted, name="payroll.private.posted"):
    """The same of so few people that the totals tell what one of them gets."""


@dataclass(frozen=True)
class PayrollPaid(Fact, name="payroll.paid"):
    """The net pay of a run left the bank."""

    number: str
    paid: Money

    def changes(self) -> tuple[Change, ...]:
        """Show which run, and how much."""
        return (Change(Kind.DOCUMENT, f"payroll_run {self.number}", "paid", detail=str(self.paid)),)

    def amount(self) -> Money:
        """Return what is paid."""
        return self.paid

    def decided_as(self) -> DecisionKind:
        """Return the kind of decision."""
        return DecisionKind.PAYROLL_RUN


@dataclass(frozen=True)
class PayrollPaidForFew(PayrollPaid, name="payroll.private.paid"):
    """The same of so few people that the sum tells what one of them gets."""


@dataclass(frozen=True)
class ContributionsPaid(Fact, name="payroll.contributions_paid"):
    """What a run owed to authorities left the bank."""

    number: str
    paid: Money
    parts: tuple[tuple[str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what is paid for what."""
        said = ", ".join(f"{account} {amount}" for account, amount in self.parts)
        return (
            Change(
                Kind.DOCUMENT,
                f"payroll_run {self.number}",
                "contributions_paid",
                detail=f"{self.paid} · {said}",
            ),
        )

    def amount(self) -> Money:
        """Return what is paid."""
        return self.paid

    def decided_as(self) -> DecisionKind:
        """Return the kind of decision."""
        return DecisionKind.PAYROLL_RUN


@dataclass(frozen=True)
class ContributionsPaidForFew(ContributionsPaid, name="payroll.private.contributions_paid"):
    """The same of so few people that the sums tell what is paid for one of them."""
