"""Planning: what to make and to buy so that everything wanted is there, and what is to be moved.

It reckons with the very figures of replenishment: what is promised is taken, what is on its way
counts once. Nothing is written by planning; its orders are ordinary work and purchase orders.
"""

from core.processes.planning.rules import Message
from core.processes.planning.service import (
    HORIZON_DAYS,
    ActionMessage,
    Branch,
    Extra,
    PlannedOrder,
    ProductionPlan,
    Served,
    plan,
    set_planning_rule,
    terms_of,
)
from core.processes.planning.tables import PlanningRule

__all__ = [
    "HORIZON_DAYS",
    "ActionMessage",
    "Branch",
    "Extra",
    "Message",
    "PlannedOrder",
    "PlanningRule",
    "ProductionPlan",
    "Served",
    "plan",
    "set_planning_rule",
    "terms_of",
]
