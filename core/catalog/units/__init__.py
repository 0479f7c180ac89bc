"""Units: how much of one another is, for one item or for all, and counting in either exactly.

All documents count in the item's own unit; what cannot be said in it exactly is refused.
"""

from core.catalog.units.rules import Conversion
from core.catalog.units.service import (
    conversions_of,
    drop_conversion,
    factor_of,
    from_base_unit,
    in_base_unit,
    price_in_base_unit,
    set_conversion,
    set_trade_unit,
    units_of,
)
from core.catalog.units.tables import UnitConversion

__all__ = [
    "Conversion",
    "UnitConversion",
    "conversions_of",
    "drop_conversion",
    "factor_of",
    "from_base_unit",
    "in_base_unit",
    "price_in_base_unit",
    "set_conversion",
    "set_trade_unit",
    "units_of",
]
