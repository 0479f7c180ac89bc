"""Inventory: what lies where, what of it is promised, and what it is worth.

Goods only ever move from one location to another; what is reserved is never more than what is on
hand; the value of the stock is the balance of the inventory account.
"""

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
    Stock,
    StockAt,
    list_moves,
    stock_levels,
    stock_of,
)
from core.inventory.reordering import (
    ReorderPolicy,
    find_policy_or_none,
    remove_reorder_rule,
    reorder_rule_or_none,
    set_policy,
    set_reorder_rule,
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
    return_goods,
    transfer_stock,
)
from core.inventory.shelves import lock_items
from core.inventory.tables import (
    Location,
    LocationKind,
    ReorderMethod,
    ReorderRule,
    Reservation,
    ReservationState,
    ServiceKind,
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
    "Outgoing",
    "ReorderMethod",
    "ReorderPolicy",
    "ReorderRule",
    "Request",
    "Reservation",
    "ReservationState",
    "Returning",
    "ServiceKind",
    "Stock",
    "StockAt",
    "StockLevel",
    "StockMove",
    "StockValue",
    "add_location",
    "adjust_stock",
    "find_location",
    "find_policy_or_none",
    "issue_goods",
    "list_moves",
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
    "set_policy",
    "set_reorder_rule",
    "stock_levels",
    "stock_of",
    "transfer_stock",
]
