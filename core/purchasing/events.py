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
    ordered_as: str = ""

    @property
    def terms(self) -> str:
        """What was agreed, as data."""
        discount = f" −{plain(self.discount_percent)}%" if self.discount_percent else ""
        ordered = f"{self.ordered_as} = " if self.ordered_as else ""
        goods = f"{ordered}{plain(self.quantity)} × {self.sku}"
        return f"{goods} @ {plain(self.unit_price)}{discount}"


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
    order_multiple: Decimal | None = None
    valid_in_days: int | None = None
    valid_for_days: int | None = None
    valid: str = ""
    # What `before` was in, where that was another currency.
    before_currency: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the price before and after, and the terms."""
        kept_in = self.before_currency or self.currency
        before = None if self.before is None else f"{plain(self.before)} {kept_in}"
        terms = f"{self.supplier} · ≥ {plain(self.minimum_quantity)} · {self.lead_time_days} d"
        if self.order_multiple is not None:
            terms += f" · n × {plain(self.order_multiple)}"
        if self.valid_in_days is not None:
            terms += f" · ≥ {self.valid_in_days} d"
        if self.valid_for_days is not None:
            terms += f" · ≤ {self.valid_for_days} d"
        after = f"{plain(self.after)} {self.currency}"
        subject = f"supplier_offer {self.sku}"
        return (Change(Kind.RECORD, subject, after, before=before, detail=terms, note=self.valid),)


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
    ship_to: str = ""
    location: str = ""
    # What the total is worth in the company's currency, where the order is in another.
    worth: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that were ordered, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the order, what is on its way, and what it will cost us and when."""
        agreed = ", ".join(line.terms for line in self.lines)
        tax = self.total - self.net
        gross = f" + {tax} = {self.total}" if tax.minor else ""
        worth = f" ≙ {self.worth}" if self.worth is not None else ""
        detail = f"{agreed} = {self.net}{gross}{worth}"
        detail += f" · {self.supplier} · {self.expected_in_days} d"
        if where := self.ship_to or self.location:
            detail += f" → {where}"
        cash = Change(
            Kind.CASH,
            str(self.due_in_days),
            str(self.worth or self.total),
            measure="cash_out",
            note=self.due_on,
        )
        document = Change(
            Kind.DOCUMENT, "purchase_order", "new", detail=detail, note=self.expected_on
        )
        return (document, *_on_order(self.lines), cash)

    def amount(self) -> Money:
        """Answer for the whole order, tax included, as it is worth."""
        return self.worth or self.total

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
    rejected: tuple[str, ...] = ()

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that came, each once."""
        return tuple(dict.fromkeys(line.sku for line in self.lines))

    def changes(self) -> tuple[Change, ...]:
        """Show the receipt, what becomes of the order, and what is still on its way."""
        subject = f"purchase_order {self.number}"
        gone = f" · ✗ {', '.join(self.rejected)}" if self.rejected else ""
        detail = f"{_goods(self.lines)} · {self.supplier}{gone}"
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
    whole: bool = True
    # What was billed of it: the supplier owes us a credit note for that.
    to_credit: tuple[str, ...] = ()

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
            Change(
                Kind.DOCUMENT,
                receipt,
                "returned" if self.whole else "partly_returned",
                before="received",
            ),
            Change(Kind.DOCUMENT, order, self.after, before=self.before),
            *(Change(Kind.DOCUMENT, "credit_expected", each) for each in self.to_credit),
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
    match: str = ""
    held: bool = False

    def changes(self) -> tuple[Change, ...]:
        """Show how much of the order is billed, and what does not match."""
        before, after = (
            f"{plain(quantity)} / {plain(self.ordered)}"
            for quantity in (self.billed_before, self.billed)
        )
        subject = f"purchase_order {self.number}"
        billed = Change(Kind.DOCUMENT, subject, after, before=before, measure="billed")
        if not self.difference.minor:
            return (billed,)
        detail = str(self.difference)
        return (billed, Change(Kind.DOCUMENT, subject, self.match, measure="match", detail=detail))


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


@dataclass(frozen=True)
class OrderChanged(Fact, name="purchasing.order_changed"):
    """An order says something else now; what it said before is kept."""

    number: str
    supplier: str
    version: int
    differences: tuple[str, ...]
    lines: tuple[MovedLine, ...]
    before_state: str
    after_state: str
    before: Money
    after: Money
    because: str
    # What it comes to in the company's currency, where the order is in another.
    worth: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """The items of which more or less is to come now, each once."""
        moved = (line.sku for line in self.lines if line.on_order != line.on_order_before)
        return tuple(dict.fromkeys(moved))

    def changes(self) -> tuple[Change, ...]:
        """Show every difference, what the order comes to, and what is still on its way."""
        subject = f"purchase_order {self.number}"
        said = " · ".join((f"v{self.version}", *self.differences, self.supplier))
        document = Change(
            Kind.DOCUMENT, subject, str(self.after), before=str(self.before), detail=said
        )
        state = Change(Kind.DOCUMENT, subject, self.after_state, before=self.before_state)
        states = (state,) if self.after_state != self.before_state else ()
        return (document, *states, *_on_order(self.lines))

    def amount(self) -> Money | None:
        """Answer for the whole order anew, where it becomes dearer, as it is worth."""
        return (self.worth or self.after) if self.before < self.after else None

    def decided_as(self) -> DecisionKind:
        """Tell that it is a purchase order."""
        return DecisionKind.PURCHASE_ORDER


@dataclass(frozen=True)
class OrderConfirmed(Fact, name="purchasing.order_confirmed"):
    """The supplier says when it will come."""

    number: str
    supplier: str
    positions: tuple[int, ...]
    before_in_days: int
    after_in_days: int
    confirmed_on: str
    confirmed_in_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show the day confirmed, and what becomes of the day expected."""
        places = ", ".join(map(str, self.positions))
        return (
            Change(
                Kind.DOCUMENT,
                f"purchase_order {self.number}",
                f"{self.after_in_days} d",
                before=f"{self.before_in_days} d",
                measure="expected",
                detail=f"{places}: {self.confirmed_in_days} d · {self.supplier}",
                note=self.confirmed_on,
            ),
        )


@dataclass(frozen=True)
class ToleranceSet(Fact, name="purchasing.tolerance_set"):
    """We let pass something else: of a supplier, an item, both, or in general."""

    supplier: str
    sku: str
    before: str | None
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is let pass before and after."""
        whom = " · ".join(each for each in (self.supplier, self.sku) if each)
        subject = f"purchase_tolerance {whom}".strip()
        return (Change(Kind.RECORD, subject, self.after, before=self.before),)

    def is_beyond_limits(self) -> bool:
        """Tell that it lets pass bills of any amount."""
        return True


@dataclass(frozen=True)
class DifferenceApproved(Fact, name="purchasing.difference_approved"):
    """A second person agreed to the difference of a bill: it may be paid."""

    bill: str
    order: str
    supplier: str
    difference: Money
    # In the company's currency.
    worth: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the bill and the difference."""
        return (
            Change(
                Kind.DOCUMENT,
                f"supplier_bill {self.bill}",
                "difference_approved",
                detail=f"{self.order} · {self.difference} · {self.supplier}",
            ),
        )

    def amount(self) -> Money:
        """Answer for the difference, as it is worth."""
        return Money(abs(self.worth.minor), self.worth.currency)

    def decided_as(self) -> DecisionKind:
        """Tell that it is about a bill."""
        return DecisionKind.SUPPLIER_BILL


@dataclass(frozen=True)
class ReceiptsWrittenOff(Fact, name="purchasing.receipts_written_off"):
    """What came and is not billed, or was billed and has not come, is waited for no longer."""

    number: str
    order: str
    supplier: str
    goods: tuple[str, ...]
    value: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the goods, and what they were worth."""
        detail = f"{', '.join(self.goods)} · {self.value} · {self.supplier}"
        order = f"purchase_order {self.order}"
        return (
            Change(Kind.DOCUMENT, "receipt_write_off", "new", detail=detail),
            Change(Kind.DOCUMENT, order, "written_off", measure="unbilled"),
        )

    def amount(self) -> Money:
        """Answer for what is written off."""
        return Money(abs(self.value.minor), self.value.currency)

    def decided_as(self) -> DecisionKind:
        """Tell that it is a write-off."""
        return DecisionKind.WRITE_OFF

    def new_number(self) -> str:
        """Return the number of the write-off."""
        return self.number
