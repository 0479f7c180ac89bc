"""Routings: where and how long the operations are that make an item, and what they cost."""

from core.manufacturing.routings.queries import (
    find_work_centre,
    rates_of,
    routing_of,
    routings_in_force,
)
from core.manufacturing.routings.rules import Rates, days_for, planned_minutes
from core.manufacturing.routings.service import (
    STANDARD,
    OperationDraft,
    change_work_centre,
    define_routing,
    open_work_centre,
)
from core.manufacturing.routings.tables import Routing, RoutingOperation, WorkCentre

__all__ = [
    "STANDARD",
    "OperationDraft",
    "Rates",
    "Routing",
    "RoutingOperation",
    "WorkCentre",
    "change_work_centre",
    "days_for",
    "define_routing",
    "find_work_centre",
    "open_work_centre",
    "planned_minutes",
    "rates_of",
    "routing_of",
    "routings_in_force",
]
