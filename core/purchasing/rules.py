"""What an order line is worth, how much of it may still come or be billed, and what matches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.catalog import Item
from core.kernel.money import Money, plain
from core.purchasing.errors import (
    BillDoesNotMatch,
    DiscountOutOfRange,
    EmptyOrder,
    LeadTimeOutOfRange,
    OverBilling,
    OverReceipt,
    TooManyLines,
    UnknownPosition,
)
from core.purchasing.tables import OrderState, PurchaseOrder, PurchaseOrderLine

LINES_MAX = 500
LEAD_TIME_DAYS_MAX = 730
# How much more than ordered may come, and how far a bill may be off before somebody is asked.
RECEIPT_TOLERANCE_PERCENT = Decimal(0)
BILL_TOLERANCE_PERCENT = Decimal(2)


@dataclass(frozen=True)
class OrderLineDraft:
    """What to order; without a price it is the supplier's offer that counts."""

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)


def require_orderable(lines: Sequence[OrderLineDraft]) -> None:
    """Refuse an order without lines, with too many, or with a discount that makes no sense."""
    if not lines:
        raise EmptyOrder
    if len(lines) > LINES_MAX:
        raise TooManyLines(lines=len(lines), most=LINES_MAX)
    for line in lines:
        if not 0 <= line.discount_percent <= 100:  # noqa: PLR2004
            raise DiscountOutOfRange(percent=plain(line.discount_percent))


def require_lead_time(days: int) -> None:
    """Refuse a lead time that can only be a mistake."""
    if not 0 <= days <= LEAD_TIME_DAYS_MAX:
        raise LeadTimeOutOfRange(days=days, most=LEAD_TIME_DAYS_MAX)


def receivable_quantity(
    ordered: Decimal,
    received: Decimal,
    *,
    tolerance_percent: Decimal = RECEIPT_TOLERANCE_PERCENT,
) -> Decimal:
    """Return how much of a line may still come."""
    return max(Decimal(0), ordered * (100 + tolerance_percent) / 100 - received)


def state_after(lines: Sequence[PurchaseOrderLine]) -> OrderState:
    """Return the state of an order by what of it has come."""
    if all(line.received_quantity >= line.quantity for line in lines):
        return OrderState.RECEIVED
    if any(line.received_quantity for line in lines):
        return OrderState.PARTLY_RECEIVED
    return OrderState.PLACED


def chosen(
    order: PurchaseOrder, quantities: Mapping[int, Decimal] | None, *, usual: Sequence[Decimal]
) -> list[tuple[PurchaseOrderLine, Decimal]]:
    """Return the lines that are meant, with their quantities: by position, or what is usual."""
    if quantities is None:
        both = zip(order.lines, usual, strict=True)
        return [(line, quantity) for line, quantity in both if quantity > 0]
    by_position = {line.position: line for line in order.lines}
    for position in quantities:
        if position not in by_position:
            known = ", ".join(map(str, by_position))
            raise UnknownPosition(number=order.number, position=position, positions=known)
    return [(by_position[position], quantities[position]) for position in sorted(quantities)]


def require_receivable(order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal) -> None:
    """Refuse more than is still to come."""
    receivable = receivable_quantity(line.quantity, line.received_quantity)
    if quantity > receivable:
        raise OverReceipt(
            sku=line.item.sku,
            number=order.number,
            receivable=plain(receivable),
            quantity=plain(quantity),
        )


def require_billable(order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal) -> None:
    """Refuse to be billed for more than has come."""
    billable = line.received_quantity - line.billed_quantity
    if quantity > billable:
        raise OverBilling(
            sku=line.item.sku,
            number=order.number,
            billable=plain(billable),
            quantity=plain(quantity),
        )


def difference_within_tolerance(billed: Money, expected: Money) -> bool:
    """Tell whether a bill is near enough to what order and receipt say."""
    allowed = expected.times(BILL_TOLERANCE_PERCENT / 100)
    return abs(billed.minor - expected.minor) <= allowed.minor


def require_match(order: PurchaseOrder, *, billed: Money, expected: Money, accepted: bool) -> Money:
    """Return by how much a bill differs; refuse a difference too large that nobody accepted."""
    difference = billed - expected
    if not accepted and not difference_within_tolerance(billed, expected):
        raise BillDoesNotMatch(
            number=order.number, billed=billed, expected=expected, difference=difference
        )
    return difference
