"""The arithmetic of stock; no database, no clock."""

from decimal import Decimal

from core.catalog import Item, ItemKind
from core.inventory.errors import (
    NotStocked,
    QuantityNotPositive,
    QuantityTooFine,
    QuantityTooLarge,
    TargetBelowMinimum,
    WorthBelowZero,
)
from core.kernel.money import QUANTITY_DIGITS, QUANTITY_MAX, Money, plain, rounded


def require_stocked(item: Item) -> None:
    """Refuse an item that lies on no shelf."""
    if item.kind is not ItemKind.STOCKED:
        raise NotStocked(sku=item.sku)


def require_worth(item: Item, value: Money) -> None:
    """Refuse to value goods at less than nothing."""
    if value.minor < 0:
        raise WorthBelowZero(sku=item.sku, value=value)


def require_movable(item: Item, quantity: Decimal) -> None:
    """Refuse a quantity that nobody can carry, and an item that lies on no shelf."""
    require_stocked(item)
    if not quantity > 0:
        raise QuantityNotPositive(sku=item.sku, quantity=quantity)
    require_exact(item, quantity, unit=item.unit_code, digits=QUANTITY_DIGITS)


def require_exact(item: Item, quantity: Decimal, *, unit: str, digits: int) -> None:
    """Refuse a quantity finer than its unit of measure, or beyond all measure."""
    if abs(quantity) > QUANTITY_MAX:
        raise QuantityTooLarge(sku=item.sku, quantity=quantity)
    if quantity != rounded(quantity, digits):
        raise QuantityTooFine(sku=item.sku, quantity=plain(quantity), unit=unit, digits=digits)


def require_in_order(minimum: Decimal, target: Decimal) -> None:
    """Refuse a reorder rule whose target would leave the item short."""
    if target <= 0 or target < minimum:
        raise TargetBelowMinimum(minimum=plain(minimum), target=plain(target))
