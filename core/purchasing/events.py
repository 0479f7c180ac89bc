"""What purchasing tells the rest of the house."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money, plain


@dataclass(frozen=True)
class OrderedLine:
    """A line of a new order, and how much of its item is on order before and after."""

    sku: str
    called: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    net: Money
    on_order_before: Decimal
    on_order: Decimal

    @property
    def terms(self) -> str:
        """What was agreed, as data."""
        discount = f" −{plain(self.discount_percent)}%" if self.discount_percent else ""
        return f"{plain(self.quantity)} × {self.sku} @ {plain(self.unit_price)}{discount}"


@dataclass(frozen=True)
class MovedLine:
    """A quantity of an item that came, went back, was billed, or is no longer to come."""

    sku: str
    called: str
    quantity: Decimal
    on_order_before: Decimal
    on_order: Decimal


def _on_order(lines: Iterable[OrderedLine | MovedLine]) -> list[Change]:
    return [
        Change(
            Kind.STOCK,
            f"{line.sku} {line.called}",
            plain(line.on_order),
            before=plain(line.on_order_before),
            measure="on_order",
        )
        for line in lines
        if line.on_order != line.on_order_before
    ]


def _goods(lines: Iterable[MovedLine]) -> str:
    return ", ".join(f"{plain(line.quantity)} × {line.sku}" for line in lines)


@dataclass(frozen=True)
class OfferListed(Fact, name="purchasing.offer_listed"):
    """A supplier offers an item at a price; `before` is what they asked so far."""

    sku: str
    supplier: str
    minimum_quantity: Decimal
    lead_time_days: int
    before: Decimal | None
    after: Decimal
    currency: str

    def changes(self) -> tuple[Change, ...]:
        """Show the price before and after, and the terms."""
        before = None if self.before is None else f"{plain(self.before)} {self.currency}"
        terms = f"{self.supplier} · ≥ {plain(self.minimum_quantity)} · {self.lead_time_days} d"
        after = f"{plain(self.after)} {self.currency}"
        subject = f"supplier_offer {self.sku}"
        return (Change(Kind.RECORD, subject, after, before=before, detail=terms),)


@dataclass(frozen=True)
class OrderPlaced(Fact, name="purchasing.order_placed"):
    """We promised to buy, and will have to pay so many days from now."""

    number: str
    supplier: str
    lines: tuple[OrderedLine, ...]
    net: Money
    total: Money
    expected_on: str
    expected_in_days: int
    due_on: str
    due_in_days: int

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that were ordered, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the order, what is on its way, and what it will cost us and when."""
        agreed = ", ".join(line.terms for line in self.lines)
        tax = self.total - self.net
        gross = f" + {tax} = {self.total}" if tax.minor else ""
        detail = f"{agreed} = {self.net}{gross} · {self.supplier} · {self.expected_in_days} d"
        cash = Change(
            Kind.CASH,
            str(self.due_in_days),
            str(self.total),
            measure="cash_out",
            note=self.due_on,
        )
        document = Change(
            Kind.DOCUMENT, "purchase_order", "new", detail=detail, note=self.expected_on
        )
        return (document, *_on_order(self.lines), cash)

    def amount(self) -> Money:
        """Answer for the whole order, tax included."""
        return self.total

    def new_number(self) -> str:
        """Return the number of the order."""
        return self.number

    def decided_as(self) -> DecisionKind:
        """Tell that it is a purchase order."""
        return DecisionKind.PURCHASE_ORDER


@dataclass(frozen=True)
class OrderReceived(Fact, name="purchasing.order_received"):
    """Goods of an order have come."""

    number: str
    receipt: str
    supplier: str
    lines: tuple[MovedLine, ...]
    before: str
    after: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that came, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the receipt, what becomes of the order, and what is still on its way."""
        subject = f"purchase_order {self.number}"
        detail = f"{_goods(self.lines)} · {self.supplier}"
        return (
            Change(Kind.DOCUMENT, "goods_receipt", "new", detail=detail),
            Change(Kind.DOCUMENT, subject, self.after, before=self.before),
            *_on_order(self.lines),
        )

    def new_number(self) -> str:
        """Return the number of the receipt."""
        return self.receipt


@dataclass(frozen=True)
class ReceiptReturned(Fact, name="purchasing.receipt_returned"):
    """Goods went back to the supplier, and are still to come."""

    number: str
    receipt: str
    returned_by: str
    supplier: str
    lines: tuple[MovedLine, ...]
    before: str
    after: str
    because: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that went back, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the return, what becomes of receipt and order, and what is on its way again."""
        order, receipt = f"purchase_order {self.number}", f"goods_receipt {self.receipt}"
        detail = f"−({_goods(self.lines)}) · {self.supplier}"
        return (
            Change(Kind.DOCUMENT, "goods_receipt", "new", detail=detail),
            Change(Kind.DOCUMENT, receipt, "returned", before="received"),
            Change(Kind.DOCUMENT, order, self.after, before=self.before),
            *_on_order(self.lines),
        )

    def new_number(self) -> str:
        """Return the number of the return."""
        return self.returned_by


@dataclass(frozen=True)
class OrderBilled(Fact, name="purchasing.order_billed"):
    """What came of an order was billed, or a bill was taken back; the invoice tells the rest."""

    number: str
    bill: str
    billed_before: Decimal
    billed: Decimal
    ordered: Decimal
    difference: Money

    def changes(self) -> tuple[Change, ...]:
        """Show how much of the order is billed."""
        before, after = (
            f"{plain(quantity)} / {plain(self.ordered)}"
            for quantity in (self.billed_before, self.billed)
        )
        subject = f"purchase_order {self.number}"
        return (Change(Kind.DOCUMENT, subject, after, before=before, measure="billed"),)


@dataclass(frozen=True)
class OrderCancelled(Fact, name="purchasing.order_cancelled"):
    """We no longer want what we ordered."""

    number: str
    supplier: str
    lines: tuple[MovedLine, ...]
    before: str
    because: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that will not come, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the end of the order, and what is no longer on its way."""
        subject = f"purchase_order {self.number}"
        document = Change(
            Kind.DOCUMENT, subject, "cancelled", before=self.before, detail=self.supplier
        )
        return (document, *_on_order(self.lines))


@dataclass(frozen=True)
class AdvanceBooked(Fact, name="purchasing.advance_booked"):
    """A supplier wants a part of an order to be paid before it comes."""

    number: str
    advance: str
    percent: Decimal

    def changes(self) -> tuple[Change, ...]:
        """Show how much of the order it is."""
        return (
            Change(
                Kind.DOCUMENT,
                f"purchase_order {self.number}",
                "advance",
                detail=f"{plain(self.percent)} %",
            ),
        )
