"""Inventory: what lies where, what of it is promised, and what it is worth.

Goods only ever move from one location to another; what is reserved is never more than what is on
hand; the value of the stock is the balance of the inventory account.

Documents of their own stand in sub-packages: `transfers` (goods under way between warehouses),
`holding` (goods that are inspected), `counting` (what really lies on the shelves).
"""

from core.inventory.carrying import Load, carry, transfer_stock
from core.inventory.errors import InsufficientStock
from core.inventory.locations import (
    add_location,
    close_location,
    find_location,
    hold_location,
    main_location,
    move_location,
    open_standard_locations,
    outside,
    rename_location,
    reopen_location,
    sell_from,
    transit_location,
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
)
from core.inventory.shelves import lock_items
from core.inventory.tables import (
    Location,
    LocationKind,
    LocationPurpose,
    ReorderMethod,
    ReorderRule,
    Reservation,
    ReservationState,
    ServiceKind,
    StockLevel,
    StockMove,
    StockValue,
)
from core.inventory.tree import (
    Pickable,
    PlaceView,
    list_places,
    pickable,
    places_of,
    subtree,
    warehouse_of,
)

__all__ = [
    "Incoming",
    "InsufficientStock",
    "Issued",
    "Load",
    "Location",
    "LocationKind",
    "LocationPurpose",
    "MoveView",
    "Outgoing",
    "Pickable",
    "PlaceView",
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
    "carry",
    "close_location",
    "find_location",
    "find_policy_or_none",
    "hold_location",
    "issue_goods",
    "list_moves",
    "list_places",
    "lock_items",
    "main_location",
    "move_location",
    "open_standard_locations",
    "outside",
    "pickable",
    "places_of",
    "receive_goods",
    "release",
    "remove_reorder_rule",
    "rename_location",
    "reopen_location",
    "reorder_rule_or_none",
    "reserve",
    "return_goods",
    "sell_from",
    "set_policy",
    "set_reorder_rule",
    "stock_levels",
    "stock_of",
    "subtree",
    "transfer_stock",
    "transit_location",
    "warehouse_of",
]
