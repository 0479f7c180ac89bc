"""What is told when goods come back by a return that was agreed before."""

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money, plain
from core.sales.events import MovedLine, goods_of


@dataclass(frozen=True)
class ReturnAuthorised(Fact, name="sales.return_authorised"):
    """A customer may send goods back."""

    number: str
    customer: str
    # The delivery that they left with, where one is known.
    delivery: str
    lines: tuple[MovedLine, ...]
    resolution: str
    fee_percent: Decimal
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what may come back, and what the customer gets for it."""
        said = [goods_of(self.lines), self.customer]
        if self.delivery:
            said.append(self.delivery)
        if self.fee_percent:
            said.append(f"−{plain(self.fee_percent)} %")
        detail = " · ".join(said)
        document = Change(Kind.DOCUMENT, "sales_return", "new", detail=detail)
        return (
            document,
            Change(Kind.RECORD, self.customer, self.resolution, measure="resolution"),
        )

    def new_number(self) -> str:
        """Return the number of the return."""
        return self.number


@dataclass(frozen=True)
class ReturnReceived(Fact, name="sales.return_received"):
    """Goods came back by a return, into a warehouse, or to be thrown away."""

    number: str
    received_by: str
    customer: str
    lines: tuple[MovedLine, ...]
    before: str
    after: str
    scrapped: bool

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that came back, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show what came back, and how much of the return that makes."""
        detail = f"{goods_of(self.lines)} · {self.customer}"
        after = self.after
        told = Change(
            Kind.DOCUMENT, f"sales_return {self.number}", after, before=self.before, detail=detail
        )
        if self.scrapped:
            return (told, Change(Kind.RECORD, goods_of(self.lines), "scrapped"))
        return (told,)


@dataclass(frozen=True)
class ReturnCredited(Fact, name="sales.return_credited"):
    """What came back by a return was credited; the credit notes tell the rest."""

    number: str
    customer: str
    credit_notes: tuple[str, ...]
    amount_credited: Money

    def changes(self) -> tuple[Change, ...]:
        """Show how much was credited for the return."""
        said = Change(
            Kind.DOCUMENT,
            f"sales_return {self.number}",
            str(self.amount_credited),
            measure="credited",
            detail=self.customer,
        )
        return (said,)


@dataclass(frozen=True)
class ReturnCancelled(Fact, name="sales.return_cancelled"):
    """Nothing comes back after all."""

    number: str
    customer: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the end of the return."""
        subject = f"sales_return {self.number}"
        said = Change(
            Kind.DOCUMENT, subject, "cancelled", before="authorised", detail=self.customer
        )
        return (said,)
