"""What is a quantity, what is a price, and which price applies."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from core.catalog.errors import (
    ItemInactive,
    PriceOutOfRange,
    QuantityNotPositive,
    QuantityTooFine,
    QuantityTooLarge,
)
from core.catalog.tables import Item
from core.kernel.money import QUANTITY_MAX, AmountTooLarge, rounded

# As many decimals as a price for one unit has in the database.
PRICE_DIGITS = 6
PRICE_MAX = Decimal(10) ** 13
# A quantity, a price and a discount at their finest have more digits than Decimal keeps by itself.
_EXACT = 60


@dataclass(frozen=True)
class ItemPrice:
    """What one unit of an item costs on a list, from some quantity up, since some day."""

    unit_price: Decimal
    currency: str
    price_list_code: str
    minimum_quantity: Decimal
    valid_from: date


def require_quantity(item: Item, quantity: Decimal, *, digits: int) -> None:
    """Refuse a quantity that the item's unit cannot express."""
    said = {"sku": item.sku, "quantity": f"{quantity:f}"}
    if quantity <= 0:
        raise QuantityNotPositive(**said)
    if quantity > QUANTITY_MAX:
        raise QuantityTooLarge(**said)
    if _decimals(quantity) > digits:
        raise QuantityTooFine(unit=item.unit_code, digits=digits, **said)


def require_price(item: Item, price: Decimal) -> None:
    """Refuse a price for one unit that can only be a mistake."""
    if not 0 <= price <= PRICE_MAX or _decimals(price) > PRICE_DIGITS:
        raise PriceOutOfRange(sku=item.sku, price=f"{price:f}", digits=PRICE_DIGITS)


def require_active(item: Item) -> None:
    """Refuse new business in an item that is no longer traded."""
    if not item.active:
        raise ItemInactive(sku=item.sku)


def net_amount(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    """Return the exact net amount of a line in major units, to the digits that are kept of it."""
    with localcontext(prec=_EXACT):
        amount = rounded(quantity * unit_price * (100 - discount_percent) / 100, PRICE_DIGITS)
    if amount > PRICE_MAX:
        raise AmountTooLarge(text=f"{amount:f}")
    return amount


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "quantities and prices are finite"
    return max(0, -exponent)
