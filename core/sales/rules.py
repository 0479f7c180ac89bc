"""What an order line is worth, how much of it may still go out, and how far we trust."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import catalog
from core.catalog import Item
from core.inventory import Location
from core.kernel.money import Money, plain, rounded
from core.sales.errors import (
    CreditLimitExceeded,
    DiscountOutOfRange,
    EmptyOrder,
    MilestonesNotWhole,
    MilestonesWithoutPolicy,
    MilestoneWithoutDay,
    OverDelivery,
    TooManyLines,
    UnknownPosition,
)
from core.sales.tables import (
    InvoicePolicy,
    Milestone,
    MilestoneWhen,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)

HUNDRED = Decimal(100)
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
    # A supplier sends it to the customer; it never lies in our stock.
    drop_shipped: bool = False
    # The unit that it was ordered in, where that is not the item's own.
    unit_code: str | None = None
    unit_quantity: Decimal | None = None
    # The kit that it belongs to, and how many of that.
    kit: Item | None = None
    kit_quantity: Decimal | None = None


@dataclass(frozen=True)
class MilestoneDraft:
    """A part of an order that is invoiced when something has happened."""

    name: str
    percent: Decimal
    due_when: MilestoneWhen
    due_on: date | None = None


@dataclass(frozen=True)
class OrderTerms:
    """What was agreed on an order beyond its lines; what is not said is the usual."""

    # Off every line, whatever else is off it.
    discount_percent: Decimal = Decimal(0)
    invoice_policy: InvoicePolicy = InvoicePolicy.ON_DELIVERY
    milestones: tuple[MilestoneDraft, ...] = ()
    ships_complete: bool = False
    location: Location | None = None
    requested_on: date | None = None
    incoterm: str | None = None
    notes: str | None = None
    # None: what the customer buys in.
    currency: str | None = None
    quotation_id: uuid.UUID | None = None


USUAL = OrderTerms()
# What is invoiced of these is what has left.
INVOICED_AFTER = frozenset({InvoicePolicy.ON_DELIVERY, InvoicePolicy.WITH_DELIVERY})


@dataclass(frozen=True)
class Outlook:
    """When all that is missing of an order can go, and what brings it; no day: nobody does."""

    on: date | None
    because: str


# Asked about an order once its stock is reserved, with how much of which lines is missing.
Promising = Callable[[SalesOrder, Mapping[uuid.UUID, Decimal]], Outlook]


def require_sellable(
    lines: Sequence[OrderLineDraft], *, discount_percent: Decimal = Decimal(0)
) -> None:
    """Refuse an order without lines, with too many, or with a discount that makes no sense."""
    if not lines:
        raise EmptyOrder
    if len(lines) > LINES_MAX:
        raise TooManyLines(lines=len(lines), most=LINES_MAX)
    for percent in (discount_percent, *(line.discount_percent for line in lines)):
        if not 0 <= percent <= HUNDRED:
            raise DiscountOutOfRange(percent=plain(percent))


def whole_discount(percent: Decimal, of_order: Decimal) -> Decimal:
    """Return what is off a line in all, where its order has a discount as well."""
    return HUNDRED - (HUNDRED - percent) * (HUNDRED - of_order) / HUNDRED


def net_of(quantity: Decimal, price: Decimal, percent: Decimal, of_order: Decimal) -> Decimal:
    """Return the exact net amount of a line, its discount and that of the order taken off."""
    return catalog.net_amount(quantity, price, whole_discount(percent, of_order))


def require_milestones(policy: InvoicePolicy, milestones: Sequence[MilestoneDraft]) -> None:
    """Refuse milestones that are not the whole order, and those of an order without any."""
    if (policy is InvoicePolicy.MILESTONES) != bool(milestones):
        raise MilestonesWithoutPolicy
    if any(not 0 < each.percent <= HUNDRED for each in milestones) or (
        milestones and sum(each.percent for each in milestones) != HUNDRED
    ):
        percents = " + ".join(plain(each.percent) for each in milestones)
        raise MilestonesNotWhole(percents=percents)
    for each in milestones:
        if (each.due_when is MilestoneWhen.ON_DAY) != (each.due_on is not None):
            raise MilestoneWithoutDay(name=each.name)


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


def may_be_invoiced(line: SalesOrderLine) -> Decimal:
    """Return up to which quantity a line may be invoiced: what left, or all that was ordered."""
    whole = line.quantity if line.invoiced_ahead else line.delivered_quantity
    return whole - line.returned_quantity


def to_take_back(line: SalesOrderLine) -> Decimal:
    """Return how much of a line is invoiced beyond what may be, and must be credited."""
    return max(Decimal(0), line.invoiced_quantity - may_be_invoiced(line))


def ahead_of_delivery(line: SalesOrderLine) -> Decimal:
    """Return how much of a line is invoiced and still to leave.

    What came back for good and is not credited yet neither leaves again nor is deferred.
    """
    kept = line.delivered_quantity - line.returned_quantity
    return max(Decimal(0), min(line.invoiced_quantity, may_be_invoiced(line)) - kept)


@dataclass(frozen=True)
class Kept:
    """What an order line is worth without what came back for good."""

    id: uuid.UUID
    net_amount: Decimal


def is_reached(milestone: Milestone, state: OrderState, today: date) -> bool:
    """Tell whether what a milestone waits for has happened."""
    match milestone.due_when:
        case MilestoneWhen.ON_ORDER:
            return True
        case MilestoneWhen.ON_DELIVERY:
            return state is OrderState.DELIVERED
        case MilestoneWhen.ON_DAY:
            return milestone.due_on is not None and milestone.due_on <= today
        case MilestoneWhen.REACHED:
            return milestone.reached_on is not None


def part_reached(quantity: Decimal, percent: Decimal) -> Decimal:
    """Return so many percent of a quantity; all of it once the milestones are the whole."""
    return quantity if percent == HUNDRED else rounded(quantity * percent / HUNDRED, 6)


def part_of_cost(cost_minor: int, *, whole: Decimal, gone: Decimal, quantity: Decimal) -> int:
    """Return the cost of a part that comes back; the parts add up to the whole."""
    return _share(cost_minor, whole, gone + quantity) - _share(cost_minor, whole, gone)


def _share(minor: int, whole: Decimal, part: Decimal) -> int:
    return int(rounded(minor * part / whole, 0))
