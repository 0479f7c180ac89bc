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
    Shortage,
    Stock,
    StockAt,
    list_moves,
    list_shortages,
    reorder_rule_or_none,
    stock_levels,
    stock_of,
)
from core.inventory.repacking import Repacked, repack
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
)
from core.inventory.shelves import lock_items
from core.inventory.tables import (
    Location,
    LocationKind,
    LocationPurpose,
    ReorderRule,
    Reservation,
    ReservationState,
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
from core.inventory.valuation.anchors import anchor_count
from core.inventory.valuation.landed import cancel_landed_cost, charge_landed_cost, landed_shares
from core.inventory.valuation.moves import brought, left_to_return, moves_of
from core.inventory.valuation.queries import (
    ItemWorth,
    LandedCostView,
    LayerView,
    Worth,
    costs_of,
    list_landed_costs,
    stock_worth,
)
from core.inventory.valuation.service import (
    add_cost,
    revalue_stock,
    set_negative_stock,
    set_standard_cost,
    set_valuation_method,
)
from core.inventory.valuation.tables import Basis, LandedCost, StockCorrection, StockRevaluation

__all__ = [
    "Basis",
    "Incoming",
    "InsufficientStock",
    "Issued",
    "ItemWorth",
    "LandedCost",
    "LandedCostView",
    "LayerView",
    "Load",
    "Location",
    "LocationKind",
    "LocationPurpose",
    "MoveView",
    "Outgoing",
    "Pickable",
    "PlaceView",
    "ReorderRule",
    "Repacked",
    "Request",
    "Reservation",
    "ReservationState",
    "Returning",
    "Shortage",
    "Stock",
    "StockAt",
    "StockCorrection",
    "StockLevel",
    "StockMove",
    "StockRevaluation",
    "StockValue",
    "Worth",
    "add_cost",
    "add_location",
    "adjust_stock",
    "anchor_count",
    "brought",
    "cancel_landed_cost",
    "carry",
    "charge_landed_cost",
    "close_location",
    "costs_of",
    "find_location",
    "hold_location",
    "issue_goods",
    "landed_shares",
    "left_to_return",
    "list_landed_costs",
    "list_moves",
    "list_places",
    "list_shortages",
    "lock_items",
    "main_location",
    "move_location",
    "moves_of",
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
    "repack",
    "reserve",
    "return_goods",
    "revalue_stock",
    "sell_from",
    "set_negative_stock",
    "set_reorder_rule",
    "set_standard_cost",
    "set_valuation_method",
    "stock_levels",
    "stock_of",
    "stock_worth",
    "subtree",
    "transfer_stock",
    "transit_location",
    "warehouse_of",
]
