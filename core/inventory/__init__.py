"""Inventory: what lies where, what of it is promised, and what it is worth.

Goods only ever move from one location to another; what is reserved is never more than what is on
hand; the value of the stock is the balance of the inventory account.
"""

from core.inventory.service import add_location, open_standard_locations
from core.inventory.tables import Location, LocationKind

__all__ = [
    "Location",
    "LocationKind",
    "add_location",
    "open_standard_locations",
]
