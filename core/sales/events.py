"""What sales tells the rest of the house."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money, plain


@dataclass(frozen=True)
class SoldLine:
    """A line of a new order, and how much of it no stock could be promised to."""

    sku: str
    called: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    net: Money
    short: Decimal
    # "5 carton" where it was ordered so, "2 × SET-01" of a kit, "SPRING" of a promotion, and the
    # promotions that would have gone below cost.
    ordered_as: str = ""
    kit: str = ""
    promotions: str = ""
    held: str = ""

    @property
    def terms(self) -> str:
        """What was agreed, as data."""
        discount = f" −{plain(self.discount_percent)}%" if self.discount_percent else ""
        ordered = f"{self.ordered_as} = " if self.ordered_as else ""
        said = f"{ordered}{plain(self.quantity)} × {self.sku} @ {plain(self.unit_price)}{discount}"
        extra = ", ".join(each for each in (self.kit, self.promotions) if each)
        return f"{said} [{extra}]" if extra else said


@dataclass(frozen=True)
class MovedLine:
    """A quantity of an item that left, came back, or is no longer wanted."""

    sku: str
    called: str
    quantity: Decimal


@dataclass(frozen=True)
class Exposure:
    """What a customer owes us or will owe us by its orders, against what it may."""

    customer: str
    before: Money
    after: Money
    limit: Money | None

    def change(self) -> Change:
        """Show both levels, and the limit."""
        return Change(
            Kind.EXPOSURE,
            self.customer,
            str(self.after),
            before=str(self.before),
            measure="exposure",
            detail="" if self.limit is None else f"≤ {self.limit}",
        )


def goods_of(lines: Iterable[MovedLine]) -> str:
    """Say quantities of items, as data."""
    return ", ".join(f"{plain(line.quantity)} × {line.sku}" for line in lines)


@dataclass(frozen=True)
class CanGo:
    """When what is missing of an order can go, and what brings it; no day: nobody does."""

    on: str
    in_days: int
    because: str

    def change(self, promised_in_days: int) -> Change:
        """Show the day, beside the one that was promised where that is earlier."""
        if not self.on:
            return Change(Kind.RECORD, "sales_order", "nobody_brings_it", measure="can_go")
        is_late = promised_in_days < self.in_days
        return Change(
            Kind.RECORD,
            "sales_order",
            f"{self.in_days} d",
            before=f"{promised_in_days} d" if is_late else None,
            measure="can_go_only" if is_late else "can_go",
            detail=self.because,
            note=self.on,
        )


@dataclass(frozen=True)
class OrderConfirmed(Fact, name="sales.order_confirmed"):
    """We promised to deliver at agreed prices."""

    number: str
    customer: str
    lines: tuple[SoldLine, ...]
    net: Money
    total: Money
    exposure: Exposure
    promised_on: str
    promised_in_days: int
    # What was agreed beyond the usual.
    terms: tuple[str, ...] = ()
    # Why it waits for somebody to release it.
    held: str = ""
    # When what is missing can go, where somebody asked.
    can_go: CanGo | None = None
    # What the total is worth in the company's currency, where the order is in another.
    worth: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that were sold, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the order, what is missing for it, and what the customer owes us with it."""
        agreed = ", ".join(line.terms for line in self.lines)
        tax = self.total - self.net
        gross = f" + {tax} = {self.total}" if tax.minor else ""
        worth = f" ≙ {self.worth}" if self.worth is not None else ""
        detail = f"{agreed} = {self.net}{gross}{worth}"
        detail += f" · {self.customer} · {self.promised_in_days} d"
        detail = " · ".join((detail, *self.terms))
        state = self.held and "on_hold"
        document = Change(
            Kind.DOCUMENT, "sales_order", state or "new", detail=detail, note=self.promised_on
        )
        if self.held:
            why = Change(Kind.RECORD, self.customer, self.held, measure="hold_reason")
            return (document, self.exposure.change(), why)
        short = [
            Change(Kind.RECORD, f"{line.sku} {line.called}", plain(line.short), measure="short")
            for line in self.lines
            if line.short
        ]
        held = [
            Change(Kind.RECORD, f"{line.sku} {line.called}", line.held, measure="kept_above_cost")
            for line in self.lines
            if line.held
        ]
        goes = [self.can_go.change(self.promised_in_days)] if self.can_go else []
        return (document, self.exposure.change(), *short, *goes, *held)

    def amount(self) -> Money:
        """Answer for the whole order, tax included, as it is worth."""
        return self.worth or self.total

    def new_number(self) -> str:
        """Return the number of the order."""
        return self.number

    def decided_as(self) -> DecisionKind:
        """Tell that it is a sales order."""
        return DecisionKind.SALES_ORDER


@dataclass(frozen=True)
class OrderDelivered(Fact, name="sales.order_delivered"):
    """Goods of an order have left."""

    number: str
    delivery: str
    customer: str
    lines: tuple[MovedLine, ...]
    before: str
    after: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that left, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the delivery, and what becomes of the order."""
        subject = f"sales_order {self.number}"
        detail = f"{goods_of(self.lines)} · {self.customer}"
        document = Change(Kind.DOCUMENT, "delivery", "new", detail=detail)
        if self.before == self.after:
            return (document,)
        return (document, Change(Kind.DOCUMENT, subject, self.after, before=self.before))

    def new_number(self) -> str:
        """Return the number of the delivery."""
        return self.delivery


@dataclass(frozen=True)
class OrderInvoiced(Fact, name="sales.order_invoiced"):
    """What left of an order was invoiced, or credited; the invoice tells the rest."""

    number: str
    invoice: str
    invoiced_before: Decimal
    invoiced: Decimal
    ordered: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show how much of the order is invoiced."""
        before, after = (
            f"{plain(quantity)} / {plain(self.ordered)}"
            for quantity in (self.invoiced_before, self.invoiced)
        )
        subject = f"sales_order {self.number}"
        return (Change(Kind.DOCUMENT, subject, after, before=before, measure="invoiced"),)


@dataclass(frozen=True)
class RevenueDeferred(Fact, name="sales.revenue_deferred"):
    """What of an order is invoiced and not earned yet became more or less."""

    number: str
    customer: str
    before: Money
    after: Money

    def changes(self) -> tuple[Change, ...]:
        """Show how much of the order waits for its delivery; the entry tells the accounts."""
        subject = f"sales_order {self.number}"
        before, after = str(self.before), str(self.after)
        return (Change(Kind.RECORD, subject, after, before=before, measure="deferred_revenue"),)


@dataclass(frozen=True)
class DeliveryReturned(Fact, name="sales.delivery_returned"):
    """Goods came back, and are to be delivered again unless the order is cancelled."""

    number: str
    delivery: str
    returned_by: str
    customer: str
    lines: tuple[MovedLine, ...]
    credit_notes: tuple[str, ...]
    before: str
    after: str
    because: str
    # Nothing of the delivery is left at the customer.
    whole: bool = True

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that came back, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the return, and what becomes of delivery and order."""
        order, delivery = f"sales_order {self.number}", f"delivery {self.delivery}"
        detail = f"−({goods_of(self.lines)}) · {self.customer}"
        state = "returned" if self.whole else "partly_returned"
        told = (
            Change(Kind.DOCUMENT, "delivery", "new", detail=detail),
            Change(Kind.DOCUMENT, delivery, state, before="delivered"),
        )
        if self.before == self.after:
            return told
        return (*told, Change(Kind.DOCUMENT, order, self.after, before=self.before))

    def new_number(self) -> str:
        """Return the number of the return."""
        return self.returned_by


@dataclass(frozen=True)
class OrderCancelled(Fact, name="sales.order_cancelled"):
    """A customer no longer wants what was ordered, or we cannot deliver it."""

    number: str
    customer: str
    lines: tuple[MovedLine, ...]
    exposure: Exposure
    before: str
    because: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that are no longer wanted, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the end of the order, and what the customer owes us without it."""
        subject = f"sales_order {self.number}"
        document = Change(
            Kind.DOCUMENT, subject, "cancelled", before=self.before, detail=self.customer
        )
        return (document, self.exposure.change())


@dataclass(frozen=True)
class AdvanceAsked(Fact, name="sales.advance_asked"):
    """A part of an order is to be paid before it is delivered."""

    number: str
    advance: str
    percent: Decimal
    blocks: bool

    def changes(self) -> tuple[Change, ...]:
        """Show how much, and whether anything leaves before."""
        return (
            Change(
                Kind.DOCUMENT,
                f"sales_order {self.number}",
                "advance_before_delivery" if self.blocks else "advance",
                detail=f"{plain(self.percent)} %",
            ),
        )


@dataclass(frozen=True)
class CreditPolicySet(Fact, name="sales.credit_policy_set"):
    """What becomes of orders beyond a customer's credit was decided."""

    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the policy before and after."""
        return (Change(Kind.RECORD, "credit_policy", self.after, before=self.before),)

    def is_beyond_limits(self) -> bool:
        """Tell that it allows orders without end."""
        return True


@dataclass(frozen=True)
class OrderHeld(Fact, name="sales.order_held"):
    """An order does not go on before somebody releases it."""

    number: str
    customer: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the order that waits."""
        detail = f"{self.customer} · {self.because}"
        return (Change(Kind.DOCUMENT, f"sales_order {self.number}", "on_hold", detail=detail),)


@dataclass(frozen=True)
class OrderReleased(Fact, name="sales.order_released"):
    """Somebody let an order go on; what it was held for is what they answer for."""

    number: str
    customer: str
    reason: str
    lines: tuple[MovedLine, ...]
    total: Money
    exposure: Exposure
    before: str
    after: str
    because: str
    # What the total is worth in the company's currency, where the order is in another.
    worth: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that are promised now, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the order that goes on, why it waited, and what the customer owes us with it."""
        order = Change(
            Kind.DOCUMENT,
            f"sales_order {self.number}",
            self.after,
            before="on_hold",
            detail=f"{goods_of(self.lines)} = {self.total} · {self.customer}",
        )
        why = Change(Kind.RECORD, self.customer, self.reason, measure="hold_reason")
        return (order, self.exposure.change(), why)

    def amount(self) -> Money:
        """Answer for the whole order, as it is worth."""
        return self.worth or self.total

    def decided_as(self) -> DecisionKind:
        """Tell that a customer is trusted beyond its credit."""
        return DecisionKind.CREDIT_RELEASE


@dataclass(frozen=True)
class MilestoneReached(Fact, name="sales.milestone_reached"):
    """A part of an order may be invoiced now."""

    number: str
    milestone: str
    percent: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show what was reached."""
        subject, detail = f"sales_order {self.number}", f"{plain(self.percent)} %"
        said = Change(
            Kind.DOCUMENT, subject, self.milestone, measure="milestone_reached", detail=detail
        )
        return (said,)


@dataclass(frozen=True)
class OrderChanged(Fact, name="sales.order_changed"):
    """What was agreed on an order is something else now."""

    number: str
    customer: str
    # What changed, what it was, and what it is.
    terms: tuple[tuple[str, str, str], ...]
    before: Money
    after: Money
    exposure: Exposure
    lines: tuple[MovedLine, ...]
    held: str = ""
    # What it comes to in the company's currency, where the order is in another.
    worth: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """The items whose lines changed, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show every difference, and what the order comes to before and after."""
        subject = f"sales_order {self.number}"
        told = [
            Change(Kind.DOCUMENT, subject, after, before=before, measure=what)
            for what, before, after in self.terms
        ]
        total = Change(
            Kind.DOCUMENT,
            subject,
            str(self.after),
            before=str(self.before),
            measure="total",
            detail=self.customer,
        )
        held = [Change(Kind.DOCUMENT, subject, self.held, measure="hold_reason")]
        return (*told, total, *(held if self.held else ()), self.exposure.change())

    def amount(self) -> Money:
        """Answer for the order as it is now, as it is worth."""
        return self.worth or self.after

    def decided_as(self) -> DecisionKind:
        """Tell that it is a sales order."""
        return DecisionKind.SALES_ORDER
