"""What paying tells the rest of the house."""

from dataclasses import dataclass

from core.invoicing.paying.tables import OrderState
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class OrderedLine:
    """One bill of an order: how much of it is settled how, and where the money goes."""

    bill: str
    party_number: str
    party: str
    pay: Money
    discount: Money
    # What credits settle of it, each by its number.
    netted: tuple[tuple[str, Money], ...]
    account: str
    # Said where the account is new, changed or missing: ("changed_on", "2026-11-20").
    warning: tuple[str, str] | None = None

    def changes(self) -> tuple[Change, ...]:
        """Show what is paid, and what should make one look twice."""
        parts = [self.party, self.account]
        if self.discount.minor:
            parts.append(f"-{self.discount}")
        parts += [f"{number} -{amount}" for number, amount in self.netted]
        line = Change(
            Kind.RECORD,
            f"supplier_bill {self.bill}",
            str(self.pay),
            measure="to_be_paid",
            detail=" · ".join(part for part in parts if part),
        )
        if self.warning is None:
            return (line,)
        what, when = self.warning
        warned = Change(
            Kind.RECORD, f"bank_account {self.party_number}", what, detail=when, note=self.party
        )
        return (line, warned)


@dataclass(frozen=True)
class OrderPrepared(Fact, name="invoicing.payment_order_prepared"):
    """Bills were put together to be paid; nothing moves yet."""

    number: str
    account: str
    total: Money
    pay_on: str
    lines: tuple[OrderedLine, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the order, and each of its lines."""
        detail = f"{self.total} · {self.account} · {self.pay_on}"
        return (
            Change(Kind.DOCUMENT, "payment_order", OrderState.DRAFT, detail=detail),
            *_of_lines(self.lines),
        )

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class OrderChanged(Fact, name="invoicing.payment_order_changed"):
    """A bill of an order was left out, or another amount of it is paid."""

    number: str
    bill: str
    before: Money
    after: Money
    total: Money

    def changes(self) -> tuple[Change, ...]:
        """Show both amounts, and what the order comes to."""
        return (
            Change(
                Kind.DOCUMENT,
                f"payment_order {self.number}",
                str(self.after) if self.after.minor else "left_out",
                before=str(self.before),
                measure=f"to_be_paid@{self.bill}",
                detail=f"= {self.total}",
            ),
        )


@dataclass(frozen=True)
class OrderApproved(Fact, name="invoicing.payment_order_approved"):
    """An order may be carried out."""

    number: str
    account: str
    total: Money
    lines: tuple[OrderedLine, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the state, and all that it will pay."""
        subject = f"payment_order {self.number}"
        detail = f"{self.total} · {self.account}"
        moved = Change(
            Kind.DOCUMENT, subject, OrderState.APPROVED, before=OrderState.DRAFT, detail=detail
        )
        return (moved, *_of_lines(self.lines))

    def amount(self) -> Money | None:
        """Return what will be paid."""
        return self.total


@dataclass(frozen=True)
class OrderExecuted(Fact, name="invoicing.payment_order_executed"):
    """An order was carried out: its payments are in the books."""

    number: str
    account: str
    total: Money
    cash_before: Money
    cash_after: Money
    payments: tuple[str, ...]
    # Bank accounts that somebody should have looked at: party number, party, what, when.
    warnings: tuple[tuple[str, str, str, str], ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show the state, and the cash before and after; the payments show themselves."""
        subject = f"payment_order {self.number}"
        return (
            Change(Kind.DOCUMENT, subject, OrderState.EXECUTED, before=OrderState.APPROVED),
            Change(
                Kind.RECORD,
                f"bank_account {self.account}",
                str(self.cash_after),
                before=str(self.cash_before),
                measure="balance",
            ),
            *(
                Change(Kind.RECORD, f"bank_account {number}", what, detail=when, note=party)
                for number, party, what, when in self.warnings
            ),
        )


@dataclass(frozen=True)
class OrderCancelled(Fact, name="invoicing.payment_order_cancelled"):
    """An order will not be carried out, and its bills may be paid otherwise."""

    number: str
    before: OrderState
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"payment_order {self.number}",
                OrderState.CANCELLED,
                before=self.before,
                detail=self.because,
            ),
        )


@dataclass(frozen=True)
class BankFileMade(Fact, name="invoicing.bank_file_made"):
    """What the bank gets of an order was written down, once."""

    number: str
    file_name: str
    control_sum: Money
    payments: int
    sha256: str

    def changes(self) -> tuple[Change, ...]:
        """Show what it comes to; its seal is known only once it is made."""
        return (
            Change(
                Kind.MESSAGE,
                f"bank_file {self.file_name}",
                str(self.control_sum),
                detail=f"{self.payments} ×",
                note=f"sha256 {self.sha256[:16]}…",
            ),
        )


@dataclass(frozen=True)
class PrioritySet(Fact, name="invoicing.payment_priority_set"):
    """A supplier is paid earlier or later than before, when there is not enough for all."""

    party_number: str
    party: str
    before: int
    after: int

    def changes(self) -> tuple[Change, ...]:
        """Show both."""
        return (
            Change(
                Kind.RECORD,
                f"supplier {self.party_number}",
                str(self.after),
                before=str(self.before),
                measure="payment_priority",
                detail=self.party,
            ),
        )


def _of_lines(lines: tuple[OrderedLine, ...]) -> tuple[Change, ...]:
    return tuple(change for line in lines for change in line.changes())
