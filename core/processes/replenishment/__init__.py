"""Replenishment: what to order, how much of it, from whom, and the figures that say why.

Supply on its way counts once; what is suggested reaches the target; and what would still be
above its minimum is not suggested.
"""

from core.processes.replenishment.choosing import Choice, PriceBreak
from core.processes.replenishment.history import Demand, LeadTime, demands_of, lead_times_of
from core.processes.replenishment.needs import SaleNeed, needs_of
from core.processes.replenishment.planning import (
    Arithmetic,
    Suggested,
    Transfer,
    explain,
    plan,
)
from core.processes.replenishment.positions import Coming, Position, Wanted, positions_of
from core.processes.replenishment.rules import Need
from core.processes.replenishment.safety import DemandClass, Spread

__all__ = [
    "Arithmetic",
    "Choice",
    "Coming",
    "Demand",
    "DemandClass",
    "LeadTime",
    "Need",
    "Position",
    "PriceBreak",
    "SaleNeed",
    "Spread",
    "Suggested",
    "Transfer",
    "Wanted",
    "demands_of",
    "explain",
    "lead_times_of",
    "needs_of",
    "plan",
    "positions_of",
]
