"""What one can do with units: say how much one is of another, and count in either."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.catalog.rules import PRICE_DIGITS, require_quantity
from core.catalog.service import find_unit, unit_digits
from core.catalog.tables import Item, Trade, Unit
from core.catalog.units import rules
from core.catalog.units.errors import (
    ConversionUnknown,
    NoConversion,
    NotExpressible,
    PriceNotExpressible,
    UnitInUse,
    UnitOfItself,
)
from core.catalog.units.events import ConversionSet, TradeUnitSet
from core.catalog.units.rules import Conversion
from core.catalog.units.tables import UnitConversion
from core.kernel import events
from core.kernel.errors import Both
from core.kernel.money import QUANTITY_DIGITS, plain

_BOUGHT, _SOLD = Both("bought", "采购"), Both("sold", "销售")


def set_conversion(
    session: Session, *, unit: str, quantity: Decimal, of_unit: str, item: Item | None = None
) -> Decimal | None:
    """Say how much of another unit one unit is, for an item or for all.

    Return how much it was so far, if that was of the same unit. Documents remember what they
    counted in: what is ordered already stays as it is.
    """
    counted, inner = find_unit(session, unit), find_unit(session, of_unit)
    _require_countable(item, quantity)
    # Two who say it at once wait for each other: together they make no circle either.
    session.scalars(
        select(Unit).where(Unit.code.in_([counted.code, inner.code])).with_for_update()
    ).all()
    known = conversions_of(session, item)
    others = [each for each in known if each.unit != counted.code or each.own is (item is None)]
    if counted.code in rules.chain(others, inner.code):
        raise UnitOfItself(unit=counted.code, of_unit=inner.code)
    row = _stored(session, counted.code, item)
    before, before_unit = (row.quantity, row.of_unit_code) if row else (None, "")
    if row is None:
        row = UnitConversion(item_id=item.id if item else None, unit_code=counted.code)
        session.add(row)
    row.quantity, row.of_unit_code = quantity, inner.code
    sku = item.sku if item else None
    events.record(
        session, ConversionSet(sku, counted.code, inner.code, before, quantity, before_unit)
    )
    session.flush()
    return before if before_unit == inner.code else None


def drop_conversion(session: Session, *, unit: str, item: Item | None = None) -> None:
    """Take back what was said of a unit of an item; what is ordered already stays as it is."""
    code = find_unit(session, unit).code
    row = _stored(session, code, item)
    if row is None:
        subject = item.sku if item else Both("all items", "所有物料")
        raise ConversionUnknown(unit=code, subject=subject)
    if item is not None:
        for traded, used in ((_BOUGHT, item.purchase_unit_code), (_SOLD, item.sales_unit_code)):
            if used == code:
                raise UnitInUse(unit=code, sku=item.sku, traded=traded)
    sku = item.sku if item else None
    session.delete(row)
    events.record(
        session, ConversionSet(sku, code, row.of_unit_code, row.quantity, None, row.of_unit_code)
    )
    session.flush()


def set_trade_unit(session: Session, item: Item, trade: Trade, unit: str) -> str:
    """Say in which unit an item is usually bought or sold; return the one so far."""
    code = find_unit(session, unit).code
    factor_of(session, item, code)
    buying = trade is Trade.PURCHASE
    before = (item.purchase_unit_code if buying else item.sales_unit_code) or item.unit_code
    chosen = None if code == item.unit_code else code
    if buying:
        item.purchase_unit_code = chosen
    else:
        item.sales_unit_code = chosen
    measure = "purchase_unit" if buying else "sales_unit"
    events.record(session, TradeUnitSet(item.sku, measure, before, code))
    session.flush()
    return before


def conversions_of(session: Session, item: Item | None) -> list[Conversion]:
    """Return what holds for an item: its own conversions, and those for all."""
    whose: list[ColumnElement[bool]] = [UnitConversion.item_id.is_(None)]
    if item is not None:
        whose.append(UnitConversion.item_id == item.id)
    wanted = select(UnitConversion).where(or_(*whose)).order_by(UnitConversion.unit_code)
    rows = session.scalars(wanted)
    return [
        Conversion(row.unit_code, row.quantity, row.of_unit_code, own=row.item_id is not None)
        for row in rows
    ]


def factor_of(session: Session, item: Item, unit_code: str) -> Fraction:
    """Return how many of an item's own unit one of another unit is; refuse where nobody said."""
    if unit_code == item.unit_code:
        return Fraction(1)
    known = conversions_of(session, item)
    found = rules.factor(known, unit_code, item.unit_code)
    if found is None:
        listed = ", ".join(units_of(item, known))
        raise NoConversion(sku=item.sku, unit=unit_code, base=item.unit_code, known=listed)
    return found


def units_of(item: Item, known: Sequence[Conversion]) -> list[str]:
    """Return the units that an item can be counted in, its own first."""
    codes = dict.fromkeys(each.unit for each in known)
    codes |= dict.fromkeys(each.of_unit for each in known)
    return [
        item.unit_code,
        *(
            code
            for code in codes
            if code != item.unit_code and rules.factor(known, code, item.unit_code) is not None
        ),
    ]


def in_base_unit(session: Session, item: Item, quantity: Decimal, unit_code: str) -> Decimal:
    """Return a quantity of another unit in the item's own, exactly, or refuse."""
    if unit_code == item.unit_code:
        return quantity
    one = factor_of(session, item, unit_code)
    _require_countable(item, quantity)
    exactly, digits = Fraction(quantity) * one, unit_digits(session, [item])[item.unit_code]
    found = rules.exact_decimal(exactly, digits)
    if found is None:
        raise NotExpressible(
            quantity=plain(quantity),
            unit=unit_code,
            sku=item.sku,
            base=item.unit_code,
            exactly=rules.said(exactly),
            instead=_instead(one, digits, unit_code, item.unit_code),
        )
    require_quantity(item, found, digits=digits)
    return found


def from_base_unit(
    session: Session, item: Item, quantity: Decimal, unit_code: str
) -> Decimal | None:
    """Return a quantity of the item's own unit in another, or None where that is not exact."""
    exactly = Fraction(quantity) / factor_of(session, item, unit_code)
    return rules.exact_decimal(exactly, QUANTITY_DIGITS)


def price_in_base_unit(session: Session, item: Item, price: Decimal, unit_code: str) -> Decimal:
    """Return the price of one of the item's own unit from that of another, exactly, or refuse."""
    exactly = Fraction(price) / factor_of(session, item, unit_code)
    found = rules.exact_decimal(exactly, PRICE_DIGITS)
    if found is None:
        raise PriceNotExpressible(
            price=plain(price), unit=unit_code, sku=item.sku, base=item.unit_code
        )
    return found


def _instead(one: Fraction, digits: int, unit: str, base: str) -> Both:
    """Say which quantities of the unit can be counted in the base."""
    smallest = (one * 10**digits).denominator
    if smallest == 1:
        return Both(f"say it in {base}", f"请用 {base} 表示")
    return Both(f"say a multiple of {smallest} {unit}", f"请使用 {smallest} {unit} 的倍数")


def _require_countable(item: Item | None, quantity: Decimal) -> None:
    """Refuse what is no quantity at all."""
    if item is not None:
        require_quantity(item, quantity, digits=QUANTITY_DIGITS)
    else:
        assert quantity > 0, "the tool and the CHECK refuse what is not positive"


def _stored(session: Session, unit_code: str, item: Item | None) -> UnitConversion | None:
    mine = UnitConversion.item_id == item.id if item else UnitConversion.item_id.is_(None)
    wanted = select(UnitConversion).where(mine, UnitConversion.unit_code == unit_code)
    return session.scalars(wanted.with_for_update()).one_or_none()
