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
from core.inventory.valuation.anchors import anchor_count
from core.inventory.valuation.landed import cancel_landed_cost, charge_landed_cost, landed_shares
from core.inventory.valuation.moves import left_to_return, moves_of
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
    "cancel_landed_cost",
    "charge_landed_cost",
    "costs_of",
    "find_location",
    "issue_goods",
    "landed_shares",
    "left_to_return",
    "list_landed_costs",
    "list_moves",
    "list_shortages",
    "lock_items",
    "main_location",
    "moves_of",
    "open_standard_locations",
    "outside",
    "receive_goods",
    "release",
    "remove_reorder_rule",
    "reorder_rule_or_none",
    "reserve",
    "return_goods",
    "revalue_stock",
    "set_negative_stock",
    "set_reorder_rule",
    "set_standard_cost",
    "set_valuation_method",
    "stock_levels",
    "stock_of",
    "stock_worth",
    "transfer_stock",
]
