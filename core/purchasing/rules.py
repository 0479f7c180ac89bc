"""What an order line is worth, how much of it may still come or be billed, and what matches."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.catalog import Item, ItemKind
from core.kernel.money import Money, plain
from core.purchasing.errors import (
    DiscountOutOfRange,
    EmptyOrder,
    KitIsNotBought,
    LeadTimeOutOfRange,
    OverBilling,
    OverReceipt,
    ToleranceOutOfRange,
    TooManyLines,
    UnknownPosition,
)
from core.purchasing.tables import (
    DifferenceTo,
    Match,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierOffer,
)

LINES_MAX = 500
LEAD_TIME_DAYS_MAX = 730
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class OrderLineDraft:
    """What to order; without a price it is the supplier's offer that counts.

    It may be for the line of a document in a room above, which is known by its id and number.
    """

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    pegged_line_id: uuid.UUID | None = None
    pegged_to: str | None = None
    # How the quantity was said, where it was another unit than the item's own.
    unit_code: str | None = None
    unit_quantity: Decimal | None = None


@dataclass(frozen=True)
class Tolerance:
    """What we let pass: of the price and the quantity of a bill, and of what comes.

    A price may be off by `price_percent` and, where it is given, by no more than `price_amount`.
    """

    price_percent: Decimal = Decimal(2)
    price_amount: Money | None = None
    billed_percent: Decimal = Decimal(0)
    over_percent: Decimal = Decimal(0)
    under_percent: Decimal = Decimal(0)
    difference_to: DifferenceTo = DifferenceTo.VARIANCE

    def passes(self, difference: Money, expected: Money) -> bool:
        """Tell whether a bill is near enough to what order and receipt say."""
        off, amount = abs(difference.minor), self.price_amount
        within = off <= expected.times(self.price_percent / HUNDRED).minor
        return within and (amount is None or off <= amount.minor)


def require_orderable(lines: Sequence[OrderLineDraft]) -> None:
    """Refuse an order without lines, with too many, or with a discount that makes no sense."""
    if not lines:
        raise EmptyOrder
    if len(lines) > LINES_MAX:
        raise TooManyLines(lines=len(lines), most=LINES_MAX)
    for line in lines:
        if line.item.kind is ItemKind.KIT:
            raise KitIsNotBought(sku=line.item.sku)
        if not 0 <= line.discount_percent <= 100:  # noqa: PLR2004
            raise DiscountOutOfRange(percent=plain(line.discount_percent))


def require_lead_time(days: int) -> None:
    """Refuse a lead time that can only be a mistake."""
    if not 0 <= days <= LEAD_TIME_DAYS_MAX:
        raise LeadTimeOutOfRange(days=days, most=LEAD_TIME_DAYS_MAX)


def require_tolerance(tolerance: Tolerance) -> None:
    """Refuse percentages that make no sense."""
    for percent in (
        tolerance.price_percent,
        tolerance.billed_percent,
        tolerance.over_percent,
        tolerance.under_percent,
    ):
        if not 0 <= percent <= HUNDRED:
            raise ToleranceOutOfRange(percent=plain(percent))
    if tolerance.price_amount is not None and tolerance.price_amount.minor < 0:
        raise ToleranceOutOfRange(percent=str(tolerance.price_amount))


def rounded_up(quantity: Decimal, multiple: Decimal | None) -> Decimal:
    """Return the least quantity that is a whole number of multiples and not less."""
    if multiple is None or quantity % multiple == 0:
        return quantity
    return (quantity // multiple + 1) * multiple


def stands(offer: SupplierOffer, day: date) -> bool:
    """Tell whether an offer is valid on a day."""
    begun = offer.valid_from is None or offer.valid_from <= day
    return begun and (offer.valid_until is None or day <= offer.valid_until)


def fitting(offers: Iterable[SupplierOffer], quantity: Decimal, day: date) -> list[SupplierOffer]:
    """Return the offers by which exactly a quantity can be bought on a day."""
    return [
        offer
        for offer in offers
        if stands(offer, day)
        and offer.minimum_quantity <= quantity
        and (offer.order_multiple is None or quantity % offer.order_multiple == 0)
    ]


def receivable_quantity(
    ordered: Decimal, received: Decimal, *, tolerance_percent: Decimal = Decimal(0)
) -> Decimal:
    """Return how much of a line may still come."""
    return max(Decimal(0), ordered * (HUNDRED + tolerance_percent) / HUNDRED - received)


def still_to_come(line: PurchaseOrderLine) -> Decimal:
    """Return how much of a line was ordered and has not come; nothing where more has."""
    return max(Decimal(0), line.quantity - line.received_quantity)


def billable_quantity(line: PurchaseOrderLine) -> Decimal:
    """Return how much of a line has come and is not billed; negative: billed and gone back."""
    return line.received_quantity - line.billed_quantity - line.written_off_quantity


def value_of_receipt(
    net_amount: Decimal, ordered: Decimal, received: Decimal, quantity: Decimal
) -> tuple[Decimal, bool]:
    """Return what a quantity that comes is worth, exact, and whether it ends its line.

    What ends a line, or goes beyond it, is worth all of it up to there less what came before, so
    that the parts of a line always add up.
    """
    after = received + quantity
    if after >= ordered:
        return net_amount * after / ordered, True
    return net_amount * quantity / ordered, False


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


def require_receivable(
    order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal, tolerance: Tolerance
) -> None:
    """Refuse more than is still to come, with what we let pass."""
    receivable = receivable_quantity(
        line.quantity, line.received_quantity, tolerance_percent=tolerance.over_percent
    )
    if quantity > receivable:
        raise OverReceipt(
            sku=line.item.sku,
            number=order.number,
            receivable=plain(receivable),
            quantity=plain(quantity),
        )


def accepted_of_billed(
    order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal, tolerance: Tolerance
) -> Decimal:
    """Return how much of a billed quantity has come; refuse more beyond than we let pass."""
    billable = billable_quantity(line)
    most = billable * (HUNDRED + tolerance.billed_percent) / HUNDRED
    if billable <= 0 or quantity > most:
        raise OverBilling(
            sku=line.item.sku,
            number=order.number,
            billable=plain(max(billable, Decimal(0))),
            quantity=plain(quantity),
        )
    return min(quantity, billable)


def match_of(*, price: Money, surplus: bool) -> Match:
    """Say how a bill compares: by its quantity first, then by its price."""
    if surplus:
        return Match.QUANTITY_DIFFERENCE
    return Match.PRICE_DIFFERENCE if price.minor else Match.MATCHED
