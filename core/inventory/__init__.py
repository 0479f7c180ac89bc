"""Inventory: what lies where, what of it is promised, and what it is worth.

Goods only ever move from one location to another; what is reserved is never more than what is on
hand; the value of the stock is the balance of the inventory account.
"""

from core.inventory.bringing import MovesBringer
from core.inventory.errors import InsufficientStock
from core.inventory.locations import (
    add_location,
    find_location,
    main_location,
    open_standard_locations,
    outside,
)
from core.inventory.queries import (
    MoveView,
    Shortage,
    Stock,
    StockAt,
    list_moves,
    list_shortages,
    reorder_rule_or_none,
    stock_levels,
    stock_of,
)
from core.inventory.reservations import Request, release, reserve
from core.inventory.service import (
    Incoming,
    Issued,
    Outgoing,
    Returning,
    adjust_stock,
    issue_goods,
    receive_goods,
    remove_reorder_rule,
    return_goods,
    set_reorder_rule,
    transfer_stock,
)
from core.inventory.shelves import lock_items
from core.inventory.tables import (
    Location,
    LocationKind,
    ReorderRule,
    Reservation,
    ReservationState,
    StockLevel,
    StockMove,
    StockValue,
)

__all__ = [
    "Incoming",
    "InsufficientStock",
    "Issued",
    "Location",
    "LocationKind",
    "MoveView",
    "MovesBringer",
    "Outgoing",
    "ReorderRule",
    "Request",
    "Reservation",
    "ReservationState",
    "Returning",
    "Shortage",
    "Stock",
    "StockAt",
    "StockLevel",
    "StockMove",
    "StockValue",
    "add_location",
    "adjust_stock",
    "find_location",
    "issue_goods",
    "list_moves",
    "list_shortages",
    "lock_items",
    "main_location",
    "open_standard_locations",
    "outside",
    "receive_goods",
    "release",
    "remove_reorder_rule",
    "reorder_rule_or_none",
    "reserve",
    "return_goods",
    "set_reorder_rule",
    "stock_levels",
    "stock_of",
    "transfer_stock",
]
