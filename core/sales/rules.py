"""What an order line is worth, how much of it may still go out, and how far we trust."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.catalog import Item
from core.kernel.money import Money, plain
from core.sales.errors import (
    CreditLimitExceeded,
    DiscountOutOfRange,
    EmptyOrder,
    OverDelivery,
    TooManyLines,
    UnknownPosition,
)
from core.sales.tables import OrderState, SalesOrder, SalesOrderLine

LINES_MAX = 500
# How many days we usually need, where nothing else is promised.
DELIVERY_DAYS = 7


@dataclass(frozen=True)
class OrderLineDraft:
    """What to sell; without a price it is the customer's price list that counts."""

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)


def require_sellable(lines: Sequence[OrderLineDraft]) -> None:
    """Refuse an order without lines, with too many, or with a discount that makes no sense."""
    if not lines:
        raise EmptyOrder
    if len(lines) > LINES_MAX:
        raise TooManyLines(lines=len(lines), most=LINES_MAX)
    for line in lines:
        if not 0 <= line.discount_percent <= 100:  # noqa: PLR2004
            raise DiscountOutOfRange(percent=plain(line.discount_percent))


def require_credit(customer: str, *, exposure: Money, limit: Money | None) -> None:
    """Refuse to be owed more than the limit; where none is set none is checked."""
    if limit is not None and limit < exposure:
        raise CreditLimitExceeded(
            customer=customer, limit=limit, exposure=exposure, excess=exposure - limit
        )


def state_after(lines: Sequence[SalesOrderLine]) -> OrderState:
    """Return the state of an order by what of it has left."""
    if all(line.delivered_quantity >= line.quantity for line in lines):
        return OrderState.DELIVERED
    if any(line.delivered_quantity for line in lines):
        return OrderState.PARTLY_DELIVERED
    return OrderState.CONFIRMED


def chosen(
    order: SalesOrder, quantities: Mapping[int, Decimal]
) -> list[tuple[SalesOrderLine, Decimal]]:
    """Return the lines that are meant by their positions, with their quantities."""
    by_position = {line.position: line for line in order.lines}
    for position in quantities:
        if position not in by_position:
            known = ", ".join(map(str, by_position))
            raise UnknownPosition(number=order.number, position=position, positions=known)
    return [(by_position[position], quantities[position]) for position in sorted(quantities)]


def require_deliverable(order: SalesOrder, line: SalesOrderLine, quantity: Decimal) -> None:
    """Refuse more than was ordered."""
    deliverable = line.quantity - line.delivered_quantity
    if quantity > deliverable:
        raise OverDelivery(
            sku=line.item.sku,
            number=order.number,
            deliverable=plain(deliverable),
            quantity=plain(quantity),
        )


def to_take_back(line: SalesOrderLine, returned: Decimal) -> Decimal:
    """Return how much of a line must be credited when a quantity of it comes back."""
    return max(Decimal(0), line.invoiced_quantity - (line.delivered_quantity - returned))
