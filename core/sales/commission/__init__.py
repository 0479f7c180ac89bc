"""Commission: what salespeople earn on what is invoiced or paid, with the documents behind it.

Nothing is stored but the plans: a statement is read off the documents, so that a credit note takes
back by itself what its lines earned.
"""

from core.sales.commission.queries import (
    Drilled,
    Part,
    PlanView,
    Statement,
    commission_statement,
    commissions,
    list_plans,
)
from core.sales.commission.service import RateDraft, end_plan, find_plan, make_plan
from core.sales.commission.tables import Basis, CommissionPlan, Earned

__all__ = [
    "Basis",
    "CommissionPlan",
    "Drilled",
    "Earned",
    "Part",
    "PlanView",
    "RateDraft",
    "Statement",
    "commission_statement",
    "commissions",
    "end_plan",
    "find_plan",
    "list_plans",
    "make_plan",
]
