"""The arithmetic of ordering again; no database, no clock."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from core.inventory import ReorderMethod
from core.processes.replenishment.positions import Position

_ZERO = Decimal(0)
# What it costs a year to keep goods that are worth a hundred: capital, room, what spoils.
CARRYING_PERCENT = Decimal(20)
_DAYS_OF_YEAR = 365
_BY_NEED = (ReorderMethod.LOT_FOR_LOT, ReorderMethod.ORDER_BY_ORDER)


@dataclass(frozen=True)
class Need:
    """What is missing of an item, and from what that follows."""

    minimum: Decimal
    target: Decimal
    horizon_on: date
    projected: Decimal
    lowest: Decimal
    missing: Decimal

    @property
    def short_by(self) -> Decimal:
        """How much would do to be no longer short, if not to reach the target."""
        floor = min(self.minimum, _ZERO)
        return max(self.minimum - self.projected, floor - self.lowest, _ZERO)


def horizon(
    position: Position, method: ReorderMethod, *, today: date, arrives_on: date, days: int | None
) -> date:
    """Return the day up to which demand and supply count.

    Where nobody said how far to look: until an order would be there, and until all that is on
    its way has come, so that it counts whenever it comes. Where an order is only made for what
    is wanted, all that is wanted counts.
    """
    if days is not None:
        return today + timedelta(days=days)
    known = [each.on for each in position.coming]
    if method in _BY_NEED:
        known += [each.on for each in position.wanted]
    return max([arrives_on, *known])


def need(
    position: Position, *, minimum: Decimal, target: Decimal, arrives_on: date, horizon_on: date
) -> Need:
    """Say what to order so that the target is reached when all has come and gone.

    Ordered is only where less than the minimum would be left; or where somebody would wait in
    between although an order made now would still come in time: then what is missing for that.
    """
    projected = position.projected(horizon_on)
    lowest = position.lowest(min(arrives_on, horizon_on), horizon_on)
    floor = min(minimum, _ZERO)
    missing = _ZERO
    if projected < minimum:
        missing = target - projected
    if lowest < floor:
        missing = max(missing, floor - lowest)
    return Need(minimum, target, horizon_on, projected, lowest, missing)


def order_quantity(missing: Decimal, *, minimum: Decimal, multiple: Decimal | None) -> Decimal:
    """Return the least that a supplier sends which covers what is missing."""
    quantity = max(missing, minimum)
    if not multiple:
        return quantity
    return (quantity / multiple).to_integral_value(rounding=ROUND_CEILING) * multiple


def carrying_cost(
    extra: Decimal, *, unit_price: Decimal, demand_per_day: Decimal
) -> Decimal | None:
    """Return what it costs to keep more than is needed until it is used; None if it never is."""
    if demand_per_day <= 0:
        return None
    days = extra / demand_per_day
    return extra * unit_price * days / 2 * CARRYING_PERCENT / 100 / _DAYS_OF_YEAR
