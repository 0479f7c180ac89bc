"""The arithmetic of stock; no database, no clock."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from core.catalog import Item, ItemKind
from core.inventory.errors import (
    NotStocked,
    QuantityNotPositive,
    QuantityTooFine,
    QuantityTooLarge,
    TargetBelowMinimum,
)
from core.kernel.money import QUANTITY_DIGITS, QUANTITY_MAX, Rounding, plain, rounded

Place = TypeVar("Place")


def require_movable(item: Item, quantity: Decimal) -> None:
    """Refuse a quantity that nobody can carry, and an item that lies on no shelf."""
    if item.kind is not ItemKind.STOCKED:
        raise NotStocked(sku=item.sku)
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


def value_at_average(
    quantity: Decimal, *, on_hand: Decimal, value_minor: int, rounding: Rounding = Rounding.HALF_UP
) -> int:
    """Return what a quantity is worth at the moving average of what is there."""
    assert on_hand > 0, "an empty shelf has no average"
    return int(rounded(value_minor * quantity / on_hand, 0, rounding))


def value_of_issue(
    quantity: Decimal, *, on_hand: Decimal, value_minor: int, rounding: Rounding = Rounding.HALF_UP
) -> int:
    """Return the moving-average value of what leaves; the last unit takes what is left.

    So rounding never leaves a value on an empty shelf.
    """
    assert 0 < quantity <= on_hand, "only what is there can leave"
    if quantity == on_hand:
        return value_minor
    return value_at_average(quantity, on_hand=on_hand, value_minor=value_minor, rounding=rounding)


def value_of_return(quantity: Decimal, *, on_hand: Decimal, value_minor: int, original: int) -> int:
    """Return the value of goods that go back at their original value, as far as there is one.

    The stock is never worth less than nothing, and an empty shelf is worth nothing.
    """
    assert 0 < quantity <= on_hand, "only what is there can go back"
    return value_minor if quantity == on_hand else min(original, value_minor)


def spread(
    quantity: Decimal, places: Sequence[tuple[Place, Decimal]]
) -> tuple[list[tuple[Place, Decimal]], Decimal]:
    """Take a quantity from places in their order; return the parts, and what none of them has."""
    left, parts = quantity, []
    for place, available in places:
        part = min(left, max(available, Decimal(0)))
        if part > 0:
            parts.append((place, part))
            left -= part
    return parts, left
