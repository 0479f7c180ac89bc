"""Whether a quantity is one that the unit of its item can say."""

from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item, Unit
from core.inventory import rules


def require_digits(session: Session, item: Item, quantity: Decimal) -> None:
    """Refuse what nobody can carry, and what is finer than the item's unit."""
    rules.require_movable(item, quantity)
    unit = session.get_one(Unit, item.unit_code)
    rules.require_exact(item, quantity, unit=unit.code, digits=unit.digits)


def require_level(session: Session, item: Item, quantity: Decimal) -> None:
    """Refuse a level that no shelf can have; that there is nothing is one."""
    rules.require_movable(item, quantity or Decimal(1))
    if quantity:
        require_digits(session, item, quantity)
