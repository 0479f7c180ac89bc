"""The arithmetic of invoices and payments; no database, no clock."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.invoicing.tables import Instalment, InvoiceKind, PaymentKind
from core.kernel.money import Money, Rounding
from core.kernel.months import month_end
from core.ledger import Dimensions, Journal
from core.ledger.chart import (
    GOODS_RECEIVED_NOT_BILLED,
    PAYABLE,
    PRICE_VARIANCE,
    RECEIVABLE,
)
from core.ledger.tax import TaxedLine, TaxPart

HUNDRED = Decimal(100)


class Direction(StrEnum):
    """Who owes: a customer owes us, or we owe a supplier."""

    RECEIVABLE = "receivable"
    PAYABLE = "payable"

    @property
    def account(self) -> str:
        """The role of the account that must agree with the open items."""
        return RECEIVABLE if self is Direction.RECEIVABLE else PAYABLE

    @property
    def journal(self) -> Journal:
        """The journal that its documents are entered in."""
        return Journal.SALES if self is Direction.RECEIVABLE else Journal.PURCHASES

    @property
    def invoice(self) -> InvoiceKind:
        """The document that makes somebody owe."""
        return _OWED[self][0]

    @property
    def credit_note(self) -> InvoiceKind:
        """The document that takes it back."""
        return _OWED[self][1]

    @property
    def payment(self) -> PaymentKind:
        """The payment that settles it."""
        return _PAID[self]


_OWED = {
    Direction.RECEIVABLE: (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE),
    Direction.PAYABLE: (InvoiceKind.SUPPLIER_BILL, InvoiceKind.SUPPLIER_CREDIT_NOTE),
}
_PAID = {
    Direction.RECEIVABLE: PaymentKind.CUSTOMER_PAYMENT,
    Direction.PAYABLE: PaymentKind.SUPPLIER_PAYMENT,
}
SERIES = {
    InvoiceKind.CUSTOMER_INVOICE: "INV",
    InvoiceKind.CUSTOMER_CREDIT_NOTE: "CN",
    InvoiceKind.SUPPLIER_BILL: "BILL",
    InvoiceKind.SUPPLIER_CREDIT_NOTE: "SCN",
}
PAYMENT_SERIES = {PaymentKind.CUSTOMER_PAYMENT: "RCT", PaymentKind.SUPPLIER_PAYMENT: "PAY"}


@dataclass(frozen=True)
class InvoiceDraftLine:
    """What a line of an invoice says, before it is added up.

    `account` is a role of the chart or a code. `tax_code` names one tax code, or several: "A+B".
    `net` is given where it does not follow from quantity and price: a bill that is booked at the
    price of the order, and the difference. It is the price of the line: tax in it is taken out.
    `taxes` are given where they are those of an earlier document, whatever the codes say by now.
    """

    item_id: uuid.UUID | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_code: str | None
    account: str
    order_line_id: uuid.UUID | None = None
    net: Money | None = None
    dimensions: Dimensions = ()
    taxes: tuple[TaxPart, ...] | None = None
    # What it is worth in the books, where that is not what its document's rate says: goods that
    # came at the rate of their day, an advance at the rate of its own.
    worth: Money | None = None
    # Its share of a discount of the whole document, where that is known already.
    discount: Money | None = None
    # Which line of its document it takes back, and how much of it: nothing, where it is an amount.
    credits: tuple[int, Decimal] | None = None
    # The order whose advance it charges, deducts or takes back.
    advance_order: str | None = None


@dataclass(frozen=True)
class PricedLine:
    """A line with its amount before tax, its tax, and its share of the document's discount."""

    draft: InvoiceDraftLine
    net: Money
    taxes: tuple[TaxPart, ...]
    tax: Money
    discount: Money
    # What it is worth in the books, where its document is in another currency.
    worth: Money | None = None


def direction_of(kind: InvoiceKind | PaymentKind) -> Direction:
    """Return who owes by a document of this kind."""
    return Direction.RECEIVABLE if kind.startswith("customer") else Direction.PAYABLE


def takes_back(kind: InvoiceKind) -> bool:
    """Tell whether a document takes back what another one charged."""
    return kind in {InvoiceKind.CUSTOMER_CREDIT_NOTE, InvoiceKind.SUPPLIER_CREDIT_NOTE}


def net_of(
    quantity: Decimal,
    unit_price: Decimal,
    discount_percent: Decimal,
    currency: str,
    rounding: Rounding,
) -> Money:
    """Return the net amount of a line, rounded once."""
    exact = quantity * unit_price * (HUNDRED - discount_percent) / HUNDRED
    return Money.rounding(exact, currency, rounding)


def price_of(line: InvoiceDraftLine, currency: str, rounding: Rounding) -> Money:
    """Return what a line costs as its price is said, before any discount of the document."""
    if line.net is not None:
        return line.net
    return net_of(line.quantity, line.unit_price, line.discount_percent, currency, rounding)


def cost_account(account: str) -> str:
    """Return where the tax of a line goes that may not be taken off: to what the line is for.

    What came of an order is valued already; what more it costs is a difference of its price.
    """
    return PRICE_VARIANCE if account == GOODS_RECEIVED_NOT_BILLED else account


def priced(line: InvoiceDraftLine, taxed: TaxedLine, discount: Money) -> PricedLine:
    """Return a line at its amounts."""
    return PricedLine(line, taxed.base, taxed.parts, taxed.tax, discount)


def at_given(line: InvoiceDraftLine, *, sale: bool) -> PricedLine:
    """Return a line at the amounts of an earlier document."""
    assert line.net is not None, "the amount is given"
    assert line.taxes is not None, "its tax is given"
    tax = added_up((part.effect(sale=sale) for part in line.taxes), line.net.currency)
    discount = line.discount or Money(0, line.net.currency)
    return PricedLine(line, line.net, line.taxes, tax, discount)


def added_up(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum; the sum of nothing is zero."""
    return Money(sum(amount.minor for amount in amounts), currency)


def due_after(day: date, days: int, end_of_month: bool = False) -> date:  # noqa: FBT001, FBT002
    """Return the day so many days later, or the last one of its month."""
    due = day + timedelta(days=days)
    return month_end(due) if end_of_month else due


def open_of(amount: int, until: int, paid: int) -> int:
    """Return what is open of an instalment, where payments fill the earliest first."""
    return min(amount, max(until - paid, 0))


def discount_open(parts: Sequence[Instalment], *, paid: int, day: date) -> int:
    """Return what need not be paid of the open instalments of a document, on a day."""
    return sum(
        part.discount_minor
        for part in parts
        # An instalment that was begun without its discount is paid without it.
        if _grants(part, day) and part.until_minor - part.amount_minor >= paid
    )


def discount_taken(parts: Sequence[Instalment], *, paid: int, day: date) -> int:
    """Return what is left of the instalments that a payment settled but for their discounts."""
    taken = allowed = 0
    for part in parts:
        allowed += part.discount_minor if _grants(part, day) else 0
        if 0 < part.until_minor - paid <= allowed:
            taken = part.until_minor - paid
    return taken


def _grants(part: Instalment, day: date) -> bool:
    return part.discount_until is not None and day <= part.discount_until
