"""Manufacturing: what items are made of and by which work, and the orders that make them.

Nothing is made of itself; what is in progress is what open orders took and did not bring yet; what
an order cost is what its output is worth, or a variance that says why.
"""

from core.manufacturing import boms, orders, routings, scheduling
from core.manufacturing.boms import BillOfMaterials, bill_of, define_bill, explode, where_used
from core.manufacturing.costing import CostLine, RolledCost, roll_up, unit_costs
from core.manufacturing.orders import (
    WorkOrder,
    WorkOrderState,
    find_work_order,
    make_order,
    view_work_order,
)
from core.manufacturing.routings import WorkCentre, define_routing, find_work_centre

__all__ = [
    "BillOfMaterials",
    "CostLine",
    "RolledCost",
    "WorkCentre",
    "WorkOrder",
    "WorkOrderState",
    "bill_of",
    "boms",
    "define_bill",
    "define_routing",
    "explode",
    "find_work_centre",
    "find_work_order",
    "make_order",
    "orders",
    "roll_up",
    "routings",
    "scheduling",
    "unit_costs",
    "view_work_order",
    "where_used",
]
