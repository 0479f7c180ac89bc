"""What every catalog begins with: everyday units, how much of each other they are, one list."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog.service import STANDARD, add_price_list, add_unit
from core.catalog.tables import PriceList, Unit
from core.catalog.units import set_conversion
from core.catalog.units.tables import UnitConversion

STANDARD_UNITS = (
    ("pcs", "piece", "件", 0),
    ("set", "set", "套", 0),
    ("box", "box", "盒", 0),
    ("carton", "carton", "箱", 0),
    ("pallet", "pallet", "托盘", 0),
    ("kg", "kilogram", "千克", 3),
    ("g", "gram", "克", 0),
    ("t", "tonne", "吨", 6),
    ("m", "metre", "米", 3),
    ("mm", "millimetre", "毫米", 0),
    ("l", "litre", "升", 3),
    ("ml", "millilitre", "毫升", 0),
    ("h", "hour", "小时", 2),
)
STANDARD_CONVERSIONS = (
    ("kg", 1000, "g"),
    ("t", 1000, "kg"),
    ("m", 1000, "mm"),
    ("l", 1000, "ml"),
)


def open_standard_catalog(session: Session) -> None:
    """Add the everyday units and the standard price list, where they are missing."""
    units = set(session.scalars(select(Unit.code)))
    for code, name, name_zh, digits in STANDARD_UNITS:
        if code not in units:
            add_unit(session, code=code, name=name, name_zh=name_zh, digits=digits)
    general = select(UnitConversion.unit_code).where(UnitConversion.item_id.is_(None))
    known = set(session.scalars(general))
    for code, quantity, of_unit in STANDARD_CONVERSIONS:
        if code not in known:
            set_conversion(session, unit=code, quantity=Decimal(quantity), of_unit=of_unit)
    if session.scalar(select(PriceList.id).where(PriceList.code == STANDARD)) is None:
        add_price_list(session, code=STANDARD, name="Standard prices", name_zh="标准价目表")
